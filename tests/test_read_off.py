"""Answers read off the quads of one pattern: the engine's, byte for byte."""

from __future__ import annotations

import json

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from pyoxigraph import BaseDirection, BlankNode, QueryResultsFormat
from pyoxigraph import Store as Engine

from kg.folder import Pointer
from kg.lookups import MOST, read_lookup
from kg.read_off import read_off
from kg.store import Snapshot
from kg.terms import MERGED_VIEW, XSD, Literal, NamedNode, Quad

BYTES = 100_000
IRIS = st.sampled_from(
    [NamedNode(f"urn:{name}") for name in ("a", "b", "c", "é?x=1&y#z")]
)
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
NUMBERS = st.sampled_from(["1", "+01", "1.50", "NaN", "x", "2020-01-01"])
TYPES = st.sampled_from(["string", "integer", "decimal", "double", "date", "unknown"])
LITERALS = st.one_of(
    TEXTS.map(Literal),
    st.builds(lambda text: Literal(text, language="en-GB"), TEXTS),
    st.builds(
        lambda text, name: Literal(text, datatype=NamedNode(XSD + name)), NUMBERS, TYPES
    ),
)
TERMS = st.one_of(IRIS, LITERALS, st.sampled_from("xy").map(BlankNode))
QUADS = st.lists(st.tuples(st.one_of(IRIS, st.just(BlankNode("s"))), IRIS, TERMS))

NAMES = ["s", "p", "o", "Ω", "_1"]
HEADS = st.one_of(
    st.just("ASK"),
    st.just("SELECT *"),
    st.lists(st.sampled_from(NAMES), min_size=1, max_size=4).map(
        lambda names: "SELECT " + " ".join(f"?{name}" for name in names)
    ),
)


@st.composite
def queries(draw):
    variables = draw(st.permutations(NAMES))
    terms = [f"?{name}" for name in variables[:3]]
    anchors = draw(st.sampled_from([(0,), (2,), (0, 1), (1, 2), (0, 2), (0, 1, 2)]))
    for place in anchors:
        terms[place] = str(draw(IRIS))
    limit = draw(st.sampled_from(["", " LIMIT 0", " LIMIT 1", " LIMIT 3"]))
    return f"{draw(HEADS)} {{ {' '.join(terms)} }}{limit}"


def of(quads):
    engine = Engine()
    engine.extend(Quad(s, p, o, MERGED_VIEW) for s, p, o in quads)
    return Snapshot(engine, Pointer(1, "x"))


def by_engine(text, here):
    found = here.engine.query(text)
    return found, found.serialize(format=QueryResultsFormat.JSON)


def read(text, here, rows=MOST, size=BYTES):
    lookup = read_lookup(text)
    assert lookup is not None
    return read_off(lookup, here, rows, size)


@settings(max_examples=300, deadline=None)
@given(quads=QUADS, text=queries())
@example(
    quads=[
        (NamedNode("urn:a"), NamedNode("urn:b"), Literal('"\\/\x00\x1f\x7f\n\u2028'))
    ],
    text="SELECT * { <urn:a> ?p ?o }",
)
def test_the_answer_is_the_engines_byte_for_byte(quads, text):
    here = of(quads)
    found = read(text, here)
    if found is None:  # nothing but what has no such answer is left to the engine
        names = text.split(" {")[0].split()[1:]
        assert len(set(names)) < len(names) or (text[:3] == "ASK" and "LIMIT" in text)
        return
    answer, body = by_engine(text, here)
    assert found.body == body
    if found.is_ask:
        assert found.truth == bool(answer)
    else:
        assert found.variables == tuple(each.value for each in answer.variables)
        assert found.truth


@pytest.mark.parametrize(
    "text",
    ["SELECT DISTINCT ?p { <urn:a> ?p ?o }", "SELECT ?x { <urn:a> ?x ?x }",
     "SELECT ?p { <urn:a> ?p ?o } OFFSET 1", "CONSTRUCT WHERE { <urn:a> ?p ?o }",
     "SELECT ?p { <urn:a> ?p ?o , <urn:b> }"],
)  # fmt: skip
def test_what_is_not_a_row_for_each_quad_is_left_to_the_engine(text):
    quads = [(NamedNode("urn:a"), NamedNode("urn:b"), NamedNode("urn:b"))]
    assert read(text, of(quads)) is None


def test_a_term_that_is_not_written_here_is_left_to_the_engine():
    one = Literal("x", language="ar", direction=BaseDirection.RTL)
    here = of([(NamedNode("urn:a"), NamedNode("urn:b"), one)])
    assert read("SELECT ?o { <urn:a> ?p ?o }", here) is None
    assert read("SELECT ?p { <urn:a> ?p ?o }", here) is not None


def test_there_are_bounds_on_rows_and_bytes():
    here = of(
        (NamedNode("urn:a"), NamedNode("urn:b"), NamedNode(f"urn:{number}"))
        for number in range(10)
    )
    text = "SELECT ?o { <urn:a> ?p ?o }"
    whole = read(text, here, rows=10)
    assert len(json.loads(whole.body)["results"]["bindings"]) == 10
    assert read(text, here, rows=9) is None
    assert read(text + " LIMIT 9", here, rows=9) is not None
    assert read(text, here, size=len(whole.body)) == whole
    assert read(text, here, size=len(whole.body) - 1) is None


def test_no_more_is_read_than_the_bounds_allow(monkeypatch):
    long = "x" * 10_000
    here = of(
        (NamedNode("urn:a"), NamedNode("urn:b"), Literal(f"{number}{long}"))
        for number in range(100)
    )
    met = []
    quads = Snapshot.quads

    def counted(self, *pattern):
        for quad in quads(self, *pattern):
            met.append(quad)
            yield quad

    monkeypatch.setattr(Snapshot, "quads", counted)
    assert read("SELECT ?o { <urn:a> ?p ?o }", here, size=25_000) is None
    assert len(met) == 3
