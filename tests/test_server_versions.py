"""How a thing or a graph was: `?version=N`, the time map, the time gate."""

from __future__ import annotations

from dataclasses import replace

import pytest
import rdflib
from werkzeug.http import parse_date

from kg.change import Change
from kg.config import Settings
from kg.erasure import erase
from kg.formats import Kind, by_name, for_kind
from kg.history import changes, is_stated, state_at
from kg.paging import Page
from kg.past import graph_then, past_of, versions_of
from kg.terms import BASE, LABEL, DefaultGraph, Literal, NamedNode, Quad
from server.app import create_app
from tests.reading import read_graph, read_quads
from tests.store_kinds import copied

BROWSER = {"Accept": "text/html,*/*;q=0.8"}
PORT = NamedNode(f"{BASE}id/port-of-nowhere")
NOTES = NamedNode(f"{BASE}graph/unsourced")
SOURCE = NamedNode(f"{BASE}source/kenya-morocco-cybercrime")
KENYA = NamedNode(f"{BASE}id/kenya")
TURTLE = by_name("turtle")
PLACE = NamedNode(f"{BASE}ontology#Settlement")
LIES_IN = NamedNode(f"{BASE}ontology#inTerritoryOf")


def label(text):
    return Quad(PORT, LABEL, Literal(text, language="en"), NOTES)


def kind():
    name = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type"
    return Quad(PORT, NamedNode(name), PLACE, NOTES)


def lies_in_kenya():
    return Quad(PORT, LIES_IN, KENYA, NOTES)


def write(graph, *, added=(), removed=()):
    change = Change(added=frozenset(added), removed=frozenset(removed))
    verdict, version = graph.add(change, agent="Ada", message="About a port")
    assert verdict.accepted, [finding.message for finding in verdict.findings]
    return version


@pytest.fixture(scope="module")
def past(shipped_store, tmp_path_factory):
    """A store in which a port was named, renamed, and taken out."""

    from kg.graph import KnowledgeGraph

    path = copied(shipped_store, tmp_path_factory.mktemp("past") / "store")
    graph = KnowledgeGraph.open(replace(Settings(), store=path))
    first = {kind(), label("Old Port"), lies_in_kenya()}
    assert write(graph, added=first) == 2
    renamed = {label("New Port")}
    assert write(graph, added=renamed, removed={label("Old Port")}) == 3
    assert write(graph, removed={kind(), label("New Port"), lies_in_kenya()}) == 4
    return graph


@pytest.fixture(scope="module")
def client(past):
    return create_app(past, replace(Settings(), store=past.store.path)).test_client()


# --- in the graph -----------------------------------------------------------------


def about(quads, node):
    return {q for q in quads if node in (q.subject, q.object, q.graph_name)}


@pytest.mark.parametrize("version", [1, 2, 3, 4])
@pytest.mark.parametrize("node", [PORT, KENYA])
def test_the_past_of_a_thing_is_what_the_whole_past_has_of_it(past, node, version):
    whole = about(state_at(past.store, version), node)
    here = past.snapshot()
    found = past_of(past.store, here, version, node, Page(10_000))
    if found is None:
        assert not whole
        return
    assert about(filter(is_stated, found.snapshot.quads()), node) == whole
    merged = about(found.snapshot.quads(graph=DefaultGraph()), node)
    assert {(q.subject, q.predicate, q.object) for q in merged} == {
        (q.subject, q.predicate, q.object)
        for q in whole
        if not q.graph_name.value.startswith(f"{BASE}claim/")
    }


def test_pages_of_the_past_together_are_the_past(past):
    here = past.snapshot()
    whole = about(state_at(past.store, 2), KENYA)
    found: set[Quad] = set()
    for offset in range(0, len(whole), 20):
        page = past_of(past.store, here, 2, KENYA, Page(20, offset))
        assert page is not None
        assert page.more == (offset + 20 < len(whole))
        found |= about(filter(is_stated, page.snapshot.quads()), KENYA)
    assert whole <= found


@pytest.mark.parametrize("version", [1, 2, 3, 4])
@pytest.mark.parametrize("graph", [NOTES, SOURCE])
def test_the_past_of_a_graph_is_what_it_held(past, graph, version):
    held = {q for q in state_at(past.store, version) if q.graph_name == graph}
    assert set(graph_then(past.store, past.snapshot(), version, graph)) == held


def test_versions_that_changed_a_thing_and_left_it_there(past):
    here = past.snapshot()
    assert versions_of(past.store, here, PORT) == [2, 3]
    assert versions_of(past.store, here, KENYA) == [1, 2, 4]
    assert versions_of(past.store, here, NOTES) == [2, 3]


# --- over HTTP --------------------------------------------------------------------


def labels(client, path):
    answer = client.get(path, headers={"Accept": "text/turtle"})
    assert answer.status_code == 200, answer.text
    found = read_graph(answer.data, TURTLE)
    return {str(o) for o in found.objects(rdflib.URIRef(PORT.value), rdflib.RDFS.label)}


def test_a_document_is_had_as_it_was(client):
    assert labels(client, "/doc/port-of-nowhere?version=2") == {"Old Port"}
    assert labels(client, "/doc/port-of-nowhere?version=3") == {"New Port"}
    assert labels(client, "/doc/kenya?version=2") == {"Old Port"}
    assert labels(client, "/doc/kenya?version=3") == {"New Port"}
    assert labels(client, "/doc/kenya?version=4") == set()


def test_the_iri_leads_to_the_document_of_the_version(client):
    answer = client.get("/id/port-of-nowhere?version=2")
    assert answer.status_code == 303
    assert answer.headers["Location"] == "/doc/port-of-nowhere?version=2"


@pytest.mark.parametrize("fmt", for_kind(Kind.GRAPH), ids=lambda fmt: fmt.name)
def test_the_past_comes_in_every_syntax_and_says_that_it_is_past(client, fmt):
    answer = client.get(f"/doc/port-of-nowhere.{fmt.suffix}?version=2")
    quads = read_quads(answer.data, fmt)
    document = rdflib.URIRef(f"{BASE}doc/port-of-nowhere?version=2")
    said = {
        str(o) for s, p, o, _ in quads if s == document and p == rdflib.RDFS.comment
    }
    assert said == {"What version 2 stated, without what was inferred from it."}
    if fmt.name in {"trig", "nquads"}:
        assert rdflib.URIRef(NOTES.value) in {g for *_, g in quads}


def test_a_page_of_the_past_says_so_and_leads_back(client):
    page = client.get("/doc/port-of-nowhere?version=2", headers=BROWSER).text
    assert "This is what version 2 stated" in page
    assert "<h1>Old Port</h1>" in page
    assert 'href="/doc/kenya"' in page
    assert "inferred</span>" not in page


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/doc/port-of-nowhere", 404),
        ("/doc/port-of-nowhere?version=1", 404),
        ("/doc/port-of-nowhere?version=4", 404),
        ("/doc/kenya?version=0", 404),
        ("/doc/kenya?version=5", 404),
        ("/doc/kenya?version=999999999", 404),
        ("/doc/kenya?version=", 400),
        ("/doc/kenya?version=-1", 400),
        ("/doc/kenya?version=two", 400),
        ("/doc/kenya?version=1&version=2", 400),
        ("/id/kenya?version=2", 303),
        ("/graphs/graph/unsourced?version=1", 404),
        ("/graphs/graph/unsourced?version=9", 404),
        ("/graphs/graph/inferred?version=1", 404),
    ],
)
def test_versions_that_never_were_are_not_there(client, path, status):
    assert client.get(path).status_code == status


def test_a_graph_is_had_as_it_was(client):
    assert labels(client, "/graphs/graph/unsourced?version=2") == {"Old Port"}
    assert labels(client, "/graphs/graph/unsourced?version=3") == {"New Port"}
    answer = client.get("/graphs/graph/unsourced?version=3")
    assert "Memento-Datetime" in answer.headers
    assert client.get("/graphs/graph/unsourced").status_code == 404


# --- Memento ----------------------------------------------------------------------


def test_a_past_document_has_its_date_and_its_links(client, past):
    answer = client.get("/doc/port-of-nowhere?version=2")
    logged = {change.version: change for change in changes(past.snapshot())}
    assert parse_date(answer.headers["Memento-Datetime"]) == logged[2].time
    link = answer.headers["Link"]
    assert '</doc/port-of-nowhere>; rel="original"' in link
    assert '</timegate/doc/port-of-nowhere>; rel="timegate"' in link
    assert '</timemap/doc/port-of-nowhere>; rel="timemap"' in link
    assert "Memento-Datetime" not in client.get("/doc/kenya").headers


def test_the_time_map_lists_versions_that_are_there(client):
    answer = client.get("/timemap/doc/port-of-nowhere")
    assert answer.mimetype == "application/link-format"
    listed = [line for line in answer.text.splitlines() if "memento" in line]
    assert len(listed) == 2
    for line in listed:
        assert client.get(line[1 : line.index(">")]).status_code == 200
        assert 'datetime="' in line
    assert 'rel="first memento"' in listed[0]
    assert 'rel="last memento"' in listed[1]
    page = client.get("/timemap/doc/port-of-nowhere", headers=BROWSER).text
    assert '<a href="/doc/port-of-nowhere?version=2">Version 2</a>' in page
    assert "About a port" in page
    assert client.get("/timemap/graphs/graph/unsourced").status_code == 200
    assert client.get("/timemap/doc/nobody-at-all").status_code == 404
    assert client.get("/timemap/sparql").status_code == 404


@pytest.mark.parametrize(
    ("when", "version"),
    [
        (None, 3),
        ("Sat, 01 Jan 2000 00:00:00 GMT", 2),
        ("Fri, 01 Jan 2100 00:00:00 GMT", 3),
    ],
)
def test_the_time_gate_leads_to_the_version_of_that_time(client, when, version):
    headers = {"Accept-Datetime": when} if when else {}
    answer = client.get("/timegate/doc/port-of-nowhere", headers=headers)
    assert answer.status_code == 302
    assert answer.headers["Location"] == f"/doc/port-of-nowhere?version={version}"
    assert "Accept-Datetime" in answer.headers["Vary"]
    assert 'rel="original"' in answer.headers["Link"]


def test_a_time_that_is_none_is_400(client):
    answer = client.get("/timegate/doc/kenya", headers={"Accept-Datetime": "today"})
    assert answer.status_code == 400


# --- what was erased --------------------------------------------------------------


def test_what_was_erased_does_not_come_back_in_any_version(own_graph):
    write(own_graph, added={kind(), label("Old Port"), lies_in_kenya()})
    client = create_app(
        own_graph, replace(Settings(), store=own_graph.store.path)
    ).test_client()
    assert client.get("/doc/port-of-nowhere?version=2").status_code == 200
    verdict, version = erase(own_graph.store, [PORT], agent="Ada")
    assert (verdict.accepted, version) == (True, 3)
    for path in ("/doc/{}", "/id/{}", "/timemap/doc/{}", "/timegate/doc/{}"):
        answer = client.get(path.format("port-of-nowhere"), headers=BROWSER)
        assert answer.status_code == 410, path
    for number in (1, 2, 3):
        path = f"/doc/port-of-nowhere?version={number}"
        assert client.get(path).status_code == 410
        assert "Port" not in client.get(f"/doc/kenya.nt?version={number}").text
    assert client.get("/graphs/graph/unsourced?version=2").status_code == 404
