"""The same work by this project and by others: `python -m bench.peers TASK`.

    python -m bench.peers validation
    python -m bench.peers reasoning --sizes 10000,100000,1000000 --limit 120
    python -m bench.peers loading

What each engine answers is compared with our answers. An engine that does not end
within the limit at a size is not asked to at a larger one.
"""

from __future__ import annotations

import json
import math
import os
import signal
import sys
import tempfile
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import click

from bench import options
from bench.load.servers import UnavailableError
from bench.peers.given import Given, prepare
from bench.peers.substance import Substance
from bench.peers.tasks import TASKS, VERSIONS
from bench.peers.telling import OURS, Measured, Row, section, write_data
from bench.results import Machine, add_section
from bench.watching import watched

PATIENCE = 3
"""So many times the limit may pass by the clock: others use the same processors."""


class Series:
    """The engines of one task, one size after the other."""

    def __init__(self, name: str, limit: int, memory: float = math.inf) -> None:
        self._name, self._task = name, TASKS[name]
        self._limit, self._memory = limit, memory
        self._given_up: set[str] = set()
        task = self._task
        self.found = Measured(name, task.title, task.about, limit, task.counted)
        versions = {engine: _version(engine) for engine in task.engines}
        self.found.versions = {e: here for e, here in versions.items() if here}
        self._left_out = [engine for engine in task.engines if not versions[engine]]

    def measure(self, size: int, seed: int, folder: Path) -> None:
        """Do the task at one *size* by each engine in turn."""
        given = prepare(self._name, size, seed, folder)
        triples = given.triples()
        rows = [Row(size, triples, engine) for engine in self.found.versions]
        self.found.rows += rows
        for row in rows:
            if row.engine in self._given_up:
                row.note = "not begun"
            else:
                self._work(given, row)
                told = row.note or f"{row.cpu:.1f} s of CPU"
                click.echo(f"{self._name}, {size:,}, {row.engine}: {told}", err=True)
        if self._task.is_compared:
            _compare(given, rows)
        self.found.notes = list(self._task.notes(given))
        self.found.notes += [f"{engine} is not installed." for engine in self._left_out]

    def _work(self, given: Given, row: Row) -> None:
        apart = self._task.apart.get(row.engine)
        try:
            if apart:
                samples = apart(given, self._limit * PATIENCE)
            else:
                samples = self._run(row.engine, given)
        except UnavailableError as error:
            row.note = str(error)
            self._given_up.add(row.engine)
            return
        row.seconds, row.cpu = samples["seconds"], samples["seconds, CPU"]
        row.peak = int(samples["peak"])
        row.answers = int(samples["answers"]) if "answers" in samples else None

    def _run(self, engine: str, given: Given) -> dict[str, float]:
        """Have *engine* work in a process of its own; raise UnavailableError."""
        where = [self._name, engine, str(given.folder), str(self._limit)]
        command = [sys.executable, "-m", "bench.peers.engines", *where]
        # What it writes down in the end takes time that does not count.
        seconds = self._limit * (PATIENCE + 1) + 60
        with tempfile.TemporaryFile("w+", encoding="utf-8") as told:
            status, peak, _ = watched(command, told, seconds, self._memory)
            told.seek(0)
            samples = dict(map(json.loads, told.read().splitlines()))
        if peak > self._memory:
            raise UnavailableError(f"not within {self._memory / 2**30:.0f} GiB")
        if status in {-signal.SIGXCPU, -signal.SIGKILL}:
            raise UnavailableError(f"not within {self._limit} s")
        if status:
            raise UnavailableError(f"fails with status {status}")
        if not self._task.is_compared:
            samples["answers"] = int(given.answer(engine).read_text(encoding="utf-8"))
        return samples


def _compare(given: Given, rows: list[Row]) -> None:
    """Say of each row how its answers differ from ours."""
    substance = Substance(given)
    for row in rows:
        if row.cpu is not None:
            counted = substance.beside(row.engine, OURS)
            row.answers, row.missing, row.more = counted


def _version(engine: str) -> str:
    """Return the version of *engine* that is here; nothing if it is not."""
    if engine in VERSIONS:
        return VERSIONS[engine]
    try:
        return str(version(engine.lower()))
    except PackageNotFoundError:
        return ""


@click.command()
@click.argument("task", type=click.Choice(sorted(TASKS)))
@click.option("--sizes", default="10000,100000,1000000", callback=options.numbers)
@click.option("--seed", default=1)
@click.option("--limit", default=120, help="Seconds of CPU for each engine.")
@click.option(
    "--memory",
    type=click.FloatRange(0, min_open=True),
    help="GiB for an engine that is a process.",
)
@options.output
def main(
    task: str,
    sizes: list[int],
    seed: int,
    limit: int,
    memory: float | None,
    output: Path,
) -> None:
    """Do TASK by each engine, and write down what it took beside what it answered."""
    bytes_ = memory * 2**30 if memory else math.inf
    machine, series = Machine.this(), Series(task, limit, bytes_)
    for size in sizes:
        with tempfile.TemporaryDirectory(prefix="exequatur-") as home:
            series.measure(size, seed, Path(home) / "given")
    after = os.getloadavg()[0]
    text = section(series.found, machine, after)
    click.echo(text)
    add_section(output, text)
    write_data(series.found, machine, after, output.parent / "results" / f"{task}.json")


if __name__ == "__main__":
    main()
