"""Backups: a consistent copy of a store, and a copy put back in a store's place."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kg import disk, folder, uses
from kg.erasure import named_in, tombstones
from kg.errors import StoreBusyError, StoreDamagedError, StoreError, StoreMissingError
from kg.folder import Pointer
from kg.store import Store
from kg.verify import history_problems

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from kg.terms import NamedNode

ATTEMPTS = 3
"""How often a copy is begun, when the store is replaced while it is copied."""


@dataclass(frozen=True, slots=True)
class Restored:
    """What came of a restoring; *erased* was erased here before, and is back."""

    version: int
    erased: tuple[NamedNode, ...] = ()


def backup(store: Store, target: Path) -> int:
    """Copy the current version, the journal and the manifest to the folder *target*.

    Return the version. The copy is a store itself; it shares files with the original
    where both are on one disk. Others may read and write meanwhile. Raise StoreError
    where *target* is not empty, or cannot be written.
    """
    _require_empty(target, store.path)
    for _ in range(ATTEMPTS):
        pointer = store.snapshot().pointer
        try:
            with folder.making(target) as fresh:
                _copy(store, pointer.version, fresh, pointer)
                # A store that was replaced meanwhile may have given parts of both.
                if Pointer.read(store.path).origin == pointer.origin:
                    disk.swap_folder(fresh, target.resolve())
                    return pointer.version
        except FileNotFoundError:
            continue
        except OSError as error:
            raise disk.unwritable(target, error) from error
    raise StoreBusyError(
        "files of the store vanish while they are copied",
        where=str(store.path),
        advice="another process may be replacing it: try again; if that does not help,"
        " `kg check --store` tells what is missing",
    )


def backup_remote(store: Store, target: Path) -> int:
    """Make of the remote *store*, its journal with it, a store in the folder *target*.

    Return its version. Raise StoreError as `backup` does, or where the store went on to
    another version while it was read.
    """
    _require_empty(target, None)
    made = Store.receive(target, store, force=False)
    require_whole(made)
    return made.version


def restore(source: Path, target: Path, *, force: bool, wait: float) -> Restored:
    """Put a copy of the backup *source* at *target*, in one step.

    Raise StoreError where *source* is not whole, or where *target* holds changes that
    *source* does not, unless with *force*.
    """
    given = open_backup(source)
    version = given.snapshot().version
    present = _present(target, force=force)
    try:
        with folder.making(target) as fresh, _hold(target if present else None, wait):
            if present and not force:
                refuse_newer(present, given)
            _copy(given, version, fresh, Pointer.beginning(version))
            erased = tombstones(present.snapshot()) if present else frozenset()
            disk.swap_folder(fresh, target.resolve())
            present = None
    except OSError as error:
        raise disk.unwritable(target, error) from error
    back = named_in(given.snapshot(), erased) if erased else []
    return Restored(version, tuple(back))


def _copy(store: Store, version: int, target: Path, pointer: Pointer) -> None:
    """Make in *target* a store that has *version* of *store*, under *pointer*."""
    home = target / "versions" / str(version)
    home.mkdir(parents=True)
    for entry in sorted((store.path / "versions" / str(version)).iterdir()):
        if entry.suffix == ".sst":
            disk.link_or_copy(entry, home / entry.name)
        elif not entry.name.startswith("LO"):  # LOCK and LOG are of another moment
            disk.copy_synced(entry, home / entry.name)
    kept = uses.file_of(store.path / "versions" / str(version))
    if kept.exists():
        disk.copy_synced(kept, uses.file_of(home))
    disk.sync_folder(home)
    folder.copy_journal(store.path, target, version, {})
    folder.write_frame(target, pointer, store.manifest)


def _require_empty(target: Path, store: Path | None) -> None:
    if target.exists() and not (target.is_dir() and not any(target.iterdir())):
        raise StoreError(
            "there is something here already",
            where=str(target),
            advice="name a folder that does not exist, such as one with the date",
        )
    if store is not None and store.resolve() in target.resolve().parents:
        raise StoreError(
            "this is inside the store",
            where=str(target),
            advice="name a folder outside it, best on another disk",
        )


def require_whole(given: Store) -> None:
    """Raise StoreDamagedError where the history of the backup *given* has a gap."""
    problems = history_problems(given)
    if problems:
        raise StoreDamagedError(
            f"the backup is not whole: {problems[0]}",
            where=str(given.path),
            advice="use another one",
        )


def open_backup(source: Path) -> Store:
    """Return the store that the backup *source* is.

    Raise StoreMissingError where there is none, StoreDamagedError where it has a gap.
    """
    try:
        given = Store(source)
    except StoreMissingError as error:
        raise StoreMissingError(
            "there is no backup here",
            where=str(source),
            advice="name one that `kg backup` made",
        ) from error
    require_whole(given)
    return given


def _present(target: Path, *, force: bool) -> Store | None:
    """Return the store at *target*; None where there is none, or with *force* ruins."""
    try:
        store = Store(target)
        store.snapshot()
    except StoreMissingError:
        return None
    except StoreError as error:
        ruins = [target / name for name in ("store.json", "current", "versions")]
        if not any(path.exists() for path in ruins):
            raise
        if not force:
            raise StoreDamagedError(
                f"what it holds cannot be told from a backup: {error.message}",
                where=str(target),
                advice="put the backup in its place with --force",
            ) from error
        return None
    return store


@contextlib.contextmanager
def _hold(path: Path | None, wait: float) -> Iterator[None]:
    """Hold the lock of the store at *path*, if there is one."""
    if path is None:
        yield
    else:
        with disk.locked(path / "lock", wait):
            yield


def refuse_newer(present: Store, given: Store) -> None:
    """Raise StoreError where *present* has changes that *given* lacks."""
    newer = [v for v in range(2, present.version + 1) if not _same(present, given, v)]
    if newer:
        others = f" and {len(newer) - 1} more" if len(newer) > 1 else ""
        raise StoreError(
            "the store holds changes that the backup does not: version"
            f" {newer[0]}{others}",
            where=str(present.path),
            advice="look at them with `kg log`; --force discards them",
        )


def _same(present: Store, given: Store, version: int) -> bool:
    """Tell whether both journals have the same for *version*."""
    with contextlib.suppress(FileNotFoundError):
        one, other = ([*s.journal.lines(version)] for s in (present, given))
        return one == other
    return False
