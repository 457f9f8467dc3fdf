"""Triples in memory that can be looked up, and that count how often they are."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from kg.terms import NamedNode, Node, Term, Triple


class Memory:
    """An in-memory lookup; *asked* counts questions, *told* triples in answers."""

    def __init__(self, triples: Iterable[Triple] = ()) -> None:
        self.all: set[Triple] = set()
        self.by_subject: dict[object, set[Triple]] = defaultdict(set)
        self.by_object: dict[object, set[Triple]] = defaultdict(set)
        self.by_predicate: dict[object, set[Triple]] = defaultdict(set)
        self.asked = self.told = 0
        for triple in triples:
            self.add(triple)

    def add(self, triple: Triple) -> None:
        self.all.add(triple)
        for index, part in self._indexes(triple):
            index[part].add(triple)

    def discard(self, triple: Triple) -> None:
        self.all.discard(triple)
        for index, part in self._indexes(triple):
            index[part].discard(triple)

    def _indexes(self, triple: Triple):
        yield self.by_subject, triple.subject
        yield self.by_subject, (triple.subject, triple.predicate)
        yield self.by_object, triple.object
        yield self.by_object, (triple.object, triple.predicate)
        yield self.by_predicate, triple.predicate

    def triples(
        self, subject: Node | None, predicate: NamedNode | None, object_: Term | None
    ) -> Iterator[Triple]:
        self.asked += 1
        for triple in self._candidates(subject, predicate, object_):
            if object_ is None or triple.object == object_:
                self.told += 1
                yield triple

    def _candidates(self, subject, predicate, object_) -> Iterable[Triple]:
        ends = (self.by_subject, subject), (self.by_object, object_)
        for index, end in ends:
            if end is not None:
                key = end if predicate is None else (end, predicate)
                return list(index.get(key, ()))
        if predicate is None:
            return list(self.all)
        return list(self.by_predicate.get(predicate, ()))
