"""What of an engine's answer says something of the data, so that it can be compared."""

from __future__ import annotations

from heapq import merge
from itertools import groupby, repeat
from operator import itemgetter
from typing import TYPE_CHECKING

from bench.peers.given import lines_of, read
from kg.terms import OWL, RDF, RDFS, XSD, NamedNode

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bench.peers.given import Given

_THING, _SAME = f"<{OWL}Thing>", f"<{OWL}sameAs>"
_OWN = tuple(f"<{vocabulary}" for vocabulary in (OWL, RDF, RDFS, XSD))


class Substance:
    """The answers of one task at one size, without what is true of anything.

    What is compared is sorted, and read as it is needed.
    """

    def __init__(self, given: Given) -> None:
        self._given = given
        self._terms: set[str] = set()
        if given.task == "reasoning":
            for triple in read(given.schema):
                names = (t for t in (triple.subject, triple.object)
                         if isinstance(t, NamedNode))  # fmt: skip
                self._terms.update(map(str, names))

    def of(self, engine: str) -> Iterator[str]:
        """Yield what *engine* answered; of triples, those that were not given."""
        answers = self._given.answers(engine)
        if self._given.task != "reasoning":
            return answers
        told = lines_of(self._given.asserted)
        new = (line for line, of in _beside(answers, told) if of == {0})
        return filter(self._is_telling, new)

    def beside(self, engine: str, other: str) -> tuple[int, int, int]:
        """Return how much *engine* answered, lacks of *other*'s, and has besides."""
        found = lacking = besides = 0
        for _, of in _beside(self.of(engine), self.of(other)):
            found += 0 in of
            lacking += of == {1}
            besides += of == {0}
        return found, lacking, besides

    def _is_telling(self, line: str) -> bool:
        subject, predicate, object_ = line.split(" ", 2)
        return (
            subject.startswith("<")
            and subject not in self._terms
            and not subject.startswith(_OWN)
            and not object_.startswith("_:")
            and object_ != _THING
            and not (predicate == _SAME and subject == object_)
        )


def _beside(*series: Iterator[str]) -> Iterator[tuple[str, set[int]]]:
    """Yield each line of sorted *series* with the numbers of those that have it."""
    numbered = [zip(lines, repeat(i)) for i, lines in enumerate(series)]
    for line, of in groupby(merge(*numbered), key=itemgetter(0)):
        yield line, {number for _, number in of}
