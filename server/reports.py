"""What the gate said of a change, in the form that the client reads."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from flask import Response, url_for

from kg.answers import write_rdf
from kg.names import things
from kg.prefixes import prefixes
from kg.report import Severity, report_json, report_sarif, report_triples
from kg.terms import NamedNode
from server import listing
from server.bodies import SYNTAXES
from server.context import accept, request_id, snapshot
from server.hooks import VERSION
from server.negotiation import choose
from server.offers import JSON, PAGE, Offer, offers
from server.problems import Problem
from server.responses import PROBLEM, as_json, data, page

if TYPE_CHECKING:
    from kg.gate import Verdict
    from kg.lines import Places
    from kg.names import Thing
    from kg.terms import Term

SARIF = Offer("application/sarif+json", "sarif")
REPORTS = (JSON, SARIF, *offers(SYNTAXES, page=True))
_REFUSED = Offer(PROBLEM, "problem")
_REJECTIONS = (_REFUSED, *REPORTS)


def report(verdict: Verdict, offer: Offer, places: Places) -> Response:
    """Send the findings of *verdict*, judged without being made, as *offer* has it."""
    counts = {"accepted": verdict.accepted, **counts_of(verdict, snapshot().version)}
    return _written(verdict, offer, places, counts)


def rejected(verdict: Verdict, places: Places) -> Response:
    """Answer 422: the change was not made, and why; whatever the client accepts."""
    number = sum(f.severity is Severity.VIOLATION for f in verdict.findings)
    problem = Problem(
        status=HTTPStatus.UNPROCESSABLE_ENTITY,
        kind="rejected",
        detail=f"{number} violation{'' if number == 1 else 's'}: nothing was changed",
        advice="mend what the results name, and send it again",
        request=request_id(),
    )
    chosen = choose(accept(), [offer.media_type for offer in _REJECTIONS])
    offer = next((o for o in _REJECTIONS if o.media_type == chosen), _REFUSED)
    if offer is PAGE:
        shown = shown_findings(verdict, places)
        response = page("rejected.html", problem=problem, verdict=verdict, **shown)
    elif offer is _REFUSED:
        members = problem.members(types=url_for("pages.problems"))
        content = members | report_json(verdict.findings, places.locate)
        response = as_json(content, content_type=PROBLEM)
    else:
        response = _written(verdict, offer, places, {"accepted": False})
    response.status_code = problem.status
    return response


def counts_of(verdict: Verdict, version: int) -> dict[str, Any]:
    """Return how much a change did or would do, for programs."""
    return {
        "version": version,
        "added": len(verdict.change.added),
        "removed": len(verdict.change.removed),
        "inferred": verdict.inferred,
        "repaired": verdict.repaired,
        "notes": list(verdict.change.notes),
    }


def accepted_json(verdict: Verdict, version: int, places: Places) -> dict[str, Any]:
    """Return what to tell a program of a change that was made."""
    told = report_json(verdict.findings, places.locate)
    return {"accepted": True, **counts_of(verdict, version), **told}


def shown_findings(verdict: Verdict | None, places: Places) -> dict[str, Any]:
    """Return what a page needs to show the findings, beside the lines of the texts."""
    findings = verdict.findings if verdict else ()
    terms = {f.focus for f in findings} | {f.value for f in findings if f.value}
    found = [places.locate(finding) for finding in findings]
    listings = listing.of_findings(places.texts, findings, found) if verdict else []
    return {
        "places": found,
        "listings": listings,
        "keys": {one.name: one.key for one in listings},
        "known": _known(terms),
    }


def _written(
    verdict: Verdict, offer: Offer, places: Places, counts: dict[str, Any]
) -> Response:
    if offer.format is not None:
        triples = report_triples(verdict.findings)
        written = write_rdf(triples, offer.format, prefixes=prefixes())
        return data(written, offer.content_type)
    place = places.locate
    if offer is SARIF:
        log = report_sarif(verdict.findings, place, version=VERSION)
        return as_json(log, content_type=offer.media_type)
    return as_json({**report_json(verdict.findings, place), **counts})


def _known(terms: set[Term]) -> dict[Term, Thing]:
    """Return those of *terms* that the graph has, with their labels: safe to link."""
    here = snapshot()
    found = {t for t in terms if isinstance(t, NamedNode) and any(here.quads(t))}
    return things(here, found)
