"""Taking facts away: what rested on them goes too, unless it has another reason.

A fact is in doubt once the reason kept for it is gone. It stays if some rule gives it
from facts whose own reasons lead, in no circle, to what is still asserted.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from kg.rules.engine import Fact, Row, Support
    from kg.rules.plans import Plan


class Withdrawal:
    """One withdrawal of *facts* that were asserted."""

    def __init__(self, facts: Iterable[Fact]) -> None:
        self._waiting = list(facts)
        self._in_doubt = set(self._waiting)
        self._firm: set[Fact] = set()

    def lost(self) -> list[Fact]:
        """Give new reasons where there are any; return the facts left without one.

        These are still in their relations when this returns.
        """
        lost: list[Fact] = []
        while self._waiting:
            fact = self._waiting.pop()
            if self._find_firm_support(fact):
                self._in_doubt.remove(fact)
                continue
            lost.append(fact)
            resting = dict.fromkeys(self._resting_on(fact))
            self._in_doubt.update(resting)
            self._waiting += resting
        return lost

    def _find_firm_support(self, fact: Fact) -> bool:
        relation, row = fact
        for plan, found in supports(fact):
            if all(map(self._is_firm, plan.premises(found))):
                relation.put(row, (plan, found))
                return True
        return False

    def _is_firm(self, fact: Fact) -> bool:
        """Tell whether the reasons behind *fact* lead to nothing that is in doubt."""
        met: set[Fact] = set()
        waiting = [fact]
        while waiting:
            fact = waiting.pop()
            if fact in self._in_doubt:
                return False
            if fact not in met and fact not in self._firm:
                met.add(fact)
                waiting += _premises(support_of(fact))
        self._firm |= met
        return True

    def _resting_on(self, fact: Fact) -> Iterator[Fact]:
        """Yield the facts not yet in doubt whose kept reason uses *fact*."""
        relation, row = fact
        for plan in relation.plans:
            for found in plan.rows([row]) if plan.head else ():
                other = plan.conclusion(found)
                if (
                    other is not None
                    and other not in self._in_doubt
                    and fact in _premises(support_of(other))
                ):
                    yield other


def supports(fact: Fact) -> Iterator[tuple[Plan, Row]]:
    """Yield every way in which a rule gives *fact* from the facts there are."""
    relation, row = fact
    for plan in relation.makers:
        for found in plan.rows([row]):
            yield plan, found


def support_of(fact: Fact) -> Support:
    """Return the reason kept for *fact*, which must hold."""
    relation, row = fact
    return relation[row]


def _premises(support: Support) -> list[Fact]:
    if support is None:
        return []
    plan, row = support
    return plan.premises(row)
