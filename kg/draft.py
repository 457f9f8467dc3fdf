"""A dataset in the making: what is loaded can be looked up and asked at once."""

from __future__ import annotations

import os
import shutil
from contextlib import suppress
from typing import TYPE_CHECKING, Protocol

from pyoxigraph import QuerySolutions, RdfFormat

from kg.ahead import done_ahead, processors
from kg.terms import LOG, REPORT, DefaultGraph, Quad, Triple
from kg.unfinished import Unfinished

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from pyoxigraph import Store as Engine

    from kg.dataset import Dataset
    from kg.rules.relations import Rows
    from kg.terms import NamedNode, Node, Term


_STEP = 200_000
"""So many quads are taken in in one step."""

_AT_ONCE = 4
"""So many parts are taken in at once at most; each takes some 150 MiB of memory."""

_SPARE = 3_000_000_000
"""So many bytes are to be free besides what merging takes for a while."""

_BETWEEN = 10_000_000
"""So many quads are taken in at least until all is merged again."""


class SomeRows(Protocol):
    """Rows of a dataset, of which a part can be had."""

    def __len__(self) -> int:
        """How many there are."""
        ...

    def __getitem__(self, part: slice, /) -> Rows:
        """Return those of *part*."""
        ...


class Draft:
    """What is loaded into an *engine*; `kg.gate.bulk` says what that is.

    *unfinished* says how much of it an interrupted build has loaded, *folder* where the
    engine keeps its files, if not in memory.
    """

    def __init__(
        self,
        engine: Engine,
        unfinished: Unfinished | None = None,
        folder: Path | None = None,
    ) -> None:
        self.engine = engine
        self.unfinished = unfinished or Unfinished()
        self._folder = folder
        self._unmerged = 0

    def begin(self, dataset: Dataset) -> None:
        """Go on with *dataset*, or begin with it anew."""
        if not self.unfinished.is_kept:
            return
        if not self.unfinished.begin(dataset.digest()):
            self.engine.clear()
        for graph in (REPORT, LOG):  # these are written last, and anew
            self.engine.remove_graph(graph)

    def forget(self) -> None:
        """Be empty again, and know of nothing that was loaded."""
        self.unfinished.forget()
        self.engine.clear()

    def load(self, dataset: Dataset, rows: SomeRows, part: str) -> Iterator[int]:
        """Take in *rows* of *dataset*; yield how many it has taken, step by step.

        They are a *part* of it, of which an interrupted build may have taken some.
        """
        done = self.unfinished.loaded(part)
        yield done
        steps = (rows[n : n + _STEP] for n in range(done, len(rows), _STEP))
        texts = (self._as_text(dataset, step) for step in steps)
        for count in done_ahead(self._take_in, texts, min(processors(), _AT_ONCE)):
            done += count
            self.unfinished.note(part, done)
            self._make_room(count)
            yield count

    def _as_text(self, dataset: Dataset, rows: Rows) -> tuple[bytes, int]:
        blank = dataset.blank(rows)
        if len(blank):  # read from text, blank nodes would get other names
            self.engine.bulk_extend(dataset.quads(blank))
        return dataset.lines(rows), len(rows)

    def _take_in(self, text: tuple[bytes, int]) -> int:
        lines, count = text
        self.engine.bulk_load(lines, format=RdfFormat.N_QUADS, lenient=True)
        return count

    def _make_room(self, count: int) -> None:
        """Merge what was loaded if the disk is nearly full, after *count* quads more.

        Merged and compressed it takes a quarter of what it does as it comes; where
        there is room enough, to do so once, at the end, takes the least time.
        """
        self._unmerged += count
        if self._folder is None or self._unmerged < _BETWEEN:
            return
        if _is_crowded(self._folder):
            self.tidy()

    def tidy(self) -> None:
        """Merge what was loaded part by part: it is read in less time then."""
        self.engine.optimize()
        self._unmerged = 0

    def extend(self, quads: Iterable[Quad]) -> None:
        """Take in *quads*."""
        self.engine.bulk_extend(quads)

    def remove(self, quads: Iterable[Quad]) -> None:
        """Take *quads* out again."""
        for quad in quads:
            self.engine.remove(quad)

    def triples(
        self, subject: Node | None, predicate: NamedNode | None, object_: Term | None
    ) -> Iterator[Triple]:
        """Yield the triples of the default graph that match, each once."""
        found = self.engine.quads_for_pattern(
            subject, predicate, object_, DefaultGraph()
        )
        for quad in found:
            yield Triple(quad.subject, quad.predicate, quad.object)

    def select(self, sparql: str) -> Iterator[Term]:
        """Yield what the query's first variable stands for in each solution."""
        found = self.engine.query(sparql)
        if not isinstance(found, QuerySolutions):
            raise TypeError("only a SELECT query has solutions")
        for solution in found:
            yield solution[0]


def _is_crowded(folder: Path) -> bool:
    """Tell whether *folder* can hardly grow: merging takes a third as much again."""
    taken = 0
    with os.scandir(folder) as files:
        for file in files:
            with suppress(FileNotFoundError):  # the engine merges by itself, too
                taken += file.stat().st_size
    return shutil.disk_usage(folder).free < taken / 3 + _SPARE
