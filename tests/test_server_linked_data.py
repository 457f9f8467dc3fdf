"""`/id/…`, `/doc/…`, `/ontology`: every IRI of the project can be looked up."""

from __future__ import annotations

import json
import re

import pytest
import rdflib

from kg.change import parse_rdf
from kg.formats import Kind, by_name, for_kind
from kg.terms import BASE, LABEL, TYPE, DefaultGraph, NamedNode
from server.app import create_app
from server.links import Links
from tests.reading import read_quads

BROWSER = {"Accept": "text/html,*/*;q=0.8"}
KENYA = NamedNode(f"{BASE}id/kenya")
GRAPHS = for_kind(Kind.GRAPH)
links = Links(BASE)
each_format = pytest.mark.parametrize("entry", GRAPHS, ids=lambda entry: entry.name)


@pytest.fixture(scope="module")
def client(graph, settings):
    return create_app(graph, settings).test_client()


def follow(client, iri, **headers):
    """Look an IRI of ours up as a linked-data client does."""
    path = iri.removeprefix(BASE).partition("#")[0]
    return client.get(f"/{path}", headers=headers, follow_redirects=True)


# --- redirects --------------------------------------------------------------------


def test_a_thing_answers_303_with_its_document(client):
    answer = client.get("/id/kenya")
    assert answer.status_code == 303
    assert answer.headers["Location"] == "/doc/kenya"


def test_claims_articles_and_graphs_do_likewise(client):
    for iri in ("source/kenya-morocco-cybercrime", "graph/reference"):
        answer = client.get(f"/{iri}")
        assert (answer.status_code, answer.headers["Location"]) == (303, f"/doc/{iri}")


def test_every_subject_of_ours_can_be_looked_up(client, snapshot):
    subjects = {
        quad.subject.value
        for quad in snapshot.quads(graph=DefaultGraph())
        if isinstance(quad.subject, NamedNode) and quad.subject.value.startswith(BASE)
    }
    spaces = {re.split("[/#]", iri.removeprefix(BASE))[0] for iri in subjects}
    assert {"id", "claim", "source", "graph", "ontology"} <= spaces
    for iri in sorted(subjects):
        if iri.startswith((f"{BASE}id/", f"{BASE}claim/")):
            assert client.head(f"/{iri.removeprefix(BASE)}").status_code == 303, iri


def test_what_is_unknown_is_404_with_what_resembles_it(client):
    answer = client.get("/id/kenia", headers={"Accept": "application/json"})
    assert answer.status_code == 404
    assert {"iri": KENYA.value, "label": "Kenya"} in json.loads(answer.data)[
        "candidates"
    ]
    page = client.get("/id/kenia", headers=BROWSER)
    assert page.status_code == 404
    assert '<a href="/doc/kenya">Kenya</a>' in page.text


@pytest.mark.parametrize(
    "path", ["/id/", "/id/..%2f..%2fetc", "/id/a%20b", "/doc/%3Cx%3E", "/doc/x%00y"]
)
def test_a_strange_name_is_404(client, path):
    assert client.get(path).status_code == 404


# --- documents --------------------------------------------------------------------


@each_format
def test_a_document_comes_in_every_syntax(client, entry):
    by_suffix = client.get(f"/doc/kenya.{entry.suffix}")
    by_header = follow(client, KENYA.value, Accept=entry.media_type)
    by_name_ = client.get(f"/doc/kenya?format={entry.name}", headers=BROWSER)
    assert by_suffix.mimetype == entry.media_type
    assert by_suffix.data == by_header.data == by_name_.data
    assert by_header.headers["Content-Location"] == f"/doc/kenya.{entry.suffix}"
    found = {
        (quad.subject, quad.predicate, quad.object)
        for quad in parse_rdf(by_suffix.data, entry, source=entry.name)
    }
    assert (KENYA, TYPE, NamedNode(f"{BASE}ontology#State")) in found
    assert any(subject == KENYA and p == LABEL for subject, p, _ in found)


def test_a_document_has_what_is_said_both_ways_and_labels_for_it(client, snapshot):
    data = client.get("/doc/kenya.ttl").data
    quads = parse_rdf(data, by_name("turtle"), source="")
    found = {(q.subject, q.predicate, q.object) for q in quads}
    for quad in snapshot.quads(subject=KENYA, graph=DefaultGraph()):
        assert (quad.subject, quad.predicate, quad.object) in found
    for quad in snapshot.quads(object_=KENYA, graph=DefaultGraph()):
        assert (quad.subject, quad.predicate, quad.object) in found
    labelled = {subject for subject, p, _ in found if p == LABEL}
    own = {s for s, _, _ in found if str(s).startswith(f"<{BASE}id/")}
    assert own <= labelled


def test_trig_keeps_who_states_what(client):
    quads = parse_rdf(client.get("/doc/kenya.trig").data, by_name("trig"), source="")
    graphs = {quad.graph_name for quad in quads}
    assert NamedNode(f"{BASE}graph/reference") in graphs
    assert any("#s" in str(graph) for graph in graphs)


def test_the_document_about_an_article_has_its_passages(client):
    path = "/doc/source/kenya-morocco-cybercrime"
    quads = parse_rdf(client.get(f"{path}.ttl").data, by_name("turtle"), source="")
    ordinals = [q for q in quads if q.predicate.value.endswith("ordinal")]
    assert len(ordinals) > 20
    page = client.get(path, headers=BROWSER).text
    assert 'id="s05"' in page


def test_a_document_says_what_it_is_about_and_what_others_there_are(client):
    answer = client.get("/doc/kenya", headers={"Accept": "text/turtle"})
    link = answer.headers["Link"]
    assert f'<{KENYA.value}>; rel="describes"' in link
    assert '</doc/kenya.jsonld>; rel="alternate"; type="application/ld+json"' in link
    assert '</doc/kenya.html>; rel="alternate"; type="text/html"' in link
    assert "</doc/kenya.ttl>" not in link


@each_format
def test_a_document_says_of_itself_what_it_is(client, entry):
    quads = read_quads(client.get(f"/doc/kenya.{entry.suffix}").data, entry)
    document = rdflib.URIRef(f"{BASE}doc/kenya")
    said = {(p, o) for s, p, o, g in quads if s == document and g is None}
    assert said == {
        (rdflib.RDF.type, rdflib.FOAF.Document),
        (rdflib.FOAF.primaryTopic, rdflib.URIRef(KENYA.value)),
        (rdflib.DCTERMS.isPartOf, rdflib.URIRef(f"{BASE}#dataset")),
        (
            rdflib.DCTERMS.license,
            rdflib.URIRef("https://creativecommons.org/licenses/by/4.0/"),
        ),
        (rdflib.RDFS.label, rdflib.Literal("Document about Kenya", lang="en")),
    }


@each_format
@pytest.mark.parametrize(
    "name", ["kenya", "source/kenya-morocco-cybercrime", "abderrazzak-laassel"]
)
def test_every_iri_in_a_document_has_a_label(client, entry, name):
    quads = read_quads(client.get(f"/doc/{name}.{entry.suffix}").data, entry)
    shown = {
        term for quad in quads for term in quad[:3] if isinstance(term, rdflib.URIRef)
    }
    labels = {s: str(o) for s, p, o, _ in quads if p == rdflib.RDFS.label}
    assert shown <= labels.keys()
    passage = rdflib.URIRef(f"{BASE}source/kenya-morocco-cybercrime#s09")
    if passage in labels:
        assert labels[passage] == "kenya morocco cybercrime, passage 9"
    assert labels.get(rdflib.PROV.wasAssociatedWith) in (None, "was associated with")


def test_the_headers_lead_to_licence_description_and_versions(client):
    link = client.get("/doc/kenya", headers=BROWSER).headers["Link"]
    for target, relation in {
        "/.well-known/void": "describedby",
        "https://creativecommons.org/licenses/by/4.0/": "license",
        "http://xmlns.com/foaf/0.1/Document": "type",
        "/timegate/doc/kenya": "timegate",
        "/timemap/doc/kenya": "timemap",
    }.items():
        assert f'<{target}>; rel="{relation}"' in link
    see = client.get("/id/kenya").headers["Link"]
    assert see == '</doc/kenya>; rel="describedby"'


def test_a_page_shows_facts_with_the_passages_that_state_them(client):
    page = client.get("/doc/abderrazzak-laassel", headers=BROWSER).text
    assert "<h1>Abderrazzak Laassel</h1>" in page
    assert 'href="/doc/source/kenya-morocco-cybercrime#s05"' in page
    assert "inferred" in page
    assert "Claims by Abderrazzak Laassel" in page


def test_pages_of_things_of_all_kinds_can_be_shown(client, snapshot):
    subjects = {
        quad.subject.value.removeprefix(f"{BASE}id/")
        for quad in snapshot.quads(predicate=TYPE, graph=DefaultGraph())
        if quad.subject.value.startswith(f"{BASE}id/")
    }
    assert len(subjects) > 100
    for local in sorted(subjects)[::4]:
        page = client.get(f"/doc/{local}", headers=BROWSER)
        assert page.status_code == 200, local


def test_the_page_of_a_claim_shows_what_it_claims_apart_from_facts(client, snapshot):
    contents = [g for g in snapshot.graphs() if g.value.startswith(f"{BASE}claim/")]
    path = links.document(contents[0].value)
    page = client.get(path, headers=BROWSER).text
    assert "What it claims" in page
    assert "not facts of this graph" in page
    assert "What it claims" not in client.get("/doc/kenya", headers=BROWSER).text


def test_a_document_that_is_not_wanted_is_406(client):
    answer = client.get("/doc/kenya", headers={"Accept": "image/png"})
    assert answer.status_code == 406


# --- the ontology -----------------------------------------------------------------


@each_format
def test_the_ontology_comes_in_every_syntax(client, entry, snapshot):
    answer = client.get("/ontology", headers={"Accept": entry.media_type})
    assert answer.mimetype == entry.media_type
    assert answer.data == client.get(f"/ontology.{entry.suffix}").data
    ontology = NamedNode(f"{BASE}graph/ontology")
    expected = {
        (q.subject, q.predicate)
        for q in snapshot.quads(graph=ontology)
        if isinstance(q.subject, NamedNode)
    }
    found = {
        (q.subject, q.predicate)
        for q in parse_rdf(answer.data, entry, source=entry.name)
    }
    assert expected <= found


def test_the_page_of_the_ontology_has_every_term_with_its_definition(client):
    page = client.get("/ontology", headers=BROWSER).text
    assert 'id="Embassy"' in page
    assert 'id="hasParty"' in page
    assert "A diplomatic mission" in page
    assert '<a href="/ontology#RepresentationAbroad">' in page


def test_a_version_of_the_ontology_is_there_if_it_is_the_present_one(client):
    turtle = client.get("/ontology.ttl").text
    (version,) = set(re.findall(r"ontology/(\d+\.\d+\.\d+)>", turtle))
    assert client.get(f"/ontology/{version}").status_code == 200
    assert client.get("/ontology/99.0").status_code == 404
    assert client.get("/ontology.docx").status_code == 404
