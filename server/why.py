"""`/why`: why a triple holds, down to the sentences that state it."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

from flask import Blueprint, Response, request, url_for

from kg.asked import asked_triple
from kg.errors import OverloadError
from kg.formats import Kind, for_kind
from kg.why import MOST_REASONS, why
from kg.why_forms import (
    claims_json,
    near_json,
    triple_words,
    why_address,
    why_json,
    why_rdf,
)
from server import protocol
from server.context import accept, house, snapshot
from server.offers import JSON, PAGE, offers, select
from server.problems import BadRequestError, NotFoundError
from server.responses import Download, address, as_json, data, page, wants_page

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from kg.names import Thing
    from kg.why import Why
    from server.protocol import Parameters

blueprint = Blueprint("why", __name__)

FORMATS = for_kind(Kind.GRAPH)
_OFFERS = (JSON, *offers(FORMATS, page=True))
_SECONDS = 2.0
_WAITING_SECONDS = 5.0
_LIMIT = 10
_AT_ONCE = threading.BoundedSemaphore(2)
"""The search runs in this process, so it is short, and few run at a time."""


class NotHeldError(NotFoundError):
    """The triple does not hold; the problem has those that are near, and claims."""

    def __init__(self, found: Why) -> None:
        super().__init__(_not_held(found), advice=_advice(found))
        self.members: Mapping[str, object] = {
            "near": near_json(found),
            "claims": claims_json(found),
        }


@blueprint.get("/why")
def asked() -> Response:
    """Explain the triple that `s`, `p` and `o` name; without them, ask for it."""
    given = protocol.read_parameters(request.query_string, where="the address")
    if not given.keys() & {"s", "p", "o"} and wants_page():
        return page("why.html", found=None, given={}, downloads=[])
    offer = select(accept(), protocol.formats(given), _OFFERS)
    found = _found(given)
    if offer is PAGE:
        status = 200 if found.holds else 404
        links = _downloads(given) if found.holds else []
        return page(
            "why.html", status=status, found=found, given=_texts(given), downloads=links
        )
    if not found.holds:
        raise NotHeldError(found)
    if offer.format is None:
        return as_json(why_json(found))
    base = house().settings.base
    return data(why_rdf(snapshot(), found, offer.format, base=base), offer.content_type)


def question(*triple: Thing) -> str:
    """Return the address that asks why a triple holds, of subject, property, value."""
    terms = [thing.term for thing in triple]
    return f"{url_for('why.asked')}?{why_address(terms)}"


def _found(given: Parameters) -> Why:
    texts = _texts(given)
    for name, text in texts.items():
        if not text.strip():
            raise BadRequestError(
                f"the parameter {name!r} is missing",
                where=f"parameter {name}",
                advice="ask with /why?s=…&p=…&o=…, the terms of a triple",
            )
    limit = _limit(protocol.single(given, "limit"))
    with _turn():
        triple = asked_triple(snapshot(), *texts.values())
        return why(snapshot(), triple, limit=limit, seconds=_SECONDS)


def _texts(given: Parameters) -> dict[str, str]:
    return {name: protocol.single(given, name) for name in "spo"}


def _limit(text: str) -> int:
    if not text:
        return _LIMIT
    if not (text.isascii() and text.isdigit() and 1 <= int(text[:6]) <= MOST_REASONS):
        raise BadRequestError(
            f"{text!r} is not a number of reasons",
            where="parameter limit",
            advice=f"give a whole number from 1 to {MOST_REASONS}",
        )
    return int(text)


@contextmanager
def _turn() -> Iterator[None]:
    """Wait until few others search; raise OverloadError after a while."""
    if not _AT_ONCE.acquire(timeout=_WAITING_SECONDS):
        raise OverloadError("too many explanations are asked for", advice="try again")
    try:
        yield
    finally:
        _AT_ONCE.release()


def _downloads(given: Parameters) -> list[Download]:
    return [
        Download(
            entry,
            address(url_for("why.asked"), {**given, "format": [entry.name]}),
            f"why.{entry.suffix}",
        )
        for entry in FORMATS
    ]


def _not_held(found: Why) -> str:
    said = triple_words(found, found.triple)
    if found.claims:
        makers = ", ".join(m.label for claim in found.claims for m in claim.makers)
        return f"this does not hold, it is only claimed by {makers}: {said}"
    return f"this does not hold: {said}"


def _advice(found: Why) -> str:
    near = "; ".join(triple_words(found, triple) for triple in found.near)
    return f"what holds is: {near}" if near else ""
