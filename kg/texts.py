"""The text of a document: held in memory, or left in its file and read in pieces.

What is looked for in it before a parser meets it is looked for piece by piece, as often
as need be, so that memory does not grow with a file. Pieces end where lines end.
"""

from __future__ import annotations

import codecs
import hashlib
import io
import os
from typing import TYPE_CHECKING, BinaryIO, TypeAlias

from kg.errors import DataFileError
from kg.files import read_file, unreadable
from kg.xml_text import as_utf8

if TYPE_CHECKING:
    import re
    from collections.abc import Iterator
    from pathlib import Path

    from kg.formats import Format

PIECE = 1 << 20
"""So many bytes are read at once, and more where a line or a string is longer."""

NOT_IN_PIECES = frozenset({"jsonld", "rdfxml"})
"""Syntaxes that are read as a whole before they are parsed."""


class FileText:
    """The text of the file *path*, which is read again whenever it is asked for.

    A mark of UTF-8 at its beginning (BOM) is no part of it. Raise DataFileError that
    says why it cannot be read.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._identity = self._identified()
        with self.opened() as stream:
            marked = stream.read(len(codecs.BOM_UTF8)) == codecs.BOM_UTF8
            self._begin = len(codecs.BOM_UTF8) if marked else 0

    _begin = 0

    def __len__(self) -> int:
        return self._identity[0] - self._begin

    def opened(self) -> BinaryIO:
        """Return a stream of it, which knows how far it is from the beginning."""
        try:
            stream = _Stream(self._path, self._begin)
        except OSError as error:
            raise unreadable(str(self._path), error) from error
        return io.BufferedReader(stream, PIECE)

    def pieces(self) -> Iterator[bytes]:
        """Yield it in pieces, each but the last of whole lines."""
        with self.opened() as stream:
            begun: list[bytes] = []
            while read := stream.read(PIECE):
                end = read.rfind(b"\n") + 1
                if end:
                    yield b"".join((*begun, read[:end]))
                    begun = []
                begun.append(read[end:])
            if rest := b"".join(begun):
                yield rest

    def require_same(self) -> None:
        """Raise DataFileError where the file was changed since it was first looked at.

        It would have been checked in one form and read in another.
        """
        if self._identified() != self._identity:
            raise DataFileError(
                "was changed while it was read",
                where=str(self._path),
                advice="wait until it is written, and try again",
            )

    def _identified(self) -> tuple[int, int, int]:
        try:
            known = self._path.stat()
        except OSError as error:
            raise unreadable(str(self._path), error) from error
        return known.st_size, known.st_mtime_ns, known.st_ino


class _Stream(io.FileIO):
    """The file *path* from a byte on, which counts as its beginning."""

    def __init__(self, path: Path, begin: int) -> None:
        super().__init__(path)
        self._path = path
        self._begin = begin
        self.seek(0)

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        if whence == os.SEEK_SET:
            offset += self._begin
        return super().seek(offset, whence) - self._begin

    def tell(self) -> int:
        return super().tell() - self._begin

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]
        try:
            return super().readinto(buffer)
        except OSError as error:
            raise unreadable(str(self._path), error) from error


Text: TypeAlias = bytes | FileText


def text_of(path: Path, syntax: Format) -> Text:
    """Return the text of the file *path*, in UTF-8; raise DataFileError.

    It is left in the file where it can be read in pieces.
    """
    if syntax.name not in NOT_IN_PIECES:
        return FileText(path)
    whole = as_utf8(read_file(path), syntax, str(path))
    return whole.removeprefix(codecs.BOM_UTF8)


def pieces(text: Text) -> Iterator[bytes]:
    """Yield *text* in pieces, each but the last of whole lines."""
    if isinstance(text, bytes):
        yield text
    else:
        yield from text.pieces()


def whole(text: Text) -> bytes:
    """Return all of *text*."""
    return b"".join(pieces(text))  # which copies nothing that is held in one


def stream_of(text: Text) -> BinaryIO:
    """Return a stream of *text*, to be closed by who asks for it."""
    return io.BytesIO(text) if isinstance(text, bytes) else text.opened()


def digest(text: Text) -> str:
    """Return a digest of *text*."""
    made = hashlib.sha256()
    for piece in pieces(text):
        made.update(piece)
    return made.hexdigest()


def matches(
    pattern: re.Pattern[bytes], text: Text
) -> Iterator[tuple[re.Match[bytes], int]]:
    """Yield each match of *pattern* in *text*, and how many lines precede its piece.

    Nothing that it matches goes on in another line, but what is begun by its group
    `cut`, which matches where there is no end of that: then more of the text is read.
    """
    lines, waiting, enough = 0, [b""], 0
    for piece in pieces(text):
        waiting.append(piece)
        if sum(map(len, waiting)) < enough:
            continue
        whole = b"".join(waiting)
        end = len(whole)
        for match in pattern.finditer(whole):
            if match.lastgroup == "cut":
                end = match.start()
                break
            yield match, lines
        lines += whole.count(b"\n", 0, end)
        waiting = [whole[end:]]
        # Twice as much each time: a long string is not gone through again and again.
        enough = 2 * len(waiting[0])
    for match in pattern.finditer(b"".join(waiting)):  # it has no end in all the text
        if match.lastgroup != "cut":
            yield match, lines


def line_of(match: re.Match[bytes], before: int) -> int:
    """Return the line where *match* begins, with so many lines *before* its piece."""
    return before + match.string.count(b"\n", 0, match.start()) + 1
