"""How deep a document nests, before a parser meets it.

The engine's parsers take a time that grows with the square of the depth of RDF/XML and
JSON-LD, and crash on triple terms nested some ten thousand deep.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from xml.parsers import expat

from kg.errors import DataFileError
from kg.spreading import LONGEST
from kg.texts import line_of, matches, pieces, whole

if TYPE_CHECKING:
    from kg.formats import Format
    from kg.texts import Text

DEPTH = 100
"""So deep may brackets stand in one another, or nodes in nodes."""

_MOST_ATTRIBUTES = 2_000

_TURTLE = re.compile(
    rb"""(?:\#[^\n\r]*
       |\"{3}(?:[^\"\\]++|\\.|\"(?!\"\"))*+\"{3}
       |'{3}(?:[^'\\]++|\\.|'(?!''))*+'{3}
       |(?P<cut>\"{3}|'{3})
       |\"(?:[^\"\\\n\r]++|\\.)*+\"
       |'(?:[^'\\\n\r]++|\\.)*+'
       |<(?!<)[^<>"{}|^`\s]*+>
       |\\.)
     |(?P<open><<|[\[({])
     |(?P<close>>>|[\])}])""",
    re.VERBOSE | re.DOTALL,
)
_JSON = re.compile(rb'"(?:[^"\\]++|\\.)*+"|(?P<open>[\[{])|(?P<close>[\]}])', re.DOTALL)
_OPENING = (b"[", b"(", b"{", b"<<")
_STEPS = {"open": 1, "close": -1}


def refuse_deep(data: Text, fmt: Format, source: str) -> None:
    """Raise DataFileError with the line where *data* nests deeper than DEPTH.

    In RDF/XML so many attributes are refused too, and namespaces, that the parser would
    look for each among all of them.
    """
    if fmt.name == "rdfxml":
        _refuse_deep_xml(whole(data), source)
    elif _opens_often(data):
        depth = 0
        for match, before in matches(_JSON if fmt.name == "jsonld" else _TURTLE, data):
            depth = max(depth + _STEPS.get(match.lastgroup or "", 0), 0)
            if depth > DEPTH:
                raise _too_deep(source, line_of(match, before))


def _opens_often(data: Text) -> bool:
    many = 0
    for piece in pieces(data):
        many += sum(piece.count(mark) for mark in _OPENING)
        if many > DEPTH:
            return True
    return False


def _refuse_deep_xml(data: bytes, source: str) -> None:
    """Elements stand for nodes and properties in turn: twice as deep are allowed.

    The text is UTF-8, whatever encoding it declares. What has many tags and cannot be
    read to its end is refused: the engine's parser may read on.
    """
    parser = expat.ParserCreate("UTF-8")
    around = [0]

    def opened(_name: str, attributes: dict[str, str]) -> None:
        around.append(around[-1] + len(attributes))
        if len(around) > 2 * DEPTH + 1:
            raise _too_deep(source, parser.CurrentLineNumber)
        if around[-1] > _MOST_ATTRIBUTES:
            raise DataFileError(
                f"an element and those around it have over {_MOST_ATTRIBUTES:,}"
                " attributes",
                where=f"{source}:{parser.CurrentLineNumber}",
            )
        if len(attributes.get("xml:base", "")) > LONGEST:
            raise DataFileError(
                f"an xml:base has over {LONGEST:,} characters",
                where=f"{source}:{parser.CurrentLineNumber}",
            )

    def closed(_name: str) -> None:
        around.pop()

    parser.StartElementHandler = opened
    parser.EndElementHandler = closed
    try:
        parser.Parse(data, True)
    except expat.ExpatError as error:
        if data.count(b"<") <= 2 * DEPTH:
            return  # the engine says what is wrong, and where
        raise DataFileError(
            f"not well-formed XML: {expat.ErrorString(error.code)}",
            where=f"{source}:{error.lineno}:{error.offset + 1}",
        ) from error


def _too_deep(source: str, line: int) -> DataFileError:
    return DataFileError(
        f"nested more than {DEPTH} deep",
        where=f"{source}:{line}",
        advice="give the inner nodes names, and state what they have apart",
    )
