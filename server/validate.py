"""`/validate` and `/submit`: what is sent is judged, or written if it is accepted.

Both read any way of writing. The first does nothing; the second takes a token, in the
header and nowhere else, so that no form of another site can write in its name.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import Blueprint, Response

from kg.errors import ExequaturError
from kg.lines import Places
from kg.names import things
from kg.terms import NamedNode
from server import access, listing, preconditions, protocol, reports, writes
from server.bodies import SYNTAXES
from server.context import accept, body, house
from server.offers import PAGE, select
from server.reports import REPORTS, report, shown_findings
from server.responses import as_json, page, problem_for, wants_page
from server.submissions import Asked, read_asked, read_submission

if TYPE_CHECKING:
    from kg.gate import Verdict
    from kg.names import Thing
    from server.problems import Problem

blueprint = Blueprint("validate", __name__)

MOST_SHOWN = 1_000_000
"""So many bytes are given back in the text field of the page."""

_MOST_NAMED = 20


@blueprint.get("/validate")
def form() -> Response:
    """Show a form to paste triples into, or to choose a file in."""
    return _page(None)


@blueprint.post("/validate")
def judged() -> Response:
    """Judge what writing the body would do; 200 if it could be judged."""
    access.require_validator()
    asked = read_asked(body())
    try:
        return _judged(asked)
    except ExequaturError as error:
        return _again(asked, error)


@blueprint.post("/submit")
def submitted() -> Response:
    """Write what the body has, if the token allows it and the gate accepts it."""
    token = access.writer()
    asked = read_asked(body())
    try:
        submission = read_submission(asked)
        verdict, version = writes.write(
            submission.make, token, message=protocol.read_message(asked.given)
        )
    except ExequaturError as error:
        return _again(asked, error)
    if not wants_page():
        if not verdict.accepted:
            return reports.rejected(verdict, submission.places)
        return as_json(reports.accepted_json(verdict, version, submission.places))
    if not verdict.accepted:
        return _page(asked, submission.places, verdict=verdict, status=422)
    return _page(asked, submission.places, verdict=verdict, version=version)


def _judged(asked: Asked) -> Response:
    submission = read_submission(asked)
    offer = select(accept(), protocol.formats(asked.given), REPORTS)
    strict = protocol.is_true(asked.given, "strict") or preconditions.is_strict()
    verdict = writes.judged(submission.make, strict=strict)
    if offer is PAGE:
        return _page(asked, submission.places, verdict=verdict)
    return report(verdict, offer, submission.places)


def _again(asked: Asked, error: ExequaturError) -> Response:
    """Show the form with what was sent and why it could not be judged."""
    if not wants_page():
        raise error
    problem = problem_for(error)
    response = _page(asked, problem=problem, status=problem.status)
    response.headers.update(getattr(error, "headers", {}))
    return response


def _page(
    asked: Asked | None,
    places: Places | None = None,
    *,
    verdict: Verdict | None = None,
    version: int = 0,
    problem: Problem | None = None,
    status: int = 200,
) -> Response:
    shown = shown_findings(verdict, places or Places({}))
    values = _fields(asked)
    if asked and asked.pasted and problem:
        shown["listings"] = listing.of_problem(asked.pasted.name, asked.text, problem)
    return page(
        "validate.html",
        status=status,
        syntaxes=SYNTAXES,
        verdict=verdict,
        version=version,
        added=_named(verdict) if version and verdict else [],
        problem=problem,
        most=house().settings.max_body_bytes,
        has_tokens=bool(house().tokens.tokens()),
        guessed=asked.guessed if asked else None,
        **values,
        **shown,
    )


def _fields(asked: Asked | None) -> dict[str, Any]:
    """Return what the fields of the form hold; a token is none of them."""
    names = ("syntax", "graph", "message")
    given = asked.given if asked else {}
    found: dict[str, Any] = {name: (given.get(name) or [""])[0] for name in names}
    found["verb"] = asked.verb if asked else ""
    found["is_long"] = asked is not None and len(asked.data) > MOST_SHOWN
    found["text"] = asked.text if asked and not found["is_long"] else ""
    pasted = asked.pasted if asked else None
    found["name"] = pasted.name if pasted and pasted.is_file else ""
    return found


def _named(verdict: Verdict) -> list[Thing]:
    """Return the things of which *verdict* lets something be added, as they are now."""
    subjects = {quad.subject for quad in verdict.change.added}
    named = sorted((s for s in subjects if isinstance(s, NamedNode)), key=str)
    found = things(house().graph.snapshot(), named[:_MOST_NAMED])
    return [found[one] for one in named[:_MOST_NAMED] if one in found]
