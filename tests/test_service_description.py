"""The SPARQL 1.1 Service Description: the server does what it says there."""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import unquote

import pytest
import rdflib
from rdflib import RDF, RDFS, SH, VOID

from kg.config import Settings
from kg.formats import FORMATS, Kind, by_name, for_kind
from kg.graph import KnowledgeGraph
from kg.terms import BASE, MERGED
from kg.tokens import TokenFile
from server import service_description
from server.app import create_app
from server.service_description import format_iri
from tests.reading import read_graph

BROWSER = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
SD = rdflib.Namespace("http://www.w3.org/ns/sparql-service-description#")
QUERY, UPDATE, STORE, DATASET = (
    rdflib.URIRef(f"{BASE}#{name}")
    for name in ("sparql", "update", "graph-store", "dataset")
)
TURTLE = by_name("turtle")
BY_IRI = {rdflib.URIRef(format_iri(fmt).value): fmt for fmt in FORMATS}


@pytest.fixture(scope="module")
def client(graph, settings):
    return create_app(graph, settings).test_client()


@pytest.fixture(scope="module")
def described(client):
    answer = client.get("/sparql", headers={"Accept": "text/turtle"})
    return read_graph(answer.data, TURTLE)


@pytest.fixture
def writer(own_store, tmp_path):
    """A client that may write, and the header that says so."""
    mine = replace(Settings(), store=own_store, tokens=tmp_path / "tokens.json")
    secret = TokenFile(mine.token_file).add("Ada", ["write:*"])
    client = create_app(KnowledgeGraph.open(mine), mine).test_client()
    return client, {"Authorization": f"Bearer {secret}"}


def path_of(iri):
    assert iri.startswith(BASE)
    return "/" + iri.removeprefix(BASE)


@pytest.mark.parametrize("fmt", for_kind(Kind.GRAPH), ids=lambda fmt: fmt.name)
def test_it_comes_in_every_syntax(client, described, fmt):
    answer = client.get("/sparql", headers={"Accept": fmt.media_type})
    assert answer.mimetype == fmt.media_type
    assert set(read_graph(answer.data, fmt)) == set(described)
    named = client.get(f"/sparql?format={fmt.name}", headers=BROWSER)
    assert named.data == answer.data


def test_a_client_that_takes_anything_gets_it_and_a_browser_the_form(client):
    assert client.get("/sparql").mimetype == "text/turtle"
    assert client.get("/sparql", headers={"Accept": "*/*"}).mimetype == "text/turtle"
    assert "<textarea" in client.get("/sparql", headers=BROWSER).text


@pytest.mark.parametrize("address", ["/sparql?default-graph-uri=a:b", "/sparql?query="])
def test_a_request_that_wants_more_still_needs_a_query(client, address):
    assert client.get(address, headers={"Accept": "text/turtle"}).status_code == 400


def test_who_holds_it_is_told_so(client):
    headers = {"Accept": "text/turtle"}
    tag = client.get("/sparql", headers=headers).headers["ETag"]
    again = client.get("/sparql", headers={**headers, "If-None-Match": tag})
    assert (again.status_code, again.data) == (304, b"")


def test_each_language_is_understood_at_its_endpoint(writer, described):
    client, token = writer
    languages = {
        service: set(described.objects(service, SD.supportedLanguage))
        for service in described.subjects(RDF.type, SD.Service)
    }
    assert languages == {QUERY: {SD.SPARQL11Query}, UPDATE: {SD.SPARQL11Update}}
    asked = path_of(described.value(QUERY, SD.endpoint))
    assert client.get(asked, query_string={"query": "ASK {}"}).status_code == 200
    answer = client.post(
        path_of(described.value(UPDATE, SD.endpoint)),
        data="DELETE DATA { <a:a> <a:b> 1 }",
        content_type="application/sparql-update",
        headers=token,
    )
    assert answer.status_code == 200


def test_each_result_format_is_what_a_query_is_answered_in(client, described):
    found = {BY_IRI[iri] for iri in described.objects(QUERY, SD.resultFormat)}
    assert found == set(FORMATS)
    for fmt in found:
        is_table = fmt.kind is Kind.RESULTS
        query = "ASK {}" if is_table else "CONSTRUCT WHERE { ?s a ?o } LIMIT 1"
        answer = client.get(
            "/sparql",
            query_string={"query": query},
            headers={"Accept": fmt.media_type},
        )
        assert (answer.status_code, answer.mimetype) == (200, fmt.media_type)


def test_each_input_format_is_read_and_written_by_the_graph_store(writer, described):
    client, token = writer
    found = {BY_IRI[iri] for iri in described.objects(STORE, SD.inputFormat)}
    assert found == {
        BY_IRI[iri] for iri in described.objects(STORE, SD.resultFormat)
    } == set(for_kind(Kind.GRAPH))  # fmt: skip
    there = path_of(described.value(STORE, RDFS.seeAlso))
    whole = client.get(f"{there}/graph/reference").data
    sent = read_graph(whole, TURTLE)
    for fmt in found:
        accept = {"Accept": fmt.media_type}
        text = client.get(f"{there}/graph/reference", headers=accept).data
        assert set(read_graph(text, fmt)) == set(sent)
        answer = client.put(
            f"{there}/graph/reference",
            data=text,
            content_type=fmt.media_type,
            headers=token,
        )
        assert answer.status_code == 204, fmt.name


def test_each_named_graph_is_there_and_as_long_as_said(client, described, snapshot):
    nodes = set(described.objects(DATASET, SD.namedGraph))
    names = {str(described.value(node, SD.name)) for node in nodes}
    assert names == {name.value for name in snapshot.graphs()}
    for node in nodes:
        graph = described.value(node, SD.graph)
        query = f"SELECT (COUNT(*) AS ?n) {{ GRAPH <{graph}> {{ ?s ?p ?o }} }}"
        answer = client.get("/sparql", query_string={"query": query, "format": "csv"})
        assert int(answer.text.split()[1]) == int(described.value(graph, VOID.triples))


def test_the_default_graph_is_the_merged_view(client, described):
    graph = described.value(DATASET, SD.defaultGraph)
    assert str(graph) == MERGED.value
    for dataset in ({}, {"default-graph-uri": graph}):
        asked = {"query": "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }", "format": "csv"}
        answer = client.get("/sparql", query_string={**asked, **dataset})
        assert int(answer.text.split()[1]) == int(described.value(graph, VOID.triples))
    profile = described.value(QUERY, SD.defaultSupportedEntailmentProfile)
    assert profile == rdflib.URIRef("http://www.w3.org/ns/owl-profile/RL")


def test_what_takes_long_to_count_or_to_list_is_left_out(snapshot, monkeypatch):
    monkeypatch.setattr(service_description, "MOST_GRAPHS", 3)
    monkeypatch.setattr(service_description, "MOST_COUNTED", 0)
    told = service_description.describe_service(snapshot, BASE, ())
    names = [t.object for t in told if t.predicate.value == SD.name.toPython()]
    counted = [t.subject for t in told if t.predicate.value == str(VOID.triples)]
    assert names == snapshot.graphs()[:3]
    assert counted == [MERGED]


def test_every_saved_query_leads_to_its_definition(client, described, graph):
    found = set(described.subjects(RDF.type, SH.SPARQLExecutable))
    assert len(found) == len(graph.queries)
    for node in found:
        told = client.get(
            unquote(path_of(described.value(node, RDFS.isDefinedBy))),
            headers={"Accept": "text/turtle"},
        )
        there = read_graph(told.data, TURTLE)
        assert (node, RDF.type, SH.SPARQLExecutable) in there


def test_the_description_of_the_dataset_leads_here(client):
    void = read_graph(client.get("/.well-known/void").data, TURTLE)
    assert (QUERY, RDF.type, SD.Service) in void
    there = void.value(QUERY, rdflib.DCAT.endpointDescription)
    assert client.get(path_of(there)).mimetype == "text/turtle"
