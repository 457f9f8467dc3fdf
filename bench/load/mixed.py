"""Ask while something is written, ours beside others: `python -m bench.load.mixed`.

    python -m bench.load.mixed --sizes 10000,100000,1000000
    python -m bench.load.mixed --store STORE

One client writes, change after change, while others ask. Ours judges each change by
ontology and shapes and works out what follows before it commits it; the others take in
what they are told.
"""

from __future__ import annotations

import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from itertools import count, islice
from pathlib import Path
from random import Random

import click
import urllib3

from bench import options
from bench.load import questions, servers
from bench.load.client import ask, ask_and_write, update
from bench.load.mixed_results import Mixed, section, write_data
from bench.load.questions import QUESTIONS, Pools
from bench.load.rdf4j import SERVER
from bench.load.servers import OURS, Ground, Server, UnavailableError
from bench.results import Machine, add_section
from bench.world import World, write
from kg.build import Sources, build_store
from kg.store import Store
from kg.terms import LABEL, Quad, is_sentence

SIZE = 10
"""So many triples a change adds: other names of as many things."""

IN_MEMORY = "rdflib-endpoint"
"""It holds all in memory, some 1,200 bytes a triple."""

FORMS = {IN_MEMORY: "INSERT {{ {} }} WHERE {{ }}"}
"""Other forms of updates: 0.6.3 fails with INSERT DATA into the default graph."""

_ALSO = "<http://www.w3.org/2004/02/skos/core#altLabel>"


def things(store: Path) -> list[Quad]:
    """Return statements of names, of which each thing has one."""
    found = Store(store).snapshot().quads(None, LABEL)
    named = {q.subject: q for q in found if is_sentence(q.graph_name)}
    return sorted(named.values(), key=str)


def changes(named: list[Quad], random: Random, name: str) -> Iterator[str]:
    """Yield updates without end that each give SIZE things another name.

    They are as the server *name* takes them: ours in the graphs of sentences.
    """
    form = FORMS.get(name, "INSERT DATA {{ {} }}")
    for number in count():
        triples = [
            (quad.graph_name, f'{quad.subject} {_ALSO} "Name {number}-{place}"@en .')
            for place, quad in enumerate(random.sample(named, min(SIZE, len(named))))
        ]
        told = (f"GRAPH {g} {{ {t} }}" if name == OURS else t for g, t in triples)
        yield form.format(" ".join(told))


class Trial:
    """What is measured of each server: asked alone, and while it is written."""

    def __init__(
        self,
        triples: int,
        pools: Pools,
        named: list[Quad],
        clients: int,
        seconds: float,
    ) -> None:
        self._triples = triples
        self._pools = pools
        self._named = named
        self._clients = clients
        self._seconds = seconds

    def measure(self, server: Server, path: str, token: str = "") -> Mixed:
        """Ask *server*, which is running, once it is at rest; write to it at *path*."""
        texts = changes(self._named, Random(1), server.name)
        port, asked = server.port, server.path
        os.sync()  # who syncs what it commits would wait for what was loaded
        ask(port, asked, self._queries(0), self._clients, self._seconds)
        server.settle()
        used = server.cpu()
        alone = ask(port, asked, self._queries(1), self._clients, self._seconds)
        used = server.cpu() - used
        requests = (update(port, path, text, token) for text in texts)
        beside, written = ask_and_write(
            port, asked, self._queries(2), requests, self._clients, self._seconds
        )
        return Mixed.of(server, self._triples, used, (alone, beside, written))

    def _queries(self, seed: int) -> Iterator[str]:
        return questions.fresh(QUESTIONS, self._pools, Random(seed))


_RDF4J = f"{SERVER}/repositories/ds/statements"
WAYS = {
    "/query": ("/update", "/store?default"),
    "/ds/query": ("/ds/update", "/ds/data?default"),
    _RDF4J.removesuffix("/statements"): (_RDF4J, _RDF4J),
    "/": ("/", ""),
}
"""Where others take updates, and a default graph, by where they are asked."""


BATCH = 100_000
"""So many triples are sent at once: RDF4J's native store spills more to the disk."""


def _others(ground: Ground, folder: Path, *, in_memory: bool) -> Iterator[Server]:
    """Yield the servers of others; rdflib-endpoint has the triples from a file."""
    yield from servers.writable(folder)
    if in_memory:
        with suppress(UnavailableError):
            yield servers.rdflib_endpoint(ground, "--enable-update")


def _post(server: Server, path: str, triples: Path, limit: float) -> None:
    """Send all *triples*; raise UnavailableError where that takes over *limit* s."""
    until, sent = time.monotonic() + limit, 0
    with triples.open("rb") as data:
        while piece := b"".join(islice(data, BATCH)):
            left = until - time.monotonic()
            if left <= 0:
                late = f"has {sent:,} triples, not all, after {limit:,.0f} s"
                raise UnavailableError(f"{server.name} {late}")
            _send(server, path, piece, left)
            sent += piece.count(b"\n")


def _send(server: Server, path: str, piece: bytes, seconds: float) -> None:
    try:
        answer = urllib3.request(
            "POST",
            f"http://127.0.0.1:{server.port}{path}",
            body=piece,
            headers={"Content-Type": "application/n-triples"},
            timeout=seconds,
            retries=False,
        )
    except urllib3.exceptions.HTTPError as error:
        raise UnavailableError(f"{server.name} takes no data: {error}") from error
    if answer.status >= 300:
        raise UnavailableError(f"{server.name} takes no data: status {answer.status}")


@dataclass(frozen=True, slots=True)
class Others:
    """Which servers of others are measured, and how long one may take to load."""

    are_measured: bool
    limit: float
    most_in_memory: int

    def on(self, ground: Ground, folder: Path, triples: int) -> Iterator[Server]:
        """Yield those that are measured with so many *triples*."""
        if self.are_measured:
            in_memory = triples <= self.most_in_memory
            yield from _others(ground, folder, in_memory=in_memory)


def _measured(
    store: Path, folder: Path, clients: int, seconds: float, others: Others
) -> tuple[list[Mixed], list[str]]:
    """Measure all servers with what is in *store*, which is written to."""
    ground = Ground(store, folder / "view.nt")
    triples = servers.fill(store, ground.triples)
    pools = questions.pools(Store(store).snapshot(), Random(1))
    trial = Trial(triples, pools, things(store), clients, seconds)
    rows, notes = [], []
    server, token = servers.ours(ground), servers.token(store)
    with server.running(folder / "ours.log"):
        rows.append(trial.measure(server, "/update", token))
    for other in others.on(ground, folder, triples):
        update_at, data_at = WAYS[other.path]
        try:
            with other.running(folder / "other.log"):
                if data_at:
                    _post(other, data_at, ground.triples, others.limit)
                rows.append(trial.measure(other, update_at))
        except UnavailableError as error:
            notes.append(f"{triples:,} triples: {error}.")
    if others.are_measured and triples > others.most_in_memory:
        notes.append(f"{triples:,} triples are too many for {IN_MEMORY} here.")
    return rows, notes


@click.command()
@click.option("--sizes", default="10000,100000,1000000", callback=options.numbers,
              help="Quads stated, about half the triples.")  # fmt: skip
@click.option("--store", callback=options.store,
              help="A store made by `kg build`; a copy is written to.")  # fmt: skip
@click.option("--seconds", type=click.FloatRange(0.1), default=10.0)
@click.option("--clients", type=click.IntRange(1), default=7, help="How many ask.")
@click.option("--others/--no-others", default=True, help="Measure others, too.")
@click.option("--limit", type=click.FloatRange(1), default=1800.0,
              help="Seconds in which another server has to be loaded.")  # fmt: skip
@click.option("--most-in-memory", type=click.IntRange(0), default=3_000_000,
              help="Triples up to which rdflib-endpoint is measured.")  # fmt: skip
@options.output
def main(
    sizes: list[int],
    store: Path | None,
    seconds: float,
    clients: int,
    others: bool,
    limit: float,
    most_in_memory: int,
    output: Path,
) -> None:
    """Ask the mix alone, and while changes are committed one after the other."""
    machine, beside = Machine.this(), Others(others, limit, most_in_memory)
    rows: list[Mixed] = []
    notes: list[str] = []
    for size in [0] if store else sizes:
        with tempfile.TemporaryDirectory(prefix="exequatur-") as home:
            folder, copy = Path(home), Path(home) / "store"
            if store:
                shutil.copytree(store, copy)
            else:
                _build(copy, folder / "facts", size)
            told = _measured(copy, folder, clients, seconds, beside)
        for row in told[0]:
            click.echo(row.line(), err=True)
        rows += told[0]
        notes += told[1]
    after = os.getloadavg()[0]
    text = section(machine, rows, clients, seconds, after)
    text += "".join(f"\n- {note}\n" for note in dict.fromkeys(notes))
    click.echo(text)
    add_section(output, text)
    path = output.parent / "results" / "reading-and-writing.json"
    write_data(machine, rows, clients, seconds, after, path)


def _build(store: Path, facts: Path, size: int) -> None:
    facts.mkdir()
    write(World(1, size).quads(), facts / "world.trig")
    build_store(store, replace(Sources.shipped(), facts=facts))


if __name__ == "__main__":
    main()
