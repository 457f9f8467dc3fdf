"""Which versions changed a graph; read from the journal, each file of it once."""

from __future__ import annotations

import threading
from bisect import bisect_right
from typing import TYPE_CHECKING

from kg.created import graphs_of
from kg.journal import read_entry
from kg.terms import KEPT_BY_PROGRAM

if TYPE_CHECKING:
    from kg.journal import Journal
    from kg.store import Snapshot
    from kg.terms import GraphName


class GraphVersions:
    """The versions that *journal* tells of, by the graphs that they changed."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._guard = threading.Lock()
        self._origin = ""
        self._read = 1
        self._changed: dict[GraphName, list[int]] = {}

    def last(self, snapshot: Snapshot, graph: GraphName) -> int:
        """Return the version, up to that of *snapshot*, that last changed *graph*.

        That is 1 for a graph that is as it was built. What the program keeps may
        change with every version.
        """
        if graph in KEPT_BY_PROGRAM:
            return snapshot.version
        with self._guard:
            self._catch_up(snapshot)
            versions = self._changed.get(graph, [])
            number = bisect_right(versions, snapshot.version)
            return versions[number - 1] if number else 1

    def tag(self, snapshot: Snapshot, graph: GraphName) -> str:
        """Return what differs between any two states of *graph*."""
        return f"{snapshot.pointer.origin}-{self.last(snapshot, graph)}"

    def _catch_up(self, snapshot: Snapshot) -> None:
        if snapshot.pointer.origin != self._origin:
            self._origin, self._read, self._changed = snapshot.pointer.origin, 1, {}
        for version in range(self._read + 1, snapshot.version + 1):
            entry = read_entry(self._journal, version)
            for graph in graphs_of(entry.added | entry.removed):
                self._changed.setdefault(graph, []).append(version)
            self._read = version
