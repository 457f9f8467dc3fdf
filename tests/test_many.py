"""Many changed nodes are screened by queries first: what is found stays the same."""

from __future__ import annotations

import warnings
from contextlib import contextmanager
from random import Random
from unittest.mock import patch

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench.world import Mistakes, World
from kg.change import Change
from kg.report import Check
from kg.shapes import Shapes, footprints, many
from kg.shapes.local import Judge
from kg.store import Triples
from tests.changes import Changer, Course, Step
from tests.judging import hierarchy, shapes
from tests.screen_maker import OddMaker
from tests.shape_maker import Maker, turtle
from tests.test_footprints import REFUSED, sample
from tests.test_gate import PERSON, change
from tests.test_gate_local import compare


@contextmanager
def few_are_many():
    """Have every change judged as if it concerned many nodes."""
    with (
        patch.object(many, "MANY", 0),
        patch.object(footprints, "AT_ONCE", 2),
        warnings.catch_warnings(),
    ):
        warnings.simplefilter("ignore")  # pyshacl warns of shapes that go in circles
        yield


def kept(triples):
    """Return *triples* as an engine keeps them, as the gate has them."""
    return set(Triples(triples).triples(None, None, None))


def wander(random, base, steps):
    """Take random steps from *base*, always on from what became of it."""
    course = Course(shapes(), kept(base | hierarchy()))
    changer = Changer(kept(base - hierarchy()), random)
    for _ in range(steps):
        step = changer.step(course.state)
        added = frozenset(kept(step.added) - course.state.all)
        try:
            course.take(Step(added, step.removed - added))
        except REFUSED:
            continue


@pytest.mark.parametrize("seed", range(2))
def test_random_changes_of_some_facts_are_screened_as_the_whole_is_judged(seed):
    random = Random(seed)
    with few_are_many():
        wander(random, sample(random), 15)


@pytest.mark.long
@pytest.mark.parametrize("seed", range(100, 140))
def test_many_random_changes_are_screened_as_the_whole_is_judged(seed):
    random = Random(seed)
    with few_are_many():
        wander(random, sample(random), 60)


def is_judged(rules, data):
    """Tell whether *data* can be judged; rdflib raises whatever comes."""
    try:
        rules.validate(data)
    except Exception:  # noqa: BLE001
        return False
    return True


def roam(random, steps=5):
    """Take random steps through random data, judged by random shapes."""
    maker = random.choice((Maker, OddMaker))(random)
    asking = maker.asking if isinstance(maker, OddMaker) else maker.questions
    try:
        rules = Shapes(random.choice((maker.shapes, asking))())
        course = Course(rules, kept(maker.data()))
    except Exception:  # noqa: BLE001 - rdflib raises whatever comes
        return
    for _ in range(steps):
        present = sorted(course.state.all, key=str)
        removed = set(random.sample(present, min(len(present), random.randrange(3))))
        told = "".join(maker.statement() for _ in range(random.randrange(6)))
        added = kept(turtle(told)) - course.state.all
        step = Step(frozenset(added), frozenset(removed))
        if is_judged(rules, (course.state.all - removed) | added):
            course.take(step, messages=False)


@settings(max_examples=40, deadline=None)
@given(st.integers(min_value=0, max_value=2**32))
def test_changes_are_screened_as_the_whole_is_judged_by_any_shapes(seed):
    with few_are_many():
        roam(Random(seed))


@pytest.mark.long
@pytest.mark.parametrize("first", range(0, 3_000, 100))
def test_many_changes_are_screened_as_the_whole_is_judged_by_any_shapes(first):
    with few_are_many():
        for seed in range(first, first + 100):
            roam(Random(seed))


def counted(monkeypatch):
    """Return a list of how many nodes pyshacl is asked about, each time."""
    asked, real = [], Judge.findings

    def findings(judge, affected, state):
        asked.append(sum(map(len, affected.values())))
        return real(judge, affected, state)

    monkeypatch.setattr(Judge, "findings", findings)
    return asked


def test_a_large_change_with_mistakes_is_judged_alike(snapshot, monkeypatch):
    world = World(5, 2_000)
    mistakes = Mistakes(world, 20)
    made = Change.adding(list(world.quads(mistakes)))
    asked = counted(monkeypatch)
    compare(snapshot, made)
    assert any(one.check == Check.SHAPE for one in mistakes.made)
    assert 0 < asked[1] < len(made.added) / 10


def test_a_small_change_is_not_screened(snapshot, monkeypatch):
    monkeypatch.setattr(many, "Screen", None)
    compare(snapshot, change(PERSON))
