"""How much there is of what: the counts that describe a version of the dataset."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from kg.parameters import encode, put_values
from kg.terms import BASE, EXQ, SCHEMA, SKOS, Literal, NamedNode
from kg.uses import counted

if TYPE_CHECKING:
    from kg.store import Snapshot
    from kg.uses import Uses

_LINKING = tuple(
    NamedNode(name)
    for name in (f"{SCHEMA}sameAs", f"{SKOS}closeMatch", f"{SKOS}exactMatch")
)
"""The properties that lead to the same or a like thing elsewhere."""

_SUBJECTS = """
SELECT (COUNT(DISTINCT ?s) AS ?number) WHERE { ?s ?p ?o }
"""
_OBJECTS = """
SELECT (COUNT(DISTINCT ?o) AS ?number) WHERE { ?s ?p ?o }
"""
_ENTITIES = """
SELECT (COUNT(*) AS ?number) WHERE {{
  SELECT DISTINCT ?s WHERE {{ ?s a ?class . FILTER(STRSTARTS(STR(?s), {space})) }}
}}
"""
_LINKS = """
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
SELECT ?property ?space (COUNT(*) AS ?number) WHERE {
  VALUES ?property { rdfs:seeAlso }
  ?thing ?property ?other .
  FILTER(isIRI(?other))
  BIND(REPLACE(STR(?other), "^([a-z]+://[^/]+/).*$", "$1") AS ?space)
}
GROUP BY ?property ?space
"""
_EXAMPLES = """
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
SELECT ?class (MIN(?thing) AS ?example) WHERE {
  VALUES ?class { rdfs:Resource }
  ?thing a ?class
}
GROUP BY ?class
"""
_EXAMPLE_CLASSES = tuple(
    NamedNode(f"{EXQ}{name}")
    for name in ("Agreement", "Claim", "Event", "NewsArticle", "Person", "State")
)


@dataclass(frozen=True, slots=True)
class Linkset:
    """So many statements of *property* lead to things whose IRIs begin with *space*."""

    property: NamedNode
    space: str
    number: int


@dataclass(frozen=True, slots=True)
class Extent:
    """What there is beside the uses of terms; takes longer to count."""

    entities: int
    subjects: int
    objects: int
    linksets: tuple[Linkset, ...]
    examples: tuple[NamedNode, ...]


# A snapshot never changes, so it is counted once.
_USES: WeakKeyDictionary[Snapshot, Uses] = WeakKeyDictionary()
_EXTENTS: WeakKeyDictionary[Snapshot, Extent] = WeakKeyDictionary()
_GUARD = threading.Lock()


def uses(snapshot: Snapshot) -> Uses:
    """Return how often terms are used in *snapshot*."""
    with _GUARD:
        if snapshot not in _USES:
            _USES[snapshot] = snapshot.uses or counted(snapshot.query)
        return _USES[snapshot]


def extent(snapshot: Snapshot, base: str = BASE) -> Extent:
    """Return what else there is to count in *snapshot*; entities are below *base*."""
    with _GUARD:
        if snapshot not in _EXTENTS:
            _EXTENTS[snapshot] = Extent(
                entities=_number(
                    snapshot, _ENTITIES.format(space=encode(Literal(f"{base}id/")))
                ),
                subjects=_number(snapshot, _SUBJECTS),
                objects=_number(snapshot, _OBJECTS),
                linksets=_linksets(snapshot),
                examples=_examples(snapshot),
            )
        return _EXTENTS[snapshot]


def size(snapshot: Snapshot, graph: NamedNode) -> int:
    """Return how many triples *graph* has."""
    text = "SELECT (COUNT(*) AS ?number) WHERE { ?s ?p ?o }"
    rows = snapshot.query(text, default_graphs=(graph.value,)).rows()
    return next((_int(row[0]) for row in rows), 0)


def _number(snapshot: Snapshot, text: str) -> int:
    return next((_int(row[0]) for row in snapshot.query(text).rows()), 0)


def _linksets(snapshot: Snapshot) -> tuple[Linkset, ...]:
    rows = snapshot.query(put_values(_LINKS, "property", *_LINKING)).rows()
    found = [
        Linkset(name, space.value, _int(number))
        for name, space, number in rows
        if isinstance(name, NamedNode) and isinstance(space, Literal)
    ]
    return tuple(sorted(found, key=lambda one: (one.space, one.property.value)))


def _examples(snapshot: Snapshot) -> tuple[NamedNode, ...]:
    rows = snapshot.query(put_values(_EXAMPLES, "class", *_EXAMPLE_CLASSES)).rows()
    found = {thing for _, thing in rows if isinstance(thing, NamedNode)}
    return tuple(sorted(found, key=lambda one: one.value))


def _int(term: object) -> int:
    return int(term.value) if isinstance(term, Literal) else 0
