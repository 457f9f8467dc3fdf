"""`/sparql` over HTTP: the protocol, the formats, errors, the page; W3C's own tests."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace
from pathlib import Path
from urllib.parse import unquote, urlsplit
from xml.etree import ElementTree

import pytest
import rdflib
from rdflib.collection import Collection

from kg.change import parse_rdf
from kg.config import Settings
from kg.formats import FORMATS, Kind, by_name, for_kind
from kg.graph import KnowledgeGraph
from kg.queries import SavedQueries
from kg.store import Store
from kg.terms import DefaultGraph, NamedNode, Quad
from server.app import create_app

SELECT = """
PREFIX exq: <https://w3id.org/exequatur/ontology#>
SELECT ?state ?code WHERE { ?state exq:isoAlpha2 ?code } ORDER BY ?code
"""
CONSTRUCT = """
PREFIX exq: <https://w3id.org/exequatur/ontology#>
CONSTRUCT WHERE { ?state exq:isoAlpha2 ?code }
"""
KENYA = "https://w3id.org/exequatur/id/kenya"
BROWSER = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
QUERY = "application/sparql-query"
TURTLE = by_name("turtle")


@pytest.fixture(scope="module")
def client(graph, settings):
    return create_app(graph, settings).test_client()


def ask(client, query, accept=None, **parameters):
    headers = {"Accept": accept} if accept else {}
    values = {"query": query, **parameters}
    return client.get("/sparql", query_string=values, headers=headers)


# --- answers ----------------------------------------------------------------------


def test_an_answer_comes_in_json_unless_told(client):
    answer = ask(client, SELECT)
    assert answer.mimetype == "application/sparql-results+json"
    rows = answer.get_json(force=True)["results"]["bindings"]
    assert {"KE", "MA"} <= {row["code"]["value"] for row in rows}
    assert KENYA in {row["state"]["value"] for row in rows}


def test_an_answer_comes_in_every_format_for_tables(client):
    by_format = {
        entry.name: ask(client, SELECT, entry.media_type)
        for entry in for_kind(Kind.RESULTS)
    }
    assert [a.status_code for a in by_format.values()] == [200] * len(by_format)
    size = len(by_format["json"].get_json(force=True)["results"]["bindings"])
    table = list(csv.reader(io.StringIO(by_format["csv"].text)))
    assert table[0] == ["state", "code"]
    assert len(table) == size + 1
    assert len(by_format["tsv"].text.splitlines()) == size + 1
    results = ElementTree.fromstring(by_format["xml"].data)[1]  # noqa: S314 our own
    assert len(list(results)) == size


def test_a_graph_comes_in_every_format_for_graphs(client):
    turtle = ask(client, CONSTRUCT)
    assert turtle.mimetype == "text/turtle"
    expected = {
        (q.subject, q.object) for q in parse_rdf(turtle.data, TURTLE, source="")
    }
    assert len(expected) >= 7
    assert len(rdflib.Graph().parse(data=turtle.data, format="turtle")) == len(expected)
    for entry in for_kind(Kind.GRAPH):
        answer = ask(client, CONSTRUCT, entry.media_type)
        assert answer.mimetype == entry.media_type
        found = parse_rdf(answer.data, entry, source=entry.name)
        assert {(q.subject, q.object) for q in found} == expected, entry.name


@pytest.mark.parametrize("entry", FORMATS, ids=lambda entry: entry.name)
def test_format_in_the_address_goes_before_the_header(client, entry):
    query = SELECT if entry.kind is Kind.RESULTS else CONSTRUCT
    answer = ask(client, query, "text/html", format=entry.name)
    assert answer.mimetype == entry.media_type


def test_every_way_of_asking_gets_the_same_answer(client):
    expected = ask(client, SELECT).data
    form = client.post("/sparql", data={"query": SELECT})
    direct = client.post("/sparql", data=SELECT, content_type=QUERY)
    slash = client.get("/sparql/", query_string={"query": SELECT})
    assert [form.data, direct.data, slash.data] == [expected] * 3


def test_the_dataset_can_be_chosen(client):
    reference = "https://w3id.org/exequatur/graph/reference"
    other = "https://w3id.org/exequatur/source/kenya-morocco-cybercrime#s05"
    query = f"ASK {{ <{KENYA}> <https://w3id.org/exequatur/ontology#isoAlpha2> 'KE' }}"

    def holds(**dataset):
        return ask(client, query, **dataset).get_json(force=True)["boolean"]

    assert holds()
    assert holds(**{"default-graph-uri": reference})
    assert not holds(**{"default-graph-uri": other})
    assert not holds(**{"named-graph-uri": reference})
    inside = f"ASK {{ GRAPH <{reference}> {{ <{KENYA}> ?p ?o }} }}"
    answer = ask(client, inside, **{"named-graph-uri": reference})
    assert answer.get_json(force=True)["boolean"]


def test_head_and_options_answer_without_a_body(client):
    head = client.head("/sparql", query_string={"query": SELECT})
    whole = ask(client, SELECT)
    assert head.data == b""
    assert head.headers["Content-Length"] == str(len(whole.data))
    assert head.headers["ETag"] == whole.headers["ETag"]
    options = client.options("/sparql")
    assert options.data == b""
    assert {"GET", "HEAD", "POST", "OPTIONS"} <= set(options.allow)


# --- errors -----------------------------------------------------------------------


def problem(answer):
    assert answer.mimetype == "application/problem+json"
    return json.loads(answer.data)


@pytest.mark.parametrize("iri", ["http://[::1", "http://[x]/", "http://]"])
def test_a_graph_of_a_host_that_is_none_is_400(client, iri):
    for query in (
        f"ASK FROM <{iri}> {{ ?s ?p ?o }}",
        f"BASE <{iri}> ASK FROM NAMED <x> {{ ?s ?p ?o }}",
        f"PREFIX p: <{iri}> ASK FROM p:x {{ ?s ?p ?o }}",
    ):
        answer = client.get("/sparql", query_string={"query": query})
        assert answer.status_code == 400
        assert "the dataset of the query: " in answer.text


@pytest.mark.parametrize(
    ("parameters", "status", "kind"),
    [
        ({}, 400, "bad-request"),
        ({"query": ""}, 400, "bad-request"),
        ({"query": ["ASK {}", "ASK {}"]}, 400, "bad-request"),
        ({"query": "SELEC"}, 400, "query"),
        ({"query": "INSERT DATA { <a:a> <a:b> 1 }"}, 400, "query"),
        ({"query": "SELECT * { SERVICE <http://x.invalid/> {} }"}, 400, "query"),
        ({"query": "ASK {}", "default-graph-uri": "no iri"}, 400, "query"),
        ({"query": "ASK {}", "format": "docx"}, 400, "bad-request"),
        ({"query": "ASK {}", "format": "turtle"}, 406, "not-acceptable"),
        ({"update": "CLEAR ALL"}, 403, "read-only"),
    ],
)
def test_what_is_wrong_is_said(client, parameters, status, kind):
    headers = {"Accept": "application/json"}
    answer = client.get("/sparql", query_string=parameters, headers=headers)
    told = problem(answer)
    assert (answer.status_code, told["status"]) == (status, status)
    assert told["type"] == f"/problems#{kind}"
    assert told["detail"]


def test_a_syntax_error_is_told_with_line_and_column(client):
    answer = ask(client, "SELECT *\nWHERE { ?s ?p }", "application/json")
    told = problem(answer)
    assert told["line"] == 2
    assert told["column"] > 1


def test_an_update_is_refused_by_every_way(client):
    form = client.post("/sparql", data={"update": "CLEAR ALL"})
    direct = client.post(
        "/sparql", data="CLEAR ALL", content_type="application/sparql-update"
    )
    assert [form.status_code, direct.status_code] == [403, 403]


def test_a_body_of_another_kind_is_415_with_what_is_read(client):
    for content_type in ("text/plain", None, f"{QUERY};charset=utf-16"):
        answer = client.post(
            "/sparql",
            data="ASK {}",
            content_type=content_type,
            headers={"Accept": "application/json"},
        )
        assert answer.status_code == 415
    answer = client.post("/sparql", data="x", headers={"Accept": "application/json"})
    assert QUERY in problem(answer)["supported"]


def test_an_answer_that_is_not_wanted_is_406_with_what_there_is(client):
    answer = ask(client, SELECT, "image/png")
    assert answer.status_code == 406
    assert "text/csv" in problem(answer)["supported"]


def test_a_verb_that_is_not_known_is_405_with_those_that_are(client):
    answer = client.put("/sparql", data="x")
    assert answer.status_code == 405
    assert "GET" in answer.headers["Allow"]


def test_a_query_or_a_body_that_is_too_long_is_413(graph, settings):
    small = replace(settings, max_query_characters=100, max_body_bytes=1000)
    client = create_app(graph, small).test_client()
    answer = ask(client, f"ASK {{}} #{'x' * 200}")
    assert answer.status_code == 413
    assert "100 at most" in answer.text
    answer = client.post("/sparql", data="x" * 2000, content_type=QUERY)
    assert answer.status_code == 413
    assert "1,000 bytes" in answer.text


# --- the page ---------------------------------------------------------------------


def test_a_browser_gets_a_form_and_a_table_with_links(client):
    form = client.get("/sparql", headers=BROWSER)
    assert form.status_code == 200
    assert "<textarea" in form.text
    page = ask(client, SELECT, BROWSER["Accept"])
    assert '<a href="/doc/kenya">Kenya</a>' in page.text
    assert "format=csv" in page.text


def test_a_browser_sees_the_error_beside_its_query(client):
    page = ask(client, "SELEC <x>", BROWSER["Accept"])
    assert page.status_code == 400
    assert "SELEC &lt;x&gt;" in page.text
    assert "line 1" in page.text


def test_yes_no_and_nothing_are_shown(client):
    assert ">Yes<" in ask(client, "ASK {}", "text/html").text
    assert ">No<" in ask(client, "ASK { <a:a> <a:b> 1 }", "text/html").text
    assert "No rows" in ask(client, "SELECT * { <a:a> <a:b> ?c }", "text/html").text


def test_a_graph_is_shown_as_a_table_of_triples(client):
    page = ask(client, CONSTRUCT, "text/html").text
    assert "subject</th>" in page
    assert '<a href="/doc/kenya">Kenya</a>' in page


def test_a_long_answer_is_cut_on_the_page_and_whole_as_a_file(client):
    query = "SELECT * { ?s ?p ?o }"
    assert "The first 500 rows" in ask(client, query, "text/html").text
    assert len(ask(client, query, "text/csv").text.splitlines()) > 501


def test_what_an_answer_holds_is_not_run_as_script(client):
    script = "<script>alert(1)</script>"
    query = f"SELECT ('{script}' AS ?a) (<javascript:alert(1)> AS ?b) {{}}"
    page = ask(client, query, "text/html").text
    assert script not in page
    assert 'href="javascript' not in page


# --- the protocol's own tests -----------------------------------------------------

MF = rdflib.Namespace("http://www.w3.org/2001/sw/DataAccess/tests/test-manifest#")
HT = rdflib.Namespace("http://www.w3.org/2011/http#")
CNT = rdflib.Namespace("http://www.w3.org/2011/content#")
UT = rdflib.Namespace("http://www.w3.org/2009/sparql/tests/test-update#")
HTS = "http://www.w3.org/2011/http-statusCodes#StatusCode"


@pytest.fixture(scope="module")
def manifest(shared):
    path = shared / "w3c" / "protocol" / "manifest.ttl"
    return rdflib.Graph().parse(path)


@pytest.fixture(scope="module")
def w3c_client(manifest, tmp_path_factory):
    """A server of the graphs that the manifest names."""
    quads = set()
    for data in set(manifest.objects(None, UT.graphData)):
        name = NamedNode(str(manifest.value(data, rdflib.RDFS.label)))
        address = urlsplit(str(manifest.value(data, UT.graph))).path
        content = Path(unquote(address)).read_bytes()
        for quad in parse_rdf(content, by_name("ntriples"), source=address):
            spo = (quad.subject, quad.predicate, quad.object)
            quads |= {Quad(*spo, name), Quad(*spo, DefaultGraph())}
    path = tmp_path_factory.mktemp("w3c") / "store"
    store = Store.create(path, quads, fingerprint="w3c")
    settings = replace(Settings(), store=path)
    return create_app(KnowledgeGraph(store, SavedQueries()), settings).test_client()


def send(client, manifest, request):
    headers = {
        str(manifest.value(entry, HT.fieldName)): str(
            manifest.value(entry, HT.fieldValue)
        )
        for node in manifest.objects(request, HT.headers)
        for entry in Collection(manifest, node)
    }
    body = manifest.value(request, HT.body)
    data = None
    if body is not None:
        encoding = str(manifest.value(body, CNT.characterEncoding))
        data = str(manifest.value(body, CNT.chars)).encode(encoding)
    return client.open(
        str(manifest.value(request, HT.absolutePath)),
        method=str(manifest.value(request, HT.methodName)),
        headers=headers,
        data=data,
    )


def requests(manifest, test):
    node = manifest.value(manifest.value(test, MF.action), HT.requests)
    return list(Collection(manifest, node))


def is_update(test):
    return str(test).rpartition("#")[2].startswith("update_")


def test_the_standard_s_own_tests_of_queries_pass(manifest, w3c_client):
    (entries,) = manifest.objects(None, MF.entries)
    tests = [test for test in Collection(manifest, entries) if not is_update(test)]
    assert len(tests) == 27
    for test in tests:
        for request in requests(manifest, test):
            answer = send(w3c_client, manifest, request)
            expected = manifest.value(request, HT.resp)
            classes = {
                str(status).removeprefix(HTS)[0]
                for status in manifest.objects(expected, MF.expectedStatus)
            }
            assert str(answer.status_code)[0] in classes, test
            truth = manifest.value(expected, MF.expectedBoolean)
            if truth is not None:
                assert answer.get_json(force=True)["boolean"] is truth.toPython(), test


def test_the_standard_s_updates_are_refused_and_change_nothing(manifest, w3c_client):
    (entries,) = manifest.objects(None, MF.entries)
    before = data_of(w3c_client)
    for test in filter(is_update, Collection(manifest, entries)):
        answer = send(w3c_client, manifest, requests(manifest, test)[0])
        assert answer.status_code == 403, test
    assert data_of(w3c_client) == before


def data_of(client):
    """Return what `/status` tells of the data, without the figures of the server."""
    told = client.get("/status").get_json()
    return {name: told[name] for name in ("version", "triples", "quads")}
