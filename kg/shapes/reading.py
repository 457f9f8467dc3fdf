"""What a shape reads of the data: its targets, its footprints, its queries."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import count
from typing import TYPE_CHECKING, cast

import rdflib
from pyshacl.constraints.sparql.sparql_based_constraints import SPARQLBasedConstraint
from pyshacl.errors import (
    ConstraintLoadError,
    ReportableRuntimeError,
    ValidationFailure,
)
from rdflib import RDF, SH

from kg.errors import ShapesError
from kg.paths import DEEPEST
from kg.rdflib_terms import from_rdflib
from kg.shapes.patterns import FOCUS, Clause, Pattern
from kg.shapes.questions import UnanalysableError, clauses
from kg.shapes.routes import Choice, Optionally, Route, Step, joined
from kg.terms import TYPE, NamedNode

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pyshacl import Shape

    from kg.shapes.engine import Shapes
    from kg.shapes.patterns import Footprint, Slot
    from kg.terms import Term

_NESTED = tuple(SH[n] for n in ("node", "not", "property", "qualifiedValueShape"))
_NESTED_LISTS = tuple(SH[name] for name in ("and", "or", "xone"))
_COMPARED = tuple(
    SH[name] for name in ("disjoint", "equals", "lessThan", "lessThanOrEquals")
)
_MOST = 5_000
"""A shape with more footprints is not worth analysing."""

_FAULTS = (
    ConstraintLoadError,
    NotImplementedError,
    ReportableRuntimeError,
    ShapesError,
    ValidationFailure,
)


@dataclass(frozen=True, slots=True)
class Reading:
    """What is read at once; with a *kind*, of types only this class or one below."""

    clause: Clause
    kind: Term | None = None

    def footprints(self) -> Iterator[Footprint]:
        """Yield a footprint for each triple that is read."""
        for footprint in self.clause.footprints():
            yield replace(footprint, kind=self.kind)


@dataclass(frozen=True, slots=True)
class _Place:
    """A node at which a shape is judged: a variable, and the way to it."""

    name: str
    around: tuple[Pattern, ...] = ()


class Reader:
    """Reads off the shapes in a graph what they read."""

    def __init__(self, shapes: Shapes) -> None:
        self.graph = shapes.graph
        self.shapes: dict[rdflib.term.Node, Shape] = {
            shape.node: shape for shape in shapes.parts.shapes
        }
        self.questions: dict[str, tuple[Clause, ...]] = {}
        self._parse = shapes.parsed
        self._numbers = count(1)
        self._custom = set(self.graph.objects(None, SH.parameter / SH.path))

    def readings(
        self, node: rdflib.term.Node
    ) -> tuple[tuple[Reading, ...], set[Footprint]]:
        """Return what a shape reads, and its footprints; raise UnanalysableError."""
        readings: dict[Reading, None] = {}
        found: set[Footprint] = set()
        try:
            for reading in self._read(node, _Place(FOCUS), ()):
                readings[reading] = None
                found.update(reading.footprints())
                if len(found) > _MOST:
                    raise UnanalysableError("it reads too many things")
        except _FAULTS as error:
            raise UnanalysableError(str(error)) from error
        return tuple(readings), found

    def _read(
        self, node: rdflib.term.Node, place: _Place, within: tuple[object, ...]
    ) -> Iterator[Reading]:
        if node in within:
            raise UnanalysableError("it refers to itself")
        if not self._custom.isdisjoint(self.graph.predicates(node)):
            raise UnanalysableError("it has a constraint component of its own")
        yield from self._questions(node, place)
        values = place
        for path in self.graph.objects(node, SH.path):
            values = self._next(place, self.route(path))
            yield Reading(Clause(values.around[-1:], place.around))
        for name in _COMPARED:
            for other in self.graph.objects(node, name):
                yield self._end(place, self.route(other))
        yield from self._of_values(node, values)
        for shape in self._nested(node):
            yield from self._read(shape, values, (*within, node))

    def _of_values(self, node: rdflib.term.Node, values: _Place) -> Iterator[Reading]:
        for kind in self.graph.objects(node, SH["class"]):
            term = from_rdflib(cast("rdflib.term.Identifier", kind))
            types = Pattern(values.name, Step(TYPE), "kind")
            yield Reading(Clause((types,), values.around), term)
        if (node, SH.closed, None) in self.graph:
            yield self._end(values, Step(None))

    def _next(self, place: _Place, way: Route) -> _Place:
        name = f"value {next(self._numbers)}"
        return _Place(name, (*place.around, Pattern(place.name, way, name)))

    def _end(self, place: _Place, way: Route) -> Reading:
        end = self._next(place, way)
        return Reading(Clause(end.around[-1:], place.around))

    def _nested(self, node: rdflib.term.Node) -> Iterator[rdflib.term.Node]:
        for name in _NESTED:
            yield from self.graph.objects(node, name)
        for name in _NESTED_LISTS:
            for members in self.graph.objects(node, name):
                yield from self.graph.items(members)
        if (node, SH.qualifiedValueShapesDisjoint, None) in self.graph:
            for parent in self.graph.subjects(SH.property, node):
                siblings = SH.property / SH.qualifiedValueShape
                yield from self.graph.objects(parent, siblings)

    def _questions(self, node: rdflib.term.Node, place: _Place) -> Iterator[Reading]:
        if (node, SH.sparql, None) not in self.graph:
            return
        for query in SPARQLBasedConstraint(self.shapes[node]).sparql_constraints:
            bound, text = query.pre_bind_variables(node)
            if set(bound) != {"this"}:
                raise UnanalysableError("its query is not about $this alone")
            text = query.apply_prefixes(text)
            if text not in self.questions:
                self.questions[text] = clauses(self._parse(text))
            number = next(self._numbers)
            for clause in self.questions[text]:
                yield Reading(_placed(clause, place, number))

    def route(
        self, path: rdflib.term.Node, depth: int = 0, *, backwards: bool = False
    ) -> Route:
        """Return the route of a path as pyshacl follows it, or a little more.

        It follows the inverse of a sequence in the order of the sequence; here both
        orders count.
        """
        if isinstance(path, rdflib.URIRef):
            return Step(NamedNode(str(path)), backwards)
        if depth > DEEPEST:
            raise UnanalysableError("its path goes round in a circle")
        if (path, RDF.first, None) not in self.graph:
            return self._marked_route(path, depth, backwards=backwards)
        found = self._routes(path, depth, backwards=backwards)
        ways = (found, found[::-1]) if backwards else (found,)
        return Choice(tuple(joined(*way) for way in ways))

    def _marked_route(
        self, path: rdflib.term.Node, depth: int, *, backwards: bool
    ) -> Route:
        for predicate, value in self.graph.predicate_objects(path):
            if predicate == SH.alternativePath:
                return Choice(self._routes(value, depth, backwards=backwards))
            if predicate == SH.inversePath:
                return self.route(value, depth + 1, backwards=not backwards)
            if predicate in _REPEATED:
                part = self.route(value, depth + 1, backwards=backwards)
                return _REPEATED[predicate](part)
        raise UnanalysableError("its path is none")

    def _routes(
        self, members: rdflib.term.Node, depth: int, *, backwards: bool
    ) -> tuple[Route, ...]:
        return tuple(
            self.route(member, depth + 1, backwards=backwards)
            for member in self.graph.items(members)
        )


def _one_or_more(part: Route) -> Route:
    return joined(part, Optionally(part, again=True))


_REPEATED: dict[rdflib.term.Node, Callable[[Route], Route]] = {
    SH.zeroOrMorePath: lambda part: Optionally(part, again=True),
    SH.oneOrMorePath: _one_or_more,
    SH.zeroOrOnePath: lambda part: Optionally(part, again=False),
}


def _placed(clause: Clause, place: _Place, number: int) -> Clause:
    """Return what *clause* reads where $this is the node at *place*."""

    def renamed(slot: Slot) -> Slot:
        if not isinstance(slot, str):
            return slot
        return place.name if slot == FOCUS else f"{slot} {number}"

    def moved(patterns: tuple[Pattern, ...]) -> tuple[Pattern, ...]:
        return tuple(Pattern(renamed(p.start), p.way, renamed(p.end)) for p in patterns)

    return Clause(moved(clause.read), place.around + moved(clause.around))
