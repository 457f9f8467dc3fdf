"""Pages of a saved query's table: the same query, a part of its rows, in order."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kg.errors import ParameterError
from kg.queries import Form
from kg.sparql import dataset_clause, tokens

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kg.queries import SavedQuery
    from kg.sparql import Token

MOST_ROWS = 10_000
"""A page has so many rows at most; the whole answer has no such limit."""

_OPEN, _CLOSED = frozenset("{(["), frozenset("})]")


@dataclass(frozen=True, slots=True)
class Page:
    """Which rows of a table: *limit* of them, after the first *offset*."""

    limit: int
    offset: int = 0


def paged(query: SavedQuery, text: str, page: Page) -> str:
    """Return *text*, which is *query* with its values, for one page of its rows.

    Where the order of its rows is not its own affair, they come in that of all columns.
    Raise ParameterError for a query that has no rows.
    """
    _require_rows(query, text)
    words = {token.text.upper() for token in _outside(text) if token.kind == "word"}
    if "ORDER" not in words or words & {"LIMIT", "OFFSET", "VALUES"}:
        columns = " ".join(f"?{name}" for name in query.columns)
        text = f"{_around(text, 'SELECT *')}\nORDER BY {columns}"
    return f"{text.rstrip()}\nLIMIT {page.limit} OFFSET {page.offset}\n"


def counting(query: SavedQuery, text: str) -> str:
    """Return a query for the number of rows that *text* has in all."""
    _require_rows(query, text)
    return _around(text, "SELECT (COUNT(*) AS ?total)")


def _require_rows(query: SavedQuery, text: str) -> None:
    if query.form is not Form.SELECT or dataset_clause(text):
        raise ParameterError(
            f"the answer of {query.name} comes whole",
            advice="leave out limit, offset and page",
        )


def _around(text: str, select: str) -> str:
    """Return *text* as the pattern of another query, its prologue before both."""
    start = next(token.start for token in tokens(text) if token.is_word("SELECT"))
    return f"{text[:start]}{select} WHERE {{ {{\n{text[start:]}\n}} }}"


def _outside(text: str) -> Iterator[Token]:
    """Yield the tokens of *text* that no brackets are around."""
    depth = 0
    for token in tokens(text):
        if token.kind == "other" and token.text in _CLOSED:
            depth -= 1
        elif token.kind == "other" and token.text in _OPEN:
            depth += 1
        elif depth == 0:
            yield token
