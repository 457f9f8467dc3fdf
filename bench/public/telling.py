"""What the benchmark told, as a section of `RESULTS.md`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib.metadata import version

from bench.public.bsbm import RUNS, SEED, VERSION, WARM_UPS, Mixes
from bench.results import Machine


@dataclass(slots=True)
class Line:
    """What a server told: how long it took to be ready, and mixes by clients."""

    name: str
    version: str
    ready: float
    mixes: dict[int, Mixes] = field(default_factory=dict)
    memory: int = 0
    agreed: int = 0


@dataclass(slots=True)
class Told:
    """What was told with data about so many *products*."""

    products: int
    asked: int
    triples: int = 0
    inferred: str = ""
    lines: list[Line] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def section(
    machine: Machine,
    sizes: list[Told],
    clients: int,
    seconds: float,
    notes: list[str],
) -> str:
    """Return the section on all *sizes*, and on what could not be had at all."""
    every = {f"{line.name} {line.version}" for told in sizes for line in told.lines}
    parts = [
        f"## {datetime.now(UTC):%Y-%m-%d}, version {version('exequatur')},"
        " the Berlin SPARQL Benchmark\n",
        f"Use case explore, generator, queries and driver of bsbm-core {VERSION};"
        f" {', '.join(sorted(every))}. {machine.cores} cores, which the driver shares,"
        f" {machine.kernel}, Python {machine.python}. Seed {SEED}; {WARM_UPS} query"
        f" mixes to warm up and {RUNS} measured, or as many as there is time for in"
        f" {seconds:.0f} s. The load average was {machine.load:.1f} before.\n",
    ]
    for told in sizes:
        parts += _size(told, clients)
    if sizes:
        parts += _queries(sizes[-1])
    parts += [f"- {note}" for note in notes]
    if notes:
        parts.append("")
    return "\n".join(parts)


def _size(told: Told, clients: int) -> Iterator[str]:
    yield f"### {told.products:,} products\n"
    if told.inferred:
        yield f"Our {told.triples:,} triples {told.inferred}.\n"
    yield (
        "| server | ready after | query mixes an hour | measured |"
        f" with {clients} clients | memory | same answers |"
    )
    yield "| --- | ---: | ---: | ---: | ---: | ---: | ---: |"
    for line in told.lines:
        alone, together = line.mixes.get(1), line.mixes.get(clients)
        runs = f"{alone.runs}, after {alone.warm_ups}" if alone else "–"
        yield (
            f"| {line.name} | {line.ready:.1f} s | **{_per_hour(alone)}** | {runs} |"
            f" {_per_hour(together)} | {line.memory / 2**20:,.0f} MiB |"
            f" {line.agreed} of {told.asked} |"
        )
    yield ""
    if told.notes:
        yield from (f"- {note}" for note in told.notes)
        yield ""


def _queries(told: Told) -> Iterator[str]:
    """Tell of each query; the servers are the columns."""
    measured = [line for line in told.lines if 1 in line.mixes]
    if not measured:
        return
    yield (
        f"Each query with {told.products:,} products and one client, geometric means:\n"
    )
    yield f"| query | {' | '.join(line.name for line in measured)} |"
    yield f"| ---: |{' ---: |' * len(measured)}"
    for number in sorted(measured[0].mixes[1].queries):
        cells = [line.mixes[1].queries.get(number) for line in measured]
        told_of = [f"{cell.seconds * 1000:.3g} ms" if cell else "–" for cell in cells]
        yield f"| {number} | {' | '.join(told_of)} |"
    yield ""


def _per_hour(mixes: Mixes | None) -> str:
    return f"{mixes.per_hour:,.0f}" if mixes else "–"
