"""What a date in EDTF leaves open: from which day to which it may reach.

Only what occurs in the graph is read: years, months and days with digits left open
(`202X`, `XXXX-05`), seasons (`2024-22`), marks of doubt, intervals with an open end.
"""

from __future__ import annotations

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

YEARLESS = 2000
"""The year, a leap year, in which dates are kept whose year no source states."""

_POINT = re.compile(
    r"(?P<year>\d{4}|\d{3}X|\d\dXX|XXXX)(?:-(?P<month>\d\d|XX)(?:-(?P<day>\d\d|XX))?)?"
    r"(?P<doubt>[?~%]*)"
)
_OPEN = ("", "..")
_SEASONS, _WINTER = ("21", "22", "23", "24"), "24"
_DAY, _DIGITS = len("2024-05-31"), frozenset("0123456789")


@dataclass(frozen=True, slots=True)
class Reach:
    """From which day to which; None where that is open.

    It *lasts* where a source gives both ends, and otherwise lies somewhere in between.
    """

    first: date | None
    last: date | None
    lasts: bool = False
    is_yearless: bool = False
    is_doubtful: bool = False

    @property
    def is_day(self) -> bool:
        """Tell whether there is nothing open about it."""
        return self.first is not None and self.first == self.last


def reach(edtf: str) -> Reach | None:
    """Return what *edtf* leaves open, None where this program cannot tell."""
    if len(edtf) == _DAY and edtf[0] in _DIGITS:  # most are days, and there are many
        day = _iso(edtf)
        if day:
            return Reach(day, day)
    start, slash, end = edtf.partition("/")
    if not slash:
        return _point(start)
    one, other = _end(start), _end(end)
    if one is None or other is None:
        return None
    both = [found for found in (one, other) if found.first]
    if not both or len({found.is_yearless for found in both}) > 1:
        return None
    if one.first and other.last and one.first > other.last:
        return None
    return Reach(
        one.first,
        other.last,
        lasts=True,
        is_yearless=both[0].is_yearless,
        is_doubtful=any(found.is_doubtful for found in both),
    )


def _iso(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _end(text: str) -> Reach | None:
    return Reach(None, None) if text in _OPEN else _point(text)


@lru_cache(maxsize=4096)
def _point(text: str) -> Reach | None:
    match = _POINT.fullmatch(text)
    if match is None:
        return None
    year, month, day = (
        "" if "X" in (match[name] or "X") and name != "year" else match[name]
        for name in ("year", "month", "day")
    )
    try:
        days = _yearless(month, day) if year == "XXXX" else _days(year, month, day)
    except ValueError:
        return None
    if days is None:
        return None
    return Reach(*days, is_yearless=year == "XXXX", is_doubtful=bool(match["doubt"]))


def _yearless(month: str, day: str) -> tuple[date, date] | None:
    if not month or month in _SEASONS:
        return None
    return _days(str(YEARLESS), month, day)


def _days(year: str, month: str, day: str) -> tuple[date, date] | None:
    """Return the first and the last day that may be meant; raise ValueError."""
    low, high = int(year.replace("X", "0")), int(year.replace("X", "9"))
    if not month:
        return None if day else (date(low, 1, 1), date(high, 12, 31))
    if low != high:
        return None
    if month in _SEASONS and not day:
        # The hemisphere tells which months; a winter may end in the next year.
        end = date(low + 1, 3, 1) - timedelta(days=1)
        return date(low, 1, 1), end if month == _WINTER else date(low, 12, 31)
    if day:
        return (date(low, int(month), int(day)),) * 2
    last = monthrange(low, int(month))[1]
    return date(low, int(month), 1), date(low, int(month), last)
