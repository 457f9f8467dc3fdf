"""What a thing is, when it is dated, and what one that stands in between leads to."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple, cast

from kg.folding import fold
from kg.pictures.dates import reach
from kg.terms import (
    EXQ,
    MERGED_VIEW,
    ONTOLOGY,
    RDFS,
    TYPE,
    Literal,
    NamedNode,
    Triple,
)
from kg.whence import sources_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kg.store import Snapshot
    from kg.terms import Term

_RANGE = NamedNode(f"{RDFS}range")
_TIME_SPAN = NamedNode(f"{EXQ}TimeSpan")
_EDTF = NamedNode(f"{EXQ}edtf")
_MOST = 60
"""So many triples either way are read of what stands in between."""


class _Between(NamedTuple):
    """A class of things that lead to one *to* a class; on its page, *back* by this."""

    name: str
    to: str
    back: str


_BETWEEN = (
    _Between("Participation", "Event", "participatingAgent"),
    _Between("Tenure", "Post", "tenureOf"),
)


class Statement(NamedTuple):
    """A triple of the merged view whose subject and predicate are IRIs."""

    subject: NamedNode
    predicate: NamedNode
    object: Term

    @property
    def triple(self) -> Triple:
        """The same for the store."""
        return Triple(*self)


@dataclass(frozen=True, slots=True)
class Related:
    """What something in between leads to, in which roles, and when."""

    target: NamedNode
    roles: tuple[Statement, ...]
    date: NamedNode | None


class Relations:
    """Looks up what stands around things; each only once."""

    def __init__(self, snapshot: Snapshot) -> None:
        self._snapshot = snapshot
        self._classes: dict[NamedNode, frozenset[str]] = {}
        self._dates: dict[NamedNode, NamedNode | None] = {}
        found = snapshot.quads(None, _RANGE, _TIME_SPAN, ONTOLOGY)
        self._dating = {quad.subject for quad in found}

    def classes(self, node: NamedNode) -> frozenset[str]:
        """Return the names of the classes of ours that *node* is in."""
        if node not in self._classes:
            self._classes[node] = frozenset(
                quad.object.value.removeprefix(EXQ)
                for quad in self._snapshot.quads(node, TYPE, None, MERGED_VIEW)
                if isinstance(quad.object, NamedNode)
            )
        return self._classes[node]

    def date(self, node: NamedNode) -> NamedNode | None:
        """Return the time that *node* has; one that is stated before any other."""
        if node not in self._dates:
            self._dates[node] = self._dated(node)
        return self._dates[node]

    def _dated(self, node: NamedNode) -> NamedNode | None:
        found = [
            (str(one.predicate), one)
            for one in self._outgoing(node)
            if one.predicate in self._dating and isinstance(one.object, NamedNode)
        ]
        in_turn = [one for _, one in sorted(found, key=lambda pair: pair[0])]
        best = next(filter(self._is_stated, in_turn), next(iter(in_turn), None))
        return cast("NamedNode", best.object) if best else None

    def through(self, node: NamedNode, entity: NamedNode) -> list[Related]:
        """Return what *node* leads to from *entity*, nothing where it is an end."""
        names = self.classes(node)
        between = next((one for one in _BETWEEN if one.name in names), None)
        if between is None:
            return []
        around = [*self._outgoing(node), *self._incoming(node)]
        roles = self._roles(node, around)
        time = self.date(node)
        return [
            Related(target, self._told(roles, around, entity, target), time)
            for target in self._targets(between, node, entity, around)
        ]

    def _targets(
        self,
        between: _Between,
        node: NamedNode,
        entity: NamedNode,
        around: list[Statement],
    ) -> list[NamedNode]:
        back = NamedNode(f"{EXQ}{between.back}")
        is_back = between.to in self.classes(entity)
        found: dict[NamedNode, None] = {}
        for one in around:
            other = one.object if one.subject == node else one.subject
            if not isinstance(other, NamedNode) or other == entity:
                continue
            if one.predicate == back if is_back else between.to in self.classes(other):
                found[other] = None
        return list(found)

    def _roles(self, node: NamedNode, around: list[Statement]) -> list[Statement]:
        """Return what sources state of *node* besides its time."""
        return [
            one
            for one in around
            if one.subject == node
            and one.predicate not in self._dating
            and isinstance(one.object, NamedNode)
            and self._is_stated(one)
        ]

    def _told(
        self,
        roles: list[Statement],
        around: list[Statement],
        entity: NamedNode,
        target: NamedNode,
    ) -> tuple[Statement, ...]:
        """Return the *roles* that name neither end, or else what names the entity."""
        told = [one for one in roles if one.object not in {entity, target}]
        joined = (one for one in around if entity in {one.subject, one.object})
        return tuple(told or filter(self._is_stated, joined))

    def _is_stated(self, one: Statement) -> bool:
        return bool(sources_of(self._snapshot, one.triple))

    def _outgoing(self, node: NamedNode) -> Iterator[Statement]:
        found = self._snapshot.quads(node, None, None, MERGED_VIEW)
        for quad in islice(found, _MOST):
            if quad.predicate.value.startswith(EXQ):
                yield Statement(node, quad.predicate, cast("Term", quad.object))

    def _incoming(self, node: NamedNode) -> Iterator[Statement]:
        found = self._snapshot.quads(None, None, node, MERGED_VIEW)
        for quad in islice(found, _MOST):
            is_own = quad.predicate.value.startswith(EXQ)
            if is_own and isinstance(quad.subject, NamedNode):
                yield Statement(quad.subject, quad.predicate, node)


def sort_key(
    snapshot: Snapshot, time: NamedNode | None, label: str
) -> tuple[int, date, date, str]:
    """Return what puts things in the order of their times: first a grade of these.

    It is 0 with a year, 1 without one, and 2 for what has no date.
    """
    texts = snapshot.quads(time, _EDTF, None, MERGED_VIEW) if time else ()
    edtf = min(
        (q.object.value for q in texts if isinstance(q.object, Literal)), default=""
    )
    found = reach(edtf)
    if found is None:
        return 2, date.max, date.max, fold(label)
    first, last = found.first or found.last, found.last
    return (
        int(found.is_yearless),
        first or date.max,
        last or date.max,
        fold(label),
    )
