"""Reasoning: what follows, what clashes and why, in agreement with owlrl."""

from __future__ import annotations

import re
from functools import cache
from itertools import chain, pairwise

import pytest
from hypothesis import given, settings
from owlrl import OWLRL_Semantics
from pyoxigraph import BlankNode, Literal, NamedNode, RdfFormat, Triple, parse
from rdflib import Graph, URIRef

from kg.errors import AxiomError
from kg.files import data_folder, sorted_files
from kg.gate import in_view
from kg.rdflib_terms import to_rdflib
from kg.rules import ClashKind, Explanation, RuleSet, compile_rules
from kg.rules.closure import Closure
from kg.rules.datatypes import is_well_formed, lies_in
from kg.terms import OWL, RDFS, SKOS, TYPE, XSD
from tests.rules_cases import CONTRADICTIONS, INFERENCES, REFUSALS
from tests.rules_worlds import EXAMPLE, GRAPHS, ONTOLOGIES, small_world, turtle

USELESS = {NamedNode(f"{OWL}Thing"), NamedNode(f"{RDFS}Resource")}
READ_BY_PEOPLE = {
    NamedNode(f"{namespace}{name}")
    for namespace, names in {
        RDFS: ("label", "isDefinedBy"),
        SKOS: ("definition", "example", "scopeNote"),
    }.items()
    for name in names
}


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
    found: set[ClashKind] = set()
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


def test_a_quoted_triple_is_a_value_like_a_literal():
    rules = compile_rules(turtle(":p rdfs:subPropertyOf :q ; rdfs:range :A ."))
    quoted = triple(":u :v :w .")
    node, prop = NamedNode(f"{EXAMPLE}x"), NamedNode(f"{EXAMPLE}p")
    closure = rules.materialise([Triple(node, prop, quoted)])
    assert set(closure.inferred) == {Triple(node, NamedNode(f"{EXAMPLE}q"), quoted)}


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
    ("-0004-02-29", "date", "date", True),
    ("-0003-02-29", "date", "", False),
    (f"{'9' * 9_996}2004-02-29", "date", "date", True),
    (f"{'9' * 9_996}2100-02-29", "date", "", False),
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
    added = {
        quad.triple
        for quad in parse(input=written(set(graph) - given), format=RdfFormat.TURTLE)
    }
    return added, list(semantics.error_messages)


def written(triples):
    """Turtle, of what RDF can say: a literal is no subject."""
    return "\n".join(
        f"{s.n3()} {p.n3()} {o.n3()} ."
        for s, p, o in triples
        if isinstance(s, URIRef) and isinstance(p, URIRef)
    )


def name(term: object) -> str:
    return term.value if isinstance(term, NamedNode) else ""


def is_useful(found: Triple, rules: RuleSet) -> bool:
    reserved = (OWL, RDFS, XSD, "http://www.w3.org/1999/02/22-rdf-syntax-ns#")
    return (
        found.predicate.value != f"{OWL}sameAs"
        and found.subject not in rules.terms
        and not name(found.subject).startswith(reserved)
        and not (found.predicate == TYPE and isinstance(found.object, BlankNode))
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
            told.add(
                (*sorted(names), *sorted([first.subject.value, first.object.value]))
            )
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


@settings(max_examples=80, deadline=None, derandomize=True)
@given(ONTOLOGIES, GRAPHS)
def test_generated_graphs_close_as_with_owlrl(ontology, data):
    assert_agreement(ontology, data)


@pytest.mark.long
@settings(max_examples=1500, deadline=None)
@given(ONTOLOGIES, GRAPHS)
def test_many_generated_graphs_close_as_with_owlrl(ontology, data):
    assert_agreement(ontology, data)


def test_owlrl_passes_over_the_last_of_all_disjoint_properties():
    # Its loop ends one too early; the specification compares all pairs.
    ontology = turtle("[] a owl:AllDisjointProperties ; owl:members ( :p :q :r ) .")
    assert complaints_and_clashes(ontology, ":x :q :y ; :r :y .") == (0, 1)
    assert complaints_and_clashes(ontology, ":x :p :y ; :q :y .") == (1, 1)


def test_owlrl_does_not_know_values_of_literals():
    # It types a literal by its datatype alone; dt-type2 goes by the value.
    ontology = turtle(
        "[ owl:onProperty :p ; owl:someValuesFrom xsd:byte ] rdfs:subClassOf :A ."
    )
    data = turtle(":x :p 5 .")
    assert set(compile_rules(ontology).materialise(data).inferred) == {
        triple(":x a :A .")
    }
    assert triple(":x a :A .") not in closed_by_owlrl(ontology, data)[0]


def test_owlrl_does_not_judge_values_by_a_range():
    # It checks only the datatype that the literal itself has, not dt-not-type.
    ontology = turtle(":p rdfs:range xsd:nonNegativeInteger .")
    assert complaints_and_clashes(ontology, ":x :p -5 .") == (0, 1)


def test_owlrl_names_the_class_where_the_individual_belongs():
    # Its message for complementOf has the wrong one of two variables.
    ontology = turtle(":A rdfs:subClassOf [ owl:complementOf :B ] .")
    data = turtle(":x a :A , :B .")
    ((complaint,), (clash,)) = (
        closed_by_owlrl(ontology, data)[1],
        compile_rules(ontology).materialise(data).clashes,
    )
    assert complaint.endswith(f"on element {EXAMPLE}B")
    assert clash.focus == NamedNode(f"{EXAMPLE}x")


def test_owlrl_lets_two_values_of_a_functional_property_pass():
    # It makes the two literals one and says nothing; here the axiom is refused.
    ontology = turtle(":p a owl:FunctionalProperty .")
    assert closed_by_owlrl(ontology, turtle(":x :p 1 , 2 ."))[1] == []
    with pytest.raises(AxiomError, match="sh:maxCount"):
        compile_rules(ontology)


def test_owlrl_makes_one_of_two_whose_only_key_differs():
    # Its loop leaves out the last key, so a single key compares nothing.
    ontology = turtle(":A owl:hasKey ( :p ) .")
    theirs, _ = closed_by_owlrl(ontology, turtle(":x a :A ; :p 1 . :y a :A ; :p 2 ."))
    assert triple(":x owl:sameAs :y .") in theirs
    with pytest.raises(AxiomError, match="sh:maxCount"):
        compile_rules(ontology)


def complaints_and_clashes(ontology, text):
    data = turtle(text)
    complaints = closed_by_owlrl(ontology, data)[1]
    return len(complaints), len(compile_rules(ontology).materialise(data).clashes)


# The shipped ontology


@cache
def shipped_axioms() -> tuple[Triple, ...]:
    path = data_folder("ontology") / "exequatur.ttl"
    quads = parse(path=path, format=RdfFormat.TURTLE)
    return tuple(q.triple for q in quads if q.predicate not in READ_BY_PEOPLE)


@cache
def shipped_facts() -> tuple[Triple, ...]:
    concepts = parse(path=data_folder("ontology") / "concepts.ttl")
    facts = chain.from_iterable(
        parse(path=path) for path in sorted_files(data_folder("facts"), "*.trig")
    )
    stated = (quad for quad in facts if in_view(quad.graph_name))
    return tuple(dict.fromkeys(quad.triple for quad in chain(concepts, stated)))


def test_a_small_world_of_the_shipped_ontology_closes_as_with_owlrl():
    world = small_world(shipped_axioms(), seed=1)
    assert len(world) > 300
    assert_agreement(shipped_axioms(), world)


@pytest.mark.long
def test_the_shipped_facts_close_as_with_owlrl():
    assert_agreement(shipped_axioms(), shipped_facts())


def test_the_shipped_facts_clash_with_nothing():
    closure = compile_rules(shipped_axioms()).materialise(shipped_facts())
    assert [clash.message for clash in closure.clashes] == []
    assert len(closure.inferred) > len(shipped_facts()) / 2


# Why


def explained(closure: Closure, found: Triple) -> Explanation:
    explanation = closure.explain(found)
    assert explanation is not None
    return explanation


def test_an_explanation_leads_to_what_is_asserted():
    rules = compile_rules(
        turtle(
            ":officialOf owl:propertyChainAxiom ( :holdsPost :postOfState ) ."
            ":postOfState owl:propertyChainAxiom ( :postIn :organOf ) ."
            ":officialOf rdfs:subPropertyOf :actsFor ."
        )
    )
    data = turtle(":x :holdsPost :p . :p :postIn :o . :o :organOf :s . :u :v :w .")
    closure = rules.materialise(data)
    top = explained(closure, triple(":x :actsFor :s ."))
    rule = closure.inferred[top.triple].rule
    assert rule.name == "prp-spo1"
    assert rule.axiom.endswith(f"implies <{EXAMPLE}actsFor>")
    assert top.derivation == closure.inferred[top.triple]
    (official,) = top.premises
    assert official.triple == triple(":x :officialOf :s .")
    assert [part.triple for part in official.premises] == turtle(
        ":x :holdsPost :p . :p :postOfState :s ."
    )
    assert top.asserted() == tuple(data[:3])
    assert closure.grounds([top.triple]) == tuple(data[:3])
    assert official.premises[0].is_asserted


def test_what_is_asserted_needs_no_reason_and_what_does_not_hold_has_none():
    closure = compile_rules(turtle(":p rdfs:domain :A .")).materialise(
        turtle(":x :p :y .")
    )
    asserted = explained(closure, triple(":x :p :y ."))
    assert asserted.is_asserted
    assert asserted.asserted() == (triple(":x :p :y ."),)
    assert closure.explain(triple(":y a :A .")) is None
    assert triple(":x a :A .") in closure.inferred
    assert triple(":x :p :y .") not in closure.inferred
    with pytest.raises(KeyError):
        closure.inferred[triple(":x :p :y .")]


def test_a_class_expression_inside_another_is_not_told():
    rules = compile_rules(
        turtle(
            "[ owl:intersectionOf ( :A [ owl:unionOf ( :B [ owl:oneOf ( :z ) ] ) ] ) ]"
            " rdfs:subClassOf :D ."
        )
    )
    closure = rules.materialise(turtle(":x a :A , :B . :z a :A ."))
    assert set(closure.inferred) == set(turtle(":x a :D . :z a :D ."))
    assert closure.inferred[triple(":x a :D .")].premises == tuple(
        turtle(":x a :A , :B .")
    )
    assert closure.inferred[triple(":z a :D .")].premises == tuple(turtle(":z a :A ."))


def test_a_class_is_a_better_reason_than_a_domain():
    rules = compile_rules(
        turtle(":p rdfs:domain :B . :A rdfs:subClassOf :C . :C rdfs:subClassOf :B .")
    )
    closure = rules.materialise(turtle(":x :p :y ; a :A ."))
    assert closure.grounds([triple(":x a :B .")]) == (triple(":x a :A ."),)


def test_a_clash_rests_on_as_little_as_it_can_however_the_data_are_ordered():
    rules = compile_rules(
        turtle(
            ":before a owl:TransitiveProperty ; rdfs:domain :Event . "
            ":Event owl:disjointWith :Situation ."
        )
    )
    chain = turtle(":a :before :b . :b :before :c . :c :before :d . :a a :Situation .")
    for data in (chain, chain[::-1]):
        (clash,) = rules.materialise(data).clashes
        assert set(clash.asserted) == set(turtle(":a :before :b ; a :Situation ."))


def test_all_ways_to_a_triple_are_found():
    rules = compile_rules(turtle(":p rdfs:domain :A . :q rdfs:range :A ."))
    closure = rules.materialise(turtle(":x :p :y , :z . :w :q :x ."))
    ways = {way.premises for way in closure.derivations(triple(":x a :A ."))}
    assert ways == {(t,) for t in turtle(":x :p :y , :z . :w :q :x .")}
    assert list(closure.derivations(triple(":y a :A ."))) == []


def test_a_long_explanation_is_no_burden():
    rules = compile_rules(turtle(":p a owl:TransitiveProperty ."))
    node = [NamedNode(f"{EXAMPLE}{number}") for number in range(150)]
    prop = NamedNode(f"{EXAMPLE}p")
    data = [Triple(a, prop, b) for a, b in pairwise(node)]
    closure = rules.materialise(data)
    assert len(closure.inferred) == 149 * 148 / 2
    top = explained(closure, Triple(node[0], prop, node[-1]))
    assert set(top.asserted()) == set(data)


@settings(max_examples=100, deadline=None, derandomize=True)
@given(ONTOLOGIES, GRAPHS)
def test_every_step_is_valid_and_every_reason_is_grounded(ontology, data):
    rules = compile_rules(ontology)
    closure = rules.materialise(data)
    for found, derivation in closure.inferred.items():
        assert found not in derivation.premises
        assert found in rules.materialise(derivation.premises).inferred
        grounds = closure.grounds([found])
        assert set(grounds) <= set(data)
        assert set(explained(closure, found).asserted()) == set(grounds)
        assert found in rules.materialise(grounds).inferred
        assert derivation.premises in {d.premises for d in closure.derivations(found)}
    for clash in closure.clashes:
        assert set(clash.asserted) <= set(data)
        again = rules.materialise(clash.asserted).clashes
        assert clash.message in {other.message for other in again}
    turned = rules.materialise(list(data)[::-1]).clashes
    rests = {(c.axiom, c.message): set(c.asserted) for c in closure.clashes}
    assert {(c.axiom, c.message): set(c.asserted) for c in turned} == rests
