"""What has very many neighbours: some by each property, and how many there are.

A property may have tens of thousands of values, and a page that shows some of each has
to say how many there are in all; `by_property` gives them page by page.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from itertools import islice
from typing import TYPE_CHECKING, TypeAlias, cast

from kg.around import Around, around
from kg.newest import READ, Links, newest
from kg.paging import Page
from kg.parameters import put_values
from kg.terms import EXQ, ONTOLOGY, OWL, TYPE, Literal, NamedNode, Triple

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from kg.store import Snapshot
    from kg.terms import Node, Term

SHOWN = 20
"""So many of one property are shown, where there are a few more than that."""

MOST_COUNTED = READ
"""Beyond so many triples either way, numbers are not told: counting takes too long."""

_FEW_MORE = 5
_MOST_READ = 500
_WAYS = {False: "?node ?property ?other", True: "?other ?property ?node"}
_COUNTS = """
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
SELECT ?property (COUNT(*) AS ?number) WHERE {{
  SELECT ?property WHERE {{
    VALUES ?node {{ rdfs:Resource }}
    {pattern}
  }}
  LIMIT {most}
}}
GROUP BY ?property
"""
_PAGE = """
PREFIX rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
SELECT ?other WHERE {{
  VALUES ?node {{ rdfs:Resource }}
  VALUES ?property {{ rdf:value }}
  {pattern}
}}
LIMIT {limit} OFFSET {offset}
"""

Counts: TypeAlias = "Mapping[NamedNode, int | None]"


def some_around(snapshot: Snapshot, node: NamedNode) -> Around:
    """Return what holds of *node*, of each property not many more than SHOWN.

    Of what has a time those are the newest. How many there are in all by a property of
    which not all are there stands in `totals`, with None for very many.
    """
    whole = around(snapshot, node, Page(_MOST_READ))
    totals: dict[tuple[NamedNode, bool], int | None] = {}
    kept = [
        tuple(_some(snapshot, node, triples, totals, is_incoming=is_incoming))
        for triples, is_incoming in ((whole.outgoing, False), (whole.incoming, True))
    ]
    return Around(kept[0], kept[1], whole.more, totals)


def by_property(
    snapshot: Snapshot,
    node: NamedNode,
    name: NamedNode,
    page: Page,
    *,
    is_incoming: bool,
) -> tuple[Around, int | None]:
    """Return a page of what *name* relates *node* to, and how many there are in all."""
    text = _PAGE.format(
        pattern=_WAYS[is_incoming], limit=page.limit + 1, offset=page.offset
    )
    text = put_values(put_values(text, "node", node), "property", name)
    rows = [row[0] for row in snapshot.query(text).rows()]
    found = tuple(
        _triple(node, name, other, is_incoming=is_incoming)
        for other in rows[: page.limit]
        if other is not None
    )
    outgoing, incoming = ((), found) if is_incoming else (found, ())
    total = _count(snapshot, node, name, is_incoming=is_incoming)
    more = len(rows) > page.limit
    return Around(outgoing, incoming, more, is_whole=True), total


def _some(
    snapshot: Snapshot,
    node: NamedNode,
    read: Sequence[Triple],
    totals: dict[tuple[NamedNode, bool], int | None],
    *,
    is_incoming: bool,
) -> Iterator[Triple]:
    """Yield some triples of each property; note in *totals* where those are not all."""
    is_all = len(read) < _MOST_READ
    counts: Counts = (
        Counter(triple.predicate for triple in read)
        if is_all
        else _counts(snapshot, node, is_incoming=is_incoming)
    )
    by_name: defaultdict[NamedNode, list[Triple]] = defaultdict(list)
    for triple in read if is_all else ():
        by_name[triple.predicate].append(triple)
    for name, number in counts.items():
        links = Links(snapshot, node, name, is_incoming)
        if number is None or number > SHOWN + _FEW_MORE:
            totals[name, is_incoming] = number
            yield from newest(links, number, SHOWN)
        else:
            yield from by_name[name] or links


def _counts(snapshot: Snapshot, node: NamedNode, *, is_incoming: bool) -> Counts:
    """Return how many triples each property has; None where they are not counted."""
    text = _COUNTS.format(pattern=_WAYS[is_incoming], most=MOST_COUNTED + 1)
    rows = snapshot.query(put_values(text, "node", node)).rows()
    found: dict[NamedNode, int | None] = {
        name: int(number.value)
        for name, number in rows
        if isinstance(name, NamedNode) and isinstance(number, Literal)
    }
    if sum(number or 0 for number in found.values()) <= MOST_COUNTED:
        return found
    # Not all were read, so others may be there, and more of those that were.
    names = [*found, *(name for name in _own(snapshot) if name not in found)]
    return {
        name: number
        for name in names
        if (number := _few(snapshot, node, name, is_incoming=is_incoming)) != 0
    }


def _few(
    snapshot: Snapshot, node: NamedNode, name: NamedNode, *, is_incoming: bool
) -> int | None:
    """Return how many triples there are, None for many."""
    most = SHOWN + _FEW_MORE
    links = Links(snapshot, node, name, is_incoming)
    number = sum(1 for _ in islice(links, most + 1))
    return number if number <= most else None


def _own(snapshot: Snapshot) -> Iterator[NamedNode]:
    """Yield the properties of the ontology that relate things."""
    kind = NamedNode(f"{OWL}ObjectProperty")
    for quad in snapshot.quads(None, TYPE, kind, ONTOLOGY):
        if isinstance(quad.subject, NamedNode) and quad.subject.value.startswith(EXQ):
            yield quad.subject


def _count(
    snapshot: Snapshot, node: NamedNode, name: NamedNode, *, is_incoming: bool
) -> int | None:
    """Return how many triples there are, None for more than are counted."""
    pattern = f"VALUES ?property {{ rdfs:label }}\n    {_WAYS[is_incoming]}"
    text = _COUNTS.format(pattern=pattern, most=MOST_COUNTED + 1)
    text = put_values(put_values(text, "node", node), "property", name)
    numbers = [row[1] for row in snapshot.query(text).rows()]
    total = sum(int(one.value) for one in numbers if isinstance(one, Literal))
    return total if total <= MOST_COUNTED else None


def _triple(
    node: NamedNode, name: NamedNode, other: Term, *, is_incoming: bool
) -> Triple:
    if is_incoming:
        return Triple(cast("Node", other), name, node)
    return Triple(node, name, other)
