"""What the addresses of documents, files and their versions answer, for OpenAPI."""

from __future__ import annotations

from kg.formats import Kind
from kg.row_evidence_forms import MOST_ROWS
from server.openapi_parts import (
    GRAPHS,
    READING,
    TEXT,
    TIMEOUT,
    Detail,
    content,
    formats,
    listing,
    parameter,
    schema,
    shape,
)

_NAME = shape(
    value=TEXT,
    label=TEXT,
    alias=TEXT,
    kind=TEXT,
    iri=TEXT,
    href={"type": ["string", "null"]},
)
_VERSION = parameter(
    "version",
    "As this version of the dataset stated it.",
    {"type": "integer", "minimum": 1, "maximum": 999_999_999},
)
_PAGE = parameter(
    "page",
    "Which page of a long one, counted from 1.",
    {"type": "integer", "minimum": 1, "maximum": 999_999_999},
)
_INFERRED = parameter(
    "inferred", "Whether what follows by the ontology too.", {"type": "boolean"}
)
_GRAPH = parameter("graph", "One graph alone, by its IRI.")
_ABOUT = {200: content("text/html", *GRAPHS)}
_FILE = {200: content("application/gzip", *GRAPHS)}
_GONE = (404, 410)
_CONTEXT = Detail(
    answers={200: content("application/ld+json")}, tag="vocabulary", problems=READING
)
_VOCABULARY = Detail(
    answers=_ABOUT, parameters=(formats(Kind.GRAPH),), tag="vocabulary"
)
_VOCABULARY_FILE = Detail(
    answers=_ABOUT,
    problems=(*READING, 404),
    parameters=(formats(Kind.GRAPH),),
    tag="vocabulary",
)

_COUNT = {"type": "integer", "minimum": 0}
_NUMBER = {**_COUNT, "maximum": 999_999_999}
_DAY = {"type": "string", "format": "date"}
_SOME_DAY = {"type": ["string", "null"], "format": "date"}
_DATED = shape(
    iri=TEXT,
    label=TEXT,
    kind=TEXT,
    wording=TEXT,
    edtf=TEXT,
    weekday=TEXT,
    earliest=_SOME_DAY,
    latest=_SOME_DAY,
    passages=listing(TEXT),
)
_ROW = shape(
    row={"type": "object", "additionalProperties": schema("Term")},
    complete={"type": "boolean"},
    triples=listing({"type": "object"}),
    absences=listing(shape(kind=TEXT, text=TEXT)),
)
_CHOSEN = (
    parameter("state", "Only what has to do with this state."),
    parameter("subject", "Only what deals with this subject."),
)
_EITHER = parameter(
    "format", "A page or JSON.", {"type": "string", "enum": ["json", "html"]}
)

DOCUMENTS: dict[tuple[str, str], Detail] = {
    ("linked_data.document", "GET"): Detail(
        answers={**_ABOUT, 303: content("text/plain")},
        problems=(*READING, *_GONE),
        parameters=(_VERSION, _PAGE, formats(Kind.GRAPH)),
        tag="entities",
    ),
    ("article_texts.shown", "GET"): Detail(
        answers={200: content("text/html")},
        problems=(*READING, 401, 403, 404),
        parameters=(_PAGE,),
        tag="for people",
    ),
    ("versions.times", "GET"): Detail(
        answers={200: content("text/html", "application/link-format")},
        problems=(*READING, *_GONE),
        parameters=(
            parameter(
                "format",
                "Links or a page.",
                {"type": "string", "enum": ["links", "html"]},
            ),
        ),
        tag="versions",
    ),
    ("versions.gate", "GET"): Detail(
        answers={302: content("text/plain")},
        problems=(*READING, *_GONE),
        parameters=(
            {
                **parameter("Accept-Datetime", "The time that is meant (RFC 7089)."),
                "in": "header",
            },
        ),
        tag="versions",
    ),
    ("dumps.negotiated", "GET"): Detail(
        answers=_FILE,
        problems=(*READING, 404),
        parameters=(_GRAPH, _INFERRED, formats(Kind.GRAPH, page=False)),
        tag="files",
    ),
    ("dumps.file", "GET"): Detail(
        answers=_FILE,
        problems=(*READING, 404),
        parameters=(_GRAPH, _INFERRED),
        tag="files",
    ),
    ("description.void", "GET"): Detail(
        answers={200: content(*GRAPHS)},
        parameters=(formats(Kind.GRAPH, page=False),),
        tag="service",
    ),
    ("ontology.ontology", "GET"): _VOCABULARY,
    ("ontology.file", "GET"): _VOCABULARY_FILE,
    ("ontology.version", "GET"): _VOCABULARY_FILE,
    ("ontology.context", "GET"): _CONTEXT,
    ("shapes.shapes", "GET"): _VOCABULARY,
    ("shapes.file", "GET"): _VOCABULARY_FILE,
    ("shapes.declared", "GET"): Detail(
        answers={
            200: content(*GRAPHS, json={"type": "object", "additionalProperties": TEXT})
        },
        parameters=(formats(Kind.GRAPH, page=False, json=True),),
        tag="vocabulary",
    ),
    ("pictures.style", "GET"): Detail(
        answers={200: content("text/css")}, tag="for people"
    ),
    ("timeline.shown", "GET"): Detail(
        answers={
            200: content(
                "text/html",
                json=shape(
                    total=_COUNT,
                    placed=listing(_DATED),
                    yearless=listing(_DATED),
                    undated=listing(_DATED),
                ),
            )
        },
        parameters=(
            *_CHOSEN,
            parameter("kind", "Only things of this class, by its name."),
            parameter("after", "Only what can have happened then or later.", _DAY),
            parameter("before", "Only what can have happened then or sooner.", _DAY),
            parameter(
                "limit",
                "So many on a page.",
                {"type": "integer", "minimum": 1, "maximum": 200},
            ),
            parameter("offset", "After so many.", _NUMBER),
            _PAGE,
            _EITHER,
        ),
        tag="for people",
    ),
    ("evidence.told", "GET"): Detail(
        answers={
            200: content(
                "text/html",
                json=shape(
                    columns=listing(TEXT),
                    complete={"type": "boolean"},
                    rows=listing(_ROW),
                ),
            )
        },
        problems=(*READING, 404),
        parameters=(
            parameter(
                "row",
                "One row of the answer alone, counted from 1.",
                {"type": "integer", "minimum": 1, "maximum": 999_999_999},
            ),
            parameter(
                "limit",
                "So many rows; with a row, so many are counted.",
                {"type": "integer", "minimum": 1, "maximum": MOST_ROWS},
            ),
            parameter("offset", "After so many rows.", _NUMBER),
            parameter("page", "Which page, in place of offset.", _PAGE["schema"]),
            parameter("sort", "The rows sorted by this column."),
            parameter(
                "order", "In which order.", {"type": "string", "enum": ["asc", "desc"]}
            ),
            TIMEOUT,
            _EITHER,
        ),
        tag="saved queries",
    ),
    ("openapi.as_it_is", "GET"): Detail(
        answers={200: content(json={"type": "object"})}, tag="service"
    ),
    ("openapi.as_yaml", "GET"): Detail(
        answers={200: content("application/yaml")}, tag="service"
    ),
    ("completion.names", "GET"): Detail(
        answers={200: content(json=shape(results=listing(_NAME)))},
        parameters=(
            parameter("prefix", "The beginning of a name."),
            parameter("of", "Only of this class."),
        ),
        tag="entities",
    ),
    ("editor.words", "GET"): Detail(
        answers={
            200: content(
                json=shape(
                    base=TEXT,
                    example=TEXT,
                    prefixes={"type": "object", "additionalProperties": TEXT},
                    classes=listing({"type": "object"}),
                    properties=listing({"type": "object"}),
                    queries=listing({"type": "object"}),
                )
            )
        },
        tag="for people",
    ),
}
