"""Search over labels and aliases, for the box on every page; no Flask."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kg.names import find_entities, things
from kg.parameters import put_values
from kg.terms import EXQ, Literal, NamedNode

if TYPE_CHECKING:
    from kg.store import Snapshot
    from kg.terms import Term

MOST_HITS = 100

# Those that begin with the text come first, then the shorter names.
_CONTAINING = """
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
SELECT ?thing (MIN(?rank) AS ?best) WHERE {
  VALUES ?text { "" }
  { ?thing rdfs:label ?name } UNION { ?thing skos:altLabel ?name }
  FILTER(CONTAINS(LCASE(STR(?name)), LCASE(?text)))
  BIND(STRLEN(?name) + IF(STRSTARTS(LCASE(?name), LCASE(?text)), 0, 1000) AS ?rank)
}
GROUP BY ?thing
ORDER BY ?best ?thing
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
ORDER BY ?thing ?label
"""


@dataclass(frozen=True, slots=True)
class Hit:
    """What a search found: not *exact* where its name only resembles the text."""

    iri: str
    label: str
    kind: str
    exact: bool


def search(snapshot: Snapshot, text: str) -> list[Hit]:
    """Return what is called *text*, then what has it in a name, or nearly."""
    words = text.strip()
    if not words:
        return []
    named = find_entities(snapshot, words)
    exact = {one.iri for one in named if one.exact}
    containing = put_values(_CONTAINING, "text", Literal(words))
    found = [row[0] for row in snapshot.query(containing).rows()]
    nodes = [n for n in (*exact, *found) if isinstance(n, NamedNode)]
    nodes += [one.iri for one in named]
    return _hits(snapshot, list(dict.fromkeys(nodes))[:MOST_HITS], exact)


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
