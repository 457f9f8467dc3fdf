"""The front page, search, lists of things by kind, the server's own state."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from flask import Blueprint, Response, request

from kg.articles import articles
from kg.errors import ExequaturError
from kg.names import choices, things
from kg.parameters import put_values
from kg.prefixes import prefixes
from kg.terms import EXQ, Literal, NamedNode
from server import description, protocol
from server import problems as told
from server.context import accept, house, snapshot
from server.offers import JSON, PAGE, select
from server.problems import NotFoundError
from server.queries import by_theme
from server.responses import as_json, page
from server.search import search

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kg.store import Snapshot

blueprint = Blueprint("pages", __name__)

KINDS = {
    "State": "states",
    "Organization": "organisations",
    "Person": "people",
    "Event": "events",
    "Agreement": "agreements",
    "Claim": "claims",
    "NewsArticle": "articles",
    "Passage": "passages",
}
"""The classes that the front page counts, with their plurals."""

_EITHER = (JSON, PAGE)
_COUNTS = """
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
SELECT ?kind (COUNT(DISTINCT ?thing) AS ?number) WHERE {
  VALUES ?kind { rdfs:Resource }
  ?thing a ?kind
}
GROUP BY ?kind
"""
_TRIPLES = "SELECT (COUNT(*) AS ?number) WHERE { ?subject ?predicate ?object }"


@dataclass(frozen=True, slots=True)
class Figure:
    """How many things of a class there are."""

    name: str
    plural: str
    number: int


@blueprint.get("/")
def front() -> Response:
    """Say what is here, and offer ways in; programs get it in RDF if they ask."""
    here = snapshot()
    given = protocol.read_parameters(request.query_string, where="the address")
    offered = (PAGE, *description.OFFERS)
    offer = select(accept(), protocol.single(given, "format"), offered)
    if offer is not PAGE:
        return description.described(offer)
    return page(
        "front.html",
        figures=figures(here),
        triples=count_triples(here),
        articles=articles(here),
        themes=by_theme(house().graph.queries.values()),
        prefixes=prefixes(),
    )


@blueprint.get("/search")
def found() -> Response:
    """Search labels and aliases for `q`, as a page or as JSON."""
    given = protocol.read_parameters(request.query_string, where="the address")
    text = protocol.single(given, "q")
    hits = search(snapshot(), text)
    offer = select(accept(), protocol.single(given, "format"), _EITHER)
    if offer is PAGE:
        return page("search.html", text=text, hits=hits)
    return as_json({"query": text, "results": [asdict(hit) for hit in hits]})


@blueprint.get("/kinds/<name>")
def kind(name: str) -> Response:
    """List the things of a class of the ontology."""
    here = snapshot()
    try:
        node = NamedNode(f"{EXQ}{name}")
    except ValueError as error:
        raise NotFoundError(f"{name!r} is no class") from error
    members = choices(here, node)
    if not members and not any(here.quads(subject=node)):
        raise NotFoundError(f"there is no class {name!r}", advice="see /ontology")
    shown = things(here, [node])[node]
    if select(accept(), "", _EITHER) is PAGE:
        return page("kind.html", kind=shown, members=members)
    listed = [{"iri": one.iri.value, "label": one.label} for one in members]
    return as_json({"kind": node.value, "label": shown.label, "members": listed})


@blueprint.get("/problems")
def problems() -> Response:
    """Explain the types of problem that errors name."""
    rows = {
        told.kind_of(kind): (told.status_of(kind), (kind.__doc__ or "").split("\n")[0])
        for kind in _kinds(ExequaturError)
    }
    rows["unexpected"] = (500, "A fault of this program.")
    return page("problems.html", rows=sorted(rows.items()))


def figures(here: Snapshot) -> list[Figure]:
    """Return how much there is of each of KINDS, in their order."""
    nodes = {NamedNode(f"{EXQ}{name}"): name for name in KINDS}
    counted = {
        nodes[row[0]]: _number(row[1])
        for row in here.query(put_values(_COUNTS, "kind", *nodes)).rows()
        if isinstance(row[0], NamedNode)
    }
    return [Figure(name, KINDS[name], counted.get(name, 0)) for name in KINDS]


def count_triples(here: Snapshot) -> int:
    """Return how many triples the merged view has."""
    return next(_number(row[0]) for row in here.query(_TRIPLES).rows())


def _number(term: object) -> int:
    return int(term.value) if isinstance(term, Literal) else 0


def _kinds(kind: type[ExequaturError]) -> Iterator[type[ExequaturError]]:
    for child in kind.__subclasses__():
        if not child.__name__.startswith("_"):
            yield child
        yield from _kinds(child)
