"""The version that a process reads by itself, opened while its event loop goes on."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

    from kg.store import Snapshot


class Here:
    """Has what *opening* returns, for the version that its caller knows by a mark."""

    def __init__(self, opening: Callable[[], Snapshot]) -> None:
        self._opening = opening
        self._known: tuple[Hashable, Snapshot] | None = None
        self._opener: threading.Thread | None = None

    def snapshot(self, mark: Hashable) -> Snapshot | None:
        """Return the version of *mark*, None while it has still to be opened."""
        known = self._known
        if known is not None and known[0] == mark:
            return known[1]
        if self._opener is None or not self._opener.is_alive():
            self._opener = threading.Thread(target=self._open, args=[mark], daemon=True)
            self._opener.start()
        return None

    def _open(self, mark: Hashable) -> None:
        self._known = (mark, self._opening())
