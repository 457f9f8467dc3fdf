"""The JSON-LD context: documents become short with it, and nothing is lost."""

from __future__ import annotations

import json

import pytest
import rdflib
from pyld import jsonld
from rdflib.compare import isomorphic

from kg.formats import by_name
from kg.prefixes import prefixes
from kg.terms import BASE, EXQ
from server.app import create_app
from tests.reading import read_graph

CONTEXT = f"{BASE}context.jsonld"
THINGS = (
    "kenya",
    "abderrazzak-laassel",
    "laassel-ingonga-talks-in-nairobi",
    "handover-of-salman-al-khalidi",
    "source/kenya-morocco-cybercrime",
)


@pytest.fixture(scope="module")
def client(graph, settings):
    return create_app(graph, settings).test_client()


@pytest.fixture(scope="module")
def document(client):
    return json.loads(client.get("/context.jsonld").data)


@pytest.fixture
def options(document):
    """Options by which our context is found, and nothing else is fetched."""

    def load(url, _):
        assert url == CONTEXT
        return {
            "contextUrl": None,
            "documentUrl": url,
            "contentType": "application/ld+json",
            "document": document,
        }

    return {"documentLoader": load}


def test_the_context_is_at_two_addresses_and_generated(client, document, snapshot):
    answer = client.get("/context.jsonld")
    assert answer.mimetype == "application/ld+json"
    assert answer.data == client.get("/ontology/context.jsonld").data
    terms = document["@context"]
    for quad in snapshot.quads():
        if quad.predicate.value.endswith("#isDefinedBy"):
            name = quad.subject.value.removeprefix(EXQ)
            assert name in terms, name


def test_members_have_the_types_of_the_ontology(document):
    terms = document["@context"]
    assert terms["hasParty"] == {"@id": "exq:hasParty", "@type": "@id"}
    assert terms["ordinal"] == {"@id": "exq:ordinal", "@type": "xsd:integer"}
    assert terms["label"] == {"@id": "rdfs:label", "@language": "en"}
    assert terms["State"] == "exq:State"
    assert terms["@vocab"] == EXQ


def test_no_name_of_the_context_has_two_meanings(document):
    terms = document["@context"]
    for prefix, namespace in prefixes().items():
        assert terms.get(prefix) == namespace or isinstance(terms[prefix], dict)


@pytest.mark.parametrize("thing", THINGS)
def test_a_document_is_short_with_it_and_loses_nothing(client, options, thing):
    expanded = json.loads(client.get(f"/doc/{thing}.jsonld").data)
    compact = jsonld.compact(expanded, CONTEXT, options)
    assert compact["@context"] == CONTEXT
    names = {name for node in compact["@graph"] for name in node}
    assert not [name for name in names if "://" in name]
    own = {name for name in names if name.startswith("exq:")}
    assert own == set()
    text = jsonld.to_rdf(compact, {**options, "format": "application/n-quads"})
    back = read_graph(text, by_name("nquads"))
    turtle = read_graph(client.get(f"/doc/{thing}.ttl").data, by_name("turtle"))
    assert isomorphic(back, turtle)


def test_rdflib_reads_a_short_document_as_it_is_meant(document):
    short = {
        "@context": document["@context"],
        "@id": "id:treaty",
        "type": "Agreement",
        "label": "A treaty",
        "hasParty": ["id:kenya", "id:morocco"],
        "signatureDate": "2023-01-01",
    }
    found = read_graph(json.dumps(short), by_name("jsonld"))
    exq = rdflib.Namespace(EXQ)
    treaty = rdflib.URIRef(f"{BASE}id/treaty")
    assert (treaty, rdflib.RDF.type, exq.Agreement) in found
    assert (treaty, exq.hasParty, rdflib.URIRef(f"{BASE}id/kenya")) in found
    assert (treaty, rdflib.RDFS.label, rdflib.Literal("A treaty", "en")) in found


def test_a_member_that_is_no_term_is_not_dropped(document):
    short = {"@context": document["@context"], "@id": "id:x", "hasPartei": "y"}
    found = read_graph(json.dumps(short), by_name("jsonld"))
    assert {str(p) for p in found.predicates()} == {f"{EXQ}hasPartei"}


def test_no_document_of_ours_refers_to_a_context(client):
    for path in ("/doc/kenya.jsonld", "/ontology.jsonld", "/dump.jsonld",
                 "/.well-known/void?format=jsonld", "/?format=jsonld"):  # fmt: skip
        assert '"@context"' not in client.get(path).text, path
