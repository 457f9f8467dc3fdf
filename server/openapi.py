"""`/openapi.json`: this server's addresses in OpenAPI 3.1, one for each saved query."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import yaml
from flask import Blueprint, Response, current_app

from kg.formats import Kind
from kg.paging import MOST_ROWS
from kg.queries import Form, ParameterKind
from server.context import house
from server.hooks import VERSION
from server.openapi_details import DETAILS
from server.openapi_documents import DOCUMENTS
from server.openapi_network import NETWORKS
from server.openapi_parts import (
    GRAPHS,
    READING,
    RESULTS,
    TEXT,
    TIMEOUT,
    Detail,
    Part,
    components,
    content,
    formats,
    listing,
    parameter,
    schema,
    shape,
)
from server.question import ASCENDING, DESCENDING
from server.responses import as_json, data

if TYPE_CHECKING:
    from collections.abc import Iterator

    from werkzeug.routing import Rule

    from kg.parameters import Parameter
    from kg.queries import SavedQuery

blueprint = Blueprint("openapi", __name__)

_DETAILS = {**DETAILS, **DOCUMENTS, **NETWORKS}
_VERBS = ("GET", "PUT", "POST", "PATCH", "DELETE")
_LEFT_OUT = frozenset({"static", "queries.answered", "openapi.as_yaml"})
_PLACE = re.compile(r"<(?:(?P<kind>\w+)(?:\((?P<of>[^)]*)\))?:)?(?P<name>\w+)>")
_TABLE_PAGE = (
    parameter(
        "limit",
        "So many rows of the table.",
        {"type": "integer", "minimum": 1, "maximum": MOST_ROWS},
    ),
    parameter(
        "offset",
        "After so many rows.",
        {"type": "integer", "minimum": 0, "maximum": 999_999_999},
    ),
    parameter(
        "page",
        "Which page, counted from 1; in place of offset.",
        {"type": "integer", "minimum": 1, "maximum": 999_999_999},
    ),
)
_TYPES: dict[ParameterKind, Part] = {
    ParameterKind.IRI: TEXT,
    ParameterKind.CONCEPT: TEXT,
    ParameterKind.STRING: TEXT,
    ParameterKind.INTEGER: {
        "type": "integer",
        "minimum": 1 - 10**18,
        "maximum": 10**18 - 1,
    },
    ParameterKind.DATE: {"type": "string", "format": "date"},
    ParameterKind.LANGUAGE: {
        "type": "string",
        "pattern": "^[A-Za-z]{1,8}(-[A-Za-z0-9]{1,8})*$",
    },
}


@blueprint.get("/openapi.json")
def as_it_is() -> Response:
    """Describe this server in OpenAPI 3.1."""
    return as_json(document())


@blueprint.get("/openapi.yaml")
def as_yaml() -> Response:
    """Describe this server in OpenAPI 3.1, in YAML."""
    text = yaml.safe_dump(document(), sort_keys=False, allow_unicode=True, width=88)
    return data(text, "application/yaml")


def document() -> Part:
    """Return the description of the application that answers this request."""
    paths: dict[str, Part] = {}
    for rule in current_app.url_map.iter_rules():
        if rule.endpoint in _LEFT_OUT:
            continue
        for path, places in _paths(rule):
            paths.setdefault(path, {}).update(_operations(rule, path, places))
    for query in house().graph.queries.values():
        paths[f"/queries/{query.name}"] = {"get": _asking(query)}
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Exequatur",
            "version": VERSION,
            "summary": "A knowledge graph of diplomatic actors, agreements and legal "
            "instruments.",
            "description": "Reading needs no token; writing does. Every answer depends "
            "on its request and the version of the data alone, which `ETag` names.",
            "license": {"name": "CC BY 4.0 (data), Apache 2.0 (software)"},
        },
        "servers": [{"url": "/"}],
        "paths": dict(sorted(paths.items())),
        "components": components(),
    }


def _paths(rule: Rule) -> Iterator[tuple[str, list[Part]]]:
    """Yield the path templates of *rule* with the parameters in them.

    A place where only some words can stand gives a path for each of them.
    """
    choice = next((m for m in _PLACE.finditer(rule.rule) if m["kind"] == "any"), None)
    words = re.findall(r"[\w.\-]+", choice["of"] or "") if choice else [""]
    for word in words:
        text = rule.rule.replace(choice[0], word) if choice else rule.rule
        places = [_place(match["name"]) for match in _PLACE.finditer(text)]
        yield _PLACE.sub(r"{\g<name>}", text), places


def _place(name: str) -> Part:
    return {"name": name, "in": "path", "required": True,
            "schema": {"type": "string", "minLength": 1}}  # fmt: skip


def _operations(rule: Rule, path: str, places: list[Part]) -> Part:
    view = current_app.view_functions[rule.endpoint]
    said = (view.__doc__ or rule.endpoint).strip().splitlines()[0]
    made = {}
    for verb in _VERBS:
        if verb not in (rule.methods or ()):
            continue
        named = rule.endpoint, verb
        detail = _DETAILS.get(named)
        found = detail.operation() if detail else _unknown()
        found["summary"] = said
        found["operationId"] = re.sub(r"\W+", "-", f"{verb.lower()}{path}").strip("-")
        if places:
            found["parameters"] = [*places, *found.get("parameters", ())]
        made[verb.lower()] = found
    return made


def _unknown() -> Part:
    """Return an operation of which nothing but its address is known."""
    return {"responses": {"default": {"description": "The answer, or a problem."}}}


# --- saved queries ----------------------------------------------------------------


def _asking(query: SavedQuery) -> Part:
    """Return the operation that asks a saved query."""
    is_table = query.form is Form.SELECT
    kind = Kind.GRAPH if query.form is Form.CONSTRUCT else Kind.RESULTS
    detail = Detail(
        answers={200: _answers(query), 202: content("text/html")},
        problems=(*READING, 404),
        parameters=(
            *map(_parameter, query.parameters),
            *(_table_page(query) if is_table else ()),
            TIMEOUT,
            formats(kind),
        ),
    )
    made = detail.operation()
    made["summary"] = query.summary
    made["description"] = query.description
    made["operationId"] = query.name
    made["tags"] = [*query.tags] or ["other"]
    if is_table:
        made["responses"]["200"]["headers"] = {
            **made["responses"]["200"]["headers"],
            "Link": {"description": "The other pages (RFC 8288).", "schema": TEXT},
            "X-Total-Count": {
                "description": "How many rows there are, where a page was asked for.",
                "schema": {"type": "integer", "minimum": 0},
            },
        }
    return made


def _table_page(query: SavedQuery) -> tuple[Part, ...]:
    columns = {"type": "string", "enum": [*query.columns]}
    orders = {"type": "string", "enum": [ASCENDING, DESCENDING]}
    return (
        *_TABLE_PAGE,
        parameter("sort", "The rows sorted by this column.", columns),
        parameter("order", "In which order; of the column that sort names.", orders),
    )


def _parameter(declared: Parameter) -> Part:
    made = parameter(
        declared.name, f"{declared.summary} {declared.wanted.capitalize()}."
    )
    made["schema"] = dict(_TYPES[declared.kind])
    if declared.default_text:
        made["example"] = _example(declared)
    return made


def _example(declared: Parameter) -> str | int:
    text = declared.default_text
    return int(text) if declared.kind is ParameterKind.INTEGER else text


def _answers(query: SavedQuery) -> Part:
    if query.form is Form.CONSTRUCT:
        return content("text/html", *GRAPHS)
    if query.form is Form.ASK:
        return content("text/html", *RESULTS, results=schema("Truth"))
    columns = {name: schema("Term") for name in query.columns}
    row = {"type": "object", "properties": columns, "additionalProperties": False}
    names = {"type": "array", "items": {"enum": [*query.columns]}}
    table = shape(head=shape(vars=names), results=shape(bindings=listing(row)))
    return content("text/html", *RESULTS, results=table)
