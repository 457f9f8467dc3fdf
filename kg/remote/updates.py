"""Changes as SPARQL 1.1 Update: done whole or not at all."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kg.remote.failures import UnaskableError
from kg.remote.record import NAMED
from kg.terms import MERGED, MERGED_VIEW, Quad

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from kg.remote.client import Client
    from kg.remote.record import Record
    from kg.terms import GraphName

    _Lines = dict[str, dict[str, list[str]]]


@dataclass(frozen=True, slots=True)
class Guarded:
    """A change to be done where *guard* is in the store, and else not at all.

    All three are data, without variables or blank nodes.
    """

    guard: str
    removed: str
    added: str

    @property
    def operation(self) -> str:
        """The change as one operation, whose WHERE is the guard.

        (SPARQL 1.1 Update, section 3.1.3: no solution, no change.) What is removed and
        added is ground, so that it is done once, for the one solution.
        """
        return (
            f"DELETE {{ {self.removed} }}\n"
            f"INSERT {{ {self.added} }}\n"
            f"WHERE {{ {self.guard} }}"
        )

    @property
    def data(self) -> str:
        """The change without the guard."""
        return f"DELETE DATA {{ {self.removed} }} ;\nINSERT DATA {{ {self.added} }}"


def guarded(
    old: Record, new: Record, *, added: Iterable[Quad], removed: Iterable[Quad]
) -> Guarded:
    """Return a change to be done where the store has the record *old*.

    It puts *new* in its place.
    """
    return Guarded(
        old.statement,
        f"{old.statement}\n{template(removed, old.view)}",
        f"{new.statement}\n{template(added, new.view)}",
    )


def insert_linked(client: Client, data: str, *, before: str = "") -> None:
    """Have a store insert *data*, which may have blank nodes, after *before*.

    Virtuoso takes them in templates alone, which RDF4J nests as deep as they are long.
    """
    try:
        client.update(f"{before}INSERT DATA {{ {data} }}")
    except UnaskableError:
        client.update(f"{before}INSERT {{ {data} }} WHERE {{}}")


def template(quads: Iterable[Quad], view: str) -> str:
    """Return *quads*, which have no blank nodes, as a template or data has them.

    *view* says where the merged view is kept.
    """
    by_graph: dict[GraphName, _Lines] = {}
    for quad in quads:
        is_named = view == NAMED and quad.graph_name == MERGED_VIEW
        graph = MERGED if is_named else quad.graph_name
        about = by_graph.setdefault(graph, {}).setdefault(str(quad.subject), {})
        about.setdefault(str(quad.predicate), []).append(str(quad.object))
    parts = []
    for graph, lines in by_graph.items():
        body = "\n".join(_said(subject, about) for subject, about in lines.items())
        in_view = graph == MERGED_VIEW
        parts.append(body if in_view else f"GRAPH {graph} {{\n{body}\n}}")
    return "\n".join(parts)


def _said(subject: str, about: Mapping[str, list[str]]) -> str:
    """Return what is said of *subject*, as short as can be: stores limit requests."""
    lists = (f"{predicate} {','.join(found)}" for predicate, found in about.items())
    return f"{subject} {';'.join(lists)} ."
