"""`/dump…`: all that is asserted, or one graph, as one file, whatever its length."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

from flask import Blueprint, Response, request

from kg.dumps import compressed, pieces, quads_of, triples_of
from kg.formats import Format, Kind, for_kind
from kg.prefixes import prefixes
from kg.terms import MERGED, MERGED_VIEW
from server import protocol
from server.context import accept, snapshot
from server.documents import LICENCE
from server.offers import Offer, offers, select
from server.problems import BadRequestError, NotAcceptableError, NotFoundError
from server.subjects import node_of

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping

    from kg.terms import GraphName, Quad, Triple

blueprint = Blueprint("dumps", __name__)

_OFFERS = offers(for_kind(Kind.DATASET))
_GRAPH_OFFERS = offers(for_kind(Kind.GRAPH))
_SUFFIXES = {entry.suffix: entry for entry in for_kind(Kind.GRAPH)}
_PACKED = ".gz"


@blueprint.get("/dump")
def negotiated() -> Response:
    """Send the dump as the Accept header says."""
    given = protocol.read_parameters(request.query_string, where="the address")
    fitting = _GRAPH_OFFERS if "graph" in given else _OFFERS
    offer = select(accept(), protocol.formats(given), fitting)
    assert offer.format is not None  # noqa: S101 no page is offered
    return _sent(given, offer.format, packed=False)


@blueprint.get("/dump.<suffix>")
def file(suffix: str) -> Response:
    """Send the dump in the syntax that the suffix stands for; `.gz` packs it."""
    given = protocol.read_parameters(request.query_string, where="the address")
    fmt = _SUFFIXES.get(suffix.removesuffix(_PACKED))
    if fmt is None:
        known = ", ".join(f".{name}" for name in _SUFFIXES)
        raise NotFoundError(
            f"there is no dump as .{suffix}", advice=f"have {known}, each with .gz too"
        )
    return _sent(given, fmt, packed=suffix.endswith(_PACKED))


def streamed(
    statements: Generator[Quad | Triple], fmt: Format, *, packed: bool = False
) -> Response:
    """Answer with *statements*, written while they are sent.

    The first piece is written before that, so that what fails at once has its status.
    """
    text = _begun(pieces(statements, fmt, prefixes=prefixes()))
    if packed:
        return Response(compressed(text), content_type="application/gzip")
    content_type = Offer(fmt.media_type, fmt.name, fmt).content_type
    return Response(text, content_type=content_type)


def _begun(text: Generator[bytes]) -> Generator[bytes]:
    first = next(text, b"")

    def going_on() -> Generator[bytes]:
        with closing(text):
            yield first
            yield from text

    return going_on()


def _sent(given: Mapping[str, list[str]], fmt: Format, *, packed: bool) -> Response:
    response = streamed(_statements(given, fmt), fmt, packed=packed)
    name = f"exequatur-{snapshot().version}.{fmt.suffix}{_PACKED if packed else ''}"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    response.headers["Link"] = (
        f'<{LICENCE}>; rel="license", </.well-known/void>; rel="describedby"'
    )
    return response


def _statements(
    given: Mapping[str, list[str]], fmt: Format
) -> Generator[Quad | Triple]:
    here = snapshot()
    if "version" in given:
        raise BadRequestError(
            "a dump is of the version of now",
            where="parameter version",
            advice="leave it out, or ask /graphs for one graph as it was",
        )
    if "graph" in given:
        return triples_of(here, _graph(protocol.single(given, "graph")))
    if fmt.kind is not Kind.DATASET:
        raise NotAcceptableError(
            f"{fmt.name} holds one graph, not a dataset",
            advice="name one with ?graph=, or take .nq, .trig or .jsonld",
        )
    return quads_of(here, inferred=protocol.is_true(given, "inferred"))


def _graph(iri: str) -> GraphName:
    name = node_of(iri)
    stored = MERGED_VIEW if name == MERGED else name
    if not any(snapshot().quads(graph=stored)):
        raise NotFoundError(
            f"there is no graph {iri}", advice="GET /graphs lists those there are"
        )
    return stored
