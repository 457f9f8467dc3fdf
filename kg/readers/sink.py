"""Where a reader writes an answer: counted as it grows, in memory or in a file."""

from __future__ import annotations

from typing import IO, TYPE_CHECKING

from kg.errors import OverloadError, QueryLimitError
from kg.readers.messages import NARROW, Body, Spooled

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from kg.readers.messages import Limits

INLINE_BYTES = 256 * 1024
"""A body up to here travels in a message, a larger one in a file."""

_HEADED = ("csv", "spreadsheet", "tsv")
_MARKS = {
    "csv": b"\n",
    "json": b"{",
    "spreadsheet": b"\n",
    "tsv": b"\n",
    "xml": b"<result>",
}
"""What a row has one of at least; how many there are is had at little cost."""

_PIECE = 64 * 1024


class RowCounter:
    """Counts the rows in a table that is written piece by piece."""

    def __init__(self, format_name: str) -> None:
        self._count = getattr(self, f"_{format_name}", self._nothing)
        self.rows = -1 if format_name in _HEADED else 0  # their first is a head
        self._within = False
        self._tail = b""

    def add(self, piece: bytes) -> None:
        """Count the rows that *piece* holds."""
        self._count(piece)

    def _csv(self, piece: bytes) -> None:
        for index, part in enumerate(piece.split(b'"')):
            self._within ^= index > 0
            if not self._within:
                self.rows += part.count(b"\n")

    def _tsv(self, piece: bytes) -> None:
        self.rows += piece.count(b"\n")

    def _xml(self, piece: bytes) -> None:
        text = self._tail + piece
        self.rows += text.count(b"<result>")
        self._tail = text[-(len(b"<result>") - 1) :]

    def _json(self, piece: bytes) -> None:
        """Count the objects that begin outside strings, after a bracket or comma."""
        text = self._tail + piece
        # A piece may end amid an escape: keep the backslashes for the next.
        whole = len(text.rstrip(b"\\")) if text.endswith(b"\\") else len(text)
        text, self._tail = text[:whole], text[whole:]
        text = text.replace(b"\\\\", b"").replace(b'\\"', b"")
        outside = []
        for index, part in enumerate(text.split(b'"')):
            self._within ^= index > 0
            if not self._within:
                outside.append(part)
        joined = b'"'.join(outside)
        self.rows += joined.count(b",{") + joined.count(b"[{")
        if not self._within and joined.endswith((b",", b"[")) and not self._tail:
            self._tail = joined[-1:]

    _spreadsheet = _csv

    def _nothing(self, piece: bytes) -> None:
        """Count nothing: a graph is counted before it is written."""


class Sink:
    """A file-like object; raise QueryLimitError where an answer grows too large."""

    def __init__(self, path: Path | None, limits: Limits, format_name: str) -> None:
        self._path = path
        self._limits = limits
        self._format = format_name
        self._mark = _MARKS.get(format_name)
        self._most_rows = 0
        self._counter: RowCounter | None = None
        self._pieces: list[bytes] = []
        self._file: IO[bytes] | None = None
        self._size = 0

    def write(self, piece: bytes) -> int:
        """Take *piece*."""
        self._size += len(piece)
        if self._size > self._limits.answer_bytes:
            raise _too_large("bytes", self._limits.answer_bytes)
        self._keep(piece)
        if self._mark is not None:
            self._count(piece, self._mark)
        return len(piece)

    def _keep(self, piece: bytes) -> None:
        if self._file is None and self._path and self._size > INLINE_BYTES:
            self._file = _opened(self._path)
            self._put(self._pieces)
            self._pieces = []
        if self._file is None:
            self._pieces.append(bytes(piece))
        else:
            self._put([piece])

    def _count(self, piece: bytes, mark: bytes) -> None:
        """Raise QueryLimitError past the limit of rows, counted if they may be."""
        if self._counter is None:
            self._most_rows += piece.count(mark) + 1  # one may be cut in two
            if self._most_rows <= self._limits.answer_rows:
                return
            self._counter = RowCounter(self._format)
            for before in self._kept():
                self._counter.add(before)
        else:
            self._counter.add(piece)
        if self._counter.rows > self._limits.answer_rows:
            raise too_many_rows(self._limits)

    def _kept(self) -> Iterator[bytes]:
        """Yield what was written so far."""
        yield from self._pieces
        if self._file is not None and self._path is not None:
            self._put([], flush=True)
            with self._path.open("rb") as written:
                while piece := written.read(_PIECE):
                    yield piece

    def flush(self) -> None:
        """Do nothing: the body is taken when it is whole."""

    def body(self) -> Body:
        """Return what was written."""
        if self._file is None or self._path is None:
            return b"".join(self._pieces)
        try:
            self._file.close()
        except OSError as error:
            raise _no_room(error) from error
        return Spooled(self._path, self._size)

    def drop(self) -> None:
        """Remove what was written."""
        if self._file is not None and self._path is not None:
            self._file.close()
            self._path.unlink(missing_ok=True)

    def _put(self, pieces: Iterable[bytes], *, flush: bool = False) -> None:
        assert self._file is not None  # noqa: S101 opened before
        try:
            self._file.writelines(pieces)
            if flush:
                self._file.flush()
        except OSError as error:
            raise _no_room(error) from error


def too_many_rows(limits: Limits) -> QueryLimitError:
    """Return the error for an answer with more rows than may be sent."""
    return _too_large("rows", limits.answer_rows)


def too_many_quads(limits: Limits) -> QueryLimitError:
    """Return the error for an update that would add and remove too many quads."""
    return QueryLimitError(
        f"the update would change more than {limits.answer_rows:,} quads",
        advice="change less at once: narrow the patterns",
        limit="rows",
    )


def _opened(path: Path) -> IO[bytes]:
    try:
        return path.open("xb")
    except OSError as error:
        raise _no_room(error) from error


def _too_large(what: str, most: int) -> QueryLimitError:
    return QueryLimitError(
        f"the answer has more than the {most:,} {what} that may be sent",
        advice=NARROW,
        limit=what,
    )


def _no_room(error: OSError) -> OverloadError:
    return OverloadError(
        f"the answer cannot be kept ({error.strerror or error})",
        advice="try again in a while",
    )
