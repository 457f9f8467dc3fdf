"""Property paths, from SHACL's triples to SPARQL's syntax and back."""

from __future__ import annotations

import pytest
import rdflib
from pyoxigraph import RdfFormat, parse

from kg.errors import ShapesError
from kg.paths import path_triples, sparql_path
from tests.judging import graph_of

PREFIXES = "@prefix sh: <http://www.w3.org/ns/shacl#> . @prefix : <urn:x:> .\n"
SHAPE = rdflib.URIRef("urn:x:shape")
PATH = rdflib.URIRef("urn:x:path")

CASES = {
    ":a": "<urn:x:a>",
    "[ sh:inversePath :a ]": "^<urn:x:a>",
    "( :a :b )": "<urn:x:a>/<urn:x:b>",
    "[ sh:alternativePath ( :a :b ) ]": "<urn:x:a>|<urn:x:b>",
    "[ sh:zeroOrMorePath :a ]": "<urn:x:a>*",
    "[ sh:oneOrMorePath [ sh:inversePath :a ] ]": "^<urn:x:a>+",
    "[ sh:zeroOrOnePath ( :a :b ) ]": "(<urn:x:a>/<urn:x:b>)?",
    "( :a [ sh:alternativePath ( :b :c ) ] )": "<urn:x:a>/(<urn:x:b>|<urn:x:c>)",
    "[ sh:alternativePath ( ( :a :b ) :c ) ]": "(<urn:x:a>/<urn:x:b>)|<urn:x:c>",
    "[ sh:inversePath ( :a :b ) ]": "^(<urn:x:a>/<urn:x:b>)",
}


def graph(text):
    data = parse((PREFIXES + text).encode(), format=RdfFormat.TURTLE)
    return graph_of(quad.triple for quad in data)


def path_of(text):
    found = graph(f":shape :path {text} .")
    return sparql_path(found, found.value(SHAPE, PATH))


@pytest.mark.parametrize(("shacl", "sparql"), CASES.items())
def test_a_path_is_written_as_in_sparql(shacl, sparql):
    assert path_of(shacl) == sparql


@pytest.mark.parametrize("sparql", CASES.values())
def test_a_path_comes_back_from_its_triples(sparql):
    node, triples = path_triples(sparql, "p")
    again, _ = path_triples(sparql, "p")
    assert again == node
    found = graph_of(triples)
    root = rdflib.BNode(node.value) if triples else rdflib.URIRef(node.value)
    assert sparql_path(found, root) == sparql


@pytest.mark.parametrize(
    ("outer", "inner", "mod"),
    [
        ("zeroOrMorePath", "zeroOrOnePath", "*"),
        ("zeroOrOnePath", "oneOrMorePath", "*"),
        ("oneOrMorePath", "oneOrMorePath", "+"),
        ("zeroOrOnePath", "zeroOrOnePath", "?"),
    ],
)
def test_a_repeated_repetition_is_one(outer, inner, mod):
    assert path_of(f"[ sh:{outer} [ sh:{inner} :a ] ]") == f"<urn:x:a>{mod}"


@pytest.mark.parametrize("shacl", ["[]", "[ :a :b ]", '"text"'])
def test_what_is_no_path_is_refused(shacl):
    with pytest.raises(ShapesError, match="is not a property path"):
        path_of(shacl)


def test_a_path_that_contains_itself_is_refused():
    found = graph(":shape :path _:p . _:p sh:inversePath _:p .")
    with pytest.raises(ShapesError, match="round in a circle"):
        sparql_path(found, found.value(SHAPE, PATH))
