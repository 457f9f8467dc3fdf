"""The store: quads on disk in published versions, one writer, any number of readers.

A store directory holds

    store.json        layout, base IRI, fingerprint of the files it was built from
    current           the number of the last published version
    lock              held by whoever writes
    versions/<N>/     the quads of version N, never written again
    versions/<N>.lock held in common by those who read version N
    journal/<N>.nq    what the change that made version N added and removed

A writer clones the current version by hard links, changes the clone, and publishes
it by two renames, so a crash at any moment leaves the last published version.
"""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import shutil
import threading
import time
import weakref
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from pyoxigraph import Store as Engine

from kg import disk, errors
from kg.answers import evaluate, write_rdf
from kg.formats import Kind
from kg.terms import BASE, INFERRED, DefaultGraph, Literal, NamedNode, Triple

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from kg.answers import Answer
    from kg.formats import Format
    from kg.terms import GraphName, Node, Quad, Term

LAYOUT = 1
REBUILD = "build the store again with `kg build --force`"


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a store says of itself in `store.json`."""

    layout: int
    base: str
    fingerprint: str


@dataclass(frozen=True, slots=True)
class Pointer:
    """Which version is published, and which build it descends from."""

    version: int
    origin: str

    @classmethod
    def read(cls, path: Path) -> Pointer:
        """Read the pointer of the store at *path*; raise StoreDamagedError."""
        try:
            version, origin = (path / "current").read_text(encoding="ascii").split()
            return cls(int(version), origin)
        except (OSError, ValueError) as error:
            raise errors.StoreDamagedError(
                f"the pointer to the current version cannot be read ({error})",
                where=str(path),
                advice=REBUILD,
            ) from error

    def __str__(self) -> str:
        return f"{self.version} {self.origin}"


class Snapshot:
    """One published version of the dataset, read-only and consistent.

    *tag* differs from that of any other version of this or another store.
    """

    def __init__(self, engine: Engine, pointer: Pointer) -> None:
        self.version = pointer.version
        self.tag = f"{pointer.origin}-{pointer.version}"
        self._engine = engine

    def __len__(self) -> int:
        """Return the number of quads, those of the merged view included."""
        return len(self._engine)

    def query(
        self,
        sparql: str,
        *,
        default_graphs: Sequence[str] = (),
        named_graphs: Sequence[str] = (),
        prefixes: Mapping[str, str] | None = None,
    ) -> Answer:
        """Evaluate a SPARQL 1.1 query over this version.

        The dataset is the one that the arguments name (SPARQL 1.1 Protocol, section
        2.1.4), else the one of the query's FROM clauses, else the merged view and all
        named graphs. *prefixes* hold where the query does not declare them. Raise
        QueryError for a text that is not a query or not allowed.
        """
        return evaluate(
            self._engine,
            sparql,
            default_graphs,
            named_graphs,
            prefixes=prefixes,
            keep=self,
        )

    def quads(
        self,
        subject: Node | None = None,
        predicate: NamedNode | None = None,
        object_: Term | None = None,
        graph: GraphName | None = None,
    ) -> Iterator[Quad]:
        """Yield the quads that match; `DefaultGraph()` is the merged view."""
        yield from self._engine.quads_for_pattern(subject, predicate, object_, graph)

    def graphs(self) -> list[NamedNode]:
        """Return the names of the non-empty named graphs, sorted."""
        names = (n for n in self._engine.named_graphs() if isinstance(n, NamedNode))
        found = [n for n in names if any(self.quads(graph=n))]
        return sorted(found, key=lambda name: name.value)

    def dump(
        self,
        fmt: Format,
        *,
        graph: GraphName | None = None,
        inferred: bool = False,
        prefixes: Mapping[str, str] | None = None,
    ) -> bytes:
        """Write one graph, or all that is asserted; with *inferred*, that graph too.

        Raise FormatError where *fmt* cannot hold it.
        """
        if graph is None and fmt.kind is not Kind.DATASET:
            raise errors.FormatError(
                f"{fmt.name} holds one graph, not a dataset",
                advice="name a graph, or use trig, nquads or jsonld",
            )
        if graph is None:
            quads = (q for q in self.quads() if _is_dumped(q, inferred=inferred))
            return write_rdf(quads, fmt, prefixes=prefixes)
        triples = (_triple(q) for q in self.quads(graph=graph))
        return write_rdf(triples, fmt, prefixes=prefixes)


class Store:
    """A store directory; raise a StoreError that says what is the matter with it."""

    def __init__(self, path: Path, *, wait_seconds: float = 10.0) -> None:
        self.path = path
        self.wait_seconds = wait_seconds
        self.manifest = _read_manifest(path)
        self._guard = threading.Lock()
        self._snapshot: Snapshot | None = None
        self._pointer: Pointer | None = None

    @classmethod
    def create(
        cls, path: Path, quads: Iterable[Quad], *, base: str = BASE, fingerprint: str
    ) -> Store:
        """Make a store of *quads* as version 1 at *path*, in the place of any before.

        The old store stays as it was until the new one is complete.
        """
        fresh = path.with_name(f"{path.name}.new-{os.getpid()}")
        shutil.rmtree(fresh, ignore_errors=True)
        try:
            _make_store(fresh, quads, Manifest(LAYOUT, base, fingerprint))
            disk.swap_folder(fresh, path)
        except OSError as error:
            raise disk.unwritable(path, error) from error
        finally:
            shutil.rmtree(fresh, ignore_errors=True)
        return cls(path)

    @property
    def version(self) -> int:
        """The number of the last published version."""
        return Pointer.read(self.path).version

    def snapshot(self) -> Snapshot:
        """Return the last published version, opened once and shared by threads."""
        with self._guard:
            pointer = Pointer.read(self.path)
            if self._snapshot is None or self._pointer != pointer:
                self._pointer, self._snapshot = self._open_current()
            return self._snapshot

    @contextlib.contextmanager
    def writing(self) -> Iterator[Writer]:
        """Hold the lock; raise StoreBusyError when another holds it too long."""
        with disk.locked(self.path / "lock", self.wait_seconds):
            _discard_unpublished(self.path, self.version)
            yield Writer(self)

    def _open_current(self) -> tuple[Pointer, Snapshot]:
        for _ in range(5):
            pointer = Pointer.read(self.path)
            with contextlib.suppress(FileNotFoundError):
                return pointer, _open_version(self.path, pointer)
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
        added: Iterable[Quad],
        removed: Iterable[Quad],
        journal: Sequence[str],
    ) -> int:
        """Publish the next version and return its number; all of it, or nothing."""
        path = self._store.path
        version = self.snapshot.version + 1
        try:
            _write_journal(path / "journal", version, journal)
            _make_version(path, version, added, removed)
            pointer = Pointer(version, Pointer.read(path).origin)
            disk.replace_synced(path / "current", str(pointer))
        except OSError as error:
            _discard_unpublished(path, self.snapshot.version)
            raise disk.unwritable(path, error) from error
        self.snapshot = self._store.snapshot()
        _remove_unread(path, version)
        return version


def parsed(sparql: str) -> Answer:
    """Return the answer of *sparql* over nothing, to learn its kind and variables.

    Raise QueryError as `Snapshot.query` does.
    """
    return evaluate(Engine(), sparql)


def canonical(quads: Iterable[Quad]) -> tuple[frozenset[Quad], tuple[str, ...]]:
    """Return *quads* as the engine keeps them, and a note for each that differs.

    The engine keeps the value of a number or a date, not its lexical form.
    """
    given = frozenset(quads)
    scratch = Engine()
    scratch.extend(given)
    kept = frozenset(scratch)
    notes = []
    for quad in sorted(given - kept, key=str):
        scratch = Engine()
        scratch.add(quad)
        stored = next(iter(scratch))
        if isinstance(quad.object, Literal):
            notes.append(f"{quad.object} is stored as {stored.object}")
    return kept, tuple(notes)


def _triple(quad: Quad) -> Triple:
    return Triple(quad.subject, quad.predicate, quad.object)


def _is_dumped(quad: Quad, *, inferred: bool) -> bool:
    if isinstance(quad.graph_name, DefaultGraph):
        return False
    return inferred or quad.graph_name != INFERRED


def _read_manifest(path: Path) -> Manifest:
    try:
        content = json.loads((path / "store.json").read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError) as error:
        raise _no_store(path) from error
    except (OSError, ValueError) as error:
        raise errors.StoreDamagedError(
            f"store.json cannot be read ({error})",
            where=str(path),
            advice=REBUILD,
        ) from error
    if content.get("layout") != LAYOUT:
        raise errors.StoreLayoutError(
            f"the store has layout {content.get('layout')!r}, not {LAYOUT}",
            where=str(path),
            advice=REBUILD,
        )
    return Manifest(**content)


def _no_store(path: Path) -> errors.StoreError:
    if path.exists() and not path.is_dir():
        return errors.StoreDamagedError("this is a file, not a store", where=str(path))
    if path.is_dir() and any(path.iterdir()):
        return errors.StoreDamagedError(
            "this directory has no store.json: it is not a store, or a damaged one",
            where=str(path),
            advice="name another directory, or move this one away",
        )
    return errors.StoreMissingError(
        "there is no store here",
        where=str(path),
        advice="make it with `kg build`",
    )


def _open_version(path: Path, pointer: Pointer) -> Snapshot:
    version = pointer.version
    folder = path / "versions" / str(version)
    held = disk.hold_in_common(path / "versions" / f"{version}.lock")
    release = held.close if held else lambda: None
    try:
        engine = Engine.read_only(str(folder))
    except FileNotFoundError:
        release()
        raise
    except (OSError, RuntimeError) as error:
        release()
        raise errors.StoreDamagedError(
            f"version {version} cannot be opened ({error})",
            where=str(path),
            advice=REBUILD,
        ) from error
    snapshot = Snapshot(engine, pointer)
    weakref.finalize(snapshot, release)
    return snapshot


def _make_store(folder: Path, quads: Iterable[Quad], manifest: Manifest) -> None:
    (folder / "versions" / "1").mkdir(parents=True)
    (folder / "journal").mkdir()
    engine = Engine(str(folder / "versions" / "1"))
    engine.bulk_extend(quads)
    engine.flush()
    del engine
    disk.write_synced(folder / "store.json", json.dumps(asdict(manifest), indent=2))
    disk.write_synced(folder / "current", str(Pointer(1, secrets.token_hex(8))))


def _make_version(
    path: Path, version: int, added: Iterable[Quad], removed: Iterable[Quad]
) -> None:
    folder = path / "versions" / f"{version}.part"
    disk.clone_engine_folder(path / "versions" / str(version - 1), folder)
    engine = Engine(str(folder))
    for quad in removed:
        engine.remove(quad)
    engine.extend(added)
    engine.flush()
    del engine
    folder.rename(path / "versions" / str(version))
    disk.sync_folder(path / "versions")


def _write_journal(folder: Path, version: int, lines: Sequence[str]) -> None:
    disk.write_synced(folder / f"{version}.nq", "".join(lines))
    disk.sync_folder(folder)


def _discard_unpublished(path: Path, current: int) -> None:
    """Remove what a writer that did not come to its end has left."""
    for entry in (path / "versions").iterdir():
        name = entry.name.partition(".")[0]
        if entry.is_dir() and (entry.suffix == ".part" or int(name) > current):
            shutil.rmtree(entry)
    for entry in (path / "journal").iterdir():
        if int(entry.stem) > current:
            entry.unlink()


def _remove_unread(path: Path, current: int) -> None:
    """Remove the versions before *current* that nobody reads any more."""
    for entry in sorted((path / "versions").iterdir()):
        if not entry.is_dir() or entry.suffix or int(entry.name) >= current:
            continue
        lock = entry.with_name(f"{entry.name}.lock")
        with lock.open("a", encoding="ascii") as handle:
            if disk.try_lock(handle):
                shutil.rmtree(entry, ignore_errors=True)
                lock.unlink(missing_ok=True)
