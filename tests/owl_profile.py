"""Whether a graph is an OWL 2 RL ontology: every triple must be a legal axiom."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from rdflib import OWL, RDF, RDFS, XSD, BNode, Graph, Literal, URIRef
from rdflib.collection import Collection

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from rdflib.term import Node

    Triple = tuple[Node, Node, Node]

DATATYPES = {
    RDF.PlainLiteral, RDF.XMLLiteral, RDFS.Literal,
    XSD.NCName, XSD.NMTOKEN, XSD.Name, XSD.anyURI, XSD.base64Binary, XSD.boolean,
    XSD.byte, XSD.dateTime, XSD.dateTimeStamp, XSD.decimal, XSD.double, XSD.float,
    XSD.hexBinary, XSD.int, XSD.integer, XSD.language, XSD.long, XSD.negativeInteger,
    XSD.nonNegativeInteger, XSD.nonPositiveInteger, XSD.normalizedString,
    XSD.positiveInteger, XSD.short, XSD.string, XSD.token, XSD.unsignedByte,
    XSD.unsignedInt, XSD.unsignedLong, XSD.unsignedShort,
}  # fmt: skip
BUILT_IN_ANNOTATIONS = {
    RDFS.comment, RDFS.isDefinedBy, RDFS.label, RDFS.seeAlso, OWL.deprecated,
    OWL.backwardCompatibleWith, OWL.incompatibleWith, OWL.priorVersion, OWL.versionInfo,
}  # fmt: skip
KINDS = {
    OWL.AnnotationProperty, OWL.Class, OWL.DatatypeProperty, OWL.NamedIndividual,
    OWL.ObjectProperty, OWL.Ontology,
}  # fmt: skip
ANATOMY = {
    OWL.allValuesFrom, OWL.complementOf, OWL.hasValue, OWL.intersectionOf,
    OWL.maxCardinality, OWL.maxQualifiedCardinality, OWL.members, OWL.oneOf,
    OWL.someValuesFrom, OWL.unionOf,
}  # fmt: skip
"""A blank node is one expression: it has exactly one of these."""
CLASHES = [
    {OWL.ObjectProperty, OWL.DatatypeProperty, OWL.AnnotationProperty},
    {OWL.Class, RDFS.Datatype},
]
NEEDS_SIMPLE = {
    OWL.AsymmetricProperty, OWL.FunctionalProperty, OWL.InverseFunctionalProperty,
    OWL.IrreflexiveProperty,
}  # fmt: skip
CHARACTERISTICS = {*NEEDS_SIMPLE, OWL.SymmetricProperty, OWL.TransitiveProperty}


class Profile:
    """The triples of one ontology, read as axioms."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self.understood: set[Node] = set()
        """Blank nodes that some legal axiom speaks of."""
        both: Callable[[Node, Node], bool] = self._same_kind
        self.axioms: dict[Node, Callable[[Node, Node], bool]] = {
            RDF.type: self._type,
            RDFS.domain: self._domain,
            RDFS.range: self._range,
            RDFS.subClassOf: lambda s, o: self.sub(s) and self.sup(o),
            RDFS.subPropertyOf: both,
            OWL.disjointWith: lambda s, o: self.sub(s) and self.sub(o),
            OWL.equivalentClass: lambda s, o: self.equivalent(s) and self.equivalent(o),
            OWL.equivalentProperty: both,
            OWL.imports: lambda s, o: isinstance(o, URIRef),
            OWL.inverseOf: lambda s, o: self._object(s) and self._object(o),
            OWL.propertyChainAxiom: self._chain,
            OWL.propertyDisjointWith: self._disjoint_properties,
            OWL.versionIRI: lambda s, o: isinstance(o, URIRef) and s != o,
        }

    def illegal(self) -> Iterator[str]:
        """Yield, for each triple that is no part of a legal axiom, what is wrong."""
        legal = {t for t in self.graph if self._is_axiom(t)}
        for triple in sorted(set(self.graph) - legal, key=str):
            if triple[0] not in self.understood:
                yield f"outside OWL 2 RL: {triple}"
        for name in sorted(set(self.graph.subjects()), key=str):
            if any(len(clash & self.kinds(name)) > 1 for clash in CLASHES):
                yield f"two kinds of thing at once: {name}"
        yield from irregular(self.graph)

    def kinds(self, node: Node) -> set[Node]:
        """Return what *node* is declared to be."""
        return set(self.graph.objects(node, RDF.type))

    # Class expressions: where each may stand is the heart of the profile.

    def sub(self, node: Node) -> bool:
        """Tell whether *node* may stand on the left of a class inclusion."""
        return self._expression(node, self.sub) or (
            self._parts(node, OWL.unionOf, self.sub)
            or self._parts(node, OWL.oneOf, lambda n: isinstance(n, URIRef))
            or self._restriction(node, OWL.someValuesFrom, self._sub_or_thing)
        )

    def sup(self, node: Node) -> bool:
        """Tell whether *node* may stand on the right of a class inclusion."""
        return self._expression(node, self.sup) or (
            self._complement(node)
            or self._restriction(node, OWL.allValuesFrom, self._sup_or_data)
            or any(
                self._restriction(node, limit, self._zero_or_one)
                for limit in (OWL.maxCardinality, OWL.maxQualifiedCardinality)
            )
        )

    def equivalent(self, node: Node) -> bool:
        """Tell whether *node* may stand in an equivalence of classes."""
        return self._expression(node, self.equivalent)

    def _expression(self, node: Node, part: Callable[[Node], bool]) -> bool:
        return (
            (isinstance(node, URIRef) and OWL.Class in self.kinds(node))
            or self._parts(node, OWL.intersectionOf, part)
            or self._restriction(node, OWL.hasValue, lambda value: True)
        )

    def _sub_or_thing(self, node: Node) -> bool:
        return node == OWL.Thing or node in DATATYPES or self.sub(node)

    def _sup_or_data(self, node: Node) -> bool:
        return node in DATATYPES or self.sup(node)

    def _zero_or_one(self, value: Node) -> bool:
        return isinstance(value, Literal) and value.toPython() in (0, 1)

    def _complement(self, node: Node) -> bool:
        parts = list(self.graph.objects(node, OWL.complementOf))
        return self._understand(node, len(parts) == 1 and self.sub(parts[0]))

    def _parts(self, node: Node, how: URIRef, part: Callable[[Node], bool]) -> bool:
        lists = list(self.graph.objects(node, how))
        good = len(lists) == 1 and all(part(item) for item in self._items(lists[0]))
        return self._understand(node, good)

    def _restriction(
        self, node: Node, how: URIRef, filler: Callable[[Node], bool]
    ) -> bool:
        fillers = list(self.graph.objects(node, how))
        properties = list(self.graph.objects(node, OWL.onProperty))
        good = len(fillers) == len(properties) == 1 and filler(fillers[0])
        good = good and (self._object(properties[0]) or self._data(properties[0]))
        good = good and all(
            self._sub_or_thing(c) for c in self.graph.objects(node, OWL.onClass)
        )
        if "ardinality" in how:
            good = good and properties[0] not in composite(self.graph)
        return self._understand(node, good)

    def _understand(self, node: Node, good: bool) -> bool:
        whole = len(ANATOMY & set(self.graph.predicates(node))) == 1
        if good and whole and isinstance(node, BNode):
            self.understood.add(node)
        return good and whole

    def _items(self, head: Node) -> list[Node]:
        cell: Node | None = head
        while isinstance(cell, BNode):
            self.understood.add(cell)
            cell = self.graph.value(cell, RDF.rest)
        return list(Collection(self.graph, head))

    # Axioms: one method for each predicate that needs more than a line.

    def _is_axiom(self, triple: Triple) -> bool:
        subject, predicate, value = triple
        if predicate in self.axioms:
            return self.axioms[predicate](subject, value)
        return isinstance(subject, URIRef) and self._annotation(predicate)

    def _type(self, subject: Node, kind: Node) -> bool:
        if kind in CHARACTERISTICS:
            bad = kind in NEEDS_SIMPLE and subject in composite(self.graph)
            return self._object(subject) and not bad
        if kind == OWL.AllDisjointClasses:
            return self._parts(subject, OWL.members, self.sub)
        if kind == OWL.AllDisjointProperties:
            return self._parts(subject, OWL.members, self._is_simple)
        declared = kind in KINDS and isinstance(subject, URIRef)
        is_individual = OWL.NamedIndividual in self.kinds(subject)
        return declared or (is_individual and self.sup(kind))

    def _domain(self, subject: Node, value: Node) -> bool:
        if self._annotation(subject):
            return isinstance(value, URIRef)
        return (self._object(subject) or self._data(subject)) and self.sup(value)

    def _range(self, subject: Node, value: Node) -> bool:
        if self._data(subject):
            return value in DATATYPES
        return self._object(subject) and self.sup(value)

    def _same_kind(self, one: Node, other: Node) -> bool:
        tests = (self._object, self._data, self._annotation)
        return any(test(one) and test(other) for test in tests)

    def _chain(self, subject: Node, chain: Node) -> bool:
        links = self._items(chain)
        named = all(self._object(link) for link in links)
        return self._object(subject) and named and len(links) > 1

    def _disjoint_properties(self, one: Node, other: Node) -> bool:
        simple = self._is_simple(one) and self._is_simple(other)
        return simple and self._same_kind(one, other)

    def _is_simple(self, node: Node) -> bool:
        known = self._object(node) or self._data(node)
        return known and node not in composite(self.graph)

    def _object(self, node: Node) -> bool:
        return OWL.ObjectProperty in self.kinds(node)

    def _data(self, node: Node) -> bool:
        return OWL.DatatypeProperty in self.kinds(node)

    def _annotation(self, node: Node) -> bool:
        declared = OWL.AnnotationProperty in self.kinds(node)
        return node in BUILT_IN_ANNOTATIONS or declared


def chains(graph: Graph) -> list[tuple[Node, list[Node]]]:
    """Return each property that has a chain, with the links of it."""
    found = graph.subject_objects(OWL.propertyChainAxiom)
    pairs = [(head, list(Collection(graph, body))) for head, body in found]
    return sorted(pairs, key=str)


def _reaches(edges: dict[Node, set[Node]], start: Node) -> set[Node]:
    found: set[Node] = set()
    waiting = [start]
    while waiting:
        for following in edges[waiting.pop()] - found:
            found.add(following)
            waiting.append(following)
    return found


def _wider(graph: Graph) -> dict[Node, set[Node]]:
    """Return what each property is directly included in, an inverse taken as equal."""
    edges: dict[Node, set[Node]] = defaultdict(set)
    for one, other in graph.subject_objects(RDFS.subPropertyOf):
        edges[one].add(other)
    for same in (OWL.inverseOf, OWL.equivalentProperty):
        for one, other in graph.subject_objects(same):
            edges[one].add(other)
            edges[other].add(one)
    return edges


def composite(graph: Graph) -> set[Node]:
    """Return the properties that OWL 2 DL bars from being disjoint or irreflexive."""
    edges = _wider(graph)
    starts = {head for head, _ in chains(graph)}
    starts |= set(graph.subjects(RDF.type, OWL.TransitiveProperty))
    return starts.union(*(_reaches(edges, start) for start in starts))


def irregular(graph: Graph) -> Iterator[str]:
    """Yield the chains for which OWL 2 DL finds no order of the properties."""
    wider = _wider(graph)
    before: dict[Node, set[Node]] = defaultdict(set)
    for head, links in chains(graph):
        for link in _smaller(head, links):
            before[link].add(head)
    for link in sorted(before, key=str):
        for head in sorted(_reaches(before, link), key=str):
            if head == link or link in _reaches(wider, head):
                yield f"irregular chains: {link} and {head}"


def _smaller(head: Node, links: list[Node]) -> list[Node]:
    """Return the links that must come before *head*, which may stand at one end."""
    if links == [head, head]:
        return []
    if links[0] == head:
        return links[1:]
    return links[:-1] if links[-1] == head else links
