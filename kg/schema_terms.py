"""The ontology's classes and properties as tools choose among them, by name."""

from __future__ import annotations

import threading
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from kg.prefixes import expand
from kg.terms import (
    ALT_LABEL,
    EXQ,
    LABEL,
    MERGED_VIEW,
    ONTOLOGY,
    OWL,
    RDFS,
    SKOS,
    SUB_CLASS_OF,
    TYPE,
    NamedNode,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from kg.store import Snapshot

_CLASS = NamedNode(f"{OWL}Class")
_LINK = NamedNode(f"{OWL}ObjectProperty")
_VALUE = NamedNode(f"{OWL}DatatypeProperty")
_DOMAIN = NamedNode(f"{RDFS}domain")
_RANGE = NamedNode(f"{RDFS}range")
_DEFINITION = NamedNode(f"{SKOS}definition")
CONCEPT = NamedNode(f"{SKOS}Concept")
_OTHERS = {
    LABEL: ("name", "What the thing is called."),
    ALT_LABEL: ("other name", "What it is called besides."),
    NamedNode(f"{OWL}sameAs"): ("same as", "Its identifier in another register."),
}
"""Properties of other vocabularies that every thing may have."""


@dataclass(frozen=True, slots=True)
class SchemaTerm:
    """A class or a property; *of* and *to* are a property's domain and range.

    *id* is its local name if it is a term of ours, else its IRI.
    """

    node: NamedNode
    name: str
    definition: str
    of: NamedNode | None = None
    to: NamedNode | None = None

    @property
    def id(self) -> str:
        """How tools name the term."""
        return self.node.value.removeprefix(EXQ)


class SchemaTerms:
    """The classes and properties of one version, and what stands above a class."""

    def __init__(self, snapshot: Snapshot) -> None:
        self._said = _said(snapshot)
        direct: defaultdict[NamedNode, set[NamedNode]] = defaultdict(set)
        for quad in snapshot.quads(predicate=SUB_CLASS_OF, graph=ONTOLOGY):
            if isinstance(quad.subject, NamedNode) and isinstance(
                quad.object, NamedNode
            ):
                direct[quad.subject].add(quad.object)
        self._above = {node: _closure(node, direct) for node in [*direct]}
        own = [node for node in self._said if node.value.startswith(EXQ)]
        concept = SchemaTerm(CONCEPT, "concept", "A subject, a role, a status …")
        self.classes = self._terms(own, _CLASS) | {CONCEPT: concept}
        self.properties = {
            **{node: SchemaTerm(node, *words) for node, words in _OTHERS.items()},
            **self._terms(own, _LINK),
            **self._terms(own, _VALUE),
        }

    def above(self, node: NamedNode) -> frozenset[NamedNode]:
        """Return the classes above the class *node*, near and far."""
        return self._above.get(node, frozenset())

    def broader(self, node: NamedNode) -> list[SchemaTerm]:
        """Return our classes right above the class *node*."""
        above = [one for one in self.above(node) if one in self.classes]
        far = {other for one in above for other in self.above(one)}
        return [self.classes[one] for one in sorted(above, key=str) if one not in far]

    def narrowest(self, nodes: Iterable[NamedNode]) -> list[SchemaTerm]:
        """Return our classes among *nodes* that no other one of them is a kind of."""
        own = {node for node in nodes if node in self.classes}
        general = {above for node in own for above in self.above(node)}
        return [self.classes[one] for one in sorted(own - general, key=str)]

    def properties_of(self, node: NamedNode) -> list[SchemaTerm]:
        """Return the properties that a thing of the class *node* may have.

        Those of its own come before those of the classes above, and those before the
        ones that anything may have.
        """
        general = [*_nearest_first(node, self)]
        ranks = {one: rank for rank, one in enumerate(general)}
        found = [p for p in self.properties.values() if p.of is None or p.of in ranks]
        return sorted(
            found,
            key=lambda p: (ranks[p.of] if p.of else len(ranks), p.name, p.id),
        )

    def _terms(
        self, nodes: Iterable[NamedNode], kind: NamedNode
    ) -> dict[NamedNode, SchemaTerm]:
        return {
            node: SchemaTerm(
                node,
                self._text(node, LABEL) or node.value.removeprefix(EXQ),
                self._text(node, _DEFINITION),
                self._node(node, _DOMAIN),
                self._node(node, _RANGE),
            )
            for node in sorted(nodes, key=str)
            if kind in self._said[node].get(TYPE, ())
        }

    def _text(self, node: NamedNode, predicate: NamedNode) -> str:
        found = self._said[node].get(predicate)
        return str(getattr(found[0], "value", "")) if found else ""

    def _node(self, node: NamedNode, predicate: NamedNode) -> NamedNode | None:
        found = self._said[node].get(predicate, [])
        return next((one for one in found if isinstance(one, NamedNode)), None)


def find_term(terms: Mapping[NamedNode, SchemaTerm], text: str) -> SchemaTerm | None:
    """Return the one of *terms* whose local name, prefixed name or IRI *text* is."""
    for iri in (f"{EXQ}{text}", expand(text), text):
        try:
            node = NamedNode(iri or "")
        except ValueError:
            continue
        if node in terms:
            return terms[node]
    return None


def _said(snapshot: Snapshot) -> dict[NamedNode, dict[NamedNode, list[object]]]:
    said: dict[NamedNode, dict[NamedNode, list[object]]] = {}
    for quad in sorted(snapshot.quads(graph=ONTOLOGY), key=str):
        if isinstance(quad.subject, NamedNode):
            about = said.setdefault(quad.subject, {})
            about.setdefault(quad.predicate, []).append(quad.object)
    return said


def _closure(
    node: NamedNode, direct: Mapping[NamedNode, set[NamedNode]]
) -> frozenset[NamedNode]:
    found: set[NamedNode] = set()
    waiting = [node]
    while waiting:
        for above in direct.get(waiting.pop(), ()):
            if above not in found and above != node:
                found.add(above)
                waiting.append(above)
    return frozenset(found)


def _nearest_first(node: NamedNode, terms: SchemaTerms) -> list[NamedNode]:
    above = sorted(
        terms.above(node), key=lambda one: (-len(terms.above(one)), str(one))
    )
    return [node, *above]


# A snapshot never changes, so its terms are gathered once and live as long as it does.
_TERMS: WeakKeyDictionary[Snapshot, SchemaTerms] = WeakKeyDictionary()
_MAKING = threading.Lock()


def schema_terms(snapshot: Snapshot) -> SchemaTerms:
    """Return the classes and properties of *snapshot*."""
    with _MAKING:
        if snapshot not in _TERMS:
            _TERMS[snapshot] = SchemaTerms(snapshot)
        return _TERMS[snapshot]


def types_of(snapshot: Snapshot, node: NamedNode) -> frozenset[NamedNode]:
    """Return the classes that *node* belongs to, by statement or inference."""
    quads = snapshot.quads(node, TYPE, None, MERGED_VIEW)
    return frozenset(q.object for q in quads if isinstance(q.object, NamedNode))
