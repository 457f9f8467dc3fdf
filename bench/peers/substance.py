"""What of an engine's answer says something of the data, so that it can be compared."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kg.terms import OWL, RDF, RDFS, XSD, NamedNode

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bench.peers.given import Given

from bench.peers.given import read

_THING, _SAME = f"<{OWL}Thing>", f"<{OWL}sameAs>"
_OWN = tuple(f"<{vocabulary}" for vocabulary in (OWL, RDF, RDFS, XSD))


class Substance:
    """The answers of one task at one size, without what is true of anything."""

    def __init__(self, given: Given) -> None:
        self._given = given
        self._terms: set[str] = set()
        self._asserted: set[str] = set()
        if given.task == "reasoning":
            for triple in read(given.schema):
                names = (t for t in (triple.subject, triple.object)
                         if isinstance(t, NamedNode))  # fmt: skip
                self._terms.update(map(str, names))
            self._asserted = set(map(str, read(given.data)))

    def of(self, engine: str) -> set[str]:
        """Return what *engine* answered; of triples, those that were not given."""
        answers = self._given.answers(engine) or set()
        if self._given.task != "reasoning":
            return answers
        return set(self._telling(answers - self._asserted))

    def _telling(self, triples: Iterable[str]) -> Iterable[str]:
        for triple in triples:
            subject, predicate, object_ = triple.split(" ", 2)
            if (
                subject.startswith("<")
                and subject not in self._terms
                and not subject.startswith(_OWN)
                and not object_.startswith("_:")
                and object_ != _THING
                and not (predicate == _SAME and subject == object_)
            ):
                yield triple
