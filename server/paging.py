"""Pages of a table over HTTP: `limit`, `offset`, `page`, and the links between them.

Links as RFC 8288 has them, with the relations first, prev, next and last; no Flask.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from kg.paging import MOST_ROWS, Page
from server import protocol
from server.problems import BadRequestError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

NAMES = ("limit", "offset", "page")
"""The parameters that choose a page."""

USUAL_ROWS = 100
"""A page has so many rows where the address does not say."""

_NUMBER = re.compile(r"[0-9]{1,9}")


def read_page(given: Mapping[str, list[str]]) -> Page | None:
    """Return the page that the address asks for, None where it asks for none.

    Raise BadRequestError where a number does not fit.
    """
    limit = _number(given, "limit", least=1, most=MOST_ROWS)
    offset = _number(given, "offset", least=0)
    page = _number(given, "page", least=1)
    if limit is None and offset is None and page is None:
        return None
    if offset is not None and page is not None:
        raise BadRequestError(
            "both offset and page say where to begin", advice="give one of them"
        )
    rows = limit or USUAL_ROWS
    return Page(rows, (page - 1) * rows if page else offset or 0)


def page_links(
    given: Mapping[str, list[str]],
    page: Page,
    total: int,
    href: Callable[[Mapping[str, list[str]]], str],
) -> dict[str, str]:
    """Return the addresses of the other pages by their relation to this one."""
    last = max(0, (total - 1) // page.limit * page.limit)
    offsets = {"first": 0, "last": last}
    if page.offset > 0:
        offsets["prev"] = max(0, min(page.offset - page.limit, last))
    if page.offset + page.limit < total:
        offsets["next"] = page.offset + page.limit
    return {
        relation: href(_turned(given, page, offset))
        for relation, offset in sorted(offsets.items())
    }


def _turned(
    given: Mapping[str, list[str]], page: Page, offset: int
) -> dict[str, list[str]]:
    """Return the parameters for the page that begins at *offset*."""
    kept = {name: values for name, values in given.items() if name not in NAMES}
    kept["limit"] = [str(page.limit)]
    if "page" in given and offset % page.limit == 0:
        kept["page"] = [str(offset // page.limit + 1)]
    else:
        kept["offset"] = [str(offset)]
    return kept


def _number(
    given: Mapping[str, list[str]], name: str, *, least: int, most: int | None = None
) -> int | None:
    text = protocol.single(given, name).strip()
    if not text:
        return None
    number = int(text) if _NUMBER.fullmatch(text) else -1
    if number < least or (most is not None and number > most):
        wanted = f"from {least} to {most}" if most else f"of at least {least}"
        raise BadRequestError(
            f"{text[:20]!r} does not fit",
            where=f"parameter {name}",
            advice=f"give a whole number {wanted}",
        )
    return number
