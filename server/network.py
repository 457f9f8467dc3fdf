"""`/network`: who is tied to whom, drawn and listed, and what makes a tie."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from datetime import date
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from flask import Blueprint, Response, g, request, url_for
from markupsafe import Markup

from kg.errors import OverloadError, ParameterError
from kg.names import things
from kg.paging import Page
from kg.parameters import Parameter, ParameterKind, have
from kg.pictures.graphml import graphml
from kg.pictures.network import network
from kg.pictures.network_drawing import drawn, legend, place, shown_ties
from kg.pictures.tied import tied
from kg.pictures.wanted import (
    DEPTHS,
    HARD_MOST,
    KINDS,
    MOST_NODES,
    TIES,
    Around,
    Wanted,
)
from kg.related import Relations
from kg.terms import EXQ, Literal, NamedNode
from kg.why_forms import why_address
from server import filters, network_json, paging, protocol
from server.beside import StillAtWorkError, is_visit
from server.context import GONE, MIXED, accept, house, snapshot
from server.filters import AFTER, BEFORE, Option
from server.offers import JSON, PAGE, Offer, select
from server.policies import SCRIPTED
from server.problems import BadRequestError
from server.responses import address, as_json, data, page

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from kg.names import Thing
    from kg.pictures.network import Network
    from kg.pictures.tied import Tied
    from kg.snapshot import Snapshot
    from kg.terms import Term, Triple

    Given = Mapping[str, list[str]]

blueprint = Blueprint("network", __name__)

GRAPHML = Offer("application/graphml+xml", "graphml")
_ROWS = 100
_WAITING_SECONDS = 10.0
_AT_ONCE = threading.BoundedSemaphore(2)
"""A large network takes half a second of this process, so few are drawn at a time."""

_NAMES = ("entity", "depth", "kind", "after", "before", "nodes")
_AGENT = NamedNode(f"{EXQ}Agent")
_ENTITY = Parameter(
    "entity", ParameterKind.IRI, "Those who are tied to this one.", None, _AGENT
)
_ENDS = tuple(
    Parameter(name, ParameterKind.IRI, "One of the two who are tied.", None, _AGENT)
    for name in ("one", "other")
)
_KINDS = (
    Option("State", "states"),
    Option("Organization", "organisations"),
    Option("Person", "persons"),
)
_SORTS = (
    Option("agreements", "agreements and undertakings"),
    Option("events", "meetings and other events"),
    Option("claims", "claims"),
)


@blueprint.get("/network")
def shown() -> Response:
    """Show a network, as a page, JSON or GraphML."""
    given = protocol.read_parameters(request.query_string, where="the address")
    named = protocol.formats(given)
    offer = select(accept(), named, (JSON, PAGE, GRAPHML))
    filters.require_known(given, (*_NAMES, "ties"))
    asked, rows = _asked(given), paging.read_page(given) or Page(_ROWS)
    if offer is PAGE:
        return _visited(given, asked, rows)
    with _turn():
        found = network(snapshot(), asked)
        if offer is JSON:
            return as_json(network_json.of_network(found))
        return data(graphml(found), GRAPHML.content_type)


def _visited(given: Given, asked: Around, rows: Page) -> Response:
    """Send the page, or one that says that the network is being read and laid out."""
    here = snapshot()

    def make(_: object) -> tuple[Snapshot, Network]:
        with _turn():
            found = network(here, asked)
            place(found)
            return here, found

    try:
        of, found = house().beside.done(
            asked, make, gone=request.environ.get(GONE), is_visit=is_visit()
        )
    except StillAtWorkError:
        return page("pending.html", status=202, title="Network")
    if of.tag != here.tag:  # it is that of the version in which it was begun
        g.snapshot = of
        setattr(g, MIXED, True)
    with _turn():
        return _as_page(given, found, asked, rows)


@blueprint.get("/network/tie")
def tie() -> Response:
    """Tell what ties two, each thing with the passages that state their parts in it."""
    given = protocol.read_parameters(request.query_string, where="the address")
    offer = select(accept(), protocol.formats(given), (JSON, PAGE))
    filters.require_known(given, ("one", "other"))
    one, other = (_end(given, parameter) for parameter in _ENDS)
    rows = paging.read_page(given) or Page(_ROWS)
    found = tied(snapshot(), one, other, most=rows.limit, skip=rows.offset)
    if offer is JSON:
        return as_json(network_json.of_tie(found))
    return page(
        "tie.html",
        found=found,
        times=_times(found),
        sorts=_SORTS,
        first=rows.offset + 1,
        pages=paging.page_links(given, rows, found.total, _tie_address),
        why=_why,
        around=_around,
    )


def _times(found: Tied) -> dict[Term, Thing]:
    """Return the times of those things of *found* that have one."""
    here = snapshot()
    relations = Relations(here)
    nodes = [one.thing.term for one in found.shared]
    dates = {one: relations.date(one) for one in nodes if isinstance(one, NamedNode)}
    shown = things(here, {date for date in dates.values() if date})
    return {node: shown[date] for node, date in dates.items() if date}


@contextmanager
def _turn() -> Iterator[None]:
    """Wait until few others draw; raise OverloadError after a while."""
    if not _AT_ONCE.acquire(timeout=_WAITING_SECONDS):
        raise OverloadError("too many networks are asked for", advice="try again")
    try:
        yield
    finally:
        _AT_ONCE.release()


def _as_page(given: Given, found: Network, asked: Around, rows: Page) -> Response:
    drawing = drawn(found, house().links.href, _between, has_legend=False)
    forms = [
        (form, _address({**_kept(given), "format": [form]}))
        for form in (JSON.name, GRAPHML.name)
    ]
    response = page(
        "network.html",
        found=found,
        asked=asked,
        picture=Markup(drawing.svg()),  # noqa: S704 its texts are escaped
        legend=[(word, Markup(mark)) for word, mark in legend()],  # noqa: S704
        ties=found.ties[rows.offset : rows.offset + rows.limit],
        first=rows.offset + 1,
        undrawn=len(found.ties) - len(shown_ties(found)),
        given={name: protocol.single(given, name).strip() for name in _NAMES},
        kinds=_KINDS,
        sorts=_SORTS,
        depths=DEPTHS,
        most=HARD_MOST,
        pages=paging.page_links(given, rows, len(found.ties), _address),
        between=_between,
        around=_around,
        forms=forms,
    )
    response.headers["Content-Security-Policy"] = SCRIPTED
    return response


def _asked(given: Given) -> Around:
    wanted = Wanted(
        _sorts(given),
        filters.word_of(given, "kind", KINDS),
        _day(given, AFTER),
        _day(given, BEFORE),
    )
    return Around(
        wanted,
        filters.node_of(given, _ENTITY),
        _whole(given, "depth", DEPTHS[0], DEPTHS[-1], usual=DEPTHS[0]),
        _whole(given, "nodes", 2, HARD_MOST, usual=MOST_NODES),
    )


def _sorts(given: Given) -> frozenset[str]:
    """Return the kinds of ties that are wanted: each may be given, none means all."""
    named = [text for text in given.get("ties", []) if text]
    for text in named:
        if text not in TIES:
            raise ParameterError(
                f"{text[:40]!r} does not fit",
                where="parameter ties",
                advice=have(text, TIES),
            )
    return frozenset(named or TIES)


def _whole(given: Given, name: str, least: int, most: int, *, usual: int) -> int:
    text = protocol.single(given, name).strip()
    if not text:
        return usual
    is_number = text.isascii() and text.isdigit() and len(text) < 9
    if not is_number or not least <= int(text) <= most:
        raise BadRequestError(
            f"{text[:20]!r} does not fit",
            where=f"parameter {name}",
            advice=f"give a whole number from {least} to {most}",
        )
    return int(text)


def _day(given: Given, parameter: Parameter) -> date | None:
    found = filters.term_of(given, parameter)
    return date.fromisoformat(found.value) if isinstance(found, Literal) else None


def _end(given: Given, parameter: Parameter) -> NamedNode:
    found = filters.node_of(given, parameter)
    if found is None:
        raise BadRequestError(
            f"the address does not say who the {parameter.name} is",
            where=f"parameter {parameter.name}",
            advice="give an IRI, a short name or a label",
        )
    return found


def _kept(given: Given) -> dict[str, list[str]]:
    unkept = (*paging.NAMES, "format")
    return {name: values for name, values in given.items() if name not in unkept}


def _address(given: Given) -> str:
    return address(url_for("network.shown"), {**given})


def _tie_address(given: Given) -> str:
    return address(url_for("network.tie"), {**given})


def _between(one: str, other: str) -> str:
    """Return the address of what ties two."""
    start = house().links.id("")
    ends = {"one": one.removeprefix(start), "other": other.removeprefix(start)}
    return f"{url_for('network.tie')}?{urlencode(ends)}"


def _around(iri: str) -> str:
    """Return the address of the network around one."""
    return _address({"entity": [iri.removeprefix(house().links.id(""))]})


def _why(triple: Triple) -> str:
    asked = (triple.subject, triple.predicate, triple.object)
    return f"{url_for('why.asked')}?{why_address(asked)}"
