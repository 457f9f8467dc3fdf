"""Changes that depend on the present state: taking away, replacing a graph."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kg.change import Change, refuse_kept
from kg.created import marks
from kg.display import SHOWN, some_text, statement_text, term_text
from kg.errors import ChangeError
from kg.gate import in_view
from kg.terms import INFERRED, MERGED_VIEW, UNSOURCED, NamedNode

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kg.gate import Verdict
    from kg.store import Snapshot
    from kg.terms import GraphName, Quad


def removing(snapshot: Snapshot, stated: Change) -> Change:
    """Return the change that takes away the quads that *stated* would add.

    Raise ChangeError where none of them is there, or where a triple that is to leave
    `graph/unsourced` is stated in another graph too and would go on holding.
    """
    there = frozenset(quad for quad in stated.added if quad in snapshot)
    absent = stated.added - there
    if not there:
        raise ChangeError(
            f"nothing that is to be removed is there, such as {some_text(absent)}",
            advice=_elsewhere(snapshot, absent),
        )
    found = {quad: _graphs(snapshot, quad, there) for quad in sorted(there, key=str)}
    standing = {quad: graphs for quad, graphs in found.items() if graphs}
    if any(quad.graph_name == UNSOURCED for quad in standing):
        raise ChangeError(
            f"what is to be removed would still hold: {_also(standing)}",
            advice="name the graph to remove it from with --graph",
        )
    notes = stated.notes
    if absent:
        notes += (f"{len(absent)} quads are not there, such as {some_text(absent)}",)
    if standing:
        notes += (f"some of it is still stated elsewhere: {_also(standing)}",)
    return Change(removed=there, notes=notes)


def replacing(snapshot: Snapshot, graph: NamedNode, stated: Change) -> Change:
    """Return the change after which *graph* holds the quads that *stated* would add.

    It is there then, though *stated* adds nothing.

    Raise ChangeError where *stated* speaks of another graph, or the program keeps it.
    """
    refuse_kept([graph])
    others = {quad for quad in stated.added if quad.graph_name != graph}
    if others:
        raise ChangeError(
            f"states {len(others)} quads in another graph than {term_text(graph)},"
            f" such as {some_text(others)}",
            advice="leave them out, or add them with `kg add`",
        )
    now = frozenset(snapshot.quads(graph=graph))
    return Change(
        added=(stated.added or marks(graph)) - now,
        removed=now - stated.added,
        notes=stated.notes,
    )


def still_following(verdict: Verdict) -> list[Quad]:
    """Return the removed quads whose triples still hold, as they follow from others."""
    removed = verdict.change.removed
    return sorted(
        (q for q in removed if _placed(q, INFERRED) in verdict.added), key=str
    )


def _also(standing: dict[Quad, list[NamedNode]]) -> str:
    """Tell of the first of these quads, and how many more there are."""
    quad = next(iter(standing))
    more = f"; and {len(standing) - 1} more" if len(standing) > 1 else ""
    return f"{statement_text(quad)}, also in {_names(standing[quad])}{more}"


def _graphs(
    snapshot: Snapshot, quad: Quad, gone: frozenset[Quad] = frozenset()
) -> list[NamedNode]:
    """Return the graphs of the merged view, but for those *gone*, that state *quad*."""
    triple = (quad.subject, quad.predicate, quad.object)
    found = {
        other.graph_name
        for other in snapshot.quads(*triple)  # type: ignore[arg-type] # none is a triple
        if in_view(other.graph_name, snapshot.base) and other not in gone
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
