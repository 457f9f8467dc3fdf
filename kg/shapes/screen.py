"""Screens: a query for each shape that finds every node that can fail it, and few more.

The queries run in the store's engine, over all targets at once. What they find is no
verdict: pyshacl judges it. So they may find too much, never too little, and where a
shape demands something that the two engines could see in different ways, all its
targets are found.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import count
from typing import TYPE_CHECKING, TypeAlias, cast

import rdflib
from pyshacl import ShapesGraph
from pyshacl.constraints import ALL_CONSTRAINT_PARAMETERS, CONSTRAINT_PARAMETERS_MAP
from pyshacl.constraints.sparql.sparql_based_constraints import SPARQLBasedConstraint
from pyshacl.errors import ConstraintLoadWarning, ReportableRuntimeError
from rdflib import RDFS, SH

from kg.rdflib_terms import from_rdflib
from kg.shapes.formulas import (
    NEVER,
    TRUE,
    Fails,
    UnscreenableError,
    either,
    exactly,
    exists,
    inverted,
    iri,
    no,
    somewhere,
    together,
    truth,
)
from kg.shapes.screen_paths import members_of, path_text
from kg.shapes.screen_queries import repeats, screens_of
from kg.shapes.screen_sets import FOCUS_TESTS, At, has, numbers_of
from kg.shapes.screen_values import VALUE_TESTS
from kg.terms import NamedNode

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pyshacl import Shape

    from kg.shapes.engine import Shapes
    from kg.terms import Term

    RdfTerm = rdflib.term.Node

Below: TypeAlias = "Callable[[Term], Iterable[Term]]"
"""Returns a class and those below it."""

THIS = "?this"
_DEEPEST = 6
"""pyshacl refuses shapes nested deeper than some 14 levels."""
_COMPANIONS = {
    SH.ignoredProperties,
    SH.qualifiedMaxCount,
    SH.qualifiedMinCount,
    SH.qualifiedValueShapesDisjoint,
}
_FAULTS = (
    AssertionError,
    ConstraintLoadWarning,
    NotImplementedError,
    ReportableRuntimeError,
    TypeError,
    ValueError,
)


@dataclass(frozen=True, slots=True)
class Screened:
    """How to find what can fail a shape: all targets that meet the *condition*.

    Besides, *patterns* find some as ?this. Where no more is known than that it must be
    a target, there is a *reason*.
    """

    condition: str
    patterns: tuple[str, ...] = ()
    reason: str = ""


class Screener:
    """Tells how nodes can fail the shapes, where classes lie *below* others."""

    def __init__(self, shapes: Shapes, below: Below) -> None:
        self.graph = shapes.graph
        self._shapes: dict[RdfTerm, Shape] = {
            shape.node: shape for shape in ShapesGraph(self.graph).shapes
        }
        self._below = below
        self._parsed = shapes.parsed
        self._patterns: list[str] = []
        self._literals = False
        self._numbers = count(1)
        self._custom = set(self.graph.objects(None, SH.parameter / SH.path))
        self._known = frozenset(ALL_CONSTRAINT_PARAMETERS)

    def screened(self, shape: RdfTerm) -> Screened:
        """Return how to find all targets that can fail *shape*."""
        self._patterns.clear()
        self._literals = (shape, SH.targetObjectsOf, None) in self.graph
        try:
            condition = self._fails(shape, THIS, plain=True, within=()).may
        except UnscreenableError as error:
            return Screened(TRUE, reason=str(error))
        return Screened(condition, tuple(self._patterns))

    def is_instance(self, name: str, kind: RdfTerm) -> str:
        """Return the pattern that tells whether *name* is of the class *kind*."""
        kinds = self._named_below(kind)
        if kinds is None:
            return _by_path(name, kind)
        if len(kinds) == 1:
            return f"{name} a {kinds[0]} ."
        one = self._fresh()
        return f"{name} a {one} FILTER({one} IN ({', '.join(kinds)}))"

    def instances(self, name: str, kind: RdfTerm) -> str:
        """Return the pattern that finds as *name* what is of the class *kind*."""
        kinds = self._named_below(kind)
        if kinds is None:
            return _by_path(name, kind)
        one = self._fresh()
        return f"VALUES {one} {{ {' '.join(kinds)} }} {name} a {one}"

    def _named_below(self, kind: RdfTerm) -> list[str] | None:
        """Return the class *kind* and those below it; None where some have no IRI."""
        iri(kind)
        found = list(self._below(from_rdflib(cast("rdflib.term.Identifier", kind))))
        named = [one for one in found if isinstance(one, NamedNode)]
        return sorted(map(str, named)) if len(named) == len(found) else None

    def _fresh(self) -> str:
        return f"?v{next(self._numbers)}"

    def _fails(
        self, shape: RdfTerm, focus: str, *, plain: bool, within: tuple[RdfTerm, ...]
    ) -> Fails:
        if shape in within or len(within) > _DEEPEST:
            raise UnscreenableError("it refers to itself, or goes deep")
        if self._is_off(shape):
            return NEVER
        parameters = self._parameters(shape)
        within = (*within, shape)
        paths = list(self.graph.objects(shape, SH.path))
        if not paths:
            at = At(focus, focus, self._fresh, "", plain, within)
            return either(self._each(shape, parameters, at))
        [path] = paths
        way = path_text(self.graph, path)
        at = At(focus, self._fresh(), self._fresh, way, plain, within)
        return either(self._each(shape, parameters, at))

    def _is_off(self, shape: RdfTerm) -> bool:
        flags = set(map(truth, self.graph.objects(shape, SH.deactivated)))
        if len(flags) > 1:
            raise UnscreenableError("it is active and is not")
        return flags == {True}

    def _parameters(self, shape: RdfTerm) -> list[RdfTerm]:
        """Return what *shape* demands; raise UnscreenableError where pyshacl would."""
        if shape not in self._shapes:
            raise UnscreenableError("it refers to what is no shape")
        predicates = set(self.graph.predicates(shape))
        if not self._custom.isdisjoint(predicates):
            raise UnscreenableError("it has a constraint component of its own")
        found = sorted(predicates & self._known, key=str)
        try:
            for parameter in found:
                CONSTRAINT_PARAMETERS_MAP[parameter](self._shapes[shape])
        except _FAULTS as error:
            raise UnscreenableError(str(error)) from error
        return [parameter for parameter in found if parameter not in _COMPANIONS]

    def _each(
        self, shape: RdfTerm, parameters: list[RdfTerm], at: At
    ) -> Iterator[Fails]:
        """Yield how the constraints of *shape* fail, those on its values together."""
        tests = dict.fromkeys(VALUE_TESTS[p] for p in parameters if p in VALUE_TESTS)
        values = [f for test in tests for f in test(self.graph, shape, at.value)]
        for parameter in parameters:
            if parameter in _AT_VALUES:
                values += _AT_VALUES[parameter](self, shape, at)
            elif parameter in FOCUS_TESTS:
                yield from FOCUS_TESTS[parameter](self.graph, shape, at)
            elif parameter in _AT_FOCUS:
                yield from _AT_FOCUS[parameter](self, shape, at)
            elif parameter not in VALUE_TESTS:
                raise UnscreenableError(f"it has {parameter}")
        yield somewhere(at.way, either(values)) if at.path else either(values)

    # What is asked of each value

    def _class(self, shape: RdfTerm, at: At) -> Iterator[Fails]:
        for kind in self.graph.objects(shape, SH["class"]):
            yield exactly(no(exists(self.is_instance(at.value, kind))))

    def _property(self, shape: RdfTerm, at: At) -> Iterator[Fails]:
        for other in self.graph.objects(shape, SH.property):
            if (other, SH.path, None) not in self.graph:
                raise UnscreenableError("sh:property names no property shape")
            yield self._fails(other, at.value, plain=at.plain, within=at.within)

    def _node(self, shape: RdfTerm, at: At) -> Iterator[Fails]:
        for other in self.graph.objects(shape, SH.node):
            if (other, SH.path, None) in self.graph:
                raise UnscreenableError("sh:node names a property shape")
            yield self._fails(other, at.value, plain=at.plain, within=at.within)

    def _not(self, shape: RdfTerm, at: At) -> Iterator[Fails]:
        for other in self.graph.objects(shape, SH["not"]):
            yield inverted(self._asked(other, at))

    def _and(self, shape: RdfTerm, at: At) -> Iterator[Fails]:
        for members in self._members(shape, SH["and"]):
            yield either(
                self._fails(member, at.value, plain=at.plain, within=at.within)
                for member in members
            )

    def _or(self, shape: RdfTerm, at: At) -> Iterator[Fails]:
        for members in self._members(shape, SH["or"]):
            yield together(self._asked(member, at) for member in members)

    def _xone(self, shape: RdfTerm, at: At) -> Iterator[Fails]:
        for members in self._members(shape, SH.xone):
            fails = [self._asked(member, at) for member in members]
            holds = [inverted(one) for one in fails]
            alone = [
                together((*fails[:place], holds[place], *fails[place + 1 :]))
                for place in range(len(fails))
            ]
            yield inverted(either(alone))

    def _asked(self, shape: RdfTerm, at: At) -> Fails:
        return self._fails(shape, at.value, plain=False, within=at.within)

    def _members(self, shape: RdfTerm, name: RdfTerm) -> Iterator[list[RdfTerm]]:
        for listed in self.graph.objects(shape, name):
            members = list(members_of(self.graph, listed))
            if not members or len(set(members)) < len(members):
                raise UnscreenableError("a list of shapes is empty, or repeats one")
            yield members

    # What is asked of the node

    def _sparql(self, shape: RdfTerm, at: At) -> Iterator[Fails]:
        """Note what finds those for which the queries of *shape* have an answer."""
        if not at.plain or at.focus != THIS:
            raise UnscreenableError("a query asks about other nodes than the targets")
        for text in self._texts(shape):
            found = screens_of(self._parsed(text))
            if self._literals and any(map(repeats, found)):
                raise UnscreenableError("its query repeats a path from a literal")
            self._patterns += found
        yield NEVER

    def _texts(self, shape: RdfTerm) -> Iterator[str]:
        try:
            for query in SPARQLBasedConstraint(self._shapes[shape]).sparql_constraints:
                bound, text = query.pre_bind_variables(shape)
                if set(bound) != {"this"}:
                    raise UnscreenableError("its query is not about $this alone")
                yield query.apply_prefixes(text)
        except _FAULTS as error:
            raise UnscreenableError(str(error)) from error

    def _qualified(self, shape: RdfTerm, at: At) -> Iterator[Fails]:
        if (shape, SH.qualifiedValueShapesDisjoint, None) in self.graph:
            raise UnscreenableError("its values may not fit its siblings")
        for asked in self.graph.objects(shape, SH.qualifiedValueShape):

            def fits(name: str, asked: RdfTerm = asked) -> Fails:
                return inverted(self._asked(asked, replace(at, value=name)))

            for least in numbers_of(self.graph, shape, SH.qualifiedMinCount):
                if least:
                    yield inverted(self._number(at, least, fits))
            for most in numbers_of(self.graph, shape, SH.qualifiedMaxCount):
                yield self._number(at, most + 1, fits)

    def _number(self, at: At, many: int, fits: Callable[[str], Fails]) -> Fails:
        """Return where so many values fit: where they may, and where they must."""
        return Fails(
            has(at, many, lambda name: fits(name).may),
            has(at, many, lambda name: fits(name).must),
        )


def _by_path(name: str, kind: RdfTerm) -> str:
    return f"{name} a/<{RDFS.subClassOf}>* {iri(kind)} ."


_Constraint: TypeAlias = "Callable[[Screener, RdfTerm, At], Iterator[Fails]]"

_AT_VALUES: dict[RdfTerm, _Constraint] = {
    SH["and"]: Screener._and,
    SH["class"]: Screener._class,
    SH["not"]: Screener._not,
    SH["or"]: Screener._or,
    SH.node: Screener._node,
    SH.property: Screener._property,
    SH.xone: Screener._xone,
}

_AT_FOCUS: dict[RdfTerm, _Constraint] = {
    SH.qualifiedValueShape: Screener._qualified,
    SH.sparql: Screener._sparql,
}
