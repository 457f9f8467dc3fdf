"""What operations of this server take and answer, by endpoint, for OpenAPI; no Flask.

A route without an entry here is described by its address and docstring alone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kg.formats import Kind
from kg.paging import MOST_ROWS
from kg.why import MOST_REASONS
from server.openapi_parts import (
    ANYTHING,
    GRAPHS,
    PAGE,
    READING,
    RESULTS,
    SENDING,
    SYNTAXES,
    TEXT,
    TIMEOUT,
    WRITING,
    Detail,
    Part,
    content,
    formats,
    listing,
    parameter,
    schema,
    shape,
)
from server.protocol import FORM, QUERY, UPDATE

if TYPE_CHECKING:
    from collections.abc import Mapping

_INTEGER: Part = {"type": "integer"}
_ANSWERS = content("text/html", *RESULTS, *GRAPHS, results=schema("Results"))
_DOCUMENT = content("text/html", *GRAPHS)
_REPORT = content("text/html", "application/sarif+json", *GRAPHS, json=schema("Report"))
_ACCEPTED = content(json=schema("Accepted"))
_REFERENCE = {303: content("text/plain")}
_DATASET = (
    parameter("default-graph-uri", "A graph to merge for the default graph.",
              listing({"type": "string", "format": "uri"})),
    parameter("named-graph-uri", "A graph to be named.",
              listing({"type": "string", "format": "uri"})),
)  # fmt: skip
_ANSWER_FORMAT = formats(Kind.RESULTS, Kind.GRAPH)
_GRAPH_FORMAT = formats(Kind.GRAPH)
_GRAPH = parameter("graph", "The graph, by its IRI.", {"type": "string"})
_DEFAULT = {
    **parameter("default", "The graph for what was stated in none."),
    "allowEmptyValue": True,
}
_MESSAGE = parameter("message", "Why, for the log.", {"type": "string"})
_BODY_OF_TRIPLES = {name: {"schema": TEXT} for name in SYNTAXES}
_ID = parameter("id", "The entity's identifier.", required=True)
_COUNT = {"type": "integer", "minimum": 1, "maximum": MOST_ROWS}
_NUMBER = {"type": "integer", "minimum": 0, "maximum": 999_999_999}
_LIMIT = parameter("limit", "So many at most.", {"type": "integer", "minimum": 0})
_JSON_FORM = {"type": "string", "contentMediaType": "application/json"}


def _form(required: tuple[str, ...], **fields: Part) -> Part:
    """Return a body that is a form."""
    return {FORM: {"schema": shape(required, **fields)}}


def _write(answers: Mapping[int, Part], body: Part | None = None) -> Detail:
    """Return what goes for any change to a graph."""
    return Detail(
        answers={**answers},
        problems=(*READING, *SENDING, *WRITING, 404),
        parameters=(_GRAPH, _DEFAULT, _MESSAGE),
        body=body,
        takes_token=True,
        tag="graphs",
    )


_SUBMITTED_TO = (
    parameter(
        "as",
        "The verb at /graphs that is meant.",
        {"enum": ["POST", "PUT", "PATCH", "DELETE"]},
    ),
    parameter("graph", "The graph that it is for, or of triples in none."),
    _DEFAULT,
)
_SUBMITTED = {
    **_BODY_OF_TRIPLES,
    UPDATE: {"schema": TEXT},
    **_form(("data",), data=TEXT, syntax=TEXT, graph=TEXT, message=TEXT),
}
_ADDED = {200: _ACCEPTED, 201: _ACCEPTED, 204: ANYTHING}

DETAILS: dict[tuple[str, str], Detail] = {
    ("sparql.by_get", "GET"): Detail(
        answers={200: _ANSWERS},
        problems=(*READING, 403, 413),
        parameters=(
            parameter("query", "The query; without it, the service is described."),
            *_DATASET,
            TIMEOUT,
            _ANSWER_FORMAT,
        ),
        tag="sparql",
    ),
    ("sparql.by_post", "POST"): Detail(
        answers={200: _ANSWERS},
        problems=(*READING, *SENDING, 403),
        parameters=(*_DATASET, TIMEOUT, _ANSWER_FORMAT),
        body={
            QUERY: {"schema": TEXT},
            **_form(("query",), query=TEXT, format=TEXT, timeout=TEXT),
        },
        tag="sparql",
    ),
    ("update.updated", "POST"): Detail(
        answers={200: _ACCEPTED},
        problems=(*READING, *SENDING, *WRITING),
        parameters=(_MESSAGE,),
        body={
            UPDATE: {"schema": TEXT},
            **_form(("update",), update=TEXT, message=TEXT),
        },
        takes_token=True,
        tag="sparql",
    ),
    ("why.asked", "GET"): Detail(
        answers={200: content("text/html", *GRAPHS, json=ANYTHING)},
        problems=(*READING, 404),
        parameters=(
            parameter("s", "The subject: a name or an IRI.", required=True),
            parameter("p", "The predicate: a name or an IRI.", required=True),
            parameter("o", "The object: a name, an IRI or a literal.", required=True),
            parameter(
                "limit",
                "The most reasons to give.",
                {"type": "integer", "minimum": 1, "maximum": MOST_REASONS},
            ),
            formats(Kind.GRAPH, json=True),
        ),
        tag="entities",
    ),
    ("graphs.sent", "GET"): Detail(
        answers={200: content("text/html", *GRAPHS, json=ANYTHING)},
        problems=(*READING, 404),
        parameters=(_GRAPH, _DEFAULT, formats(Kind.GRAPH, json=True)),
        tag="graphs",
    ),
    ("graphs.put", "PUT"): _write(_ADDED, _BODY_OF_TRIPLES),
    ("graphs.added", "POST"): _write(_ADDED, _BODY_OF_TRIPLES),
    ("graphs.removed", "DELETE"): _write(_ADDED),
    ("graphs.patched", "PATCH"): _write(_ADDED, {UPDATE: {"schema": TEXT}}),
    ("validate.judged", "POST"): Detail(
        answers={200: _REPORT},
        problems=(*READING, *SENDING, 401, 403, 404),
        parameters=(
            *_SUBMITTED_TO,
            parameter(
                "strict",
                "Whether violations that stand already count too; as the header "
                "`Prefer: handling=strict`.",
                {"type": "boolean"},
            ),
        ),
        body=_SUBMITTED,
        tag="validation",
    ),
    ("validate.submitted", "POST"): Detail(
        answers={200: _ACCEPTED},
        problems=(*READING, *SENDING, *WRITING, 404),
        parameters=(*_SUBMITTED_TO, _MESSAGE),
        body=_SUBMITTED,
        takes_token=True,
        tag="validation",
    ),
    ("queries.listed", "GET"): Detail(
        answers={
            200: content("text/html", *GRAPHS, json=listing(schema("Query"))),
        },
        parameters=(formats(Kind.GRAPH, json=True),),
        tag="saved queries",
    ),
    ("queries.definition", "GET"): Detail(
        answers={200: content(QUERY, *GRAPHS, json=schema("Query"))},
        problems=(*READING, 404),
        tag="saved queries",
    ),
    ("queries.named", "GET"): Detail(
        answers=_REFERENCE, problems=(404, 503), tag="saved queries"
    ),
    ("pages.front", "GET"): Detail(answers={200: PAGE}),
    ("pages.problems", "GET"): Detail(answers={200: PAGE}),
    ("validate.form", "GET"): Detail(answers={200: PAGE}),
    ("status.status", "GET"): Detail(
        answers={
            200: content(
                "text/html",
                json=shape(
                    name=TEXT,
                    software=TEXT,
                    version=_INTEGER,
                    triples=_INTEGER,
                    quads=_INTEGER,
                    queries=_INTEGER,
                    figures={"type": "object"},
                ),
            ),
        },
        parameters=(
            parameter("format", "A page or JSON.", {"enum": ["html", "json"]}),
        ),
        tag="service",
    ),
    ("status.figures", "GET"): Detail(
        answers={200: content("text/plain")}, tag="service"
    ),
    ("pages.found", "GET"): Detail(
        answers={
            200: content(
                "text/html",
                json=shape(
                    query=TEXT,
                    results=listing(shape(iri=TEXT, label=TEXT, kind=TEXT)),
                ),
            ),
        },
        parameters=(
            parameter("q", "What is looked for."),
            parameter("format", "A page or JSON.", {"enum": ["html", "json"]}),
        ),
        tag="entities",
    ),
    ("pages.kind", "GET"): Detail(
        answers={
            200: content(
                "text/html",
                json=shape(
                    kind=TEXT,
                    label=TEXT,
                    members=listing(shape(iri=TEXT, label=TEXT)),
                ),
            )
        },
        problems=(*READING, 400, 404),
        parameters=(
            parameter("limit", "So many at most; a page has a hundred.", _COUNT),
            parameter("offset", "After so many.", _NUMBER),
            parameter("page", "Which page, counted from 1.", _COUNT),
            parameter("format", "A page or JSON.", {"enum": ["html", "json"]}),
        ),
        tag="entities",
    ),
    ("linked_data.thing", "GET"): Detail(
        answers=_REFERENCE, problems=(*READING, 404), tag="entities"
    ),
    ("linked_data.other_thing", "GET"): Detail(
        answers=_REFERENCE, problems=(*READING, 404), tag="entities"
    ),
    ("reconcile.asked", "GET"): Detail(
        answers={200: content(json={"type": "object"})},
        problems=(*READING, 413),
        parameters=(
            parameter("queries", "A batch of queries, as JSON.", _JSON_FORM),
            parameter("extend", "A wish for values, as JSON.", _JSON_FORM),
        ),
        tag="reconciliation",
    ),
    ("reconcile.sent", "POST"): Detail(
        answers={200: content(json={"type": "object"})},
        problems=(*READING, *SENDING),
        body=_form((), queries=_JSON_FORM, extend=_JSON_FORM),
        tag="reconciliation",
    ),
    ("reconcile.suggested", "GET"): Detail(
        answers={200: content(json=schema("Suggestions"))},
        parameters=(
            parameter("prefix", "The beginning of a name."),
            parameter("cursor", "So many are left out.", _LIMIT["schema"]),
            _LIMIT,
        ),
        tag="reconciliation",
    ),
    ("reconcile.proposed", "GET"): Detail(
        answers={
            200: content(json=shape(type=TEXT, properties=listing(schema("Type")))),
        },
        parameters=(parameter("type", "A class."), _LIMIT),
        tag="reconciliation",
    ),
    ("reconcile.preview", "GET"): Detail(
        answers={200: PAGE},
        problems=(*READING, 404),
        parameters=(_ID,),
        tag="reconciliation",
    ),
    ("reconcile.view", "GET"): Detail(
        answers=_REFERENCE,
        problems=(*READING, 404),
        parameters=(_ID,),
        tag="reconciliation",
    ),
}
