"""The past of a store: its log, what lies between versions, and how to go back."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING

from kg.change import Change
from kg.display import some_text, statement_text
from kg.errors import (
    ChangeError,
    StoreDamagedError,
    UnknownVersionError,
    VersionConflictError,
)
from kg.journal import FROM_BACKUP, read_entry
from kg.terms import INFERRED, LOG, MERGED, REPORT, DefaultGraph

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from kg.journal import Entry
    from kg.store import Snapshot, Store
    from kg.terms import Quad, Term

_LOG = """
PREFIX exq: <https://w3id.org/exequatur/ontology#>
PREFIX graph: <https://w3id.org/exequatur/graph/>
PREFIX prov: <http://www.w3.org/ns/prov#>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
SELECT ?change ?version ?time ?added ?removed ?agent ?message WHERE {
  GRAPH graph:log {
    ?change a prov:Activity .
    OPTIONAL { ?change exq:datasetVersion ?version }
    OPTIONAL { ?change prov:endedAtTime ?time }
    OPTIONAL { ?change exq:addedCount ?added }
    OPTIONAL { ?change exq:removedCount ?removed }
    OPTIONAL { ?change prov:wasAssociatedWith/rdfs:label ?agent }
    OPTIONAL { ?change rdfs:comment ?message }
  }
}
"""
TOLD = 20
"""How many quads are told of each change that came since."""

_NOT_STATED = frozenset({INFERRED, LOG, MERGED, REPORT})


@dataclass(frozen=True, slots=True)
class LoggedChange:
    """What the log says of an accepted change; the counts are of asserted quads.

    *what* tells some of what it changed, where it was looked up.
    """

    version: int
    time: datetime
    agent: str
    message: str
    added: int
    removed: int
    what: tuple[str, ...] = field(default=())

    def __str__(self) -> str:
        said = f" (“{self.message}”)" if self.message else ""
        return (
            f"version {self.version} by {self.agent} at {self.time.isoformat()}{said}:"
            f" {self.added} added, {self.removed} removed"
        )


def changes(snapshot: Snapshot) -> list[LoggedChange]:
    """Return the log of *snapshot*, the oldest change first.

    Raise StoreDamagedError where an entry of it is not complete.
    """
    found = [_logged(row) for row in snapshot.query(_LOG).rows()]
    return sorted(found, key=lambda change: change.version)


def is_stated(quad: Quad) -> bool:
    """Tell whether people stated *quad*; the journal has what happened to such."""
    graph = quad.graph_name
    return not (isinstance(graph, DefaultGraph) or graph in _NOT_STATED)


def entries(store: Store, after: int, upto: int) -> Iterator[Entry]:
    """Yield the journal of the versions after *after* up to *upto*, oldest first."""
    for version in range(after + 1, upto + 1):
        yield read_entry(store.journal, version)


def diff(store: Store, old: int, new: int) -> Change:
    """Return the change that leads from version *old* to version *new*, either way.

    It is what remains of all changes in between. Raise UnknownVersionError.
    """
    for version in (old, new):
        _require(store, version)
    if old > new:
        back = diff(store, new, old)
        return Change(added=back.removed, removed=back.added)
    return combined(entries(store, old, new))


def combined(found: Iterable[Entry]) -> Change:
    """Return what remains of the changes of *found*, the oldest first."""
    added: set[Quad] = set()
    removed: set[Quad] = set()
    for entry in found:
        added, removed = (
            (added - entry.removed) | (entry.added - removed),
            (removed - entry.added) | (entry.removed - added),
        )
    return Change(added=frozenset(added), removed=frozenset(removed))


def state_at(store: Store, version: int) -> frozenset[Quad]:
    """Return what was stated in *version*, but for what has been erased since.

    The log is not part of it. Raise UnknownVersionError.
    """
    snapshot = store.snapshot()
    back = diff(store, snapshot.version, version)
    now = frozenset(filter(is_stated, snapshot.quads()))
    return (now - back.removed) | back.added


def undo(store: Store, version: int) -> Change:
    """Return the change that takes back what the change to *version* did.

    Raise UnknownVersionError, or ChangeError where a later change touched the same
    quads, so that there is no taking back without losing what came later.
    """
    snapshot = store.snapshot()
    _require(store, version)
    if version == 1:
        raise ChangeError(
            "version 1 is what was built from the files, and cannot be undone",
            advice="change the files and build the store again",
        )
    entry = read_entry(store.journal, version)
    changed = {quad for quad in entry.added if quad not in snapshot}
    changed |= {quad for quad in entry.removed if quad in snapshot}
    if changed:
        raise ChangeError(
            f"version {version} cannot be undone: {len(changed)} of its quads are not"
            f" as it left them, such as {some_text(changed)}",
            advice=_culprits(store, version, snapshot.version, changed),
        )
    if not (entry.added or entry.removed):
        raise ChangeError(
            f"version {version} left nothing that could be undone",
            advice="what was erased cannot be brought back, and a version that only"
            " restores derived parts states nothing",
        )
    return Change(added=entry.removed, removed=entry.added, notes=_erased(entry))


def require_version(store: Store, snapshot: Snapshot, expected: int | None) -> None:
    """Raise VersionConflictError where *snapshot* is not of the version *expected*."""
    if expected is None or snapshot.version == expected:
        return
    _require(store, expected)
    since = [_with_details(store, c) for c in changes(snapshot) if c.version > expected]
    raise VersionConflictError(
        f"the store is at version {snapshot.version}, not {expected}:"
        f" {'; '.join(map(str, since))}",
        since=since,
        where=str(store.path),
        advice=f"nothing was changed; `kg diff {expected} {snapshot.version}` shows"
        " what came since",
    )


def marked(removed: Iterable[Quad], added: Iterable[Quad]) -> list[str]:
    """Return a line for each quad: `-` for a removed one, `+` for an added one."""
    lines = [f"- {statement_text(quad)}" for quad in sorted(removed, key=str)]
    return lines + [f"+ {statement_text(quad)}" for quad in sorted(added, key=str)]


def _require(store: Store, version: int) -> None:
    last = store.version
    if not 1 <= version <= last:
        versions = f"versions 1 to {last}" if last > 1 else "version 1 alone"
        raise UnknownVersionError(
            f"there is no version {version}",
            where=str(store.path),
            advice=f"the store has {versions}, counted from when it was built",
        )


def _logged(row: Sequence[Term | None]) -> LoggedChange:
    change, *terms = row
    version, time, added, removed, agent, message = (
        term.value if term else "" for term in terms
    )
    try:
        return LoggedChange(
            version=int(version),
            time=datetime.fromisoformat(time),
            agent=agent,
            message=message,
            added=int(added),
            removed=int(removed),
        )
    except ValueError as error:
        raise StoreDamagedError(
            f"the log's entry {change} is not complete", advice=FROM_BACKUP
        ) from error


def _with_details(store: Store, change: LoggedChange) -> LoggedChange:
    entry = read_entry(store.journal, change.version)
    lines = marked(entry.removed, entry.added)
    return replace(change, what=tuple(lines[:TOLD]))


def _culprits(store: Store, version: int, last: int, quads: set[Quad]) -> str:
    later = [
        str(entry.version)
        for entry in entries(store, version, last)
        if quads & (entry.added | entry.removed)
    ]
    if not later:
        return "what it stated was erased since"
    return f"undo first what came later: version {', '.join(reversed(later))}"


def _erased(entry: Entry) -> tuple[str, ...]:
    count = entry.erased_added + entry.erased_removed
    return (f"{count} quads of the change were erased since",) if count else ()
