"""The line on which a document makes each of its statements.

The parser tells no places. It is therefore given the document line by line: what it
yields after a line was made on that line, or on one before.
"""

from __future__ import annotations

import codecs
import io
import re
from typing import TYPE_CHECKING, BinaryIO, cast

from kg.change import settled, stream_rdf
from kg.errors import ExequaturError
from kg.terms import BASE, Triple

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kg.formats import Format
    from kg.terms import Quad

_WHOLE = frozenset({"jsonld"})
"""Syntaxes of which nothing is known before the end has been read."""

_PATIENCE = 500
"""So many lines are given one by one though none of them ends a statement."""

_NOTHING = re.compile(rb"\s*(?:#.*)?$")
_ENDS = re.compile(rb"\s*[.;,\])}]")


class _Feed(io.RawIOBase):
    """Gives *data* one line at a time, and knows how many it gave.

    The parser begins a literal anew with each piece of it. Where nothing was yielded
    for long, the pieces therefore grow, lest it take the square of the time.
    """

    def __init__(self, data: bytes) -> None:
        self.lines = data.removeprefix(codecs.BOM_UTF8).splitlines(keepends=True)
        self.given = 0
        self.given_before = 0
        self.yielded = 0
        self._piece = b""
        self._at = 0

    @property
    def is_exact(self) -> bool:
        """Tell whether what was given last was one line, and no more."""
        return self.given == self.given_before + 1

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        if self._at >= len(self._piece):
            barren = self.given - self.yielded
            number = 1 if barren < _PATIENCE else barren // 2
            self._piece = b"".join(self.lines[self.given : self.given + number])
            self.given_before, self._at = self.given, 0
            self.given = min(self.given + number, len(self.lines))
        start = self._at
        self._at = len(self._piece) if size < 0 else start + size
        return self._piece[start : self._at]


def statement_lines(
    data: bytes, syntax: Format, *, base: str = BASE, address: str | None = None
) -> Iterator[tuple[Triple, int]]:
    """Yield the triples of *data*, in UTF-8, as `read_change` does, with their lines.

    It ends where the data cannot be read further. Of JSON-LD nothing is known, nor of
    the first statement after very many lines without one.
    """
    if syntax.name in _WHOLE:
        return
    feed = _Feed(data)
    stream = cast("BinaryIO", feed)
    read = stream_rdf(data, syntax, source="", address=address, stream=stream)
    try:
        for quad in settled(read, data, source="", base=base):
            if feed.is_exact:
                yield _triple(quad), _line(feed, is_first=feed.given != feed.yielded)
            feed.yielded = feed.given
    except ExequaturError:
        return


def _triple(quad: Quad) -> Triple:
    return Triple(quad.subject, quad.predicate, quad.object)


def _line(feed: _Feed, *, is_first: bool) -> int:
    """Return the line of what the parser yields now.

    A literal may go on with its language or datatype, so it is done when the mark
    after it is met: where a line begins with a mark, the first statement was before.
    """
    number = feed.given
    if not (is_first and number and _ENDS.match(feed.lines[number - 1])):
        return number
    number -= 1
    while number > 1 and _NOTHING.match(feed.lines[number - 1]):
        number -= 1
    return max(number, 1)
