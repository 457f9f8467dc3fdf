"""Claims that dispute each other, with those of each side together.

Claims that are joined by disputes form a conflict. It has two sides where each of them
disputes only claims of the other; where that cannot be, it is a list.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, cast

from kg.claims import ClaimSummary, claim_parts, summaries
from kg.names import things
from kg.terms import EXQ, MERGED_VIEW, NamedNode, Triple
from kg.whence import described_sources, in_order, sources_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from kg.names import Thing
    from kg.store import Snapshot
    from kg.terms import Term
    from kg.whence import Source

MOST_CLAIMS = 60
"""A conflict is followed until it has so many claims."""

_DISPUTES = NamedNode(f"{EXQ}disputes")
_TEXT = NamedNode(f"{EXQ}claimText")


@dataclass(frozen=True, slots=True)
class Pair:
    """Two claims of which one disputes the other, and who says so."""

    claim: Thing
    disputes: Thing
    by: Thing
    sources: tuple[Source, ...]

    @property
    def is_inferred(self) -> bool:
        """Tell whether no source states it."""
        return not self.sources

    @property
    def statement(self) -> tuple[Thing, Thing, Thing]:
        """The triple that says so."""
        return self.claim, self.by, self.disputes


@dataclass(frozen=True, slots=True)
class Conflict:
    """Claims by *sides*, two or, where they cannot be told apart, one of all claims.

    *pairs* are those that dispute each other. There are *more* claims where not all
    were read.
    """

    sides: tuple[tuple[ClaimSummary, ...], ...]
    pairs: tuple[Pair, ...]
    more: bool = False

    @property
    def makers(self) -> tuple[tuple[str, ...], ...]:
        """Who makes the claims of each side."""
        return tuple(
            tuple(sorted({maker.label for claim in side for maker in claim.makers}))
            for side in self.sides
        )

    @property
    def claims(self) -> frozenset[Term]:
        """All claims of it."""
        return frozenset(one.claim.term for side in self.sides for one in side)


def conflicts(snapshot: Snapshot, claims: Iterable[NamedNode]) -> tuple[Conflict, ...]:
    """Return the conflicts that *claims* are in, in their order."""
    disputes = _Disputes(snapshot)
    found: list[Conflict] = []
    seen: set[Term] = set()
    for claim in claims:
        if claim not in seen:
            group = disputes.group(claim)
            seen |= set(group)
            if len(group) > 1:
                found.append(_conflict(snapshot, disputes, group))
    return tuple(found)


class _Disputes:
    """Which claims dispute which, either way; looked up as they are asked for."""

    def __init__(self, snapshot: Snapshot) -> None:
        self._snapshot = snapshot
        self._of: dict[NamedNode, list[NamedNode]] = {}

    def of(self, claim: NamedNode) -> list[NamedNode]:
        """Return the claims that *claim* is in dispute with, by IRI."""
        if claim not in self._of:
            look_up = self._snapshot.quads
            disputed = look_up(claim, _DISPUTES, None, MERGED_VIEW)
            disputing = look_up(None, _DISPUTES, claim, MERGED_VIEW)
            found = {quad.object for quad in islice(disputed, MOST_CLAIMS)}
            found |= {quad.subject for quad in islice(disputing, MOST_CLAIMS)}
            nodes = (node for node in found if isinstance(node, NamedNode))
            self._of[claim] = sorted(nodes, key=str)
        return self._of[claim]

    def group(self, claim: NamedNode) -> list[NamedNode]:
        """Return *claim* and what it is joined with, the nearest first."""
        found = {claim: None}
        for one in (waiting := [claim]):
            for other in self.of(one):
                if other not in found and len(found) < MOST_CLAIMS:
                    found[other] = None
                    waiting.append(other)
        return list(found)

    def sides(self, group: Sequence[NamedNode]) -> list[list[NamedNode]]:
        """Return the two sides of a *group*; it whole where there are not two."""
        side = {group[0]: False}
        # The nearest come first: what joins a claim with the first one has its side.
        for one in group:
            for other in self._within(one, group):
                if side.setdefault(other, not side[one]) == side[one]:
                    return [list(group)]
        return [[one for one in group if side[one] is way] for way in (False, True)]

    def pairs(
        self, group: Sequence[NamedNode]
    ) -> Iterator[tuple[Triple, set[NamedNode]]]:
        """Yield a triple for each two that dispute each other, with who states it."""
        for place, one in enumerate(group):
            for other in self._within(one, group):
                if group.index(other) > place:
                    yield self._stated(one, other)

    def _within(
        self, one: NamedNode, group: Sequence[NamedNode]
    ) -> Iterator[NamedNode]:
        return (other for other in self.of(one) if other in group)

    def _stated(
        self, one: NamedNode, other: NamedNode
    ) -> tuple[Triple, set[NamedNode]]:
        ways = [Triple(one, _DISPUTES, other), Triple(other, _DISPUTES, one)]
        found = [(way, sources_of(self._snapshot, way)) for way in ways]
        return max(found, key=lambda way: bool(way[1]))


def _conflict(
    snapshot: Snapshot, disputes: _Disputes, group: Sequence[NamedNode]
) -> Conflict:
    stated = {one: _stating(snapshot, one) for one in group}
    pairs = list(disputes.pairs(group))
    graphs = {graph for _, graphs in pairs for graph in graphs}
    known = described_sources(snapshot, graphs.union(*stated.values()))
    labels = things(snapshot, [*group, _DISPUTES])
    parts = claim_parts(snapshot, group)
    sources = {one: in_order(known[g] for g in found) for one, found in stated.items()}
    return Conflict(
        tuple(
            summaries({one: sources[one] for one in side}, labels, parts)
            for side in disputes.sides(group)
        ),
        tuple(_pair(triple, labels, known, found) for triple, found in pairs),
        len(group) == MOST_CLAIMS,
    )


def _pair(
    triple: Triple,
    labels: Mapping[Term, Thing],
    known: Mapping[NamedNode, Source],
    graphs: set[NamedNode],
) -> Pair:
    return Pair(
        labels[cast("NamedNode", triple.subject)],
        labels[cast("NamedNode", triple.object)],
        labels[_DISPUTES],
        in_order(known[graph] for graph in graphs),
    )


def _stating(snapshot: Snapshot, claim: NamedNode) -> set[NamedNode]:
    """Return the graphs that state what *claim* says."""
    found: set[NamedNode] = set()
    for quad in snapshot.quads(claim, _TEXT, None, MERGED_VIEW):
        found |= sources_of(snapshot, Triple(claim, _TEXT, quad.object))
    return found
