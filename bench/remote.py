"""Measure a dataset in the stores of others: copying it there, and changing it.

The same changes are made to the embedded store and, one by one in turn, to a copy of it
in each store that can be had.
"""

from __future__ import annotations

import os
import shutil
import statistics
import tempfile
import time
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import cast

import click

from bench import options
from bench.load.servers import Server, UnavailableError, writable
from bench.results import add_section
from kg.change import Change
from kg.errors import ChangeError
from kg.graph import KnowledgeGraph
from kg.history import undo
from kg.progress import silent
from kg.remote import Place, RemoteStore
from kg.remote.capabilities import fitting
from kg.remote.copying import copy_to
from kg.store import Store
from kg.stores import open_store


@dataclass(slots=True)
class Measured:
    """What was measured of a store: seconds, and round trips of a change."""

    name: str
    graph: KnowledgeGraph
    copying: float = 0.0
    adding: list[float] = field(default_factory=list)
    removing: list[float] = field(default_factory=list)
    requests: list[int] = field(default_factory=list)

    def change(self, made: Change, into: list[float]) -> None:
        """Make a change, and note how long it took."""
        before, began = self._asked(), time.perf_counter()
        verdict, _ = self.graph.add(made, agent="bench", message="a change")
        into.append(time.perf_counter() - began)
        self.requests.append(self._asked() - before)
        if not verdict.accepted:
            raise SystemExit(f"{self.name} does not accept the change")

    def _asked(self) -> int:
        store = cast("object", self.graph.store)
        return store.engine.client.requests if isinstance(store, RemoteStore) else 0

    def row(self, quads: int, first: Measured) -> str:
        """Return the measurement as a row of a table, beside that of *first*."""
        adding = statistics.median(self.adding)
        ratio = adding / statistics.median(first.adding)
        copied = f"{self.copying:,.1f} s" if self.copying else "–"
        rate = f"{quads / self.copying:,.0f}" if self.copying else "–"
        removing = statistics.median(self.removing)
        requests = max(self.requests) or "–"
        return (
            f"| {self.name} | {copied} | {rate} | **{adding * 1000:,.0f} ms**"
            f" | {ratio:.1f} | {removing * 1000:,.0f} ms | {requests} |"
        )


def measured(path: Path, servers: list[Server], times: int) -> list[Measured]:
    """Copy the store at *path* to each of *servers*, and change all of them."""
    beside = Measured("embedded", KnowledgeGraph(Store(path)))
    found = [beside]
    for server in servers:
        where = f"http://127.0.0.1:{server.port}{server.path.removesuffix('/query')}"
        view = fitting(Place.of(where))
        began = time.perf_counter()
        copy_to(beside.graph.store, Place.of(where), view=view, force=True, tell=silent)
        taken = time.perf_counter() - began
        there = KnowledgeGraph(open_store(where))
        found.append(Measured(f"{server.name} {server.version}", there, taken))
    made = undo(beside.graph.store, beside.graph.store.version)
    back = Change(added=made.removed, removed=made.added)
    names = ("adding", "removing") if made.added else ("removing", "adding")
    ways = list(zip((made, back), names, strict=True))
    for one in found:  # ontology and shapes are read and compiled
        one.change(made, [])
        one.change(back, [])
        one.requests.clear()
    for _ in range(times):
        for change, name in ways:
            for one in found:
                one.change(change, getattr(one, name))
    return found


@click.command()
@click.option("--store", type=click.Path(path_type=Path, exists=True), required=True)
@click.option("--times", default=15)
@options.output
def main(store: Path, times: int, output: Path) -> None:
    """Measure a copy of STORE, whose last change is done and undone again and again."""
    load = os.getloadavg()[0]
    with ExitStack() as up:
        folder = Path(
            up.enter_context(tempfile.TemporaryDirectory(prefix="exequatur-"))
        )
        copy = folder / "store"
        shutil.copytree(store, copy)
        servers = []
        for server in writable(folder):
            try:
                log = folder / f"{server.path.strip('/').replace('/', '-')}.log"
                servers.append(up.enter_context(server.running(log)))
            except UnavailableError as error:
                click.echo(f"left out: {error}", err=True)
        here = Store(copy).snapshot()
        try:
            made = undo(Store(copy), here.version)
        except ChangeError as why:
            raise click.UsageError(f"{why}; or make a change with `kg add`") from why
        found = measured(copy, servers, times)
        text = section(found, len(here), len(made.added | made.removed), load)
    click.echo(text)
    add_section(output, text)


def section(found: list[Measured], quads: int, size: int, load: float) -> str:
    """Return the section of the results."""
    today = datetime.now(UTC).date().isoformat()
    lines = [
        f"## {today}, version {version('exequatur')}, in the stores of others\n",
        f"{quads:,} quads, a change of {size} of them; medians of"
        f" {len(found[0].adding)}, in turn. The load average was {load:.1f} before.\n",
        "| store | copied, and read back, in | quads/s | adding | : embedded | removing"
        " | requests, at most |",
        "| --- | ---: | ---: | ---: | ---: | ---: | ---: |",
        *(one.row(quads, found[0]) for one in found),
    ]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    main()
