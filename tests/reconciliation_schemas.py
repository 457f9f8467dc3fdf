"""What the Reconciliation Service API 0.2 demands of answers, as JSON schemas.

Written anew from the text of the specification (W3C Entity Reconciliation Community
Group, Final Report), and stricter than its own schemas where the text is: candidates
say whether they match, templates have their place for the identifier, no stray keys.
"""

from __future__ import annotations

from typing import Any

Schema = dict[str, Any]


def _of(required: list[str], **properties: Any) -> Schema:
    """An object with *properties*, of which some are *required*, and no others."""
    return {
        "type": "object",
        "properties": properties,
        "required": required,
        "additionalProperties": False,
    }


_TEXT: Schema = {"type": "string"}
_NAME: Schema = {"type": "string", "minLength": 1}
_URI: Schema = {"type": "string", "pattern": "^https?://"}
_TEMPLATE: Schema = {"type": "string", "pattern": r"^https?://.*\{\{id\}\}"}
_PLAIN_TYPE = _of(["id", "name"], id=_NAME, name=_NAME)
_TYPE = _of(
    ["id", "name"],
    id=_NAME,
    name=_NAME,
    description=_TEXT,
    broader={"type": "array", "items": _PLAIN_TYPE},
)
_SERVICE = _of(
    ["service_url", "service_path"],
    service_url=_URI,
    service_path={"type": "string", "pattern": "^/"},
)
_SETTING = {
    "type": "object",
    "properties": {
        "name": _NAME,
        "label": _NAME,
        "type": {"enum": ["number", "text", "checkbox", "select"]},
        "help_text": _TEXT,
    },
    "required": ["name", "label", "type"],
    "allOf": [
        {
            "if": {"properties": {"type": {"const": kind}}},
            "then": {"properties": {"default": {"type": json}}},
        }
        for kind, json in (("number", "number"), ("checkbox", "boolean"))
    ],
}

MANIFEST = _of(
    ["versions", "name", "identifierSpace", "schemaSpace"],
    versions={"type": "array", "items": _TEXT, "contains": {"const": "0.2"}},
    name=_NAME,
    identifierSpace=_URI,
    schemaSpace=_URI,
    defaultTypes={"type": "array", "items": _TYPE, "uniqueItems": True},
    documentation=_URI,
    logo=_URI,
    serviceVersion=_TEXT,
    view=_of(["url"], url=_TEMPLATE),
    feature_view=_of(["url"], url=_TEMPLATE),
    preview=_of(
        ["url", "width", "height"],
        url=_TEMPLATE,
        width={"type": "integer", "minimum": 1},
        height={"type": "integer", "minimum": 1},
    ),
    suggest=_of([], entity=_SERVICE, property=_SERVICE, type=_SERVICE),
    extend=_of(
        [],
        propose_properties=_SERVICE,
        property_settings={"type": "array", "items": _SETTING},
    ),
    batchSize={"type": "integer", "minimum": 1},
)

_CANDIDATE = _of(
    ["id", "name", "type", "score", "match"],
    id=_NAME,
    name=_NAME,
    description=_TEXT,
    type={"type": "array", "items": _PLAIN_TYPE},
    score={"type": "number"},
    match={"type": "boolean"},
    features={
        "type": "array",
        "items": _of(
            ["id", "value"],
            id=_NAME,
            value={"anyOf": [{"type": "boolean"}, {"type": "number"}]},
        ),
    },
)

RESULTS: Schema = {
    "type": "object",
    "additionalProperties": _of(
        ["result"], result={"type": "array", "items": _CANDIDATE}
    ),
}


def _suggestions(item: Schema) -> Schema:
    return _of(["result"], result={"type": "array", "items": item})


SUGGESTIONS = {
    "entity": _suggestions(
        _of(
            ["id", "name"],
            id=_NAME,
            name=_NAME,
            description=_TEXT,
            notable={"type": "array", "items": _PLAIN_TYPE},
        )
    ),
    "type": _suggestions(_TYPE),
    "property": _suggestions(
        _of(["id", "name"], id=_NAME, name=_NAME, description=_TEXT)
    ),
}

PROPOSALS = _of(
    ["properties", "type"],
    properties={"type": "array", "items": _PLAIN_TYPE},
    type=_TEXT,
    limit={"type": "integer"},
)

_DATE = (
    r"^-?([1-9][0-9]*)?[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])"
    r"T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\.[0-9]+)?"
    r"(Z|[+-]([01][0-9]|2[0-3]):[0-5][0-9])?$"
)
_CELL: Schema = {
    "oneOf": [
        _of(["id", "name"], id=_NAME, name=_NAME, description=_TEXT),
        _of(["str"], str=_TEXT),
        _of(["int"], int={"type": "integer"}),
        _of(["float"], float={"type": "number"}),
        _of(["date"], date={"type": "string", "pattern": _DATE}),
    ]
}

EXTENSION = _of(
    ["meta", "rows"],
    meta={
        "type": "array",
        "items": _of(
            ["id", "name"], id=_NAME, name=_NAME, type=_PLAIN_TYPE, service=_URI
        ),
    },
    rows={
        "type": "object",
        "additionalProperties": {
            "type": "object",
            "additionalProperties": {"type": "array", "items": _CELL},
        },
    },
)
