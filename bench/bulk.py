"""Load worlds through the gate: how fast, how much memory and disk, how interrupted.

python -m bench.bulk                          a hundred thousand and a million quads
python -m bench.bulk --sizes 1000000,10000000
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import click

from bench import options
from bench.results import Machine, add_section
from bench.world import World, write
from kg.store import Store

KG = str(Path(sys.executable).with_name("kg"))
BILLION = 1_000_000_000


@dataclass(frozen=True, slots=True)
class Run:
    """What a process took: seconds by the clock and of the processors, peak bytes."""

    seconds: float
    cpu: float
    peak: int


@dataclass(frozen=True, slots=True)
class Loaded:
    """What the loading of a world of *size* quads took."""

    size: int
    quads: int
    disk: int
    build: Run
    first: Run
    after: Run | None

    def row(self) -> str:
        """Return it as a row of a table."""
        build, after = self.build, self.after
        again = f"{after.seconds:,.1f} s (CPU {after.cpu:,.1f} s)" if after else "–"
        return (
            f"| {self.size:,} | **{build.seconds:,.1f} s** (CPU {build.cpu:,.1f} s)"
            f" | {self.size / build.seconds:,.0f} | {self.quads:,}"
            f" | {build.peak / 2**20:,.0f} MiB | {self.disk / 2**20:,.0f} MiB"
            f" | {self.first.seconds:.2f} s | {again} |"
        )


def ran(command: list[str], *, stop_after: float | None = None) -> Run:
    """Run *command* to its end, or kill it after so many seconds; tell what it took.

    Raise SystemExit where it fails by itself.
    """
    began = time.perf_counter()
    with tempfile.TemporaryFile() as said:
        process = subprocess.Popen(command, stdout=said, stderr=said)
        if stop_after is not None:
            time.sleep(stop_after)
            process.send_signal(signal.SIGKILL)
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode and stop_after is None:
            said.seek(0)
            raise SystemExit(said.read().decode(errors="replace"))
    taken = time.perf_counter() - began
    return Run(taken, used.ru_utime + used.ru_stime, used.ru_maxrss * 1024)


def load(size: int, seed: int, folder: Path, *, interrupt: bool) -> Loaded:
    """Load a world of *size* quads into a store below *folder*; measure it."""
    facts, path = folder / "facts", folder / "store"
    facts.mkdir()
    write(World(seed, size).quads(), facts / "world.trig")
    command = [KG, "--store", str(path), "build", "--facts", str(facts)]
    build = ran(command)
    first = ran([KG, "--store", str(path), "run", "posts-of-state", "--param",
                 f"state={_state(path)}", "--format", "csv"])  # fmt: skip
    after = None
    quads, disk = len(Store(path).snapshot()), _bytes(path)
    if interrupt:
        shutil.rmtree(path)
        ran(command, stop_after=build.seconds / 2)
        after = ran(command)
        if len(Store(path).snapshot()) != quads:
            raise SystemExit("the interrupted build ends with another store")
    return Loaded(size, quads, disk, build, first, after)


def _state(path: Path) -> str:
    query = (
        "PREFIX exq: <https://w3id.org/exequatur/ontology#>"
        " SELECT ?s { ?s a exq:State } ORDER BY ?s LIMIT 1"
    )
    ((state,),) = Store(path).snapshot().query(query).rows()
    return str(state).strip("<>")


def _bytes(path: Path) -> int:
    return sum(entry.stat().st_size for entry in path.rglob("*") if entry.is_file())


def per_quad(found: list[Loaded]) -> dict[str, float] | None:
    """Return what each quad more took, by the two largest; None where there is one."""
    if len(found) < 2:
        return None
    small, large = found[-2:]
    more = large.size - small.size
    return {
        "seconds": (large.build.seconds - small.build.seconds) / more,
        "cpu": (large.build.cpu - small.build.cpu) / more,
        "memory": (large.build.peak - small.build.peak) / more,
        "disk": (large.disk - small.disk) / more,
    }


def section(machine: Machine, found: list[Loaded]) -> str:
    """Return the section of the results."""
    lines = [
        *machine.heading("loading"),
        "| quads | `kg build` | quads/s | quads in the store | peak | on disk"
        " | first answer of a new process"
        " | killed at half time, the same command again |",
        "| ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |",
        *(one.row() for one in found),
    ]
    each = per_quad(found)
    if each:
        hours = each["seconds"] * BILLION / 3600
        lines.append(
            f"\nEach quad more takes {each['seconds'] * 1e6:,.0f} µs"
            f" ({each['cpu'] * 1e6:,.0f} µs of CPU), {each['memory']:,.0f} bytes of"
            f" memory while it is loaded and {each['disk']:,.0f} bytes on disk. By"
            f" that, a billion would take {hours:,.0f} hours,"
            f" {each['memory'] * BILLION / 2**30:,.0f} GiB of memory and"
            f" {each['disk'] * BILLION / 2**30:,.0f} GiB on disk."
        )
    return "\n".join(lines) + "\n"


@click.command()
@click.option("--sizes", default="100000,1000000", callback=options.numbers)
@click.option("--seed", default=1)
@click.option("--interrupt/--no-interrupt", default=True)
@options.output
def main(sizes: list[int], seed: int, interrupt: bool, output: Path) -> None:
    """Load worlds of these sizes, each twice: in one go, and killed at half time."""
    machine, found = Machine.this(), []
    for size in sizes:
        with tempfile.TemporaryDirectory(prefix="exequatur-") as folder:
            found.append(load(size, seed, Path(folder), interrupt=interrupt))
        click.echo(found[-1].row())
    text = section(machine, found)
    click.echo(text)
    add_section(output, text)


if __name__ == "__main__":
    main()
