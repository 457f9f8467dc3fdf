"""The terms of RDF, RDFS and OWL that the rules know, sorted by what they mean."""

from __future__ import annotations

from kg.rules.datatypes import KNOWN
from kg.terms import OWL, RDF, RDFS, NamedNode


def owl(*names: str) -> frozenset[NamedNode]:
    """Return the terms of OWL with these names."""
    return frozenset(NamedNode(f"{OWL}{name}") for name in names)


def rdfs(*names: str) -> frozenset[NamedNode]:
    """Return the terms of RDF Schema with these names."""
    return frozenset(NamedNode(f"{RDFS}{name}") for name in names)


FIRST = NamedNode(f"{RDF}first")
REST = NamedNode(f"{RDF}rest")
NIL = NamedNode(f"{RDF}nil")

THING = NamedNode(f"{OWL}Thing")
NOTHING = NamedNode(f"{OWL}Nothing")
EVERYTHING = frozenset({THING, NamedNode(f"{RDFS}Resource")})

SAME_AS = NamedNode(f"{OWL}sameAs")
DIFFERENT_FROM = NamedNode(f"{OWL}differentFrom")
INVERSE_OF = NamedNode(f"{OWL}inverseOf")
ON_PROPERTY = NamedNode(f"{OWL}onProperty")

TOP_PROPERTIES = owl("topObjectProperty", "topDataProperty")

CLASS_EXPRESSIONS = owl(
    "allValuesFrom", "complementOf", "hasValue", "intersectionOf", "maxCardinality",
    "maxQualifiedCardinality", "oneOf", "someValuesFrom", "unionOf",
)  # fmt: skip
"""What a class expression is recognised by."""

EXPRESSION_PARTS = owl("onClass", "onDataRange", "onProperty") | {FIRST, REST}
"""What belongs to an expression or a list, and says nothing by itself."""

ANNOTATIONS = (
    owl(
        "annotatedProperty", "annotatedSource", "annotatedTarget",
        "backwardCompatibleWith", "deprecated", "incompatibleWith", "priorVersion",
        "versionIRI", "versionInfo",
    )
    | rdfs("comment", "isDefinedBy", "label", "member", "seeAlso")
    | {NamedNode(f"{RDF}{part}") for part in ("object", "predicate", "subject")}
    | {NamedNode(f"{RDF}value")}
)  # fmt: skip
"""Properties of the reserved vocabularies that data may use like any other."""

WITHOUT_EFFECT = owl("differentFrom", "distinctMembers", "members")
"""Read with the axiom they belong to; nothing follows where nothing is sameAs."""

TERM_KINDS = (
    owl(
        "AnnotationProperty", "Class", "DataRange", "DatatypeProperty",
        "DeprecatedClass", "DeprecatedProperty", "ObjectProperty", "Ontology",
        "OntologyProperty", "Restriction",
    )
    | rdfs("Class", "ContainerMembershipProperty", "Datatype")
    | {NamedNode(f"{RDF}Property")}
)  # fmt: skip
"""Classes whose members are terms of an ontology, or nodes of its syntax."""

OTHER_KINDS = (
    owl("AllDifferent", "Annotation", "Axiom", "NamedIndividual", "Thing")
    | rdfs("Container", "Literal", "Resource")
    | {NamedNode(f"{RDF}{name}") for name in ("Alt", "Bag", "List", "Seq", "Statement")}
)
"""Classes of the reserved vocabularies from which no rule concludes anything."""

AXIOM_PROPERTIES = (
    owl(
        "assertionProperty", "disjointUnionOf", "disjointWith", "equivalentClass",
        "equivalentProperty", "hasKey", "imports", "inverseOf", "propertyChainAxiom",
        "propertyDisjointWith", "sourceIndividual", "targetIndividual", "targetValue",
    )
    | rdfs("domain", "range", "subClassOf", "subPropertyOf")
)  # fmt: skip
"""Properties that state an axiom; among data they would be passed over."""

AXIOM_KINDS = owl(
    "AllDisjointClasses", "AllDisjointProperties", "AsymmetricProperty",
    "FunctionalProperty", "InverseFunctionalProperty", "IrreflexiveProperty",
    "NegativePropertyAssertion", "ReflexiveProperty", "SymmetricProperty",
    "TransitiveProperty",
)  # fmt: skip
"""Classes to belong to which is an axiom."""


def is_reserved(term: object) -> bool:
    """Tell whether *term* is of RDF, RDFS or OWL."""
    return isinstance(term, NamedNode) and term.value.startswith((OWL, RDF, RDFS))


def is_datatype(term: object) -> bool:
    """Tell whether *term* is one of the datatypes whose values are told apart."""
    return isinstance(term, NamedNode) and term.value in KNOWN
