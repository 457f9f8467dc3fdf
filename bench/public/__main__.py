"""Measure servers by the Berlin SPARQL Benchmark: `python -m bench.public`.

    python -m bench.public                            100, 666 and 2,785 products
    python -m bench.public --products 100 --seconds 5

The numbers are put on top of `bench/RESULTS.md`.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import click

from bench import options
from bench.load import servers
from bench.load.servers import Ground, Server, UnavailableError
from bench.public import foreign
from bench.public.agreement import Agreement, asking
from bench.public.bsbm import Data, FailedError, Kit, Mixes, runs_within
from bench.public.telling import Line, Told, section
from bench.results import Machine, add_section

SERVERS: dict[str, Callable[[Ground], Server]] = {
    "exequatur": servers.ours,
    "oxigraph": servers.oxigraph,
    "fuseki": servers.fuseki,
    "rdflib-endpoint": servers.rdflib_endpoint,
}
"""How each server is made ready; answers are compared with those of the first."""

COMPARED = 4
"""So many query mixes are asked of each server to compare the answers."""
_PROBE = 3
_NOTHING = "<urn:a> <urn:b> <urn:c> .\n"


@dataclass(slots=True)
class Trial:
    """The measurements at one size, of one server after the other."""

    kit: Kit
    data: Data
    home: Path
    seconds: float
    clients: int
    agreement: Agreement
    told: Told

    def run(self, name: str) -> None:
        """Measure the server *name*; what cannot be done is noted."""
        try:
            began = time.perf_counter()
            server = self._ready(name)
            with server.running(self.home / f"{name}.log"):
                line = Line(server.name, server.version, time.perf_counter() - began)
                self.told.lines.append(line)
                self._measure(server, line)
        except (FailedError, UnavailableError) as error:
            self.told.notes.append(f"{name}: {error}")
        if name == "exequatur":
            self._check_view()

    def _ready(self, name: str) -> Server:
        store = self.home / "store"
        if name == "exequatur":
            foreign.build(store, foreign.sources(self.data, self.home / "sources"))
        return SERVERS[name](Ground(store, self.data.chained))

    def _measure(self, server: Server, line: Line) -> None:
        url = f"http://127.0.0.1:{server.port}{server.path}"
        limit = max(60.0, 4 * self.seconds)
        probe = self.kit.measure(self.data, url, clients=1, warm_ups=_PROBE,
                                 runs=_PROBE, limit=limit)  # fmt: skip
        for clients in dict.fromkeys([1, self.clients]):
            warm_ups, runs = runs_within(self.seconds, probe.each)
            mixes = self.kit.measure(self.data, url, clients=clients,
                                     warm_ups=warm_ups, runs=runs,
                                     limit=2 * limit)  # fmt: skip
            line.mixes[clients] = mixes
            self._note_timeouts(server, mixes)
        line.memory = server.memory()
        line.agreed, wrong = self.agreement.compare(asking(url))
        self.told.notes += [f"{server.name}: {what}" for what in wrong]

    def _note_timeouts(self, server: Server, mixes: Mixes) -> None:
        late = sum(query.timeouts for query in mixes.queries.values())
        if late:
            self.told.notes.append(f"{server.name}: {late} queries were not answered")

    def _check_view(self) -> None:
        """Compare our merged view with what the generator says follows."""
        view = self.home / "view.nt"
        self.told.triples = servers.fill(self.home / "store", view)
        ours, theirs = foreign.differences(view, self.data.chained)
        self.told.inferred = (
            "are the generator's own forward chaining, triple for triple"
            if (ours, theirs) == (0, 0)
            else f"have {ours} triples more and {theirs} fewer than the generator's own"
        )


def available(names: list[str], home: Path) -> tuple[list[str], list[str]]:
    """Fetch what is lacking; return which servers can be had, and why others cannot."""
    found, notes = [], []
    triples = home / "nothing.nt"
    triples.write_text(_NOTHING, encoding="utf-8")
    for name in names:
        try:
            SERVERS[name](Ground(home / "none", triples))
            found.append(name)
        except UnavailableError as error:
            notes.append(str(error))
    return found, notes


@click.command()
@click.option("--products", default="100,666,2785", callback=options.numbers,
              help="How many products there are, about 360 triples each.")  # fmt: skip
@click.option("--seconds", type=click.FloatRange(0.1), default=15.0,
              help="How long a measurement may take, about.")  # fmt: skip
@click.option("--budget", type=click.FloatRange(0), default=600.0,
              help="Seconds after which no other server is begun.")  # fmt: skip
@click.option("--clients", type=click.IntRange(1), default=8,
              help="How many ask at the same time, after one alone.")  # fmt: skip
@click.option("--only", type=click.Choice(sorted(SERVERS)), multiple=True,
              help="Measure this server, and others that are named so.")  # fmt: skip
@options.output
def main(
    products: list[int],
    seconds: float,
    budget: float,
    clients: int,
    only: tuple[str, ...],
    output: Path,
) -> None:
    """Ask ours and other servers what the benchmark asks, and tell in RESULTS.md."""
    machine, began = Machine.this(), time.monotonic()
    with tempfile.TemporaryDirectory() as temporary:
        home = Path(temporary)
        try:
            kit = Kit.fetched()
            names, notes = available(list(only or SERVERS), home)
            sizes = []
            for size in products:
                place = home / str(size)
                data = kit.generate(size, place / "data")
                queries = kit.queries(data, COMPARED)
                told, agreement = Told(size, len(queries)), Agreement(queries)
                trial = Trial(kit, data, place, seconds, clients, agreement, told)
                for name in names:
                    taken = time.monotonic() - began
                    click.echo(f"{taken:.0f} s: {size} products, {name}", err=True)
                    if taken < budget:
                        trial.run(name)
                    else:
                        told.notes.append(f"{name}: no time was left")
                sizes.append(told)
        except (FailedError, UnavailableError) as error:
            raise click.ClickException(str(error)) from error
        add_section(output, section(machine, sizes, clients, seconds, notes))


if __name__ == "__main__":
    main()
