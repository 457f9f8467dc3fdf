"""`/timeline`: what is dated, drawn as what its date is, and listed with passages."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from flask import Blueprint, Response, request, url_for
from markupsafe import Markup

from kg.paging import Page
from kg.pictures.events import MOST_EVENTS, Choice, timeline
from kg.pictures.timeline import drawn, when
from kg.terms import Literal
from server import filters, paging, protocol
from server.context import accept, house, snapshot
from server.filters import AFTER, BEFORE, STATE, SUBJECT, Option
from server.offers import JSON, PAGE, select
from server.problems import BadRequestError
from server.responses import address, as_json, page

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from kg.parameters import Parameter
    from kg.pictures.events import Dated, Timeline

    Given = Mapping[str, list[str]]

blueprint = Blueprint("timeline", __name__)

MOST = 200
"""A page draws so many things at most."""

_MOST_YEARS = 150
_SITUATIONS = ("Tenure", "Stance", "Cooperation", "Dispute", "BilateralRelations")
_NAMES = ("state", "subject", "kind", "after", "before")


@blueprint.get("/timeline")
def shown() -> Response:
    """Show what is dated, by state, subject and kind, as a page or as JSON."""
    given = protocol.read_parameters(request.query_string, where="the address")
    offer = select(accept(), protocol.formats(given), (JSON, PAGE))
    filters.require_known(given, _NAMES)
    kinds = _kinds()
    chosen = Choice(
        filters.node_of(given, STATE),
        filters.node_of(given, SUBJECT),
        filters.word_of(given, "kind", [kind.value for kind in kinds]),
        _day(given, AFTER),
        _day(given, BEFORE),
    )
    asked = _page(given)
    found = timeline(snapshot(), chosen, most=asked.limit, skip=asked.offset)
    if offer is JSON:
        return as_json(_told(found))
    return _as_page(given, found, asked, kinds)


def _as_page(
    given: Given, found: Timeline, asked: Page, kinds: list[Option]
) -> Response:
    links = house().links.href
    return page(
        "timeline.html",
        found=found,
        wide=Markup(drawn(found, links).svg()),  # noqa: S704 its texts are escaped
        narrow=Markup(drawn(found, links, is_narrow=True).svg()),  # noqa: S704
        given={name: protocol.single(given, name).strip() for name in _NAMES},
        states=filters.options(STATE),
        subjects=filters.options(SUBJECT),
        kinds=kinds,
        years=_years(given, found),
        pages=paging.page_links(given, asked, found.total, _address),
        first=asked.offset + 1,
        when=when,
    )


def _kinds() -> list[Option]:
    """Return the classes of what may be dated, the widest first."""
    events = filters.kinds_below("Event")
    texts = filters.kinds_below("InformationObject")
    wide = [Option("Event", "any event"), Option("InformationObject", "any text")]
    situations = [o for o in filters.kinds_below("Situation") if o.value in _SITUATIONS]
    return [*wide, *events, *texts, *situations]


def _day(given: Given, parameter: Parameter) -> date | None:
    found = filters.term_of(given, parameter)
    return date.fromisoformat(found.value) if isinstance(found, Literal) else None


def _page(given: Given) -> Page:
    asked = paging.read_page(given) or Page(MOST_EVENTS)
    if not protocol.single(given, "limit").strip():
        number = protocol.single(given, "page").strip()
        offset = (int(number) - 1) * MOST_EVENTS if number else asked.offset
        return Page(MOST_EVENTS, offset)
    if asked.limit > MOST:
        raise BadRequestError(
            f"{asked.limit} is too much for a picture",
            where="parameter limit",
            advice=f"give {MOST} or less, and turn the pages",
        )
    return asked


def _address(given: Given) -> str:
    return address(url_for("timeline.shown"), {**given})


def _years(given: Given, found: Timeline) -> list[dict[str, Any]]:
    """Return the years with how much begins in them, and where only that is shown."""
    most = max((count for _, count in found.years), default=1)
    kept = {
        name: values
        for name, values in given.items()
        if name not in (*paging.NAMES, "after", "before")
    }
    return [
        {
            "year": year,
            "count": count,
            "share": count / most,
            "href": _address(
                {
                    **kept,
                    "after": [f"{year:04}-01-01"],
                    "before": [f"{year:04}-12-31"],
                }
            ),
        }
        for year, count in _with_gaps(found.years)
    ]


def _with_gaps(years: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return *years* with those between them, where they are not too far apart."""
    counts = dict(years)
    first, last = min(counts, default=0), max(counts, default=0)
    if last - first > _MOST_YEARS:
        return list(years)
    return [(year, counts.get(year, 0)) for year in range(first, last + 1)]


def _told(found: Timeline) -> dict[str, object]:
    return {
        "total": found.total,
        "placed": [_one(one) for one in found.placed],
        "yearless": [_one(one) for one in found.yearless],
        "undated": [_one(one) for one in found.undated],
    }


def _one(one: Dated) -> dict[str, object]:
    known = one.reach if one.reach and not one.reach.is_yearless else None
    return {
        "iri": one.thing.term.value,
        "label": one.thing.label,
        "kind": one.kind.label,
        "wording": one.wording,
        "edtf": one.edtf,
        "weekday": one.weekday,
        "earliest": known.first.isoformat() if known and known.first else None,
        "latest": known.last.isoformat() if known and known.last else None,
        "passages": [passage.graph.value for passage in one.passages],
    }
