"""`/shapes`: what data must look like, as RDF and as a page with every shape."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, Response, request, url_for

from kg.answers import write_rdf
from kg.formats import Kind, for_kind
from kg.glossary import described
from kg.prefixes import prefixes
from kg.query_triples import prefix_triples
from kg.rulebook import rulebook
from kg.terms import SHAPES, NamedNode
from server import protocol
from server.context import accept, house, snapshot
from server.documents import LICENCE
from server.offers import HTML, JSON, Offer, offers, select
from server.problems import NotFoundError
from server.responses import Download, as_json, data, page

if TYPE_CHECKING:
    from kg.store import Snapshot

blueprint = Blueprint("shapes", __name__)

FORMATS = for_kind(Kind.GRAPH)
_OFFERS = offers(FORMATS, page=True)
_SUFFIXES: dict[str, Offer] = {
    offer.format.suffix: offer for offer in reversed(_OFFERS) if offer.format
}


@blueprint.get("/shapes")
def shapes() -> Response:
    """Send the shapes as the Accept header says."""
    given = protocol.read_parameters(request.query_string, where="the address")
    return _sent(select(accept(), protocol.single(given, "format"), _OFFERS))


@blueprint.get("/shapes.<suffix>")
def file(suffix: str) -> Response:
    """Send the shapes in the syntax that the suffix stands for."""
    if suffix not in _SUFFIXES:
        raise NotFoundError(
            f"the shapes are not there as .{suffix}",
            advice=f"have {', '.join(f'.{name}' for name in sorted(_SUFFIXES))}",
        )
    return _sent(_SUFFIXES[suffix])


def _sent(offer: Offer) -> Response:
    here = snapshot()
    if offer.format is None:
        response = _page(here)
    else:
        body = here.dump(offer.format, graph=SHAPES, prefixes=prefixes())
        response = data(body, offer.content_type)
    response.headers["Link"] = ", ".join(_links(offer))
    return response


def _links(offer: Offer) -> list[str]:
    """Return links to the shapes in other syntaxes and to what goes with them."""
    path = url_for("shapes.shapes")
    found = [f'<{_whole().value}>; rel="describes"', f'<{LICENCE}>; rel="license"']
    found += [
        f'<{path}.{entry.suffix}>; rel="alternate"; type="{entry.media_type}"'
        for entry in FORMATS
        if entry is not offer.format
    ]
    if offer.format is not None:
        found.append(f'<{path}?format=html>; rel="alternate"; type="{HTML}"')
    return found


def _whole() -> NamedNode:
    return NamedNode(f"{house().links.base}shapes")


def _page(here: Snapshot) -> Response:
    path = url_for("shapes.shapes")
    return page(
        "shapes.html",
        header=described(here, SHAPES, _whole()),
        rules=rulebook(here),
        downloads=[
            Download(f, f"{path}.{f.suffix}", f"exequatur-shapes.{f.suffix}")
            for f in FORMATS
        ],
    )


@blueprint.get("/prefixes")
def declared() -> Response:
    """Send the project's prefixes, as SHACL declares them or as a JSON object."""
    given = protocol.read_parameters(request.query_string, where="the address")
    fitting = (*offers(FORMATS), JSON)
    offer = select(accept(), protocol.single(given, "format"), fitting)
    if offer.format is None:
        return as_json(dict(prefixes()))
    shared = NamedNode(f"{house().links.base}prefixes")
    body = write_rdf(prefix_triples(shared), offer.format, prefixes=prefixes())
    return data(body, offer.content_type)
