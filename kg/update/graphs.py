"""What the graphs of a dataset mean to an update: whose they are, and what shows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kg.created import marks
from kg.errors import ChangeError
from kg.gate import FROM_ONTOLOGY, in_view
from kg.terms import (
    CREATED,
    INFERRED,
    KEPT_BY_PROGRAM,
    MERGED,
    ONTOLOGY,
    UNSOURCED,
    DefaultGraph,
    NamedNode,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kg.terms import GraphName, Quad, Triple

_SHOWN = 3
"""So many triples are named in a message; the others are counted."""


@dataclass(frozen=True, slots=True)
class GraphRules:
    """How an update meets the graphs of a dataset.

    *unnamed* is the graph that is written where none is named, *kept* are those that
    no one may write. *merged* is the name of the default graph where that is a view
    of the others, which is never written itself; None where it is a graph like any
    other. With *skolems*, new blank nodes become IRIs. *base* is what relative IRIs
    are relative to, where that is not the dataset's.
    """

    unnamed: GraphName
    kept: frozenset[NamedNode] = frozenset()
    merged: NamedNode | None = None
    skolems: bool = False
    base: str = ""

    def read(self, name: NamedNode) -> GraphName:
        """Return the graph that *name* means where it is read."""
        return DefaultGraph() if name == self.merged else name

    def shows(self, quad: Quad, base: str) -> bool:
        """Tell whether *quad* makes its triple hold in the merged view of *base*."""
        graph = quad.graph_name
        if self.merged is None:
            return False
        if graph == ONTOLOGY:
            return quad.predicate in FROM_ONTOLOGY
        return graph == INFERRED or in_view(graph, base)

    def marks(self, graph: GraphName) -> set[Quad]:
        """Return what states that *graph* is there, be it empty, if that is told."""
        told = CREATED in self.kept and graph != self.unnamed
        return set(marks(graph)) if told else set()

    def refuse_kept(self, graph: GraphName, where: str) -> None:
        """Raise ChangeError where no one may write *graph*."""
        if graph in self.kept:
            raise ChangeError(
                f"the graph {graph} is kept by this program and cannot be written",
                where=where,
                advice="name the passage or the source that states the facts, and "
                "leave this graph out by FILTER where it is a variable",
            )


HOUSE = GraphRules(UNSOURCED, KEPT_BY_PROGRAM, MERGED, skolems=True)
"""The rules of a store: its default graph is the merged view."""

PLAIN = GraphRules(DefaultGraph())
"""The rules of SPARQL 1.1 Update for a dataset like any other."""


class StillHeldError(ChangeError):
    """A delete that names no graph, of triples that other graphs hold as well.

    *held* has these triples, each with the graphs that hold it.
    """

    def __init__(self, held: Sequence[tuple[Triple, tuple[GraphName, ...]]]) -> None:
        self.held = tuple(held)
        told = "; ".join(_told(triple, graphs) for triple, graphs in held[:_SHOWN])
        more = len(held) - _SHOWN
        told += f"; and {more} more" if more > 0 else ""
        super().__init__(
            f"what is deleted without naming a graph would still hold: {told}",
            advice="delete it from the graphs that state it: GRAPH <…> { … }, or "
            "WITH <…>; what follows from other triples goes when they go",
        )


def _told(triple: Triple, graphs: tuple[GraphName, ...]) -> str:
    stated = [str(graph) for graph in graphs if graph != INFERRED]
    ways = [f"in {' and '.join(stated)}"] if stated else []
    ways += ["as it follows from others"] if INFERRED in graphs else []
    return f"{triple} {' and '.join(ways)}"
