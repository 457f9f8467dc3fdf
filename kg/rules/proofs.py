"""Proofs: why a fact holds, down to what is asserted and never in a circle.

`Prover` finds any proof and is quick; `Cheapest` finds always the same one.
"""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Protocol

from kg.rules.joins import Joiner, View

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from kg.rules.joins import Fact, Program, Way
    from kg.rules.numbers import Numbers


_CLASS_COST = 1
_OTHER_COST = 5
_MOST_COST = 100
_MOST_TRIALS = 5_000
_MOST_TRIALS_IN_ALL = 500_000


class Closed(View, Protocol):
    """A view in which all that follows holds."""

    def is_asserted(self, fact: Fact) -> bool:
        """Tell whether *fact* needs no reason."""
        ...


class Prover:
    """Looks for proofs among the facts of a view, and remembers those found.

    The view may lose facts that were not proven; it must not lose others.
    """

    def __init__(self, program: Program, numbers: Numbers, view: Closed) -> None:
        self._view = view
        self._joiner = Joiner(program, numbers, view)
        self._proven: dict[Fact, Way | None] = {}
        self._failed: set[Fact] = set()

    def proves(self, fact: Fact) -> bool:
        """Tell whether *fact* rests on what is asserted."""
        if fact not in self._proven and fact not in self._failed:
            _Search(self._view, self._joiner, self._proven, self._failed).run(fact)
        return fact in self._proven

    def reason(self, fact: Fact) -> Way | None:
        """Return how *fact* was proven; None if it is asserted or cannot be."""
        return self._proven.get(fact) if self.proves(fact) else None


class Cheapest:
    """Gives each fact the proof of least cost, whatever was asked before.

    A step costs, and what its dearest premise costs; one from a class to another costs
    least. Among proofs of one cost it is by the first rule, then by the premises first
    in the order of their terms, so that two views of the same facts tell the same. A
    fact that costs more, or a longer search, than the limits allow has any proof.
    """

    def __init__(self, program: Program, numbers: Numbers, view: Closed) -> None:
        self._view = view
        self._terms = numbers.terms
        self._type = program.type
        self._joiner = Joiner(program, numbers, view)
        self._prover = Prover(program, numbers, view)
        self._ways: dict[Fact, list[Way]] = {}
        self._proven: dict[Fact, tuple[int, Way | None]] = {}
        self._dearer: dict[Fact, int] = {}
        self._given_up: set[Fact] = set()
        self._left = 0
        self._left_in_all = _MOST_TRIALS_IN_ALL

    def reason(self, fact: Fact) -> Way | None:
        """Return how *fact* is proven; None if it is asserted or cannot be."""
        if fact in self._proven:
            return self._proven[fact][1]
        if fact not in self._given_up and self._prover.proves(fact):
            self._left = room = min(_MOST_TRIALS, self._left_in_all)
            is_proven = self._is_proven(fact, _MOST_COST)
            self._left_in_all -= room - self._left
            if is_proven:
                return self._proven[fact][1]
            self._given_up.add(fact)
        return self._prover.reason(fact)

    def _is_proven(self, fact: Fact, limit: int) -> bool:
        """Tell whether *fact* has a proof that costs at most *limit*."""
        if fact not in self._proven and self._view.is_asserted(fact):
            self._proven[fact] = 0, None
        for cost in range(self._dearer.get(fact, 0) + 1, limit + 1):
            if fact in self._proven or self._left <= 0:
                break
            self._try(fact, cost)
        return fact in self._proven and self._proven[fact][0] <= limit

    def _try(self, fact: Fact, cost: int) -> None:
        ways = [way for way in self._giving(fact) if self._costs(way, cost)]
        if self._left <= 0:
            return
        if ways:
            best = [way for way in ways if way.clause is ways[0].clause]
            self._proven[fact] = cost, min(best, key=self._place)
        else:
            self._dearer[fact] = cost

    def _costs(self, way: Way, cost: int) -> bool:
        """Tell whether *way* gives its fact for at most *cost*."""
        self._left -= 1
        premises = way.premises
        is_class = len(premises) == 1 and premises[0][0] == self._type
        rest = cost - (_CLASS_COST if is_class else _OTHER_COST)
        return rest >= 0 and all(self._is_proven(fact, rest) for fact in premises)

    def _giving(self, fact: Fact) -> list[Way]:
        if fact in self._ways:
            return self._ways[fact]
        ways = list(islice(self._joiner.giving(fact), max(self._left, 0)))
        self._left -= len(ways)
        if self._left > 0:
            self._ways[fact] = ways
        return ways

    def _place(self, way: Way) -> list[list[str]]:
        return [[str(self._terms[n]) for n in premise] for premise in way.premises]


def grounds(
    facts: Iterable[Fact], reason: Callable[[Fact], Way | None]
) -> Iterator[Fact]:
    """Yield the asserted facts that *facts* rest on by the *reason* of each, once."""
    met: set[Fact] = set()
    waiting = list(facts)[::-1]
    while waiting:
        fact = waiting.pop()
        if fact in met:
            continue
        met.add(fact)
        way = reason(fact)
        if way is None:
            yield fact
        else:
            waiting += way.premises[::-1]


class _Search:
    """The search for one proof: depth first, with what else it proves on the way."""

    def __init__(
        self,
        view: Closed,
        joiner: Joiner,
        proven: dict[Fact, Way | None],
        failed: set[Fact],
    ) -> None:
        self._view = view
        self._joiner = joiner
        self._proven = proven
        self._failed = failed
        self._met: set[Fact] = set()
        self._stack: list[tuple[Fact, Iterator[Way]]] = []
        self._resting: dict[Fact, list[tuple[Fact, Way]]] = {}

    def run(self, root: Fact) -> None:
        """Prove *root*, or find that nothing met on the way can be proven."""
        self._meet(root)
        while self._stack and root not in self._proven:
            fact, ways = self._stack[-1]
            way = None if fact in self._proven else next(ways, None)
            if way is None:
                self._stack.pop()
            else:
                self._follow(fact, way)
        if root not in self._proven:
            # Every way to each of them was followed, and none led to the ground.
            self._failed |= self._met - self._proven.keys()

    def _meet(self, fact: Fact) -> None:
        self._met.add(fact)
        if self._view.is_asserted(fact):
            self._prove(fact, None)
        else:
            self._stack.append((fact, self._joiner.giving(fact)))

    def _follow(self, fact: Fact, way: Way) -> None:
        if fact in way.premises or not self._failed.isdisjoint(way.premises):
            return
        for premise in reversed(way.premises):
            if premise not in self._proven:
                self._resting.setdefault(premise, []).append((fact, way))
        for premise in reversed(way.premises):
            if premise not in self._met and premise not in self._proven:
                self._meet(premise)
        if self._is_proven(way):
            self._prove(fact, way)

    def _prove(self, fact: Fact, way: Way | None) -> None:
        waiting = [(fact, way)]
        while waiting:
            fact, way = waiting.pop()
            if fact in self._proven or not (way is None or self._is_proven(way)):
                continue
            self._proven[fact] = way
            waiting += self._resting.pop(fact, ())

    def _is_proven(self, way: Way) -> bool:
        return all(premise in self._proven for premise in way.premises)
