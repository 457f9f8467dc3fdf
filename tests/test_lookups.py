"""Look-ups: what is taken for one, and that none of them can run away."""

from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyoxigraph import Store as Engine

from kg.folder import Pointer
from kg.lookups import MOST, Pattern, is_lookup, patterns_of
from kg.store import Snapshot
from kg.terms import MERGED_VIEW, TYPE, NamedNode, Quad

A, B, C = (NamedNode(f"urn:{letter}") for letter in "abc")
RECOGNISED: dict[str, list[tuple[NamedNode | None, ...]]] = {
    "SELECT ?x { <urn:a> <urn:b> ?x }": [(A, B, None)],
    "select distinct * where { <urn:a> ?p ?x . }": [(A, None, None)],
    "PREFIX u: <urn:> SELECT ?x { ?x a u:c } LIMIT 3 OFFSET 1": [(None, TYPE, C)],
    "PREFIX : <urn:> ASK { :a :b :c # more\n }": [(A, B, C)],
    "CONSTRUCT WHERE { <urn:a> ?p ?x }": [(A, None, None)],
    "ASK { <urn:a> <urn:b> ?x , <urn:c> ; ?p ?y . ?z ?q <urn:b> }": [
        (A, B, None), (A, B, C), (A, None, None), (None, None, B),
    ],
}  # fmt: skip
OTHERS = [
    "SELECT * { ?s <urn:b> ?o }",
    "SELECT * { <urn:a> ?p ?o . ?x ?q ?y }",
    "SELECT * { <urn:a> <urn:b>* ?o }",
    "SELECT * { <urn:a> ^<urn:b> ?o }",
    "SELECT * { <urn:a> <urn:b>/<urn:c> ?o }",
    "SELECT * { <urn:a> ?p ?o } ORDER BY ?o",
    "SELECT * { <urn:a> ?p ?o } VALUES ?o",
    "SELECT * { <urn:a> ?p ?o FILTER(?o > 1) }",
    "SELECT (COUNT(*) AS ?n) { <urn:a> ?p ?o }",
    "SELECT * { { <urn:a> ?p ?o } UNION { ?x ?y ?z } }",
    "SELECT * { GRAPH <urn:g> { <urn:a> ?p ?o } }",
    "SELECT * { SERVICE <urn:g> { <urn:a> ?p ?o } }",
    "SELECT * FROM <urn:g> { <urn:a> ?p ?o }",
    "BASE <urn:x> SELECT * { <urn:a> ?p ?o }",
    "SELECT * { <a> ?p ?o }",
    "SELECT * { <urn:x/../a> ?p ?o }",
    "SELECT * { u:a ?p ?o }",
    'SELECT * { <urn:a> ?p "text" }',
    "SELECT * { <urn:a> ?p 5 }",
    "SELECT * { <urn:a> ?p [] }",
    "SELECT * { _:a <urn:b> ?o }",
    "SELECT * { <urn:\\u0061> ?p ?o }",
    "CONSTRUCT { ?s ?p ?o } WHERE { <urn:a> ?p ?o }",
    "DESCRIBE <urn:a>",
    "SELECT * { <urn:a> ?p",
    "SELECT * { <urn:a> ?p ?o } LIMIT",
    "SELECT * { <urn:a> ?p ?o } LIMIT ?o",
    "ASK { <urn:a> a <urn:b> ; }",
    "ASK {}",
    "",
    f"ASK {{ <urn:a> ?p ?o }} # {'x' * 2_000}",
]


@pytest.mark.parametrize("text", RECOGNISED)
def test_a_basic_graph_pattern_is_recognised(text):
    assert patterns_of(text) == [Pattern(*terms) for terms in RECOGNISED[text]]


@pytest.mark.parametrize("text", OTHERS)
def test_anything_else_is_no_lookup(text):
    assert patterns_of(text) is None


def of(quads):
    engine = Engine()
    engine.extend(Quad(s, p, o, MERGED_VIEW) for s, p, o in quads)
    return Snapshot(engine, Pointer(1, "x"))


def test_as_many_as_may_be_met_and_no_more():
    many = [(A, B, NamedNode(f"urn:{number}")) for number in range(MOST)]
    text = "SELECT * { <urn:a> <urn:b> ?x }"
    assert is_lookup(text, of(many))
    assert not is_lookup(text, of([*many, (A, B, C)]))
    assert not is_lookup("SELECT * { <urn:a> <urn:b> ?x ; ?p ?y }", of(many))
    assert not is_lookup("SELECT * { <urn:a> <urn:b> ?x , ?y }", of(many[:15]))
    assert is_lookup("SELECT * { <urn:a> <urn:b> ?x , ?y }", of(many[:14]))
    assert is_lookup("SELECT * { <urn:none> <urn:b> ?x }", of(many))


TERMS = st.sampled_from([A, B, C])
PLACES = st.one_of(TERMS.map(str), st.sampled_from(["?x", "?y", "?z"]))


@settings(max_examples=200, deadline=None)
@given(
    quads=st.lists(st.tuples(TERMS, TERMS, TERMS), max_size=20),
    patterns=st.lists(st.tuples(PLACES, PLACES, PLACES), min_size=1, max_size=4),
)
def test_a_lookup_has_no_more_solutions_than_were_counted(quads, patterns):
    here = of(quads)
    text = f"SELECT * {{ {' . '.join(' '.join(one) for one in patterns)} }}"
    found = patterns_of(text)
    has_anchors = all("?" not in s or "?" not in o for s, _, o in patterns)
    assert (found is not None) == has_anchors
    if found is None:
        return
    counts = [len(list(here.quads(*pattern, MERGED_VIEW))) for pattern in found]
    assert is_lookup(text, here) == (math.prod(n or 1 for n in counts) <= MOST)
    assert len(list(here.query(text).rows())) <= math.prod(counts)
