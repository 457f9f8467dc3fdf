"""Build a remote store from files: made here, through the gate, and copied there."""

from __future__ import annotations

import tempfile
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, cast

from kg.build import Built, build_store
from kg.errors import StoreError, StoreMissingError
from kg.progress import silent
from kg.remote.capabilities import fitting
from kg.remote.copying import copy_to
from kg.remote.place import Place
from kg.remote.store import RemoteStore

if TYPE_CHECKING:
    from kg.build import Sources
    from kg.progress import Tell
    from kg.store import Store


def build_remote(
    url: str,
    sources: Sources,
    *,
    base: str,
    force: bool = False,
    tell: Tell | None = None,
) -> Built:
    """Make the dataset of the store at *url* of the files, as `build_store` does."""
    place = Place.of(url)
    existing = _existing(place)
    if existing is not None and not force:
        if existing.manifest.fingerprint == sources.fingerprint(base):
            return Built(cast("Store", existing), was_current=True)
        raise StoreError(
            f"the store holds a dataset of other files, at version {existing.version}",
            where=place.url,
            advice="copy it with `kg copy`, then build with --force",
        )
    with tempfile.TemporaryDirectory(prefix="exequatur-") as name:
        made = build_store(Path(name) / "store", sources, base=base, tell=tell)
        if made.store is None:
            return made
        view = fitting(place)
        copy_to(made.store, place, view=view, force=force, tell=tell or silent)
    return replace(made, store=cast("Store", RemoteStore(place)))


def _existing(place: Place) -> RemoteStore | None:
    try:
        return RemoteStore(place)
    except StoreMissingError:
        return None
