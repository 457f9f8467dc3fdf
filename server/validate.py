"""`/validate`: would this change be accepted? Nothing is written."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from flask import Blueprint, Response, request

from kg.errors import ExequaturError
from kg.terms import NamedNode
from server import access, protocol, writes
from server.bodies import MEDIA_TYPES, SOURCE, SYNTAXES, Document
from server.context import accept, house, plain_body, snapshot
from server.offers import PAGE, select
from server.problems import BadRequestError, UnsupportedMediaTypeError
from server.reports import REPORTS, report, shown_findings
from server.responses import page, problem_for, wants_page

if TYPE_CHECKING:
    from kg.change import Change
    from kg.formats import Format
    from kg.gate import Verdict

blueprint = Blueprint("validate", __name__)

UPDATE = "update"
"""What the form calls the syntax of SPARQL Update."""


@dataclass(frozen=True, slots=True)
class Submission:
    """What a client wants judged: triples in a syntax, or an update without one.

    *graph* is for triples that are in none; *given* are the other parameters.
    """

    text: bytes
    syntax: Format | None
    graph: NamedNode | None
    given: protocol.Parameters

    def change(self) -> Change:
        """Return the change that is to be judged."""
        if self.syntax is not None:
            return Document(SOURCE, self.text, self.syntax).change(self.graph)
        make = writes.updating(
            protocol.decoded(self.text, "the update"),
            using_graphs=self.given.get("using-graph-uri", ()),
            using_named_graphs=self.given.get("using-named-graph-uri", ()),
        )
        return make(snapshot())


@blueprint.get("/validate")
def form() -> Response:
    """Show a form to paste triples into."""
    return _page("", "turtle", "")


@blueprint.post("/validate")
def judged() -> Response:
    """Judge the triples or the update in the body; 200 if they could be judged."""
    access.require_validator()
    sent = plain_body()
    try:
        return _judged(_submission(sent))
    except ExequaturError as error:
        if not wants_page():
            raise
        return _again(sent, error)


def _submission(sent: bytes) -> Submission:
    supported = (*MEDIA_TYPES, protocol.UPDATE, protocol.FORM)
    header = request.headers.get("Content-Type")
    media_type = protocol.read_media_type(header, supported=supported)
    given = protocol.read_parameters(request.query_string, where="the address")
    if media_type == protocol.FORM:
        given |= protocol.read_parameters(sent, where="the form")
        sent = protocol.single(given, "data").encode()
        media_type = _media_type(protocol.single(given, "syntax"))
    if media_type not in supported:
        raise UnsupportedMediaTypeError(
            f"{media_type} is not read here", supported=supported
        )
    if not sent.strip():
        raise BadRequestError("there is nothing to judge", advice="send some triples")
    return Submission(
        sent,
        MEDIA_TYPES.get(media_type),
        _graph(protocol.single(given, "graph")),
        given,
    )


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
    verdict = house().graph.validate(given.change())
    text = given.text.decode()
    if offer is PAGE:
        graph = given.graph.value if given.graph else ""
        syntax = given.syntax.name if given.syntax else UPDATE
        return _page(text, syntax, graph, verdict=verdict)
    return report(verdict, offer, {SOURCE: text})


def _again(sent: bytes, error: ExequaturError) -> Response:
    """Show the form with what was sent and why it could not be judged."""
    problem = problem_for(error)
    try:
        given = protocol.read_parameters(sent, where="the form")
        text, syntax = protocol.single(given, "data"), protocol.single(given, "syntax")
    except BadRequestError:
        text, syntax = "", "turtle"
    return _page(text, syntax, "", status=problem.status, problem=problem)


def _page(
    text: str,
    syntax: str,
    graph: str,
    *,
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
        syntaxes=SYNTAXES,
        verdict=verdict,
        problem=problem,
        **shown_findings(verdict, {SOURCE: text}),
    )
