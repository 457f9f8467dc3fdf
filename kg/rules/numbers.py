"""Terms by number: what is compared and joined are small integers."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from kg.rules.model import Auxiliary
from kg.terms import BlankNode, NamedNode, Triple

if TYPE_CHECKING:
    from kg.terms import GraphName, Term

NODES = (NamedNode, BlankNode)
"""What can be a subject; neither literals nor quoted triples can."""


class Numbers:
    """Terms and their numbers."""

    def __init__(self) -> None:
        self.terms: list[Term | Auxiliary] = []
        self.numbers: dict[object, int] = {}

    def number(self, term: Term | Auxiliary | GraphName) -> int:
        """Return the number of *term*, a new one if need be."""
        number = self.numbers.setdefault(term, len(self.terms))
        if number == len(self.terms):
            self.terms.append(cast("Term", term))
        return number

    def copy(self) -> Numbers:
        """Return the same numbers, to which others can be added."""
        other = Numbers()
        other.terms, other.numbers = self.terms.copy(), self.numbers.copy()
        return other

    def fact(self, triple: Triple) -> tuple[int, int, int]:
        """Return the numbers of the predicate, the subject and the value."""
        subject, predicate, value = triple
        return self.number(predicate), self.number(subject), self.number(value)


def as_triple(
    subject: Term | Auxiliary, predicate: NamedNode, value: Term | Auxiliary
) -> Triple | None:
    """Return the three as a triple; None if RDF cannot say it."""
    if isinstance(value, Auxiliary) or not isinstance(subject, NODES):
        return None
    return Triple(subject, predicate, value)
