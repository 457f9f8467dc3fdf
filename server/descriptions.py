"""The RDF that describes a thing: what is said of it, with the labels to read it."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

from kg.terms import (
    LABEL,
    MERGED_VIEW,
    DefaultGraph,
    NamedNode,
    Quad,
    Triple,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from kg.store import Snapshot

_MOST_QUADS = 10_000
"""How many quads are read in each direction; nobody reads a longer description."""


def triples_about(snapshot: Snapshot, node: NamedNode) -> set[Triple]:
    """Return what holds of *node* and its parts, with labels for every IRI in it."""
    found = {
        _triple(quad)
        for subject in (node, *_parts(snapshot, node))
        for quad in _around(snapshot, subject)
        if quad.graph_name == MERGED_VIEW
    }
    return found | set(_labels(snapshot, found))


def quads_about(snapshot: Snapshot, node: NamedNode) -> set[Quad]:
    """Return what the sources state of *node* and its parts, each in its graph."""
    return {
        quad
        for subject in (node, *_parts(snapshot, node))
        for quad in _around(snapshot, subject)
        if not isinstance(quad.graph_name, DefaultGraph)
    }


def _around(snapshot: Snapshot, node: NamedNode) -> Iterator[Quad]:
    yield from islice(snapshot.quads(subject=node), _MOST_QUADS)
    yield from islice(snapshot.quads(object_=node), _MOST_QUADS)


def _parts(snapshot: Snapshot, node: NamedNode) -> list[NamedNode]:
    """Return what is named within the document of *node*: the passages of a source."""
    incoming = islice(snapshot.quads(object_=node, graph=MERGED_VIEW), _MOST_QUADS)
    subjects = {quad.subject for quad in incoming}
    named = (s for s in subjects if isinstance(s, NamedNode))
    return sorted((s for s in named if s.value.startswith(f"{node.value}#")), key=str)


def _labels(snapshot: Snapshot, triples: Iterable[Triple]) -> Iterator[Triple]:
    terms = {term for t in triples for term in (t.subject, t.predicate, t.object)}
    for term in terms:
        if isinstance(term, NamedNode):
            yield from map(_triple, snapshot.quads(term, LABEL, None, MERGED_VIEW))


def _triple(quad: Quad) -> Triple:
    return Triple(quad.subject, quad.predicate, quad.object)
