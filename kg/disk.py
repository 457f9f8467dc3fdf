"""Files that survive a crash: synced writes, locks, and folders cloned by links."""

from __future__ import annotations

import contextlib
import ctypes
import errno
import fcntl
import os
import shutil
import stat
import time
from concurrent.futures import ThreadPoolExecutor
from typing import IO, TYPE_CHECKING, Any

from kg.errors import StoreBusyError, StoreError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

_AT_ONCE = 8
_SEE_TO_DISK = "nothing was changed; see to the disk's space and permissions"
_ADVICE = {
    errno.EBUSY: "nothing was changed; a directory that a disk is mounted on cannot be"
    " replaced: keep the store in a directory inside it"
}


def unwritable(path: Path, error: OSError) -> StoreError:
    """Return the error to raise where the disk refuses a write."""
    return StoreError(
        f"the store cannot be written ({error.strerror or error})",
        where=str(path),
        advice=_ADVICE.get(error.errno or 0, _SEE_TO_DISK),
    )


@contextlib.contextmanager
def writable(path: Path) -> Iterator[None]:
    """Raise the StoreError that says why the disk refuses a write."""
    try:
        yield
    except OSError as error:
        raise unwritable(path, error) from error


def make_private(folder: Path) -> None:
    """Make *folder* if it is not there; nobody else may write to it.

    Raise StoreError where that is not so: in a place that others can write to, somebody
    may have put a link there, to have what it leads to written over.
    """
    with writable(folder), contextlib.suppress(FileExistsError):
        folder.mkdir(mode=0o700)
    found = folder.lstat()
    is_ours = stat.S_ISDIR(found.st_mode) and found.st_uid == os.getuid()
    if not is_ours or found.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
        raise StoreError(
            "this should be a folder that nobody else can write to",
            where=str(folder),
            advice="remove it, or have TMPDIR name another place",
        )


def write_synced(path: Path, text: str) -> None:
    """Write *text* and return when it is on the disk."""
    with path.open("w", encoding="utf-8") as handle:
        handle.write(text)
        handle.flush()
        os.fsync(handle.fileno())


def replace_synced(part: Path, path: Path) -> None:
    """Put the file *part*, which is synced, in the place of *path* beside it."""
    part.replace(path)
    sync_folder(path.parent)


def replace_whole(path: Path, data: bytes) -> None:
    """Put *data* in the place of the file *path*, on the disk; its mode stays.

    Raise OSError where that cannot be done; then it is as it was.
    """
    part = path.with_name(f".{path.name}.part")
    try:
        with part.open("wb") as handle:
            handle.write(data)
            handle.flush()
            os.fsync(handle.fileno())
        if path.exists():
            shutil.copymode(path, part)
        replace_synced(part, path)
    except BaseException:
        part.unlink(missing_ok=True)
        raise


def sync_folder(path: Path) -> None:
    """Return when the names in the folder *path* are on the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextlib.contextmanager
def syncing(paths: Iterable[Path]) -> Iterator[None]:
    """Be done when these files, and the names in these folders, are on the disk.

    What does not depend on that can be done meanwhile.
    """
    # One after the other, each would wait for the disk by itself.
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        synced = pool.map(sync_folder, paths)
        yield
        for _ in synced:
            pass


def clone_engine_folder(source: Path, target: Path) -> None:
    """Copy a folder of the engine; its sorted tables never change and are linked.

    The rest is not synced: the engine writes it anew when it opens the folder.
    """
    target.mkdir()
    for entry in _kept(source):
        if entry.suffix == ".sst":
            link_or_copy(entry, target / entry.name)
        else:
            shutil.copyfile(entry, target / entry.name)


def borrow_engine_folder(source: Path, target: Path) -> None:
    """Fill *target*, in memory, as a clone of *source* whose tables stay there."""
    for entry in _kept(source):
        if entry.suffix == ".sst":
            (target / entry.name).symlink_to(entry.absolute())
        else:
            shutil.copyfile(entry, target / entry.name)


def keep_engine_folder(work: Path, source: Path, target: Path) -> list[Path]:
    """Make *target*, on the disk, of *work*, which has borrowed from *source*.

    Return the new files in it, which are not yet synced.
    """
    target.mkdir()
    made = []
    for entry in _kept(work):
        if entry.is_symlink():
            link_or_copy(source / entry.name, target / entry.name)
        else:
            made.append(target / entry.name)
            shutil.copyfile(entry, made[-1])
    return made


def _kept(folder: Path) -> list[Path]:
    """Return the engine's files, but those that are of one moment: it makes them anew.

    These are LOCK, LOG, and OPTIONS, which tells people what the options were.
    """
    return sorted(e for e in folder.iterdir() if not e.name.startswith(("LO", "OP")))


def link_or_copy(source: Path, target: Path) -> None:
    """Make *target* the same file as *source*, or a copy where no link can be had."""
    try:
        os.link(source, target)
    except FileNotFoundError:
        raise
    except OSError:
        copy_synced(source, target)


def copy_synced(source: Path, target: Path) -> None:
    """Copy a file and return when the copy is on the disk."""
    with source.open("rb") as given, target.open("xb") as copy:
        shutil.copyfileobj(given, copy)
        copy.flush()
        os.fsync(copy.fileno())


def swap_folder(fresh: Path, path: Path) -> None:
    """Put *fresh* at *path*, and at *fresh* what was there; in one step if possible."""
    if not path.exists():
        fresh.rename(path)
    elif not _exchange(fresh, path):
        aside = fresh.with_name(f"{fresh.name}.old")
        path.rename(aside)
        fresh.rename(path)
        aside.rename(fresh)
    sync_folder(path.parent)


def _exchange(one: Path, other: Path) -> bool:
    """Exchange two names as only Linux can; tell whether that was possible."""
    rename = getattr(ctypes.CDLL(None, use_errno=True), "renameat2", None)
    if rename is None:
        return False
    here, exchange = -100, 2  # AT_FDCWD, RENAME_EXCHANGE
    done = rename(here, os.fsencode(one), here, os.fsencode(other), exchange)
    return bool(done == 0)


@contextlib.contextmanager
def locked(path: Path, wait_seconds: float) -> Iterator[None]:
    """Hold the lock file *path* alone; raise StoreBusyError after *wait_seconds*."""
    deadline = time.monotonic() + wait_seconds
    while True:
        with _lock_file(path) as handle:
            while not try_lock(handle):
                if time.monotonic() > deadline:
                    raise _busy(path)
                time.sleep(0.02)
            # While this waited, another store may have been put in the old one's place.
            if _is_at(handle, path):
                _note_holder(handle)
                yield
                return


def _lock_file(path: Path) -> IO[Any]:
    try:
        return path.open("a+", encoding="ascii")
    except OSError as error:
        raise unwritable(path.parent, error) from error


def _is_at(handle: IO[Any], path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(handle.fileno()), path.stat())
    except FileNotFoundError:
        return False


def _note_holder(handle: IO[Any]) -> None:
    """Write who holds the lock; for the message of those who wait, so at best."""
    with contextlib.suppress(OSError):
        os.ftruncate(handle.fileno(), 0)
        os.write(handle.fileno(), str(os.getpid()).encode())


def try_lock(handle: IO[Any]) -> bool:
    """Take the lock on *handle* alone if nobody has it; tell whether that worked."""
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def is_held(path: Path) -> bool:
    """Tell whether anybody holds the lock file *path*, alone or in common."""
    try:
        with path.open("a", encoding="ascii") as handle:
            return not try_lock(handle)
    except OSError:
        return False


def hold_in_common(path: Path) -> IO[str] | None:
    """Hold *path* as one of many readers; None on a disk that cannot be written."""
    try:
        handle = path.open("a", encoding="ascii")
    except OSError:
        return None
    fcntl.flock(handle, fcntl.LOCK_SH)
    return handle


def _busy(path: Path) -> StoreBusyError:
    holder = path.read_text(encoding="ascii").strip() or "unknown"
    return StoreBusyError(
        f"another process (number {holder}) is writing to the store",
        where=str(path.parent),
        advice="try again when it is done",
    )
