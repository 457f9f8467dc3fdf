"""Where things are: at a point of their own, at a place, or at a state's capital.

Positions are GeoSPARQL's: `geo:hasGeometry` of a place, with a point in `geo:asWKT`
(GeoSPARQL 1.1, OGC 22-047r1: a geo:wktLiteral without the IRI of another reference
system is in CRS 84, which has the longitude first).
"""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kg.parameters import put_values
from kg.terms import GEO, Literal, NamedNode

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping
    from typing import TypeAlias

    from kg.snapshot import Snapshot

    Point: TypeAlias = tuple[float, float]

_WKT = f"{GEO}wktLiteral"
_CRS84 = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
_NUMBER = r"([-+]?\d+(?:\.\d*)?(?:[eE][-+]?\d+)?)"
_POINT = re.compile(
    rf"\s*(?:<{re.escape(_CRS84)}>\s*)?POINT\s*\(\s*{_NUMBER}\s+{_NUMBER}\s*\)\s*",
    re.IGNORECASE,
)
# Each is asked of the things that are meant: what it reads grows with them alone.
_ASKED = """
PREFIX exq: <https://w3id.org/exequatur/ontology#>
PREFIX geo: <http://www.opengis.net/ont/geosparql#>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
SELECT DISTINCT ?thing ?at WHERE {{
  VALUES ?thing {{ rdfs:Resource }}
  ?thing {} ?at
}}
"""
_NEAR = _ASKED.format(
    "exq:takesPlaceAt|exq:locatedIn|exq:seatedIn|exq:hasPremises|exq:territoryOf"
    "|exq:inTerritoryOf|exq:takesPlaceInState|exq:receivingState"
)
_AROUND = _ASKED.format("exq:locatedIn")
_OWN = _ASKED.format("geo:hasGeometry/geo:asWKT")
_CAPITAL = _ASKED.format("exq:hasCapital/geo:hasGeometry/geo:asWKT")


@dataclass(frozen=True, slots=True)
class Position:
    """Where *at* is, in degrees: a place, or a state, which stands at its capital."""

    at: NamedNode
    longitude: float
    latitude: float
    is_state: bool = False


def point(term: object) -> Point | None:
    """Return the longitude and latitude that *term* is, None where it is no point."""
    if not isinstance(term, Literal) or term.datatype.value != _WKT:
        return None
    found = _POINT.fullmatch(term.value)
    if found is None:
        return None
    longitude, latitude = float(found[1]), float(found[2])
    on_earth = abs(longitude) <= 180 and abs(latitude) <= 90
    return (longitude, latitude) if on_earth else None


def positions(
    snapshot: Snapshot, nodes: Iterable[NamedNode]
) -> dict[NamedNode, tuple[Position, ...]]:
    """Return where each of *nodes* is; one that is nowhere known is left out.

    A place is at its own point, or at that of the narrowest place it lies in; an event
    at its places, a mission at its seat or premises. Where only a state is known, and
    for a state itself, it is the capital's, and marked so.
    """
    wanted = set(nodes)
    near = _related(snapshot, _NEAR, wanted)
    at = {one for ones in near.values() for one in ones}
    around = _related(snapshot, _AROUND, at)
    every = wanted | at | {one for ones in around.values() for one in ones}
    places = _points(snapshot, _OWN, every)
    states = _points(snapshot, _CAPITAL, every - places.keys(), is_state=True)
    known = {node: (one,) for node in wanted if (one := places.get(node))}
    known |= {node: (one,) for node in wanted if (one := states.get(node))}
    found: dict[NamedNode, tuple[Position, ...]] = {**known}
    for node in near.keys() - known.keys():
        narrowest = _narrowest(near[node], around, places, states)
        if narrowest:
            found[node] = narrowest
    return found


def _narrowest(
    near: set[NamedNode],
    around: Mapping[NamedNode, set[NamedNode]],
    places: Mapping[NamedNode, Position],
    states: Mapping[NamedNode, Position],
) -> tuple[Position, ...]:
    """Return where that is which is *near* these: at places, else at states."""
    wide = {outer for one in near for outer in around.get(one, ())}
    inside = (near | wide) & places.keys()
    outer = {outer for one in inside for outer in around.get(one, ())}
    found = [places[node] for node in inside - outer or inside]
    found = found or [states[node] for node in near & states.keys()]
    return tuple(sorted(found, key=lambda one: one.at.value))


def _related(
    snapshot: Snapshot, text: str, nodes: Collection[NamedNode]
) -> Mapping[NamedNode, set[NamedNode]]:
    """Return the things to which the query *text* relates each of *nodes*."""
    found: defaultdict[NamedNode, set[NamedNode]] = defaultdict(set)
    for thing, at in _rows(snapshot, text, nodes):
        if isinstance(at, NamedNode):
            found[thing].add(at)
    return found


def _points(
    snapshot: Snapshot,
    text: str,
    nodes: Collection[NamedNode],
    *,
    is_state: bool = False,
) -> Mapping[NamedNode, Position]:
    """Return the point that *text* gives each of *nodes*, the first of several."""
    found: dict[NamedNode, Point] = {}
    for thing, wkt in _rows(snapshot, text, nodes):
        known = point(wkt)
        if known is not None:
            found[thing] = min(known, found.get(thing, known))
    return {node: Position(node, *known, is_state) for node, known in found.items()}


def _rows(
    snapshot: Snapshot, text: str, nodes: Collection[NamedNode]
) -> Iterator[tuple[NamedNode, object]]:
    if nodes:
        query = put_values(text, "thing", *sorted(nodes, key=str))
        for thing, at in snapshot.query(query).rows():
            if isinstance(thing, NamedNode):
                yield thing, at
