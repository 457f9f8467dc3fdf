"""Whence a fact is: the graphs that state it, with what to show for each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kg.around import stating
from kg.parameters import short_name
from kg.terms import (
    EXQ,
    INFERRED,
    LABEL,
    MERGED_VIEW,
    OUTSIDE_VIEW,
    Literal,
    NamedNode,
    Quad,
    Triple,
    is_claim,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kg.store import Snapshot
    from kg.terms import Node

UNNAMED = OUTSIDE_VIEW | {INFERRED}
"""Graphs that are no source of anything."""

_PASSAGE_OF = NamedNode(f"{EXQ}passageOf")
_ORDINAL = NamedNode(f"{EXQ}ordinal")
_TOPIC = NamedNode(f"{EXQ}topicLine")


@dataclass(frozen=True, slots=True)
class Source:
    """A graph that states a fact: a passage of an article, or background knowledge."""

    graph: NamedNode
    label: str
    ordinal: int | None = None
    topic: str = ""


def sources_of(snapshot: Snapshot, triple: Triple) -> set[NamedNode]:
    """Return the graphs that state *triple*; those beside the view if it is not in it.

    There are none where it is inferred.
    """
    names = {quad.graph_name for quad in stating(snapshot, (triple,))}
    found = {name for name in names if isinstance(name, NamedNode)}
    stated = {name for name in found - UNNAMED if not is_claim(name, snapshot.base)}
    parts = (triple.subject, triple.predicate, triple.object)
    if stated or Quad(*parts, MERGED_VIEW) in snapshot:
        return stated
    return found & OUTSIDE_VIEW


def described_sources(
    snapshot: Snapshot, graphs: Iterable[NamedNode]
) -> dict[NamedNode, Source]:
    """Return *graphs* with what to show for each."""
    return {graph: _source(snapshot, graph) for graph in graphs}


def in_order(sources: Iterable[Source]) -> tuple[Source, ...]:
    """Return *sources* article by article, the passages of each as they follow."""
    return tuple(sorted(sources, key=lambda s: (s.label, s.ordinal or 0, str(s.graph))))


# Looked up one by one: a query with OPTIONAL goes through the passages of all articles.
def _source(snapshot: Snapshot, graph: NamedNode) -> Source:
    own = _text(snapshot, graph, LABEL)
    ordinal = _text(snapshot, graph, _ORDINAL)
    for quad in snapshot.quads(graph, _PASSAGE_OF, None, MERGED_VIEW):
        label = _text(snapshot, quad.object, LABEL)
        if label and ordinal:
            topic = _text(snapshot, graph, _TOPIC)
            return Source(graph, label, int(ordinal), topic)
    return Source(graph, own or short_name(graph))


def _text(snapshot: Snapshot, node: object, predicate: NamedNode) -> str:
    """Return the first text by *predicate* of *node*, "" where there is none."""
    if not isinstance(node, NamedNode):
        return ""
    subject: Node = node
    values = snapshot.quads(subject, predicate, None, MERGED_VIEW)
    texts = (q.object.value for q in values if isinstance(q.object, Literal))
    return min(texts, default="")
