"""A store's directory, its quads apart: manifest, pointer, journal, old versions."""

from __future__ import annotations

import contextlib
import errno
import json
import os
import secrets
import shutil
import time
from dataclasses import asdict, dataclass
from itertools import count
from typing import TYPE_CHECKING

from kg import disk, errors, uses
from kg.unfinished import FILE as UNFINISHED
from kg.unfinished import is_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

LAYOUT = 1
REBUILD = "build the store again with `kg build --force`"
PERMIT = "it is there, but kept from who runs this: see to its permissions"
GRACE_SECONDS = 1.0
"""How long answers that have begun may go on before their store is removed."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a store says of itself in `store.json`."""

    layout: int
    base: str
    fingerprint: str


@dataclass(frozen=True, slots=True)
class Pointer:
    """Which version is published, and which line of history it belongs to.

    A build, a restored backup and an erasure each begin a new line.
    """

    version: int
    origin: str

    @classmethod
    def beginning(cls, version: int) -> Pointer:
        """Return the pointer to *version* in a line of history of its own."""
        return cls(version, secrets.token_hex(8))

    @classmethod
    def read(cls, path: Path) -> Pointer:
        """Read the pointer of the store at *path*; raise StoreDamagedError."""
        try:
            version, origin = (path / "current").read_text(encoding="ascii").split()
            return cls(int(version), origin)
        except (OSError, ValueError) as error:
            what = "the pointer to the current version cannot be read"
            raise damaged(path, what, error) from error

    def __str__(self) -> str:
        return f"{self.version} {self.origin}"


def mark(pointer: str) -> tuple[int, int, int]:
    """Return what changes when the file *pointer*, `current` of a store, is replaced.

    That costs less than to read it, and a text less than a `Path`.
    """
    try:
        found = os.stat(pointer)  # noqa: PTH116 asked for with every request
    except OSError:
        return (0, 0, 0)
    return (found.st_ino, found.st_mtime_ns, found.st_size)


def read_manifest(path: Path) -> Manifest:
    """Read `store.json`; raise a StoreError that says what *path* is instead."""
    try:
        content = json.loads((path / "store.json").read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError) as error:
        raise _no_store(path) from error
    except (OSError, ValueError) as error:
        raise damaged(path, "store.json cannot be read", error) from error
    if content.get("layout") != LAYOUT:
        raise errors.StoreLayoutError(
            f"the store has layout {content.get('layout')!r}, not {LAYOUT}",
            where=str(path),
            advice=REBUILD,
        )
    return Manifest(**content)


def damaged(path: Path, what: str, error: Exception) -> errors.StoreDamagedError:
    """Return the error to raise where *error* keeps the store *path* from being read.

    What is only not permitted is no reason to make it anew.
    """
    is_kept = "Permission denied" in str(error)
    why = error.strerror or error if isinstance(error, OSError) else error
    return errors.StoreDamagedError(
        f"{what} ({why})", where=str(path), advice=PERMIT if is_kept else REBUILD
    )


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


def write_frame(path: Path, pointer: Pointer, manifest: Manifest) -> None:
    """Write into the folder *path* what makes its versions and journal a store."""
    disk.write_synced(path / "store.json", json.dumps(asdict(manifest), indent=2))
    disk.write_synced(path / "current", str(pointer))
    disk.sync_folder(path / "versions")
    disk.sync_folder(path)


def journal_file(path: Path, version: int) -> Path:
    """Return the file that says what the change that made *version* did."""
    return path / "journal" / f"{version}.nq"


class Journal:
    """The journal of the store at *path*: a file for each version after the first."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def where(self, version: int) -> str:
        """Return what to call the journal of *version* in an error."""
        return str(journal_file(self._path, version))

    def lines(self, version: int) -> Iterator[bytes]:
        """Yield the lines of *version*, their ends with them; raise OSError."""
        with journal_file(self._path, version).open("rb") as file:
            yield from file


class JournalOf(Journal):
    """The journal of the line of history *origin*, as long as it is the store's."""

    def __init__(self, path: Path, origin: str) -> None:
        super().__init__(path)
        self._origin = origin

    def lines(self, version: int) -> Iterator[bytes]:
        """Yield the lines of *version*; raise OSError where another line began."""
        with journal_file(self._path, version).open("rb") as file:
            # Looked at once it is open: what was moved here since is another file.
            if Pointer.read(self._path).origin != self._origin:
                raise OSError(errno.ESTALE, os.strerror(errno.ESTALE))
            yield from file


def write_journal(path: Path, version: int, lines: Iterable[str]) -> None:
    """Write the journal of *version*, which is not yet synced."""
    with journal_file(path, version).open("w", encoding="utf-8") as file:
        file.writelines(lines)


def version_folders(path: Path, version: int) -> tuple[Path, Path]:
    """Return the folder of the version before, and that in which the next is made."""
    versions = path / "versions"
    return versions / str(version - 1), versions / f"{version}.part"


@contextlib.contextmanager
def publishing(path: Path, pointer: Pointer, files: Iterable[Path]) -> Iterator[None]:
    """Make the next version, of which *files* are new, the current one in the end.

    Nothing points to it before all of it is on the disk. Meanwhile it has its name, and
    can be opened.
    """
    _, part = version_folders(path, pointer.version)
    made = part.rename(part.with_name(str(pointer.version)))
    told = path / "current.part"
    told.write_text(str(pointer), encoding="ascii")
    new = [journal_file(path, pointer.version), uses.file_of(made), told]
    new += (made / file.name for file in files)
    with disk.syncing([*new, made, made.parent, path / "journal"]):
        yield
    disk.replace_synced(told, path / "current")


def copy_journal(
    source: Path, target: Path, last: int, instead: Mapping[int, Sequence[str]]
) -> None:
    """Make the journal of *target* that of *source* up to the version *last*.

    The files that *instead* names are written with its lines.
    """
    (target / "journal").mkdir()
    for version in range(2, last + 1):
        if version in instead:
            lines = instead[version]
            disk.write_synced(journal_file(target, version), "".join(lines))
        else:
            kept = journal_file(source, version)
            disk.link_or_copy(kept, journal_file(target, version))
    disk.sync_folder(target / "journal")


def discard_unpublished(path: Path, current: int) -> None:
    """Remove what a writer that did not come to its end has left."""
    for entry in (path / "versions").iterdir():
        name = entry.name.partition(".")[0]
        if entry.is_dir() and (entry.suffix == ".part" or int(name) > current):
            shutil.rmtree(entry)
            uses.file_of(entry.with_name(name)).unlink(missing_ok=True)
    for version in count(current + 1):
        try:
            journal_file(path, version).unlink()
        except FileNotFoundError:
            return


def remove_unread(path: Path, current: int) -> None:
    """Remove the versions before *current* that nobody reads any more."""
    for entry in sorted((path / "versions").iterdir()):
        if not entry.is_dir() or entry.suffix or int(entry.name) >= current:
            continue
        lock = entry.with_name(f"{entry.name}.lock")
        with contextlib.suppress(OSError), lock.open("a", encoding="ascii") as handle:
            if disk.try_lock(handle):
                shutil.rmtree(entry, ignore_errors=True)
                uses.file_of(entry).unlink(missing_ok=True)
                lock.unlink(missing_ok=True)


@contextlib.contextmanager
def making(path: Path, of: str = "") -> Iterator[Path]:
    """Give a new folder to make a store in that is to stand at *path*.

    It holds what an interrupted build *of* the same has left, if there is such. What is
    in the folder's place in the end is removed: the unfinished store, unless it is kept
    for the next build, or the old one that `disk.swap_folder` has put there.
    """
    path = path.resolve()
    with contextlib.ExitStack() as held:
        fresh = _left(path, of, held) or _new(path, held)
        _remove_abandoned(path)
        is_kept = False
        try:
            yield fresh
        except KeyboardInterrupt:
            is_kept = (fresh / UNFINISHED).exists()
            raise
        finally:
            if not is_kept:
                _remove_after_readers(fresh)


def _new(path: Path, held: contextlib.ExitStack) -> Path:
    fresh = path.with_name(f"{path.name}.new-{secrets.token_hex(4)}")
    fresh.mkdir(parents=True)
    held.enter_context(disk.locked(fresh / "lock", 0))
    return fresh


def _left(path: Path, of: str, held: contextlib.ExitStack) -> Path | None:
    """Return what a build *of* the same has left and nobody goes on with yet."""
    for entry in left_by_builds(path):
        with contextlib.suppress(errors.StoreError):
            if is_of(entry / UNFINISHED, of):
                held.enter_context(disk.locked(entry / "lock", 0))
                for other in ("versions", "journal"):
                    shutil.rmtree(entry / other, ignore_errors=True)
                return entry
    return None


def left_by_builds(path: Path) -> list[Path]:
    """Return the folders beside *path* in which a build has not come to its end."""
    path = path.resolve()
    found = path.parent.glob(f"{path.name}.new-*/{UNFINISHED}")
    return sorted(file.parent for file in found)


def replace(path: Path, fresh: Path, *, over: int | None, wait: float = 10.0) -> None:
    """Put the complete store *fresh* at *path*, whatever stands there now.

    Raise StoreError where that is a store beyond the version *over*.
    """
    with contextlib.ExitStack() as held:
        if (path / "store.json").exists():
            held.enter_context(disk.locked(path / "lock", wait))
            _refuse_beyond(path, over)
        disk.swap_folder(fresh, path.resolve())


def _refuse_beyond(path: Path, over: int | None) -> None:
    if over is not None and Pointer.read(path).version > over:
        raise errors.StoreError(
            f"the store has gone beyond version {over} meanwhile",
            where=str(path),
            advice="nothing was changed; look at what is new with `kg log`, try again",
        )


def _remove_abandoned(path: Path) -> None:
    """Remove folders that a process which was killed has left beside *path*."""
    for entry in sorted(path.parent.glob(f"{path.name}.new-*")):
        lock = entry / "lock"
        with contextlib.suppress(OSError), lock.open("a", encoding="ascii") as handle:
            if disk.try_lock(handle):
                shutil.rmtree(entry, ignore_errors=True)


def _remove_after_readers(path: Path) -> None:
    """Remove the folder *path*; answers that have begun from it get a moment."""
    deadline = time.monotonic() + GRACE_SECONDS
    locks = sorted((path / "versions").glob("*.lock"))
    while any(map(disk.is_held, locks)) and time.monotonic() < deadline:
        time.sleep(0.02)
    shutil.rmtree(path, ignore_errors=True)
