"""What is dated, in order, as much of it as a page can show."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING

from kg.around import stating
from kg.names import things
from kg.parameters import put_values
from kg.pictures.entries import entries, values
from kg.pictures.kinds import Kind, Kinds
from kg.sequence import in_sequence
from kg.sources import evidence_by_graph
from kg.terms import (
    EXQ,
    MERGED_VIEW,
    TYPE,
    NamedNode,
    Triple,
    is_sentence,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from kg.names import Thing
    from kg.pictures.dates import Reach
    from kg.pictures.entries import Entry
    from kg.sources import Evidence
    from kg.store import Snapshot

MOST_EVENTS = 60
_WORDING, _WEEKDAY = (
    NamedNode(f"{EXQ}{name}") for name in ("dateWording", "dayOfWeek")
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
    chosen = list(_chosen(snapshot, choice))
    placed = [one for one in chosen if one.reach and not one.reach.is_yearless]
    others = [] if skip else chosen
    yearless = [one for one in others if one.reach and one.reach.is_yearless]
    undated = [one for one in others if one.reach is None]
    half = most // 2
    of_page = placed[skip : skip + most]
    yearless_shown = _in_sequence(snapshot, yearless[:half])
    undated_shown = _in_sequence(snapshot, undated[:half])
    shown = _Shown(snapshot, [*of_page, *yearless_shown, *undated_shown])
    return Timeline(
        shown.of(of_page),
        shown.of(yearless_shown),
        shown.of(undated_shown),
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


def _years(entries: Iterable[Entry]) -> tuple[tuple[int, int], ...]:
    return tuple(sorted(Counter(one.order[0].year for one in entries).items()))


# --- which ------------------------------------------------------------------------


def _chosen(snapshot: Snapshot, choice: Choice) -> Iterator[Entry]:
    """Yield what *choice* means, in order."""
    kept = [
        _found(snapshot, text, node)
        for text, node in ((_OF_STATE, choice.state), (_ON_SUBJECT, choice.subject))
        if node is not None
    ]
    if choice.kind:
        kind = NamedNode(f"{EXQ}{choice.kind}")
        kept.append({q.subject for q in snapshot.quads(None, TYPE, kind, MERGED_VIEW)})
    for one in entries(snapshot, situations=bool(choice.kind)):
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


def _in_sequence(snapshot: Snapshot, entries: Iterable[Entry]) -> list[Entry]:
    """Return *entries* in the order that sources state, where no year tells it."""
    found: defaultdict[NamedNode, list[Entry]] = defaultdict(list)
    for one in entries:
        found[one.thing].append(one)
    return [
        one for thing in in_sequence(snapshot, list(found), ()) for one in found[thing]
    ]


# --- what is shown of them --------------------------------------------------------


class _Shown:
    """What there is to show of entries: names, kinds, wordings and passages."""

    def __init__(self, snapshot: Snapshot, entries: Sequence[Entry]) -> None:
        self._here = snapshot
        self._kinds = Kinds.of(snapshot)
        days = {d for e in entries for d in values(snapshot, e.time, _WEEKDAY)}
        self._things = things(snapshot, {*(one.thing for one in entries), *days})
        self._graphs = {one: _passages(snapshot, one) for one in entries}
        named = {graph for graphs in self._graphs.values() for graph in graphs}
        self._evidence = evidence_by_graph(snapshot, named)

    def of(self, entries: Iterable[Entry]) -> tuple[Dated, ...]:
        return tuple(self._one(entry) for entry in entries)

    def _one(self, entry: Entry) -> Dated:
        here = self._here
        wording = values(here, entry.time, _WORDING)
        days = values(here, entry.time, _WEEKDAY)
        return Dated(
            replace(self._things[entry.thing], note=""),
            self._kinds.kind(here, entry.thing),
            wording[0].value if wording else "",
            entry.edtf,
            self._things[days[0]].label if days else "",
            entry.reach,
            tuple(self._evidence[graph] for graph in self._graphs[entry]),
        )


def _passages(snapshot: Snapshot, entry: Entry) -> list[NamedNode]:
    """Return the passages that date a thing."""
    triple = Triple(entry.thing, entry.by, entry.time)
    names = {quad.graph_name for quad in stating(snapshot, (triple,))}
    found = (name for name in names if is_sentence(name, snapshot.base))
    return sorted((g for g in found if isinstance(g, NamedNode)), key=str)
