"""Ask while something is written, ours beside others: `python -m bench.load.mixed`.

    python -m bench.load.mixed --store STORE

One client writes, change after change, while others ask. Ours judges each change by
ontology and shapes and works out what follows before it commits it; the others take in
what they are told.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from importlib.metadata import version
from itertools import count
from pathlib import Path
from random import Random

import click
import urllib3

from bench import options
from bench.load import questions, servers
from bench.load.client import Load, ask, ask_and_write, update
from bench.load.questions import QUESTIONS, Pools
from bench.load.servers import OURS, Ground, Server, UnavailableError
from bench.results import Machine, add_section
from kg.store import Store
from kg.terms import LABEL, Quad, is_sentence

SIZE = 10
"""So many triples a change adds: other names of as many things."""

_ALSO = "<http://www.w3.org/2004/02/skos/core#altLabel>"


def things(store: Path) -> list[Quad]:
    """Return statements of names, of which each thing has one."""
    found = Store(store).snapshot().quads(None, LABEL)
    named = {q.subject: q for q in found if is_sentence(q.graph_name)}
    return sorted(named.values(), key=str)


def changes(named: list[Quad], random: Random, *, in_graphs: bool) -> Iterator[str]:
    """Yield updates without end that each give SIZE things another name."""
    for number in count():
        triples = [
            (quad.graph_name, f'{quad.subject} {_ALSO} "Name {number}-{place}"@en .')
            for place, quad in enumerate(random.sample(named, min(SIZE, len(named))))
        ]
        told = (f"GRAPH {g} {{ {t} }}" if in_graphs else t for g, t in triples)
        yield f"INSERT DATA {{ {' '.join(told)} }}"


class Trial:
    """What is measured of each server: asked alone, and while it is written."""

    def __init__(
        self, pools: Pools, named: list[Quad], clients: int, seconds: float
    ) -> None:
        self._pools = pools
        self._named = named
        self._clients = clients
        self._seconds = seconds
        self.lines: list[str] = []

    def measure(self, server: Server, path: str, token: str = "") -> None:
        """Ask *server*, which is running, and write to it at *path*."""
        is_ours = server.name == OURS
        texts = changes(self._named, Random(1), in_graphs=is_ours)
        port, asked = server.port, server.path
        ask(port, asked, self._queries(0), self._clients, min(self._seconds, 3))
        alone = ask(port, asked, self._queries(1), self._clients, self._seconds)
        requests = (update(port, path, text, token) for text in texts)
        beside, written = ask_and_write(
            port, asked, self._queries(2), requests, self._clients, self._seconds
        )
        judged = "judged" if is_ours else "taken in"
        self.lines.append(
            f"| {server.name} | {_of(alone)} | {_of(beside)} | {judged}"
            f" | {_of(written)} | {alone.errors + beside.errors + written.errors} |"
        )
        click.echo(self.lines[-1], err=True)

    def _queries(self, seed: int) -> Iterator[str]:
        return questions.fresh(QUESTIONS, self._pools, Random(seed))


def _of(load: Load) -> str:
    times = [load.percentile(percent) for percent in (50, 99)]
    told = (f"{t * 1000:,.1f} ms" if t is not None else "–" for t in times)
    return " | ".join([f"**{load.rate:,.1f}**", *told])


WAYS = {
    "/query": ("/update", "/store?default"),
    "/ds/query": ("/ds/update", "/ds/data?default"),
}
"""Where others take updates, and a default graph, by where they are asked."""


def _post(server: Server, path: str, triples: Path) -> None:
    with triples.open("rb") as data:
        answer = urllib3.request(
            "POST",
            f"http://127.0.0.1:{server.port}{path}",
            body=data,
            headers={"Content-Type": "application/n-triples"},
            timeout=1800,
        )
    if answer.status >= 300:
        raise UnavailableError(f"{server.name} takes no data: status {answer.status}")


@click.command()
@click.option("--store", callback=options.store, required=True,
              help="A store made by `kg build`; a copy is written to.")  # fmt: skip
@click.option("--seconds", type=click.FloatRange(0.1), default=10.0)
@click.option("--clients", type=click.IntRange(1), default=7, help="How many ask.")
@click.option("--others/--no-others", default=True, help="Measure others, too.")
@options.output
def main(store: Path, seconds: float, clients: int, others: bool, output: Path) -> None:
    """Ask the mix alone, and while changes are committed one after the other."""
    machine, notes = Machine.this(), []
    with tempfile.TemporaryDirectory() as home:
        folder, copy = Path(home), Path(home) / "store"
        shutil.copytree(store, copy)
        ground = Ground(copy, folder / "view.nt")
        triples = servers.fill(copy, ground.triples)
        pools = questions.pools(Store(copy).snapshot(), Random(1))
        trial = Trial(pools, things(copy), clients, seconds)
        server = servers.ours(ground)
        token = servers.token(copy)
        with server.running(folder / "ours.log"):
            trial.measure(server, "/update", token)
        for other in servers.writable(folder) if others else ():
            update_at, data_at = WAYS[other.path]
            try:
                with other.running(folder / "other.log"):
                    _post(other, data_at, ground.triples)
                    trial.measure(other, update_at)
            except UnavailableError as error:
                notes.append(f"- {error}")
        text = section(machine, triples, trial, clients, seconds)
    click.echo(text)
    add_section(output, "\n".join([text, *notes]))


def section(
    machine: Machine, triples: int, trial: Trial, clients: int, seconds: float
) -> str:
    """Return the section of the results."""
    return "\n".join([
        f"## {datetime.now(UTC):%Y-%m-%d}, version {version('exequatur')}, read and"
        " written\n",
        f"{triples:,} triples in the default graph; the mix asked by {clients} clients,"
        f" alone and while one more commits changes of {SIZE} triples, one after the"
        f" other; {seconds:.0f} s each. {machine.cores} cores, which the clients share,"
        f" Python {machine.python}. The load average was {machine.load:.1f} before."
        " Ours judges what it commits by ontology and shapes, and works out what"
        " follows; the others take in what they are told.\n",
        "| server | answers/s alone | p50 | p99 | answers/s beside | p50 | p99"
        " | changes are | changes/s | p50 | p99 | errors |",
        "| --- | ---: | ---: | ---: | ---: | ---: | ---: | --- | ---: | ---: | ---: |"
        " ---: |",
        *trial.lines,
        "",
    ])  # fmt: skip


if __name__ == "__main__":
    main()
