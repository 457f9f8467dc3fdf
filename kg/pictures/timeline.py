"""A timeline drawn: each date as what it is, and nothing filled in.

A day is a dot; what lies somewhere in a month or a year is a band, as wide as that;
what lasts is a bar; an open end fades. What has no year stands on a year of its own,
what has no date in a list.
"""

from __future__ import annotations

from calendar import month_abbr, monthrange
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

from kg.edtf_words import in_words
from kg.pictures.dates import YEARLESS
from kg.pictures.svg import Picture, element, link, number, text_element, text_lines
from kg.pictures.texts import cut, width

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from kg.pictures.dates import Reach
    from kg.pictures.events import Dated, Timeline
    from kg.pictures.svg import Href

_NAME, _SMALL = 13.0, 11.0
_ROW, _TALL_ROW, _HEAD, _TICKS, _MARGIN = 24.0, 38.0, 26.0, 18.0, 8.0
_LABELS, _WIDE, _NARROW = 330.0, 960.0, 340.0
_LEAST, _FADE, _MOST_TICKS = 4.0, 60.0, 10
_BAND, _BAR, _DOT = 13.0, 7.0, 5.0
_STEPS = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000)
_MONTHS = tuple(month_abbr)[1:]
_DAYS_OF_MONTHS = 800
"""A span up to so many days is measured in months, a longer one in years."""


@dataclass(frozen=True, slots=True)
class _Scale:
    """Where a day stands: days from *first* to *last* on the line from *left*."""

    first: date
    last: date
    left: float
    right: float
    is_yearless: bool = False

    def x(self, day: date, *, end: bool = False) -> float:
        """Return the place at which *day* begins, or ends."""
        whole = (self.last - self.first).days + 1
        gone = (day - self.first).days + end
        return self.left + (self.right - self.left) * gone / whole

    def ticks(self) -> Iterator[tuple[float, str]]:
        """Yield the places of months or years, and what they are called."""
        if (self.last - self.first).days < _DAYS_OF_MONTHS:
            yield from self._months()
            return
        span = self.last.year - self.first.year + 1
        room = max(2, int((self.right - self.left) / 62))
        step = next((s for s in _STEPS if span / s <= room), _STEPS[-1])
        for year in range(-(-self.first.year // step) * step, self.last.year + 1, step):
            if year > 0 and date(year, 1, 1) >= self.first:
                yield self.x(date(year, 1, 1)), str(year)

    def _months(self) -> Iterator[tuple[float, str]]:
        months = [
            date(year, month, 1)
            for year in range(self.first.year, self.last.year + 1)
            for month in range(1, 13)
            if self.first <= date(year, month, 1) <= self.last
        ]
        step = -(-len(months) // max(2, int((self.right - self.left) / 50)))
        for day in months[::step]:
            name = _MONTHS[day.month - 1]
            is_new = day.month == 1 or day == months[0]
            year = f" {day.year}" if is_new and not self.is_yearless else ""
            yield self.x(day), f"{name}{year}"


def drawn(found: Timeline, href: Href = str, *, is_narrow: bool = False) -> Picture:
    """Return the drawing of *found*; a narrow one is for the screen of a phone."""
    sheet = _Sheet(href, is_narrow=is_narrow)
    if found.placed:
        sheet.section("", found.placed, _scale(found.placed, sheet))
    if found.yearless:
        left, right = sheet.left, sheet.right
        year = _Scale(
            date(YEARLESS, 1, 1), date(YEARLESS, 12, 31), left, right, is_yearless=True
        )
        sheet.section("In a year that no source states", found.yearless, year)
    if found.undated:
        sheet.listed("Without a date: only the wording is known", found.undated)
    sheet.legend()
    kind = "timeline-narrow" if is_narrow else "timeline"
    return Picture(
        kind,
        "Timeline",
        _described(found),
        sheet.wide,
        sheet.y + _MARGIN,
        "".join(sheet.parts),
    )


def when(one: Dated) -> str:
    """Return the date of a thing in the source's words and in those for its EDTF."""
    texts = dict.fromkeys((one.wording, in_words(one.edtf)))
    return ", ".join(text for text in texts if text) or "no date"


class _Sheet:
    """What is drawn so far, from the top down."""

    def __init__(self, href: Href, *, is_narrow: bool) -> None:
        self._href = href
        self._is_narrow = is_narrow
        self._row = _TALL_ROW if is_narrow else _ROW
        self.wide = _NARROW if is_narrow else _WIDE
        self.left = _MARGIN + 4 if is_narrow else _LABELS
        self.right = self.wide - _MARGIN - 12
        self.parts: list[str] = []
        self.y = _MARGIN

    def section(self, title: str, dated: Sequence[Dated], scale: _Scale) -> None:
        """Draw rows over an axis, below a *title*."""
        self._title(title)
        self.y += _TICKS
        bottom = self.y + len(dated) * self._row
        for x, text in scale.ticks():
            self.parts.append(_line(x, self.y - 3, x, bottom))
            self._tick(x, text)
        for one in dated:
            self._dated(one, scale)
            self.y += self._row
        self.y += _MARGIN

    def listed(self, title: str, dated: Sequence[Dated]) -> None:
        """List what cannot be placed, with the wording."""
        self._title(title)
        for one in dated:
            wording = cut(f"“{one.wording}”", _SMALL, self.right - self.left)
            y = self.y + 14 if self._is_narrow else self.y
            text = text_lines([wording], self.left, y + 17, _SMALL, class_="soft")
            self.parts.append(self._linked(one, self._name(one), text))
            self.y += self._row
        self.y += _MARGIN

    def legend(self) -> None:
        """Say what the marks mean."""
        x, self.y = _MARGIN, self.y + 6
        for text, mark in _legend():
            wide = 46 + len(text) * 6.6
            if x > _MARGIN and x + wide > self.wide:
                x, self.y = _MARGIN, self.y + 20
            self.parts += mark(x, self.y + 8)
            self.parts.append(
                text_lines([text], x + 34, self.y + 12, _SMALL, class_="soft")
            )
            x += wide + 12
        self.y += 20

    def _title(self, text: str) -> None:
        if text:
            self.parts.append(
                text_lines([text], _MARGIN, self.y + 15, _NAME, class_="strong")
            )
            self.y += _HEAD

    def _tick(self, x: float, text: str) -> None:
        room = self.wide - x - 2
        self.parts.append(
            text_lines(
                [cut(text, _SMALL, room)], x + 2, self.y - 6, _SMALL, class_="soft"
            )
        )

    def _name(self, one: Dated) -> str:
        room = self.wide - 2 * _MARGIN if self._is_narrow else _LABELS - 2 * _MARGIN - 8
        name = cut(one.thing.label, _NAME, room)
        return text_lines([name], _MARGIN, self.y + 16, _NAME, class_="name")

    def _dated(self, one: Dated, scale: _Scale) -> None:
        middle = self.y + (29 if self._is_narrow else self._row / 2)
        marks = _marks(one, scale, middle)
        self.parts.append(self._linked(one, self._name(one), *marks))

    def _linked(self, one: Dated, *content: str) -> str:
        kind = f" ({one.kind.label})" if one.kind.label else ""
        return link(
            self._href(one.thing.term.value),
            text_element("title", f"{one.thing.label}{kind}: {when(one)}"),
            element(
                "rect", x=0, y=self.y, width=self.wide, height=self._row, class_="hit"
            ),
            *content,
        )


def _scale(dated: Iterable[Dated], sheet: _Sheet) -> _Scale:
    days = [
        day
        for one in dated
        if one.reach
        for day in (one.reach.first, one.reach.last)
        if day
    ]
    first, last = min(days), max(days)
    if (last - first).days < _DAYS_OF_MONTHS:
        end = monthrange(last.year, last.month)[1]
        months = first.replace(day=1), last.replace(day=end)
        return _Scale(*months, sheet.left, sheet.right)
    room = (last - first).days // 30
    before = min(room, (first - date.min).days)
    after = min(room, (date.max - last).days)
    return _Scale(
        first - timedelta(before), last + timedelta(after), sheet.left, sheet.right
    )


def _marks(one: Dated, scale: _Scale, y: float) -> Iterator[str]:
    """Yield the marks of a date around the height *y*, and its words beside them."""
    found, family = one.reach, one.kind.family
    if found is None:
        return
    start, end = _extent(found, scale)
    if found.is_day:
        yield _circle((start + end) / 2, y, family)
    elif found.first and found.last:
        yield _block(start, y, end - start, family, lasts=found.lasts)
    else:
        yield from _fading(start, y, end - start, family, to_right=bool(found.first))
    words = one.wording or one.edtf
    wide = width(words, _SMALL)
    if end + wide + _MARGIN < scale.right:
        yield text_lines([words], end + _MARGIN, y + 4, _SMALL, class_="soft")
    elif start - wide - _MARGIN > scale.left:
        yield text_lines([words], start - _MARGIN - wide, y + 4, _SMALL, class_="soft")


def _extent(found: Reach, scale: _Scale) -> tuple[float, float]:
    """Return from where to where the mark of a date reaches."""
    start = scale.x(found.first) if found.first else None
    end = scale.x(found.last, end=True) if found.last else None
    if start is None or end is None:
        at = (start if end is None else end) or scale.left
        return (at, at + _FADE) if end is None else (at - _FADE, at)
    least = 2 * _DOT if found.is_day else _LEAST
    wide, middle = max(end - start, least), (start + end) / 2
    return middle - wide / 2, middle + wide / 2


def _block(x: float, y: float, wide: float, family: str, *, lasts: bool) -> str:
    high = _BAR if lasts else _BAND
    return element(
        "rect", x=x, y=y - high / 2, width=wide, height=high, rx=2,
        class_=family if lasts else f"band {family}",
    )  # fmt: skip


def _fading(
    x: float, y: float, wide: float, family: str, *, to_right: bool
) -> Iterator[str]:
    """Yield a bar that grows fainter to one side."""
    pieces = 5
    for piece in range(pieces):
        place = piece if to_right else pieces - 1 - piece
        yield element(
            "rect", x=x + place * wide / pieces, y=y - _BAR / 2, width=wide / pieces,
            height=_BAR, class_=family, fill_opacity=1 - piece / pieces,
        )  # fmt: skip


def _circle(x: float, y: float, family: str) -> str:
    return element("circle", cx=x, cy=y, r=_DOT, class_=family)


def _line(x: float, y: float, to_x: float, to_y: float) -> str:
    path = f"M{number(x)} {number(y)}L{number(to_x)} {number(to_y)}"
    return element("path", d=path, class_="axis")


def _legend() -> Iterator[tuple[str, Callable[[float, float], Iterable[str]]]]:
    yield "a day", lambda x, y: [_circle(x + 14, y, "other")]
    month = "some time in this month or year"
    yield month, lambda x, y: [_block(x, y, 28, "other", lasts=False)]
    yield "all of this time", lambda x, y: [_block(x, y, 28, "other", lasts=True)]
    yield "with an open end", lambda x, y: _fading(x, y, 28, "other", to_right=True)


def _described(found: Timeline) -> str:
    """Return in words what the picture shows."""
    said = [
        f"{one.thing.label}: {when(one)}"
        for one in (*found.placed, *found.yearless, *found.undated)
    ]
    return f"{'. '.join(said)}." if said else "Nothing is dated."
