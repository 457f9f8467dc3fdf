"""Judge all that stands by shapes: find in one go who may fail, and judge only those.

A query for each shape, run by the store's engine over all targets at once, finds the
nodes that may fail it (see `kg.shapes.screen`), and pyshacl judges these one by one
(see `kg.shapes.local`). The engine answers several queries at once, on as many
processors as there are. What comes of it is what pyshacl would find in the whole, in
the same order.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING, TypeAlias

from kg.ahead import processors, told_ahead
from kg.shapes.engine import in_order
from kg.shapes.local import judge_of
from kg.shapes.remembering import Remembering
from kg.shapes.screening import Screen

if TYPE_CHECKING:
    from kg.report import Finding
    from kg.shapes.clearing import Clearing
    from kg.shapes.engine import Shapes
    from kg.shapes.screening import View
    from kg.terms import Term

Progress: TypeAlias = Callable[[int, int], object]
"""Is told how many of how many shapes are done."""

AT_ONCE = 500
"""So many nodes are judged before what was read for them is forgotten."""


def validate_whole(
    shapes: Shapes,
    view: View,
    tell: Progress | None = None,
    clearing: Clearing | None = None,
) -> list[Finding]:
    """Return what *shapes* object to in *view*, in a fixed order.

    It is what `Shapes.validate` returns for the same triples, but memory grows with
    what is found only, and time with the size of *view*. *clearing*, if given, knows
    the triples of *view* in columns, which takes less time for most shapes. Raise
    ShapesError where the judging itself fails.
    """
    judge = judge_of(shapes)
    screen = Screen(shapes, view, clearing)
    targets = judge.footprints.targets
    findings: list[Finding] = []
    order = sorted(targets, key=str)
    tasks = [partial(screen.candidates, shape, targets[shape]) for shape in order]
    with told_ahead(tasks, processors()) as told:
        for number, (shape, candidates) in enumerate(zip(order, told, strict=True), 1):
            for nodes in batches(candidates, AT_ONCE):
                findings += judge.findings({shape: nodes}, Remembering(view))
            if tell:
                tell(number, len(targets))
    return in_order(findings)


def batches(nodes: Iterable[Term], size: int) -> Iterator[set[Term]]:
    """Yield *nodes* in sets of at most *size*."""
    left = iter(nodes)
    while found := set(islice(left, size)):
        yield found
