"""`/validate`: would these triples be accepted? Nothing is written."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from flask import Blueprint, Response, request

from kg.answers import write_rdf
from kg.change import line_of, read_change
from kg.errors import ExequaturError
from kg.formats import Format, Kind, for_kind
from kg.names import things
from kg.prefixes import prefixes
from kg.report import Severity, report_json, report_sarif, report_triples
from kg.terms import NamedNode
from server import protocol
from server.context import accept, body, house, snapshot
from server.offers import JSON, PAGE, Offer, offers, select
from server.problems import BadRequestError, UnsupportedMediaTypeError
from server.responses import as_json, data, page, problem_for, wants_page

if TYPE_CHECKING:
    from kg.gate import Verdict
    from kg.names import Thing
    from kg.terms import Term

blueprint = Blueprint("validate", __name__)

SOURCE = "body"
SYNTAXES = for_kind(Kind.GRAPH)
MEDIA_TYPES: dict[str, Format] = {
    name: entry for entry in SYNTAXES for name in (entry.media_type, *entry.also)
}
SARIF = Offer("application/sarif+json", "sarif")
_REPORTS = (JSON, SARIF, *offers(SYNTAXES, page=True))


@dataclass(frozen=True, slots=True)
class Submission:
    """What a client wants judged; *graph* is for triples that are in none."""

    text: bytes
    syntax: Format
    graph: NamedNode | None
    format: str = ""


@blueprint.get("/validate")
def form() -> Response:
    """Show a form to paste triples into."""
    return _page("", "turtle", "")


@blueprint.post("/validate")
def judged() -> Response:
    """Judge the triples in the body; 200 whenever they could be judged."""
    sent = _sent()
    try:
        return _judged(_submission(sent))
    except ExequaturError as error:
        if not wants_page():
            raise
        return _again(sent, error)


def _sent() -> bytes:
    coding = request.headers.get("Content-Encoding", "identity").lower()
    if coding != "identity":
        raise UnsupportedMediaTypeError(
            f"the content coding {coding!r} is not read", advice="send it as it is"
        )
    return body()


def _submission(sent: bytes) -> Submission:
    supported = (*MEDIA_TYPES, protocol.FORM)
    header = request.headers.get("Content-Type")
    media_type = protocol.read_media_type(header, supported=supported)
    given = protocol.read_parameters(request.query_string, where="the address")
    if media_type == protocol.FORM:
        given |= protocol.read_parameters(sent, where="the form")
        sent = protocol.single(given, "data").encode()
        media_type = _media_type(protocol.single(given, "syntax"))
    if media_type not in MEDIA_TYPES:
        raise UnsupportedMediaTypeError(
            f"{media_type} is not read here", supported=supported
        )
    if not sent.strip():
        raise BadRequestError("there is nothing to judge", advice="send some triples")
    return Submission(
        sent,
        MEDIA_TYPES[media_type],
        _graph(protocol.single(given, "graph")),
        protocol.single(given, "format"),
    )


def _media_type(syntax: str) -> str:
    """Return the media type of the syntax that the form names."""
    known = {entry.name: entry.media_type for entry in SYNTAXES}
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
    offer = select(accept(), given.format, _REPORTS)
    change = read_change(
        given.text,
        given.syntax,
        source=SOURCE,
        graph=given.graph,
        base=house().settings.base,
    )
    verdict = house().graph.validate(change)
    if offer is PAGE:
        graph = given.graph.value if given.graph else ""
        return _page(given.text.decode(), given.syntax.name, graph, verdict=verdict)
    return _report(verdict, offer, given.text.decode())


def _report(verdict: Verdict, offer: Offer, text: str) -> Response:
    if offer.format is not None:
        triples = report_triples(verdict.findings)
        written = write_rdf(triples, offer.format, prefixes=prefixes())
        return data(written, offer.content_type)

    def place(term: Term) -> tuple[str, int] | None:
        line = line_of(text, term)
        return (SOURCE, line) if line else None

    if offer is SARIF:
        report = report_sarif(verdict.findings, place)
        return as_json(report, content_type=offer.media_type)
    counts = {
        "accepted": verdict.accepted,
        "added": len(verdict.change.added),
        "inferred": verdict.inferred,
        "notes": list(verdict.change.notes),
        "version": snapshot().version,
    }
    return as_json({**report_json(verdict.findings, place), **counts})


def _again(sent: bytes, error: ExequaturError) -> Response:
    """Show the form with what was sent and why it could not be judged."""
    problem = problem_for(error)
    try:
        given = protocol.read_parameters(sent, where="the form")
        text, syntax = protocol.single(given, "data"), protocol.single(given, "syntax")
    except BadRequestError:
        text, syntax = "", "turtle"
    return _page(text, syntax, "", status=problem.status, problem=problem)


def _known(terms: set[Term]) -> dict[Term, Thing]:
    """Return those of *terms* that the graph has, with their labels: safe to link."""
    here = snapshot()
    found = {t for t in terms if isinstance(t, NamedNode) and any(here.quads(t))}
    return things(here, found)


def _page(
    text: str,
    syntax: str,
    graph: str,
    *,
    status: int = 200,
    verdict: Verdict | None = None,
    problem: object = None,
) -> Response:
    findings = verdict.findings if verdict else ()
    terms = {f.focus for f in findings} | {f.value for f in findings if f.value}
    return page(
        "validate.html",
        status=status,
        text=text,
        syntax=syntax,
        graph=graph,
        syntaxes=SYNTAXES,
        verdict=verdict,
        violation=Severity.VIOLATION,
        lines={f.focus: line_of(text, f.focus) for f in findings},
        known=_known(terms),
        problem=problem,
    )
