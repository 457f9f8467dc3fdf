"""Terms and lists of them as people read them."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from kg.prefixes import shorten
from kg.terms import Literal, NamedNode

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kg.terms import Term


def name(term: Term) -> str:
    """Return *term* as it would stand in Turtle, `[…]` for a blank node."""
    if isinstance(term, NamedNode):
        return _short(term.value)
    return str(term) if isinstance(term, Literal) else "[…]"


def listed(parts: Sequence[str]) -> str:
    """Return *parts* as a phrase: `a, b and c`."""
    if len(parts) < 2:
        return "".join(parts)
    return f"{', '.join(parts[:-1])} and {parts[-1]}"


_short = lru_cache(maxsize=4096)(shorten)
