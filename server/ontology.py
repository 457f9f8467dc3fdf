"""`/ontology`: the vocabulary, as RDF and as a page with every term."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, Response, request, url_for

from kg import jsonld
from kg.formats import Kind, for_kind
from kg.glossary import described, glossary, hierarchy
from kg.names import Thing
from kg.prefixes import prefixes, shorten
from kg.terms import EXQ, ONTOLOGY, OWL, NamedNode
from server import protocol
from server.context import accept, house, snapshot
from server.documents import LICENCE
from server.offers import HTML, Offer, offers, select
from server.problems import NotFoundError
from server.responses import Download, as_json, data, page
from server.subjects import node_of

if TYPE_CHECKING:
    from kg.store import Snapshot

blueprint = Blueprint("ontology", __name__)

FORMATS = for_kind(Kind.GRAPH)
_OFFERS = offers(FORMATS, page=True)
_SUFFIXES: dict[str, Offer] = {
    offer.format.suffix: offer for offer in reversed(_OFFERS) if offer.format
}
_WHOLE = NamedNode(EXQ.removesuffix("#"))
_VERSION = NamedNode(f"{OWL}versionIRI")


@blueprint.get("/ontology")
def ontology() -> Response:
    """Send the vocabulary as the Accept header says."""
    given = protocol.read_parameters(request.query_string, where="the address")
    return _sent(select(accept(), protocol.single(given, "format"), _OFFERS))


@blueprint.get("/context.jsonld")
@blueprint.get("/ontology/context.jsonld")
def context() -> Response:
    """Send the JSON-LD context of the vocabulary."""
    return as_json(jsonld.context(snapshot()), content_type="application/ld+json")


@blueprint.get("/ontology.<suffix>")
def file(suffix: str) -> Response:
    """Send the vocabulary in the syntax that the suffix stands for."""
    if suffix not in _SUFFIXES:
        raise NotFoundError(
            f"the ontology is not there as .{suffix}",
            advice=f"have {', '.join(f'.{name}' for name in sorted(_SUFFIXES))}",
        )
    return _sent(_SUFFIXES[suffix])


@blueprint.get("/ontology/<version>")
def version(version: str) -> Response:
    """Send a version of the vocabulary; there is the present one."""
    iri = node_of(f"{_WHOLE.value}/{version}")
    if not any(snapshot().quads(_WHOLE, _VERSION, iri, ONTOLOGY)):
        raise NotFoundError(
            f"version {version} of the ontology is not here",
            advice="the present one is at /ontology",
        )
    return ontology()


def _sent(offer: Offer) -> Response:
    here = snapshot()
    if offer.format is None:
        response = _page(here)
    else:
        body = here.dump(offer.format, graph=ONTOLOGY, prefixes=prefixes())
        response = data(body, offer.content_type)
    response.headers["Link"] = ", ".join(_links(offer))
    return response


def _links(offer: Offer) -> list[str]:
    """Return links to the vocabulary in other syntaxes and to what goes with it."""
    path = url_for("ontology.ontology")
    found = [
        f'<{_WHOLE.value}>; rel="describes"',
        f'<{LICENCE}>; rel="license"',
        f'<{url_for("ontology.context")}>; rel="http://www.w3.org/ns/json-ld#context"',
    ]
    found += [
        f'<{path}.{entry.suffix}>; rel="alternate"; type="{entry.media_type}"'
        for entry in FORMATS
        if entry is not offer.format
    ]
    if offer.format is not None:
        found.append(f'<{path}?format=html>; rel="alternate"; type="{HTML}"')
    return found


def _page(here: Snapshot) -> Response:
    sections = glossary(here, house().graph.queries.values())
    labels = {e.iri: e.label for entries in sections.values() for e in entries}
    path = url_for("ontology.ontology")
    return page(
        "ontology.html",
        header=described(here, ONTOLOGY, _WHOLE),
        sections=sections,
        tree=hierarchy(sections["classes"]),
        named=lambda iri: _shown(iri, labels),
        downloads=[
            Download(f, f"{path}.{f.suffix}", f"exequatur.{f.suffix}") for f in FORMATS
        ],
        base=house().links.base,
    )


def _shown(iri: str, labels: dict[str, str]) -> Thing:
    """Return a term of another vocabulary by prefix and name: labels repeat there."""
    return Thing(NamedNode(iri), labels.get(iri) or shorten(iri))
