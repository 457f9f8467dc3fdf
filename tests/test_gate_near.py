"""What is read around a node at once answers as single look-ups do."""

from __future__ import annotations

import itertools
import random

import pytest

from kg.gate import near
from kg.gate.near import Near
from kg.terms import DefaultGraph, NamedNode
from tests.small_store import open_small

SEED = 20261125
NOWHERE = NamedNode("http://example.org/nowhere")


class Counting:
    """A state that counts how often it is asked."""

    def __init__(self, state):
        self.version, self.build, self.graphs = state.version, state.build, state.graphs
        self._quads, self.settle = state.quads, state.settle
        self.asked = 0

    def quads(self, *parts, **named):
        self.asked += 1
        return self._quads(*parts, **named)


@pytest.fixture
def state(small_store):
    return open_small(small_store).snapshot()


def questions(state):
    """Every quad's parts, each given or not; some with a part of another quad."""
    chance = random.Random(SEED)
    quads = sorted(state.quads(), key=str)
    asked = set()
    for quad in quads:
        other = chance.choice(quads)
        for parts in (
            (quad.subject, quad.predicate, quad.object, quad.graph_name),
            (quad.subject, other.predicate, quad.object, quad.graph_name),
            (quad.subject, quad.predicate, other.object, DefaultGraph()),
            (NOWHERE, quad.predicate, quad.object, other.graph_name),
        ):
            for given in itertools.product((True, False), repeat=4):
                pairs = zip(parts, given, strict=True)
                asked.add(tuple(part if wanted else None for part, wanted in pairs))
    found = sorted(asked, key=str)
    chance.shuffle(found)
    return found


@pytest.mark.embedded("a remote store gives quads in no order")
@pytest.mark.parametrize("few", [0, 2, 1000])
def test_every_question_has_the_same_answer_in_the_same_order(state, monkeypatch, few):
    monkeypatch.setattr(near, "_MOST_FROM", few)
    monkeypatch.setattr(near, "_MOST_TO", few)
    view = Near(state)
    for parts in questions(state):
        assert list(view.quads(*parts)) == list(state.quads(*parts)), parts


def test_one_look_up_answers_all_about_a_node(state):
    counting = Counting(state)
    view = Near(counting)
    port = NamedNode("http://example.org/port")
    held = list(state.quads(port))
    for quad in held:
        assert quad in set(view.quads(port, quad.predicate, None, quad.graph_name))
        assert list(view.quads(port, NOWHERE, quad.object)) == []
    assert counting.asked == 1


def test_who_asks_for_all_predicates_does_not_read_more_than_he_hears(state):
    counting = Counting(state)
    view = Near(counting)
    port, land = (NamedNode(f"http://example.org/{n}") for n in ("port", "land"))
    assert next(view.quads(port)).subject == port
    assert next(view.quads(None, None, land)).object == land
    assert counting.asked == 2
