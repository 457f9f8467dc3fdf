"""Views of a state: what its graphs assert, what holds, what shapes see."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from kg.terms import (
    BASE,
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
    from kg.shapes.routes import Lookup
    from kg.terms import GraphName, Node, Term

FROM_ONTOLOGY = frozenset({LABEL, SUB_CLASS_OF, SUB_PROPERTY_OF})
"""The predicates by which the ontology itself shows in the merged view."""


def in_view(graph: GraphName, base: str = BASE) -> bool:
    """Tell whether what *graph* asserts is part of the merged view."""
    return not (
        isinstance(graph, DefaultGraph)
        or graph in OUTSIDE_VIEW
        or graph in {INFERRED, ONTOLOGY}
        or is_claim(graph, base)
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


def stating(state: State, triple: Triple, base: str) -> set[GraphName]:
    """Return the graphs of the view that assert *triple*."""
    found = (quad.graph_name for quad in matching(state, triple))
    return {graph for graph in found if in_view(graph, base)}


def is_shown(state: State, triple: Triple) -> bool:
    """Tell whether the ontology shows *triple* in the merged view."""
    return (
        triple.predicate in FROM_ONTOLOGY
        and isinstance(triple.subject, NamedNode)
        and any(matching(state, triple, ONTOLOGY))
    )


class Holding:
    """What holds in a state, asserted or inferred; the ontology's own apart.

    It is read off the merged view by index, no further than asked: what that holds is
    asserted or inferred, never both, or shown of the ontology.
    """

    def __init__(self, state: State, base: str = BASE) -> None:
        self._state = state
        self._base = base

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

    def asserted(
        self,
        subject: Node | None = None,
        predicate: NamedNode | None = None,
        object_: Term | None = None,
    ) -> Iterator[Triple]:
        """Yield the triples that match and that some graph of the view states."""
        parts = (subject, predicate, object_)
        none_follow = not any(self._state.quads(*parts, INFERRED))
        for quad in self._state.quads(*parts, MERGED_VIEW):
            triple = triple_of(quad)
            if (none_follow or not self.is_inferred(triple)) and (
                not is_shown(self._state, triple) or self._is_stated(triple)
            ):
                yield triple

    def is_asserted(self, triple: Triple) -> bool:
        """Tell whether some graph of the view states *triple*."""
        if is_shown(self._state, triple):
            return self._is_stated(triple)
        return not self.is_inferred(triple) and any(
            matching(self._state, triple, MERGED_VIEW)
        )

    def is_inferred(self, triple: Triple) -> bool:
        """Tell whether *triple* follows and no graph states it."""
        return any(matching(self._state, triple, INFERRED))

    def _is_stated(self, triple: Triple) -> bool:
        return bool(stating(self._state, triple, self._base))

    def _is_only_shown(self, triple: Triple) -> bool:
        """Tell whether the merged view has *triple* from the ontology alone."""
        if not is_shown(self._state, triple):
            return False
        return not (self._is_stated(triple) or self.is_inferred(triple))


class Judged:
    """What shapes see: the asserted view, the classes, the sentence graphs."""

    def __init__(self, state: State, base: str) -> None:
        self._state = state
        self._base = base
        self._holding = Holding(state, base)

    def triples(
        self,
        subject: Node | None,
        predicate: NamedNode | None,
        object_: Term | None,
    ) -> Iterator[Triple]:
        """Yield the triples that match, each once."""
        for triple in self._holding.asserted(subject, predicate, object_):
            if not self._is_of_hierarchy(triple):
                yield triple
        if predicate in (None, SUB_CLASS_OF):
            hierarchy = self._state.quads(subject, SUB_CLASS_OF, object_, ONTOLOGY)
            yield from map(triple_of, hierarchy)
        if predicate in (None, TYPE) and object_ in (None, SENTENCE_GRAPH):
            yield from self._sentences(subject)

    def _is_of_hierarchy(self, triple: Triple) -> bool:
        return triple.predicate == SUB_CLASS_OF and any(
            matching(self._state, triple, ONTOLOGY)
        )

    def _sentences(self, subject: Node | None) -> Iterator[Triple]:
        names = self._state.graphs() if subject is None else [subject]
        for name in names:
            if not isinstance(name, NamedNode) or not is_sentence(name, self._base):
                continue
            triple = Triple(name, TYPE, SENTENCE_GRAPH)
            if not self._holding.is_asserted(triple) and any(
                self._state.quads(graph=name)
            ):
                yield triple


class Changed:
    """A view after a change: without the *leaving* triples, with the *entering*."""

    def __init__(
        self, before: Lookup, entering: Iterable[Triple], leaving: Iterable[Triple]
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
