"""A version of a remote store, as everybody reads it."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar, cast

from kg.answers import Answer, evaluate
from kg.created import register
from kg.errors import StoreError, StoreMovedError
from kg.formats import Kind
from kg.remote.datasets import MOST_COPIED
from kg.remote.journal import RemoteJournal
from kg.remote.rewriting import projecting
from kg.remote.rounds import Rounds
from kg.remote.telling import reading
from kg.snapshot import Snapshot
from kg.sorting import comparable
from kg.sparql import dataset_clause, resolved
from kg.store import scratch
from kg.terms import NamedNode

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from pyoxigraph import QueryBoolean, QuerySolutions
    from pyoxigraph import Store as Engine

    from kg.formats import Format
    from kg.gate.verdict import State
    from kg.remote.engine import RemoteEngine
    from kg.remote.record import Record
    from kg.terms import Term, Triple
    from kg.writing import SupportsWrite

Result = TypeVar("Result")

_QUADS_OF_A_TRIPLE = 3
"""So many quads there are, at most, for a triple of the merged view."""


class RemoteAnswer(Answer):
    """An answer that is read while it comes, and may turn out to be none."""

    def __init__(
        self,
        found: QuerySolutions | QueryBoolean | Iterator[Triple],
        keep: RemoteSnapshot,
    ) -> None:
        super().__init__(found, keep)
        self._place = keep.remote.client.place

    def rows(self) -> Iterator[tuple[Term | None, ...]]:
        """Yield the solutions; raise a StoreError where the answer breaks off."""
        with reading(self._place):
            yield from super().rows()

    def write(self, fmt: Format, output: SupportsWrite) -> None:
        """Write the answer; raise a StoreError where it breaks off."""
        with reading(self._place):
            super().write(fmt, output)


class RemoteSnapshot(Snapshot):
    """The version of a remote store that *record* tells of.

    The store is not asked to keep it: who reads on when another was committed reads
    that, and `stands` tells. What is judged is judged in one version, or not at all
    (see `Rounds`). *last* returns the record that the store has now.
    """

    def __init__(
        self,
        engine: RemoteEngine,
        record: Record,
        last: Callable[[], Record] | None = None,
    ) -> None:
        super().__init__(
            cast("Engine", engine),
            record.pointer,
            base=record.base,
            journal=RemoteJournal(engine),
        )
        self.remote = engine
        self.record = record
        # Of a store that was put back, another commit may make the same version.
        self.tag = f"{self.tag}-{record.commit}"
        self.most_copied = MOST_COPIED
        self._last = last or engine.record

    def query(
        self,
        sparql: str,
        *,
        default_graphs: Sequence[str] = (),
        named_graphs: Sequence[str] = (),
        prefixes: Mapping[str, str] | None = None,
        base: str | None = None,
    ) -> Answer:
        """Evaluate a SPARQL 1.1 query, as `Snapshot.query` does; raise StoreError."""
        sparql = resolved(sparql)
        # What is wrong with a query is told as the embedded engine tells it.
        given = default_graphs, named_graphs
        empty = evaluate(scratch(), sparql, *given, prefixes=prefixes, base=base)
        sparql = comparable(projecting(sparql, empty.variables))
        if not (default_graphs or named_graphs):
            clause = dataset_clause(sparql, prefixes, base)
            default_graphs = clause.default if clause else ()
            named_graphs = clause.named if clause else ()
        default: list[NamedNode] | None = None
        named: list[NamedNode] | None = None
        if default_graphs or named_graphs:
            default = [NamedNode(name) for name in default_graphs]
            named = [NamedNode(name) for name in named_graphs]
        found = self.remote.query(
            sparql,
            prefixes=prefixes,
            base_iri=base,
            default_graph=default,
            named_graphs=named,
            is_graph=empty.kind is Kind.GRAPH,
        )
        return RemoteAnswer(found, self)

    def graphs(self) -> list[NamedNode]:
        """Return the names of the named graphs that there are, sorted."""
        return self.remote.graphs_there()

    def at_hand(self) -> Snapshot:
        """Return a copy in memory; raise StoreMovedError if it is of no version."""
        engine = scratch()
        engine.bulk_extend(self.quads())
        register(engine)
        self.require_standing()
        return Snapshot(engine, self.pointer, base=self.base)

    def nearer(self, most: int) -> Snapshot:
        """Return a copy in memory where no more than *most* triples hold, else this.

        Raise StoreMovedError if it is of no version.
        """
        most = min(most, MOST_COPIED // _QUADS_OF_A_TRIPLE)
        return self.at_hand() if most and self.remote.holds_up_to(most) else self

    def stands(self) -> bool:
        """Tell whether no other version is there; False too if it cannot be learnt."""
        try:
            return self._last() == self.record
        except StoreError:
            return False

    def require_standing(self) -> None:
        """Raise StoreMovedError where another change was committed since."""
        if self.remote.record() != self.record:
            raise StoreMovedError(
                "another change was committed while the store was read",
                where=self.remote.client.place.url,
                advice="try again",
            )

    def looking_up(self, function: Callable[[State], Result]) -> Result:
        """Return what *function* makes of this version, looked up in rounds."""
        return Rounds(self.remote, self.record).run(function)
