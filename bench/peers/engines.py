"""One engine at work, in a process of its own: `python -m bench.peers.engines`.

Each reads the files that it is given and keeps what it finds; samples are written to
standard output, one JSON array of a name and a value in a line. The time is that from
the files to the answer, with the reading; the answers are written down after it.
"""

from __future__ import annotations

import json
import resource
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

import click

from bench.peers.given import Given, keep_sorted, read
from bench.peers.telling import OURS
from bench.watching import timed
from kg.terms import NamedNode

if TYPE_CHECKING:
    from kg.terms import Term

Answers: TypeAlias = Iterable[str]
Work: TypeAlias = Callable[[Given], Callable[[], Answers]]
"""Does what is timed; what it returns gives the answers, which is not timed."""


def validated(given: Given) -> Callable[[], Answers]:
    """Validate by this project."""
    from kg.shapes import compile_shapes
    from kg.shapes.whole import validate_whole
    from kg.store import Triples

    view = Triples(read(given.data))
    findings = validate_whole(compile_shapes(read(given.schema)), view)
    return lambda: (finding_line(f.focus, f.component, f.shape) for f in findings)


def validated_by_pyshacl(given: Given) -> Callable[[], Answers]:
    """Validate by pyshacl as it comes, of graphs in memory."""
    import pyshacl
    import rdflib

    data = rdflib.Graph().parse(given.data)
    shapes = rdflib.Graph().parse(given.schema)
    _, report, _ = pyshacl.validate(data, shacl_graph=shapes)
    return lambda: _reported(report)


def validated_by_shifty(given: Given) -> Callable[[], Answers]:
    """Validate by shifty; without its inference, for the shapes have no rules."""
    import shifty

    prepared = shifty.PreparedValidator(given.schema)
    _, report, _ = prepared.validate(given.data, infer=False)
    return lambda: _reported(report)


def reasoned(given: Given) -> Callable[[], Answers]:
    """Infer by this project; the rules are compiled from the ontology."""
    from kg.rules import compile_rules

    ontology = set(read(given.schema))
    facts = set(read(given.data)) - ontology
    found = list(compile_rules(ontology).materialise(facts).inferred)
    return lambda: map(str, found)


def reasoned_by_owlrl(given: Given) -> Callable[[], Answers]:
    """Infer by owlrl, with its rules of OWL 2 RL and no more."""
    import rdflib
    from owlrl import DeductiveClosure, OWLRL_Semantics

    graph = rdflib.Graph().parse(given.data)
    DeductiveClosure(OWLRL_Semantics).expand(graph)
    return lambda: _from_rdflib(graph)


def reasoned_by_reasonable(given: Given) -> Callable[[], Answers]:
    """Infer by reasonable, from the file to the triples that it lists."""
    import reasonable

    reasoner = reasonable.PyReasoner()
    reasoner.load_file(str(given.turtle))
    found = reasoner.reason()
    return lambda: _from_rdflib(found)


def loaded_by_rdflib(given: Given) -> Callable[[], Answers]:
    """Load the facts into a dataset of rdflib; the answer is their number."""
    import rdflib

    dataset = rdflib.Dataset().parse(given.facts)
    return lambda: [str(sum(1 for _ in dataset.quads()))]


ENGINES: dict[str, dict[str, Work]] = {
    "validation": {
        OURS: validated,
        "pyshifty": validated_by_shifty,
        "pyshacl": validated_by_pyshacl,
    },
    "loading": {"rdflib": loaded_by_rdflib},
    "reasoning": {
        OURS: reasoned,
        "reasonable": reasoned_by_reasonable,
        "owlrl": reasoned_by_owlrl,
    },
}
"""What each engine does for each task, by its name."""


def keep(given: Given, engine: str, answers: Answers) -> None:
    """Write the answers of *engine* where they are compared."""
    keep_sorted(answers, given.answer(engine))


def finding_line(focus: Term, component: Term | None, shape: Term | None) -> str:
    """Return a finding as it is compared: focus node, component, shape with a name."""
    return f"{focus} {component} {shape if isinstance(shape, NamedNode) else ''}"


def _reported(report: object) -> Answers:
    """Yield what a sh:ValidationReport finds."""
    import rdflib
    from rdflib.namespace import SH

    from kg.rdflib_terms import from_rdflib

    if not isinstance(report, rdflib.Graph):
        raise SystemExit(f"no report: {report}")
    parts = (SH.focusNode, SH.sourceConstraintComponent, SH.sourceShape)
    for result in report.objects(None, SH.result):
        terms = [report.value(result, part) for part in parts]
        yield finding_line(
            *(from_rdflib(t) for t in terms if isinstance(t, rdflib.term.Identifier))
        )


def _from_rdflib(triples: Iterable[tuple[object, object, object]]) -> Answers:
    import rdflib

    from kg.rdflib_terms import from_rdflib

    for triple in triples:
        terms = [t for t in triple if isinstance(t, rdflib.term.Identifier)]
        yield " ".join(str(from_rdflib(term)) for term in terms)


@click.command()
@click.argument("task", type=click.Choice(sorted(ENGINES)))
@click.argument("engine")
@click.argument("folder", type=click.Path(path_type=Path, exists=True))
@click.argument("seconds", type=int)
def main(task: str, engine: str, folder: Path, seconds: int) -> None:
    """Do TASK by ENGINE with what is in FOLDER, in so many SECONDS of the CPU."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    most = seconds + int(used.ru_utime + used.ru_stime) + 1
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (most, hard))
    given = Given(task, folder)
    times, answers = timed(lambda: ENGINES[task][engine](given))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    for sample in [*times, ("peak", peak)]:
        click.echo(json.dumps(sample))
    resource.setrlimit(resource.RLIMIT_CPU, (hard, hard))
    keep(given, engine, answers())


if __name__ == "__main__":
    main()
