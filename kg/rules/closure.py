"""What follows from a graph, what contradicts the ontology, and why."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from kg.rules.bulk import BulkClosure
from kg.rules.joins import Joiner
from kg.rules.model import Derivation, Explanation
from kg.rules.packed import PackedNumbers
from kg.rules.relations import relations_of
from kg.rules.telling import Teller
from kg.terms import Triple

if TYPE_CHECKING:
    from kg.rules.joins import Program
    from kg.rules.model import Clash


class Closure:
    """What some triples hold beyond themselves, by the rules of one ontology."""

    def __init__(self, program: Program, triples: Iterable[Triple]) -> None:
        self._program = program
        self._numbers = PackedNumbers(program.numbers)
        numbered = self._numbers.rows_of(triples, 3)
        given = np.pad(numbered, ((0, 0), (1, 0)))  # of which graph does not matter
        asserted = relations_of(given, program.type)
        self._bulk = BulkClosure(program, self._numbers, asserted)

    @property
    def inferred(self) -> Mapping[Triple, Derivation]:
        """The triples that follow, each with a reason."""
        return _Inferred(self)

    @property
    def clashes(self) -> tuple[Clash, ...]:
        """What contradicts the ontology, in a fixed order."""
        return self._bulk.clashes()

    def triples(self) -> Iterator[Triple]:
        """Yield the triples that follow and are not asserted."""
        for fact in self._bulk.facts():
            triple = self._bulk.triple(fact)
            if triple is not None:
                yield triple

    def derivations(self, triple: Triple) -> Iterator[Derivation]:
        """Yield every way in which one rule gives *triple* from what holds."""
        joiner = Joiner(self._program, self._numbers, self._bulk)
        for way in joiner.giving(self._numbers.fact(triple)):
            premises = self._teller.said(way.premises)
            if triple not in premises:
                yield Derivation(way.clause.rule, premises)

    def derivation(self, triple: Triple) -> Derivation | None:
        """Return a reason for *triple*; None if it is asserted or does not hold."""
        way = self._teller.reason(self._numbers.fact(triple))
        if way is None:
            return None
        return Derivation(way.clause.rule, self._teller.said(way.premises))

    def explain(self, triple: Triple) -> Explanation | None:
        """Return why *triple* holds, down to asserted triples; None if it does not."""
        if not self._bulk.holds(self._numbers.fact(triple)):
            return None
        known: dict[Triple, Explanation] = {}
        waiting = [triple]
        while waiting:
            top = waiting[-1]
            derivation = self.derivation(top)
            premises = derivation.premises if derivation else ()
            missing = [premise for premise in premises if premise not in known]
            if missing and top not in known:
                waiting.extend(missing)
                continue
            waiting.pop()
            reasons = tuple(known[premise] for premise in premises)
            known.setdefault(top, Explanation(top, derivation, reasons))
        return known[triple]

    def grounds(self, triples: Iterable[Triple]) -> tuple[Triple, ...]:
        """Return the asserted triples that *triples* rest on, each once."""
        return self._teller.grounds(map(self._numbers.fact, triples))

    @cached_property
    def _teller(self) -> Teller:
        return Teller(self._program, self._numbers, self._bulk, self._bulk)


class _Inferred(Mapping[Triple, Derivation]):
    def __init__(self, closure: Closure) -> None:
        self._closure = closure
        self._triples = frozenset(closure.triples())

    def __iter__(self) -> Iterator[Triple]:
        return iter(self._triples)

    def __len__(self) -> int:
        return len(self._triples)

    def __contains__(self, triple: object) -> bool:
        return triple in self._triples

    def __getitem__(self, triple: Triple) -> Derivation:
        derivation = self._closure.derivation(triple) if triple in self else None
        if derivation is None:
            raise KeyError(triple)
        return derivation
