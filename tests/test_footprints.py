"""Judging a change in parts: it says what judging everything says, for less."""

from __future__ import annotations

import warnings
from collections import Counter
from itertools import islice
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kg.errors import ShapesError
from kg.shapes import Shapes
from kg.shapes.footprints import footprints_of
from kg.terms import SUB_CLASS_OF
from tests.changes import Changer, Course, Step
from tests.judging import facts, hierarchy, judged, shapes
from tests.lookups import Memory
from tests.shape_maker import Maker, turtle

# What pyshacl raises where the values of lessThan cannot be compared, besides faults
# that it names.
REFUSED = (ShapesError, TypeError)

# Our own shapes


def test_all_our_shapes_are_analysed():
    assert not footprints_of(shapes()).reasons


def wander(random, base, steps):
    """Take random steps from *base*, always on from what became of it."""
    course = Course(shapes(), base | hierarchy())
    changer = Changer(base - hierarchy(), random)
    for _ in range(steps):
        step = changer.step(course.state)
        try:
            course.take(step)
        except TypeError:
            continue
    return course


def sample(random):
    """Return what the shipped files say of some of their things."""
    data = judged(facts())
    subjects = sorted({triple.subject for triple in data}, key=str)
    some = set(random.sample(subjects, len(subjects) // 5))
    return frozenset(triple for triple in data if triple.subject in some)


@pytest.mark.parametrize("seed", range(4))
def test_random_changes_of_some_facts_are_judged_as_the_whole_is(seed):
    random = Random(seed)
    wander(random, sample(random), 30)


def test_random_changes_of_the_facts_are_judged_as_the_whole_is():
    wander(Random(1), judged(facts()), 12)


@pytest.mark.long
@pytest.mark.parametrize("seed", range(100, 140))
def test_many_random_changes_are_judged_as_the_whole_is(seed):
    random = Random(seed)
    wander(random, sample(random), 100)


@pytest.mark.long
@pytest.mark.parametrize("seed", range(200, 210))
def test_many_random_changes_of_all_facts_are_judged_as_the_whole_is(seed):
    wander(Random(seed), judged(facts()), 100)


# Any shapes


def roam(random, steps):
    """Take random steps through random data, judged by random shapes."""
    maker = Maker(random)
    rules = Shapes(random.choice((maker.shapes, maker.questions))())
    data = maker.data()
    course = Course(rules, data)
    for _ in range(steps):
        present = sorted(course.state.all, key=str)
        removed = set(random.sample(present, min(len(present), random.randrange(3))))
        told = "".join(maker.statement() for _ in range(random.randrange(4)))
        added = set(turtle(told)) - course.state.all
        try:
            course.take(Step(frozenset(added), frozenset(removed)))
        except REFUSED:
            continue
    return footprints_of(rules)


def check_any_shapes(random, steps=8):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # pyshacl warns of shapes that go in circles
        try:
            return roam(random, steps)
        except REFUSED:
            return None


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.randoms(use_true_random=False))
def test_changes_are_judged_as_the_whole_is_by_any_shapes(random):
    check_any_shapes(random)


if __name__ == "__main__":
    import sys, time

    t = time.process_time()
    reasons = Counter()
    bad = 0
    n = 0
    for seed in range(int(sys.argv[1]), int(sys.argv[2])):
        try:
            fp = check_any_shapes(Random(seed))
        except AssertionError as e:
            print("DIFF", seed)
            bad += 1
            continue
        except Exception as e:
            print("ERR", seed, repr(e)[:200])
            continue
        if fp is None:
            reasons["refused"] += 1
            continue
        n += 1
        reasons.update(f"{v[:60]}" for v in fp.reasons.values())
        reasons["targets"] += len(fp.targets)
    print(n, bad, reasons, time.process_time() - t)
