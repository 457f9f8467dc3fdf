"""What the addresses of networks answer, for OpenAPI."""

from __future__ import annotations

from kg.paging import MOST_ROWS
from kg.pictures.wanted import DEPTHS, HARD_MOST, KINDS, TIES
from server.openapi_parts import TEXT, Detail, content, listing, parameter, shape

_COUNT = {"type": "integer", "minimum": 0}
_NUMBER = {**_COUNT, "maximum": 999_999_999}
_DAY = {"type": "string", "format": "date"}
_NAMED = shape(iri=TEXT, label=TEXT)
_MEMBER = shape(
    iri=TEXT, label=TEXT, kind=TEXT, family=TEXT, ties=_COUNT, things=_COUNT
)
_TIE = shape(
    one=TEXT,
    other=TEXT,
    agreements=_COUNT,
    events=_COUNT,
    claims=_COUNT,
    claimed=_COUNT,
)
_PART = shape(
    agent=TEXT, property=TEXT, inferred={"type": "boolean"}, passages=listing(TEXT)
)
_SHARED = shape(
    iri=TEXT,
    label=TEXT,
    kind=TEXT,
    tie={"type": "string", "enum": list(TIES)},
    parts=listing(_PART),
)


def _bounded(least: int, most: int) -> dict[str, object]:
    return {"type": "integer", "minimum": least, "maximum": most}


_TURNED = (
    parameter("limit", "So many on a page.", _bounded(1, MOST_ROWS)),
    parameter("offset", "After so many.", _NUMBER),
    parameter("page", "Which page, counted from 1.", _bounded(1, 999_999_999)),
)

NETWORKS: dict[tuple[str, str], Detail] = {
    ("network.shown", "GET"): Detail(
        answers={
            200: content(
                "text/html",
                "application/graphml+xml",
                json=shape(total=_COUNT, members=listing(_MEMBER), ties=listing(_TIE)),
            ),
            202: content("text/html"),
        },
        parameters=(
            parameter("entity", "Those who are tied to this one."),
            parameter("depth", "How far from it.", _bounded(DEPTHS[0], DEPTHS[-1])),
            parameter(
                "kind",
                "Only members of this kind.",
                {"type": "string", "enum": list(KINDS)},
            ),
            parameter(
                "ties",
                "Only ties of these kinds.",
                {"type": "array", "items": {"type": "string", "enum": list(TIES)}},
            ),
            parameter("after", "Only what can have happened then or later.", _DAY),
            parameter("before", "Only what can have happened then or sooner.", _DAY),
            parameter("nodes", "The most members.", _bounded(2, HARD_MOST)),
            *_TURNED,
            parameter(
                "format",
                "A page, JSON or GraphML.",
                {"type": "string", "enum": ["json", "html", "graphml"]},
            ),
        ),
        tag="for people",
    ),
    ("network.tie", "GET"): Detail(
        answers={
            200: content(
                "text/html",
                json=shape(
                    one=_NAMED, other=_NAMED, total=_COUNT, shared=listing(_SHARED)
                ),
            )
        },
        parameters=(
            parameter("one", "One of the two.", required=True),
            parameter("other", "The other.", required=True),
            *_TURNED,
            parameter(
                "format",
                "A page or JSON.",
                {"type": "string", "enum": ["json", "html"]},
            ),
        ),
        tag="for people",
    ),
}
