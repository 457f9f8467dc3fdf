"""`/id/…` and `/doc/…`: every thing that the project names, and what is said of it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from itertools import chain
from typing import TYPE_CHECKING

from flask import Blueprint, Response, request
from werkzeug.urls import iri_to_uri

from kg import articles
from kg.answers import write_rdf
from kg.around import Around, around, pages
from kg.entities import describe
from kg.formats import Kind, for_kind
from kg.hubs import some_around
from kg.names import things
from kg.paging import Page
from kg.past import past_of
from kg.portrait import portrait
from kg.prefixes import prefixes
from kg.terms import MERGED_VIEW, OUTSIDE_VIEW, Quad, is_sentence
from server import protocol
from server.article_pages import article_parts, passage_place
from server.context import accept, house, snapshot
from server.descriptions import PAGE as ROWS
from server.descriptions import quads_about, triples_about, wordings
from server.documents import DOCUMENT, LICENCE, Document
from server.links import SPACES
from server.listings import listing
from server.offers import HTML, PAGE, Offer, offers, select
from server.paging import page_links, read_page
from server.pictures import maps_of, neighbourhood, network_of
from server.problems import NotFoundError
from server.responses import Download, address, data, page, see_other
from server.subjects import is_known, known, looked_up, node_of, path_of
from server.targets import Target
from server.versions import absent, date_it, links_of, read_version

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from kg.formats import Format
    from kg.history import LoggedChange
    from kg.store import Snapshot
    from kg.terms import NamedNode, Triple

blueprint = Blueprint("linked_data", __name__)

FORMATS = for_kind(Kind.GRAPH)
_OFFERS = offers(FORMATS, page=True)
_WITH_SOURCES = frozenset({"trig", "nquads"})
_SUFFIXES: dict[str, Offer] = {
    "html": PAGE,
    **{offer.format.suffix: offer for offer in reversed(_OFFERS) if offer.format},
}
_DESCRIPTION = "/.well-known/void"


@blueprint.get("/id/<path:local>")
def thing(local: str) -> Response:
    """Answer 303: an entity cannot be sent, a document about it can."""
    return _to_document(house().links.id(local))


@blueprint.get(
    "/<any(" + ",".join(f"'{space}'" for space in SPACES) + "):space>/<path:local>"
)
def other_thing(space: str, local: str) -> Response:
    """Answer 303 for claims, sources and graphs likewise."""
    return _to_document(f"{house().links.base}{space}/{local}")


@blueprint.get("/doc/<path:local>")
def document(local: str) -> Response:
    """Send the document about a thing, as its suffix or the Accept header says."""
    given = protocol.read_parameters(request.query_string, where="the address")
    node, by_suffix = _named(local)
    offer = by_suffix or select(accept(), protocol.formats(given), _OFFERS)
    version = read_version(given)
    graph = Target(node)
    if version is None and graph.is_there(snapshot()) and not is_known(node):
        return see_other(graph.address)
    if version is None:
        known(node)
    if offer is PAGE and version is None and "property" in given:
        return listing(node, path_of(node), given)
    numbers = {"page": given.get("page", ["1"]), "limit": [str(ROWS)]}
    asked = read_page(numbers) or Page(ROWS)
    return _Description(node, offer, asked, version).response()


def _named(local: str) -> tuple[NamedNode, Offer | None]:
    """Return the thing that *local* names, and what its suffix asks for if it has one.

    A thing may be called `report.ttl`: a known name goes before a suffix.
    """
    stem, _, suffix = local.rpartition(".")
    if not stem or suffix not in _SUFFIXES:
        return node_of(house().links.subject(local)), None
    whole = node_of(house().links.subject(local))
    if is_known(whole):
        return whole, None
    return node_of(house().links.subject(stem)), _SUFFIXES[suffix]


def _to_document(iri: str) -> Response:
    given = protocol.read_parameters(request.query_string, where="the address")
    graph = Target(node_of(iri))
    if not is_known(graph.name) and graph.is_there(snapshot()):
        return see_other(address(graph.address, given))
    node = graph.name if "version" in given else looked_up(iri)
    path, mark, fragment = (house().links.document(node.value) or "/").partition("#")
    response = see_other(f"{address(path, given)}{mark}{fragment}")
    response.headers["Link"] = f'<{path}>; rel="describedby"'
    return response


@dataclass(frozen=True)
class _Description:
    """A page of what is said of *node*, now or in a *version*, as it is sent."""

    node: NamedNode
    offer: Offer
    page: Page
    version: LoggedChange | None

    @cached_property
    def path(self) -> str:
        return path_of(self.node)

    @cached_property
    def _around(self) -> Around:
        return around(snapshot(), self.node, self.page)

    @cached_property
    def _dataset(self) -> tuple[Snapshot, bool]:
        """What the description is made of, and whether there is more."""
        here = snapshot()
        if self.version is None:
            return here, self._around.more
        store, number = house().graph.store, self.version.version
        found = past_of(store, here, number, self.node, self.page)
        if found is None:
            raise absent(self.node, number)
        return found.snapshot, found.more

    @cached_property
    def _shown(self) -> Page:
        """The page of the dataset, which of the past is no longer than that."""
        return self.page if self.version is None else Page(2 * self.page.limit + 1)

    @cached_property
    def pages(self) -> Mapping[str, str]:
        """The addresses of the other pages, if there are any."""
        here, more = self._dataset
        if not more and not self.page.offset:
            return {}
        count = pages(here, self.node, ROWS) if self.version is None else None
        total = count * ROWS if count else self.page.offset + ROWS + more
        given = {name: [value] for name, value in self._parameters.items()}
        found = page_links(given, self.page, total, self._address)
        if count is None:
            del found["last"]
        return found

    @property
    def _parameters(self) -> dict[str, str]:
        number = self.page.offset // self.page.limit + 1
        version = {"version": str(self.version.version)} if self.version else {}
        return {"page": str(number), **version}

    def _address(self, parameters: Mapping[str, list[str]]) -> str:
        """Return where this answer's other page is; all have the same length."""
        kept = {name: parameters[name] for name in parameters if name != "limit"}
        return address(self._file, kept)

    @property
    def _file(self) -> str:
        fmt = self.offer.format
        return f"{self.path}.{fmt.suffix if fmt else 'html'}"

    def response(self) -> Response:
        """Send it; raise NotFoundError where there is no such page."""
        if self.page.offset and self.version is None:
            self._require_something()
        fmt = self.offer.format
        response = self._written(fmt) if fmt else self._page()
        response.headers["Content-Location"] = address(self._file, self._asked())
        response.headers["Link"] = ", ".join(self._links())
        if self.version:
            date_it(response, self.version)
        return response

    def _require_something(self) -> None:
        if not self._around.outgoing and not self._around.incoming:
            raise NotFoundError(
                f"there is no page {self._parameters['page']} of it",
                advice=f"the first is at {self.path}",
            )

    def _asked(self) -> dict[str, list[str]]:
        """Return the parameters that the address of this very answer needs."""
        return {
            name: [value]
            for name, value in self._parameters.items()
            if (name, value) != ("page", "1")
        }

    def _written(self, fmt: Format) -> Response:
        """Send what holds; where the format has graphs, who states it too."""
        here, _ = self._dataset
        said = list(self._document.triples())
        content_type = next(o for o in _OFFERS if o.format is fmt).content_type
        if fmt.name in _WITH_SOURCES:
            stated = quads_about(here, self.node, self._shown)
            own = (*said, *wordings([*stated, *said]))
            quads = chain(stated, (_unsourced(one) for one in own))
            return data(write_rdf(quads, fmt, prefixes=prefixes()), content_type)
        triples = {*triples_about(here, self.node, self._shown), *said}
        triples |= set(wordings(triples))
        return data(write_rdf(triples, fmt, prefixes=prefixes()), content_type)

    @cached_property
    def _document(self) -> Document:
        return Document(
            base=house().links.base,
            path=self.path,
            address=address(self.path, self._asked()),
            topic=self.node,
            title=things(snapshot(), [self.node])[self.node].label,
            pages=self.pages,
            version=self.version.version if self.version else None,
            since=self.version.time if self.version else None,
        )

    def _page(self) -> Response:
        here, _ = self._dataset
        is_past = self.version is not None
        shown = self._shown
        is_first = not (self.page.offset or is_past)
        some = some_around(here, self.node) if is_first else None
        found = describe(
            here, self.node, most=shown.limit, skip=shown.offset, found=some
        )
        article = None if is_past else article_parts(here, self.node, self.page)
        is_drawn = not (self.page.offset or is_past or article)
        return page(
            "article.html" if article else "entity.html",
            article=article,
            found=found,
            portrait=portrait(here, found),
            picture=neighbourhood(here, self.node, found) if is_drawn else (),
            maps=maps_of(here, self.node) if is_drawn else (),
            network=network_of(here, self.node) if is_drawn else "",
            claimed=() if self.page.offset else articles.stated(here, self.node),
            passage=None if is_past else passage_place(here, self.node),
            is_passage=is_sentence(self.node, here.base),
            downloads=list(self._downloads()),
            pages=self.pages,
            number=int(self._parameters["page"]),
            version=self.version,
            path=self.path,
            has_past=self._has_past,
        )

    @cached_property
    def _has_past(self) -> bool:
        """Tell whether people may have stated it, so that versions of it are kept."""
        if self.version is not None:
            return True
        here = snapshot()
        said = chain(here.quads(subject=self.node), here.quads(object_=self.node))
        return any(quad.graph_name not in OUTSIDE_VIEW for quad in said)

    def _downloads(self) -> Iterator[Download]:
        name = self.path.rpartition("/")[2]
        for entry in FORMATS:
            href = address(f"{self.path}.{entry.suffix}", self._asked())
            yield Download(entry, href, f"{name}.{entry.suffix}")

    def _links(self) -> Iterator[str]:
        """Say what the document is about, what others there are, and what rules it."""
        yield f'<{iri_to_uri(self.node.value)}>; rel="describes"'
        yield f'<{_DESCRIPTION}>; rel="describedby"'
        yield f'<{LICENCE}>; rel="license"'
        yield f'<{DOCUMENT}>; rel="type"'
        asked = self._asked()
        for entry in FORMATS:
            if entry is not self.offer.format:
                href = address(f"{self.path}.{entry.suffix}", asked)
                yield f'<{href}>; rel="alternate"; type="{entry.media_type}"'
        if self.offer.format:
            href = address(f"{self.path}.html", asked)
            yield f'<{href}>; rel="alternate"; type="{HTML}"'
        for relation, href in self.pages.items():
            yield f'<{href}>; rel="{relation}"'
        if self._has_past:
            yield from links_of(self.path)


def _unsourced(one: Triple) -> Quad:
    return Quad(one.subject, one.predicate, one.object, MERGED_VIEW)
