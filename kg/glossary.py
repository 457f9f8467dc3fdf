"""The ontology's terms explained: what each means, where it stands, what uses it."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from kg.prefixes import shorten
from kg.statistics import uses
from kg.terms import (
    EXQ,
    LABEL,
    ONTOLOGY,
    OWL,
    RDF,
    RDFS,
    SH,
    SHAPES,
    SKOS,
    SUB_CLASS_OF,
    SUB_PROPERTY_OF,
    TYPE,
    BlankNode,
    Literal,
    NamedNode,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from kg.queries import SavedQuery
    from kg.store import Snapshot
    from kg.terms import GraphName, Quad, Term

SECTIONS: Mapping[str, NamedNode] = {
    "classes": NamedNode(f"{OWL}Class"),
    "object properties": NamedNode(f"{OWL}ObjectProperty"),
    "datatype properties": NamedNode(f"{OWL}DatatypeProperty"),
}
_TEXTS = {
    "definition": NamedNode(f"{SKOS}definition"),
    "example": NamedNode(f"{SKOS}example"),
    "note": NamedNode(f"{SKOS}scopeNote"),
}
_DOMAIN, _RANGE = NamedNode(f"{RDFS}domain"), NamedNode(f"{RDFS}range")
_INVERSE = NamedNode(f"{OWL}inverseOf")
_RELATIONS: Mapping[str, tuple[NamedNode, bool]] = {
    "kind of": (SUB_CLASS_OF, False),
    "kinds": (SUB_CLASS_OF, True),
    "implies": (SUB_PROPERTY_OF, False),
    "implied by": (SUB_PROPERTY_OF, True),
    "from": (_DOMAIN, False),
    "to": (_RANGE, False),
    "inverse": (_INVERSE, False),
    "inverse of": (_INVERSE, True),
    "has": (_DOMAIN, True),
    "reached by": (_RANGE, True),
    "replaced by": (NamedNode("http://purl.org/dc/terms/isReplacedBy"), False),
}
"""What is told of a term: the property that says it, and whether read backwards."""

_CHARACTERS = {
    f"{OWL}{name}Property": name.lower()
    for name in ("Asymmetric", "Functional", "InverseFunctional", "Irreflexive",
                 "Reflexive", "Symmetric", "Transitive")
}  # fmt: skip
_MEMBERS, _DISJOINT = NamedNode(f"{OWL}members"), NamedNode(f"{OWL}AllDisjointClasses")
_CHAIN = NamedNode(f"{OWL}propertyChainAxiom")
_MESSAGE = NamedNode(f"{SH}message")
_OWN_NAME = re.compile(r"(?<![\w:-])exq:([A-Za-z][\w-]*)")
_DEEPEST = 20


@dataclass(frozen=True, slots=True)
class ShapeUse:
    """A shape that has to do with a term, and what it tells those who break it."""

    iri: str
    name: str
    message: str


@dataclass(frozen=True, slots=True)
class Entry:
    """A term of the vocabulary; *count* says how often it is used in the data.

    *relations* are other terms by how this one stands to them, as IRIs. *chains* are
    the properties from which this one follows.
    """

    iri: str
    name: str
    label: str
    texts: Mapping[str, tuple[str, ...]]
    relations: Mapping[str, tuple[str, ...]]
    characters: tuple[str, ...]
    chains: tuple[tuple[str, ...], ...]
    disjoint: tuple[str, ...]
    shapes: tuple[ShapeUse, ...]
    queries: tuple[SavedQuery, ...]
    count: int


@dataclass(frozen=True, slots=True)
class Branch:
    """A class in the hierarchy, with those right below it."""

    name: str
    below: tuple[Branch, ...] = field(default=())


def glossary(
    snapshot: Snapshot, queries: Iterable[SavedQuery]
) -> dict[str, list[Entry]]:
    """Return the entries of the ontology's terms by section, in alphabetical order."""
    reading = _Reading(snapshot, queries)
    return {
        title: [reading.entry(term) for term in reading.terms(kind)]
        for title, kind in SECTIONS.items()
    }


def hierarchy(entries: Iterable[Entry]) -> list[Branch]:
    """Return the classes of *entries* as a tree; one with two above is there twice."""
    below: defaultdict[str, list[str]] = defaultdict(list)
    roots = []
    for entry in entries:
        above = [iri for iri in entry.relations.get("kind of", ()) if _is_own(iri)]
        for iri in above:
            below[iri.removeprefix(EXQ)].append(entry.name)
        if not above:
            roots.append(entry.name)

    def branch(name: str, depth: int) -> Branch:
        names = below[name] if depth < _DEEPEST else []
        return Branch(name, tuple(branch(one, depth + 1) for one in names))

    return [branch(name, 0) for name in roots]


class _Reading:
    """What the ontology, the shapes and the queries say, by term."""

    def __init__(self, snapshot: Snapshot, queries: Iterable[SavedQuery]) -> None:
        self._here = snapshot
        self._uses = uses(snapshot)
        self._queries: defaultdict[str, list[SavedQuery]] = defaultdict(list)
        for query in queries:
            for name in set(_OWN_NAME.findall(query.text)):
                self._queries[name].append(query)
        self._shapes = _shapes(snapshot)
        self._disjoint = list(self._sets_apart())

    def terms(self, kind: NamedNode) -> list[NamedNode]:
        found = {
            quad.subject
            for quad in self._here.quads(None, TYPE, kind, ONTOLOGY)
            if isinstance(quad.subject, NamedNode) and _is_own(quad.subject.value)
        }
        return sorted(found, key=lambda term: (term.value.casefold(), term.value))

    def entry(self, term: NamedNode) -> Entry:
        name = term.value.removeprefix(EXQ)
        labels = self._values(term, LABEL)
        kinds = {value.value for value in self._values(term, TYPE)}
        return Entry(
            iri=term.value,
            name=name,
            label=labels[0].value if labels else name,
            texts={
                title: tuple(value.value for value in self._values(term, predicate))
                for title, predicate in _TEXTS.items()
            },
            relations={
                title: found
                for title, (predicate, back) in _RELATIONS.items()
                if (found := self._related(term, predicate, back=back))
            },
            characters=tuple(w for k, w in _CHARACTERS.items() if k in kinds),
            chains=tuple(self._list(q.object) for q in self._sorted(term, _CHAIN)),
            disjoint=tuple(self._apart_from(term.value)),
            shapes=self._shapes.get(name, ()),
            queries=tuple(self._queries.get(name, ())),
            count=self._uses.of(term),
        )

    def _values(self, term: NamedNode, predicate: NamedNode) -> list[Term]:
        return [
            quad.object
            for quad in self._sorted(term, predicate)
            if isinstance(quad.object, NamedNode | Literal)
        ]

    def _sorted(self, term: NamedNode, predicate: NamedNode) -> list[Quad]:
        return sorted(self._here.quads(term, predicate, None, ONTOLOGY), key=str)

    def _related(
        self, term: NamedNode, predicate: NamedNode, *, back: bool
    ) -> tuple[str, ...]:
        if back:
            quads = self._here.quads(None, predicate, term, ONTOLOGY)
            nodes: set[object] = {quad.subject for quad in quads}
        else:
            nodes = set(self._values(term, predicate))
        return tuple(sorted(n.value for n in nodes if isinstance(n, NamedNode)))

    def _sets_apart(self) -> Iterator[tuple[str, ...]]:
        """Yield the sets of classes that have no member in common."""
        for quad in self._here.quads(None, TYPE, _DISJOINT, ONTOLOGY):
            if isinstance(quad.subject, NamedNode | BlankNode):
                for listed in self._here.quads(quad.subject, _MEMBERS, None, ONTOLOGY):
                    yield self._list(listed.object)

    def _apart_from(self, iri: str) -> list[str]:
        others = {one for group in self._disjoint if iri in group for one in group}
        return sorted(others - {iri})

    def _list(self, node: object) -> tuple[str, ...]:
        """Return the IRIs of an RDF list."""
        found: list[str] = []
        while isinstance(node, NamedNode | BlankNode) and node.value != f"{RDF}nil":
            first, rest = (
                next(
                    (q.object for q in self._here.quads(
                        node, NamedNode(f"{RDF}{name}"), None, ONTOLOGY)),
                    None,
                )
                for name in ("first", "rest")
            )  # fmt: skip
            found += [first.value] if isinstance(first, NamedNode) else []
            node = rest
        return tuple(found)


def _shapes(snapshot: Snapshot) -> dict[str, tuple[ShapeUse, ...]]:
    """Return the shapes by the names of the terms that they, or their parts, name."""
    parents: dict[object, object] = {}
    messages: dict[object, str] = {}
    named: defaultdict[object, set[str]] = defaultdict(set)
    for quad in snapshot.quads(graph=SHAPES):
        value = quad.object
        if isinstance(value, BlankNode):
            parents[value] = quad.subject
        elif isinstance(value, Literal) and quad.predicate == _MESSAGE:
            messages[quad.subject] = value.value
        else:
            named[quad.subject] |= _names_in(value)
    found: defaultdict[str, set[ShapeUse]] = defaultdict(set)
    for node, names in named.items():
        shape = _root(node, parents)
        if isinstance(shape, NamedNode) and shape in messages:
            use = ShapeUse(shape.value, shorten(shape.value), messages[shape])
            for name in names:
                found[name].add(use)
    return {
        name: tuple(sorted(shapes, key=lambda shape: shape.name))
        for name, shapes in found.items()
    }


def _names_in(value: object) -> set[str]:
    """Return the terms of ours that *value* is, or that stand in its text."""
    if isinstance(value, NamedNode):
        return {value.value.removeprefix(EXQ)} if _is_own(value.value) else set()
    return set(_OWN_NAME.findall(value.value)) if isinstance(value, Literal) else set()


def _root(node: object, parents: Mapping[object, object]) -> object:
    for _ in range(_DEEPEST):
        if not isinstance(node, BlankNode):
            break
        node = parents.get(node)
    return node


def _is_own(iri: str) -> bool:
    return iri.startswith(EXQ)


def described(snapshot: Snapshot, graph: GraphName, node: NamedNode) -> dict[str, str]:
    """Return the first value of each property of *node* in *graph*."""
    found: dict[str, str] = {}
    for quad in sorted(snapshot.quads(node, None, None, graph), key=str):
        if isinstance(quad.object, NamedNode | Literal):
            found.setdefault(quad.predicate.value, quad.object.value)
    return found
