"""Reasoning: an ontology's axioms, compiled once to rules and run over data.

The axioms are those of OWL 2 RL, without the ones that make two things one. What
follows is kept where it is of use: nothing about the ontology's own terms, no literal
as a subject, no membership in owl:Thing.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from kg.rules.changes import judge_change
from kg.rules.compiler import Compiled, compile_ontology
from kg.rules.joins import Program
from kg.rules.model import (
    Auxiliary,
    Clash,
    ClashKind,
    Delta,
    Derivation,
    Explanation,
    Rule,
)
from kg.rules.numbers import Numbers
from kg.rules.reasons import Reasons, explain, find_reasons
from kg.rules.stored import Facts

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kg.rules.closure import Closure
    from kg.terms import Term, Triple


class RuleSet:
    """The rules of one ontology."""

    def __init__(self, compiled: Compiled) -> None:
        self._compiled = compiled

    @property
    def rules(self) -> tuple[Rule, ...]:
        """The rules, in the order of the axioms they come from."""
        return self._compiled.rules

    @property
    def terms(self) -> frozenset[Term]:
        """The ontology's own classes, properties and datatypes."""
        return self._compiled.terms

    @cached_property
    def program(self) -> Program:
        """The rules made ready to run over a store."""
        return Program(self._compiled)

    def materialise(self, triples: Iterable[Triple]) -> Closure:
        """Return what follows from *triples*, the ontology's own not among them."""
        from kg.rules.closure import Closure  # it brings numpy, slow to import

        return Closure(self.program, triples)


def compile_rules(ontology: Iterable[Triple]) -> RuleSet:
    """Compile the axioms of *ontology*; raise AxiomError for one not covered."""
    return RuleSet(compile_ontology(ontology))


__all__ = [
    "Auxiliary",
    "Clash",
    "ClashKind",
    "Delta",
    "Derivation",
    "Explanation",
    "Facts",
    "Numbers",
    "Reasons",
    "Rule",
    "RuleSet",
    "compile_rules",
    "explain",
    "find_reasons",
    "judge_change",
]
