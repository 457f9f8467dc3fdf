"""Measure servers under load, ours beside others: `python -m bench.load`.

    python -m bench.load                          a graph of a million triples
    python -m bench.load --seconds 5 --clients 8
    python -m bench.load --store STORE            one that `kg build` made before

The numbers are put on top of `bench/RESULTS.md`.
"""

from __future__ import annotations

import asyncio
import json
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from importlib.metadata import version
from itertools import count
from pathlib import Path
from random import Random

import click

from bench import options
from bench.load import questions, servers
from bench.load.client import LONGEST, Load, answer, ask
from bench.load.questions import ENDLESS, LOOKUP, QUESTIONS, Pools
from bench.load.servers import OURS, Ground, Server, UnavailableError
from bench.results import Machine, add_section
from bench.world import World, write
from kg.build import Sources, build_store
from kg.store import Store

REPEATED = 2_000
"""So many queries the repeated mix is drawn from."""

WORKLOADS: dict[str, Callable[[Pools, Random], Iterator[str]]] = {
    "look-ups": lambda pools, random: questions.fresh([LOOKUP], pools, random),
    "mix": lambda pools, random: questions.fresh(QUESTIONS, pools, random),
    "mix, repeated": lambda pools, random: questions.repeated(
        QUESTIONS, pools, random, REPEATED
    ),
}


SERVERS: dict[str, Callable[[Ground], Server]] = {
    "exequatur": servers.ours,
    "oxigraph": servers.oxigraph,
    "fuseki": servers.fuseki,
    "rdflib-endpoint": servers.rdflib_endpoint,
}
"""How each server is made ready; the others are compared with the first."""

DISTURBED = "look-ups, beside 4 clients whose queries have no end"


def rows(status: int, body: bytes) -> int | str:
    """Return how many rows or triples an answer has; what else it says."""
    if status != 200:
        return f"status {status}"
    if not body.lstrip().startswith(b"{"):
        return sum(1 for line in body.splitlines() if line.strip())
    told = json.loads(body)
    return (
        int(told["boolean"]) if "boolean" in told else len(told["results"]["bindings"])
    )


def differences(server: Server, wanted: dict[str, int | str]) -> list[str]:
    """Return the queries to which *server* gives other numbers of rows."""
    found = []
    for query, number in wanted.items():
        told = answered(server, query)
        if told != number:
            asked = query.partition("SELECT ")[2] or query
            found.append(f"{told} rows, not {number}: `{asked}`")
    return found


def answered(server: Server, query: str) -> int | str:
    """Return how many rows *server* has for *query*."""
    try:
        return rows(*asyncio.run(answer(server.port, server.path, query)))
    except TimeoutError:
        return f"nothing in {LONGEST:.0f} s"


class Trial:
    """One series of measurements of all servers, in turn."""

    def __init__(
        self, pools: Pools, *, seed: int, clients: list[int], seconds: float
    ) -> None:
        self.pools = pools
        self.seed = seed
        self.clients = clients
        self.seconds = seconds
        self.wanted: dict[str, int | str] = {}
        self.lines: list[str] = []
        self.notes: list[str] = []

    def measure(self, server: Server) -> None:
        """Ask *server*, which is running, all that is asked, once it is at rest."""
        if not self.wanted:
            first = Random(self.seed)
            sample = questions.fresh(QUESTIONS, self.pools, first)
            self.wanted = {
                query: answered(server, query)
                for query, _ in zip(sample, range(2 * len(QUESTIONS)), strict=False)
            }
        else:
            told = differences(server, self.wanted)
            self.notes += [f"{server.name}: {line}" for line in told]
        warm = questions.fresh(QUESTIONS, self.pools, Random(self.seed))
        ask(server.port, server.path, warm, max(self.clients), min(self.seconds, 5))
        server.settle()
        for name, workload in WORKLOADS.items():
            for clients in self.clients:
                queries = workload(self.pools, Random(f"{self.seed} {name} {clients}"))
                load = ask(server.port, server.path, queries, clients, self.seconds)
                self._tell(server, name, clients, load)
        if server.name == OURS:
            self._disturb(server)

    def _disturb(self, server: Server) -> None:
        """Ask look-ups beside four clients whose queries have no end."""
        for clients in self.clients:
            random = Random(f"{self.seed} disturbed {clients}")
            queries = questions.fresh([LOOKUP], self.pools, random)
            endless = [_endless(number) for number in range(4)]
            load = ask(
                server.port, server.path, queries, clients, self.seconds, beside=endless
            )
            self._tell(server, DISTURBED, clients, load)

    def _tell(self, server: Server, name: str, clients: int, load: Load) -> None:
        middle, worst = load.percentile(50), load.percentile(99)
        click.echo(f"{server.name}, {name}, {clients}: {load.rate:,.0f}/s", err=True)
        self.lines.append(
            f"| {name} | {clients} | {server.name} | **{load.rate:,.0f}** |"
            f" {_duration(middle)} | {_duration(worst)} | {load.errors} |"
            f" {server.memory() / 2**20:,.0f} MiB |"
        )


def _endless(number: int) -> Iterator[str]:
    """Yield queries without end, each unlike all others."""
    return (f"{ENDLESS} # {number}-{again}" for again in count())


def _duration(seconds: float | None) -> str:
    return "–" if seconds is None else f"{seconds * 1000:.3g} ms"


def _section(machine: Machine, triples: int, trial: Trial, names: list[str]) -> str:
    order = [*WORKLOADS, DISTURBED]
    lines = sorted(trial.lines, key=lambda line: order.index(line.split(" | ")[0][2:]))
    notes = [f"- {note}" for note in trial.notes]
    return "\n".join(
        [
            f"## {datetime.now(UTC):%Y-%m-%d}, version {version('exequatur')},"
            " under load\n",
            f"{', '.join(names)}; {triples:,} triples in the default graph."
            f" {machine.cores} cores, which the clients share, {machine.kernel},"
            f" Python {machine.python}. Seed {trial.seed}; {trial.seconds:.0f} s for"
            f" each. The load average was {machine.load:.1f} before.\n",
            "| asked | clients | server | answers/s | p50 | p99 | errors | memory |",
            "| --- | ---: | --- | ---: | ---: | ---: | ---: | ---: |",
            *lines,
            "",
            *notes,
            *([""] if notes else []),
        ]
    )


@click.command()
@click.option("--size", default=500_000, help="Quads stated, about half the triples.")
@click.option("--store", callback=options.store, help="A store made before.")
@click.option("--seconds", type=click.FloatRange(0.1), default=10.0,
              help="How long each measurement takes.")  # fmt: skip
@click.option("--clients", default="1,8", callback=options.numbers,
              help="How many ask at the same time.")  # fmt: skip
@click.option("--seed", default=1)
@click.option("--only", type=click.Choice(sorted(SERVERS)), multiple=True,
              help="Measure this server, and others that are named so.")  # fmt: skip
@options.output
def main(
    size: int,
    store: Path | None,
    seconds: float,
    clients: list[int],
    seed: int,
    only: tuple[str, ...],
    output: Path,
) -> None:
    """Ask ours and other servers the same, and put the numbers in RESULTS.md."""
    machine = Machine.this()
    with tempfile.TemporaryDirectory() as home:
        ground = Ground(store or _built(Path(home), seed, size), Path(home) / "view.nt")
        triples = servers.fill(ground.store, ground.triples)
        click.echo(f"{triples:,} triples", err=True)
        pools = questions.pools(Store(ground.store).snapshot(), Random(seed))
        trial = Trial(pools, seed=seed, clients=clients, seconds=seconds)
        names = []
        for name in only or SERVERS:
            try:
                server = SERVERS[name](ground)
                with server.running(Path(home) / f"{name}.log"):
                    trial.measure(server)
                names.append(f"{server.name} {server.version}")
            except UnavailableError as error:
                click.echo(str(error), err=True)
                trial.notes.append(str(error))
        add_section(output, _section(machine, triples, trial, names))


def _built(home: Path, seed: int, size: int) -> Path:
    facts = home / "facts"
    facts.mkdir()
    write(World(seed, size).quads(), facts / "world.trig")
    build_store(home / "store", replace(Sources.shipped(), facts=facts))
    return home / "store"


if __name__ == "__main__":
    main()
