"""Put a backup in the place of what a remote store holds."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from kg.backup import Restored, open_backup, refuse_newer
from kg.erasure import named_in, tombstones
from kg.errors import StoreMissingError
from kg.remote.capabilities import fitting
from kg.remote.copying import copy_to
from kg.remote.place import Place
from kg.remote.store import RemoteStore
from kg.store import Store

if TYPE_CHECKING:
    from pathlib import Path

    from kg.progress import Tell


def restore_remote(source: Path, url: str, *, force: bool, tell: Tell) -> Restored:
    """Copy the backup *source* to the store at *url*, in the place of its dataset.

    What broke off is gone on with when it is done again; until it is complete, the
    store holds no dataset. Raise StoreError where *source* is not whole, or where the
    store holds changes that it lacks, unless with *force*.
    """
    given, place = open_backup(source), Place.of(url)
    present = _present(place)
    erased: frozenset[str] = frozenset()
    if present is not None:
        if not force:
            refuse_newer(cast("Store", present), given)
        erased = tombstones(present.snapshot())
    view = fitting(place) if present is None else present.engine.view
    replaces = force or present is not None
    copy_to(given, place, view=view, force=replaces, tell=tell)
    here = given.snapshot()
    return Restored(here.version, tuple(named_in(here, erased) if erased else ()))


def _present(place: Place) -> RemoteStore | None:
    try:
        return RemoteStore(place)
    except StoreMissingError:
        return None
