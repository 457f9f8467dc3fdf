"""What every answer has: headers, validators, a log line; and errors in three forms."""

from __future__ import annotations

import io
import json
import logging
from dataclasses import replace

import pytest

from kg.change import read_change
from kg.config import Settings
from kg.errors import (
    OverloadError,
    StoreDamagedError,
    StoreRefusedError,
    StoreUnreachableError,
)
from kg.formats import by_name
from kg.graph import KnowledgeGraph
from kg.readers import Readers
from server import logs
from server.app import create_app

BROWSER = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
PATHS = ["/", "/queries", "/queries/meetings", "/sparql?query=ASK{}", "/doc/kenya",
         "/ontology", "/graphs", "/search?q=kenya"]  # fmt: skip


@pytest.fixture(scope="module")
def app(graph, settings):
    return create_app(graph, settings)


@pytest.fixture(scope="module")
def client(app):
    return app.test_client()


@pytest.fixture
def lines():
    stream = io.StringIO()
    logger = logging.getLogger(logs.LOGGER)
    before = (logger.handlers, logger.level, logger.propagate)
    logs.configure(stream=stream)
    yield lambda: stream.getvalue().splitlines()
    logger.handlers, level, logger.propagate = before
    logger.setLevel(level)


# --- headers ----------------------------------------------------------------------


@pytest.mark.parametrize("path", [*PATHS, "/nothing", "/static/site.css"])
def test_every_answer_is_safe_to_show_and_to_read_from_elsewhere(client, path):
    with client.get(path) as answer:
        headers = answer.headers
    policy = headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    is_page = headers["Content-Type"].startswith("text/html")
    assert ("script-src 'self'" in policy) is is_page
    assert policy.count("script-src") == is_page
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Access-Control-Allow-Origin"] == "*"
    assert "ETag" in headers["Access-Control-Expose-Headers"]


@pytest.mark.parametrize("path", PATHS)
def test_what_is_negotiated_says_so(client, path):
    assert "Accept" in client.get(path).headers["Vary"]


def test_a_browser_may_ask_before_it_posts(client):
    answer = client.options(
        "/validate",
        headers={
            "Origin": "https://example.org",
            "Access-Control-Request-Method": "POST",
            "Access-Control-Request-Headers": "content-type",
        },
    )
    assert answer.status_code == 200
    assert "POST" in answer.headers["Access-Control-Allow-Methods"]
    assert "Content-Type" in answer.headers["Access-Control-Allow-Headers"]
    assert int(answer.headers["Access-Control-Max-Age"]) > 0


def test_a_request_has_an_id_of_its_own_or_the_one_it_brings(client):
    made = {client.get("/status").headers["X-Request-Id"] for _ in range(3)}
    assert len(made) == 3
    for given, kept in (("abc-1", True), ("a b", False), ("x" * 65, False)):
        answer = client.get("/status", headers={"X-Request-Id": given})
        assert (answer.headers["X-Request-Id"] == given) is kept


# --- validators -------------------------------------------------------------------


@pytest.mark.parametrize("path", PATHS)
def test_what_the_client_has_is_not_sent_again(client, path):
    first = client.get(path)
    again = client.get(path, headers={"If-None-Match": first.headers["ETag"]})
    assert again.status_code == 304
    assert again.data == b""
    assert "Content-Type" not in again.headers
    assert again.headers["ETag"] == first.headers["ETag"]
    assert again.headers["Vary"] == first.headers["Vary"]
    other = client.get(path, headers={"If-None-Match": '"other"'})
    assert other.data == first.data


def test_not_being_sent_again_leaves_a_page_the_policy_it_has(client):
    first = client.get("/queries/posts-of-state", headers=BROWSER)
    tag = {**BROWSER, "If-None-Match": first.headers["ETag"]}
    again = client.get("/queries/posts-of-state", headers=tag)
    assert again.status_code == 304
    assert "script-src 'self'" in first.headers["Content-Security-Policy"]
    assert "Content-Security-Policy" not in again.headers


def test_a_tag_is_found_among_others_and_a_star_is_any(client):
    tag = client.get("/graphs").headers["ETag"]
    many = client.get("/graphs", headers={"If-None-Match": f'"x", W/{tag}'})
    assert many.status_code == 304
    any_one = client.get("/graphs", headers={"If-None-Match": "*"})
    assert (any_one.status_code, any_one.data) == (304, b"")
    assert any_one.headers["ETag"] == tag
    assert "Content-Type" not in any_one.headers
    assert client.get("/nothing", headers={"If-None-Match": "*"}).status_code == 404


@pytest.mark.parametrize("path", ["/status", "/metrics", "/status?format=json"])
@pytest.mark.parametrize("verb", ["GET", "HEAD"])
def test_what_changes_with_every_request_has_its_conditions_too(client, path, verb):
    def status(**conditions):
        given = {name.replace("_", "-"): value for name, value in conditions.items()}
        return client.open(path, method=verb, headers=given).status_code

    assert status(If_None_Match="*") == 304
    assert status(If_None_Match='"x"') == status(If_Match="*") == 200
    assert status(If_Match='"x"') == status(If_Match='"x"', If_None_Match="*") == 412


@pytest.mark.parametrize("verb", ["GET", "HEAD"])
def test_what_is_not_as_the_client_takes_it_to_be_is_412(client, verb):
    def status(path="/graphs", **conditions):
        given = {name.replace("_", "-"): value for name, value in conditions.items()}
        return client.open(path, method=verb, headers=given).status_code

    tag = client.get("/graphs").headers["ETag"]
    assert status(If_Match=tag) == status(If_Match="*") == 200
    assert status(If_Match=f'"x", {tag}') == 200
    assert status(If_Match='"x"') == status(If_Match=f"W/{tag}") == 412
    assert status(If_Match='"x"', If_None_Match=tag) == 412
    assert status(If_Match=tag, If_None_Match=tag) == 304
    assert status("/nothing", If_Match='"x"') == 404


@pytest.mark.parametrize(
    ("asked", "status", "told"),
    [
        ("bytes=0-3", 206, "bytes 0-3/{}"),
        ("bytes=9999999-", 416, "bytes */{}"),
        ("bytes=0-3,6-9", 200, None),
    ],
)
def test_a_part_of_a_file_is_sent_or_its_length_is_told(client, asked, status, told):
    with client.get("/static/site.css") as whole:
        length = len(whole.data)
    with client.get("/static/site.css", headers={"Range": asked}) as answer:
        assert answer.status_code == status
        assert answer.headers.get("Content-Range") == (told and told.format(length))


def test_a_file_that_is_not_as_asked_is_told_and_not_sent(client):
    with client.get("/static/site.css", headers={"If-Match": '"x"'}) as answer:
        assert (answer.status_code, answer.mimetype) == (412, "text/plain")
        assert "ETag" not in answer.headers


def test_another_request_or_representation_has_another_tag(client):
    tags = [
        client.get(path, headers={"Accept": accept}).headers["ETag"]
        for path in ("/queries/meetings", "/queries/meetings?format=csv", "/doc/kenya")
        for accept in ("*/*", "text/html")
    ]
    assert len(set(tags)) == len(tags)


def test_errors_and_posts_have_no_tag(client):
    assert "ETag" not in client.get("/nothing").headers
    posted = client.post("/sparql", data={"query": "ASK {}"})
    assert "ETag" not in posted.headers
    assert posted.headers["Cache-Control"] == "no-store"


def test_a_new_version_has_another_tag_and_is_seen_at_once(own_graph):
    client = create_app(own_graph, Settings()).test_client()
    before = client.get("/doc/kenya.ttl")
    data = b'<https://w3id.org/exequatur/id/kenya> <http://www.w3.org/2004/02/skos/core#altLabel> "Jamhuri"@en .'  # noqa: E501
    change = read_change(data, by_name("turtle"), source="test")
    verdict, version = own_graph.add(change, agent="test", message="an alias")
    assert verdict.accepted
    assert client.get("/status").get_json()["version"] == version
    after = client.get(
        "/doc/kenya.ttl", headers={"If-None-Match": before.headers["ETag"]}
    )
    assert after.status_code == 200
    assert "Jamhuri" in after.text


# --- errors -----------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/nothing", "/id/nothing", "/queries/nothing"])
def test_an_error_is_told_in_the_client_s_form(client, path):
    page = client.get(path, headers=BROWSER)
    assert page.mimetype == "text/html"
    for accept in (None, "*/*"):
        text = client.get(path, headers={"Accept": accept} if accept else {})
        assert text.mimetype == "text/plain"
        assert text.text.startswith("404 Not Found\n")
    for accept in ("application/json", "text/turtle", "text/csv, */*;q=0.1"):
        told = client.get(path, headers={"Accept": accept})
        assert told.mimetype == "application/problem+json"
        members = json.loads(told.data)
        assert members["status"] == 404
        assert members["instance"].endswith(told.headers["X-Request-Id"])


def broken(error):
    class Broken(KnowledgeGraph):
        def snapshot(self):
            raise error

    return Broken


def client_of(graph, settings, error):
    return create_app(broken(error)(graph.store, graph.queries), settings).test_client()


def test_a_fault_is_500_and_tells_nothing_of_the_inside(graph, settings, lines):
    client = client_of(graph, settings, ZeroDivisionError("a secret"))
    for headers in (BROWSER, {}, {"Accept": "application/json"}):
        answer = client.get("/status", headers=headers)
        assert answer.status_code == 500
        assert "secret" not in answer.text
        assert "Traceback" not in answer.text
        assert answer.headers["X-Request-Id"] in answer.text
        failure, request = lines()[-2:]
        assert "error unexpected" in failure
        assert "a secret" in failure
        assert answer.headers["X-Request-Id"] in failure
        assert "status=500" in request


def test_a_store_that_cannot_be_read_is_503_without_its_place(graph, settings, lines):
    error = StoreDamagedError("version 3 is not there", where="/srv/kg")
    client = client_of(graph, settings, error)
    for headers in (BROWSER, {}, {"Accept": "application/json"}):
        answer = client.get("/", headers=headers)
        assert answer.status_code == 503
        assert "/srv/kg" not in answer.text
        assert int(answer.headers["Retry-After"]) > 0
    assert any("/srv/kg" in line and "traceback=" in line for line in lines())
    with client.get("/static/site.css") as answer:
        assert answer.status_code == 200


@pytest.mark.parametrize("kind", [StoreUnreachableError, StoreRefusedError])
def test_a_store_out_of_reach_is_a_short_line_each_time(graph, settings, lines, kind):
    client = client_of(graph, settings, kind("no answer", where="http://store.example"))
    for _ in range(2):
        answer = client.get("/", headers={"X-Request-Id": "mine"})
        assert answer.status_code == 503
        assert "store.example" not in answer.text
        warning, _ = lines()[-2:]
        told = ' warning unavailable id=mine told="http://store.example: no answer"'
        assert warning.endswith(told)


def test_overload_is_503_and_says_when_to_come_again(graph, settings):
    class Busy(Readers):
        def __init__(self):
            """Hold no processes."""

        def query(self, *_, **__):
            raise OverloadError("too many queries are waiting")

    app = create_app(graph, settings, readers=Busy())
    answer = app.test_client().get("/sparql?query=ASK{}")
    assert answer.status_code == 503
    assert "too many" in answer.text
    assert int(answer.headers["Retry-After"]) > 0


def test_the_limit_of_a_body_is_told(graph, settings):
    client = create_app(graph, replace(settings, max_body_bytes=10)).test_client()
    for path in ("/validate", "/sparql"):
        answer = client.post(path, data="x" * 100, content_type="text/turtle")
        assert answer.status_code == 413
        assert "10 bytes" in answer.text


# --- logs -------------------------------------------------------------------------


def test_each_request_is_one_line_with_its_id(client, lines):
    answer = client.get("/queries/meetings", headers={"Accept": "text/csv"})
    (line,) = lines()
    assert f"id={answer.headers['X-Request-Id']}" in line
    assert "method=GET path=/queries/meetings status=200 type=text/csv" in line


def test_a_request_cannot_write_lines_of_its_own(client, lines):
    client.get("/nothing%0A2026%20info%20request")
    assert len(lines()) == 1


def test_what_is_asked_is_not_logged(client, lines):
    client.get("/search?q=private")
    assert "private" not in "".join(lines())
