"""The program of a reader's process: it answers what its parent asks, until it ends."""

from __future__ import annotations

import contextlib
import os
import pickle
import socket
import sys
import threading
import time
import traceback
from pathlib import Path
from typing import TYPE_CHECKING

from kg.config import store_place
from kg.errors import ExequaturError, QueryLimitError, StoreError
from kg.readers.confinement import confine
from kg.readers.evaluation import evaluate, write
from kg.readers.messages import (
    NARROW,
    Ask,
    Body,
    Explain,
    Head,
    Held,
    Limits,
    Read,
    ReaderFailedError,
    Ready,
    Spooled,
    Write,
    receive,
    send,
    took_longer,
)
from kg.readers.nursery import serve
from kg.readers.scheduling import yielding
from kg.readers.sink import Sink, too_many_quads
from kg.stores import open_store
from kg.update import StillHeldError

if TYPE_CHECKING:
    from kg.answers import Answer
    from kg.config import StorePlace

_MOST_TIMES = 3
"""So often a query is evaluated where the store goes on to another version."""

_AGAIN_SECONDS = 1.0
"""What has taken longer is not evaluated again."""


class Reader:
    """Answers one message at a time; large bodies are files in the folder *spool*."""

    def __init__(self, place: StorePlace, limits: Limits, spool: Path | None) -> None:
        self._store = open_store(place, query_seconds=limits.seconds)
        self._store.snapshot()  # opened before the first query, not by it
        self._limits = limits
        self._spool = spool
        self._spooled = 0
        self._answer: Answer | None = None

    def reply(self, message: object) -> object:
        """Return the reply to *message*; an error of ours is a reply too.

        Where a remote store has not answered within the limit, that is what is told,
        whoever notices it first: this process or the one that would end it.
        """
        began = time.monotonic()
        try:
            return self._replied(message)
        except StillHeldError as error:
            return Held(error.held)
        except StoreError as error:
            seconds = self._limits.seconds
            is_over = time.monotonic() - began >= seconds
            return took_longer(seconds) if is_over else error
        except ExequaturError as error:
            return error
        except MemoryError:
            return no_memory()
        except Exception:  # noqa: BLE001 told as what it is
            return ReaderFailedError(f"a reader failed: {traceback.format_exc()}")

    def _replied(self, message: object) -> object:
        if isinstance(message, Ask):
            return self._evaluate(message)
        if isinstance(message, Write) and self._answer is not None:
            return self._write(self._answer, message)
        if isinstance(message, Read):
            return self._read(message)
        if isinstance(message, Explain):
            return self._explain(message)
        return ExequaturError("a reader was asked out of turn")

    def _evaluate(self, asked: Ask) -> Head:
        """Evaluate a query; once more where the store went on before it was written.

        Where it did each time the answer is of no version: its tag is "".
        """
        until = time.monotonic() + _AGAIN_SECONDS
        for _ in range(_MOST_TIMES):
            here = self._store.snapshot()
            self._answer, head = evaluate(asked, here, self._limits, self._fresh())
            if head.body is None or here.stands():
                return head
            unsent = head._replace(tag="")
            if time.monotonic() > until:
                break
            if isinstance(head.body, Spooled):
                head.body.remove()
        return unsent

    def _write(self, answer: Answer, message: Write) -> Body:
        self._answer = None
        path = self._fresh()
        return write(answer, message.format, message.prefixes, self._limits, path)

    def _read(self, asked: Read) -> bytes:
        from kg.deriving import reason_update  # slow, and not for who imports this

        here = self._store.snapshot()
        update = reason_update(
            asked.text,
            here,
            base=asked.base,
            using_graphs=asked.using_graphs,
            using_named_graphs=asked.using_named_graphs,
            rules=asked.rules,
        )
        if sum(update.counts) > self._limits.answer_rows:
            raise too_many_quads(self._limits)
        return self._pickled((here.tag, update))

    def _explain(self, asked: Explain) -> bytes:
        from kg.row_evidence import answer_evidence  # slow, as above

        here = self._store.snapshot()
        found = answer_evidence(
            here,
            asked.sparql,
            shown=asked.shown,
            first=asked.first,
            rows=asked.rows,
            seconds=asked.seconds,
        )
        return self._pickled((here.tag if here.stands() else "", found))

    def _pickled(self, found: object) -> bytes:
        """Return *found* as it is sent; raise QueryLimitError where it is too large."""
        sink = Sink(None, self._limits, "")
        sink.write(pickle.dumps(found))
        body = sink.body()
        assert isinstance(body, bytes)  # noqa: S101 it was given no file
        return body

    def _fresh(self) -> Path | None:
        """Return the path of a file that is not there yet."""
        self._spooled += 1
        name = f"{os.getpid()}-{self._spooled}"
        return self._spool / name if self._spool else None


def no_memory() -> QueryLimitError:
    """Return the error for a query that wants more memory."""
    return QueryLimitError(
        "the query needs more memory than it may have", advice=NARROW, limit="memory"
    )


def _end_with_parent() -> None:
    """End this process when its parent has gone, even in the midst of a query."""
    parent = os.getppid()
    while os.getppid() == parent:
        time.sleep(0.5)
    os._exit(1)


def nurse(line: str, *arguments: str) -> None:
    """Fork readers for the parent, on the descriptor *line*, until it has gone."""
    # Here once, so that no reader has to.
    import kg.deriving
    import kg.row_evidence  # noqa: F401

    serve(socket.socket(fileno=int(line)), lambda: main(*arguments))


def main(place: str, spool: str, *limits: str) -> None:
    """Answer what comes on standard input until it ends."""
    memory_bytes, answer_bytes, answer_rows, seconds = map(int, limits)
    known = Limits(seconds, memory_bytes, answer_bytes, answer_rows=answer_rows)
    where = store_place(place)
    # Before there are threads: they inherit it.
    walls = confine(memory_bytes, network=isinstance(where, str))
    threading.Thread(target=_end_with_parent, daemon=True).start()
    with contextlib.suppress(EOFError, BrokenPipeError):
        try:
            reader = Reader(where, known, Path(spool) if spool else None)
        except ExequaturError as error:
            send(sys.stdout.buffer, error)
            return
        send(sys.stdout.buffer, Ready(walls))
        while True:
            message = receive(sys.stdin.buffer)
            with yielding():
                reply = reader.reply(message)
            send(sys.stdout.buffer, reply)
