"""The ontology as a graph of axioms, and the class expressions in it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from kg.errors import AxiomError
from kg.rules import vocabulary as v
from kg.rules.words import listed, name
from kg.terms import OWL, RDFS, TYPE, BlankNode, Literal, NamedNode

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from kg.terms import Node, Term, Triple

Expression: TypeAlias = (
    "Named | Datatypes | AllOf | AnyOf | OneOf | Not | Some | Only | Value | NoValue"
)

MAX_COUNT_ADVICE = "identity is never inferred here; limit the number with sh:maxCount"


@dataclass(frozen=True, slots=True)
class Path:
    """A property, or the inverse of one."""

    prop: NamedNode
    inverted: bool = False

    def __str__(self) -> str:
        return f"inverse {name(self.prop)}" if self.inverted else name(self.prop)


@dataclass(frozen=True, slots=True)
class Named:
    """A class by its name."""

    cls: NamedNode

    def __str__(self) -> str:
        return name(self.cls)


@dataclass(frozen=True, slots=True)
class Datatypes:
    """The values that lie in all of the datatypes."""

    names: tuple[str, ...]

    def __str__(self) -> str:
        return " and ".join(name(NamedNode(iri)) for iri in self.names)


@dataclass(frozen=True, slots=True)
class AllOf:
    """The members of all *parts*."""

    parts: tuple[Expression, ...]

    def __str__(self) -> str:
        return f"({' and '.join(map(str, self.parts))})"


@dataclass(frozen=True, slots=True)
class AnyOf:
    """The members of any of *parts*."""

    parts: tuple[Expression, ...]

    def __str__(self) -> str:
        return f"({' or '.join(map(str, self.parts))})"


@dataclass(frozen=True, slots=True)
class OneOf:
    """The individuals listed."""

    members: tuple[Node, ...]

    def __str__(self) -> str:
        return f"{{{', '.join(map(name, self.members))}}}"


@dataclass(frozen=True, slots=True)
class Not:
    """What is not in *part*."""

    part: Expression

    def __str__(self) -> str:
        return f"not {self.part}"


@dataclass(frozen=True, slots=True)
class Some:
    """What *path* relates to some *filler*."""

    path: Path
    filler: Expression

    def __str__(self) -> str:
        return f"({self.path} some {self.filler})"


@dataclass(frozen=True, slots=True)
class Only:
    """What *path* relates to nothing but *filler*."""

    path: Path
    filler: Expression

    def __str__(self) -> str:
        return f"({self.path} only {self.filler})"


@dataclass(frozen=True, slots=True)
class Value:
    """What *path* relates to *value*."""

    path: Path
    value: Term

    def __str__(self) -> str:
        return f"({self.path} value {name(self.value)})"


@dataclass(frozen=True, slots=True)
class NoValue:
    """What *path* relates to no *filler* at all."""

    path: Path
    filler: Expression

    def __str__(self) -> str:
        return f"({self.path} max 0 {self.filler})"


class OntologyGraph:
    """The triples of an ontology, with its lists, properties and expressions read.

    `terms` collects the classes, properties and datatypes met on the way.
    """

    def __init__(self, triples: Iterable[Triple]) -> None:
        self.triples = sorted(set(triples), key=str)
        self.terms: set[Term] = set()
        self._objects: dict[tuple[Term, NamedNode], list[Term]] = {}
        for subject, predicate, value in self.triples:
            self._objects.setdefault((subject, predicate), []).append(value)
        self._open: list[Term] = []

    def objects(self, subject: Term, predicate: NamedNode) -> list[Term]:
        """Return what *predicate* relates *subject* to."""
        return self._objects.get((subject, predicate), [])

    def object(self, subject: Term, predicate: NamedNode) -> Term:
        """Return the one thing that *predicate* relates *subject* to, or raise."""
        found = self.objects(subject, predicate)
        if len(found) != 1:
            raise AxiomError(
                f"{name(subject)} must have exactly one {name(predicate)},"
                f" and has {len(found)}"
            )
        return found[0]

    def items(self, head: Term) -> tuple[Term, ...]:
        """Return the members of the list that starts at *head*, or raise."""
        found: list[Term] = []
        seen: set[Term] = set()
        while head != v.NIL:
            if head in seen:
                raise AxiomError("a list runs in a circle")
            seen.add(head)
            found.append(self.object(head, v.FIRST))
            head = self.object(head, v.REST)
        return tuple(found)

    def path(self, term: Term) -> Path:
        """Return the property that *term* names or is an inverse of, or raise."""
        if isinstance(term, BlankNode):
            inner = self.path(self.object(term, v.INVERSE_OF))
            return Path(inner.prop, not inner.inverted)
        if not isinstance(term, NamedNode) or _is_no_property(term):
            raise AxiomError(f"{name(term)} is no property that an axiom can be about")
        self.terms.add(term)
        return Path(term)

    def expression(self, term: Term) -> Expression:
        """Return the class that *term* names or describes, or raise."""
        if isinstance(term, NamedNode):
            return self._named(term)
        if not isinstance(term, BlankNode):
            raise AxiomError(f"{name(term)} is no class")
        return self.description(term)

    def description(self, node: Node) -> Expression:
        """Return the class expression that is written at *node*, or raise."""
        if node in self._open:
            raise AxiomError("a class expression contains itself")
        found = [
            (predicate, value)
            for predicate in sorted(v.CLASS_EXPRESSIONS, key=str)
            for value in self.objects(node, predicate)
        ]
        if len(found) != 1:
            raise AxiomError(self._not_one_expression(node, found))
        self._open.append(node)
        predicate, value = found[0]
        expression = _READERS[predicate.value.removeprefix(OWL)](self, node, value)
        self._open.pop()
        return expression

    def _named(self, term: NamedNode) -> Expression:
        declared = self.objects(term, TYPE)
        if v.is_datatype(term) or NamedNode(f"{RDFS}Datatype") in declared:
            return Datatypes((term.value,))
        if term in v.AXIOM_KINDS or term.value == f"{RDFS}Literal":
            raise AxiomError(f"{name(term)} is no class that an axiom can be about")
        self.terms.add(term)
        return Named(term)

    def _not_one_expression(
        self, node: Node, found: list[tuple[NamedNode, Term]]
    ) -> str:
        if found:
            return "two class expressions are written at one blank node"
        reserved = sorted(
            name(predicate)
            for subject, predicate in self._objects
            if subject == node
            and v.is_reserved(predicate)
            and predicate not in {TYPE, v.ON_PROPERTY}
        )
        if not reserved:
            return "a blank node stands where a class is expected"
        return f"{listed(reserved)} is not covered by the rules"


def _is_no_property(term: NamedNode) -> bool:
    return v.is_reserved(term) and term not in v.ANNOTATIONS


def _read_all_of(graph: OntologyGraph, _node: Node, value: Term) -> Expression:
    parts = tuple(graph.expression(item) for item in graph.items(value))
    ranges = [part for part in parts if isinstance(part, Datatypes)]
    if parts and len(ranges) == len(parts):
        return Datatypes(tuple(iri for part in ranges for iri in part.names))
    return parts[0] if len(parts) == 1 else AllOf(parts)


def _read_any_of(graph: OntologyGraph, _node: Node, value: Term) -> Expression:
    parts = tuple(graph.expression(item) for item in graph.items(value))
    return parts[0] if len(parts) == 1 else AnyOf(parts)


def _read_one_of(graph: OntologyGraph, _node: Node, value: Term) -> Expression:
    members = graph.items(value)
    if any(isinstance(member, Literal) for member in members):
        raise AxiomError(
            "owl:oneOf over literals is not covered by the rules",
            advice="list the values with sh:in",
        )
    return OneOf(tuple(m for m in members if not isinstance(m, Literal)))


def _read_not(graph: OntologyGraph, _node: Node, value: Term) -> Expression:
    return Not(graph.expression(value))


def _read_some(graph: OntologyGraph, node: Node, value: Term) -> Expression:
    return Some(_on_property(graph, node), graph.expression(value))


def _read_only(graph: OntologyGraph, node: Node, value: Term) -> Expression:
    return Only(_on_property(graph, node), graph.expression(value))


def _read_value(graph: OntologyGraph, node: Node, value: Term) -> Expression:
    return Value(_on_property(graph, node), value)


def _read_max(graph: OntologyGraph, node: Node, value: Term) -> Expression:
    _require_zero(value, "owl:maxCardinality")
    return NoValue(_on_property(graph, node), Named(v.THING))


def _read_qualified_max(graph: OntologyGraph, node: Node, value: Term) -> Expression:
    _require_zero(value, "owl:maxQualifiedCardinality")
    fillers = [
        filler
        for part in ("onClass", "onDataRange")
        for filler in graph.objects(node, NamedNode(f"{OWL}{part}"))
    ]
    if len(fillers) != 1:
        raise AxiomError("owl:maxQualifiedCardinality needs one owl:onClass")
    return NoValue(_on_property(graph, node), graph.expression(fillers[0]))


def _on_property(graph: OntologyGraph, node: Node) -> Path:
    return graph.path(graph.object(node, v.ON_PROPERTY))


def _require_zero(value: Term, what: str) -> None:
    if not isinstance(value, Literal) or value.value.lstrip("+0") != "":
        count = value.value if isinstance(value, Literal) else name(value)
        raise AxiomError(
            f"{what} {count} is not covered by the rules", advice=MAX_COUNT_ADVICE
        )


_READERS: dict[str, Callable[[OntologyGraph, Node, Term], Expression]] = {
    "allValuesFrom": _read_only,
    "complementOf": _read_not,
    "hasValue": _read_value,
    "intersectionOf": _read_all_of,
    "maxCardinality": _read_max,
    "maxQualifiedCardinality": _read_qualified_max,
    "oneOf": _read_one_of,
    "someValuesFrom": _read_some,
    "unionOf": _read_any_of,
}
