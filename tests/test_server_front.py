"""The front on a real socket: cache, limits, clients that leave, figures."""

from __future__ import annotations

import gzip
import json
import re
import socket
import threading
import time
from pathlib import Path
from urllib.parse import quote

import pytest

from tests.test_server_serve import fetch, serving

pytestmark = pytest.mark.embedded(
    "queries that never end, and the directory of a store"
)

RUNAWAY = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }"
ALL = "SELECT * { ?s ?p ?o }"


@pytest.fixture(scope="module")
def address(shipped_store):
    limits = {
        "EXEQUATUR_QUERY_SECONDS": "40",
        "EXEQUATUR_READERS": "1",
        "EXEQUATUR_SLOW_READERS": "1",
        "EXEQUATUR_WAITING_QUERIES": "2",
        "EXEQUATUR_MAX_ANSWER_ROWS": "30000",
    }
    with serving(shipped_store, **limits) as (_, address):
        yield address


def asked(address, query, **parameters):
    more = "".join(f"&{name}={value}" for name, value in parameters.items())
    return f"{address}sparql?query={quote(query)}{more}"


def figures(address):
    time.sleep(1.2)  # they are taken once a second
    return json.loads(fetch(f"{address}status")[2])["figures"]


def eventually(holds):
    until = time.monotonic() + 20
    while not holds():
        assert time.monotonic() < until
        time.sleep(0.1)


def test_what_was_answered_before_comes_from_the_cache(address):
    target = asked(address, "SELECT (1 AS ?cached) {}")
    hits = figures(address).get("cache_hits", 0)
    first = fetch(target, Accept="text/csv")
    again = fetch(target, Accept="text/csv", X_Request_Id="mine")
    assert again[2] == first[2]
    for name in ("ETag", "Content-Type", "Vary", "Content-Security-Policy"):
        assert again[1].get_all(name) == first[1].get_all(name)
    assert again[1]["X-Request-Id"] == "mine"
    assert fetch(target, Accept="application/json")[2] != first[2]
    tag = first[1]["ETag"]
    unmodified = fetch(target, Accept="text/csv", If_None_Match=tag)
    assert (unmodified[0], unmodified[2]) == (304, b"")
    assert unmodified[1]["ETag"] == tag
    for fields in ({"Cache_Control": "no-cache"}, {"Authorization": "Bearer x"}):
        fetch(target, Accept="text/csv", **fields)
    assert figures(address)["cache_hits"] == hits + 2


def test_head_is_answered_from_the_cache_without_a_body(address):
    path = f"/sparql?query={quote('SELECT (2 AS ?cached) {}')}"
    body = fetch(address.rstrip("/") + path, Accept="text/csv")[2]
    answer = raw(
        address, f"HEAD {path} HTTP/1.1\r\nHost: {host(address)}\r\nAccept: text/csv"
    )
    head, _, rest = answer.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200")
    assert f"content-length: {len(body)}".encode() in head.lower()
    assert rest == b""


def test_a_page_and_an_entity_are_cached_too(address):
    before = figures(address)["cache_hits"]
    for path in ("doc/kenya", "queries/posts-of-state?state=Kenya", "ontology.ttl"):
        first, again = fetch(address + path), fetch(address + path)
        assert first[0] == again[0] == 200
        assert first[2] == again[2]
    assert figures(address)["cache_hits"] == before + 3


def host(address):
    return address.removeprefix("http://").strip("/")


def connected(address, request):
    name, port = host(address).split(":")
    connection = socket.create_connection((name, int(port)), timeout=30)
    connection.sendall(f"{request}\r\nConnection: close\r\n\r\n".encode())
    return connection


def raw(address, request):
    with connected(address, request) as connection:
        answer = b""
        while part := connection.recv(65536):
            answer += part
    return answer


def test_a_large_answer_comes_whole_and_leaves_no_file(address, snapshot):
    query = "SELECT * { GRAPH ?g { ?s ?p ?o } }"
    status, headers, body = fetch(asked(address, query), Accept="text/csv")
    assert status == 200
    assert int(headers["Content-Length"]) == len(body) > 1_000_000
    assert body.count(b"\r\n") - 1 >= sum(1 for _ in snapshot.query(query).rows())


def test_a_large_answer_takes_little_memory(shipped_store):
    query = f'SELECT ?long {{ ?s ?p ?o VALUES ?long {{ "{"x" * 5_000}" }} }}'
    with serving(shipped_store) as (process, at):
        assert fetch(asked(at, "SELECT * { ?s ?p ?o } LIMIT 9"))[0] == 200
        before = peaks(process.pid)
        for fields in ({}, {"Accept_Encoding": "gzip"}):
            status, headers, body = fetch(asked(at, query), **fields)
            assert status == 200
            assert headers["Content-Encoding"] == ("gzip" if fields else None)
            whole = gzip.decompress(body) if fields else body
            assert len(whole) > 30_000_000
            assert whole.endswith(b"]}}")
        after = peaks(process.pid)
    for pid in before.keys() & after.keys():
        assert after[pid] - before[pid] < 40_000_000


def peaks(pid):
    """Return the most memory that each process below *pid* had so far, in bytes."""
    found = {}
    for one in descendants(pid):
        told = Path(f"/proc/{one}/status").read_text(encoding="ascii")
        match = re.search(r"VmHWM:\s+(\d+) kB", told)
        if match:
            found[one] = int(match[1]) * 1024
    return found


def test_rows_past_the_limit_are_told_and_nothing_is_sent(address):
    query = "SELECT * { ?s ?p ?o . ?a a ?c }"
    status, headers, body = fetch(asked(address, query), Accept="application/json")
    assert status == 422
    assert headers["Content-Type"] == "application/problem+json"
    assert b"more than the 30,000 rows" in body


@pytest.mark.parametrize("way", ["parameter", "header", "form"])
def test_a_request_lowers_the_time(address, way):
    began = time.monotonic()
    if way == "parameter":
        status, _, body = fetch(asked(address, RUNAWAY, timeout="1"))
    elif way == "header":
        status, _, body = fetch(asked(address, RUNAWAY), Prefer="wait=1")
    else:
        form = f"query={quote(RUNAWAY)}&timeout=1".encode()
        kind = "application/x-www-form-urlencoded"
        status, _, body = fetch(f"{address}sparql", data=form, Content_Type=kind)
    assert status == 422
    assert b"longer than 1 seconds" in body
    assert time.monotonic() - began < 15


@pytest.mark.parametrize("value", ["0", "-1", "soon", "inf", "nan"])
def test_a_time_that_is_none_is_refused(address, value):
    status, _, body = fetch(asked(address, "ASK {}", timeout=value))
    assert status == 400
    assert b"number of seconds" in body


def test_a_client_that_leaves_ends_its_query(address):
    before = figures(address)["queries_stopped"].get("gone", 0)
    path = f"/sparql?query={quote(RUNAWAY)}&n=1"
    connection = connected(address, f"GET {path} HTTP/1.1\r\nHost: x")
    eventually(lambda: figures(address)["queries_running"]["slow"] == 1)
    connection.close()
    time.sleep(0.3)
    found = figures(address)
    assert found["queries_running"]["slow"] == 0
    assert found["queries_stopped"]["gone"] == before + 1


def test_a_client_that_leaves_with_more_to_be_read_ends_its_query(address):
    before = figures(address)["queries_stopped"].get("gone", 0)
    path = f"/sparql?query={quote(RUNAWAY)}&n=2"
    next_one = "GET /status HTTP/1.1\r\nHost: x"
    asking = f"GET {path} HTTP/1.1\r\nHost: x\r\n\r\n{next_one}"
    connection = connected(address, asking)
    eventually(lambda: figures(address)["queries_running"]["slow"] == 1)
    connection.close()
    eventually(lambda: figures(address)["queries_stopped"].get("gone") == before + 1)
    assert figures(address)["queries_running"]["slow"] == 0


def test_an_overload_is_told_and_quick_queries_go_on(address):
    found = []

    def ask(number):
        target = asked(address, RUNAWAY, timeout=5, n=number)
        found.append(fetch(target, Accept="application/json"))

    busy = [threading.Thread(target=ask, args=(number,)) for number in range(6)]
    for thread in busy:
        thread.start()
    time.sleep(1.5)
    for _ in range(3):
        assert fetch(asked(address, "ASK {}"), Cache_Control="no-cache")[0] == 200
    for thread in busy:
        thread.join()
    statuses = sorted(status for status, _, _ in found)
    assert set(statuses) == {422, 503}
    for status, headers, body in found:
        assert headers["Content-Type"] == "application/problem+json"
        if status == 503:
            assert int(headers["Retry-After"]) > 0
            assert b"too many queries" in body


def test_figures_are_told_to_prometheus(address):
    fetch(asked(address, "ASK {}"))
    status, headers, body = fetch(f"{address}metrics")
    assert status == 200
    assert headers["Content-Type"].startswith("text/plain")
    assert headers["Cache-Control"] == "no-store"
    lines = body.decode().splitlines()
    for name in (
        'exequatur_requests_total{method="GET",route="/sparql",status="200"}',
        'exequatur_request_seconds_bucket{le="0.1",route="/sparql"}',
        "exequatur_readers_alive",
        "exequatur_cache_bytes",
        "exequatur_data_version",
    ):
        assert any(line.startswith(name) for line in lines), name


def test_a_slow_body_is_not_waited_for_by_a_thread(address):
    request = (
        "POST /sparql HTTP/1.1\r\nHost: x\r\n"
        "Content-Type: application/sparql-query\r\nContent-Length: 1000"
    )
    slow = [connected(address, request) for _ in range(60)]
    assert fetch(asked(address, "ASK {}"), Cache_Control="no-cache")[0] == 200
    for connection in slow:
        connection.close()


def test_a_new_version_is_seen_at_once(own_graph, own_store):
    from tests.test_gate import PERSON, change

    with serving(own_store, "--workers", "2") as (_, address):
        target = asked(address, "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }")
        before = [fetch(target, Accept="text/csv") for _ in range(8)]
        own_graph.add(change(PERSON), agent="t", message="")
        # Every answer that is asked for from now on, of whichever process.
        after = [fetch(target, Accept="text/csv") for _ in range(8)]
        assert len({body for _, _, body in before}) == 1
        assert len({body for _, _, body in after}) == 1
        assert before[0][2] != after[0][2]
        assert before[0][1]["ETag"] != after[0][1]["ETag"]


def test_a_server_leaves_neither_processes_nor_files(shipped_store, tmp_path):
    with serving(shipped_store, TMPDIR=str(tmp_path)) as (process, address):
        assert fetch(asked(address, ALL), Accept="text/csv")[0] == 200
        pids = descendants(process.pid)
        assert len(pids) > 2
    eventually(lambda: not any(Path(f"/proc/{pid}").exists() for pid in pids))
    assert not list(tmp_path.iterdir())


def descendants(pid):
    found = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            parent = path.read_text(encoding="ascii").rpartition(")")[2].split()[1]
        except OSError:
            continue
        if parent == str(pid):
            child = int(path.parent.name)
            found += [child, *descendants(child)]
    return found
