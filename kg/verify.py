"""Whether a store is what it should be, and how its derived parts are made anew."""

from __future__ import annotations

import tempfile
from collections import Counter
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

from kg.check import Problem
from kg.display import some_text
from kg.draft import Draft
from kg.errors import ExequaturError
from kg.gate.judges import compile_judges
from kg.history import changes, is_stated
from kg.journal import activity, read_entry
from kg.progress import silent
from kg.store import scratch
from kg.terms import INFERRED, MERGED, MERGED_VIEW, ONTOLOGY, REPORT, SHAPES
from kg.uses import counted

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from kg.history import LoggedChange
    from kg.journal import Entry
    from kg.progress import Tell
    from kg.store import Snapshot, Store
    from kg.terms import GraphName, NamedNode, Quad, Triple

DERIVED: dict[GraphName, str] = {
    MERGED_VIEW: "the merged view",
    INFERRED: "graph:inferred",
    REPORT: "graph:report",
}
"""What follows from the rest, and what to call it."""


def verify_store(store: Store, *, tell: Tell | None = None) -> list[Problem]:
    """Return where the parts of *store* disagree, in a fixed order.

    The merged view is what the graphs state, what follows, and the ontology's labels
    and hierarchy; the report is what the shapes say; log, journal and pointer tell of
    the same versions; the journal, read backwards, fits what is stated now; and
    where all that is derived is right, the uses of terms that are kept are those that
    there are.
    """
    snapshot = store.snapshot().at_hand()
    problems = [*_of_log(store, snapshot), *_of_journal(store, snapshot)]
    try:
        missing, beyond = _differences(snapshot, store.manifest.base, tell)
    except ExequaturError as error:
        return [*problems, Problem("graph:ontology, graph:shapes", str(error))]
    derived: list[Problem] = []
    for graph, name in DERIVED.items():
        derived += _of_quads(name, graph, missing, "lacks")
        derived += _of_quads(name, graph, beyond, "should not hold")
    strange = frozenset(snapshot.quads(graph=MERGED))
    derived += _of_quads("graph:merged", MERGED, strange, "should not hold")
    # Where quads are wrong, their counts would only say the same again.
    return [*problems, *(derived or _of_uses(snapshot))]


def rebuild(
    store: Store, *, agent: str, message: str, tell: Tell | None = None
) -> int | None:
    """Make merged view, inferences, report and counts anew from what is stated.

    Return the number of the new version; None where there was nothing to mend.
    """
    base = store.manifest.base
    with store.writing() as writer:
        missing, beyond = _differences(writer.snapshot, base, tell)
        beyond |= frozenset(writer.snapshot.quads(graph=MERGED))
        if not (missing or beyond or any(_of_uses(writer.snapshot))):
            return None
        version = writer.snapshot.version + 1
        logged = activity((0, 0), version, agent=agent, message=message, base=base)
        added = missing.union(logged)
        return writer.commit(added=added, removed=beyond, journal=())


def history_problems(store: Store) -> list[Problem]:
    """Return where log, journal and pointer of *store* disagree."""
    return list(_of_log(store, store.snapshot().at_hand()))


def _differences(
    snapshot: Snapshot, base: str, tell: Tell | None
) -> tuple[frozenset[Quad], frozenset[Quad]]:
    """Return the derived quads that are missing, and those that should not be."""
    from kg.dataset import Dataset  # they bring numpy, slow to import
    from kg.gate.bulk import Bulk, report_quads
    from kg.rules.packed import PackedNumbers

    with tempfile.TemporaryDirectory() as folder:
        judges = compile_judges(
            _triples(snapshot, ONTOLOGY), _triples(snapshot, SHAPES)
        )
        dataset = Dataset(PackedNumbers(judges.rules.program.numbers))
        dataset.add_all(filter(is_stated, snapshot.quads()))
        draft = Draft(scratch(Path(folder)), folder=Path(folder))
        bulk = Bulk(dataset, judges, draft, base, tell or silent)
        report = frozenset(report_quads(bulk.judge()))
        del draft
    missing = frozenset(
        quad for quad in chain(bulk.derived(), report) if quad not in snapshot
    )
    derived = (quad for graph in DERIVED for quad in snapshot.quads(graph=graph))
    beyond = frozenset(
        quad for quad in derived if not (bulk.derives(quad) or quad in report)
    )
    return missing, beyond


def _triples(snapshot: Snapshot, graph: NamedNode) -> frozenset[Triple]:
    return frozenset(quad.triple for quad in snapshot.quads(graph=graph))


def _of_log(store: Store, snapshot: Snapshot) -> Iterator[Problem]:
    """Yield where the log and the journal do not tell of the same versions."""
    try:
        logged = changes(snapshot)
    except ExequaturError as error:
        yield Problem("graph:log", str(error))
        return
    told = Counter(change.version for change in logged)
    for version in range(1, snapshot.version + 1):
        if told[version] != 1:
            count = told[version] or "no"
            yield Problem(
                "graph:log", f"has {count} entries for version {version}, not one"
            )
    for change in logged:
        yield from _of_entry(store, snapshot, change)


def _of_entry(
    store: Store, snapshot: Snapshot, change: LoggedChange
) -> Iterator[Problem]:
    if not 1 <= change.version <= snapshot.version:
        yield Problem(
            "graph:log",
            f"tells of version {change.version}, but version {snapshot.version} is"
            " the current one",
        )
    elif change.version > 1:
        entry = _entry(store, change.version)
        if isinstance(entry, Problem):
            yield entry
        elif entry.counts != (change.added, change.removed):
            yield Problem(
                f"journal/{change.version}.nq",
                f"has {_counted(*entry.counts)}, the log"
                f" {_counted(change.added, change.removed)}",
            )


def _of_journal(store: Store, snapshot: Snapshot) -> Iterator[Problem]:
    """Yield where the journal does not lead to what is stated now."""
    past: dict[Quad, bool] = {}  # what stood then, where that may differ from now

    def stood(quads: Iterable[Quad]) -> set[Quad]:
        return {quad for quad in quads if past.get(quad, quad in snapshot)}

    for version in range(snapshot.version, 1, -1):
        entry = _entry(store, version)
        if isinstance(entry, Problem):
            return
        name = f"journal/{version}.nq"
        missing = entry.added - stood(entry.added)
        yield from _of_quads(name, None, missing, "adds, in vain,")
        left = stood(entry.removed)
        yield from _of_quads(name, None, left, "removes, in vain,")
        past |= dict.fromkeys(entry.added, False) | dict.fromkeys(entry.removed, True)


def _entry(store: Store, version: int) -> Entry | Problem:
    try:
        return read_entry(store.journal, version)
    except ExequaturError as error:
        return Problem(f"journal/{version}.nq", str(error))


def _of_quads(
    where: str, graph: GraphName | None, quads: Iterable[Quad], what: str
) -> Iterator[Problem]:
    """Yield one problem for those of *quads* that are in *graph*, if any."""
    found = [quad for quad in quads if graph is None or quad.graph_name == graph]
    if found:
        yield Problem(where, f"{what} {len(found)} quads: {some_text(found)}")


def _of_uses(snapshot: Snapshot) -> Iterator[Problem]:
    """Yield where another number is kept of a term's uses than there are."""
    if snapshot.uses is None:
        return
    found = counted(snapshot.query)
    where = f"versions/{snapshot.version}.uses"
    quads = snapshot.uses.quads
    if quads is not None and quads != len(snapshot):
        yield Problem(where, f"has {quads} quads, of which there are {len(snapshot)}")
    for kind in ("properties", "classes"):
        kept, there = getattr(snapshot.uses, kind), getattr(found, kind)
        wrong = [t for t in {**kept, **there} if kept.get(t, 0) != there.get(t, 0)]
        for term in wrong[:1]:
            more = f", and is wrong of {len(wrong) - 1} more" if wrong[1:] else ""
            yield Problem(
                where,
                f"has {kept.get(term, 0)} uses of {term}, of which there are"
                f" {there.get(term, 0)}{more}",
            )


def _counted(added: int, removed: int) -> str:
    return f"{added} added and {removed} removed"
