"""What a query of sh:sparql reads: its patterns, as clauses around $this.

rdflib evaluates the queries, so its ways are followed where they are its own: what an
OPTIONAL or an EXISTS sees of the patterns outside differs from the standard.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import rdflib
from rdflib.plugins.sparql.parserutils import CompValue

from kg.rdflib_terms import from_rdflib
from kg.shapes.patterns import FOCUS, Clause, Pattern
from kg.shapes.routes import Step, route

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from rdflib.plugins.sparql.sparql import Query

    from kg.shapes.patterns import Slot

    Around = tuple[Pattern, ...]

_SAME_ROWS = {"Distinct", "OrderBy", "Project", "Reduced", "SelectQuery"}
"""Parts of a query that read nothing themselves and combine no rows."""

_EXISTS = {"Builtin_EXISTS", "Builtin_NOTEXISTS"}


class UnanalysableError(Exception):
    """Says why it cannot be told from a change which nodes are concerned."""


def clauses(query: Query) -> tuple[Clause, ...]:
    """Return what *query* reads for one value of $this; raise UnanalysableError."""
    found = tuple(_read_query(query.algebra))
    if not all(clause.is_rooted() for clause in found):
        raise UnanalysableError("its query has patterns not connected to $this")
    return found


def _read_query(part: CompValue) -> Iterator[Clause]:
    while part.name in _SAME_ROWS:
        if part.datasetClause:
            raise UnanalysableError("its query has FROM")
        part = part.p
    return _read(part, ())


def _read(part: CompValue, around: Around) -> Iterator[Clause]:
    """Yield what *part* reads in rows where the patterns *around* hold as well."""
    reader = _READERS.get(part.name)
    if reader is None:
        raise UnanalysableError(f"its query has {part.name}")
    return reader(part, around)


def _read_bgp(part: CompValue, around: Around) -> Iterator[Clause]:
    yield Clause(_required(part), around)


def _read_join(part: CompValue, around: Around) -> Iterator[Clause]:
    yield from _read(part.p1, around + _required(part.p2))
    yield from _read(part.p2, around + _required(part.p1))


def _read_union(part: CompValue, around: Around) -> Iterator[Clause]:
    yield from _read(part.p1, around)
    yield from _read(part.p2, around)


def _read_left_join(part: CompValue, around: Around) -> Iterator[Clause]:
    # Where nothing matches, rdflib looks once more, knowing only what p1 binds.
    first = _required(part.p1)
    if not any(FOCUS in pattern.names() for pattern in first):
        raise UnanalysableError("its query has OPTIONAL where $this is not bound")
    if any(True for _ in _patterns_asked(part.expr)):
        raise UnanalysableError("its query has EXISTS in a condition of OPTIONAL")
    yield from _read(part.p1, around)
    yield from _read(part.p2, first)


def _read_expression(part: CompValue, around: Around) -> Iterator[Clause]:
    yield from _read(part.p, around)
    # What is asked sees what this part binds, and nothing of what is outside it, but
    # where this part is the condition of another EXISTS.
    seen = around if part.no_isolated_scope else ()
    for asked in _patterns_asked(part.expr):
        yield from _read(asked, seen + _required(part.p))


_READERS: dict[str, Callable[[CompValue, Around], Iterator[Clause]]] = {
    "BGP": _read_bgp,
    "Extend": _read_expression,
    "Filter": _read_expression,
    "Join": _read_join,
    "LeftJoin": _read_left_join,
    "Union": _read_union,
}


def _patterns_asked(expression: Any) -> Iterator[CompValue]:  # noqa: ANN401
    """Yield the group in each EXISTS of *expression*."""
    if isinstance(expression, list):
        parts = expression
    elif isinstance(expression, CompValue):
        if expression.name in _EXISTS:
            yield expression.graph
            return
        parts = list(expression.values())
    else:
        return
    for part in parts:
        yield from _patterns_asked(part)


def _required(part: CompValue) -> Around:
    """Return patterns that hold in every row of *part*."""
    if part.name == "BGP":
        return tuple(_pattern(*triple) for triple in part.triples)
    if part.name == "Join":
        return _required(part.p1) + _required(part.p2)
    if part.name == "LeftJoin":
        return _required(part.p1)
    if part.name in {"Filter", "Extend"}:
        return _required(part.p)
    return ()


def _pattern(start: Any, path: Any, end: Any) -> Pattern:  # noqa: ANN401
    way = Step(None) if isinstance(path, rdflib.Variable) else route(path)
    return Pattern(_slot(start), way, _slot(end))


def _slot(term: rdflib.term.Identifier) -> Slot:
    if isinstance(term, rdflib.Variable | rdflib.BNode):
        return str(term)
    return from_rdflib(term)
