"""The ontology's files as graphs, and what follows from a graph."""

from __future__ import annotations

from collections import defaultdict
from functools import cache
from pathlib import Path

from owlrl import OWLRL_Semantics
from pyoxigraph import RdfFormat, parse
from rdflib import RDFS, SKOS, Graph, Namespace, URIRef

from kg.files import data_folder
from kg.rdflib_terms import to_rdflib

ONTOLOGY = URIRef("https://w3id.org/exequatur/ontology")
EXQ = Namespace(f"{ONTOLOGY}#")
EG = Namespace("https://w3id.org/exequatur/example/")
DATA = Path(__file__).parent / "data" / "ontology"
FOLDER = data_folder("ontology")
TEXTS = [RDFS.label, SKOS.definition, SKOS.example, SKOS.scopeNote]


@cache
def ontology() -> Graph:
    return Graph().parse(FOLDER / "exequatur.ttl")


@cache
def concepts() -> Graph:
    return Graph().parse(FOLDER / "concepts.ttl")


@cache
def logic() -> Graph:
    """The axioms without what is only read by people."""
    graph = Graph()
    for triple in ontology():
        if triple[1] not in TEXTS and triple[0] != ONTOLOGY:
            graph.add(triple)
    return graph


def graphs_of(path: Path) -> dict[str, Graph]:
    # The engine's parser, as rdflib's warns of itself and leaves the file open.
    graphs: dict[str, Graph] = defaultdict(Graph)
    for quad in parse(path=path, format=RdfFormat.TRIG):
        subject, predicate, value, name = (to_rdflib(term) for term in quad)
        graphs[str(name)].add((subject, predicate, value))
    return graphs


def merged(path: Path) -> Graph:
    return sum(graphs_of(path).values(), Graph())


def own(graph: Graph) -> set[URIRef]:
    """The terms that *graph* defines in our namespace."""
    terms = graph.subjects(RDFS.isDefinedBy, ONTOLOGY)
    return {term for term in terms if isinstance(term, URIRef)}


def errors_after_closing(graph: Graph) -> list[str]:
    # owlrl does not raise on a contradiction: it keeps messages.
    semantics = OWLRL_Semantics(graph, axioms=False, daxioms=False, rdfs=False)
    semantics.closure()
    return list(semantics.error_messages)
