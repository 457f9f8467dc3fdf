"""Why a triple holds: reasons, what stands behind them, what is near; `kg.why`."""

from __future__ import annotations

import json
import re
import time
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rdflib import PROV, RDF, Dataset, Graph, URIRef

from kg.asked import asked_triple
from kg.errors import ParameterError, UnknownEntityError
from kg.formats import Kind, by_name, for_kind
from kg.gate.view import in_graph
from kg.prefixes import shorten
from kg.rules import compile_rules, find_reasons
from kg.terms import (
    BASE,
    EXQ,
    INFERRED,
    LABEL,
    MERGED_VIEW,
    OA,
    ONTOLOGY,
    RDFS,
    TYPE,
    Literal,
    NamedNode,
    Triple,
)
from kg.why import why
from kg.why_forms import why_json, why_rdf
from tests.rules_worlds import GRAPHS, RULED, turtle
from tests.small_store import EX, add, open_small
from tests.test_rules import triple
from tests.test_rules_stored import Table

LAASSEL, KENYA = (
    NamedNode(f"{BASE}id/abderrazzak-laassel"),
    NamedNode(f"{BASE}id/kenya"),
)
ENVOY_TO = NamedNode(f"{EXQ}envoyTo")
ENVOY = Triple(LAASSEL, ENVOY_TO, KENYA)
HANDOVER = NamedNode(f"{BASE}id/handover-of-salman-al-khalidi")
CLAIMED = Triple(HANDOVER, TYPE, NamedNode(f"{EXQ}Extradition"))


def ex(name):
    return NamedNode(f"{EX}{name}")


# --- all minimal reasons ----------------------------------------------------------

CASES = {
    "a diamond": (
        ":A rdfs:subClassOf :B , :C . :B rdfs:subClassOf :D . :C rdfs:subClassOf :D .",
        ":x a :A .",
        ":x a :D .",
        [":x a :A ."],
    ),
    "two arms": (
        ":B rdfs:subClassOf :D . :C rdfs:subClassOf :D .",
        ":x a :B , :C .",
        ":x a :D .",
        [":x a :B .", ":x a :C ."],
    ),
    "a circle of classes": (
        ":A rdfs:subClassOf :B . :B rdfs:subClassOf :A .",
        ":x a :A .",
        ":x a :B .",
        [":x a :A ."],
    ),
    "an inverse there and back": (
        ":p owl:inverseOf :q .",
        ":x :p :y . :y :q :x .",
        ":x :p :y .",
        [":x :p :y .", ":y :q :x ."],
    ),
    "a chain": (
        ":r owl:propertyChainAxiom ( :p :q ) .",
        ":x :p :y , :v . :y :q :z . :v :q :z .",
        ":x :r :z .",
        [":x :p :y . :y :q :z .", ":x :p :v . :v :q :z ."],
    ),
    "a short and a long way": (
        ":p a owl:TransitiveProperty .",
        ":w :p :x , :z . :x :p :y . :y :p :z .",
        ":w :p :z .",
        [":w :p :z .", ":w :p :x . :x :p :y . :y :p :z ."],
    ),
    "a ring": (
        ":p a owl:TransitiveProperty .",
        ":x :p :y . :y :p :z . :z :p :x .",
        ":x :p :x .",
        [":x :p :y . :y :p :z . :z :p :x ."],
    ),
    "a symmetric property": (
        ":p a owl:SymmetricProperty .",
        ":x :p :y .",
        ":y :p :x .",
        [":x :p :y ."],
    ),
    "what the ontology says of an individual": (
        ":p rdfs:domain :A . :x :p :y .",
        ":x :p :z .",
        ":x a :A .",
        [""],
    ),
}


def reasons(ontology, data, wanted, limit=100, **options):
    rules, stated = compile_rules(turtle(ontology)), turtle(data)
    table = Table(stated, rules.materialise(stated).inferred)
    return find_reasons(rules, table, triple(wanted), limit, **options)


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_all_minimal_reasons_are_found_the_shortest_first(case):
    ontology, data, wanted, minimal = case
    found = reasons(ontology, data, wanted)
    stated = set(turtle(data))
    leaves = [set(reason.asserted()) & stated for reason in found.found]
    assert sorted(map(len, leaves)) == list(map(len, leaves))
    assert sorted(leaves, key=str) == sorted((set(turtle(m)) for m in minimal), key=str)
    assert found.complete


def test_a_limit_says_that_there_are_more():
    data = ":x a :B , :C ."
    ontology = ":B rdfs:subClassOf :D . :C rdfs:subClassOf :D ."
    found = reasons(ontology, data, ":x a :D .", limit=1)
    assert len(found.found) == 1
    assert not found.complete
    assert reasons(ontology, data, ":x a :D .", limit=2).complete


def test_a_rule_names_the_triple_that_states_its_axiom():
    for ontology in (":p rdfs:domain :A .", ":p a owl:SymmetricProperty ."):
        rules = compile_rules(turtle(ontology)).rules
        made = [rule for rule in rules if rule.stated]
        assert {rule.stated for rule in made} == set(turtle(ontology))


def test_the_search_ends_and_still_finds_a_reason_around_a_hub():
    data = " ".join(f":x :p :y{n} . :y{n} :p :z ." for n in range(2000))
    began = time.monotonic()
    found = reasons(":p a owl:TransitiveProperty .", data, ":x :p :z .", limit=5)
    assert time.monotonic() - began < 20
    assert 1 <= len(found.found) <= 5
    assert not found.complete


def test_no_time_at_all_gives_up_quietly():
    data = " ".join(f":x{n} :p :x{n + 1} ." for n in range(60))
    ontology = ":p a owl:TransitiveProperty ."
    found = reasons(ontology, data, ":x0 :p :x60 .", seconds=0.0)
    assert not found.complete


@given(st.lists(RULED, min_size=1, max_size=5).map(" ".join), GRAPHS, st.data())
@settings(max_examples=60, deadline=None)
def test_reasons_hold_and_without_what_they_rest_on_nothing_follows(ruled, graph, data):
    rules = compile_rules(turtle(ruled))
    inferred = rules.materialise(graph).inferred
    if not inferred:
        return
    wanted = data.draw(st.sampled_from(sorted(inferred, key=str)))
    found = find_reasons(rules, Table(graph, inferred), wanted, 60)
    stated = set(graph)
    assert found.found
    for reason in found.found:
        leaves = set(reason.asserted()) & stated
        assert wanted in rules.materialise(leaves).inferred
        for leaf in leaves:
            assert wanted not in rules.materialise(leaves - {leaf}).inferred
    if found.complete:
        used = {leaf for reason in found.found for leaf in reason.asserted()}
        assert all(not reason.is_asserted for reason in found.found)
        rest = rules.materialise(stated - used).inferred
        given_alone = rules.materialise([]).inferred
        assert wanted in given_alone or wanted not in rest


# --- what stands behind them ------------------------------------------------------


def test_what_follows_leads_to_the_passages_that_state_its_premises(snapshot):
    found = why(snapshot, ENVOY)
    assert found.holds
    assert not found.is_stated
    assert found.complete
    (reason,) = found.reasons
    root, *rest = reason.steps
    assert root.rule
    assert root.rule.stated
    assert root.triple == ENVOY
    assert root.rule.name == "prp-spo2"
    assert ENVOY_TO in root.rule.terms
    assert root.rule.stated.predicate.value.endswith("propertyChainAxiom")
    leaves = [step for step in rest if step.rule is None]
    assert len(leaves) == reason.size == 3
    for step in leaves:
        for passage in step.stated:
            assert in_graph(step.triple, passage.graph) in snapshot
            assert passage.article
            assert passage.article.value == passage.graph.value.partition("#")[0]
            assert passage.title
            assert 0 <= (passage.start or 0) < (passage.end or 0)
            assert re.fullmatch("[0-9a-f]{64}", passage.digest)


def test_every_inferred_triple_of_the_shipped_facts_is_explained(snapshot):
    inferred = sorted((quad.triple for quad in snapshot.quads(graph=INFERRED)), key=str)
    for wanted in inferred[:: max(1, len(inferred) // 60)]:
        found = why(snapshot, wanted, limit=3)
        assert found.reasons, wanted
        for reason in found.reasons:
            for step in reason.steps:
                assert in_graph(step.triple, MERGED_VIEW) in snapshot
                assert bool(step.stated) is (step.rule is None)


def test_what_several_graphs_state_names_them_all(small_store):
    graph = open_small(small_store)
    add(graph, 'ex:cove a ex:Town ; rdfs:label "Cove"@en ; ex:within ex:land .')
    add(graph, "ex:cove ex:within ex:land .", where="chart")
    found = why(graph.snapshot(), Triple(ex("cove"), ex("within"), ex("land")))
    assert [s.graph for s in found.reasons[0].steps[0].stated] == [
        ex("atlas"),
        ex("chart"),
    ]
    assert found.is_stated


def test_what_is_stated_and_follows_too_has_both_reasons(small_store):
    graph = open_small(small_store)
    add(graph, "ex:port ex:near ex:bay . ex:bay ex:near ex:port .")
    found = why(graph.snapshot(), Triple(ex("port"), ex("near"), ex("bay")))
    assert [reason.is_stated for reason in found.reasons] == [True, False]
    (step,) = found.reasons[1].steps[1:]
    assert step.triple == Triple(ex("bay"), ex("near"), ex("port"))
    rule = found.reasons[1].steps[0].rule
    assert rule
    assert rule.name == "prp-symp"


def test_what_the_ontology_states_is_explained_by_it(snapshot):
    for predicate in ("subClassOf", "domain", "label"):
        quads = snapshot.quads(None, NamedNode(f"{RDFS}{predicate}"), None, ONTOLOGY)
        wanted = min((q.triple for q in quads), key=str)
        found = why(snapshot, wanted)
        assert found.holds
        (source,) = found.reasons[0].steps[0].stated
        assert source.graph == ONTOLOGY
        assert source.label == "the ontology"


def test_a_number_may_be_written_in_another_way(snapshot):
    ordinal = NamedNode(f"{EXQ}ordinal")
    quad = next(iter(snapshot.quads(None, ordinal, Literal(5), MERGED_VIEW)))
    integer = Literal("05", datatype=Literal(5).datatype)
    assert why(snapshot, Triple(quad.subject, ordinal, integer)).holds


def test_a_claim_is_not_a_fact_and_has_a_maker(snapshot):
    found = why(snapshot, CLAIMED)
    assert not found.holds
    assert not found.reasons
    (claim,) = found.claims
    assert claim.makers
    assert claim.text
    assert all(passage.ordinal for passage in claim.passages)


def test_what_does_not_hold_has_neighbours(snapshot):
    found = why(snapshot, Triple(LAASSEL, ENVOY_TO, NamedNode(f"{BASE}id/morocco")))
    assert not found.holds
    assert found.near[0] == ENVOY
    assert all(in_graph(near, MERGED_VIEW) in snapshot for near in found.near)
    assert {NamedNode(f"{EXQ}officialOf")} <= {near.predicate for near in found.near}


def test_a_reason_is_a_tree_in_which_nothing_is_told_twice(small_store):
    graph = open_small(small_store)
    names = [f"ex:w{n}" for n in range(40)]
    chain = " ".join(f"{a} ex:within {b} ." for a, b in pairwise(names))
    add(graph, chain)
    found = why(graph.snapshot(), Triple(ex("w0"), ex("within"), ex("w39")), limit=1)
    lines = list(found.reasons[0].lines())
    told = [line.number for line in lines if not line.repeated]
    assert sorted(told) == list(range(len(found.reasons[0].steps)))
    assert found.reasons[0].size == 39


# --- names ------------------------------------------------------------------------


@pytest.mark.parametrize(
    "texts",
    [
        ("Abderrazzak Laassel", "envoy to", "Kenya"),
        ("abderrazzak-laassel", "envoyTo", "kenya"),
        ("id:abderrazzak-laassel", "exq:envoyTo", "id:kenya"),
        (str(LAASSEL), str(ENVOY_TO), str(KENYA)),
        (LAASSEL.value, ENVOY_TO.value, KENYA.value),
        ("abderrazzak laassel", "exq:envoyTo", "Nairobi"),
    ],
)
def test_each_term_may_be_named_in_several_ways(snapshot, texts):
    assert asked_triple(snapshot, *texts) == ENVOY


@pytest.mark.parametrize(
    ("predicate", "text", "value"),
    [
        ("exq:isoAlpha3", '"KEN"', Literal("KEN")),
        ("exq:isoAlpha3", "KEN", Literal("KEN")),
        ("rdfs:label", '"Kenya"@en', Literal("Kenya", language="en")),
        ("label", "Kenya", Literal("Kenya", language="en")),
        ("rdf:type", "exq:State", NamedNode(f"{EXQ}State")),
        ("a", "state", NamedNode(f"{EXQ}State")),
        ("exq:isoAlpha3", "KEX", Literal("KEX")),
        ("exq:isoAlpha3", "'5'^^xsd:integer", Literal(5)),
    ],
)
def test_a_value_may_be_a_literal(snapshot, predicate, text, value):
    found = asked_triple(snapshot, "Kenya", predicate, text)
    assert found.object == value


def test_a_misspelt_term_gets_its_neighbours(snapshot):
    cases = {
        ("kenia", "envoy to", "Kenya"): ("the subject", KENYA),
        ("id:keniya", "envoy to", "Kenya"): ("the subject", KENYA),
        ("kenya", "exq:envoyT", "Kenya"): ("the predicate", ENVOY_TO),
        ("abderrazzak-laassel", "envoy to", "kenia"): ("the object", KENYA),
        ("abderrazzak-laassel", "envoy to", "qqq"): ("the object", KENYA),
    }
    for texts, (where, near) in cases.items():
        with pytest.raises(UnknownEntityError) as caught:
            asked_triple(snapshot, *texts)
        assert caught.value.where == where
        assert near.value in {iri for iri, _ in caught.value.candidates}
        assert shorten(near.value) in caught.value.advice


@pytest.mark.parametrize("text", ['"open', '"a" . <urn:x> <urn:y> "b"', '"a", "b"'])
def test_a_literal_that_cannot_be_read_is_refused(snapshot, text):
    with pytest.raises(ParameterError, match="not a literal"):
        asked_triple(snapshot, "Kenya", "rdfs:label", text)


@pytest.mark.parametrize("text", ["", " ", "<", "<>", "\ud800", "_:b0", "id:", "a b<c"])
def test_what_cannot_be_a_name_is_nothing_known(snapshot, text):
    with pytest.raises(UnknownEntityError):
        asked_triple(snapshot, text, "envoy to", "Kenya")


# --- for programs -----------------------------------------------------------------


def test_json_has_the_steps_with_rules_premises_and_places(snapshot):
    written = json.loads(json.dumps(why_json(why(snapshot, ENVOY))))
    assert written["subject"] == {
        "type": "uri",
        "value": LAASSEL.value,
        "label": "Abderrazzak Laassel",
    }
    assert (written["holds"], written["stated"], written["complete"]) == (1, 0, 1)
    (reason,) = written["reasons"]
    for step in reason["steps"]:
        assert ("rule" in step) is ("premises" in step) is ("stated" not in step)
        assert all(0 < n < len(reason["steps"]) for n in step.get("premises", ()))
        for source in step.get("stated", ()):
            assert {"article", "title", "passage", "start", "end", "digest"} <= {
                *source
            }
    assert written["claims"] == written["near"] == written["elsewhere"] == []


def test_json_tells_claims_and_neighbours_of_what_does_not_hold(snapshot):
    written = json.loads(json.dumps(why_json(why(snapshot, CLAIMED))))
    assert written["holds"] is False
    assert written["claims"][0]["makers"][0]["label"]
    assert written["near"][0]["subject"]["value"] == HANDOVER.value


ENDS = {
    "wasDerivedFrom": ("Entity", "Entity"),
    "wasGeneratedBy": ("Entity", "Activity"),
    "hadPrimarySource": ("Entity", "Entity"),
    "used": ("Activity", "Entity"),
    "wasAssociatedWith": ("Activity", "SoftwareAgent"),
    "qualifiedAssociation": ("Activity", "Association"),
    "agent": ("Association", "SoftwareAgent"),
    "hadPlan": ("Association", "Plan"),
}
"""Properties of PROV-O with the classes of what they relate (the domain and range)."""

KINDS = {name for ends in ENDS.values() for name in ends}
no_matter = pytest.mark.filterwarnings("ignore::DeprecationWarning")
"""rdflib uses what it deprecates."""


@pytest.mark.parametrize(
    "wanted", [ENVOY, Triple(KENYA, TYPE, NamedNode(f"{EXQ}State"))]
)
def test_rdf_keeps_to_the_vocabulary_of_prov(snapshot, wanted):
    data = why_rdf(snapshot, why(snapshot, wanted), by_name("turtle"), base=BASE)
    graph: Any = Graph().parse(data=data, format="turtle")
    for subject, predicate, value in graph:
        if predicate.startswith(PROV):
            name = predicate.removeprefix(str(PROV))
            of, to = ENDS[name]
            assert (subject, RDF.type, PROV[of]) in graph, (name, subject)
            assert (value, RDF.type, PROV[to]) in graph, (name, value)
        if predicate == RDF.type and value.startswith(PROV):
            assert value.removeprefix(str(PROV)) in KINDS


def test_rdf_leads_from_the_triple_to_passages_with_their_places(snapshot):
    data = why_rdf(snapshot, why(snapshot, ENVOY), by_name("turtle"), base=BASE)
    graph = Graph().parse(data=data, format="turtle")
    (root,) = (
        node
        for node in graph.subjects(RDF.predicate, URIRef(ENVOY_TO.value))
        if (node, RDF.object, URIRef(KENYA.value)) in graph
    )
    reached = set(graph.transitive_objects(root, PROV.wasDerivedFrom))
    sources = {s for one in reached for s in graph.objects(one, PROV.hadPrimarySource)}
    assert sources
    for source in sources:
        (place,) = graph.objects(source, URIRef(f"{OA}hasSelector"))
        assert (place, URIRef(f"{OA}start"), None) in graph
        assert (source, URIRef(f"{EXQ}passageDigest"), None) in graph
    chain = next(
        graph.objects(
            predicate=URIRef("http://www.w3.org/1999/02/22-rdf-syntax-ns#first")
        )
    )
    assert str(chain).startswith(EXQ)


@no_matter
@pytest.mark.parametrize("entry", for_kind(Kind.GRAPH), ids=lambda entry: entry.name)
def test_every_syntax_of_rdf_is_written_the_same_each_time(snapshot, entry):
    data = why_rdf(snapshot, why(snapshot, ENVOY), entry, base=BASE)
    assert data == why_rdf(snapshot, why(snapshot, ENVOY), entry, base=BASE)
    names = {"ntriples": "nt", "rdfxml": "xml", "jsonld": "json-ld"}
    read = Dataset().parse(data=data, format=names.get(entry.name, entry.name))
    assert len(read) > 20


@no_matter
def test_a_format_for_datasets_has_each_triple_in_its_graphs(snapshot):
    data = why_rdf(snapshot, why(snapshot, ENVOY), by_name("nquads"), base=BASE)
    read: Any = Dataset(default_union=False)
    read.parse(data=data, format="nquads")
    wanted = tuple(URIRef(term.value) for term in ENVOY)
    assert (*wanted, URIRef(INFERRED.value)) in read
    (passage, *_) = why(snapshot, ENVOY).reasons[0].steps[-1].stated
    assert len(read.graph(URIRef(passage.graph.value))) >= 1


def test_labels_of_unlabelled_graphs_and_literals_are_told(snapshot):
    found = why(snapshot, Triple(KENYA, LABEL, Literal("Kenya", language="en")))
    assert {source.label for source in found.reasons[0].steps[0].stated} >= {
        "background knowledge"
    }
