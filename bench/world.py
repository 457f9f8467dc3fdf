"""Generate a world of diplomacy, of any size, the same for the same seed.

    python -m bench.world --triples 100000 --seed 1 -o world.trig
    python -m bench.world --triples 100000 --seed 1 --errors 50 -o world.nq

The facts conform to the ontology and the shapes; they are written as they are made, so
that memory does not grow with the world. With --errors, that many mistakes are made in
them, at most one in each story, and listed in a file beside the facts.
"""

from __future__ import annotations

import json
from collections import deque
from dataclasses import asdict
from itertools import count, cycle, islice
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

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bench.pages import Article
    from kg.terms import Quad


def _step(scene: Scene) -> Iterator[Article]:
    rounds = draw(scene.ground.seed, "earlier", scene.index)
    earlier = rounds.randint(0, scene.index // len(KINDS)) * len(KINDS)
    return dealings.step(scene, Scene(scene.ground, earlier))


KINDS = (
    dealings.talks,
    incidents.handover,
    incidents.brief,
    dealings.visit,
    _step,
    incidents.recognition,
    dealings.conference,
)
"""The kinds of story, one after the other, again and again; talks come first."""

LATER = 10**9
"""From here on count the stories that are no part of the world itself."""

FORMATS = {".nq": RdfFormat.N_QUADS, ".trig": RdfFormat.TRIG}


class World:
    """The world that belongs to *seed*: *triples* quads, or a few more."""

    def __init__(self, seed: int, triples: int) -> None:
        self.seed = seed
        self.triples = triples
        self.ground = Ground(seed, triples)

    def quads(self, mistakes: Mistakes | None = None) -> Iterator[Quad]:
        """Yield all facts, with *mistakes* in them; stories are never cut short."""
        written = 0
        for quad in self.ground.quads():
            written += 1
            yield quad
        for index in count():
            if written >= self.triples and not (mistakes and mistakes.waiting):
                return
            story = self.story(index)
            if mistakes:
                story = mistakes.made_in(story, index, written)
            written += len(story)
            yield from story

    def further(self, many: int) -> Iterator[Quad]:
        """Yield *many* facts, or a few more: the stories that come after its own."""
        written = sum(1 for _ in self.ground.quads())
        for index in count():
            if written >= self.triples + many:
                return
            story = self.story(index)
            if written >= self.triples:
                yield from story
            written += len(story)

    def story(self, index: int) -> list[Quad]:
        """Return the facts of the story *index*."""
        articles = KINDS[index % len(KINDS)](Scene(self.ground, index))
        return [quad for article in articles for quad in article.quads()]

    def change(self, number: int) -> list[Quad]:
        """Return a short story that is no part of the world, for a change to it."""
        articles = incidents.brief(Scene(self.ground, LATER + number))
        return [quad for article in articles for quad in article.quads()]


class Mistakes:
    """So many mistakes, to be made here and there in a world."""

    def __init__(self, world: World, many: int) -> None:
        chances = draw(world.seed, "mistakes")
        self._chances = chances
        kinds = chances.sample(sorted(MISTAKES), len(MISTAKES))
        self.waiting = deque(islice(cycle(kinds), many))
        self._places = deque(sorted(chances.choices(range(world.triples), k=many)))
        self.made: list[Injected] = []

    def made_in(self, story: list[Quad], index: int, place: int) -> list[Quad]:
        """Return *story*, which begins at *place*, with a mistake if one is due."""
        if not self.waiting or self._places[0] > place:
            return story
        for kind in dict.fromkeys(self.waiting):
            mistake = MISTAKES[kind]
            found = mistake.apply(story, self._chances)
            if found is not None:
                quads, focus = found
                self.waiting.remove(kind)
                self._places.popleft()
                self.made.append(
                    Injected(
                        kind=kind,
                        check=mistake.check,
                        shape=mistake.shape.value if mistake.shape else None,
                        focus=focus.value,
                        story=index,
                    )
                )
                return quads
        return story


def write(quads: Iterator[Quad], path: Path) -> None:
    """Write *quads* to *path* as they come, in the syntax of its suffix."""
    fmt = FORMATS[path.suffix]
    names = dict(prefixes()) if fmt is RdfFormat.TRIG else None
    with path.open("wb") as file:
        serialize(quads, file, fmt, prefixes=names)


def _checked(context: click.Context, parameter: click.Parameter, value: Path) -> Path:
    if value.suffix not in FORMATS:
        raise click.BadParameter(f"{value} should end in {' or '.join(FORMATS)}")
    return value


@click.command()
@click.option("--triples", default=100_000, show_default=True, help="How many.")
@click.option("--seed", default=1, show_default=True, help="Another world each.")
@click.option("--errors", default=0, help="So many mistakes are made in it.")
@click.option(
    "-o", "--output", required=True, type=click.Path(path_type=Path), callback=_checked
)
def main(triples: int, seed: int, errors: int, output: Path) -> None:
    """Write a world of so many TRIPLES to a file (.trig or .nq)."""
    world = World(seed, triples)
    mistakes = Mistakes(world, errors)
    write(world.quads(mistakes), output)
    if errors:
        listed = [asdict(injected) for injected in mistakes.made]
        text = json.dumps(listed, indent=2)
        output.with_suffix(".errors.json").write_text(f"{text}\n", encoding="utf-8")


if __name__ == "__main__":
    main()
