"""Find among many nodes those that may fail, by one query for each shape.

What the shapes read of the nodes is copied to an engine, so that the cost is that of
the nodes and not of the state around them. There the queries that screen a whole (see
`kg.shapes.screen`) find which may fail. They find what lies at the edge of the copy
too, of which it knows little: that is left out.
"""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

from kg.deadline import check
from kg.shapes.footprints import All
from kg.shapes.patterns import touched
from kg.shapes.screening import Screen
from kg.store import Triples
from kg.terms import SUB_CLASS_OF, TYPE, Literal

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from kg.shapes.engine import Shapes
    from kg.shapes.footprints import Footprints, Nodes, Targets
    from kg.shapes.routes import Lookup
    from kg.terms import Node, Term, Triple

MANY = 2_000
"""So many nodes, each counted for every shape, are sooner judged than screened."""


def suspects(
    shapes: Shapes,
    footprints: Footprints,
    affected: Mapping[Node, Nodes],
    state: Lookup,
) -> Mapping[Node, Nodes]:
    """Return of the nodes *affected* those that may fail in *state*, if they are many.

    All that is left out conforms there. Of a shape that is not analysable nothing is.
    """
    many = {s: n for s, n in affected.items() if not isinstance(n, All)}
    if sum(map(len, many.values())) <= MANY:
        return affected
    screen = Screen(shapes, Triples(_copied(footprints, many, state)))
    found: dict[Node, Nodes] = {s: n for s, n in affected.items() if s not in many}
    for shape, nodes in many.items():
        check()
        candidates = screen.candidates(shape, footprints.targets[shape])
        # A literal that only looks like one of them is not taken for it.
        odd = (node for node in nodes if isinstance(node, Literal))
        left: set[Term] = {*odd, *nodes.intersection(candidates)}
        if left:
            found[shape] = left
    return found


def _copied(
    footprints: Footprints, affected: Mapping[Node, set[Term]], state: Lookup
) -> set[Triple]:
    """Return what shapes read in *state* of the nodes *affected*, and maybe more."""
    found = set(state.triples(None, SUB_CLASS_OF, None))
    for shape, nodes in affected.items():
        check()
        found.update(_placing(footprints.targets[shape], nodes, state))
        for clause in footprints.clauses[shape]:
            found |= touched(clause, nodes, state)
    return found


def _placing(
    targets: Targets, nodes: Iterable[Term], state: Lookup
) -> Iterator[Triple]:
    """Yield triples that make those of *nodes* that are targets such."""
    for node in nodes:
        if not isinstance(node, Literal):
            if targets.kinds:
                yield from state.triples(node, TYPE, None)
            for predicate in targets.subjects_of:
                yield from islice(state.triples(node, predicate, None), 1)
        for predicate in targets.objects_of:
            yield from islice(state.triples(None, predicate, node), 1)
