"""What is done beside others: the engines of each task, and what to tell of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from bench.load import maven, rdf4j
from bench.load.pypi import OXIGRAPH
from bench.peers import loading, shacl_sail
from bench.peers.given import read
from bench.peers.telling import OURS

if TYPE_CHECKING:
    from bench.peers.given import Given

Apart: TypeAlias = "Callable[[Given, float], dict[str, float]]"
"""Does the work for so many seconds by the clock at most; returns the samples."""


@dataclass(frozen=True, slots=True)
class Task:
    """A task: its *engines* in turn, and what each is as *apart* from the others.

    An engine that is not *apart* works in a process of `bench.peers.engines`.
    """

    title: str
    about: str
    counted: str
    engines: tuple[str, ...]
    apart: Mapping[str, Apart]
    notes: Callable[[Given], Iterator[str]]
    is_compared: bool = True


def _of_validation(given: Given) -> Iterator[str]:
    shapes = shacl_sail.Shapes(read(given.schema))
    lacking = ", ".join(f"sh:{name}" for name in sorted(shacl_sail.NOT_KNOWN))
    yield (
        f"{shacl_sail.NAME} judges in the transaction that adds the data; its server's"
        " start is left out. It is given the shapes that it knows,"
        f" {len(shapes.known)} of {len(shapes.targeted)}: it has no paths but"
        f" predicates and their inverses, and none of {lacking}."
    )


def _of_reasoning(_: Given) -> Iterator[str]:
    yield (
        "reasonable has no property chains (rule prp-spo2 of OWL 2 RL); what it lacks"
        " follows from these."
    )
    yield (
        "Ours keeps nothing of what is left out here; owlrl and reasonable list it too,"
        " which is part of their time."
    )


def _of_loading(_: Given) -> Iterator[str]:
    yield (
        "Ours infers what follows, judges everything by ontology and shapes, and keeps"
        " where each fact comes from; its store also has the ontology, the shapes and"
        " the concepts. The others take in the facts as they are."
    )
    yield (
        "Ours is a command, with Python's start in its time; rdflib has the facts in"
        " memory; the servers take them over HTTP, their start left out, and may write"
        " on after they have answered."
    )


TASKS = {
    "loading": Task(
        "loading beside others",
        "Seconds from the file, in TriG, until all is there.",
        "quads in the store",
        (*loading.LOADERS, "rdflib"),
        loading.LOADERS,
        _of_loading,
        is_compared=False,
    ),
    "reasoning": Task(
        "reasoning beside others",
        "Seconds from the file, in N-Triples, to the list of what follows. Answers are"
        " triples inferred; left out are those about the vocabularies' own terms, of"
        " blank nodes, with literals as subjects, that all is an owl:Thing, and that"
        " all is the same as itself.",
        "answers",
        (OURS, "reasonable", "owlrl"),
        {},
        _of_reasoning,
    ),
    "validation": Task(
        "validation beside others",
        "Seconds from the files, in N-Triples, to the report. Findings are the same"
        " where focus node, component and, if it has a name, shape are.",
        "findings",
        (OURS, "pyshifty", shacl_sail.NAME, "pyshacl"),
        {shacl_sail.NAME: shacl_sail.validate},
        _of_validation,
    ),
}
VERSIONS = {
    "Oxigraph server": OXIGRAPH.version,
    "Fuseki, TDB2": maven.JENA,
    "RDF4J server": rdf4j.VERSION,
    shacl_sail.NAME: rdf4j.VERSION,
}
"""The versions of those that are no distributions of Python."""
