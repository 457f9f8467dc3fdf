"""Proofs: why a fact holds, down to what is asserted and never in a circle."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from kg.rules.joins import Joiner, View

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from kg.rules.joins import Fact, Program, Way
    from kg.rules.numbers import Numbers


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

    def grounds(self, facts: Iterable[Fact]) -> Iterator[Fact]:
        """Yield the asserted facts that *facts* rest on, each once."""
        met: set[Fact] = set()
        waiting = list(facts)[::-1]
        while waiting:
            fact = waiting.pop()
            if fact in met:
                continue
            met.add(fact)
            reason = self.reason(fact)
            if reason is None:
                yield fact
            else:
                waiting += reason.premises[::-1]


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
