"""`/id/…` and `/doc/…`: every thing that the project names, and what is said of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, Response, request

from kg import articles
from kg.answers import write_rdf
from kg.entities import describe
from kg.formats import Kind, for_kind
from kg.names import find_entities
from kg.prefixes import prefixes
from kg.terms import NamedNode
from server import protocol
from server.context import accept, house, snapshot
from server.descriptions import quads_about, triples_about
from server.links import SPACES
from server.offers import HTML, PAGE, Offer, offers, select
from server.problems import NotFoundError
from server.responses import Download, data, page, see_other

if TYPE_CHECKING:
    from kg.formats import Format

blueprint = Blueprint("linked_data", __name__)

FORMATS = for_kind(Kind.GRAPH)
_OFFERS = offers(FORMATS, page=True)
_WITH_SOURCES = frozenset({"trig", "nquads"})
_SUFFIXES: dict[str, Offer] = {
    "html": PAGE,
    **{offer.format.suffix: offer for offer in reversed(_OFFERS) if offer.format},
}


@blueprint.get("/id/<path:local>")
def thing(local: str) -> Response:
    """Answer 303: an entity cannot be sent, a document about it can."""
    return _to_document(house().links.id(local))


@blueprint.get(
    "/<any(" + ",".join(f"'{space}'" for space in SPACES) + "):space>/<path:local>"
)
def other_thing(space: str, local: str) -> Response:
    """Answer 303 for claims, sources and graphs likewise."""
    return _to_document(f"{house().links.base}{space}/{local}")


@blueprint.get("/doc/<path:local>")
def document(local: str) -> Response:
    """Send the document about a thing, as its suffix or the Accept header says."""
    stem, _, suffix = local.rpartition(".")
    by_suffix = _SUFFIXES.get(suffix) if stem else None
    node = _known(house().links.subject(stem if by_suffix else local))
    given = protocol.read_parameters(request.query_string, where="the address")
    offer = by_suffix or select(accept(), protocol.single(given, "format"), _OFFERS)
    response = _page(node) if offer.format is None else _written(node, offer.format)
    _point(response, node, offer)
    return response


def _to_document(iri: str) -> Response:
    return see_other(house().links.document(_known(iri).value) or "/")


def _known(iri: str) -> NamedNode:
    """Return *iri* if anything is said of it; raise NotFoundError with what is near."""
    try:
        node = NamedNode(iri)
    except ValueError as error:
        raise NotFoundError(f"{iri!r} is not an IRI") from error
    here = snapshot()
    if any(here.quads(subject=node)) or any(here.quads(object_=node)):
        return node
    words = iri.rpartition("/")[2].replace("-", " ")
    near = [(one.iri.value, one.label) for one in find_entities(here, words)]
    raise NotFoundError(
        f"nothing is known of {iri}",
        advice="did you mean one of these?" if near else "search at /search?q=…",
        candidates=near,
    )


def _written(node: NamedNode, fmt: Format) -> Response:
    """Send what holds of the thing; where the format has graphs, who states it too."""
    here = snapshot()
    if fmt.name in _WITH_SOURCES:
        body = write_rdf(quads_about(here, node), fmt, prefixes=prefixes())
    else:
        body = write_rdf(triples_about(here, node), fmt, prefixes=prefixes())
    content_type = next(o for o in _OFFERS if o.format is fmt).content_type
    return data(body, content_type)


def _page(node: NamedNode) -> Response:
    here = snapshot()
    return page(
        "entity.html",
        found=describe(here, node),
        claimed=articles.stated(here, node),
        passages=articles.passages(here, node),
        downloads=_alternates(node),
    )


def _alternates(node: NamedNode) -> list[Download]:
    path = _path(node)
    name = path.rpartition("/")[2]
    return [Download(f, f"{path}.{f.suffix}", f"{name}.{f.suffix}") for f in FORMATS]


def _point(response: Response, node: NamedNode, offer: Offer) -> None:
    """Say which document this is, what it is about, and what others there are."""
    path = _path(node)
    suffix = offer.format.suffix if offer.format else "html"
    response.headers["Content-Location"] = f"{path}.{suffix}"
    links = [f'<{node.value}>; rel="describes"']
    links += [
        f'<{path}.{entry.suffix}>; rel="alternate"; type="{entry.media_type}"'
        for entry in FORMATS
        if entry.suffix != suffix
    ]
    if suffix != "html":
        links.append(f'<{path}.html>; rel="alternate"; type="{HTML}"')
    response.headers["Link"] = ", ".join(links)


def _path(node: NamedNode) -> str:
    return house().links.document(node.value) or ""
