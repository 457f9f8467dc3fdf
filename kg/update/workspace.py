"""The dataset as the operations of a request leave it, while none of it is done."""

from __future__ import annotations

import contextlib
import secrets
import shutil
from typing import TYPE_CHECKING, NamedTuple

from pyoxigraph import QuerySolutions

from kg import disk
from kg.change import Change
from kg.created import created, is_there, register, take_in
from kg.errors import ChangeError, StoreError
from kg.folder import Pointer
from kg.gate import in_view
from kg.merging import Merged, merged
from kg.sorting import query_sorted
from kg.store import Snapshot, scratch
from kg.terms import CREATED, MERGED, DefaultGraph, NamedNode, Quad

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
    from pathlib import Path

    from pyoxigraph import Store as Engine

    from kg.terms import GraphName, Term, Triple
    from kg.update.graphs import GraphRules

    Derive = Callable[[Snapshot, Change], tuple[Collection[Quad], Collection[Quad]]]


class Dataset(NamedTuple):
    """The graphs that a WHERE reads; None for those that it has by itself."""

    default: tuple[GraphName, ...] | None = None
    named: tuple[NamedNode, ...] | None = None


class Workspace:
    """What *snapshot* holds, with what was added and removed since.

    A pattern is matched in the snapshot itself until something was changed, and from
    then on in a copy that has the changes: a clone of the snapshot's folder by links,
    or a copy in memory where it has none. To be closed after use.
    """

    def __init__(
        self, snapshot: Snapshot, rules: GraphRules, derive: Derive | None = None
    ) -> None:
        self.removed: set[Quad] = set()
        self._added: dict[GraphName, set[Quad]] = {}
        self._there: dict[GraphName, bool] = {}
        self._snapshot = snapshot
        self._rules = rules
        self._derive = derive
        self._engine = snapshot.engine
        self._held = contextlib.ExitStack()

    @property
    def added(self) -> set[Quad]:
        """The quads to add; none of them is among those to remove."""
        return set().union(*self._added.values())

    def close(self) -> None:
        """Remove the copy, if there is one."""
        self._engine = self._snapshot.engine
        self._held.close()

    def apply(self, deletes: set[Quad], inserts: set[Quad]) -> None:
        """Remove *deletes*, then add *inserts*."""
        for graph in {quad.graph_name for quad in deletes} - self._there.keys():
            if self.has(graph):  # and will be, were it emptied
                self._there[graph] = True
        for quad in deletes:
            self._added.get(quad.graph_name, set()).discard(quad)
        for quad in inserts:
            self._added.setdefault(quad.graph_name, set()).add(quad)
            self._there[quad.graph_name] = True
        self.removed |= deletes
        self.removed -= inserts
        if self._engine is not self._snapshot.engine:
            self._write(deletes - inserts, inserts)

    def quads(self, graph: GraphName) -> Iterator[Quad]:
        """Yield the quads of *graph*."""
        if graph == DefaultGraph() and self._rules.merged is not None:
            self._catch_up()
            yield from self._engine.quads_for_pattern(None, None, None, graph)
            return
        added = self._added.get(graph, set())
        for quad in self._snapshot.quads(graph=graph):
            if quad not in self.removed and quad not in added:
                yield quad
        yield from added

    def holding(self, triples: set[Triple]) -> dict[Triple, set[GraphName]]:
        """Return those of *triples* that hold, each with the graphs that say so."""
        held: dict[Triple, set[GraphName]] = {}
        for triple in triples:
            for quad in self._snapshot.engine.quads_for_pattern(
                triple.subject, triple.predicate, triple.object, None
            ):
                if quad not in self.removed and self.shows(quad):
                    held.setdefault(triple, set()).add(quad.graph_name)
        for quad in self.added if triples else ():
            if quad.triple in triples and self.shows(quad):
                held.setdefault(quad.triple, set()).add(quad.graph_name)
        return held

    def shows(self, quad: Quad) -> bool:
        """Tell whether *quad* makes its triple hold in the merged view."""
        return self._rules.shows(quad, self._snapshot.base)

    def shrinks(self) -> bool:
        """Tell whether a graph of the merged view loses a quad that it has."""
        return any(
            in_view(quad.graph_name, self._snapshot.base)
            and quad in self._snapshot.engine
            for quad in self.removed
        )

    def has(self, graph: GraphName) -> bool:
        """Tell whether there is a graph of that name, be it empty."""
        if isinstance(graph, DefaultGraph) or graph == self._rules.unnamed:
            return True
        there = self._there.get(graph)
        return is_there(self._snapshot, graph) if there is None else there

    def graphs(self) -> list[NamedNode]:
        """Return the names of the graphs that may be written, sorted."""
        names = {*self._snapshot.engine.named_graphs(), *self._there}
        names |= created(self._snapshot)
        names -= {*self._rules.kept, self._rules.unnamed}
        found = [n for n in names if isinstance(n, NamedNode) and self.has(n)]
        return sorted(found, key=str)

    def create(self, graph: GraphName) -> None:
        """Have a graph of that name be there, though it is empty."""
        if not any(self.quads(graph)):
            self.apply(set(), self._rules.marks(graph))
        self._there[graph] = True

    def empty(self, graph: GraphName, *, drop: bool) -> None:
        """Remove all quads of *graph*, and with *drop* the graph."""
        gone, marks = set(self.quads(graph)), self._rules.marks(graph)
        if drop:
            told = self._added.get(CREATED, ())
            gone |= {mark for mark in marks if mark in self._snapshot or mark in told}
        self.apply(gone, set() if drop else marks)
        self._there[graph] = not drop

    def solutions(
        self,
        query: str,
        dataset: Dataset,
        *,
        prefixes: Mapping[str, str],
        base: str,
        counts: bool,
    ) -> list[tuple[Term | None, ...]]:
        """Return what the SELECT *query* finds in *dataset*.

        With *counts*, it matters how often a solution is found: several default
        graphs are merged first, as the engine would count a triple once for each of
        them that holds it.
        """
        self._catch_up()
        engine, default, named = self._engine, *dataset
        if default and named is not None and (counts or MERGED in named):
            engine, default, named = self._merged(engine, default, named)
        found = query_sorted(
            engine,
            query,
            prefixes=prefixes,
            base_iri=base,
            default_graph=default,
            named_graphs=named,
        )
        if not isinstance(found, QuerySolutions):
            return []
        width = range(len(found.variables))
        return [tuple(solution[index] for index in width) for solution in found]

    def _merged(
        self, engine: Engine, default: Sequence[GraphName], named: Sequence[NamedNode]
    ) -> Merged:
        is_remote = self._snapshot.most_copied is not None
        if is_remote and engine is self._snapshot.engine:  # it sees to that by itself
            return Merged(engine, tuple(default), tuple(named))
        return merged(engine, default, named)

    def _catch_up(self) -> None:
        """Go on in a copy of the snapshot, if anything was changed."""
        unchanged = not self.removed and not any(self._added.values())
        if unchanged or self._engine is not self._snapshot.engine:
            return
        home = self._snapshot.home
        if home is not None:
            # A disk that cannot be written, or a store that was put in the place of
            # this one: the open snapshot can be read all the same.
            with contextlib.suppress(OSError, StoreError):
                self._engine = scratch(self._held.enter_context(self._clone(home)))
        if self._engine is self._snapshot.engine:
            self._require_small()
            self._engine = scratch()
            self._engine.bulk_extend(self._snapshot.quads())
            register(self._engine)
        self._write(self.removed, self.added)

    def _require_small(self) -> None:
        """Raise ChangeError where all of the snapshot is too much to be copied."""
        most = self._snapshot.most_copied
        if most is not None and len(self._snapshot) > most:
            raise ChangeError(
                "an operation reads what another of the same request has changed,"
                f" and this store, of more than {most:,} quads, cannot be copied to"
                " try that",
                advice="send the operations in requests of their own",
            )

    @contextlib.contextmanager
    def _clone(self, home: Path) -> Iterator[Path]:
        store = home.parent.parent
        folder = store / "scratch"
        folder.mkdir(exist_ok=True)
        _remove_abandoned(folder)
        lock = folder / f"{secrets.token_hex(4)}.lock"
        clone = lock.with_suffix("")
        with disk.locked(lock, 1):
            try:
                disk.clone_engine_folder(home, clone)
                if Pointer.read(store).origin != self._snapshot.pointer.origin:
                    raise FileNotFoundError(home)
                yield clone
            finally:
                shutil.rmtree(clone, ignore_errors=True)
                lock.unlink(missing_ok=True)

    def _write(self, deletes: set[Quad], inserts: set[Quad]) -> None:
        """Do the changes in the copy, with what follows from them."""
        added: Collection[Quad] = inserts
        removed: Collection[Quad] = deletes
        if self._derive is not None:
            change = Change(added=frozenset(inserts), removed=frozenset(deletes))
            here = self._snapshot
            copy = Snapshot(self._engine, here.pointer, base=here.base)
            added, removed = self._derive(copy, change)
        take_in(self._engine, added, removed)
        if self._derive is None:
            shown = (quad for quad in inserts | deletes if self.shows(quad))
            for triple in {quad.triple for quad in shown}:
                self._show(triple)

    def _show(self, triple: Triple) -> None:
        """Have the merged view of the copy hold *triple* if a graph of it does."""
        terms = triple.subject, triple.predicate, triple.object
        found = self._engine.quads_for_pattern(*terms, None)
        if any(self.shows(quad) for quad in found):
            self._engine.add(Quad(*terms))
        else:
            self._engine.remove(Quad(*terms))


def _remove_abandoned(folder: Path) -> None:
    """Remove the copies that a process which was killed has left."""
    for lock in sorted(folder.glob("*.lock")):
        with contextlib.suppress(OSError), lock.open("a", encoding="ascii") as handle:
            if disk.try_lock(handle):
                shutil.rmtree(lock.with_suffix(""), ignore_errors=True)
                lock.unlink(missing_ok=True)
