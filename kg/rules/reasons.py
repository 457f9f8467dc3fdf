"""Why a triple holds: every minimal reason, the shortest first."""

from __future__ import annotations

from dataclasses import dataclass
from heapq import heappop, heappush
from itertools import count, islice
from typing import TYPE_CHECKING, TypeAlias

from kg.rules.closure import Explanation
from kg.rules.joins import Joiner
from kg.rules.model import Derivation
from kg.rules.stored import Known, Said

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from kg.rules import RuleSet
    from kg.rules.joins import Fact, Way
    from kg.rules.stored import Facts
    from kg.terms import Triple

_MOST_WAYS = 200
_MOST_STEPS = 5_000


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
    said = Said(rules.program, numbers, facts)
    known = Known(said)
    if not known.holds(fact):
        return []
    search = _Search(known, Joiner(rules.program, numbers, known))
    found = islice(search.proofs(fact), limit)
    return [_Writer(said, chosen).explanation(fact) for chosen in found]


_Chosen: TypeAlias = "dict[Fact, Way | None]"


@dataclass(frozen=True, slots=True)
class _Partial:
    """A proof under way: a reason for each fact *chosen*, none yet for the *open*.

    What the ontology has *given* costs nothing.
    """

    chosen: _Chosen
    open: tuple[Fact, ...]
    given: Mapping[Fact, None]

    @property
    def leaves(self) -> frozenset[Fact]:
        """The facts asserted by the data that it rests on so far."""
        return frozenset(
            fact
            for fact, way in self.chosen.items()
            if way is None and fact not in self.given
        )

    @property
    def size(self) -> tuple[int, int]:
        """How many asserted facts it will need at least, and how many steps."""
        leaves = len(self.leaves)
        steps = len(self.chosen) - leaves
        return leaves + bool(self.open), steps

    def with_reason(self, fact: Fact, way: Way | None) -> _Partial:
        """Return the proof that has this reason for the open *fact*."""
        chosen = {**self.chosen, fact: way}
        premises = way.premises if way else ()
        more = (*self.open, *premises)
        rest = dict.fromkeys(other for other in more if other not in chosen)
        return _Partial(chosen, tuple(rest), self.given)

    def leads_to(self, fact: Fact, way: Way) -> bool:
        """Tell whether what *way* rests on rests on *fact* itself."""
        met: set[Fact] = set()
        waiting = list(way.premises)
        while waiting:
            other = waiting.pop()
            if other == fact:
                return True
            reason = self.chosen.get(other)
            if reason is not None and other not in met:
                met.add(other)
                waiting += reason.premises
        return False


class _Search:
    """Finds proofs, the smallest first."""

    def __init__(self, known: Known, joiner: Joiner) -> None:
        self._known = known
        self._joiner = joiner
        self._reasons: dict[Fact, tuple[Way | None, ...]] = {}

    def proofs(self, fact: Fact) -> Iterator[_Chosen]:
        """Yield a smallest proof of *fact* for each minimal set of asserted facts."""
        order = count()
        given = self._known.said.program.given
        waiting = [((0, 0), next(order), _Partial({}, (fact,), given))]
        found: list[frozenset[Fact]] = []
        for _ in range(_MOST_STEPS):
            if not waiting:
                return
            partial = heappop(waiting)[2]
            leaves = partial.leaves
            if any(less <= leaves for less in found):
                continue
            if not partial.open:
                found.append(leaves)
                yield partial.chosen
            for more in self._continued(partial):
                heappush(waiting, (more.size, next(order), more))

    def _continued(self, partial: _Partial) -> Iterator[_Partial]:
        if partial.open:
            fact = partial.open[0]
            for way in self._reasons_for(fact):
                if way is None or not partial.leads_to(fact, way):
                    yield partial.with_reason(fact, way)

    def _reasons_for(self, fact: Fact) -> tuple[Way | None, ...]:
        if fact not in self._reasons:
            stated = (None,) if self._known.is_asserted(fact) else ()
            ways = islice(self._joiner.giving(fact), _MOST_WAYS)
            self._reasons[fact] = (*stated, *ways)
        return self._reasons[fact]


class _Writer:
    """Writes a proof as explanations, each triple's once."""

    def __init__(self, said: Said, chosen: _Chosen) -> None:
        self._said = said
        self._chosen = chosen
        self._written: dict[Fact, Explanation] = {}

    def explanation(self, root: Fact) -> Explanation:
        """Return the explanation of *root*."""
        waiting = [root]
        while waiting:
            fact = waiting[-1]
            premises = self._premises(fact)
            missing = [other for other in premises if other not in self._written]
            if missing:
                waiting += missing
            else:
                self._written[waiting.pop()] = self._write(fact, premises)
        return self._written[root]

    def _premises(self, fact: Fact) -> tuple[Fact, ...]:
        """Return what *fact* follows from, as far as RDF can say it."""
        way = self._chosen[fact]
        found: dict[Fact, None] = {}
        waiting = list(way.premises[::-1]) if way else []
        while waiting:
            premise = waiting.pop()
            reason = self._chosen[premise]
            if self._said.triple(premise) is not None:
                found[premise] = None
            elif reason is not None:
                waiting += reason.premises[::-1]
        return tuple(found)

    def _write(self, fact: Fact, premises: tuple[Fact, ...]) -> Explanation:
        triple, way = self._said.triple(fact), self._chosen[fact]
        if triple is None:
            raise ValueError("RDF cannot say what is to be explained")
        reasons = tuple(self._written[premise] for premise in premises)
        derivation = None
        if way is not None:
            triples = tuple(reason.triple for reason in reasons)
            derivation = Derivation(way.clause.rule, triples)
        return Explanation(triple, derivation, reasons)
