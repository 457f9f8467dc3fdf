"""Rules as patterns of numbers, joined along whichever side is the smaller.

Where a plan is made once for many rows, a join here chooses its way anew for each row
it is given, since facts in a store cost a look-up each. A fact is (predicate, subject,
value), by their numbers; in a pattern, ~k stands for variable k.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Protocol, TypeAlias, cast

from kg.deadline import check
from kg.rules.datatypes import lies_in
from kg.rules.model import Complaint, InDatatypes, IsA
from kg.rules.numbers import Numbers
from kg.terms import TYPE, Literal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from kg.rules.compiler import Compiled
    from kg.rules.model import Argument, Atom, Head, Rule
    from kg.terms import Triple

Fact: TypeAlias = tuple[int, int, int]
Pattern: TypeAlias = tuple[int, int, int]
Binding: TypeAlias = tuple[int | None, ...]
Key: TypeAlias = tuple[int, int]
"""A property, or a class as the value of rdf:type."""
Test: TypeAlias = "Callable[[int], bool]"

_SIZES = (8, 64, 512, 4096)


class Again:
    """Numbers that are worked out anew, as far as needed, for whoever asks."""

    __slots__ = ("_make",)

    def __init__(self, make: Callable[[], Iterator[int]]) -> None:
        self._make = make

    def __iter__(self) -> Iterator[int]:
        return self._make()


class View(Protocol):
    """Facts to join with; what it returns can be gone through more than once."""

    def holds(self, fact: Fact) -> bool:
        """Tell whether *fact* holds."""
        ...

    def values(self, predicate: int, subject: int) -> Iterable[int]:
        """Return what *predicate* relates *subject* to."""
        ...

    def subjects(self, predicate: int, value: int) -> Iterable[int]:
        """Return what *predicate* relates to *value*."""
        ...


@dataclass(frozen=True, slots=True, eq=False)
class Clause:
    """One *rule* in numbers; *tests* say in which datatypes a variable must lie."""

    rule: Rule
    body: tuple[Pattern, ...]
    tests: tuple[tuple[int, InDatatypes], ...]
    head: Pattern | None
    width: int


@dataclass(frozen=True, slots=True, eq=False)
class Way:
    """One way in which *clause* gives a fact: from *premises*."""

    clause: Clause
    binding: Binding
    premises: tuple[Fact, ...]

    def conclusion(self) -> Fact:
        """Return the fact given."""
        return filled(cast("Pattern", self.clause.head), self.binding)


class Program:
    """All rules of an ontology, to be found by what starts them and what they give."""

    def __init__(self, compiled: Compiled) -> None:
        self.numbers = Numbers()
        self.type = self.numbers.number(TYPE)
        self.axioms = compiled.axioms
        self.starts: dict[Key, list[tuple[Clause, int]]] = {}
        self.alarms: dict[Key, list[tuple[Clause, int]]] = {}
        self.makers: dict[Key, list[Clause]] = {}
        self.terms = frozenset(map(self.numbers.number, compiled.terms))
        self.given = dict.fromkeys(map(self.numbers_of, compiled.facts))
        for rule in compiled.rules:
            self._include(self._clause(rule))
        for makers in self.makers.values():
            makers.sort(key=_effort)
        self.of_literals = self._find_of_literals()

    def numbers_of(self, triple: Triple) -> Fact:
        """Return *triple* as a fact of the ontology's own numbers."""
        return self.numbers.fact(triple)

    def key(self, pattern: Pattern) -> Key:
        """Return by what the rules for *pattern* are found."""
        predicate, _, value = pattern
        return predicate, value if predicate == self.type else -1

    def leads_to_literals(self) -> set[int]:
        """Return the properties whose values some rule makes subjects."""
        return {
            pattern[0]
            for key in self.of_literals
            for clause in self.makers[key]
            for pattern in clause.body
            if clause.head and pattern[2] == clause.head[1]
        }

    def _find_of_literals(self) -> frozenset[Key]:
        """Return the properties and classes that literals may come to belong to."""
        found: set[Key] = set()
        size = -1
        while size != len(found):
            size = len(found)
            found.update(
                key
                for key, makers in self.makers.items()
                if any(self._may_be_literal(clause, found) for clause in makers)
            )
        return frozenset(found)

    def _may_be_literal(self, clause: Clause, found: set[Key]) -> bool:
        _, subject, _ = clause.head or (0, 0, 0)
        return subject < 0 and all(
            self.key(pattern) in found
            for pattern in clause.body
            if pattern[1] == subject
        )

    def _include(self, clause: Clause) -> None:
        table = self.alarms if clause.head is None else self.starts
        for i, pattern in enumerate(clause.body):
            table.setdefault(self.key(pattern), []).append((clause, i))
        if clause.head is not None:
            self.makers.setdefault(self.key(clause.head), []).append(clause)

    def _clause(self, rule: Rule) -> Clause:
        patterns = [self._pattern(a) for a in rule.body if not _is_test(a)]
        tests = [
            (self._place(atom.value), atom)
            for atom in rule.body
            if isinstance(atom, InDatatypes)
        ]
        variables = [a for atom in rule.body for a in atom.arguments]
        head = rule.head
        return Clause(
            rule=rule,
            body=tuple(patterns),
            tests=tuple(tests),
            head=None if isinstance(head, Complaint) else self._pattern(head),
            width=1 + max((a for a in variables if isinstance(a, int)), default=-1),
        )

    def _pattern(self, atom: Atom | Head) -> Pattern:
        if isinstance(atom, InDatatypes):
            raise TypeError("a datatype is tested, not looked up")
        if isinstance(atom, IsA):
            return self.type, self._place(atom.member), self.numbers.number(atom.cls)
        predicate = self.numbers.number(atom.prop)
        return predicate, self._place(atom.subject), self._place(atom.value)

    def _place(self, argument: Argument) -> int:
        if isinstance(argument, int):
            return ~argument
        return self.numbers.number(argument)


def _is_test(atom: Atom) -> bool:
    return isinstance(atom, InDatatypes)


def _effort(clause: Clause) -> tuple[int, int]:
    """Order rules by what it takes to look for a reason by them."""
    known = set(clause.head or ())
    unknown = {a for pattern in clause.body for a in pattern if a < 0} - known
    return len(unknown), len(clause.body)


class Joiner:
    """Runs the rules of *program* over a view; *numbers* know the view's terms."""

    def __init__(self, program: Program, numbers: Numbers, view: View) -> None:
        self._program = program
        self._numbers = numbers
        self._view = view

    def starting(self, fact: Fact) -> Iterator[Way]:
        """Yield every way in which *fact*, with others, makes a rule conclude."""
        return self._from(fact, self._program.starts)

    def alarming(self, fact: Fact) -> Iterator[Way]:
        """Yield every way in which *fact*, with others, contradicts the ontology."""
        return self._from(fact, self._program.alarms)

    def _from(
        self, fact: Fact, table: dict[Key, list[tuple[Clause, int]]]
    ) -> Iterator[Way]:
        for clause, i in table.get(self._program.key(fact), ()):
            binding = matched(clause.body[i], fact, (None,) * clause.width)
            if binding is not None:
                rest = (*clause.body[:i], *clause.body[i + 1 :])
                yield from self._ways(clause, rest, binding)

    def giving(self, fact: Fact) -> Iterator[Way]:
        """Yield every way in which a rule gives *fact*."""
        for clause in self._program.makers.get(self._program.key(fact), ()):
            binding = matched(clause.head or fact, fact, (None,) * clause.width)
            if binding is not None:
                yield from self._ways(clause, clause.body, binding)

    def answering(
        self, goal: Fact, only: Test, others: Callable[[], Iterable[int]]
    ) -> Iterator[Fact]:
        """Yield the facts that match *goal* by some rule; -1 leaves an end open.

        *only* tests what an open subject may be; *others* are all that it may be.
        """
        for clause in self._program.makers.get(self._program.key(goal), ()):
            head = clause.head or goal
            binding = matched(head, goal, (None,) * clause.width)
            if binding is None:
                continue
            tested = (~head[1], only) if goal[1] < 0 and head[1] < 0 else None
            # A goal that binds nothing in the body would have it all searched.
            is_bound = tested is None or any(n is not None for n in binding)
            starts = [binding] if is_bound else _each(binding, ~head[1], others())
            for start in starts:
                for way in self._ways(clause, clause.body, start, tested):
                    yield way.conclusion()

    def _ways(
        self,
        clause: Clause,
        rest: tuple[Pattern, ...],
        binding: Binding,
        only: tuple[int, Test] | None = None,
    ) -> Iterator[Way]:
        for found in solutions(self._view, rest, binding, self._program.type, only):
            if not clause.tests or self._passes(clause, found):
                premises = tuple(filled(pattern, found) for pattern in clause.body)
                yield Way(clause, found, premises)

    def _passes(self, clause: Clause, binding: Binding) -> bool:
        return all(
            self._lies_right(_resolved(place, binding), test)
            for place, test in clause.tests
        )

    def _lies_right(self, number: int | None, test: InDatatypes) -> bool:
        term = None if number is None else self._numbers.terms[number]
        return isinstance(term, Literal) and lies_in(term, test.datatypes) is test.holds


def matched(pattern: Pattern, fact: Fact, binding: Binding) -> Binding | None:
    """Return *binding* with what *fact* says of the pattern's variables, if it can.

    An end of the fact may be left open as -1.
    """
    found = list(binding)
    for place, number in zip(pattern[1:], fact[1:], strict=True):
        if number < 0:
            continue
        if place >= 0:
            known: int | None = place
        else:
            known = found[~place]
            if known is None:
                found[~place] = known = number
        if known != number:
            return None
    return tuple(found)


def _each(binding: Binding, i: int, numbers: Iterable[int]) -> Iterator[Binding]:
    return ((*binding[:i], number, *binding[i + 1 :]) for number in numbers)


def filled(pattern: Pattern, binding: Binding) -> Fact:
    """Return the fact that *pattern* is once all its variables are bound."""
    predicate, subject, value = pattern
    ends = _resolved(subject, binding), _resolved(value, binding)
    if ends[0] is None or ends[1] is None:
        raise ValueError("a variable of the pattern is not bound")
    return predicate, ends[0], ends[1]


def _resolved(place: int, binding: Binding) -> int | None:
    return place if place >= 0 else binding[~place]


def solutions(
    view: View,
    patterns: tuple[Pattern, ...],
    binding: Binding,
    type_: int,
    only: tuple[int, Test] | None = None,
) -> Iterator[Binding]:
    """Yield *binding* filled in every way in which all *patterns* hold.

    *only* gives a variable and a test of what it may stand for. The members of a class
    are listed only where nothing else is left to follow.
    """
    check()
    if not patterns:
        yield binding
        return
    i, place, found = _step(view, patterns, binding, type_)
    rest = (*patterns[:i], *patterns[i + 1 :])
    if place is None:
        if found:
            yield from solutions(view, rest, binding, type_, only)
        return
    for number in found:
        if only is None or only[0] != place or only[1](number):
            (more,) = _each(binding, place, [number])
            yield from solutions(view, rest, more, type_, only)


_Step: TypeAlias = "tuple[int, int | None, Iterable[int]]"


def _step(
    view: View, patterns: Sequence[Pattern], binding: Binding, type_: int
) -> _Step:
    """Return a pattern to go by, the variable it binds, and what that may be.

    Where the pattern binds none, there is something if it holds, else nothing.
    """
    steps: list[_Step] = []
    of_class: list[tuple[int, Pattern]] = []
    for i, pattern in enumerate(patterns):
        predicate, subject, value = pattern
        s, o = _resolved(subject, binding), _resolved(value, binding)
        if s is not None and o is not None:
            return i, None, (1,) if view.holds((predicate, s, o)) else ()
        if s is not None:
            steps.append((i, ~value, view.values(predicate, s)))
        elif o is not None and predicate != type_:
            steps.append((i, ~subject, view.subjects(predicate, o)))
        elif o is not None:
            of_class.append((i, pattern))
    if steps:
        return _narrowest(steps)
    i, (predicate, subject, value) = of_class[0]
    return i, ~subject, view.subjects(predicate, value)


def _narrowest(steps: list[_Step]) -> _Step:
    """Return the step with least to follow, without counting far."""
    if len(steps) > 1:
        for size in _SIZES:
            for step in steps:
                if sum(1 for _ in islice(step[2], size)) < size:
                    return step
    return steps[0]
