"""The merged view of a store as facts to reason over."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from kg.terms import (
    INFERRED,
    LABEL,
    MERGED_VIEW,
    SUB_CLASS_OF,
    SUB_PROPERTY_OF,
    NamedNode,
    Quad,
    Triple,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from kg.store import Snapshot
    from kg.terms import GraphName, Node, Term

SHOWN_OF_ONTOLOGY = frozenset({LABEL, SUB_CLASS_OF, SUB_PROPERTY_OF})


class MergedView:
    """What the merged view of *snapshot* holds; *in_view* tells a graph's part in it.

    It is read by index, no further than asked.
    """

    def __init__(
        self, snapshot: Snapshot, in_view: Callable[[GraphName], bool]
    ) -> None:
        self._snapshot = snapshot
        self._in_view = in_view

    def triples(
        self,
        subject: Node | None = None,
        predicate: NamedNode | None = None,
        object_: Term | None = None,
    ) -> Iterator[Triple]:
        """Yield the triples that match, each once."""
        for quad in self._snapshot.quads(subject, predicate, object_, MERGED_VIEW):
            yield quad.triple

    def is_asserted(self, triple: Triple) -> bool:
        """Tell whether some graph of the view states *triple*."""
        # What the merged view holds is asserted or inferred, never both; but it also
        # shows labels and superclasses of the ontology's terms, which no graph of the
        # view need state.
        if _in_graph(triple, INFERRED) in self._snapshot:
            return False
        if triple.predicate not in SHOWN_OF_ONTOLOGY:
            return _in_graph(triple, MERGED_VIEW) in self._snapshot
        subject, object_ = cast("Node", triple.subject), cast("Term", triple.object)
        quads = self._snapshot.quads(subject, triple.predicate, object_)
        return any(self._in_view(quad.graph_name) for quad in quads)


def _in_graph(triple: Triple, graph: GraphName) -> Quad:
    return Quad(triple.subject, triple.predicate, triple.object, graph)
