"""A remote store in the place of the embedded engine, looked up in and asked."""

from __future__ import annotations

import threading
from functools import partial
from itertools import chain
from typing import TYPE_CHECKING, cast

from kg.answers import unknown_function
from kg.created import GRAPH
from kg.errors import QueryError
from kg.remote.datasets import OURS, Datasets
from kg.remote.describing import described, descriptions, is_describe
from kg.remote.failures import FailedError, UnaskableError
from kg.remote.functions import refuse_unknown_functions
from kg.remote.patterns import Pattern, as_kept, one_query
from kg.remote.record import DEFAULT, NAMED, PATTERN, Record
from kg.remote.rewriting import Rewriting
from kg.remote.telling import reading
from kg.sorting import query_sorted
from kg.store import scratch
from kg.terms import (
    CREATED,
    MERGED,
    MERGED_VIEW,
    ONTOLOGY,
    QUERIES,
    SHAPES,
    TYPE,
    DefaultGraph,
    NamedNode,
    Quad,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from pyoxigraph import QueryBoolean, QuerySolutions
    from pyoxigraph import Store as Engine

    from kg.remote.client import Client
    from kg.remote.patterns import Solution
    from kg.terms import GraphName, Node, Term, Triple

FRAME = frozenset({ONTOLOGY, SHAPES, QUERIES})
"""The graphs that only a build changes: they are read once, and may have blank nodes,
which cannot be asked for one by one."""

_GRAPHS = "SELECT DISTINCT ?g WHERE { GRAPH ?g { ?s ?p ?o } }"
_OF_FRAME = " UNION ".join(
    f"{{ GRAPH {name} {{ ?s ?p ?o }} BIND({name} AS ?g) }}"
    for name in sorted(FRAME, key=str)
)
_COUNT = "SELECT (COUNT(*) AS ?n) WHERE {{ {} }}"


class RemoteEngine:
    """The quads of the store that *client* asks; it has what the embedded one has.

    *view* says where the store keeps the merged view (see `Record`).
    What does not change before the next build is read once, when it is first wanted.
    """

    is_of_others = True
    """See `kg.sorting`: it knows no function of ours."""

    def __init__(self, client: Client, view: str = DEFAULT) -> None:
        self.client = client
        self.view = view
        self._guard = threading.Lock()
        self._frame: Engine | None = None
        self._rewriting = Rewriting(OURS, inside=view == NAMED)
        self._datasets = Datasets(self)

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
        is_graph: bool = False,
    ) -> QuerySolutions | QueryBoolean | Iterator[Triple]:
        """Ask a query that can be parsed, as the embedded engine is asked.

        With *is_graph* it is a CONSTRUCT or a DESCRIBE. Raise QueryError where its
        dataset cannot be had here, or where it calls what is no function.
        """
        refuse_unknown_functions(sparql, prefixes, base_iri)
        text = f"{_prologue(prefixes or {}, base_iri)}{sparql}"
        default, named = default_graph or [], named_graphs
        is_own = default_graph is None or {*default} in ({MERGED_VIEW}, {MERGED})
        if is_own and MERGED not in {*(named or ())}:
            return self._asked(text, partial(self._rewriting.of, only=named), is_graph)
        default = [MERGED_VIEW] if is_own else default
        named = self.named_graphs() if named is None else named
        given = self._datasets.parameters(default, named)
        of_build = is_graph and is_describe(text) and not FRAME.isdisjoint(default)
        if given is None or of_build:
            found = query_sorted(
                self._datasets.copied(default, named),
                text,
                default_graph=[DefaultGraph()],
                named_graphs=named,
            )
            return cast("QuerySolutions | QueryBoolean | Iterator[Triple]", found)
        return self._asked(text, str, is_graph, given)

    def _asked(
        self,
        text: str,
        put: Callable[[str], str],
        is_graph: bool,
        dataset: Mapping[str, list[str]] | None = None,
    ) -> QuerySolutions | QueryBoolean | Iterator[Triple]:
        """Ask a query of *dataset* as *put* puts it."""
        try:
            if not is_graph:
                return self.client.select(put(text), dataset)
            if not is_describe(text):
                return _each_once(self.client.construct(put(text), dataset))
            return self._described(text, put, dataset)
        except (UnaskableError, FailedError) as why:  # Oxigraph server answers 500
            unknown = unknown_function(text, why.message)
            if unknown is None and isinstance(why, FailedError):
                raise
            raise unknown or QueryError(why.message, where="the query") from why

    def _described(
        self,
        text: str,
        put: Callable[[str], str],
        dataset: Mapping[str, list[str]] | None,
    ) -> Iterator[Triple]:
        """Return what a DESCRIBE finds; blank nodes are only in graphs of a build."""
        found = self.solutions(put(described(text)), dataset)
        things = {one for row in found for one in row if isinstance(one, NamedNode)}
        return _each_once(
            chain.from_iterable(
                self.client.construct(put(query), dataset)
                for query in descriptions(sorted(things, key=str))
            )
        )

    def quads_for_pattern(
        self,
        subject: Node | None,
        predicate: NamedNode | None,
        object_: Term | None,
        graph: GraphName | None = None,
    ) -> Iterator[Quad]:
        """Yield the quads that match, none of the store's own; None stands for any."""
        pattern = Pattern(subject, predicate, as_kept(object_), graph)
        yield from self.of_frame(pattern)
        if not self.is_of_frame(pattern):
            yield from self._loose(pattern)

    def loose_quads(self) -> Iterator[Quad]:
        """Yield all quads but those that only a build changes."""
        yield from self._loose(Pattern())

    def _loose(self, pattern: Pattern) -> Iterator[Quad]:
        rows = self.solutions(one_query(pattern, self.hidden, self.view))
        with reading(self.client.place):
            yield from pattern.quads(rows)

    def of_frame(self, pattern: Pattern) -> Iterator[Quad]:
        """Yield those quads that match which only a build changes."""
        if pattern.graph is None or pattern.graph in FRAME:
            yield from self.frame().quads_for_pattern(*pattern)

    def is_of_frame(self, pattern: Pattern) -> bool:
        """Tell whether nothing but `of_frame` can match."""
        is_none = pattern.graph in OURS or pattern.graph == MERGED
        return is_none or pattern.graph in FRAME or not pattern.is_answerable

    @property
    def hidden(self) -> frozenset[NamedNode]:
        """The graphs that the store is not asked for with all others."""
        return OURS | FRAME

    def frame(self) -> Engine:
        """Return the graphs that only a build changes, in an engine in memory."""
        with self._guard:
            if self._frame is None:
                engine = scratch()
                # One answer, for its blank nodes; in JSON, which cannot be cut off
                # by anything between and look whole.
                rows = self.solutions(f"SELECT ?g ?s ?p ?o WHERE {{ {_OF_FRAME} }}")
                engine.extend(Pattern().quads(rows))
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

    def solutions(
        self, sparql: str, dataset: Mapping[str, list[str]] | None = None
    ) -> Iterator[Solution]:
        """Yield the rows of a SELECT of our own."""
        found = cast("QuerySolutions", self.client.select(sparql, dataset))
        width = range(len(found.variables))
        with reading(self.client.place):
            for solution in found:
                yield tuple(solution[index] for index in width)

    def holds_up_to(self, most: int) -> bool:
        """Tell whether the merged view has no more than *most* triples."""
        (group,) = Pattern(graph=MERGED_VIEW).groups((), self.view)
        part = f"{{ SELECT ?s WHERE {group} LIMIT {most + 1} }}"
        counted = self.solutions(_COUNT.format(part))
        return all(int(cast("Term", row[0]).value) <= most for row in counted)

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


def _each_once(triples: Iterator[Triple]) -> Iterator[Triple]:
    """Yield *triples* as the graph that they are; RDF4J sends some several times.

    All are held: sorted by the store they would be so there, and readers, whose memory
    is limited, write a graph when they have all of it.
    """
    seen = set()
    for triple in triples:
        if triple not in seen:
            seen.add(triple)
            yield triple


def _prologue(prefixes: Mapping[str, str], base: str | None) -> str:
    """Return the declarations on one line; those of the query itself come after."""
    told = f"BASE <{base}> " if base else ""
    return told + "".join(f"PREFIX {name}: <{iri}> " for name, iri in prefixes.items())
