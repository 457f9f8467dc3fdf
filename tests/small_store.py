"""A small store of another ontology, for tests that write many times."""

from __future__ import annotations

import threading

from kg.build import Sources, build_store
from kg.change import read_change
from kg.errors import StoreError
from kg.formats import by_name
from kg.graph import KnowledgeGraph
from kg.queries import SavedQueries
from kg.stores import open_store
from kg.terms import NamedNode

GRACE_SECONDS = 0.1
"""How long the tests wait for answers from a store that is replaced."""

EX = "http://example.org/"
PREFIXES = """
@prefix ex: <http://example.org/> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix sh: <http://www.w3.org/ns/shacl#> .
"""
FILES = {
    "ontology/small.ttl": """
ex:Town a owl:Class ; rdfs:subClassOf ex:Place ; rdfs:label "town"@en .
ex:Place a owl:Class ; rdfs:label "place"@en .
ex:near a owl:ObjectProperty , owl:SymmetricProperty .
ex:within a owl:ObjectProperty , owl:TransitiveProperty .
""",
    "shapes/shapes.ttl": """
ex:TownHasLabel a sh:PropertyShape ;
    sh:targetClass ex:Town ; sh:path rdfs:label ; sh:minCount 1 ;
    sh:message "Give the town a label."@en ; sh:severity sh:Violation .
ex:TownIsWithin a sh:PropertyShape ;
    sh:targetClass ex:Town ; sh:path ex:within ; sh:minCount 1 ;
    sh:message "Say where the town is."@en ; sh:severity sh:Warning .
""",
    "facts/places.trig": """
ex:atlas { ex:land a ex:Place ; rdfs:label "Land"@en .
           ex:port a ex:Town ; rdfs:label "Port"@en ; ex:within ex:land . }
""",
}


def write_sources(folder):
    """Write the files below *folder*, and return them."""
    (folder / "queries").mkdir()
    for name, text in FILES.items():
        path = folder / name
        path.parent.mkdir()
        path.write_text(PREFIXES + text, encoding="utf-8")
    return Sources(
        ontology=folder / "ontology",
        shapes=folder / "shapes",
        facts=folder / "facts",
        queries=folder / "queries",
    )


def build_small(folder):
    """Build a store at *folder*`/store`, and return its path."""
    path = folder / "store"
    built = build_store(path, write_sources(folder))
    assert built.store is not None, [f.message for f in built.findings]
    return path


def open_small(path):
    """Return the graph of the store at *path*."""
    store = open_store(path, wait_seconds=1)
    store.path = path  # by which a test of a directory's files is known
    return KnowledgeGraph(store, SavedQueries())


def stating(turtle, graph="atlas"):
    """Return the change that adds what *turtle* says to a graph of `ex:`."""
    data = (PREFIXES + turtle).encode()
    name = NamedNode(f"{EX}{graph}")
    return read_change(data, by_name("turtle"), source="a test", graph=name)


def add(graph, turtle, where="atlas", message="", **options):
    """Add what *turtle* says; return the number of the version it made."""
    verdict, version = graph.add(
        stating(turtle, where), agent="Ada", message=message, **options
    )
    assert verdict.accepted, [finding.message for finding in verdict.findings]
    return version


def write_at_once(openings, times):
    """Have a writer for each of *openings* make changes; return what was not done.

    Each opens the graph by itself, from a function under its name, and makes so many.
    """
    failed: list[StoreError] = []

    def write(name, opening):
        graph = opening()
        for number in range(times):
            try:
                add(graph, f"ex:{name}{number} ex:b {number} .", name)
            except StoreError as error:
                failed.append(error)

    threads = [threading.Thread(target=write, args=one) for one in openings.items()]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return failed
