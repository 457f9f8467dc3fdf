"""The JSON of the Reconciliation Service API 0.2: read from clients, written for them.

No Flask. What cannot be read is answered with 400 and the place: `queries.q0.limit`.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from math import isfinite
from typing import TYPE_CHECKING, Any

from kg.formats import by_name
from kg.nesting import refuse_deep
from kg.reconciliation import MOST_CANDIDATES, Constraint, MatchQuery
from kg.schema_terms import find_term
from kg.terms import RDFS, XSD, Literal, NamedNode
from server.problems import BadRequestError, TooLargeError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kg.reconciliation import Match, Matcher, Value
    from kg.schema_terms import SchemaTerm, SchemaTerms
    from kg.terms import Term

MOST_QUERIES = 50
"""A batch has so many queries at most."""

MOST_EXTENDED = 200
"""Values are sent for so many entities at once."""

_MOST_PROPERTIES = 50
_HUGE = 1e300
_STRICT = ("any", "all", "should")
_NOTHING = NamedNode(f"{RDFS}Resource")
_INTEGERS = {
    f"{XSD}{name}"
    for name in ("integer", "int", "long", "nonNegativeInteger", "positiveInteger")
}
_FLOATS = {f"{XSD}{name}" for name in ("decimal", "double", "float")}


@dataclass(frozen=True, slots=True)
class Extension:
    """A wish for the values of *properties*, so many of each, for entities *ids*."""

    ids: tuple[str, ...]
    properties: tuple[tuple[SchemaTerm, str, int], ...]


def read_batch(
    text: str, matcher: Matcher, terms: SchemaTerms
) -> dict[str, MatchQuery]:
    """Return the queries of a batch by their keys."""
    batch = _object(_parsed(text, "queries"), "queries")
    if len(batch) > MOST_QUERIES:
        raise TooLargeError(
            f"the batch has {len(batch)} queries",
            advice=f"send {MOST_QUERIES} at once at most",
        )
    return {
        key: _query(_object(value, f"queries.{key}"), f"queries.{key}", matcher, terms)
        for key, value in batch.items()
    }


def _query(
    found: Mapping[str, Any], where: str, matcher: Matcher, terms: SchemaTerms
) -> MatchQuery:
    strict = found.get("type_strict", "any")
    if strict not in _STRICT:
        raise _unfit(f"{where}.type_strict", f"give one of {', '.join(_STRICT)}")
    wanted = _listed(found.get("properties", []))
    if len(wanted) > _MOST_PROPERTIES:
        raise _unfit(f"{where}.properties", f"give {_MOST_PROPERTIES} at most")
    return MatchQuery(
        text=_text(found.get("query", ""), f"{where}.query"),
        types=_types(_listed(found.get("type", [])), f"{where}.type", terms),
        constraints=tuple(
            _constraint(
                _object(one, f"{where}.properties[{n}]"),
                f"{where}.properties[{n}]",
                matcher,
                terms,
            )
            for n, one in enumerate(wanted)
        ),
        limit=_limit(found.get("limit", 10), f"{where}.limit"),
        strict=strict,
    )


def _types(wanted: list[Any], where: str, terms: SchemaTerms) -> tuple[NamedNode, ...]:
    """Return the classes that are asked for; nothing belongs to an unknown one."""
    found = []
    for one in wanted[:_MOST_PROPERTIES]:
        id_ = one.get("id") if isinstance(one, dict) else one
        term = find_term(terms.classes, _text(id_, where))
        found.append(term.node if term else _NOTHING)
    return tuple(found)


def _constraint(
    found: Mapping[str, Any], where: str, matcher: Matcher, terms: SchemaTerms
) -> Constraint:
    id_ = _text(found.get("pid"), f"{where}.pid")
    term = find_term(terms.properties, id_)
    values = _listed(found.get("v", []))[:_MOST_PROPERTIES]
    return Constraint(
        property=term.node if term else _NOTHING,
        id=id_,
        values=tuple(_value(one, f"{where}.v", matcher) for one in values),
    )


def _value(value: object, where: str, matcher: Matcher) -> Value:
    if isinstance(value, bool | str):
        return value
    if isinstance(value, int | float):
        return float(max(-_HUGE, min(value, _HUGE)))
    id_ = _text(_object(value, where).get("id"), f"{where}.id")
    return matcher.node_of(id_) or _NOTHING


def _limit(value: object, where: str) -> int:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise _unfit(where, "give a positive whole number")
    if value % 1 or value < 1:
        raise _unfit(where, "give a positive whole number")
    return int(min(value, MOST_CANDIDATES))


def read_extension(text: str, terms: SchemaTerms) -> Extension:
    """Return which values are asked for which entities."""
    found = _object(_parsed(text, "extend"), "extend")
    ids = _array(found.get("ids"), "extend.ids")
    wanted = _array(found.get("properties"), "extend.properties")
    if len(ids) > MOST_EXTENDED or len(wanted) > _MOST_PROPERTIES:
        raise TooLargeError(
            f"{len(ids)} entities and {len(wanted)} properties are too many at once",
            advice=f"send {MOST_EXTENDED} and {_MOST_PROPERTIES} at most",
        )
    properties = []
    for n, one in enumerate(wanted):
        where = f"extend.properties[{n}]"
        about = _object(one, where)
        id_ = _text(about.get("id"), f"{where}.id")
        term = find_term(terms.properties, id_)
        if term is None:
            raise _unfit(f"{where}.id", "see what /reconcile/suggest/property offers")
        settings = _object(about.get("settings") or {}, f"{where}.settings")
        properties.append((term, id_, _most(settings, f"{where}.settings.limit")))
    texts = tuple(_text(id_, f"extend.ids[{n}]") for n, id_ in enumerate(ids))
    return Extension(texts, tuple(properties))


def _most(settings: Mapping[str, Any], where: str) -> int:
    """Return how many values are wanted; clients send numbers as text, too."""
    value = settings.get("limit", 0)
    if isinstance(value, str) and value.isascii() and value.isdigit():
        value = int(value[:9])
    if isinstance(value, bool) or not isinstance(value, int | float) or value < 0:
        raise _unfit(where, "give a whole number; 0 means all")
    return int(min(value, 10**6))


# --- what is written --------------------------------------------------------------


def candidate_json(match: Match, matcher: Matcher) -> dict[str, object]:
    """Return a candidate as the API has it."""
    return {
        "id": matcher.id_of(match.node),
        "name": match.label,
        "description": ", ".join(kind.name for kind in match.types),
        "type": [type_json(kind) for kind in match.types],
        "score": match.score,
        "features": [{"id": id_, "value": value} for id_, value in match.features],
        "match": match.certain,
    }


def type_json(term: SchemaTerm) -> dict[str, object]:
    """Return a type, or a property, as the API has it."""
    return {"id": term.id, "name": term.name}


def extended_json(
    wish: Extension, matcher: Matcher, terms: SchemaTerms
) -> dict[str, object]:
    """Return the values that are wished for."""
    return {
        "meta": [
            {
                "id": id_,
                "name": term.name,
                **_type_of_values(term, terms),
            }
            for term, id_, _ in wish.properties
        ],
        "rows": {id_: _row(id_, wish, matcher) for id_ in wish.ids},
    }


def _type_of_values(term: SchemaTerm, terms: SchemaTerms) -> dict[str, object]:
    known = terms.classes.get(term.to) if term.to else None
    return {"type": type_json(known)} if known else {}


def _row(id_: str, wish: Extension, matcher: Matcher) -> dict[str, object]:
    node = matcher.node_of(id_)
    return {
        asked: [
            _value_json(value, matcher)
            for value in (matcher.values(node, term.node) if node else [])[
                : most or None
            ]
        ]
        for term, asked, most in wish.properties
    }


def _value_json(value: Term, matcher: Matcher) -> dict[str, object]:
    if isinstance(value, NamedNode):
        id_ = matcher.id_of(value)
        return (
            {"id": id_, "name": matcher.label(value)} if id_ else {"str": value.value}
        )
    datatype = value.datatype.value if isinstance(value, Literal) else ""
    if datatype == f"{XSD}dateTime":
        return {"date": value.value}
    try:
        if datatype in _INTEGERS:
            return {"int": int(value.value)}
        if datatype in _FLOATS and isfinite(float(value.value)):
            return {"float": float(value.value)}
    except ValueError:
        pass  # a literal may call itself a number and be none
    return {"str": value.value}


# --- reading JSON -----------------------------------------------------------------


def _parsed(text: str, where: str) -> object:
    refuse_deep(text.encode("utf-8", "replace"), by_name("jsonld"), source=where)
    try:
        found: object = json.loads(text, parse_constant=_no_number)
        json.dumps(found, ensure_ascii=False).encode()  # halves of characters are none
        return found
    except json.JSONDecodeError as error:
        raise BadRequestError(
            f"not JSON: {error.msg}",
            where=f"{where}, line {error.lineno}, column {error.colno}",
        ) from error
    except ValueError as error:
        raise BadRequestError(f"not JSON: {error}", where=where) from error


def _no_number(text: str) -> object:
    raise ValueError(f"{text} is no number")


def _object(value: object, where: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise _unfit(where, "give an object: {…}")
    return value


def _array(value: object, where: str) -> list[Any]:
    if not isinstance(value, list):
        raise _unfit(where, "give an array: […]")
    return value


def _listed(value: object) -> list[Any]:
    """Return *value* as a list: clients may leave the brackets out."""
    return value if isinstance(value, list) else [value]


def _text(value: object, where: str) -> str:
    if not isinstance(value, str):
        raise _unfit(where, "give a text")
    return value


def _unfit(where: str, advice: str) -> BadRequestError:
    return BadRequestError("this does not fit", where=where, advice=advice)
