"""Queries answered in the event loop: byte for byte as the application would."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import signal
import time
from dataclasses import replace
from functools import partial
from types import SimpleNamespace
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kg.config import Settings
from kg.folder import mark
from kg.graph import KnowledgeGraph
from kg.readers import Here, Limits, Readers
from server.app import create_app
from server.arrivals import Arrivals
from server.cache import Cache
from server.context import EXTENSION
from server.front import Front
from server.quick import LONGEST, Quick
from server.responses import PROBLEM
from server.wsgi import call, environment
from tests.test_gate import PERSON, change, iri

TABLE = "SELECT ?s ?name { ?s <http://www.w3.org/2000/01/rdf-schema#label> ?name }"
LOOKUP = "SELECT ?p ?o { <http://example.org/port> ?p ?o }"
GRAPH = "CONSTRUCT WHERE { ?s a <http://example.org/Town> }"
RUNAWAY = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }"
FORM = "application/x-www-form-urlencoded"
QUERY = "application/sparql-query"
HOST = {"host": "graph.example"}
JSON = {**HOST, "accept": "application/sparql-results+json"}
TOKEN = f"exqt_{'a' * 43}"


class Protocol:
    """Takes an answer as granian does."""

    def __init__(self, body=b"", leaves=False):
        self.answer = None
        self._pieces = iter([body] if body else [])
        self._leaves = leaves

    def __aiter__(self):
        return self

    async def __anext__(self):
        for piece in self._pieces:
            return piece
        raise StopAsyncIteration

    async def client_disconnect(self):
        if not self._leaves:
            await asyncio.sleep(3600)

    def response_bytes(self, status, headers, body):
        self.answer = (int(status), headers, body)

    def response_empty(self, status, headers):
        self.answer = (int(status), headers, b"")


class Server:
    """A front, and how often its application was called."""

    def __init__(self, store, spool, **limits):
        graph = KnowledgeGraph.open(replace(Settings(), store=store))
        known = {"seconds": 20, "memory_bytes": 3_000_000_000, "answer_bytes": 10**7}
        version = partial(mark, store / "current")
        self.here = Here(graph.snapshot)
        self.readers = Readers(
            store, 1, Limits(**{**known, **limits}), slow=1, here=self.here
        )
        self.app = create_app(graph, Settings(store=store), readers=self.readers)
        self.calls = 0
        self.spool = spool
        self.cache = Cache(10**7, version)
        self.front = Front(
            self._counted,
            self.cache,
            Quick(self.app.extensions[EXTENSION], self.readers),
            threads=30,
            waiting=30,
            arrivals=Arrivals(10**6, 5),
            spool=spool,
        )
        self.readers.query("ASK {}").close()  # one has started by now

    def _counted(self, environ, start):
        self.calls += 1
        return self.app(environ, start)

    async def exchange(self, scope, body=b"", *, leaves=False):
        protocol: Any = Protocol(body, leaves)
        await self.front.__rsgi__(scope, protocol)
        return protocol.answer

    def answer(self, scope, body=b""):
        """Return the answer of the front."""
        return asyncio.run(self.exchange(scope, body))

    def of_application(self, scope, body=b""):
        """Return the answer of the application alone."""
        environ = environment(scope, scope.headers, body, lambda: False)
        reply = call(self.app, environ, self.spool)
        return reply.status, reply.headers, reply.body


@pytest.fixture(scope="module")
def server(small_store_built, tmp_path_factory):
    found = Server(small_store_built, tmp_path_factory.mktemp("spool"))
    yield found
    found.readers.close()


@pytest.fixture
def serving(tmp_path):
    """Make servers of other stores, or with other limits, and end them afterwards."""
    made = []

    def making(store, **limits):
        made.append(Server(store, tmp_path, **limits))
        return made[-1]

    yield making
    for one in made:
        one.readers.close()


def scope(method="GET", path="/sparql", fields=JSON, body=b"", **parameters):
    length = {"content-length": str(len(body))} if body else {}
    return SimpleNamespace(
        method=method,
        path=path,
        query_string=urlencode(parameters, doseq=True),
        headers={**fields, **length},
        http_version="1.1",
        scheme="http",
        client="127.0.0.1:5000",
        authority=None,
    )


def without_id(answer):
    """Return *answer* with the same for the id of any request."""
    status, headers, body = answer
    named = dict(headers)["x-request-id"].encode()
    kept = sorted(h for h in headers if h[0] != "x-request-id")
    return status, kept, body.replace(named, b"(the id)")


def assert_same(server, asked, body=b""):
    """See to it that the front answers as the application does; tell if it did so."""
    before = server.calls
    asked.headers["cache-control"] = "no-cache"
    found = server.answer(asked, body)
    assert without_id(found) == without_id(server.of_application(asked, body))
    return server.calls == before


QUICKLY = {
    "a table": scope(query=TABLE),
    "a look-up": scope(query=LOOKUP),
    "a look-up, packed": scope(
        query=LOOKUP, fields={**JSON, "accept-encoding": "gzip"}
    ),
    "a look-up for a graph": scope(
        query="CONSTRUCT WHERE { <http://example.org/port> ?p ?o }", fields=HOST
    ),
    "a look-up of nothing": scope(query="ASK { <urn:none> a ?x }", format="xml"),
    "csv by the header": scope(query=TABLE, fields={**HOST, "accept": "text/csv"}),
    "csv by name": scope(query=TABLE, format="csv"),
    "for spreadsheets": scope(query=TABLE, format="spreadsheet"),
    "another name": scope(query=TABLE, fields={**HOST, "accept": "application/json"}),
    "no Accept": scope(query=TABLE, fields=HOST),
    "gzip": scope(query=TABLE, fields={**JSON, "accept-encoding": "gzip"}),
    "br": scope(query=TABLE, fields={**JSON, "accept-encoding": "gzip, br"}),
    "long and packed": scope(
        query="SELECT * { ?s ?p ?o }", fields={**JSON, "accept-encoding": "br"}
    ),
    "yes or no": scope(query="ASK {}"),
    "a graph": scope(query=GRAPH, fields={**HOST, "accept": "text/turtle"}),
    "JSON-LD": scope(query=GRAPH, format="jsonld"),
    "a dataset": scope(
        query=TABLE, **{"default-graph-uri": "http://example.org/atlas"}
    ),
    "two graphs": scope(query=TABLE, **{"named-graph-uri": ["urn:a", "urn:b"]}),
    "less time": scope(query=TABLE, timeout="5"),
    "other letters": scope(query='SELECT ("é\u2028ß" AS ?x) {}'),
    "an id": scope(query=TABLE, fields={**JSON, "x-request-id": "mine"}),
    "an origin": scope(query=TABLE, fields={**JSON, "origin": "http://elsewhere"}),
}
NOT_QUICKLY = {
    "no query": scope(),
    "no such format": scope(query=TABLE, format="bogus"),
    "not acceptable": scope(query=TABLE, fields={**HOST, "accept": "image/png"}),
    "a graph as a table": scope(query=GRAPH, fields={**HOST, "accept": "text/csv"}),
    "a page": scope(query=TABLE, fields={**HOST, "accept": "text/html"}),
    "not SPARQL": scope(query="SELECT nonsense"),
    "SERVICE": scope(query="SELECT * { SERVICE <http://127.0.0.1/> { ?s ?p ?o } }"),
    "no graph's name": scope(query=TABLE, **{"default-graph-uri": "no iri"}),
    "two queries": scope(query=[TABLE, "ASK {}"]),
    "an update": scope(update="CLEAR ALL"),
    "no time": scope(query=TABLE, timeout="soon"),
    "too long": scope(query=f"ASK {{}} # {'x' * LONGEST}"),
    "no host": scope(query=TABLE, fields={"accept": "text/csv"}),
    "no name of a host": scope(query=TABLE, fields={**JSON, "host": "a b"}),
    "a token in the query": scope(query=f"ASK {{}} # {TOKEN}"),
    "a token beside it": scope(query=TABLE, more=quote(TOKEN.replace("_", "%5F"))),
    "a token by its name": scope(query=TABLE, Access_Token="x"),  # noqa: S106
    "what the client holds": scope(
        query=TABLE, fields={**JSON, "if-none-match": '"a"'}
    ),
    "a preference": scope(query=TABLE, fields={**JSON, "prefer": "wait=3"}),
    "HEAD": scope("HEAD", query=TABLE),
    "DELETE": scope("DELETE", query=TABLE),
    "another address": scope(path="/queries/none", query=TABLE),
}


@pytest.mark.parametrize("asked", QUICKLY.values(), ids=QUICKLY)
def test_a_plain_query_is_answered_without_the_application(server, asked):
    assert assert_same(server, asked)


@pytest.mark.parametrize("asked", NOT_QUICKLY.values(), ids=NOT_QUICKLY)
def test_all_else_is_the_application_s(server, asked):
    before = server.calls
    asked.headers["cache-control"] = "no-cache"
    found = server.answer(asked)
    assert server.calls == before + 1
    assert without_id(found) == without_id(server.of_application(asked))


@pytest.mark.parametrize(
    ("content_type", "body", "quick"),
    [
        (QUERY, TABLE, True),
        (QUERY, GRAPH, True),
        (FORM, urlencode({"query": TABLE, "format": "csv"}), True),
        (f"{QUERY}; charset=utf-8", TABLE, True),
        (f"{QUERY}; charset=utf-16", TABLE, False),
        ("application/sparql-update", "CLEAR ALL", False),
        ("text/plain", TABLE, False),
        (FORM, "query=", False),
    ],
)
def test_a_query_by_post_is_answered_likewise(server, content_type, body, quick):
    fields = {**HOST, "accept": "*/*;q=0.5", "content-type": content_type}
    asked = scope("POST", fields=fields, body=body.encode())
    if quick:
        assert assert_same(server, asked, body.encode())
    else:
        before = server.calls
        status, *_ = server.answer(asked, body.encode())
        assert (server.calls, status >= 400) == (before + 1, True)


TYPES = st.sampled_from(
    ["text/csv", "text/turtle", "application/json", "text/html", "*/*", "text/*",
     "application/ld+json", "image/png", "application/sparql-results+xml"]
)  # fmt: skip
RANGES = st.builds(
    "{};q={}".format, TYPES, st.sampled_from(["1", "0.5", "0", "0.301", "x"])
)
CODINGS = st.sampled_from(["", "gzip", "br;q=0.1, gzip", "identity, *;q=0", "deflate"])


@settings(
    max_examples=100,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    query=st.sampled_from([TABLE, GRAPH, "ASK { ?s ?p 1 }", "DESCRIBE <urn:x>"]),
    accepted=st.lists(RANGES, max_size=3).map(", ".join),
    coding=CODINGS,
    named=st.sampled_from([None, None, "", "csv", "turtle", "text/n3", "html", "odd"]),
)
def test_whatever_a_client_accepts_it_gets_the_same(
    server, query, accepted, coding, named
):
    fields = {**HOST, "accept": accepted, "accept-encoding": coding}
    more = {} if named is None else {"format": named}
    asked = scope(query=query, fields=fields, **more)
    asked.headers["cache-control"] = "no-cache"
    asked.headers["x-request-id"] = "mine"  # packed bodies cannot be told apart by it
    assert without_id(server.answer(asked)) == without_id(server.of_application(asked))


def test_the_answer_is_kept_for_others(server):
    asked = scope(query="SELECT (7 AS ?kept) {}")
    first, entries = server.answer(asked), len(server.cache)
    assert entries > 0
    assert without_id(server.answer(asked)) == without_id(first)
    held = {**JSON, "if-none-match": dict(first[1])["etag"]}
    assert server.answer(scope(query="SELECT (7 AS ?kept) {}", fields=held))[0] == 304


def test_the_loop_goes_on_while_readers_work(server):
    """As many as the readers are asked at once, and each gets its own answer."""

    async def all_at_once():
        texts = [f"SELECT ({number} AS ?n) {{}}" for number in range(20)]
        asked = [server.exchange(scope(query=text, format="csv")) for text in texts]
        return await asyncio.gather(*asked)

    before = server.calls
    bodies = [body for _, _, body in asyncio.run(all_at_once())]
    assert bodies == [f"n\r\n{number}\r\n".encode() for number in range(20)]
    assert server.calls == before


def opened(server):
    until = time.monotonic() + 30
    while server.here.snapshot(server.cache.version()) is None:
        assert time.monotonic() < until
        time.sleep(0.01)


def test_a_lookup_needs_no_reader(server, monkeypatch):
    opened(server)
    monkeypatch.setattr("kg.readers.job.Job.begin", None)
    monkeypatch.setattr("kg.readers.job.Job.call", None)
    before = server.calls
    assert b"Port" in server.answer(scope(query=LOOKUP, format="csv"))[2]
    assert server.calls == before


def test_a_lookup_reads_the_version_that_is_published(own_store, serving):
    server = serving(own_store)
    opened(server)
    graph = KnowledgeGraph.open(replace(Settings(), store=own_store))
    asked = scope(query=f"SELECT ?o {{ {iri('ada-envoy')} ?p ?o }}", format="csv")
    assert server.answer(asked)[2] == b"o\r\n"
    graph.add(change(PERSON), agent="t", message="")
    for _ in range(2):  # by a reader while this process opens it, and then here
        assert server.answer(asked)[2].count(b"\r\n") > 1
        opened(server)


def test_a_query_that_takes_long_goes_on_elsewhere(shipped_store, serving, caplog):
    server = serving(shipped_store, seconds=1.5)
    long = scope(query=RUNAWAY, fields=HOST)

    async def beside_each_other():
        first = asyncio.create_task(server.exchange(long))
        await asyncio.sleep(0.6)
        began = time.monotonic()
        second = await server.exchange(scope(query="ASK {}"))
        return second, time.monotonic() - began, await first

    with caplog.at_level(logging.INFO, logger="exequatur"):
        quick, seconds, (status, _, body) = asyncio.run(beside_each_other())
    took = {line.fields["status"]: line.fields["ms"] for line in caplog.records}
    assert took[422] > 1_450  # with what it took before the application was called
    assert quick[0] == 200
    assert seconds < 1.4
    assert (status, b"longer than 1.5 seconds" in body) == (422, True)
    assert (server.readers.quick.running, server.readers.slow.running) == (0, 0)


def test_a_reader_that_ends_is_replaced(server):
    for process in server.readers.processes():
        os.kill(process.pid, signal.SIGKILL)
    asked = scope(query="SELECT (8 AS ?n) {}", format="csv")
    assert server.answer(asked)[2] == b"n\r\n8\r\n"
    assert server.readers.quick.running == 0


def test_too_many_are_turned_away(small_store_built, serving):
    server = serving(small_store_built, waiting=1)

    async def all_at_once():
        texts = [f"SELECT ({number} AS ?n) {{}}" for number in range(6)]
        return await asyncio.gather(*(server.exchange(scope(query=t)) for t in texts))

    found = sorted(status for status, *_ in asyncio.run(all_at_once()))
    assert found[:2] == [200, 200]
    assert found[-1] == 503
    assert server.readers.counts.reasons["overload"] >= 1
    assert server.readers.quick.running == server.readers.quick.queued == 0


def test_nothing_stays_at_work_where_the_application_asks_for_nothing(server):
    """The application refuses a request whose query was asked before already."""
    started = []

    def refusing(environ, start):
        started.append("exequatur.asked" in environ)
        start("403 Forbidden", [])
        return [b""]

    app, server.app = server.app, refusing
    try:
        status, *_ = server.answer(scope(query=GRAPH, fields={**HOST, "accept": "x/y"}))
        assert (status, started) == (403, [False])  # nothing was asked
        status, *_ = server.answer(
            scope(query=GRAPH, fields={**HOST, "accept": "text/csv"})
        )
        assert (status, started) == (403, [False, True])
    finally:
        server.app = app
    assert server.readers.quick.running == 0
    assert server.answer(scope(query="ASK {}"))[0] == 200


@pytest.mark.parametrize("name", ["read", "written"])
def test_a_fault_of_this_program_is_told_as_one(server, monkeypatch, caplog, name):
    """On the quick way too: a problem document, and a traceback in the log."""

    def fault(*_):
        raise ZeroDivisionError

    monkeypatch.setattr(Quick, name, fault)
    opened(server)
    asked = scope(query=LOOKUP.replace("?p", "?fault"))
    asked.headers["x-request-id"] = "mine"
    with caplog.at_level(logging.INFO, logger="exequatur"):
        status, headers, body = server.answer(asked)
    problem = json.loads(body)
    assert (status, dict(headers)["content-type"]) == (500, PROBLEM)
    assert problem["type"].endswith("/problems#unexpected")
    assert "mine" in problem["instance"]
    failures = [line for line in caplog.records if line.exc_info]
    assert [line.fields["id"] for line in failures] == ["mine"]
    assert failures[0].exc_info[0] is ZeroDivisionError
    assert server.readers.quick.running == 0
