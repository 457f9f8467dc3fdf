"""Answers that pages show, worked out beside them: whoever visits need not wait long.

A query that takes long is asked once for all who want its answer, which is kept as long
as the version is the last one. A visitor who comes first gets a page that says so, and
the answer with the next request.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from typing import TYPE_CHECKING

from kg.errors import QueryDroppedError
from kg.readers import KeptAnswer

if TYPE_CHECKING:
    from collections.abc import Callable

    from kg.readers import Readers

    Gone = Callable[[], bool]

PATIENCE = 0.1
"""So many seconds a visitor waits for an answer before there is a page without it."""

LEAST_SECONDS = 0.05
"""An answer that took less is not kept: it is as soon asked for again."""

MOST_BYTES = 16_000_000
"""What is kept takes so many bytes at most."""

_FORGOTTEN = 10.0
"""What nobody has waited for so many seconds is dropped: the visitor went elsewhere."""

_LOOK = 0.05


class StillAskedError(Exception):
    """The answer is being worked out; whoever asks again gets it, and waits for it."""


class PageAnswers:
    """Answers by *readers* to queries of pages, whose IRIs are relative to *base*."""

    def __init__(self, readers: Readers, base: str) -> None:
        self._readers = readers
        self._base = base
        self._tag = ""
        self._kept: OrderedDict[str, KeptAnswer] = OrderedDict()
        self._asked: dict[str, _Work] = {}
        self._guard = threading.Lock()

    def answer(
        self, sparql: str, tag: str, *, gone: Gone | None = None, is_visit: bool = False
    ) -> KeptAnswer:
        """Return an answer of the version *tag*, or of the one after it.

        It is one that is kept, if there is, or that somebody waits for. On the first
        request of a visit raise StillAskedError where it takes long; it is worked out
        meanwhile. Raise what `Readers.query` raises.
        """
        with self._guard:
            kept = self._found(sparql, tag)
            work = self._asked.get(sparql)
            if kept is not None:
                return kept
            is_first = is_visit and work is None
            if is_first:
                work = self._asked[sparql] = _Work()
                args = (sparql, work)
                threading.Thread(target=self._do, args=args, daemon=True).start()
        if work is None:
            return self._ask(sparql, gone)
        if not is_first:
            work.wait(gone)
        elif not work.done.wait(PATIENCE):
            raise StillAskedError
        with self._guard:
            if self._asked.get(sparql) is work:
                del self._asked[sparql]
        if work.is_dropped:  # a moment before somebody wanted it after all
            return self._ask(sparql, gone)
        return work.answer()

    @property
    def size(self) -> int:
        """How many bytes what is kept takes."""
        return sum(map(len, self._kept.values()))

    def _found(self, sparql: str, tag: str) -> KeptAnswer | None:
        """Return what is kept of the version *tag*, and drop what nobody wants."""
        if tag != self._tag:
            self._tag = tag
            self._kept.clear()
        for text, work in list(self._asked.items()):
            if work.is_done and work.is_forgotten():
                del self._asked[text]
        kept = self._kept.get(sparql)
        if kept is None or kept.tag != tag:
            return None
        self._kept.move_to_end(sparql)
        return kept

    def _do(self, sparql: str, work: _Work) -> None:
        try:
            work.found = self._ask(sparql, work.is_forgotten)
        except Exception as error:  # noqa: BLE001 whoever asks again is told of it
            work.error = error
        finally:
            work.touch()
            work.done.set()

    def _ask(self, sparql: str, gone: Gone | None) -> KeptAnswer:
        began = time.monotonic()
        answer = self._readers.query(sparql, base=self._base, gone=gone)
        found = KeptAnswer(answer)
        if time.monotonic() - began >= LEAST_SECONDS and len(found) <= MOST_BYTES:
            with self._guard:
                self._kept[sparql] = found
                while self.size > MOST_BYTES:
                    self._kept.popitem(last=False)
        return found


class _Work:
    """An answer on its way, in a thread of its own."""

    def __init__(self) -> None:
        self.done = threading.Event()
        self.found: KeptAnswer | None = None
        self.error: Exception | None = None
        self._wanted = time.monotonic()

    @property
    def is_done(self) -> bool:
        """Whether the answer is there, or never will be."""
        return self.done.is_set()

    @property
    def is_dropped(self) -> bool:
        """Whether it was given up, because nobody waited for it."""
        return isinstance(self.error, QueryDroppedError)

    def touch(self) -> None:
        """Note that somebody wants it."""
        self._wanted = time.monotonic()

    def is_forgotten(self) -> bool:
        """Tell whether nobody has wanted it for a while."""
        return time.monotonic() - self._wanted > _FORGOTTEN

    def wait(self, gone: Gone | None) -> None:
        """Wait until it is done; raise QueryDroppedError where the client has gone."""
        while not self.done.wait(_LOOK):
            self.touch()
            if gone is not None and gone():
                raise QueryDroppedError("the client has gone")

    def answer(self) -> KeptAnswer:
        """Return the answer, once it is done; raise what became of it."""
        if self.error is not None:
            raise self.error
        assert self.found is not None  # noqa: S101 it is done
        return self.found
