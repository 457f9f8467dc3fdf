"""What stands above a class or a property, and which properties are inverses."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from kg.terms import EXQ, Literal, NamedNode

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kg.store import Snapshot
    from kg.terms import Term

_HIERARCHY = """
PREFIX graph: <https://w3id.org/exequatur/graph/>
PREFIX owl: <http://www.w3.org/2002/07/owl#>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
SELECT ?special ?general ?isInverse WHERE {
  { ?special rdfs:subPropertyOf|rdfs:subClassOf ?general . BIND(false AS ?isInverse) }
  UNION
  { GRAPH graph:ontology { ?special owl:inverseOf ?general } BIND(true AS ?isInverse) }
}
"""


@dataclass(frozen=True, slots=True)
class Hierarchy:
    """The terms above and below a class or property, and the inverses of properties."""

    general: Mapping[Term, set[Term]]
    special: Mapping[Term, set[NamedNode]]
    inverse: Mapping[Term, set[NamedNode]]

    @classmethod
    def of(cls, snapshot: Snapshot) -> Hierarchy:
        """Return the hierarchy of *snapshot*."""
        found = _HIERARCHY_OF.get(snapshot)
        if found is None:
            found = _HIERARCHY_OF[snapshot] = _read(snapshot)
        return found

    def is_below(self, name: NamedNode, general: str) -> bool:
        """Tell whether *name* is the term of ours called *general*, or below it."""
        wanted = NamedNode(f"{EXQ}{general}")
        waiting: set[Term] = {name}
        seen: set[Term] = set()
        while waiting:
            seen |= waiting
            above = (self.general.get(one, set()) for one in waiting)
            waiting = set().union(*above) - seen
        return wanted in seen


# A version never changes: its hierarchy is read once and lives as long as it does.
_HIERARCHY_OF: WeakKeyDictionary[Snapshot, Hierarchy] = WeakKeyDictionary()


def _read(snapshot: Snapshot) -> Hierarchy:
    general: defaultdict[Term, set[Term]] = defaultdict(set)
    beneath: defaultdict[Term, set[NamedNode]] = defaultdict(set)
    inverse: defaultdict[Term, set[NamedNode]] = defaultdict(set)
    for special, above, is_inverse in snapshot.query(_HIERARCHY).rows():
        if not isinstance(special, NamedNode) or not isinstance(above, NamedNode):
            continue
        if special == above:
            continue
        if is_inverse == Literal(value=True):
            inverse[special].add(above)
            inverse[above].add(special)
        else:
            general[special].add(above)
            beneath[above].add(special)
    return Hierarchy(dict(general), dict(beneath), dict(inverse))
