"""What the engines are given: files of N-Triples, the same for each of them."""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

from pyoxigraph import RdfFormat, parse

from bench.inputs import asserted, graph_of, seen_by_shapes
from bench.world import Mistakes, World, write
from kg.terms import ONTOLOGY, SHAPES

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from kg.terms import Triple

MISTAKES = 40
"""So many mistakes are made in a world that is validated."""


@dataclass(frozen=True, slots=True)
class Given:
    """The files in *folder* for one size; *answer* is where an engine writes to."""

    task: str
    folder: Path

    @property
    def facts(self) -> Path:
        """The quads of the world, in TriG, to be loaded."""
        return self.folder / "facts" / "world.trig"

    @property
    def data(self) -> Path:
        """The triples of the world, and the ontology's where they are reasoned with."""
        return self.folder / "data.nt"

    @property
    def schema(self) -> Path:
        """The shapes to validate by, or the ontology to reason by."""
        return self.folder / "schema.nt"

    @property
    def turtle(self) -> Path:
        """The same file by the name that it has as Turtle, of which it is a part."""
        return self.folder / "data.ttl"

    @property
    def asserted(self) -> Path:
        """The triples of the data as answers are, sorted, each once."""
        return self.folder / "asserted.txt"

    def triples(self) -> int:
        """Return how many there are, each counted once; of quads, how many."""
        if self.asserted.exists():
            with self.asserted.open("rb") as file:
                return sum(1 for _ in file)
        facts = parse(path=str(self.facts), format=RdfFormat.TRIG)
        return sum(1 for _ in facts)

    def answer(self, engine: str) -> Path:
        """Return the file for the answers of *engine*, one in a line."""
        return self.folder / f"answer-{engine.replace(' ', '-')}.txt"

    def answers(self, engine: str) -> Iterator[str]:
        """Yield what *engine* answered, sorted, each once; nothing if it did not."""
        path = self.answer(engine)
        return lines_of(path) if path.exists() else iter(())


def prepare(task: str, size: int, seed: int, folder: Path) -> Given:
    """Write what is given to the engines for *task* to *folder*."""
    given, world = Given(task, folder), World(seed, size)
    given.facts.parent.mkdir(parents=True)
    if task == "loading":
        write(world.quads(), given.facts)
        return given
    if task == "validation":
        _write(seen_by_shapes(world.quads(Mistakes(world, MISTAKES))), given.data)
        _write(graph_of(SHAPES), given.schema)
    else:
        ontology = graph_of(ONTOLOGY)
        _write(chain(asserted(world.quads()), ontology), given.data)
        _write(ontology, given.schema)
    given.turtle.hardlink_to(given.data)
    keep_sorted((str(triple) for triple in read(given.data)), given.asserted)
    return given


def read(path: Path) -> Iterator[Triple]:
    """Yield the triples of a file of N-Triples."""
    for quad in parse(path=str(path), format=RdfFormat.N_TRIPLES):
        yield quad.triple


def keep_sorted(lines: Iterable[str], path: Path) -> None:
    """Write *lines* to *path* in the order of code points, each once.

    They need not have room in memory: `sort` keeps what has none on disk.
    """
    unsorted = path.with_suffix(".unsorted")
    with unsorted.open("w", encoding="utf-8") as file:
        file.writelines(f"{line}\n" for line in lines)
    command = ["sort", "-u", "-S", "256M", "-T", str(path.parent), "-o", str(path)]
    environment = os.environ | {"LC_ALL": "C"}
    subprocess.run([*command, str(unsorted)], check=True, env=environment)
    unsorted.unlink()


def lines_of(path: Path) -> Iterator[str]:
    """Yield the lines of a file, without their ends."""
    with path.open(encoding="utf-8", newline="\n") as file:
        for line in file:
            yield line.removesuffix("\n")


def _write(triples: Iterable[Triple], path: Path) -> None:
    with path.open("w", encoding="utf-8") as file:
        file.writelines(f"{triple} .\n" for triple in triples)
