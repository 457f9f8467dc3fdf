"""A whole graph as a document of its own: in every RDF syntax, and as a page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from flask import Response, request

from kg.formats import Kind, for_kind
from kg.prefixes import prefixes
from server import protocol
from server.context import accept, snapshot
from server.documents import LICENCE
from server.offers import HTML, Offer, offers, select
from server.problems import NotFoundError
from server.responses import Download, data

if TYPE_CHECKING:
    from collections.abc import Callable

    from kg.store import Snapshot
    from kg.terms import NamedNode

FORMATS = for_kind(Kind.GRAPH)
_OFFERS = offers(FORMATS, page=True)
_SUFFIXES: dict[str, Offer] = {
    offer.format.suffix: offer for offer in reversed(_OFFERS) if offer.format
}


@dataclass(frozen=True, slots=True)
class GraphDocument:
    """The document at *path* about *topic*: all that *graph* has.

    *subject* begins a sentence about it, such as "the shapes are". *page* makes its
    page; *links* are further fields of the header `Link`.
    """

    graph: NamedNode
    topic: NamedNode
    subject: str
    path: str
    page: Callable[[Snapshot], Response]
    links: tuple[str, ...] = ()

    def response(self) -> Response:
        """Send it as the parameter `format` or the header Accept says."""
        given = protocol.read_parameters(request.query_string, where="the address")
        return self._sent(select(accept(), protocol.formats(given), _OFFERS))

    def file(self, suffix: str) -> Response:
        """Send it in the syntax that *suffix* stands for; raise NotFoundError."""
        if suffix not in _SUFFIXES:
            raise NotFoundError(
                f"{self.subject} not there as .{suffix}",
                advice=f"have {', '.join(f'.{name}' for name in sorted(_SUFFIXES))}",
            )
        return self._sent(_SUFFIXES[suffix])

    def _sent(self, offer: Offer) -> Response:
        here = snapshot()
        if offer.format is None:
            response = self.page(here)
        else:
            body = here.dump(offer.format, graph=self.graph, prefixes=prefixes())
            response = data(body, offer.content_type)
        response.headers["Link"] = ", ".join(self._links(offer))
        return response

    def _links(self, offer: Offer) -> list[str]:
        """Return links to the other syntaxes and to what goes with them."""
        found = [
            f'<{self.topic.value}>; rel="describes"',
            f'<{LICENCE}>; rel="license"',
            *self.links,
        ]
        found += [
            f'<{self.path}.{entry.suffix}>; rel="alternate"; type="{entry.media_type}"'
            for entry in FORMATS
            if entry is not offer.format
        ]
        if offer.format is not None:
            found.append(f'<{self.path}?format=html>; rel="alternate"; type="{HTML}"')
        return found


def files(path: str, name: str) -> list[Download]:
    """Return links to the document at *path* in every syntax, to be saved as *name*."""
    return [Download(f, f"{path}.{f.suffix}", f"{name}.{f.suffix}") for f in FORMATS]
