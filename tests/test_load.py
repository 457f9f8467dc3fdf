"""Servers under load: the questions, the clients, and our own server for a while."""

from __future__ import annotations

import asyncio
import shutil
from collections import Counter
from dataclasses import replace
from itertools import islice
from random import Random

import pytest
from click.testing import CliRunner

from kg.build import Sources, build_store
from kg.config import Settings

questions = pytest.importorskip(
    "bench.load.questions", reason="bench/ is not beside these tests"
)
client = pytest.importorskip("bench.load.client")
servers = pytest.importorskip("bench.load.servers")
soak = pytest.importorskip("bench.load.soak")
world = pytest.importorskip("bench.world")
load = pytest.importorskip("bench.load.__main__")


@pytest.fixture(scope="module")
def pools(snapshot):
    return questions.pools(snapshot, Random(1))


def rows(snapshot, query):
    answer = snapshot.query(query)
    if answer.is_ask:
        return int(bool(answer))
    return sum(1 for _ in answer.rows()) or sum(1 for _ in answer.triples())


def test_there_are_twenty_questions_and_each_has_an_answer(tmp_path):
    world.write(world.World(1, 4000).quads(), tmp_path / "world.trig")
    built = build_store(
        tmp_path / "store", replace(Sources.shipped(), facts=tmp_path)
    ).store
    assert built is not None
    here = built.snapshot()
    pools = questions.pools(here, Random(1))
    assert len({question.name for question in questions.QUESTIONS}) == 20
    for question in questions.QUESTIONS:
        things = pools[question.kind]
        assert any(rows(here, question.about(thing)) for thing in things), question


def test_no_fresh_query_comes_twice(pools):
    found = list(islice(questions.fresh(questions.QUESTIONS, pools, Random(1)), 5000))
    assert len(set(found)) == 5000


def test_repeated_queries_follow_the_law_of_zipf(pools):
    asked = questions.repeated(questions.QUESTIONS, pools, Random(1), 100)
    often = [n for _, n in Counter(islice(asked, 20_000)).most_common()]
    assert 3000 < often[0] < 5500
    assert often[0] > 1.6 * often[1] > 1.6 * often[5]


@pytest.fixture(scope="module")
def served(shipped_store, tmp_path_factory):
    """Return our server, running, and the store that it serves."""
    home = tmp_path_factory.mktemp("served")
    shutil.copytree(shipped_store, home / "store")
    server = servers.ours(servers.Ground(home / "store", home))
    with server.running(home / "log"):
        yield server, home / "store"


def test_a_server_is_waited_for_until_it_is_at_rest(monkeypatch):
    monkeypatch.setattr(servers, "_REST", 0.001)
    server = servers.Server("S", "1", "/", [])
    worked = iter([0.0, 2.0, 5.0, 5.0, 9.0])
    monkeypatch.setattr(servers.Server, "cpu", lambda _: next(worked))
    server.settle()
    assert list(worked) == [9.0]


def test_clients_read_the_answers_whole(served, snapshot, pools):
    server, _ = served
    for question in questions.QUESTIONS:
        query = question.about(pools[question.kind][0])
        wanted = rows(snapshot, query)
        assert load.answered(server, query) == wanted


def test_a_load_counts_answers_and_errors(served):
    server, _ = served
    asked = iter(["ASK { ?s ?p ?o }", "no query"] * 50_000)
    told = client.ask(server.port, server.path, asked, 4, 1)
    assert told.durations
    assert told.errors
    assert abs(len(told.durations) - told.errors) <= 4
    assert told.percentile(99) >= told.percentile(50)


def test_answers_in_chunks_are_read():
    async def serve(reader, writer):
        await reader.readuntil(b"\r\n\r\n")
        head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
        writer.write(head + b"3\r\nabc\r\n2;x=y\r\nde\r\n0\r\n\r\n")
        await writer.drain()
        writer.close()

    async def both():
        server = await asyncio.start_server(serve, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        async with server:
            return await client.answer(port, "/", "ASK {}")

    assert asyncio.run(both()) == (200, b"abcde")


@pytest.mark.parametrize(
    "arguments",
    [
        ["--clients", "x"],
        ["--clients", "0"],
        ["--clients", ""],
        ["--seconds", "0"],
        ["--only", "virtuoso"],
        ["--store", "nowhere"],
    ],
)
def test_a_slip_in_the_options_is_told_and_nothing_written(tmp_path, arguments):
    path = tmp_path / "RESULTS.md"
    done = CliRunner().invoke(load.main, [*arguments, "-o", str(path)])
    assert done.exit_code == 2
    assert arguments[0] in done.output
    assert not path.exists()


def test_the_server_does_not_grow(served):
    server, store = served
    told = list(islice(soak.rounds(server, store, clients=4, each=0.7), 5))
    assert [line for standing in told for line in standing.wrong] == []
    assert sum(standing.errors for standing in told) == 0
    first, *_, last = told[1:]
    assert last.processes <= first.processes
    settings = Settings()
    assert last.slow <= settings.workers * settings.slow_readers
    assert last.descriptors <= first.descriptors + 4
    assert last.memory <= 1.15 * first.memory + 32 * 2**20
