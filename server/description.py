"""`/.well-known/void`: what the dataset is; a client of `/` can have that as well."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, Response, request

from kg.answers import write_rdf
from kg.formats import Kind, for_kind
from kg.prefixes import prefixes
from server import protocol
from server.context import accept, house, snapshot
from server.dataset import describe_dataset
from server.documents import LICENCE
from server.offers import Offer, offers, select
from server.responses import data

if TYPE_CHECKING:
    from kg.formats import Format
    from kg.store import Snapshot

blueprint = Blueprint("description", __name__)

OFFERS = offers(for_kind(Kind.GRAPH))
ADDRESS = "/.well-known/void"


@blueprint.get(ADDRESS)
def void() -> Response:
    """Send the description as the Accept header says."""
    given = protocol.read_parameters(request.query_string, where="the address")
    return described(select(accept(), protocol.formats(given), OFFERS))


def described(offer: Offer) -> Response:
    """Send the description of the dataset as *offer*."""
    assert offer.format is not None  # noqa: S101 a page is something else
    response = data(
        _written(snapshot(), house().links.base, offer.format), offer.content_type
    )
    topic = f"{house().links.base}#dataset"
    response.headers["Link"] = f'<{topic}>; rel="describes", <{LICENCE}>; rel="license"'
    return response


def _written(here: Snapshot, base: str, fmt: Format) -> bytes:
    return write_rdf(describe_dataset(here, base), fmt, prefixes=prefixes())
