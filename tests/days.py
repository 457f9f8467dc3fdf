"""Which days a date covers, reckoned with the calendar."""

from __future__ import annotations

import calendar
import re

_DATE = re.compile(r"(\d{4}|XXXX)(?:-(\d\d)(?:-(\d\d))?)?")


def expected_bounds(text: str) -> dict[str, set[str]] | None:
    """Return what follows from a date or interval; None where it is neither."""
    parts = text.split("/")
    first, last = day_bounds(parts[0]), day_bounds(parts[-1])
    if len(parts) > 2 or first is None or last is None:
        return None
    interval = len(parts) == 2
    return {
        "earliest": {first[0]} - {""},
        "latest": {last[1]} - {""},
        "startEdtf": {parts[0]} if interval else set(),
        "endEdtf": {parts[1]} if interval else set(),
    }


def day_bounds(text: str) -> tuple[str, str] | None:
    """Return first and last day, empty where the year is open; None if no date."""
    match = _DATE.fullmatch(text)
    if not match:
        return None
    year, month, day = match[1], match[2] or "", match[3] or ""
    any_year = 2000 if year == "XXXX" else int(year)
    if any_year == 0 or (month and not 1 <= int(month) <= 12):
        return None
    days = calendar.monthrange(any_year, int(month or 12))[1]
    if day and not 1 <= int(day) <= days:
        return None
    if year == "XXXX":
        return "", ""
    first = f"{year}-{month or '01'}-{day or '01'}"
    return first, f"{year}-{month or '12'}-{day or days}"
