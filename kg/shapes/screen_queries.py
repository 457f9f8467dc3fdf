"""Screens of queries: what an `sh:sparql` asks of one node, asked of all at once.

Of a query that is simple enough is made one that finds all nodes for which it has an
answer. Where in a row the two engines might see an expression in different ways, the
node of that row is found too: that is in doubt.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import rdflib
from rdflib import paths
from rdflib.plugins.sparql.parserutils import CompValue

from kg.shapes.expressions import DATA, NODE, TRUTH, Known, Value, truth_of, value
from kg.shapes.formulas import (
    TRUE,
    UnscreenableError,
    constant,
    every,
    exists,
    iri,
    no,
    some,
)

if TYPE_CHECKING:
    from rdflib.plugins.sparql.sparql import Query

_OUTSIDE = {"Distinct", "OrderBy", "Project", "Reduced", "SelectQuery", "Slice"}
_FOCUS = "this"


@dataclass(frozen=True, slots=True)
class _Rows:
    """Rows of a part of a query, by the patterns and bindings in *text*.

    *doubts* are rows of parts of it in which the engines might differ.
    """

    text: str = ""
    scope: dict[str, Known] = field(default_factory=dict)
    doubts: tuple[_Rows, ...] = ()

    def doubted(self, agreed: str) -> tuple[_Rows, ...]:
        """Return the doubts, with those rows where it is not *agreed* what follows."""
        if agreed == TRUE:
            return self.doubts
        unclear = _Rows(f"{self.text} FILTER({no(agreed)})", self.scope)
        return (*self.doubts, unclear)


def screens_of(query: Query) -> list[str]:
    """Return patterns of which one finds as ?this each node that *query* may answer.

    Raise UnscreenableError where that is not clear. What `repeats` in one of them is
    true only of a ?this that is no literal.
    """
    part = query.algebra
    while part.name in _OUTSIDE:
        if part.datasetClause:
            raise UnscreenableError("its query has FROM")
        part = part.p
    rows = _group(part)
    return [one.text for one in (rows, *rows.doubts)]


def _group(part: CompValue) -> _Rows:
    if part.name != "Filter":
        return _rows(part) if part.name != "Extend" else _chosen(part)
    rows = _rows(part.p)
    for condition in _conjuncts(part.expr):
        rows = _filtered(rows, condition)
    return rows


def _chosen(part: CompValue) -> _Rows:
    """Return the rows of a group; what SELECT computes makes none come or go."""
    inner = part
    while inner.name == "Extend":
        inner = inner.p
    return _group(inner) if inner.name == "Filter" else _rows(part)


def _conjuncts(expression: Any) -> Iterator[Any]:  # noqa: ANN401 - as rdflib has it
    if getattr(expression, "name", None) == "ConditionalAndExpression":
        for part in (expression.expr, *expression.other):
            yield from _conjuncts(part)
    else:
        yield expression


def _filtered(rows: _Rows, condition: Any) -> _Rows:  # noqa: ANN401
    """Return those of *rows* that meet *condition*, and what is in doubt of them.

    A doubt that is known to be put out by the condition is none.
    """
    test = _condition(condition, rows.scope)
    doubts = []
    for doubt in rows.doubted(test.agreed):
        if _names(condition) <= doubt.scope.keys():
            same = _condition(condition, doubt.scope)
            kept = some((no(same.agreed), same.sparql))
            doubt = replace(doubt, text=f"{doubt.text} FILTER({kept})")
        doubts.append(doubt)
    text = f"{rows.text} FILTER({test.sparql})"
    return _Rows(text, rows.scope, tuple(doubts))


def _names(expression: Any) -> set[str]:  # noqa: ANN401
    """Return the variables in *expression*."""
    if isinstance(expression, rdflib.Variable):
        return {str(expression)}
    if isinstance(expression, CompValue):
        if _is_exists(expression):
            graph = expression.graph
            return _names(_asked(graph)) | _names(graph.get("expr"))
        return _names(list(expression.values()))
    if isinstance(expression, list | tuple):
        return set().union(*map(_names, expression))
    return set()


def _is_exists(expression: Any) -> bool:  # noqa: ANN401
    name = getattr(expression, "name", None)
    return name in {"Builtin_EXISTS", "Builtin_NOTEXISTS"}


def _condition(expression: Any, scope: dict[str, Known]) -> Value:  # noqa: ANN401
    if not _is_exists(expression):
        return truth_of(expression, scope)
    found = _exists(expression.graph, scope)
    return Value(found if expression.name == "Builtin_EXISTS" else no(found), TRUTH)


def _exists(graph: CompValue, scope: dict[str, Known]) -> str:
    """Return that *graph* has a match; raise UnscreenableError for more than that."""
    triples = _asked(graph)
    _refuse_open(triples, scope)
    _refuse_empty(triples, scope)
    inner = {**_bindings(triples), **scope}
    asked = _conjuncts(graph.expr) if graph.name == "Filter" else ()
    tests = [_condition(condition, inner) for condition in asked]
    if any(test.agreed != TRUE for test in tests):
        raise UnscreenableError("its query has an EXISTS with a doubtful condition")
    found = every(test.sparql for test in tests)
    # One in the other: the engine keeps to this order, whatever it thinks best.
    for triple in reversed(_ordered(triples, scope)):
        found = exists(_pattern(triple), found)
    return found


def _asked(part: CompValue) -> list[Any]:
    """Return the triples of the patterns that EXISTS asks for."""
    if part.name == "Filter":
        return _asked(part.p)
    if part.name == "Join":
        return [*_asked(part.p1), *_asked(part.p2)]
    if part.name != "BGP":
        raise UnscreenableError(f"its query has {part.name} in EXISTS")
    return list(part.triples)


def _rows(part: CompValue) -> _Rows:
    reader = _READERS.get(part.name)
    if reader is None:
        raise UnscreenableError(f"its query has {part.name}")
    return reader(part)


def _bgp(part: CompValue) -> _Rows:
    return _joined(_Rows(), part.triples)


def _join(part: CompValue) -> _Rows:
    if part.p2.name != "BGP":
        raise UnscreenableError(f"its query joins {part.p2.name}")
    rows = _rows(part.p1)
    _refuse_open(part.p2.triples, rows.scope)
    return _joined(rows, part.p2.triples, within="LATERAL {{ {} }}")


def _left_join(part: CompValue) -> _Rows:
    simple = part.p2.name == "BGP" and part.expr.name == "TrueFilter"
    if not simple:
        raise UnscreenableError("its query has an OPTIONAL with more than patterns")
    rows = _rows(part.p1)
    _refuse_open(part.p2.triples, rows.scope)
    _refuse_unbound(rows.scope)
    _refuse_empty(part.p2.triples, rows.scope)
    inner = " ".join(map(_pattern, _ordered(part.p2.triples, rows.scope)))
    new = _bindings(part.p2.triples)
    added = {n: replace(k, open=True) for n, k in new.items() if n not in rows.scope}
    text = f"{rows.text} OPTIONAL {{ {inner} }}"
    return _Rows(text, {**rows.scope, **added}, rows.doubts)


def _extend(part: CompValue) -> _Rows:
    rows = _rows(part.p)
    made = value(part.expr, rows.scope)
    # Only an open variable can make it fail where all is agreed.
    unsure = any(rows.scope[n].open for n in _names(part.expr) & rows.scope.keys())
    known = Known(made.kind, made.text, open=unsure)
    text = f"{rows.text} BIND({made.sparql} AS {part.var.n3()})"
    scope = {**rows.scope, str(part.var): known}
    return _Rows(text, scope, rows.doubted(made.agreed))


_READERS: dict[str, Callable[[CompValue], _Rows]] = {
    "BGP": _bgp,
    "Extend": _extend,
    "Join": _join,
    "LeftJoin": _left_join,
}


def _joined(rows: _Rows, triples: list[Any], within: str = "{}") -> _Rows:
    """Return *rows* with what *triples* match, the pattern of each put *within* that.

    Joined as they stand with rows that have bindings or options, patterns would be
    matched by themselves, and all their matches held in memory at once.
    """
    _refuse_empty(triples, rows.scope)
    found = map(_pattern, _ordered(triples, rows.scope))
    text = " ".join((rows.text, *map(within.format, found)))
    scope = {**_bindings(triples), **rows.scope}
    _refuse_unbound(scope)
    return _Rows(text, scope, rows.doubts)


def _refuse_unbound(scope: dict[str, Known]) -> None:
    if _FOCUS not in scope:
        raise UnscreenableError("its query begins without $this")


def _refuse_open(triples: list[Any], scope: dict[str, Known]) -> None:
    if any(scope[name].open for name in _names(triples) & scope.keys()):
        raise UnscreenableError("its query goes on from what may be without a value")


def _bindings(triples: list[Any]) -> dict[str, Known]:
    """Return what is known of the variables that *triples* bind."""
    nodes = {
        str(start)
        for start, link, _ in triples
        if isinstance(start, rdflib.Variable) and not isinstance(link, paths.Path)
    }
    return {n: Known(NODE if n in nodes else DATA) for n in _names(triples)}


def _ordered(triples: list[Any], scope: dict[str, Known]) -> list[Any]:
    """Return *triples* so that each goes on from what is known, from ?this first.

    First comes what finds nothing new, last what goes on from what is known to be a
    literal: a number, say, is that of very many.
    """
    literals = {n for n, known in scope.items() if known.kind not in {DATA, NODE}}
    left, found, reached = list(triples), [], {*scope, _FOCUS}
    while left:
        following = min(left, key=lambda t: _distance(_names(t), reached, literals))
        left.remove(following)
        found.append(following)
        reached |= _names(following)
    return found


def _distance(names: set[str], reached: set[str], literals: set[str]) -> int:
    """Tell how late a pattern with *names* should come; 0 where all are known."""
    if names <= reached:
        return 0
    return 1 if names & (reached - literals) else 2 if names & reached else 3


def _pattern(triple: Any) -> str:  # noqa: ANN401
    start, link, end = triple
    return f"{_slot(start)} {_link(link)} {_slot(end)} ."


def _slot(term: rdflib.term.Node) -> str:
    if isinstance(term, rdflib.Variable):
        return term.n3()
    if isinstance(term, rdflib.BNode):
        return f"?blank{term}"
    return constant(term)


def _link(link: Any, *, within: bool = False) -> str:  # noqa: ANN401
    match link:
        case rdflib.Variable():
            return link.n3()
        case rdflib.URIRef():
            return iri(link)
        case paths.InvPath():
            return f"(^{_link(link.arg, within=True)})"
        case paths.SequencePath():
            return f"({'/'.join(_link(one, within=True) for one in link.args)})"
        case paths.AlternativePath():
            return f"({'|'.join(_link(one, within=True) for one in link.args)})"
        case paths.MulPath() if link.mod == paths.OneOrMore and not within:
            return f"({_link(link.path, within=True)})+"
    raise UnscreenableError("its query has a path that may stay, or leaves some out")


def repeats(pattern: str) -> bool:
    """Tell whether *pattern* has a path that is followed again and again."""
    return ")+" in pattern


def _refuse_empty(triples: list[Any], scope: dict[str, Known]) -> None:
    """Refuse a repeated path that begins or ends at what may be an empty string.

    rdflib takes that, as well as zero, for a variable without a value.
    """
    many = Counter(name for triple in triples for name in _names(triple))
    for triple in triples:
        if not isinstance(triple[1], paths.MulPath):
            continue
        for name in _names([triple[0], triple[2]]) - {_FOCUS}:
            fresh = many[name] == 1 and name not in scope
            if not fresh and _bindings(triples)[name].kind != NODE:
                raise UnscreenableError("its query repeats a path from a literal")
