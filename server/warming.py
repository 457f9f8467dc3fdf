"""What pages need of a version is gathered before somebody asks for it; no Flask."""

from __future__ import annotations

import contextlib
import gc
import threading
import time
from typing import TYPE_CHECKING

from kg.errors import ExequaturError
from kg.name_index import name_index
from kg.overview import count_triples, overview
from kg.pictures.entries import GATHERED as DATES
from kg.pictures.network_drawing import usual as usual_network
from kg.schema_terms import schema_terms

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from kg.graph import KnowledgeGraph
    from kg.snapshot import Snapshot

GATHERERS: Sequence[Callable[[Snapshot], object]] = (
    schema_terms,
    name_index,
    DATES,
    usual_network,
    overview,
    count_triples,
)
"""Each keeps what it returns as long as the version is there."""

_REST = 10
"""After so many times as long as it took, the next version may be looked through.

Where versions follow fast, most of them are gone before anybody looks at a page.
"""


class Warming:
    """Gathers in a thread of its own what GATHERERS find in the last version.

    Before the first time it does *first*. Then it has *prepare* do what takes longer,
    and is told whether that is done.
    """

    def __init__(
        self,
        graph: KnowledgeGraph,
        prepare: Callable[[Snapshot], bool] = lambda _: True,
        *,
        first: Callable[[], object] = lambda: None,
    ) -> None:
        self._graph = graph
        self._prepare = prepare
        self._first = first
        self._done = ""
        self._prepared = ""
        self._next = self._next_prepared = 0.0
        self._thread: threading.Thread | None = None

    def look(self) -> None:
        """Begin, where there is a version that is not gathered yet, and return."""
        is_busy = self._thread is not None and self._thread.is_alive()
        if not is_busy and time.monotonic() >= self._next:
            self._thread = threading.Thread(target=self._work, daemon=True)
            self._thread.start()

    def wait(self) -> None:
        """Wait until what was begun is done."""
        if self._thread is not None:
            self._thread.join()

    def _work(self) -> None:
        # What is wrong with the store is told to those who ask for something.
        with contextlib.suppress(ExequaturError):
            snapshot = self._graph.snapshot()
            if snapshot.tag != self._done:
                self._gather(snapshot)
            is_time = time.monotonic() >= self._next_prepared
            if snapshot.tag != self._prepared and is_time:
                self._go_on(snapshot)

    def _gather(self, snapshot: Snapshot) -> None:
        is_first = not self._done
        began = time.monotonic()
        if is_first:
            self._first()
        for gather in GATHERERS:
            gather(snapshot)
        self._done = snapshot.tag
        self._next = _after(began)
        if is_first:
            gc.freeze()  # a large index stays: no use in looking through it, either

    def _go_on(self, snapshot: Snapshot) -> None:
        began = time.monotonic()
        if self._prepare(snapshot):
            self._prepared = snapshot.tag
        self._next_prepared = _after(began)


def _after(began: float) -> float:
    """Return when what *began* then, and ended now, may be done again."""
    ended = time.monotonic()
    return ended + _REST * (ended - began)
