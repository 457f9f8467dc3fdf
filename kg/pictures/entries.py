"""What is dated in a version, in order.

A version's dates are gathered once and kept as long as it is: what is asked of them
then needs no more than to look through a list. From one version to the next only those
are read again that a change speaks of.
"""

from __future__ import annotations

from bisect import insort
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from kg.following import Following
from kg.pictures.dates import Reach, reach
from kg.terms import EXQ, MERGED_VIEW, Literal, NamedNode

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence

    from kg.created import Quads
    from kg.snapshot import Snapshot
    from kg.terms import Term

_HOLDS = NamedNode(f"{EXQ}holdsDuring")
_DATING = (NamedNode(f"{EXQ}hasTime"), NamedNode(f"{EXQ}datedTo"), _HOLDS)
_EDTF, _EARLIEST, _LATEST = (
    NamedNode(f"{EXQ}{name}") for name in ("edtf", "earliest", "latest")
)


@dataclass(frozen=True, slots=True)
class Entry:
    """A thing that *by* dates to *time*; *reach* is None where that leaves all open."""

    thing: NamedNode
    by: NamedNode
    time: NamedNode
    reach: Reach | None
    edtf: str

    @property
    def order(self) -> tuple[date, date, str]:
        """What it is sorted by."""
        first = (self.reach and (self.reach.first or self.reach.last)) or date.max
        last = (self.reach and self.reach.last) or date.max
        return first, last, self.thing.value


class Entries(list[Entry]):
    """Entries in order, and the *nodes* without which none of them changes.

    Those are the things, their times, and it may be some that are neither any more.
    """

    def __init__(self, found: Iterable[Entry], nodes: frozenset[NamedNode]) -> None:
        super().__init__(found)
        self.nodes = nodes


def entries(snapshot: Snapshot, *, situations: bool) -> Sequence[Entry]:
    """Return all that is dated, in order; what cannot be placed at the end.

    That is events and texts, and with *situations* what holds for a time, too.
    """
    found = GATHERED(snapshot)
    return found if situations else [one for one in found if one.by != _HOLDS]


def dated(here: Quads, things: Iterable[NamedNode]) -> Iterator[Entry]:
    """Yield those of *things* that are dated, once for each of their times."""
    for found in _dated(here, things):
        yield _looked_up(here, *found)


def values(snapshot: Quads, node: NamedNode, name: NamedNode) -> list[Term]:
    """Return what *node* has by *name*, in a fixed order."""
    found = [quad.object for quad in snapshot.quads(node, name, None, MERGED_VIEW)]
    return sorted((v for v in found if isinstance(v, Literal | NamedNode)), key=str)


def _read(snapshot: Snapshot) -> Entries:
    written: dict[object, str] = {}
    for quad in snapshot.quads(None, _EDTF, None, MERGED_VIEW):
        if isinstance(quad.object, Literal):
            # The same one of several as if they were asked for one by one.
            other = written.get(quad.subject, "")
            written[quad.subject] = max(other, quad.object.value)
    found = [
        _entry(snapshot, *one, written.get(one[-1], ""))
        for one in _dated(snapshot, (None,))
    ]
    return Entries(sorted(found, key=_place), _nodes(found))


def _follow(
    before: Entries, snapshot: Snapshot, nodes: Collection[NamedNode]
) -> Entries:
    """Return the entries of *snapshot*, given those before *nodes* changed."""
    is_new = any(True for _ in _dated(snapshot, nodes))
    if not is_new and before.nodes.isdisjoint(nodes):
        return before
    again = {*nodes, *(one.thing for one in before if one.time in nodes)}
    found = [one for one in before if one.thing not in again]
    new = list(dated(snapshot, again))
    for entry in new:
        insort(found, entry, key=_place)
    return Entries(found, before.nodes | _nodes(new))


def _nodes(found: Iterable[Entry]) -> frozenset[NamedNode]:
    return frozenset(node for one in found for node in (one.thing, one.time))


def _looked_up(
    snapshot: Quads, thing: NamedNode, by: NamedNode, time: NamedNode
) -> Entry:
    written = values(snapshot, time, _EDTF)
    texts = (one.value for one in written if isinstance(one, Literal))
    return _entry(snapshot, thing, by, time, max(texts, default=""))


def _entry(
    snapshot: Quads, thing: NamedNode, by: NamedNode, time: NamedNode, edtf: str
) -> Entry:
    return Entry(thing, by, time, _reach(snapshot, time, edtf), edtf)


def _dated(
    snapshot: Quads, things: Iterable[NamedNode | None]
) -> Iterator[tuple[NamedNode, NamedNode, NamedNode]]:
    """Yield which of *things* are dated by what to which time; None is any thing."""
    for thing in things:
        for name in _DATING:
            for quad in snapshot.quads(thing, name, None, MERGED_VIEW):
                subject, time = quad.subject, quad.object
                if isinstance(subject, NamedNode) and isinstance(time, NamedNode):
                    yield subject, name, time


def _place(one: Entry) -> tuple[bool, date, date, str, str, str]:
    return one.reach is None, *one.order, one.by.value, one.time.value


def _reach(snapshot: Quads, time: NamedNode, edtf: str) -> Reach | None:
    """Return what the date leaves open, by its EDTF or the days that the facts give."""
    found = reach(edtf)
    if found is not None:
        return found
    first, last = (_day(snapshot, time, name) for name in (_EARLIEST, _LATEST))
    return Reach(first, last) if first or last else None


def _day(snapshot: Quads, time: NamedNode, name: NamedNode) -> date | None:
    for value in values(snapshot, time, name):
        try:
            return date.fromisoformat(value.value[:10])
        except ValueError:
            continue
    return None


GATHERED = Following(_read, _follow, of=(*_DATING, _EDTF, _EARLIEST, _LATEST))
"""Reads the entries of a version, or makes them from those of one before it."""
