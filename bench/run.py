"""Measure how fast this project is, beside owlrl and pyshacl on the same machine.

    python -m bench.run                        10 minutes at most
    python -m bench.run --sizes 10000,100000   only these
    python -m bench.run --limit 1800 --budget 7200

The numbers are put on top of `bench/RESULTS.md`.
"""

from __future__ import annotations

import json
import shutil
import signal
import tempfile
import time
from pathlib import Path

import click

from bench import options
from bench.measures import Case, command
from bench.results import Machine, Outcome, add_section, section
from bench.watching import watched

REPEATS = {"build": 1, "change": 16, "opening": 9, "asking": 5}
"""How many samples a measurement has, where it is not 3."""

ROUNDS = 3
"""How often ours and the other's are measured in turn."""

LEAST = 5.0
"""Seconds that a measurement has once it is begun."""

PAIRS = (("closure", "closure_by_owlrl"), ("validation", "validation_by_pyshacl"))
OF_STORES = ("opening", "asking", "change")

MOST_IN_MEMORY = 2_000_000
"""Of larger worlds only stores are measured: the rest would hold them as objects."""


class Bench:
    """A series of measurements, each stopped at *limit*, all together at *budget*."""

    def __init__(self, home: Path, seed: int, limit: float, budget: float) -> None:
        self.home = home
        self.seed = seed
        self.limit = limit
        self.until = time.monotonic() + budget
        self.outcomes: list[Outcome] = []

    def measure(self, name: str, size: int, repeats: int | None = None) -> Outcome:
        """Make the measurement *name*, unless it is sure to take too long."""
        outcome = self.outcome(name, size)
        hopeless = self._hopeless(name, size)
        if hopeless:
            outcome.note = hopeless
            return outcome
        click.echo(f"{name} at {size:,} ... ", nl=False, err=True)
        case = Case(
            size=size,
            seed=self.seed,
            home=str(self.home),
            repeats=repeats or REPEATS.get(name, 3),
            seconds=self.limit / 3,
        )
        started = time.monotonic()
        self._run(outcome, case)
        taken = time.monotonic() - started
        click.echo(f"{outcome.note or 'done'} ({taken:.0f} s)", err=True)
        return outcome

    def beside(self, ours: str, other: str, size: int) -> None:
        """Measure *ours* and the *other* in turn, with the same facts."""
        started = time.monotonic()
        for _ in range(ROUNDS):
            for name in (ours, other):
                self.measure(name, size, repeats=1)
            if time.monotonic() - started > self.limit:
                return

    def store(self, size: int) -> bool:
        """Build a store of the world; tell whether there is one now."""
        return bool(self.measure("build", size).samples)

    def outcome(self, name: str, size: int) -> Outcome:
        """Return what *name* has told at *size* so far."""
        for outcome in self.outcomes:
            if (outcome.measure, outcome.size) == (name, size):
                return outcome
        self.outcomes.append(Outcome(name, size))
        return self.outcomes[-1]

    def _hopeless(self, name: str, size: int) -> str:
        if time.monotonic() > self.until:
            return "not begun: the time for all was up"
        smaller = [o for o in self.outcomes if o.measure == name and o.size < size]
        last = max(smaller, key=lambda o: o.size, default=None)
        if last is None:
            return ""
        if last.note:
            return f"not begun: {last.size:,} took too long already"
        expected = (last.middle() or last.middle("adding") or 0) * size / last.size
        if expected > self.limit:
            return f"not begun: {expected:.0f} s expected"
        return ""

    def _run(self, outcome: Outcome, case: Case) -> None:
        seconds = max(LEAST, min(self.limit, self.until - time.monotonic()))
        with tempfile.TemporaryFile("w+", encoding="utf-8") as told:
            status, peak, _ = watched(command(outcome.measure, case), told, seconds)
            told.seek(0)
            for line in told.read().splitlines():
                name, value = json.loads(line)
                outcome.samples.setdefault(name, []).append(value)
        outcome.peak = max(outcome.peak, peak)
        if status == -signal.SIGKILL:
            outcome.note = f"stopped after {seconds:.0f} s"
        elif status:
            outcome.note = f"failed with status {status}"


def _measure_all(bench: Bench, sizes: list[int], reference: int) -> None:
    """Make all measurements, those that may take longest last."""
    for size in sorted({reference, *sizes}):
        bench.measure("generate", size, 1)
    for ours, other in PAIRS:
        bench.beside(ours, other, reference)
    _measure_rest(bench, "closure", sizes)
    for size in sizes:
        if bench.store(size):
            for name in OF_STORES:
                bench.measure(name, size)
    _measure_rest(bench, "validation", sizes)


def _measure_rest(bench: Bench, name: str, sizes: list[int]) -> None:
    """Make the measurement *name* at the sizes at which it has not been made."""
    for size in (size for size in sizes if size <= MOST_IN_MEMORY):
        if not bench.outcome(name, size).samples:
            bench.measure(name, size)


@click.command()
@click.option("--sizes", default="10000,100000,1000000", callback=options.numbers)
@click.option("--reference", default=5000, help="Size at which others are measured.")
@click.option("--seed", default=1)
@click.option("--limit", default=120.0, help="Seconds for each measurement.")
@click.option("--budget", default=600.0, help="Seconds for all of them.")
@options.output
def main(
    sizes: list[int],
    reference: int,
    seed: int,
    limit: float,
    budget: float,
    output: Path,
) -> None:
    """Measure, and write down what was measured."""
    home = Path(tempfile.mkdtemp(prefix="exequatur-bench-"))
    machine = Machine.this()
    bench = Bench(home, seed, limit, budget)
    started = time.monotonic()
    try:
        _measure_all(bench, sizes, reference)
    finally:
        shutil.rmtree(home)
    taken = time.monotonic() - started
    text = section(machine, bench.outcomes, seed=seed, limit=limit, taken=taken)
    add_section(output, text)


if __name__ == "__main__":
    main()
