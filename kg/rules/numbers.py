"""Terms by number: what is compared and joined are small integers."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from kg.rules.model import Auxiliary
from kg.terms import BlankNode, NamedNode, Triple

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kg.terms import GraphName, Term

NODES = (NamedNode, BlankNode)
"""What can be a subject; neither literals nor quoted triples can."""


class Numbers:
    """Terms and their numbers."""

    def __init__(self) -> None:
        self._terms: list[Term | Auxiliary] = []
        self._numbers: dict[object, int] = {}
        self.terms: Sequence[Term | Auxiliary] = self._terms

    def number(self, term: Term | Auxiliary | GraphName) -> int:
        """Return the number of *term*, a new one if need be."""
        number = self._numbers.setdefault(term, len(self._terms))
        if number == len(self._terms):
            self._terms.append(cast("Term", term))
        return number

    def find(self, term: object) -> int:
        """Return the number of *term*, -1 where it has none."""
        return self._numbers.get(term, -1)

    def copy(self) -> Numbers:
        """Return the same numbers, to which others can be added."""
        other = Numbers()
        other._terms.extend(self._terms)
        other._numbers.update(self._numbers)
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
