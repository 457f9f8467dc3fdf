"""`/validate`: judged, reported in many forms, never written; `/submit` writes."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from html import unescape
from io import BytesIO

import pytest

from kg.answers import write_rdf
from kg.change import parse_rdf
from kg.config import Settings
from kg.formats import Kind, by_name, for_kind
from kg.terms import SH, NamedNode
from kg.tokens import TokenFile
from server import validate
from server.app import create_app
from tests.hostile import TEXTS

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


@pytest.mark.parametrize("charset", ["", "; charset=utf-16"])
def test_xml_in_utf16_is_reported_with_its_lines(client, charset):
    text = (
        '<?xml version="1.0" encoding="UTF-16"?>\n<rdf:RDF'
        ' xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"'
        ' xmlns="https://w3id.org/exequatur/ontology#">\n'
        '<Stat rdf:about="https://w3id.org/exequatur/id/atlantis"/>\n</rdf:RDF>'
    )
    media_type = f"application/rdf+xml{charset}"
    report = post(client, text.encode("utf-16"), media_type).get_json()
    assert report["accepted"] is False
    assert 3 in {result.get("line") for result in report["results"]}
    turtle = post(client, BAD.encode("utf-16"), f"text/turtle{charset}")
    assert turtle.status_code == (415 if charset else 400)


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


# --- files, and syntaxes that are guessed -----------------------------------------


def sent(client, address="/validate", headers=BROWSER, **fields):
    """Send the form as a browser does; *file* is a name with its bytes."""
    name, data = fields.pop("file", ("", b""))
    form = {"data": "", "syntax": "guess", "graph": "", "as": "", **fields}
    form["file"] = (BytesIO(data), name, "application/octet-stream")
    return client.post(
        address, data=form, content_type="multipart/form-data", headers=headers
    )


def written_as(name):
    quads = parse_rdf(GOOD.encode(), by_name("turtle"), source="")
    return write_rdf([quad.triple for quad in quads], by_name(name))


NAMED_GRAPH = f"{PREFIXES} <urn:g> {{ id:atlantis a exq:State }}".encode()


@pytest.mark.parametrize(
    ("file", "told"),
    [
        (("a.ttl", GOOD.encode()), "Turtle: as the name of the file says"),
        (("a.trig", NAMED_GRAPH), "TriG: as the name of the file says"),
        (("a.ttl", NAMED_GRAPH), "TriG: the name of the file says otherwise"),
        (("a.nt", written_as("ntriples")), "N-Triples: as the name"),
        (("notes", written_as("ntriples")), "N-Triples: so it can be read"),
        (("notes", b"<urn:a> <urn:b> <urn:c> <urn:g> ."), "N-Quads: so it can be read"),
        (("notes", written_as("rdfxml")), "RDF/XML: so it can be read"),
        (("a.xml", written_as("rdfxml")), "RDF/XML: as the name"),
        (("a.json", written_as("jsonld")), "JSON-LD: as the name"),
        (("notes", written_as("jsonld")), "JSON-LD: so it can be read"),
        (("notes", GOOD.encode()), "Turtle: so it can be read"),
        (("a.ttl", b"\xef\xbb\xbf" + GOOD.encode()), "Turtle: as the name"),
        (("notes", b"INSERT DATA { <urn:a> a <urn:b> }"), "SPARQL Update: it begins"),
    ],
)
def test_the_syntax_of_a_file_is_guessed_and_told(client, file, told):
    answer = sent(client, file=file)
    assert answer.status_code == 200, answer.text
    assert f"Read as {told}" in answer.text


def test_a_wrong_guess_tells_the_error_of_the_likeliest_syntax(client):
    torn = NAMED_GRAPH.replace(b"{ id", b"{\n\nid").replace(
        b"exq:State", b"exq:State ]"
    )
    answer = sent(client, file=("a.ttl", torn))
    assert answer.status_code == 400
    assert "Read as TriG: no syntax reads all of it" in answer.text
    assert "a.ttl:7:" in answer.text
    assert 'id="d1-L7"' in answer.text
    assert "<mark>]</mark>" in answer.text


def test_a_file_may_be_read_in_a_syntax_that_is_chosen(client):
    answer = sent(client, file=("a.nt", GOOD.encode()), syntax="turtle")
    assert answer.status_code == 200
    assert "Read as" not in answer.text
    wrong = sent(client, file=("a.ttl", GOOD.encode()), syntax="ntriples")
    assert wrong.status_code == 400


def test_the_text_of_a_file_comes_back_to_be_mended(client):
    answer = sent(client, file=("facts/b<i>.ttl", BAD.encode()))
    field = re.search(r"<textarea[^>]*>\n(.*?)</textarea>", answer.text, re.DOTALL)
    assert field is not None
    assert unescape(field[1]) == BAD
    assert 'name="name" value="b&lt;i&gt;.ttl"' in answer.text
    again = sent(client, data=BAD.replace("\n", "\r\n"), name="b.ttl")
    assert "Turtle: as the name of the file says" in again.text
    assert '<li id="d1-L6"' in again.text


@pytest.mark.parametrize("coding", ["utf-16", "utf-16-be", "iso-8859-1"])
def test_what_is_not_in_utf8_comes_back_as_it_was_written(client, coding):
    text = written_as("rdfxml").decode().replace("Atlantis", "Atlantída")
    declared = text.replace("UTF-8", coding.removesuffix("-be"))
    answer = sent(client, file=("a.rdf", declared.encode(coding)))
    assert answer.status_code == 200
    field = re.search(r"<textarea[^>]*>\n(.*?)</textarea>", answer.text, re.DOTALL)
    assert field is not None
    assert unescape(field[1]) == text
    torn = sent(client, file=("a.rdf", (declared + "</x>").encode(coding)))
    assert torn.status_code == 400
    assert "Atlantída" in re.sub(r"<textarea.*</textarea>", "", torn.text, flags=re.S)
    wide = sent(client, file=("a.ttl", GOOD.encode("utf-16")))
    assert wide.status_code == 400
    assert "Atlantis" in wide.text


@pytest.mark.parametrize("coding", ["iso-8859-1", "UTF-16", "windows-1252"])
def test_what_pasted_xml_declares_does_not_garble_it(client, coding):
    text = written_as("rdfxml").decode().replace("Atlantis", "Atlantída")
    text = text.replace("UTF-8", coding).replace("ontology#", "ontology#Á")
    told = sent(client, headers={}, data=text, format="json").get_json()
    kind = "https://w3id.org/exequatur/ontology#ÁState"
    assert {one["value"] for one in told["results"]} == {kind}


def test_line_breaks_of_a_field_are_those_that_were_typed(client):
    text = f'{PREFIXES} id:atlantis a exq:State ; rdfs:label """At\nlantis""" .'
    told = sent(client, headers={}, data=text.replace("\n", "\r\n"), format="json")
    results = told.get_json()["results"]
    values = {result["value"] for result in results}
    assert '"At\\nlantis"' in values


def test_a_file_that_is_too_large_for_the_field_is_judged_all_the_same(
    client, monkeypatch
):
    monkeypatch.setattr(validate, "MOST_SHOWN", 10_000)
    data = f"{GOOD}\n".encode() + b"# padding\n" * 2000
    answer = sent(client, file=("a.ttl", data))
    assert "They would be accepted" in answer.text
    assert "too long for this field" in answer.text
    assert len(answer.data) < len(data)


@pytest.mark.parametrize("more", ["", '; filename="a.ttl"', "; x=y"])
def test_a_part_of_a_form_without_a_name_is_400(client, more):
    head = f"Content-Disposition: form-data{more}\r\nContent-Type: text/turtle"
    body = f"--x\r\n{head}\r\n\r\n<urn:a> a <urn:b> .\r\n--x--\r\n"
    answer = post(client, body, "multipart/form-data; boundary=x")
    assert answer.status_code == 400
    assert "no name" in answer.text


def test_nothing_sent_and_two_files_are_400(client):
    assert sent(client).status_code == 400
    files = [(BytesIO(b"x"), "a.ttl"), (BytesIO(b"y"), "b.ttl")]
    form = {"syntax": "guess", "data": "", "file": files}
    answer = client.post("/validate", data=form, headers=BROWSER)
    assert answer.status_code == 400
    assert "2 files" in answer.text


# --- the report beside the lines --------------------------------------------------


def test_findings_and_lines_lead_to_each_other(client):
    answer = sent(client, data=BAD)
    assert '<a href="#d1-L6">line 6</a>' in answer.text
    line = re.search(r'<li id="d1-L6".*?</li>', answer.text, re.DOTALL)
    assert line is not None
    assert 'href="#finding-1">Violation 1</a>' in line[0]
    assert 'id="finding-1"' in answer.text


def test_a_finding_is_at_the_line_of_its_statement_not_of_its_subject(client):
    text = f"{PREFIXES}\nid:atlantis\n  a exq:State ;\n  rdfs:label 5 ;\n  exq:x 7 ."
    report = sent(client, headers={}, data=text, format="json").get_json()
    lines = {r["line"] for r in report["results"] if r["value"] and "#x" in r["value"]}
    assert lines == {9}


def test_a_blank_node_has_a_line_too(client):
    text = f"{PREFIXES}\nid:atlantis a exq:State .\n[]\n  a exq:Stat ."
    report = sent(client, headers={}, data=text, format="json").get_json()
    [found] = [r for r in report["results"] if "genid" in r["focus"]]
    assert found["line"] == 8


def test_of_a_long_document_only_the_lines_around_findings_are_shown(client):
    lines = [f'id:x{n} a exq:State ; rdfs:label "X{n}"@en .' for n in range(200)]
    lines[120] = lines[120].replace("exq:State", "exq:Stat")
    text = PREFIXES + "\n".join(lines)
    answer = sent(client, data=text)
    shown = re.findall(r'<li id="d1-L(\d+)"', answer.text)
    assert shown == [str(number) for number in range(122, 129)]
    assert "… 121 lines …" in answer.text
    assert "… 76 lines …" in answer.text


def test_a_long_line_is_cut_around_the_error(client):
    labels = '"x" , ' * 2000
    text = f"{PREFIXES} id:a rdfs:label {labels} ;; ] ."
    answer = sent(client, data=text)
    assert answer.status_code == 400
    assert re.search(r"<mark>.</mark>", answer.text)
    assert re.search(r"… [\d,]+ characters more", answer.text)


@pytest.mark.parametrize("text", TEXTS)
def test_hostile_documents_are_shown_as_text(client, text):
    for data in (f'{PREFIXES} id:x exq:y "{text}"@en .', f"{PREFIXES} {text}", text):
        page = sent(client, data=data, name=text, graph=text, message=text).text
        assert "<script>" not in page
        assert not re.search(r"<(img|svg|iframe|math|base|meta http|style)\b[^>]*host",
                             page.partition("<main")[2])  # fmt: skip


# --- submitting -------------------------------------------------------------------


@pytest.fixture
def writing(own_graph, own_store, tmp_path):
    mine = replace(Settings(), store=own_store, tokens=tmp_path / "tokens.json")
    secret = TokenFile(mine.token_file).add("Ada", ["write:*"])
    client = create_app(own_graph, mine).test_client()
    return client, {**BROWSER, "Authorization": f"Bearer {secret}"}


def test_what_is_submitted_is_written_and_linked_to(writing, own_graph):
    client, ada = writing
    data = GOOD.replace(" id:at", "\nid:at")
    answer = sent(client, "/submit", ada, data=data, message="Found at last")
    assert answer.status_code == 200, answer.text
    version = own_graph.snapshot().version
    assert f'href="/doc/change/{version}"' in answer.text
    assert 'href="/doc/atlantis"' in answer.text
    assert "Found at last" in client.get(f"/doc/change/{version}").text
    assert "Atlantis" in client.get("/doc/atlantis", headers=BROWSER).text
    again = sent(client, "/submit", ada, data=data)
    assert "Nothing new" in again.text
    assert own_graph.snapshot().version == version


def test_what_is_refused_is_told_at_its_lines_and_not_written(writing, own_graph):
    client, ada = writing
    before = own_graph.snapshot().version
    answer = sent(client, "/submit", ada, file=("b.ttl", BAD.encode()))
    assert answer.status_code == 422
    assert "They would not be accepted" in answer.text
    assert '<a href="#d1-L6">line 6</a>' in answer.text
    torn = sent(client, "/submit", ada, data=TORN)
    assert torn.status_code == 400
    assert 'id="d1-L6"' in torn.text
    assert own_graph.snapshot().version == before


def test_files_of_several_graphs_are_submitted_by_programs(writing, own_graph):
    client, ada = writing
    trig = f"{PREFIXES} <urn:a> {{ {GOOD.removeprefix(PREFIXES)} }} "
    headers = {**ada, "Accept": "application/json"}
    for data, status in ((trig, 200), (trig.replace("exq:State", "exq:Stat"), 422)):
        answer = client.post("/submit?message=Two", data=data, headers=headers,
                             content_type="application/trig")  # fmt: skip
        assert answer.status_code == status, answer.text
    assert own_graph.snapshot().version == 2


def test_a_token_is_taken_from_the_header_alone_and_never_given_back(writing):
    client, ada = writing
    secret = ada["Authorization"].removeprefix("Bearer ")
    fields = {"token": secret, "access_token": secret}
    assert sent(client, "/submit", BROWSER, data=GOOD, **fields).status_code == 401
    assert sent(client, f"/submit?token={secret}", ada, data=GOOD).status_code == 400
    for data in (GOOD, BAD, TORN):
        assert secret not in sent(client, "/submit", ada, data=data).text
    field = re.search(r'<input id="token"[^>]*>', client.get("/validate").text)
    assert field is not None
    assert "name=" not in field[0]
    assert "value=" not in field[0]


def test_without_tokens_the_page_says_how_else(client):
    page = client.get("/validate").text
    assert 'id="token"' not in page
    assert "kg add" in page
    assert sent(client, "/submit", BROWSER, data=GOOD).status_code == 403
