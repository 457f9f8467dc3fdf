"""The newest of very many things that a property relates a node to.

What is dated in a version is kept in order (`kg.pictures.entries`). Where a node has
very many links, that is looked through from the end, which soon finds enough of them.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from heapq import nlargest
from itertools import islice
from typing import TYPE_CHECKING, TypeAlias, cast

from kg.parameters import put_values
from kg.per_version import per_version
from kg.pictures.entries import GATHERED, dated
from kg.terms import EXQ, MERGED_VIEW, TYPE, NamedNode, Triple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from kg.created import Quads
    from kg.pictures.entries import Entry
    from kg.snapshot import Snapshot
    from kg.terms import Node, Term

    Rank: TypeAlias = tuple[int, tuple[date, date]]

READ = 100_000
"""So many links of a property are read at most."""

_FEW = 500
"""Of no more links than that each is looked up; of more, what is newest is tried.

Those without a time are not, where no more than that have one.
"""

_TRIED = 5_000
"""Where so many of the newest things were tried, it is quicker to read all links.

Of more than 20,000 links that is a quarter as many as they are.
"""

_KEPT = 1_000
"""What was found of so many properties is kept."""

_PLACED, _YEARLESS = 2, 1
_UNDATED = (0, (date.min, date.min))

_HAS_PARTICIPATION = NamedNode(f"{EXQ}hasParticipation")
_PARTICIPATION = NamedNode(f"{EXQ}Participation")
_DATED = frozenset(
    NamedNode(f"{EXQ}{name}")
    for name in ("Agreement", "AgreementSet", "Event", "Participation", "Tenure")
)


_WAYS = {False: "?node ?property ?end", True: "?end ?property ?node"}
_DATED_ENDS = """
PREFIX exq: <https://w3id.org/exequatur/ontology#>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
SELECT DISTINCT ?end WHERE {{
  {{
    SELECT ?end WHERE {{
      VALUES ?node {{ rdfs:Resource }}
      VALUES ?property {{ rdfs:label }}
      {links}
    }}
    LIMIT {read}
  }}
  {{ SELECT ?end WHERE {{ {thing} exq:hasTime|exq:datedTo|exq:holdsDuring ?time }} }}
}}
LIMIT {most}
"""
_THINGS = {False: "?end", True: "?event exq:hasParticipation ?end . ?event"}


@dataclass(frozen=True, slots=True)
class Links:
    """The triples by which *name* relates *node* to others, or others to it."""

    snapshot: Snapshot
    node: NamedNode
    name: NamedNode
    is_incoming: bool
    state: Quads | None = None
    """Where they are looked up, if that is not the snapshot."""

    @property
    def here(self) -> Quads:
        """Where they are looked up."""
        return self.snapshot if self.state is None else self.state

    def __iter__(self) -> Iterator[Triple]:
        """Yield all of them, in an order of the store's own."""
        ends = (None, self.node) if self.is_incoming else (self.node, None)
        for quad in self.here.quads(ends[0], self.name, ends[1], MERGED_VIEW):
            yield Triple(quad.subject, self.name, quad.object)

    def __contains__(self, one: Triple) -> bool:
        ends = cast("Node", one.subject), one.predicate, cast("Term", one.object)
        return any(True for _ in self.here.quads(*ends, MERGED_VIEW))

    def to(self, other: NamedNode) -> Triple:
        """Return the triple that relates *node* and *other*, if there is one."""
        ends = (other, self.node) if self.is_incoming else (self.node, other)
        return Triple(ends[0], self.name, ends[1])

    def other(self, one: Triple) -> Node | Term:
        """Return the end of *one* that is not *node*."""
        return cast("Node | Term", one.subject if self.is_incoming else one.object)


def newest(links: Links, total: int | None, most: int) -> list[Triple]:
    """Return *most* of the links, of which there are *total*: the newest come first.

    Those without a year come after those that have one, the undated at the end. A
    participation is of the time of its event. Where the first links lead to nothing
    that has a time, it is they that are returned. *total* is None for more than READ;
    not all of these are compared where none of the newest things is among them.
    """
    known = _found(links.snapshot)
    asked = (links.node, links.name, links.is_incoming, most)
    if asked not in known:
        # Asked for once, however often a store behind a URL is looked up in.
        few = cache(lambda is_through: _few_dated(links, is_through=is_through))
        # Looked up together: a store behind a URL is asked for many at a time.
        found = links.snapshot.looking_up(
            lambda state: _newest(replace(links, state=state), total, most, few)
        )
        if len(known) >= _KEPT:
            known.clear()
        known[asked] = found
    return known[asked]


@per_version
def _found(snapshot: Snapshot) -> dict[object, list[Triple]]:
    """Return where what was found is kept: reading all links of a hub takes long."""
    del snapshot
    return {}


def _newest(
    links: Links,
    total: int | None,
    most: int,
    few: Callable[[bool], list[Triple] | None],
) -> list[Triple]:
    first = list(islice(links, most))
    kinds = {kind for one in first for kind in _kinds(links.here, links.other(one))}
    if not kinds & _DATED:
        return first
    is_through = _PARTICIPATION in kinds
    if total is not None and total <= _FEW:
        return _ranked(links, list(links), most, is_through=is_through)
    dated = few(is_through)
    if dated is not None:
        found = _ranked(links, dated, most, is_through=is_through)
        others = (one for one in islice(links, 2 * most) if one not in found)
        return [*found, *islice(others, most - len(found))]
    tried = max(_TRIED, (total or READ) // 4)
    found = list(islice(_tried(links, tried, is_through=is_through), most))
    if len(found) == most:
        return found
    if len(GATHERED(links.snapshot)) <= tried:  # so none of the others has a time
        others = (one for one in islice(links, 2 * most) if one not in found)
        return [*found, *islice(others, most - len(found))]
    rank = _ranking(links, _ranks(links.snapshot), is_through=is_through)
    return nlargest(most, islice(links, READ), key=rank)


def _kinds(here: Quads, node: object) -> Iterator[object]:
    if isinstance(node, NamedNode):
        for quad in here.quads(node, TYPE, None, MERGED_VIEW):
            yield quad.object


def _few_dated(links: Links, *, is_through: bool) -> list[Triple] | None:
    """Return those of the links that lead to what has a time, if they are few."""
    text = _DATED_ENDS.format(
        links=_WAYS[links.is_incoming],
        thing=_THINGS[is_through],
        read=READ,
        most=_FEW + 1,
    )
    text = put_values(put_values(text, "node", links.node), "property", links.name)
    ends = [row[0] for row in links.snapshot.query(text).rows()]
    if len(ends) > _FEW:
        return None
    named = (end for end in ends if isinstance(end, NamedNode))
    return [links.to(end) for end in sorted(named, key=str)]


def _ranked(
    links: Links, some: Sequence[Triple], most: int, *, is_through: bool
) -> list[Triple]:
    """Return *most* of *some* of the links; the dates of these alone are looked up."""
    things = {
        thing for one in some for thing in _things(links, one, is_through=is_through)
    }
    dates: dict[object, Rank] = {
        one.thing: _rank(one) for one in dated(links.here, things)
    }
    rank = _ranking(links, dates, is_through=is_through)
    return nlargest(most, some, key=rank)


def _tried(links: Links, tried: int, *, is_through: bool) -> Iterator[Triple]:
    """Yield the links that lead to one of the newest things, the newest first."""
    seen: set[Triple] = set()
    for entry in islice(_newest_first(links.snapshot), tried):
        ends: Iterable[object] = (entry.thing,)
        if is_through:
            parts = links.here.quads(entry.thing, _HAS_PARTICIPATION, None, MERGED_VIEW)
            ends = [quad.object for quad in parts]
        for end in ends:
            link = links.to(end) if isinstance(end, NamedNode) else None
            if link is not None and link not in seen and link in links:
                seen.add(link)
                yield link


def _newest_first(snapshot: Snapshot) -> Iterator[Entry]:
    """Yield what is dated: what has a year, then the rest, each the newest first."""
    entries = GATHERED(snapshot)
    for wanted in (_PLACED, _YEARLESS):
        yield from (one for one in reversed(entries) if _rank(one)[0] == wanted)


def _ranking(
    links: Links, ranks: Mapping[object, Rank], *, is_through: bool
) -> Callable[[Triple], Rank]:
    """Return what gives a link its rank by those of things: the newer, the higher."""

    def rank(one: Triple) -> Rank:
        things = _things(links, one, is_through=is_through)
        return max((ranks.get(thing, _UNDATED) for thing in things), default=_UNDATED)

    return rank


def _things(links: Links, one: Triple, *, is_through: bool) -> Iterable[NamedNode]:
    """Return what gives a link its time: what it leads to, or the event of that."""
    other = links.other(one)
    if not isinstance(other, NamedNode):
        return ()
    if not is_through:
        return (other,)
    events = links.here.quads(None, _HAS_PARTICIPATION, other, MERGED_VIEW)
    return [quad.subject for quad in events if isinstance(quad.subject, NamedNode)]


@per_version
def _ranks(snapshot: Snapshot) -> Mapping[object, Rank]:
    return {one.thing: _rank(one) for one in GATHERED(snapshot)}


def _rank(one: Entry) -> Rank:
    if one.reach is None:
        return _UNDATED
    return _YEARLESS if one.reach.is_yearless else _PLACED, one.order[:2]
