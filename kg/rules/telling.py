"""Telling of clashes: in words, with their premises and what these rest on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, cast

from kg.rules.findings import ILL_TYPED, LITERALS, clash
from kg.rules.proofs import Cheapest, Prover, grounds

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from kg.rules.joins import Fact, Program, Way
    from kg.rules.model import Clash, Complaint
    from kg.rules.numbers import Numbers
    from kg.rules.proofs import Closed
    from kg.terms import Triple


class Sayer(Protocol):
    """Knows the terms behind the numbers."""

    def triple(self, fact: Fact) -> Triple | None:
        """Return *fact* as a triple; None if RDF cannot say it."""
        ...


class Teller:
    """Tells of the clashes among the facts of *view*."""

    def __init__(
        self, program: Program, numbers: Numbers, view: Closed, sayer: Sayer
    ) -> None:
        self._numbers = numbers
        self._sayer = sayer
        self._prover = Prover(program, numbers, view)
        self._cheapest = Cheapest(program, numbers, view)

    def ill_typed(self, fact: Fact) -> Clash:
        """Return the clash of a literal with its datatype."""
        values = [self._numbers.terms[number] for number in fact[1:]]
        triples = self.said([fact])
        return clash(LITERALS, ILL_TYPED, values, triples, triples)

    def clash(self, way: Way) -> Clash:
        """Return the clash that the rule of *way* complains of."""
        rule = way.clause.rule
        reason = self._cheapest.reason
        return clash(
            rule.axiom,
            cast("Complaint", rule.head),
            [self._numbers.terms[n] for n in way.binding if n is not None],
            self._said(way.premises, reason),
            self._said(grounds(way.premises, reason), reason),
        )

    def grounds(self, facts: Iterable[Fact]) -> tuple[Triple, ...]:
        """Return the asserted triples that *facts* rest on, each once."""
        return self.said(grounds(facts, self._prover.reason))

    def reason(self, fact: Fact) -> Way | None:
        """Return how *fact* was proven; None if it is asserted or cannot be."""
        return self._prover.reason(fact)

    def said(self, facts: Iterable[Fact]) -> tuple[Triple, ...]:
        """Return *facts* as triples; one RDF cannot say gives way to its premises."""
        return self._said(facts, self._prover.reason)

    def _said(
        self, facts: Iterable[Fact], give: Callable[[Fact], Way | None]
    ) -> tuple[Triple, ...]:
        found: dict[Triple, None] = {}
        waiting = list(facts)[::-1]
        while waiting:
            fact = waiting.pop()
            triple = self._sayer.triple(fact)
            reason = None if triple else give(fact)
            if triple is not None:
                found[triple] = None
            elif reason is not None:
                waiting += reason.premises[::-1]
        return tuple(found)
