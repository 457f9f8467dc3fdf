"""A job: one query from its first message to its last, in whichever process."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from kg.errors import ExequaturError
from kg.readers.child import no_memory
from kg.readers.lanes import overload
from kg.readers.messages import ReaderFailedError
from kg.readers.process import SHORT_SECONDS, ReaderEndedError
from kg.readers.scheduling import QUICK_SECONDS

if TYPE_CHECKING:
    from kg.readers.lanes import Lane
    from kg.readers.messages import Limits
    from kg.readers.pool import Readers
    from kg.readers.process import Gone, Process

START_SECONDS = 30.0
"""A process that has not started by then is not waited for any longer."""

_MOST_ENDED = 3
"""After so many processes were ended under it, a query is taken for the reason."""


class _BeginAgainError(Exception):
    """The job has lost its process and begins again with another."""


class Job:
    """A query in the lane *lane*; close it when its answer is written, or not wanted.

    One that takes long in the quick lane goes on in the slow one, at a lower
    priority; where that is full, it is stopped and begun again when there is room.
    """

    def __init__(
        self, readers: Readers, lane: Lane, text: str, limits: Limits, gone: Gone | None
    ) -> None:
        self._readers = readers
        self._text = text
        self._limits = limits
        self._gone = gone
        self._until = time.monotonic() + limits.seconds
        self._first: object = None
        self._lane = lane
        self._process: Process | None = None
        self._is_sent = False
        self._began = 0.0
        self._ended = 0

    async def begin(self, message: object) -> bool:
        """Ask from an event loop; tell whether the reply came soon.

        Where it did `call` has it, else `call` goes on, and blocks. Raise OverloadError
        where too many wait.
        """
        self._first = message
        if self._lane is not self._readers.quick:
            return False
        try:
            await self._lane.enter_soon(self._until)
            process = self._take()
            if process.walls is None:
                return False
            self._send(process, message)
            return await process.reply_within(QUICK_SECONDS)
        except ReaderEndedError:
            self.close()
            return False
        except ExequaturError as error:
            self._readers.counts.stopped(error)
            self.close()
            raise
        except BaseException:
            self.drop()
            raise

    def call(self, message: object) -> object:
        """Return the reply to *message*; raise what the reader raises.

        Raise OverloadError where too many wait, QueryLimitError past a limit.
        """
        self._first = self._first or message
        while True:
            try:
                if self._process is None and self._first is not message:
                    self._ask(self._first)
                return self._ask(message)
            except _BeginAgainError:
                continue
            except (ExequaturError, ReaderFailedError) as error:
                self._readers.counts.stopped(error)
                self.close()
                raise
            except BaseException:  # a fault keeps no place, and nobody gets its reply
                self.drop()
                raise

    def drop(self) -> None:
        """Close the job, whatever its process is at."""
        if self._process is not None and self._is_sent:
            self._process.kill()
        self.close()

    def close(self) -> None:
        """Give the process back, or what replaces it."""
        process, self._process = self._process, None
        self._is_sent = False
        if process is not None:
            self._readers.give_back(process, self._lane)

    def _ask(self, message: object) -> object:
        try:
            process = self._process or self._enter()
            if process.walls is None:
                self._await(process)
            if not self._is_sent:
                self._send(process, message)
            if not process.wait(
                min(self._until, self._began + SHORT_SECONDS), self._gone
            ):
                process.let_interrupt()
            self._let_others_pass(process)
            if not process.wait(self._until, self._gone):
                raise process.stop(self._limits.seconds)
            reply = process.receive()
            self._is_sent = False
        except ReaderEndedError as error:
            self.close()
            self._ended += 1
            if self._ended > _MOST_ENDED:
                raise no_memory() from error
            # Whoever ended it may not have meant this query: once more.
            raise _BeginAgainError from error
        if process.is_slow and time.monotonic() - self._began < QUICK_SECONDS:
            self._readers.slow_texts.forget(self._text)
        return reply

    def _send(self, process: Process, message: object) -> None:
        self._began = time.monotonic()
        process.send(message)
        self._is_sent = True

    def _let_others_pass(self, process: Process) -> None:
        """Move to the slow lane where no reply has come for a while."""
        until = self._began + QUICK_SECONDS
        if self._lane is not self._readers.quick or until >= self._until:
            return
        if process.wait(until, self._gone):
            return
        self._readers.slow_texts.add(self._text)
        slow = self._readers.slow
        if slow.try_enter():
            process.slow_down()
            self._lane.leave()
            self._lane = slow
            self._readers.refill()
        else:
            process.kill()
            self.close()
            self._lane = slow
            raise _BeginAgainError

    def _enter(self) -> Process:
        self._lane.enter(self._until, self._gone)
        return self._take()

    def _take(self) -> Process:
        """Take a process for the place in the lane that this job has entered."""
        try:
            self._process = self._readers.take(self._lane)
        except BaseException:
            self._lane.leave()
            raise
        return self._process

    def _await(self, process: Process) -> None:
        """Wait until *process* has started, which is not on the query's time."""
        if not process.is_ready(time.monotonic() + START_SECONDS, self._gone):
            process.kill()
            raise overload()
        self._until = time.monotonic() + self._limits.seconds
