"""What the engines are given: files of N-Triples, the same for each of them."""

from __future__ import annotations

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

    def triples(self) -> int:
        """Return how many there are, each counted once; of quads, how many."""
        if self.data.exists():
            with self.data.open("rb") as file:
                return len(set(file))
        facts = parse(path=str(self.facts), format=RdfFormat.TRIG)
        return sum(1 for _ in facts)

    def answer(self, engine: str) -> Path:
        """Return the file for the answers of *engine*, one in a line."""
        return self.folder / f"answer-{engine.replace(' ', '-')}.txt"

    def answers(self, engine: str) -> set[str] | None:
        """Return what *engine* answered; None if it did not."""
        path = self.answer(engine)
        if not path.exists():
            return None
        return set(path.read_text(encoding="utf-8").splitlines())


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
    return given


def read(path: Path) -> Iterator[Triple]:
    """Yield the triples of a file of N-Triples."""
    for quad in parse(path=str(path), format=RdfFormat.N_TRIPLES):
        yield quad.triple


def _write(triples: Iterable[Triple], path: Path) -> None:
    with path.open("w", encoding="utf-8") as file:
        file.writelines(f"{triple} .\n" for triple in triples)
