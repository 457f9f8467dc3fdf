"""`/sparql`: the query operation of the SPARQL 1.1 Protocol, and a form for people."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from flask import Blueprint, Response, request, url_for

from kg.answers import write_rdf
from kg.errors import ExequaturError
from kg.formats import Kind, for_kind
from kg.prefixes import prefixes
from server import editor, protocol
from server.answering import answering, written
from server.context import accept, body, house, snapshot
from server.documents import LICENCE
from server.offers import Offer, offers, offers_of, select
from server.policies import EDITOR
from server.problems import NotAcceptableError, TooLargeError
from server.responses import (
    Download,
    address,
    data,
    downloads,
    page,
    problem_for,
    wants_page,
)
from server.service_description import describe_service
from server.tables import table_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from kg.answers import Answer
    from kg.readers import ReaderAnswer
    from server.protocol import QueryRequest

blueprint = Blueprint("sparql", __name__)


@blueprint.get("/sparql")
def by_get() -> Response:
    """Answer `?query=…`; without one, describe the service, or show the form."""
    if wants_page() and not request.query_string:
        return _form("")
    offer = _description()
    if offer is not None:
        return _described(offer)
    return _answered(lambda: protocol.read_get(request.query_string))


@blueprint.post("/sparql")
def by_post() -> Response:
    """Answer a query sent as a form or as `application/sparql-query`."""
    header = request.headers.get("Content-Type")
    return _answered(lambda: protocol.read_post(request.query_string, header, body()))


def _description() -> Offer | None:
    """Return as what the client takes RDF, if that is all that it asks for."""
    given = protocol.read_parameters(request.query_string, where="the address")
    named = protocol.formats(given)
    if given.keys() - {"format"}:
        return None
    with suppress(NotAcceptableError):
        return select(accept(), named, offers(for_kind(Kind.GRAPH)))
    return None


def _described(offer: Offer) -> Response:
    """Send the description of the service as *offer*."""
    assert offer.format is not None  # noqa: S101 no page is offered
    base = house().links.base
    told = describe_service(snapshot(), base, house().graph.queries.values())
    text = write_rdf(told, offer.format, prefixes=prefixes())
    response = data(text, offer.content_type)
    response.headers["Link"] = (
        f'<{base}#sparql>; rel="describes", <{LICENCE}>; rel="license"'
    )
    return response


def _answered(read: Callable[[], QueryRequest]) -> Response:
    """Answer what *read* gives; a browser meets an error beside its own text."""
    query = request.args.get("query", "")
    try:
        asked = read()
        query = asked.query
        return _answer(asked)
    except ExequaturError as error:
        if not wants_page():
            raise
        problem = problem_for(error)
        return _form(query, status=problem.status, problem=problem)


def _answer(asked: QueryRequest) -> Response:
    _refuse_too_long(asked.query)
    with answering(
        asked.query,
        default_graphs=asked.default_graphs,
        named_graphs=asked.named_graphs,
        form=asked.format,
        timeout=asked.timeout,
    ) as answer:
        offer = select(accept(), asked.format, offers_of(answer.kind, page=True))
        if offer.format is None:
            return _shown(asked, answer)
        return written(answer, offer)


def _shown(asked: QueryRequest, answer: Answer | ReaderAnswer) -> Response:
    return _form(
        asked.query,
        table=table_of(answer, snapshot(), base=house().links.base),
        downloads=_downloads(asked, answer),
        dataset=(*asked.default_graphs, *asked.named_graphs),
    )


def _downloads(asked: QueryRequest, answer: Answer | ReaderAnswer) -> list[Download]:
    parameters = {
        "query": [asked.query],
        "default-graph-uri": list(asked.default_graphs),
        "named-graph-uri": list(asked.named_graphs),
    }
    here = url_for("sparql.by_get")
    return downloads(
        answer.kind,
        "answer",
        lambda name: address(here, {**parameters, "format": [name]}),
    )


def _form(query: str, *, status: int = 200, **values: object) -> Response:
    values = {"table": None, "problem": None, "dataset": (), **values}
    response = page(
        "sparql.html", status=status, query=query, prefixes=prefixes(), **values
    )
    if editor.is_here():
        response.headers["Content-Security-Policy"] = EDITOR
    return response


def _refuse_too_long(query: str) -> None:
    most = house().settings.max_query_characters
    if len(query) > most:
        raise TooLargeError(
            f"the query has {len(query):,} characters",
            advice=f"this server reads {most:,} at most",
        )
