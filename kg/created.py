"""Graphs that are there though they may hold nothing.

A graph is there when it holds something, and when it was created and not dropped
since: by an empty document in its place, or by CREATE or CLEAR of SPARQL Update. Of a
graph that was created, `graph/created` states that it is a graph. That is a quad like
any other, so that journal, versions, undo and backups know of it by themselves.
"""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from kg.terms import CREATED, TYPE, NamedNode, Quad

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from pyoxigraph import Store as Engine

    from kg.terms import GraphName, Node, Term

_AT_ONCE = 50_000
"""So many quads are taken in at once: the engine sorts them in memory."""

GRAPH = NamedNode("http://www.w3.org/ns/sparql-service-description#Graph")


class Quads(Protocol):
    """What quads can be looked up in."""

    def quads(
        self,
        subject: Node | None = None,
        predicate: NamedNode | None = None,
        object_: Term | None = None,
        graph: GraphName | None = None,
    ) -> Iterator[Quad]:
        """Yield the quads that match, those of the merged view included."""
        ...


@runtime_checkable
class ByGraph(Protocol):
    """Quads that know those of each graph without a look at all."""

    def of_graph(self, graph: GraphName) -> Iterable[Quad]:
        """Return those of *graph*."""
        ...


@runtime_checkable
class OfGraphs(Protocol):
    """Quads that know the graphs they are of without a look at all."""

    def graphs(self) -> set[GraphName]:
        """Return the graphs that they are of."""
        ...


def of_graph(quads: Iterable[Quad], graph: GraphName) -> Iterable[Quad]:
    """Return those of *quads* that are of *graph*."""
    if isinstance(quads, ByGraph):
        return quads.of_graph(graph)
    return (quad for quad in quads if quad.graph_name == graph)


def graph_names(quads: Iterable[Quad]) -> set[GraphName]:
    """Return the graphs that *quads* are of."""
    if isinstance(quads, OfGraphs):
        return quads.graphs()
    return {quad.graph_name for quad in quads}


def marks(graph: GraphName) -> frozenset[Quad]:
    """Return what states that *graph* was created; nothing of one without an IRI."""
    if not isinstance(graph, NamedNode):
        return frozenset()
    return frozenset({Quad(graph, TYPE, GRAPH, CREATED)})


def is_there(here: Quads, graph: GraphName) -> bool:
    """Tell whether *graph* holds something, or was created."""
    return any(here.quads(graph=graph)) or was_created(here, graph)


def was_created(here: Quads, graph: GraphName) -> bool:
    """Tell whether *graph* was created, and not dropped since."""
    return isinstance(graph, NamedNode) and any(here.quads(graph, TYPE, GRAPH, CREATED))


def created(here: Quads) -> set[NamedNode]:
    """Return the graphs that were created, and not dropped since."""
    found = (quad.subject for quad in here.quads(None, TYPE, GRAPH, CREATED))
    return {graph for graph in found if isinstance(graph, NamedNode)}


def graphs_of(quads: Iterable[Quad]) -> set[GraphName]:
    """Return the graphs that gain or lose *quads*, or come or go by them."""
    return {
        quad.subject
        if quad.graph_name == CREATED and isinstance(quad.subject, NamedNode)
        else quad.graph_name
        for quad in quads
    }


def take_in(
    engine: Engine,
    added: Collection[Quad],
    removed: Collection[Quad],
    *,
    in_bulk: bool = False,
) -> None:
    """Remove quads from *engine* and add others; have it list the graphs there are.

    By itself it would list a graph that has lost its last quad, and not one that never
    had any; that shows where a query asks for `GRAPH ?g {}`. *in_bulk* is much faster
    for many quads, and may leave some of them where it ends early.
    """
    for quad in removed:
        engine.remove(quad)
    if in_bulk:
        left = iter(added)
        while part := list(islice(left, _AT_ONCE)):
            engine.bulk_extend(part)
    else:
        engine.extend(added)
    for graph in graphs_of(removed) | {quad.graph_name for quad in removed}:
        if isinstance(graph, NamedNode) and not _holds(engine, graph):
            engine.remove_graph(graph)
    register(engine, added)


def register(engine: Engine, quads: Iterable[Quad] | None = None) -> None:
    """Have *engine* list the graphs that *quads*, or its own, say were created."""
    if quads is None:
        quads = engine.quads_for_pattern(None, TYPE, GRAPH, CREATED)
    for quad in of_graph(quads, CREATED):
        if isinstance(quad.subject, NamedNode):
            engine.add_graph(quad.subject)


def _holds(engine: Engine, graph: NamedNode) -> bool:
    """Tell whether *engine* has a quad in *graph*, or that it was created."""
    found = engine.quads_for_pattern(None, None, None, graph)
    return any(True for _ in found) or any(mark in engine for mark in marks(graph))
