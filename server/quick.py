"""Queries that need no application: asked and answered in the event loop.

A query by `/sparql` that is well put, from a program that takes an answer in some
format, is all that is answered here, and as the application would have answered it,
byte for byte. All else is the application's: pages, errors, answers that take long or
are large. What was asked before that showed is handed to it (`ASKED`).
"""

from __future__ import annotations

from http import HTTPStatus
from itertools import chain
from typing import TYPE_CHECKING, TypeAlias

from kg.errors import ExequaturError
from kg.readers import ReaderFailedError
from kg.tokens import MARK
from server import protocol
from server.access import is_token_in
from server.answering import chosen, formats, seconds_of
from server.cache import Answered
from server.codings import IDENTITY, choose_coding, packed
from server.hooks import (
    HEADERS,
    SAFE,
    entity_tag,
    is_host,
    is_worth_packing,
)
from server.negotiation import prefers
from server.offers import HTML
from server.wsgi import host_of

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Mapping

    from granian.rsgi import Scope

    from kg.formats import Kind
    from kg.readers import Asking, ReaderAnswer, Readers
    from server.context import House
    from server.offers import Offer
    from server.protocol import Parameters, QueryRequest

    Fields: TypeAlias = list[tuple[str, str]]
    Gone: TypeAlias = Callable[[], bool]

PATH = "/sparql"
LONGEST = 60_000
"""A query of more bytes is sent to its reader by those who may wait meanwhile."""

_ELSEWHERE = (
    "authorization",
    "content-encoding",
    "expect",
    "if-match",
    "if-modified-since",
    "if-none-match",
    "if-unmodified-since",
    "prefer",
    "range",
)
_HEAD = [
    *((name.lower(), value) for name, value in HEADERS.items()),
    ("vary", "Accept, Accept-Encoding"),
]


class Asked:
    """A query as a request put it, on its way to its answer."""

    def __init__(
        self, asking: Asking, offers: Mapping[Kind, Offer], fields: Mapping[str, str]
    ) -> None:
        self.offers = offers
        self.accepted = _accepted(fields)
        self.coding = choose_coding(fields.get("accept-encoding", ""))
        self._asking = asking
        self._found: ReaderAnswer | None = None
        self._error: Exception | None = None

    async def answer_soon(self, version: Hashable) -> ReaderAnswer | None:
        """Return the answer if it is there soon, and can be written here.

        *version* is how the version is marked that is that of now.
        """
        try:
            if not await self._asking.begin(version):
                return None
            found = self._found = self._asking.answer()
        except (ExequaturError, ReaderFailedError) as error:
            self._error = error  # the application tells of it
            return None
        return found if found.is_at_hand and found.kind in self.offers else None

    def answer(self) -> ReaderAnswer:
        """Return the answer, however long it takes; raise what became of the query."""
        if self._error is not None:
            raise self._error
        return self._found or self._asking.answer()

    def drop(self) -> None:
        """Let go of a query whose answer nobody wants."""
        self._asking.drop()


class Quick:
    """Reads such queries and writes their answers, for the application of *house*."""

    def __init__(self, house: House, readers: Readers) -> None:
        self._house = house
        self._readers = readers

    def read(
        self,
        scope: Scope,
        fields: Mapping[str, str],
        body: bytes,
        gone: Callable[[], bool],
    ) -> Asked | None:
        """Return the query of a request, None where the application must answer."""
        if not _is_plain(scope, fields, body) or prefers(_accepted(fields), HTML):
            return None
        try:
            query = _query(scope, fields, body)
            if query is None:
                return None
            offers = chosen(_accepted(fields), query.format)
            seconds = seconds_of(query.timeout) if query.timeout else None
        except ExequaturError:
            return None
        settings = self._house.settings
        if not offers or len(query.query) > settings.max_query_characters:
            return None
        asking = self._readers.asking(
            query.query,
            default_graphs=query.default_graphs,
            named_graphs=query.named_graphs,
            base=settings.base,
            write=formats(offers),
            seconds=seconds,
            gone=gone,
        )
        return Asked(asking, offers, fields)

    def written(self, scope: Scope, asked: Asked, answer: ReaderAnswer) -> Answered:
        """Return the whole answer, except for the identity of the request."""
        offer = asked.offers[answer.kind]
        assert offer.format is not None  # noqa: S101 no page is chosen
        body = answer.serialize(offer.format)
        headers = [("content-type", offer.content_type)]
        if asked.coding != IDENTITY and is_worth_packing(offer.media_type, len(body)):
            body = packed(body, asked.coding)
            headers.append(("content-encoding", asked.coding))
        headers.append(("content-length", str(len(body))))
        headers += self._validators(scope, asked, answer.tag)
        return Answered(HTTPStatus.OK, [*headers, *_HEAD], body, PATH)

    def _validators(self, scope: Scope, asked: Asked, version: str) -> Fields:
        if scope.method not in SAFE or not version:
            return [("cache-control", "no-store")]
        address = f"{PATH}?{scope.query_string}"
        tag = entity_tag(
            self._house.tag, version, address, asked.accepted, asked.coding
        )
        return [("etag", f'"{tag}"'), ("cache-control", "no-cache")]


def _accepted(fields: Mapping[str, str]) -> str | None:
    return fields.get("accept") or None


def _is_plain(scope: Scope, fields: Mapping[str, str], body: bytes) -> bool:
    """Tell whether a request has nothing about it that only the application knows."""
    query, size = scope.query_string, str(len(body))
    return (
        scope.path == PATH
        and len(query) + len(body) <= LONGEST
        and fields.get("content-length", size) == size
        and query.isascii()
        and "host" in fields
        and is_host(host_of(scope, fields))
        and fields.keys().isdisjoint(_ELSEWHERE)
    )


def _query(scope: Scope, fields: Mapping[str, str], body: bytes) -> QueryRequest | None:
    """Return what the request asks; None or an error where it asks nothing so."""
    address = scope.query_string.encode()
    if scope.method == "GET":
        given = protocol.read_parameters(address, where="the address")
        if _may_hold_token(given) and is_token_in(scope.query_string, PATH):
            return None
        return protocol.from_parameters(given)
    if scope.method == "POST" and not is_token_in(scope.query_string, PATH):
        return protocol.read_post(address, fields.get("content-type"), body)
    return None


def _may_hold_token(given: Parameters) -> bool:
    """Tell whether a closer look is needed, at what may be encoded several times."""
    text = " ".join(chain(given, *given.values()))
    return "%" in text or MARK in text or "access_token" in text.lower()
