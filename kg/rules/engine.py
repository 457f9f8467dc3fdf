"""Relations over interned terms, and the plans that join them.

A row is a tuple of term numbers. What supports a row is the plan that found it and
the row of that plan's variables; None means that it is asserted.
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, TypeAlias

from kg.rules.model import Auxiliary, IsA
from kg.terms import TYPE, BlankNode, NamedNode, Triple

if TYPE_CHECKING:
    from kg.rules.model import Head
    from kg.rules.plans import Plan
    from kg.terms import Term

Row: TypeAlias = tuple[int, ...]
Rows: TypeAlias = Iterable[Row]
Step: TypeAlias = Callable[[Rows], Rows]
Support: TypeAlias = "tuple[Plan, Row] | None"
Relation: TypeAlias = "Members | Pairs"
Fact: TypeAlias = "tuple[Relation, Row]"

NODES = (NamedNode, BlankNode)
"""What can be a subject; neither literals nor quoted triples can."""
NOWHERE: dict[int, Support] = {}
NOBODY: set[int] = set()


@contextmanager
def collector_paused() -> Iterator[None]:
    """Keep the cycle collector from running.

    It would walk every row again and again while relations grow, and take three
    quarters of the time; rows and reasons make no cycles.
    """
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


class Members:
    """The members of one class, each with what supports it."""

    __slots__ = ("cls", "fresh", "makers", "plans", "support")

    def __init__(self, cls: Term | Auxiliary) -> None:
        self.cls = cls
        self.support: dict[int, Support] = {}
        self.fresh: list[Row] = []
        self.plans: list[Plan] = []
        self.makers: list[Plan] = []

    def insert(self, plan: Plan, rows: Rows, slots: Row) -> None:
        """Add what is new of *rows*, read at *slots*."""
        (slot,) = slots
        support, fresh = self.support, self.fresh
        for row in rows:
            member = row[slot]
            if member not in support:
                support[member] = (plan, row)
                fresh.append((member,))

    def put(self, row: Row, support: Support) -> None:
        """Hold *row*, with this support in place of any other."""
        self.support[row[0]] = support

    def take(self, row: Row) -> None:
        """Hold *row* no longer."""
        del self.support[row[0]]

    def __contains__(self, row: Row) -> bool:
        return row[0] in self.support

    def __getitem__(self, row: Row) -> Support:
        return self.support[row[0]]


class Pairs:
    """What one property relates, each pair with what supports it."""

    __slots__ = ("_by_value", "forward", "fresh", "makers", "plans", "prop")

    def __init__(self, prop: NamedNode) -> None:
        self.prop = prop
        self.forward: dict[int, dict[int, Support]] = {}
        self.fresh: list[Row] = []
        self.plans: list[Plan] = []
        self.makers: list[Plan] = []
        self._by_value: dict[int, set[int]] | None = None

    def by_value(self) -> dict[int, set[int]]:
        """Return the index from values to subjects, kept from the first call on."""
        if self._by_value is None:
            self._by_value = {}
            for subject, values in self.forward.items():
                for value in values:
                    self._by_value.setdefault(value, set()).add(subject)
        return self._by_value

    def insert(self, plan: Plan, rows: Rows, slots: Row) -> None:
        """Add what is new of *rows*, read at *slots*."""
        i, j = slots
        forward, fresh, backward = self.forward, self.fresh, self._by_value
        for row in rows:
            subject, value = row[i], row[j]
            values = forward.get(subject)
            if values is None:
                forward[subject] = {value: (plan, row)}
            elif value in values:
                continue
            else:
                values[value] = (plan, row)
            fresh.append((subject, value))
            if backward is not None:
                backward.setdefault(value, set()).add(subject)

    def put(self, row: Row, support: Support) -> None:
        """Hold *row*, with this support in place of any other."""
        subject, value = row
        self.forward.setdefault(subject, {})[value] = support
        if self._by_value is not None:
            self._by_value.setdefault(value, set()).add(subject)

    def take(self, row: Row) -> None:
        """Hold *row* no longer."""
        subject, value = row
        del self.forward[subject][value]
        if not self.forward[subject]:
            del self.forward[subject]
        if self._by_value is not None:
            self._by_value[value].discard(subject)

    def __contains__(self, row: Row) -> bool:
        return row[1] in self.forward.get(row[0], NOWHERE)

    def __getitem__(self, row: Row) -> Support:
        return self.forward[row[0]][row[1]]


class Numbers:
    """Terms and their numbers."""

    def __init__(self) -> None:
        self.terms: list[Term | Auxiliary] = []
        self.numbers: dict[Term | Auxiliary, int] = {}

    def number(self, term: Term | Auxiliary) -> int:
        """Return the number of *term*, a new one if need be."""
        number = self.numbers.setdefault(term, len(self.terms))
        if number == len(self.terms):
            self.terms.append(term)
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


class World(Numbers):
    """All relations there are, and the numbers of the terms in them."""

    def __init__(self) -> None:
        super().__init__()
        self.classes: dict[int, Members] = {}
        self.properties: dict[int, Pairs] = {}
        self.type = self.number(TYPE)

    def members(self, cls: Term | Auxiliary) -> Members:
        """Return the relation of the members of *cls*."""
        number = self.number(cls)
        if number not in self.classes:
            self.classes[number] = Members(cls)
        return self.classes[number]

    def pairs(self, prop: NamedNode) -> Pairs:
        """Return the relation of what *prop* relates."""
        number = self.number(prop)
        if number not in self.properties:
            self.properties[number] = Pairs(prop)
        return self.properties[number]

    def relation(self, atom: Head) -> Relation:
        """Return the relation that *atom* speaks of."""
        if isinstance(atom, IsA):
            return self.members(atom.cls)
        return self.pairs(atom.prop)

    def place(self, triple: Triple) -> Fact:
        """Return *triple* as a row of a relation."""
        subject, predicate, value = triple
        if predicate == TYPE:
            return self.members(value), (self.number(subject),)
        return self.pairs(predicate), (self.number(subject), self.number(value))

    def find(self, triple: Triple) -> Fact | None:
        """Return *triple* as a fact if it holds, without learning its terms."""
        if all(term in self.numbers for term in triple):
            relation, row = self.place(triple)
            if row in relation:
                return relation, row
        return None

    def triple(self, fact: Fact) -> Triple | None:
        """Return *fact* as a triple; None if RDF cannot say it."""
        relation, row = fact
        subject = self.terms[row[0]]
        if isinstance(relation, Pairs):
            return as_triple(subject, relation.prop, self.terms[row[1]])
        return as_triple(subject, TYPE, relation.cls)
