"""Advice on findings: the entity that was meant, at a cost that does not grow."""

from __future__ import annotations

from itertools import count, islice

import pytest

from kg.change import Change
from kg.gate import judge
from kg.gate.advice import advised
from kg.report import Check, Finding, Severity
from kg.terms import BASE, NamedNode

ID = f"{BASE}id/"


class Many:
    """Entities without end, of which those *meant* come last."""

    def __init__(self, *meant):
        self.meant = {NamedNode(ID + name) for name in meant}
        self.gone_through = 0
        self.asked = 0

    def __contains__(self, node):
        self.asked += 1
        return node in self.meant

    def __iter__(self):
        for number in count():
            self.gone_through += 1
            yield NamedNode(f"{ID}some-other-thing-{number}")


def some(*names):
    """A few entities."""
    return frozenset(NamedNode(ID + name) for name in names)


def finding(name):
    return Finding(
        check=Check.SHAPE,
        severity=Severity.VIOLATION,
        focus=NamedNode(f"{ID}talks"),
        message="what is not described",
        value=NamedNode(ID + name),
    )


def advice(names, described):
    return [found.advice for found in advised(map(finding, names), described, BASE)]


@pytest.mark.parametrize("slip", ["nairob", "nairobii", "naorobi", "nariobi", "airobi"])
def test_an_entity_one_slip_away_is_found_among_however_many(slip):
    described = Many("talks", "nairobi")
    assert advice([slip], described) == [f"did you mean <{ID}nairobi>?"]
    assert described.gone_through <= 10_000
    assert described.asked < 2_000


def test_what_only_begins_alike_was_not_meant():
    kinds = [f"claim-kind-{name}" for name in ("praise", "call", "desire", "denial")]
    assert advice(["claim-kind-hope"], some(*kinds)) == [""]
    assert advice(["claim-kind-prayse"], some(*kinds)) == [
        f"did you mean <{ID}claim-kind-praise>?"
    ]


def test_what_is_described_needs_no_advice():
    described = Many("talks", "nairobi")
    assert advice(["nairobi", "nairobi"], described) == ["", ""]
    assert described.gone_through == 0
    assert described.asked <= 4


def test_the_same_slip_is_looked_for_once_and_told_each_time():
    described = Many("talks", "nairobi")
    told = advice(["nairob"] * 500, described)
    assert told == [f"did you mean <{ID}nairobi>?"] * 500
    assert described.asked < 2_500


def test_where_all_is_unknown_a_few_are_looked_for():
    described = Many("talks")
    told = advice([f"nothing-like-it-{n * 977}" for n in range(500)], described)
    assert told == [""] * 500
    assert described.asked < 100_000


def test_two_slips_in_a_long_name_are_found_among_those_gone_through():
    meant = NamedNode(f"{ID}ministry-of-foreign-affairs-of-morocco")
    told = advice(["ministry-of-foreing-afairs-of-morocco"], [meant])
    assert told == [f"did you mean <{meant.value}>?"]


class Counting:
    """The state *snapshot*; counts what is read of it."""

    def __init__(self, snapshot):
        self.version, self.build = snapshot.version, snapshot.build
        self.graphs = snapshot.graphs
        self.settle = snapshot.settle
        self._snapshot = snapshot
        self.read = 0

    def quads(self, *pattern, **named):
        for quad in self._snapshot.quads(*pattern, **named):
            self.read += 1
            yield quad


def test_to_advise_on_a_rejected_change_few_statements_are_read(snapshot, monkeypatch):
    removed = islice(
        (q for q in snapshot.quads() if "source/" in str(q.graph_name)), 0, 900, 30
    )
    one = Change(removed=frozenset(removed))
    assert not judge(snapshot, one).accepted  # reads ontology and shapes, once
    monkeypatch.setattr("kg.gate.local._MOST_TYPES", 100)
    state = Counting(snapshot)
    assert not judge(state, one).accepted
    monkeypatch.setattr("kg.gate.local.advised", lambda findings, *_: findings)
    plain = Counting(snapshot)
    assert not judge(plain, one).accepted
    assert state.read - plain.read < 200
