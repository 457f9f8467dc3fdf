"""One published version of the dataset, as everybody reads it."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from kg import errors
from kg.answers import evaluate, write_rdf
from kg.created import created
from kg.formats import Kind
from kg.terms import BASE, INFERRED, KEPT_BY_PROGRAM, MERGED_VIEW, NamedNode, Quad

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

    from pyoxigraph import Store as Engine

    from kg.answers import Answer
    from kg.folder import Pointer
    from kg.formats import Format
    from kg.gate.verdict import State
    from kg.journal import Journal
    from kg.terms import GraphName, Node, Term
    from kg.uses import Uses

Result = TypeVar("Result")

_HELD = """
SELECT ?graph WHERE {
  GRAPH ?graph {}
  FILTER EXISTS { GRAPH ?graph { ?subject ?property ?value } }
}
"""


class Snapshot:
    """One published version of the dataset, read-only and consistent.

    *tag* differs from that of every other version of any store, *build* from that of
    other builds. The folder *home* (or none) has its quads, *engine* reads them, and
    with *base* begin the IRIs of the graph's own things. *journal* tells what changed
    from version to version, where this is one of a store. *most_copied* says up to how
    many quads all of it may be copied to try something out; None for any number.
    *uses*, how often terms are used, is kept with the versions of a directory.
    """

    def __init__(
        self,
        engine: Engine,
        pointer: Pointer,
        home: Path | None = None,
        base: str = BASE,
        journal: Journal | None = None,
    ) -> None:
        self.pointer = pointer
        self.version = pointer.version
        self.build = pointer.origin
        self.tag = f"{pointer.origin}-{pointer.version}"
        self.home = home
        self.base = base
        self.engine = engine
        self.journal = journal
        self.most_copied: int | None = None
        self.uses: Uses | None = None

    def __len__(self) -> int:
        """Return the number of quads, those of the merged view included."""
        return len(self.engine)

    def __contains__(self, quad: Quad) -> bool:
        return quad in self.engine

    def query(
        self,
        sparql: str,
        *,
        default_graphs: Sequence[str] = (),
        named_graphs: Sequence[str] = (),
        prefixes: Mapping[str, str] | None = None,
        base: str | None = None,
    ) -> Answer:
        """Evaluate a SPARQL 1.1 query over this version.

        The dataset is the one that the arguments name (SPARQL 1.1 Protocol, section
        2.1.4), else the one of the query's FROM clauses, else the merged view and all
        named graphs. *prefixes* and *base* hold where the query declares none. Raise
        QueryError for a text that is not a query or not allowed.
        """
        return evaluate(
            self.engine,
            sparql,
            default_graphs,
            named_graphs,
            prefixes=prefixes,
            base=base,
            keep=self,
        )

    def looking_up(self, function: Callable[[State], Result]) -> Result:
        """Return what *function*, which does nothing but look up, makes of this."""
        return function(self)

    def at_hand(self) -> Snapshot:
        """Return the same where all of it can be looked through quad by quad."""
        return self

    def nearer(self, most: int) -> Snapshot:
        """Return the same at hand where its merged view has up to *most* triples.

        What is large is not copied. Raise what `at_hand` raises.
        """
        del most
        return self

    def stands(self) -> bool:
        """Tell whether all that was read of it until now was of this version."""
        return True

    def require_standing(self) -> None:
        """Do nothing: what was read was of one version; see `kg.remote`."""

    def settle(self) -> None:
        """Do nothing: what was looked up is known."""

    def quads(
        self,
        subject: Node | None = None,
        predicate: NamedNode | None = None,
        object_: Term | None = None,
        graph: GraphName | None = None,
    ) -> Iterator[Quad]:
        """Yield the quads that match; `DefaultGraph()` is the merged view."""
        yield from self.engine.quads_for_pattern(subject, predicate, object_, graph)

    def graphs(self) -> list[NamedNode]:
        """Return the names of the named graphs that there are, sorted."""
        held = {
            one for (one,) in self.query(_HELD).rows() if isinstance(one, NamedNode)
        }
        return sorted(held | created(self), key=lambda graph: graph.value)

    def dump(
        self,
        fmt: Format,
        *,
        graph: GraphName | None = None,
        facts: bool = False,
        inferred: bool = False,
        prefixes: Mapping[str, str] | None = None,
    ) -> bytes:
        """Write one graph, or all that is asserted; with *inferred*, that graph too.

        With *facts*, only the graphs that people write.
        Raise FormatError where *fmt* cannot hold it.
        """
        if graph is None and fmt.kind is not Kind.DATASET:
            raise errors.FormatError(
                f"{fmt.name} holds one graph, not a dataset",
                advice="name a graph, or use trig, nquads or jsonld",
            )
        if graph is None:
            left_out = KEPT_BY_PROGRAM if facts else {INFERRED}
            left_out = left_out - {INFERRED} if inferred else left_out
            quads = (
                q for q in self.quads() if q.graph_name not in {MERGED_VIEW, *left_out}
            )
            return write_rdf(quads, fmt, prefixes=prefixes)
        triples = (q.triple for q in self.quads(graph=graph))
        return write_rdf(triples, fmt, prefixes=prefixes)
