"""Expressions of SPARQL that two engines evaluate alike, and where they do.

rdflib evaluates the queries of shapes, pyoxigraph the screens made of them. They agree
on strings without a language, on integers that are not huge, and on what is an IRI: so
each expression comes with what must hold of its variables for both to say the same.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

import rdflib
from rdflib import XSD
from rdflib.plugins.sparql.parserutils import CompValue

from kg.shapes.formulas import (
    TRUE,
    UnscreenableError,
    common_regex,
    constant,
    every,
    is_plain,
    is_small,
    regex,
    some,
    surely,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

DATA, NODE, STRING, NUMBER, TRUTH = "data", "node", "string", "number", "truth"
"""What is known of a value: nothing, that it is no literal, or its kind of literal."""


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of a variable: its *kind*, its *text* if it always is the same.

    It is *open* where it may be without a value.
    """

    kind: str
    text: str | None = None
    open: bool = False


Scope: TypeAlias = Mapping[str, Known]


@dataclass(frozen=True, slots=True)
class Value:
    """An expression of some *kind* in SPARQL, the same for both engines if *agreed*."""

    sparql: str
    kind: str
    agreed: str = TRUE
    text: str | None = None


def value(expression: Any, scope: Scope) -> Value:  # noqa: ANN401 - as rdflib has it
    """Return *expression* over the variables in *scope*; raise UnscreenableError."""
    if isinstance(expression, rdflib.Variable):
        return _variable(expression, scope)
    if isinstance(expression, rdflib.Literal | rdflib.URIRef):
        return _constant(expression)
    if isinstance(expression, CompValue) and expression.name in _READERS:
        return _READERS[expression.name](expression, scope)
    raise UnscreenableError(f"its query has {getattr(expression, 'name', expression)}")


def truth_of(expression: Any, scope: Scope) -> Value:  # noqa: ANN401
    """Return *expression* where it is true or false; raise UnscreenableError."""
    return _as(TRUTH, expression, scope)


def _variable(variable: rdflib.Variable, scope: Scope) -> Value:
    known = scope.get(str(variable))
    if known is None:
        raise UnscreenableError(f"its query may leave {variable.n3()} without a value")
    return Value(variable.n3(), known.kind, text=known.text)


def _constant(term: rdflib.Literal | rdflib.URIRef) -> Value:
    text = constant(term)
    if isinstance(term, rdflib.URIRef):
        return Value(text, NODE)
    if term.language:
        raise UnscreenableError("its query has a string with a language")
    kinds: dict[object, str] = {XSD.integer: NUMBER, XSD.boolean: TRUTH}
    return Value(text, kinds.get(term.datatype, STRING), text=str(term))


def _as(kind: str, expression: Any, scope: Scope) -> Value:  # noqa: ANN401
    """Return *expression* as a value of *kind*, with what that asks of the data."""
    found = value(expression, scope)
    if found.kind == kind:
        return found
    if found.kind != DATA or kind not in _TESTS:
        raise UnscreenableError(f"its query takes a {found.kind} for a {kind}")
    test = _if_any(_TESTS[kind](found.sparql), found.sparql, scope)
    return Value(found.sparql, kind, every((found.agreed, test)))


_TESTS: dict[str, Callable[[str], str]] = {
    NODE: lambda name: f"(!isLITERAL({name}))",
    NUMBER: is_small,
    STRING: is_plain,
}


def _if_any(test: str, name: str, scope: Scope) -> str:
    """Return that *test* holds of the variable *name*, unless it has no value."""
    known = scope.get(name.lstrip("?$"))
    return f"(!BOUND({name}) || {test})" if known and known.open else test


def _agreed(values: Iterable[Value], *more: str) -> str:
    return every((*(one.agreed for one in values), *more))


def _call(name: str, values: list[Value], kind: str, *more: str) -> Value:
    arguments = ", ".join(one.sparql for one in values)
    return Value(f"{name}({arguments})", kind, _agreed(values, *more))


# Logic and comparison


def _and(part: CompValue, scope: Scope) -> Value:
    return _chained("&&", part, scope)


def _or(part: CompValue, scope: Scope) -> Value:
    return _chained("||", part, scope)


def _chained(sign: str, part: CompValue, scope: Scope) -> Value:
    parts = [truth_of(one, scope) for one in (part.expr, *part.other)]
    text = f" {sign} ".join(one.sparql for one in parts)
    return Value(f"({text})", TRUTH, _agreed(parts))


def _not(part: CompValue, scope: Scope) -> Value:
    return _call("!", [truth_of(part.expr, scope)], TRUTH)


def _relation(part: CompValue, scope: Scope) -> Value:
    if part.op in {"IN", "NOT IN"}:
        one = _as(STRING, part.expr, scope)
        others = [_as(STRING, other, {}) for other in part.other]
        listed = ", ".join(other.sparql for other in others)
        return Value(f"({one.sparql} {part.op} ({listed}))", TRUTH, one.agreed)
    kind = _common_kind(part, scope)
    if kind == DATA:
        return _same(part, scope)
    pair = [_as(kind, part.expr, scope), _as(kind, part.other, scope)]
    text = f"({pair[0].sparql} {part.op} {pair[1].sparql})"
    return Value(text, TRUTH, _agreed(pair))


def _common_kind(part: CompValue, scope: Scope) -> str:
    """Return the kind that both sides must have; DATA where any will do."""
    if part.op not in {"=", "!="}:
        return NUMBER
    kinds = {value(side, scope).kind for side in (part.expr, part.other)} - {DATA}
    if len(kinds) > 1:
        raise UnscreenableError("its query compares what is never the same")
    return kinds.pop() if kinds else DATA


def _same(part: CompValue, scope: Scope) -> Value:
    pair = [value(side, scope) for side in (part.expr, part.other)]
    alike = some(
        every(_if_any(test(one.sparql), one.sparql, scope) for one in pair)
        for test in _TESTS.values()
    )
    text = f"({pair[0].sparql} {part.op} {pair[1].sparql})"
    return Value(text, TRUTH, _agreed(pair, alike))


def _sum(part: CompValue, scope: Scope) -> Value:
    numbers = [_as(NUMBER, one, scope) for one in (part.expr, *part.other)]
    text = numbers[0].sparql
    for sign, number in zip(part.op, numbers[1:], strict=True):
        text = f"{text} {sign} {number.sparql}"
    return Value(f"({text})", NUMBER, _agreed(numbers))


def _if(part: CompValue, scope: Scope) -> Value:
    condition = truth_of(part.arg1, scope)
    one, other = value(part.arg2, scope), value(part.arg3, scope)
    if one.kind != other.kind:
        raise UnscreenableError("its query has an IF of two kinds")
    return _call("IF", [condition, one, other], one.kind)


# Tests of terms


def _bound(part: CompValue, scope: Scope) -> Value:
    return Value(f"BOUND({_variable(part.arg, scope).sparql})", TRUTH)


def _is_numeric(part: CompValue, scope: Scope) -> Value:
    one = value(part.arg, scope)
    tests = (is_small(one.sparql), f"!isLITERAL({one.sparql})", is_plain(one.sparql))
    return _call("isNumeric", [one], TRUTH, surely(some(tests)))


def _str(part: CompValue, scope: Scope) -> Value:
    one = value(part.arg, scope)
    named = _if_any(f"(!isBLANK({one.sparql}))", one.sparql, scope)
    return _call("STR", [one], STRING, named if one.kind in {DATA, NODE} else TRUE)


# Strings


def _strings(name: str, kind: str) -> Callable[[CompValue, Scope], Value]:
    def read(part: CompValue, scope: Scope) -> Value:
        pair = [_as(STRING, one, scope) for one in (part.arg1, part.arg2)]
        if not pair[1].text:
            raise UnscreenableError("its query looks for what varies, or for nothing")
        return _call(name, pair, kind)

    return read


def _length(part: CompValue, scope: Scope) -> Value:
    return _call("STRLEN", [_as(STRING, part.arg, scope)], NUMBER)


def _concat(part: CompValue, scope: Scope) -> Value:
    parts = [_as(STRING, one, scope) for one in part.arg]
    made = _call("CONCAT", parts, STRING)
    texts = [one.text for one in parts if one.text is not None]
    text = "".join(texts) if len(texts) == len(parts) else None
    return Value(made.sparql, STRING, made.agreed, text)


def _regex(part: CompValue, scope: Scope) -> Value:
    text = _as(STRING, part.text, scope)
    match, agreed = regex(text.sparql, _pattern(part, scope))
    return Value(match, TRUTH, _agreed([text], agreed))


def _replace(part: CompValue, scope: Scope) -> Value:
    text = _as(STRING, part.arg, scope)
    pattern = _pattern(part, scope)
    instead = value(part.replacement, scope)
    if instead.text is None or re.search(r"[$\\]", instead.text):
        raise UnscreenableError("its query puts in what varies")
    if re.search(pattern, ""):
        raise UnscreenableError("its query replaces what is empty")
    _, agreed = regex(text.sparql, pattern)
    shown = Value(common_regex(pattern), STRING)
    return _call("REPLACE", [text, shown, instead], STRING, agreed)


def _pattern(part: CompValue, scope: Scope) -> str:
    pattern = _as(STRING, part.pattern, scope)
    if pattern.text is None or part.flags:
        raise UnscreenableError("its query has a pattern that varies, or flags")
    return pattern.text


_READERS: dict[str, Callable[[CompValue, Scope], Value]] = {
    "AdditiveExpression": _sum,
    "Builtin_BOUND": _bound,
    "Builtin_CONCAT": _concat,
    "Builtin_CONTAINS": _strings("CONTAINS", TRUTH),
    "Builtin_IF": _if,
    "Builtin_REGEX": _regex,
    "Builtin_REPLACE": _replace,
    "Builtin_STR": _str,
    "Builtin_STRAFTER": _strings("STRAFTER", STRING),
    "Builtin_STRBEFORE": _strings("STRBEFORE", STRING),
    "Builtin_STRENDS": _strings("STRENDS", TRUTH),
    "Builtin_STRLEN": _length,
    "Builtin_STRSTARTS": _strings("STRSTARTS", TRUTH),
    "Builtin_isNUMERIC": _is_numeric,
    "ConditionalAndExpression": _and,
    "ConditionalOrExpression": _or,
    "RelationalExpression": _relation,
    "UnaryNot": _not,
}
