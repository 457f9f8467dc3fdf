"""DESCRIBE by queries of our own: each store has its own idea of a description.

Ours is that of the embedded engine: of each thing, the triples that it is the subject
of, and of blank nodes in them likewise (the concise bounded description).
"""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

from kg.sparql import tokens
from kg.terms import NamedNode

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from kg.sparql import Token

_AT_ONCE = 1_000


def is_describe(sparql: str) -> bool:
    """Tell whether *sparql*, which makes a graph, is a DESCRIBE."""
    for token in tokens(sparql):
        if token.is_word("CONSTRUCT", "DESCRIBE"):
            return token.is_word("DESCRIBE")
    return False


def described(sparql: str) -> str:
    """Return the SELECT that finds what *sparql*, a DESCRIBE, is to describe."""
    found = list(tokens(sparql))
    begin = next(i for i, one in enumerate(found) if one.is_word("DESCRIBE"))
    end = begin + 1
    items: list[str] = []
    while end < len(found) and _is_item(found[end]):
        token = found[end]
        is_constant = token.kind in {"iri", "name"}
        items.append(
            f"({token.text} AS {_unused(sparql, len(items))})"
            if is_constant
            else token.text
        )
        end += 1
    head = f"{sparql[: found[begin].start]}SELECT {' '.join(items)} "
    while end < len(found) and found[end].is_word("FROM"):
        end += 3 if found[end + 1].is_word("NAMED") else 2
    last = found[end - 1].end
    clauses = sparql[_end_of_items(found, begin) : last]
    has_pattern = any(token.text == "{" for token in found[end:])
    return f"{head}{clauses}{'' if has_pattern else ' WHERE {}'}{sparql[last:]}"


def descriptions(names: Iterable[NamedNode]) -> Iterator[str]:
    """Yield the queries that find what is said of the things that have *names*."""
    rest = iter(names)
    while part := list(islice(rest, _AT_ONCE)):
        given = " ".join(map(str, part))
        yield f"CONSTRUCT {{ ?s ?p ?o }} WHERE {{ VALUES ?s {{ {given} }} ?s ?p ?o }}"


def _is_item(token: Token) -> bool:
    return token.kind in {"variable", "iri", "name"} or token.text == "*"


def _end_of_items(found: list[Token], begin: int) -> int:
    end = begin
    while end + 1 < len(found) and _is_item(found[end + 1]):
        end += 1
    return found[end].end


def _unused(sparql: str, number: int) -> str:
    name = f"?described{number}"
    while name in sparql:
        name += "x"
    return name
