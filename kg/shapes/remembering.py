"""What was looked up in a state, kept for as long as one change is judged."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kg.shapes.routes import Optionally, Step, Walk
from kg.terms import SUB_CLASS_OF, TYPE

if TYPE_CHECKING:
    from collections.abc import Iterator
    from collections.abc import Set as AbstractSet

    from kg.shapes.routes import Lookup
    from kg.terms import NamedNode, Node, Term, Triple

_STATED = Step(TYPE)
_ABOVE = Optionally(Step(SUB_CLASS_OF), again=True)


class Remembering:
    """A lookup that remembers what it was asked.

    Of the nodes that are *absent* from it nothing is looked up or remembered.
    """

    def __init__(
        self, lookup: Lookup, absent: AbstractSet[object] = frozenset()
    ) -> None:
        self._lookup = lookup
        self._absent = absent
        self._known: dict[object, list[Triple]] = {}
        self._kinds: dict[Term, set[Term]] = {}
        self._above: dict[Term, set[Term]] = {}

    def triples(
        self, subject: Node | None, predicate: NamedNode | None, object_: Term | None
    ) -> Iterator[Triple]:
        """Yield each triple that has these parts once; None stands for any."""
        if subject in self._absent or object_ in self._absent:
            return iter(())
        asked = (subject, predicate, object_)
        known = self._known.get(asked)
        return iter(known) if known is not None else self._asked(asked)

    def _asked(self, asked: Any) -> Iterator[Triple]:  # noqa: ANN401 - a pattern
        found = []
        for triple in self._lookup.triples(*asked):
            found.append(triple)
            yield triple
        self._known[asked] = found

    def kinds(self, node: Term) -> set[Term]:
        """Return the classes of *node*, those above the stated ones included."""
        if node in self._absent:
            return set()
        if node not in self._kinds:
            stated = Walk(self).ends({node}, _STATED)
            self._kinds[node] = set().union(*map(self._with_above, stated))
        return self._kinds[node]

    def _with_above(self, kind: Term) -> set[Term]:
        if kind not in self._above:
            self._above[kind] = Walk(self).ends({kind}, _ABOVE)
        return self._above[kind]
