"""What each kind of answer can be sent as, and which of it a client gets; no Flask."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kg.formats import NAMED, SPREADSHEET, Format, Kind, by_name, for_kind
from server.negotiation import choose
from server.problems import BadRequestError, NotAcceptableError

if TYPE_CHECKING:
    from collections.abc import Sequence

HTML = "text/html"
_JSON_LD = by_name("jsonld")


@dataclass(frozen=True, slots=True)
class Offer:
    """A representation: its media type, the *name* it has in `format=`.

    The suffix of its files is understood there as well. *format* is None for what is
    not written by the graph, such as a page.
    """

    media_type: str
    name: str
    format: Format | None = None

    @property
    def content_type(self) -> str:
        """The value of Content-Type; text says that it is UTF-8."""
        is_text = self.media_type.startswith("text/")
        return f"{self.media_type}; charset=utf-8" if is_text else self.media_type


PAGE = Offer(HTML, "html")
JSON = Offer("application/json", "json")

# What others call a syntax of RDF: SPARQLWrapper, whose wish is xml where it has none.
_ALIASES = {"xml": "rdfxml", "rdf+xml": "rdfxml", "json-ld": "jsonld"}
_KNOWN = {
    PAGE.name,
    *_ALIASES,
    *(n for e in NAMED for n in (e.name, e.suffix, e.media_type, *e.also)),
}


def offers(formats: Sequence[Format], *, page: bool = False) -> tuple[Offer, ...]:
    """Return the offers for *formats*: proper types, then a page, then other names."""
    proper = [Offer(entry.media_type, entry.name, entry) for entry in formats]
    others = [Offer(also, e.name, e) for e in formats for also in e.also]
    return (*proper, *([PAGE] if page else ()), *others)


def offers_of(kind: Kind, *, page: bool = False) -> tuple[Offer, ...]:
    """Return the offers for an answer of *kind*."""
    offered = offers(for_kind(kind), page=page)
    if kind is Kind.RESULTS:
        return (*offered, *offers([SPREADSHEET]))  # the last: by name alone
    # A graph in JSON is JSON-LD, as it is to other servers.
    return (*offered, Offer(JSON.media_type, _JSON_LD.name, _JSON_LD))


def select(accept: str | None, named: str, offered: Sequence[Offer]) -> Offer:
    """Return the offer that `format=`*named* or else the Accept header asks for.

    Of several names, between commas, the first that can be sent counts. Raise
    BadRequestError where they stand for nothing, NotAcceptableError with what there is
    where the answer cannot be sent as asked.
    """
    if named:
        return _by_names(named, offered)
    chosen = choose(accept, [offer.media_type for offer in offered])
    if chosen is None:
        raise NotAcceptableError(
            "this answer cannot be sent as the Accept header asks",
            supported=[offer.media_type for offer in offered],
        )
    return next(offer for offer in offered if offer.media_type == chosen)


def _by_names(named: str, offered: Sequence[Offer]) -> Offer:
    # A plus sign may not have been encoded.
    spoken = [name.strip().replace(" ", "+") for name in named.split(",")]
    for name in spoken:
        offer = _called(name, offered) or _called(_ALIASES.get(name, ""), offered)
        if offer is not None:
            return offer
    names = list(dict.fromkeys(offer.name for offer in offered))
    understood = [name for name in spoken if name in _KNOWN]
    if understood:
        raise NotAcceptableError(
            f"this answer cannot be sent as {understood[0]}", supported=names
        )
    raise BadRequestError(
        f"unknown format {spoken[0]!r}", where="parameter format", supported=names
    )


def _called(name: str, offered: Sequence[Offer]) -> Offer | None:
    for offer in offered:
        suffix = offer.format.suffix if offer.format else None
        if name in (offer.name, offer.media_type, suffix):
            return offer
    if name == JSON.name:  # what has no other JSON
        return next((o for o in offered if o.media_type == JSON.media_type), None)
    return None
