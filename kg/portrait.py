"""A description arranged for a reader: one line first, then section by section.

Where a fact belongs follows from the classes of what it relates. A participation or a
tenure stands for what it leads to: the event or the post, with role and date.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field, replace
from itertools import chain
from typing import TYPE_CHECKING, NamedTuple, cast

from kg.claims import by_maker, claims_for
from kg.conflicts import Conflict, conflicts
from kg.hierarchy import Hierarchy
from kg.hubs import SHOWN
from kg.leads import Lead, leads
from kg.names import Thing, things
from kg.related import Related, Relations, Statement, sort_key
from kg.sequence import in_sequence
from kg.terms import EXQ, NamedNode
from kg.whence import Source, described_sources, in_order, sources_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from kg.claims import ClaimGroup, ClaimSummary
    from kg.entities import Description, Fact, FactGroup, More
    from kg.store import Snapshot
    from kg.terms import Term

__all__ = ["Entry", "Lead", "Portrait", "Role", "Section", "portrait"]


@dataclass(frozen=True, slots=True)
class Role:
    """How a thing has to do with the entity: a property and, it may be, its value.

    *statement* is the triple that says so, in terms with their labels. It reads from
    the other thing to the entity where it *is_incoming*.
    """

    statement: tuple[Thing, Thing, Thing]
    value: Thing | None
    is_incoming: bool
    sources: tuple[Source, ...]

    @property
    def is_inferred(self) -> bool:
        """Tell whether no source states it."""
        return not self.sources


@dataclass(frozen=True, slots=True)
class Entry:
    """A thing of a section: its date if it has one, and its roles.

    *through* are the things in between, which are told as its roles.
    """

    thing: Thing
    date: Thing | None
    roles: tuple[Role, ...]
    through: tuple[Thing, ...] = ()

    @property
    def parts(self) -> tuple[tuple[Role, ...], ...]:
        """The roles in parts, each of what the same sources state, or one inferred."""
        found: dict[object, list[Role]] = {}
        for role in self.roles:
            found.setdefault(role.sources or role.statement, []).append(role)
        return tuple(map(tuple, found.values()))


@dataclass(frozen=True, slots=True)
class Section:
    """Entries under a title, and of which properties there are *more*.

    They stand in the order of their dates; where there are more, the newest come first.
    """

    name: str
    title: str
    entries: tuple[Entry, ...]
    more: tuple[More, ...] = ()

    @property
    def is_newest_first(self) -> bool:
        """Tell whether it has the newest of more things that have a time."""
        return bool(self.more) and any(entry.date for entry in self.entries)


@dataclass(frozen=True, slots=True)
class Portrait:
    """What an entity is in a line, its sections, and the facts that are in none.

    *claims_about* are those that are in none of the *conflicts* and not among its own;
    *about_itself* are its own claims that are also about it, and *claims_for* it others
    by who speaks for it. There are *more* facts where not all were read, also claims.
    """

    line: tuple[Lead, ...]
    sections: tuple[Section, ...]
    facts: tuple[FactGroup, ...]
    incoming: tuple[FactGroup, ...]
    conflicts: tuple[Conflict, ...]
    claims_about: tuple[ClaimSummary, ...]
    about_itself: frozenset[Term] = frozenset()
    claims_for: tuple[ClaimGroup, ...] = ()
    more_for: bool = False
    more_about: tuple[More, ...] = ()
    more_by: tuple[More, ...] = ()
    more: tuple[More, ...] = ()

    @property
    def about_by_maker(self) -> tuple[ClaimGroup, ...]:
        """The claims about it by who makes them, where somebody makes several."""
        groups = by_maker(self.claims_about)
        return groups if 1 < len(groups) < len(self.claims_about) else ()


class _Kind(NamedTuple):
    """Which facts a section takes in: of a class, to a class, by a property."""

    name: str
    title: str
    to: frozenset[str]
    of: str = ""
    by: str = ""


_KINDS = (
    _Kind("holders", "Who has held it", frozenset({"Person"}), of="Post", by="heldBy"),
    _Kind(
        "participants",
        "Who took part",
        frozenset({"Agent"}),
        of="Event",
        by="hasParticipant",
    ),
    _Kind("posts", "Posts", frozenset({"Post"})),
    _Kind("events", "Events", frozenset({"Event"})),
    _Kind("agreements", "Agreements", frozenset({"Agreement", "AgreementSet"})),
)
"""Sections in order; classes and properties stand for those below them, too."""


def portrait(snapshot: Snapshot, found: Description) -> Portrait:
    """Return what was *found* arranged for a reader."""
    return _Painter(snapshot, found).portrait()


@dataclass(slots=True)
class _Draft:
    """An entry before what it is about has been labelled."""

    target: NamedNode
    date: NamedNode | None = None
    said: dict[Statement, tuple[Term | None, bool]] = field(default_factory=dict)
    through: list[NamedNode] = field(default_factory=list)


class _Painter:
    def __init__(self, snapshot: Snapshot, found: Description) -> None:
        self._snapshot = snapshot
        self._found = found
        self._relations = Relations(snapshot)
        self._hierarchy = Hierarchy.of(snapshot)
        self._drafts: dict[str, dict[NamedNode, _Draft]] = defaultdict(dict)
        self._sources: dict[Statement, tuple[Source, ...]] = {}
        self._left = {(one.property.term, one.is_incoming): one for one in found.more}
        self._more_in: dict[str, list[tuple[Term, bool]]] = defaultdict(list)

    def portrait(self) -> Portrait:
        outgoing = self._taken(self._found.facts, incoming=False)
        incoming = self._taken(self._found.incoming, incoming=True)
        disputed = self._conflicts()
        claims = {claim for conflict in disputed for claim in conflict.claims}
        about = {one.claim.term for one in self._found.claims_about}
        own = {one.claim.term for one in self._found.claims_by}
        told = claims | about
        is_agent = "Agent" in self._relations.classes(self._entity)
        spoken, more_for = (
            claims_for(self._snapshot, self._entity, most=SHOWN, but=told)
            if is_agent
            else ((), False)
        )
        return Portrait(
            leads(self._found),
            tuple(self._sections()),
            outgoing,
            incoming,
            disputed,
            tuple(
                one
                for one in self._found.claims_about
                if one.claim.term not in claims | own
            ),
            frozenset(about & own),
            by_maker(spoken),
            more_for,
            self._more("claimAbout", "designates"),
            self._more("madeBy"),
            tuple(one for one in self._left.values() if _is_own(one)),
        )

    def _more(self, *names: str) -> tuple[More, ...]:
        """Take out of what is left what is left of the properties called so."""
        wanted = {NamedNode(f"{EXQ}{name}") for name in names}
        return self._left_of((name, True) for name in wanted)

    def _left_of(self, keys: Iterable[tuple[Term, bool]]) -> tuple[More, ...]:
        found = [self._left.pop(key) for key in keys if key in self._left]
        return tuple(sorted(found, key=lambda one: one.property.label))

    def _conflicts(self) -> tuple[Conflict, ...]:
        """Return the conflicts of claims about the entity, or of itself."""
        about = (one.claim.term for one in self._found.claims_about)
        claims = [node for node in about if isinstance(node, NamedNode)]
        if "Claim" in self._relations.classes(self._entity):
            claims.insert(0, self._entity)
        return conflicts(self._snapshot, claims)

    @property
    def _entity(self) -> NamedNode:
        return cast("NamedNode", self._found.entity.term)

    # --- which section ---------------------------------------------------------------

    def _taken(
        self, groups: Sequence[FactGroup], *, incoming: bool
    ) -> tuple[FactGroup, ...]:
        """Draft entries of the facts that belong to a section; return the others."""
        left = []
        for group in groups:
            rest = tuple(
                fact
                for fact in group.facts
                if not self._take(group, fact, is_incoming=incoming)
            )
            if rest:
                left.append(replace(group, facts=rest))
        return tuple(left)

    def _take(self, group: FactGroup, fact: Fact, *, is_incoming: bool) -> bool:
        node, name = fact.value.term, group.property.term
        if not isinstance(node, NamedNode) or not isinstance(name, NamedNode):
            return False
        related = self._relations.through(node, self._entity)
        if related:
            taken = [self._take_through(one, node) for one in related]
            for section in filter(None, taken):
                self._more_in[section.name].append((name, is_incoming))
            return all(taken)
        kind = self._kind(node, name, is_incoming=is_incoming)
        if kind is None:
            return False
        ends = (node, self._entity) if is_incoming else (self._entity, node)
        said = Statement(ends[0], name, ends[1])
        self._sources[said] = fact.sources
        self._more_in[kind.name].append((name, is_incoming))
        self._draft(kind, node).said.setdefault(said, (None, is_incoming))
        return True

    def _take_through(self, one: Related, between: NamedNode) -> _Kind | None:
        kind = self._kind(one.target, None, is_incoming=False)
        if kind is None:
            return None
        draft = self._draft(kind, one.target)
        draft.date = one.date or draft.date
        draft.through.append(between)
        for said in one.roles:
            self._sources.setdefault(said, self._whence(said))
            is_joined = self._entity in {said.subject, said.object}
            value = None if is_joined else said.object
            draft.said[said] = (value, said.object == self._entity)
        return kind

    def _draft(self, kind: _Kind, target: NamedNode) -> _Draft:
        return self._drafts[kind.name].setdefault(target, _Draft(target))

    def _kind(
        self, node: NamedNode, name: NamedNode | None, *, is_incoming: bool
    ) -> _Kind | None:
        """Return the section of what *name* relates, None for the property of none."""
        own = self._relations.classes(self._entity)
        others = self._relations.classes(node)
        for kind in _KINDS:
            is_of = not kind.of or kind.of in own
            if (
                is_of
                and kind.to & others
                and self._is_by(kind, name, is_incoming=is_incoming)
            ):
                return kind
        return None

    def _is_by(self, kind: _Kind, name: NamedNode | None, *, is_incoming: bool) -> bool:
        if not kind.by or name is None:
            return True
        names = self._hierarchy.inverse.get(name, ()) if is_incoming else (name,)
        return any(self._hierarchy.is_below(one, kind.by) for one in names)

    # --- what an entry says ----------------------------------------------------------

    def _sections(self) -> Iterator[Section]:
        labels = things(self._snapshot, self._terms())
        for kind in _KINDS:
            drafts = self._drafts.get(kind.name, {})
            if drafts:
                more = self._left_of(dict.fromkeys(self._more_in[kind.name]))
                turn = self._in_turn(drafts, labels, newest_first=bool(more))
                entries = (self._entry(drafts[node], labels) for node in turn)
                yield Section(kind.name, kind.title, tuple(entries), more)

    def _in_turn(
        self,
        drafts: Mapping[NamedNode, _Draft],
        labels: Mapping[Term, Thing],
        *,
        newest_first: bool,
    ) -> list[NamedNode]:
        """Return what was drafted in the order of dates, or else as sources order it.

        Those without a year come last, however the order goes.
        """
        keys = {
            node: sort_key(self._snapshot, self._date(draft), labels[node].label)
            for node, draft in drafts.items()
        }
        dated = {node for node, (grade, *_) in keys.items() if grade == 0}
        found = in_sequence(self._snapshot, sorted(keys, key=keys.__getitem__), dated)
        if not newest_first or not dated:
            return found
        last = max(found.index(node) for node in dated) + 1
        return [*reversed(found[:last]), *found[last:]]

    def _date(self, draft: _Draft) -> NamedNode | None:
        return draft.date or self._relations.date(draft.target)

    def _terms(self) -> set[Term]:
        found: set[Term] = {self._entity}
        for draft in chain.from_iterable(d.values() for d in self._drafts.values()):
            date = self._date(draft)
            found |= {draft.target, *draft.through, *([date] if date else [])}
            for said in draft.said:
                found |= set(said)
        return found

    def _entry(self, draft: _Draft, labels: Mapping[Term, Thing]) -> Entry:
        date = self._date(draft)
        return Entry(
            labels[draft.target],
            labels[date] if date else None,
            tuple(sorted(self._roles(draft, labels), key=_turn)),
            tuple(labels[node] for node in dict.fromkeys(draft.through)),
        )

    def _roles(self, draft: _Draft, labels: Mapping[Term, Thing]) -> Iterator[Role]:
        stated = any(self._sources[said] for said in draft.said)
        for said, (value, is_incoming) in draft.said.items():
            sources = self._sources[said]
            if stated and not sources and self._is_general(said.predicate):
                continue
            statement = (
                labels[said.subject],
                labels[said.predicate],
                labels[said.object],
            )
            told = labels[value] if value else None
            yield Role(statement, told, is_incoming, sources)

    def _is_general(self, name: NamedNode) -> bool:
        """Tell whether there are properties that say more than *name* does."""
        ways = (name, *self._hierarchy.inverse.get(name, ()))
        return any(self._hierarchy.special.get(way) for way in ways)

    def _whence(self, said: Statement) -> tuple[Source, ...]:
        graphs = sources_of(self._snapshot, said.triple)
        return in_order(described_sources(self._snapshot, graphs).values())


def _turn(role: Role) -> tuple[bool, bool, str, str]:
    value = role.value.label if role.value else ""
    return role.is_inferred, role.value is None, role.statement[1].label, value


def _is_own(one: More) -> bool:
    return str(getattr(one.property.term, "value", "")).startswith(EXQ)
