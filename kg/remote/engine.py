"""A remote store in the place of the embedded engine, looked up in and asked."""

from __future__ import annotations

import threading
from itertools import chain
from typing import TYPE_CHECKING, cast

from pyoxigraph import QueryTriples

from kg.created import GRAPH
from kg.errors import QueryError
from kg.remote.patterns import Pattern, one_query
from kg.remote.record import DEFAULT, NAMED, PATTERN, Record
from kg.remote.rewriting import inside
from kg.store import scratch
from kg.terms import (
    CREATED,
    JOURNAL,
    MERGED,
    MERGED_VIEW,
    ONTOLOGY,
    QUERIES,
    RECORD,
    SHAPES,
    TYPE,
    NamedNode,
    Quad,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from pyoxigraph import QueryBoolean, QuerySolutions
    from pyoxigraph import Store as Engine

    from kg.remote.client import Client
    from kg.remote.patterns import Solution
    from kg.terms import GraphName, Node, Term, Triple

OURS = frozenset({RECORD, JOURNAL})
"""The graphs by which a remote store is kept; its dataset is all but these."""

FRAME = frozenset({ONTOLOGY, SHAPES, QUERIES})
"""The graphs that only a build changes: they are read once, and may have blank nodes,
which cannot be asked for one by one."""

_GRAPHS = "SELECT DISTINCT ?g WHERE { GRAPH ?g { ?s ?p ?o } }"
_WHOLE = "CONSTRUCT {{ ?s ?p ?o }} WHERE {{ GRAPH {} {{ ?s ?p ?o }} }}"
_COUNT = "SELECT (COUNT(*) AS ?n) WHERE {{ {} }}"


class RemoteEngine:
    """The quads of the store that *client* asks; it has what the embedded one has.

    *view* says where the store keeps the merged view (see `Record`).
    What does not change before the next build is read once, when it is first wanted.
    """

    def __init__(self, client: Client, view: str = DEFAULT) -> None:
        self.client = client
        self.view = view
        self._guard = threading.Lock()
        self._frame: Engine | None = None

    def record(self) -> Record:
        """Return what the store says of itself now; raise a StoreError."""
        rows = self.solutions(f"SELECT ?record WHERE {{ {PATTERN} }}")
        found = [cast("Term", row[0]) for row in rows]
        return Record.read(found, self.client.place.url)

    def query(
        self,
        sparql: str,
        *,
        prefixes: Mapping[str, str] | None = None,
        base_iri: str | None = None,
        default_graph: Sequence[GraphName] | None = None,
        named_graphs: Sequence[NamedNode] | None = None,
    ) -> QuerySolutions | QueryBoolean | Iterator[Triple]:
        """Ask a query that can be parsed, as the embedded engine is asked.

        Raise QueryError where its dataset cannot be had here.
        """
        graphs = self._dataset(default_graph, named_graphs)
        if self.view == NAMED and not graphs:
            sparql = inside(sparql, MERGED)
        text = f"{_prologue(prefixes or {}, base_iri)}{sparql}"
        if isinstance(scratch().query(text), QueryTriples):
            return self.client.construct(text, graphs)
        return self.client.select(text, graphs)

    def _dataset(
        self,
        default: Sequence[GraphName] | None,
        named: Sequence[NamedNode] | None,
    ) -> dict[str, list[str]]:
        """Return the protocol's parameters; by them alone, all graphs are to be named.

        (SPARQL 1.1 Protocol, section 2.1.4: a dataset has no graph but those.)
        """
        own = default is None or list(default) == [MERGED_VIEW]
        if own and named is None:
            return {}
        wanted = {*(default or ()), *(named or ())}
        if self.view != NAMED and (own or MERGED in wanted):
            raise no_such_dataset()
        names = self.named_graphs() if named is None else named
        return {
            "default-graph-uri": [
                _name(name) for name in ([MERGED_VIEW] if default is None else default)
            ],
            "named-graph-uri": [name.value for name in names],
        }

    def quads_for_pattern(
        self,
        subject: Node | None,
        predicate: NamedNode | None,
        object_: Term | None,
        graph: GraphName | None = None,
    ) -> Iterator[Quad]:
        """Yield the quads that match; None stands for any."""
        pattern = Pattern(subject, predicate, object_, graph)
        yield from self.of_frame(pattern)
        if not self.is_of_frame(pattern):
            yield from self._loose(pattern)

    def loose_quads(self) -> Iterator[Quad]:
        """Yield all quads but those that only a build changes."""
        yield from self._loose(Pattern())

    def _loose(self, pattern: Pattern) -> Iterator[Quad]:
        rows = self.solutions(one_query(pattern, self.hidden, self.view))
        yield from pattern.quads(rows)

    def of_frame(self, pattern: Pattern) -> Iterator[Quad]:
        """Yield those quads that match which only a build changes."""
        if pattern.graph is None or pattern.graph in FRAME:
            yield from self.frame().quads_for_pattern(*pattern)

    def is_of_frame(self, pattern: Pattern) -> bool:
        """Tell whether nothing but `of_frame` can match."""
        return pattern.graph in FRAME or not pattern.is_answerable

    @property
    def hidden(self) -> frozenset[NamedNode]:
        """The graphs that the store is not asked for with all others."""
        return OURS | FRAME

    def frame(self) -> Engine:
        """Return the graphs that only a build changes, in an engine in memory."""
        with self._guard:
            if self._frame is None:
                engine = scratch()
                for name in FRAME:
                    engine.extend(
                        Quad(t.subject, t.predicate, t.object, name)
                        for t in self.client.construct(_WHOLE.format(name))
                    )
                self._frame = engine
            return self._frame

    def graphs_there(self) -> list[NamedNode]:
        """Return the names of the graphs that there are, sorted; see `kg.created`."""
        created = (q.subject for q in self._loose(Pattern(None, TYPE, GRAPH, CREATED)))
        found = {*created, *self.named_graphs()}
        names = (name for name in found if isinstance(name, NamedNode))
        return sorted(names, key=lambda name: name.value)

    def named_graphs(self) -> list[NamedNode]:
        """Return the graphs that hold something, those of the store itself apart."""
        found = (row[0] for row in self.solutions(_GRAPHS))
        names = (name for name in found if isinstance(name, NamedNode))
        return [name for name in names if name not in {*OURS, MERGED}]

    def solutions(self, sparql: str) -> Iterator[Solution]:
        """Yield the rows of a SELECT of our own."""
        found = cast("QuerySolutions", self.client.select(sparql))
        width = range(len(found.variables))
        for solution in found:
            yield tuple(solution[index] for index in width)

    def __contains__(self, quad: Quad) -> bool:
        found = self.quads_for_pattern(
            cast("Node", quad.subject),
            quad.predicate,
            cast("Term", quad.object),
            quad.graph_name,
        )
        return any(True for _ in found)

    def __iter__(self) -> Iterator[Quad]:
        return self.quads_for_pattern(None, None, None)

    def __len__(self) -> int:
        seen = ", ".join(map(str, OURS))
        groups = [f"GRAPH ?g {{ ?s ?p ?o }} FILTER(?g NOT IN ({seen}))"]
        groups += [] if self.view == NAMED else ["?s ?p ?o"]
        counted = chain.from_iterable(
            self.solutions(_COUNT.format(group)) for group in groups
        )
        return sum(int(cast("Term", row[0]).value) for row in counted)


def _prologue(prefixes: Mapping[str, str], base: str | None) -> str:
    """Return the declarations on one line; those of the query itself come after."""
    told = f"BASE <{base}> " if base else ""
    return told + "".join(f"PREFIX {name}: <{iri}> " for name, iri in prefixes.items())


def _name(graph: GraphName) -> str:
    return graph.value if isinstance(graph, NamedNode) else MERGED.value


def no_such_dataset() -> QueryError:
    """Return the error for a dataset of which the merged view is a graph by name."""
    return QueryError(
        f"{MERGED.value} cannot be chosen by name in a remote store",
        where="the dataset of the query",
        advice="leave it out: a query that names no graphs reads the merged view",
    )
