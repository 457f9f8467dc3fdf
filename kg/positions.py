"""Where things are: at a point of their own, at a place, or at a state's capital.

Positions are GeoSPARQL's: `geo:hasGeometry` of a place, with a point in `geo:asWKT`
(OGC 22-047r1, 8.5.2: without the IRI of another system it is in CRS 84, the longitude
first).
"""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kg.parameters import put_values
from kg.per_version import per_version
from kg.terms import EXQ, GEO, MERGED_VIEW, Literal, NamedNode

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
_GEOMETRY, _AS_WKT = NamedNode(f"{GEO}hasGeometry"), NamedNode(f"{GEO}asWKT")
_CAPITAL, _LOCATED = NamedNode(f"{EXQ}hasCapital"), NamedNode(f"{EXQ}locatedIn")
_NEAR = """
PREFIX exq: <https://w3id.org/exequatur/ontology#>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
SELECT DISTINCT ?thing ?at WHERE {
  VALUES ?thing { rdfs:Resource }
  ?thing exq:takesPlaceAt|exq:locatedIn|exq:seatedIn|exq:hasPremises|exq:territoryOf
    |exq:inTerritoryOf|exq:takesPlaceInState|exq:receivingState ?at
}
"""
_AROUND = """
PREFIX exq: <https://w3id.org/exequatur/ontology#>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
SELECT DISTINCT ?thing ?at WHERE {
  VALUES ?thing { rdfs:Resource }
  ?thing exq:locatedIn ?at
}
"""


@dataclass(frozen=True, slots=True)
class Position:
    """Where *at* is, in degrees: a place, or a state, which stands at its capital."""

    at: NamedNode
    longitude: float
    latitude: float
    is_state: bool = False


@dataclass(frozen=True, slots=True)
class _Atlas:
    """The points of a version, of places and of states."""

    places: Mapping[NamedNode, Position]
    states: Mapping[NamedNode, Position]


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
    atlas = _atlas(snapshot)
    own = {n: atlas.places.get(n) or atlas.states.get(n) for n in wanted}
    found: dict[NamedNode, tuple[Position, ...]]
    found = {node: (one,) for node, one in own.items() if one}
    others = wanted - found.keys() if atlas.places else set()
    near = _pairs_of(snapshot, _NEAR, others)
    around = _pairs_of(snapshot, _AROUND, {at for all_ in near.values() for at in all_})
    for node, all_ in near.items():
        known = _narrowest(atlas, all_, around)
        if known:
            found[node] = known
    return found


def _pairs_of(
    snapshot: Snapshot, text: str, nodes: Collection[NamedNode]
) -> Mapping[NamedNode, set[NamedNode]]:
    """Return what the query *text* relates each of *nodes* to."""
    found: defaultdict[NamedNode, set[NamedNode]] = defaultdict(set)
    if nodes:
        query = put_values(text, "thing", *sorted(nodes, key=str))
        for thing, at in snapshot.query(query).rows():
            if isinstance(thing, NamedNode) and isinstance(at, NamedNode):
                found[thing].add(at)
    return found


def _narrowest(
    atlas: _Atlas,
    near: set[NamedNode],
    around: Mapping[NamedNode, set[NamedNode]],
) -> tuple[Position, ...]:
    """Return where that is which is *near* these: at places, else at states."""
    wide = {outer for one in near for outer in around.get(one, ())}
    places = (near | wide) & atlas.places.keys()
    outer = {outer for one in places for outer in around.get(one, ())}
    if places:
        nodes, known = places - outer or places, atlas.places
    else:
        nodes, known = near & atlas.states.keys(), atlas.states
    return tuple(known[node] for node in sorted(nodes, key=str))


@per_version
def _atlas(snapshot: Snapshot) -> _Atlas:
    points: dict[object, Point] = {}
    for quad in snapshot.quads(None, _AS_WKT, None, MERGED_VIEW):
        found = point(quad.object)
        if found is not None:
            points[quad.subject] = min(found, points.get(quad.subject, found))
    places: dict[NamedNode, Position] = {}
    for subject, geometry in _pairs(snapshot, _GEOMETRY):
        if geometry in points:
            one = Position(subject, *points[geometry])
            places[subject] = min(one, places.get(subject, one), key=_order)
    states: dict[NamedNode, Position] = {}
    for state, capital in _pairs(snapshot, _CAPITAL):
        if capital in places:
            at = places[capital]
            one = Position(state, at.longitude, at.latitude, is_state=True)
            states[state] = min(one, states.get(state, one), key=_order)
    return _Atlas(places, states)


def _pairs(
    snapshot: Snapshot, name: NamedNode
) -> Iterator[tuple[NamedNode, NamedNode]]:
    for quad in snapshot.quads(None, name, None, MERGED_VIEW):
        if isinstance(quad.subject, NamedNode) and isinstance(quad.object, NamedNode):
            yield quad.subject, quad.object


def _order(one: Position) -> Point:
    return one.longitude, one.latitude
