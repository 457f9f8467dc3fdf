"""Why a triple holds: every minimal reason, the shortest first."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from heapq import heappop, heappush
from itertools import count, islice, product
from time import monotonic
from typing import TYPE_CHECKING

from kg.rules.joins import Joiner
from kg.rules.model import Derivation, Explanation
from kg.rules.proofs import Prover
from kg.rules.stored import Known, Said

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from kg.rules import RuleSet
    from kg.rules.joins import Fact, Program, Way
    from kg.rules.numbers import Numbers
    from kg.rules.stored import Facts
    from kg.terms import Triple

_MOST_FACTS = 1_000
_MOST_WAYS = 100
_MOST_PROOFS = 20_000
"""How far the search goes: facts looked at, ways to each, proofs in all."""

_MOST_STEPS = 200_000
_MOST_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class Reasons:
    """Why a triple holds; not *complete* where there are, or may be, more reasons."""

    found: tuple[Explanation, ...]
    complete: bool


def explain(
    rules: RuleSet, facts: Facts, triple: Triple, limit: int = 10
) -> list[Explanation]:
    """Return up to *limit* reasons why *triple* holds, as `find_reasons` does."""
    return list(find_reasons(rules, facts, triple, limit).found)


def find_reasons(
    rules: RuleSet,
    facts: Facts,
    triple: Triple,
    limit: int = 10,
    *,
    seconds: float = _MOST_SECONDS,
) -> Reasons:
    """Return up to *limit* reasons why *triple* holds; none if it does not.

    Each rests on asserted triples, never in a circle; no two rest on the same ones, and
    none on all that another rests on and more. The fewer asserted triples a reason
    needs, then the fewer steps, the earlier it comes. The search ends after so much
    work, or *seconds*; of a triple that follows in hundreds of ways, not every reason
    may be found, but one is.
    """
    numbers = rules.program.numbers.copy()
    fact = numbers.fact(triple)
    effort = _Effort(_MOST_STEPS, seconds)
    try:
        said = _Metered(rules.program, numbers, facts, effort)
        if not Known(said).holds(fact):
            return Reasons((), complete=True)
        found = _searched(said, fact, limit)
    except _SpentError:
        found = [], False
    proofs, complete = found
    if not proofs and not complete:
        # Wide around the fact there is too much; straight down there is one proof.
        effort.renew(seconds)
        proofs = _one_proof(_Metered(rules.program, numbers, facts, effort), fact)
    write = _Writer(said).explanation
    return Reasons(tuple(map(write, proofs)), complete)


def _searched(said: _Metered, fact: Fact, limit: int) -> tuple[list[_Proof], bool]:
    known = Known(said)
    joiner = Joiner(said.program, said.numbers, known)
    search = _Search(known, joiner, fact, said.effort)
    proofs = search.proofs()
    found = list(islice(proofs, limit))
    is_all = next(proofs, None) is None
    return found, is_all and search.complete


def _one_proof(said: _Metered, root: Fact) -> list[_Proof]:
    """Return the first proof of *root* that is found going straight down, if any."""
    prover = Prover(said.program, said.numbers, Known(said))
    try:
        if not prover.proves(root):
            return []
    except _SpentError:
        return []
    made: dict[Fact, _Proof] = {}
    waiting = [root]
    while waiting:
        fact = waiting[-1]
        way = prover.reason(fact)
        premises = way.premises if way else ()
        missing = [premise for premise in premises if premise not in made]
        waiting += missing
        if not missing:
            made[waiting.pop()] = _proof(said, fact, way, made)
    return [made[root]]


def _proof(said: Said, fact: Fact, way: Way | None, made: dict[Fact, _Proof]) -> _Proof:
    if way is None:
        return _grounded(said, fact)
    return _combined(fact, way, tuple(made[premise] for premise in way.premises))


class _SpentError(Exception):
    """The search has done all the work that it may."""


class _Effort:
    """How much work is left: look-ups, triples read, proofs made; and how much time."""

    def __init__(self, steps: int, seconds: float) -> None:
        self._steps = steps
        self.renew(seconds)

    def renew(self, seconds: float) -> None:
        """Allow as much again."""
        self._left = self._steps
        self._end = monotonic() + seconds

    def allow(self, steps: int) -> None:
        """Allow *steps* from here, in the time that is left."""
        self._left = steps

    def spend(self) -> None:
        """Count one step; raise _SpentError past the last."""
        self._left -= 1
        if self._left < 0 or (self._left % 128 == 0 and monotonic() > self._end):
            raise _SpentError


class _Metered(Said):
    """What is said, each look at it counted as work."""

    def __init__(
        self, program: Program, numbers: Numbers, facts: Facts, effort: _Effort
    ) -> None:
        super().__init__(program, numbers, facts)
        self.effort = effort

    def is_asserted(self, fact: Fact) -> bool:
        self.effort.spend()
        return super().is_asserted(fact)

    def holds(self, fact: Fact) -> bool:
        self.effort.spend()
        return super().holds(fact)

    def values(self, predicate: int, subject: int) -> Iterable[int]:
        self.effort.spend()
        return super().values(predicate, subject)

    def subjects(self, predicate: int, value: int) -> Iterable[int]:
        self.effort.spend()
        return super().subjects(predicate, value)

    def _read(
        self, predicate: int | None, subject: int | None, value: int | None
    ) -> Iterator[Fact]:
        for fact in super()._read(predicate, subject, value):
            self.effort.spend()
            yield fact


@dataclass(frozen=True, slots=True, eq=False)
class _Proof:
    """A proof of *fact* from *leaves*: asserted if there is no *way*, else by it.

    What the ontology states is no leaf: it costs nothing.
    """

    fact: Fact
    leaves: frozenset[Fact]
    steps: int
    way: Way | None = None
    parts: tuple[_Proof, ...] = ()


def _grounded(said: Said, fact: Fact) -> _Proof:
    """Return the proof of *fact* that it is asserted."""
    is_given = fact in said.program.given
    return _Proof(fact, frozenset(() if is_given else (fact,)), 0)


def _combined(fact: Fact, way: Way, parts: tuple[_Proof, ...]) -> _Proof:
    leaves = frozenset().union(*(part.leaves for part in parts))
    return _Proof(fact, leaves, 1 + sum(part.steps for part in parts), way, parts)


class _Search:
    """Finds the proofs of one fact: from the ground up, the smallest first.

    A proof is made only of proofs that were finished before it, which are smaller. So
    it never rests on itself, and what is finished later is never better. The search is
    *complete* until something is left out.
    """

    def __init__(
        self, known: Known, joiner: Joiner, root: Fact, effort: _Effort
    ) -> None:
        self._known = known
        self._root = root
        self._effort = effort
        self.complete = True
        self._uses: dict[Fact, list[tuple[Fact, Way]]] = {}
        self._finished: dict[Fact, list[_Proof]] = {}
        self._waiting: list[tuple[int, int, int, _Proof]] = []
        self._order = count()
        try:
            self._look_around(joiner)
        except _SpentError:
            self.complete = False
        effort.allow(_MOST_PROOFS)

    def proofs(self) -> Iterator[_Proof]:
        """Yield a smallest proof for each minimal set of asserted facts."""
        try:
            while self._waiting:
                proof = heappop(self._waiting)[-1]
                if self._finish(proof):
                    if proof.fact == self._root:
                        yield proof
                    for fact, way in self._uses.get(proof.fact, ()):
                        self._combine(fact, way, proof)
        except _SpentError:
            self.complete = False

    def _look_around(self, joiner: Joiner) -> None:
        """Note the ways to the root and to what these need, the nearest first."""
        met, near = {self._root}, deque([self._root])
        while near:
            fact = near.popleft()
            if self._known.is_asserted(fact):
                self._wait(_grounded(self._known.said, fact))
            for way in self._ways(joiner, fact):
                if not way.premises:
                    self._wait(_Proof(fact, frozenset(), 1, way))
                for premise in dict.fromkeys(way.premises):
                    self._uses.setdefault(premise, []).append((fact, way))
                    if premise not in met and self._may_grow(met):
                        met.add(premise)
                        near.append(premise)

    def _ways(self, joiner: Joiner, fact: Fact) -> Iterator[Way]:
        ways = joiner.giving(fact)
        yield from islice(ways, _MOST_WAYS)
        if next(ways, None) is not None:
            self.complete = False

    def _may_grow(self, met: set[Fact]) -> bool:
        if len(met) < _MOST_FACTS:
            return True
        self.complete = False
        return False

    def _wait(self, proof: _Proof) -> None:
        size = len(proof.leaves), proof.steps, next(self._order)
        heappush(self._waiting, (*size, proof))

    def _finish(self, proof: _Proof) -> bool:
        """Keep *proof* unless one from the same leaves, or fewer, is kept already."""
        if self._is_beaten(proof):
            return False
        self._finished.setdefault(proof.fact, []).append(proof)
        return True

    def _is_beaten(self, proof: _Proof) -> bool:
        kept = self._finished.get(proof.fact, ())
        return any(other.leaves <= proof.leaves for other in kept)

    def _combine(self, fact: Fact, way: Way, proof: _Proof) -> None:
        """Go on from *proof* by *way*, with every proof of its other premises."""
        choices = [
            [proof] if premise == proof.fact else self._finished.get(premise, [])
            for premise in way.premises
        ]
        for parts in product(*choices):
            self._effort.spend()
            made = _combined(fact, way, parts)
            if not self._is_beaten(made):
                self._wait(made)


class _Writer:
    """Writes proofs as explanations."""

    def __init__(self, said: Said) -> None:
        self._said = said
        self._written: dict[_Proof, Explanation] = {}

    def explanation(self, root: _Proof) -> Explanation:
        """Return *root* as an explanation."""
        waiting = [root]
        while waiting:
            proof = waiting[-1]
            parts = self._parts(proof)
            missing = [part for part in parts if part not in self._written]
            if missing:
                waiting += missing
            else:
                self._written[waiting.pop()] = self._write(proof, parts)
        return self._written[root]

    def _parts(self, proof: _Proof) -> tuple[_Proof, ...]:
        """Return what *proof* rests on, as far as RDF can say it."""
        found: dict[Fact, _Proof] = {}
        waiting = list(proof.parts[::-1])
        while waiting:
            part = waiting.pop()
            if self._said.triple(part.fact) is not None:
                found.setdefault(part.fact, part)
            else:
                waiting += part.parts[::-1]
        return tuple(found.values())

    def _write(self, proof: _Proof, parts: tuple[_Proof, ...]) -> Explanation:
        triple = self._said.triple(proof.fact)
        if triple is None:
            raise ValueError("RDF cannot say what is to be explained")
        reasons = tuple(self._written[part] for part in parts)
        derivation = None
        if proof.way is not None:
            premises = tuple(reason.triple for reason in reasons)
            derivation = Derivation(proof.way.clause.rule, premises)
        return Explanation(triple, derivation, reasons)
