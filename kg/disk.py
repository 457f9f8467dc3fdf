"""Files that survive a crash: synced writes, locks, and folders cloned by links."""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import time
from typing import IO, TYPE_CHECKING, Any

from kg.errors import StoreBusyError, StoreError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


def unwritable(path: Path, error: OSError) -> StoreError:
    """Return the error to raise where the disk refuses a write."""
    return StoreError(
        f"the store cannot be written ({error.strerror or error})",
        where=str(path),
        advice="nothing was changed; see to the disk's space and permissions",
    )


def write_synced(path: Path, text: str) -> None:
    """Write *text* and return when it is on the disk."""
    with path.open("w", encoding="utf-8") as handle:
        handle.write(text)
        handle.flush()
        os.fsync(handle.fileno())


def replace_synced(path: Path, text: str) -> None:
    """Put *text* in the place of what *path* holds, all of it or nothing."""
    part = path.with_name(f"{path.name}.part")
    write_synced(part, text)
    part.replace(path)
    sync_folder(path.parent)


def sync_folder(path: Path) -> None:
    """Return when the names in the folder *path* are on the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def clone_engine_folder(source: Path, target: Path) -> None:
    """Copy a folder of the engine; its sorted tables never change and are linked."""
    target.mkdir()
    for entry in sorted(source.iterdir()):
        if entry.suffix == ".sst":
            os.link(entry, target / entry.name)
        elif not entry.name.startswith("LO"):  # LOCK and LOG are of this moment
            shutil.copyfile(entry, target / entry.name)


def swap_folder(fresh: Path, path: Path) -> None:
    """Put *fresh* at *path*; what was there is moved aside first, then removed."""
    old = path.with_name(f"{path.name}.old-{os.getpid()}")
    if path.exists():
        path.rename(old)
    fresh.rename(path)
    sync_folder(path.parent)
    shutil.rmtree(old, ignore_errors=True)


@contextlib.contextmanager
def locked(path: Path, wait_seconds: float) -> Iterator[None]:
    """Hold the lock file *path* alone; raise StoreBusyError after *wait_seconds*."""
    deadline = time.monotonic() + wait_seconds
    try:
        handle = path.open("a+", encoding="ascii")
    except OSError as error:
        raise unwritable(path.parent, error) from error
    with handle:
        while not try_lock(handle):
            if time.monotonic() > deadline:
                raise _busy(path)
            time.sleep(0.02)
        handle.truncate(0)
        handle.write(str(os.getpid()))
        handle.flush()
        yield


def try_lock(handle: IO[Any]) -> bool:
    """Take the lock on *handle* alone if nobody has it; tell whether that worked."""
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


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
