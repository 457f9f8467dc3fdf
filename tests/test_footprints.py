"""Judging a change in parts: it says what judging everything says, for less."""

from __future__ import annotations

from random import Random

import pytest

from kg.errors import ShapesError
from kg.shapes.footprints import footprints_of
from tests.changes import Changer, Course
from tests.judging import hierarchy, judged, facts, shapes

# Our own shapes


def test_all_our_shapes_are_analysed():
    assert not footprints_of(shapes()).reasons


def wander(seed, steps):
    """Take random steps from the shipped facts, always on from what became of them."""
    random = Random(seed)
    base = judged(facts())
    course = Course(shapes(), base)
    changer = Changer(base - hierarchy(), random)
    for _ in range(steps):
        step = changer.step(course.state)
        try:
            course.take(step)
        except TypeError:
            continue


if __name__ == "__main__":
    import sys, time

    t = time.process_time()
    wander(int(sys.argv[1]), int(sys.argv[2]))
    print(time.process_time() - t)
