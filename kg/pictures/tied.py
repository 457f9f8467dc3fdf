"""What ties two: the agreements, events and claims, with what states their parts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from kg.around import stating
from kg.names import things
from kg.pictures.kinds import Kinds
from kg.pictures.ties import memberships
from kg.pictures.wanted import CLAIMS
from kg.sources import evidence_by_graph
from kg.terms import EXQ, INFERRED, MERGED_VIEW, NamedNode, Triple, is_sentence

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from kg.names import Thing
    from kg.pictures.kinds import Kind
    from kg.snapshot import Snapshot
    from kg.sources import Evidence
    from kg.terms import Term

MOST_THINGS = 100
_PARTS = tuple(
    NamedNode(f"{EXQ}{name}")
    for name in (
        "hasParty", "setParty", "hasSignatory", "undertakenBy", "hasParticipant",
        "involvesState",
    )
)  # fmt: skip
_MADE_BY, _ABOUT = (NamedNode(f"{EXQ}{name}") for name in ("madeBy", "claimAbout"))


@dataclass(frozen=True, slots=True)
class Part:
    """That a thing has an agent, by a *property*: stated by passages, or inferred."""

    triple: Triple
    agent: Thing
    property: Thing
    passages: tuple[Evidence, ...]
    is_stated: bool


@dataclass(frozen=True, slots=True)
class Shared:
    """A thing that ties two, of one *sort* of ties, and the part of each in it."""

    thing: Thing
    kind: Kind
    sort: str
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Tied:
    """Two and what ties them: some of it, *total* in all."""

    one: Thing
    other: Thing
    shared: tuple[Shared, ...]
    total: int


def tied(
    snapshot: Snapshot,
    one: NamedNode,
    other: NamedNode,
    *,
    most: int = MOST_THINGS,
    skip: int = 0,
) -> Tied:
    """Return what ties *one* and *other*: agreements, then events, then claims.

    That are *most* things at most, after *skip* of them.
    """
    found = memberships(snapshot).between(one.value, other.value)
    kept = found[skip : skip + most]
    triples = {
        (sort, node): _triples(snapshot, sort, NamedNode(node), (one, other))
        for sort, node in kept
    }
    every = [triple for some in triples.values() for triple in some]
    graphs = _graphs(snapshot, every)
    named = {graph for stated in graphs.values() for graph in stated}
    evidence = evidence_by_graph(
        snapshot, {g for g in named if is_sentence(g, snapshot.base)}
    )
    names = things(
        snapshot,
        {one, other, *(term for t in every for term in _terms(t))},
    )
    kinds = Kinds.of(snapshot)

    def part(triple: Triple) -> Part:
        stated = graphs[triple]
        passages = tuple(evidence[graph] for graph in stated if graph in evidence)
        _, property_, agent = (names[term] for term in _terms(triple))
        return Part(triple, agent, property_, passages, bool(stated))

    shared = tuple(
        Shared(
            names[NamedNode(node)],
            kinds.kind(snapshot, NamedNode(node)),
            sort,
            tuple(part(triple) for triple in triples[sort, node]),
        )
        for sort, node in kept
    )
    return Tied(names[one], names[other], shared, len(found))


def _terms(triple: Triple) -> tuple[Term, Term, Term]:
    return cast("Term", triple.subject), triple.predicate, cast("Term", triple.object)


def _triples(
    snapshot: Snapshot, sort: str, node: NamedNode, agents: Sequence[NamedNode]
) -> list[Triple]:
    """Return how *node* has to do with each of *agents*, in one triple for each."""
    names = (_MADE_BY, _ABOUT) if sort == CLAIMS else _PARTS
    found = []
    for agent in agents:
        ways = (Triple(node, name, agent) for name in names)
        found += list(_first(snapshot, ways))
    return found


def _first(snapshot: Snapshot, ways: Iterable[Triple]) -> list[Triple]:
    """Return the first of *ways* that is stated, or else the first that holds."""
    held = [
        way
        for way in ways
        if any(snapshot.quads(way.subject, way.predicate, way.object, MERGED_VIEW))  # type: ignore[arg-type]
    ]
    by_way = _graphs(snapshot, held)
    stated = (way for way in held if by_way[way])
    chosen = next(stated, held[0] if held else None)
    return [chosen] if chosen else []


def _graphs(
    snapshot: Snapshot, triples: Iterable[Triple]
) -> dict[Triple, list[NamedNode]]:
    """Return the graphs that state each of *triples*."""
    return {
        triple: sorted(
            {
                quad.graph_name
                for quad in stating(snapshot, (triple,))
                if isinstance(quad.graph_name, NamedNode)
                and quad.graph_name != INFERRED
            },
            key=str,
        )
        for triple in triples
    }
