"""The shapes: each bites, says why, and together they cover the ontology."""

from __future__ import annotations

import re
from functools import cache

import pytest
import rdflib
from pyoxigraph import parse
from rdflib import OWL, RDF, RDFS, SH

from kg.prefixes import expand, shorten
from kg.report import Severity
from kg.shapes.lint import Outline
from kg.shapes.local import judge_change
from kg.terms import CONCEPTS, EXQ, EXSH, NamedNode, Quad
from kg.vocabulary import Vocabulary
from tests.judging import (
    EXAMPLES,
    ONTOLOGY,
    WORLD,
    facts,
    graph_of,
    hierarchy,
    judged,
    ontology,
    shape_triples,
    shapes,
    triples_of,
)
from tests.lookups import Memory

BAD = sorted(EXAMPLES.glob("*.bad.ttl"))
GOOD = sorted(EXAMPLES.glob("*.good.ttl"))


def name_of(path):
    return path.name.split(".")[0]


@pytest.fixture(scope="module")
def shapes_graph():
    return graph_of(shape_triples())


@pytest.fixture(scope="module")
def outline(shapes_graph):
    return Outline(shapes_graph)


# Examples


@cache
def world():
    return Memory(WORLD | hierarchy())


def findings(path):
    """Return what is found where the example comes to a world without findings.

    Judging the whole finds the same in them, as `test_footprints` says.
    """
    before = world()
    after = Memory(before.all | triples_of(path))
    verdict = judge_change(shapes(), before, after, after.all - before.all, set())
    assert verdict.before == []
    return {(short(f.shape), short(f.focus), f.message) for f in verdict.after}


def short(term):
    return shorten(term.value)


def expected(path):
    lines = path.read_text(encoding="utf-8").splitlines()
    marked = [line for line in lines if line.startswith("# expect: ")]
    parts = [line.removeprefix("# expect: ").split(" | ", 2) for line in marked]
    # A focus with a fragment that has no short form is written as a full IRI here.
    return {(s, shorten(expand(f) or f), message) for s, f, message in parts}


@pytest.mark.parametrize("path", GOOD, ids=name_of)
def test_a_good_example_conforms(path):
    assert findings(path) == set()


@pytest.mark.parametrize("path", BAD, ids=name_of)
def test_a_bad_example_has_exactly_the_findings_it_expects(path):
    wanted = expected(path)
    assert f"exsh:{name_of(path)}" in {shape for shape, _, _ in wanted}
    assert findings(path) == wanted


def test_each_shape_with_a_target_has_a_good_and_a_bad_example(shapes_graph):
    targets = (
        SH.targetClass, SH.targetNode, SH.targetObjectsOf, SH.targetSubjectsOf
    )  # fmt: skip
    nodes = {node for target in targets for node in shapes_graph.subjects(target)}
    names = {str(node).removeprefix(EXSH) for node in nodes}
    assert {name_of(path) for path in GOOD} == names
    assert {name_of(path) for path in BAD} == names


def test_each_shape_that_can_report_is_violated_in_an_example(outline):
    reporting = outline.constrained & outline.reporting
    violated = {expand(shape) for path in BAD for shape, _, _ in expected(path)}
    assert violated == {str(node) for node in reporting}


def test_the_world_of_the_examples_conforms():
    assert shapes().validate(WORLD | hierarchy()) == []


# What the shapes cover


def iris(graph, predicate, value):
    return {str(s) for s in graph.subjects(predicate, value)}


def superclasses(graph, cls):
    return {
        str(c) for c in graph.transitive_objects(rdflib.URIRef(cls), RDFS.subClassOf)
    }


@pytest.fixture(scope="module")
def terms():
    return graph_of(ontology())


def test_each_class_of_the_ontology_has_a_shape(terms, shapes_graph):
    classes = {c for c in iris(terms, RDF.type, OWL.Class) if c.startswith(EXQ)}
    targeted = {str(cls) for cls in shapes_graph.objects(None, SH.targetClass)}
    assert classes <= targeted


def demanded_classes(graph, shape):
    """The classes of which *shape* demands one, by sh:class or sh:or."""
    direct = {str(cls) for cls in graph.objects(shape, SH["class"])}
    choice = graph.objects(shape, SH["or"])
    parts = [part for value in choice for part in graph.items(value)]
    return direct | {str(c) for part in parts for c in graph.objects(part, SH["class"])}


def properties_with(terms, predicate):
    for prop, cls in terms.subject_objects(predicate):
        if str(prop).startswith(EXQ) and not str(cls).startswith(str(rdflib.XSD)):
            yield prop, str(cls)


def own_shapes(graph, prop):
    """The shape that is aimed at the subjects of *prop*, and the one of its values."""
    for shape in graph.subjects(SH.targetSubjectsOf, prop):
        for value_shape in graph.objects(shape, SH.property):
            if (value_shape, SH.path, prop) in graph:
                return shape, value_shape
    pytest.fail(f"{prop} has no shape of its own")


def test_subjects_of_a_property_are_checked_against_its_domain(terms, shapes_graph):
    for prop, domain in properties_with(terms, RDFS.domain):
        shape, _ = own_shapes(shapes_graph, prop)
        demanded = demanded_classes(shapes_graph, shape)
        assert demanded, prop
        assert all(domain in superclasses(terms, cls) for cls in demanded), prop


def test_values_of_a_property_are_checked_against_its_range(terms, shapes_graph):
    other = {str(RDFS.Literal), str(rdflib.SKOS.Concept), str(rdflib.TIME.DayOfWeek)}
    for prop, cls in properties_with(terms, RDFS.range):
        _, shape = own_shapes(shapes_graph, prop)
        demanded = demanded_classes(shapes_graph, shape)
        assert demanded or cls in other, prop
        assert all(cls in superclasses(terms, found) for found in demanded), prop


def test_each_property_of_the_ontology_is_checked_at_both_ends(terms, shapes_graph):
    for kind in (OWL.ObjectProperty, OWL.DatatypeProperty):
        for prop in terms.subjects(RDF.type, kind):
            if str(prop).startswith(EXQ):
                own_shapes(shapes_graph, prop)


def test_shapes_use_only_terms_that_the_ontology_defines():
    quads = [Quad(*triple) for triple in shape_triples()]
    assert Vocabulary.of(ontology()).check(quads) == []


def test_queries_in_shapes_use_only_terms_that_the_ontology_defines(shapes_graph):
    known = {t.subject.value for t in ontology() if isinstance(t.subject, NamedNode)}
    for select in shapes_graph.objects(None, SH.select):
        used = {expand(name) for name in re.findall(r"exq:\w+", str(select))}
        assert used <= known


def test_a_term_named_in_a_message_is_defined(shapes_graph):
    known = {t.subject.value for t in ontology() if isinstance(t.subject, NamedNode)}
    for message in shapes_graph.objects(None, SH.message):
        used = {expand(name) for name in re.findall(r"exq:\w+", str(message))}
        assert used <= known, message


def test_shapes_stand_in_alphabetical_order():
    text = (ONTOLOGY / "shapes.ttl").read_text(encoding="utf-8")
    names = re.findall(r"^exsh:(\w+)$", text, re.MULTILINE)
    assert names == sorted(names)
    assert len(names) > 400


# The shipped data


def test_the_shipped_facts_conform():
    assert shapes().validate(judged(facts())) == []


def test_the_examples_of_the_treaty_desk_conform():
    concepts = {quad for quad in facts() if quad.graph_name == CONCEPTS}
    examples = set(parse(path=ONTOLOGY / "examples.trig"))
    found = shapes().validate(judged(concepts | examples))
    assert [f for f in found if f.severity is Severity.VIOLATION] == []
