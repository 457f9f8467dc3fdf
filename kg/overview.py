"""What a version holds, at a glance: how many of what, and what it was read from."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

from kg.articles import Article
from kg.members import label_of, members
from kg.parameters import put_values
from kg.per_version import per_version
from kg.terms import DCT, EXQ, MERGED_VIEW, Literal, NamedNode

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from kg.snapshot import Snapshot

KINDS = {
    "State": "states",
    "Organization": "organisations",
    "Person": "people",
    "Event": "events",
    "Agreement": "agreements",
    "Claim": "claims",
    "NewsArticle": "articles",
    "Passage": "passages",
}
"""The classes that are counted, with their plurals."""

MOST_STORIES = 12
_ARTICLE = NamedNode(f"{EXQ}NewsArticle")
_PASSAGE_OF = NamedNode(f"{EXQ}passageOf")
_ISSUED, _TITLE = NamedNode(f"{DCT}issued"), NamedNode(f"{DCT}title")
_COUNTS = """
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
SELECT ?kind (COUNT(DISTINCT ?thing) AS ?number) WHERE {
  VALUES ?kind { rdfs:Resource }
  ?thing a ?kind
}
GROUP BY ?kind
"""
_TRIPLES = "SELECT (COUNT(*) AS ?number) WHERE { ?subject ?predicate ?object }"


@dataclass(frozen=True, slots=True)
class Overview:
    """How many things there are of each of KINDS, and some articles, newest first."""

    counts: Mapping[str, int]
    stories: tuple[Article, ...]


@per_version
def overview(snapshot: Snapshot) -> Overview:
    """Return what *snapshot* holds, at a glance.

    Articles with a date of issue come before those without, which come by label; those
    of which no passage was read are left out.
    """
    stories = islice(_stories(snapshot), MOST_STORIES)
    return Overview(_counted(snapshot), tuple(stories))


@per_version
def count_triples(snapshot: Snapshot) -> int:
    """Return how many triples the merged view has."""
    if snapshot.uses is not None:
        return snapshot.uses.triples
    return next(_number(row[0]) for row in snapshot.query(_TRIPLES).rows())


@per_version
def count_quads(snapshot: Snapshot) -> int:
    """Return how many quads there are, those of the merged view included."""
    kept = snapshot.uses
    return len(snapshot) if kept is None or kept.quads is None else kept.quads


def _counted(snapshot: Snapshot) -> Mapping[str, int]:
    nodes = {NamedNode(f"{EXQ}{name}"): name for name in KINDS}
    if snapshot.uses is not None:
        return {name: snapshot.uses.classes.get(n, 0) for n, name in nodes.items()}
    counted = {
        nodes[row[0]]: _number(row[1])
        for row in snapshot.query(put_values(_COUNTS, "kind", *nodes)).rows()
        if isinstance(row[0], NamedNode)
    }
    return {name: counted.get(name, 0) for name in KINDS}


def _stories(snapshot: Snapshot) -> Iterator[Article]:
    issued = {
        quad.subject: quad.object.value
        for quad in snapshot.quads(None, _ISSUED, None, MERGED_VIEW)
        if isinstance(quad.object, Literal)
    }
    by_label = members(snapshot, _ARTICLE)
    # A sort keeps the order of what is equal to it, also when it sorts in reverse.
    for node in sorted(by_label, key=lambda one: issued.get(one, ""), reverse=True):
        read = snapshot.quads(None, _PASSAGE_OF, node, MERGED_VIEW)
        passages = sum(1 for _ in read)
        if passages:
            title = _title(snapshot, node)
            yield Article(node.value, label_of(snapshot, node), title, passages)


def _title(snapshot: Snapshot, node: NamedNode) -> str:
    quads = snapshot.quads(node, _TITLE, None, MERGED_VIEW)
    titles = (quad.object.value for quad in quads if isinstance(quad.object, Literal))
    return min(titles, default="")


def _number(term: object) -> int:
    return int(term.value) if isinstance(term, Literal) else 0
