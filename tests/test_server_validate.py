"""`/validate`: judged, reported in many forms, never written."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from kg.answers import write_rdf
from kg.change import parse_rdf
from kg.formats import Kind, by_name, for_kind
from kg.terms import SH, NamedNode
from server.app import create_app

BROWSER = {"Accept": "text/html,*/*;q=0.8"}
PREFIXES = """
@prefix exq: <https://w3id.org/exequatur/ontology#> .
@prefix id: <https://w3id.org/exequatur/id/> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
"""
GOOD = f'{PREFIXES} id:atlantis a exq:State ; rdfs:label "Atlantis"@en .'
BAD = f'{PREFIXES}\nid:atlantis a exq:Stat ; rdfs:label "Atlantis"@en .'
TORN = f"{PREFIXES}\nid:atlantis a exq:State ;; nonsense"
FORM = {"data": GOOD, "syntax": "turtle"}


@pytest.fixture(scope="module")
def client(graph, settings):
    return create_app(graph, settings).test_client()


def post(client, data, media_type="text/turtle", accept=None):
    headers = {"Accept": accept} if accept else {}
    return client.post("/validate", data=data, content_type=media_type, headers=headers)


def test_good_triples_would_be_accepted(client):
    answer = post(client, GOOD)
    assert answer.status_code == 200
    report = answer.get_json()
    assert report["conforms"] is True
    assert report["accepted"] is True
    assert report["added"] == 2


def test_bad_triples_are_reported_with_line_and_advice_and_status_200(client):
    answer = post(client, BAD)
    assert answer.status_code == 200
    report = answer.get_json()
    assert report["conforms"] is False
    assert report["accepted"] is False
    messages = " ".join(result["message"] for result in report["results"])
    assert "exq:State" in messages
    assert {result.get("line") for result in report["results"]} == {6}


def test_nothing_is_written(client, graph):
    before = graph.snapshot().version
    post(client, GOOD)
    assert graph.snapshot().version == before
    assert client.get("/doc/atlantis").status_code == 404


@pytest.mark.parametrize("entry", for_kind(Kind.GRAPH), ids=lambda entry: entry.name)
def test_every_syntax_is_read_and_written(client, entry):
    quads = parse_rdf(GOOD.encode(), by_name("turtle"), source="")
    data = write_rdf([q.triple for q in quads], entry)
    answer = post(client, data, entry.media_type, accept=entry.media_type)
    assert answer.status_code == 200, answer.text
    assert answer.mimetype == entry.media_type
    found = parse_rdf(answer.data, entry, source=entry.name)
    assert NamedNode(f"{SH}ValidationReport") in {quad.object for quad in found}


def test_the_report_comes_as_sarif(client):
    answer = post(client, BAD, accept="application/sarif+json")
    assert answer.mimetype == "application/sarif+json"
    log = json.loads(answer.data)
    assert log["version"] == "2.1.0"
    assert log["runs"][0]["results"]


def test_triples_can_be_meant_for_a_passage(client):
    graph = "https://w3id.org/exequatur/source/kenya-morocco-cybercrime#s05"
    answer = client.post(
        "/validate",
        query_string={"graph": graph},
        data=GOOD,
        content_type="text/turtle",
    )
    assert answer.status_code == 200
    wrong = client.post("/validate?graph=no", data=GOOD, content_type="text/turtle")
    assert wrong.status_code == 400


def test_what_cannot_be_parsed_is_400_with_line_and_column(client):
    answer = post(client, TORN, accept="application/json")
    assert answer.status_code == 400
    problem = json.loads(answer.data)
    assert problem["line"] == 6
    assert problem["column"] > 1
    assert problem["type"] == "/problems#data-file"


@pytest.mark.parametrize("data", [b"", b"  \n", b"# nothing here", b"\xff\xfe"])
def test_what_says_nothing_is_400(client, data):
    assert post(client, data).status_code == 400


def test_a_graph_that_is_kept_by_the_program_is_400(client):
    trig = "<https://w3id.org/exequatur/graph/inferred> { <a:a> <a:b> <a:c> }"
    answer = post(client, trig, "application/trig")
    assert answer.status_code == 400


def test_rdf_xml_with_a_doctype_is_refused(client):
    data = '<!DOCTYPE x [<!ENTITY a "b">]><x/>'
    answer = post(client, data, "application/rdf+xml")
    assert answer.status_code == 400
    assert "DOCTYPE" in answer.text


@pytest.mark.parametrize("media_type", ["application/pdf", "text/html", None])
def test_another_media_type_is_415_with_what_is_read(client, media_type):
    answer = post(client, GOOD, media_type, accept="application/json")
    assert answer.status_code == 415
    assert "text/turtle" in json.loads(answer.data)["supported"]


def test_a_body_that_is_too_large_is_413(graph, settings):
    client = create_app(graph, replace(settings, max_body_bytes=100)).test_client()
    answer = post(client, GOOD)
    assert answer.status_code == 413
    assert "100 bytes" in answer.text


def test_a_report_that_is_not_wanted_is_406(client):
    assert post(client, GOOD, accept="image/png").status_code == 406


# --- the page ---------------------------------------------------------------------


def test_a_browser_gets_a_form_and_a_report(client):
    assert "<textarea" in client.get("/validate").text
    good = client.post("/validate", data=FORM, headers=BROWSER)
    assert "They would be accepted" in good.text
    bad = client.post("/validate", data={**FORM, "data": BAD}, headers=BROWSER)
    assert bad.status_code == 200
    assert "They would not be accepted" in bad.text
    assert "line 6" in bad.text
    assert 'href="/doc/atlantis"' not in bad.text


def test_the_form_keeps_the_text_when_it_cannot_be_judged(client):
    torn = client.post("/validate", data={**FORM, "data": TORN}, headers=BROWSER)
    assert torn.status_code == 400
    assert ";; nonsense" in torn.text
    assert "body:6:" in torn.text
    unknown = client.post("/validate", data={"data": "x"}, headers=BROWSER)
    assert unknown.status_code == 400


def test_a_form_may_ask_for_a_report_in_another_form(client):
    answer = client.post("/validate", data={**FORM, "format": "turtle"})
    assert answer.mimetype == "text/turtle"
    assert parse_rdf(answer.data, by_name("turtle"), source="")


def test_what_is_sent_is_not_run_as_script(client):
    data = f'{PREFIXES} id:x rdfs:label "</textarea><script>alert(1)</script>"@en .'
    page = client.post("/validate", data={**FORM, "data": data}, headers=BROWSER)
    assert "<script>" not in page.text
