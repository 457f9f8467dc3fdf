"""Changes that depend on the present state: taking away, replacing a graph."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

from kg.change import Change, refuse_kept
from kg.display import statement_text, term_text
from kg.errors import ChangeError
from kg.gate import in_view
from kg.terms import INFERRED, MERGED_VIEW, UNSOURCED, NamedNode

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kg.gate import Verdict
    from kg.store import Snapshot
    from kg.terms import GraphName, Quad

SHOWN = 3
"""How many quads or graphs a message names."""


def removing(snapshot: Snapshot, stated: Change) -> Change:
    """Return the change that takes away the quads that *stated* would add.

    Raise ChangeError where none of them is there, or where a triple that is to leave
    `graph/unsourced` is stated in another graph too and would go on holding.
    """
    there = frozenset(quad for quad in stated.added if quad in snapshot)
    absent = stated.added - there
    if not there:
        raise ChangeError(
            f"nothing that is to be removed is there, such as {_some(absent)}",
            advice=_elsewhere(snapshot, absent),
        )
    standing = {quad: _graphs(snapshot, quad, there) for quad in there}
    _refuse_standing(
        {quad: graphs for quad, graphs in standing.items() if graphs
         and quad.graph_name == UNSOURCED}
    )  # fmt: skip
    notes = stated.notes
    if absent:
        notes += (f"{len(absent)} quads are not there, such as {_some(absent)}",)
    notes += tuple(
        f"{statement_text(quad)} is removed; the same is still stated in"
        f" {_names(graphs)}"
        for quad, graphs in sorted(standing.items(), key=str)
        if graphs
    )
    return Change(removed=there, notes=notes)


def replacing(snapshot: Snapshot, graph: NamedNode, stated: Change) -> Change:
    """Return the change after which *graph* holds the quads that *stated* would add.

    Raise ChangeError where *stated* speaks of another graph, or the program keeps it.
    """
    refuse_kept([graph])
    others = {quad for quad in stated.added if quad.graph_name != graph}
    if others:
        raise ChangeError(
            f"states {len(others)} quads in another graph than {term_text(graph)},"
            f" such as {_some(others)}",
            advice="leave them out, or add them with `kg add`",
        )
    now = frozenset(snapshot.quads(graph=graph))
    return Change(added=stated.added - now, removed=now - stated.added,
                  notes=stated.notes)  # fmt: skip


def still_following(verdict: Verdict) -> list[Quad]:
    """Return the removed quads whose triples still hold, as they follow from others."""
    removed = verdict.change.removed
    return sorted(
        (q for q in removed if _placed(q, INFERRED) in verdict.added), key=str
    )


def _refuse_standing(standing: dict[Quad, list[NamedNode]]) -> None:
    if standing:
        quad = min(standing, key=str)
        raise ChangeError(
            f"{len(standing)} triples would still hold, being stated elsewhere:"
            f" {statement_text(quad)} also in {_names(standing[quad])}",
            advice="name the graph to remove them from with --graph",
        )


def _graphs(
    snapshot: Snapshot, quad: Quad, gone: frozenset[Quad] = frozenset()
) -> list[NamedNode]:
    """Return the graphs of the merged view, but for those *gone*, that state *quad*."""
    triple = (quad.subject, quad.predicate, quad.object)
    found = {
        other.graph_name
        for other in snapshot.quads(*triple)  # type: ignore[arg-type] # none is a triple
        if in_view(other.graph_name) and other not in gone
    }
    return sorted((g for g in found if isinstance(g, NamedNode)), key=str)


def _elsewhere(snapshot: Snapshot, absent: Iterable[Quad]) -> str:
    graphs = {graph for quad in absent for graph in _graphs(snapshot, quad)}
    if graphs:
        where = _names(sorted(graphs, key=str))
        return f"the same is stated in {where}: name that graph with --graph"
    if any(_placed(quad, MERGED_VIEW) in snapshot for quad in absent):
        return "it follows by the ontology from what is stated: remove that"
    return "is it spelt as in the graph? `kg show` shows what is stated, and where"


def _placed(quad: Quad, graph: GraphName) -> Quad:
    return type(quad)(quad.subject, quad.predicate, quad.object, graph)


def _names(graphs: list[NamedNode]) -> str:
    more = ", …" if len(graphs) > SHOWN else ""
    return ", ".join(map(term_text, graphs[:SHOWN])) + more


def _some(quads: Iterable[Quad]) -> str:
    return "; ".join(statement_text(q) for q in islice(sorted(quads, key=str), SHOWN))
