"""Pages of a saved query's table: the same query, a part of its rows, in order."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import count
from typing import TYPE_CHECKING

from kg.errors import ParameterError
from kg.folding import replacements
from kg.ordering import Sought
from kg.parameters import have
from kg.queries import Form
from kg.sparql import dataset_clause, tokens
from kg.terms import XSD

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kg.queries import SavedQuery
    from kg.sparql import Token

MOST_ROWS = 10_000
"""A page has so many rows at most; the whole answer has no such limit."""

_DATES = ("date", "dateTime", "gYear", "gYearMonth")
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
    if _order(text) is None:
        columns = " ".join(f"?{name}" for name in query.columns)
        text = f"{_around(text, f'SELECT {columns}')}\nORDER BY {columns}"
    return f"{text.rstrip()}\nLIMIT {page.limit} OFFSET {page.offset}\n"


def sought(query: SavedQuery, text: str, page: Page) -> Sought | None:
    """Return which rows `paged` asks for, in an order that the engine need not make.

    None where they are sorted by more than the columns, or not by all: which of those
    that come to the same is first only the engine tells. Raise what `paged` raises.
    """
    _require_rows(query, text)
    start = _order(text)
    if start is None:
        keys = tuple((name, False) for name in query.columns)
        return Sought(text, keys, page.offset, page.limit)
    found = _sorted_by([token.text for token in tokens(text[start:])][2:])
    if found is None or {name for name, _ in found} != {*query.columns}:
        return None
    return Sought(text[:start], found, page.offset, page.limit)


def _sorted_by(words: list[str]) -> tuple[tuple[str, bool], ...] | None:
    """Return the columns of an ORDER BY, and which of them fall; None if not only."""
    found = []
    while words:
        way = words[0].upper()
        if way in ("ASC", "DESC") and words[1:2] == ["("] and words[3:4] == [")"]:
            name, words = words[2], words[4:]
        else:
            way, name, words = "ASC", words[0], words[1:]
        if not name.startswith(("?", "$")):
            return None
        found.append((name[1:], way == "DESC"))
    return tuple(found)


def ordered(
    query: SavedQuery, text: str, column: str, *, is_falling: bool = False
) -> str:
    """Return *text*, which is *query* with its values, sorted by *column*.

    Numbers and dates come by their value, names without regard to case and accents
    (`kg.folding`), IRIs by their last part; a row without a value is among the last,
    whichever way the order goes. What comes to the same is in the order of its code
    points, and then in that of all columns: two rows that differ never change places.
    Raise ParameterError for a query that has no rows, or no such column.
    """
    _require_rows(query, text)
    if column not in query.columns:
        raise ParameterError(
            f"{query.name} has no column {column!r}",
            where="parameter sort",
            advice=have(column, query.columns),
        )
    way = "DESC" if is_falling else "ASC"
    value, made = f"?{column}", f"?{_unused(text)}"
    columns = " ".join(f"?{name}" for name in query.columns)
    keys = f"{way}({made}Value) {way}({made}Name) {way}(STR({value}))"
    whole = _around(text, f"SELECT {columns}", _keys(value, made))
    return f"{whole}\nORDER BY (!BOUND({value})) {keys} {columns}"


def _keys(value: str, made: str) -> str:
    """Return the assignments of what to sort *value* by, to names that begin as *made*.

    What is an error is not bound. Accents go step by step: to compile functions within
    functions takes the engine a time that doubles with each of them.
    """
    dates = ", ".join(f"<{XSD}{kind}>" for kind in _DATES)
    is_measure = f"isNumeric({value}) || DATATYPE({value}) IN ({dates})"
    last = f'REPLACE(STR({value}), "^.*[/#]", "")'
    steps = [f"LCASE(IF(isIRI({value}), {last}, STR({value})))"]
    for plain, characters in replacements().items():
        steps.append(f'REPLACE({made}{len(steps) - 1}, "[{characters}]", "{plain}")')
    names = [*(f"{made}{number}" for number in range(len(steps) - 1)), f"{made}Name"]
    bound = [(f"IF({is_measure}, {value}, 1/0)", f"{made}Value")]
    bound += zip(steps, names, strict=True)
    return "\n".join(f"BIND({step} AS {name})" for step, name in bound)


def _unused(text: str) -> str:
    """Return a beginning of names that *text* has not."""
    numbers = (f"key{number or ''}" for number in count())
    return next(name for name in numbers if name not in text)


def counting(query: SavedQuery, text: str) -> str:
    """Return a query for the number of rows that *text* has in all."""
    _require_rows(query, text)
    return _around(text[: _order(text)], "SELECT (COUNT(*) AS ?total)")


def _require_rows(query: SavedQuery, text: str) -> None:
    if query.form is not Form.SELECT or dataset_clause(text):
        raise ParameterError(
            f"the answer of {query.name} comes whole",
            advice="leave out limit, offset, page and sort",
        )


def _around(text: str, select: str, more: str = "") -> str:
    """Return *text* as the pattern of another query, its prologue before both.

    *more* of the pattern stands after it.
    """
    start = next(token.start for token in tokens(text) if token.is_word("SELECT"))
    return f"{text[:start]}{select} WHERE {{ {{\n{text[start:]}\n}} {more} }}"


def _order(text: str) -> int | None:
    """Return where *text* begins to sort its rows; None where it does more with them.

    That is also where it does not sort them at all.
    """
    words = [token for token in _outside(text) if token.kind == "word"]
    if any(word.is_word("LIMIT", "OFFSET", "VALUES") for word in words):
        return None
    return next((word.start for word in words if word.is_word("ORDER")), None)


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
