"""Ontologies and graphs made at random, to compare two ways to reason over them."""

from __future__ import annotations

import random

from hypothesis import strategies as st
from pyoxigraph import NamedNode, RdfFormat, Triple, parse

from kg.terms import OWL, RDFS, SUB_CLASS_OF, TYPE
from tests.rules_cases import PREFIXES

EXAMPLE = "https://example.org/"


def turtle(text: str) -> list[Triple]:
    quads = parse(input=PREFIXES + text, format=RdfFormat.TURTLE)
    return [quad.triple for quad in quads]


CLASSES = st.sampled_from([":A", ":B", ":C", ":D", ":E"])
PROPERTIES = st.sampled_from([":p", ":q", ":r", ":s"])
DATA_PROPERTIES = st.sampled_from([":d", ":e"])
THINGS = st.sampled_from([":t", ":u", ":v", ":w", ":x", ":y"])
VALUES = st.sampled_from(["'one'", "'two'@en", "1", "2.5"])
PATHS = PROPERTIES | PROPERTIES.map("[ owl:inverseOf {} ]".format)


def listed(items, least=2):
    return st.lists(items, min_size=least, max_size=3, unique=True).map(" ".join)


def restriction(what, filler):
    return st.builds(f"[ owl:onProperty {{}} ; {what} {{}} ]".format, PATHS, filler)


def sub_expressions(inner):
    return (
        listed(inner).map("[ owl:intersectionOf ( {} ) ]".format)
        | listed(inner).map("[ owl:unionOf ( {} ) ]".format)
        | restriction("owl:someValuesFrom", inner | st.just("owl:Thing"))
    )


SUB = st.recursive(
    CLASSES
    | listed(THINGS).map("[ owl:oneOf ( {} ) ]".format)
    | restriction("owl:hasValue", THINGS),
    sub_expressions,
    max_leaves=4,
)


def sup_expressions(inner):
    return (
        listed(inner).map("[ owl:intersectionOf ( {} ) ]".format)
        | restriction("owl:allValuesFrom", inner)
        | SUB.map("[ owl:complementOf {} ]".format)
        | restriction("owl:onClass", SUB).map(
            lambda text: text.replace("owl:onClass", "owl:maxQualifiedCardinality"
                                      " '0'^^xsd:nonNegativeInteger ; owl:onClass", 1)
        )
    )  # fmt: skip


SUP = st.recursive(
    CLASSES
    | restriction("owl:hasValue", THINGS)
    | restriction("owl:maxCardinality", st.just("'0'^^xsd:nonNegativeInteger")),
    sup_expressions,
    max_leaves=4,
)
BOTH = (
    CLASSES
    | listed(CLASSES).map("[ owl:intersectionOf ( {} ) ]".format)
    | restriction("owl:hasValue", THINGS)
)
CHAINS = st.lists(PATHS, min_size=1, max_size=4).map(" ".join)
RULED = st.one_of(
    st.builds("{} rdfs:subClassOf {} .".format, SUB, SUP),
    st.builds("{} owl:equivalentClass {} .".format, CLASSES, BOTH),
    st.builds("{} rdfs:domain {} .".format, PATHS | DATA_PROPERTIES, SUP),
    st.builds("{} rdfs:range {} .".format, PATHS, SUP),
    st.builds("{} rdfs:subPropertyOf {} .".format, PATHS, PATHS),
    st.builds("{} rdfs:subPropertyOf {} .".format, DATA_PROPERTIES, DATA_PROPERTIES),
    st.builds("{} owl:equivalentProperty {} .".format, PROPERTIES, PROPERTIES),
    st.builds("{} owl:inverseOf {} .".format, PROPERTIES, PROPERTIES),
    st.builds("{} a owl:SymmetricProperty .".format, PROPERTIES),
    st.builds("{} a owl:TransitiveProperty .".format, PROPERTIES),
    st.builds("{} owl:propertyChainAxiom ( {} ) .".format, PROPERTIES, CHAINS),
)
KEPT_APART = st.one_of(
    st.builds("{} owl:disjointWith {} .".format, CLASSES, CLASSES),
    st.builds("[] a owl:AllDisjointClasses ; owl:members ( {} ) .".format,
              listed(CLASSES, 3)),
    st.builds("{} owl:propertyDisjointWith {} .".format, PROPERTIES, PROPERTIES),
    st.builds("{} a owl:AsymmetricProperty .".format, PROPERTIES),
    st.builds("{} a owl:IrreflexiveProperty .".format, PROPERTIES),
    st.builds(
        "[] a owl:NegativePropertyAssertion ; owl:sourceIndividual {} ;"
        " owl:assertionProperty {} ; owl:targetIndividual {} .".format,
        THINGS, PROPERTIES, THINGS,
    ),
)  # fmt: skip
STATEMENTS = st.one_of(
    st.builds("{} a {} .".format, THINGS, CLASSES),
    st.builds("{} {} {} .".format, THINGS, PROPERTIES, THINGS),
    st.builds("{} {} {} .".format, THINGS, PROPERTIES, THINGS),
    st.builds("{} {} {} .".format, THINGS, DATA_PROPERTIES, VALUES),
)
ONTOLOGIES = st.builds(
    lambda ruled, apart: turtle(" ".join(ruled + apart)),
    st.lists(RULED, min_size=1, max_size=6),
    st.lists(KEPT_APART, max_size=2),
)
GRAPHS = st.lists(STATEMENTS, min_size=1, max_size=12).map(" ".join).map(turtle)


def small_world(ontology, seed):
    """Two individuals of each class, and each property used twice where it fits."""
    chance = random.Random(seed)
    above = supers(ontology)
    classes = [cls for cls in declared(ontology, "Class") if isinstance(cls, NamedNode)]
    things = {
        NamedNode(f"{EXAMPLE}{number}"): cls for number, cls in enumerate(classes * 2)
    }
    world = [Triple(thing, TYPE, cls) for thing, cls in things.items()]
    for prop in declared(ontology, "ObjectProperty"):
        subjects, values = (
            [thing for thing, cls in things.items() if wanted <= above[cls]]
            for wanted in (
                ends(ontology, prop, "domain"),
                ends(ontology, prop, "range"),
            )
        )
        world += [
            Triple(chance.choice(subjects), prop, chance.choice(values))
            for _ in range(2)
        ]
    return world


def declared(ontology, kind):
    found = NamedNode(f"{OWL}{kind}")
    return [t.subject for t in ontology if t.predicate == TYPE and t.object == found]


def ends(ontology, prop, end):
    wanted = NamedNode(f"{RDFS}{end}")
    return {t.object for t in ontology if t.subject == prop and t.predicate == wanted}


def supers(ontology):
    """Every class with all its superclasses and itself."""
    parents: dict[object, set[object]] = {}
    for t in ontology:
        parents.setdefault(t.subject, set())
        if t.predicate == SUB_CLASS_OF:
            parents[t.subject].add(t.object)
    above: dict[object, set[object]] = {}
    for cls in parents:
        above[cls], waiting = {cls}, [cls]
        while waiting:
            new = parents.get(waiting.pop(), set()) - above[cls]
            above[cls] |= new
            waiting += new
    return above
