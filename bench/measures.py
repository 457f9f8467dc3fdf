"""One measurement, made in a process of its own: `python -m bench.measures NAME CASE`.

Every sample is written to standard output as soon as it is there, one JSON array of
its name and its value in a line, so that a measurement that is stopped has told what
it knows. Durations are in seconds.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, replace
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias, TypeVar

import click

from bench.inputs import asserted, graph_of, in_rdflib, seen_by_shapes
from bench.watching import timed, used
from bench.world import World, write
from kg.build import Sources, build_store
from kg.change import Change
from kg.graph import KnowledgeGraph
from kg.queries import SavedQueries
from kg.rules import compile_rules
from kg.store import Store, Triples
from kg.terms import (
    ONTOLOGY,
    SHAPES,
)

if TYPE_CHECKING:
    from kg.rules import RuleSet

Samples: TypeAlias = Iterator[tuple[str, float]]
Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Case:
    """What to measure with: a world of *size* quads, in the folder *home*.

    No sample is begun when *seconds* have passed, nor after so many *repeats*.
    """

    size: int
    seed: int
    home: str
    repeats: int
    seconds: float

    @property
    def world(self) -> World:
        """The world that is measured with."""
        return World(self.seed, self.size)

    @property
    def facts(self) -> Path:
        """The folder with the facts of the world."""
        return Path(self.home) / f"facts-{self.size}"

    @property
    def store(self) -> Path:
        """The folder of the store of the world."""
        return Path(self.home) / f"store-{self.size}"

    @property
    def sources(self) -> Sources:
        """Ontology, shapes and queries as shipped, and the facts of the world."""
        return replace(Sources.shipped(), facts=self.facts)

    def rounds(self) -> Iterator[int]:
        """Count the samples, until there are enough or time is up."""
        until = time.monotonic() + self.seconds
        for number in range(self.repeats):
            if number and time.monotonic() > until:
                return
            yield number


class Phases:
    """When the phases of a judgement began."""

    def __init__(self) -> None:
        self._begun: list[tuple[str, float, float]] = []

    def begin(self, phase: str, done: int = 0, total: int | None = None) -> None:
        """Note that *phase* begins now, unless it only goes on."""
        if not self._begun or self._begun[-1][0] != phase:
            self._begun.append((phase, time.perf_counter(), used()))

    def samples(self, phase: str, name: str) -> Samples:
        """Yield how long *phase* took, until the next one began."""
        for one, following in pairwise(self._begun):
            if one[0] == phase:
                yield name, following[1] - one[1]
                yield f"{name}, CPU", following[2] - one[2]


def generate(case: Case) -> Samples:
    """Write the facts of the world."""
    case.facts.mkdir()
    path = case.facts / "world.trig"
    times, _ = timed(lambda: write(case.world.quads(), path))
    yield from times
    yield "bytes", path.stat().st_size


def closure(case: Case) -> Samples:
    """Infer all that follows, by the rules compiled from the ontology."""
    rules, view = _rules(), set(asserted(case.world.quads()))
    yield "triples", len(view)
    for _ in case.rounds():
        times, found = timed(lambda: list(rules.materialise(view).inferred))
        yield from times
        yield "inferred", len(found)
        del found


def closure_by_owlrl(case: Case) -> Samples:
    """Infer all that follows by owlrl, from the same triples and the ontology."""
    from owlrl import DeductiveClosure, OWLRL_Semantics

    triples = set(asserted(case.world.quads())) | graph_of(ONTOLOGY)
    for _ in case.rounds():
        expand = partial(DeductiveClosure(OWLRL_Semantics).expand, in_rdflib(triples))
        times, _ = timed(expand)
        yield from times


def validation(case: Case) -> Samples:
    """Validate all triples by the shapes, in an engine filled before."""
    from kg.shapes import compile_shapes
    from kg.shapes.whole import validate_whole

    shapes, view = (
        compile_shapes(graph_of(SHAPES)),
        Triples(seen_by_shapes(case.world.quads())),
    )
    yield "triples", sum(1 for _ in view.triples(None, None, None))
    for _ in case.rounds():
        times, findings = timed(lambda: validate_whole(shapes, view))
        yield from times
        yield "findings", len(findings)


def validation_by_pyshacl(case: Case) -> Samples:
    """Validate the same triples by pyshacl as it comes, its graphs filled before."""
    import pyshacl

    data, shapes = (
        in_rdflib(set(seen_by_shapes(case.world.quads()))),
        in_rdflib(graph_of(SHAPES)),
    )
    for _ in case.rounds():
        times, (conforms, _, _) = timed(
            lambda: pyshacl.validate(data, shacl_graph=shapes)
        )
        yield from times
        yield "findings", 0 if conforms else 1


def build(case: Case) -> Samples:
    """Build a store from the files, every fact through the gate."""
    times, built = timed(lambda: build_store(case.store, case.sources))
    if built.store is None:
        raise SystemExit(f"rejected: {built.findings[0]}")
    yield from times
    yield "quads", len(built.store.snapshot())


def change(case: Case) -> Samples:
    """Judge and commit a change to the store, and then the change that undoes it."""
    graph = KnowledgeGraph(Store(case.store), SavedQueries.read(case.sources.queries))
    for number in case.rounds():
        made = Change.adding(case.world.change(number))
        undone = Change(removed=made.added)
        for name, one in (("adding", made), ("removing", undone)):
            phases = Phases()
            add = partial(graph.add, one, agent="bench", message="", tell=phases.begin)
            times, (verdict, _) = timed(add, name)
            phases.begin("done")
            if not verdict.accepted:
                raise SystemExit(f"rejected: {verdict.findings[0]}")
            if number:
                yield from times
                yield from phases.samples("reasoning", f"reasoning, {name}")
                yield from phases.samples("writing the change", f"writing, {name}")
            else:
                yield f"first {name}", times[0][1]


def opening(case: Case) -> Samples:
    """Open the last version of the store."""
    for _ in case.rounds():
        times, _ = timed(lambda: Store(case.store).snapshot())
        yield from times


def asking(case: Case) -> Samples:
    """Run a saved query by the command, in a process that starts anew."""
    state = case.world.ground.land(0).state.iri
    command = [
        *(sys.executable, "-c", "from kg.cli import main; main()"),
        *("run", "posts-of-state", "-f", "csv", "-p", f"state=<{state.value}>"),
    ]
    environment = {**os.environ, "EXEQUATUR_STORE": str(case.store)}
    for _ in case.rounds():
        times, answer = timed(
            lambda: subprocess.run(
                command, env=environment, check=True, stdout=subprocess.PIPE
            )
        )
        yield from times
        yield "rows", answer.stdout.count(b"\n") - 1


MEASURES: dict[str, Callable[[Case], Samples]] = {
    measure.__name__: measure
    for measure in (
        generate,
        closure,
        closure_by_owlrl,
        validation,
        validation_by_pyshacl,
        build,
        change,
        opening,
        asking,
    )
}


def command(name: str, case: Case) -> list[str]:
    """Return the command that makes the measurement *name*."""
    return [sys.executable, "-m", "bench.measures", name, json.dumps(asdict(case))]


def _rules() -> RuleSet:
    return compile_rules(graph_of(ONTOLOGY))


@click.command()
@click.argument("name", type=click.Choice(sorted(MEASURES)))
@click.argument("case", type=json.loads)
def main(name: str, case: dict[str, object]) -> None:
    """Make the measurement NAME with a CASE in JSON."""
    for sample in MEASURES[name](Case(**case)):  # type: ignore[arg-type]
        click.echo(json.dumps(sample))
        sys.stdout.flush()


if __name__ == "__main__":
    main()
