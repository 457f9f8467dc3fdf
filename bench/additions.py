"""Add much to a store that is there: time, processors, memory, and how interrupted.

python -m bench.additions                      10,000 and 100,000 quads to 100,000
python -m bench.additions --sizes 1000000 --quads 100000,1000000
"""

from __future__ import annotations

import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

import click

from bench import options
from bench.bulk import KG, Run, ran
from bench.results import Machine, add_section
from bench.world import World, write
from kg.store import Store


@dataclass(frozen=True, slots=True)
class Added:
    """What it took to add *many* quads to a world of *size*: by *whole*, and *again*.

    That is after the same command was killed at half time.
    """

    size: int
    many: int
    whole: Run
    again: Run

    def row(self) -> str:
        """Return it as a row of a table."""
        whole, again = self.whole, self.again
        return (
            f"| {self.size:,} | {self.many:,} | **{whole.seconds:,.1f} s**"
            f" (CPU {whole.cpu:,.1f} s) | {whole.cpu / self.many * 1e6:,.0f} µs"
            f" | {whole.peak / 2**20:,.0f} MiB"
            f" | {again.seconds:,.1f} s (CPU {again.cpu:,.1f} s) |"
        )


def add(built: Path, world: World, many: int, folder: Path) -> Added:
    """Add *many* further quads of *world* to copies of the store *built*; measure it.

    Raise SystemExit where a killed addition leaves anything of it.
    """
    facts, path = folder / f"{many}.nq", folder / "store"
    write(world.further(many), facts)
    command = [KG, "--store", str(path), "add", str(facts)]
    shutil.copytree(built, path)
    before, whole = _standing(path), ran(command)
    after, until = _standing(path), whole.seconds
    while _standing(path) == after:  # it may have been quicker this time
        until /= 2
        shutil.rmtree(path)
        shutil.copytree(built, path)
        ran(command, stop_after=until)
    if _standing(path) != before:
        raise SystemExit("an addition that was killed has changed the store")
    again = ran(command)
    shutil.rmtree(path)
    return Added(world.triples, many, whole, again)


def _standing(path: Path) -> tuple[int, int]:
    store = Store(path)
    return store.version, len(store.snapshot())


def section(machine: Machine, found: list[Added]) -> str:
    """Return the section of the results."""
    lines = [
        *machine.heading("adding"),
        "| quads that stand | added | `kg add` | CPU for each | peak"
        " | killed at half time, nothing left of it, the same command again |",
        "| ---: | ---: | ---: | ---: | ---: | ---: |",
        *(one.row() for one in found),
    ]
    return "\n".join(lines) + "\n"


@click.command()
@click.option("--sizes", default="100000", callback=options.numbers)
@click.option("--quads", default="10000,100000", callback=options.numbers)
@click.option("--seed", default=1)
@options.output
def main(sizes: list[int], quads: list[int], seed: int, output: Path) -> None:
    """Add so many QUADS to worlds of these SIZES, in one go, and after a kill."""
    machine, found = Machine.this(), []
    for size in sizes:
        world = World(seed, size)
        with tempfile.TemporaryDirectory(prefix="exequatur-") as name:
            folder = Path(name)
            facts, built = folder / "facts", folder / "built"
            facts.mkdir()
            write(world.quads(), facts / "world.trig")
            ran([KG, "--store", str(built), "build", "--facts", str(facts)])
            for many in quads:
                found.append(add(built, world, many, folder))
                click.echo(found[-1].row())
    text = section(machine, found)
    click.echo(text)
    add_section(output, text)


if __name__ == "__main__":
    main()
