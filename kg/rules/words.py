"""Terms and lists of them as people read them."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from kg.prefixes import shorten
from kg.rules.datatypes import LANG_STRING
from kg.terms import XSD, Literal, NamedNode

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kg.terms import Term


def name(term: Term) -> str:
    """Return *term* as it would stand in Turtle, `[…]` for a blank node."""
    if isinstance(term, NamedNode):
        return _short(term.value)
    if isinstance(term, Literal):
        return _literal(term)
    return "[…]"


def _literal(literal: Literal) -> str:
    datatype = literal.datatype.value
    if datatype in {f"{XSD}string", LANG_STRING}:
        return str(literal)
    return f"{Literal(literal.value)}^^{_short(datatype)}"


def listed(parts: Sequence[str]) -> str:
    """Return *parts* as a phrase: `a, b and c`."""
    if len(parts) < 2:
        return "".join(parts)
    return f"{', '.join(parts[:-1])} and {parts[-1]}"


_short = lru_cache(maxsize=4096)(shorten)
