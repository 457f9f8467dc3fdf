"""A rule made ready to run: which relation starts it, and which joins follow.

Each step takes rows and yields longer or fewer ones; nothing is joined before rows
are asked for, so a plan also serves to look for the first reason only.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kg.rules.datatypes import lies_in
from kg.rules.engine import NOBODY, NOWHERE
from kg.rules.model import Complaint, InDatatypes, IsA, Relates
from kg.terms import Literal

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from kg.rules.engine import Fact, Pairs, Relation, Row, Rows, Step, Support, World
    from kg.rules.model import Argument, Atom, Head, Rule

_UNBOUND = 9


class Plan:
    """One way to run *rule*: *rows* go in at its seed, complete rows come out."""

    __slots__ = ("_body", "_variables", "head", "rule", "steps")

    def __init__(
        self,
        rule: Rule,
        steps: tuple[Step, ...],
        body: tuple[tuple[Relation, Row], ...],
        head: tuple[Relation, Row] | None,
        variables: Row,
    ) -> None:
        self.rule = rule
        self.steps = steps
        self._body = body
        self.head = head
        self._variables = variables

    def rows(self, seed: Rows) -> Rows:
        """Yield the rows for which the whole body holds, starting from *seed*."""
        for step in self.steps:
            seed = step(seed)
        return seed

    def premises(self, row: Row) -> list[Fact]:
        """Return the facts that the rule rests on where it gave *row*."""
        return [_read(relation, slots, row) for relation, slots in self._body]

    def conclusion(self, row: Row) -> Fact | None:
        """Return the fact that follows from *row*; None where the rule is a clash."""
        return None if self.head is None else _read(*self.head, row)

    def values(self, row: Row) -> Row:
        """Return what stands in *row* for the rule's variables, by their numbers."""
        return tuple(row[slot] for slot in self._variables)


def _read(relation: Relation, slots: Row, row: Row) -> Fact:
    return relation, tuple(row[slot] for slot in slots)


def plans_from_body(world: World, rule: Rule) -> Iterable[tuple[Relation, Plan]]:
    """Yield a plan for each place where a new fact can start *rule*."""
    for i, atom in enumerate(rule.body):
        if not isinstance(atom, InDatatypes):
            rest = (*rule.body[:i], *rule.body[i + 1 :])
            yield world.relation(atom), _Planner(world, rule).plan(atom, rest)


def plan_from_head(world: World, rule: Rule, head: Head) -> Plan:
    """Return the plan that looks for reasons why a fact follows by *rule*."""
    return _Planner(world, rule).plan(head, rule.body)


def plan_from_nothing(world: World, rule: Rule) -> Plan:
    """Return the plan of a rule without a body: it takes and gives one row."""
    return _Planner(world, rule).plan(None, ())


class _Planner:
    def __init__(self, world: World, rule: Rule) -> None:
        self.world = world
        self.rule = rule
        self.steps: list[Step] = []
        self.slots: dict[Argument, int] = {}
        self.width = 0

    def plan(self, seed: Atom | None, rest: tuple[Atom, ...]) -> Plan:
        """Start from *seed*, then join what is cheapest next."""
        self._place(seed)
        self._bind_constants()
        waiting = list(rest)
        while waiting:
            atom = min(waiting, key=self._rank)
            waiting.remove(atom)
            self._join(atom)
        body = tuple(
            (self.world.relation(atom), self._slots_of(atom))
            for atom in self.rule.body
            if not isinstance(atom, InDatatypes)
        )
        head = self.rule.head
        target = None
        if not isinstance(head, Complaint):
            target = self.world.relation(head), self._slots_of(head)
        return Plan(self.rule, tuple(self.steps), body, target, self._variables())

    def _variables(self) -> Row:
        numbered = sorted(
            (argument, slot)
            for argument, slot in self.slots.items()
            if isinstance(argument, int)
        )
        return tuple(slot for _, slot in numbered)

    def _place(self, seed: Atom | None) -> None:
        for argument in seed.arguments if seed else ():
            slot = self._new_slot()
            if not isinstance(argument, int):
                self.steps.append(_keep_number(slot, self.world.number(argument)))
            if argument in self.slots:
                self.steps.append(_keep_equal(slot, self.slots[argument]))
            self.slots.setdefault(argument, slot)

    def _bind_constants(self) -> None:
        head = self.rule.head
        atoms = [*self.rule.body, *(() if isinstance(head, Complaint) else (head,))]
        for argument in (a for atom in atoms for a in atom.arguments):
            if not isinstance(argument, int) and argument not in self.slots:
                self.steps.append(_bind(self.world.number(argument)))
                self.slots[argument] = self._new_slot()

    def _rank(self, atom: Atom) -> int:
        unbound = [argument not in self.slots for argument in atom.arguments]
        if not any(unbound):
            return 0
        return _UNBOUND if all(unbound) else 1 + unbound.index(False)

    def _join(self, atom: Atom) -> None:
        if isinstance(atom, InDatatypes):
            slot, terms = self.slots[atom.value], self.world.terms
            self.steps.append(_keep_literals(slot, terms, atom.datatypes, atom.holds))
        elif isinstance(atom, IsA):
            support = self.world.members(atom.cls).support
            self.steps.append(_keep_members(self.slots[atom.member], support))
        else:
            self._join_pairs(atom, self.world.pairs(atom.prop))

    def _join_pairs(self, atom: Relates, pairs: Pairs) -> None:
        subject, value = self.slots.get(atom.subject), self.slots.get(atom.value)
        if subject is not None and value is not None:
            self.steps.append(_keep_pairs(subject, value, pairs.forward))
        elif subject is not None:
            self.steps.append(_go_forward(subject, pairs.forward))
            self.slots[atom.value] = self._new_slot()
        else:
            from_value = self.slots[atom.value]
            self.steps.append(_go_backward(from_value, pairs.by_value()))
            self.slots[atom.subject] = self._new_slot()

    def _new_slot(self) -> int:
        self.width += 1
        return self.width - 1

    def _slots_of(self, atom: Atom) -> Row:
        return tuple(self.slots[argument] for argument in atom.arguments)


def _keep_number(slot: int, number: int) -> Step:
    return lambda rows: (row for row in rows if row[slot] == number)


def _keep_equal(slot: int, other: int) -> Step:
    return lambda rows: (row for row in rows if row[slot] == row[other])


def _bind(number: int) -> Step:
    return lambda rows: ((*row, number) for row in rows)


def _keep_members(slot: int, support: dict[int, Support]) -> Step:
    return lambda rows: (row for row in rows if row[slot] in support)


def _keep_pairs(i: int, j: int, forward: dict[int, dict[int, Support]]) -> Step:
    get = forward.get
    return lambda rows: (row for row in rows if row[j] in get(row[i], NOWHERE))


def _go_forward(slot: int, forward: dict[int, dict[int, Support]]) -> Step:
    get = forward.get
    return lambda rows: (
        (*row, value) for row in rows for value in get(row[slot], NOWHERE)
    )


def _go_backward(slot: int, by_value: dict[int, set[int]]) -> Step:
    get = by_value.get
    return lambda rows: (
        (*row, subject) for row in rows for subject in get(row[slot], NOBODY)
    )


def _keep_literals(
    slot: int, terms: Sequence[object], datatypes: tuple[str, ...], holds: bool
) -> Step:
    def is_kept(row: Row) -> bool:
        term = terms[row[slot]]
        return isinstance(term, Literal) and lies_in(term, datatypes) is holds

    return lambda rows: filter(is_kept, rows)
