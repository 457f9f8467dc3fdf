"""Backups: a consistent copy of a store, and a copy put back in a store's place."""

from __future__ import annotations

import hashlib
import os
import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kg import disk, folder
from kg.errors import StoreBusyError, StoreDamagedError, StoreError, StoreMissingError
from kg.folder import Pointer, journal_file
from kg.history import changes, is_stated
from kg.store import Store
from kg.terms import LOG, NamedNode
from kg.verify import history_problems

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from kg.store import Snapshot

ATTEMPTS = 3


@dataclass(frozen=True, slots=True)
class Restored:
    """What came of a restoring; *erased* was erased here and is now back."""

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
                _copy(store, fresh, pointer)
                # A store that was replaced meanwhile may have given parts of both.
                if Pointer.read(store.path).origin == pointer.origin:
                    disk.swap_folder(fresh, target.resolve())
                    return pointer.version
        except FileNotFoundError:
            continue
        except OSError as error:
            raise disk.unwritable(target, error) from error
    raise StoreBusyError(
        "the store is being replaced", where=str(store.path), advice="try again"
    )


def restore(source: Path, target: Path, *, force: bool, wait: float) -> Restored:
    """Put a copy of the backup *source* at *target*, in one step.

    Raise StoreError where *source* is not whole, or where *target* holds changes that
    *source* does not, unless with *force*.
    """
    given = Store(source)
    _require_whole(given)
    present = _present(target, force=force)
    pointer = Pointer.beginning(given.snapshot().version)
    try:
        with folder.making(target) as fresh, _lock(target, wait=wait):
            if present and not force:
                _refuse_newer(present, given)
            _copy(given, fresh, pointer)
            erased = _digests(present.snapshot()) if present else frozenset()
            disk.swap_folder(fresh, target.resolve())
    except OSError as error:
        raise disk.unwritable(target, error) from error
    back = tuple(_named(given.snapshot(), erased)) if erased else ()
    return Restored(pointer.version, back)
