"""Several default graphs as one: merged as sets of triples, as SPARQL has it.

The engine reads them as a bag: a triple that two of them hold counts twice in every
pattern. That does no harm where no two of them share a triple, and where they do they
are copied to one graph before the query is asked.
"""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, NamedTuple, cast

from kg.terms import MERGED, MERGED_VIEW, Quad

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from pyoxigraph import Store as Engine

    from kg.terms import GraphName, NamedNode

_FEW_QUADS = 20_000
"""So many are copied in less time than it takes to ask whether they need be."""

_FEW_GRAPHS = 16
"""Of so many graphs it is asked which triples they share; more of them are copied."""

_SHARED = "ASK { GRAPH ?graph { ?s ?p ?o } FILTER EXISTS { ?s ?p ?o } }"
_OWN = "ASK { GRAPH ?graph { ?s ?p ?o } FILTER NOT EXISTS { ?s ?p ?o } }"


class Merged(NamedTuple):
    """What a query is to be asked of: an engine, the default and the named graphs."""

    engine: Engine
    default: tuple[GraphName, ...]
    named: tuple[NamedNode, ...]


def merged(
    engine: Engine, default: Sequence[GraphName], named: Sequence[NamedNode]
) -> Merged:
    """Return where the graphs of *default* together are a set of triples.

    That is *engine* itself, or another one, in memory, that has a copy. The merged
    view, which is no named graph of the engine, can be one of *named* by its name.
    """
    graphs = _without_parts_of_the_view(engine, tuple(dict.fromkeys(default)))
    names = tuple(dict.fromkeys(named))
    if MERGED not in names and not _share(engine, graphs):
        return Merged(engine, graphs, names)
    copy = type(engine)()
    copy.bulk_extend(_copied(engine, graphs, names))
    return Merged(copy, (MERGED_VIEW,), names)


def _without_parts_of_the_view(
    engine: Engine, graphs: tuple[GraphName, ...]
) -> tuple[GraphName, ...]:
    """Leave out the graphs that the merged view holds, if it is one of *graphs*."""
    if MERGED_VIEW not in graphs or len(graphs) > _FEW_GRAPHS:
        return graphs
    return tuple(
        graph
        for graph in graphs
        if graph == MERGED_VIEW or _asked(engine, _OWN, graph, [MERGED_VIEW])
    )


def _share(engine: Engine, graphs: tuple[GraphName, ...]) -> bool:
    """Tell whether two of *graphs* may hold the same triple."""
    if len(graphs) < 2:
        return False
    sizes = {graph: _size(engine, graph) for graph in graphs}
    if sum(sizes.values()) <= _FEW_QUADS or len(graphs) > _FEW_GRAPHS:
        return True
    # The merged view, which has no name that it can be asked of by, comes last.
    by_size = sorted(graphs, key=lambda graph: (graph == MERGED_VIEW, sizes[graph]))
    return any(
        _asked(engine, _SHARED, graph, [other for other in graphs if other != graph])
        for graph in by_size[:-1]
    )


def _size(engine: Engine, graph: GraphName) -> int:
    """Return how many quads *graph* holds, but no more than would settle it."""
    quads = engine.quads_for_pattern(None, None, None, graph)
    return sum(1 for _ in islice(quads, _FEW_QUADS + 1))


def _asked(
    engine: Engine, query: str, graph: GraphName, others: list[GraphName]
) -> bool:
    """Ask of *graph*, which has a name, with *others* as the default graph."""
    named = cast("NamedNode", graph)
    return bool(engine.query(query, default_graph=others, named_graphs=[named]))


def _copied(
    engine: Engine, default: Iterable[GraphName], named: Iterable[NamedNode]
) -> Iterator[Quad]:
    for graph in default:
        for quad in engine.quads_for_pattern(None, None, None, graph):
            yield Quad(quad.subject, quad.predicate, quad.object)
    for name in named:
        held = MERGED_VIEW if name == MERGED else name
        for quad in engine.quads_for_pattern(None, None, None, held):
            yield Quad(quad.subject, quad.predicate, quad.object, name)
