"""Dates that a text names, in EDTF, as far as the wording tells them."""

from __future__ import annotations

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date

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
    r"|December|(?:Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept|Sep|Oct|Nov|Dec)(?!\w)\.?)"
)
_DAY = r"(?:3[01]|[12]\d|0?[1-9])(?:st|nd|rd|th)?(?!\d)"
_YEAR = r"(?:1[5-9]|20)\d\d(?!\d)"
_NOT_MAY = _MONTH.replace("|May", "")
_WEEKDAY = f"(?P<weekday>{'|'.join(WEEKDAYS)})"
_ON = rf"(?:{_WEEKDAY},?\s+(?:the\s+)?)?"
_SOME = (
    "(?:an?|one|two|three|four|five|six|seven|eight|nine|ten|a few|several"
    r"|[1-9]\d?)"
)
_OF_YEAR = rf"(?:,?\s+(?P<y1>{_YEAR})|\s+['’]\d\d(?!\w))?"
_TO = r"\s*(?:to|until|till|through|–|—|-)\s*"
_BETWEEN = ((r"(?:[Ff]rom\s+)?", _TO), (r"[Bb]etween\s+", r"\s+and\s+"))
_PART = r"(?:\b(?:[Tt]he\s+)?(?:[Ee]arly|[Ll]ate|[Mm]id|[Ee]nd\s+of)[ -])"
_SEASONS = ("spring", "summer", "autumn", "winter")
_HALVES = {"first": 1, "second": 2, "h1": 1, "h2": 2}
_QUARTERS = {"first": 1, "second": 2, "third": 3, "fourth": 4, "last": 4,
             "q1": 1, "q2": 2, "q3": 3, "q4": 4}  # fmt: skip


def _intervals(opening: str, joint: str) -> tuple[str, ...]:
    """Return the patterns of what lasts from one day, month or year to another."""
    return (
        rf"{opening}\b(?P<m1>{_MONTH})\s+(?P<d1>{_DAY}){joint}(?P<d2>{_DAY})"
        rf"(?:,?\s+(?P<y2>{_YEAR}))?",
        rf"{opening}\b(?P<m1>{_MONTH})\s+(?P<d1>{_DAY})(?:,?\s+(?P<y1>{_YEAR}))?{joint}"
        rf"(?P<m2>{_MONTH})\s+(?P<d2>{_DAY})(?:,?\s+(?P<y2>{_YEAR}))?",
        rf"{opening}\b(?P<d1>{_DAY})(?:\s+(?P<m1>{_MONTH})(?:,?\s+(?P<y1>{_YEAR}))?)?"
        rf"{joint}(?P<d2>{_DAY})\s+(?P<m2>{_MONTH})(?:,?\s+(?P<y2>{_YEAR}))?",
        rf"{opening}\b(?P<m1>{_MONTH})(?:\s+(?P<y1>{_YEAR}))?{joint}"
        rf"(?P<m2>{_MONTH})\s+(?P<y2>{_YEAR})",
        rf"{opening}(?<![\w$€£.,/-])(?P<y1>{_YEAR}){joint}(?P<y2>{_YEAR})(?![\w%/-])",
    )


_PATTERNS = tuple(
    re.compile(pattern)
    for pattern in (
        r"(?<![\d-])(?P<y1>\d{4})-(?P<n1>\d\d)-(?P<d1>\d\d)(?![\d-])",
        rf"(?<![\w./-])(?P<first>\d\d?)(?P<mark>[./])(?P<second>\d\d?)(?P=mark)"
        rf"(?P<y1>{_YEAR})(?![\w/])",
        *(pattern for both in _BETWEEN for pattern in _intervals(*both)),
        rf"\b(?P<m1>{_MONTH})\s+(?P<d1>{_DAY})(?P<pair>\s+and\s+)(?P<d2>{_DAY})"
        rf"(?:,?\s+(?P<y2>{_YEAR}))?",
        rf"\b(?P<d1>{_DAY})(?P<pair>\s+and\s+)(?P<d2>{_DAY})\s+(?P<m2>{_MONTH})(?!\w)"
        rf"(?:,?\s+(?P<y2>{_YEAR}))?",
        rf"(?<![\w$€£.,/-])(?P<y1>{_YEAR})[/–-](?P<short>1[3-9]|[2-9]\d)(?![\w%/-])",
        rf"\b{_ON}(?P<m1>{_MONTH})\s+(?P<d1>{_DAY}){_OF_YEAR}",
        rf"\b{_ON}(?P<d1>{_DAY})\s+(?:of\s+)?(?P<m1>{_MONTH})(?!\w){_OF_YEAR}",
        rf"(?i:\b(?:the\s+)?(?P<half>first|second)\s+half\s+of\s+|\b(?P<h>H[12])\s+)"
        rf"(?P<y1>{_YEAR})",
        r"(?i:\b(?:the\s+)?(?P<quarter>first|second|third|fourth|last)\s+quarter\s+of\s+"
        rf"|\b(?P<q>Q[1-4])\s+(?:of\s+)?)(?P<y1>{_YEAR})",
        rf"(?i:\b(?:the\s+)?(?P<season>{'|'.join(_SEASONS)}|fall))\s+(?:of\s+)?"
        rf"(?P<y1>{_YEAR})",
        rf"{_PART}?\b(?P<m1>{_MONTH})\s+(?:(?P<y1>{_YEAR})|['’]\d\d(?!\w))",
        rf"\b(?:(?:[Ee]arly|[Ll]ate|[Mm]id|[Ll]ast|[Nn]ext|[Tt]his)[ -])+"
        rf"(?P<m1>{_MONTH})(?!\w)",
        rf"(?i:(?<=\bin )|(?<=\bsince )|(?<=\buntil )|(?<=\bduring ))"
        rf"(?P<m1>{_MONTH})(?!\w)",
        rf"(?i:(?<=\bby )|(?<=\bbefore ))(?P<m1>{_NOT_MAY})(?!\w)",
        r"(?:\b(?:[Tt]he\s+)?(?:(?:[Ee]arly|[Ll]ate|[Mm]id)[ -])?)?"
        r"\b(?P<decade>(?:1[5-9]|20)\d)0s\b",
        rf"(?:{_PART}|(?<![\w$€£.,/-]))(?P<y1>{_YEAR})(?![\w%/]|[.,]\d)",
        rf"\b(?:(?:[Ll]ast|[Nn]ext|[Tt]his|[Ll]ate|[Ee]arly)\s+(?:on\s+)?)?{_WEEKDAY}\b"
        r"(?:\s+(?:morning|afternoon|evening|night)\b)?",
        r"\b(?:[Tt]oday|[Tt]onight|[Yy]esterday|[Tt]omorrow"
        r"|(?:[Ll]ast|[Nn]ext|[Tt]his) (?:week|weekend|month|year|spring|summer|autumn"
        r"|winter))\b",
        rf"(?i:\b{_SOME}\s+(?:day|week|month|year)s?\s+(?:ago|before|earlier|later))\b",
        r"(?i:\bthe\s+(?:same|next|following|previous)\s+(?:day|week|month|year))\b",
        r"(?i:\bthe\s+(?:end|beginning|start)\s+of\s+the\s+(?:month|year))\b",
        r"\b\d\d?\s+[A-Z][\w'’-]+(?:\s+[\w'’-]+)?\s+1[34]\d\d\s*(?:AH|A\.H\.|H)(?!\w)",
    )
)


@dataclass(frozen=True, slots=True)
class Dated:
    """A date in a text: its *wording*, and what of a date follows from that alone.

    Without a year there is no *earliest* and no *latest*. A weekday alone has no
    *edtf*, nor has what is told from another day, as "a week later". What *may be two*
    days, as 3/4/2024, is known by what they share.
    """

    start: int
    wording: str
    edtf: str = ""
    start_edtf: str = ""
    end_edtf: str = ""
    earliest: str = ""
    latest: str = ""
    weekday: str = ""
    may_be_two: bool = False

    @property
    def real_weekday(self) -> str:
        """The weekday of a day that the text gives another one; mostly nothing."""
        if not self.weekday or not self.earliest or self.earliest != self.latest:
            return ""
        real = WEEKDAYS[date.fromisoformat(self.earliest).weekday()]
        return "" if real == self.weekday else real


def dates(text: str) -> list[Dated]:
    """Return the dates that *text* names, in order; of overlapping ones the widest."""
    found: list[Dated] = []
    taken = bytearray(len(text))
    for pattern in _PATTERNS:
        for match in pattern.finditer(text):
            if any(taken[match.start() : match.end()]):
                continue
            dated = _dated(match)
            if dated is None and match.groupdict().get("d2"):
                continue  # no interval, but two days perhaps
            taken[match.start() : match.end()] = b"x" * len(match.group())
            if dated is not None:
                found.append(dated)
    return sorted(found, key=lambda dated: dated.start)


def _dated(match: re.Match[str]) -> Dated | None:
    """Return what *match* says; None where there is no such day."""
    parts = {key: value for key, value in match.groupdict().items() if value}
    ends = _ends(parts)
    if ends is None:
        return None
    first, last = ends
    bounds = _bounds(first, last or first)
    if bounds[0] > bounds[1]:
        return None
    wording = " ".join(match.group().split())
    weekday = parts.get("weekday", "")
    if last:
        return Dated(match.start(), wording, f"{first}/{last}", first, last, *bounds)
    may_be_two = "mark" in parts and first == parts["y1"]
    return Dated(match.start(), wording, first, "", "", *bounds, weekday, may_be_two)


def _ends(parts: dict[str, str]) -> tuple[str, str] | None:
    """Return the first and the last of what *parts* name; "" where there is none."""
    if "decade" in parts:
        return f"{parts['decade']}X", ""
    if "season" in parts:
        season = parts["season"].lower().replace("fall", "autumn")
        return f"{parts['y1']}-{21 + _SEASONS.index(season)}", ""
    for names, kind, months in ((_HALVES, "h", 6), (_QUARTERS, "q", 3)):
        named = parts.get({"h": "half", "q": "quarter"}[kind]) or parts.get(kind)
        if named:
            end = names[named.lower()] * months
            year = parts["y1"]
            return f"{year}-{end - months + 1:02}", f"{year}-{end:02}"
    if "mark" in parts:
        return _in_figures(parts)
    return _in_words(parts)


def _in_figures(parts: dict[str, str]) -> tuple[str, str] | None:
    """Return the day in "3.12.2024"; of "3/12/2024", which may be two, the year."""
    day, month, year = int(parts["first"]), int(parts["second"]), parts["y1"]
    if parts["mark"] == "/" and month > 12:
        day, month = month, day
    elif parts["mark"] == "/" and day <= 12 and day != month:
        return (year, "") if day and month else None
    edtf = _edtf(year, month, day)
    return None if edtf is None else (edtf, "")


def _in_words(parts: dict[str, str]) -> tuple[str, str] | None:
    """Return the days of a date whose month has a name, or of years alone."""
    if "short" in parts:
        end = parts["y1"][:2] + parts["short"]
        return (parts["y1"], end) if end > parts["y1"] else None
    day = {place: _number(parts.get(f"d{place}")) for place in "12"}
    if "pair" in parts and day["2"] != (day["1"] or 0) + 1:
        return None  # two days, with others between them
    month = {"1": _month(parts), "2": _month_named(parts.get("m2"))}
    is_interval = bool(day["2"] or month["2"] or parts.get("y2"))
    if not is_interval:
        first = _edtf(parts.get("y1"), month["1"], day["1"])
        return None if first is None else (first, "")
    month = {place: month[place] or month["12".replace(place, "")] for place in "12"}
    turns = (month["1"] or 0, day["1"] or 0) > (month["2"] or 0, day["2"] or 0)
    if turns and month["1"] == month["2"] and not parts.get("y2"):
        return None
    year = _years(parts.get("y1"), parts.get("y2"), turns=turns)
    first = _edtf(year[0], month["1"], day["1"])
    last = _edtf(year[1], month["2"], day["2"])
    return None if first is None or last is None else (first, last)


def _years(first: str | None, last: str | None, *, turns: bool) -> tuple[str, str]:
    """Return the years of both ends: where one is named, that of the other follows.

    *turns* says that the first day stands later in its year than the last one.
    """
    if first and not last:
        return first, str(int(first) + turns)
    if last and not first:
        return str(int(last) - turns), last
    return first or "", last or ""


def _edtf(year: str | None, month: int | None, day: int | None) -> str | None:
    """Return the day, month or year in EDTF; None where there is no such day."""
    if month is None:
        return year or ""
    if not 1 <= month <= 12:
        return None
    known = int(year) if year and int(year) else 2000
    text = f"{year or 'XXXX'}-{month:02}"
    if day is None:
        return text
    return f"{text}-{day:02}" if 1 <= day <= monthrange(known, month)[1] else None


def _number(day: str | None) -> int | None:
    return int(re.sub(r"\D", "", day)) if day else None


def _month(parts: dict[str, str]) -> int | None:
    if "n1" in parts:
        return int(parts["n1"])
    return _month_named(parts.get("m1"))


def _month_named(name: str | None) -> int | None:
    if not name:
        return None
    return next(
        place
        for place, month in enumerate(MONTHS, start=1)
        if month.startswith(name.rstrip(".").lower()[:3])
    )


def _bounds(first: str, last: str) -> tuple[str, str]:
    """Return the earliest and the latest day; nothing where they are not known."""
    if not first or "XX" in first + last or first[5:7] > "12":
        return "", ""
    low = first.replace("X", "0").split("-")
    high = last.replace("X", "9").split("-")
    earliest = "-".join((low + ["01", "01"][len(low) - 1 :])[:3])
    if len(high) == 3:
        return earliest, last
    month = int(high[1]) if len(high) == 2 else 12
    return earliest, f"{high[0]}-{month:02}-{monthrange(int(high[0]), month)[1]:02}"
