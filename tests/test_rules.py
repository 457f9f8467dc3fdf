"""Reasoning: what follows, what clashes and why, in agreement with owlrl."""

from __future__ import annotations

import random
import re
from functools import cache
from itertools import chain, combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from owlrl import OWLRL_Semantics
from pyoxigraph import BlankNode, Literal, NamedNode, RdfFormat, Triple, parse
from rdflib import Graph, URIRef

from kg.errors import AxiomError
from kg.files import data_folder, sorted_files
from kg.gate import in_view
from kg.rules import ClashKind, RuleSet, compile_rules
from kg.rules.datatypes import is_well_formed, lies_in
from kg.terms import OWL, RDFS, SKOS, SUB_CLASS_OF, TYPE, XSD, from_rdflib, to_rdflib
from tests.rules_cases import CONTRADICTIONS, INFERENCES, PREFIXES, REFUSALS

EXAMPLE = "https://example.org/"
USELESS = {NamedNode(f"{OWL}Thing"), NamedNode(f"{RDFS}Resource")}
READ_BY_PEOPLE = {
    NamedNode(f"{namespace}{name}")
    for namespace, names in {
        RDFS: ("label", "isDefinedBy"),
        SKOS: ("definition", "example", "scopeNote"),
    }.items()
    for name in names
}


def turtle(text: str) -> list[Triple]:
    quads = parse(input=PREFIXES + text, format=RdfFormat.TURTLE)
    return [quad.triple for quad in quads]


def triple(text: str) -> Triple:
    (found,) = turtle(text)
    return found


def by_name(cases):
    return pytest.mark.parametrize("case", cases, ids=lambda case: case.name)


# Each rule by itself


@by_name(INFERENCES)
def test_exactly_this_follows(case):
    closure = compile_rules(turtle(case.ontology)).materialise(turtle(case.data))
    assert set(closure.inferred) == set(turtle(case.inferred))
    assert closure.clashes == ()


@by_name(CONTRADICTIONS)
def test_exactly_this_clashes(case):
    closure = compile_rules(turtle(case.ontology)).materialise(turtle(case.data))
    (clash,) = closure.clashes
    assert set(clash.premises) == set(turtle(case.premises))
    assert set(clash.asserted) <= set(turtle(case.data))
    assert clash.focus in {t.subject for t in clash.premises}
    assert case.words in clash.message


@by_name(REFUSALS)
def test_axiom_is_refused_by_name(case):
    with pytest.raises(AxiomError) as caught:
        compile_rules(turtle(case.ontology))
    assert case.words in str(caught.value)
    assert caught.value.where.startswith("axiom ")


def test_every_kind_of_clash_has_a_case():
    found = set()
    for case in CONTRADICTIONS:
        closure = compile_rules(turtle(case.ontology)).materialise(turtle(case.data))
        found.update(clash.kind for clash in closure.clashes)
    assert found == set(ClashKind)


def test_the_ontology_given_among_the_data_changes_nothing():
    ontology = turtle(
        ":A rdfs:subClassOf :B . :p a owl:SymmetricProperty . :x a :A ."
        ":C owl:equivalentClass [ owl:intersectionOf ( :A :B ) ] ."
    )
    closure = compile_rules(ontology).materialise(ontology)
    assert closure.clashes == ()
    assert set(closure.inferred) == set(turtle(":x a :B , :C ."))


def test_the_same_rule_from_two_axioms_is_one():
    once = compile_rules(turtle(":p rdfs:domain :A ."))
    twice = compile_rules(
        turtle(
            ":p rdfs:domain :A . [ owl:onProperty :p ;"
            " owl:someValuesFrom owl:Thing ] rdfs:subClassOf :A ."
        )
    )
    assert len(once.rules) == len(twice.rules)


# Literals

INTEGER = "integer nonNegativeInteger positiveInteger long byte unsignedByte decimal"
LEXICAL = [
    # text, datatype, the XSD datatypes it lies in among those named, well formed
    ("5", "integer", INTEGER, True),
    ("5.0", "decimal", INTEGER, True),
    ("0.5", "decimal", "decimal", True),
    ("-1", "integer", "integer long byte decimal", True),
    ("0", "byte", "integer nonNegativeInteger long byte unsignedByte decimal", True),
    ("300", "integer", "integer nonNegativeInteger positiveInteger long decimal", True),
    ("300", "byte", "", False),
    ("one", "integer", "", False),
    ("1e0", "double", "double", True),
    ("1,0", "double", "", False),
    ("a", "string", "string token language NCName", True),
    ("a b", "token", "string token", True),
    ("a  b", "string", "string", True),
    ("true", "boolean", "boolean", True),
    ("yes", "boolean", "", False),
    ("2024-02-29", "date", "date", True),
    ("2023-02-29", "date", "", False),
    ("1900-02-29", "date", "", False),
    ("2024-01-01T00:00:00", "dateTime", "dateTime", True),
    ("2024-01-01T00:00:00Z", "dateTime", "dateTime dateTimeStamp", True),
    ("2024-01-01T00:00:00", "dateTimeStamp", "", False),
    ("--02-29", "gMonthDay", "gMonthDay", True),
    ("--02-30", "gMonthDay", "", False),
    ("2024", "gYear", "gYear", True),
    ("P1DT2H", "duration", "duration dayTimeDuration", True),
    ("P", "duration", "", False),
    ("0g", "hexBinary", "", False),
]
ASKED = sorted(set(chain.from_iterable(row[2].split() for row in LEXICAL)))


@pytest.mark.parametrize(("text", "datatype", "lies", "well_formed"), LEXICAL)
def test_a_value_lies_in_exactly_these_datatypes(text, datatype, lies, well_formed):
    literal = Literal(text, datatype=NamedNode(f"{XSD}{datatype}"))
    assert is_well_formed(literal) is well_formed
    found = {name for name in ASKED if lies_in(literal, [f"{XSD}{name}"])}
    assert found == set(lies.split())


def test_of_an_unknown_datatype_nothing_is_claimed():
    literal = Literal("v", datatype=NamedNode(f"{EXAMPLE}metres"))
    assert is_well_formed(literal)
    assert lies_in(literal, [f"{XSD}integer"]) is None
    assert lies_in(literal, [f"{EXAMPLE}metres"]) is True
    assert lies_in(literal, [f"{RDFS}Literal"]) is True


# Against owlrl


def closed_by_owlrl(ontology, data):
    """What owlrl adds that is of use, and its complaints."""
    graph = Graph()
    for part in [*ontology, *data]:
        graph.add((to_rdflib(part.subject), to_rdflib(part.predicate),
                   to_rdflib(part.object)))  # fmt: skip
    given = set(graph)
    semantics = OWLRL_Semantics(graph, axioms=False, daxioms=False, rdfs=False)
    semantics.closure()
    return {
        Triple(*map(from_rdflib, found))
        for found in set(graph) - given
        if isinstance(found[0], URIRef) and isinstance(found[1], URIRef)
    }, list(semantics.error_messages)


def is_useful(found: Triple, rules: RuleSet) -> bool:
    reserved = (OWL, RDFS, XSD, "http://www.w3.org/1999/02/22-rdf-syntax-ns#")
    return (
        found.predicate.value != f"{OWL}sameAs"
        and found.subject not in rules.terms
        and not found.subject.value.startswith(reserved)
        and not isinstance(found.object, BlankNode)
        and found.object not in USELESS
    )


def assert_agreement(ontology, data):
    rules = compile_rules(ontology)
    closure = rules.materialise(data)
    theirs, complaints = closed_by_owlrl(ontology, data)
    assert set(closure.inferred) == {t for t in theirs if is_useful(t, rules)}
    assert bool(closure.clashes) == bool(complaints), (closure.clashes, complaints)
    assert clashing(closure.clashes) == complained_of(complaints)


def clashing(clashes):
    """The clashes that owlrl tells by their terms, as it would tell them."""
    told = set()
    for clash in clashes:
        if clash.kind is ClashKind.DISJOINT_CLASSES:
            classes = sorted(premise.object.value for premise in clash.premises)
            told.add((*classes, clash.focus.value))
        elif clash.kind in {ClashKind.DISJOINT_PROPERTIES, ClashKind.ASYMMETRIC}:
            names = {premise.predicate.value for premise in clash.premises}
            first = clash.premises[0]
            told.add((*sorted(names), *sorted([first.subject.value, first.object.value])))
        elif clash.kind is ClashKind.IRREFLEXIVE:
            told.add((clash.premises[0].predicate.value, clash.focus.value))
    return told


PATTERNS = [
    r"Disjoint classes (?P<a>\S+) and (?P<b>\S+) have a common individual (?P<x>\S+)",
    r"Erroneous usage of disjoint properties (?P<a>\S+) and (?P<b>\S+)"
    r" on (?P<x>\S+) and (?P<y>\S+)",
    r"Disjoint properties in an 'AllDisjointProperties' are not really disjoint:"
    r" \((?P<x>\S+), (?P<a>[^,]+), ?(?P<y>[^,)]+)\)"
    r" and \([^,]+,(?P<b>[^,]+),[^,)]+\)",
    r"Erroneous usage of asymmetric property (?P<a>\S+) on (?P<x>\S+) and (?P<y>\S+)",
    r"Irreflexive property used on (?P<x>\S+) with (?P<a>\S+)",
]


def complained_of(complaints):
    told = set()
    for complaint in complaints:
        for pattern in PATTERNS:
            match = re.fullmatch(pattern, complaint)
            if match:
                found = match.groupdict()
                names = sorted({found["a"], found.get("b", found["a"])})
                things = sorted(found[key] for key in ("x", "y") if key in found)
                told.add((*names, *things))
    return told


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


@settings(max_examples=100, deadline=None, derandomize=True)
@given(ONTOLOGIES, GRAPHS)
def test_generated_graphs_close_as_with_owlrl(ontology, data):
    assert_agreement(ontology, data)


@pytest.mark.long
@settings(max_examples=3000, deadline=None)
@given(ONTOLOGIES, GRAPHS)
def test_many_generated_graphs_close_as_with_owlrl(ontology, data):
    assert_agreement(ontology, data)
