"""Numbers drawn as bars: a row for each thing, a column for each kind of number.

Each column has a scale of its own, from nothing to its largest number, which is also
written beside every bar.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kg.pictures.svg import Picture, element, link, number, text_element, text_lines
from kg.pictures.texts import cut, width

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from kg.pictures.svg import Href

MOST_COLUMNS = 3
"""So many kinds of numbers at most stand side by side."""

_NAME, _SMALL = 13.0, 11.0
_WIDE, _NARROW, _LABELS, _MARGIN, _GAP = 960.0, 340.0, 300.0, 8.0, 22.0
_ROW, _HEAD, _BAR = 25.0, 24.0, 13.0
_LEAST = 1.0
_COLOURS = ("state", "event", "text")


@dataclass(frozen=True, slots=True)
class Bar:
    """A thing with its numbers, None where it has none; *iri* says what it is."""

    label: str
    values: tuple[float | None, ...]
    iri: str = ""


def drawn(
    columns: Sequence[str],
    bars: Sequence[Bar],
    href: Href = str,
    *,
    is_narrow: bool = False,
) -> Picture:
    """Return the drawing of *bars*, whose values are those of *columns*.

    No value is less than 0. A narrow one is for the screen of a phone.
    """
    sheet = _Sheet(columns, bars, href, is_narrow=is_narrow)
    sheet.heads()
    for bar in bars:
        sheet.row(bar)
    return Picture(
        "bars-narrow" if is_narrow else "bars",
        f"{' and '.join(columns)} as bars",
        _described(columns, bars),
        sheet.wide,
        sheet.y + _MARGIN,
        "".join(sheet.parts),
    )


class _Sheet:
    """What is drawn so far, from the top down."""

    def __init__(
        self,
        columns: Sequence[str],
        bars: Sequence[Bar],
        href: Href,
        *,
        is_narrow: bool,
    ) -> None:
        self._columns = columns
        self._href = href
        self._is_narrow = is_narrow
        self.wide = _NARROW if is_narrow else _WIDE
        self._left = _MARGIN if is_narrow else _LABELS
        room = self.wide - self._left - _MARGIN - _GAP * (len(columns) - 1)
        self._room = room / len(columns)
        self._most = [
            max((bar.values[place] or 0 for bar in bars), default=0) or 1
            for place in range(len(columns))
        ]
        self._figures = max(
            (width(said(v), _SMALL) for b in bars for v in b.values if v is not None),
            default=0,
        )
        self.parts: list[str] = []
        self.y = _MARGIN

    def heads(self) -> None:
        """Write above each column what its numbers are."""
        for place, name in enumerate(self._columns):
            text = cut(name, _SMALL, self._room)
            x = self._x(place)
            self.parts.append(
                text_lines([text], x, self.y + 12, _SMALL, class_="soft strong")
            )
        self.y += _HEAD

    def row(self, bar: Bar) -> None:
        """Draw a thing: its name, and its bars beside it, or below."""
        high = 2 * _ROW - 8 if self._is_narrow else _ROW
        name_room = (self.wide if self._is_narrow else _LABELS) - 2 * _MARGIN
        name = cut(bar.label, _NAME, name_room)
        middle = self.y + high - _ROW / 2
        self.parts.append(
            link(
                self._href(bar.iri) if bar.iri else None,
                text_element("title", _told(self._columns, bar)),
                element(
                    "rect", x=0, y=self.y, width=self.wide, height=high, class_="hit"
                ),
                text_lines([name], _MARGIN, self.y + 16, _NAME, class_="name"),
                *self._bars(bar, middle),
            )
        )
        self.y += high

    def _bars(self, bar: Bar, middle: float) -> Iterator[str]:
        for place, value in enumerate(bar.values):
            x = self._x(place)
            half = _BAR / 2 + 2 if self._is_narrow else _ROW / 2
            top, bottom = middle - half, middle + half
            path = f"M{number(x)} {number(top)}L{number(x)} {number(bottom)}"
            yield element("path", d=path, class_="axis")
            if value is None:
                continue
            room = self._room - self._figures - 8
            long = max(room * value / self._most[place], _LEAST if value else 0)
            colour = _COLOURS[place % len(_COLOURS)]
            yield element(
                "rect", x=x, y=middle - _BAR / 2, width=long, height=_BAR, class_=colour
            )
            yield text_lines([said(value)], x + long + 5, middle + 4, _SMALL)

    def _x(self, place: int) -> float:
        return self._left + place * (self._room + _GAP)


def said(value: float) -> str:
    """Return a number as people write it."""
    return f"{value:,.0f}" if value == int(value) else f"{value:,.2f}"


def _told(columns: Sequence[str], bar: Bar) -> str:
    figures = (
        f"{name} {said(value)}"
        for name, value in zip(columns, bar.values, strict=True)
        if value is not None
    )
    return f"{bar.label}: {', '.join(figures) or 'no number'}"


def _described(columns: Sequence[str], bars: Sequence[Bar]) -> str:
    return f"{'. '.join(_told(columns, bar) for bar in bars)}."
