"""Readers: processes that answer queries and can be stopped at any moment.

A running query cannot be interrupted from within its process, so each runs in a
process of its own, with a limit on time, memory and the size of what it answers. Past
a limit the process is killed and another takes its place. Messages are pickles behind
their length, from and to nobody but this module.
"""

from __future__ import annotations

import contextlib
import os
import pickle
import queue
import resource
import select
import signal
import struct
import subprocess
import sys
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from pyoxigraph import QueryResultsFormat, QuerySolutions, parse, parse_query_results

from kg.answers import RDF_WRITERS
from kg.deriving import reason_update
from kg.errors import ExequaturError, OverloadError, QueryLimitError
from kg.formats import Kind, by_name
from kg.store import Store
from kg.terms import Triple
from kg.update import HOUSE, StillHeldError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from kg.answers import Answer
    from kg.formats import Format
    from kg.terms import GraphName, Term
    from kg.update import GraphRules, Update

# glibc reserves 64 MB of address space for each thread, which the limit would count.
_FEW_ARENAS = {"MALLOC_ARENA_MAX": "2"}
_PROGRAM = "import sys; from kg.readers import main; main(*sys.argv[1:])"
_LENGTH = struct.Struct("!Q")
_JSON = by_name("json")
_NTRIPLES = by_name("ntriples")


@dataclass(frozen=True, slots=True)
class Limits:
    """What one query may take; *waiting* requests may queue for a reader."""

    seconds: float
    memory_bytes: int
    answer_bytes: int
    waiting: int = 32


class Readers:
    """A pool of *size* reader processes on the store at *path*."""

    def __init__(self, path: Path, size: int, limits: Limits) -> None:
        self.path = path
        self.limits = limits
        self._idle: queue.LifoQueue[_Reader] = queue.LifoQueue()
        self._waiting = threading.BoundedSemaphore(size + limits.waiting)
        for _ in range(size):
            self._idle.put(_Reader(path, limits))

    def query(
        self,
        sparql: str,
        *,
        default_graphs: Sequence[str] = (),
        named_graphs: Sequence[str] = (),
        prefixes: Mapping[str, str] | None = None,
        base: str | None = None,
    ) -> ReaderAnswer:
        """Evaluate a query over the last published version, as `Snapshot.query` does.

        The answer must be written or walked over once, or closed. Raise OverloadError
        where too many wait, QueryLimitError past a limit.
        """
        asked = _Ask(sparql, tuple(default_graphs), tuple(named_graphs), prefixes, base)
        reader, deadline = self._take()
        try:
            return ReaderAnswer(self, reader, deadline, reader.call(asked, deadline))
        except BaseException:
            self._release(reader)
            raise

    def read_update(
        self,
        text: str,
        *,
        base: str,
        using_graphs: Sequence[str] = (),
        using_named_graphs: Sequence[str] = (),
        rules: GraphRules = HOUSE,
    ) -> tuple[str, Update]:
        """Read an update against the last published version, as `reason_update` does.

        Return the tag of that version too. Raise OverloadError and QueryLimitError as
        `query` does.
        """
        asked = _Read(text, base, tuple(using_graphs), tuple(using_named_graphs), rules)
        reader, deadline = self._take()
        try:
            reply = reader.call(asked, deadline)
        finally:
            self._release(reader)
        if isinstance(reply, _Held):
            raise StillHeldError(reply.triples)
        found: tuple[str, Update] = pickle.loads(reply)  # noqa: S301 from this module
        return found

    def close(self) -> None:
        """End the idle readers; those at work end with their query."""
        while not self._idle.empty():
            self._idle.get_nowait().kill()

    def _take(self) -> tuple[_Reader, float]:
        """Return an idle reader and the moment by which it must have answered."""
        if not self._waiting.acquire(blocking=False):
            raise _overload()
        try:
            reader = self._idle.get(timeout=self.limits.seconds)
        except queue.Empty as error:
            self._waiting.release()
            raise _overload() from error
        return reader, time.monotonic() + self.limits.seconds

    def _release(self, reader: _Reader) -> None:
        """Take *reader* back, or a new one in the place of a dead one."""
        alive = reader.is_alive
        self._idle.put(reader if alive else _Reader(self.path, self.limits))
        self._waiting.release()


class ReaderAnswer:
    """An answer that a reader holds; it has the methods of `Answer`."""

    def __init__(
        self, readers: Readers, reader: _Reader, deadline: float, head: _Head
    ) -> None:
        self.kind = head.kind
        self.is_ask = head.is_ask
        self.variables = head.variables
        self._truth = head.truth
        self._readers = readers
        self._reader: _Reader | None = reader
        self._deadline = deadline

    def __bool__(self) -> bool:
        return self._truth

    def __del__(self) -> None:
        self.close()

    def rows(self) -> Iterator[tuple[Term | None, ...]]:
        """Yield the solutions of a SELECT, None where a variable is unbound."""
        if self.kind is not Kind.RESULTS or self.is_ask:
            return
        body = self.serialize(_JSON)
        found = parse_query_results(body, format=QueryResultsFormat.JSON)
        if isinstance(found, QuerySolutions):
            for solution in found:
                yield tuple(solution[i] for i in range(len(self.variables)))

    def triples(self) -> Iterator[Triple]:
        """Yield the triples of a CONSTRUCT or DESCRIBE."""
        if self.kind is Kind.GRAPH:
            body = self.serialize(_NTRIPLES)
            for quad in parse(body, format=RDF_WRITERS["ntriples"]):
                yield Triple(quad.subject, quad.predicate, quad.object)

    def serialize(
        self, fmt: Format, *, prefixes: Mapping[str, str] | None = None
    ) -> bytes:
        """Return the answer in *fmt*; raise FormatError, or QueryLimitError."""
        if self._reader is None:
            raise RuntimeError("an answer can be written once")
        try:
            body: bytes = self._reader.call(_Write(fmt, prefixes), self._deadline)
            return body
        finally:
            self.close()

    def close(self) -> None:
        """Let the reader answer others; an answer not yet written is dropped."""
        reader, self._reader = self._reader, None
        if reader is not None:
            self._readers._release(reader)


@dataclass(frozen=True, slots=True)
class _Ask:
    """The message that asks for an evaluation; a `_Head` is the reply."""

    sparql: str
    default_graphs: tuple[str, ...]
    named_graphs: tuple[str, ...]
    prefixes: Mapping[str, str] | None
    base: str | None


@dataclass(frozen=True, slots=True)
class _Write:
    """The message that asks for the answer; its bytes are the reply."""

    format: Format
    prefixes: Mapping[str, str] | None


@dataclass(frozen=True, slots=True)
class _Read:
    """The message that sends an update; the reply is a pickle, or `_Held`."""

    text: str
    base: str
    using_graphs: tuple[str, ...]
    using_named_graphs: tuple[str, ...]
    rules: GraphRules


@dataclass(frozen=True, slots=True)
class _Held:
    """What a StillHeldError was made from: unlike others it cannot be pickled."""

    triples: tuple[tuple[Triple, tuple[GraphName, ...]], ...]


@dataclass(frozen=True, slots=True)
class _Head:
    """What is known of an answer before it is written."""

    kind: Kind
    is_ask: bool
    truth: bool
    variables: tuple[str, ...]


class _Reader:
    """One process, seen from its parent."""

    def __init__(self, path: Path, limits: Limits) -> None:
        self._limits = limits
        self._process = subprocess.Popen(  # noqa: S603 this very module
            [sys.executable, "-c", _PROGRAM, str(path),
             str(limits.memory_bytes), str(limits.answer_bytes)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=os.environ | _FEW_ARENAS,
        )  # fmt: skip

    @property
    def is_alive(self) -> bool:
        return self._process.poll() is None

    def call(self, message: object, deadline: float) -> Any:  # noqa: ANN401 a pickle
        """Send *message* and return the reply; raise what the reader raised."""
        assert self._process.stdin is not None  # noqa: S101 both are pipes
        assert self._process.stdout is not None  # noqa: S101
        try:
            _send(self._process.stdin, message)
            reply = self._receive(self._process.stdout, deadline)
        except (BrokenPipeError, EOFError) as error:
            self.kill()
            raise QueryLimitError(
                "the query needs more memory than it may have",
                advice="ask for less: add LIMIT, or narrow the patterns",
            ) from error
        if isinstance(reply, ExequaturError):
            raise reply
        return reply

    def kill(self) -> None:
        """End the process, whatever it does."""
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                pipe.close()

    def _receive(self, pipe: IO[bytes], deadline: float) -> object:
        ready, _, _ = select.select([pipe], [], [], max(0, deadline - time.monotonic()))
        if not ready:
            self.kill()
            raise QueryLimitError(
                f"the query took longer than {self._limits.seconds:g} seconds",
                advice="ask for less: add LIMIT, or narrow the patterns",
            )
        return _receive(pipe)


def _overload() -> OverloadError:
    return OverloadError("too many queries are waiting", advice="try again in a while")


def _send(pipe: IO[bytes], message: object) -> None:
    data = pickle.dumps(message)
    pipe.write(_LENGTH.pack(len(data)) + data)
    pipe.flush()


def _receive(pipe: IO[bytes]) -> object:
    size = pipe.read(_LENGTH.size)
    if len(size) < _LENGTH.size:
        raise EOFError
    data = pipe.read(_LENGTH.unpack(size)[0])
    return pickle.loads(data)  # noqa: S301 written by this module


# --- in the reader's own process --------------------------------------------------


class _Server:
    """Answers what its parent asks, one message at a time."""

    def __init__(self, path: Path, answer_bytes: int) -> None:
        self._store = Store(path)
        self._answer_bytes = answer_bytes
        self._answer: Answer | None = None

    def reply(self, message: object) -> object:
        """Return the reply to *message*; an error of ours is a reply too."""
        try:
            if isinstance(message, _Ask):
                return self._evaluate(message)
            if isinstance(message, _Write) and self._answer is not None:
                return self._write(self._answer, message)
            if isinstance(message, _Read):
                return self._read(message)
        except StillHeldError as error:
            return _Held(error.held)
        except ExequaturError as error:
            return error
        return ExequaturError("a reader was asked out of turn")

    def _evaluate(self, asked: _Ask) -> _Head:
        self._answer = answer = self._store.snapshot().query(
            asked.sparql,
            default_graphs=asked.default_graphs,
            named_graphs=asked.named_graphs,
            prefixes=asked.prefixes,
            base=asked.base,
        )
        return _Head(answer.kind, answer.is_ask, bool(answer), answer.variables)

    def _write(self, answer: Answer, asked: _Write) -> bytes:
        self._answer = None
        return self._limited(answer.serialize(asked.format, prefixes=asked.prefixes))

    def _read(self, asked: _Read) -> bytes:
        here = self._store.snapshot()
        update = reason_update(
            asked.text,
            here,
            base=asked.base,
            using_graphs=asked.using_graphs,
            using_named_graphs=asked.using_named_graphs,
            rules=asked.rules,
        )
        return self._limited(pickle.dumps((here.tag, update)))

    def _limited(self, body: bytes) -> bytes:
        if len(body) > self._answer_bytes:
            raise QueryLimitError(
                f"the answer has {len(body):,} bytes, of {self._answer_bytes:,} that"
                " may be sent",
                advice="ask for less: add LIMIT, or narrow the patterns",
            )
        return body


def _end_with_parent() -> None:
    """End this process when its parent has gone, even in the midst of a query."""
    parent = os.getppid()
    while os.getppid() == parent:
        time.sleep(0.5)
    os._exit(1)


def main(path: str, memory_bytes: str, answer_bytes: str) -> None:
    """Answer what comes on standard input until it ends."""
    most = int(memory_bytes)
    resource.setrlimit(resource.RLIMIT_AS, (most, most))
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to handle
    threading.Thread(target=_end_with_parent, daemon=True).start()
    server = _Server(Path(path), int(answer_bytes))
    with contextlib.suppress(EOFError):
        while True:
            _send(sys.stdout.buffer, server.reply(_receive(sys.stdin.buffer)))
