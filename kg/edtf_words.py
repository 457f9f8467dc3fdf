"""Dates in EDTF told in words, where the notation is not plain by itself."""

from __future__ import annotations

import re

_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August",
    "September", "October", "November", "December",
)  # fmt: skip
_SEASONS = {"21": "spring", "22": "summer", "23": "autumn", "24": "winter"}
_POINT = re.compile(
    r"(?P<year>\d{4}|\d{3}X|\d\dXX|XXXX)(?:-(?P<month>0[1-9]|1[0-2]|2[1-4]|XX)"
    r"(?:-(?P<day>[0-3]\d|XX))?)?(?P<doubt>[?~%]?)"
)
_DOUBT = {"": "", "?": "perhaps ", "~": "about ", "%": "perhaps about "}
_OPEN = ("", "..")
_YEARLESS = " of a year not stated"


def in_words(edtf: str) -> str:
    """Return what *edtf* says to a reader; it itself where that is plain, or unknown.

    A year, a month and a day in figures are plain: `2024`, `2024-05`, `2024-05-31`.
    """
    start, slash, end = edtf.partition("/")
    if not slash:
        return _one(start) or edtf
    if start in _OPEN and end in _OPEN:
        return edtf
    first, last = ("" if part in _OPEN else _one(part) for part in (start, end))
    if not all((first or start in _OPEN, last or end in _OPEN)):
        return edtf
    if not first or not last:
        return f"until {last}" if last else f"from {first} on"
    return f"{_shared(first, last)} to {last}"


def _one(text: str) -> str:
    """Return a date that is no interval in words, "" where it cannot be told."""
    match = _POINT.fullmatch(text)
    if match is None:
        return ""
    year, month, day = (match[name] or "" for name in ("year", "month", "day"))
    found = text.rstrip("?~%")
    if month in _SEASONS:
        found = _season(year, month, day)
    elif year == "XXXX":
        found = _yearless(month, day)
    elif "X" in year:
        found = _some_year(year) if month in ("", "XX") and day in ("", "XX") else ""
    elif month == "XX":
        found = year if day in ("", "XX") else ""
    elif day == "XX":
        found = f"{_MONTHS[int(month) - 1]} {year}"
    return found and f"{_DOUBT[match['doubt']]}{found}"


def _season(year: str, month: str, day: str) -> str:
    if day or (year != "XXXX" and "X" in year):
        return ""
    return f"{_SEASONS[month]}{_YEARLESS if year == 'XXXX' else f' {year}'}"


def _yearless(month: str, day: str) -> str:
    if month in ("", "XX"):
        return ""
    name = f"{_MONTHS[int(month) - 1]}{_YEARLESS}"
    return name if day in ("", "XX") else f"{int(day)} {name}"


def _some_year(year: str) -> str:
    if year.endswith("XX"):
        return f"{year[:2]}00 to {year[:2]}99"
    return f"the {year[:3]}0s"


def _shared(first: str, last: str) -> str:
    """Return *first* without what it ends with as *last* does, from the month on."""
    if not (first.endswith(_YEARLESS) and last.endswith(_YEARLESS)):
        return first
    first = first.removesuffix(_YEARLESS)
    day, _, month = first.partition(" ")
    return day if month and f"{month}{_YEARLESS}" in last else first
