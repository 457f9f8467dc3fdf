"""A reader's process, seen from its parent."""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import select
import signal
import tempfile
import time
from typing import TYPE_CHECKING, TypeAlias

from kg.errors import ExequaturError, QueryDroppedError, QueryLimitError
from kg.readers.child import no_memory
from kg.readers.messages import (
    Head,
    Inbox,
    ReaderFailedError,
    Ready,
    Spooled,
    packed,
    took_longer,
)
from kg.readers.scheduling import give_way, lengthen_slice, restore_slice

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from kg.readers.nursery import Nursery

Gone: TypeAlias = "Callable[[], bool]"

_LOOK_SECONDS = 0.05
"""How often a parent that waits looks whether its client has gone."""

SHORT_SECONDS = 0.01
"""A query that takes longer may be interrupted by whatever wakes up."""

_PIECE = 256 * 1024
_GONE = select.POLLHUP | select.POLLERR | select.POLLNVAL
_MEMORY_SIGNALS = {signal.SIGSEGV, signal.SIGBUS}
_NO_MEMORY = re.compile(
    rb"memory allocation of|bad_alloc|MemoryError|[Cc]annot allocate|failed to spawn"
)
"""What a process says that was refused memory: the engine, its store, or Python."""

_MOST_SAID = 20_000
"""So many bytes are read of what a process said before it ended."""


class ReaderEndedError(ExequaturError):
    """A reader's process was ended by somebody else."""


class Process:
    """One process; it works on one message at a time."""

    def __init__(self, nursery: Nursery, spool: Path | None) -> None:
        self._nursery = nursery
        self._spool = spool
        self._poll = select.poll()
        self.is_slow = False
        self._is_interruptible = False
        self.walls: tuple[str, ...] | None = None
        self._exit_code: int | None = None
        self._is_buried = False
        to_read, to = os.pipe()
        from_, to_write = os.pipe()
        self._to, self._from = open(to, "wb", 0), open(from_, "rb", 0)  # noqa: PTH123, SIM115 pipes
        self._errors = tempfile.TemporaryFile(buffering=0)  # noqa: SIM115 as they are
        self._said = b""
        try:
            self.pid = nursery.bear(to_read, to_write, self._errors.fileno())
        except OSError:
            self._close()
            raise
        finally:
            os.close(to_read)
            os.close(to_write)
        self._inbox = Inbox()
        self._poll.register(self._from, select.POLLIN)

    @property
    def is_alive(self) -> bool:
        """Whether the process has not ended, for whoever asks."""
        if self._is_buried:
            return False
        look = select.poll()  # its own: its holder may be waiting with that one
        look.register(self._from, select.POLLIN)
        return _is_open(look)

    @property
    def is_fit(self) -> bool:
        """Whether it has not ended, for its holder alone."""
        return not self._is_buried and _is_open(self._poll)

    @property
    def is_killed(self) -> bool:
        """Whether it was ended from here."""
        return self._is_buried

    @property
    def memory_bytes(self) -> int:
        """How much memory it has at present, 0 where that cannot be had."""
        try:
            with open(f"/proc/{self.pid}/statm", encoding="ascii") as told:  # noqa: PTH123
                return int(told.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")
        except (OSError, ValueError, IndexError):
            return 0

    def is_ready(self, until: float, gone: Gone | None) -> bool:
        """Tell whether it has its store open by *until*; raise where it cannot be."""
        if self.walls is None and self.wait(until, gone):
            told = self.receive()
            assert isinstance(told, Ready)  # noqa: S101 the first message of all
            self.walls = told.walls
        return self.walls is not None

    def send(self, message: object) -> None:
        """Send *message*; `receive` has its reply."""
        data = memoryview(packed(message))
        with self._watched():
            while data:
                data = data[self._to.write(data) :]

    async def reply_within(self, seconds: float) -> bool:
        """Tell whether the reply is there within *seconds*, all of it.

        It is for an event loop, which does other things meanwhile; `wait` and `receive`
        may go on where this has left off. Raise what it means that the process ended.
        """
        loop, here = asyncio.get_running_loop(), self._from.fileno()
        done: asyncio.Future[None] = loop.create_future()

        def end() -> None:
            if not done.done():
                done.set_result(None)

        def arrive() -> None:
            self._inbox.add(os.read(here, _PIECE))
            if self._inbox.is_whole:
                end()

        def go_on() -> None:
            self.let_interrupt()
            timers.append(loop.call_later(seconds - SHORT_SECONDS, end))

        timers = [loop.call_later(SHORT_SECONDS, go_on)]
        loop.add_reader(here, arrive)
        try:
            await done
        finally:
            timers[-1].cancel()
            loop.remove_reader(here)
        with self._watched():
            self._inbox.require_open()
        return self._inbox.is_whole

    def wait(self, until: float, gone: Gone | None) -> bool:
        """Tell whether the reply has begun to arrive by *until*.

        Kill the process and raise QueryDroppedError where the client has *gone*.
        """
        if not self._inbox.is_empty:
            return True
        while not self._poll.poll(_milliseconds(until, bool(gone))):
            if gone and gone():
                self.kill()
                raise QueryDroppedError("the client has gone")
            if time.monotonic() >= until:
                return False
        return True

    def receive(self) -> object:
        """Return the reply; raise what the reader raised, or ReaderFailedError."""
        while not self._inbox.is_whole:
            self._poll.poll()  # an event loop may have had the pipe not block
            self._inbox.add(os.read(self._from.fileno(), _PIECE))
        with self._watched():
            reply = self._inbox.take()
        if self._is_interruptible and not self.is_slow:
            self._is_interruptible = False
            restore_slice(self.pid)
        if isinstance(reply, ExequaturError | ReaderFailedError):
            raise reply
        return _taken(reply)

    def stop(self, seconds: float) -> QueryLimitError:
        """Kill the process; return the error for a query longer than *seconds*."""
        self.kill()
        return took_longer(seconds)

    def let_interrupt(self) -> None:
        """Let whatever wakes up interrupt the process, until it has replied."""
        if not self._is_interruptible:
            self._is_interruptible = True
            lengthen_slice(self.pid)

    def slow_down(self) -> None:
        """Let everything else on this machine go first, from now on."""
        if self.is_slow:
            return
        self.let_interrupt()  # while its policy is the usual one
        self.is_slow = True
        give_way(self.pid)

    def kill(self) -> None:
        """End the process, whatever it does, and remove what it leaves."""
        if self._is_buried:
            return
        self._is_buried = True
        with contextlib.suppress(OSError):
            os.kill(self.pid, signal.SIGKILL)
        self._exit_code = self._nursery.bury(self.pid)
        with contextlib.suppress(OSError):
            self._said = os.pread(self._errors.fileno(), _MOST_SAID, 0)
        self._close()
        if self._spool is not None:
            for left in self._spool.glob(f"{self.pid}-*"):
                left.unlink(missing_ok=True)

    def _close(self) -> None:
        for pipe in (self._to, self._from, self._errors):
            with contextlib.suppress(OSError):
                pipe.close()

    @contextlib.contextmanager
    def _watched(self) -> Iterator[None]:
        """Raise what it means that the process ended."""
        try:
            yield
        except (BrokenPipeError, EOFError) as error:
            self.kill()
            raise self._end() from error

    def _end(self) -> Exception:
        """Return what it means how the process ended: see also what it said of it."""
        code = self._exit_code or 0
        is_failed = code > 0 or code == -signal.SIGABRT
        if -code in _MEMORY_SIGNALS or (is_failed and _NO_MEMORY.search(self._said)):
            return no_memory()
        if is_failed:
            said = self._said.decode("utf-8", "replace")
            return ReaderFailedError(f"a reader failed: {said or f'it ended ({code})'}")
        return ReaderEndedError("a reader was ended")


def _is_open(poll: select.poll) -> bool:
    """Tell whether the other end of a pipe is held by somebody."""
    return not any(told & _GONE for _, told in poll.poll(0))


def _taken(reply: object) -> object:
    """Return *reply*, its file out of the reach of `kill`."""
    if isinstance(reply, Head) and isinstance(reply.body, Spooled):
        return reply._replace(body=reply.body.taken())
    return reply.taken() if isinstance(reply, Spooled) else reply


def _milliseconds(until: float, is_watched: bool) -> float:
    left = max(0.0, until - time.monotonic())
    return (min(left, _LOOK_SECONDS) if is_watched else left) * 1000
