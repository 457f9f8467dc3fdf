"""The ontology's axioms: inside OWL 2 RL, inferring and refusing what they should."""

from __future__ import annotations

import re
from functools import cache
from itertools import combinations
from typing import TYPE_CHECKING

import pytest
from rdflib import OWL, RDF, Graph, URIRef
from rdflib.collection import Collection

from kg.files import sorted_files
from tests.ontology_files import (
    DATA,
    EG,
    EXQ,
    errors_after_closing,
    graphs_of,
    logic,
    ontology,
    own,
)
from tests.owl_profile import Profile, chains

if TYPE_CHECKING:
    from pathlib import Path

    from rdflib.term import Node


def test_every_axiom_is_inside_owl_2_rl():
    assert list(Profile(ontology()).illegal()) == []


def test_profile_allows_what_is_legal():
    assert list(Profile(Graph().parse(DATA / "profile/legal.ttl")).illegal()) == []


@pytest.mark.parametrize(
    "path", sorted((DATA / "profile").glob("*.bad.ttl")), ids=lambda p: p.name
)
def test_profile_refuses(path):
    expected = path.read_text(encoding="utf-8").splitlines()[1]
    findings = list(Profile(Graph().parse(path)).illegal())
    assert any(expected.removeprefix("# finds: ") in finding for finding in findings)


def test_nothing_is_functional_or_keyed():
    # Either would make two things one; that a value is single is for the shapes.
    kinds = set(ontology().objects(None, RDF.type))
    assert not kinds & {OWL.FunctionalProperty, OWL.InverseFunctionalProperty}
    assert not list(ontology().subject_objects(OWL.hasKey))


def test_every_class_and_property_can_have_an_instance():
    graph = Graph() + logic()
    for term in own(logic()):
        thing = URIRef(f"{EG}{term.removeprefix(EXQ)}")
        if (term, RDF.type, OWL.Class) in logic():
            graph.add((thing, RDF.type, term))
        elif (term, RDF.type, OWL.ObjectProperty) in logic():
            graph.add((thing + "-from", term, thing + "-to"))
    assert errors_after_closing(graph) == []


def chain_fixtures() -> list[Path]:
    return sorted((DATA / "chains").glob("*.trig"))


def chain_of(path: Path) -> tuple[Node, list[Node]]:
    """The chain that a fixture is about: the one whose links it gives."""
    used = set(graphs_of(path)[EG + "given"].predicates())
    head = EXQ[path.stem.partition("-")[0]]
    [chain] = [(h, c) for h, c in chains(ontology()) if h == head and set(c) == used]
    return chain


@pytest.mark.parametrize("path", chain_fixtures(), ids=lambda p: p.stem)
def test_chain_infers(path):
    head, links = chain_of(path)
    graph, inferred = (
        graphs_of(path)[EG + "given"],
        set(graphs_of(path)[EG + "inferred"]),
    )
    before = set(graph)
    start = EG["chain"]
    graph.add((head, OWL.propertyChainAxiom, start))
    Collection(graph, start, links)
    assert errors_after_closing(graph) == []
    assert {triple for triple in graph if triple[1] == head} - before == inferred


def test_every_chain_has_a_fixture():
    tested = sorted((chain_of(path) for path in chain_fixtures()), key=str)
    assert tested == chains(ontology())


@cache
def refusals() -> str:
    graph = Graph() + logic()
    for path in sorted_files(DATA / "refused", "*.ttl"):
        graph.parse(path)
    return "\n".join(errors_after_closing(graph))


@pytest.mark.parametrize(
    "path", sorted_files(DATA / "refused", "*.ttl"), ids=lambda p: p.stem
)
def test_contradiction_is_refused(path):
    things = {str(t) for t in Graph().parse(path).subjects()}
    assert any(re.search(rf"{re.escape(t)}\b", refusals()) for t in things)


def disjoint_sets() -> list[list[str]]:
    heads = ontology().objects(None, OWL.members)
    return sorted([str(c) for c in Collection(ontology(), head)] for head in heads)


@pytest.mark.parametrize(
    "classes", disjoint_sets(), ids=lambda c: c[0].removeprefix(EXQ)
)
def test_every_disjointness_of_classes_has_a_fixture(classes):
    pairs = re.findall(r"(http\S+) and (http\S+) have a common", refusals())
    assert any({one, other} <= set(classes) for one, other in pairs)


@pytest.mark.parametrize(
    "kind", [OWL.AsymmetricProperty, OWL.IrreflexiveProperty, OWL.propertyDisjointWith]
)
def test_every_other_refusal_has_a_fixture(kind):
    properties = {str(p) for p in ontology().subjects(RDF.type, kind)}
    properties |= {str(p) for p in ontology().subjects(kind)}
    words = {OWL.AsymmetricProperty: "asymmetric", OWL.IrreflexiveProperty: "with"}
    for name in sorted(properties):
        word = words.get(kind, "disjoint properties")
        assert re.search(rf"{word}( property)? {re.escape(name)}\b", refusals()), name


def test_every_pair_of_disjoint_classes_is_kept_apart():
    graph = Graph() + logic()
    pairs = [pair for classes in disjoint_sets() for pair in combinations(classes, 2)]
    for number, pair in enumerate(pairs):
        for kind in pair:
            graph.add((EG[f"thing-{number}"], RDF.type, URIRef(kind)))
    messages = "\n".join(errors_after_closing(graph))
    kept = set(re.findall(r"thing-\d+", messages))
    assert kept == {f"thing-{number}" for number in range(len(pairs))}
