"""Several default graphs are one set of triples, however the engine would count."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyoxigraph import Store

from kg import merging
from kg.answers import evaluate
from kg.merging import merged
from kg.sparql import dataset_clause
from kg.terms import MERGED, MERGED_VIEW, Literal, NamedNode, Quad

GRAPHS = [NamedNode(f"urn:graph:{name}") for name in "abcd"]
PREDICATE = NamedNode("urn:p")


def quad(number, graph):
    return Quad(NamedNode(f"urn:s:{number}"), PREDICATE, Literal(number), graph)


def engine_of(*held):
    """An engine whose graphs hold the numbers that are given for each of them."""
    engine = Store()
    for graph, numbers in zip([*GRAPHS, MERGED_VIEW], held, strict=False):
        engine.extend(quad(number, graph) for number in numbers)
    return engine


def rows_of(answer):
    """The rows as texts."""
    return [tuple(term.value for term in row) for row in answer.rows()]


def count(engine, default, named=()):
    text = "SELECT (COUNT(*) AS ?n) { ?s ?p ?o . ?s ?q ?r }"
    ((number,),) = rows_of(evaluate(engine, text, default, named))
    return int(number)


numbers = st.sets(st.integers(1, 6))


@pytest.mark.parametrize("few", [0, 3, 20_000])
@settings(deadline=None)
@given(held=st.lists(numbers, min_size=5, max_size=5), chosen=st.data())
def test_a_triple_counts_once_however_many_graphs_hold_it(few, held, chosen):
    held[4] = held[4] | held[0]  # the merged view holds the first graph
    engine = engine_of(*held)
    names = [*(graph.value for graph in GRAPHS), MERGED.value]
    default = chosen.draw(st.lists(st.sampled_from(names), min_size=1))
    expected = set().union(*(held[names.index(name)] for name in default))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(merging, "_FEW_QUADS", few)
        assert count(engine, default) == len(expected)


def test_graphs_that_share_nothing_are_read_where_they_are(monkeypatch):
    monkeypatch.setattr(merging, "_FEW_QUADS", 1)
    engine = engine_of({1, 2}, {3, 4}, {4}, set(), {1, 2})
    a, b, c, _ = GRAPHS
    assert merged(engine, [a, b, a], []).engine is engine
    assert merged(engine, [b, c], []).engine is not engine
    assert merged(engine, [MERGED_VIEW, b], []).engine is engine
    assert merged(engine, [MERGED_VIEW, a], []).default == (MERGED_VIEW,)
    assert merged(engine, [MERGED_VIEW, a], []).engine is engine


def test_many_graphs_are_merged_too():
    engine = Store()
    many = [NamedNode(f"urn:many:{number}") for number in range(100)]
    engine.extend(quad(number // 2, graph) for number, graph in enumerate(many))
    assert count(engine, [graph.value for graph in many]) == 50


def test_named_graphs_stay_what_they_are_beside_merged_ones():
    engine = engine_of({1, 2}, {2, 3}, {2})
    a, b, c, _ = (graph.value for graph in GRAPHS)
    text = "SELECT ?g ?o { GRAPH ?g { ?s ?p ?o } FILTER EXISTS { ?s ?p ?o } }"
    found = rows_of(evaluate(engine, text, [a, b], [c, a]))
    assert sorted(found) == [(a, "1"), (a, "2"), (c, "2")]


def test_the_merged_view_can_be_named():
    engine = engine_of({1}, {2}, set(), set(), {1, 2})
    text = "SELECT ?g ?o { GRAPH ?g { ?s ?p ?o } }"
    own, view = GRAPHS[0].value, MERGED.value
    found = rows_of(evaluate(engine, text, [], [view, own]))
    assert sorted(found) == sorted([(own, "1"), (view, "1"), (view, "2")])


@pytest.mark.parametrize(
    "query",
    [
        "CONSTRUCT { ?s ?p ?o } FROM <urn:a> FROM NAMED <urn:b> WHERE { ?s ?p ?o }",
        "SELECT (EXISTS { ?s ?p 1 } AS ?x) FROM <urn:a> FROM NAMED <urn:b> { ?s ?p 1 }",
        "DESCRIBE ?s FROM <urn:a> FROM NAMED <urn:b> WHERE { ?s ?p 'FROM <urn:c>' }",
        "ASK FROM <urn:a> FROM NAMED <urn:b> { ?s <urn:from> ?o { SELECT * {} } }",
        "CONSTRUCT FROM <urn:a> FROM NAMED <urn:b> WHERE { ?s ?p ?o }",
    ],
)
def test_from_is_read_wherever_it_may_stand(query):
    assert dataset_clause(query) == (("urn:a",), ("urn:b",))


def test_a_graph_is_built_from_the_merged_view_by_its_name():
    engine = engine_of({1}, set(), set(), set(), {1, 2})
    text = f"CONSTRUCT {{ ?s ?p ?o }} FROM <{MERGED.value}> WHERE {{ ?s ?p ?o }}"
    assert len(list(evaluate(engine, text).triples())) == 2
