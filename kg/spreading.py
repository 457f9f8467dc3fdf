"""How far a short name or a list may reach, in a document that is short itself.

The parser writes out the name of each prefix against the base, and each base against
the one before. So some hundred kilobytes of declarations can take gigabytes, and a time
that grows with the square of their number.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from kg.errors import DataFileError
from kg.texts import line_of, matches

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from kg.formats import Format
    from kg.terms import Quad
    from kg.texts import Text

LONGEST = 2_000
"""So many bytes a prefix or a base may have, and all relative bases of a document."""

MOST = 10_000_000
"""So many bytes may come of the prefixes and bases of a document."""

FEW = 50_000
"""So many statements any document may make."""

LEAST = 6
"""So many bytes each further one must have: two in a list take but two, `0 `."""

_SYNTAXES = frozenset({"n3", "trig", "turtle"})
_PIECE = re.compile(
    rb"""(?:\#[^\n\r]*
        |\"{3}(?:[^\"\\]++|\\.|\"(?!\"\"))*+\"{3}
        |'{3}(?:[^'\\]++|\\.|'(?!''))*+'{3}
        |(?P<cut>\"{3}|'{3})
        |\"(?:[^\"\\\n\r]++|\\.)*+\"
        |'(?:[^'\\\n\r]++|\\.)*+'
        |\\.)
      |(?P<word>@(?:base|prefix)
               |(?<![\w:%\-@\x80-\xff])(?:base|prefix)(?!:))(?![\w\-\x80-\xff])
      |<(?P<iri>[^<>"{}|^`\s]*+)>""",
    re.VERBOSE | re.DOTALL | re.IGNORECASE,
)
_ABSOLUTE = re.compile(rb"[A-Za-z][A-Za-z0-9+.\-]*:")


def refuse_spreading(data: Text, fmt: Format, source: str, address: str) -> None:
    """Raise DataFileError where the declarations of *data* reach too far.

    *address* is the base that holds before the first.
    """
    if fmt.name not in _SYNTAXES or len(data) <= LONGEST:
        return
    relative, longest, reach = 0, len(address), 0
    for match, before, word, iri in _declarations(data):
        is_relative = not _ABSOLUTE.match(iri)
        if word == b"base" and is_relative:
            relative += len(iri)
        elif word == b"base":
            longest = max(longest, len(iri))
        if is_relative:
            reach += longest + relative
        if len(iri) > LONGEST or relative > LONGEST or reach > MOST:
            raise DataFileError(
                "its prefixes and bases are too long, or lead to one another too often",
                where=f"{source}:{line_of(match, before)}",
                advice="declare short ones, and each in full",
            )


def of_bounded_number(quads: Iterable[Quad], size: int, source: str) -> Iterator[Quad]:
    """Yield *quads*; raise DataFileError where *size* bytes make far too many.

    To judge one takes thousands of times what it takes to send it.
    """
    most = FEW + size // LEAST
    for count, quad in enumerate(quads, 1):
        if count > most:
            raise DataFileError(
                f"its {size:,} bytes make more than {most:,} statements",
                where=source,
                advice="send it in parts, or as N-Quads",
            )
        yield quad


def _declarations(
    data: Text,
) -> Iterator[tuple[re.Match[bytes], int, bytes, bytes]]:
    """Yield where each declaration is, whether of a base or a prefix, and its IRI."""
    word = b""
    for match, before in matches(_PIECE, data):
        if match["word"]:
            word = match["word"].removeprefix(b"@").lower()
        elif word and match["iri"] is not None:
            yield match, before, word, match["iri"]
            word = b""
