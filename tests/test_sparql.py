"""The scanner of SPARQL texts."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.errors import QueryError
from kg.sparql import (
    bounded_tokens,
    dataset_clause,
    refuse_federation,
    resolved,
    tokens,
)
from kg.store import parsed

HARMLESS = [
    "SELECT * { ?s ?p 'SERVICE <http://a/>' }",
    'SELECT * { ?s ?p """a " SERVICE " b""" }',
    "SELECT * { ?s ?p <http://a/SERVICE> }",
    "SELECT * { ?service ?p $SERVICE } # SERVICE <http://a/>",
    "PREFIX service: <http://a/> SELECT * { ?s service:SERVICE ?o }",
    "PREFIX a: <http://a/> SELECT * { ?s a:x-SERVICE ?o }",
    "SELECT * { ?s ?p 'it\\'s SERVICE' }",
    "SELECT * { ?s ?p 'en service'@service }",
    "SELECT * { GRAPH service:a { ?s ?p <http://a/x#SERVICE> } }",
    'SELECT * FROM NAMED service:a { ?s ?p """SERVICE""" }',
    "PREFIX service: <http://a/> ASK { service:a service:b service:SERVICE }",
]
FEDERATED = [
    "SELECT * { SERVICE <http://a/> { ?s ?p ?o } }",
    "SELECT * { service silent ?x { ?s ?p ?o } }",
    "SELECT * { ?s ?p '#' . SERVICE<http://a/>{} }",
    "SELECT * { ?s <http://a/#b> ?o SERVICE <http://a/> {} }",
    "SELECT * { \\u0053ERVICE <http://a/> { ?s ?p ?o } }",
    "SELECT * { FILTER(?a<?b && ?c>?d) SERVICE <http://a/> { ?s ?p ?o } }",
    "SELECT * { SERVICESILENT<http://a/> {} }",
    "PREFIX a: <http://a/> SELECT * { SERVICEa:b {} }",
    "PREFIX a: <http://a/> SELECT * { ?s ?p true.SERVICESILENTa:b {} }",
    "SELECT * { ?s ?p 1SERVICE <http://a/> {} }",
    "SELECT * { ?s ?p trueSERVICE <http://a/> {} }",
    'SELECT * { ?s ?p "a\\u0022" SERVICE <http://a/> {} #"\n }',
    'SELECT * { VALUES ?x { """a" } SERVICE <http://a/> {} #\\uD800"""\n }',
    'SELECT * { VALUES ?x { """a" } SERVICE <http://a/> {} #\\q"""\n }',
    "SELECT * { FILTER(?a<?b)SERVICE?x#>\n{} }",
    'SELECT * { FILTER(?a<?b#>"""\n) SERVICE <http://a/> {} #"""\n }',
    "SELECT * { FILTER(?a<'x>' ) SERVICE <http://a/> {} FILTER(?b='z') }",
    "SELECT * { ?s <http://a\\u0062/#> ?o SERVICE <http://a/> {} }",
    "SELECT * { ?s ?p ?o # \r SERVICE <http://a/> {}\n }",
    "SELECT * # comment\n{ SeRvIcE <http://a/> { ?s ?p ?o } }",
]


@pytest.mark.parametrize("text", HARMLESS)
def test_the_word_inside_strings_names_iris_and_comments_is_let_through(text):
    refuse_federation(text)


@pytest.mark.parametrize("text", FEDERATED)
def test_asking_another_host_is_refused_with_the_position(text):
    with pytest.raises(QueryError, match=r"line \d+, column \d+: SERVICE is refused"):
        refuse_federation(text)


def test_from_clauses_are_read_with_prefixes_and_base():
    clause = dataset_clause(
        "BASE <http://b/x/> PREFIX g: <http://g/> "
        "SELECT ?from FROM g:one FROM <two> FROM NAMED <http://three> "
        "WHERE { ?s ?p 'FROM <http://four>' }"
    )
    assert clause is not None
    assert clause.default == ("http://g/one", "http://b/x/two")
    assert clause.named == ("http://three",)


def test_a_query_without_from_names_no_dataset():
    assert dataset_clause("SELECT * { ?s ?p 'x' # FROM <http://a>\n }") is None


@given(st.text())
def test_scanning_loses_nothing_but_space_and_comments(text):
    for token in tokens(text):
        assert token.text
        assert token.kind != "space"


@given(st.text(alphabet="aS'\"\\\n <>#?:/{}SERVICE.", max_size=40))
def test_scanning_ends_for_broken_texts(text):
    list(tokens(text))


@pytest.mark.parametrize(
    "text", ["{" * 101, "ASK { FILTER(" + "(" * 99 + "1", "[ " * 101]
)
def test_brackets_within_brackets_have_a_bound(text):
    with pytest.raises(QueryError, match=r"line 1, column \d+: brackets are nested"):
        list(bounded_tokens(text))


@pytest.mark.parametrize(
    "text",
    [
        "ASK { FILTER(" + "!" * 5_000 + "true) }",
        "CONSTRUCT { } { " + "{} UNION " * 5_000 + "{} }",
        "ASK { VALUES ?x { 1 } FILTER(1" + "+1" * 5_000 + ") }",
        "ASK { ?s ?p (" + "1 " * 1_500 + ") }",
        "ASK { ?s a (" + "1 " * 1_500 + ") }",
        "ASK { ?s a 1, ((" + "[] " * 1_500 + ")) }",
        "SELECT " + "(1 AS ?x) " * 1_500 + "{ }",
        "SELECT * { } ORDER BY " + "DESC(?x) " * 1_500,
        "SELECT * { } ORDER BY " + "?x " * 5_500,
        "SELECT (COUNT(?x) AS ?n) { } GROUP BY " + "STR(?x) " * 1_500,
        "SELECT * { } GROUP BY ?x HAVING " + "(?x > 0) " * 1_500,
        "DESCRIBE " + "<urn:x> " * 5_500,
        "DESCRIBE * FROM <urn:g> { ?s ?p ?o } ORDER BY " + "(?o) " * 2_000,
    ],
)
def test_a_pattern_and_what_is_asked_of_it_have_a_bound(text):
    """The engine took the process down with it."""
    with pytest.raises(QueryError, match="a pattern has more than 5,000"):
        list(bounded_tokens(text))


@pytest.mark.parametrize(
    "text",
    [
        "CONSTRUCT { " + "?s ?p 1 . " * 5_000 + "} WHERE { ?s ?p ?o }",
        "ASK { VALUES (?x ?y) { " + "(1 UNDEF) " * 5_000 + "} ?x ?y ?z }",
        "INSERT DATA { GRAPH <http://a/> { " + "<a> <b> 1 . " * 5_000 + "} }",
        "SELECT * " + "FROM <urn:g> " * 5_000 + "{ ?s ?p ?o }",
        "PREFIX a: <urn:a> " * 5_000 + "SELECT * { ?s ?p ?o }",
        "INSERT DATA { <a> <b> (" + "1 " * 5_000 + ") }",
        "CLEAR SILENT GRAPH <urn:g> ; " * 5_000,
        "DELETE WHERE { ?s ?p 1 } ; " + "CLEAR SILENT GRAPH <urn:g> ; " * 5_000,
        "SELECT * { " + "?s ?p ?o . " * 1_200 + "} ORDER BY " + "(?o) " * 1_600,
    ],
)
def test_what_is_listed_has_no_bound(text):
    assert len(list(bounded_tokens(text))) > 5_000


@pytest.mark.parametrize(
    "text",
    [
        "ASK { FILTER(?x IN (" + "1, " * 2_300 + "1)) }",
        "ASK { ?s ?p (1 2) . " + "FILTER(?s > 1) " * 800 + "}",
    ],
)
def test_a_list_counts_for_more_than_what_stands_beside_it(text):
    assert 4_500 < len(list(bounded_tokens(text))) < 5_000


def test_a_query_nested_too_deep_is_refused_and_not_tried():
    deep = "ASK " + "{" * 20_000 + "}" * 20_000
    with pytest.raises(QueryError):
        parsed(deep)


def test_a_chain_that_is_too_long_is_refused_and_not_tried():
    long = "SELECT (" + "1+" * 200_000 + "1 AS ?x) {}"
    with pytest.raises(QueryError):
        parsed(long)


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("SEL\\u0045CT * {}", "SELECT * {}"),
        ("\\U00000041SK \\u007b\\u007D", "ASK {}"),
        ("ASK { ex:\\u0061 ?\\u0062 _:\\u0063 }", "ASK { ex:a ?b _:c }"),
        ("ASK { ex:a\\#\\u0062 ?p ?o }", "ASK { ex:a\\#b ?p ?o }"),
        ("\\u0041\\u005Cu0041", "A\\u0041"),
        ("ASK { ?s ?p \\u0022a\\u0022 }", 'ASK { ?s ?p "a" }'),
    ],
)
def test_escapes_of_letters_are_resolved_once(text, meant):
    assert resolved(text) == meant


@pytest.mark.parametrize(
    "text",
    [
        "ASK { ?s ?p 'a\\u0027 } #' }",
        'ASK { ?s ?p """\\u0022"""@en }',
        "ASK { <urn:\\u003E> ?p ?o }",
        "ASK {} # \\u000A DROP ALL",
        "ASK { ?s ?p \\uD83D }",
        "ASK { ?s ?p \\UFFFFFFFF }",
        "ASK { ?s ?p '\\\\u0041' }",
    ],
)
def test_escapes_in_strings_iris_and_comments_are_left_to_the_engine(text):
    assert resolved(text) == text


def test_escapes_are_looked_for_in_bounded_time():
    with pytest.raises(QueryError, match="not closed"):
        resolved("ASK { \\u0041 " + "'\n" * 20_000)
