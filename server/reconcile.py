"""`/reconcile`: the W3C Community Group's Reconciliation Service API 0.2.

OpenRefine and other clients match their data against the graph with it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, Response, request, url_for

from kg.entities import describe
from kg.folding import letters
from kg.reconciliation import Matcher
from kg.schema_terms import find_term, schema_terms
from kg.terms import EXQ, NamedNode
from server import protocol
from server.context import body, house, snapshot
from server.hooks import VERSION
from server.policies import EMBEDDED
from server.problems import BadRequestError, NotFoundError
from server.reconcile_json import (
    MOST_QUERIES,
    candidate_json,
    extended_json,
    read_batch,
    read_extension,
    type_json,
)
from server.responses import as_json, page, see_other

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kg.schema_terms import SchemaTerm
    from server.protocol import Parameters

blueprint = Blueprint("reconcile", __name__)

DEFAULT_TYPES = ("Person", "State", "Organization", "Place", "Event", "Agreement")
WIDTH, HEIGHT = 430, 260
_MOST_SUGGESTED = 20
_MOST_PROPOSED = 200


@blueprint.get("/reconcile")
def asked() -> Response:
    """Send the manifest; answer `queries` or `extend` where the address has them."""
    given = _parameters()
    if "queries" in given or "extend" in given:
        return _answer(given)
    return as_json(_manifest())


@blueprint.post("/reconcile")
def sent() -> Response:
    """Answer `queries` or `extend`, sent as a form."""
    header = request.headers.get("Content-Type")
    protocol.read_media_type(header, supported=(protocol.FORM,))
    given = protocol.read_parameters(body(), where="the form")
    return _answer(_without_callback(given))


@blueprint.get("/reconcile/suggest/<any(entity, type, property):kind>")
def suggested(kind: str) -> Response:
    """Complete `prefix`: to entities, to types, or to properties."""
    given = _parameters()
    prefix = protocol.single(given, "prefix").strip()
    skip = _whole(given, "cursor", usual=0, most=10_000)
    limit = _whole(given, "limit", usual=_MOST_SUGGESTED, most=_MOST_SUGGESTED)
    if kind == "entity":
        return as_json({"result": _entities(prefix, given, limit, skip)})
    terms = schema_terms(snapshot())
    known = terms.classes if kind == "type" else terms.properties
    found = _beginning(known.values(), prefix)[skip : skip + limit]
    exact = find_term(known, prefix)
    shown = dict.fromkeys([exact, *found] if exact and not skip else found)
    described = [_term_json(term) for term in shown]
    return as_json({"result": described})


@blueprint.get("/reconcile/properties")
def proposed() -> Response:
    """Propose properties whose values entities of `type` may have."""
    given = _parameters()
    type_ = protocol.single(given, "type")
    limit = _whole(given, "limit", usual=_MOST_PROPOSED, most=_MOST_PROPOSED)
    terms = schema_terms(snapshot())
    known = find_term(terms.classes, type_)
    found = terms.properties_of(known.node) if known else [*terms.properties.values()]
    return as_json(
        {
            "type": type_,
            "limit": limit,
            "properties": [type_json(term) for term in found[:limit]],
        }
    )


@blueprint.get("/reconcile/preview")
def preview() -> Response:
    """Show a small page about the entity `id`, to stand in a frame."""
    node = _known()
    found = describe(snapshot(), node, most=500)
    response = page("preview.html", found=found, node=node)
    response.headers["Content-Security-Policy"] = EMBEDDED
    return response


@blueprint.get("/reconcile/view")
def view() -> Response:
    """Answer 303: the document about the entity `id`."""
    return see_other(house().links.document(_known().value) or "/")


def _parameters() -> Parameters:
    given = protocol.read_parameters(request.query_string, where="the address")
    return _without_callback(given)


def _without_callback(given: Parameters) -> Parameters:
    if "callback" in given:
        raise BadRequestError(
            "JSONP is not offered here: it lets one site run the script of another",
            where="parameter callback",
            advice="leave it out; CORS is open",
        )
    return given


def _answer(given: Parameters) -> Response:
    here = snapshot()
    matcher, terms = _matcher(), schema_terms(here)
    if "extend" in given:
        wish = read_extension(protocol.single(given, "extend"), terms)
        return as_json(extended_json(wish, matcher, terms))
    if "queries" not in given:
        raise BadRequestError(
            "the parameter 'queries' is missing",
            advice="send a batch of queries as JSON, or 'extend'",
        )
    batch = read_batch(protocol.single(given, "queries"), matcher, terms)
    return as_json(
        {
            key: {
                "result": [candidate_json(m, matcher) for m in matcher.matches(query)]
            }
            for key, query in batch.items()
        }
    )


def _matcher() -> Matcher:
    return Matcher(snapshot(), house().links.id(""))


def _known() -> NamedNode:
    """Return the entity that `id` names; raise NotFoundError."""
    id_ = protocol.single(_parameters(), "id")
    matcher = _matcher()
    node = matcher.node_of(id_)
    if node is None:
        near = matcher.beginning(id_, (), limit=5)
        raise NotFoundError(
            f"no entity has the identifier {id_[:200]!r}",
            advice="did you mean one of these?" if near else "search at /search?q=…",
            candidates=[(one.value, label) for one, label, _ in near],
        )
    return node


def _entities(
    prefix: str, given: Parameters, limit: int, skip: int
) -> list[dict[str, object]]:
    terms = schema_terms(snapshot())
    wanted = [find_term(terms.classes, text) for text in given.get("type", ()) if text]
    types = [term.node for term in wanted if term]
    if not prefix or len(types) < len(wanted):
        return []
    matcher = _matcher()
    return [
        {
            "id": matcher.id_of(node),
            "name": label,
            "description": ", ".join(kind.name for kind in kinds),
            "notable": [type_json(kind) for kind in kinds],
        }
        for node, label, kinds in matcher.beginning(
            prefix, types, limit=limit, skip=skip
        )
    ]


def _beginning(terms: Iterable[SchemaTerm], prefix: str) -> list[SchemaTerm]:
    """Return the terms with a name, or a word in it, that begins with *prefix*."""
    start = letters(prefix)
    found = [one for one in terms if f" {start}" in f" {letters(one.name)}"]
    return sorted(
        found,
        key=lambda one: (not letters(one.name).startswith(start), one.name, one.id),
    )


def _term_json(term: SchemaTerm) -> dict[str, object]:
    terms = schema_terms(snapshot())
    broader = [type_json(one) for one in terms.broader(term.node)]
    return {
        **type_json(term),
        "description": term.definition,
        **({"broader": broader} if broader else {}),
    }


def _whole(given: Parameters, name: str, *, usual: int, most: int) -> int:
    text = protocol.single(given, name).strip()
    if not text:
        return usual
    if not (text.isascii() and text.isdigit()):
        raise BadRequestError(
            f"{text[:20]!r} does not fit",
            where=f"parameter {name}",
            advice="give a whole number",
        )
    return min(int(text[:9]), most)


def _manifest() -> dict[str, object]:
    """Return what this service offers, its addresses those that the client used."""
    root = url_for("pages.front", _external=True).rstrip("/")
    terms = schema_terms(snapshot())
    defaults = (find_term(terms.classes, name) for name in DEFAULT_TYPES)
    here = f"{root}/reconcile"
    return {
        "versions": ["0.2"],
        "name": "Exequatur: diplomatic actors, agreements and legal instruments",
        "identifierSpace": house().links.id(""),
        "schemaSpace": EXQ,
        "defaultTypes": [type_json(term) for term in defaults if term],
        "documentation": f"{root}/ontology",
        "logo": f"{root}{url_for('static', filename='seal.svg')}",
        "serviceVersion": VERSION,
        "view": {"url": f"{here}/view?id={{{{id}}}}"},
        "preview": {
            "url": f"{here}/preview?id={{{{id}}}}",
            "width": WIDTH,
            "height": HEIGHT,
        },
        "suggest": {
            kind: {"service_url": root, "service_path": f"/reconcile/suggest/{kind}"}
            for kind in ("entity", "property", "type")
        },
        "extend": {
            "propose_properties": {
                "service_url": root,
                "service_path": "/reconcile/properties",
            },
            "property_settings": [
                {
                    "name": "limit",
                    "label": "Most values",
                    "type": "number",
                    "default": 0,
                    "help_text": "How many values to send of each; 0 sends all.",
                }
            ],
        },
        "batchSize": MOST_QUERIES,
    }
