"""All that one property relates a thing to, page by page: `/doc/…?property=…`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kg.entities import describe
from kg.hubs import by_property
from kg.names import things
from kg.paging import Page
from kg.terms import NamedNode
from server import protocol
from server.context import snapshot
from server.paging import page_links, read_page
from server.problems import BadRequestError, NotFoundError
from server.responses import address, page

if TYPE_CHECKING:
    from collections.abc import Mapping

    from flask import Response

    from server.protocol import Parameters

ROWS = 100
_DIRECTIONS = {"": False, "outgoing": False, "incoming": True}


def listing(node: NamedNode, path: str, given: Parameters) -> Response:
    """Send a page of what the property that is *given* relates *node* to."""
    here = snapshot()
    name, is_incoming = _property(given), _is_incoming(given)
    number = given.get("page", ["1"])
    asked = read_page({"page": number, "limit": [str(ROWS)]}) or Page(ROWS)
    around, total = by_property(here, node, name, asked, is_incoming=is_incoming)
    if not around.outgoing and not around.incoming:
        raise NotFoundError(
            "there is nothing by this property, or no such page",
            advice=f"all of the thing is at {path}",
        )
    found = describe(here, node, found=around)
    kept: Parameters = {
        key: given[key] for key in ("property", "direction") if key in given
    }
    known = total if total is not None else asked.offset + ROWS + around.more

    def href(parameters: Mapping[str, list[str]]) -> str:
        return address(path, {k: v for k, v in parameters.items() if k != "limit"})

    pages = page_links({**kept, "page": number}, asked, known, href)
    if total is None:
        del pages["last"]
    return page(
        "listing.html",
        found=found,
        property=things(here, [name])[name],
        is_incoming=is_incoming,
        total=total,
        pages=pages,
        number=asked.offset // ROWS + 1,
        path=path,
    )


def _property(given: Parameters) -> NamedNode:
    text = protocol.single(given, "property")
    try:
        return NamedNode(text)
    except ValueError as error:
        raise BadRequestError(
            f"{text[:80]!r} is not an IRI",
            where="parameter property",
            advice="give the IRI of a property",
        ) from error


def _is_incoming(given: Parameters) -> bool:
    text = protocol.single(given, "direction")
    if text not in _DIRECTIONS:
        raise BadRequestError(
            f"{text[:20]!r} is no direction",
            where="parameter direction",
            advice="give incoming or outgoing",
        )
    return _DIRECTIONS[text]
