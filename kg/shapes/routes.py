"""Property paths as routes from node to node, walked over triples looked up."""

from __future__ import annotations

from dataclasses import dataclass
from functools import reduce
from itertools import chain, islice
from typing import TYPE_CHECKING, Protocol, TypeAlias, cast

import rdflib
from rdflib import paths

from kg.errors import ShapesError
from kg.terms import Literal, NamedNode

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from kg.terms import Node, Term, Triple


class Lookup(Protocol):
    """Triples that can be looked up by any of their parts."""

    def triples(
        self, subject: Node | None, predicate: NamedNode | None, object_: Term | None
    ) -> Iterator[Triple]:
        """Yield each triple that has these parts once; None stands for any."""
        ...


@dataclass(frozen=True, slots=True)
class Step:
    """One triple of any predicate or a given one, followed forwards or backwards."""

    predicate: NamedNode | None
    backwards: bool = False


@dataclass(frozen=True, slots=True)
class Sequence:
    """One route after the other; without any, the node itself."""

    parts: tuple[Route, ...]


@dataclass(frozen=True, slots=True)
class Choice:
    """Any one of several routes."""

    parts: tuple[Route, ...]


@dataclass(frozen=True, slots=True)
class Optionally:
    """A route or none, followed once, or any number of times."""

    part: Route
    again: bool


Route: TypeAlias = Step | Sequence | Choice | Optionally

HERE = Sequence(())


def route(path: rdflib.URIRef | paths.Path | rdflib.term.Node) -> Route:
    """Return *path* as a route; raise ShapesError for what is no path.

    A negated set of properties becomes any triple: a route may lead too far.
    """
    match path:
        case rdflib.URIRef():
            return Step(NamedNode(str(path)))
        case paths.InvPath():
            return reverse(route(path.arg))
        case paths.SequencePath():
            return Sequence(tuple(route(part) for part in path.args))
        case paths.AlternativePath():
            return Choice(tuple(route(part) for part in path.args))
        case paths.MulPath():
            return _repeated(route(path.path), path.mod)
        case paths.NegatedPath():
            return Choice((Step(None), Step(None, backwards=True)))
    raise ShapesError(f"not a property path: {path}")


def _repeated(part: Route, mod: str) -> Route:
    if mod == paths.ZeroOrOne:
        return Optionally(part, again=False)
    repeated = Optionally(part, again=True)
    return repeated if mod == paths.ZeroOrMore else joined(part, repeated)


def joined(*parts: Route) -> Route:
    """Return one route made of *parts*, one after the other."""
    flat = chain.from_iterable(
        part.parts if isinstance(part, Sequence) else (part,) for part in parts
    )
    found = tuple(flat)
    return found[0] if len(found) == 1 else Sequence(found)


def reverse(way: Route) -> Route:
    """Return the route from where *way* leads back to where it starts."""
    match way:
        case Step():
            return Step(way.predicate, not way.backwards)
        case Sequence():
            return Sequence(tuple(reverse(part) for part in reversed(way.parts)))
        case Choice():
            return Choice(tuple(reverse(part) for part in way.parts))
        case Optionally():
            return Optionally(reverse(way.part), way.again)


def may_stay(way: Route) -> bool:
    """Tell whether *way* can be followed without any triple."""
    match way:
        case Step():
            return False
        case Sequence():
            return all(may_stay(part) for part in way.parts)
        case Choice():
            return any(may_stay(part) for part in way.parts)
        case Optionally():
            return True


def steps(
    way: Route, before: Route = HERE, after: Route = HERE
) -> Iterator[tuple[Route, Step, Route]]:
    """Yield each step of *way* with the routes to it and from it to the end."""
    match way:
        case Step():
            yield before, way, after
        case Sequence():
            for index, part in enumerate(way.parts):
                head = joined(before, *way.parts[:index])
                yield from steps(part, head, joined(*way.parts[index + 1 :], after))
        case Choice():
            for part in way.parts:
                yield from steps(part, before, after)
        case Optionally():
            round_ = (way,) if way.again else ()
            head, tail = joined(before, *round_), joined(*round_, after)
            yield from steps(way.part, head, tail)


class TooWideError(Exception):
    """A walk has read more than it was allowed."""


class Walk:
    """Follows routes; *note* is told of the triples.

    *limit* is how many nodes and triples together may be read.
    """

    def __init__(
        self,
        lookup: Lookup,
        *,
        limit: int | None = None,
        note: Callable[[list[Triple]], object] | None = None,
    ) -> None:
        self._lookup = lookup
        self._left = limit
        self._note = note

    def ends(self, nodes: Iterable[Term], way: Route) -> set[Term]:
        """Return where *way* leads from *nodes*; raise TooWideError over the limit."""
        match way:
            case Step():
                return self._step(nodes, way)
            case Sequence():
                return reduce(self.ends, way.parts, set(nodes))
            case Choice():
                starts = set(nodes)
                return set().union(*(self.ends(starts, part) for part in way.parts))
            case Optionally():
                return self._optionally(set(nodes), way)

    def _optionally(self, reached: set[Term], way: Optionally) -> set[Term]:
        new = reached
        while new:
            new = self.ends(new, way.part) - reached
            reached = reached | new
            if not way.again:
                break
        return reached

    def _step(self, nodes: Iterable[Term], step: Step) -> set[Term]:
        found: set[Term] = set()
        for node in nodes:
            triples = self._counted(touching(self._lookup, node, step))
            other = start_of if step.backwards else end_of
            found.update(map(other, triples))
        return found

    def _counted(self, triples: Iterator[Triple]) -> Iterable[Triple]:
        if self._left is not None:
            most = self._left + 1
            triples = islice(triples, most)
        read = list(triples)
        if self._left is not None:
            self._left -= len(read) + 1
            if self._left < 0:
                raise TooWideError
        if self._note:
            self._note(read)
        return read


def touching(lookup: Lookup, node: Term, step: Step) -> Iterator[Triple]:
    """Yield the triples by which *step* leads on from *node*."""
    if step.backwards:
        return lookup.triples(None, step.predicate, node)
    if isinstance(node, Literal):
        return iter(())
    return lookup.triples(node, step.predicate, None)


def start_of(triple: Triple) -> Node:
    """Return the subject of *triple*; here no triple speaks of another triple."""
    return cast("Node", triple.subject)


def end_of(triple: Triple) -> Term:
    """Return the object of *triple*; here no triple speaks of another triple."""
    return cast("Term", triple.object)
