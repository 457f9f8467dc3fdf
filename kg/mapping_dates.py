"""Dates in the cells of tables, in EDTF, and the spans between two of them."""

from __future__ import annotations

import re
from calendar import monthrange
from typing import TYPE_CHECKING

from kg.text_dates import Dated, dates

if TYPE_CHECKING:
    from collections.abc import Mapping

DATE_PARTS = ("edtf", "start", "end", "earliest", "latest")
OPEN = frozenset({"..", "present", "incumbent"})
"""What a cell says of a time that has not ended: EDTF level 1, open interval."""

_MIDNIGHT = re.compile(r"(?<=\d)[ T]00:00(?::00(?:\.0+)?)?Z?$")
"""What spreadsheets and databases put behind a date that has no time."""

_MONTH = re.compile(r"(\d{4})-(0[1-9]|1[0-2])")


class CellError(ValueError):
    """A cell does not hold what its column is to hold: that column, and why."""


def read_date(name: str, text: str) -> dict[str, str]:
    """Return the DATE_PARTS of the date *text*; raise CellError where it is none."""
    text = _MIDNIGHT.sub("", text)
    found = _month(text) or next(iter(dates(text)), None)
    if found is None or found.wording != text or not found.edtf:
        raise CellError(
            name, f"{text!r} is no date; write it as 2024-03-12, 2024-03 or 2024"
        )
    if found.may_be_two:
        raise CellError(
            name, f"{text!r} may be one of two days; write it as 2024-03-12"
        )
    parts = (found.edtf, found.start_edtf, found.end_edtf, found.earliest, found.latest)
    return dict(zip(DATE_PARTS, parts, strict=True))


def span(begins: str, ends: str, record: Mapping[str, str], key: str) -> dict[str, str]:
    """Return the parts of the interval between two dates of *record*, under *begins*.

    An end that is not stated is unknown, which is not the same as open. Raise CellError
    where a date is an interval already, or the end before the beginning.
    """
    since, until = record[f"{begins}.edtf"], record[f"{ends}.edtf"]
    for name in (begins, ends):
        if record[f"{name}.start"] or record[f"{name}.end"]:
            raise CellError(name, f"{record[name]!r} is not one date")
    first, last = record[f"{begins}.earliest"], record[f"{ends}.latest"]
    if first and last and last < first:
        raise CellError(ends, f"{record[ends]!r} is before {record[begins]!r}")
    there = bool(since or until)
    parts = (
        f"{since}/{until}" if there else "",
        since,
        "" if until == ".." else until,
        first,
        last,
    )
    made = {
        f"{begins}.{part}": one for part, one in zip(DATE_PARTS, parts, strict=True)
    }
    return {**made, f"{begins}.of": key if there else ""}


def _month(text: str) -> Dated | None:
    match = _MONTH.fullmatch(text)
    if match is None or not int(match[1]):
        return None
    days = monthrange(int(match[1]), int(match[2]))[1]
    return Dated(0, text, text, "", "", f"{text}-01", f"{text}-{days:02}")
