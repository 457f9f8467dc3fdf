"""What is dated, in order, as much of it as a page can show.

A version's dates are gathered once and kept as long as it is: what is asked of them
then needs no more than to look through a list.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from kg.around import stating
from kg.names import things
from kg.parameters import put_values
from kg.pictures.dates import Reach, reach
from kg.pictures.kinds import Kind, Kinds
from kg.sources import evidence_by_graph
from kg.terms import (
    EXQ,
    MERGED_VIEW,
    TYPE,
    Literal,
    NamedNode,
    Triple,
    is_sentence,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from kg.names import Thing
    from kg.sources import Evidence
    from kg.store import Snapshot
    from kg.terms import Term

MOST_EVENTS = 60
_HAS_TIME, _DATED_TO, _HOLDS = (
    NamedNode(f"{EXQ}{name}") for name in ("hasTime", "datedTo", "holdsDuring")
)
_EDTF, _WORDING, _WEEKDAY, _EARLIEST, _LATEST = (
    NamedNode(f"{EXQ}{name}")
    for name in ("edtf", "dateWording", "dayOfWeek", "earliest", "latest")
)
_OF_STATE = """
PREFIX exq: <https://w3id.org/exequatur/ontology#>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
SELECT DISTINCT ?thing WHERE {
  VALUES ?wanted { rdfs:Resource }
  {
    ?thing exq:involvesState|exq:takesPlaceInState|exq:hasParticipant|exq:visitsState
      ?wanted .
  } UNION {
    ?text exq:involvesState ?wanted .
    ?thing exq:concernsAgreement ?text .
  }
}
"""
_ON_SUBJECT = """
PREFIX exq: <https://w3id.org/exequatur/ontology#>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
SELECT DISTINCT ?thing WHERE {
  VALUES ?wanted { rdfs:Resource }
  ?field skos:broader* ?wanted .
  { ?thing exq:hasSubjectArea ?field } UNION { ?thing exq:hasTopic ?field }
}
"""


@dataclass(frozen=True, slots=True)
class Choice:
    """Which of the dated things are meant; None and "" stand for any.

    *kind* is the name of a class of ours. *after* and *before* leave out what cannot
    have happened then, and what has no year.
    """

    state: NamedNode | None = None
    subject: NamedNode | None = None
    kind: str = ""
    after: date | None = None
    before: date | None = None


@dataclass(frozen=True, slots=True)
class Dated:
    """A thing with its date: *reach* is None where nothing but the wording is known."""

    thing: Thing
    kind: Kind
    wording: str
    edtf: str
    weekday: str
    reach: Reach | None
    passages: tuple[Evidence, ...] = ()


@dataclass(frozen=True, slots=True)
class Timeline:
    """Dated things: a page of those with a year, *total* in all, and some of the rest.

    *years* says how many begin in which. *more* are those that are not shown of the
    ones without a year, and without any date.
    """

    placed: tuple[Dated, ...]
    yearless: tuple[Dated, ...]
    undated: tuple[Dated, ...]
    years: tuple[tuple[int, int], ...]
    total: int
    more_yearless: int = 0
    more_undated: int = 0


@dataclass(frozen=True, slots=True)
class _Entry:
    thing: NamedNode
    by: NamedNode
    time: NamedNode
    reach: Reach | None
    edtf: str

    @property
    def order(self) -> tuple[date, date, str]:
        first = (self.reach and (self.reach.first or self.reach.last)) or date.max
        last = (self.reach and self.reach.last) or date.max
        return first, last, self.thing.value


def timeline(
    snapshot: Snapshot,
    choice: Choice | None = None,
    *,
    most: int = MOST_EVENTS,
    skip: int = 0,
) -> Timeline:
    """Return the things that *choice* means: *most* after *skip* of those with a year.

    Those without one come with the first of them. Without a kind those are events and
    texts; with one they may be situations, such as tenures, too.
    """
    choice = choice or Choice()
    entries = list(_chosen(snapshot, choice))
    placed = [one for one in entries if one.reach and not one.reach.is_yearless]
    others = [] if skip else entries
    yearless = [one for one in others if one.reach and one.reach.is_yearless]
    undated = [one for one in others if one.reach is None]
    half = most // 2
    shown = _Shown(
        snapshot, [*placed[skip : skip + most], *yearless[:half], *undated[:half]]
    )
    return Timeline(
        shown.of(placed[skip : skip + most]),
        shown.of(yearless[:half]),
        shown.of(undated[:half]),
        _years(placed),
        len(placed),
        len(yearless[half:]),
        len(undated[half:]),
    )


def happening(
    snapshot: Snapshot, after: date | None, before: date | None
) -> set[NamedNode]:
    """Return the events and texts that can be of the days from *after* to *before*."""
    choice = Choice(after=after, before=before)
    return {one.thing for one in _chosen(snapshot, choice)}


def _years(entries: Iterable[_Entry]) -> tuple[tuple[int, int], ...]:
    return tuple(sorted(Counter(one.order[0].year for one in entries).items()))


# --- which ------------------------------------------------------------------------


def _chosen(snapshot: Snapshot, choice: Choice) -> Iterator[_Entry]:
    """Yield what *choice* means, in order."""
    kept = [
        _found(snapshot, text, node)
        for text, node in ((_OF_STATE, choice.state), (_ON_SUBJECT, choice.subject))
        if node is not None
    ]
    if choice.kind:
        kind = NamedNode(f"{EXQ}{choice.kind}")
        kept.append({q.subject for q in snapshot.quads(None, TYPE, kind, MERGED_VIEW)})
    for one in _entries(snapshot, situations=bool(choice.kind)):
        if all(one.thing in some for some in kept) and _fits(one.reach, choice):
            yield one


def _fits(found: Reach | None, choice: Choice) -> bool:
    if choice.after is None and choice.before is None:
        return True
    if found is None or found.is_yearless:
        return False
    is_late = not choice.after or not found.last or found.last >= choice.after
    is_soon = not choice.before or not found.first or found.first <= choice.before
    return is_late and is_soon


def _found(snapshot: Snapshot, text: str, node: NamedNode) -> set[object]:
    rows = snapshot.query(put_values(text, "wanted", node)).rows()
    return {row[0] for row in rows}


# A version never changes: its dates are read once and live as long as it does.
_ENTRIES_OF: WeakKeyDictionary[Snapshot, dict[bool, list[_Entry]]] = WeakKeyDictionary()


def _entries(snapshot: Snapshot, *, situations: bool) -> list[_Entry]:
    """Return all that is dated, in order; what cannot be placed at the end."""
    known = _ENTRIES_OF.setdefault(snapshot, {})
    if situations not in known:
        names = (_HAS_TIME, _DATED_TO, *([_HOLDS] if situations else []))
        known[situations] = _read(snapshot, names)
    return known[situations]


def _read(snapshot: Snapshot, names: Iterable[NamedNode]) -> list[_Entry]:
    written = {
        quad.subject: quad.object.value
        for quad in snapshot.quads(None, _EDTF, None, MERGED_VIEW)
        if isinstance(quad.object, Literal)
    }
    found = [
        _Entry(quad.subject, name, time, _reach(snapshot, time, edtf), edtf)
        for name in names
        for quad in snapshot.quads(None, name, None, MERGED_VIEW)
        if isinstance(quad.subject, NamedNode)
        and isinstance(time := quad.object, NamedNode)
        and (edtf := written.get(time, "")) is not None
    ]
    return sorted(found, key=lambda one: (one.reach is None, *one.order))


def _reach(snapshot: Snapshot, time: NamedNode, edtf: str) -> Reach | None:
    """Return what the date leaves open, by its EDTF or the days that the facts give."""
    found = reach(edtf)
    if found is not None:
        return found
    first, last = (_day(snapshot, time, name) for name in (_EARLIEST, _LATEST))
    return Reach(first, last) if first or last else None


def _day(snapshot: Snapshot, time: NamedNode, name: NamedNode) -> date | None:
    for value in _values(snapshot, time, name):
        try:
            return date.fromisoformat(value.value[:10])
        except ValueError:
            continue
    return None


def _values(snapshot: Snapshot, node: NamedNode, name: NamedNode) -> list[Term]:
    found = [quad.object for quad in snapshot.quads(node, name, None, MERGED_VIEW)]
    return sorted((v for v in found if isinstance(v, Literal | NamedNode)), key=str)


# --- what is shown of them --------------------------------------------------------


class _Shown:
    """What there is to show of entries: names, kinds, wordings and passages."""

    def __init__(self, snapshot: Snapshot, entries: Sequence[_Entry]) -> None:
        self._here = snapshot
        self._kinds = Kinds.of(snapshot)
        days = {d for e in entries for d in _values(snapshot, e.time, _WEEKDAY)}
        self._things = things(snapshot, {*(one.thing for one in entries), *days})
        self._graphs = {one: _passages(snapshot, one) for one in entries}
        named = {graph for graphs in self._graphs.values() for graph in graphs}
        self._evidence = evidence_by_graph(snapshot, named)

    def of(self, entries: Iterable[_Entry]) -> tuple[Dated, ...]:
        return tuple(self._one(entry) for entry in entries)

    def _one(self, entry: _Entry) -> Dated:
        here = self._here
        wording = _values(here, entry.time, _WORDING)
        days = _values(here, entry.time, _WEEKDAY)
        return Dated(
            replace(self._things[entry.thing], note=""),
            self._kinds.kind(here, entry.thing),
            wording[0].value if wording else "",
            entry.edtf,
            self._things[days[0]].label if days else "",
            entry.reach,
            tuple(self._evidence[graph] for graph in self._graphs[entry]),
        )


def _passages(snapshot: Snapshot, entry: _Entry) -> list[NamedNode]:
    """Return the passages that date a thing."""
    triple = Triple(entry.thing, entry.by, entry.time)
    names = {quad.graph_name for quad in stating(snapshot, (triple,))}
    found = (name for name in names if is_sentence(name, snapshot.base))
    return sorted((g for g in found if isinstance(g, NamedNode)), key=str)
