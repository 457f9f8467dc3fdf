"""What a reader and its parent tell each other: pickles behind their length."""

from __future__ import annotations

import pickle
import struct
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO, TYPE_CHECKING, NamedTuple, TypeAlias

from kg.errors import QueryLimitError
from kg.formats import Kind

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kg.formats import Format
    from kg.ordering import Sought
    from kg.terms import GraphName, Triple
    from kg.update import GraphRules

_LENGTH = struct.Struct("!Q")
_ASK, _HEAD = "ask", "head"

NARROW = "ask for less: add LIMIT, or narrow the patterns"


def took_longer(seconds: float) -> QueryLimitError:
    """Return the error for a query that took longer than *seconds*."""
    return QueryLimitError(
        f"the query took longer than {seconds:g} seconds", advice=NARROW, limit="time"
    )


@dataclass(frozen=True, slots=True)
class Limits:
    """What one query may take; *waiting* requests may queue for a reader."""

    seconds: float
    memory_bytes: int
    answer_bytes: int
    waiting: int = 32
    answer_rows: int = 10_000_000

    def lowered(self, seconds: float | None) -> Limits:
        """Return these with *seconds* where that is less: a request raises nothing."""
        if seconds is None or seconds >= self.seconds:
            return self
        return replace(self, seconds=seconds)


@dataclass(frozen=True, slots=True)
class Spooled:
    """A body too large to hold in memory: a file that its holder removes."""

    path: Path
    size: int

    def read(self) -> bytes:
        """Return the whole of it, and remove the file."""
        body = self.path.read_bytes()
        self.remove()
        return body

    def taken(self) -> Spooled:
        """Return the same under a name that is no longer that of a reader's."""
        path = self.path.with_name(f"taken-{self.path.name}")
        return Spooled(self.path.rename(path), self.size)

    def remove(self) -> None:
        """Remove the file, if it is still there."""
        self.path.unlink(missing_ok=True)


Body: TypeAlias = bytes | Spooled


class ReaderFailedError(RuntimeError):
    """A reader met an error that nobody foresaw; its text has the traceback."""


# Those two are asked and told for every query. As plain tuples, which name no class to
# look up, they are pickled and read in a tenth of the time.
class Ask(NamedTuple):
    """The message that asks for an evaluation; a `Head` is the reply.

    *results* and *graph* name the formats in which to write an answer of that kind at
    once, abbreviated by the project's prefixes; "" where it is not to be written yet.
    Where rows are *sought*, they are what the query answers, and all are counted.
    """

    sparql: str
    default_graphs: tuple[str, ...] = ()
    named_graphs: tuple[str, ...] = ()
    prefixes: Mapping[str, str] | None = None
    base: str | None = None
    results: str = ""
    graph: str = ""
    sought: Sought | None = None


class Head(NamedTuple):
    """What is known of an answer: the version it is of, and its body if written.

    The *tag* is "" where the body may be of another version than it was begun in, and
    *total* how many rows there are besides, None where they were not counted.
    """

    kind: Kind
    is_ask: bool
    truth: bool
    variables: tuple[str, ...]
    tag: str
    body: Body | None = None
    total: int | None = None


@dataclass(frozen=True, slots=True)
class Write:
    """The message that asks for the answer; its `Body` is the reply."""

    format: Format
    prefixes: Mapping[str, str] | None


@dataclass(frozen=True, slots=True)
class Read:
    """The message that sends an update; the reply is a pickle, or `Held`."""

    text: str
    base: str
    using_graphs: tuple[str, ...]
    using_named_graphs: tuple[str, ...]
    rules: GraphRules


@dataclass(frozen=True, slots=True)
class Explain:
    """The message that asks for the evidence of rows; the reply is a pickle.

    *seconds* is after how long to tell what was found by then.
    """

    sparql: str
    shown: str
    first: int
    rows: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Held:
    """What a StillHeldError was made from: unlike others it cannot be pickled."""

    triples: tuple[tuple[Triple, tuple[GraphName, ...]], ...]


@dataclass(frozen=True, slots=True)
class Ready:
    """The first message of a reader: it has its store open, and *walls* around it."""

    walls: tuple[str, ...]


class Inbox:
    """Puts a message together from the pieces in which it arrives."""

    def __init__(self) -> None:
        self._pieces: list[bytes] = []
        self._size = 0
        self._wanted: int | None = None
        self._is_closed = False

    @property
    def is_empty(self) -> bool:
        """Whether nothing has arrived yet, not even that nothing will."""
        return not (self._pieces or self._is_closed)

    @property
    def is_whole(self) -> bool:
        """Whether `take` has a message, or raises because there is none to come."""
        if self._is_closed:
            return True
        # To join the pieces for each of them would take the square of their size.
        if self._wanted is None and self._size >= _LENGTH.size:
            self._wanted = _LENGTH.size + _LENGTH.unpack_from(self._joined())[0]
        return self._wanted is not None and self._size >= self._wanted

    def require_open(self) -> None:
        """Raise EOFError where no message will come any more."""
        if self._is_closed:
            raise EOFError

    def add(self, piece: bytes) -> None:
        """Add what has arrived; nothing means that the pipe was closed."""
        if piece:
            self._pieces.append(piece)
            self._size += len(piece)
        else:
            self._is_closed = True

    def take(self) -> object:
        """Return the message; raise EOFError where there is none, or half of one."""
        data = self._joined()
        if len(data) < _LENGTH.size:
            raise EOFError
        (size,) = _LENGTH.unpack_from(data)
        if len(data) < _LENGTH.size + size:
            raise EOFError
        self._pieces, self._size, self._wanted = [], 0, None
        return _unpacked(memoryview(data)[_LENGTH.size :])

    def _joined(self) -> bytes:
        if len(self._pieces) > 1:
            self._pieces = [b"".join(self._pieces)]
        return self._pieces[0] if self._pieces else b""


def packed(message: object) -> bytes:
    """Return *message* as it is sent."""
    if isinstance(message, Ask):
        message = (_ASK, *message)
    elif isinstance(message, Head):
        message = (_HEAD, message.kind.value, *message[1:])
    data = pickle.dumps(message)
    return _LENGTH.pack(len(data)) + data


def _unpacked(data: bytes | memoryview) -> object:
    """Return the message that was *packed*, without its length."""
    found = pickle.loads(data)  # noqa: S301 written by this package
    if type(found) is not tuple:
        return found
    tag, first, *others = found
    return Ask(first, *others) if tag == _ASK else Head(Kind(first), *others)


def send(pipe: IO[bytes], message: object) -> None:
    """Write one message."""
    pipe.write(packed(message))
    pipe.flush()


def receive(pipe: IO[bytes]) -> object:
    """Read one message; raise EOFError where there is none, or half of one."""
    (size,) = _LENGTH.unpack(_exactly(pipe, _LENGTH.size))
    return _unpacked(_exactly(pipe, size))


def _exactly(pipe: IO[bytes], size: int) -> bytes:
    data = pipe.read(size)
    if len(data) < size:
        raise EOFError
    return data
