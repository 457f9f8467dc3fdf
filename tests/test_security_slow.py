"""Clients that send slowly, or nothing: they keep nobody waiting, and are given up."""

from __future__ import annotations

import json
import socket
import time
from contextlib import ExitStack
from urllib.parse import urlsplit

import pytest

from tests.test_server_serve import fetch, serving

HEAD = b"GET /status HTTP/1.1\r\nHost: x\r\nX-Slow: "
BODY = (
    b"POST %s HTTP/1.1\r\nHost: x\r\nAccept: %s\r\nContent-Type: %s\r\n"
    b"Content-Length: 9000\r\n\r\n<"
)
POSTS = {
    b"/validate": b"text/turtle",
    b"/sparql": b"application/sparql-query",
    b"/reconcile": b"application/x-www-form-urlencoded",
}
MANY = 300


@pytest.fixture(scope="module")
def address(shipped_store):
    with serving(shipped_store, EXEQUATUR_BODY_SECONDS="3") as (_, address):
        yield address


def begin(stack, address, sent):
    """Open a connection on which *sent* is all that comes for now."""
    parts = urlsplit(address)
    connection = stack.enter_context(
        socket.create_connection((parts.hostname, parts.port), timeout=40)
    )
    connection.sendall(sent)
    return connection


def everything(connection):
    found = b""
    while part := connection.recv(65536):
        found += part
    return found


@pytest.fixture(scope="module", autouse=True)
def unfinished(address):
    """Connections that leave a request unfinished, or begin none, from the first on.

    The server takes its time to end them; the tests before the last are that time.
    """
    with ExitStack() as stack:
        slow = [begin(stack, address, HEAD) for _ in range(20)]
        idle = [begin(stack, address, b"") for _ in range(20)]
        kept = begin(stack, address, HEAD + b"a\r\n\r\n")
        for connection in slow:
            connection.sendall(b"a")
        yield (*slow, *idle, kept)


def others_are_answered(address):
    began = time.monotonic()
    assert fetch(f"{address}status")[0] == 200
    query = fetch(f"{address}sparql", data=b"ASK {}",
                  Content_Type="application/sparql-query")  # fmt: skip
    assert query[0] == 200
    assert time.monotonic() - began < 8


def test_connections_that_say_nothing_keep_nobody_waiting(address):
    with ExitStack() as stack:
        for _ in range(1_200):  # more than granian takes at once if not told
            begin(stack, address, b"")
        others_are_answered(address)


def test_slow_bodies_keep_nobody_waiting_and_are_given_up(address):
    with ExitStack() as stack:
        slow = [
            begin(stack, address, BODY % (path, accept, POSTS[path]))
            for path in POSTS
            for accept in (b"*/*", b"application/json")
            for _ in range(MANY // 6)
        ]
        others_are_answered(address)
        answers = [everything(connection) for connection in slow]
        assert len(answers) == MANY
        for answer in answers:
            assert answer.startswith(b"HTTP/1.1 408 ")
            assert b"did not arrive within 3 seconds" in answer
    head, _, told = answers[-1].partition(b"\r\n\r\n")
    problem = json.loads(told)
    assert problem["type"] == "/problems#slow-body"
    assert problem["status"] == 408
    assert b"content-type: application/problem+json" in head
    assert b"content-security-policy: " in head
    assert problem["instance"].rpartition(":")[2].encode() in head
    assert 'id="slow-body"' in fetch(f"{address}problems")[2].decode()


def test_a_body_that_takes_a_moment_is_read(address):
    with ExitStack() as stack:
        slow = begin(stack, address, BODY % (b"/validate", b"*/*", b"text/turtle"))
        time.sleep(1)
        slow.sendall(b"urn:a> <urn:b> <urn:c> .".ljust(8999))
        assert slow.recv(4096).startswith(b"HTTP/1.1 200")


def test_slow_heads_and_idle_connections_are_ended(address, unfinished):
    others_are_answered(address)
    for connection in unfinished:
        everything(connection)  # until it is closed
