"""Time spans as sources give them: to the day, the month or the year, or without."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

from bench.pages import day, english, plain, thing

if TYPE_CHECKING:
    from random import Random

    from bench.pages import Page, Thing, Values

_FIRST = date(1990, 1, 1)
_DAYS = 36 * 365


def any_day(chances: Random) -> date:
    """Return a day of the last decades."""
    return _FIRST + timedelta(days=chances.randrange(_DAYS))


def tell_day(page: Page, slug: str, when: date) -> Thing:
    """Write a time span that is one day."""
    bounds: dict[str, Values] = {
        "earliest": day(when.isoformat()),
        "latest": day(when.isoformat()),
    }
    return _tell(page, slug, when.isoformat(), _words(when), bounds)


def tell_days(page: Page, slug: str, start: date, days: int) -> Thing:
    """Write a time span of several days."""
    end = start + timedelta(days=days)
    edtf = f"{start}/{end}"
    bounds: dict[str, Values] = {
        "earliest": day(start.isoformat()),
        "latest": day(end.isoformat()),
        "startEdtf": plain(start.isoformat()),
        "endEdtf": plain(end.isoformat()),
    }
    return _tell(page, slug, edtf, f"{_words(start)} to {_words(end)}", bounds)


def tell_year(page: Page, slug: str, year: int) -> Thing:
    """Write a time span that is one year."""
    bounds: dict[str, Values] = {
        "earliest": day(f"{year}-01-01"),
        "latest": day(f"{year}-12-31"),
    }
    return _tell(page, slug, str(year), f"in {year}", bounds)


def tell_month(page: Page, slug: str, when: date) -> Thing:
    """Write a time span that is one month."""
    first = when.replace(day=1)
    last = (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)
    bounds: dict[str, Values] = {
        "earliest": day(first.isoformat()),
        "latest": day(last.isoformat()),
    }
    return _tell(page, slug, f"{when:%Y-%m}", f"in {when:%B %Y}", bounds)


def tell_without_year(page: Page, slug: str, when: date) -> Thing:
    """Write a time span whose source leaves the year open, so that it has no bounds."""
    return _tell(page, slug, f"XXXX-{when:%m-%d}", f"on {when.day} {when:%B}", {})


def _tell(
    page: Page, slug: str, edtf: str, wording: str, bounds: dict[str, Values]
) -> Thing:
    span = thing("TimeSpan", f"time-{slug}", f"time of {slug.replace('-', ' ')}")
    return page.tell(span, edtf=plain(edtf), dateWording=english(wording), **bounds)


def _words(when: date) -> str:
    return f"{when.day} {when:%B %Y}"
