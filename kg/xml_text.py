"""RDF/XML as a text: its encoding, and the line on which it cannot be read further.

The engine's parser reads UTF-8 alone. Whoever reads XML reads UTF-16 too, and tells
encodings by a mark at the beginning or by what the text declares (XML 1.0, 4.3.3 and
appendix F). The parser tells no places either.
"""

from __future__ import annotations

import codecs
import io
import re
from collections import deque
from contextlib import suppress
from typing import TYPE_CHECKING, BinaryIO, cast

from pyoxigraph import RdfFormat, parse

from kg.errors import DataFileError

if TYPE_CHECKING:
    from kg.formats import Format

_WIDE = {
    codecs.BOM_UTF16_LE: "utf-16-le",
    codecs.BOM_UTF16_BE: "utf-16-be",
    "<?".encode("utf-16-le"): "utf-16-le",
    "<?".encode("utf-16-be"): "utf-16-be",
}
"""How a text in UTF-16 begins, with a mark or without."""

_DECLARED = re.compile(
    r"""(?P<before><\?xml\s[^<>]*?\sencoding\s*=\s*)(?P<quote>["'])(?P<name>[^"'<>]*)["']"""
)
_HEAD = 500
_NARROW = re.compile(r"us-ascii|iso-8859-(?:[1-9]|1[013-6])|windows-125[0-8]", re.I)
"""What else is read: each byte is a character in these, so nothing hides in them."""


def as_utf8(data: bytes, fmt: Format, source: str) -> bytes:
    """Return *data*, which is in UTF-8 where *fmt* is not RDF/XML or it was before.

    Raise DataFileError where it is not in the encoding that it declares, or that its
    beginning shows.
    """
    encoding = _encoding(data) if fmt.name == "rdfxml" else None
    if encoding is None:
        return data
    return _plain(_decoded(data, encoding, source)).encode()


def readable(data: bytes) -> str:
    """Return *data* as who wrote it would see it, as far as it can be decoded."""
    encoding = _encoding(data)
    if encoding is None:
        return data.decode("utf-8", "replace")
    return _plain(data.decode(encoding, "replace"))


def declaring_utf8(text: str) -> str:
    """Return *text*, whose bytes are UTF-8 whatever it declares, declaring that.

    What XML declares is about the file that it was copied from.
    """
    declared = r"\g<before>\g<quote>UTF-8\g<quote>"
    head, rest = text[:_HEAD], text[_HEAD:]
    return _DECLARED.sub(declared, head, count=1) + rest


def _encoding(data: bytes) -> str | None:
    """Return what *data* is encoded in, None where that is UTF-8, or unknown."""
    wide = next((name for mark, name in _WIDE.items() if data.startswith(mark)), None)
    declared = _DECLARED.match(data[:_HEAD].decode("latin-1"))
    narrow = declared and _NARROW.fullmatch(declared["name"])
    return wide or (narrow[0] if narrow else None)


def _plain(text: str) -> str:
    return declaring_utf8(text.removeprefix("\ufeff"))


def _decoded(data: bytes, encoding: str, source: str) -> str:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        raise DataFileError(
            f"byte {error.start + 1:,} is not {encoding.upper()}, as which the text"
            " begins",
            where=f"{source}:{_line(data, error.start, encoding)}",
            advice="save it as UTF-8",
        ) from error


def _line(data: bytes, end: int, encoding: str) -> int:
    return data[:end].decode(encoding, "ignore").count("\n") + 1


class _Pieces(io.RawIOBase):
    """Gives a text as it is asked for, from *near* on line by line.

    *begin* is where what it gave last begins.
    """

    def __init__(self, data: bytes, near: int) -> None:
        self.begin = 0
        self._text = io.BytesIO(data)
        self._near = near

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        at = self._text.tell()
        if at < self._near:
            self.begin = at
            return self._text.read(min(size, self._near - at))
        piece = self._text.readline(size)
        if piece:
            self.begin = at
        return piece


def line_of_error(data: bytes, address: str | None) -> int:
    """Return the line on which the parser stops in *data*, RDF/XML that is faulty.

    Line by line is slow where lines are short, so it is read so near the end alone.
    """
    near = _last_begin(data, len(data), address)
    return data.count(b"\n", 0, _last_begin(data, near, address)) + 1


def _last_begin(data: bytes, near: int, address: str | None) -> int:
    """Return where the last piece begins that the parser wanted."""
    pieces = _Pieces(data, near)
    stream = cast("BinaryIO", pieces)
    with suppress(SyntaxError):
        deque(parse(stream, format=RdfFormat.RDF_XML, base_iri=address), maxlen=0)
    return pieces.begin
