"""The scanner of SPARQL texts."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.errors import QueryError
from kg.sparql import dataset_clause, refuse_federation, tokens

HARMLESS = [
    "SELECT * { ?s ?p 'SERVICE <http://a/>' }",
    'SELECT * { ?s ?p """a " SERVICE " b""" }',
    "SELECT * { ?s ?p <http://a/SERVICE> }",
    "SELECT * { ?service ?p $SERVICE } # SERVICE <http://a/>",
    "PREFIX service: <http://a/> SELECT * { ?s service:SERVICE ?o }",
    "PREFIX a: <http://a/> SELECT * { ?s a:x-SERVICE ?o }",
    "SELECT * { ?s ?p 'it\\'s SERVICE' }",
]
FEDERATED = [
    "SELECT * { SERVICE <http://a/> { ?s ?p ?o } }",
    "SELECT * { service silent ?x { ?s ?p ?o } }",
    "SELECT * { ?s ?p '#' . SERVICE<http://a/>{} }",
    "SELECT * { ?s <http://a/#b> ?o SERVICE <http://a/> {} }",
    "SELECT * { \\u0053ERVICE <http://a/> { ?s ?p ?o } }",
    "SELECT * { FILTER(?a<?b && ?c>?d) SERVICE <http://a/> { ?s ?p ?o } }",
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
