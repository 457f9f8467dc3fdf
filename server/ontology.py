"""`/ontology`: the vocabulary, as RDF and as a page with every term."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, Response, url_for

from kg import jsonld
from kg.glossary import described, glossary, hierarchy
from kg.names import Thing
from kg.prefixes import shorten
from kg.terms import EXQ, ONTOLOGY, OWL, NamedNode
from server import pictures
from server.context import house, snapshot
from server.graph_documents import GraphDocument, files
from server.problems import NotFoundError
from server.responses import as_json, page
from server.subjects import node_of

if TYPE_CHECKING:
    from kg.store import Snapshot

blueprint = Blueprint("ontology", __name__)

_WHOLE = NamedNode(EXQ.removesuffix("#"))
_CONTEXT = "http://www.w3.org/ns/json-ld#context"
_VERSION = NamedNode(f"{OWL}versionIRI")


@blueprint.get("/ontology")
def ontology() -> Response:
    """Send the vocabulary as the Accept header says."""
    return _document().response()


@blueprint.get("/context.jsonld")
@blueprint.get("/ontology/context.jsonld")
def context() -> Response:
    """Send the JSON-LD context of the vocabulary."""
    return as_json(jsonld.context(snapshot()), content_type="application/ld+json")


@blueprint.get("/ontology.<suffix>")
def file(suffix: str) -> Response:
    """Send the vocabulary in the syntax that the suffix stands for."""
    return _document().file(suffix)


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


def _document() -> GraphDocument:
    context_link = f'<{url_for("ontology.context")}>; rel="{_CONTEXT}"'
    return GraphDocument(
        ONTOLOGY,
        _WHOLE,
        "the ontology is",
        url_for("ontology.ontology"),
        _page,
        (context_link,),
    )


def _page(here: Snapshot) -> Response:
    sections = glossary(here, house().graph.queries.values())
    labels = {e.iri: e.label for entries in sections.values() for e in entries}
    return page(
        "ontology.html",
        header=described(here, ONTOLOGY, _WHOLE),
        sections=sections,
        tree=hierarchy(sections["classes"]),
        picture=pictures.classes(here),
        named=lambda iri: _shown(iri, labels),
        downloads=files(url_for("ontology.ontology"), "exequatur"),
        base=house().links.base,
    )


def _shown(iri: str, labels: dict[str, str]) -> Thing:
    """Return a term of another vocabulary by prefix and name: labels repeat there."""
    return Thing(NamedNode(iri), labels.get(iri) or shorten(iri))
