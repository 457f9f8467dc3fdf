"""Orders that the engine can keep to: what it cannot compare is kept apart.

It compares numbers by their value, moments by their time, and whatever is of two kinds
by the characters. In that 2 comes before 10, 10 before "15", and "15" before 2: and an
order that goes in a circle ends the process. So a key is put before each that may be of
several kinds, by which numbers come after the rest, and after them the dates and
moments whose time and characters do not go together. SPARQL leaves such an order open
(15.1).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from kg.sparql import tokens
from kg.terms import XSD

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kg.sparql import Token

_ORDER = re.compile("ORDER", re.IGNORECASE)
_OF_ANY_KIND = ("COALESCE", "IF", "MAX", "MIN", "SAMPLE")
"""The functions whose values are of whatever kind their arguments are."""

_DATED = ", ".join(f"<{XSD}{name}>" for name in ("date", "dateTime", "time"))
_KIND = (
    "(IF(isNumeric({0}), 1, IF(DATATYPE({0}) IN (" + _DATED + ") &&"
    ' REGEX(STR({0}), "^-|[-+][0-9]{{2}}:[0-9]{{2}}$"), 2, 0)))'
)


class _Key(NamedTuple):
    """A condition of an order: where it begins, which way it goes, and what it is."""

    start: int
    way: str
    value: str
    is_of_any_kind: bool


def comparable(sparql: str) -> str:
    """Return *sparql* with orders in which nothing goes in a circle.

    Where it cannot be parsed, what is returned cannot either.
    """
    if not _ORDER.search(sparql):
        return sparql
    parts, done = [], 0
    for key in _keys(sparql, list(tokens(sparql))):
        if key.is_of_any_kind:
            parts += [sparql[done : key.start], key.way, _KIND.format(key.value), " "]
            done = key.start
    return "".join([*parts, sparql[done:]])


def _keys(sparql: str, found: list[Token]) -> Iterator[_Key]:
    """Yield the conditions of all orders in *sparql*, whose tokens were *found*."""
    at = 0
    while at + 1 < len(found):
        if not (found[at].is_word("ORDER") and found[at + 1].is_word("BY")):
            at += 1
            continue
        at += 2
        while (end := _end(found, at)) > at:
            yield _key(sparql, found[at:end])
            at = end


def _end(found: list[Token], begin: int) -> int:
    """Return where the condition that begins there ends; there, if there is none."""
    if begin == len(found) or found[begin].kind == "variable":
        return min(begin + 1, len(found))
    is_called = found[begin].kind in {"iri", "name", "word"}
    depth = 0
    for at in range(begin + is_called, len(found)):
        depth += {"(": 1, ")": -1}.get(found[at].text, 0)
        if depth <= 0:
            return at + 1 if found[at].text == ")" else begin
    return begin


def _key(sparql: str, condition: list[Token]) -> _Key:
    first, last = condition[0], condition[-1]
    is_directed = first.is_word("ASC", "DESC")
    is_bracketed = is_directed or first.text == "("
    inner = condition[1 + is_directed : -1] if is_bracketed else condition
    begin = condition[1].start if is_directed else first.start
    is_variable = len(inner) == 1 and inner[0].kind == "variable"
    # What has a pattern in it (EXISTS) might have an order in that again.
    is_of_any_kind = is_variable or (
        any(token.is_word(*_OF_ANY_KIND) for token in inner)
        and all(token.text != "{" for token in inner)
    )
    way = first.text if is_directed else ""
    return _Key(first.start, way, sparql[begin : last.end], is_of_any_kind)
