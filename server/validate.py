"""`/validate`: would what is sent be accepted? Any way of writing, but nothing done."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from flask import Blueprint, Response, request

from kg.change import Change
from kg.errors import ExequaturError
from kg.terms import NamedNode
from server import access, operations, preconditions, protocol, writes
from server.bodies import (
    MEDIA_TYPES,
    MULTIPART,
    SOURCE,
    SYNTAXES,
    read_documents,
    texts_of,
)
from server.context import accept, body
from server.offers import PAGE, select
from server.problems import BadRequestError, UnsupportedMediaTypeError
from server.reports import REPORTS, report, shown_findings
from server.responses import page, problem_for, wants_page
from server.targets import target_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kg.gate import Verdict
    from server.writes import Make

blueprint = Blueprint("validate", __name__)

UPDATE = "update"
"""What the form calls the syntax of SPARQL Update."""


AS = ("POST", "PUT", "PATCH", "DELETE")
"""The operations of the Graph Store Protocol that `as=` names, to be tried."""

_READ = (*MEDIA_TYPES, MULTIPART, protocol.UPDATE, protocol.FORM)


@dataclass(frozen=True, slots=True)
class Submission:
    """What a client wants judged: *make* makes the change, *texts* are what it sent.

    *given* are the parameters, of the address and of a form.
    """

    make: Make
    texts: Mapping[str, str]
    given: protocol.Parameters


@blueprint.get("/validate")
def form() -> Response:
    """Show a form to paste triples into."""
    return _page("", "turtle", "")


@blueprint.post("/validate")
def judged() -> Response:
    """Judge what writing the body would do; 200 if it could be judged."""
    access.require_validator()
    sent = body()
    try:
        return _judged(_submission(sent))
    except ExequaturError as error:
        if not wants_page():
            raise
        return _again(sent, error)


def _submission(sent: bytes) -> Submission:
    given = protocol.read_parameters(request.query_string, where="the address")
    header = request.headers.get("Content-Type")
    if protocol.single(given, "as").upper() == "DELETE":
        return _operation("DELETE", given, header, b"")
    media_type = protocol.read_media_type(header, supported=_READ)
    if media_type == protocol.FORM:
        given |= protocol.read_parameters(sent, where="the form")
        sent = protocol.single(given, "data").encode()
        header = media_type = _media_type(protocol.single(given, "syntax"))
    if media_type not in _READ:
        raise UnsupportedMediaTypeError(
            f"{media_type} is not read here", supported=_READ
        )
    verb = protocol.single(given, "as").upper()
    if verb:
        return _operation(verb, given, header, sent)
    if not sent.strip():
        raise BadRequestError("there is nothing to judge", advice="send some triples")
    if media_type == protocol.UPDATE:
        return _update(given, sent)
    return _documents(given, header, sent)


def _operation(
    verb: str, given: protocol.Parameters, header: str | None, sent: bytes
) -> Submission:
    """Read what the Graph Store Protocol would do with *verb*."""
    if verb not in AS:
        raise BadRequestError(
            f"there is no way of writing {verb[:40]!r}",
            where="parameter as",
            supported=AS,
        )
    about = operations.require_writable(target_of(given))
    if verb == "DELETE":
        return Submission(operations.removal(about), {}, given)
    if verb == "PATCH":
        text = operations.read_patch(header, sent)
        return Submission(operations.patch(about, text), {SOURCE: text}, given)
    documents = read_documents(sent, header)
    make = operations.addition if verb == "POST" else operations.replacement
    return Submission(make(about, documents), texts_of(documents), given)


def _update(given: protocol.Parameters, sent: bytes) -> Submission:
    text = protocol.decoded(sent, "the update")
    make = writes.updating(
        text,
        using_graphs=given.get("using-graph-uri", ()),
        using_named_graphs=given.get("using-named-graph-uri", ()),
    )
    return Submission(make, {SOURCE: text}, given)


def _documents(
    given: protocol.Parameters, header: str | None, sent: bytes
) -> Submission:
    """Read files; what is in no graph of its own is meant for that of `graph=`."""
    graph = _graph(protocol.single(given, "graph"))
    documents = read_documents(sent, header)
    change = Change.all_of(one.change(graph) for one in documents)
    return Submission(lambda _: change, texts_of(documents), given)


def _media_type(syntax: str) -> str:
    """Return the media type of the syntax that the form names."""
    known = {entry.name: entry.media_type for entry in SYNTAXES}
    known[UPDATE] = protocol.UPDATE
    if syntax not in known:
        raise BadRequestError(
            f"unknown syntax {syntax!r}", where="parameter syntax", supported=[*known]
        )
    return known[syntax]


def _graph(name: str) -> NamedNode | None:
    try:
        return NamedNode(name) if name else None
    except ValueError as error:
        raise BadRequestError(
            f"{name!r} is not an absolute IRI", where="parameter graph"
        ) from error


def _judged(given: Submission) -> Response:
    offer = select(accept(), protocol.single(given.given, "format"), REPORTS)
    strict = protocol.is_true(given.given, "strict") or preconditions.is_strict()
    verdict = writes.judged(given.make, strict=strict)
    if offer is PAGE:
        return _shown(given, verdict)
    return report(verdict, offer, given.texts)


def _shown(given: Submission, verdict: Verdict) -> Response:
    text = "\n".join(given.texts.values())
    syntax = protocol.single(given.given, "syntax") or "turtle"
    graph = protocol.single(given.given, "graph")
    verb = protocol.single(given.given, "as").upper()
    return _page(text, syntax, graph, verb=verb, verdict=verdict)


def _again(sent: bytes, error: ExequaturError) -> Response:
    """Show the form with what was sent and why it could not be judged."""
    problem = problem_for(error)
    try:
        given = protocol.read_parameters(sent, where="the form")
        text, syntax = protocol.single(given, "data"), protocol.single(given, "syntax")
        graph, verb = protocol.single(given, "graph"), protocol.single(given, "as")
    except BadRequestError:
        text, syntax, graph, verb = "", "turtle", "", ""
    status = problem.status
    return _page(text, syntax, graph, verb=verb, status=status, problem=problem)


def _page(
    text: str,
    syntax: str,
    graph: str,
    *,
    verb: str = "",
    status: int = 200,
    verdict: Verdict | None = None,
    problem: object = None,
) -> Response:
    return page(
        "validate.html",
        status=status,
        text=text,
        syntax=syntax,
        graph=graph,
        verb=verb,
        syntaxes=SYNTAXES,
        verdict=verdict,
        problem=problem,
        **shown_findings(verdict, {SOURCE: text}),
    )
