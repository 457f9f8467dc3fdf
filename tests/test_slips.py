"""Syntax errors: where the mistake is, and what would mend it."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.errors import ChangeError, QueryError
from kg.slips import KEYWORDS, SLIPS, SLIPS_HERE
from kg.store import parsed
from kg.terms import BASE
from kg.update import read_update
from tests.updating import snapshot

FINE = "SELECT ?a WHERE { ?a ?p ?b } "
QUERIES = [
    ("SELECT ?a, ?b WHERE { ?a ?p ?b }", 10, "leave out the comma"),
    ("SELEC ?a WHERE { ?a ?p ?b }", 1, "did you mean SELECT?"),
    ("SELECT ?a WERE { ?a ?p ?b }", 11, "did you mean WHERE?"),
    ("SELECT ?a WHERE { ?a ?p ?b", 27, "1 { not closed"),
    ("SELECT ?a WHERE { { ?a ?p ?b FILTER(?a", 39, "2 { not closed"),
    ("SELECT ?a WHERE { ?a ?p ?b }}", 29, "this } closes nothing"),
    ("SELECT ?a WHERE { ?a ?p ?b } ;", 30, "semicolon"),
    ("SELECT ?a WHERE { ?a ?p ?b } .", 30, "the dot at the end"),
    ("SELECT ?a WHERE { ?a ?p ?b ?c ?d ?e }", 28, "is the dot missing"),
    ("SELECT ?a WHERE { ?a ?p }", 19, "subject, a predicate and an object"),
    ("SELECT ?a WHERE { ?a p ?b }", 19, "a predicate"),
    ("SELECT COUNT(?a) WHERE { ?a ?p ?b }", 8, "(COUNT(?x) AS ?n)"),
    ("SELECT (COUNT(?a)) WHERE { ?a ?p ?b }", 18, "needs a name"),
    ("SELECT (COUNT(?a) ?n) WHERE { ?a ?p ?b }", 19, "needs a name"),
    ("SELECT ?a-b { ?a ?p ?b }", 10, "no hyphen"),
    ("SELECT * { ?a ?p ?b FILTER ?b = 1 }", 28, "FILTER(…)"),
    ("SELECT * { ?a ?p ?b FILTER (?b == 1) }", 33, "by a single ="),
    ("SELECT * { ?a ?p ?b FILTER (?b = 1 AND ?a = 2) }", 36, "and is &&"),
    ("SELECT * { ?a ?p ?b FILTER (?b = 1 & ?a = 2) }", 38, "and is &&"),
    ("SELECT * { ?a ?p ?b FILTER (?b = 1 OR ?a = 2) }", 36, "or is ||"),
    ("SELECT * { ?a ?p ?b FILTER (?b <> 1) }", 32, "!="),
    ("SELECT * { ?a ?p ?b FILTER (?b LIKE 'x%') }", 32, "there is no LIKE"),
    ("SELECT * { ?a ?p ?b FILTER(CONTAINS(?b 'x')) }", 40, "by a comma"),
    ("SELECT * { ?a ?p “x” }", 18, "straight quotation marks"),
    ("SELECT * { ?a ?p 'x }", 18, "is not closed"),
    ("PREFIX x: <http://x/> . ASK {}", 23, "leave out the dot"),
    ("PREFIX x <http://x/> ASK {}", 8, "colon behind the prefix"),
    ("@prefix x: <http://x/> . ASK { ?a x:p ?b }", 9, "without @ and dot"),
    ("PREFIX x: http://x/ ASK {}", 11, "in angle brackets"),
    ("ASK { http://x/a ?p ?b }", 7, "in angle brackets"),
    (f"{FINE}ORDER BY DESC ?a", 44, "DESC(?x)"),
    (f"{FINE}ORDER ?a", 36, "ORDER BY"),
    (f"{FINE}LIMIT", 35, "a whole number"),
    (f"{FINE}LIMIT ten", 36, "a whole number"),
    (f"{FINE}LIMIT 1 OFSET 5", 38, "did you mean OFFSET?"),
    ("SELECT * { OPTIONAL ?a ?p ?b }", 21, "OPTIONAL { … }"),
    ("SELECT * { ?a ?p ?b UNION ?c ?d ?e }", 21, "{ … } UNION { … }"),
    ("SELECT * { BIND(1 ?x) }", 19, "BIND(… AS ?x)"),
    ("SELECT * { BIND(?b AS b) }", 23, "a variable follows AS"),
    ("SELECT * { VALUES ?x { 1, 2 } }", 25, "comma between values"),
    ("SELECT * { VALUES ?x (1 2) }", 22, "VALUES ?x { … }"),
    ("SELECT * WHERE ( ?s ?p ?o )", 16, "WHERE { … }"),
    ("CONSTRUCT ?a WHERE { ?a ?p ?b }", 11, "CONSTRUCT { … }"),
    ("INSERT DATA { <a:a> <a:b> 1 }", 1, "this is an update"),
    ("SELECT ?a (COUNT(?b) AS ?n) { ?a ?p ?b }", 41, "into GROUP BY"),
    ("SELECT (?a AS ?a) { ?a ?p ?b }", 31, "another name"),
    ("ASK { ?a FOAF:name ?b }", 10, "`PREFIX FOAF: <http://xmlns.com/foaf/0.1/>`"),
    ("ASK { ?a skoss:name ?b }", 10, "PREFIX skos: <http://www.w3.org/2004/02/skos"),
    ("ASK { ?a x:name ?b }", 10, "declare it with PREFIX"),
]
UPDATES = [
    ("INSERT DATA { <a:a> <a:b> 1", 28, "1 { not closed"),
    ("INSRT DATA { <a:a> <a:b> 1 }", 1, "did you mean INSERT?"),
    ("DELETE { ?s ?p ?o } WERE { ?s ?p ?o }", 21, "did you mean WHERE?"),
    ("SELECT * { ?s ?p ?o }", 1, "this is a query"),
    ("INSERT DATA { rdfs:a <a:b> 1 }", 15, "put `PREFIX rdfs: <http://www.w3.org/2000"),
]


def told(text, read):
    with pytest.raises(QueryError) as caught:
        read(text)
    return caught.value


def read(text):
    return read_update(text, snapshot(), base=BASE)


@pytest.mark.parametrize(("text", "column", "advice"), QUERIES)
def test_a_slip_in_a_query_is_told_with_its_place_and_what_would_do(
    text, column, advice
):
    error = told(text, parsed)
    assert error.where == f"line 1, column {column}"
    assert advice in error.advice


@pytest.mark.parametrize(("text", "column", "advice"), QUERIES)
def test_the_line_is_right_in_a_longer_text(text, column, advice):
    error = told(f"# é\n\n  {text}", parsed)
    assert error.where == f"line 3, column {column + 2}"
    assert advice in error.advice


@pytest.mark.parametrize(("text", "column", "advice"), UPDATES)
def test_a_slip_in_an_update_is_told_likewise(text, column, advice):
    error = told(text, read)
    assert error.where == f"line 1, column {column}"
    assert advice in error.advice


def test_a_slip_in_a_later_operation_is_placed_in_the_whole_request():
    text = "INSERT DATA { <a:a> <a:b> 1 } ;\n# more\nINSERT DAAT { <a:a> <a:b> 2 }"
    error = told(text, read)
    assert error.where == "line 3, column 8"
    assert "did you mean DATA?" in error.advice


def test_every_slip_of_the_tables_is_met_by_a_test():
    advice = {one for _, one in (*SLIPS, *SLIPS_HERE)}
    met = {told(text, parsed).advice for text, *_ in QUERIES}
    rest = advice - met
    assert rest <= {
        "did you mean NOT EXISTS?",
        "put the IRI in angle brackets: `PREFIX x: <…>`",
        "put the IRI of the graph in angle brackets",
    }


def test_a_long_text_is_told_without_a_slow_parser():
    text = f"SELECT * {{ VALUES ?x {{ {'1 ' * 20_000} }} FILTER ?x = 1 }}"
    error = told(text, parsed)
    assert "FILTER(…)" in error.advice


@given(st.lists(st.sampled_from([*sorted(KEYWORDS), "?a", "<a:b>", "{", "}", "(", ")",
    ".", ";", ",", "'x'", "1", "=", "a", "x:y", "\n"]), max_size=20))  # fmt: skip
def test_any_text_is_read_or_refused(words):
    text = " ".join(words)
    if "SERVICE" in text or "LOAD" in text:
        return
    with suppress(QueryError):
        parsed(text)
    with suppress(QueryError, ChangeError):
        read(text)
