"""What is kept of every accepted change: a journal file, and a PROV activity.

A journal file has a line for each asserted quad that the change added or removed, in
N-Quads behind a letter: `A` for added, `D` for removed. A line `E 3 1` says that three
added and one removed quad were erased from it later.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from pyoxigraph import RdfFormat, parse

from kg.change import Change
from kg.errors import StoreDamagedError
from kg.terms import (
    EXQ,
    LABEL,
    LOG,
    PROV,
    RDFS,
    TYPE,
    XSD,
    Literal,
    NamedNode,
    Quad,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from collections.abc import Set as AbstractSet

    from kg.terms import Term

COMMENT = NamedNode(f"{RDFS}comment")
FROM_BACKUP = "restore the store from a backup with `kg restore`"


@dataclass(frozen=True, slots=True)
class Entry:
    """What the journal has of one change; the counts are of quads erased from it."""

    version: int
    added: frozenset[Quad]
    removed: frozenset[Quad]
    erased_added: int = 0
    erased_removed: int = 0

    @property
    def counts(self) -> tuple[int, int]:
        """How many quads the change added and removed when it was made."""
        added = len(self.added) + self.erased_added
        return added, len(self.removed) + self.erased_removed

    def lines(self) -> list[str]:
        """Return the lines of the journal file."""
        lines = [*journal_lines(Change(added=self.added, removed=self.removed))]
        if self.erased_added or self.erased_removed:
            lines.insert(0, f"E {self.erased_added} {self.erased_removed}\n")
        return lines


def journal_lines(change: Change) -> JournalLines:
    """Return the change's asserted quads as N-Quads: `D` removes, `A` adds a line."""
    return JournalLines(change)


class JournalLines(Collection[str]):
    """The lines of the journal of *change*, made as they are asked for."""

    def __init__(self, change: Change) -> None:
        self._change = change

    def __len__(self) -> int:
        return sum(self._change.counts)

    def __iter__(self) -> Iterator[str]:
        for letter, quads in (("D", self._change.removed), ("A", self._change.added)):
            for text in _texts(quads):
                yield f"{letter} {text} .\n"

    def __contains__(self, line: object) -> bool:
        return any(line == one for one in self)


@runtime_checkable
class _Ordered(Protocol):
    """Quads that tell their texts in order without a copy of all."""

    def texts(self) -> Iterator[str]: ...


def _texts(quads: AbstractSet[Quad]) -> Iterable[str]:
    return quads.texts() if isinstance(quads, _Ordered) else sorted(map(str, quads))


class Journal(Protocol):
    """Where the lines of the journal are kept."""

    def where(self, version: int) -> str:
        """Return what to call the journal of *version* in an error."""
        ...

    def lines(self, version: int) -> Iterator[bytes]:
        """Yield the lines of *version*, their ends with them; raise OSError."""
        ...


def read_entry(journal: Journal, version: int) -> Entry:
    """Read what *journal* has of *version*.

    Raise StoreDamagedError where there is nothing, or a line of it cannot be read.
    """
    where = journal.where(version)
    lines = _lines(journal, version)
    said: dict[bytes, list[bytes]] = {b"A ": [], b"D ": [], b"E ": []}
    for number, line in enumerate(lines, start=1):
        if line[:2] not in said or not line.endswith(b"\n"):
            raise _unreadable(where, number)
        said[line[:2]].append(line[2:-1])
    return Entry(
        version,
        _quads(said[b"A "], where, lines),
        _quads(said[b"D "], where, lines),
        *_counts(said[b"E "], where),
    )


def read_entry_of(
    journal: Journal, version: int, wanted: Callable[[bytes], bool]
) -> Entry:
    """Read of the journal of *version* only the lines that *wanted* lets through.

    A line comes with its letter. The others are passed over, one by one, unread, so
    that a long journal takes no more memory than a short one.
    """
    where = journal.where(version)
    lines = _lines(journal, version, wanted)
    return Entry(
        version,
        _quads([line[2:-1] for line in lines if line[:2] == b"A "], where, lines),
        _quads([line[2:-1] for line in lines if line[:2] == b"D "], where, lines),
    )


def activity(
    counts: tuple[int, int],
    version: int,
    *,
    agent: str,
    message: str,
    base: str,
    when: datetime | None = None,
) -> Iterator[Quad]:
    """Yield the PROV activity that made *version*, in the graph of the log.

    *counts* are of the quads that it added and removed.
    """
    act = NamedNode(f"{base}change/{version}")
    who = NamedNode(f"{base}agent/{_slug(agent)}")
    ended = (when or datetime.now(UTC)).isoformat(timespec="seconds")
    said: list[tuple[NamedNode, NamedNode, Term]] = [
        (act, TYPE, NamedNode(f"{PROV}Activity")),
        (act, NamedNode(f"{PROV}endedAtTime"), _typed(ended, "dateTime")),
        (act, NamedNode(f"{PROV}wasAssociatedWith"), who),
        (act, NamedNode(f"{EXQ}datasetVersion"), _typed(str(version), "integer")),
        (act, NamedNode(f"{EXQ}addedCount"), _typed(str(counts[0]), "integer")),
        (act, NamedNode(f"{EXQ}removedCount"), _typed(str(counts[1]), "integer")),
        (who, TYPE, NamedNode(f"{PROV}Agent")),
        (who, LABEL, Literal(agent)),
    ]
    if message:
        said.append((act, COMMENT, Literal(message)))
    yield from (
        Quad(subject, predicate, value, LOG) for subject, predicate, value in said
    )


def _lines(
    journal: Journal, version: int, wanted: Callable[[bytes], bool] | None = None
) -> list[bytes]:
    try:
        return list(filter(wanted, journal.lines(version)))
    except OSError as error:
        raise StoreDamagedError(
            f"the journal of version {version} cannot be read ({error.strerror})",
            where=journal.where(version),
            advice=FROM_BACKUP,
        ) from error


def _quads(statements: list[bytes], where: str, lines: list[bytes]) -> frozenset[Quad]:
    try:
        data = b"\n".join(statements)
        return frozenset(parse(data, format=RdfFormat.N_QUADS))
    except SyntaxError as error:
        bad = statements[(error.lineno or 1) - 1]
        found = (n for n, line in enumerate(lines, start=1) if line[2:-1] == bad)
        raise _unreadable(where, next(found, 1)) from error


def _counts(statements: list[bytes], where: str) -> tuple[int, int]:
    try:
        pairs = [tuple(map(int, line.split())) for line in statements]
        return sum(added for added, _ in pairs), sum(gone for _, gone in pairs)
    except ValueError as error:
        raise _unreadable(where, 1) from error


def _unreadable(where: str, line: int) -> StoreDamagedError:
    return StoreDamagedError(
        "this is not a line of a journal",
        where=f"{where}:{line}",
        advice=FROM_BACKUP,
    )


def _typed(value: str, datatype: str) -> Literal:
    return Literal(value, datatype=NamedNode(f"{XSD}{datatype}"))


def _slug(name: str) -> str:
    """Return a name for the IRI of an agent; another name gives another one."""
    slug = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")
    if slug == name:
        return slug
    digest = hashlib.sha256(name.encode()).hexdigest()[:8]
    return f"{slug}-{digest}".lstrip("-")
