"""An answer that was written once, and can be read as often as wanted."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

from pyoxigraph import QueryResultsFormat, QuerySolutions, parse_query_results

from kg.formats import Kind, by_name
from kg.readers.pool import ReaderAnswer

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from kg.formats import Format
    from kg.terms import Term

KEPT_AS: Mapping[Kind, Format] = {
    Kind.RESULTS: by_name("tsv"),
    Kind.GRAPH: by_name("ntriples"),
}
"""As what the answers of each kind are kept."""


class KeptAnswer(ReaderAnswer):
    """All that *answer* says; of it nothing is left with the reader.

    Raise what evaluating the query to its end raises.
    """

    def __init__(self, answer: ReaderAnswer) -> None:
        self.kind = answer.kind
        self.is_ask = answer.is_ask
        self.variables = answer.variables
        self.tag = answer.tag
        self.total = answer.total
        self._truth = bool(answer)
        self._text = b""
        if not answer.is_ask:
            self._text = answer.serialize(KEPT_AS[answer.kind])
        answer.close()

    def __len__(self) -> int:
        """Return the number of bytes that it takes."""
        return len(self._text)

    def rows(
        self, first: int = 0, number: int | None = None
    ) -> Iterator[tuple[Term | None, ...]]:
        """Yield the solutions of a SELECT, *number* of them after the *first*."""
        if self.kind is not Kind.RESULTS or self.is_ask:
            return
        head, *lines = self._text.splitlines(keepends=True)
        end = None if number is None else first + number
        body = head + b"".join(islice(lines, first, end))
        found = parse_query_results(body, format=QueryResultsFormat.TSV)
        if isinstance(found, QuerySolutions):
            for solution in found:
                yield tuple(solution[i] for i in range(len(self.variables)))

    def save(self, fmt: Format, *, prefixes: Mapping[str, str] | None = None) -> bytes:
        """Return the answer as it is kept; *fmt* is what it is walked over in."""
        if fmt is not KEPT_AS[self.kind]:
            raise RuntimeError(f"the answer is kept, and not as {fmt.name}")
        return self._text

    def close(self) -> None:
        """Do nothing: no reader waits."""
