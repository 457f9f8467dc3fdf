"""What is gathered of a version follows the changes, and is what a fresh look gives."""

from __future__ import annotations

import random

import pytest

from kg.change import Change
from kg.following import is_local
from kg.journal import journal_lines
from kg.name_index import name_index
from kg.pictures import entries as dates
from kg.terms import ALT_LABEL, EXQ, LABEL, Literal, NamedNode, Quad
from tests.small_store import EX, open_small

GRAPH = NamedNode(f"{EX}other")
WRITTEN = ["2023", "2024-05-06", "2024-05-XX", "XXXX-05", "a Monday", "2023/2024-03"]


@pytest.fixture
def small(small_store):
    return open_small(small_store)


def commit(graph, change):
    """Make *change* unjudged, in the merged view as well; nothing follows from it."""
    with graph.store.writing() as writer:
        writer.commit(
            added=[*change.added, *(Quad(*quad.triple) for quad in change.added)],
            removed=[*change.removed, *(Quad(*quad.triple) for quad in change.removed)],
            journal=journal_lines(change),
        )


def stated(chances):
    """Return a fact on a date: that a thing has it, or when that is."""
    thing, time = NamedNode(f"{EX}e{chances.randrange(9)}"), chances.randrange(6)
    node = NamedNode(f"{EX}t{time}")
    name = chances.choice(["hasTime", "datedTo", "holdsDuring", "edtf", "earliest"])
    if name == "edtf":
        return Quad(node, NamedNode(f"{EXQ}edtf"), said(chances), GRAPH)
    if name == "earliest":
        return Quad(node, NamedNode(f"{EXQ}earliest"), Literal("2001-02-03"), GRAPH)
    return Quad(thing, NamedNode(f"{EXQ}{name}"), node, GRAPH)


def said(chances):
    return Literal(chances.choice(WRITTEN))


@pytest.mark.parametrize("seed", range(4))
def test_dates_that_follow_changes_are_what_a_fresh_look_gives(small, seed):
    chances = random.Random(seed)
    held: set[Quad] = set()
    for _ in range(12):
        added = {stated(chances) for _ in range(5)} - held
        gone = frozenset(chances.sample(sorted(held, key=str), len(held) // 3))
        commit(small, Change(added=frozenset(added), removed=gone))
        held = (held - gone) | added
        here = small.snapshot()
        followed = dates.entries(here, situations=True)
        assert list(followed) == list(dates.GATHERED.make(here))
        events = [one for one in followed if one.by.value != f"{EXQ}holdsDuring"]
        assert dates.entries(here, situations=False) == events
    assert held


def test_dates_are_not_looked_through_where_no_dated_thing_changes(small):
    thing, time = NamedNode(f"{EX}e1"), NamedNode(f"{EX}t1")
    dating = Quad(thing, NamedNode(f"{EXQ}hasTime"), time, GRAPH)
    commit(small, Change(added=frozenset({dating})))
    before = dates.GATHERED(small.snapshot())
    label = Quad(NamedNode(f"{EX}n1"), LABEL, Literal("Name"), GRAPH)
    commit(small, Change(added=frozenset({label})))
    assert dates.GATHERED(small.snapshot()) is before
    commit(small, Change(removed=frozenset({dating})))
    assert dates.GATHERED(small.snapshot()) == []
    assert len(before) == 1


def test_a_version_is_read_anew_only_where_it_cannot_follow(small, monkeypatch):
    name_index(small.snapshot())
    monkeypatch.setattr(name_index, "make", lambda _: pytest.fail("read anew"))
    for number in range(3):
        node = NamedNode(f"{EX}n{number}")
        quad = Quad(node, LABEL, Literal("Name"), GRAPH)
        small.add(Change(added=frozenset({quad})), agent="t", message="t")
        assert name_index(small.snapshot()).named(node)


def test_names_and_dates_of_the_ontology_hold_by_what_is_said_of_a_thing(snapshot):
    assert is_local(snapshot, name_index.of)
    assert is_local(snapshot, dates.GATHERED.of)


@pytest.mark.parametrize(
    ("name", "local"),
    [
        ("duringTime", False),  # a chain leads to it
        ("partOfEvent", False),  # transitive
        ("hasTime", True),
        ("involvesState", False),
    ],
)
def test_what_follows_from_other_nodes_is_not_local(snapshot, name, local):
    assert is_local(snapshot, [NamedNode(f"{EXQ}{name}")]) is local


def test_neither_is_what_lies_above_such_a_property(small_store):
    here = open_small(small_store).snapshot()
    assert is_local(here, [LABEL, ALT_LABEL])
    assert not is_local(here, [NamedNode(f"{EX}near")])
    assert not is_local(here, [LABEL, NamedNode(f"{EX}within")])
