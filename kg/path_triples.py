"""The triples along the property paths of SPARQL, as rdflib has them."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Any, cast

import rdflib
from rdflib.paths import AlternativePath, InvPath, MulPath, SequencePath

from kg.deadline import check
from kg.parameters import short_name
from kg.terms import Literal, NamedNode, Triple

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from kg.store import Snapshot
    from kg.terms import GraphName, Node, Term

Part = Any
"""A path or an IRI of rdflib."""

Ends = dict["Term", set[Triple]]

_MOST_QUADS = 1000


class Routes:
    """Walks property paths in one graph."""

    def __init__(self, snapshot: Snapshot, graph: GraphName) -> None:
        self._snapshot = snapshot
        self._graph = graph

    def ends(self, path: Part, start: Term, *, back: bool = False) -> Ends:
        """Return what *path* leads to from *start*, with the triples on the way.

        Raise JudgingLimitError where the time is over.
        """
        check()
        if isinstance(path, InvPath):
            return self.ends(path.arg, start, back=not back)
        if isinstance(path, AlternativePath):
            return _united(self.ends(arg, start, back=back) for arg in path.args)
        if isinstance(path, SequencePath):
            args = path.args[::-1] if back else path.args
            return self._sequence(args, start, back=back)
        if isinstance(path, MulPath):
            return self._repeated(path, start, back=back)
        if isinstance(path, rdflib.URIRef):
            return self._edge(NamedNode(str(path)), start, back=back)
        return {}

    def _edge(self, name: NamedNode, start: Term, *, back: bool) -> Ends:
        if isinstance(start, Literal) and not back:
            return {}
        ends = (None, start) if back else (cast("Node", start), None)
        quads = self._snapshot.quads(ends[0], name, ends[1], self._graph)
        found = islice(quads, _MOST_QUADS)
        return {
            cast("Term", quad.subject if back else quad.object): {quad.triple}
            for quad in found
        }

    def _sequence(self, args: Iterable[Part], start: Term, *, back: bool) -> Ends:
        reached: Ends = {start: set()}
        for arg in args:
            reached = _united(
                _behind(way, self.ends(arg, term, back=back))
                for term, way in reached.items()
            )
        return reached

    def _repeated(self, path: MulPath, start: Term, *, back: bool) -> Ends:
        into: dict[Term, list[tuple[Term, set[Triple]]]] = {}
        waiting, met = [start], {start}
        while waiting:
            term = waiting.pop()
            for end, way in self.ends(path.path, term, back=back).items():
                into.setdefault(end, []).append((term, way))
                if end not in met and path.mod != "?" and len(met) < _MOST_QUADS:
                    met.add(end)
                    waiting.append(end)
        found = {end: _leading_to(end, into) for end in into}
        return found if path.mod == "+" else {**found, start: set()}


def _leading_to(
    end: Term, into: Mapping[Term, list[tuple[Term, set[Triple]]]]
) -> set[Triple]:
    found: set[Triple] = set()
    waiting, met = [end], {end}
    while waiting:
        check()
        for before, way in into.get(waiting.pop(), ()):
            found |= way
            if before not in met:
                met.add(before)
                waiting.append(before)
    return found


def _behind(way: set[Triple], ends: Ends) -> Ends:
    return {end: way | more for end, more in ends.items()}


def _united(several: Iterable[Ends]) -> Ends:
    found: Ends = {}
    for ends in several:
        for end, way in ends.items():
            found.setdefault(end, set()).update(way)
    return found


def path_text(path: Part) -> str:
    """Return *path* as SPARQL has it, with short names."""
    if isinstance(path, InvPath):
        return f"^{path_text(path.arg)}"
    if isinstance(path, MulPath):
        return f"{path_text(path.path)}{path.mod}"
    if isinstance(path, SequencePath | AlternativePath):
        sign = "/" if isinstance(path, SequencePath) else "|"
        return sign.join(map(path_text, path.args))
    if isinstance(path, rdflib.URIRef):
        return short_name(NamedNode(str(path)))
    return str(path.n3())
