"""Dates that a text names, in EDTF, as far as the wording tells them."""

from __future__ import annotations

import re
from calendar import monthrange
from dataclasses import dataclass

MONTHS = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
]
WEEKDAYS = (
    "Monday",
    "Tuesday",
    "Wednesday",
    "Thursday",
    "Friday",
    "Saturday",
    "Sunday",
)

_MONTH = (
    "(?:January|February|March|April|May|June|July|August|September|October|November"
    r"|December|(?:Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept|Sep|Oct|Nov|Dec)\.?)"
)
_DAY = r"(?:3[01]|[12]\d|0?[1-9])(?:st|nd|rd|th)?(?!\d)"
_YEAR = r"(?:1[5-9]|20)\d\d(?!\d)"
_ON = rf"(?:(?P<weekday>{'|'.join(WEEKDAYS)}),?\s+(?:the\s+)?)?"
_SOME = (
    "(?:an?|one|two|three|four|five|six|seven|eight|nine|ten|a few|several"
    r"|[1-9]\d?)"
)
_TO = r"\s*(?:to|until|through|–|—|-)\s*"
_PATTERNS = tuple(
    re.compile(pattern)
    for pattern in (
        r"(?<![\d-])(?P<y1>\d{4})-(?P<n1>\d\d)-(?P<d1>\d\d)(?![\d-])",
        rf"(?:[Ff]rom\s+)?\b(?P<m1>{_MONTH})\s+(?P<d1>{_DAY}){_TO}"
        rf"(?:(?P<m2>{_MONTH})\s+)?(?P<d2>{_DAY})(?:,?\s+(?P<y1>{_YEAR}))?",
        rf"(?:[Ff]rom\s+)?\b(?P<d1>{_DAY}){_TO}(?P<d2>{_DAY})\s+"
        rf"(?P<m1>{_MONTH})(?:,?\s+(?P<y1>{_YEAR}))?",
        rf"\b{_ON}(?P<m1>{_MONTH})\s+(?P<d1>{_DAY})(?:,?\s+(?P<y1>{_YEAR}))?",
        rf"\b{_ON}(?P<d1>{_DAY})\s+(?:of\s+)?(?P<m1>{_MONTH})\b"
        rf"(?:,?\s+(?P<y1>{_YEAR}))?",
        rf"\b(?:(?:[Ee]arly|[Ll]ate|[Mm]id)[ -])?(?P<m1>{_MONTH})\s+(?P<y1>{_YEAR})",
        rf"\b(?:(?:[Ee]arly|[Ll]ate|[Mm]id|[Ll]ast|[Nn]ext|[Tt]his)[ -])+"
        rf"(?P<m1>{_MONTH})\b",
        rf"(?<=\b[Ii]n )(?P<m1>{_MONTH})\b|(?<=\b[Ss]ince )(?P<m3>{_MONTH})\b",
        rf"[Ff]rom\s+(?P<y1>{_YEAR}){_TO}(?P<y2>{_YEAR})",
        r"\b(?:the\s+)?(?P<decade>(?:1[5-9]|20)\d)0s\b",
        rf"(?<![\w$€£.,/-])(?P<y1>{_YEAR})(?![\w%/]|[.,]\d)",
        rf"\b(?:(?:[Ll]ast|[Nn]ext|[Tt]his)\s+)?(?P<weekday>{'|'.join(WEEKDAYS)})\b",
        r"\b(?:[Yy]esterday|[Tt]omorrow|(?:[Ll]ast|[Nn]ext|[Tt]his)"
        r" (?:week|month|year))\b",
        rf"(?i:\b{_SOME}\s+(?:day|week|month|year)s?\s+(?:ago|before|earlier|later))\b",
        r"(?i:\bthe\s+(?:same|next|following|previous)\s+(?:day|week|month|year))\b",
    )
)


@dataclass(frozen=True, slots=True)
class Dated:
    """A date in a text: its *wording*, and what of a date follows from that alone.

    Without a year there is no *earliest* and no *latest*. A weekday alone has no
    *edtf*, nor has what is told from another day, as "a week later".
    """

    start: int
    wording: str
    edtf: str = ""
    start_edtf: str = ""
    end_edtf: str = ""
    earliest: str = ""
    latest: str = ""
    weekday: str = ""


def dates(text: str) -> list[Dated]:
    """Return the dates that *text* names, in order; of overlapping ones the widest."""
    found: list[Dated] = []
    taken = bytearray(len(text))
    for pattern in _PATTERNS:
        for match in pattern.finditer(text):
            dated = _dated(match)
            if any(taken[match.start() : match.end()]):
                continue
            taken[match.start() : match.end()] = b"x" * len(match.group())
            if dated is not None:
                found.append(dated)
    return sorted(found, key=lambda dated: dated.start)


def _dated(match: re.Match[str]) -> Dated | None:
    """Return what *match* says; None where there is no such day."""
    parts = match.groupdict()
    wording = " ".join(match.group().split())
    if parts.get("decade"):
        ten = parts["decade"]
        return Dated(
            match.start(), wording, f"{ten}X",
            earliest=f"{ten}0-01-01", latest=f"{ten}9-12-31",
        )  # fmt: skip
    weekday = parts.get("weekday") or ""
    if weekday and not parts.get("d1"):
        return Dated(match.start(), wording, weekday=weekday)
    first = _edtf(parts, "1", parts)
    last = _edtf(parts, "2", {**parts, "m1": parts.get("m2") or parts.get("m1")})
    if first is None or last is None:
        return None
    bounds = _bounds(first, last or first)
    if bounds[0] > bounds[1]:
        return None
    if last:
        return Dated(match.start(), wording, f"{first}/{last}", first, last, *bounds)
    return Dated(match.start(), wording, first, "", "", *bounds, weekday)


def _edtf(
    parts: dict[str, str | None], which: str, given: dict[str, str | None]
) -> str | None:
    """Return the date of one end; "" where it names none, None where there is none."""
    day, own_year = parts.get(f"d{which}"), parts.get(f"y{which}")
    if which == "2" and not (day or own_year):
        return ""
    year = own_year or given.get("y1")
    month = _month(given)
    if month is None:
        return year or ""
    if not 1 <= month <= 12:
        return None
    known = int(year) if year and int(year) else 2000
    text = f"{year or 'XXXX'}-{month:02}"
    if day is None:
        return text
    number = int(re.sub(r"\D", "", day))
    return f"{text}-{number:02}" if 1 <= number <= monthrange(known, month)[1] else None


def _month(parts: dict[str, str | None]) -> int | None:
    name = parts.get("m1") or parts.get("m3")
    if name:
        return next(
            place
            for place, month in enumerate(MONTHS, start=1)
            if month.startswith(name.rstrip(".").lower()[:3])
        )
    return int(parts["n1"] or 0) if parts.get("n1") else None


def _bounds(first: str, last: str) -> tuple[str, str]:
    """Return the earliest and the latest day; nothing where a year is not known."""
    if not first or "X" in first + last:
        return "", ""
    low, high = first.split("-"), last.split("-")
    earliest = "-".join((low + ["01", "01"][len(low) - 1 :])[:3])
    if len(high) == 3:
        return earliest, last
    month = int(high[1]) if len(high) == 2 else 12
    return earliest, f"{high[0]}-{month:02}-{monthrange(int(high[0]), month)[1]:02}"
