"""Why a triple holds: every minimal reason, the shortest first."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from heapq import heappop, heappush
from itertools import count, islice, product
from typing import TYPE_CHECKING

from kg.rules.closure import Explanation
from kg.rules.joins import Joiner
from kg.rules.model import Derivation
from kg.rules.stored import Known, Said

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kg.rules import RuleSet
    from kg.rules.joins import Fact, Way
    from kg.rules.stored import Facts
    from kg.terms import Triple

_MOST_FACTS = 1_000
_MOST_WAYS = 100
_MOST_PROOFS = 20_000
"""How far the search goes: facts looked at, ways to each, proofs in all."""


def explain(
    rules: RuleSet, facts: Facts, triple: Triple, limit: int = 10
) -> list[Explanation]:
    """Return up to *limit* reasons why *triple* holds; none if it does not.

    Each rests on asserted triples, never in a circle; no two rest on the same ones, and
    none on all that another rests on and more. The fewer asserted triples a reason
    needs, then the fewer steps, the earlier it comes. Of a triple that follows in
    hundreds of ways, not every reason may be found.
    """
    numbers = rules.program.numbers.copy()
    fact = numbers.fact(triple)
    known = Known(Said(rules.program, numbers, facts))
    if not known.holds(fact):
        return []
    search = _Search(known, Joiner(rules.program, numbers, known), fact)
    write = _Writer(known.said).explanation
    return [write(proof) for proof in islice(search.proofs(), limit)]


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


class _Search:
    """Finds the proofs of one fact: from the ground up, the smallest first.

    A proof is made only of proofs that were finished before it, which are smaller. So
    it never rests on itself, and what is finished later is never better.
    """

    def __init__(self, known: Known, joiner: Joiner, root: Fact) -> None:
        self._known = known
        self._root = root
        self._uses: dict[Fact, list[tuple[Fact, Way]]] = {}
        self._finished: dict[Fact, list[_Proof]] = {}
        self._waiting: list[tuple[int, int, int, _Proof]] = []
        self._order = count()
        self._look_around(joiner)

    def proofs(self) -> Iterator[_Proof]:
        """Yield a smallest proof for each minimal set of asserted facts."""
        for _ in range(_MOST_PROOFS):
            if not self._waiting:
                return
            proof = heappop(self._waiting)[-1]
            if self._finish(proof):
                if proof.fact == self._root:
                    yield proof
                for fact, way in self._uses.get(proof.fact, ()):
                    self._combine(fact, way, proof)

    def _look_around(self, joiner: Joiner) -> None:
        """Note the ways to the root and to what these need, the nearest first."""
        met, near = {self._root}, deque([self._root])
        while near:
            fact = near.popleft()
            if self._known.is_asserted(fact):
                given = fact in self._known.said.program.given
                self._wait(_Proof(fact, frozenset(() if given else (fact,)), 0))
            for way in islice(joiner.giving(fact), _MOST_WAYS):
                if not way.premises:
                    self._wait(_Proof(fact, frozenset(), 1, way))
                for premise in dict.fromkeys(way.premises):
                    self._uses.setdefault(premise, []).append((fact, way))
                    if premise not in met and len(met) < _MOST_FACTS:
                        met.add(premise)
                        near.append(premise)

    def _wait(self, proof: _Proof) -> None:
        size = len(proof.leaves), proof.steps, next(self._order)
        heappush(self._waiting, (*size, proof))

    def _finish(self, proof: _Proof) -> bool:
        """Keep *proof* unless one from the same leaves, or fewer, is kept already."""
        kept = self._finished.setdefault(proof.fact, [])
        if any(other.leaves <= proof.leaves for other in kept):
            return False
        kept.append(proof)
        return True

    def _combine(self, fact: Fact, way: Way, proof: _Proof) -> None:
        """Go on from *proof* by *way*, with every proof of its other premises."""
        choices = [
            [proof] if premise == proof.fact else self._finished.get(premise, [])
            for premise in way.premises
        ]
        for parts in islice(product(*choices), _MOST_PROOFS):
            leaves = frozenset().union(*(part.leaves for part in parts))
            steps = 1 + sum(part.steps for part in parts)
            self._wait(_Proof(fact, leaves, steps, way, parts))


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
