"""Look-ups: what is taken for one, and that none of them can run away."""

from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyoxigraph import Store as Engine

from kg.folder import Pointer
from kg.lookups import MOST, Pattern, read_lookup
from kg.readers import Limits
from kg.readers.evaluation import look_up
from kg.readers.messages import Ask
from kg.readers.sink import Sink
from kg.store import Snapshot
from kg.terms import MERGED_VIEW, TYPE, Literal, NamedNode, Quad

A, B, C = (NamedNode(f"urn:{letter}") for letter in "abc")
RECOGNISED: dict[str, list[tuple[NamedNode | None, ...]]] = {
    "SELECT ?x { <urn:a> <urn:b> ?x }": [(A, B, None)],
    "select distinct * where { <urn:a> ?p ?x . }": [(A, None, None)],
    "PREFIX u: <urn:> SELECT ?x { ?x a u:c } LIMIT 3 OFFSET 1": [(None, TYPE, C)],
    "PREFIX : <urn:> ASK { :a :b :c # more\n }": [(A, B, C)],
    "CONSTRUCT WHERE { <urn:a> ?p ?x }": [(A, None, None)],
    "prefix u: <urn:x> PREFIX\tu:\n<urn:> ASK { u:a u:b ?x }": [(A, B, None)],
    "PREFIX a.b: <urn:> PREFIX : <urn:> ASK { a.b:a :b ?x }": [(A, B, None)],
    "# first\nPREFIX é: <urn:> # then\nPREFIX : <urn:> ASK { é:a :b ?x }": [
        (A, B, None),
    ],
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
    "PREFIX u: <urn: > SELECT * { u:a ?p ?o }",
    "PREFIX <urn:> SELECT * { :a ?p ?o }",
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
    "SELECT WHERE { <urn:a> ?p ?o }",
    "SELECT * ?p { <urn:a> ?p ?o }",
    "SELECT ?p * { <urn:a> ?p ?o }",
    "SELECT ?p WHERE WHERE { <urn:a> ?p ?o }",
    "SELECT ?p WHERE ?o { <urn:a> ?p ?o }",
    "SELECT ?p DISTINCT { <urn:a> ?p ?o }",
    "ASK ?p { <urn:a> ?p ?o }",
    "ASK DISTINCT { <urn:a> ?p ?o }",
    "CONSTRUCT * WHERE { <urn:a> ?p ?o }",
    "SELECT ?p { <urn:a> ?p ?o } LIMIT 1 LIMIT 2",
    "SELECT ?p { <urn:a> ?p ?o } LIMIT 1.5",
    f"SELECT ?p {{ <urn:a> ?p ?o }} LIMIT {2**63}",
    f"SELECT ?p {{ <urn:a> ?p ?o }} LIMIT {'9' * 1_900}",
    "",
    f"ASK {{ <urn:a> ?p ?o }} # {'x' * 2_000}",
]


def lookup(text):
    found = read_lookup(text)
    assert found is not None
    return found


@pytest.mark.parametrize("text", RECOGNISED)
def test_a_basic_graph_pattern_is_recognised(text):
    assert lookup(text).patterns == [Pattern(*terms) for terms in RECOGNISED[text]]


@pytest.mark.parametrize("text", OTHERS)
def test_anything_else_is_no_lookup(text):
    assert read_lookup(text) is None


def of(quads):
    engine = Engine()
    engine.extend(Quad(s, p, o, MERGED_VIEW) for s, p, o in quads)
    return Snapshot(engine, Pointer(1, "x"))


def is_small(text, here):
    return lookup(text).is_small(here)


def test_as_many_as_may_be_met_and_no_more():
    many = [(A, B, NamedNode(f"urn:{number}")) for number in range(MOST)]
    text = "SELECT * { <urn:a> <urn:b> ?x }"
    assert is_small(text, of(many))
    assert not is_small(text, of([*many, (A, B, C)]))
    assert not is_small("SELECT * { <urn:a> <urn:b> ?x ; ?p ?y }", of(many))
    assert not is_small("SELECT * { <urn:a> <urn:b> ?x , ?y }", of(many[:15]))
    assert is_small("SELECT * { <urn:a> <urn:b> ?x , ?y }", of(many[:14]))
    assert is_small("SELECT * { <urn:none> <urn:b> ?x }", of(many))


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
    found = read_lookup(text)
    has_anchors = all("?" not in s or "?" not in o for s, _, o in patterns)
    assert (found is not None) == has_anchors
    if found is None:
        return
    counts = [
        len(list(here.quads(*pattern, MERGED_VIEW))) for pattern in found.patterns
    ]
    assert is_small(text, here) == (math.prod(n or 1 for n in counts) <= MOST)
    solutions = len(list(here.query(text).rows()))
    assert solutions <= math.prod(counts)
    if found.is_stream:
        assert solutions == counts[0]


STREAMS = {
    "SELECT ?x { <urn:a> <urn:b> ?x }": True,
    "SELECT ?p { <urn:a> ?p ?x } LIMIT 5": True,
    "ASK { <urn:a> ?p ?x }": True,
    "CONSTRUCT WHERE { ?x ?p <urn:a> }": True,
    "SELECT DISTINCT ?p { <urn:a> ?p ?x }": False,
    "SELECT REDUCED ?p { <urn:a> ?p ?x }": False,
    "SELECT ?x { <urn:a> <urn:b> ?x } LIMIT 5 OFFSET 1": False,
    "SELECT ?x { <urn:a> <urn:b> ?x . <urn:a> ?p ?y }": False,
    "SELECT ?x { <urn:a> ?x $x }": False,
}


@pytest.mark.parametrize("text", STREAMS)
def test_a_stream_meets_no_quad_that_is_no_solution(text):
    assert lookup(text).is_stream == STREAMS[text]


LIMITS = Limits(seconds=1, memory_bytes=1, answer_bytes=1_000_000)


def looked_up(text, here, results="json"):
    return look_up(Ask(text, results=results, graph="ntriples"), here, LIMITS)


@pytest.mark.parametrize("results", ["csv", "json", "tsv", "xml"])
@pytest.mark.parametrize("form", ["SELECT ?x", "CONSTRUCT WHERE"])
def test_an_answer_that_grows_is_left_to_a_reader(form, results):
    many = [(A, B, NamedNode(f"urn:{number}")) for number in range(MOST)]
    text = f"{form} {{ <urn:a> <urn:b> ?x }}"
    assert looked_up(text, of(many), results).body.count(b"urn:") >= MOST
    assert looked_up(text, of([*many, (A, B, C)]), results) is None


def test_an_answer_of_few_long_texts_is_left_to_a_reader_too():
    long = "x" * 100_000
    engine = Engine()
    engine.extend(
        Quad(A, B, Literal(f"{number}{long}"), MERGED_VIEW) for number in range(4)
    )
    here = Snapshot(engine, Pointer(1, "x"))
    for form in ("SELECT ?x", "CONSTRUCT WHERE"):
        assert looked_up(f"{form} {{ <urn:a> <urn:b> ?x }}", here) is None


def test_many_quads_are_not_read_to_find_that_they_are_many(monkeypatch):
    """What a stream is stopped at is a piece of text after the bound, not the end."""
    number = 300_000
    engine = Engine()
    engine.bulk_extend(
        Quad(A, B, NamedNode(f"urn:{n}"), MERGED_VIEW) for n in range(number)
    )
    written = []

    class Counting(Sink):
        def write(self, piece):
            written.append(len(piece))
            return super().write(piece)

    monkeypatch.setattr("kg.readers.evaluation.Sink", Counting)
    here = Snapshot(engine, Pointer(1, "x"))
    assert looked_up("SELECT ?x { <urn:a> <urn:b> ?x }", here) is None
    assert sum(written) < 200_000
