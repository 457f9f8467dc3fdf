"""A state whose quads around a node are read at once, where they are few."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kg.gate.verdict import State
    from kg.terms import GraphName, NamedNode, Node, Quad, Term

_MOST_FROM = 48
"""So many quads with one subject are few."""

_MOST_TO = 12
"""So many with one object are; often there are thousands, and these read in vain."""


class Near:
    """*state* for one judgement, which asks of the same nodes again and again.

    The quads are the same, in the same order. Most that is asked is about nodes that
    are new with the change or lie near it, and one look-up answers all about one end.
    """

    def __init__(self, state: State) -> None:
        self.version = state.version
        self.build = state.build
        self.graphs = state.graphs
        self.settle = state.settle
        self.state = state
        self._from: dict[Node, _Around | None] = {}
        self._to: dict[Term, _Around | None] = {}

    def quads(
        self,
        subject: Node | None = None,
        predicate: NamedNode | None = None,
        object_: Term | None = None,
        graph: GraphName | None = None,
    ) -> Iterator[Quad]:
        """Yield the quads that match, those of the merged view included."""
        around = self._around(subject, predicate, object_)
        if around is None:
            return self.state.quads(subject, predicate, object_, graph)
        found = around.having(predicate, graph)
        if subject is None or object_ is None:
            return iter(found)
        return (quad for quad in found if quad.object == object_)

    def _around(
        self, subject: Node | None, predicate: NamedNode | None, object_: Term | None
    ) -> _Around | None:
        """Return all quads with the subject, or else the object; None if not known.

        They are read when a node is asked about by a predicate: others will follow. Who
        asks for all predicates has no more to ask, and may not want to hear it all.
        """
        if subject is not None:
            if predicate is not None and subject not in self._from:
                self._from[subject] = _few(self.state.quads(subject), _MOST_FROM)
            return self._from.get(subject)
        if object_ is not None:
            if predicate is not None and object_ not in self._to:
                found = self.state.quads(None, None, object_)
                self._to[object_] = _few(found, _MOST_TO)
            return self._to.get(object_)
        return None


class _Around:
    """All quads with one end, by their predicates and graphs."""

    __slots__ = ("_all", "_parts")

    def __init__(self, quads: list[Quad]) -> None:
        self._all = quads
        self._parts: dict[tuple[NamedNode, GraphName], list[Quad]] = {}
        for quad in quads:
            key = quad.predicate, quad.graph_name
            self._parts.setdefault(key, []).append(quad)

    def having(
        self, predicate: NamedNode | None, graph: GraphName | None
    ) -> list[Quad] | tuple[()]:
        """Return those with these parts; None stands for any."""
        if predicate is not None and graph is not None:
            return self._parts.get((predicate, graph), ())
        return [
            quad
            for quad in self._all
            if predicate in (None, quad.predicate) and graph in (None, quad.graph_name)
        ]


def _few(quads: Iterator[Quad], most: int) -> _Around | None:
    found = list(islice(quads, most + 1))
    return None if len(found) > most else _Around(found)
