"""`/graphs`: the Graph Store Protocol, every verb, directly and indirectly."""

from __future__ import annotations

import io
import json
import re
from urllib.parse import quote, urlencode

import pytest

from kg.answers import write_rdf
from kg.change import parse_rdf
from kg.formats import FORMATS, Kind, by_name, for_kind
from kg.history import changes
from kg.terms import BASE, KEPT_BY_PROGRAM, UNSOURCED, NamedNode
from tests.small_store import EX, PREFIXES
from tests.writing import ATLAS, BROWSER, NAMELESS, SPARQL, TOWN, UPDATE, Site

JSON = {"Accept": "application/json"}
ONE = "ex:a ex:number 1 ."
TWO = "ex:a ex:number 2 ."
DEFAULT = "/graphs?default"
STORY = "/graphs/source/story"
SENTENCE = "/graphs/source/story%23s01"


@pytest.fixture
def site(small_store):
    return Site(small_store)


@pytest.fixture
def ada(site):
    return site.token("write:*")


def numbers(site, address):
    """The numbers that a graph states, by the server's own answer."""
    answer = site.client.get(address, headers={"Accept": "application/n-triples"})
    assert answer.status_code == 200
    return sorted(re.findall(r'number> "(\d)"', answer.text))


# --- reading ----------------------------------------------------------------------


@pytest.mark.parametrize("entry", for_kind(Kind.GRAPH), ids=lambda entry: entry.name)
def test_a_graph_is_sent_in_every_syntax(site, entry):
    expected = {quad.triple for quad in site.graph.snapshot().quads(
        graph=NamedNode(f"{EX}atlas"))}  # fmt: skip
    by_header = site.client.get(ATLAS, headers={"Accept": entry.media_type})
    by_name_ = site.client.get(f"{ATLAS}&format={entry.name}")
    for answer in (by_header, by_name_):
        assert answer.status_code == 200
        assert answer.mimetype == entry.media_type
        found = parse_rdf(answer.data, entry, source="")
        assert {quad.triple for quad in found} == expected


def test_a_graph_comes_in_turtle_unless_told(site):
    answer = site.client.get(ATLAS)
    assert answer.headers["Content-Type"] == "text/turtle; charset=utf-8"


def test_head_is_get_without_a_body(site):
    got, head = site.client.get(ATLAS), site.client.head(ATLAS)
    assert head.data == b""
    assert head.headers["Content-Length"] == str(len(got.data))
    assert head.headers["ETag"] == got.headers["ETag"]


@pytest.mark.parametrize("verb", ["GET", "HEAD", "DELETE"])
@pytest.mark.parametrize("address", ["/graphs?graph=urn:no", "/graphs/source/no"])
def test_what_is_not_there_is_404(site, ada, verb, address):
    assert site.client.open(address, method=verb, headers=ada).status_code == 404
    assert site.version == 1


def test_the_default_graph_is_there_though_it_is_empty(site):
    answer = site.client.get(DEFAULT)
    assert answer.status_code == 200
    assert answer.data == b""


@pytest.mark.parametrize("address", [ATLAS, DEFAULT])
def test_a_syntax_that_cannot_be_written_is_406(site, address):
    answer = site.client.get(address, headers={"Accept": "image/png"})
    assert answer.status_code == 406
    assert site.client.get(f"{address}&format=csv").status_code == 406
    assert site.client.get(f"{address}&format=no").status_code == 400


@pytest.mark.parametrize(
    "address",
    [
        f"{ATLAS}&default",
        f"{ATLAS}&graph=urn:x",
        f"{STORY}?default",
        f"{STORY}?graph=urn:x",
        "/graphs?graph=",
        "/graphs?graph=relative",
        "/graphs?graph=a%20b:c",
        "/graphs?graph=http://x/%3E%20%7B",
        "/graphs?graph=http://[::1",
        "/graphs?graph=http://[x]/",
        "/graphs/a/%2E%2E/b",
        "/graphs/a%09b",
        "/graphs/%3E",
    ],
)
def test_what_names_no_graph_is_400_whatever_the_verb(site, ada, address):
    for verb in ("GET", "HEAD", "PUT", "POST", "DELETE"):
        answer = site.send(verb, address, ONE, ada)
        assert answer.status_code == 400, verb
    assert site.version == 1


def test_a_host_that_python_takes_for_none_names_a_graph(site, ada):
    name = "http://\u2100.example/"
    address = f"/graphs?{urlencode({'graph': name})}"
    assert site.send("PUT", address, ONE, ada).status_code == 201
    assert site.client.get(address).status_code == 200
    for clause in (f"FROM <{name}>", f"FROM NAMED <{name}>"):
        query = f"ASK {clause} {{ {{ ?s ?p ?o }} UNION {{ GRAPH ?g {{ ?s ?p ?o }} }} }}"
        answer = site.client.get("/sparql", query_string={"query": query})
        assert answer.json["boolean"] is True


ODD = ("http://[::1]", "http://[v1.x]/a#b/c?d", "a:", "http://", "urn:\u00e9:\u00fc",
       "http://x/'q'(r)*!$&,;=:@", "http://\u2100.example/p", "file:///")  # fmt: skip


def test_a_term_of_any_iri_leaves_every_description_whole(site, ada):
    """Whoever may write one graph must not spoil what is said of the whole."""
    data = "".join(
        f"<urn:s{n}> a <{iri}> ; <{iri}> <{iri}> . <{iri}> a <{iri}> ;"
        f" <{iri}> 1 ; rdfs:seeAlso <{iri}> ."
        for n, iri in enumerate(ODD)
    )
    for iri in ODD:
        address = f"/graphs?{urlencode({'graph': iri})}"
        assert site.send("PUT", address, data, ada).status_code == 201
    for path in ("/", "/.well-known/void", "/sparql", "/graphs", "/dump.trig"):
        for accept in ("text/turtle", "application/rdf+xml", "application/ld+json"):
            answer = site.client.get(path, headers={"Accept": accept})
            assert answer.status_code in (200, 406), (path, accept)
    told = site.client.get("/.well-known/void").text
    assert "#property/http://%5B::1%5D" in told


LANG = "http://www.w3.org/1999/02/22-rdf-syntax-ns#langString"
XML = (
    f'<r:RDF xmlns:r="{LANG.removesuffix("langString")}" xmlns:e="e:">'
    '<r:Description r:about="a:a"><e:b r:datatype="{}">x</e:b></r:Description></r:RDF>'
)
UNTOLD = {
    "application/ld+json": '{{"@id":"a:a","a:b":{{"@value":"x","@type":"{}"}}}}',
    "application/rdf+xml": XML,
    "text/n3": '<a:a> <a:b> "x"^^<{}> .',
    "text/turtle": '<a:a> <a:b> "x"^^<{}> .',
    UPDATE: "INSERT {{ GRAPH <urn:g> {{ <a:a> <a:b> ?x }} }}"
    ' WHERE {{ BIND(STRDT("x", <{}>) AS ?x) }}',
}


@pytest.mark.parametrize("datatype", [LANG, LANG.replace("lang", "dirLang")])
@pytest.mark.parametrize("media_type", UNTOLD)
def test_a_text_in_no_language_is_kept_out_of_the_history(
    site, ada, media_type, datatype
):
    """The engine could not read the entry of it again, nor any that comes after."""
    data = UNTOLD[media_type].format(datatype)
    path = "/update" if media_type == UPDATE else "/graphs?graph=urn:g"
    for target in (path, "/validate"):
        answer = site.client.post(
            target, data=data, content_type=media_type, headers=ada
        )
        assert answer.status_code == 400, target
        assert "angString" in answer.text
    assert site.send("PUT", "/graphs?graph=urn:g", ONE, ada).status_code == 201
    assert site.client.get("/graphs?graph=urn:g").status_code == 200


@pytest.mark.parametrize("way", ["put", "data", "template"])
def test_a_text_that_has_a_direction_is_written_in_every_way(site, ada, way):
    triple, path = (
        '<urn:s> <urn:p> "\u0633\u0644\u0627\u0645"@ar--rtl',
        "/graphs?graph=urn:g",
    )
    inserting = f"INSERT {{ GRAPH <urn:g> {{ {triple} }} }} WHERE {{}}"
    if way == "put":
        assert site.send("PUT", path, triple + " .", ada).status_code == 201
    else:
        data = f"INSERT DATA {{ GRAPH <urn:g> {{ {triple} }} }}"
        assert update(site, inserting if way == "template" else data, ada) == 200
    found = site.client.get(path, headers={"Accept": "application/n-triples"})
    assert triple in found.text
    copying = (
        "INSERT { GRAPH <urn:h> { ?s ?p ?o } } WHERE { GRAPH <urn:g> { ?s ?p ?o } }"
    )
    assert update(site, copying, ada) == 200
    assert update(site, f"DELETE DATA {{ GRAPH <urn:g> {{ {triple} }} }}", ada) == 200
    assert site.client.get(path).status_code == 404
    assert site.client.get(f"{path}&version=2").status_code == 200


def update(site, text, token):
    sent = site.client.post("/update", data=text, content_type=UPDATE, headers=token)
    return sent.status_code


def test_the_list_of_graphs_leads_to_each(site):
    listed = site.client.get("/graphs").get_json()
    assert listed["version"] == 1
    rows = {row["graph"]: row for row in listed["graphs"]}
    assert not rows[f"{EX}atlas"]["kept"]
    assert rows[f"{BASE}graph/log"]["kept"]
    for row in rows.values():
        assert site.client.get(row["address"]).status_code == 200, row
    page = site.client.get("/graphs", headers=BROWSER)
    assert "kept by the program" in page.text


def test_the_merged_view_can_be_read(site):
    answer = site.client.get("/graphs/graph/merged", headers=JSON | {"Accept": "*/*"})
    assert answer.status_code == 200
    assert f"<{EX}Town>" in answer.text


# --- put --------------------------------------------------------------------------


@pytest.mark.parametrize("address", [STORY, SENTENCE, DEFAULT, "/graphs?graph=urn:x"])
def test_put_makes_and_replaces(site, ada, address):
    made = site.send("PUT", address, ONE, ada)
    assert made.status_code == 201
    assert made.get_json()["version"] == 2
    assert numbers(site, made.headers["Location"]) == ["1"]
    again = site.send("PUT", address, TWO, ada)
    assert again.status_code == 204
    assert again.data == b""
    assert "Content-Type" not in again.headers
    assert numbers(site, address) == ["2"]


def test_a_part_of_a_graph_is_not_put(site, ada):
    part = {**ada, "Content-Range": "bytes 0-9/99"}
    found = site.client.put("/graphs/source/other", data="", headers=part)
    assert found.status_code == 400


def test_what_put_did_is_told_to_who_asks(site, ada):
    headers = {**ada, "Prefer": "return=representation"}
    answer = site.send("PUT", ATLAS, TOWN, headers)
    assert answer.status_code == 200
    assert answer.get_json()["removed"] > 0


def test_the_graph_of_an_address_is_the_one_below_the_base(site, ada):
    site.send("PUT", SENTENCE, ONE, ada)
    name = f"{BASE}source/story#s01"
    assert NamedNode(name) in site.graph.snapshot().graphs()
    indirect = f"/graphs?graph={quote(name, safe='')}"
    assert numbers(site, indirect) == ["1"]
    own = quote(f"http://localhost{SENTENCE}", safe="")
    assert numbers(site, f"/graphs?graph={own}") == ["1"]


def test_the_default_graph_is_what_came_in_without_a_graph(site, ada):
    site.send("PUT", DEFAULT, ONE, ada)
    assert site.graph.snapshot().graphs().count(UNSOURCED) == 1
    assert numbers(site, "/graphs/graph/unsourced") == ["1"]


def test_relative_iris_are_relative_to_the_graph(site, ada):
    site.send("PUT", STORY, "<> ex:part <#s01> .", ada)
    text = site.client.get(STORY, headers={"Accept": "application/n-triples"}).text
    assert f"<{BASE}source/story>" in text
    assert f"<{BASE}source/story#s01>" in text


def test_a_new_node_keeps_its_iri_when_it_is_sent_back(site, ada):
    site.send("PUT", STORY, "ex:a ex:b [ ex:number 1 ] .", ada)
    got = site.client.get(STORY)
    assert ".well-known/genid/" in got.text
    back = {**ada, "Prefer": "return=representation"}
    again = site.send("PUT", STORY, got.data, back)
    assert (again.get_json()["added"], again.get_json()["removed"]) == (0, 0)


def test_an_empty_document_empties_the_graph(site, ada):
    site.send("PUT", STORY, ONE, ada)
    assert site.send("PUT", STORY, b"", ada).status_code == 204
    assert site.client.get(STORY).status_code == 200
    assert numbers(site, STORY) == []
    assert site.send("PUT", STORY, b"", ada).status_code == 204
    assert site.version == 3
    assert site.send("PUT", "/graphs/x", b"", ada).status_code == 201
    assert numbers(site, "/graphs/x") == []
    assert site.version == 4


@pytest.mark.parametrize("entry", for_kind(Kind.GRAPH), ids=lambda entry: entry.name)
def test_every_syntax_is_read(site, ada, entry):
    quads = parse_rdf((PREFIXES + ONE).encode(), by_name("turtle"), source="")
    data = write_rdf([quad.triple for quad in quads], entry)
    for media_type in (entry.media_type, *entry.also):
        answer = site.send("POST", STORY, data, ada, content_type=media_type)
        assert answer.status_code in (200, 201)
    assert numbers(site, STORY) == ["1"]


DEEP = 2000
DEEP_XML = (
    '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:e="e:">'
    + "<rdf:Description><e:p>" * DEEP
    + "</e:p></rdf:Description>" * DEEP
    + "</rdf:RDF>"
)
REFUSED = [
    ("<a:a> <a:b>", "text/turtle", 400),
    ("<a/>", "text/turtle", 400),
    (ONE, "application/rdf+xml", 400),
    ('<!DOCTYPE x [<!ENTITY a "b">]><x/>', "application/rdf+xml", 400),
    ('{"@context": "http://127.0.0.1:9/", "a": 1}', "application/ld+json", 400),
    (f"<{BASE}graph/log> {{ <a:a> <a:b> 1 }}", "application/trig", 400),
    ("<urn:other> { <a:a> <a:b> 1 }", "application/trig", 400),
    ("<a:a> <a:b> " + "[ <a:b> " * DEEP + " ]" * DEEP + " .", "text/turtle", 400),
    ("<a:a> <a:b> " + "( " * DEEP + " )" * DEEP + " .", "text/turtle", 400),
    ("<a:a> <a:b> " + "<<( <a:a> <a:b> " * 99_999, "text/turtle", 400),
    ("<a:a> <a:b> " + "{ <a:a> <a:b> " * DEEP, "text/n3", 400),
    ('{"a:b":' * DEEP + "1" + "}" * DEEP, "application/ld+json", 400),
    ('{"a:b":' + "[" * DEEP + "]" * DEEP + "}", "application/ld+json", 400),
    (DEEP_XML, "application/rdf+xml", 400),
    (ONE, "text/csv", 415),
    (ONE, "application/sparql-update", 415),
    (ONE, "text/turtle; charset=latin-1", 415),
    (ONE, None, 415),
]


@pytest.mark.parametrize("verb", ["PUT", "POST"])
@pytest.mark.parametrize(("data", "media_type", "status"), REFUSED)
def test_what_cannot_be_read_changes_nothing(site, ada, verb, data, media_type, status):
    answer = site.send(verb, STORY, data.encode(), ada, content_type=media_type)
    assert answer.status_code == status, answer.text
    assert site.version == 1


def test_nesting_in_strings_and_comments_is_none(site, ada):
    marks = "[({" * 200
    turtle = (
        f'ex:a ex:number 1 ; ex:text """{marks}\n"{marks}""", "{marks}" . # {marks}'
    )
    assert site.send("PUT", STORY, turtle, ada).status_code == 201
    broad = " , ".join(["[ ex:number 1 ]"] * 500)
    assert site.send("PUT", STORY, f"ex:a ex:b {broad} .", ada).status_code == 204


@pytest.mark.parametrize("verb", ["PUT", "POST", "PATCH", "DELETE"])
def test_what_the_program_keeps_is_403_with_the_reason(site, ada, verb):
    admin = site.token("admin", name="root")
    for name in sorted(KEPT_BY_PROGRAM, key=str):
        address = f"/graphs/{name.value.removeprefix(BASE)}"
        for headers in (ada, admin):
            answer = site.send(verb, address, ONE, {**headers, **JSON})
            assert answer.status_code == 403, name
            assert "kept by this program" in json.loads(answer.data)["detail"]
    assert site.version == 1


# --- post -------------------------------------------------------------------------


@pytest.mark.parametrize("address", [STORY, DEFAULT, "/graphs?graph=urn:x"])
def test_post_makes_and_adds(site, ada, address):
    assert site.send("POST", address, ONE, ada).status_code == 201
    answer = site.send("POST", f"{address}", TWO, ada)
    assert answer.status_code == 200
    assert answer.get_json()["added"] == 1
    assert numbers(site, address) == ["1", "2"]


def test_post_without_a_name_makes_a_graph_with_a_new_one(site, ada):
    places = set()
    for _ in range(2):
        answer = site.send("POST", "/graphs", ONE, ada)
        assert answer.status_code == 201
        assert numbers(site, answer.headers["Location"]) == ["1"]
        assert answer.get_json()["graph"].startswith(f"{BASE}graph/")
        places.add(answer.headers["Location"])
    assert len(places) == 2


def part(text, name, media_type=None):
    return io.BytesIO((PREFIXES + text).encode()), name, media_type


def test_post_adds_the_parts_of_a_form(site, ada):
    form = {"a": part(ONE, "one.ttl", "text/turtle"), "b": part(TWO, "two.ttl")}
    answer = site.client.post(
        STORY, data=form, headers=ada, content_type="multipart/form-data"
    )
    assert answer.status_code == 201
    assert numbers(site, STORY) == ["1", "2"]


@pytest.mark.parametrize(
    ("body", "content_type", "status"),
    [
        (b"", "multipart/form-data", 400),
        (b"", "multipart/form-data; boundary=x", 400),
        (b"--x--\r\n", "multipart/form-data; boundary=x", 400),
        (b"--x\r\nno end", "multipart/form-data; boundary=x", 400),
        (
            b'--x\r\nContent-Disposition: form-data; name="a"; filename="a.pdf"\r\n'
            b"\r\nx\r\n--x--\r\n",
            "multipart/form-data; boundary=x",
            415,
        ),
        (
            b'--x\r\nContent-Disposition: form-data; name="a"; filename="a.ttl"\r\n'
            b"Content-Type: image/png\r\n\r\nx\r\n--x--\r\n",
            "multipart/form-data; boundary=x",
            415,
        ),
        (
            b'--x\r\nContent-Disposition: form-data; name="a"; filename="a.ttl"\r\n'
            b"\r\n<a:a> <a:b>\r\n--x--\r\n",
            "multipart/form-data; boundary=x",
            400,
        ),
    ],
)
def test_a_form_that_cannot_be_read_changes_nothing(
    site, ada, body, content_type, status
):
    answer = site.client.post(STORY, data=body, headers=ada, content_type=content_type)
    assert answer.status_code == status, answer.text
    assert site.version == 1


def test_a_rejected_part_is_named_with_its_line(site, ada):
    form = {"a": part(ONE, "one.ttl"), "b": part(NAMELESS, "two.ttl")}
    answer = site.client.post(
        STORY, data=form, headers=ada, content_type="multipart/form-data"
    )
    assert answer.status_code == 422
    (result,) = json.loads(answer.data)["results"]
    assert result["file"] == "two.ttl"
    assert result["line"] == PREFIXES.count("\n") + 2
    assert site.version == 1


# --- delete and patch -------------------------------------------------------------


def test_delete_removes_the_graph(site, ada):
    site.send("PUT", STORY, ONE, ada)
    answer = site.client.delete(f"{STORY}?message=Withdrawn", headers=ada)
    assert answer.status_code == 200
    assert answer.get_json()["removed"] == 1
    assert site.client.get(STORY).status_code == 404
    assert site.client.delete(STORY, headers=ada).status_code == 404
    assert changes(site.graph.snapshot())[-1].message == "Withdrawn"


def test_what_must_stay_cannot_be_deleted(site, ada):
    site.send("PUT", STORY, "ex:port rdfs:label 'Port'@en .", ada)
    answer = site.send("PUT", ATLAS, "ex:port a ex:Town .", ada)
    assert answer.status_code == 204
    answer = site.client.delete(STORY, headers=ada)
    assert answer.status_code == 422
    assert "Give the town a label." in answer.text
    assert site.client.get(STORY).status_code == 200


def patch(site, address, text, headers):
    return site.client.patch(
        address, data=SPARQL + text, headers=headers, content_type=UPDATE
    )


@pytest.mark.parametrize("address", [STORY, DEFAULT, "/graphs?graph=urn:x"])
def test_patch_reads_and_writes_its_graph_alone(site, ada, address):
    site.send("PUT", "/graphs/other", TWO, ada)
    site.send("PUT", address, ONE, ada)
    text = (
        "DELETE { ?s ex:number ?n } INSERT { ?s ex:number 3 } WHERE { ?s ex:number ?n }"
    )
    answer = patch(site, address, text, ada)
    assert answer.status_code == 200
    assert (answer.get_json()["added"], answer.get_json()["removed"]) == (1, 1)
    assert numbers(site, address) == ["3"]
    assert numbers(site, "/graphs/other") == ["2"]
    assert patch(site, address, "DELETE DATA { ex:a ex:number 3 }", ada).is_json


def test_patch_deletes_what_other_graphs_state_as_well(site, ada):
    for address in (STORY, "/graphs/other", DEFAULT):
        site.send("PUT", address, ONE, ada)
    assert patch(site, STORY, "DELETE DATA { ex:a ex:number 1 }", ada).is_json
    assert site.client.get(STORY).status_code == 404
    assert numbers(site, "/graphs/other") == ["1"]


@pytest.mark.parametrize(
    "text",
    [
        "INSERT DATA { GRAPH ex:other { ex:a ex:b 1 } }",
        "CLEAR ALL",
        "DROP NAMED",
        "WITH ex:other DELETE { ?s ?p ?o } WHERE { ?s ?p ?o }",
        "LOAD <http://127.0.0.1:9/>",
        f"INSERT DATA {{ GRAPH <{BASE}graph/log> {{ ex:a ex:b 1 }} }}",
        "SELECT * {}",
    ],
)
def test_patch_of_another_graph_is_refused(site, ada, text):
    site.send("PUT", STORY, ONE, ada)
    assert patch(site, STORY, text, ada).status_code == 400
    assert site.version == 2


def test_patch_takes_updates_alone(site, ada):
    answer = site.send("PATCH", STORY, ONE, {**ada, **JSON})
    assert answer.status_code == 415
    assert json.loads(answer.data)["supported"] == [UPDATE]


def test_other_verbs_are_405_with_those_that_are_known(site, ada):
    answer = site.client.open(STORY, method="LINK", headers=ada)
    assert answer.status_code == 405
    for verb in ("GET", "HEAD", "PUT", "POST", "PATCH", "DELETE", "OPTIONS"):
        assert verb in answer.headers["Allow"]


@pytest.mark.parametrize("verb", ["PUT", "DELETE", "PATCH"])
def test_only_get_and_post_need_no_name(site, ada, verb):
    answer = site.send(verb, "/graphs", ONE, {**ada, **JSON})
    assert answer.status_code == 400
    assert "?default" in json.loads(answer.data)["advice"]


# --- versions ---------------------------------------------------------------------


def test_a_tag_lasts_while_the_graph_does(site, ada):
    site.send("PUT", STORY, ONE, ada)
    tag = site.tag(STORY)
    site.send("PUT", "/graphs/other", ONE, ada)
    assert site.tag(STORY) == tag
    unchanged = site.client.get(STORY, headers={"If-None-Match": tag})
    assert unchanged.status_code == 304
    matching = {**ada, "If-Match": tag}
    assert site.send("PUT", STORY, TWO, matching).status_code == 204
    assert site.tag(STORY) != tag


@pytest.mark.parametrize("verb", ["PUT", "POST", "PATCH", "DELETE"])
def test_a_graph_that_changed_meanwhile_is_412_with_what_changed(site, ada, verb):
    site.send("PUT", STORY, ONE, ada)
    headers = {**ada, **JSON, "If-Match": site.tag(STORY)}
    site.send("PUT", "/graphs/other", ONE, ada)
    site.send("PUT", f"{STORY}?message=Quicker", TWO, ada)
    text = "DELETE DATA { ex:a ex:number 1 }"
    answer = (
        patch(site, STORY, text, headers)
        if verb == "PATCH"
        else site.send(verb, STORY, ONE, headers)
    )
    assert answer.status_code == 412
    (since,) = json.loads(answer.data)["since"]
    assert (since["version"], since["message"]) == (4, "Quicker")
    assert len(since["what"]) == 2
    assert numbers(site, STORY) == ["2"]


def test_a_tag_of_any_representation_will_do(site, ada):
    site.send("PUT", STORY, ONE, ada)
    tags = {site.tag(f"{STORY}?format={entry.name}") for entry in FORMATS[4:]}
    assert len(tags) == len(FORMATS[4:])
    for number, tag in enumerate(sorted(tags)):
        matching = {**ada, "If-Match": tag}
        status = site.send("POST", STORY, ONE, matching).status_code
        assert status == 200, number


def test_a_graph_is_made_only_where_there_is_none(site, ada):
    fresh = {**ada, "If-None-Match": "*"}
    assert site.send("PUT", STORY, ONE, fresh).status_code == 201
    assert site.send("PUT", STORY, TWO, fresh).status_code == 412
    assert numbers(site, STORY) == ["1"]
