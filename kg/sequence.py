"""The order of events whose dates leave it open, as far as sources state it."""

from __future__ import annotations

from collections import defaultdict
from itertools import islice
from typing import TYPE_CHECKING

from kg.terms import EXQ, MERGED_VIEW, NamedNode

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from kg.created import Quads

_BEFORE = NamedNode(f"{EXQ}before")
_MOST = 500
"""So many later events are read of one; the merged view has all that follow it."""


def in_sequence(
    snapshot: Quads, nodes: Sequence[NamedNode], dated: Collection[NamedNode]
) -> list[NamedNode]:
    """Return *nodes*, each that is not *dated* before what sources say it came before.

    So it stands right before the first of the *dated* ones that it came before, or else
    at the end. Otherwise the order stays, as it does where statements go round in a
    circle; *dated* ones stay among each other whatever is said of them.
    """
    earlier: defaultdict[NamedNode, list[NamedNode]] = defaultdict(list)
    known = set(nodes)
    for node in nodes:
        for later in () if node in dated else _later(snapshot, node):
            if later in known:
                earlier[later].append(node)
    found: dict[NamedNode, None] = {}
    free = (node for node in nodes if node not in dated)
    for node in (*(node for node in nodes if node in dated), *free):
        _take(node, earlier, found)
    return list(found)


def _later(snapshot: Quads, node: NamedNode) -> Iterator[NamedNode]:
    found = snapshot.quads(node, _BEFORE, None, MERGED_VIEW)
    others = (quad.object for quad in islice(found, _MOST))
    return (other for other in others if isinstance(other, NamedNode))


def _take(
    last: NamedNode,
    earlier: dict[NamedNode, list[NamedNode]],
    found: dict[NamedNode, None],
) -> None:
    """Add *last* to what was *found*, and before it what came *earlier*."""
    entered = {last}
    waiting = [(last, iter(earlier.get(last, ())))]
    while waiting:
        node, others = waiting[-1]
        other = next((o for o in others if o not in found and o not in entered), None)
        if other is None:
            found.setdefault(node)
            waiting.pop()
        else:
            entered.add(other)
            waiting.append((other, iter(earlier.get(other, ()))))
