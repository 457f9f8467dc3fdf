"""Of which kind a thing is: the label of its class, and the family it is drawn as."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from kg.terms import (
    EXQ,
    LABEL,
    MERGED_VIEW,
    SUB_CLASS_OF,
    TYPE,
    Literal,
    NamedNode,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from kg.store import Snapshot
    from kg.terms import Term

_FAMILY_OF: Mapping[str, str] = {
    "State": "state",
    "StateGroup": "state",
    "Person": "person",
    "PersonGroup": "person",
    "Organization": "organisation",
    "Event": "event",
    "InformationObject": "text",
    "Place": "place",
}
"""Families by the classes whose members they take in."""


@dataclass(frozen=True, slots=True)
class Kind:
    """The label of the most special class of a thing, "" for none, and its family."""

    label: str
    family: str


class Kinds:
    """The classes of a version of the graph; made once for it, by `of`."""

    def __init__(self, snapshot: Snapshot) -> None:
        self._general: defaultdict[str, set[str]] = defaultdict(set)
        self._labels: dict[str, str] = {}
        for quad in snapshot.quads(None, SUB_CLASS_OF, None, MERGED_VIEW):
            special, general = _name(quad.subject), _name(quad.object)
            if special and general and special != general:
                self._general[special].add(general)
            if special and special not in self._labels:
                label = _label(snapshot, NamedNode(f"{EXQ}{special}"))
                self._labels[special] = label or special

    @classmethod
    def of(cls, snapshot: Snapshot) -> Kinds:
        """Return the classes of *snapshot*."""
        found = _KINDS_OF.get(snapshot)
        if found is None:
            found = _KINDS_OF[snapshot] = cls(snapshot)
        return found

    def kind(self, snapshot: Snapshot, node: Term) -> Kind:
        """Return the kind of *node*."""
        if not isinstance(node, NamedNode):
            return Kind("", "other")
        types = snapshot.quads(node, TYPE, None, MERGED_VIEW)
        return self.kind_of(name for quad in types if (name := _name(quad.object)))

    def kind_of(self, classes: Iterable[str]) -> Kind:
        """Return the kind of what is in *classes*, by their names."""
        names = set(classes)
        general = {above for name in names for above in self._general.get(name, ())}
        special = sorted(self._labels.get(name, name) for name in names - general)
        return Kind(", ".join(special), self.family(names))

    def family(self, names: Iterable[str]) -> str:
        """Return the family of what is in the classes *names*, or below them."""
        above = {general for name in names for general in self._general.get(name, ())}
        found = {_FAMILY_OF[name] for name in {*names, *above} if name in _FAMILY_OF}
        return min(found, default="other")

    def below(self, name: str) -> list[str]:
        """Return the names of the classes below the one that is called so."""
        return sorted(one for one, above in self._general.items() if name in above)

    def label(self, name: str) -> str:
        """Return the label of the class *name*."""
        return self._labels.get(name, name)


# A version never changes, so its classes are read once and live as long as it does.
_KINDS_OF: WeakKeyDictionary[Snapshot, Kinds] = WeakKeyDictionary()


def _name(term: object) -> str:
    """Return the name of a class of ours, "" for any other."""
    is_own = isinstance(term, NamedNode) and term.value.startswith(EXQ)
    return term.value.removeprefix(EXQ) if is_own else ""  # type: ignore[attr-defined]


def _label(snapshot: Snapshot, node: NamedNode) -> str:
    labels = snapshot.quads(node, LABEL, None, MERGED_VIEW)
    return min(
        (q.object.value for q in labels if isinstance(q.object, Literal)), default=""
    )
