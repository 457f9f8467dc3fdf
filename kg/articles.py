"""Articles, their passages in order, and what a passage or a claim states."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from kg.names import things
from kg.parameters import put_values
from kg.terms import (
    EXQ,
    LABEL,
    MERGED_VIEW,
    TYPE,
    Literal,
    NamedNode,
    is_claim,
    is_sentence,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kg.names import Thing
    from kg.paging import Page
    from kg.store import Snapshot
    from kg.terms import Term

_PASSAGES = """
PREFIX exq: <https://w3id.org/exequatur/ontology#>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
SELECT ?passage ?ordinal ?topic ?repeated WHERE {
  VALUES ?article { rdfs:Resource }
  ?passage exq:passageOf ?article ; exq:ordinal ?ordinal .
  OPTIONAL { ?passage exq:topicLine ?topic }
  OPTIONAL { ?passage exq:repeats/exq:ordinal ?repeated }
}
ORDER BY STRLEN(STR(?ordinal)) STR(?ordinal)
"""
_ARTICLES = """
PREFIX dct: <http://purl.org/dc/terms/>
PREFIX exq: <https://w3id.org/exequatur/ontology#>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
SELECT ?article ?label ?title (COUNT(?passage) AS ?passages) WHERE {
  ?passage exq:passageOf ?article .
  ?article rdfs:label ?label .
  OPTIONAL { ?article dct:title ?title }
}
GROUP BY ?article ?label ?title
ORDER BY STR(?label)
"""


_PASSAGE_OF = NamedNode(f"{EXQ}passageOf")

Statements: TypeAlias = "tuple[tuple[Thing, tuple[tuple[Thing, Thing], ...]], ...]"
"""Subjects in order, each with its properties and values."""


@dataclass(frozen=True, slots=True)
class Passage:
    """A passage, and what it states: subjects, each with properties and values.

    *states* is None where that was not looked up.
    """

    iri: str
    ordinal: int
    topic: str
    repeats: int | None
    states: Statements | None

    @property
    def size(self) -> int:
        """How many triples that is."""
        return sum(len(pairs) for _, pairs in self.states or ())

    @property
    def anchor(self) -> str:
        """The fragment of its IRI."""
        return self.iri.rpartition("#")[2]


@dataclass(frozen=True, slots=True)
class Article:
    """A source of the graph: its label, its headline, how many passages it has."""

    iri: str
    label: str
    title: str
    passages: int


def articles(snapshot: Snapshot) -> list[Article]:
    """Return the articles that the graph was made from, by label."""
    return [
        Article(iri.value, label.value, title.value if title else "", int(count.value))
        for iri, label, title, count in snapshot.query(_ARTICLES).rows()
        if iri and label and count
    ]


def passages(
    snapshot: Snapshot,
    article: NamedNode,
    page: Page | None = None,
    *,
    detailed: int | None = None,
) -> list[Passage]:
    """Return the passages of *article* in order, all or those of a *page*.

    There are none where it is no article. What they state is looked up for all of them,
    or the first *detailed*.
    """
    part = f"LIMIT {page.limit} OFFSET {page.offset}" if page else ""
    asked = put_values(_PASSAGES, "article", article) + part
    rows = list(snapshot.query(asked).rows())
    graphs = [row[0] for row in rows if isinstance(row[0], NamedNode)]
    found = {graph: _stated(snapshot, graph) for graph in graphs[:detailed]}
    shown = things(snapshot, {t for said in found.values() for x in said for t in x})
    return [
        Passage(
            iri=graph.value,
            ordinal=_number(ordinal) or 0,
            topic=topic.value if topic else "",
            repeats=_number(repeated),
            states=_by_subject(
                (shown[s], shown[p], shown[o]) for s, p, o in found[graph]
            )
            if graph in found
            else None,
        )
        for graph, (_, ordinal, topic, repeated) in zip(graphs, rows, strict=True)
    ]


def is_article(snapshot: Snapshot, node: NamedNode) -> bool:
    """Tell whether *node* has passages."""
    return any(snapshot.quads(None, _PASSAGE_OF, node, MERGED_VIEW))


def stated(snapshot: Snapshot, node: NamedNode) -> Statements:
    """Return what a passage states, or a claim where that is written as triples too.

    There is nothing for any other node.
    """
    base = snapshot.base
    is_stating = is_claim(node, base) or is_sentence(node, base)
    triples = _stated(snapshot, node) if is_stating else []
    shown = things(snapshot, {term for triple in triples for term in triple})
    return _by_subject((shown[s], shown[p], shown[o]) for s, p, o in triples)


def _stated(snapshot: Snapshot, graph: NamedNode) -> list[tuple[Term, Term, Term]]:
    """Return what *graph* states, but for the types and labels that name things."""
    triples: list[tuple[Term, Term, Term]] = [
        (quad.subject, quad.predicate, quad.object)
        for quad in snapshot.quads(graph=graph)
        if quad.predicate not in (TYPE, LABEL)
        and isinstance(quad.subject, NamedNode)
        and isinstance(quad.object, NamedNode | Literal)
    ]
    return sorted(triples, key=str)


def _by_subject(triples: Iterable[tuple[Thing, Thing, Thing]]) -> Statements:
    found: dict[Thing, list[tuple[Thing, Thing]]] = {}
    for subject, predicate, value in triples:
        found.setdefault(subject, []).append((predicate, value))
    return tuple((subject, tuple(pairs)) for subject, pairs in found.items())


def _number(term: Term | None) -> int | None:
    return int(term.value) if isinstance(term, Literal) else None
