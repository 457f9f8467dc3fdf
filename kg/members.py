"""The things of a class, in the order of their names, however many there are."""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import dataclass, field
from operator import itemgetter
from typing import TYPE_CHECKING

from kg.folding import fold
from kg.name_index import name_index
from kg.parameters import put_values, short_name
from kg.per_version import per_version
from kg.terms import NamedNode

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kg.snapshot import Snapshot

_KEPT = 6
"""So many lists are kept of a version, those that were asked for last."""

_OF_CLASS = """
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
SELECT ?thing WHERE {
  VALUES ?kind { rdfs:Resource }
  ?thing a ?kind
}
"""


@dataclass(slots=True)
class _Lists:
    found: OrderedDict[NamedNode, Sequence[NamedNode]] = field(
        default_factory=OrderedDict
    )
    making: threading.Lock = field(default_factory=threading.Lock)


_lists = per_version(lambda _: _Lists())


def members(snapshot: Snapshot, kind: NamedNode) -> Sequence[NamedNode]:
    """Return the things of a class by label, accents apart, then others by IRI."""
    lists = _lists(snapshot)
    with lists.making:
        if kind not in lists.found:
            lists.found[kind] = _sorted(snapshot, kind)
        lists.found.move_to_end(kind)
        if len(lists.found) > _KEPT:
            lists.found.popitem(last=False)
        return lists.found[kind]


def label_of(snapshot: Snapshot, node: NamedNode) -> str:
    """Return the label of *node*, or the last part of its IRI."""
    named = name_index(snapshot).named(node)
    return named.label if named else short_name(node)


def _sorted(snapshot: Snapshot, kind: NamedNode) -> Sequence[NamedNode]:
    # To sort them is left to Python: the engine looks up each label at each comparison.
    rows = snapshot.query(put_values(_OF_CLASS, "kind", kind)).rows()
    index = name_index(snapshot)
    keyed = [
        (named is None, fold(label), label, node.value, node)
        for (node,) in rows
        if isinstance(node, NamedNode)
        for named in (index.named(node),)
        for label in (named.label if named else "",)
    ]
    return [node for *_, node in sorted(keyed, key=itemgetter(0, 1, 2, 3))]
