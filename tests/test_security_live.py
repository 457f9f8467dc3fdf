"""Attacks on the real server: nobody is asked, nothing is written, and it goes on."""

from __future__ import annotations

import select
import socket
from contextlib import contextmanager
from urllib.parse import quote, urlsplit

import pytest

from tests.test_server_serve import fetch, serving

FORM = "application/x-www-form-urlencoded"
QUERY = "application/sparql-query"
HOSTS = ("127.0.0.1", "localhost", "[::1]", "2130706433", "0x7f.1", "127.1")
"""Ways to write the loopback address."""


@pytest.fixture(scope="module")
def address(shipped_store):
    with serving(shipped_store, EXEQUATUR_QUERY_SECONDS="3") as (_, address):
        yield address


@contextmanager
def nobody_calls():
    """Give the port of a listener, to which nothing may have connected at the end."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield listener.getsockname()[1]
        waiting, _, _ = select.select([listener], [], [], 0.3)
        assert not waiting, "somebody called"


def goes_on(address):
    assert fetch(f"{address}sparql?query=ASK%7B%7D")[0] == 200


def ask(address, query):
    return fetch(f"{address}sparql", data=query.encode(), Content_Type=QUERY)


def raw(address, sent):
    """Send bytes as they are; return the first line of what comes back, if any."""
    parts = urlsplit(address)
    place = (parts.hostname, parts.port)
    with socket.create_connection(place, timeout=20) as connection:
        try:
            connection.sendall(sent)
            return connection.recv(65536).partition(b"\r\n")[0]
        except ConnectionError:
            return b""


# --- nobody is asked --------------------------------------------------------------


def test_the_listener_notices_who_calls():
    with pytest.raises(AssertionError, match="called"), nobody_calls() as port:
        socket.create_connection(("127.0.0.1", port)).close()


@pytest.mark.parametrize("host", HOSTS)
def test_no_query_asks_another_host(address, host):
    with nobody_calls() as port:
        there = f"http://{host}:{port}/"
        status, _, body = ask(
            address, f"SELECT * {{ SERVICE <{there}> {{ ?s ?p ?o }} }}"
        )
        assert status == 400
        assert b"SERVICE is refused" in body
        for clause in (f"FROM <{there}>", f"FROM NAMED <{there}>"):
            asked = ask(
                address,
                f"ASK {clause} {{ {{ ?a ?b ?c }} UNION {{ GRAPH ?g {{ ?a ?b ?c }}}}}}",
            )
            assert (asked[0], b"false" in asked[2]) == (200, True)
        named = quote(there, safe="")
        for name in ("default-graph-uri", "named-graph-uri"):
            query = quote("ASK { ?s ?p ?o }")
            assert fetch(f"{address}sparql?query={query}&{name}={named}")[0] == 200
        assert fetch(f"{address}graphs?graph={named}")[0] == 404
        assert fetch(f"{address}dump?graph={named}")[0] == 404


@pytest.mark.parametrize("place", ["file:///etc/passwd", "file:/etc/hostname"])
def test_no_query_reads_a_file(address, place):
    for text in (f"FROM <{place}>", f"FROM NAMED <{place}>"):
        status, _, body = ask(address, f"SELECT * {text} {{ ?s ?p ?o }}")
        assert status == 200
        assert b"root" not in body
    assert ask(address, f"ASK {{ SERVICE <{place}> {{ ?s ?p ?o }} }}")[0] == 400


def test_no_document_has_another_one_fetched(address):
    with nobody_calls() as port:
        there = f"http://127.0.0.1:{port}/"
        tricks = {
            "application/ld+json": [
                f'{{"@context": "{there}", "a": 1}}',
                f'{{"@context": ["{there}"], "a": 1}}',
                f'{{"@context": {{"@import": "{there}"}}, "a": 1}}',
                f'{{"@context": {{"a": {{"@id": "urn:a", "@context": "{there}"}}}},'
                ' "a": {"a": 1}}',
            ],
            "application/rdf+xml": [
                f'<!DOCTYPE x SYSTEM "{there}"><x/>',
                f'<!DOCTYPE x [<!ENTITY % a SYSTEM "{there}"> %a;]><x/>',
            ],
            "text/turtle": [f"@prefix : <{there}", f"@import <{there}> ."],
            "text/n3": [f"<{there}> <= <{there}"],
            "application/sparql-update": [
                f"LOAD <{there}>",
                f"INSERT {{ ?s ?p ?o }} WHERE {{ SERVICE <{there}> {{ ?s ?p ?o }} }}",
            ],
        }
        for media_type, bodies in tricks.items():
            for sent in bodies:
                answer = fetch(f"{address}validate", data=sent.encode(),
                               Content_Type=media_type)  # fmt: skip
                assert answer[0] == 400, sent
        imports = f"<urn:a> <http://www.w3.org/2002/07/owl#imports> <{there}> ."
        answer = fetch(f"{address}validate", data=imports.encode(),
                       Content_Type="text/turtle")  # fmt: skip
        assert answer[0] == 200
    goes_on(address)


# --- what is huge -----------------------------------------------------------------


@pytest.mark.parametrize(
    "head",
    [
        b"GET /" + b"a" * 1_000_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET /status?" + b"a" * 100_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: x\r\nX-A: " + b"a" * 2_000_000 + b"\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: x\r\n" + b"X-A: a\r\n" * 5_000 + b"\r\n",
        b"GET / HTTP/1.1\r\nHost: x\r\nX-A: a\x00b\r\n\r\n",
        b"\x16\x03\x01\x02\x00" + b"\xff" * 1000,
        b"POST /validate HTTP/1.1\r\nHost: x\r\nContent-Type: text/turtle\r\n"
        b"Content-Length: 99999999999999999999\r\n\r\n",
        b"POST /validate HTTP/1.1\r\nHost: x\r\nContent-Type: text/turtle\r\n"
        b"Content-Length: 4\r\nContent-Length: 5\r\n\r\nabcde",
    ],
)
def test_a_head_that_is_huge_or_broken_is_refused(address, head):
    line = raw(address, head)
    assert not line or line.startswith(b"HTTP/1.1 4"), line
    goes_on(address)


@pytest.mark.parametrize("text", ["é", "العراق"])
def test_an_address_in_utf_8_that_is_not_encoded_is_read(address, text):
    head = f"GET /search?q={text} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
    assert raw(address, head.encode()).startswith(b"HTTP/1.1 200")


def test_a_body_that_says_it_is_huge_is_refused_before_it_comes(address):
    head = (
        b"POST /validate HTTP/1.1\r\nHost: x\r\nContent-Type: text/turtle\r\n"
        b"Content-Length: 99999999999\r\n\r\n"
    )
    assert raw(address, head).startswith(b"HTTP/1.1 413")
    goes_on(address)


def test_heads_that_come_slowly_keep_nobody_waiting(address):
    parts = urlsplit(address)
    slow = [socket.create_connection((parts.hostname, parts.port)) for _ in range(30)]
    try:
        for connection in slow:
            connection.sendall(b"GET /status HTTP/1.1\r\nHost: x\r\nX-Slow: a")
        goes_on(address)
    finally:
        for connection in slow:
            connection.close()


# --- regular expressions ----------------------------------------------------------


@pytest.mark.parametrize(
    "pattern", ["(a+)+$", "^(a|a)*$", "(a|aa)+$", "^(([a-z])+.)+[A-Z]([a-z])+$"]
)
def test_a_pattern_does_not_explode(address, pattern):
    query = f'ASK {{ FILTER(REGEX("{"a" * 5000}!", "{pattern}")) }}'
    status, _, body = ask(address, query)
    assert (status, b"false" in body) == (200, True)


@pytest.mark.parametrize(
    "pattern", ["(a+)+$", "^(a|a)*$", "(.*a){20}$", "(a?){30}a{30}"]
)
def test_a_replacement_does_not_explode(address, pattern):
    call = f'REPLACE("{"a" * 3000}!", "{pattern}", "$0$0$0$0")'
    status, _, body = ask(address, f"SELECT (STRLEN({call}) AS ?n) {{}}")
    assert status in (200, 422)
    assert len(body) < 10_000


def test_a_replacement_does_not_grow_without_end(address):
    inner = f'REPLACE("{"a" * 3000}", "a", "{"b" * 1000}")'
    call = f'REPLACE({inner}, "b", "{"c" * 1000}")'
    status, _, body = ask(address, f"SELECT (STRLEN({call}) AS ?n) {{}}")
    assert status in (200, 422)
    assert len(body) < 10_000
    goes_on(address)


def test_a_pattern_in_a_shape_that_is_sent_is_data_and_not_run(address):
    shape = (
        "@prefix sh: <http://www.w3.org/ns/shacl#> . <urn:s> a sh:NodeShape ;"
        " sh:targetNode <urn:n> ; sh:property"
        ' [ sh:path <urn:p> ; sh:pattern "(a+)+$" ] .'
        f' <urn:n> <urn:p> "{"a" * 5000}!" .'
    )
    for graph in ("", f"?graph={quote('https://w3id.org/exequatur/graph/shapes')}"):
        status, _, body = fetch(f"{address}validate{graph}", data=shape.encode(),
                                Content_Type="text/turtle")  # fmt: skip
        assert status == (400 if graph else 200)
        assert b"PatternConstraint" not in body
    goes_on(address)


def test_a_pattern_that_grows_is_no_pattern(address):
    query = 'SELECT (REGEX("a", "(((a{1000}){1000}){1000})") AS ?x) {}'
    assert ask(address, query)[0] == 200
    goes_on(address)
