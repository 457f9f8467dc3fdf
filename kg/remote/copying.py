"""Copy a dataset into a remote store: by parts, resumable, verified in the end."""

from __future__ import annotations

import hashlib
import json
import secrets
from collections import Counter
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, cast

from kg.errors import StoreDamagedError, StoreError, StoreMissingError
from kg.folder import Pointer
from kg.remote.client import Client
from kg.remote.engine import FRAME, RemoteEngine
from kg.remote.failures import LostError
from kg.remote.journal import journal_quads
from kg.remote.record import DEFAULT, PATTERN, VALUE, Record
from kg.remote.updates import insert_linked, template
from kg.terms import RECORD, DefaultGraph, Literal, NamedNode, Quad

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from kg.progress import Tell
    from kg.remote.place import Place
    from kg.snapshot import Snapshot
    from kg.store import Store
    from kg.terms import GraphName

_AT_ONCE = 3_000
"""So many quads go into one request; more than 4,900 Virtuoso does not take."""

_MOST_CHARACTERS = 1_000_000
_SECONDS = 600.0
"""So long a store may take to empty itself, or to take in a part."""

_SAID = f"GRAPH {RECORD} {{ <{RECORD.value}#copy> {VALUE}"
_PROGRESS = f"{_SAID} ?told }}"
"""How far a copy has come, which stands beside no record."""


@dataclass(frozen=True, slots=True)
class Copied:
    """What was copied: quads, and versions of the journal; *resumed* after so many."""

    quads: int
    versions: int
    resumed: int


@dataclass(frozen=True, slots=True)
class _Progress:
    """How far the copy *by* one is: so many quads of what *tag* names are there."""

    tag: str
    done: int
    by: str

    @property
    def statement(self) -> str:
        told = {"tag": self.tag, "done": self.done, "by": self.by}
        return f"{_SAID} {Literal(json.dumps(told))} }}"


def copy_to(
    source: Store,
    place: Place,
    *,
    view: str = DEFAULT,
    force: bool = False,
    tell: Tell,
) -> Copied:
    """Copy the last version of *source*, and its journal, to the store at *place*.

    One that broke off is gone on with where the source is still at that version. What
    is there else is replaced only with *force*; raise StoreError. *view* says where the
    merged view is to be kept. Nobody takes what is not complete for a dataset: the
    record comes last, when all was read back.
    """
    if str(source.path) == place.url:
        raise StoreError("a store cannot be copied to itself", where=place.url)
    here = source.snapshot()
    client = Client(place, seconds=_SECONDS)
    copy = _Copy(RemoteEngine(client, view), here, force=force)
    return copy.run(source, tell)


class _Copy:
    """A copy under way."""

    def __init__(self, engine: RemoteEngine, here: Snapshot, *, force: bool) -> None:
        self._engine = engine
        self._here = here
        self._where = engine.client.place.url
        self._by = secrets.token_hex(8)
        self._done = self._begin(force=force)

    def run(self, source: Store, tell: Tell) -> Copied:
        resumed, there = self._done, Counts()
        for name in sorted(FRAME, key=str):
            self._send_frame(name)
        loose = (q for q in self._here.quads() if q.graph_name not in FRAME)
        total = len(self._here)
        for part in _parts(there.of(loose)):
            end = there.total
            if end > self._done:
                self._send(part, self._own(end))
            tell("copying", end, total)
        for version, part in _journal(source, self._here.version):
            self._send(part, None)
            tell("copying the journal", version, self._here.version)
        self._verify(there, tell)
        self._here.require_standing()
        self._end(source, there.total)
        return Copied(there.total, self._here.version - 1, resumed)

    def _begin(self, *, force: bool) -> int:
        """Make room for the copy; return how much of it is there already."""
        known = None if self._is_complete() else self._progress()
        if known is not None and known.tag == self._here.tag:
            done, first = known.done, f"DELETE WHERE {{ {_PROGRESS} }}"
        else:
            if not force and known is None:
                self._require_empty()
            done, first = 0, "DROP ALL"
        self._engine.client.update(f"{first} ;\nINSERT DATA {{ {self._own(done)} }}")
        return done

    def _own(self, done: int) -> str:
        """Return what tells that this copy has come so far, and no other one."""
        return _Progress(self._here.tag, done, self._by).statement

    def _progress(self) -> _Progress | None:
        for row in self._engine.solutions(f"SELECT ?told WHERE {{ {_PROGRESS} }}"):
            told = json.loads(cast("Literal", row[0]).value)
            return _Progress(str(told["tag"]), int(told["done"]), str(told.get("by")))
        return None

    def _is_complete(self, record: Record | None = None) -> bool:
        """Tell whether a dataset is there, or that of *record*.

        Of its copy a late part may have come, which tells of progress.
        """
        wanted = record.statement if record else PATTERN
        return bool(self._engine.client.select(f"ASK {{ {wanted} }}"))

    def _require_empty(self) -> None:
        try:
            record = self._engine.record()
        except (StoreMissingError, StoreDamagedError):
            if any(True for _ in self._engine.loose_quads()):
                raise StoreError(
                    "this store holds what is not a dataset of Exequatur",
                    where=self._where,
                    advice="name an empty one, or replace all that it holds with"
                    " --force",
                ) from None
            return
        raise StoreError(
            f"this store holds a dataset already, at version {record.version}",
            where=self._where,
            advice="name an empty one, or replace all that it holds with --force",
        )

    def _send_frame(self, name: NamedNode) -> None:
        """Send a graph whose blank nodes must go in one request, anew each time."""
        data = template(self._here.quads(graph=name), self._engine.view)
        before = f"DROP SILENT GRAPH {name} ;\n"
        insert_linked(self._engine.client, data, before=before)

    def _send(self, part: Iterable[Quad], progress: str | None) -> None:
        text = f"INSERT DATA {{ {template(part, self._engine.view)} }}"
        if progress is not None:
            text = (
                f"DELETE WHERE {{ {_PROGRESS} }} ;\n{text} ;\n"
                f"INSERT DATA {{ {progress} }}"
            )
        self._engine.client.update(text)

    def _verify(self, there: Counts, tell: Tell) -> None:
        """Read back what is in the store now; raise StoreError where it is not that."""
        found = Counts()
        for count, _ in enumerate(found.of(self._engine.loose_quads()), start=1):
            if not count % _AT_ONCE:
                tell("reading it back", count, there.total)
        wrong = [g for g in there.graphs | found.graphs if not there.agree(found, g)]
        frame = self._engine.frame()
        for name in FRAME:
            count = sum(1 for _ in frame.quads_for_pattern(None, None, None, name))
            if count != sum(1 for _ in self._here.quads(graph=name)):
                wrong.append(name)
        if wrong:
            # To go on with what is wrong would find the same again.
            self._engine.client.update(f"DROP SILENT GRAPH {RECORD}")
            names = ", ".join(sorted(_name(graph) for graph in wrong)[:5])
            raise StoreError(
                f"what the store holds is not what was sent, in {len(wrong)} graphs"
                f" ({names})",
                where=self._where,
                advice="see `kg store check`; copy again with --force",
            )

    def _end(self, source: Store, total: int) -> None:
        origin = Pointer.beginning(self._here.version).origin
        manifest = source.manifest
        record = Record(
            self._here.version,
            origin,
            manifest.base,
            manifest.fingerprint,
            view=self._engine.view,
        )
        own = self._own(max(total, self._done))
        text = f"DELETE {{ {own} }} INSERT {{ {record.statement} }} WHERE {{ {own} }}"
        try:
            self._engine.client.update(text)
        except LostError:  # where it was done, it does nothing more
            self._engine.client.update(text)
        if not self._is_complete(record):
            raise StoreError(
                "something else has written to the store while it was copied to",
                where=self._where,
                advice="see that nothing else copies there, and copy with --force",
            )


class Counts:
    """How many quads graphs have, and a digest of them in whichever order."""

    def __init__(self) -> None:
        self.total = 0
        self._numbers: Counter[GraphName] = Counter()
        self._digests: Counter[GraphName] = Counter()

    @property
    def graphs(self) -> set[GraphName]:
        """The graphs that have any."""
        return set(self._numbers)

    def of(self, quads: Iterable[Quad]) -> Iterator[Quad]:
        """Yield *quads*, counted."""
        for quad in quads:
            graph = quad.graph_name
            self.total += 1
            self._numbers[graph] += 1
            line = f"{quad.subject} {quad.predicate} {quad.object}".encode()
            digest = hashlib.blake2b(line, digest_size=8).digest()
            self._digests[graph] += int.from_bytes(digest, "big")
            yield quad

    def agree(self, other: Counts, graph: GraphName) -> bool:
        """Tell whether both have the same quads in *graph*."""
        return (
            self._numbers[graph] == other._numbers[graph]
            and self._digests[graph] == other._digests[graph]
        )


def _journal(source: Store, last: int) -> Iterator[tuple[int, list[Quad]]]:
    """Yield the journal of *source*, of several versions at a time, and up to which."""
    part: list[Quad] = []
    size = 0
    for version in range(2, last + 1):
        lines = [line.decode() for line in source.journal.lines(version)]
        part += journal_quads(version, lines)
        size += sum(map(len, lines))
        if size > _MOST_CHARACTERS or version == last:
            yield version, part
            part, size = [], 0


def _parts(quads: Iterator[Quad]) -> Iterator[list[Quad]]:
    while part := list(islice(quads, _AT_ONCE)):
        yield part


def _name(graph: GraphName) -> str:
    if isinstance(graph, DefaultGraph):
        return "the merged view"
    return graph.value
