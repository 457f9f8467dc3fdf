"""Names beside the marks of a map: as many as fit, none over another or over a mark."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kg.pictures.svg import element, text_element
from kg.pictures.texts import cut, width

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from kg.pictures.map_drawing import Cluster
    from kg.pictures.projection import Sheet
    from kg.pictures.spots import Spot

SIZE, _STEP = 12.5, 15.5
_UP, _DOWN, _GAP, _APART = 0.8, 0.25, 4.0, 3.0
_STATE = "▪ "
_LINES = (6, 4, 2)
"""So many lines a name has at most, and where those have no room."""


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a name: which of the cluster's spots it names, None for what is left.

    *count* stands behind it; *sign* before it, for a state among places.
    """

    spot: int | None
    text: str
    count: str = ""
    sign: str = ""

    @property
    def wide(self) -> float:
        """How wide it is."""
        return width(f"{self.sign}{self.text}{self.count}", SIZE)


@dataclass(frozen=True, slots=True)
class Name:
    """Lines from *y* on, each of them beginning, ending or centred at *x*."""

    written: tuple[Line, ...]
    x: float = 0.0
    y: float = 0.0
    anchor: str = "start"

    @property
    def box(self) -> tuple[float, float, float, float]:
        """Return where it begins and ends, from left to right and top to bottom."""
        wide = max((line.wide for line in self.written), default=0.0)
        left = self.x - {"start": 0.0, "middle": wide / 2, "end": wide}[self.anchor]
        last = self.y + (len(self.written) - 1) * _STEP
        return left, left + wide, self.y - SIZE * _UP, last + SIZE * _DOWN

    def lines(self) -> Iterator[tuple[int | None, str]]:
        """Yield which spot each line is of, and the line drawn."""
        for place, line in enumerate(self.written):
            parts = ((line.sign, "state"), (line.text, None), (line.count, "soft"))
            spans = (text_element("tspan", t, class_=c) for t, c in parts if t)
            yield (
                line.spot,
                element(
                    "text", *spans,
                    x=self.x, y=self.y + place * _STEP, font_size=SIZE,
                    text_anchor=None if self.anchor == "start" else self.anchor,
                    class_="name halo" if line.spot is not None else "soft halo",
                ),
            )  # fmt: skip


def names_for(clusters: Sequence[Cluster], sheet: Sheet, room: float) -> list[Name]:
    """Return the name of each of *clusters*; one that fits nowhere has no lines.

    Where all lines do not fit, the first may, and how many more there are. A line is no
    wider than *room*.
    """
    counted = any(spot.count > 1 for cluster in clusters for spot in cluster.spots)
    found: dict[int, Name] = {}
    order = sorted(range(len(clusters)), key=lambda n: (-clusters[n].count, n))
    for place in order:
        cluster = clusters[place]
        others = [*clusters[:place], *clusters[place + 1 :]]
        ways = (
            way
            for most in _LINES
            for way in _ways(
                cluster, _lines(cluster.spots, room, most, counted=counted)
            )
            if _fits(way, found.values(), others, sheet)
        )
        found[place] = next(ways, Name(()))
    return [found[place] for place in range(len(clusters))]


def _lines(
    spots: Sequence[Spot], room: float, most: int, *, counted: bool
) -> tuple[Line, ...]:
    shown = len(spots) if len(spots) <= most else most - 1
    has_places = not all(spot.is_state for spot in spots)
    lines = [
        Line(
            place,
            cut(spot.thing.label, SIZE, room),
            f" {spot.count:,}" if counted else "",
            _STATE if spot.is_state and has_places else "",
        )
        for place, spot in enumerate(spots[:shown])
    ]
    if spots[shown:]:
        lines.append(Line(None, f"and {len(spots) - shown:,} more"))
    return tuple(lines)


def _ways(cluster: Cluster, lines: tuple[Line, ...]) -> Iterator[Name]:
    """Yield the ways to write a cluster's name, the best first."""
    far = cluster.radius + _GAP
    tall = (len(lines) - 1) * _STEP
    middle = cluster.y - tall / 2 + SIZE * 0.35
    below = cluster.y + far + SIZE * _UP
    above = cluster.y - far - SIZE * _DOWN - tall
    slant = far * 0.72
    yield Name(lines, cluster.x + far, middle)
    yield Name(lines, cluster.x - far, middle, "end")
    yield Name(lines, cluster.x, below, "middle")
    yield Name(lines, cluster.x, above, "middle")
    for left, anchor in ((slant, "start"), (-slant, "end")):
        yield Name(lines, cluster.x + left, below - far / 3, anchor)
        yield Name(lines, cluster.x + left, above + far / 3, anchor)


def _fits(
    one: Name, names: Iterable[Name], others: Sequence[Cluster], sheet: Sheet
) -> bool:
    """Tell whether there is room for a name: on the sheet, apart from others' names
    and so far from others' marks that it is not taken for theirs.
    """
    left, right, top, bottom = one.box
    if left < 2 or top < 2 or right > sheet.wide - 2 or bottom > sheet.high - 2:
        return False
    taken = [name.box for name in names if name.written]
    for other in others:
        far = other.radius + _APART
        box = (other.x - far, other.x + far, other.y - far, other.y + far)
        taken.append(box)
    return not any(
        left - _APART < its_right
        and its_left < right + _APART
        and top < its_bottom
        and its_top < bottom
        for its_left, its_right, its_top, its_bottom in taken
    )
