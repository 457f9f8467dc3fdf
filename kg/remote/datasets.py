"""Datasets that a query names, as a remote store can be asked for them.

By the protocol's parameters all graphs are to be named (SPARQL 1.1 Protocol, section
2.1.4), the default graph of the store has no name, and there are stores that count a
triple once for each default graph that holds it. What cannot be asked for so is copied.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from kg.errors import QueryError
from kg.remote.record import NAMED
from kg.store import scratch
from kg.terms import JOURNAL, MERGED, MERGED_VIEW, RECORD, NamedNode, Quad

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pyoxigraph import Store as Engine

    from kg.remote.engine import RemoteEngine
    from kg.terms import GraphName, Term

OURS = frozenset({RECORD, JOURNAL})
"""The graphs by which a remote store is kept; its dataset is all but these."""

MOST_COPIED = 300_000
"""So many quads may be copied to try something out, or to be asked here."""

_NOTHING = NamedNode(f"{RECORD.value}#nothing")


class Datasets:
    """The datasets of queries to the store that *engine* asks."""

    def __init__(self, engine: RemoteEngine) -> None:
        self._engine = engine
        self._is_bag: bool | None = None

    def parameters(
        self, default: Sequence[GraphName], named: Sequence[NamedNode]
    ) -> dict[str, list[str]] | None:
        """Return the protocol's parameters; None where it is to be copied."""
        graphs = [self._kept(name) for name in dict.fromkeys(default)]
        names = [self._kept(name) for name in dict.fromkeys(named)]
        if None in graphs or None in names or self._counts_twice(graphs):
            return None
        return {
            "default-graph-uri": [one.value for one in graphs if one]
            or [_NOTHING.value],
            "named-graph-uri": [one.value for one in names if one],
        }

    def copied(
        self, default: Sequence[GraphName], named: Sequence[NamedNode]
    ) -> Engine:
        """Return an engine in memory that has a copy; raise QueryError if too large."""
        wanted = dict.fromkeys([*default, *named])
        if sum(map(self._size, wanted)) > MOST_COPIED:
            raise QueryError(
                f"these graphs together, of more than {MOST_COPIED:,} quads, cannot be"
                " chosen as a dataset in this store",
                where="the dataset of the query",
                advice="name fewer graphs; without any, a query reads the merged view",
            )
        engine = scratch()
        for graph in dict.fromkeys(default):
            engine.extend(
                Quad(q.subject, q.predicate, q.object) for q in self._quads(graph)
            )
        for name in dict.fromkeys(named):
            engine.extend(
                Quad(q.subject, q.predicate, q.object, name) for q in self._quads(name)
            )
        return engine

    def _kept(self, graph: GraphName) -> NamedNode | None:
        """Return the name of *graph* in the store, None where it has none."""
        if graph in OURS:
            return _NOTHING
        if graph in {MERGED, MERGED_VIEW}:
            return MERGED if self._engine.view == NAMED else None
        return graph if isinstance(graph, NamedNode) else None

    def _quads(self, graph: GraphName) -> Iterator[Quad]:
        held = MERGED_VIEW if graph == MERGED else graph
        yield from self._engine.quads_for_pattern(None, None, None, held)

    def _size(self, graph: GraphName) -> int:
        kept = self._kept(graph)
        pattern = f"GRAPH {kept} {{ ?s ?p ?o }}" if kept else "?s ?p ?o"
        return self._number(f"SELECT (COUNT(*) AS ?n) WHERE {{ {pattern} }}")

    def _counts_twice(self, graphs: Sequence[NamedNode | None]) -> bool:
        """Tell whether the store finds a triple of two of *graphs* twice."""
        if len(graphs) < 2 or self._is_bag is False:
            return False
        given = " ".join(map(str, graphs))
        shared = next(
            self._engine.solutions(
                f"SELECT ?s ?p ?o WHERE {{ VALUES ?g {{ {given} }} VALUES ?h {{ {given}"
                " } GRAPH ?g { ?s ?p ?o } GRAPH ?h { ?s ?p ?o }"
                " FILTER(STR(?g) < STR(?h)) } LIMIT 1"
            ),
            None,
        )
        if shared is None:
            return False
        if self._is_bag is None:
            triple = " ".join(map(str, shared))
            names = [one.value for one in graphs if one]
            found = self._number(
                f"SELECT (COUNT(*) AS ?n) WHERE {{ {triple} }}",
                {"default-graph-uri": names},
            )
            self._is_bag = found > 1
        return self._is_bag

    def _number(self, sparql: str, dataset: dict[str, list[str]] | None = None) -> int:
        rows = self._engine.solutions(sparql, dataset)
        return int(cast("Term", next(rows)[0]).value)
