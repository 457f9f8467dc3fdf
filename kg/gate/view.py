"""Views of a state: what its graphs assert, what holds, what shapes see."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from kg.terms import (
    INFERRED,
    LABEL,
    MERGED_VIEW,
    ONTOLOGY,
    OUTSIDE_VIEW,
    SENTENCE_GRAPH,
    SUB_CLASS_OF,
    SUB_PROPERTY_OF,
    TYPE,
    DefaultGraph,
    NamedNode,
    Quad,
    Triple,
    is_claim,
    is_sentence,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from kg.gate.verdict import State
    from kg.terms import GraphName, Node, Term

FROM_ONTOLOGY = frozenset({LABEL, SUB_CLASS_OF, SUB_PROPERTY_OF})
"""The predicates by which the ontology itself shows in the merged view."""


def in_view(graph: GraphName) -> bool:
    """Tell whether what *graph* asserts is part of the merged view."""
    return not (
        isinstance(graph, DefaultGraph)
        or graph in OUTSIDE_VIEW
        or graph in {INFERRED, ONTOLOGY}
        or is_claim(graph)
    )


def triple_of(quad: Quad) -> Triple:
    """Return *quad* without its graph."""
    return Triple(quad.subject, quad.predicate, quad.object)


def in_graph(triple: Triple, graph: NamedNode | DefaultGraph) -> Quad:
    """Return *triple* as *graph* has it."""
    return Quad(triple.subject, triple.predicate, triple.object, graph)


def matching(
    state: State, triple: Triple, graph: GraphName | None = None
) -> Iterator[Quad]:
    """Yield the quads that have *triple*, of all graphs or of *graph*."""
    subject, object_ = cast("Node", triple.subject), cast("Term", triple.object)
    return state.quads(subject, triple.predicate, object_, graph)


def stating(state: State, triple: Triple) -> set[GraphName]:
    """Return the graphs of the view that assert *triple*."""
    found = (quad.graph_name for quad in matching(state, triple))
    return {graph for graph in found if in_view(graph)}


class Holding:
    """What holds in a state, asserted or inferred; the ontology's own apart."""

    def __init__(self, state: State) -> None:
        self._state = state

    def triples(
        self,
        subject: Node | None = None,
        predicate: NamedNode | None = None,
        object_: Term | None = None,
    ) -> Iterator[Triple]:
        """Yield the triples of the merged view that match, each once."""
        for quad in self._state.quads(subject, predicate, object_, MERGED_VIEW):
            triple = triple_of(quad)
            if not self._is_only_shown(triple):
                yield triple

    def is_asserted(self, triple: Triple) -> bool:
        """Tell whether some graph of the view states *triple*."""
        return bool(stating(self._state, triple))

    def is_inferred(self, triple: Triple) -> bool:
        """Tell whether *triple* follows and no graph states it."""
        return any(matching(self._state, triple, INFERRED))

    def _is_only_shown(self, triple: Triple) -> bool:
        """Tell whether the merged view has *triple* from the ontology alone."""
        if triple.predicate not in FROM_ONTOLOGY or not is_shown(self._state, triple):
            return False
        return not (self.is_asserted(triple) or self.is_inferred(triple))


def is_shown(state: State, triple: Triple) -> bool:
    """Tell whether the ontology shows *triple* in the merged view."""
    return (
        triple.predicate in FROM_ONTOLOGY
        and isinstance(triple.subject, NamedNode)
        and any(matching(state, triple, ONTOLOGY))
    )


class Judged:
    """What shapes see: the asserted view, the classes, the sentence graphs."""

    def __init__(self, state: State, base: str) -> None:
        self._state = state
        self._base = base

    def triples(
        self,
        subject: Node | None,
        predicate: NamedNode | None,
        object_: Term | None,
    ) -> Iterator[Triple]:
        """Yield the triples that match, each once."""
        seen: set[Triple] = set()
        for quad in self._state.quads(subject, predicate, object_):
            graph = quad.graph_name
            of_hierarchy = graph == ONTOLOGY and quad.predicate == SUB_CLASS_OF
            if of_hierarchy or in_view(graph):
                triple = triple_of(quad)
                if triple not in seen:
                    seen.add(triple)
                    yield triple
        if predicate in (None, TYPE) and object_ in (None, SENTENCE_GRAPH):
            yield from self._sentences(subject, seen)

    def _sentences(self, subject: Node | None, seen: set[Triple]) -> Iterator[Triple]:
        names = self._state.graphs() if subject is None else [subject]
        for name in names:
            if not isinstance(name, NamedNode) or not is_sentence(name, self._base):
                continue
            triple = Triple(name, TYPE, SENTENCE_GRAPH)
            if triple not in seen and any(self._state.quads(graph=name)):
                yield triple


class Changed:
    """A view after a change: without the *leaving* triples, with the *entering*."""

    def __init__(
        self, before: Judged, entering: Iterable[Triple], leaving: Iterable[Triple]
    ) -> None:
        self._before = before
        self._leaving = frozenset(leaving)
        self._all = tuple(entering)
        self._by_part: dict[tuple[int, object], list[Triple]] = {}
        for triple in self._all:
            for place, term in enumerate(triple):
                self._by_part.setdefault((place, term), []).append(triple)

    def triples(
        self,
        subject: Node | None,
        predicate: NamedNode | None,
        object_: Term | None,
    ) -> Iterator[Triple]:
        """Yield the triples that match, each once."""
        for triple in self._before.triples(subject, predicate, object_):
            if triple not in self._leaving:
                yield triple
        wanted = (subject, predicate, object_)
        lists = [
            self._by_part.get((place, term), [])
            for place, term in enumerate(wanted)
            if term is not None
        ]
        for triple in min(lists, key=len, default=self._all):
            parts = (triple.subject, triple.predicate, triple.object)
            if all(
                w is None or w == part for w, part in zip(wanted, parts, strict=True)
            ):
                yield triple
