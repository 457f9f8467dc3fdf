"""The form of the page that takes triples: what is pasted into it, or a chosen file."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from werkzeug.sansio.multipart import File

from kg.guessing import Guess, guess
from kg.xml_text import declaring_utf8
from server import protocol
from server.bodies import SOURCE, SYNTAXES, read_parts
from server.problems import BadRequestError

if TYPE_CHECKING:
    from server.protocol import Parameters

UPDATE = "update"
"""What the form calls the syntax of SPARQL Update."""

GUESS = "guess"
"""What the form calls it to leave the syntax to the server."""

_BOM = b"\xef\xbb\xbf"
_MARK = "syntax"
"""The field by which the form is told from files that a program sends together."""


@dataclass(frozen=True, slots=True)
class Pasted:
    """A text called *name*, and the other fields of the form."""

    name: str
    data: bytes
    fields: Parameters

    @property
    def is_file(self) -> bool:
        """Tell whether it came as a file."""
        return self.name != SOURCE

    def guessed(self) -> Guess | None:
        """Return what its syntax is guessed to be, None where one is chosen."""
        chosen = protocol.single(self.fields, "syntax")
        if chosen not in ("", GUESS) or not self.data.strip():
            return None
        return guess(self.data, self.name if self.is_file else "")


def of_form(sent: bytes) -> Pasted:
    """Read a form of fields alone."""
    return _pasted(protocol.read_parameters(sent, where="the form"), {})


def of_parts(sent: bytes, content_type: str) -> Pasted | None:
    """Read a form that may have a file; None where it is not that of the page."""
    parts = read_parts(sent, content_type)
    texts: Parameters = {}
    files: dict[str, bytes] = {}
    for head, data in parts:
        if not isinstance(head, File):
            texts.setdefault(head.name, []).append(protocol.decoded(data, head.name))
        elif head.filename:
            files[head.filename] = data
    has_types = any("Content-Type" in h.headers for h, _ in parts if _is_field(h))
    return None if _MARK not in texts or has_types else _pasted(texts, files)


def _is_field(head: object) -> bool:
    return not isinstance(head, File)


def _pasted(fields: Parameters, files: dict[str, bytes]) -> Pasted:
    if len(files) > 1:
        raise BadRequestError(
            f"the form has {len(files)} files", advice="choose one, or send them apart"
        )
    for name, data in files.items():
        return Pasted(_plain(name), data.removeprefix(_BOM), fields)
    # Browsers send CRLF for every line break of a field, whatever the text had.
    text = protocol.single(fields, "data").replace("\r\n", "\n")
    name = _plain(protocol.single(fields, "name")) or SOURCE
    return Pasted(name, declaring_utf8(text).encode(), fields)


def _plain(name: str) -> str:
    """Return the last part of a file's *name*, as it may stand in messages."""
    last = name.replace("\\", "/").rpartition("/")[2][:100]
    return "".join(c if c.isprintable() and c != ":" else "_" for c in last)


def media_type(syntax: str, guessed: Guess | None) -> str:
    """Return the media type of the syntax that the form names, or that is guessed."""
    if guessed is not None:
        return guessed.syntax.media_type if guessed.syntax else protocol.UPDATE
    known = {entry.name: entry.media_type for entry in SYNTAXES}
    known[UPDATE] = protocol.UPDATE
    if syntax not in known:
        have = (GUESS, *known)
        raise BadRequestError(
            f"unknown syntax {syntax!r}", where="parameter syntax", supported=have
        )
    return known[syntax]
