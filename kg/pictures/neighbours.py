"""What stands around an entity, as much of it as a picture can show."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from kg.entities import describe
from kg.names import Thing
from kg.pictures.kinds import Kind, Kinds
from kg.terms import GEO, Literal, NamedNode

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from kg.entities import Description
    from kg.store import Snapshot

MOST_NODES = 18
_MOST_READ = 300
_MOST_GROUPS = 10
_GEOMETRY = NamedNode(f"{GEO}hasGeometry")
_UNKNOWN = Kind("", "other")


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A thing beside the entity, and whether that follows rather than being stated.

    *also* are the other properties that lead to it.
    """

    thing: Thing
    kind: Kind
    is_inferred: bool
    also: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Branch:
    """The neighbours by one property, *more* of them not drawn, None for very many."""

    property: Thing
    is_incoming: bool
    neighbours: tuple[Neighbour, ...]
    more: int | None = 0

    def told(self) -> str:
        """Return how many more there are, in words; "" for none."""
        if self.more is None:
            return "very many more"
        return f"{self.more:,} more" if self.more else ""


@dataclass(frozen=True, slots=True)
class Neighbourhood:
    """What stands around *entity*; not *complete* where not all of it was read."""

    entity: Thing
    kind: Kind
    branches: tuple[Branch, ...]
    more: int = 0
    complete: bool = True


def neighbourhood(
    snapshot: Snapshot,
    node: NamedNode,
    *,
    found: Description | None = None,
    most: int = MOST_NODES,
) -> Neighbourhood:
    """Return the things around *node*, so many of each property that all have a part.

    Each is there once, by a property that is stated rather than one that follows.
    """
    told = found or describe(snapshot, node, most=_MOST_READ)
    kinds = Kinds.of(snapshot)
    groups = _once(list(_pairs(told)))
    kept, left = groups[:_MOST_GROUPS], groups[_MOST_GROUPS:]
    shares = _shares([len(group.neighbours) for group in kept], most)
    branches = tuple(
        replace(
            group,
            neighbours=tuple(
                replace(one, kind=kinds.kind(snapshot, one.thing.term))
                for one in group.neighbours[:share]
            ),
            more=_more(told, group, share),
        )
        for group, share in zip(kept, shares, strict=True)
    )
    return Neighbourhood(
        told.entity,
        kinds.kind(snapshot, node),
        branches,
        sum(len(group.neighbours) for group in left),
        told.complete,
    )


def _more(told: Description, group: Branch, share: int) -> int | None:
    """Return how many of *group* are not drawn: of all where not all were read."""
    for one in told.more:
        if one.property == group.property and one.is_incoming == group.is_incoming:
            return None if one.number is None else one.number - share
    return len(group.neighbours) - share


def _pairs(told: Description) -> Iterator[Branch]:
    """Yield what *told* has of other things, property by property; no positions."""
    for is_incoming, groups in ((False, told.facts), (True, told.incoming)):
        for group in groups:
            if group.property.term == _GEOMETRY:
                continue
            neighbours = tuple(
                Neighbour(fact.value, _UNKNOWN, fact.is_inferred)
                for fact in group.facts
                if isinstance(fact.value.term, NamedNode)
            )
            if neighbours:
                yield Branch(group.property, is_incoming, neighbours)
    for label, claims in (
        ("claims about", told.claims_about),
        ("claims by", told.claims_by),
    ):
        said = tuple(Neighbour(one.claim, _UNKNOWN, not one.sources) for one in claims)
        if said:
            yield Branch(
                Thing(Literal(label), label), is_incoming=True, neighbours=said
            )


def _once(branches: Sequence[Branch]) -> list[Branch]:
    """Return *branches* with each neighbour in one only, those with facts first."""
    by_thing: dict[object, list[tuple[bool, int]]] = {}
    for place, branch in enumerate(branches):
        for one in branch.neighbours:
            by_thing.setdefault(one.thing.term, []).append((one.is_inferred, place))
    best = {term: min(places)[1] for term, places in by_thing.items()}
    found = []
    for place, branch in enumerate(branches):
        own = tuple(
            replace(one, also=_also(branches, by_thing[one.thing.term], place))
            for one in branch.neighbours
            if best[one.thing.term] == place
        )
        if own:
            found.append(replace(branch, neighbours=own))
    return sorted(found, key=lambda b: all(one.is_inferred for one in b.neighbours))


def _also(
    branches: Sequence[Branch], places: Iterable[tuple[bool, int]], own: int
) -> tuple[str, ...]:
    labels = {branches[place].property.label for _, place in places if place != own}
    return tuple(sorted(labels - {branches[own].property.label}))


def _shares(sizes: Sequence[int], most: int) -> list[int]:
    """Return how many of each size are taken, *most* in all, one after another."""
    shares = [0] * len(sizes)
    left = most
    while left and any(share < size for share, size in zip(shares, sizes, strict=True)):
        for place, size in enumerate(sizes):
            if left and shares[place] < size:
                shares[place] += 1
                left -= 1
    return shares
