"""Measure how long pages take: of a hub, of what is ordinary, and those of the site.

A store is copied, and a hub with as many incoming links as are asked for is put into
the copy. Requests are made in this process, one after the other, without a socket.
"""

from __future__ import annotations

import os
import shutil
import tempfile
import time
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from importlib.metadata import version
from itertools import islice
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING
from urllib.parse import quote

import click

from bench import options
from bench.results import add_section
from kg.config import Settings
from kg.graph import KnowledgeGraph
from kg.store import Store
from kg.terms import BASE, EXQ, LABEL, MERGED_VIEW, TYPE, Literal, NamedNode, Quad
from server.app import create_app

if TYPE_CHECKING:
    from collections.abc import Iterator

HUB = NamedNode(f"{BASE}id/hub-of-the-benchmark")
SOURCE = NamedNode(f"{BASE}source/of-the-benchmark#s01")
ROUNDS = 15


@dataclass(frozen=True, slots=True)
class Timed:
    """How long a page took: the first time, and then, in seconds."""

    name: str
    size: int
    first: float
    others: tuple[float, ...]
    worked: tuple[float, ...]


def hub(links: int) -> Iterator[Quad]:
    """Yield a state to which so many events lead, by two properties each fourth."""
    said: list[tuple[NamedNode, NamedNode, NamedNode | Literal]] = [
        (HUB, TYPE, NamedNode(f"{EXQ}State")),
        (HUB, LABEL, Literal("Hub")),
    ]
    ways = [NamedNode(f"{EXQ}{name}") for name in ("involvesState", "hasHost")]
    for number in range(links):
        event = NamedNode(f"{BASE}id/hub-event-{number}")
        said.append((event, TYPE, NamedNode(f"{EXQ}Event")))
        said.append((event, LABEL, Literal(f"Event {number}", language="en")))
        said.append((event, ways[number % 4 == 0], HUB))
    for triple in said:
        for graph in (MERGED_VIEW, SOURCE):
            yield Quad(*triple, graph)


def measured(store: Path, links: int) -> tuple[int, list[Timed]]:
    """Return how many triples there are, and how long the pages of *store* took."""
    with Store(store).writing() as writer:
        writer.commit(added=tuple(hub(links)), removed=(), journal=())
    settings = replace(Settings(), store=store)
    graph = KnowledgeGraph.open(settings)
    snapshot = graph.snapshot()
    triples = sum(1 for _ in snapshot.quads(graph=MERGED_VIEW))
    state = NamedNode(f"{EXQ}State")
    states = islice(snapshot.quads(None, TYPE, state, MERGED_VIEW), 50)
    ordinary = next(str(q.subject) for q in states if q.subject != HUB)
    path = ordinary.strip("<>").removeprefix(BASE).removeprefix("id/")
    listed = quote(f"{EXQ}involvesState", safe="")
    pages = {
        f"entity with {links:,} incoming links": f"/doc/{HUB.value.rpartition('/')[2]}",
        "its links by one property, the last page": (
            f"/doc/{HUB.value.rpartition('/')[2]}?property={listed}"
            f"&direction=incoming&page={links * 3 // 400}"
        ),
        "an ordinary state": f"/doc/{path}",
        "front page": "/",
        "search": "/search?q=morocco",
        "timeline": "/timeline",
    }
    client = create_app(graph, settings).test_client()
    return triples, [_timed(client, name, path) for name, path in pages.items()]


def _timed(client: object, name: str, path: str) -> Timed:
    taken, worked = [], []
    for _ in range(ROUNDS + 1):
        began, before = time.perf_counter(), time.process_time()
        answer = client.get(path, headers={"Accept": "text/html"})  # type: ignore[attr-defined]
        taken.append(time.perf_counter() - began)
        worked.append(time.process_time() - before)
        if answer.status_code != 200:
            raise click.ClickException(f"{path} answers {answer.status_code}")
    return Timed(name, len(answer.data), taken[0], tuple(taken[1:]), tuple(worked[1:]))


def section(triples: int, rows: list[Timed], load: float) -> str:
    """Return the measurements as a section of `RESULTS.md`."""
    lines = [
        f"## {datetime.now(UTC):%Y-%m-%d}, version {version('exequatur')}, pages\n",
        f"{triples:,} triples in the default graph. {os.cpu_count()} cores, Python's "
        f"own client in the process of the server; {ROUNDS} requests after the first "
        f"one, which also gathers what a version's pages share. The load average was "
        f"{load:.1f} before and {os.getloadavg()[0]:.1f} after.\n",
        "| page | bytes | median | of it CPU | slowest | the first |",
        "| --- | ---: | ---: | ---: | ---: | ---: |",
    ]
    for row in rows:
        numbers = (
            *(median(row.others), median(row.worked)),
            *(max(row.others), row.first),
        )
        told = " | ".join(f"{1000 * number:,.0f} ms" for number in numbers)
        lines.append(f"| {row.name} | {row.size:,} | {told} |")
    return "\n".join(lines) + "\n"


@click.command()
@click.option("--store", type=click.Path(path_type=Path, exists=True), required=True)
@click.option("--links", default=50_000)
@options.output
def main(store: Path, links: int, output: Path) -> None:
    """Measure the pages of a copy of STORE, and write down what was measured."""
    load = os.getloadavg()[0]
    with tempfile.TemporaryDirectory(prefix="exequatur-pages-") as folder:
        copy = Path(folder) / "store"
        shutil.copytree(store, copy)
        triples, rows = measured(copy, links)
    text = section(triples, rows, load)
    click.echo(text)
    add_section(output, text)


if __name__ == "__main__":
    main()
