"""Namespaces, the names of the graphs, and the terms that travel inside `kg`."""

from __future__ import annotations

from typing import TypeAlias

from pyoxigraph import BlankNode, DefaultGraph, Literal, NamedNode, Quad, Triple

Node: TypeAlias = NamedNode | BlankNode
Term: TypeAlias = NamedNode | BlankNode | Literal
GraphName: TypeAlias = NamedNode | BlankNode | DefaultGraph

BASE = "https://w3id.org/exequatur/"
EXQ = f"{BASE}ontology#"
EXSH = f"{BASE}shapes#"
DCT = "http://purl.org/dc/terms/"
GEO = "http://www.opengis.net/ont/geosparql#"
OA = "http://www.w3.org/ns/oa#"
OWL = "http://www.w3.org/2002/07/owl#"
PROV = "http://www.w3.org/ns/prov#"
RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
RDFS = "http://www.w3.org/2000/01/rdf-schema#"
SCHEMA = "https://schema.org/"
SH = "http://www.w3.org/ns/shacl#"
SKOS = "http://www.w3.org/2004/02/skos/core#"
XSD = "http://www.w3.org/2001/XMLSchema#"

TYPE = NamedNode(f"{RDF}type")
LABEL = NamedNode(f"{RDFS}label")
ALT_LABEL = NamedNode(f"{SKOS}altLabel")
SUB_CLASS_OF = NamedNode(f"{RDFS}subClassOf")
SUB_PROPERTY_OF = NamedNode(f"{RDFS}subPropertyOf")
SENTENCE_GRAPH = NamedNode(f"{EXQ}SentenceGraph")

MERGED_VIEW = DefaultGraph()

_OF_LANGUAGES = frozenset({f"{RDF}langString", f"{RDF}dirLangString"})


def graph_name(name: str) -> NamedNode:
    """Return the IRI of one of the graphs that this program keeps."""
    return NamedNode(f"{BASE}graph/{name}")


MERGED = graph_name("merged")
CONCEPTS = graph_name("concepts")
CREATED = graph_name("created")
INFERRED = graph_name("inferred")
JOURNAL = graph_name("journal")
LOG = graph_name("log")
ONTOLOGY = graph_name("ontology")
QUERIES = graph_name("queries")
RECORD = graph_name("store")
REFERENCE = graph_name("reference")
REPORT = graph_name("report")
SHAPES = graph_name("shapes")
UNSOURCED = graph_name("unsourced")

OUTSIDE_VIEW = frozenset({CREATED, LOG, REPORT, SHAPES, QUERIES})
"""Graphs that the merged view leaves out whole, besides the contents of claims."""

KEPT_BY_PROGRAM = frozenset(
    {CREATED, MERGED, INFERRED, JOURNAL, LOG}
    | {ONTOLOGY, QUERIES, RECORD, REPORT, SHAPES}
)
"""Graphs that no one's change may write: they follow from others, or from files, or
tell what was done."""


def is_claim(graph: GraphName, base: str = BASE) -> bool:
    """Tell whether *graph* holds the contents of a claim."""
    return isinstance(graph, NamedNode) and graph.value.startswith(f"{base}claim/")


def lacks_language(term: object) -> bool:
    """Tell whether *term* is a text in a language that it does not tell.

    The engine makes such literals, by STRDT and of JSON-LD, RDF/XML and N3, and then
    cannot read what it writes of them: no history of a store may have one.
    """
    return (
        isinstance(term, Literal)
        and not term.language
        and term.datatype.value in _OF_LANGUAGES
    )


def is_sentence(graph: GraphName, base: str = BASE) -> bool:
    """Tell whether *graph* holds what one passage of a source states."""
    return (
        isinstance(graph, NamedNode)
        and graph.value.startswith(f"{base}source/")
        and "#" in graph.value
    )


__all__ = [
    "BlankNode", "DefaultGraph", "GraphName", "Literal", "NamedNode", "Node",
    "Quad", "Term", "Triple",
]  # fmt: skip
