"""The outlines of land on earth, of 1:110 million.

They are those of Natural Earth, which is in the public domain, as the npm package
world-atlas 2.0.2 has them in TopoJSON; the file beside this one is unaltered. There are
no borders in it, for where those are is what this graph's sources dispute.
"""

from __future__ import annotations

import json
from functools import cache
from itertools import accumulate
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    Point: TypeAlias = tuple[float, float]
    Ring: TypeAlias = tuple[Point, ...]

_FILE = Path(__file__).with_name("land-110m.json")
_TURN, _HALF, _POLE = 360.0, 180.0, 90.0


@cache
def land() -> tuple[Ring, ...]:
    """Return the outlines, each a closed ring of longitudes and latitudes in degrees.

    No two neighbours lie more than half a turn apart, so that a ring that crosses the
    180th meridian has longitudes beyond 180 or -180. One around a pole goes along it.
    """
    known = json.loads(_FILE.read_text(encoding="utf-8"))
    arcs = list(_arcs(known))
    shapes = known["objects"]["land"]["geometries"]
    return tuple(
        _unrolled(_joined(arcs, ring))
        for shape in shapes
        for polygon in shape["arcs"]
        for ring in polygon
    )


def _arcs(known: dict[str, dict[str, list[float]]]) -> Iterator[list[Point]]:
    """Yield the lines of which rings are made: TopoJSON holds them as steps."""
    (scale_x, scale_y), (left, low) = (
        known["transform"][name] for name in ("scale", "translate")
    )
    for arc in known["arcs"]:
        steps = accumulate(arc, lambda at, step: [at[0] + step[0], at[1] + step[1]])
        yield [(x * scale_x + left, y * scale_y + low) for x, y in steps]


def _joined(arcs: Sequence[list[Point]], ring: Sequence[int]) -> list[Point]:
    """Return the points of *ring*; the arc ~n is n, from its end."""
    found: list[Point] = []
    for number in ring:
        arc = arcs[number] if number >= 0 else arcs[~number][::-1]
        found.extend(arc[1:] if found else arc)
    return found


def _unrolled(ring: Sequence[Point]) -> Ring:
    found = [ring[0]]
    for longitude, latitude in ring[1:]:
        turns = round((found[-1][0] - longitude) / _TURN)
        found.append((longitude + turns * _TURN, latitude))
    (first, _), (last, _) = found[0], found[-1]
    if abs(last - first) > _HALF:
        pole = _POLE if found[0][1] > 0 else -_POLE
        found += [(last, pole), (first, pole), found[0]]
    return tuple(found)
