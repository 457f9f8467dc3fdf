"""The next version in the making: worked on in memory, then put on the disk once.

The engine syncs each table that it writes, and each note of it, some ninety times for
a small change, although nothing has to last before the version is published. In memory
that costs nothing; there it works with links to the tables that stand on the disk.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from kg import disk

if TYPE_CHECKING:
    from collections.abc import Callable

MEMORY = Path("/dev/shm")  # noqa: S108 - a folder of our own is made in it, for us only
"""Where files are kept in memory, on systems that have such a place."""

MOST_QUADS = 20_000
"""A larger change is made on the disk, where syncing is the least of it."""

LEAST_FREE = 32 << 20
"""Bytes that must be free there, enough for so large a change."""


def update_in_memory(
    last: Path, part: Path, update: Callable[[Path], None]
) -> list[Path] | None:
    """Make the folder *part*: the folder *last* of the engine after *update*.

    Return the files in it that are not yet synced; None where it could not be done in
    memory, and nothing was. Raise OSError where the disk refuses what was made.
    """
    work = _own_folder(last)
    if work is None:
        return None
    try:
        if _is_done(last, work, update):
            return disk.keep_engine_folder(work, last, part)
        return None
    finally:
        shutil.rmtree(work, ignore_errors=True)


def _is_done(last: Path, work: Path, update: Callable[[Path], None]) -> bool:
    try:
        disk.borrow_engine_folder(last, work)
        update(work)
    except (OSError, RuntimeError):  # no room there, for one; the disk may do better
        return False
    return True


def _own_folder(last: Path) -> Path | None:
    """Make a folder in memory for the store that holds *last*, if that can be."""
    try:
        space = os.statvfs(MEMORY)
        store = last.parent.stat()
    except OSError:
        return None
    if space.f_bavail * space.f_frsize < LEAST_FREE:
        return None
    work = MEMORY / f"exequatur-{os.geteuid()}-{store.st_dev:x}-{store.st_ino:x}"
    try:
        work.mkdir(mode=0o700)
    except OSError:
        # Whoever wrote there was killed. Should memory have been the reason, the disk
        # is the way out.
        shutil.rmtree(work, ignore_errors=True)
        return None
    return work
