"""Faults between a server and its store: told, nothing half done, and over again."""

from __future__ import annotations

import gzip
import json
import socket
import struct
import threading
import time
from urllib.parse import quote, urlsplit

import pytest

from kg.errors import QueryLimitError, StoreError
from kg.graph import KnowledgeGraph
from kg.progress import silent
from kg.readers import Limits
from kg.readers.child import Reader
from kg.readers.messages import Ask, Read
from kg.remote import Place
from kg.remote.copying import copy_to
from kg.store import Store
from kg.stores import open_store
from kg.tokens import TokenFile
from kg.update import HOUSE
from tests.small_store import EX, PREFIXES, add
from tests.sparql_store import serving as serving_store
from tests.test_server_front import eventually
from tests.test_server_serve import serving
from tests.test_server_write_live import exchange
from tests.writing import TURTLE, bearer

ROWS = "/sparql?query=" + quote("SELECT * { ?s ?p ?o }")
GRAPH = "/sparql?query=" + quote("CONSTRUCT { ?s ?p ?o } { ?s ?p ?o }")
DUMP = f"/graphs?graph={EX}atlas"
PAGE = "/search?q=port"
WHOLE = b'{"head":{"vars":["record","s","p","o"]},"results":{"bindings":['
JSON = "application/sparql-results+json"


def cut(body, *, told):
    """Answer with *body* of a length that is *told* to be more, and leave."""

    def answering(handler):
        handler.send_response(200)
        handler.send_header("Content-Type", JSON)
        handler.send_header("Content-Length", str(len(body) + told))
        handler.end_headers()
        handler.wfile.write(body)
        handler.close_connection = True

    return answering


def chunked(handler):
    handler.send_response(200)
    handler.send_header("Content-Type", JSON)
    handler.send_header("Transfer-Encoding", "chunked")
    handler.end_headers()
    handler.wfile.write(b"%x\r\n%s\r\n" % (len(WHOLE), WHOLE))
    handler.close_connection = True


def reset(handler):
    linger = struct.pack("ii", 1, 0)
    handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
    handler.close_connection = True


def page(status):
    html = b"<!DOCTYPE html><title>Bad Gateway</title><h1>nginx</h1>"
    return lambda handler: handler.send(status, "text/html", html)


def elsewhere(handler):
    handler.send(302, "text/plain", b"", Location="http://127.0.0.1:1/")


def packed(handler):
    """Answer in gzip, of which something has cut off the end."""
    whole = gzip.compress(b'<urn:s> <urn:p> "o" .\n' * 99)[:-4]
    coded = {"Content-Encoding": "gzip"}
    handler.send(200, _wanted(handler), whole, **coded)


def unending(handler):
    """Answer with some lines under a length that is no number, and leave."""
    handler.send_response(200)
    handler.send_header("Content-Type", _wanted(handler))
    handler.send_header("Content-Length", "all")
    handler.end_headers()
    handler.wfile.write(b'<urn:s> <urn:p> "o" .\n' * 9)
    handler.close_connection = True


def foreign(handler):
    text = '<urn:s> <urn:p> "é" .\n'.encode("iso-8859-1")
    handler.send(200, f"{_wanted(handler)};charset=iso-8859-1", text)


def _wanted(handler):
    return handler.headers["Accept"].partition(",")[0].replace("*/*", "text/plain")


def moved(status):
    return lambda handler: handler.send(status, "text/plain", b"", Location="/there")


FAULTS = {
    "500": page(500),
    "502": page(502),
    "503": page(503),
    "504": page(504),
    "200 with a page": page(200),
    "redirect": elsewhere,
    "moved": moved(301),
    "sent on": moved(307),
    "sent on for good": moved(308),
    "too many": lambda handler: handler.send(
        429, "text/plain", b"slowly", **{"Retry-After": "7"}
    ),
    "cut off in gzip": packed,
    "cut off under a length that is none": unending,
    "in another character set": foreign,
    "401": lambda handler: handler.send(401, "text/plain", b"who asks?"),
    "garbled": lambda handler: handler.send(
        200, JSON, b"no gzip", **{"Content-Encoding": "gzip"}
    ),
    "reset": reset,
    "cut off": cut(WHOLE, told=99),
    "cut off, and that is its length": cut(WHOLE, told=0),
    "cut off between chunks": chunked,
    "nothing at all": cut(b"", told=0),
    "of another kind": lambda handler: handler.send(200, JSON, b'{"boolean": 7}'),
}


class Between:
    """A store whose answers to what *matches* are the *fault*."""

    def __init__(self, store):
        self.store = store
        self.fault = None
        self.matches = lambda _: True
        self.hits = 0
        store.answer = self._answer

    def _answer(self, handler, body):
        if self.fault is None or not self.matches((handler.path, body)):
            return False
        self.hits += 1
        self.fault(handler)
        return True

    def heal(self):
        self.fault = None
        self.matches = lambda _: True


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    from tests.small_store import build_small

    with serving_store() as server:
        local = Store(build_small(tmp_path_factory.mktemp("faults")))
        copy_to(local, Place.of(server.url), tell=silent)
        yield server


@pytest.fixture(scope="module")
def token(tmp_path_factory):
    path = tmp_path_factory.mktemp("tokens") / "tokens.json"
    return path, bearer(TokenFile(path).add("faults", ["write:*"]))


@pytest.fixture(scope="module")
def address(store, token):
    given = {
        "EXEQUATUR_TOKENS": str(token[0]),
        "EXEQUATUR_QUERY_SECONDS": "3",
        "EXEQUATUR_WAIT_SECONDS": "1",
        "EXEQUATUR_WAITING_QUERIES": "1",
    }
    with serving(store.url, **given) as (_, address):
        yield address


@pytest.fixture
def between(store):
    made = Between(store)
    yield made
    store.answer = None


def asked(*request):
    status, headers, body = exchange(*request)
    return status, headers, body.decode()


@pytest.fixture
def get(address, token):
    def getting(path, verb="GET", data=None, **headers):
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        given = {"Accept": "*/*", "Cache-Control": "no-cache", **named}
        return asked(address, verb, path, data, {**token[1], **given})

    return getting


def well(get, path):
    """Wait until *path* is answered as ever; return what."""
    until = time.monotonic() + 20
    while True:
        status, _, text = get(path)
        if status == 200 or time.monotonic() > until:
            assert status == 200, text
            return text
        time.sleep(0.1)


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS)
def test_an_answer_is_whole_or_a_problem(get, between, fault):
    for path in (ROWS, GRAPH, DUMP, PAGE):
        expected = well(get, path)
        between.fault = fault
        status, headers, text = get(path, Accept="application/problem+json, */*;q=0.5")
        assert between.hits
        assert status == 503, (path, status, text)
        assert headers["Retry-After"]
        assert "nginx" not in text
        assert "Traceback" not in text
        between.heal()
        assert well(get, path) == expected


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS)
def test_a_commit_is_done_or_not_as_is_told(get, between, fault):
    for number, is_done in enumerate((False, True)):
        town = f'ex:t{number} a ex:Town ; rdfs:label "T"@en ; ex:within ex:land .'
        name = f"{EX}faults/{number}"
        get(f"/graphs?graph={name}", "DELETE")
        before = version(get)

        def once(handler, is_done=is_done):
            between.heal()
            if is_done:
                between.store.engine.update(between.body)
            fault(handler)

        def of_commit(request):
            path, body = request
            between.body = body.decode()
            return path.endswith("/update")

        between.matches, between.fault, between.hits = of_commit, once, 0
        data = (PREFIXES + town).encode()
        path = f"/graphs?graph={name}"
        status, _, text = get(path, "PUT", data, Content_Type=TURTLE)
        assert between.hits == 1
        holds = well(
            get, "/sparql?query=" + quote(f"ASK {{ GRAPH <{name}> {{ ?s ?p ?o }} }}")
        )
        assert ("true" in holds) == (status == 201), (status, text, holds)
        assert version(get) == before + (status == 201)
        assert status in {201, 503}
        assert not is_done or status == 201


def version(get):
    return json.loads(well(get, "/status"))["version"]


def test_a_store_that_is_slow_is_waited_for_only_so_long(get, between):
    well(get, ROWS)
    free = threading.Event()
    between.fault = lambda handler: (free.wait(20), reset(handler))
    between.matches = lambda request: b"%3Fs+%3Fp+%3Fo" in request[1]
    try:
        status, _, text = get(ROWS)
        assert status in {422, 503}, text
        assert json.loads(well(get, "/status"))["version"] >= 1
    finally:
        free.set()
        between.heal()
    well(get, ROWS)


def test_a_store_that_drips_is_not_waited_for(get, between):
    free = threading.Event()

    def drip(handler):
        handler.send_response(200)
        handler.send_header("Content-Type", JSON)
        handler.send_header("Content-Length", "100000")
        handler.end_headers()
        handler.close_connection = True
        for byte in WHOLE * 20:
            handler.wfile.write(bytes([byte]))
            handler.wfile.flush()
            if free.wait(0.05):
                return

    between.fault = drip
    try:
        for path in (ROWS, PAGE, "/status"):
            status, _, text = get(path)
            assert status in {422, 503}, (path, text)
    finally:
        free.set()
        between.heal()
    well(get, PAGE)


@pytest.mark.parametrize(
    "asked",
    [
        Ask("SELECT ?slow { ?slow ?p ?o }", results="json", graph="turtle"),
        Read("INSERT { ?slow ?p 1 } WHERE { ?slow ?p ?o }", EX, (), (), HOUSE),
    ],
)
def test_a_reader_that_waits_to_the_limit_tells_of_the_limit(between, store, asked):
    """Its parent ends it then; whichever of the two is first, the same is told."""
    reader = Reader(store.url, Limits(1, 10**9, 10**7), None)
    free = threading.Event()
    between.matches = lambda request: b"slow" in request[1]
    between.fault = lambda handler: (free.wait(20), reset(handler))
    try:
        reply = reader.reply(asked)
    finally:
        free.set()
    assert isinstance(reply, QueryLimitError)
    assert reply.limit == "time"
    between.fault = page(503)
    assert isinstance(reader.reply(asked), StoreError)


def test_a_server_tells_that_its_store_is_not_there(get, between):
    well(get, "/status")
    eventually(lambda: "exequatur_store_up 1.0" in get("/metrics")[2])
    between.fault = reset
    eventually(lambda: "exequatur_store_up 0.0" in get("/metrics")[2])
    status, headers, text = get("/status", Accept="application/json")
    assert status == 503
    assert headers["Content-Type"] == "application/problem+json"
    assert "store" in json.loads(text)["detail"]
    between.heal()
    well(get, "/status")
    eventually(lambda: "exequatur_store_up 1.0" in get("/metrics")[2])


def test_what_is_cached_is_of_no_other_version(get, address, store, token):
    """Of a commit by another server a cache knows within a second."""
    path = f"/graphs?graph={EX}counted"
    given = {"EXEQUATUR_TOKENS": str(token[0])}
    with serving(store.url, **given) as (_, other):
        for number in range(3):
            data = f"{PREFIXES} ex:n ex:near ex:n{number} .".encode()
            headers = {**token[1], "Content-Type": TURTLE}
            assert asked(other, "PUT", path, data, headers)[0] in {201, 204}
            for _ in range(3):
                kept = {"Accept": "text/turtle"}
                status, found, text = asked(address, "GET", path, None, kept)
                assert status == 200
                assert f"n{number}" in text
            held = {"Accept": "text/turtle", "If-None-Match": found["ETag"]}
            assert asked(other, "GET", path, None, held)[0] == 304


class Moving:
    """Commits, before the store answers what has *text* in it, so many *times*."""

    def __init__(self, store, text, times):
        self.graph = KnowledgeGraph(open_store(store.url))
        self.text, self.left = text.encode(), times
        self.is_at_it = False
        store.answer = self

    def __call__(self, handler, body):
        if self.text not in body or self.is_at_it:
            return False
        if self.left:
            self.left -= 1
            self.is_at_it = True
            add(self.graph, f"ex:moved{time.monotonic_ns()} ex:near ex:land .")
            self.is_at_it = False
        return False


ALSO_MOVED = "/sparql?query=" + quote(
    "SELECT ?moved { GRAPH ?g { ?moved ?p ?o } } LIMIT 9999"
)


def test_a_tag_is_of_the_version_that_was_read(get, between, store):
    well(get, ALSO_MOVED)
    moving = Moving(store, "moved", 1)
    status, headers, text = get(ALSO_MOVED, Accept="text/csv")
    assert status == 200
    assert not moving.left
    now = moving.graph.snapshot().tag
    assert headers["ETag"].strip('"').startswith(f"{now}.")
    store.answer = None
    _, again, same = get(ALSO_MOVED, Accept="text/csv")
    assert (again["ETag"], same) == (headers["ETag"], text)


@pytest.mark.parametrize("path", [ALSO_MOVED, DUMP, PAGE])
def test_what_may_be_of_several_versions_is_kept_nowhere(get, between, store, path):
    well(get, path)
    text = "moved" if path is ALSO_MOVED else "ORDER" if path is PAGE else "atlas"
    moving = Moving(store, text, 9)
    status, headers, _ = get(path)
    assert status == 200
    assert moving.left < 9
    assert "ETag" not in headers
    assert headers["Cache-Control"] == "no-store"
    store.answer = None
    assert get(path)[1]["ETag"]


def test_connections_that_were_closed_meanwhile_do_no_harm(get, store, address):
    well(get, ROWS)
    port = urlsplit(store.url).port
    assert port
    store.close_connections()
    assert get(ROWS)[0] == 200
    store.close_connections()
    data = f"{PREFIXES} ex:n ex:near ex:kept .".encode()
    path = f"/graphs?graph={EX}kept"
    assert get(path, "PUT", data, Content_Type=TURTLE)[0] in {201, 204}
