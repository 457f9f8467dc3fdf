"""Entities described: what is known of them, and which sentence says so."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING, TypeAlias

from kg.around import around, stating
from kg.errors import UnknownEntityError
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
from kg.parameters import put_values, short_name
from kg.terms import (
    ALT_LABEL,
    EXQ,
    INFERRED,
    LABEL,
    MERGED_VIEW,
    OUTSIDE_VIEW,
    SCHEMA,
    SKOS,
    TYPE,
    BlankNode,
    Literal,
    NamedNode,
    Quad,
    Term,
    Triple,
    is_claim,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from kg.store import Snapshot

__all__ = [
    "Candidate",
    "ClaimSummary",
    "Description",
    "Fact",
    "FactGroup",
    "Source",
    "Thing",
    "choices",
    "describe",
    "find_entities",
    "find_entity",
]


@dataclass(frozen=True, slots=True)
class Source:
    """A graph that states a fact: a passage of an article, or background knowledge."""

    graph: NamedNode
    label: str
    ordinal: int | None = None
    topic: str = ""


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
class ClaimSummary:
    """A claim: what it says in short, who makes it, and of which kinds it is."""

    claim: Thing
    text: str
    makers: tuple[str, ...]
    kinds: tuple[str, ...]
    designations: tuple[str, ...]
    sources: tuple[Source, ...]


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


Pair: TypeAlias = tuple[NamedNode, Term]

_SAME_AS = NamedNode(f"{SCHEMA}sameAs")
_SHOWN_APART = frozenset(
    {TYPE, LABEL, ALT_LABEL, NamedNode(f"{SKOS}prefLabel"), _SAME_AS}
)
_ABOUT = frozenset({NamedNode(f"{EXQ}claimAbout"), NamedNode(f"{EXQ}designates")})
_MADE_BY = NamedNode(f"{EXQ}madeBy")
_MOST = 5000
_UNNAMED = OUTSIDE_VIEW | {INFERRED}
"""Graphs that are no source of anything."""

_HIERARCHY = """
PREFIX graph: <https://w3id.org/exequatur/graph/>
PREFIX owl: <http://www.w3.org/2002/07/owl#>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
SELECT ?special ?general ?isInverse WHERE {
  { ?special rdfs:subPropertyOf|rdfs:subClassOf ?general . BIND(false AS ?isInverse) }
  UNION
  { GRAPH graph:ontology { ?special owl:inverseOf ?general } BIND(true AS ?isInverse) }
}
"""
# The engine joins a UNION only after it has gone through all labels there are.
_SOURCES = """
PREFIX exq: <https://w3id.org/exequatur/ontology#>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
SELECT ?graph ?label ?ordinal ?topic WHERE {
  VALUES ?graph { rdfs:Resource }
  OPTIONAL { ?graph rdfs:label ?own }
  OPTIONAL {
    ?graph exq:passageOf ?article .
    ?article rdfs:label ?name .
    ?graph exq:ordinal ?ordinal
  }
  OPTIONAL { ?graph exq:topicLine ?topic }
  BIND(COALESCE(?name, ?own) AS ?label)
}
"""
_CLAIMS = """
PREFIX exq: <https://w3id.org/exequatur/ontology#>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
SELECT ?claim ?part ?value WHERE {
  VALUES ?claim { rdfs:Resource }
  {
    ?claim exq:claimText ?value . BIND("text" AS ?part)
  } UNION {
    ?claim exq:designation ?value . BIND("designation" AS ?part)
  } UNION {
    ?claim exq:madeBy/rdfs:label ?value . BIND("maker" AS ?part)
  } UNION {
    ?claim exq:hasClaimKind/rdfs:label ?value . BIND("kind" AS ?part)
  }
}
ORDER BY ?claim ?part ?value
"""


def describe(
    snapshot: Snapshot, iri: NamedNode, *, most: int = _MOST, skip: int = 0
) -> Description:
    """Return what is known of *iri*; raise UnknownEntityError where nothing is.

    No more than *most* triples are read in either direction, after *skip* others.
    """
    found = around(snapshot, iri, Page(most, skip))
    outgoing = _Facts(snapshot, found.outgoing, incoming=False)
    incoming = _Facts(snapshot, found.incoming, incoming=True)
    if not outgoing.graphs and not incoming.graphs and not _is_known(snapshot, iri):
        raise UnknownEntityError(f"nothing is known of {iri}", advice=SEE_ENTITIES)
    hierarchy = _hierarchy(snapshot)
    always = (
        outgoing
        if not skip
        else _Facts(snapshot, _naming(snapshot, iri), incoming=False)
    )
    shown = outgoing.shown(hierarchy, iri, opposite=incoming.asserted())
    arriving = incoming.shown(hierarchy, iri, opposite=outgoing.pairs())
    about = [(p, claim) for p, claim in arriving if p in _ABOUT]
    made = [(p, claim) for p, claim in arriving if p == _MADE_BY]
    arriving = [pair for pair in arriving if pair[0] not in {*_ABOUT, _MADE_BY}]
    kinds = always.kinds(hierarchy)
    pairs = [*shown, *arriving, *about, *made]
    terms = {iri, *kinds, *(term for pair in pairs for term in pair)}
    text = _Texts(
        things(snapshot, terms),
        _sources(snapshot, outgoing, incoming),
        _claim_parts(snapshot, {claim for _, claim in [*about, *made]}),
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
    )


class _Facts:
    """The facts on one side of an entity: property and other end, with graphs."""

    def __init__(
        self, snapshot: Snapshot, triples: Iterable[Triple], *, incoming: bool
    ) -> None:
        self.graphs: defaultdict[Pair, set[NamedNode]] = defaultdict(set)
        for triple in triples:
            other = triple.subject if incoming else triple.object
            if isinstance(other, Triple | BlankNode):  # the inside of an axiom
                continue
            self.graphs[triple.predicate, other] |= _sources_of(snapshot, triple)

    def pairs(self) -> set[Pair]:
        return set(self.graphs)

    def asserted(self) -> set[Pair]:
        return {pair for pair, graphs in self.graphs.items() if graphs}

    def values(self, wanted: NamedNode) -> list[Term]:
        return [value for name, value in self.graphs if name == wanted]

    def links(self) -> list[NamedNode]:
        return [t for t in self.values(_SAME_AS) if isinstance(t, NamedNode)]

    def kinds(self, hierarchy: _Hierarchy) -> list[Term]:
        """Return the most special classes, those of this project's if there are any."""
        classes = self.values(TYPE)
        general = {g for kind in classes for g in hierarchy.general.get(kind, ())}
        special = [kind for kind in classes if kind not in general]
        own = [kind for kind in special if kind.value.startswith(EXQ)]
        return sorted(own or special, key=str)

    def shown(
        self, hierarchy: _Hierarchy, entity: NamedNode, *, opposite: set[Pair]
    ) -> list[Pair]:
        """Return the facts worth showing.

        Those are the asserted ones, and of the inferred ones those in our vocabulary
        that do not merely generalise another, or repeat one of the *opposite* side.
        """
        implied = {
            (general, value)
            for name, value in self.graphs
            for general in hierarchy.general.get(name, ())
        }
        hidden = implied | {
            (inverse, value)
            for name, value in opposite
            for inverse in (name, *hierarchy.inverse.get(name, ()))
        }
        return [
            pair
            for pair, graphs in self.graphs.items()
            if pair[0] not in _SHOWN_APART
            and (graphs or (pair not in hidden and _is_telling(pair, entity)))
        ]


def _sources_of(snapshot: Snapshot, triple: Triple) -> set[NamedNode]:
    """Return the graphs that state *triple*; those beside the view if it is not in it.

    There are none where it is inferred.
    """
    names = {quad.graph_name for quad in stating(snapshot, (triple,))}
    found = {name for name in names if isinstance(name, NamedNode)}
    stated = {name for name in found - _UNNAMED if not is_claim(name, snapshot.base)}
    parts = (triple.subject, triple.predicate, triple.object)
    if stated or Quad(*parts, MERGED_VIEW) in snapshot:
        return stated
    return found & OUTSIDE_VIEW


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
class _Hierarchy:
    """The terms right above a class or property, and the inverses of properties."""

    general: Mapping[Term, set[Term]]
    inverse: Mapping[Term, set[Term]]


def _hierarchy(snapshot: Snapshot) -> _Hierarchy:
    general: defaultdict[Term, set[Term]] = defaultdict(set)
    inverse: defaultdict[Term, set[Term]] = defaultdict(set)
    for special, above, is_inverse in snapshot.query(_HIERARCHY).rows():
        if special is None or above is None or special == above:
            continue
        if is_inverse == Literal(value=True):
            inverse[special].add(above)
            inverse[above].add(special)
        else:
            general[special].add(above)
    return _Hierarchy(general, inverse)


def _sources(snapshot: Snapshot, *sides: _Facts) -> dict[NamedNode, Source]:
    """Return the graphs behind the facts with what to show for them."""
    graphs = {g for side in sides for found in side.graphs.values() for g in found}
    sources = {graph: Source(graph, short_name(graph)) for graph in graphs}
    text = put_values(_SOURCES, "graph", *sorted(graphs, key=str))
    for graph, label, ordinal, topic in snapshot.query(text).rows():
        if isinstance(graph, NamedNode) and label:
            number = int(ordinal.value) if ordinal else None
            about = topic.value if topic else ""
            sources[graph] = Source(graph, label.value, number, about)
    return sources


def _claim_parts(
    snapshot: Snapshot, claims: set[Term]
) -> dict[Term, dict[str, list[str]]]:
    """Return the texts of *claims* by what they are: text, maker, kind, designation."""
    parts: dict[Term, dict[str, list[str]]] = {c: defaultdict(list) for c in claims}
    text = put_values(_CLAIMS, "claim", *sorted(claims, key=str))
    for claim, part, value in snapshot.query(text).rows():
        if claim and part and value:
            parts[claim][part.value].append(value.value)
    return parts


@dataclass(frozen=True, slots=True)
class _Texts:
    """What to show for terms, graphs and claims."""

    things: Mapping[Term, Thing]
    sources: Mapping[NamedNode, Source]
    claim_parts: Mapping[Term, Mapping[str, list[str]]]

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
        found = {}
        for pair in pairs:
            claim = pair[1]
            parts = self.claim_parts[claim]
            found[claim] = ClaimSummary(
                claim=self.things[claim],
                text=" ".join(parts["text"]),
                makers=tuple(parts["maker"]),
                kinds=tuple(parts["kind"]),
                designations=tuple(parts["designation"]),
                sources=self._sources(pair, facts),
            )
        return tuple(sorted(found.values(), key=lambda one: _order(one.claim)))

    def _sources(self, pair: Pair, facts: _Facts) -> tuple[Source, ...]:
        found = (self.sources[graph] for graph in facts.graphs[pair])
        return tuple(
            sorted(found, key=lambda s: (s.label, s.ordinal or 0, str(s.graph)))
        )


def _order(thing: Thing) -> tuple[str, str]:
    return (thing.label.casefold(), str(thing.term))
