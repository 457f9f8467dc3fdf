"""Reasoning over a change to a store, at the cost of the change.

What is added is joined with what holds. What is removed, and whatever rested on it,
stays as long as a proof of it is left (the Backward/Forward algorithm); so no more goes
than must, and no reasons need be stored.
"""

from __future__ import annotations

from collections import deque
from itertools import chain
from typing import TYPE_CHECKING, cast

from kg.rules.findings import LITERALS, is_ill_typed
from kg.rules.joins import Again, Joiner
from kg.rules.model import ClashKind, Complaint, Delta
from kg.rules.proofs import Prover
from kg.rules.stored import Known, Said
from kg.rules.telling import Teller

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from kg.rules import RuleSet
    from kg.rules.joins import Fact, Way
    from kg.rules.model import Clash
    from kg.rules.proofs import Closed
    from kg.rules.stored import Facts
    from kg.terms import Triple

    _Key = tuple[str, frozenset[Fact]]


def judge_change(
    rules: RuleSet, facts: Facts, added: Iterable[Triple], removed: Iterable[Triple]
) -> Delta:
    """Return what a change does to what follows and to the clashes.

    *facts* are as they are before it; *added* and *removed* are the triples that it
    makes asserted, or asserted no longer, in the merged view.
    """
    return _Change(rules, facts, added, removed).delta()


class After:
    """What holds after a change, as far as it has been worked out."""

    def __init__(
        self, known: Known, added: Collection[Fact], removed: Collection[Fact]
    ) -> None:
        self._known = known
        self._stated = frozenset(added)
        self._unstated = frozenset(removed)
        self.new: dict[Fact, None] = {}
        self.gone: dict[Fact, None] = {}
        self._values: dict[tuple[int, int], dict[int, None]] = {}
        self._subjects: dict[tuple[int, int], dict[int, None]] = {}

    def is_asserted(self, fact: Fact) -> bool:
        """Tell whether *fact* needs no reason."""
        if fact in self._stated:
            return True
        may_be = fact not in self._unstated and fact not in self.new
        return may_be and self._known.is_asserted(fact)

    def add(self, fact: Fact) -> None:
        """Hold *fact*, which did not hold."""
        predicate, subject, value = fact
        self.new[fact] = None
        self._values.setdefault((predicate, subject), {})[value] = None
        self._subjects.setdefault((predicate, value), {})[subject] = None

    def take(self, fact: Fact) -> None:
        """Hold *fact* no longer."""
        predicate, subject, value = fact
        if fact in self.new:
            del self.new[fact]
            del self._values[predicate, subject][value]
            del self._subjects[predicate, value][subject]
        else:
            self.gone[fact] = None

    def holds(self, fact: Fact) -> bool:
        """Tell whether *fact* holds."""
        return fact in self.new or (fact not in self.gone and self._known.holds(fact))

    def values(self, predicate: int, subject: int) -> Iterable[int]:
        """Return what *predicate* relates *subject* to."""
        return Again(lambda: self._values_now(predicate, subject))

    def subjects(self, predicate: int, value: int) -> Iterable[int]:
        """Return what *predicate* relates to *value*."""
        return Again(lambda: self._subjects_now(predicate, value))

    def _values_now(self, predicate: int, subject: int) -> Iterator[int]:
        yield from tuple(self._values.get((predicate, subject), ()))
        for value in self._known.values(predicate, subject):
            if (predicate, subject, value) not in self.gone:
                yield value

    def _subjects_now(self, predicate: int, value: int) -> Iterator[int]:
        yield from tuple(self._subjects.get((predicate, value), ()))
        for subject in self._known.subjects(predicate, value):
            if (predicate, subject, value) not in self.gone:
                yield subject


class _Change:
    def __init__(
        self,
        rules: RuleSet,
        facts: Facts,
        added: Iterable[Triple],
        removed: Iterable[Triple],
    ) -> None:
        self._program = program = rules.program
        self._numbers = numbers = program.numbers.copy()
        self._said = Said(program, numbers, facts)
        self._known = Known(self._said)
        given = program.given
        stated = (numbers.fact(triple) for triple in sorted(added, key=str))
        unstated = (numbers.fact(triple) for triple in sorted(removed, key=str))
        self._added = [fact for fact in stated if fact not in given]
        self._removed = [fact for fact in unstated if fact not in given]
        self._after = After(self._known, self._added, self._removed)

    def delta(self) -> Delta:
        """Work out what the change does."""
        self._extend()
        self._withdraw()
        met = dict.fromkeys(
            chain(self._after.new, self._after.gone, self._added, self._removed)
        )
        was = {fact for fact in met if self._is_told(fact, self._known)}
        is_ = {fact for fact in met if self._is_told(fact, self._after)}
        return Delta(
            inferred=self._triples(f for f in met if f in is_ and f not in was),
            withdrawn=self._triples(f for f in met if f in was and f not in is_),
            clashes=self._clashes(self._after, self._after.new, self._added),
            resolved=self._clashes(self._known, self._after.gone, self._removed),
        )

    def _extend(self) -> None:
        """Add what is stated now, and what follows."""
        after = self._after
        joiner = Joiner(self._program, self._numbers, after)
        waiting = deque(f for f in self._added if not after.holds(f))
        for fact in waiting:
            after.add(fact)
        while waiting:
            for way in list(joiner.starting(waiting.popleft())):
                fact = way.conclusion()
                if not after.holds(fact):
                    after.add(fact)
                    waiting.append(fact)

    def _withdraw(self) -> None:
        """Take away what is stated no longer, and what has no other proof."""
        joiner = Joiner(self._program, self._numbers, self._after)
        prover = Prover(self._program, self._numbers, self._after)
        waiting = deque(self._removed)
        lost: set[Fact] = set()
        while waiting:
            fact = waiting.popleft()
            if fact in lost or prover.proves(fact):
                continue
            resting = [way.conclusion() for way in joiner.starting(fact)]
            waiting += dict.fromkeys(resting)
            self._after.take(fact)
            lost.add(fact)

    def _is_told(self, fact: Fact, view: Closed) -> bool:
        return (
            not self._said.is_silent(fact[1])
            and self._said.triple(fact) is not None
            and view.holds(fact)
            and not view.is_asserted(fact)
        )

    def _triples(self, facts: Iterable[Fact]) -> tuple[Triple, ...]:
        found = (self._said.triple(fact) for fact in facts)
        return tuple(triple for triple in found if triple is not None)

    def _clashes(
        self, view: Closed, facts: Iterable[Fact], stated: Iterable[Fact]
    ) -> tuple[Clash, ...]:
        """Return the clashes in which one of *facts* has a part, or is *stated*."""
        joiner = Joiner(self._program, self._numbers, view)
        teller = Teller(self._program, self._numbers, view, self._said)
        found: dict[_Key, Clash] = {}
        for fact in stated:
            if self._is_ill_typed(fact):
                found[LITERALS, frozenset({fact})] = teller.ill_typed(fact)
        for way in chain.from_iterable(map(joiner.alarming, facts)):
            key = way.clause.rule.axiom, frozenset(way.premises)
            if key not in found and not self._is_axiom(way):
                found[key] = teller.clash(way)
        return tuple(found.values())

    def _is_ill_typed(self, fact: Fact) -> bool:
        is_relation = fact[0] != self._program.type
        return is_relation and is_ill_typed(self._numbers.terms[fact[2]])

    def _is_axiom(self, way: Way) -> bool:
        """Tell whether the data only repeat what the ontology states."""
        complaint = cast("Complaint", way.clause.rule.head)
        return complaint.kind is ClashKind.MISPLACED and (
            self._program.axioms.issuperset(map(self._said.triple, way.premises))
        )
