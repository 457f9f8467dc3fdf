"""`/shapes`: what data must look like, as RDF and as a page with every shape."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, Response, request, url_for

from kg.answers import write_rdf
from kg.glossary import described
from kg.prefixes import prefixes
from kg.query_triples import prefix_triples
from kg.rulebook import rulebook
from kg.terms import SHAPES, NamedNode
from server import protocol
from server.context import accept, house
from server.graph_documents import FORMATS, GraphDocument, files
from server.offers import JSON, offers, select
from server.responses import as_json, data, page

if TYPE_CHECKING:
    from kg.store import Snapshot

blueprint = Blueprint("shapes", __name__)


@blueprint.get("/shapes")
def shapes() -> Response:
    """Send the shapes as the Accept header says."""
    return _document().response()


@blueprint.get("/shapes.<suffix>")
def file(suffix: str) -> Response:
    """Send the shapes in the syntax that the suffix stands for."""
    return _document().file(suffix)


def _document() -> GraphDocument:
    path = url_for("shapes.shapes")
    return GraphDocument(SHAPES, _whole(), "the shapes are", path, _page)


def _whole() -> NamedNode:
    return NamedNode(f"{house().links.base}shapes")


def _page(here: Snapshot) -> Response:
    return page(
        "shapes.html",
        header=described(here, SHAPES, _whole()),
        rules=rulebook(here),
        downloads=files(url_for("shapes.shapes"), "exequatur-shapes"),
    )


@blueprint.get("/prefixes")
def declared() -> Response:
    """Send the project's prefixes, as SHACL declares them or as a JSON object."""
    given = protocol.read_parameters(request.query_string, where="the address")
    fitting = (*offers(FORMATS), JSON)
    offer = select(accept(), protocol.formats(given), fitting)
    if offer.format is None:
        return as_json(dict(prefixes()))
    shared = NamedNode(f"{house().links.base}prefixes")
    body = write_rdf(prefix_triples(shared), offer.format, prefixes=prefixes())
    return data(body, offer.content_type)
