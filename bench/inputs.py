"""What is measured with: the shipped ontology and shapes, and the quads of a world."""

from __future__ import annotations

import tempfile
from dataclasses import replace
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

from kg.build import Sources, read_sources
from kg.gate import in_view
from kg.terms import (
    BASE,
    ONTOLOGY,
    SENTENCE_GRAPH,
    SUB_CLASS_OF,
    TYPE,
    NamedNode,
    Quad,
    Triple,
    is_sentence,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    import rdflib


def shipped() -> set[Quad]:
    """Return what the ontology, the shapes and the concepts say."""
    with tempfile.TemporaryDirectory() as folder:
        return set(read_sources(replace(Sources.shipped(), facts=Path(folder))).added)


def graph_of(name: NamedNode) -> set[Triple]:
    """Return the triples of a graph of what is shipped."""
    return {triple(quad) for quad in shipped() if quad.graph_name == name}


def asserted(world: Iterable[Quad]) -> Iterator[Triple]:
    """Yield what is asserted in the merged view; some of it more than once."""
    for quad in chain(shipped(), world):
        if in_view(quad.graph_name):
            yield triple(quad)


def seen_by_shapes(world: Iterable[Quad]) -> Iterator[Triple]:
    """Yield what shapes see: with the class hierarchy and the sentence graphs."""
    yield from (t for t in graph_of(ONTOLOGY) if t.predicate == SUB_CLASS_OF)
    for quad in chain(shipped(), world):
        name = quad.graph_name
        if in_view(name):
            yield triple(quad)
        if isinstance(name, NamedNode) and is_sentence(name, BASE):
            yield Triple(name, TYPE, SENTENCE_GRAPH)


def triple(quad: Quad) -> Triple:
    """Return *quad* without its graph."""
    return Triple(quad.subject, quad.predicate, quad.object)


def in_rdflib(triples: Iterable[Triple]) -> rdflib.Graph:
    """Return *triples* as a graph of rdflib, in memory."""
    import rdflib

    from kg.rdflib_terms import to_rdflib

    graph = rdflib.Graph()
    for one in triples:
        subject, predicate, object_ = map(to_rdflib, one)
        graph.add((subject, predicate, object_))
    return graph
