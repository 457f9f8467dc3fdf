"""`/queries/<name>/evidence`: what makes the rows of an answer true."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, Response

from kg.row_evidence_forms import MOST_ROWS, absences, answer_evidence_json
from server import paging, protocol
from server.answering import row_evidence
from server.beside import StillAtWorkError
from server.context import accept, house
from server.offers import JSON, PAGE, select
from server.problems import BadRequestError, NotFoundError
from server.question import ROW, Question, parameters
from server.responses import address, as_json, page

if TYPE_CHECKING:
    from kg.row_evidence import AnswerEvidence
    from server.protocol import Parameters

blueprint = Blueprint("evidence", __name__)

USUAL_ROWS = 20
"""The evidence of so many rows is told where the address does not say."""


@blueprint.get("/queries/<name>/evidence")
def told(name: str) -> Response:
    """Tell what makes the rows of a saved query's answer true, or one of them."""
    asked = Question(house().graph.queries[name], parameters())
    offer = select(accept(), protocol.formats(asked.given), (JSON, PAGE))
    row = _row(asked.given)
    first, rows = (0, _rows(asked)) if row is None else (row - 1, 1)
    shown = asked.shown if row is not None else asked.shown_and_more(1)
    try:
        found = row_evidence(
            asked.text,
            shown=shown,
            first=first,
            rows=rows,
            timeout=asked.timeout,
            is_page=offer is PAGE,
        )
    except StillAtWorkError:
        return page("pending.html", status=202, title=asked.saved.summary)
    if row is not None and not found.rows:
        raise NotFoundError(
            f"the answer has no row {row}",
            advice=f"see the rows at {asked.href(asked.without(ROW, 'format'))}",
        )
    pages = {} if row is not None else _pages(asked, found)
    response = (
        as_json(answer_evidence_json(found))
        if offer is JSON
        else _as_page(asked, found, row, pages)
    )
    links = [f'<{href}>; rel="{relation}"' for relation, href in pages.items()]
    if links:
        response.headers["Link"] = ", ".join(links)
    return response


def _row(given: Parameters) -> int | None:
    """Return which row is asked for, counted from 1, None where it is not one alone."""
    text = protocol.single(given, ROW).strip()
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and 0 < int(text[:12]) < 10**9):
        raise BadRequestError(
            f"{text[:20]!r} is not the number of a row",
            where=f"parameter {ROW}",
            advice="give a whole number; the first row is 1",
        )
    return int(text)


def _rows(asked: Question) -> int:
    """Return how many rows are told of."""
    rows = asked.page.limit if asked.page else USUAL_ROWS
    if rows > MOST_ROWS:
        raise BadRequestError(
            f"the evidence of {rows} rows is too much at once",
            where="parameter limit",
            advice=f"give {MOST_ROWS} or less, and turn the pages",
        )
    return rows


def _as_page(
    asked: Question, found: AnswerEvidence, row: int | None, pages: dict[str, str]
) -> Response:
    first = row or (asked.page.offset if asked.page else 0) + 1
    return page(
        "evidence.html",
        query=asked.saved,
        found=found,
        row=row,
        first=first,
        absences=absences,
        pages=pages,
        answer=asked.href(asked.without(ROW, "format")),
        all_rows=asked.evidence(),
        as_json=asked.evidence_as_json(row),
    )


def _pages(asked: Question, found: AnswerEvidence) -> dict[str, str]:
    """Return the addresses of the rows before these, and after them."""
    limit = asked.page.limit if asked.page else USUAL_ROWS
    offset = asked.page.offset if asked.page else 0
    offsets = {}
    if offset > 0:
        offsets["prev"] = max(0, offset - limit)
    if found.is_cut:
        offsets["next"] = offset + limit
    base, _, _ = asked.evidence().partition("?")
    kept = asked.without("format", *paging.NAMES)
    return {
        relation: address(base, {**kept, "limit": [str(limit)], "offset": [str(at)]})
        for relation, at in offsets.items()
    }
