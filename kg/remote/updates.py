"""Changes as SPARQL 1.1 Update: one request, done whole or not at all."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kg.remote.record import NAMED
from kg.terms import MERGED, MERGED_VIEW, Quad

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kg.remote.record import Record
    from kg.terms import GraphName


def guarded(
    old: Record, new: Record, *, added: Iterable[Quad], removed: Iterable[Quad]
) -> str:
    """Return the update that does a change where the store has the record *old*.

    It puts *new* in its place. There is one operation, whose WHERE is the old record
    (SPARQL 1.1 Update, section 3.1.3): no solution, no change. What is removed and
    added is ground, so that it is done once, for the one solution.
    """
    return (
        f"DELETE {{ {old.statement}\n{template(removed, old.view)} }}\n"
        f"INSERT {{ {new.statement}\n{template(added, new.view)} }}\n"
        f"WHERE {{ {old.statement} }}"
    )


def template(quads: Iterable[Quad], view: str) -> str:
    """Return *quads*, which have no blank nodes, as a template or data has them.

    *view* says where the merged view is kept.
    """
    by_graph: dict[GraphName, list[str]] = {}
    for quad in quads:
        line = f"{quad.subject} {quad.predicate} {quad.object} ."
        is_named = view == NAMED and quad.graph_name == MERGED_VIEW
        graph = MERGED if is_named else quad.graph_name
        by_graph.setdefault(graph, []).append(line)
    parts = []
    for graph, lines in by_graph.items():
        body = "\n".join(lines)
        in_view = graph == MERGED_VIEW
        parts.append(body if in_view else f"GRAPH {graph} {{\n{body}\n}}")
    return "\n".join(parts)
