"""What is gathered of each version: made once, then kept up by the journal."""

from __future__ import annotations

import threading
from contextlib import suppress
from typing import TYPE_CHECKING, Generic, TypeVar
from weakref import WeakKeyDictionary

from kg.errors import ExequaturError
from kg.journal import read_entry
from kg.terms import ONTOLOGY, OWL, RDFS, TYPE, NamedNode, Triple

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from kg.snapshot import Snapshot

T = TypeVar("T")

_BELOW = NamedNode(f"{RDFS}subPropertyOf")
_CHAIN, _INVERSE, _ON, _SAME, _VALUE = (
    NamedNode(f"{OWL}{name}")
    for name in (
        "propertyChainAxiom",
        "inverseOf",
        "onProperty",
        "equivalentProperty",
        "hasValue",
    )
)
_SPREADING = {
    NamedNode(f"{OWL}SymmetricProperty"),
    NamedNode(f"{OWL}TransitiveProperty"),
}

_MOST_VERSIONS = 500
_MOST_NODES = 20_000
"""Where more has changed, it is no dearer to gather all anew."""


class Following(Generic[T]):
    """Gathers something of a version, by itself or from that of one before it.

    *make* gathers it from all that the version holds. *follow* takes what was gathered
    of an earlier version, the version, and the nodes that what was added or removed in
    between speaks of, and must return what *make* would; it may not alter what it is
    given. It is not called where the ontology has a triple with one of the properties
    *of* follow from what is said of other nodes. None of them is called twice for a
    version; who asks meanwhile waits.
    """

    def __init__(
        self,
        make: Callable[[Snapshot], T],
        follow: Callable[[T, Snapshot, Collection[NamedNode]], T],
        *,
        of: Collection[NamedNode],
    ) -> None:
        self.of = of
        self.make = make
        self.follow = follow
        self._made: WeakKeyDictionary[Snapshot, T] = WeakKeyDictionary()
        self._making = threading.Lock()
        # The last one outlives its version, so that the next can be made from it.
        self._last: tuple[object, int, T] | None = None

    def __call__(self, snapshot: Snapshot) -> T:
        """Return what there is to gather of *snapshot*."""
        with self._making:
            if snapshot not in self._made:
                self._made[snapshot] = made = self._gathered(snapshot)
                if snapshot.journal is not None:
                    self._last = (_line(snapshot), snapshot.version, made)
            return self._made[snapshot]

    def _gathered(self, snapshot: Snapshot) -> T:
        if self._last is not None:
            line, version, made = self._last
            if line == _line(snapshot) and version <= snapshot.version:
                nodes = changed_nodes(snapshot, version)
                if nodes is not None and is_local(snapshot, self.of):
                    return self.follow(made, snapshot, nodes)
        return self.make(snapshot)


def is_local(snapshot: Snapshot, properties: Collection[NamedNode]) -> bool:
    """Tell whether *properties* hold of a node only by what is said of it.

    So it is where other properties lie below them, and nothing else leads to them.
    """
    waiting, known = list(properties), set(properties)
    while waiting:
        one = waiting.pop()
        if _is_led_to(snapshot, one):
            return False
        below = [
            *(q.subject for q in snapshot.quads(None, _BELOW, one, ONTOLOGY)),
            *(q.subject for q in snapshot.quads(None, _SAME, one, ONTOLOGY)),
            *(q.object for q in snapshot.quads(one, _SAME, None, ONTOLOGY)),
        ]
        new = {node for node in below if isinstance(node, NamedNode)} - known
        known |= new
        waiting.extend(new)
    return True


def _is_led_to(snapshot: Snapshot, one: NamedNode) -> bool:
    """Tell whether an axiom gives *one* to a node for what is said of another."""
    kinds = {quad.object for quad in snapshot.quads(one, TYPE, None, ONTOLOGY)}
    restricted = [
        quad.subject
        for quad in snapshot.quads(None, _ON, one, ONTOLOGY)
        if not isinstance(quad.subject, Triple)
    ]
    return (
        bool(kinds & _SPREADING)
        or any(snapshot.quads(one, _CHAIN, None, ONTOLOGY))
        or any(snapshot.quads(one, _INVERSE, None, ONTOLOGY))
        or any(snapshot.quads(None, _INVERSE, one, ONTOLOGY))
        or any(any(snapshot.quads(n, _VALUE, None, ONTOLOGY)) for n in restricted)
    )


def _line(snapshot: Snapshot) -> object:
    """Return what the versions of one line of history have in common.

    A copied store has the name of the line, too, and goes its own way.
    """
    return snapshot.build, snapshot.home and snapshot.home.parent


def changed_nodes(snapshot: Snapshot, since: int) -> frozenset[NamedNode] | None:
    """Return the nodes of which something was added or removed after version *since*.

    None where that is not known, or they are many.
    """
    if snapshot.journal is None or snapshot.version - since > _MOST_VERSIONS:
        return None
    nodes: set[NamedNode] = set()
    for version in range(since + 1, snapshot.version + 1):
        entry = None
        with suppress(ExequaturError):
            entry = read_entry(snapshot.journal, version)
        # A version that changed nothing that is asserted repaired what follows from it.
        if entry is None or not (entry.added or entry.removed):
            return None
        for quad in entry.added | entry.removed:
            nodes.update(
                one for one in (quad.subject, quad.object) if isinstance(one, NamedNode)
            )
        if len(nodes) > _MOST_NODES:
            return None
    return frozenset(nodes)
