"""Which version last changed a graph."""

from __future__ import annotations

import pytest

from kg.graph_versions import GraphVersions
from kg.stores import open_store
from kg.terms import LOG, NamedNode
from tests.small_store import EX, add, open_small

ATLAS, OTHER = NamedNode(f"{EX}atlas"), NamedNode(f"{EX}other")


@pytest.fixture
def graph(small_store):
    return open_small(small_store)


@pytest.fixture
def versions(small_store):
    return GraphVersions(open_store(small_store).journal)


def test_a_graph_is_as_it_was_built_until_it_is_changed(graph, versions):
    assert versions.last(graph.snapshot(), ATLAS) == 1
    add(graph, "ex:a ex:b 1 .", "other")
    add(graph, "ex:a ex:b 2 .", "other")
    assert versions.last(graph.snapshot(), ATLAS) == 1
    assert versions.last(graph.snapshot(), OTHER) == 3


def test_an_older_snapshot_has_what_was_last_then(graph, versions):
    add(graph, "ex:a ex:b 1 .", "other")
    older = graph.snapshot()
    add(graph, "ex:a ex:b 2 .", "other")
    assert versions.last(graph.snapshot(), OTHER) == 3
    assert versions.last(older, OTHER) == 2


def test_what_the_program_keeps_may_change_with_every_version(graph, versions):
    add(graph, "ex:a ex:b 1 .", "other")
    assert versions.last(graph.snapshot(), LOG) == 2


def test_another_line_of_history_has_other_tags(graph, versions):
    before = versions.tag(graph.snapshot(), ATLAS)
    with graph.store.writing() as writer:
        writer.rewrite(list(writer.snapshot.quads()), {2: []})
    assert versions.tag(graph.snapshot(), ATLAS) != before
