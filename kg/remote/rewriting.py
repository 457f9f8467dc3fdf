"""Queries as a store is to be asked them, so that it answers as the embedded one does.

The graphs by which a store is kept are none of the dataset; a graph that was created is
there though it holds nothing. Where the default graph of a store mixes all others, what
a query says outside GRAPH is asked of one graph: its patterns are wrapped in
`GRAPH <name> { … }`, inside which GRAPH turns to other graphs as it does outside
(SPARQL 1.1 Query, section 18.6: the active graph is that of the innermost GRAPH).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from kg.created import GRAPH
from kg.sparql import tokens
from kg.terms import CREATED, MERGED, TYPE

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from kg.sparql import Token
    from kg.terms import NamedNode


class _Edit(NamedTuple):
    """What is put in the place of the text from *start* to *end*."""

    start: int
    end: int
    put: str


class Rewriting:
    """Puts queries so that they find nothing in the graphs *hidden*.

    With *inside*, what they say outside GRAPH is asked of `graph/merged`.
    """

    def __init__(self, hidden: Iterable[NamedNode], *, inside: bool) -> None:
        names = {*hidden, *([MERGED] if inside else [])}
        self._hidden = sorted(map(str, names))
        self._ends = tuple(name.value.rpartition("/")[2] for name in names)
        self._inside = inside

    def of(self, sparql: str, only: Iterable[NamedNode] | None = None) -> str:
        """Return *sparql*, a query that can be parsed, as the store is asked it.

        Its named graphs are those of *only*, if that is given, and not those that its
        clauses say.
        """
        found = list(tokens(sparql))
        closing = _pairs(found)
        edits: list[_Edit] = []  # the innermost first
        names = None if only is None else [*map(str, only)]
        if names is not None:
            edits += _without_clauses(found)
        depth = 0
        for index, token in enumerate(found):
            is_outer = token.text == "{" and not depth
            if self._inside and is_outer and _is_pattern(found, index):
                edits += _wrapped(found, index, closing[index], sparql)
            depth += {"{": 1, "}": -1}.get(token.text, 0)
            if depth and token.is_word("GRAPH"):
                end = closing[index + 2]
                seen = self._seen(found[index + 1], names)
                edits.insert(0, _of_graph(found, index, end, seen, sparql))
        return _edited(sparql, edits)

    def _seen(self, name: Token, only: Iterable[str] | None) -> str:
        """Return what keeps those of the graphs *name* that are in the dataset."""
        if only is not None:
            return f" FILTER({name.text} IN ({', '.join(only)}))"
        if name.kind != "variable" and not name.text.strip(">").endswith(self._ends):
            return ""
        return f" FILTER({name.text} NOT IN ({', '.join(self._hidden)}))"


def projecting(sparql: str, variables: Iterable[str]) -> str:
    """Return *sparql*, a SELECT of *variables*, with their names in place of `*`.

    Which order `*` puts them in is left to each store.
    """
    names = " ".join(f"?{name}" for name in variables)
    is_head = False
    for token in tokens(sparql):
        if is_head and not token.is_word("DISTINCT", "REDUCED"):
            return (
                _edited(sparql, [_Edit(token.start, token.end, f" {names} ")])
                if token.text == "*" and names
                else sparql
            )
        is_head |= token.is_word("SELECT")
    return sparql


def _of_graph(
    found: list[Token], begin: int, end: int, seen: str, sparql: str
) -> _Edit:
    """Return what is done to the `GRAPH name { … }` from *begin* to *end*."""
    last = found[end].end
    if end == begin + 3:
        return _Edit(found[begin].start, last, _there(found[begin + 1], sparql) + seen)
    return _Edit(last, last, seen)


def _without_clauses(found: list[Token]) -> Iterator[_Edit]:
    """Yield what takes the dataset clauses out."""
    depth = 0
    for index, token in enumerate(found):
        depth += {"{": 1, "}": -1}.get(token.text, 0)
        if not depth and token.is_word("FROM"):
            name = index + (2 if found[index + 1].is_word("NAMED") else 1)
            yield _Edit(token.start, found[name].end, "")


def _there(name: Token, sparql: str) -> str:
    """Return what finds the graph *name*, or all, that hold something or were created.

    A store by itself may know no graph that is empty, or one that was emptied.
    """
    free = "x"
    while f"?{free}_" in sparql:
        free += "x"
    holds = f"GRAPH {name.text} {{ ?{free}_s ?{free}_p ?{free}_o }}"
    created = f"GRAPH {CREATED} {{ {name.text} {TYPE} {GRAPH} }}"
    if name.kind == "variable":
        either = f"{{ {holds} }} UNION {{ {created} }}"
        return f" {{ SELECT DISTINCT {name.text} WHERE {{ {either} }} }}"
    return f" FILTER(EXISTS {{ {holds} }} || EXISTS {{ {created} }})"


def _edited(text: str, edits: list[_Edit]) -> str:
    parts, done = [], 0
    for edit in sorted(edits, key=lambda edit: edit.start):
        parts += [text[done : edit.start], edit.put]
        done = edit.end
    return "".join([*parts, text[done:]])


def _pairs(found: list[Token]) -> dict[int, int]:
    """Return where each brace is closed."""
    closing: dict[int, int] = {}
    opened: list[int] = []
    for index, token in enumerate(found):
        if token.text == "{":
            opened.append(index)
        elif token.text == "}":
            closing[opened.pop()] = index
    return closing


def _is_pattern(found: list[Token], index: int) -> bool:
    """Tell whether a brace opens a pattern, not a template or a table of values."""
    for token in reversed(found[:index]):
        if token.is_word("CONSTRUCT"):
            return not found[index - 1].is_word("CONSTRUCT")
        if token.is_word("VALUES"):
            return False
        if token.text in "{}" or token.is_word("WHERE", "EXISTS", "SELECT", "ASK"):
            return True
    return True


def _wrapped(found: list[Token], begin: int, end: int, sparql: str) -> list[_Edit]:
    opened, closed = found[begin].end, found[end].start
    edits = [
        _Edit(opened, opened, f" GRAPH {MERGED} {{"),
        _Edit(closed, closed, "} "),
    ]
    if begin > 1 and _is_short_construct(found, begin):
        template = f" {{{sparql[opened:closed]}}} "
        after = _after_construct(found, begin)
        edits.append(_Edit(after, after, template))
    return edits


def _is_short_construct(found: list[Token], begin: int) -> bool:
    """Tell whether the pattern that opens there is the template too (16.2.4)."""
    before = found[:begin]
    at = next((i for i, one in enumerate(before) if one.is_word("CONSTRUCT")), None)
    return at is not None and all(token.text != "{" for token in before[at:])


def _after_construct(found: list[Token], begin: int) -> int:
    return next(one.end for one in found[:begin] if one.is_word("CONSTRUCT"))
