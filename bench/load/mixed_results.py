"""What reading beside writing came to: a section of `RESULTS.md`, and plain data."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from typing import TYPE_CHECKING

from bench.load.servers import OURS

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from bench.load.client import Load
    from bench.load.servers import Server
    from bench.results import Machine


@dataclass(frozen=True, slots=True)
class Rate:
    """How many a second, and how long half of them and nearly all of them took."""

    a_second: float
    p50: float | None
    p99: float | None

    @classmethod
    def of(cls, load: Load) -> Rate:
        """Return that of a *load*."""
        return cls(load.rate, load.percentile(50), load.percentile(99))

    def cells(self) -> str:
        """Return it as three cells of a table."""
        times = (self.p50, self.p99)
        told = (f"{t * 1000:,.1f} ms" if t is not None else "–" for t in times)
        return " | ".join([f"**{self.a_second:,.1f}**", *told])


@dataclass(frozen=True, slots=True)
class Mixed:
    """One server with so many *triples*: asked alone, beside a writer; and written.

    *cpu* are the seconds of the processors that an answer took it, asked alone.
    """

    triples: int
    engine: str
    version: str
    cpu: float | None
    alone: Rate
    beside: Rate
    changes: Rate
    errors: int

    @classmethod
    def of(
        cls, server: Server, triples: int, used: float, loads: Sequence[Load]
    ) -> Mixed:
        """Return what three *loads* of *server* came to, which *used* CPU alone."""
        alone, beside, written = map(Rate.of, loads)
        errors = sum(load.errors for load in loads)
        return cls(
            triples,
            server.name,
            server.version,
            used / len(loads[0].durations) if loads[0].durations else None,
            alone,
            beside,
            written,
            errors,
        )

    def line(self) -> str:
        """Return it as a row of a table."""
        judged = "judged" if self.engine == OURS else "taken in"
        return (
            f"| {self.triples:,} | {self.engine} | {self.alone.cells()}"
            f" | {f'{self.cpu * 1000:,.2f} ms' if self.cpu else '–'}"
            f" | {self.beside.cells()} | {judged} | {self.changes.cells()}"
            f" | {self.errors} |"
        )


def section(
    machine: Machine, rows: list[Mixed], clients: int, seconds: float, after: float
) -> str:
    """Return the section of the results; *after* is the load average after it."""
    versions = dict.fromkeys(f"{row.engine} {row.version}" for row in rows)
    return "\n".join([
        f"## {datetime.now(UTC):%Y-%m-%d}, version {version('exequatur')}, read and"
        " written\n",
        f"{', '.join(versions)}. The mix asked by {clients} clients, alone and while"
        " one more commits small changes, one after the other;"
        f" {seconds:.0f} s each. {machine.cores} cores, which the clients share,"
        f" Python {machine.python}. The load average was {machine.load:.1f} before and"
        f" {after:.1f} after, with the clients' own."
        " Ours judges what it commits by ontology and shapes, works out what follows"
        " and keeps what was before; the others take in what they are told,"
        " rdflib-endpoint in memory alone.\n",
        "| triples | server | answers/s alone | p50 | p99 | CPU each"
        " | answers/s beside | p50 | p99 | changes are | changes/s | p50 | p99"
        " | errors |",
        "| ---: | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | --- |"
        " ---: | ---: | ---: | ---: |",
        *(row.line() for row in rows),
        "",
    ])  # fmt: skip


def write_data(
    machine: Machine,
    rows: list[Mixed],
    clients: int,
    seconds: float,
    after: float,
    path: Path,
) -> None:
    """Write it as plain data, which plots are made from, to *path*."""
    data = {
        "task": "reading and writing",
        "date": f"{datetime.now(UTC):%Y-%m-%d}",
        "version": version("exequatur"),
        "python": machine.python,
        "cores": machine.cores,
        "load": [round(machine.load, 1), round(after, 1)],
        "clients": clients,
        "seconds": seconds,
        "rows": [asdict(row) for row in rows],
    }
    path.parent.mkdir(exist_ok=True)
    text = json.dumps(data, indent=1, ensure_ascii=False)
    path.write_text(f"{text}\n", encoding="utf-8")
