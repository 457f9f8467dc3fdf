"""Search over labels and aliases, for the box on every page; no Flask."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kg.name_index import name_index
from kg.names import called, things
from kg.parameters import put_values
from kg.terms import EXQ, ONTOLOGY, Literal, NamedNode

if TYPE_CHECKING:
    from kg.name_index import Named
    from kg.store import Snapshot
    from kg.terms import Term

MOST_HITS = 100
_FEW = 10
"""Where fewer are found, what has a similar name is shown too."""

_ALIKE = 70.0

# Those that begin with the text come first, then the shorter names.
_TERMS = """
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
SELECT ?thing (MIN(?rank) AS ?best) WHERE {
  VALUES ?text { "" }
  GRAPH ?ontology { ?thing rdfs:label ?name }
  FILTER(CONTAINS(LCASE(STR(?name)), LCASE(?text)))
  BIND(STRLEN(?name) + IF(STRSTARTS(LCASE(?name), LCASE(?text)), 0, 1000) AS ?rank)
}
GROUP BY ?thing
ORDER BY STRLEN(STR(?best)) STR(?best) STR(?thing)
LIMIT 100
"""
_KINDS = """
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
SELECT ?thing ?label WHERE {
  VALUES ?thing { rdfs:Resource }
  ?thing a ?kind .
  ?kind rdfs:label ?label .
  FILTER NOT EXISTS {
    ?thing a ?narrower .
    ?narrower rdfs:subClassOf ?kind .
    FILTER(?narrower != ?kind)
  }
}
ORDER BY STR(?thing) STR(?label)
"""


@dataclass(frozen=True, slots=True)
class Hit:
    """What a search found: not *exact* where its name only resembles the text."""

    iri: str
    label: str
    kind: str
    exact: bool


def search(snapshot: Snapshot, text: str) -> list[Hit]:
    """Return what is called *text*, what has it in a name, and if few, nearly so.

    Case, accents, marks and the way of transliteration do not count.
    """
    words = text.strip()
    if not words:
        return []
    exact = called(snapshot, words)
    index = name_index(snapshot)
    nodes = [*exact, *_found(index.beginning(words, _any, limit=MOST_HITS))]
    nodes += _terms(snapshot, words)
    if len(nodes) < _FEW:
        near = index.resembling(words, _any, limit=2 * _FEW)
        nodes += [one.named.iri for one in near if one.score >= _ALIKE]
    return _hits(snapshot, list(dict.fromkeys(nodes))[:MOST_HITS], exact)


def _any(_: Named) -> bool:
    return True


def _found(named: list[Named]) -> list[NamedNode]:
    return [one.iri for one in named]


def _terms(snapshot: Snapshot, words: str) -> list[NamedNode]:
    """Return the terms of the ontology that have *words* in their labels."""
    asked = put_values(_TERMS, "text", Literal(words)).replace(
        "?ontology", str(ONTOLOGY)
    )
    found = (row[0] for row in snapshot.query(asked).rows())
    return [node for node in found if isinstance(node, NamedNode)]


def _hits(
    snapshot: Snapshot, nodes: list[NamedNode], exact: set[NamedNode]
) -> list[Hit]:
    labels = things(snapshot, nodes)
    kinds: dict[Term, list[str]] = {}
    for node, label in snapshot.query(put_values(_KINDS, "thing", *nodes)).rows():
        if node and label:
            kinds.setdefault(node, []).append(label.value)
    return [
        Hit(
            iri=node.value,
            label=labels[node].label,
            kind=", ".join(kinds.get(node, [_kind(node)])),
            exact=node in exact,
        )
        for node in nodes
    ]


def _kind(node: NamedNode) -> str:
    return "term of the ontology" if node.value.startswith(EXQ) else "thing"
