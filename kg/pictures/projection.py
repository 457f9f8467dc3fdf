"""From degrees to places on a sheet: a plate carrée that is true where it is looked at.

Equirectangular, with its standard parallel in the middle of what is shown, so that
shapes are right there, at any size. The sheet is turned to where the points are: they
may lie on both sides of the 180th meridian.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from math import cos, floor, radians
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from typing import TypeAlias

    from kg.pictures.land import Point, Ring

    Edge: TypeAlias = tuple[int, float, int]

_TURN = 360.0
_POLEWARD = 75.0
_STEPS = (1.0, 2.0, 5.0, 10.0, 20.0, 30.0)
_LEAST_POINTS = 4


@dataclass(frozen=True, slots=True)
class Sheet:
    """A part of the earth on a sheet: *scale* units to a degree of latitude."""

    wide: float
    high: float
    longitude: float
    latitude: float
    scale: float
    squeeze: float

    def place(self, longitude: float, latitude: float) -> Point:
        """Return where a point stands, from the left and from the top."""
        east = (longitude - self.longitude + _TURN / 2) % _TURN - _TURN / 2
        return self._put(east, latitude)

    def degrees(self, x: float, y: float) -> Point:
        """Return the longitude and latitude of what stands at a place."""
        east = (x - self.wide / 2) / (self.scale * self.squeeze)
        longitude = (self.longitude + east + _TURN / 2) % _TURN - _TURN / 2
        return longitude, self.latitude - (y - self.high / 2) / self.scale

    def outline(self, ring: Ring) -> Iterator[list[Point]]:
        """Yield the parts of *ring* on the sheet, or a little outside of it.

        Points that cannot be told from their neighbours are left out.
        """
        half = self.wide / 2 / (self.scale * self.squeeze)
        lowest = min(longitude for longitude, _ in ring) - self.longitude
        highest = max(longitude for longitude, _ in ring) - self.longitude
        first = floor((-half - highest) / _TURN) + 1
        last = floor((half - lowest) / _TURN)
        for turn in range(first, last + 1):
            offset = turn * _TURN - self.longitude
            points = [self._put(lon + offset, lat) for lon, lat in ring]
            kept = _thinned(_cut(points, self.wide, self.high))
            if len(kept) >= _LEAST_POINTS:
                yield kept

    def lines(self) -> Iterator[tuple[Point, Point]]:
        """Yield meridians and parallels over the whole sheet, from end to end."""
        step = next((s for s in _STEPS if s * self.scale >= 64), _STEPS[-1])
        half = self.wide / 2 / (self.scale * self.squeeze)
        for one in _multiples(self.longitude - half, self.longitude + half, step):
            x, _ = self._put(one - self.longitude, 0)
            yield (x, 0.0), (x, self.high)
        half = self.high / 2 / self.scale
        for one in _multiples(self.latitude - half, self.latitude + half, step):
            if abs(one) < 90:
                _, y = self._put(0, one)
                yield (0.0, y), (self.wide, y)

    def _put(self, east: float, latitude: float) -> Point:
        x = self.wide / 2 + east * self.scale * self.squeeze
        return x, self.high / 2 + (self.latitude - latitude) * self.scale


def sheet_for(
    points: Sequence[Point], wide: float, high: tuple[float, float], least: float
) -> Sheet:
    """Return the sheet on which all *points* stand, at least one, as large as may be.

    It is as high as they need, within the bounds *high*, and less high where that is
    all the earth. A rim is left around them, and no less than *least* degrees of
    latitude and longitude are shown.
    """
    west, span = _window([longitude for longitude, _ in points])
    south = min(latitude for _, latitude in points)
    north = max(latitude for _, latitude in points)
    latitude = (south + north) / 2
    squeeze = cos(radians(min(abs(latitude), _POLEWARD)))
    rim = wide / 9
    scale = min(
        (wide - 2 * rim) / max(span * squeeze, 1e-9),
        (high[1] - 1.4 * rim) / max(north - south, 1e-9),
        wide / (least * squeeze),
        high[1] / least,
    )
    # The earth is not shown twice, where it is narrower than the sheet.
    scale = max(scale, wide / (_TURN * squeeze))
    needed = (north - south) * scale + 1.4 * rim
    tall = min(max(high[0], needed), high[1], 180 * scale)
    room = max(0.0, 90 - tall / 2 / scale)
    return Sheet(
        wide=wide,
        high=tall,
        longitude=west + span / 2,
        latitude=min(max(latitude, -room), room),
        scale=scale,
        squeeze=squeeze,
    )


def _window(longitudes: Iterable[float]) -> tuple[float, float]:
    """Return where the narrowest window begins that has all, and how wide it is."""
    known = sorted({longitude % _TURN for longitude in longitudes})
    gaps = [other - one for one, other in pairwise([*known, known[0] + _TURN])]
    widest = max(gaps)
    begins = known[(gaps.index(widest) + 1) % len(known)]
    return begins, _TURN - widest


def _multiples(low: float, high: float, step: float) -> Iterator[float]:
    number = floor(low / step) + 1
    while number * step < high:
        yield number * step
        number += 1


# --- what is on the sheet ---------------------------------------------------------

_OUTSIDE, _NEAR = 6.0, 0.9


def _cut(points: list[Point], wide: float, high: float) -> list[Point]:
    """Return the ring *points* cut off a little outside the sheet, edge by edge.

    Sutherland and Hodgman, Reentrant Polygon Clipping, 1974.
    """
    edges = (
        (0, -_OUTSIDE, 1), (0, wide + _OUTSIDE, -1),
        (1, -_OUTSIDE, 1), (1, high + _OUTSIDE, -1),
    )  # fmt: skip
    for edge in edges:
        points = list(_beyond(points, edge))
    return points


def _beyond(points: Sequence[Point], edge: Edge) -> Iterator[Point]:
    axis, limit, sign = edge
    for one, other in zip(points, [*points[1:], *points[:1]], strict=True):
        is_in = (one[axis] - limit) * sign >= 0
        if is_in:
            yield one
        if is_in != ((other[axis] - limit) * sign >= 0):
            share = (limit - one[axis]) / (other[axis] - one[axis])
            yield (
                one[0] + share * (other[0] - one[0]),
                one[1] + share * (other[1] - one[1]),
            )


def _thinned(points: Sequence[Point]) -> list[Point]:
    kept: list[Point] = []
    for x, y in points:
        if not kept or max(abs(x - kept[-1][0]), abs(y - kept[-1][1])) >= _NEAR:
            kept.append((x, y))
    return kept
