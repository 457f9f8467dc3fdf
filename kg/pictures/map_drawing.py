"""A map drawn: land, and on it the places of an answer, the larger the more is there.

What would stand over each other stands as one mark, at the fullest of its places, with
the name of each beside it; a name that has no room is told by the mark. A state is
drawn at its capital, with another mark: no source says that it is there.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import hypot, sqrt
from typing import TYPE_CHECKING

from kg.pictures.land import land
from kg.pictures.map_names import Name, names_for
from kg.pictures.projection import sheet_for
from kg.pictures.svg import Picture, element, link, number, text_element, text_lines
from kg.pictures.texts import cut, width

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from kg.pictures.projection import Sheet
    from kg.pictures.spots import Spot, Spots
    from kg.pictures.svg import Href

MOST_SPOTS = 200
"""So many places are drawn at most, the fullest."""

_SMALL, _MARGIN, _LINE = 11.0, 8.0, 20.0
_LEAST, _GROWTH, _MOST = 5.0, 10.0, 17.0
_FEW = 4
_TOLD = 4


@dataclass(frozen=True, slots=True)
class _Size:
    """How a map is drawn: its sheet, the least degrees on it, room for a name.

    *marks* is how large marks are, to those on a wide sheet.
    """

    kind: str
    wide: float
    high: tuple[float, float]
    least: float
    room: float
    marks: float = 1.0


_WIDE = _Size("map", 960.0, (320.0, 440.0), 20.0, 190.0)
_NARROW = _Size("map-narrow", 340.0, (250.0, 380.0), 18.0, 128.0, 0.75)
_SMALL_WIDE = _Size("map-small", 560.0, (240.0, 280.0), 26.0, 190.0)
_SMALL_NARROW = _Size("map-small-narrow", 340.0, (190.0, 240.0), 24.0, 128.0, 0.9)


@dataclass(frozen=True, slots=True)
class Cluster:
    """Spots that are one mark, the fullest first: where it stands, and how large."""

    x: float
    y: float
    radius: float
    spots: tuple[Spot, ...]

    @property
    def count(self) -> int:
        """How much is there in all."""
        return sum(spot.count for spot in self.spots)


def drawn(found: Spots, href: Href = str, *, is_narrow: bool = False) -> Picture:
    """Return the map of *found*, which has one spot at least.

    A narrow one is for the screen of a phone.
    """
    return _drawn(found, href, _NARROW if is_narrow else _WIDE)


def drawn_small(found: Spots, href: Href = str, *, is_narrow: bool = False) -> Picture:
    """Return a small map of *found*, with what lies around it."""
    return _drawn(found, href, _SMALL_NARROW if is_narrow else _SMALL_WIDE)


def clustered(spots: Iterable[Spot], sheet: Sheet, marks: float = 1.0) -> list[Cluster]:
    """Return *spots*, the fullest first, as marks of which none overlaps another.

    They are *marks* times as large as usual.
    """
    spots = list(spots)
    most = max((spot.count for spot in spots), default=1)
    found = []
    for spot in spots:
        x, y = sheet.place(spot.longitude, spot.latitude)
        found.append(Cluster(x, y, marks * _radius(spot.count, most), (spot,)))
    before = len(found) + 1
    while len(found) < before:
        before, found = len(found), _merged(found, most, marks)
    return found


def _merged(clusters: Iterable[Cluster], most: int, marks: float) -> list[Cluster]:
    kept: list[Cluster] = []
    for one in clusters:
        place = next((i for i, c in enumerate(kept) if _overlap(c, one)), None)
        if place is None:
            kept.append(one)
            continue
        first = kept[place]
        radius = marks * _radius(first.count + one.count, most)
        kept[place] = Cluster(first.x, first.y, radius, first.spots + one.spots)
    return kept


def _overlap(one: Cluster, other: Cluster) -> bool:
    return hypot(one.x - other.x, one.y - other.y) < one.radius + other.radius + 1


def _radius(count: int, most: int) -> float:
    grown = sqrt(max(count - 1, 0) / max(most - 1, _FEW))
    return min(_LEAST + _GROWTH * grown, _MOST)


# --- the picture ------------------------------------------------------------------


def _drawn(found: Spots, href: Href, size: _Size) -> Picture:
    shown = found.spots[:MOST_SPOTS]
    points = [(spot.longitude, spot.latitude) for spot in shown]
    sheet = sheet_for(points, size.wide, size.high, size.least)
    clusters = clustered(shown, sheet, size.marks)
    names = names_for(clusters, sheet, size.room)
    drawing = element(
        "svg",
        *_ground(sheet),
        *(
            part
            for cluster, name in zip(clusters, names, strict=True)
            for part in _mark(cluster, name, found, href)
        ),
        element("rect", x=0, y=0, width=sheet.wide, height=sheet.high, class_="rim"),
        width=sheet.wide,
        height=sheet.high,
    )
    legend = _Legend(size.wide, sheet.high + _MARGIN)
    legend.marks(clusters)
    legend.notes(_notes(found, clusters, len(found.spots) - len(shown)))
    return Picture(
        size.kind,
        "Map",
        _described(found),
        size.wide,
        legend.y + _MARGIN,
        "".join([drawing, *legend.parts]),
    )


def _ground(sheet: Sheet) -> Iterator[str]:
    """Yield the sea, the lines of the grid and the land."""
    yield element("rect", x=0, y=0, width=sheet.wide, height=sheet.high, class_="sea")
    grid = "".join(
        f"M{number(x)} {number(y)}L{number(to_x)} {number(to_y)}"
        for (x, y), (to_x, to_y) in sheet.lines()
    )
    yield element("path", d=grid, class_="grid")
    outlines = "".join(
        f"M{'L'.join(f'{number(x)} {number(y)}' for x, y in part)}Z"
        for ring in land()
        for part in sheet.outline(ring)
    )
    if outlines:
        yield element("path", d=outlines, class_="land")


def _mark(cluster: Cluster, name: Name, found: Spots, href: Href) -> Iterator[str]:
    """Yield the mark of a cluster, and its names, each a link."""
    told = [_told(spot, found.unit) for spot in cluster.spots]
    title = text_element("title", "\n".join(told))
    main = _target(cluster.spots[0], href)
    lines = list(name.lines())
    if len(cluster.spots) == 1:
        yield link(main, title, _sign(cluster), *(text for _, text in lines))
        return
    yield link(main if not lines else None, title, _sign(cluster))
    for place, text in lines:
        if place is None:
            yield text
            continue
        told_one = text_element("title", told[place])
        yield link(_target(cluster.spots[place], href), told_one, text)


def _target(spot: Spot, href: Href) -> str | None:
    return href(spot.thing.term.value)


def _sign(cluster: Cluster) -> str:
    return _shape(
        cluster.x, cluster.y, cluster.radius,
        is_state=all(spot.is_state for spot in cluster.spots),
        is_several=len(cluster.spots) > 1,
    )  # fmt: skip


def _shape(
    x: float, y: float, radius: float, *, is_state: bool, is_several: bool = False
) -> str:
    """Return a mark: a square for states, a disc for places, a ring in it for more."""
    if is_state:
        side = 1.78 * radius
        mark = element(
            "rect", x=x - side / 2, y=y - side / 2, width=side, height=side, rx=1,
            class_="node spot state",
        )  # fmt: skip
    else:
        mark = element("circle", cx=x, cy=y, r=radius, class_="node spot place")
    if not is_several:
        return mark
    ring = element("circle", cx=x, cy=y, r=max(radius - 3, 2), class_="ring")
    return mark + ring


class _Legend:
    """What the marks mean, below the map."""

    def __init__(self, wide: float, y: float) -> None:
        self._wide = wide
        self._x = _MARGIN
        self.y = y
        self.parts: list[str] = []

    def marks(self, clusters: Sequence[Cluster]) -> None:
        """Say what those marks mean that there are."""
        kinds = {spot.is_state for cluster in clusters for spot in cluster.spots}
        for text, is_state, is_several, is_there in (
            ("a place", False, False, False in kinds),
            ("a state, at its capital", True, False, True in kinds),
            ("several of them", False, True, any(c.spots[1:] for c in clusters)),
        ):
            if is_there:
                self._entry(text, is_state=is_state, is_several=is_several)

    def notes(self, notes: Iterable[str]) -> None:
        """Add texts, each beside the last one or on a line of its own."""
        for text in notes:
            text = cut(text, _SMALL, self._wide - 2 * _MARGIN)
            self._turn(width(text, _SMALL))
            self._write(text, self._x)
            self._x += width(text, _SMALL) + 22
        self.y += _LINE

    def _entry(self, text: str, *, is_state: bool, is_several: bool) -> None:
        long = 20 + width(text, _SMALL)
        self._turn(long)
        radius = 7.0 if is_several else 5.0
        self.parts.append(
            _shape(
                self._x + 7, self.y + 8, radius,
                is_state=is_state, is_several=is_several,
            )
        )  # fmt: skip
        self._write(text, self._x + 20)
        self._x += long + 16

    def _turn(self, long: float) -> None:
        if self._x > _MARGIN and self._x + long > self._wide - _MARGIN:
            self._x, self.y = _MARGIN, self.y + _LINE

    def _write(self, text: str, x: float) -> None:
        self.parts.append(text_lines([text], x, self.y + 12, _SMALL, class_="soft"))


def _notes(found: Spots, clusters: Sequence[Cluster], more: int) -> Iterator[str]:
    if len({cluster.count for cluster in clusters}) > 1:
        yield f"the larger, the more {found.unit}"
    if more:
        yield f"{more:,} more places are not drawn"
    if found.missing:
        rows = "row is" if found.missing == 1 else "rows are"
        yield f"{found.missing:,} {rows} nowhere known to be"
    yield "land: Natural Earth"


def _told(spot: Spot, unit: str) -> str:
    """Return in words what is at a spot."""
    shown = [*spot.names[:_TOLD], *(["…"] if spot.names[_TOLD:] else [])]
    where = (
        f"{spot.thing.label} (at its capital)" if spot.is_state else spot.thing.label
    )
    if spot.count == 1 and not shown:
        return where
    count = f"{spot.count:,} {unit.removesuffix('s') if spot.count == 1 else unit}"
    return f"{where}: {count} ({', '.join(shown)})" if shown else f"{where}: {count}"


def _described(found: Spots) -> str:
    return f"{'. '.join(_told(spot, found.unit) for spot in found.spots)}."
