"""A store that other programs keep, behind the same gate: any that speaks SPARQL 1.1.

Its default graph is the merged view, its named graphs are those of the dataset, and two
more are the store's own: `graph/store` has its record (see `Record`), `graph/journal`
what each change did. A change is one update or transaction, which does nothing unless
the record is still the one that the change was judged by: so any number of servers, on
any number of machines, may stand before one store.
"""

from __future__ import annotations

import contextlib
import hashlib
import logging
import math
import os
import tempfile
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from kg import disk
from kg.errors import (
    StoreError,
    StoreMovedError,
    StoreUnreachableError,
)
from kg.folder import Manifest, Pointer
from kg.remote.client import Client
from kg.remote.engine import FRAME, RemoteEngine
from kg.remote.failures import FailedError, GatewayError, LostError
from kg.remote.journal import RemoteJournal, journal_quads
from kg.remote.snapshot import RemoteSnapshot
from kg.remote.updates import guarded

if TYPE_CHECKING:
    from collections.abc import (
        Collection,
        Hashable,
        Iterable,
        Iterator,
        Mapping,
        Sequence,
    )

    from kg.remote.place import Place
    from kg.remote.record import Record
    from kg.remote.updates import Guarded
    from kg.terms import Quad

_log = logging.getLogger(__name__)

_RECORD_SECONDS = 5.0
"""So long is waited for a store to say at which version it is."""

_FAILED_SECONDS = 0.5
"""So long after it could not be asked it is not asked again by who only reads."""

_SEEN_SECONDS = 0.5
"""For so long a version that was seen is taken for the last one by who only reads,
unless a process of this machine has told of another."""

_LONG = 1_000_000
"""A request of so many bytes may be longer than a store takes."""


class RemoteStore:
    """The store at *place*; raise a StoreError that says what is the matter with it.

    A writer waits up to *wait_seconds* for another one of this machine, and for a store
    that does not say what became of a commit. No query may take longer than
    *query_seconds*; stores that can be told are told so.
    """

    def __init__(
        self, place: Place, *, wait_seconds: float = 10.0, query_seconds: float = 60.0
    ) -> None:
        self.path = place.url
        self.wait_seconds = wait_seconds
        client = Client(place, seconds=query_seconds)
        self._asking = RemoteEngine(
            Client(place, seconds=min(query_seconds, _RECORD_SECONDS))
        )
        record = self._asking.record()
        self.engine = RemoteEngine(client, record.view)
        self.journal = RemoteJournal(self.engine)
        self._guard = threading.Lock()
        self._seen = 0.0
        self._turn = turn(self.path)
        self._touched = 0
        self._newest = record.pointer
        self._looking = threading.Lock()
        self._failed: tuple[float, StoreError] | None = None
        self._snapshot = RemoteSnapshot(self.engine, record, self._last)
        self.manifest = Manifest(record.layout, record.base, record.fingerprint)

    @property
    def version(self) -> int:
        """The number of the last committed version, or that of half a second ago."""
        return self.snapshot().version

    def mark(self) -> Hashable:
        """Return what changes with the last committed version, seen not long ago."""
        return self.snapshot().tag

    def snapshot(self) -> RemoteSnapshot:
        """Return the last committed version, or one that was so half a second ago."""
        return self._snapshot if self.is_seen else self._look()

    @property
    def is_seen(self) -> bool:
        """Whether `mark` and `snapshot` need not ask the store now, and wait for it."""
        is_old = time.monotonic() - self._seen > _SEEN_SECONDS
        return not is_old and self._touched == _touched(self._turn)

    @contextlib.contextmanager
    def writing(self) -> Iterator[RemoteWriter]:
        """Let one of this machine's writers go on; raise StoreBusyError.

        Those of other machines are told from each other by the record alone.
        """
        disk.make_private(self._turn.parent)
        with disk.locked(self._turn, self.wait_seconds):
            told = _told(self._turn)
            if told and told.origin == self._newest.origin:
                self._newest = max(told, self._newest, key=lambda one: one.version)
            yield RemoteWriter(self, self.share(self.engine.record()))

    def share(self, record: Record) -> RemoteSnapshot:
        """Give out the version that *record* tells of from now on."""
        with self._guard:
            known = self._snapshot
            newest = self._newest
            if record.origin != newest.origin or record.version > newest.version:
                self._newest = record.pointer
            if record != known.record:
                engine = known.remote
                if record.origin != known.record.origin:
                    engine = RemoteEngine(self.engine.client, record.view)
                self._snapshot = RemoteSnapshot(engine, record, self._last)
            self._seen = time.monotonic()
            self._failed = None
            return self._snapshot

    def line_after(self, record: Record) -> str:
        """Return the line of history for what follows on the version of *record*.

        That is its own, but where a later one was there: the store has lost that, or
        was put back. What was read of it must not be taken for what comes now.
        """
        newest = self._newest
        if record.origin != newest.origin or record.version >= newest.version:
            return record.origin
        _log.warning(
            "%s: version %d is gone: after version %d a line of history of its own"
            " begins; see `kg check --store`, and why the store lost it",
            self.path,
            newest.version,
            record.version,
        )
        return Pointer.beginning(0).origin

    def tell(self, record: Record) -> None:
        """Tell the other processes of this machine that there is another version."""
        with contextlib.suppress(OSError):
            _noted(self._turn).write_text(str(record.pointer), encoding="ascii")
            now = time.time_ns()
            os.utime(self._turn, ns=(now, now))

    def _last(self) -> Record:
        """Return the record that the store has now; another one is looked at soon."""
        found = self._asking.record()
        if found != self._snapshot.record:
            self._seen = -math.inf
        return found

    def _look(self) -> RemoteSnapshot:
        """Ask which version there is; one thread for all that want to know.

        Where that failed a moment ago, it is not waited for again.
        """
        with self._looking:
            if self.is_seen:
                return self._snapshot
            now = time.monotonic()
            if self._failed and now - self._failed[0] < _FAILED_SECONDS:
                known = self._failed[1]
                raise type(known)(known.message, where=known.where, advice=known.advice)
            touched = _touched(self._turn)
            try:
                found = self.share(self._asking.record())
            except StoreError as error:
                self._failed = (time.monotonic(), error)
                raise
            self._touched = touched
            return found


class RemoteWriter:
    """The right to make the next version; had from `RemoteStore.writing()`."""

    def __init__(self, store: RemoteStore, snapshot: RemoteSnapshot) -> None:
        self._store = store
        self.snapshot = snapshot

    def commit(
        self,
        *,
        added: Collection[Quad],
        removed: Collection[Quad],
        journal: Collection[str],
    ) -> int:
        """Commit the next version and return its number; all of it, or nothing.

        Raise StoreMovedError where another commit came before, StoreError where what
        became of this one could not be learnt.
        """
        old, gone = self.snapshot.record, set(removed)
        record = old.next(self._store.line_after(old))
        told = journal_quads(record.version, journal)
        return self._do(record, {*added, *told}, gone)

    def rewrite(
        self, quads: Iterable[Quad], journal: Mapping[int, Sequence[str]]
    ) -> int:
        """Commit *quads* as the next version, with *journal* in place of its parts.

        A line of history of its own begins, so that nobody takes what was read before
        for what is there now. What the store keeps on its disk is its own affair. What
        only a build changes stays. Raise what `commit` raises.
        """
        new = {quad for quad in quads if quad.graph_name not in FRAME}
        old = {q for q in self.snapshot.quads() if q.graph_name not in FRAME}
        for version, lines in journal.items():
            old.update(self._store.journal.quads(version))
            new.update(journal_quads(version, lines))
        record = self.snapshot.record.next(Pointer.beginning(0).origin)
        return self._do(record, new - old, old - new)

    def _do(self, record: Record, added: set[Quad], removed: set[Quad]) -> int:
        """Do what makes the version that *record* tells of, and return its number."""
        old = self.snapshot.record
        change = guarded(old, record, added=added, removed=removed)
        failed: StoreError | None = None
        try:
            now = self._try(change, old)
        except (LostError, FailedError) as error:
            failed = error
            now = self._settle(old, failed)
        self.snapshot = self._store.share(now)
        self._store.tell(now)
        if now.commit != record.commit:
            is_told = isinstance(failed, FailedError | GatewayError)
            if failed and is_told and now.is_of_version_of(old):
                raise failed
            _refuse(old, now, self._store.path, failed)
        return record.version

    def _try(self, change: Guarded, old: Record) -> Record:
        """Do *change*, and return the record that there is then.

        Raise a StoreError where the store refuses it for another reason than that
        what it was made for, *old*, is not there any more.
        """
        try:
            self._store.engine.client.commit(change)
        except LostError:
            raise
        except StoreError as refused:
            now = self._store.engine.record()
            if now.commit == old.commit:
                raise _as_told(refused, len(change.data)) from refused
            return now
        return self._now(old)

    def _now(self, old: Record) -> Record:
        """Return the record after an update that the store says it has done.

        It cannot be *old* any more. Where it seems to be, what was asked lags behind
        what was told, as a node of a cluster may: it is given some time.
        """
        until, pause = time.monotonic() + self._store.wait_seconds, 0.05
        while True:
            try:
                now = self._store.engine.record()
            except StoreUnreachableError as lost:
                return self._settle(old, lost)
            if now.commit != old.commit or time.monotonic() > until:
                return now
            time.sleep(pause)
            pause = min(2 * pause, 1.0)

    def _settle(self, old: Record, lost: StoreError) -> Record:
        """Return the record when the commit for *old* is done, or never will be.

        Its answer was *lost*, and it may still be at work: so another is put before it
        that changes the record alone. Whichever comes second does nothing. Where *old*
        seems to be there after both, what was asked lags behind: it decides nothing.
        """
        until = time.monotonic() + self._store.wait_seconds
        client, pause = self._store.engine.client, 0.05
        while True:
            with contextlib.suppress(StoreError):
                client.commit(guarded(old, old.fence(), added=(), removed=()))
                now = self._store.engine.record()
                if now.commit != old.commit:
                    return now
            if time.monotonic() > until:
                raise StoreError(
                    f"whether the change was committed is not known: {lost.message}",
                    where=self._store.path,
                    advice="see `kg log` when the store is back; sent again with"
                    f" --if-version {old.version}, it is not done twice",
                ) from lost
            time.sleep(pause)
            pause = min(2 * pause, 1.0)


def _noted(turn: Path) -> Path:
    """Return the file that says which version the last writer here has made."""
    return turn.with_suffix(".version")


def _told(turn: Path) -> Pointer | None:
    with contextlib.suppress(OSError, ValueError):
        version, origin = _noted(turn).read_text(encoding="ascii").split()
        return Pointer(int(version), origin)
    return None


def _touched(path: Path) -> int:
    try:
        return path.stat().st_mtime_ns
    except OSError:
        return 0


def turn(url: str) -> Path:
    """Return the file that a writer to *url* locks, so that no two here write at once.

    That saves judging in vain; and there are stores that do not notice that two
    updates at once are in each other's way.
    """
    name = hashlib.sha256(url.encode()).hexdigest()[:16]
    return Path(tempfile.gettempdir()) / f"exequatur-{os.getuid()}" / f"{name}.lock"


def _refuse(old: Record, now: Record, where: str, lost: StoreError | None) -> NoReturn:
    if not now.is_of_version_of(old):
        message = f"version {now.version} was committed meanwhile"
    elif lost is not None:
        message = f"the change was not committed: {lost.message}"
    else:
        raise StoreMovedError(
            "the store says that it did the commit, and does not show it",
            where=where,
            advice="see `kg log` before you try again, and `kg store check`",
        )
    advice = "nothing was changed; try again"
    raise StoreMovedError(message, where=where, advice=advice)


def _as_told(refused: StoreError, size: int) -> StoreError:
    """Return *refused*; of a long request, with what to do where that is the reason."""
    if size < _LONG or refused.advice:
        return refused
    advice = (
        f"the change is a request of {size / 1_000_000:,.0f} MB: send it in parts, or"
        " raise the store's limit"
    )
    return type(refused)(refused.message, where=refused.where, advice=advice)
