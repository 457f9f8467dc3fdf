"""Queries put inside a named graph, for stores whose default graph mixes all others.

What a query says outside GRAPH is asked of one graph: its patterns are wrapped in
`GRAPH <name> { … }`, inside which GRAPH turns to other graphs as it does outside
(SPARQL 1.1 Query, section 18.6: the active graph is that of the innermost GRAPH).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kg.errors import QueryError
from kg.sparql import tokens

if TYPE_CHECKING:
    from kg.sparql import Token
    from kg.terms import NamedNode


def inside(sparql: str, graph: NamedNode) -> str:
    """Return *sparql*, a query that can be parsed, as asked of *graph*.

    A variable of GRAPH stands for any graph but that one. Raise QueryError for
    DESCRIBE: what a store tells of a thing it takes from all its graphs.
    """
    found = list(tokens(sparql))
    if any(token.is_word("DESCRIBE") for token in found):
        raise QueryError(
            "DESCRIBE cannot be asked of a store whose default graph mixes all graphs",
            where="the query",
            advice="ask for the triples by CONSTRUCT",
        )
    edits: list[tuple[int, str]] = []  # where what is put in; the innermost first
    closing = _pairs(found)
    depth = 0
    for index, token in enumerate(found):
        if token.text == "{" and not depth and _is_pattern(found, index):
            edits += _wrapped(found, index, closing[index], sparql, graph)
        depth += {"{": 1, "}": -1}.get(token.text, 0)
        if token.is_word("GRAPH") and found[index + 1].kind == "variable":
            end = found[closing[index + 2]].end
            edits.insert(0, (end, f" FILTER({found[index + 1].text} != {graph})"))
    return _edited(sparql, edits)


def _edited(text: str, edits: list[tuple[int, str]]) -> str:
    parts, done = [], 0
    for at, put in sorted(edits, key=lambda edit: edit[0]):
        parts += [text[done:at], put]
        done = at
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


def _wrapped(
    found: list[Token], begin: int, end: int, sparql: str, graph: NamedNode
) -> list[tuple[int, str]]:
    opened, closed = found[begin].end, found[end].start
    edits = [(opened, f" GRAPH {graph} {{"), (closed, "} ")]
    if begin > 1 and _is_short_construct(found, begin):
        template = f" {{{sparql[opened:closed]}}} "
        edits.append((_after_construct(found, begin), template))
    return edits


def _is_short_construct(found: list[Token], begin: int) -> bool:
    """Tell whether the pattern that opens there is the template too (16.2.4)."""
    before = found[:begin]
    at = next((i for i, one in enumerate(before) if one.is_word("CONSTRUCT")), None)
    return at is not None and all(token.text != "{" for token in before[at:])


def _after_construct(found: list[Token], begin: int) -> int:
    return next(one.end for one in found[:begin] if one.is_word("CONSTRUCT"))
