"""The parts that operations in an OpenAPI document are made of; no Flask."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from kg.formats import FORMATS, SPREADSHEET, Kind, for_kind
from server.offers import HTML

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

Part = dict[str, Any]

PROBLEMS = {
    400: "The query, a parameter or the body cannot be read.",
    401: "This takes an access token, or another one.",
    403: "The token does not cover it, or the program keeps it, or all is read-only.",
    404: "There is nothing of this name.",
    406: "The answer cannot be sent in an accepted format.",
    408: "The body did not arrive in time.",
    410: "It was erased, from all versions.",
    412: "What is to be changed is not as If-Match takes it to be.",
    413: "The request is larger than this server reads.",
    415: "The body has a media type or content coding that is not read.",
    422: "The change was rejected, or the query took more than it may.",
    503: "Too many are waiting.",
}
READING = (400, 406, 422, 503)
"""What can go wrong with any question."""

SENDING = (408, 413, 415)
"""What can go wrong with any body, besides."""

WRITING = (401, 403, 412)
"""What can go wrong with any change, besides."""

GRAPHS = tuple(entry.media_type for entry in for_kind(Kind.GRAPH))
RESULTS = tuple(entry.media_type for entry in for_kind(Kind.RESULTS))
ANYTHING: Part = {}
TEXT: Part = {"type": "string"}


def ref(kind: str, name: str) -> Part:
    """Return a reference to a component."""
    return {"$ref": f"#/components/{kind}/{name}"}


def schema(name: str) -> Part:
    """Return a reference to a schema."""
    return ref("schemas", name)


def shape(required: Iterable[str] = (), /, **properties: Part) -> Part:
    """Return the schema of an object."""
    return {
        "type": "object",
        "properties": properties,
        "required": [*(required or properties)],
    }


def listing(items: Part) -> Part:
    """Return the schema of an array."""
    return {"type": "array", "items": items}


def parameter(
    name: str, description: str, form: Part | None = None, *, required: bool = False
) -> Part:
    """Return a parameter in the address."""
    return {
        "name": name,
        "in": "query",
        "description": description,
        "required": required,
        "schema": form or TEXT,
    }


def formats(*kinds: Kind, page: bool = True, json: bool = False) -> Part:
    """Return the parameter `format` for answers of *kinds*."""
    names = [f.name for kind in kinds for f in for_kind(kind)]
    names += [SPREADSHEET.name] * (Kind.RESULTS in kinds)
    names = list(dict.fromkeys(names + ["json"] * json + ["html"] * page))
    return parameter(
        "format",
        "The format of the answer; goes before the Accept header.",
        {"type": "string", "enum": names},
    )


TIMEOUT = parameter(
    "timeout",
    "So many seconds for the query, where the server gives more.",
    {"type": "number", "exclusiveMinimum": 0},
)


def content(*media_types: str, **schemas: Part) -> Part:
    """Return what an answer may be: *schemas* for JSON and results, text for the rest.

    The keys of *schemas* are `json` and `results`.
    """
    special = {"json": "application/json", "results": RESULTS[0]}
    found = {
        media_type: {"schema": ANYTHING if media_type.endswith("json") else TEXT}
        for media_type in media_types
    }
    for key, form in schemas.items():
        found[special[key]] = {"schema": form}
    return found


PAGE = content(HTML)


@dataclass(frozen=True, slots=True)
class Detail:
    """What a route's own description does not say of an operation."""

    answers: Mapping[int, Part]
    problems: tuple[int, ...] = READING
    parameters: tuple[Part, ...] = ()
    body: Part | None = None
    takes_token: bool = False
    tag: str = "for people"

    def operation(self) -> Part:
        """Return the operation, but for its summary and name."""
        made: Part = {"tags": [self.tag], "responses": self._responses()}
        if self.parameters:
            made["parameters"] = [*self.parameters]
        if self.body is not None:
            made["requestBody"] = {"required": True, "content": self.body}
        if self.takes_token:
            made["security"] = [{"token": []}]
        return made

    def _responses(self) -> Part:
        answered = {
            str(status): {
                "description": _SAID.get(status, "The answer."),
                **({"content": found} if found else {}),
                **({"headers": _HEADERS} if status == 200 else {}),
            }
            for status, found in self.answers.items()
        }
        refused = {
            str(status): ref("responses", f"Problem{status}")
            for status in sorted(set(self.problems))
        }
        return {**answered, **refused}


_SAID = {
    201: "There is a new graph.",
    202: "The answer follows: a browser that goes to the page asks again at once.",
    204: "It is done.",
    302: "The version of that time is elsewhere.",
    303: "What is said of it is elsewhere.",
}
_HEADERS: Part = {
    "ETag": {"description": "A strong tag of version and request.", "schema": TEXT},
    "X-Request-Id": {"description": "The request's id in the log.", "schema": TEXT},
}


def components() -> Part:
    """Return the schemas, problems and ways to show a token that operations name."""
    return {
        "schemas": _SCHEMAS,
        "responses": {
            f"Problem{status}": {
                "description": text,
                "content": {
                    "application/problem+json": {"schema": schema("Problem")},
                    **content("text/plain", HTML),
                },
            }
            for status, text in PROBLEMS.items()
        },
        "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
    }


_INTEGER: Part = {"type": "integer"}
_TERM = {
    "type": "object",
    "properties": {
        "type": {"enum": ["uri", "literal", "bnode", "triple"]},
        "value": {},
        "xml:lang": TEXT,
        "datatype": TEXT,
    },
    "required": ["type", "value"],
}
_TYPE = shape(id=TEXT, name=TEXT)
_SCHEMAS: Part = {
    "Problem": {
        "description": "Problem details (RFC 9457).",
        **shape(
            ("type", "title", "status", "detail"),
            type=TEXT,
            title=TEXT,
            status=_INTEGER,
            detail=TEXT,
            instance=TEXT,
            where=TEXT,
            line=_INTEGER,
            column=_INTEGER,
            advice=TEXT,
            supported=listing(TEXT),
            candidates=listing(shape(iri=TEXT, label=TEXT)),
        ),
    },
    "Term": _TERM,
    "Results": {
        "description": "SPARQL 1.1 query results in JSON.",
        **shape(
            ("head",),
            head={"type": "object"},
            results=shape(
                bindings=listing(
                    {"type": "object", "additionalProperties": schema("Term")}
                )
            ),
            boolean={"type": "boolean"},
        ),
    },
    "Truth": shape(head={"type": "object"}, boolean={"type": "boolean"}),
    "Report": shape(
        conforms={"type": "boolean"},
        violations=_INTEGER,
        warnings=_INTEGER,
        accepted={"type": "boolean"},
        version=_INTEGER,
        results=listing({"type": "object"}),
    ),
    "Accepted": shape(version=_INTEGER, added=_INTEGER, removed=_INTEGER),
    "Query": shape(
        name=TEXT,
        summary=TEXT,
        description=TEXT,
        tags=listing(TEXT),
        columns=listing(TEXT),
        parameters=listing({"type": "object"}),
        href=TEXT,
        definition=TEXT,
    ),
    "Type": _TYPE,
    "Candidates": {
        "type": "object",
        "additionalProperties": shape(
            result=listing(
                shape(
                    id=TEXT,
                    name=TEXT,
                    description=TEXT,
                    score={"type": "number"},
                    match={"type": "boolean"},
                    type=listing(schema("Type")),
                )
            )
        ),
    },
    "Suggestions": shape(result=listing(_TYPE)),
}
SYNTAXES = tuple(f.media_type for f in FORMATS if f.kind is not Kind.RESULTS)
