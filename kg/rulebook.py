"""The shapes explained: what each demands, of what, and what it tells who breaks it."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from kg.prefixes import shorten
from kg.terms import RDF, SH, SHAPES, TYPE, BlankNode, Literal, NamedNode

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kg.store import Snapshot
    from kg.terms import Term

_MESSAGE, _SEVERITY = NamedNode(f"{SH}message"), NamedNode(f"{SH}severity")
_FIRST, _REST = NamedNode(f"{RDF}first"), NamedNode(f"{RDF}rest")
_TARGETS = {
    NamedNode(f"{SH}targetClass"): "each",
    NamedNode(f"{SH}targetNode"): "the thing",
    NamedNode(f"{SH}targetObjectsOf"): "objects of",
    NamedNode(f"{SH}targetSubjectsOf"): "subjects of",
}
_LEFT_OUT = {TYPE, _MESSAGE, _SEVERITY, NamedNode(f"{SH}prefixes")}
_PATHS = {
    NamedNode(f"{SH}inversePath"): "^{}",
    NamedNode(f"{SH}zeroOrMorePath"): "{}*",
    NamedNode(f"{SH}oneOrMorePath"): "{}+",
    NamedNode(f"{SH}zeroOrOnePath"): "{}?",
}
_DEEPEST = 20


@dataclass(frozen=True, slots=True)
class Part:
    """A value in words; *iri* where it is a thing that can be looked up."""

    text: str
    iri: str = ""


@dataclass(frozen=True, slots=True)
class Rule:
    """A shape that has a name: *targets* and *demands* are values by what they are.

    *within* are the shapes of which it is a part.
    """

    iri: str
    name: str
    messages: tuple[str, ...]
    severity: str
    targets: Mapping[str, tuple[Part, ...]]
    demands: Mapping[str, tuple[Part, ...]]
    within: tuple[Part, ...]


def rulebook(snapshot: Snapshot) -> list[Rule]:
    """Return the shapes that have a name, in alphabetical order."""
    reading = _Reading(snapshot)
    return [reading.rule(shape) for shape in reading.shapes()]


class _Reading:
    def __init__(self, snapshot: Snapshot) -> None:
        self._said: defaultdict[Term, list[tuple[NamedNode, Term]]] = defaultdict(list)
        self._within: defaultdict[Term, set[Part]] = defaultdict(set)
        for quad in sorted(snapshot.quads(graph=SHAPES), key=str):
            subject, value = cast("Term", quad.subject), cast("Term", quad.object)
            self._said[subject].append((quad.predicate, value))
        for shape in self.shapes():
            for part in self._reached(shape):
                self._within[part].add(Part(_local(shape.value), shape.value))

    def shapes(self) -> list[NamedNode]:
        found = [
            node
            for node, said in self._said.items()
            if isinstance(node, NamedNode) and any(_is_demand(name) for name, _ in said)
        ]
        return sorted(found, key=lambda node: (node.value.casefold(), node.value))

    def rule(self, shape: NamedNode) -> Rule:
        targets: defaultdict[str, list[Part]] = defaultdict(list)
        demands: defaultdict[str, list[Part]] = defaultdict(list)
        for predicate, value in self._said[shape]:
            if predicate in _TARGETS:
                targets[_TARGETS[predicate]].append(self._part(value))
            elif predicate not in _LEFT_OUT:
                demands[_local(predicate.value)].append(self._part(value))
        return Rule(
            iri=shape.value,
            name=_local(shape.value),
            messages=tuple(self._texts(shape, _MESSAGE)),
            severity=" ".join(map(_local, self._texts(shape, _SEVERITY))),
            targets={name: tuple(found) for name, found in targets.items()},
            demands={name: tuple(found) for name, found in demands.items()},
            within=tuple(sorted(self._within[shape], key=lambda part: part.text)),
        )

    def _texts(self, shape: NamedNode, wanted: NamedNode) -> list[str]:
        return [
            value.value
            for predicate, value in self._said[shape]
            if predicate == wanted and isinstance(value, NamedNode | Literal)
        ]

    def _reached(self, shape: NamedNode) -> set[Term]:
        """Return the named nodes that *shape*, or its nameless parts, lead to."""
        found: set[Term] = set()
        open_: list[Term] = [shape]
        while open_:
            for _, value in self._said.get(open_.pop(), ()):
                if value not in found:
                    found.add(value)
                    open_ += [value] if isinstance(value, BlankNode) else []
        return found

    def _part(self, value: Term) -> Part:
        iri = value.value if isinstance(value, NamedNode) else ""
        return Part(self._text(value, 0), iri)

    def _text(self, value: Term, depth: int) -> str:
        if isinstance(value, NamedNode):
            return shorten(value.value)
        if isinstance(value, Literal):
            return value.value
        said = self._said.get(value, [])
        if depth == _DEEPEST or not said:
            return "…"
        if _FIRST in dict(said):
            return f"({' '.join(self._list(value, depth))})"
        (first, inner), *others = said
        if first in _PATHS and not others:
            return _PATHS[first].format(self._text(inner, depth + 1))
        told = (
            f"{_local(predicate.value)} {self._text(one, depth + 1)}"
            for predicate, one in said
            if predicate not in _LEFT_OUT
        )
        return f"[ {' ; '.join(told)} ]"

    def _list(self, node: Term, depth: int) -> list[str]:
        found: list[str] = []
        seen: set[Term] = set()
        while node in self._said and node not in seen:
            seen.add(node)
            said = dict(self._said[node])
            if _FIRST in said:
                found.append(self._text(said[_FIRST], depth + 1))
            node = said.get(_REST, NamedNode(f"{RDF}nil"))
        return found


def _is_demand(name: NamedNode) -> bool:
    return name.value.startswith(SH) and name.value != f"{SH}declare"


def _local(iri: str) -> str:
    return iri[max(iri.rfind("#"), iri.rfind("/"), iri.rfind(":")) + 1 :]
