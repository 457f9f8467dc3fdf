"""The index of names follows the versions, and is what a fresh one would be."""

from __future__ import annotations

import random

import pytest

from kg.change import Change
from kg.following import changed_nodes
from kg.name_index import Named, NameIndex, name_index
from kg.names import called
from kg.terms import ALT_LABEL, LABEL, Literal, NamedNode, Quad
from tests.small_store import EX, add, open_small

GRAPH = NamedNode(f"{EX}other")
WORDS = [
    "Al-Khalidi",
    "Salman",
    "Læssøe",
    "Нико́лай",
    "أحمد",
    "port",
    "of",
    "X",
    "...",
    "Ω",
]
TYPED = ["al khalidi", "Laessoe", "николай", "احمد", "por", "of x", "x of", "..."]


@pytest.fixture
def graph(small_store):
    return open_small(small_store)


def _thing(place, name):
    return Named(NamedNode(f"{EX}{place}"), name, (name,))


def anyone(_):
    return True


def answers(index):
    """Return all that *index* says, in a form that can be compared."""
    found = {
        text: (
            index.beginning(text, anyone, limit=9),
            index.resembling(text, anyone, limit=9),
            sorted(index.called(text), key=lambda one: one.iri.value),
        )
        for text in TYPED
    }
    return found, index.things, len(index)


def fresh(snapshot):
    """Return an index of *snapshot* that was made without any other."""
    return name_index.make(snapshot)


def named(number, chances):
    name = " ".join(chances.choices(WORDS, k=chances.randint(1, 3)))
    predicate = chances.choice([LABEL, LABEL, ALT_LABEL])
    return Quad(NamedNode(f"{EX}n{number}"), predicate, Literal(name), GRAPH)


@pytest.mark.embedded("an older version of a remote store is not kept")
@pytest.mark.parametrize("seed", range(3))
def test_an_index_that_follows_changes_is_what_a_fresh_one_would_be(graph, seed):
    chances = random.Random(seed)
    held: set[Quad] = set()
    indexes = {}
    for _ in range(12):
        added = {named(n, chances) for n in chances.choices(range(20), k=6)} - held
        gone = frozenset(chances.sample(sorted(held, key=str), len(held) // 3))
        verdict, _ = graph.add(
            Change(added=frozenset(added), removed=gone), agent="t", message="t"
        )
        assert verdict.accepted
        held = (held - gone) | added
        here = graph.snapshot()
        indexes[here] = name_index(here)
    for here, index in indexes.items():
        assert name_index(here) is index
        assert answers(index) == answers(fresh(here)), here.version


def test_a_change_that_names_nothing_leaves_the_index_as_it_is(graph):
    before = name_index(graph.snapshot())
    add(graph, "ex:port ex:near ex:land .", "other")
    assert name_index(graph.snapshot()) is before
    add(graph, 'ex:port rdfs:label "Haven" .', "other")
    assert name_index(graph.snapshot()) is not before


def test_an_index_with_many_gone_places_is_made_anew():
    things = [_thing(place, "one") for place in range(40)]
    index = NameIndex(things)
    for n in range(400):
        nodes = [one.iri for one in things]
        index = index.changed(nodes, [_thing(place, f"word{n}") for place in range(40)])
    assert len(index) == 40
    assert len(index.beginning("word399", anyone, limit=99)) == 40
    assert index.beginning("word398", anyone, limit=99) == []
    assert len(index._at) < 10_000


@pytest.mark.embedded("an older version of a remote store is not kept")
def test_an_older_version_gets_its_own_names_though_a_newer_was_asked_first(graph):
    add(graph, 'ex:a rdfs:label "Old name" .', "other")
    older = graph.snapshot()
    quad = Quad(NamedNode(f"{EX}a"), LABEL, Literal("Old name"), GRAPH)
    renamed = Quad(NamedNode(f"{EX}a"), LABEL, Literal("New name"), GRAPH)
    change = Change(added=frozenset({renamed}), removed=frozenset({quad}))
    graph.add(change, agent="t", message="t")
    newer = graph.snapshot()
    assert {one.value for one in called(newer, "new name")} == {f"{EX}a"}
    assert called(newer, "old name") == set()
    assert {one.value for one in called(older, "old name")} == {f"{EX}a"}
    assert called(older, "new name") == set()


def test_another_line_of_history_is_not_followed(graph):
    add(graph, 'ex:a rdfs:label "Somebody" .', "other")
    before = graph.snapshot()
    assert called(before, "somebody")
    with graph.store.writing() as writer:
        kept = [quad for quad in before.quads() if quad.subject.value != f"{EX}a"]
        writer.rewrite(kept, {2: [], 3: []})
    after = graph.snapshot()
    assert called(after, "somebody") == set()
    # The journal that now stands there is not that of the version before.
    assert changed_nodes(before, 1) is None


def test_a_repair_that_no_journal_tells_of_is_not_followed(graph):
    here = graph.snapshot()
    assert changed_nodes(here, here.version) == frozenset()
    with graph.store.writing() as writer:
        quad = Quad(NamedNode(f"{EX}b"), LABEL, Literal("Repaired"))
        writer.commit(added=[quad], removed=[], journal=())
    assert changed_nodes(graph.snapshot(), here.version) is None
    assert {one.value for one in called(graph.snapshot(), "repaired")} == {f"{EX}b"}
