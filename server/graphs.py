"""`/graphs`: the SPARQL 1.1 Graph Store Protocol."""

from __future__ import annotations

import uuid
from http import HTTPStatus
from typing import TYPE_CHECKING

from flask import Blueprint, Response, request, url_for

from kg.created import is_there
from kg.formats import Kind
from kg.lines import Places
from kg.names import things
from kg.paging import Page
from kg.per_version import per_version
from kg.terms import KEPT_BY_PROGRAM, NamedNode
from server import (
    access,
    operations,
    paging,
    preconditions,
    protocol,
    reports,
    versions,
    writes,
)
from server.answering import answering, written
from server.bodies import SOURCE, places_of, read_documents
from server.context import accept, body, house, snapshot
from server.offers import JSON, PAGE, offers_of, select
from server.problems import BadRequestError
from server.responses import address, as_json, page
from server.targets import BLUEPRINT, Target, target

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kg.change import Change
    from kg.gate import Verdict
    from kg.store import Snapshot
    from kg.tokens import Token
    from server.protocol import Parameters
    from server.writes import Make

blueprint = Blueprint(BLUEPRINT, __name__)

_ALL = "CONSTRUCT WHERE { ?subject ?predicate ?object }"


@blueprint.get("/graphs")
@blueprint.get("/graphs/<path:local>")
def sent(local: str = "") -> Response:
    """Send a graph; without a name, the list of those that there are."""
    about = target()
    given = protocol.read_parameters(request.query_string, where="the address")
    named = protocol.formats(given)
    if about is None:
        return _listed(given, named)
    version = versions.read_version(given)
    if version is None and not about.is_there(snapshot()):
        raise operations.absent(about)
    offer = select(accept(), named, offers_of(Kind.GRAPH))
    if version is not None:
        return versions.earlier(about, version, offer)
    with answering(_ALL, default_graphs=(about.name.value,), form=named) as answer:
        return written(answer, offer)


@blueprint.put("/graphs")
@blueprint.put("/graphs/<path:local>")
def put(local: str = "") -> Response:
    """Let the graph hold what the body states, and nothing else; be it nothing."""
    token, about = _allowed()
    _require_whole()
    documents = read_documents(body(), _content_type())
    make = operations.replacement(about, documents)
    done = _Write(token, about, places_of(documents, about.name.value))
    return done.answer(make, HTTPStatus.NO_CONTENT)


@blueprint.post("/graphs")
@blueprint.post("/graphs/<path:local>")
def added(local: str = "") -> Response:
    """Add what the body states to the graph; without a name, to a new one."""
    token, about = _allowed(mint=True)
    documents = read_documents(body(), _content_type())
    make = operations.addition(about, documents)
    return _Write(token, about, places_of(documents, about.name.value)).answer(make)


@blueprint.delete("/graphs")
@blueprint.delete("/graphs/<path:local>")
def removed(local: str = "") -> Response:
    """Remove the graph and all that it holds."""
    token, about = _allowed()
    return _Write(token, about, Places({})).answer(operations.removal(about))


@blueprint.patch("/graphs")
@blueprint.patch("/graphs/<path:local>")
def patched(local: str = "") -> Response:
    """Do a SPARQL update for which the graph is all that there is."""
    token, about = _allowed()
    text = operations.read_patch(_content_type(), body())
    make = operations.patch(about, text)
    return _Write(token, about, Places({SOURCE: text})).answer(make)


class _Write:
    """A write to one graph, and what is answered of it."""

    def __init__(self, token: Token, about: Target, places: Places) -> None:
        self._token = token
        self._about = about
        self._places = places
        self._was_there = True

    def answer(self, make: Make, status: HTTPStatus = HTTPStatus.OK) -> Response:
        """Write what *make* makes; answer *status*, or 201 where the graph is new."""

        def noting(here: Snapshot) -> Change:
            self._was_there = is_there(here, self._about.name)
            return make(here)

        given = protocol.read_parameters(request.query_string, where="the address")
        verdict, version = writes.write(
            noting,
            self._token,
            message=protocol.read_message(given),
            about=self._about,
        )
        if not verdict.accepted:
            return reports.rejected(verdict, self._places)
        if not self._was_there and verdict.change.added:
            return self._told(verdict, version, HTTPStatus.CREATED)
        if status == HTTPStatus.NO_CONTENT and not _asks_for_report():
            response = Response(status=status)
            del response.headers["Content-Type"]
            return response
        return self._told(verdict, version, HTTPStatus.OK)

    def _told(self, verdict: Verdict, version: int, status: HTTPStatus) -> Response:
        told = reports.accepted_json(verdict, version, self._places)
        content = {"graph": self._about.name.value, **told}
        response = as_json(content, status=status)
        if status == HTTPStatus.CREATED:
            response.headers["Location"] = self._about.address
        return response


def _allowed(*, mint: bool = False) -> tuple[Token, Target]:
    """Return the token and the graph that may be written with it, or raise."""
    token = access.writer()
    about = target()
    if about is None and mint:
        about = Target(NamedNode(f"{house().links.base}graph/{uuid.uuid4()}"))
    about = operations.require_writable(about)
    access.require_writes(token, [about.name])
    preconditions.require(snapshot(), about)
    return token, about


def _require_whole() -> None:
    """Raise BadRequestError for a part of a graph (RFC 9110, section 14.5)."""
    if "Content-Range" in request.headers:
        raise BadRequestError(
            "a graph is not put in parts",
            where="header Content-Range",
            advice="send the whole graph, or add to it with POST",
        )


def _asks_for_report() -> bool:
    return "return=representation" in request.headers.get("Prefer", "").lower()


def _content_type() -> str | None:
    return request.headers.get("Content-Type")


def _listed(given: Parameters, named: str) -> Response:
    """Send the list as a page, a part of it, or whole to programs."""
    here = snapshot()
    found = _graphs(here)
    if select(accept(), named, (JSON, PAGE)) is PAGE:
        return _list(given, found)
    rows = [
        {
            "graph": one.name.value,
            "address": one.address,
            "kept": one.name in KEPT_BY_PROGRAM,
        }
        for one in map(Target, found)
    ]
    return as_json({"version": here.version, "graphs": rows})


# Each page of the list would look for all of them again.
@per_version
def _graphs(here: Snapshot) -> list[NamedNode]:
    return here.graphs()


def _list(given: Parameters, found: list[NamedNode]) -> Response:
    asked = paging.read_page(given) or Page(paging.USUAL_ROWS)
    shown = [*map(Target, found[asked.offset : asked.offset + asked.limit])]
    return page(
        "graphs.html",
        graphs=shown,
        things=things(snapshot(), [one.name for one in shown]),
        kept=KEPT_BY_PROGRAM,
        first=asked.offset + 1,
        total=len(found),
        pages=paging.page_links(given, asked, len(found), _address),
    )


def _address(given: Mapping[str, list[str]]) -> str:
    return address(url_for("graphs.sent"), given)
