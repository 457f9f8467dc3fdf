"""Answers that pages show: those that took long are kept with the last version."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from typing import TYPE_CHECKING

from kg.readers import KEPT_AS, KeptAnswer

if TYPE_CHECKING:
    from collections.abc import Callable

    from kg.ordering import Sought
    from kg.readers import Readers
    from server.beside import Beside

    Gone = Callable[[], bool]

LEAST_SECONDS = 0.05
"""An answer that took less is not kept: it is as soon asked for again."""

MOST_BYTES = 16_000_000
"""What is kept takes so many bytes at most."""


class PageAnswers:
    """Answers by *readers* to queries of pages, whose IRIs are relative to *base*.

    What takes long is worked out *beside* the page.
    """

    def __init__(self, readers: Readers, base: str, beside: Beside) -> None:
        self._readers = readers
        self._base = base
        self._beside = beside
        self._tag = ""
        self._kept: OrderedDict[str, KeptAnswer] = OrderedDict()
        self._guard = threading.Lock()

    def answer(
        self,
        sparql: str,
        tag: str,
        *,
        gone: Gone | None = None,
        is_visit: bool = False,
        unhurried: bool = False,
        sought: Sought | None = None,
    ) -> KeptAnswer:
        """Return an answer of the version *tag*, or of one next to it.

        It is one that is kept, if there is, or that somebody waits for; else one that
        *unhurried* readers may make. *sought* is what *sparql* asks for, if it can be
        had with less work. Raise what `Readers.query` raises, and
        StillAtWorkError as `Beside.done` does.
        """
        kept = self._found(sparql, tag)
        if kept is not None:
            return kept
        return self._beside.done(
            sparql,
            lambda gone: self._ask(sparql, gone, unhurried=unhurried, sought=sought),
            gone=gone,
            is_visit=is_visit,
        )

    @property
    def size(self) -> int:
        """How many bytes what is kept takes."""
        return sum(map(len, self._kept.values()))

    def _found(self, sparql: str, tag: str) -> KeptAnswer | None:
        """Return what is kept of the version *tag*; of others nothing is, any more."""
        with self._guard:
            if tag != self._tag:
                self._tag = tag
                self._kept.clear()
            kept = self._kept.get(sparql)
            if kept is None or kept.tag != tag:
                return None
            self._kept.move_to_end(sparql)
            return kept

    def _ask(
        self,
        sparql: str,
        gone: Gone | None,
        *,
        unhurried: bool,
        sought: Sought | None,
    ) -> KeptAnswer:
        began = time.monotonic()
        answer = self._readers.query(
            sparql, base=self._base, write=KEPT_AS, gone=gone, unhurried=unhurried,
            sought=sought,
        )  # fmt: skip
        found = KeptAnswer(answer)
        is_long = time.monotonic() - began >= LEAST_SECONDS
        if is_long and found.tag and len(found) <= MOST_BYTES:
            with self._guard:
                self._kept[sparql] = found
                while self.size > MOST_BYTES:
                    self._kept.popitem(last=False)
        return found
