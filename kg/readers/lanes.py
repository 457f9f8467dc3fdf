"""Lanes: how many queries of a sort run at once, and how many more may wait."""

from __future__ import annotations

import asyncio
import threading
import time
from collections import OrderedDict, deque
from typing import TYPE_CHECKING

from kg.errors import OverloadError, QueryDroppedError

if TYPE_CHECKING:
    from collections.abc import Callable

    from kg.readers.process import Gone, Process

_LOOK_SECONDS = 0.05
_REMEMBERED = 1000


class _Turn:
    """A place in the queue; *wake* tells who holds it that there is room for them."""

    def __init__(self, wake: Callable[[], object]) -> None:
        self.wake = wake


class Lane:
    """Room for *size* processes at work; *waiting* more queries may queue for it."""

    def __init__(self, size: int, waiting: int) -> None:
        self.size = size
        self.idle: list[Process] = []
        self._free = size
        self._waiting = waiting
        self._queue: deque[_Turn] = deque()
        self._guard = threading.Lock()

    @property
    def running(self) -> int:
        """How many are at work."""
        return self.size - self._free

    @property
    def queued(self) -> int:
        """How many wait."""
        return len(self._queue)

    def try_enter(self) -> bool:
        """Take a place if one is free and nobody waits for it."""
        with self._guard:
            if self._free == 0 or self._queue:
                return False
            self._free -= 1
            return True

    def enter(self, until: float, gone: Gone | None) -> None:
        """Take a place, or wait for one; raise OverloadError where that is no use."""
        if self.try_enter():
            return
        given = threading.Event()
        turn = self._line_up(given.set)
        while not given.wait(min(max(0.0, until - time.monotonic()), _LOOK_SECONDS)):
            if gone and gone():
                self._give_up(turn)
                raise QueryDroppedError("the client has gone")
            if time.monotonic() >= until:
                self._give_up(turn)
                raise overload()

    async def enter_soon(self, until: float) -> None:
        """Do as `enter` does, in an event loop, which does other things meanwhile."""
        if self.try_enter():
            return
        loop = asyncio.get_running_loop()
        given: asyncio.Future[bool] = loop.create_future()

        def answer(is_given: bool) -> None:
            if not given.done():
                given.set_result(is_given)

        turn = self._line_up(lambda: loop.call_soon_threadsafe(answer, True))
        timer = loop.call_later(until - time.monotonic(), answer, False)
        try:
            is_given = await given
        except BaseException:
            self._give_up(turn)
            raise
        finally:
            timer.cancel()
        if not is_given:
            self._give_up(turn)
            raise overload()

    def leave(self) -> None:
        """Give the place to the next."""
        with self._guard:
            following = self._queue.popleft() if self._queue else None
            if following is None:
                self._free += 1
        if following is not None:
            following.wake()

    def missing(self, spare: int) -> bool:
        """Tell whether fewer stand by than could be at work, and *spare* ones."""
        return self.running + len(self.idle) < self.size + spare

    def _line_up(self, wake: Callable[[], object]) -> _Turn:
        """Queue, or take the place that has become free; raise OverloadError."""
        turn = _Turn(wake)
        with self._guard:
            is_free = self._free > 0 and not self._queue
            if is_free:
                self._free -= 1
            elif len(self._queue) >= self._waiting:
                raise overload()
            else:
                self._queue.append(turn)
        if is_free:
            wake()
        return turn

    def _give_up(self, turn: _Turn) -> None:
        """Leave the queue; the place goes to the next if it was given just now."""
        with self._guard:
            is_waiting = turn in self._queue
            if is_waiting:
                self._queue.remove(turn)
        if not is_waiting:
            self.leave()


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
