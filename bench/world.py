"""Generate a world of diplomacy, of any size, the same for the same seed.

    python -m bench.world --triples 100000 --seed 1 -o world.trig
    python -m bench.world --triples 100000 --seed 1 --errors 50 -o world.nq

The facts conform to the ontology and the shapes; they are written as they are made, so
that memory does not grow with the world. With --errors, that many mistakes are made in
them, at most one in each story, and listed in a file beside the facts.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click
from pyoxigraph import RdfFormat, serialize

from bench import dealings, incidents
from bench.ground import Ground
from bench.mistakes import MISTAKES, Injected
from bench.pages import draw
from bench.scene import Scene
from kg.prefixes import prefixes
from kg.terms import NamedNode

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from bench.pages import Article
    from kg.terms import Quad

CYCLE = (
    dealings.talks,
    incidents.handover,
    incidents.brief,
    dealings.visit,
    None,  # a step in the life of an agreement that earlier talks led to
    incidents.recognition,
    dealings.conference,
)
"""The kinds of story, one after the other, again and again."""

SUFFIXES = {".nq": RdfFormat.N_QUADS, ".trig": RdfFormat.TRIG}


class World:
    """The world that belongs to *seed*, made for *triples* quads or a few more."""

    def __init__(self, seed: int, triples: int) -> None:
        self.seed = seed
        self.triples = triples
        self.ground = Ground(seed, triples)

    def quads(self) -> Iterator[Quad]:
        """Yield all facts."""
        for part in self.parts():
            yield from part

    def parts(self) -> Iterator[list[Quad]]:
        """Yield the ground in pieces of one quad, then story by story."""
        count = 0
        for quad in self.ground.quads():
            count += 1
            yield [quad]
        for index in self._stories():
            if count >= self.triples:
                return
            story = self.story(index)
            count += len(story)
            yield story

    def story(self, index: int) -> list[Quad]:
        """Return the facts of the story *index*."""
        articles = self._articles(index)
        return [quad for article in articles for quad in article.quads()]

    def change(self, index: int) -> list[Quad]:
        """Return a short story, for a change to a world that has none of this index."""
        (article,) = incidents.brief(Scene(self.ground, index))
        return list(article.quads())

    def with_mistakes(self, count: int) -> Mistaken:
        """Return this world with *count* mistakes in it."""
        return Mistaken(self, count)

    def _articles(self, index: int) -> Iterator[Article]:
        scene = Scene(self.ground, index)
        tell: Callable[[Scene], Iterator[Article]] | None = CYCLE[index % len(CYCLE)]
        if tell is not None:
            return tell(scene)
        cycle = draw(self.seed, "earlier", index).randint(0, index // len(CYCLE))
        return dealings.step(scene, Scene(self.ground, cycle * len(CYCLE)))

    def _stories(self) -> Iterator[int]:
        index = 0
        while True:
            yield index
            index += 1
