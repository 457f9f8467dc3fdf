"""Faults of a shapes graph that would leave a mistake unseen or a report useless."""

from __future__ import annotations

from typing import TYPE_CHECKING

import rdflib
from rdflib import OWL, RDF, RDFS, SH

from kg.shapes import shacl

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from rdflib.term import Node

SEVERITIES = frozenset(SH[name] for name in shacl.SEVERITIES)


def faults(graph: rdflib.Graph) -> list[str]:
    """Return what in the shapes of *graph* would leave a mistake unseen, in order."""
    return sorted({*_unknown_terms(graph), *_odd_booleans(graph)})


def house_faults(graph: rdflib.Graph) -> list[str]:
    """Return how the shapes of *graph* fall short of this project's own rules.

    Each shape is used, can be named, tells its author what to do, and how grave it is.
    Shapes from elsewhere need not keep them.
    """
    outline = Outline(graph)
    found = {
        *_idle_shapes(outline),
        *_silent_shapes(outline),
        *_idle_severities(outline),
        *_idle_messages(graph),
    }
    return sorted(found)


class Outline:
    """Which nodes are shapes, and which of them can put a result into a report."""

    def __init__(self, graph: rdflib.Graph) -> None:
        self.graph = graph
        parameters = {
            *(SH[name] for name in shacl.CONSTRAINTS),
            *graph.objects(None, SH.parameter / SH.path),
        }
        self.constrained = {s for p in parameters for s in graph.subjects(p)}
        self.reporting = self._with_properties(self._targeted())
        self.asked = self._with_properties(self._asked())

    def _targeted(self) -> Iterator[Node]:
        for name in shacl.TARGETS:
            yield from self.graph.subjects(SH[name])
        for kind in (RDFS.Class, OWL.Class):
            yield from self.graph.subjects(RDF.type, kind)

    def _asked(self) -> Iterator[Node]:
        for name in shacl.LOGICAL:
            for value in self.graph.objects(None, SH[name]):
                yield value
                yield from self.graph.items(value)

    def _with_properties(self, nodes: Iterable[Node]) -> set[Node]:
        found: set[Node] = set()
        open_nodes = list(nodes)
        while open_nodes:
            node = open_nodes.pop()
            if node not in found:
                found.add(node)
                open_nodes.extend(self.graph.objects(node, SH.property))
        return found


def _unknown_terms(graph: rdflib.Graph) -> Iterator[str]:
    for triple in graph:
        places = (shacl.RESOURCES, shacl.PREDICATES, shacl.RESOURCES)
        for term, known in zip(triple, places, strict=True):
            name = shacl.local_name(str(term)) if _is_iri(term) else None
            if name is not None and name not in known:
                yield _unknown_term(triple[0], name, known)


def _unknown_term(subject: Node, name: str, known: frozenset[str]) -> str:
    where = f"{_named(subject)}: sh:{name} is not a term that has effect there"
    nearest = shacl.nearest(name, known)
    return f"{where}; did you mean sh:{nearest}?" if nearest else where


def _idle_shapes(outline: Outline) -> Iterator[str]:
    for node in outline.constrained - outline.reporting - outline.asked:
        yield (
            f"{_named(node)}: nothing is ever checked against it; give it a target "
            "or name it with sh:property in a shape that has one"
        )


def _silent_shapes(outline: Outline) -> Iterator[str]:
    for node in outline.constrained & outline.reporting:
        if not _is_iri(node):
            yield (
                f"{_named(node)}: its results could not name it; "
                "give the shape an IRI that says what it demands"
            )
        messages = list(outline.graph.objects(node, SH.message))
        languages = [getattr(message, "language", None) for message in messages]
        if not messages or len(set(languages)) < len(languages):
            yield (
                f"{_named(node)}: needs one sh:message in a language, "
                "which tells the author what to do"
            )
        severities = list(outline.graph.objects(node, SH.severity))
        if len(severities) != 1 or severities[0] not in SEVERITIES:
            yield (
                f"{_named(node)}: needs one sh:severity: "
                "sh:Violation, sh:Warning or sh:Info"
            )


def _idle_severities(outline: Outline) -> Iterator[str]:
    effective = outline.constrained & outline.reporting
    for node in set(outline.graph.subjects(SH.severity)) - effective:
        yield (
            f"{_named(node)}: sh:severity has no effect here; "
            "put it on the shape whose constraints it is to grade"
        )


def _idle_messages(graph: rdflib.Graph) -> Iterator[str]:
    for node in graph.objects(None, SH.sparql):
        if (node, SH.message, None) in graph:
            yield f"{_named(node)}: put sh:message on the shape, not inside sh:sparql"


def _odd_booleans(graph: rdflib.Graph) -> Iterator[str]:
    for name in shacl.FLAGS:
        for node, value in graph.subject_objects(SH[name]):
            if str(value) not in {"true", "false"}:
                yield f"{_named(node)}: write sh:{name} as true or false"


def _is_iri(node: Node) -> bool:
    return isinstance(node, rdflib.URIRef)


def _named(node: Node) -> str:
    return node.n3()
