"""The store: quads on disk in published versions, one writer, any number of readers.

A store directory holds

    store.json        layout, base IRI, fingerprint of the files it was built from
    current           the number of the last published version
    lock              held by whoever writes
    versions/<N>/     the quads of version N, never written again
    versions/<N>.uses how often its merged view uses each property and each class
    versions/<N>.lock held in common by those who read version N
    journal/<N>.nq    what the change that made version N added and removed
    scratch/          copies in which the later steps of an update are tried

A writer clones the current version by hard links, changes the clone, and publishes
it by two renames, so a crash at any moment leaves the last published version.
"""

from __future__ import annotations

import contextlib
import shutil
import threading
import time
import weakref
from importlib import metadata
from typing import TYPE_CHECKING, cast

from pyoxigraph import Store as Engine

from kg import disk, errors, folder, staging, uses
from kg.answers import evaluate
from kg.created import register, take_in
from kg.draft import Draft
from kg.folder import LAYOUT, REBUILD, Manifest, Pointer
from kg.snapshot import Snapshot
from kg.terms import BASE, Quad, Triple
from kg.unfinished import FILE as UNFINISHED
from kg.unfinished import Unfinished

if TYPE_CHECKING:
    from collections.abc import (
        Callable,
        Collection,
        Hashable,
        Iterable,
        Iterator,
        Mapping,
        Sequence,
    )
    from pathlib import Path

    from kg.answers import Answer
    from kg.terms import NamedNode, Node, Term

__all__ = ["Snapshot", "Store", "Triples", "Writer", "parsed", "scratch"]


_RECOUNTED = 4
"""A change of more than this part of all takes longer to look up than all to count."""


class Store:
    """A store directory; raise a StoreError that says what is the matter with it."""

    def __init__(self, path: Path, *, wait_seconds: float = 10.0) -> None:
        self.path = path
        self.wait_seconds = wait_seconds
        self.manifest = folder.read_manifest(path)
        self.journal = folder.Journal(path)
        self._guard = threading.Lock()
        self._snapshot: Snapshot | None = None
        self._current = str(path / "current")
        self._mark: object = None
        self._pointer: Pointer | None = None

    @classmethod
    def create(
        cls,
        path: Path,
        quads: Iterable[Quad],
        *,
        base: str = BASE,
        fingerprint: str,
        over: int | None = None,
    ) -> Store:
        """Make a store of *quads* as version 1 at *path*; see `make`."""

        def fill(draft: Draft) -> bool:
            draft.extend(quads)
            return True

        store = cls.make(path, fill, base=base, fingerprint=fingerprint, over=over)
        return store or cls(path)

    @classmethod
    def make(
        cls,
        path: Path,
        fill: Callable[[Draft], bool],
        *,
        base: str = BASE,
        fingerprint: str,
        over: int | None = None,
    ) -> Store | None:
        """Make a store at *path* whose version 1 is what *fill* puts in a draft.

        Nothing is made, and None returned, where *fill* says False. The old store
        stays as it was until the new one is complete. What was interrupted goes on: the
        draft says how far it had come. Raise StoreError where the old store meanwhile
        has gone beyond the version *over*.
        """
        manifest = Manifest(LAYOUT, base, fingerprint)
        of = f"{fingerprint} {metadata.version('exequatur')}"
        with disk.writable(path), folder.making(path, of) as fresh:
            if not _fill(fresh, 1, fill, Unfinished(fresh / UNFINISHED, of)):
                return None
            (fresh / UNFINISHED).unlink(missing_ok=True)
            folder.copy_journal(path, fresh, 1, {})
            folder.write_frame(fresh, Pointer.beginning(1), manifest)
            folder.replace(path, fresh, over=over)
        return cls(path)

    @classmethod
    def receive(cls, path: Path, source: Store, *, force: bool) -> Store:
        """Make at *path* a store of the last version of *source*, and of its journal.

        It begins a line of history of its own. Raise StoreError where there is a store
        already and it is not to be replaced by *force*.
        """
        if (path / "store.json").exists() and not force:
            raise errors.StoreError(
                "there is a store here",
                where=str(path),
                advice="name another directory, or replace it with --force",
            )
        here = source.snapshot()
        pointer = Pointer.beginning(here.version)
        journal = {
            version: [line.decode() for line in source.journal.lines(version)]
            for version in range(2, here.version + 1)
        }
        with disk.writable(path), folder.making(path) as fresh:
            _fill(fresh, here.version, lambda draft: draft.extend(here.quads()))
            here.require_standing()
            folder.copy_journal(path, fresh, here.version, journal)
            folder.write_frame(fresh, pointer, source.manifest)
            folder.replace(path, fresh, over=None)
        return cls(path)

    @property
    def version(self) -> int:
        """The number of the last published version."""
        return Pointer.read(self.path).version

    @property
    def is_seen(self) -> bool:
        """Whether `mark` and `snapshot` keep nobody waiting; see `kg.remote`."""
        return True

    def mark(self) -> Hashable:
        """Return what changes with the last published version; it costs little."""
        return folder.mark(self._current)

    def snapshot(self) -> Snapshot:
        """Return the last published version, opened once and shared by threads."""
        with self._guard:
            mark = folder.mark(self._current)
            if self._snapshot is None or self._mark != mark:
                if self._pointer != Pointer.read(self.path):
                    self._pointer, self._snapshot = self._open_current()
                self._mark = mark
            return cast("Snapshot", self._snapshot)

    def share(self, snapshot: Snapshot) -> Snapshot:
        """Give out *snapshot*, of the version just published, from now on."""
        with self._guard:
            self._mark = folder.mark(self._current)
            self._pointer, self._snapshot = snapshot.pointer, snapshot
            return snapshot

    @contextlib.contextmanager
    def writing(self) -> Iterator[Writer]:
        """Hold the lock; raise StoreBusyError when another holds it too long."""
        with disk.locked(self.path / "lock", self.wait_seconds):
            with disk.writable(self.path):
                folder.discard_unpublished(self.path, self.version)
            yield Writer(self)

    def _open_current(self) -> tuple[Pointer, Snapshot]:
        for _ in range(5):
            pointer = Pointer.read(self.path)
            with contextlib.suppress(FileNotFoundError):
                snapshot = _open_version(self.path, pointer, self.manifest.base)
                # Another store may have come to stand here, with the same numbers.
                if Pointer.read(self.path).origin == pointer.origin:
                    return pointer, snapshot
            time.sleep(0.02)
        raise errors.StoreDamagedError(
            f"version {self.version} is named as current but is not there",
            where=str(self.path),
            advice=REBUILD,
        )


class Writer:
    """The right to make the next version; had from `Store.writing()`."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.snapshot = store.snapshot()

    def commit(
        self,
        *,
        added: Collection[Quad],
        removed: Collection[Quad],
        journal: Collection[str],
    ) -> int:
        """Publish the next version and return its number; all of it, or nothing.

        The uses of terms are kept up; where *journal* is empty, and the change thus one
        that repairs, or where it is a good part of all, they are counted anew.
        """
        path, new, gone = self._store.path, added, removed
        is_large = _RECOUNTED * (len(new) + len(gone)) > len(self.snapshot)
        version = self.snapshot.version + 1
        pointer = Pointer(version, self.snapshot.pointer.origin)
        with disk.writable(path):
            try:
                folder.write_journal(path, version, journal)
                made = _make_version(path, version, new, gone)
                kept = self.snapshot.uses if journal and not is_large else None
                if kept is not None:
                    kept = kept.changed(self.snapshot, new, gone)
                _keep_uses(folder.version_folders(path, version)[1], version, kept)
                with folder.publishing(path, pointer, made):
                    snapshot = _open_version(path, pointer, self._store.manifest.base)
            except OSError:
                with contextlib.suppress(OSError):
                    folder.discard_unpublished(path, self._store.version)
                raise
        self.snapshot = self._store.share(snapshot)
        folder.remove_unread(path, version)
        return version

    def rewrite(
        self, quads: Iterable[Quad], journal: Mapping[int, Sequence[str]]
    ) -> int:
        """Publish *quads* as the next version, with *journal* in place of its files.

        The directory is made anew, so that nothing else of the old one remains on the
        disk: neither the versions before nor what the engine has not yet tidied away.
        This is a writer's last act.
        """
        path = self._store.path
        pointer = Pointer.beginning(self.snapshot.version + 1)
        with disk.writable(path), folder.making(path) as fresh:
            _fill(fresh, pointer.version, lambda draft: draft.extend(quads))
            folder.copy_journal(path, fresh, pointer.version, journal)
            folder.write_frame(fresh, pointer, self._store.manifest)
            disk.swap_folder(fresh, path.resolve())
            self.snapshot = self._store.snapshot()
        return pointer.version


def scratch(home: Path | None = None) -> Engine:
    """Return an engine to try things in: on the folder *home*, else an empty one."""
    return Engine(str(home)) if home else Engine()


class Triples:
    """Triples by themselves, in an engine that can be asked of them and forgotten.

    They are kept in memory, or in the empty folder *home*: then memory does not grow
    with them. What is told of them is as the engine keeps it (see `canonical`).
    """

    def __init__(self, triples: Iterable[Triple], home: Path | None = None) -> None:
        self._engine = scratch(home)
        self._engine.bulk_extend(Quad(*triple) for triple in triples)

    def triples(
        self, subject: Node | None, predicate: NamedNode | None, object_: Term | None
    ) -> Iterator[Triple]:
        """Yield each triple that has these parts once; None stands for any."""
        for quad in self._engine.quads_for_pattern(subject, predicate, object_, None):
            yield quad.triple

    def select(self, sparql: str) -> Iterator[Term]:
        """Yield what the only variable of a query of our own is bound to."""
        for row in cast("Iterable[list[Term]]", self._engine.query(sparql)):
            yield row[0]


def parsed(sparql: str) -> Answer:
    """Return the answer of *sparql* over nothing, to learn its kind and variables.

    Raise QueryError as `Snapshot.query` does.
    """
    return evaluate(Engine(), sparql)


def _open_version(path: Path, pointer: Pointer, base: str) -> Snapshot:
    version, versions = pointer.version, path / "versions"
    home = versions / str(version)
    held = disk.hold_in_common(versions / f"{version}.lock")
    release = held.close if held else lambda: None
    try:
        engine = Engine.read_only(str(home))
    except (OSError, RuntimeError) as error:
        release()
        if isinstance(error, FileNotFoundError):
            raise
        what = f"version {version} cannot be opened"
        raise folder.damaged(path, what, error) from error
    journal = folder.JournalOf(path, pointer.origin)
    snapshot = Snapshot(engine, pointer, home, base, journal)
    snapshot.uses = uses.read(home)
    weakref.finalize(snapshot, release)
    return snapshot


def _fill(
    path: Path,
    version: int,
    fill: Callable[[Draft], bool | None],
    unfinished: Unfinished | None = None,
) -> bool:
    """Let *fill* write *version* into the folder *path* of a store; say what it said.

    The engine's files are merged, so that the first changes need not wait for that. The
    version is a checkpoint of them: whatever the engine still tidies away once it has
    said that it is done, it does elsewhere.
    """
    home, work = path / "versions" / str(version), path / "filling"
    home.parent.mkdir()
    try:
        engine = Engine(str(work))
    except (OSError, RuntimeError):
        if unfinished is None or not work.exists():
            raise
        shutil.rmtree(work)  # what was left is damaged
        unfinished.forget()
        engine = Engine(str(work))
    if fill(Draft(engine, unfinished, work)) is False:
        return False
    register(engine)
    engine.flush()
    engine.optimize()
    engine.backup(str(home))
    del engine
    shutil.rmtree(work, ignore_errors=True)
    _keep_uses(home, version, None)  # what cannot be opened is not published
    return True


def _keep_uses(home: Path, version: int, known: uses.Uses | None) -> None:
    """Keep the uses that are *known* of *version*, or are counted in the folder *home*.

    The file is not yet synced.
    """
    if known is None:
        engine = Engine.read_only(str(home))
        known = uses.counted(lambda text: evaluate(engine, text), len(engine))
    uses.write(known, home.with_name(str(version)))


def _make_version(
    path: Path, version: int, new: Collection[Quad], gone: Collection[Quad]
) -> list[Path]:
    """Make the next version, not yet under its name; return the files to sync."""
    last, part = folder.version_folders(path, version)

    def update(home: Path) -> None:
        engine = Engine(str(home))
        take_in(engine, new, gone, in_bulk=not is_small)
        engine.flush()

    is_small = len(new) + len(gone) <= staging.MOST_QUADS
    if is_small:
        made = staging.update_in_memory(last, part, update)
        if made is not None:
            return made
    disk.clone_engine_folder(last, part)
    update(part)
    return []
