"""Open a store, wherever it is."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, cast

from kg.store import Store

if TYPE_CHECKING:
    from kg.config import StorePlace


def open_store(
    place: StorePlace, *, wait_seconds: float = 10.0, query_seconds: float = 60.0
) -> Store:
    """Open the store that is the directory *place*, or is reached at that URL.

    A remote one is to stop a query after *query_seconds*; in a process of its own that
    is done by others. Raise a StoreError that says what is the matter with it.
    """
    if isinstance(place, Path):
        return Store(place, wait_seconds=wait_seconds)
    from kg.remote import Place, RemoteStore  # who has no such store need not import it

    there = RemoteStore(
        Place.of(place), wait_seconds=wait_seconds, query_seconds=query_seconds
    )
    return cast("Store", there)
