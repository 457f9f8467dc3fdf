"""Findings as a W3C validation report, as JSON and as SARIF."""

from __future__ import annotations

import json
from dataclasses import replace

import rdflib
from pyoxigraph import RdfFormat, parse
from rdflib import RDF, SH
from rdflib.compare import isomorphic

from kg.prefixes import prefixes
from kg.report import (
    Check,
    Finding,
    Severity,
    finding_key,
    report_json,
    report_sarif,
    report_triples,
    report_turtle,
    standing_keys,
)
from kg.shapes.engine import read_result
from kg.terms import EXQ, EXSH, PROV, REPORT, Literal, NamedNode, Quad
from kg.terms import SH as SHACL
from tests.judging import EXAMPLES, WORLD, graph_of, hierarchy, shapes, triples_of

KENYA = NamedNode("https://w3id.org/exequatur/id/kenya")
PACT = NamedNode("https://w3id.org/exequatur/id/pact")
SENTENCE = NamedNode("https://w3id.org/exequatur/source/story#s01")
HAS_PARTY = NamedNode(f"{EXQ}hasParty")
BROKEN = Finding(
    check=Check.SHAPE,
    severity=Severity.VIOLATION,
    focus=PACT,
    message='Name "two" parties.',
    shape=NamedNode(f"{EXSH}AgreementHasParties"),
    component=NamedNode(f"{SHACL}MinCountConstraintComponent"),
    path=f"<{EXQ}hasParty>|^<{EXQ}partyTo>",
)
MISSPELT = Finding(
    check=Check.VOCABULARY,
    severity=Severity.WARNING,
    focus=PACT,
    message="exq:old is deprecated",
    value=NamedNode(f"{EXQ}old"),
    premises=(Quad(PACT, HAS_PARTY, KENYA, SENTENCE),),
)
FINDINGS = [BROKEN, MISSPELT]


def report_graph(findings):
    return graph_of(report_triples(findings))


def test_a_report_holds_each_finding_once():
    graph = report_graph([*FINDINGS, BROKEN])
    [report] = graph.subjects(RDF.type, SH.ValidationReport)
    assert report == rdflib.URIRef(REPORT.value)
    assert graph.value(report, SH.conforms) == rdflib.Literal(False)
    assert len(list(graph.objects(report, SH.result))) == 2


def test_a_report_without_findings_conforms():
    graph = report_graph([])
    assert (None, SH.conforms, rdflib.Literal(True)) in graph


def test_a_result_of_a_shape_is_read_back_as_it_was():
    graph = report_graph([BROKEN])
    [result] = graph.objects(None, SH.result)
    assert read_result(graph, result) == BROKEN


def test_what_no_shape_found_names_what_objected():
    graph = report_graph([MISSPELT])
    [result] = graph.objects(None, SH.result)
    component = graph.value(result, SH.sourceConstraintComponent)
    assert component == rdflib.URIRef(f"{EXSH}VocabularyConstraintComponent")
    source = graph.value(result, rdflib.URIRef(f"{PROV}wasDerivedFrom"))
    assert source == rdflib.URIRef(SENTENCE.value)


def test_the_same_findings_give_the_same_triples():
    assert report_triples(FINDINGS) == report_triples(reversed(FINDINGS))


def test_a_finding_has_the_same_name_whatever_its_premises():
    assert finding_key(MISSPELT) == finding_key(replace(MISSPELT, premises=()))
    assert finding_key(MISSPELT) != finding_key(replace(MISSPELT, focus=KENYA))


def test_a_report_tells_which_findings_it_holds():
    keys = {finding_key(finding) for finding in FINDINGS}
    assert standing_keys(report_triples(FINDINGS)) == keys


def test_a_report_of_every_shape_can_be_read_back():
    broken = {t for path in EXAMPLES.glob("*.bad.ttl") for t in triples_of(path)}
    found = shapes().validate(WORLD | hierarchy() | broken)
    graph = report_graph(found)
    results = graph.objects(None, SH.result)
    assert {read_result(graph, result) for result in results} == set(found)


def test_turtle_is_the_same_report():
    text = report_turtle(FINDINGS, prefixes())
    read = graph_of(quad.triple for quad in parse(text, format=RdfFormat.TURTLE))
    assert isomorphic(read, report_graph(FINDINGS))


def test_json_counts_and_tells_each_finding():
    plain = report_json(FINDINGS)
    assert json.loads(json.dumps(plain)) == plain
    counts = {
        key: plain[key] for key in ("conforms", "violations", "warnings", "infos")
    }
    assert counts == {"conforms": False, "violations": 1, "warnings": 1, "infos": 0}
    first, second = plain["results"]
    assert first["focus"] == PACT.value
    assert first["path"] == BROKEN.path
    assert first["file"] is None
    assert second["value"] == f"{EXQ}old"
    assert second["sources"] == [SENTENCE.value]
    assert second["statements"] == [str(MISSPELT.premises[0])]


def test_warnings_alone_conform_in_json():
    assert report_json([MISSPELT])["conforms"] is True


def test_a_literal_in_json_is_written_as_in_n_quads():
    finding = replace(BROKEN, value=Literal("Kenya", language="en"))
    assert report_json([finding])["results"][0]["value"] == '"Kenya"@en'


def locate(finding):
    return {BROKEN: ("facts.trig", 7), MISSPELT: ("facts.trig", 9)}.get(finding)


def test_json_and_sarif_tell_the_line_of_each_finding():
    lines = [result["line"] for result in report_json(FINDINGS, locate)["results"]]
    assert lines == [7, 9]
    [run] = report_sarif(FINDINGS, locate)["runs"]
    places = [r["locations"][0]["physicalLocation"] for r in run["results"]]
    assert [place["region"]["startLine"] for place in places] == [7, 9]
    assert places[0]["artifactLocation"] == {"uri": "facts.trig"}


def test_sarif_names_its_rules_and_levels():
    log = report_sarif(FINDINGS, version="1.2")
    assert log["version"] == "2.1.0"
    [run] = log["runs"]
    rules = [rule["id"] for rule in run["tool"]["driver"]["rules"]]
    assert rules == ["exsh:AgreementHasParties", "vocabulary"]
    assert [rules[r["ruleIndex"]] for r in run["results"]] == rules
    assert [r["ruleId"] for r in run["results"]] == rules
    assert [r["level"] for r in run["results"]] == ["error", "warning"]
    assert run["results"][0]["message"]["text"] == 'id:pact: Name "two" parties.'
    assert "physicalLocation" not in run["results"][0]["locations"][0]


def test_sarif_of_nothing_is_still_a_log():
    [run] = report_sarif([])["runs"]
    assert run["results"] == []
