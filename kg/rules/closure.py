"""What follows from a graph, what contradicts the ontology, and why."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kg.rules.model import Derivation
from kg.terms import Triple

if TYPE_CHECKING:
    from kg.rules.model import Clash
    from kg.rules.state import State


@dataclass(frozen=True, slots=True, repr=False)
class Explanation:
    """Why *triple* holds: by *derivation* from *premises*, or because it is asserted.

    Explanations of the same triple are one object, so a deep one stays small.
    """

    triple: Triple
    derivation: Derivation | None
    premises: tuple[Explanation, ...]

    @property
    def is_asserted(self) -> bool:
        """Whether the triple needs no reason."""
        return self.derivation is None

    def asserted(self) -> tuple[Triple, ...]:
        """Return the asserted triples that it all rests on, each once."""
        leaves: dict[Triple, None] = {}
        met: set[int] = set()
        waiting = [self]
        while waiting:
            part = waiting.pop()
            if id(part) in met:
                continue
            met.add(id(part))
            if part.is_asserted:
                leaves[part.triple] = None
            waiting.extend(part.premises[::-1])
        return tuple(leaves)


class Closure:
    """What a state holds beyond what was asserted; it follows the state's changes."""

    def __init__(self, state: State) -> None:
        self._state = state

    @property
    def inferred(self) -> Mapping[Triple, Derivation]:
        """The triples that follow, each with the first reason found."""
        return _Inferred(self._state)

    @property
    def clashes(self) -> tuple[Clash, ...]:
        """What contradicts the ontology, in a fixed order."""
        return self._state.clashes()

    def derivations(self, triple: Triple) -> Iterator[Derivation]:
        """Yield every way in which one rule gives *triple* from what holds."""
        return self._state.derivations(triple)

    def explain(self, triple: Triple) -> Explanation | None:
        """Return why *triple* holds, down to asserted triples; None if it does not."""
        if not self._state.holds(triple):
            return None
        known: dict[Triple, Explanation] = {}
        waiting = [triple]
        while waiting:
            top = waiting[-1]
            derivation = self._state.derivation(top)
            premises = derivation.premises if derivation else ()
            missing = [premise for premise in premises if premise not in known]
            if missing and top not in known:
                waiting.extend(missing)
                continue
            waiting.pop()
            reasons = tuple(known[premise] for premise in premises)
            known.setdefault(top, Explanation(top, derivation, reasons))
        return known[triple]

    def grounds(self, triples: Iterable[Triple]) -> tuple[Triple, ...]:
        """Return the asserted triples that *triples* rest on, each once."""
        return self._state.grounds(triples)


class _Inferred(Mapping[Triple, Derivation]):
    def __init__(self, state: State) -> None:
        self._state = state

    def __iter__(self) -> Iterator[Triple]:
        return iter(self._state.inferred())

    def __len__(self) -> int:
        return len(self._state.inferred())

    def __contains__(self, triple: object) -> bool:
        return isinstance(triple, Triple) and self._state.is_inferred(triple)

    def __getitem__(self, triple: Triple) -> Derivation:
        derivation = self._state.derivation(triple) if triple in self else None
        if derivation is None:
            raise KeyError(triple)
        return derivation
