"""What stands around a node: the triples out of it and into it, page by page."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import chain, islice
from typing import TYPE_CHECKING, cast

from kg.paging import Page
from kg.parameters import put_values
from kg.terms import (
    EXQ,
    MERGED_VIEW,
    ONTOLOGY,
    OUTSIDE_VIEW,
    Literal,
    NamedNode,
    Quad,
    Triple,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from kg.store import Snapshot
    from kg.terms import GraphName, Node, Term

_MOST_COUNTED = 100_000
_INCOMING = """
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
SELECT ?subject ?property WHERE {
  VALUES ?node { rdfs:Resource }
  ?subject ?property ?node
}
"""
_COUNT = """
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
SELECT (COUNT(*) AS ?number) WHERE {{
  SELECT * WHERE {{
    VALUES ?node {{ rdfs:Resource }}
    {pattern}
  }}
  LIMIT {most}
}}
"""
_WAYS = ("?node ?property ?value", "?subject ?property ?node")


@dataclass(frozen=True, slots=True)
class Around:
    """A page of what holds of a node; there is *more* where another page follows.

    The pages of a node have an order of their own, the same for one version. Of what is
    here in part, *totals* has how many there are by a property and whether it is
    incoming, None for very many. It *is_whole* where all of it is to be told, even what
    follows from the rest.
    """

    outgoing: tuple[Triple, ...]
    incoming: tuple[Triple, ...]
    more: bool = False
    totals: Mapping[tuple[NamedNode, bool], int | None] = field(default_factory=dict)
    is_whole: bool = False


def around(snapshot: Snapshot, node: NamedNode, page: Page) -> Around:
    """Return a page of the merged view around *node*, as many triples either way.

    What the view has nothing of is described by the graph beside it that has.
    """
    outgoing = _page(_outgoing(snapshot, node), page)
    # The engine passes over triples much faster than this program does.
    if page.offset:
        first = _found(snapshot, node, page)
    else:
        first = _shown_or_beside(snapshot, object_=node)
    incoming = [_triple(quad) for quad in islice(first, page.limit + 1)]
    return Around(
        tuple(outgoing[: page.limit]),
        tuple(incoming[: page.limit]),
        max(len(outgoing), len(incoming)) > page.limit,
    )


def pages(snapshot: Snapshot, node: NamedNode, limit: int) -> int | None:
    """Return how many pages of *limit* there are; None where that takes too long."""
    counts = [_count(snapshot, node, pattern) for pattern in _WAYS]
    most = max(counts)
    return None if most > _MOST_COUNTED else max(1, -(-most // limit))


def stating(snapshot: Snapshot, triples: Iterable[Triple]) -> Iterator[Quad]:
    """Yield the quads of the named graphs that state *triples*."""
    for triple in triples:
        found = snapshot.quads(
            cast("Node", triple.subject), triple.predicate, cast("Term", triple.object)
        )
        yield from (quad for quad in found if quad.graph_name != MERGED_VIEW)


def closure(
    snapshot: Snapshot, triples: Iterable[Triple], *, most: int
) -> Iterator[Triple]:
    """Yield what holds of the nameless nodes that *triples* lead to, and so forth.

    This is what a concise bounded description takes in: without its own description
    such a node says nothing. No more than *most* of them are followed.
    """
    waiting: list[object] = [triple.object for triple in triples]
    seen: set[object] = set()
    while waiting and len(seen) < most:
        node = waiting.pop()
        if node in seen or not isinstance(node, NamedNode) or not is_nameless(node):
            continue
        seen.add(node)
        for quad in islice(snapshot.quads(node, graph=MERGED_VIEW), most):
            yield _triple(quad)
            waiting.append(quad.object)


def is_nameless(node: NamedNode) -> bool:
    """Tell whether *node* stands for a blank node of what somebody wrote."""
    return "/.well-known/genid/" in node.value


def _outgoing(snapshot: Snapshot, node: Node) -> Iterator[Quad]:
    """Yield what holds of *node*; of a term also the axioms, outside the view."""
    found = _shown_or_beside(snapshot, subject=node)
    if isinstance(node, NamedNode) and node.value.startswith(EXQ):
        return chain(found, snapshot.quads(subject=node, graph=ONTOLOGY))
    return found


def _shown_or_beside(
    snapshot: Snapshot, *, subject: Node | None = None, object_: Node | None = None
) -> Iterator[Quad]:
    """Yield what the merged view has of a node, or else the graphs that it leaves out.

    A change to the dataset, say, or a parameter of a query, is told of only there.
    """
    graphs: list[GraphName] = [MERGED_VIEW, *sorted(OUTSIDE_VIEW, key=str)]
    for graph in graphs:
        found = snapshot.quads(subject=subject, object_=object_, graph=graph)
        first = next(found, None)
        if first is not None:
            yield first
            yield from found
            return


def _found(snapshot: Snapshot, node: NamedNode, page: Page) -> Iterator[Quad]:
    text = put_values(_INCOMING, "node", node)
    text = f"{text}\nLIMIT {page.limit + 1} OFFSET {page.offset}"
    for subject, predicate in snapshot.query(text).rows():
        if isinstance(subject, NamedNode) and isinstance(predicate, NamedNode):
            yield Quad(subject, predicate, node, MERGED_VIEW)


def _count(snapshot: Snapshot, node: NamedNode, pattern: str) -> int:
    text = _COUNT.format(most=_MOST_COUNTED + 1, pattern=pattern)
    rows = snapshot.query(put_values(text, "node", node)).rows()
    return next(int(row[0].value) for row in rows if isinstance(row[0], Literal))


def _page(quads: Iterator[Quad], page: Page) -> list[Triple]:
    end = page.offset + page.limit + 1
    return [_triple(quad) for quad in islice(quads, page.offset, end)]


def _triple(quad: Quad) -> Triple:
    return Triple(quad.subject, quad.predicate, quad.object)
