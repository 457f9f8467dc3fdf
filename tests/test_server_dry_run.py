"""`/validate` as a dry run: says what a way of writing would do, and does nothing."""

from __future__ import annotations

import io
import json

import pytest

from tests.small_store import EX, PREFIXES
from tests.writing import ATLAS, BROWSER, NAMELESS, SPARQL, TOWN, UPDATE, Site

ATLAS_IRI = f"{EX}atlas"
JSON = {"Accept": "application/json"}


@pytest.fixture
def site(small_store):
    return Site(small_store)


def dry(site, verb, data, *, graph=ATLAS_IRI, content_type="text/turtle", **headers):
    where = {"graph": graph} if graph else {"default": ""}
    return site.client.post(
        "/validate",
        query_string={**where, "as": verb},
        data=data,
        content_type=content_type,
        headers={"Accept": "application/json", **headers},
    )


def counts(answer):
    told = json.loads(answer.data)
    return {name: told[name] for name in ("accepted", "added", "removed", "inferred")}


WAYS = [
    ("PUT", f"{PREFIXES}{TOWN}", "text/turtle"),
    ("PUT", f"{PREFIXES}{NAMELESS}", "text/turtle"),
    ("PUT", "", "text/turtle"),
    ("POST", f"{PREFIXES}{TOWN}", "text/turtle"),
    ("POST", f"{PREFIXES}{NAMELESS}", "text/turtle"),
    ("PATCH", f"{SPARQL} INSERT DATA {{ {TOWN} }}", UPDATE),
    ("PATCH", f"{SPARQL} DELETE WHERE {{ ex:port rdfs:label ?o }}", UPDATE),
    ("DELETE", "", "text/turtle"),
]


@pytest.mark.parametrize("graph", [ATLAS_IRI, "urn:other", None])
@pytest.mark.parametrize(("verb", "data", "media_type"), WAYS)
def test_a_dry_run_says_what_then_happens(site, verb, data, media_type, graph):
    """The numbers and findings of the dry run are those of the real request."""
    tried = dry(site, verb, data, graph=graph, content_type=media_type)
    assert site.version == 1
    address = f"/graphs?graph={graph}" if graph else "/graphs?default"
    done = site.client.open(
        address,
        method=verb,
        data=data,
        content_type=media_type,
        headers={
            **site.token("write:*"),
            "Prefer": "return=representation",
            "Accept": "application/json",
        },
    )
    if done.status_code == 404 or tried.status_code == 404:
        assert (done.status_code, tried.status_code) == (404, 404)
    elif done.status_code == 422:
        told, found = json.loads(tried.data), json.loads(done.data)
        assert (tried.status_code, told["accepted"]) == (200, False)
        assert [r["message"] for r in told["results"]] == [
            r["message"] for r in found["results"]
        ]
    elif done.status_code == 204:
        assert counts(tried)["accepted"]
    else:
        assert done.status_code in (200, 201), done.text
        assert counts(tried) == counts(done)


def test_a_dry_run_takes_the_address_of_a_graph_on_this_server(site):
    own = "http://localhost/graphs/source/story"
    answer = dry(site, "PUT", f"{PREFIXES}ex:a ex:number 1 .", graph=own)
    assert counts(answer)["added"] == 1


@pytest.mark.parametrize(
    ("verb", "graph", "data", "media_type", "status"),
    [
        ("LINK", ATLAS_IRI, "", "text/turtle", 400),
        ("PUT", "", "", "text/turtle", 200),
        ("PUT", "relative", "", "text/turtle", 400),
        ("PUT", "https://w3id.org/exequatur/graph/log", "", "text/turtle", 403),
        ("DELETE", "urn:no", "", "text/turtle", 404),
        ("PATCH", ATLAS_IRI, "<a:a> <a:b> 1 .", "text/turtle", 415),
        ("PATCH", "urn:x", "CLEAR ALL", UPDATE, 400),
        ("PATCH", ATLAS_IRI, "INSERT", UPDATE, 400),
        ("PUT", ATLAS_IRI, "<a:a> <a:b>", "text/turtle", 400),
        ("PUT", ATLAS_IRI, "CLEAR ALL", UPDATE, 415),
        ("POST", ATLAS_IRI, "<urn:x> { <a:a> <a:b> 1 }", "application/trig", 400),
    ],
)
def test_what_could_not_be_done_is_told_as_it_would_be(
    site, verb, graph, data, media_type, status
):
    answer = dry(site, verb, data, graph=graph, content_type=media_type)
    assert answer.status_code == status, answer.text
    assert site.version == 1


def test_an_operation_needs_the_name_of_a_graph(site):
    answer = site.client.post(
        "/validate?as=PUT", data="<a:a> <a:b> 1 .", content_type="text/turtle"
    )
    assert answer.status_code == 400
    assert "names no graph" in answer.text


def test_a_dry_run_of_a_delete_needs_no_body(site):
    answer = site.client.post(f"/validate?graph={ATLAS_IRI}&as=delete", headers=JSON)
    assert answer.status_code == 200
    assert counts(answer)["removed"] > 3
    assert site.client.get(ATLAS).status_code == 200


def test_several_files_of_a_form_are_judged_together(site):
    form = {
        "one": (io.BytesIO(f"{PREFIXES}{TOWN}".encode()), "one.ttl"),
        "two": (io.BytesIO(f"{PREFIXES}{NAMELESS}".encode()), "two.ttl"),
    }
    answer = site.client.post(
        "/validate", data=form, content_type="multipart/form-data", headers=JSON
    )
    assert answer.status_code == 200
    told = json.loads(answer.data)
    assert [(r["file"], r["line"]) for r in told["results"]] == [("two.ttl", 7)]


def test_a_browser_may_try_an_operation(site):
    fields = {"data": f"{PREFIXES}{TOWN}", "syntax": "turtle", "graph": ATLAS_IRI}
    page = site.client.post("/validate", data={**fields, "as": "PUT"}, headers=BROWSER)
    assert page.status_code == 200
    assert 'value="PUT" selected' in page.text
    assert "would go" in page.text
    fields = {"data": "INSERT DATA { <a:a> <a:b> 1 }", "syntax": "update"}
    page = site.client.post(
        "/validate", data={**fields, "as": "PATCH", "graph": ATLAS_IRI}, headers=BROWSER
    )
    assert page.status_code == 200
    assert "1 new statements" in page.text
