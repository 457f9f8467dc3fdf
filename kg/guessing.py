"""Which syntax of RDF a document is in: guessed from its name and from what it says."""

from __future__ import annotations

import re
from dataclasses import dataclass
from math import inf
from pathlib import PurePath
from typing import TYPE_CHECKING

from kg.change import stream_rdf
from kg.errors import DataFileError
from kg.formats import Format, by_name

if TYPE_CHECKING:
    from collections.abc import Iterable

_SUFFIXES = {
    "json": "jsonld",
    "jsonld": "jsonld",
    "n3": "n3",
    "nq": "nquads",
    "nt": "ntriples",
    "owl": "rdfxml",
    "rdf": "rdfxml",
    "trig": "trig",
    "ttl": "turtle",
    "xml": "rdfxml",
}
_HEAD = 20_000
"""So much of a document is looked at; the rest is left to the parsers."""

_SKIPPED = r"\A(?:\s|#[^\n]*+(?:\n|\Z))*+"
_XML = re.compile(r"\A\s*+<(?:\?xml\b|!--|!DOCTYPE|[\w.-]++(?::[\w.-]++)?\s[^>]*xmlns)")
_JSON = re.compile(r"\A\s*+(?:\{\s*+[\"}]|\[\s*+\{)")
_LINES = re.compile(rf"{_SKIPPED}(?:<[^<>\s]*+>|_:\S++)[ \t]++<[^<>\s]*+>[ \t][^\n]*\.")
_UPDATE = re.compile(
    rf"{_SKIPPED}(?:(?:PREFIX\s++[^\s<]*+\s*+|BASE\s++)<[^<>]*+>(?:\s|#[^\n]*+\n)*+)*+"
    r"(?:INSERT|DELETE|WITH|LOAD|CLEAR|CREATE|DROP|COPY|MOVE|ADD)\b",
    re.IGNORECASE,
)
_PLACE = re.compile(r":(\d+)(?::(\d+))?$")


@dataclass(frozen=True, slots=True)
class Guess:
    """What a document seems to be: in *syntax*, or an update where that is None."""

    syntax: Format | None
    why: str


def guess(data: bytes, name: str = "") -> Guess:
    """Return the syntax in which *data*, of a file called *name*, can be read.

    Where it can be read in none, that which its errors come latest in: the likeliest.
    """
    head = data[:_HEAD].decode("utf-8", "replace")
    named = _SUFFIXES.get(PurePath(name).suffix.lstrip(".").lower())
    if named is None and _UPDATE.match(head):
        return Guess(None, "it begins as one does")
    candidates = [by_name(one) for one in _candidates(head, named)]
    best, farthest = candidates[0], (-1.0, -1.0)
    for syntax in candidates:
        reached = _reached(data, syntax)
        if reached > farthest:
            best, farthest = syntax, reached
        if reached == (inf, inf):
            break
    return Guess(best, _why(best, named, is_read=farthest == (inf, inf)))


def _candidates(head: str, named: str | None) -> Iterable[str]:
    found: tuple[str, ...] = ("turtle", "trig", "nquads")
    if _XML.match(head):
        found = ("rdfxml",)
    elif _JSON.match(head):
        found = ("jsonld",)
    elif _LINES.match(head):
        found = ("ntriples", "nquads", "turtle", "trig")
    return dict.fromkeys((named, *found) if named else found)


def _reached(data: bytes, syntax: Format) -> tuple[float, float]:
    """Return the line and column as far as *data* can be read in *syntax*."""
    try:
        for _ in stream_rdf(data, syntax, source="", address="urn:x-guess:"):
            pass
    except DataFileError as error:
        found = _PLACE.search(error.where)
        # What has no place is refused as a whole, and is no error of syntax.
        return (float(found[1]), float(found[2] or 0)) if found else (inf, inf)
    return inf, inf


def _why(syntax: Format, named: str | None, *, is_read: bool) -> str:
    if syntax.name == named:
        return "as the name of the file says"
    if not is_read:
        return "no syntax reads all of it, and this one reads farthest"
    if named is not None:
        return "the name of the file says otherwise, but so it can be read"
    return "so it can be read"
