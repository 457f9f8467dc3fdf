"""What the checks are given: shapes and ontology, and data as the gate shows them."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import rdflib
from pyoxigraph import parse

from kg.files import data_folder, sorted_files
from kg.gate import in_view
from kg.rdflib_terms import to_rdflib
from kg.shapes import Shapes, compile_shapes
from kg.terms import (
    CONCEPTS,
    SENTENCE_GRAPH,
    SUB_CLASS_OF,
    TYPE,
    NamedNode,
    Quad,
    Triple,
    is_sentence,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

ONTOLOGY = data_folder("ontology")
EXAMPLES = Path(__file__).parent / "data" / "shapes"


def graph_of(triples: Iterable[Triple]) -> rdflib.Graph:
    """Return *triples* as a graph of rdflib."""
    graph = rdflib.Graph()
    for triple in triples:
        s, p, o = (to_rdflib(term) for term in triple)
        graph.add((s, p, o))
    return graph


def triples_of(path: Path) -> frozenset[Triple]:
    """Return the triples of *path*, whatever graphs they stand in."""
    return frozenset(quad.triple for quad in parse(path=path))


WORLD = triples_of(EXAMPLES / "world.ttl")


@cache
def ontology() -> frozenset[Triple]:
    return triples_of(ONTOLOGY / "exequatur.ttl")


@cache
def hierarchy() -> frozenset[Triple]:
    return frozenset(t for t in ontology() if t.predicate == SUB_CLASS_OF)


@cache
def shape_triples() -> frozenset[Triple]:
    return triples_of(ONTOLOGY / "shapes.ttl")


@cache
def shapes() -> Shapes:
    return compile_shapes(shape_triples(), house_rules=True)


@cache
def facts() -> frozenset[Quad]:
    """Return what the shipped files state, the concepts included."""
    paths = sorted_files(data_folder("facts"), "*.trig")
    quads = {quad for path in paths for quad in parse(path=path)}
    concepts = triples_of(ONTOLOGY / "concepts.ttl")
    placed = {Quad(t.subject, t.predicate, t.object, CONCEPTS) for t in concepts}
    return frozenset(quads | placed)


def view(quads: Iterable[Quad]) -> frozenset[Triple]:
    """Return the asserted merged view of *quads*."""
    return frozenset(quad.triple for quad in quads if in_view(quad.graph_name))


def judged(quads: Iterable[Quad]) -> frozenset[Triple]:
    """Return what shapes see of *quads*."""
    quads = list(quads)
    names = {quad.graph_name for quad in quads if is_sentence(quad.graph_name)}
    sentences = {
        Triple(name, TYPE, SENTENCE_GRAPH)
        for name in names
        if isinstance(name, NamedNode)
    }
    return view(quads) | hierarchy() | sentences
