"""Queries that sort, put so that an engine can compare whatever they sort by.

See `kg.sort_keys` for what goes wrong else. A store of others knows no function of
ours: there keys go before each that may be of several kinds, by which numbers come
first of literals, and last the dates and moments whose time and characters do not go
together; and texts come by their characters, whether they are of a language or of none.
SPARQL leaves such an order open (15.1).
"""

from __future__ import annotations

import re
from functools import lru_cache, partial
from itertools import count
from typing import TYPE_CHECKING, NamedTuple

from kg.sort_keys import sort_key
from kg.sparql import tokens
from kg.terms import XSD, NamedNode

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from pyoxigraph import QueryBoolean, QuerySolutions, QueryTriples
    from pyoxigraph import Store as Engine

    from kg.sparql import Token
    from kg.terms import GraphName, Term, Triple

_KEY = NamedNode("urn:x-exequatur:sort-key")
_FUNCTIONS: dict[NamedNode, Callable[..., Term | Triple | None]] = {_KEY: sort_key}
_SORTS = re.compile("ORDER", re.IGNORECASE)
_OPEN, _CLOSED = frozenset("({["), frozenset(")}]")
_OF_ONE_KIND = (
    "BOUND", "CONTAINS", "COUNT", "DATATYPE", "EXISTS", "ISBLANK", "ISIRI", "ISLITERAL",
    "ISNUMERIC", "ISURI", "LANG", "LCASE", "NOT", "RAND", "REGEX", "REPLACE",
    "SAMETERM", "STR", "STRAFTER", "STRBEFORE", "STRENDS", "STRLEN", "STRSTARTS",
    "SUBSTR", "UCASE",
)  # fmt: skip
"""All that such a function answers can be compared."""


_DATED = ", ".join(f"<{XSD}{name}>" for name in ("date", "dateTime", "time"))
_KIND = (
    "(IF(isLiteral({0}), IF(isNumeric({0}), 1, IF(DATATYPE({0}) IN (" + _DATED + ") &&"
    ' REGEX(STR({0}), "^-|[-+][0-9]{{2}}:[0-9]{{2}}$"), 3, 2)), 0))'
)
_TEXT = (
    f'(IF(isLiteral({{0}}) && (LANG({{0}}) != "" || DATATYPE({{0}}) = <{XSD}string>),'
    ' STR({0}), ""))'
)


class _Key(NamedTuple):
    """What is sorted by, from *start* to *end*, and where its condition *begins*."""

    begins: int
    way: str
    start: int
    end: int


def query_sorted(
    engine: Engine,
    sparql: str,
    *,
    prefixes: Mapping[str, str] | None = None,
    base_iri: str | None = None,
    default_graph: Sequence[GraphName] | None = None,
    named_graphs: Sequence[NamedNode] | None = None,
) -> QuerySolutions | QueryBoolean | QueryTriples:
    """Ask *engine* what *sparql* asks, whatever it sorts by; raise what that raises.

    The arguments are those of the engine's own `query`.
    """
    ask = partial(
        engine.query,
        prefixes=None if prefixes is None else dict(prefixes),
        base_iri=base_iri,
        default_graph=None if default_graph is None else list(default_graph),
        named_graphs=None if named_graphs is None else list(named_graphs),
    )
    if not _SORTS.search(sparql):
        return ask(sparql)
    if getattr(engine, "is_of_others", False):
        return ask(comparable(sparql))
    text = sorting(sparql)
    if text == sparql:
        return ask(sparql)
    try:
        return ask(text, custom_functions=_FUNCTIONS)
    except SyntaxError:  # told with the places of what was sent
        return ask(sparql)


@lru_cache(maxsize=100)
def sorting(sparql: str) -> str:
    """Return *sparql* where each ORDER BY sorts by `kg.sort_keys.sort_key`."""
    head, text = _parted(sparql)
    parts, at = [head], 0
    for _, _, start, end in _keys(list(tokens(text))):
        parts += [text[at:start], f"{_KEY}({text[start:end]})"]
        at = end
    return "".join([*parts, text[at:]])


def comparable(sparql: str) -> str:
    """Return *sparql* with orders in which nothing goes in a circle.

    Where it cannot be parsed, what is returned cannot either.
    """
    if not _SORTS.search(sparql):
        return sparql
    head, text = _parted(sparql)
    parts, at = [head], 0
    for begins, way, start, end in _keys(list(tokens(text))):
        value = text[start:end]
        if "{" not in value:  # a pattern might have an order in it again
            before = [way, _KIND.format(value), " ", way, _TEXT.format(value), " "]
            parts += [text[at:begins], *before]
            at = begins
    return "".join([*parts, text[at:]])


def _parted(sparql: str) -> tuple[str, str]:
    """Return what need not be looked through for orders, and the rest.

    What comes behind the last bracket is all that most queries need.
    """
    head, bracket, tail = sparql.rpartition("}")
    return ("", sparql) if _SORTS.search(head) else (head + bracket, tail)


def _keys(found: Sequence[Token]) -> Iterator[_Key]:
    """Yield what is sorted by, where it may be of several kinds."""
    place = 0
    while place < len(found) - 1:
        place += 1
        if not (found[place - 1].is_word("ORDER") and found[place].is_word("BY")):
            continue
        place += 1
        while place < len(found):
            first, end = found[place], _end(found, place)
            if end is None:
                break
            is_directed = first.is_word("ASC", "DESC")
            inner = place + is_directed
            if found[inner].text == "(":
                inner, last = inner + 1, end - 2
            else:
                last = end - 1
            if not _is_of_one_kind(found[inner : last + 1]):
                way = first.text if is_directed else ""
                yield _Key(first.start, way, found[inner].start, found[last].end)
            place = end


def _end(found: Sequence[Token], place: int) -> int | None:
    """Return the place after the key at *place*, None where there is none."""
    token = found[place]
    if token.kind == "variable":
        return place + 1
    is_call = token.kind in {"iri", "name", "word"}
    while is_call and place < len(found) and found[place].text not in _OPEN:
        if found[place].is_word("LIMIT", "OFFSET", "VALUES", "HAVING"):
            return None
        place += 1
    return _closing(found, place)


def _closing(found: Sequence[Token], place: int) -> int | None:
    """Return the place after the bracket that closes the one at *place*."""
    depth = 0
    for at in count(place):
        if at >= len(found):
            return None
        depth += (found[at].text in _OPEN) - (found[at].text in _CLOSED)
        if depth <= 0:
            return at + 1 if at > place else None
    return None


def _is_of_one_kind(found: Sequence[Token]) -> bool:
    """Tell whether that is one call of a function in `_OF_ONE_KIND`, or nothing."""
    if not found:
        return True
    if not found[0].is_word(*_OF_ONE_KIND):
        return False
    opening = next((i for i, one in enumerate(found) if one.text in _OPEN), None)
    return opening is not None and _closing(found, opening) == len(found)
