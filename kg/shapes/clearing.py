"""Find in columns which shapes no target can fail, before any target is asked for.

Of most shapes all targets conform. Where the triples are at hand as sorted columns of
numbers (see `kg.rules.columns`), that is found for all targets together, in a small
part of the time that a query takes which looks up each of them. What is not clear here
is left to the screens: a constraint of a kind that is not known here, and any target
that may fail. So this may be in doubt too often, never too seldom.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, TypeAlias, cast

import numpy as np
from rdflib import RDF, SH, URIRef

from kg.rdflib_terms import from_rdflib, to_rdflib
from kg.rules.columns import (
    NO_ROWS,
    Column,
    Mask,
    are_in,
    firsts,
    packed,
    pairs_from,
    seconds,
    turned,
)
from kg.shapes.clearing_values import VALUE_TESTS, Forms
from kg.shapes.formulas import UnscreenableError, truth
from kg.shapes.screen_paths import members_of
from kg.terms import SUB_CLASS_OF, TYPE

if TYPE_CHECKING:
    import rdflib

    from kg.rules.packed import PackedNumbers
    from kg.rules.relations import Relations
    from kg.shapes.footprints import Targets
    from kg.terms import Term

    RdfTerm = rdflib.term.Node

Fails: TypeAlias = "tuple[Mask, Mask]"
"""For each of some nodes whether it may fail, and whether it must."""


@dataclass(frozen=True, slots=True)
class _Values:
    """The *distinct* values of some nodes: the nodes' places, and those of values."""

    nodes: Column
    places: Column
    distinct: Column
    length: int

    def somewhere(self, fails: Mask) -> Mask:
        """Tell which nodes have a value that *fails*."""
        found = np.zeros(self.length, np.bool_)
        found[self.nodes[fails[self.places]]] = True
        return found

    def counts(self, kept: Mask | None = None) -> Column:
        """Return how many values each node has, of those that are *kept*."""
        nodes = self.nodes if kept is None else self.nodes[kept[self.places]]
        return np.bincount(nodes, minlength=self.length)


class Clearing:
    """What *relations* show: triples by numbers, as shapes are to see them."""

    def __init__(self, numbers: PackedNumbers, relations: Relations) -> None:
        self._numbers = numbers
        self._relations = relations
        self._type = numbers.find(TYPE)
        self._members: dict[RdfTerm, Column] = {}

    def clears(self, graph: rdflib.Graph, shape: RdfTerm, targets: Targets) -> bool:
        """Tell whether no target can fail what *shape* of *graph* demands.

        The queries of the shape itself apart. It is well-formed in all its parts.
        """
        suspects = None if targets.nodes else self.suspects(graph, shape, targets)
        return suspects is not None and not len(suspects)

    def suspects(
        self, graph: rdflib.Graph, shape: RdfTerm, targets: Targets
    ) -> Column | None:
        """Return which targets may fail, those named singly apart; None if unclear."""
        nodes = self._targets(targets)
        try:
            may, _ = _Shapes(self, graph).fails(shape, nodes)
        except UnscreenableError:
            return None
        return nodes[may]

    @cached_property
    def forms(self) -> Forms:
        """What is known of literals by how their texts end."""
        return Forms(self._numbers)

    def number(self, term: RdfTerm) -> int:
        """Return the number of a term of a shape, -1 where no triple has it."""
        return self._numbers.find(from_rdflib(cast("rdflib.term.Identifier", term)))

    def term(self, number: int) -> Term:
        """Return the term with this number."""
        return cast("Term", self._numbers.terms[number])

    def members(self, kind: RdfTerm) -> Column:
        """Return what is of the class *kind* or of one below it, sorted."""
        if kind not in self._members:
            parts = [
                self._relations.get((self._type, number), NO_ROWS)
                for number in self._below(self.number(kind))
            ]
            self._members[kind] = np.unique(np.concatenate([*parts, NO_ROWS]))
        return self._members[kind]

    def pairs(self, predicate: RdfTerm) -> Column:
        """Return the packed pairs of *predicate*, sorted."""
        if predicate == RDF.type:
            return self._types
        return self._relations.get((self.number(predicate), -1), NO_ROWS)

    @cached_property
    def _types(self) -> Column:
        parts = [
            packed(rows, np.full(len(rows), kind))
            for (predicate, kind), rows in self._relations.items()
            if predicate == self._type and kind >= 0
        ]
        return np.sort(np.concatenate([*parts, NO_ROWS]))

    @cached_property
    def _hierarchy(self) -> Column:
        key = self._numbers.find(SUB_CLASS_OF), -1
        return turned(self._relations.get(key, NO_ROWS))

    def _below(self, kind: int) -> set[int]:
        found, new = {kind}, [kind]
        while new:
            _, values = pairs_from(self._hierarchy, np.array(new, np.int64))
            new = [number for number in set(values.tolist()) if number not in found]
            found.update(new)
        return found

    def _targets(self, targets: Targets) -> Column:
        parts = [self.members(to_rdflib(kind)) for kind in targets.kinds]
        parts += [firsts(self.pairs(to_rdflib(p))) for p in targets.subjects_of]
        parts += [seconds(self.pairs(to_rdflib(p))) for p in targets.objects_of]
        return np.unique(np.concatenate([*parts, NO_ROWS]))


class _Shapes:
    """Tells which nodes can fail the shapes of *graph*."""

    def __init__(self, data: Clearing, graph: rdflib.Graph) -> None:
        self.data = data
        self.graph = graph

    def fails(self, shape: RdfTerm, nodes: Column) -> Fails:
        """Return which of *nodes* may fail *shape*, and which must."""
        if any(map(truth, self.graph.objects(shape, SH.deactivated))):
            return _never(len(nodes))
        paths = list(self.graph.objects(shape, SH.path))
        found = [_never(len(nodes))]
        if not paths:
            found += self._of_values(shape, nodes)
            if self._demands(shape, _COUNTING):
                raise UnscreenableError("a node shape counts")
            wanted = map(self.data.number, self.graph.objects(shape, SH.hasValue))
            return _either([*found, *(_exactly(nodes != value) for value in wanted)])
        values = self._values(nodes, paths[0])
        for may, must in self._of_values(shape, values.distinct):
            found.append((values.somewhere(may), values.somewhere(must)))
        found += self._of_nodes(shape, values)
        return _either(found)

    def _of_nodes(self, shape: RdfTerm, values: _Values) -> Iterator[Fails]:
        for asked in self.graph.objects(shape, SH.qualifiedValueShape):
            yield self._qualified(shape, asked, values)
        for parameter in _OF_FOCUS:
            for demanded in self.graph.objects(shape, parameter):
                yield _FOCUS_TESTS[parameter](self.data, values, demanded)

    def _demands(self, shape: RdfTerm, parameters: Iterable[RdfTerm]) -> bool:
        return any((shape, one, None) in self.graph for one in parameters)

    def _of_values(self, shape: RdfTerm, values: Column) -> Iterator[Fails]:
        for parameter in set(self.graph.predicates(shape)):
            if parameter in _UNKNOWN:
                raise UnscreenableError(f"it has {parameter}")
            for demanded in self.graph.objects(shape, parameter):
                if parameter in VALUE_TESTS:
                    test = VALUE_TESTS[parameter]
                    yield test(self.data.forms, self.graph, demanded, values)
                elif parameter in _SHAPE_TESTS:
                    yield _SHAPE_TESTS[parameter](self, demanded, values)

    def _class(self, kind: RdfTerm, values: Column) -> Fails:
        return _exactly(~are_in(self.data.members(kind), values))

    def _not(self, other: RdfTerm, values: Column) -> Fails:
        return _inverted(self.fails(other, values))

    def _and(self, listed: RdfTerm, values: Column) -> Fails:
        return _either([self.fails(s, values) for s in members_of(self.graph, listed)])

    def _or(self, listed: RdfTerm, values: Column) -> Fails:
        failing = [
            _inverted(self.fails(shape, values))
            for shape in members_of(self.graph, listed)
        ]
        return _inverted(_either(failing))

    def _in(self, listed: RdfTerm, values: Column) -> Fails:
        known = [self.data.number(one) for one in members_of(self.graph, listed)]
        return _exactly(~np.isin(values, np.array(known, np.int64)))

    def _qualified(self, shape: RdfTerm, asked: RdfTerm, values: _Values) -> Fails:
        """Return which nodes have too few or too many values that conform to *asked*.

        How many do may not be clear: at least so many, and at most.
        """
        fits_may, fits_must = _inverted(self.fails(asked, values.distinct))
        least, most = values.counts(fits_must), values.counts(fits_may)
        too_few = (
            (least < int(str(number)), most < int(str(number)))
            for number in self.graph.objects(shape, SH.qualifiedMinCount)
        )
        too_many = (
            (most > int(str(number)), least > int(str(number)))
            for number in self.graph.objects(shape, SH.qualifiedMaxCount)
        )
        return _either([_never(values.length), *too_few, *too_many])

    # Paths

    def _values(self, nodes: Column, path: RdfTerm) -> _Values:
        where, values = self._followed(nodes, path)
        distinct, places = np.unique(values, return_inverse=True)
        return _Values(where, places, distinct, len(nodes))

    def _followed(self, nodes: Column, path: RdfTerm) -> tuple[Column, Column]:
        """Return each value by *path* once for each node, and the node's place."""
        if isinstance(path, URIRef):
            return pairs_from(self.data.pairs(path), nodes)
        if (path, RDF.first, None) in self.graph:
            return self._along(nodes, list(members_of(self.graph, path)))
        inverse = self.graph.value(path, SH.inversePath)
        if isinstance(inverse, URIRef):
            return pairs_from(turned(self.data.pairs(inverse)), nodes)
        listed = self.graph.value(path, SH.alternativePath)
        if listed is None:
            raise UnscreenableError("a path goes on and on")
        ways = [self._followed(nodes, p) for p in members_of(self.graph, listed)]
        return _once(*(np.concatenate(ends) for ends in zip(*ways, strict=True)))

    def _along(self, nodes: Column, path: list[RdfTerm]) -> tuple[Column, Column]:
        where = np.arange(len(nodes))
        for step in path:
            places, nodes = self._followed(nodes, step)
            where = where[places]
        return _once(where, nodes)


def _once(where: Column, values: Column) -> tuple[Column, Column]:
    pairs = np.unique(packed(where, values))
    return firsts(pairs), seconds(pairs)


def _never(length: int) -> Fails:
    return np.zeros(length, np.bool_), np.zeros(length, np.bool_)


def _exactly(fails: Mask) -> Fails:
    return fails, fails


def _inverted(fails: Fails) -> Fails:
    return ~fails[1], ~fails[0]


def _either(several: Iterable[Fails]) -> Fails:
    mays, musts = zip(*several, strict=True)
    return np.logical_or.reduce(mays), np.logical_or.reduce(musts)


# What is asked of all values of a node together


def _min_count(_: Clearing, values: _Values, least: RdfTerm) -> Fails:
    return _exactly(values.counts() < int(str(least)))


def _max_count(_: Clearing, values: _Values, most: RdfTerm) -> Fails:
    return _exactly(values.counts() > int(str(most)))


def _has_value(data: Clearing, values: _Values, value: RdfTerm) -> Fails:
    return _exactly(~values.somewhere(values.distinct == data.number(value)))


def _unique_lang(data: Clearing, values: _Values, flag: RdfTerm) -> Fails:
    if not truth(flag):
        return _never(values.length)
    languages, clear = data.forms.languages(values.distinct)
    told = languages[values.places]
    pairs = np.sort(packed(values.nodes, told)[told > 0])
    twice = np.zeros(values.length, np.bool_)
    twice[firsts(pairs[1:][pairs[1:] == pairs[:-1]])] = True
    return twice | values.somewhere(~clear), np.zeros(values.length, np.bool_)


_FOCUS_TESTS: dict[RdfTerm, Callable[[Clearing, _Values, RdfTerm], Fails]] = {
    SH.hasValue: _has_value,
    SH.maxCount: _max_count,
    SH.minCount: _min_count,
    SH.uniqueLang: _unique_lang,
}
_OF_FOCUS = frozenset(_FOCUS_TESTS)
_COUNTING = (_OF_FOCUS - {SH.hasValue}) | {SH.qualifiedValueShape}

_SHAPE_TESTS: dict[RdfTerm, Callable[[_Shapes, RdfTerm, Column], Fails]] = {
    SH["and"]: _Shapes._and,
    SH["class"]: _Shapes._class,
    SH["in"]: _Shapes._in,
    SH.node: _Shapes.fails,
    SH["not"]: _Shapes._not,
    SH["or"]: _Shapes._or,
    SH.property: _Shapes.fails,
}
_UNKNOWN = frozenset(
    {SH.closed, SH.disjoint, SH.equals, SH.lessThan, SH.lessThanOrEquals} | {SH.xone}
)
"""Demands that are not looked into here; all others are above, or are screens' work."""
