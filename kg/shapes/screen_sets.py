"""How the values of a node fail together, or by what else the node has."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import rdflib
from rdflib import SH

from kg.shapes.formulas import (
    FALSE,
    TRUE,
    Fails,
    UnscreenableError,
    constant,
    every,
    exactly,
    exists,
    iri,
    is_before,
    no,
    several,
    some,
    surely,
    truth,
)

if TYPE_CHECKING:
    RdfTerm = rdflib.term.Node

_MOST_COUNTED = 4


@dataclass(frozen=True, slots=True)
class At:
    """Where constraints are checked: at *focus*, and its *value* by *path* if any.

    The place is *plain* where to fail there is to fail as the target. *fresh* makes
    new variables.
    """

    focus: str
    value: str
    fresh: Callable[[], str]
    path: str = ""
    plain: bool = True
    within: tuple[RdfTerm, ...] = ()

    @property
    def way(self) -> str:
        """The pattern that leads to the values."""
        return f"{self.focus} {self.path} {self.value} ."


Test: TypeAlias = Callable[[rdflib.Graph, "RdfTerm", At], Iterator[Fails]]
"""Yields how a node fails a constraint of a shape in a graph."""


def _min_count(graph: rdflib.Graph, shape: RdfTerm, at: At) -> Iterator[Fails]:
    for least in numbers_of(graph, shape, SH.minCount):
        if least:
            yield exactly(no(has(at, least)))


def _max_count(graph: rdflib.Graph, shape: RdfTerm, at: At) -> Iterator[Fails]:
    for most in numbers_of(graph, shape, SH.maxCount):
        yield exactly(has(at, most + 1))


def numbers_of(graph: rdflib.Graph, shape: RdfTerm, name: RdfTerm) -> Iterator[int]:
    """Yield the numbers that *shape* has for *name*; raise UnscreenableError."""
    for number in graph.objects(shape, name):
        found = int(str(number))
        if found > _MOST_COUNTED:
            raise UnscreenableError("it counts far")
        yield found


def has(at: At, many: int, condition: Callable[[str], str] | None = None) -> str:
    """Return that there are so many values, each by the *condition*."""
    names = [at.fresh() for _ in range(many)]
    kept = every(map(condition, names)) if condition else TRUE
    return FALSE if kept == FALSE else exists(several(at.focus, at.path, names), kept)


def _has_value(graph: rdflib.Graph, shape: RdfTerm, at: At) -> Iterator[Fails]:
    for value in graph.objects(shape, SH.hasValue):
        text = constant(value)
        if at.path:
            yield exactly(no(exists(f"{at.focus} {at.path} {text} .")))
        else:
            yield exactly(no(f"sameTerm({at.focus}, {text})"))


def _unique_lang(graph: rdflib.Graph, shape: RdfTerm, at: At) -> Iterator[Fails]:
    for flag in graph.objects(shape, SH.uniqueLang):
        if truth(flag):
            one, other = at.fresh(), at.fresh()
            same = surely(f'LANG({one}) != "" && LANG({one}) = LANG({other})')
            pattern = several(at.focus, at.path, (one, other))
            yield exactly(exists(pattern, same))


def _equals(graph: rdflib.Graph, shape: RdfTerm, at: At) -> Iterator[Fails]:
    for other in graph.objects(shape, SH.equals):
        name, way = at.fresh(), f"{at.focus} {iri(other)}"
        if not at.path:
            missing = no(exists(f"{way} {at.focus} ."))
            more = exists(f"{way} {name} .", no(f"sameTerm({name}, {at.focus})"))
        else:
            missing = exists(at.way, no(exists(f"{way} {at.value} .")))
            by_path = exists(f"{at.focus} {at.path} {name} .")
            more = exists(f"{way} {name} .", no(by_path))
        yield exactly(some((missing, more)))


def _disjoint(graph: rdflib.Graph, shape: RdfTerm, at: At) -> Iterator[Fails]:
    for other in graph.objects(shape, SH.disjoint):
        common = f"{at.focus} {iri(other)} {at.value} ."
        yield exactly(exists(f"{at.way} {common}" if at.path else common))


def _less_than(graph: rdflib.Graph, shape: RdfTerm, at: At) -> Iterator[Fails]:
    return _ordered(graph, shape, at, SH.lessThan, or_same=False)


def _at_most(graph: rdflib.Graph, shape: RdfTerm, at: At) -> Iterator[Fails]:
    return _ordered(graph, shape, at, SH.lessThanOrEquals, or_same=True)


def _ordered(
    graph: rdflib.Graph, shape: RdfTerm, at: At, parameter: RdfTerm, *, or_same: bool
) -> Iterator[Fails]:
    for other in graph.objects(shape, parameter):
        name = at.fresh()
        pattern = f"{at.way} {at.focus} {iri(other)} {name} ."
        before = is_before(at.value, name, or_same=or_same)
        yield Fails(exists(pattern, no(before)), FALSE)


FOCUS_TESTS: dict[RdfTerm, Test] = {
    SH.disjoint: _disjoint,
    SH.equals: _equals,
    SH.hasValue: _has_value,
    SH.lessThan: _less_than,
    SH.lessThanOrEquals: _at_most,
    SH.maxCount: _max_count,
    SH.minCount: _min_count,
    SH.uniqueLang: _unique_lang,
}
