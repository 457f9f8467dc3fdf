"""The front page, search, lists of things by kind, the server's own state."""

from __future__ import annotations

from dataclasses import asdict
from functools import partial
from typing import TYPE_CHECKING

from flask import Blueprint, Response, request, url_for

from kg.errors import ExequaturError
from kg.members import label_of, members
from kg.names import candidates, things
from kg.overview import KINDS, count_triples, overview
from kg.paging import Page
from kg.prefixes import prefixes
from kg.terms import EXQ, NamedNode
from server import description, paging, protocol
from server import problems as told
from server.context import accept, house, snapshot
from server.offers import JSON, PAGE, select
from server.problems import NotFoundError
from server.queries import by_theme
from server.responses import address, as_json, page
from server.search import search

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from kg.names import Candidate, Thing

    Pages = Mapping[str, str]

blueprint = Blueprint("pages", __name__)

_EITHER = (JSON, PAGE)


@blueprint.get("/")
def front() -> Response:
    """Say what is here, and offer ways in; programs get it in RDF if they ask."""
    here = snapshot()
    given = protocol.read_parameters(request.query_string, where="the address")
    offered = (PAGE, *description.OFFERS)
    offer = select(accept(), protocol.formats(given), offered)
    if offer is not PAGE:
        return description.described(offer)
    return page(
        "front.html",
        overview=overview(here),
        plurals=KINDS,
        triples=count_triples(here),
        themes=by_theme(house().graph.queries.values()),
        prefixes=prefixes(),
    )


@blueprint.get("/search")
def found() -> Response:
    """Search labels and aliases for `q`, as a page or as JSON."""
    given = protocol.read_parameters(request.query_string, where="the address")
    text = protocol.single(given, "q")
    hits = search(snapshot(), text)
    offer = select(accept(), protocol.formats(given), _EITHER)
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
    found = members(here, node)
    if not found and not any(here.quads(subject=node)):
        raise NotFoundError(f"there is no class {name!r}", advice="see /ontology")
    given = protocol.read_parameters(request.query_string, where="the address")
    asked = paging.read_page(given)
    is_page = select(accept(), protocol.formats(given), _EITHER) is PAGE
    if is_page:
        asked = asked or Page(paging.USUAL_ROWS)
    asked = asked or Page(max(1, len(found)))
    links = paging.page_links(given, asked, len(found), partial(_address, name))
    shown = found[asked.offset : asked.offset + asked.limit]
    kind = things(here, [node])[node]
    response = (
        _list(kind, candidates(here, shown), asked, len(found), links)
        if is_page
        else _listed(kind, shown)
    )
    response.headers["Link"] = ", ".join(
        f'<{href}>; rel="{relation}"' for relation, href in links.items()
    )
    response.headers["X-Total-Count"] = str(len(found))
    return response


def _list(
    kind: Thing, shown: list[Candidate], asked: Page, total: int, pages: Pages
) -> Response:
    return page(
        "kind.html",
        kind=kind,
        members=shown,
        first=asked.offset + 1,
        total=total,
        pages=pages,
    )


def _listed(kind: Thing, shown: Sequence[NamedNode]) -> Response:
    here = snapshot()
    listed = [{"iri": one.value, "label": label_of(here, one)} for one in shown]
    return as_json({"kind": kind.term.value, "label": kind.label, "members": listed})


def _address(name: str, given: Mapping[str, list[str]]) -> str:
    return address(url_for("pages.kind", name=name), given)


@blueprint.get("/problems")
def problems() -> Response:
    """Explain the types of problem that errors name."""
    rows = {
        told.kind_of(kind): (told.status_of(kind), _meaning(kind))
        for kind in _kinds(ExequaturError)
    }
    rows["unexpected"] = (500, "A fault of this program.")
    return page("problems.html", rows=sorted(rows.items()))


def _meaning(kind: type[ExequaturError]) -> str:
    """Return what a docstring says first, without the marks of the names in it."""
    return (kind.__doc__ or "").split("\n")[0].replace("*", "")


def _kinds(kind: type[ExequaturError]) -> Iterator[type[ExequaturError]]:
    for child in kind.__subclasses__():
        if not child.__name__.startswith("_"):
            yield child
        yield from _kinds(child)
