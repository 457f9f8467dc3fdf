"""What was stated in an earlier version, of one thing or in one graph.

Kept are the present quads and a journal of what each version changed. The past is the
present with the journal taken back, of which only the lines that matter are read. What
was erased since is in neither. What followed by the ontology is not part of the past:
it was not stated.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import chain, islice
from typing import TYPE_CHECKING

from kg.folder import Pointer
from kg.history import combined, is_stated
from kg.journal import read_entry_of
from kg.store import Snapshot, scratch
from kg.terms import (
    CREATED,
    EXQ,
    LABEL,
    MERGED_VIEW,
    ONTOLOGY,
    TYPE,
    NamedNode,
    Quad,
    is_claim,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from kg.change import Change
    from kg.gate.verdict import State
    from kg.journal import Entry
    from kg.paging import Page
    from kg.store import Store

_TELLING = frozenset(
    {LABEL, TYPE}
    | {
        NamedNode(f"{EXQ}{name}")
        for name in (
            "claimText",
            "dateWording",
            "designation",
            "edtf",
            "hasClaimKind",
            "madeBy",
            "ordinal",
            "passageOf",
            "topicLine",
        )
    }
)
"""What must be known of other things to show a description."""

_STEPS = 2  # from a claim to its maker, from a passage to its article


@dataclass(frozen=True, slots=True)
class Past:
    """A page of what was stated of a thing, as a dataset of its own.

    It holds the vocabulary too, and of the other things that the page names what they
    were called. There is *more* where another page follows.
    """

    snapshot: Snapshot
    more: bool


def past_of(
    store: Store, here: Snapshot, version: int, node: NamedNode, page: Page
) -> Past | None:
    """Return what *version* stated of *node*; None where it stated nothing.

    *version* is one of the store's, not above that of *here*.
    """
    back = _back(store, here, version, _naming(node))
    found = list(
        islice(_then(here, back, node), page.offset, page.offset + page.limit + 1)
    )
    if not found:
        return None
    shown = found[: page.limit]
    quads = set(shown)
    for _ in range(_STEPS):
        quads |= _told(store, here, version, quads)
    quads |= set(here.quads(graph=ONTOLOGY))
    return Past(_dataset(here, version, quads), len(found) > page.limit)


def graph_then(
    store: Store, here: Snapshot, version: int, graph: NamedNode
) -> Iterator[Quad]:
    """Yield what *graph* held in *version*."""
    back = _back(store, here, version, _naming(graph))
    removed = back.removed
    yield from (quad for quad in here.quads(graph=graph) if quad not in removed)
    yield from sorted((q for q in back.added if q.graph_name == graph), key=str)


def was_there(store: Store, here: Snapshot, version: int, graph: NamedNode) -> bool:
    """Tell whether *version* had *graph*, be it empty."""
    if any(graph_then(store, here, version, graph)):
        return True
    created = graph_then(store, here, version, CREATED)
    return any(quad.subject == graph for quad in created)


def versions_of(store: Store, here: Snapshot, node: NamedNode) -> list[int]:
    """Return the versions that changed what is stated of *node*, or in it, and left
    something there; the first is that in which it is found first.
    """
    standing = sum(1 for _ in _now(here, node))
    wanted = _naming(node)
    found: list[int] = []
    for version in range(here.version, 1, -1):
        entry = read_entry_of(store.journal, version, wanted)
        added, removed = (
            sum(1 for quad in quads if _is_about(quad, node))
            for quads in (entry.added, entry.removed)
        )
        if standing and (added or removed):
            found.append(version)
        standing += removed - added
    return sorted([1, *found] if standing else found)


def _back(
    store: Store, here: Snapshot, version: int, wanted: Callable[[bytes], bool]
) -> Change:
    """Return, of what leads back from *here* to *version*, what is *wanted*."""
    since = (
        read_entry_of(store.journal, number, wanted)
        for number in range(version + 1, here.version + 1)
    )
    return combined(map(_reversed, reversed(list(since))))


def _reversed(entry: Entry) -> Entry:
    return type(entry)(entry.version, entry.removed, entry.added)


def _naming(node: NamedNode) -> Callable[[bytes], bool]:
    name = str(node).encode()
    return lambda line: name in line


def _telling_of(nodes: Iterable[NamedNode]) -> Callable[[bytes], bool]:
    names = {str(node).encode() for node in nodes}
    telling = {str(predicate).encode() for predicate in _TELLING}

    def wanted(line: bytes) -> bool:
        _, subject, predicate, *_ = [*line.split(b" ", 3), b"", b""]
        return subject in names and predicate in telling

    return wanted


def _now(here: Snapshot, node: NamedNode) -> Iterator[Quad]:
    every = chain(
        here.quads(subject=node), here.quads(object_=node), here.quads(graph=node)
    )
    return filter(is_stated, every)


def _then(here: Snapshot, back: Change, node: NamedNode) -> Iterator[Quad]:
    removed = back.removed
    yield from (quad for quad in _now(here, node) if quad not in removed)
    yield from sorted((q for q in back.added if _is_about(q, node)), key=str)


def _is_about(quad: Quad, node: NamedNode) -> bool:
    return node in (quad.subject, quad.object, quad.graph_name)


def _told(
    store: Store, here: Snapshot, version: int, quads: Iterable[Quad]
) -> frozenset[Quad]:
    """Return what the things that *quads* name were called in *version*."""
    nodes = {
        term
        for quad in quads
        for term in (quad.subject, quad.object, quad.graph_name)
        if isinstance(term, NamedNode)
    }
    back = _back(store, here, version, _telling_of(nodes))

    def telling(state: State) -> frozenset[Quad]:
        return frozenset(
            quad
            for node in nodes
            for predicate in _TELLING
            for quad in state.quads(node, predicate)
            if is_stated(quad)
        )

    return (here.looking_up(telling) - back.removed) | back.added


def _dataset(here: Snapshot, version: int, quads: set[Quad]) -> Snapshot:
    engine = scratch()
    engine.extend(quads)
    engine.extend(
        Quad(quad.subject, quad.predicate, quad.object, MERGED_VIEW)
        for quad in quads
        if not is_claim(quad.graph_name, here.base)
    )
    return Snapshot(engine, Pointer(version, here.pointer.origin), base=here.base)
