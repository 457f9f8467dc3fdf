"""Ask our server for hours, and see that it does not grow: `python -m bench.load.soak`.

    python -m bench.load.soak --store STORE --minutes 60

Round after round the server is asked the mix, a query without end that it must stop, a
query whose client goes away, and for what a new version holds. At the end of a round,
when nothing is asked, its processes are counted, and their memory and descriptors.
"""

from __future__ import annotations

import asyncio
import shutil
import socket
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from random import Random
from urllib.parse import quote

import click

from bench import options
from bench.load import questions
from bench.load.client import answer, ask
from bench.load.questions import ENDLESS, QUESTIONS
from bench.load.servers import Ground, Server, ours
from kg.change import Change
from kg.graph import KnowledgeGraph
from kg.queries import SavedQueries
from kg.store import Store
from kg.terms import LABEL, Literal, NamedNode, Quad, is_sentence

_ALSO = NamedNode("http://www.w3.org/2004/02/skos/core#altLabel")


@dataclass(frozen=True, slots=True)
class Standing:
    """What the server has after a round, and what went wrong in it.

    Of its *processes* those are *slow* that are for what takes long, beside the others.
    """

    seconds: float
    answers: int
    errors: int
    processes: int
    slow: int
    descriptors: int
    memory: int
    wrong: tuple[str, ...]


def rounds(server: Server, store: Path, *, clients: int, each: float, seed: int = 1
           ) -> Iterator[Standing]:  # fmt: skip
    """Yield how *server* stands after each round of *each* seconds, without end."""
    graph = KnowledgeGraph(Store(store), SavedQueries())
    random = Random(seed)
    things = questions.pools(graph.snapshot(), random)
    started = time.monotonic()
    for number in count():
        wrong = [*_stopped(server), *_renewed(server, graph, number)]
        _go_away(server)
        fresh = questions.fresh(QUESTIONS, things, random)
        load = ask(server.port, server.path, fresh, clients, each)
        time.sleep(1.5)
        processes, slow = server.processes()
        yield Standing(
            seconds=time.monotonic() - started,
            answers=len(load.durations),
            errors=load.errors,
            processes=processes,
            slow=slow,
            descriptors=server.descriptors(),
            memory=server.memory(),
            wrong=tuple(wrong),
        )


def _stopped(server: Server) -> Iterator[str]:
    """Ask what has no end, and yield what is wrong with the answer."""
    path = f"{server.path}?timeout=1"
    status, _ = asyncio.run(answer(server.port, path, ENDLESS))
    if status == 200:
        yield "a query without end was answered"


def _go_away(server: Server) -> None:
    """Ask what has no end, and do not wait for the answer."""
    with socket.create_connection(("127.0.0.1", server.port)) as connection:
        query = quote(ENDLESS, safe="")
        told = f"GET {server.path}?query={query} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
        connection.sendall(told.encode())
        time.sleep(0.3)


def _renewed(server: Server, graph: KnowledgeGraph, number: int) -> Iterator[str]:
    """Commit a new version, and yield what is wrong with how the server shows it."""
    here = graph.snapshot()
    named = here.quads(None, LABEL)
    thing = next(quad for quad in named if is_sentence(quad.graph_name))
    name = Literal(f"Soak {number}", language="en")
    quad = Quad(thing.subject, _ALSO, name, thing.graph_name)
    change = Change(added=frozenset({quad}))
    verdict, _ = graph.add(change, agent="soak", message="a new version")
    if not verdict.accepted:
        yield f"not accepted: {verdict.findings[0].message}"
    query = f"ASK {{ {quad.subject} {quad.predicate} {quad.object} }}"
    until = time.monotonic() + 1
    while time.monotonic() < until:
        status, body = asyncio.run(answer(server.port, server.path, query))
        if status == 200 and b"true" in body:
            return
        time.sleep(0.05)
    yield f"version {graph.store.version} is not seen within a second"


@click.command()
@click.option("--store", callback=options.store, required=True,
              help="A store that `kg build` made; a copy of it is served.")  # fmt: skip
@click.option("--minutes", type=click.FloatRange(0), default=60.0)
@click.option(
    "--each", type=click.FloatRange(0.1), default=30.0, help="Seconds of a round."
)
@click.option("--clients", type=click.IntRange(1), default=8)
def main(store: Path, minutes: float, each: float, clients: int) -> None:
    """Tell how our server stands, round after round."""
    with tempfile.TemporaryDirectory() as home:
        copy = Path(home) / "store"
        shutil.copytree(store, copy)
        server = ours(Ground(copy, copy))
        click.echo("seconds\tanswers\terrors\tprocesses\tslow\tdescriptors\tMiB\twrong")
        with server.running(Path(home) / "log"):
            for told in rounds(server, copy, clients=clients, each=each):
                click.echo(
                    f"{told.seconds:.0f}\t{told.answers}\t{told.errors}\t"
                    f"{told.processes}\t{told.slow}\t{told.descriptors}\t"
                    f"{told.memory / 2**20:.0f}\t{'; '.join(told.wrong)}"
                )
                if told.seconds > minutes * 60:
                    break


if __name__ == "__main__":
    main()
