"""`?version=N`, `/timemap/…`, `/timegate/…`: how a thing or a graph was (RFC 7089).

A version's number in the address of a document or a graph asks for what that version
stated of it. The time map lists the versions that there are of it; the time gate leads
to the one of a point in time. It has an address of its own, as an answer that depends
on Accept-Datetime is not to be kept in the place of another.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from functools import partial
from http import HTTPStatus
from typing import TYPE_CHECKING

from flask import Blueprint, Response, request, url_for
from werkzeug.http import http_date, parse_date

from kg.erasure import is_erased
from kg.errors import ExequaturError
from kg.history import changes
from kg.names import things
from kg.past import graph_then, versions_of, was_there
from kg.terms import INFERRED, LOG, MERGED, REPORT, Triple
from server import protocol
from server.context import accept, house, snapshot
from server.dumps import streamed
from server.offers import PAGE, Offer, select
from server.problems import BadRequestError, GoneError, NotFoundError
from server.responses import data, page
from server.subjects import node_of, path_of
from server.targets import Target

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kg.history import LoggedChange
    from kg.terms import NamedNode

blueprint = Blueprint("versions", __name__)

LINKS = "application/link-format"
_LINKS = Offer(LINKS, "links")
_NUMBER = re.compile(r"[0-9]{1,9}")


def read_version(given: Mapping[str, list[str]]) -> LoggedChange | None:
    """Return the version that the address asks for, None where it asks for none.

    Raise BadRequestError for what is no number, NotFoundError where there was no such
    version.
    """
    text = protocol.single(given, "version").strip()
    if "version" not in given:
        return None
    if not _NUMBER.fullmatch(text):
        raise BadRequestError(
            f"{text[:20]!r} is not the number of a version",
            where="parameter version",
            advice="give a whole number",
        )
    found = _logged().get(int(text))
    if found is None:
        last = snapshot().version
        raise NotFoundError(
            f"there is no version {int(text)}", advice=f"have versions 1 to {last}"
        )
    return found


def absent(node: NamedNode, version: int) -> ExequaturError:
    """Return the error for what *version* stated nothing of."""
    if is_erased(snapshot(), node):
        return GoneError(f"{node.value} was erased, from all versions")
    known = versions_of(house().graph.store, snapshot(), node)
    word = "version" if len(known) == 1 else "versions"
    listed = f"it is there in {word} {', '.join(map(str, known[:20]))}"
    return NotFoundError(
        f"version {version} stated nothing of {node.value}",
        advice=listed if known else "",
    )


def earlier(about: Target, version: LoggedChange, offer: Offer) -> Response:
    """Send what the graph held in *version*; raise where it was not there."""
    store, here = house().graph.store, snapshot()
    if about.name in {INFERRED, LOG, MERGED, REPORT}:
        raise NotFoundError(
            f"earlier versions of {about.name} are not kept",
            advice="it follows from the other graphs, or tells of them",
        )
    held = partial(graph_then, store, here, version.version, about.name)
    if not was_there(store, here, version.version, about.name):
        raise absent(about.name, version.version)
    assert offer.format is not None  # noqa: S101 no page is offered
    triples = (Triple(q.subject, q.predicate, q.object) for q in held())
    response = streamed(triples, offer.format)
    response.headers["Link"] = ", ".join(links_of(about.address))
    date_it(response, version)
    return response


def links_of(path: str) -> list[str]:
    """Return the links of what is at *path* to its time gate and its time map."""
    gate = url_for("versions.gate", what=path.lstrip("/"))
    times = url_for("versions.times", what=path.lstrip("/"))
    return [
        f'<{path}>; rel="original"',
        f'<{gate}>; rel="timegate"',
        f'<{times}>; rel="timemap"; type="{LINKS}"',
    ]


def date_it(response: Response, version: LoggedChange) -> None:
    """Say from when the version is that *response* shows."""
    response.headers["Memento-Datetime"] = http_date(version.time)


@blueprint.get("/timemap/<path:what>")
def times(what: str) -> Response:
    """List the versions of what is at an address: as links, or as a page."""
    path, node = _resource(what)
    known = _mementos(node)
    offer = select(accept(), _format(), (_LINKS, PAGE))
    if offer is PAGE:
        title = things(snapshot(), [node])[node].label
        return page(
            "versions.html", node=node, title=title, path=path, versions=known[::-1]
        )
    lines = [
        *links_of(path)[:2],
        f'<{url_for("versions.times", what=what)}>; rel="self"; type="{LINKS}"',
        *(_memento(path, one, known) for one in known),
    ]
    return data(",\n".join(lines) + "\n", LINKS)


@blueprint.get("/timegate/<path:what>")
def gate(what: str) -> Response:
    """Lead to the version that was current at Accept-Datetime, else to the last one."""
    path, node = _resource(what)
    known = _mementos(node)
    wanted = _wanted_time()
    before = [one for one in known if one.time <= wanted]
    chosen = before[-1] if before else known[0]
    place = f"{path}?version={chosen.version}"
    headers = {"Location": place}
    response = Response(
        f"See {place}\n", HTTPStatus.FOUND, headers, content_type="text/plain"
    )
    response.headers["Link"] = ", ".join(links_of(path))
    response.vary.add("Accept-Datetime")
    return response


def _wanted_time() -> datetime:
    text = request.headers.get("Accept-Datetime")
    if text is None:
        return datetime.max.replace(tzinfo=UTC)
    found = parse_date(text)
    if found is None:
        raise BadRequestError(
            f"{text[:40]!r} is not a date of HTTP",
            where="Accept-Datetime",
            advice="write it like Thu, 31 May 2007 20:35:00 GMT",
        )
    return found


def _resource(what: str) -> tuple[str, NamedNode]:
    """Return the address and the IRI of what `/doc/…` or `/graphs/…` stands for."""
    space, _, local = what.partition("/")
    if space == "doc" and local:
        node = node_of(house().links.subject(local))
        return path_of(node), node
    if space == "graphs" and local:
        about = Target(node_of(f"{house().links.base}{local}"))
        return about.address, about.name
    raise NotFoundError(
        f"there are no versions of /{what}",
        advice="there are of documents (/doc/…) and graphs (/graphs/…)",
    )


def _mementos(node: NamedNode) -> list[LoggedChange]:
    logged = _logged()
    known = versions_of(house().graph.store, snapshot(), node)
    if not known:
        raise absent(node, snapshot().version)
    return [logged[number] for number in known if number in logged]


def _memento(path: str, one: LoggedChange, known: list[LoggedChange]) -> str:
    relations = ["memento"]
    relations = ["first", *relations] if one is known[0] else relations
    relations = ["last", *relations] if one is known[-1] else relations
    address = f"{path}?version={one.version}"
    date = http_date(one.time)
    return f'<{address}>; rel="{" ".join(relations)}"; datetime="{date}"'


def _logged() -> dict[int, LoggedChange]:
    return {change.version: change for change in changes(snapshot())}


def _format() -> str:
    given = protocol.read_parameters(request.query_string, where="the address")
    return protocol.formats(given)
