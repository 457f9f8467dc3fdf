"""Rows put in order without the engine, which looks up each term at each comparison.

The engine writes the rows as they come, and they are compared as it wrote them: in the
order that it would have put them in. What it could compare in another way than by the
characters is left to it.
"""

from __future__ import annotations

import re
from itertools import takewhile
from operator import itemgetter
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

from kg.terms import RDF, XSD

if TYPE_CHECKING:
    from collections.abc import Callable

    Key: TypeAlias = tuple[int, Any] | tuple[int, bytes, bytes, bytes]
    _Row: TypeAlias = tuple[Key, bytes]

_MANY = 20_000
"""So many rows more than are wanted are held before those too many are dropped."""

_UNBOUND, _BLANK, _IRI, _TEXT, _NUMBER, _DATE = range(6)
_LITERALS = {_TEXT, _NUMBER, _DATE}
_WHOLE = re.compile(rb"-?[0-9]{1,18}")
_DAY = re.compile(rb"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_ESCAPED = re.compile(rb"\\(.)", re.DOTALL)
_CHARACTERS = {b"t": b"\t", b"n": b"\n", b"r": b"\r"}
_XSD = XSD.encode()
_DATES, _PLAIN = b"%bdate" % _XSD, b"%bstring" % _XSD
_OF_A_LANGUAGE = f"{RDF}langString".encode()


class Sought(NamedTuple):
    """Which rows are sought: *number* after the *first*, in the order of *keys*.

    *text* is the query for all rows, in whatever order; a key is a column of it, and
    whether the order falls. There is one at least.
    """

    text: str
    keys: tuple[tuple[str, bool], ...]
    first: int
    number: int


class UnsureError(Exception):
    """What is compared has an order that only the engine knows."""


class Ordering:
    """Takes a table in TSV, piece by piece; has the rows *sought*, and the *total*.

    `write` and `body` raise UnsureError.
    """

    def __init__(self, sought: Sought) -> None:
        self.total = 0
        self._sought = sought
        self._end = sought.first + sought.number
        self._head: bytes | None = None
        self._places: list[int] = []
        self._rest = b""
        self._rows: list[_Row] = []
        self._kinds: set[int] = set()

    def write(self, piece: bytes) -> int:
        """Take *piece*."""
        *lines, self._rest = (self._rest + piece).split(b"\n")
        if self._head is None and lines:
            self._head, *lines = lines
            names = self._head.split(b"\t")
            keys = self._sought.keys
            self._places = [names.index(b"?%b" % name.encode()) for name, _ in keys]
        self.total += len(lines)
        self._rows += ((self._leading(line), line) for line in lines)
        if len(self._rows) > self._end + _MANY:
            self._drop()
        if len(self._rows) > self._end + _MANY:
            self._compare()
        return len(piece)

    def flush(self) -> None:
        """Do nothing: the rows are taken when all are there."""

    def body(self) -> bytes:
        """Return the rows that are sought, as TSV."""
        self._drop()
        self._compare()
        lines = [line for _, line in self._rows[self._sought.first :]]
        return b"".join(b"%b\n" % line for line in [self._head or b"", *lines])

    def _leading(self, line: bytes) -> Key:
        place = self._places[0]
        key = _key(line.split(b"\t", place + 1)[place])
        self._kinds.add(key[0])
        return key

    def _drop(self) -> None:
        """Drop the rows that are too far behind by the first key alone."""
        _require_comparable(self._kinds)
        self._rows.sort(key=itemgetter(0), reverse=self._sought.keys[0][1])
        if len(self._rows) > self._end:
            last = self._rows[self._end - 1][0]
            same = takewhile(lambda row: row[0] == last, self._rows[self._end :])
            del self._rows[self._end + sum(1 for _ in same) :]

    def _compare(self) -> None:
        """Put the rows in order by all keys, and drop those behind the last."""
        rows = [(self._compared(line), line) for _, line in self._rows]
        for place in range(len(self._places)):
            _require_comparable({keys[place][0] for keys, _ in rows})
        rows.sort()  # what is the same by all keys has an order, too
        falling = [is_falling for _, is_falling in self._sought.keys]
        if any(falling):
            # A sort keeps the order of what is equal to it: the last key comes first.
            for place in reversed(range(len(falling))):
                rows.sort(key=_by(place), reverse=falling[place])
        self._rows = [(keys[0], line) for keys, line in rows[: self._end]]

    def _compared(self, line: bytes) -> list[Key]:
        cells = line.split(b"\t")
        return [_key(cells[place]) for place in self._places]


def _by(place: int) -> Callable[[tuple[list[Key], bytes]], Key]:
    return lambda row: row[0][place]


def _require_comparable(kinds: set[int]) -> None:
    if len(kinds & _LITERALS) > 1:
        raise UnsureError


def _key(cell: bytes) -> Key:
    """Return what *cell* is compared by; raise UnsureError."""
    if not cell:
        return _UNBOUND, b""
    if cell.startswith(b'"'):
        return _literal_key(cell)
    if cell.startswith(b"<") and not cell.startswith(b"<<"):
        return _IRI, cell[1:-1]
    if cell.startswith(b"_:"):
        return _BLANK, cell[2:]
    if _WHOLE.fullmatch(cell):
        return _NUMBER, int(cell)
    raise UnsureError


def _literal_key(cell: bytes) -> Key:
    end = cell.rindex(b'"')
    value, more = cell[1:end], cell[end + 1 :]
    kind, language = _PLAIN, b""
    if more.startswith(b"@"):
        kind, language = _OF_A_LANGUAGE, more[1:]
    elif more:
        kind = more[len(b"^^<") : -len(b">")]
    if kind == _DATES and _DAY.fullmatch(value):
        return _DATE, value
    has_direction = b"--" in language
    if has_direction or (kind.startswith(_XSD) and kind != _PLAIN):
        raise UnsureError
    if b"\\" in value:
        value = _ESCAPED.sub(lambda m: _CHARACTERS.get(m[1], m[1]), value)
    return _TEXT, value, kind, language
