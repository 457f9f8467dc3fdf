"""Attacks by addresses and heads: paths that climb, headers that break, hosts."""

from __future__ import annotations

import http.client
import itertools
import socket
from urllib.parse import quote, urlencode, urlsplit

import pytest

from kg.terms import BASE
from tests.small_store import EX
from tests.test_server_serve import fetch, serving
from tests.writing import TOWN, UPDATE, Site

# --- paths ------------------------------------------------------------------------

DOTS = ("..", "%2e%2e", "%2E.", ".%2e", "%252e%252e", "..%00", "..;", "%c0%ae%c0%ae",
        "%uff0e%uff0e", "．．")  # fmt: skip
SLASHES = ("/", "%2f", "%5c", "\\", "%252f", "//", "%c0%af", "／")
TARGETS = ("etc/passwd", "pyproject.toml", "server/app.py", "exequatur-tokens.json",
           "store/current")  # fmt: skip
PLACES = ("static/", "doc/", "id/", "graphs/", "queries/", "query/", "kinds/", "dump.",
          "ontology.", "ontology/", "claim/", "source/", "graph/", "timemap/doc/",
          ".well-known/", "")  # fmt: skip
SECRETS = (b"root:", b"[project]", b"create_app", b"digest", b"Traceback")
ABSOLUTE = ("/etc/passwd", "%2fetc%2fpasswd", "file:///etc/passwd", "C:%5cx", "~/x",
            "%00/etc/passwd", "kenya%00.ttl", "CON", ".git/config", "")  # fmt: skip


@pytest.fixture(scope="module")
def address(small_store_built):
    with serving(small_store_built) as (_, address):
        yield address


def raw(address, sent, *, ends=False):
    """Send bytes as they are; return all that comes back until the server closes.

    With *ends* nothing more is sent after them, and the server sees that.
    """
    parts = urlsplit(address)
    with socket.create_connection((parts.hostname, parts.port), timeout=20) as there:
        there.sendall(sent)
        if ends:
            there.shutdown(socket.SHUT_WR)
        found = b""
        while part := there.recv(65536):
            found += part
    return found


def lines(*head):
    return "\r\n".join([*head, "", ""]).encode()


@pytest.mark.parametrize("place", PLACES)
def test_no_path_climbs_out_of_its_place(address, place):
    """Sent as they are: clients tend to tidy paths up."""
    climbing = [
        (dot + slash) * 6 + target
        for dot, slash in itertools.product(DOTS, SLASHES)
        for target in TARGETS[:1]
    ]
    climbing += [f"../../{target}" for target in TARGETS] + [*ABSOLUTE]
    head = "Host: x\r\n\r\n"
    sent = "".join(
        f"GET /{place}{path} HTTP/1.1\r\n{head}" for path in climbing if path
    )
    last = "GET /status HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
    found = raw(address, (sent + last).encode())
    assert found.endswith(b"}\n")
    assert b"HTTP/1.1 5" not in found
    for secret in SECRETS:
        assert secret not in found


@pytest.mark.parametrize(
    "path", ["../x", "a/../b", "./a", "a//b", "..", "%2e%2e/x", "."]
)
@pytest.mark.parametrize("verb", ["GET", "PUT", "POST", "PATCH", "DELETE"])
def test_no_graph_has_a_name_that_climbs(small_store, verb, path):
    site = Site(small_store)
    headers = site.token("write:*")
    answer = site.send(verb, f"/graphs/{path}", TOWN, headers)
    assert answer.status_code in (308, 400, 404, 405, 415)
    assert site.version == 1


def test_a_graph_is_known_by_its_name_alone(small_store):
    """No spelling of a path reaches a graph that a token does not cover."""
    site = Site(small_store)
    headers = site.token(f"write:{BASE}source/mine/*")
    for path in ("/graphs/source/mine/../yours", "/graphs/source/mine/%2e%2e/yours",
                 "/graphs/source/mine/..%2fyours", "/graphs/source/mine%2f../yours",
                 "/graphs/source//mine/a", "/graphs/Source/mine/a"):  # fmt: skip
        answer = site.send("PUT", path, "<urn:a> <urn:b> 1 .", headers)
        assert answer.status_code in (308, 400, 403), path
    climbing = quote(f"{BASE}source/mine/../yours", safe="")
    site.send("PUT", f"/graphs?graph={climbing}", "<urn:a> <urn:b> 1 .", headers)
    held = {quad.graph_name.value for quad in site.graph.snapshot().quads()
            if hasattr(quad.graph_name, "value")}  # fmt: skip
    assert f"{BASE}source/yours" not in held


@pytest.mark.parametrize("folder", ["templates", "vendor/..", "../templates", "%2e"])
def test_nothing_but_static_files_is_sent_as_one(address, folder):
    for name in ("base.html", "app.py", "../app.py", "__init__.py"):
        status, _, body = fetch(f"{address}static/{folder}/{name}")
        assert status == 404
        assert b"{%" not in body


# --- headers ----------------------------------------------------------------------

BREAKS = (
    "\r\nX-Evil: 1\r\n\r\n<script>",
    "\nX-Evil: 1",
    "\rX-Evil: 1",
    "\u560a\u560dX-Evil: 1",
    "\x0bX-Evil: 1",
    "\x85X-Evil: 1",
    "\u2028X-Evil: 1",
    "\x00",
)


def told(address, verb, path, **headers):
    parts = urlsplit(address)
    connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=20)
    connection.request(verb, path, headers=headers)
    answer = connection.getresponse()
    answer.read()
    connection.close()
    return answer


@pytest.mark.parametrize("text", BREAKS)
def test_no_parameter_of_any_address_breaks_a_header(address, text):
    """Of those that are repeated in Location, Link, ETag, Content-Location."""
    evil = quote(text, safe="")
    for path in (f"/id/{evil}", f"/id/port?version={evil}", f"/doc/x{evil}.ttl",
                 f"/doc/port?page={evil}", f"/graphs/{evil}", f"/dump?graph={evil}",
                 f"/graphs?graph={quote(EX)}{evil}", f"/timegate/doc/{evil}",
                 f"/queries/{evil}", f"/query/{evil}", f"/reconcile/view?id={evil}",
                 f"/doc//{evil}", f"/sparql?query=ASK%7B%7D&format={evil}",
                 f"/ontology/{evil}", f"/static/{evil}", f"/why?s={evil}&p=a&o=b",
                 f"/validate?format={evil}", f"/status?{evil}"):  # fmt: skip
        answer = told(address, "GET", path, Accept="text/turtle")
        assert answer.status < 500, path
        assert "X-Evil" not in answer.headers
        for name, value in answer.headers.items():
            assert not set("\r\n\0") & set(value), (path, name)


@pytest.mark.parametrize("text", BREAKS)
def test_what_the_graph_holds_breaks_no_header(small_store, text):
    """Names of graphs and things, messages of changes: none gets into a head so."""
    site = Site(small_store)
    headers = site.token("write:*")
    graph = f"{BASE}source/a{quote(text)}"
    turtle = f"<{graph}> <http://www.w3.org/2000/01/rdf-schema#label> 'a' ."
    sent = {"data": turtle, "content_type": "text/turtle", "headers": headers}
    made = site.client.put(f"/graphs?{urlencode({'graph': graph})}", **sent)
    assert made.status_code == 201
    told = f"/graphs?{urlencode({'graph': graph, 'message': text})}"
    assert site.client.delete(told, headers=headers).status_code in (200, 400)
    site.client.put(told.partition("&")[0], **sent)
    path = f"/doc/{graph.removeprefix(BASE).replace('%', '%25')}"
    for place in (made.headers["Location"], path, f"{path}.ttl"):
        answer = site.client.get(place)
        assert answer.status_code == 200, place
        for name, value in answer.headers.items():
            assert name != "X-Evil"
            assert value.isascii(), (name, value)
            assert value.isprintable(), (name, value)


@pytest.mark.parametrize("name", ["X-Request-Id", "Origin", "Accept", "Accept-Datetime",
                                  "If-None-Match", "Prefer", "Authorization", "Range",
                                  "Accept-Encoding", "Access-Control-Request-Headers",
                                  "X-Forwarded-Host", "Forwarded", "X-Original-URL",
                                  "X-Rewrite-URL", "Referer", "Cookie"])  # fmt: skip
def test_no_header_of_a_request_comes_back(address, name):
    for path in ("/status", "/doc/port", "/nothing", "/doc//port", "/validate"):
        for verb in ("GET", "OPTIONS"):
            answer = told(address, verb, path, **{name: "evil.example, */*; <x>"})
            assert answer.status < 500
            assert "evil" not in str(answer.headers)


# --- hosts ------------------------------------------------------------------------


@pytest.mark.parametrize(
    "path", ["/doc//port", "/graphs//x", "/static//site.css", "//evil.example//x"]
)
def test_a_redirection_stays_on_this_server(address, path):
    for host in ("evil.example", "evil.example:80"):
        answer = told(address, "GET", path, Host=host)
        assert answer.status in (308, 404)
        location = answer.headers.get("Location", "/x")
        assert location.startswith("/")
        assert not location.startswith(("//", "/\\"))


def test_a_graph_leads_to_its_address_on_this_server(address):
    for host in ("evil.example", "evil.example:80"):
        answer = told(address, "GET", "/graph/log", Host=host)
        assert answer.status == 303
        assert answer.headers["Location"].startswith("/graphs")


def test_routing_redirects_nobody(address):
    for path in ("/doc//port", "//sparql", "/sparql/", "/queries//posts-of-state"):
        assert told(address, "GET", path).headers.get("Location") is None


@pytest.mark.parametrize(
    "hosts",
    [
        (),
        ("Host: a.example", "Host: b.example"),
        ('Host: evil"><script>x</script>',),
        ("Host: a.example/path",),
        ("Host: user@a.example",),
        ("Host: a b",),
        ("Host: a.example, b.example",),
        ("Host: ",),
    ],
)
def test_what_is_no_host_is_refused(address, hosts):
    found = raw(address, lines("GET /validate HTTP/1.1", *hosts, "Connection: close"))
    assert found.startswith(b"HTTP/1.1 400"), found[:100]
    assert b"<script>x" not in found


def test_a_client_of_http_1_0_needs_no_host(address):
    found = raw(address, lines("GET /status HTTP/1.0"))
    assert found.startswith(b"HTTP/1.0 200")


@pytest.mark.parametrize(
    "host", ["localhost", "127.0.0.1:8023", "[::1]:8023", "a.b-c_d"]
)
def test_what_is_a_host_is_taken(address, host):
    found = raw(address, lines("GET /status HTTP/1.1", f"Host: {host}",
                               "Connection: close"))  # fmt: skip
    assert found.startswith(b"HTTP/1.1 200")


@pytest.mark.parametrize(
    ("head", "status"),
    [
        (("FROB /status HTTP/1.1", "Host: x"), 405),
        (("get /status HTTP/1.1", "Host: x"), 501),
        (("CONNECT x:80 HTTP/1.1", "Host: x:80"), 501),
        (("GET /status HTTP/1.1", "Host: x", "Transfer-Encoding: gzip, chunked"), 501),
        (("GET status HTTP/1.1", "Host: x"), 400),
        (("GET http://x/status HTTP/1.1",), 400),
    ],
)
def test_what_no_address_answers_is_refused(address, head, status):
    found = raw(address, lines(*head))
    assert found.startswith(f"HTTP/1.1 {status} ".encode()), found[:100]


def test_verbs_of_ones_own_are_counted_together(address):
    for verb in ("FROB", "FRIB"):
        raw(address, lines(f"{verb} /status HTTP/1.1", "Host: x"))
    figures = raw(address, lines("GET /metrics HTTP/1.1", "Host: x"))
    assert b'method="other"' in figures
    assert b"FROB" not in figures
    assert b"FRIB" not in figures


def test_an_absolute_address_goes_before_the_host(address):
    found = raw(address, lines("GET http://a.example/reconcile HTTP/1.1",
                               "Host: b.example", "Connection: close"))  # fmt: skip
    assert b"//a.example/ontology" in found
    assert b"b.example" not in found


@pytest.mark.parametrize("protocol", ["websocket", "h2c", "TLS/1.2", "Websocket, x"])
@pytest.mark.parametrize("path", ["/status", "/sparql?query=ASK%7B%7D", "/graphs"])
def test_whoever_offers_another_protocol_is_answered_in_this(address, protocol, path):
    fields = (
        "Host: x",
        "Connection: Upgrade, HTTP2-Settings, close",
        f"Upgrade: {protocol}",
        "HTTP2-Settings: AAMAAABk",
        "Sec-WebSocket-Version: 13",
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
    )
    found = raw(address, lines(f"GET {path} HTTP/1.1", *fields))
    assert found.startswith(b"HTTP/1.1 200 "), found[:300]


# --- one request, or two ----------------------------------------------------------

HIDDEN = "GET /smuggled HTTP/1.1\r\nHost: x\r\n\r\n"
POST = ("POST /sparql HTTP/1.1", "Host: x", "Content-Type: application/sparql-query")


@pytest.mark.parametrize(
    "framing",
    [
        ("Content-Length: 5", "Transfer-Encoding: chunked"),
        ("Transfer-Encoding: chunked", "Content-Length: 50"),
        ("Transfer-Encoding: xchunked",),
        ("Transfer-Encoding : chunked",),
        ("Transfer-Encoding: identity, chunked", "Content-Length: 5"),
        ("Transfer-Encoding:\x0bchunked",),
        ("Content-Length: 5", "Content-Length: 6"),
        ("Content-Length: 5, 6",),
        ("Content-Length: +5",),
        ("Content-Length: 0x5",),
        ("Content-Length: -1",),
        ("Content-Length: 5 5",),
        (" Content-Length: 5",),
    ],
)
def test_a_body_that_may_end_in_two_places_hides_no_request(address, framing):
    """It is refused, or is the last thing that is read of the connection."""
    body = f"5\r\nASK{{}}\r\n0\r\n\r\n{HIDDEN}"
    found = raw(address, lines(*POST, *framing) + body.encode())
    assert found.count(b"HTTP/1.1 ") == 1, found
    assert b"HTTP/1.1 500" not in found
    assert fetch(f"{address}status")[0] == 200


@pytest.mark.parametrize(
    "chunk",
    [
        "5\r\nASK{}X\r\n0\r\n\r\n",
        "zz\r\nASK{}\r\n0\r\n\r\n",
        "-5\r\nASK{}\r\n0\r\n\r\n",
        "ffffffffffffffff0\r\nA",
        f"5;{'a' * 100_000}\r\nASK{{}}\r\n0\r\n\r\n",
    ],
)
def test_a_broken_chunk_hides_no_request(address, chunk):
    head = lines(*POST, "Transfer-Encoding: chunked")
    try:
        found = raw(address, head + chunk.encode() + HIDDEN.encode())
    except ConnectionError:
        found = b""  # it is told by closing
    assert found.count(b"HTTP/1.1 ") <= 1, found
    assert b"HTTP/1.1 5" not in found
    assert fetch(f"{address}status")[0] == 200


ADDS = "Content-Type: application/n-triples"
TRIPLE = "<http://e.example/s> <http://e.example/p> <http://e.example/o> ."


@pytest.mark.parametrize(
    ("framing", "body"),
    [
        ("Content-Length: 500", TRIPLE),
        ("Transfer-Encoding: chunked", f"{len(TRIPLE):x}\r\n{TRIPLE}\r\n"),
        ("Transfer-Encoding: chunked", f"fff\r\n{TRIPLE}"),
        ("Transfer-Encoding: chunked", f"{len(TRIPLE):x}\r\n{TRIPLE}\r\nzz\r\n"),
        ("Transfer-Encoding: chunked", f"{len(TRIPLE):x}\r\n{TRIPLE}XX0\r\n\r\n"),
    ],
)
def test_a_body_that_breaks_off_is_not_taken_for_a_whole_one(address, framing, body):
    head = lines("POST /validate HTTP/1.1", "Host: x", ADDS, framing)
    found = raw(address, head + body.encode(), ends=True)
    assert found.startswith(b"HTTP/1.1 400 "), found[:100]
    assert b"broke off" in found


def test_a_body_where_none_belongs_is_no_request(address):
    sent = lines(
        "GET /status HTTP/1.1",
        "Host: x",
        "Connection: close",
        f"Content-Length: {len(HIDDEN)}",
    )
    found = raw(address, sent + HIDDEN.encode())
    assert found.count(b"HTTP/1.1 ") == 1


def test_an_update_hidden_in_a_query_writes_nothing(small_store):
    site = Site(small_store)
    site.token("write:*")
    for address in (
        "/sparql?update=CLEAR+ALL",
        "/sparql?query=ASK%7B%7D&update=CLEAR+ALL",
    ):
        assert site.client.get(address).status_code in (400, 403)
        assert site.client.post(address).status_code in (400, 403, 415)
    assert (
        site.client.post("/sparql", data="CLEAR ALL", content_type=UPDATE).status_code
        == 403
    )
    assert site.version == 1
