"""The ontology's form, documentation, use and concepts."""

from __future__ import annotations

import csv
import re
from functools import cache
from itertools import pairwise

import pytest
from rdflib import (
    DCTERMS,
    FOAF,
    ORG,
    OWL,
    PROV,
    RDF,
    RDFS,
    SDO,
    SKOS,
    TIME,
    VANN,
    XSD,
    Graph,
    Literal,
    URIRef,
)
from rdflib.namespace import GEO

from kg.files import data_folder, sorted_files
from kg.prefixes import prefixes
from tests.ontology_files import (
    DATA,
    EG,
    EXQ,
    FOLDER,
    ONTOLOGY,
    TEXTS,
    concepts,
    errors_after_closing,
    graphs_of,
    logic,
    merged,
    ontology,
    own,
)
from tests.owl_profile import chains

RULES = [path.stem for path in sorted_files(DATA / "hygiene", "*.rq")]
OTHERS = [DCTERMS, FOAF, GEO, ORG, OWL, PROV, RDF, RDFS, SDO, SKOS, TIME, VANN, XSD]
OTHER_TERMS = {
    "http://data.europa.eu/eli/ontology#": "LegalResource",
    "http://linkedevents.org/ontology/": "Event atPlace atTime involvedAgent",
    "http://semanticweb.cs.vu.nl/2009/11/sem/":
        "Event Time hasActor hasPlace hasTime",
    "http://www.w3.org/ns/oa#":
        "SpecificResource TextPositionSelector end hasSelector hasSource start",
}  # fmt: skip
"""The terms we use of vocabularies that rdflib does not know."""
SUPERTERMS = {
    "dct": "subject",
    "eli": "LegalResource",
    "foaf": "Agent Group Organization Person",
    "geo": "Feature sfWithin",
    "lode": "Event atPlace involvedAgent",
    "org": "Membership Organization Post heldBy holds member postIn",
    "prov": "Activity Agent Entity actedOnBehalfOf hadPrimarySource wasAssociatedWith "
    "wasAttributedTo",
    "schema": "Event Organization Person Place about location organizer",
    "sem": "Event hasActor hasPlace hasTime",
    "time": "TemporalEntity hasTime",
}
"""What readers who do not know our terms will query with."""


@cache
def allowed() -> set[tuple[str, str]]:
    with (DATA / "allowed.csv").open(encoding="utf-8", newline="") as file:
        return {(row["rule"], row["term"]) for row in csv.DictReader(file)}


def allowed_for(rule: str) -> set[str]:
    return {term for name, term in allowed() if name == rule}


def found(rule: str, graph: Graph) -> set[str]:
    query = (DATA / "hygiene" / f"{rule}.rq").read_text(encoding="utf-8")
    return {str(row[0]).removeprefix(EXQ) for row in graph.query(query)}  # type: ignore[index]


# Documentation and design


@pytest.mark.parametrize("rule", RULES)
def test_hygiene_rule_holds(rule):
    assert found(rule, ontology()) - allowed_for(rule) == set()


@pytest.mark.parametrize("rule", RULES)
def test_hygiene_rule_finds_each_wrong_term_and_no_other(rule):
    graph = Graph().parse(DATA / "hygiene" / f"{rule}.bad.ttl")
    names = {str(term).removeprefix(EXQ) for triple in graph for term in triple}
    wrong = {name for name in names if name.lower().startswith("wrong")}
    assert wrong
    assert found(rule, graph) == wrong


@pytest.mark.parametrize("rule", sorted({rule for rule, _ in allowed()}))
def test_allowance_is_still_needed(rule):
    findings = unused() if rule == "unused" else found(rule, ontology())
    assert allowed_for(rule) <= findings


def test_pitfalls_are_checked_by_rules_and_tests_that_exist():
    with (DATA / "pitfalls.csv").open(encoding="utf-8", newline="") as file:
        checks = {row["checked by"] for row in csv.DictReader(file)}
    assert checks <= {*RULES, *globals()}


def test_header_names_the_ontology():
    graph = ontology()
    assert list(graph.subjects(RDF.type, OWL.Ontology)) == [ONTOLOGY]
    assert graph.value(ONTOLOGY, VANN.preferredNamespacePrefix) == Literal("exq")
    assert graph.value(ONTOLOGY, VANN.preferredNamespaceUri) == Literal(str(EXQ))
    version = graph.value(ONTOLOGY, OWL.versionInfo)
    assert graph.value(ONTOLOGY, OWL.versionIRI) == URIRef(f"{ONTOLOGY}/{version}")
    licence = URIRef("https://creativecommons.org/licenses/by/4.0/")
    assert graph.value(ONTOLOGY, DCTERMS.license) == licence


def test_texts_mention_only_what_exists():
    known = {f"exq:{term.removeprefix(EXQ)}" for term in own(ontology())}
    base = prefixes()["id"]
    known |= {f"id:{str(c).removeprefix(base)}" for c in concepts().subjects()}
    texts = [str(text) for kind in TEXTS for text in ontology().objects(None, kind)]
    mentioned = set(re.findall(r"\b(?:exq|id):[\w-]+", " ".join(texts)))
    assert mentioned
    assert mentioned <= known


def test_terms_of_others_exist_there():
    known = {str(term) for space in OTHERS for term in dir(space)}
    known |= {base + t for base, terms in OTHER_TERMS.items() for t in terms.split()}
    used = {term for triple in ontology() for term in triple}
    iris = {str(term) for term in used if isinstance(term, URIRef)}
    strange = {iri for iri in iris - known if not iri.startswith(str(ONTOLOGY))}
    assert strange == {"https://creativecommons.org/licenses/by/4.0/"}


@pytest.mark.parametrize("prefix", SUPERTERMS)
def test_superterms_stand_above_terms_of_ours(prefix):
    for name in SUPERTERMS[prefix].split():
        term = URIRef(prefixes()[prefix] + name)
        below = set(ontology().subjects(RDFS.subClassOf, term))
        below |= set(ontology().subjects(RDFS.subPropertyOf, term))
        assert below & own(ontology()), term


def test_preferred_labels_are_labels():
    assert (SKOS.prefLabel, RDFS.subPropertyOf, RDFS.label) in ontology()


@pytest.mark.parametrize("name", ["exequatur.ttl", "concepts.ttl"])
def test_terms_stand_in_order_one_block_each(name):
    text = (FOLDER / name).read_text(encoding="utf-8")
    opened = re.findall(r"^((?:exq|id):\S+|\[\])$", text, re.MULTILINE)
    assert len(re.findall(r"^\S.*\n(?: .*\n)+\.\n", text, re.MULTILINE)) >= len(opened)
    named = [term for term in opened if term != "[]"]
    assert len(named) == len(set(named))
    for section in re.split(r"^# .*$", text, flags=re.MULTILINE):
        blocks = re.findall(r"^(?:exq|id):\S+$", section, re.MULTILINE)
        # A scheme stands before its concepts.
        in_order = blocks[1:] if name == "concepts.ttl" else blocks
        assert all(one < other for one, other in pairwise(in_order))


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.t*")), ids=lambda p: p.name)
def test_prefixes_agree_with_the_table(path):
    text = path.read_text(encoding="utf-8")
    declared = re.findall(r"^@prefix (\S*): <(\S+)> \.$", text, re.MULTILINE)
    assert declared == sorted(declared)
    for prefix, namespace in declared:
        assert prefixes()[prefix] == namespace
        assert re.search(rf"(?<![\w@]){prefix}:(?! <)", text), f"{prefix} is unused"


# Use


def seen_terms() -> set[str]:
    """The terms of ours that facts, examples and queries speak of."""
    trig = [FOLDER / "examples.trig", *sorted_files(data_folder("facts"), "*.trig")]
    seen = {str(term) for path in trig for triple in merged(path) for term in triple}
    for path in sorted_files(data_folder("queries"), "*.rq"):
        names = re.findall(r"\bexq:(\w+)", path.read_text(encoding="utf-8"))
        seen |= {str(EXQ[name]) for name in names}
    return {term for term in seen if term.startswith(EXQ)}


@cache
def unused() -> set[str]:
    """The terms that neither are seen nor follow from what is seen."""
    graph, used = ontology(), seen_terms()
    steps = [({str(a)}, str(b)) for p in (RDFS.subClassOf, RDFS.subPropertyOf)
             for a, b in graph.subject_objects(p)]  # fmt: skip
    for one, other in graph.subject_objects(OWL.inverseOf):
        steps += [({str(one)}, str(other)), ({str(other)}, str(one))]
    steps += [({str(link) for link in links}, str(h)) for h, links in chains(graph)]
    while new := {term for body, term in steps if body <= used} - used:
        used |= new
    return {term.removeprefix(EXQ) for term in own(graph) if str(term) not in used}


def test_every_term_is_used():
    assert unused() - allowed_for("unused") == set()


def test_examples_use_defined_terms_and_agree_with_the_ontology():
    graph = merged(FOLDER / "examples.trig")
    known = {str(term) for term in own(ontology())}
    terms = {str(term) for triple in graph for term in triple}
    assert {term for term in terms if term.startswith(EXQ)} <= known
    assert errors_after_closing(graph + logic()) == []


@pytest.mark.parametrize(
    "name",
    ["Signing", "Ratification", "Accession", "Reservation", "Withdrawal",
     "EntryIntoForce"],
)  # fmt: skip
def test_examples_show_what_a_treaty_desk_expects(name):
    graph = merged(FOLDER / "examples.trig")
    assert list(graph.subjects(RDF.type, EXQ[name]))
    assert list(graph.subject_objects(EXQ.hasDepositary))


def test_examples_are_kept_apart_from_the_facts():
    names = graphs_of(FOLDER / "examples.trig").keys()
    assert all(name.startswith(EG) for name in names)


# Concepts


def test_every_concept_has_a_scheme_a_label_and_a_definition():
    graph = concepts()
    schemes = set(graph.subjects(RDF.type, SKOS.ConceptScheme))
    for concept in graph.subjects(RDF.type, SKOS.Concept):
        assert set(graph.objects(concept, SKOS.inScheme)) <= schemes
        for kind in (SKOS.prefLabel, SKOS.definition, SKOS.inScheme):
            assert len(list(graph.objects(concept, kind))) == 1, (concept, kind)


@pytest.mark.parametrize("kind", [SKOS.prefLabel, SKOS.definition])
def test_no_two_concepts_of_a_scheme_are_alike(kind):
    seen = [(concepts().value(concept, SKOS.inScheme), str(text).lower())
            for concept, text in concepts().subject_objects(kind)]  # fmt: skip
    assert len(seen) == len(set(seen))


def test_concepts_are_related_both_ways_and_within_their_scheme():
    graph = concepts()
    for one, other in graph.subject_objects(SKOS.related):
        assert (other, SKOS.related, one) in graph
    for one, other in graph.subject_objects(SKOS.broader):
        scheme = graph.value(one, SKOS.inScheme)
        assert (other, SKOS.inScheme, scheme) in graph
