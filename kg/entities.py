"""Entities described: what is known of them, and which sentence says so."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING, TypeAlias, cast

from kg.around import Around, around
from kg.claims import ClaimSummary, claim_parts, summaries
from kg.errors import UnknownEntityError
from kg.folding import fold
from kg.hierarchy import Hierarchy
from kg.names import (
    SEE_ENTITIES,
    Candidate,
    Thing,
    choices,
    find_entities,
    find_entity,
    things,
)
from kg.paging import Page
from kg.terms import (
    ALT_LABEL,
    EXQ,
    LABEL,
    MERGED_VIEW,
    SCHEMA,
    SKOS,
    TYPE,
    BlankNode,
    NamedNode,
    Quad,
    Term,
    Triple,
)
from kg.whence import Source, described_sources, in_order, sources_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from kg.claims import Parts
    from kg.store import Snapshot
    from kg.terms import Node

__all__ = [
    "Candidate",
    "ClaimSummary",
    "Description",
    "Fact",
    "FactGroup",
    "More",
    "Source",
    "Thing",
    "choices",
    "describe",
    "find_entities",
    "find_entity",
]


@dataclass(frozen=True, slots=True)
class Fact:
    """A value of a property (or, of an incoming one, a subject), and who says so."""

    value: Thing
    sources: tuple[Source, ...]

    @property
    def is_inferred(self) -> bool:
        """Tell whether no source states it: it follows from others."""
        return not self.sources


@dataclass(frozen=True, slots=True)
class FactGroup:
    """The facts with one property, by label."""

    property: Thing
    facts: tuple[Fact, ...]


@dataclass(frozen=True, slots=True)
class More:
    """How many facts with a property there are in all, where only some were read.

    The *number* is None for very many.
    """

    property: Thing
    is_incoming: bool
    number: int | None


@dataclass(frozen=True, slots=True)
class Description:
    """What is known of an entity; not *complete* where there is more than a page."""

    entity: Thing
    kinds: tuple[Thing, ...]
    aliases: tuple[str, ...]
    same_as: tuple[NamedNode, ...]
    facts: tuple[FactGroup, ...]
    incoming: tuple[FactGroup, ...]
    claims_about: tuple[ClaimSummary, ...]
    claims_by: tuple[ClaimSummary, ...]
    complete: bool = True
    more: tuple[More, ...] = ()


Pair: TypeAlias = tuple[NamedNode, Term]
Way: TypeAlias = tuple[NamedNode, bool]
"""A property, and whether it leads to the entity."""
Totals: TypeAlias = "Mapping[Way, int | None]"

_SAME_AS = NamedNode(f"{SCHEMA}sameAs")
_SHOWN_APART = frozenset(
    {TYPE, LABEL, ALT_LABEL, NamedNode(f"{SKOS}prefLabel"), _SAME_AS}
)
_ABOUT = frozenset({NamedNode(f"{EXQ}claimAbout"), NamedNode(f"{EXQ}designates")})
_MADE_BY = NamedNode(f"{EXQ}madeBy")
_MOST = 5000


def describe(
    snapshot: Snapshot,
    iri: NamedNode,
    *,
    most: int = _MOST,
    skip: int = 0,
    found: Around | None = None,
) -> Description:
    """Return what is known of *iri*; raise UnknownEntityError where nothing is.

    No more than *most* triples are read in either direction, after *skip* others; or
    it is only what was *found* around it.
    """
    is_whole = found is None and not skip
    found = found or around(snapshot, iri, Page(most, skip))
    outgoing = _Facts(snapshot, iri, found.outgoing, incoming=False)
    incoming = _Facts(snapshot, iri, found.incoming, incoming=True)
    if not outgoing.graphs and not incoming.graphs and not _is_known(snapshot, iri):
        raise UnknownEntityError(f"nothing is known of {iri}", advice=SEE_ENTITIES)
    hierarchy = Hierarchy.of(snapshot)
    always = (
        outgoing
        if is_whole
        else _Facts(snapshot, iri, _naming(snapshot, iri), incoming=False)
    )
    shown = outgoing.shown(hierarchy, every=found.is_whole)
    arriving = incoming.shown(hierarchy, every=found.is_whole)
    told = {(name, way) for way in (False, True) for name, _ in (shown, arriving)[way]}
    more = list(_more(found.totals, told, hierarchy))
    about = [(p, claim) for p, claim in arriving if p in _ABOUT]
    made = [(p, claim) for p, claim in arriving if p == _MADE_BY]
    arriving = [pair for pair in arriving if pair[0] not in {*_ABOUT, _MADE_BY}]
    kinds = always.kinds(hierarchy)
    pairs = [*shown, *arriving, *about, *made]
    terms = {iri, *kinds, *(term for pair in pairs for term in pair)}
    terms |= {name for name, _ in more}
    text = _Texts(
        things(snapshot, terms),
        described_sources(snapshot, {*outgoing.named(), *incoming.named()}),
        claim_parts(snapshot, {claim for _, claim in [*about, *made]}),
    )
    return Description(
        entity=text.things[iri],
        kinds=tuple(text.things[kind] for kind in kinds),
        aliases=tuple(sorted({t.value for t in always.values(ALT_LABEL)})),
        same_as=tuple(sorted(always.links(), key=str)),
        facts=text.groups(shown, outgoing),
        incoming=text.groups(arriving, incoming),
        claims_about=text.claims(about, incoming),
        claims_by=text.claims(made, incoming),
        complete=not found.more,
        more=tuple(
            More(text.things[name], is_incoming, found.totals[name, is_incoming])
            for name, is_incoming in more
        ),
    )


class _Facts:
    """The facts on one side of an entity: property and other end, with graphs."""

    def __init__(
        self,
        snapshot: Snapshot,
        node: NamedNode,
        triples: Iterable[Triple],
        *,
        incoming: bool,
    ) -> None:
        self._view = _View(snapshot)
        self._node = node
        self._incoming = incoming
        self.graphs: defaultdict[Pair, set[NamedNode]] = defaultdict(set)
        for triple in triples:
            other = triple.subject if incoming else triple.object
            if isinstance(other, Triple | BlankNode):  # the inside of an axiom
                continue
            self.graphs[triple.predicate, other] |= sources_of(snapshot, triple)

    def named(self) -> set[NamedNode]:
        """Return the graphs that state any of it."""
        return {graph for graphs in self.graphs.values() for graph in graphs}

    def values(self, wanted: NamedNode) -> list[Term]:
        return [value for name, value in self.graphs if name == wanted]

    def links(self) -> list[NamedNode]:
        return [t for t in self.values(_SAME_AS) if isinstance(t, NamedNode)]

    def kinds(self, hierarchy: Hierarchy) -> list[Term]:
        """Return the most special classes, those of this project's if there are any."""
        classes = self.values(TYPE)
        general = {g for kind in classes for g in hierarchy.general.get(kind, ())}
        special = [kind for kind in classes if kind not in general]
        own = [kind for kind in special if kind.value.startswith(EXQ)]
        return sorted(own or special, key=str)

    def shown(self, hierarchy: Hierarchy, *, every: bool = False) -> list[Pair]:
        """Return the facts worth showing, or *every* one.

        Those are the asserted ones, and of the inferred ones those in our vocabulary
        that do not merely generalise another, or repeat one of the opposite side.
        """
        return [
            pair
            for pair, graphs in self.graphs.items()
            if every
            or (
                pair[0] not in _SHOWN_APART
                and (graphs or self._is_news(pair, hierarchy))
            )
        ]

    def _is_news(self, pair: Pair, hierarchy: Hierarchy) -> bool:
        return (
            _is_telling(pair, self._node)
            and not self._is_general(pair, hierarchy)
            and not self._is_opposite(pair, hierarchy)
        )

    def _is_general(self, pair: Pair, hierarchy: Hierarchy) -> bool:
        """Tell whether a more special property says the same."""
        special = hierarchy.special.get(pair[0], ())
        return any(self._triple((name, pair[1])) in self._view for name in special)

    def _is_opposite(self, pair: Pair, hierarchy: Hierarchy) -> bool:
        """Tell whether it is on the other side, where that is the one to be shown.

        That is what is said of the entity itself, or what somebody stated.
        """
        name, other = pair
        if not isinstance(other, NamedNode):
            return False
        ways = (name, *hierarchy.inverse.get(name, ()))
        found = (self._opposite(way, other) for way in ways)
        if self._incoming:
            return any(triple in self._view for triple in found)
        return any(sources_of(self._view.snapshot, triple) for triple in found)

    def _triple(self, pair: Pair) -> Triple:
        name, other = pair
        if self._incoming:
            return Triple(cast("Node", other), name, self._node)
        return Triple(self._node, name, other)

    def _opposite(self, name: NamedNode, other: NamedNode) -> Triple:
        if self._incoming:
            return Triple(self._node, name, other)
        return Triple(other, name, self._node)


@dataclass(frozen=True, slots=True)
class _View:
    """What holds, asked triple by triple."""

    snapshot: Snapshot

    def __contains__(self, triple: Triple) -> bool:
        parts = (triple.subject, triple.predicate, triple.object)
        return Quad(*parts, MERGED_VIEW) in self.snapshot


def _more(totals: Totals, told: set[Way], hierarchy: Hierarchy) -> Iterator[Way]:
    """Yield those of *totals* that are to be told: all but what others say, too.

    Nothing that was read by such a property is *told*, for it goes without saying, and
    there are just as many by the one that it follows from.
    """
    for way, number in totals.items():
        name, is_incoming = way
        inverse = {(one, not is_incoming) for one in hierarchy.inverse.get(name, ())}
        same = {
            (other, direction)
            for special in hierarchy.special.get(name, ())
            for other, direction in (
                (special, is_incoming),
                *((one, not is_incoming) for one in hierarchy.inverse.get(special, ())),
            )
        }
        is_repeated = any(one in totals for one in inverse) or any(
            number is not None and totals.get(one) == number for one in same
        )
        if way in told or not is_repeated:
            yield way


def _naming(snapshot: Snapshot, iri: NamedNode) -> Iterator[Triple]:
    """Yield what every page of a description begins with: kinds, aliases, links."""
    for name in (TYPE, ALT_LABEL, _SAME_AS):
        for quad in snapshot.quads(iri, name, None, MERGED_VIEW):
            yield Triple(quad.subject, quad.predicate, quad.object)


def _is_known(snapshot: Snapshot, iri: NamedNode) -> bool:
    """Tell whether any graph says anything of *iri*."""
    return any(chain(snapshot.quads(subject=iri), snapshot.quads(object_=iri)))


def _is_telling(pair: Pair, entity: NamedNode) -> bool:
    return pair[0].value.startswith(EXQ) and pair[1] != entity


@dataclass(frozen=True, slots=True)
class _Texts:
    """What to show for terms, graphs and claims."""

    things: Mapping[Term, Thing]
    sources: Mapping[NamedNode, Source]
    claim_parts: Parts

    def groups(self, pairs: list[Pair], facts: _Facts) -> tuple[FactGroup, ...]:
        by_property: defaultdict[Thing, list[Fact]] = defaultdict(list)
        for pair in pairs:
            fact = Fact(self.things[pair[1]], self._sources(pair, facts))
            by_property[self.things[pair[0]]].append(fact)
        groups = [
            FactGroup(name, tuple(sorted(found, key=lambda f: _order(f.value))))
            for name, found in by_property.items()
        ]
        return tuple(sorted(groups, key=lambda group: _order(group.property)))

    def claims(self, pairs: list[Pair], facts: _Facts) -> tuple[ClaimSummary, ...]:
        found = {pair[1]: self._sources(pair, facts) for pair in pairs}
        return summaries(found, self.things, self.claim_parts)

    def _sources(self, pair: Pair, facts: _Facts) -> tuple[Source, ...]:
        return in_order(self.sources[graph] for graph in facts.graphs[pair])


def _order(thing: Thing) -> tuple[str, str]:
    return (fold(thing.label), str(thing.term))
