"""Lanes: how many queries of a sort run at once, and how many more may wait."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from typing import TYPE_CHECKING

from kg.errors import OverloadError, QueryDroppedError

if TYPE_CHECKING:
    from kg.readers.process import Gone, Process

_LOOK_SECONDS = 0.05
_REMEMBERED = 1000


class Lane:
    """Room for *size* processes at work; *waiting* more queries may queue for it."""

    def __init__(self, size: int, waiting: int) -> None:
        self.size = size
        self.idle: list[Process] = []
        self._free = size
        self._waiting = waiting
        self._queued = 0
        self._changed = threading.Condition()

    @property
    def running(self) -> int:
        """How many are at work."""
        return self.size - self._free

    @property
    def queued(self) -> int:
        """How many wait."""
        return self._queued

    def try_enter(self) -> bool:
        """Take a place if one is free and nobody waits for it."""
        with self._changed:
            if self._free == 0 or self._queued:
                return False
            self._free -= 1
            return True

    def enter(self, until: float, gone: Gone | None) -> None:
        """Take a place, or wait for one; raise OverloadError where that is no use."""
        with self._changed:
            if self._free and not self._queued:
                self._free -= 1
                return
            if self._queued >= self._waiting:
                raise overload()
            self._queued += 1
            try:
                self._wait(until, gone)
                self._free -= 1
            finally:
                self._queued -= 1

    def leave(self) -> None:
        """Give the place to the next."""
        with self._changed:
            self._free += 1
            self._changed.notify()

    def missing(self, spare: int) -> bool:
        """Tell whether fewer stand by than could be at work, and *spare* ones."""
        return self.running + len(self.idle) < self.size + spare

    def _wait(self, until: float, gone: Gone | None) -> None:
        while not self._free:
            left = until - time.monotonic()
            if left <= 0:
                raise overload()
            if gone and gone():
                raise QueryDroppedError("the client has gone")
            self._changed.wait(min(left, _LOOK_SECONDS))


class Memory:
    """Which texts took long lately; so many at most."""

    def __init__(self) -> None:
        self._texts: OrderedDict[int, None] = OrderedDict()
        self._guard = threading.Lock()

    def __contains__(self, text: str) -> bool:
        return hash(text) in self._texts

    def add(self, text: str) -> None:
        """Remember *text*."""
        with self._guard:
            self._texts[hash(text)] = None
            if len(self._texts) > _REMEMBERED:
                self._texts.popitem(last=False)

    def forget(self, text: str) -> None:
        """Forget *text*: it was quick."""
        with self._guard:
            self._texts.pop(hash(text), None)


def overload() -> OverloadError:
    """Return the error for a query that nobody has time for."""
    return OverloadError("too many queries are waiting", advice="try again in a while")
