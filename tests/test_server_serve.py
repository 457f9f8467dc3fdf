"""The real server on a real socket: what only a socket shows."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from contextlib import contextmanager
from itertools import count
from pathlib import Path

import pytest

from server import serve
from tests.store_kinds import beside

pytestmark = pytest.mark.embedded("queries that never end")

ADDRESS = re.compile(r"http://\S+:\d+/")
COMMAND = [sys.executable, "-c", "from kg.cli import main; main()"]


def command(store, *options):
    return [*COMMAND, "--store", str(store), "serve", "--port", "0", *options]


@contextmanager
def serving(store, *options, program=None, **environment):
    """Run `kg serve` and give its process and its address."""
    told = command(store, "--workers", "1", *options)
    process = subprocess.Popen(
        [program, *told[len(COMMAND) :]] if program else told,
        env=os.environ | beside(store) | environment,
        stdout=subprocess.PIPE,
        # Its log goes where pytest gathers it: a pipe that nobody reads fills up.
        text=True,
    )
    try:
        found = ADDRESS.search(process.stdout.readline() if process.stdout else "")
        assert found, "it printed no address"
        yield process, found.group()
    finally:
        process.terminate()
        process.communicate(timeout=60)


def test_a_server_that_takes_minutes_to_start_tells_that_it_is_there(monkeypatch):
    tried = []

    def connect(address):
        tried.append(address)
        if len(tried) < 5:
            raise ConnectionRefusedError
        return socket.socket()

    monkeypatch.setattr(socket, "create_connection", connect)
    monkeypatch.setattr(time, "sleep", lambda _: None)
    minutes = count(step=60.0)
    monkeypatch.setattr(time, "monotonic", lambda: next(minutes))
    told = []
    serve._watch("127.0.0.1", 1, lambda: told.append(len(tried)))
    assert told == [5]


@pytest.fixture(scope="module")
def address(shipped_store):
    with serving(shipped_store) as (_, address):
        yield address


def fetch(address, *, data=None, **headers):
    request = urllib.request.Request(  # noqa: S310 loopback
        address, data=data, headers={k.replace("_", "-"): v for k, v in headers.items()}
    )
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:  # noqa: S310
            return answer.status, answer.headers, answer.read()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.headers, error.read()


def test_what_lies_in_the_present_folder_is_not_run(
    shipped_store, tmp_path, monkeypatch
):
    for name in ("kg", "json", "pickle", "server", "socket"):
        (tmp_path / f"{name}.py").write_text("raise SystemExit(3)", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    program = Path(sys.executable).with_name("kg")
    with serving(shipped_store, program=program) as (_, address):
        status, _, body = fetch(f"{address}sparql?query=ASK%7B%3Fs%20%3Fp%20%3Fo%7D")
    assert (status, b"true" in body) == (200, True)


def test_the_printed_address_answers(address):
    status, headers, body = fetch(address)
    assert status == 200
    assert headers["Content-Type"].startswith("text/html")
    assert b"Exequatur" in body


def test_a_query_is_answered_by_a_reader(address):
    query = "sparql?query=SELECT%20%2A%20%7B%20%3Fs%20%3Fp%20%3Fo%20%7D%20LIMIT%202"
    status, headers, body = fetch(f"{address}{query}", Accept="text/csv")
    assert status == 200
    assert headers["Content-Type"] == "text/csv; charset=utf-8"
    assert len(body.splitlines()) == 3


def test_a_thing_is_followed_to_its_document(address):
    status, headers, body = fetch(f"{address}id/kenya", Accept="text/turtle")
    assert status == 200
    assert headers["Content-Location"] == "/doc/kenya.ttl"
    assert b"id:kenya" in body


def test_static_files_are_served(address):
    status, headers, _ = fetch(f"{address}static/site.css")
    assert status == 200
    assert headers["Content-Type"].startswith("text/css")


def test_head_has_no_body_on_the_wire(address):
    host, port = address.removeprefix("http://").strip("/").split(":")
    with socket.create_connection((host, int(port)), timeout=30) as connection:
        connection.sendall(
            b"HEAD /doc/kenya HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
        )
        answer = b""
        while part := connection.recv(65536):
            answer += part
    head, _, body = answer.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200")
    assert b"etag:" in head.lower()
    assert body == b""


def test_a_body_without_a_length_is_limited_too(shipped_store):
    with serving(shipped_store, EXEQUATUR_MAX_BODY_BYTES="1000") as (_, address):
        host, port = address.removeprefix("http://").strip("/").split(":")
        with socket.create_connection((host, int(port)), timeout=30) as connection:
            chunk = b"1000\r\n" + b"x" * 0x1000 + b"\r\n"
            connection.sendall(
                b"POST /validate HTTP/1.1\r\nHost: x\r\nContent-Type: text/turtle\r\n"
                b"Transfer-Encoding: chunked\r\n\r\n" + chunk + b"0\r\n\r\n"
            )
            answer = connection.recv(65536)
        assert answer.startswith(b"HTTP/1.1 413")


def test_a_runaway_query_is_stopped(shipped_store):
    runaway = (
        b"SELECT (COUNT(*) AS ?n) WHERE { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }"
    )
    with serving(shipped_store, EXEQUATUR_QUERY_SECONDS="1") as (_, address):
        status, _, body = fetch(
            f"{address}sparql", data=runaway, Content_Type="application/sparql-query"
        )
        assert status == 422
        assert b"longer than 1 second" in body
        assert fetch(f"{address}sparql?query=ASK%7B%7D")[0] == 200


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_it_in_order(shipped_store, number):
    with serving(shipped_store) as (process, address):
        assert fetch(f"{address}status")[0] == 200
        process.send_signal(number)
        assert process.wait(timeout=30) == 0


def test_an_address_that_is_taken_is_told(shipped_store, address):
    port = address.strip("/").rpartition(":")[2]
    found = subprocess.run(
        [*command(shipped_store), "--port", port],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert found.returncode == 2
    assert f"cannot listen on 127.0.0.1, port {port}" in found.stderr
    assert "--port" in found.stderr
    assert "Traceback" not in found.stderr


def test_a_store_that_is_not_there_is_told(tmp_path):
    found = subprocess.run(
        command(tmp_path / "nothing"),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert found.returncode == 2
    assert "kg build" in found.stderr
    assert "Traceback" not in found.stderr
