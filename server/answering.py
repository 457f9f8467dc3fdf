"""How a client's query is answered: by a reader, with the limits of the request."""

from __future__ import annotations

import re
from contextlib import contextmanager, suppress
from functools import lru_cache
from math import inf
from typing import TYPE_CHECKING

from flask import Response, g, request

from kg.formats import Kind
from kg.prefixes import prefixes
from kg.readers import ReaderAnswer, Spooled
from server import protocol
from server.beside import is_visit, waiting
from server.context import ASKED, GONE, MIXED, accept, house, snapshot
from server.offers import offers_of, select
from server.problems import BadRequestError, NotAcceptableError
from server.responses import data
from server.spooled import SpooledBody

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from kg.answers import Answer
    from kg.formats import Format
    from kg.ordering import Sought
    from kg.row_evidence import AnswerEvidence
    from server.offers import Offer
    from server.quick import Asked

    Gone = Callable[[], bool]

TIMEOUT = "timeout"
"""The parameter by which a request lowers the limit of time."""

_WAIT = re.compile(r"(?:^|[,\s])wait=(\d{1,9})(?=$|[,;\s])", re.IGNORECASE)


@contextmanager
def answering(
    sparql: str,
    *,
    default_graphs: Sequence[str] = (),
    named_graphs: Sequence[str] = (),
    form: str | None = None,
    timeout: str = "",
) -> Iterator[Answer | ReaderAnswer]:
    """Give the answer to a client's query, to be written or walked over once.

    *form* is the format that the request names, None where the answer is walked over;
    *timeout* its parameter of that name.
    """
    readers = house().readers
    seconds = time_limit(timeout)
    if readers is None:
        yield snapshot().query(
            sparql,
            default_graphs=default_graphs,
            named_graphs=named_graphs,
            base=house().settings.base,
        )
        return
    asked: Asked | None = request.environ.pop(ASKED, None)
    if asked is not None:
        answer = asked.answer()
    else:
        answer = readers.query(
            sparql,
            default_graphs=default_graphs,
            named_graphs=named_graphs,
            base=house().settings.base,
            write={} if form is None else formats(chosen(accept(), form)),
            seconds=seconds,
            gone=request.environ.get(GONE),
        )
    try:
        _agree(answer.tag)
        yield answer
    finally:
        answer.close()


@contextmanager
def answering_page(
    sparql: str, *, timeout: str = "", sought: Sought | None = None
) -> Iterator[Answer | ReaderAnswer]:
    """Give the answer to a query of a page, to be walked over once.

    *sought* is what it asks for, if that can be had with less work. Raise
    StillAtWorkError where a visitor should not wait for it. A request that says how
    long it waits is taken at its word: as `answering` does.
    """
    answers = house().answers
    if answers is None or time_limit(timeout) is not None:
        with answering(sparql, timeout=timeout) as answer:
            yield answer
        return
    gone = request.environ.get(GONE)
    with waiting():
        found = answers.answer(
            sparql, snapshot().tag, gone=gone, is_visit=is_visit(), sought=sought
        )
    _agree(found.tag)
    yield found


def row_evidence(
    sparql: str,
    *,
    shown: str,
    first: int,
    rows: int,
    timeout: str = "",
    is_page: bool = False,
) -> AnswerEvidence:
    """Return the evidence of rows, as `answer_evidence` does, from a reader.

    Raise StillAtWorkError where a visitor of a page should not wait for it.
    """
    seconds, known, here = time_limit(timeout), house(), snapshot()

    def make(gone: Gone | None) -> tuple[str, AnswerEvidence]:
        if known.readers is not None:
            return known.readers.evidence(
                sparql, shown=shown, first=first, rows=rows, seconds=seconds, gone=gone
            )
        from kg.row_evidence import answer_evidence  # it brings rdflib, slow to import

        most = min(seconds or inf, known.settings.query_seconds)
        return here.tag, answer_evidence(
            here, sparql, shown=shown, first=first, rows=rows, seconds=most
        )

    gone = request.environ.get(GONE)
    if not is_page or seconds is not None:
        tag, found = make(gone)
    else:
        with waiting():
            tag, found = known.beside.done(
                (sparql, shown, first, rows), make, gone=gone, is_visit=is_visit()
            )
    _agree(tag)
    return found


def _agree(tag: str) -> None:
    """Have this request read the version that its query was answered from."""
    if snapshot().tag != tag:  # somebody wrote just now
        g.snapshot = house().graph.snapshot()
        if snapshot().tag != tag:
            setattr(g, MIXED, True)


def written(answer: Answer | ReaderAnswer, offer: Offer) -> Response:
    """Answer with *answer* as *offer* has it, from a file where it is long."""
    assert offer.format is not None  # noqa: S101 a page is made otherwise
    if not isinstance(answer, ReaderAnswer):
        body = answer.serialize(offer.format, prefixes=prefixes())
        return data(body, offer.content_type)
    saved = answer.save(offer.format, prefixes=prefixes())
    if not isinstance(saved, Spooled):
        return data(saved, offer.content_type)
    response = Response(
        SpooledBody(saved.path),
        content_type=offer.content_type,
        direct_passthrough=True,
    )
    response.content_length = saved.size
    return response


def time_limit(timeout: str = "") -> float | None:
    """Return how many seconds the request gives its query, None where it says nothing.

    By `timeout=`, or by `Prefer: wait=` (RFC 7240); raise BadRequestError.
    """
    if timeout:
        return seconds_of(timeout)
    match = _WAIT.search(",".join(request.headers.getlist("Prefer")))
    return seconds_of(match[1]) if match else None


def seconds_of(text: str) -> float:
    """Return the number of seconds that *text* gives; raise BadRequestError."""
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0.0
    if not 0 < seconds < inf:
        raise BadRequestError(
            f"{text!r} is no time",
            where=f"parameter {TIMEOUT}",
            advice="have a number of seconds, more than 0",
        )
    return seconds


@lru_cache(maxsize=256)  # of short texts: clients have few, and repeat them
def chosen(accepted: str | None, named: str) -> Mapping[Kind, Offer]:
    """Return as what an answer of each kind will be sent, where that is known.

    A page is none of them; what cannot be sent is told when the kind is known.
    """
    found = {}
    for kind in (Kind.RESULTS, Kind.GRAPH):
        with suppress(NotAcceptableError):
            offer = select(accepted, named, offers_of(kind, page=True))
            if offer.format is not None:
                found[kind] = offer
    return found


def formats(offers: Mapping[Kind, Offer]) -> dict[Kind, Format]:
    """Return the formats of *offers*."""
    return {kind: offer.format for kind, offer in offers.items() if offer.format}


def timeout_of(given: Mapping[str, list[str]]) -> str:
    """Return the parameter `timeout` of a request, "" where there is none."""
    return protocol.single(given, TIMEOUT)
