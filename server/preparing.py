"""The answers of saved questions that take long, worked out before somebody asks."""

from __future__ import annotations

import contextlib
import time
from typing import TYPE_CHECKING

from kg.errors import ExequaturError
from kg.readers import ReaderFailedError
from server.page_answers import LEAST_SECONDS
from server.paging import USUAL_ROWS
from server.queries import page_texts

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kg.graph import KnowledgeGraph
    from kg.queries import SavedQuery
    from kg.readers import Readers
    from kg.snapshot import Snapshot
    from server.page_answers import PageAnswers

_LOOK = 0.1
_MOST_WAIT = 30.0
"""For so many seconds it is waited until the readers have nothing else to do."""


class Preparing:
    """Has *readers* work out what pages of questions without parameters show.

    One after the other, while nobody else asks the readers anything, and at the lowest
    priority. All are asked of the first version, of later ones those that took long.
    """

    def __init__(
        self, graph: KnowledgeGraph, readers: Readers, answers: PageAnswers
    ) -> None:
        self._graph = graph
        self._readers = readers
        self._answers = answers
        self._wanted: Iterable[SavedQuery] = graph.queries.values()
        self._slow: dict[str, SavedQuery] = {}

    def prepare(self, snapshot: Snapshot) -> bool:
        """Work out the answers of the version *snapshot*; tell whether that is done.

        It is given up where there is another version, or the readers are busy.
        """
        for saved in self._wanted:
            if not self._may_ask(snapshot):
                return False
            began = time.monotonic()
            # What cannot be answered is told to who asks; it is not tried again here.
            with contextlib.suppress(ExequaturError, ReaderFailedError):
                self._ask(saved, snapshot)
                if time.monotonic() - began >= LEAST_SECONDS:
                    self._slow[saved.name] = saved
        self._wanted = tuple(self._slow.values())
        return self._is_last(snapshot)

    def _ask(self, saved: SavedQuery, snapshot: Snapshot) -> None:
        rows, sought, count = page_texts(saved)

        def gone() -> bool:
            return not self._is_last(snapshot)

        found = self._answers.answer(
            rows, snapshot.tag, gone=gone, unhurried=True, sought=sought
        )
        if count and found.total is None and sum(1 for _ in found.rows()) > USUAL_ROWS:
            self._answers.answer(count, snapshot.tag, gone=gone, unhurried=True)

    def _is_last(self, snapshot: Snapshot) -> bool:
        return self._graph.snapshot().tag == snapshot.tag

    def _may_ask(self, snapshot: Snapshot) -> bool:
        """Wait until the readers have nothing to do; tell whether that came to be."""
        until = time.monotonic() + _MOST_WAIT
        while self._is_last(snapshot):
            lanes = self._readers.lanes.values()
            if not any(lane.running or lane.queued for lane in lanes):
                return True
            if time.monotonic() > until:
                return False
            time.sleep(_LOOK)
        return False
