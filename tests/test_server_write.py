"""Writing over HTTP: who may, `/update`, rejections, conditions, races."""

from __future__ import annotations

import gzip
import json
import time
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from kg.change import parse_rdf
from kg.formats import by_name
from kg.history import changes
from kg.terms import SH, UNSOURCED, NamedNode
from server.context import EXTENSION, JUDGING
from tests.small_store import EX
from tests.writing import (
    ATLAS,
    BROWSER,
    NAMELESS,
    SPARQL,
    TOWN,
    UPDATE,
    Site,
    bearer,
)

JSON = {"Accept": "application/json"}
INSERT = f"INSERT DATA {{ GRAPH ex:atlas {{ {TOWN} }} }}"
BAD = f"INSERT DATA {{ GRAPH ex:atlas {{ {NAMELESS} }} }}"
WRITES = [
    ("POST", "/update"),
    ("POST", "/submit"),
    *((verb, "/graphs/source/x") for verb in ("PUT", "POST", "PATCH", "DELETE")),
    *((verb, ATLAS) for verb in ("PUT", "POST", "PATCH", "DELETE")),
    *((verb, "/graphs?default") for verb in ("PUT", "POST", "PATCH", "DELETE")),
    ("POST", "/graphs"),
]
each_write = pytest.mark.parametrize(("verb", "address"), WRITES)


@pytest.fixture
def site(small_store):
    return Site(small_store)


@pytest.fixture
def ada(site):
    return site.token("write:*")


# --- who may ----------------------------------------------------------------------


@each_write
def test_without_any_token_the_server_is_read_only(site, verb, address):
    answer = site.send(verb, address, TOWN, JSON)
    assert answer.status_code == 403
    assert "read-only" in json.loads(answer.data)["detail"]
    assert site.version == 1


@each_write
@pytest.mark.parametrize(
    "value",
    [
        None,
        "",
        "Bearer",
        "Bearer ",
        "Bearer exqt_" + "A" * 43,
        "Bearer undefined",
        "Basic QWRhOmE=",
        "Digest x",
        "exqt_" + "A" * 43,
    ],
)
def test_without_the_right_token_nothing_is_written(site, ada, verb, address, value):
    headers = {} if value is None else {"Authorization": value}
    answer = site.send(verb, address, TOWN, headers)
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"].startswith("Bearer realm=")
    assert site.version == 1


@pytest.mark.parametrize("verb", ["GET", "POST", "PUT", "PATCH", "DELETE", "TRACE"])
@pytest.mark.parametrize(
    "address", ["/", "/sparql", "/status", "/id/x", "/doc/x", "/ontology", "/search"]
)
def test_no_other_address_writes_whoever_asks(site, ada, verb, address):
    site.client.open(
        address, method=verb, data="CLEAR ALL", content_type=UPDATE, headers=ada
    )
    assert site.version == 1


@each_write
def test_a_token_that_may_only_validate_writes_nothing(site, verb, address):
    headers = site.token("validate")
    answer = site.send(verb, address, TOWN, headers)
    assert answer.status_code == 403
    assert "insufficient_scope" in answer.headers["WWW-Authenticate"]
    assert site.version == 1


def test_a_token_writes_to_its_graphs_alone(site):
    headers = site.token(f"write:{EX}at*")
    assert site.update(INSERT, headers).status_code == 200
    for text in (
        INSERT.replace("ex:atlas", "ex:other"),
        "INSERT DATA { ex:a ex:b 1 }",
        f"{INSERT} ; INSERT DATA {{ GRAPH ex:b {{ ex:a ex:b 1 }} }}",
        "MOVE ex:atlas TO ex:other",
    ):
        answer = site.update(text, headers)
        assert answer.status_code == 403, text
        assert "does not cover" in answer.text
    assert site.send("PUT", "/graphs?default", TOWN, headers).status_code == 403
    assert site.send("POST", "/graphs", TOWN, headers).status_code == 403
    assert site.send("POST", "/submit", TOWN, headers).status_code == 403
    assert site.version == 2


def test_the_scheme_is_written_in_any_case(site, ada):
    secret = ada["Authorization"].removeprefix("Bearer ")
    answer = site.update(INSERT, {"Authorization": f"bEARER {secret}"})
    assert answer.status_code == 200


def test_a_token_shown_twice_is_no_token(site, ada):
    value = ada["Authorization"]
    answer = site.update(INSERT, {"Authorization": f"{value}, {value}"})
    assert answer.status_code == 401


def test_a_revoked_token_is_refused_with_the_next_request(site, ada):
    assert site.update(INSERT, ada).status_code == 200
    site.tokens.revoke("Ada")
    site.token("write:*", name="Bob")
    assert site.update(BAD, ada).status_code == 401
    assert site.version == 2


def test_a_file_of_tokens_that_cannot_be_used_grants_nothing(site, ada):
    site.tokens.path.write_text("{", encoding="utf-8")
    answer = site.update(INSERT, ada)
    assert answer.status_code == 503
    assert str(site.tokens.path) not in answer.text
    assert site.version == 1


@pytest.mark.parametrize("address", ["/update", "/status", "/graphs", "/id/{}"])
def test_a_token_in_an_address_is_refused(site, ada, address):
    secret = ada["Authorization"].removeprefix("Bearer ")
    placed = [f"{address}?x={secret}", f"{address}?access_token=x"]
    placed += [address.format(secret)] if "{}" in address else []
    for one in placed:
        answer = site.client.get(one.format("x"), headers=ada)
        assert answer.status_code == 400, one
        assert secret not in answer.text


def test_a_token_in_a_form_is_no_token(site, ada):
    secret = ada["Authorization"].removeprefix("Bearer ")
    form = {"update": SPARQL + INSERT, "access_token": secret}
    assert site.client.post("/update", data=form).status_code == 401
    assert site.client.post("/update", data=form, headers=ada).status_code == 400
    assert site.version == 1


def test_to_validate_may_take_a_token(small_store):
    site = Site(small_store, validation="token")
    assert site.send("POST", "/validate", TOWN, {}).status_code == 401
    for number, scope in enumerate(("validate", f"write:{EX}atlas", "admin")):
        headers = site.token(scope, name=f"t{number}")
        assert site.send("POST", "/validate", TOWN, headers).status_code == 200


def test_who_shows_a_wrong_token_validates_nothing(site):
    answer = site.send("POST", "/validate", TOWN, bearer("x"))
    assert answer.status_code == 401


# --- /update ----------------------------------------------------------------------


def test_an_accepted_update_tells_its_version_and_counts(site, ada):
    answer = site.update(INSERT, ada, "/update?message=Found+a+town")
    assert answer.status_code == 200
    told = answer.get_json()
    assert (told["version"], told["added"], told["removed"]) == (2, 3, 0)
    assert told["inferred"] == 1
    last = changes(site.graph.snapshot())[-1]
    assert (last.agent, last.message) == ("Ada", "Found a town")


def test_an_update_is_sent_as_a_form_too(site, ada):
    form = {"update": SPARQL + INSERT, "message": "By form"}
    assert site.client.post("/update", data=form, headers=ada).status_code == 200
    assert changes(site.graph.snapshot())[-1].message == "By form"


def test_what_names_no_graph_goes_to_the_unsourced(site, ada):
    assert site.update("INSERT DATA { ex:a ex:b 1 }", ada).status_code == 200
    assert len(list(site.graph.snapshot().quads(graph=UNSOURCED))) == 1


def test_the_parameters_choose_what_is_read(site, ada):
    text = "INSERT { GRAPH ex:new { ?s ex:seen 1 } } WHERE { ?s a ex:Town }"
    address = f"/update?using-graph-uri={EX}nothing"
    assert site.update(text, ada, address).get_json()["added"] == 0
    address = f"/update?using-graph-uri={EX}atlas"
    assert site.update(text, ada, address).get_json()["added"] == 1
    named = "INSERT { GRAPH ex:new { ?g ex:g 1 } } WHERE { GRAPH ?g { ?s ?p ?o } }"
    address = f"/update?using-named-graph-uri={EX}atlas"
    assert site.update(named, ada, address).get_json()["added"] == 1
    assert site.update(f"WITH ex:atlas {text}", ada, address).status_code == 400


def test_an_update_that_changes_nothing_makes_no_version(site, ada):
    assert site.update(INSERT, ada).get_json()["version"] == 2
    again = site.update(INSERT, ada)
    assert again.status_code == 200
    assert (again.get_json()["version"], again.get_json()["added"]) == (2, 0)


@pytest.mark.parametrize(
    ("body", "options", "status"),
    [
        ("", {}, 400),
        ("CLEAR XYZ", {}, 400),
        ("SELECT * { ?s ?p ?o }", {}, 400),
        ("LOAD <http://127.0.0.1:9/x>", {}, 400),
        ("LOAD <file:///etc/passwd>", {}, 400),
        ("INSERT {} WHERE { SERVICE <http://127.0.0.1:9/> { ?s ?p ?o } }", {}, 400),
        ("CLEAR GRAPH <https://w3id.org/exequatur/graph/log>", {}, 400),
        ("INSERT DATA { " + "[] <a:b> (" * 200 + " }", {}, 400),
        ("INSERT DATA { <a:a> <a:b> " + "[ <a:b> " * 200 + " }", {}, 400),
        ("CLEAR ALL", {"content_type": "text/plain"}, 415),
        ("CLEAR ALL", {"content_type": "application/sparql-query"}, 415),
        ("CLEAR ALL", {"content_type": None}, 415),
        ("CLEAR ALL", {"content_type": f"{UPDATE}; charset=utf-16"}, 415),
        ("CLEAR ALL", {"query_string": {"update": "CLEAR ALL"}}, 400),
        ("CLEAR ALL", {"query_string": {"message": "a\nb"}}, 400),
        ("CLEAR ALL", {"query_string": {"message": "x" * 501}}, 400),
        ("CLEAR ALL", {"query_string": {"using-graph-uri": "no iri"}}, 400),
        (b"CLEAR ALL # \xff", {}, 400),
        ("update=CLEAR+ALL&update=CLEAR+ALL", {"content_type": "form"}, 400),
        ("query=ASK+%7B%7D", {"content_type": "form"}, 400),
    ],
)
def test_what_is_no_update_or_not_allowed_is_refused(site, ada, body, options, status):
    form = "application/x-www-form-urlencoded"
    options = {"content_type": UPDATE, **options}
    if options["content_type"] == "form":
        options["content_type"] = form
    answer = site.client.post("/update", data=body, headers=ada, **options)
    assert answer.status_code == status, answer.text
    assert site.version == 1


def test_a_get_updates_nothing(site, ada):
    answer = site.client.get("/update?update=CLEAR+ALL", headers=ada)
    assert answer.status_code == 405
    assert "POST" in answer.headers["Allow"]
    assert site.version == 1


def test_a_body_that_is_too_large_or_compressed_is_refused(small_store):
    site = Site(small_store, max_body_bytes=1000)
    headers = site.token("write:*")
    assert site.update(f"{INSERT} #{'x' * 1000}", headers).status_code == 413
    packed = gzip.compress(f"{SPARQL}{INSERT}{' ' * 2000}".encode())
    headers["Content-Encoding"] = "gzip"
    answer = site.client.post(
        "/update", data=packed, headers=headers, content_type=UPDATE
    )
    assert answer.status_code == 413
    assert site.version == 1


CHAIN = "\n".join(f"ex:n{n} ex:within ex:n{n + 1} ." for n in range(1500))
"""From which more than a million triples follow."""


@pytest.mark.parametrize("verb", ["PUT", "POST"])
def test_judging_without_end_is_stopped_and_nothing_is_written(small_store, verb):
    site = Site(small_store, judging_seconds=0.3)
    headers = {**site.token("write:*"), **JSON}
    started = time.monotonic()
    answer = site.send(verb, "/graphs/chain", CHAIN, headers)
    assert time.monotonic() - started < 10
    assert answer.status_code == 422
    told = json.loads(answer.data)
    assert told["type"] == "/problems#judging-limit"
    assert "longer than 0.3 seconds" in told["detail"]
    assert site.version == 1
    tried = site.send("POST", "/validate", CHAIN, JSON)
    assert tried.status_code == 422
    assert site.send(verb, "/graphs/chain", "ex:a ex:b 1 .", headers).is_json
    assert site.version == 2


def test_who_would_wait_too_long_to_be_judged_is_sent_away(small_store):
    site = Site(small_store)
    headers = site.token("write:*")
    turns = site.client.application.extensions[EXTENSION].turns
    for _ in range(JUDGING):
        assert turns.acquire(blocking=False)
    for path in ("/update", "/validate"):
        answer = site.update(INSERT, headers, path)
        assert answer.status_code == 503
        assert int(answer.headers["Retry-After"]) > 0
    assert site.client.get("/status").status_code == 200
    turns.release()
    assert site.update(INSERT, headers).status_code == 200


def test_a_delete_that_would_leave_its_triple_standing_is_422(site, ada):
    site.update(INSERT, ada)
    answer = site.update("DELETE DATA { ex:weir a ex:Town }", {**ada, **JSON})
    assert answer.status_code == 422
    assert f"{EX}atlas" in json.loads(answer.data)["detail"]
    answer = site.update("DELETE DATA { ex:weir a ex:Place }", {**ada, **JSON})
    assert answer.status_code == 422
    assert "follows" in json.loads(answer.data)["detail"]
    assert site.version == 2


# --- rejections -------------------------------------------------------------------


def test_a_rejected_update_is_422_with_each_result(site, ada):
    answer = site.update(BAD, ada)
    assert answer.status_code == 422
    assert answer.mimetype == "application/problem+json"
    problem = json.loads(answer.data)
    assert problem["status"] == 422
    assert problem["type"] == "/problems#rejected"
    (result,) = problem["results"]
    assert result["focus"] == f"{EX}mill"
    assert result["shape"] == f"{EX}TownHasLabel"
    assert result["message"] == "Give the town a label."
    assert "label" in result["path"]
    assert result["line"] == SPARQL.count("\n") + 2
    assert {"value", "advice", "severity"} <= result.keys()
    assert site.version == 1


@pytest.mark.parametrize(
    "accept", ["text/turtle", "application/n-triples", "application/ld+json"]
)
def test_a_rejection_comes_as_a_report_in_rdf(site, ada, accept):
    answer = site.update(BAD, {**ada, "Accept": accept})
    assert answer.status_code == 422
    assert answer.mimetype == accept
    syntax = {"text/turtle": "turtle", "application/n-triples": "ntriples"}
    quads = parse_rdf(answer.data, by_name(syntax.get(accept, "jsonld")), source="")
    assert NamedNode(f"{SH}ValidationReport") in {quad.object for quad in quads}


def test_a_rejection_is_a_page_in_a_browser(site, ada):
    text = BAD.replace("ex:within", "rdfs:comment '<script>alert(1)</script>' ; ex:in")
    answer = site.update(text, {**ada, **BROWSER})
    assert answer.status_code == 422
    assert "Give the town a label." in answer.text
    assert "line 7" in answer.text
    assert "<script>" not in answer.text


@pytest.mark.parametrize("accept", ["application/sparql-results+json", "image/png"])
def test_a_rejection_is_told_whatever_is_accepted(site, ada, accept):
    answer = site.update(BAD, {**ada, "Accept": accept})
    assert answer.status_code == 422
    assert answer.mimetype == "application/problem+json"


def test_a_rejection_comes_as_sarif(site, ada):
    answer = site.update(BAD, {**ada, "Accept": "application/sarif+json"})
    assert answer.status_code == 422
    assert json.loads(answer.data)["runs"][0]["results"]


def test_an_update_is_validated_without_being_done(site):
    for text, conforms in ((INSERT, True), (BAD, False)):
        answer = site.update(text, {}, "/validate")
        assert answer.status_code == 200
        assert answer.get_json()["conforms"] is conforms
    assert site.update("CLEAR XYZ", {}, "/validate").status_code == 400
    assert site.version == 1


def test_a_browser_may_validate_an_update(site):
    form = {"data": SPARQL + BAD, "syntax": "update"}
    answer = site.client.post("/validate", data=form, headers=BROWSER)
    assert "They would not be accepted" in answer.text
    assert "Give the town a label." in answer.text
    assert site.version == 1


# --- conditions -------------------------------------------------------------------


def test_an_update_may_be_for_one_version_of_the_dataset(site, ada):
    tag = site.tag("/status")
    assert site.update(INSERT, {**ada, "If-Match": tag}).status_code == 200
    answer = site.update(
        "DELETE WHERE { GRAPH ex:atlas { ?s ?p ?o } }",
        {**ada, **JSON, "If-Match": tag},
        "/update?message=late",
    )
    assert answer.status_code == 412
    problem = json.loads(answer.data)
    assert problem["version"] == 2
    (since,) = problem["since"]
    assert (since["version"], since["agent"]) == (2, "Ada")
    assert any("Weir" in line for line in since["what"])
    assert site.version == 2
    again = site.update(
        "CLEAR GRAPH ex:atlas", {**ada, "If-Match": site.tag("/graphs")}
    )
    assert again.status_code == 200


@pytest.mark.parametrize("tag", ['"x"', '""', 'W/"x"', "x", '"x-1.y"', '"-"', ","])
def test_another_tag_is_412(site, ada, tag):
    assert site.update(INSERT, {**ada, "If-Match": tag}).status_code == 412
    assert site.version == 1


def test_a_weak_tag_is_no_match(site, ada):
    tag = f"W/{site.tag('/status')}"
    assert site.update(INSERT, {**ada, "If-Match": tag}).status_code == 412


def test_a_star_matches_what_is_there(site, ada):
    headers = {**ada, "If-Match": "*"}
    assert site.update(INSERT, headers).status_code == 200
    assert site.send("POST", ATLAS, "ex:a ex:b 1 .", headers).status_code == 200
    assert site.send("PUT", "/graphs/new", TOWN, headers).status_code == 412


def test_of_many_writers_with_one_tag_one_writes(small_store):
    site = Site(small_store)
    headers = {**site.token("write:*"), "If-Match": site.tag(ATLAS)}
    barrier = Barrier(6)

    def put(number):
        turtle = f"{TOWN} ex:weir ex:number {number} ."
        barrier.wait()
        return site.send("PUT", ATLAS, turtle, headers).status_code

    with ThreadPoolExecutor(6) as pool:
        statuses = sorted(pool.map(put, range(6)))
    assert statuses == [204, 412, 412, 412, 412, 412]
    assert site.version == 2


def test_no_addition_of_many_writers_is_lost(small_store):
    site = Site(small_store, wait_seconds=60)
    site.graph.store.wait_seconds = 60
    headers = site.token("write:*")

    def insert(number):
        text = f"INSERT DATA {{ GRAPH ex:n {{ ex:a ex:number {number} }} }}"
        return site.update(text, headers).status_code

    with ThreadPoolExecutor(4) as pool:
        assert set(pool.map(insert, range(12))) == {200}
    quads = site.graph.snapshot().quads(graph=NamedNode(f"{EX}n"))
    assert len(list(quads)) == 12


def test_a_script_of_another_site_may_ask_whether_it_may_write(site):
    answer = site.client.options("/graphs/x")
    allowed = answer.headers["Access-Control-Allow-Methods"]
    assert {"PUT", "PATCH", "DELETE"} <= set(allowed.replace(" ", "").split(","))
    headers = answer.headers["Access-Control-Allow-Headers"]
    assert "Authorization" in headers
    assert "If-Match" in headers
    assert "Access-Control-Allow-Credentials" not in answer.headers
