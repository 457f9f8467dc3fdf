"""Findings about a graph: what a shape, the ontology or the vocabulary objects to.

The same findings are written as a W3C validation report, as JSON and as SARIF.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any, cast

from pyoxigraph import RdfFormat, serialize

from kg.prefixes import shorten
from kg.terms import EXSH, PROV, REPORT, SH, TYPE, XSD, Literal, NamedNode, Triple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from kg.terms import Node, Quad, Term

    Locate = Callable[["Finding"], tuple[str, int] | None]
    """Finds the file and line that a finding objects to, where there are any."""


class Severity(StrEnum):
    """How grave a finding is; only a violation keeps a change out."""

    VIOLATION = "Violation"
    WARNING = "Warning"
    INFO = "Info"


class Check(StrEnum):
    """Which of the three checks found it."""

    SHAPE = "shape"
    CONSISTENCY = "consistency"
    VOCABULARY = "vocabulary"


@dataclass(frozen=True, slots=True)
class Finding:
    """One objection: *focus* is the node it is about, *message* what would mend it.

    *path* is a property path in SPARQL syntax with full IRIs; *premises* are the
    asserted quads behind it (empty where the focus node says enough). *advice* is a
    guess at what was meant; it is not part of what makes two findings the same.
    """

    check: Check
    severity: Severity
    focus: Term
    message: str
    shape: Node | None = None
    component: NamedNode | None = None
    path: str = ""
    value: Term | None = None
    premises: tuple[Quad, ...] = field(default=())
    advice: str = ""


_COMPONENTS = {
    Check.CONSISTENCY: NamedNode(f"{EXSH}ConsistencyConstraintComponent"),
    Check.SHAPE: NamedNode(f"{SH}NodeConstraintComponent"),
    Check.VOCABULARY: NamedNode(f"{EXSH}VocabularyConstraintComponent"),
}
"""What a report says objected, where the finding names no SHACL component."""

_LEVELS = {Severity.VIOLATION: "error", Severity.WARNING: "warning"}
_RESULT = NamedNode(f"{SH}result")


def finding_key(finding: Finding) -> NamedNode:
    """Return the IRI of *finding* in reports: the same for the same objection."""
    parts = (
        finding.check,
        finding.severity,
        finding.focus,
        finding.message,
        finding.shape,
        finding.component,
        finding.path,
        finding.value,
    )
    digest = hashlib.sha256("\n".join(map(str, parts)).encode()).hexdigest()
    return NamedNode(f"{REPORT.value}#{digest[:24]}")


def standing_keys(report: Iterable[Triple]) -> set[NamedNode]:
    """Return the IRIs of the findings that the triples of a *report* hold."""
    found = (triple.object for triple in report if triple.predicate == _RESULT)
    return {key for key in found if isinstance(key, NamedNode)}


def report_triples(findings: Iterable[Finding]) -> list[Triple]:
    """Return the sh:ValidationReport of *findings*; its node is the report's graph."""
    found = {finding_key(finding): finding for finding in findings}
    triples = header_triples(conforms=not found)
    for key in sorted(found, key=str):
        triples.extend(result_triples(found[key]))
    return triples


def header_triples(*, conforms: bool) -> list[Triple]:
    """Return what a report says of itself.

    As in SHACL, a warning is enough for it not to conform.
    """
    return [
        Triple(REPORT, TYPE, NamedNode(f"{SH}ValidationReport")),
        Triple(REPORT, NamedNode(f"{SH}conforms"), _boolean(conforms)),
    ]


def result_triples(finding: Finding) -> Iterator[Triple]:
    """Yield the sh:ValidationResult of *finding*, and that the report has it."""
    key = finding_key(finding)
    yield Triple(REPORT, _RESULT, key)
    yield Triple(key, TYPE, NamedNode(f"{SH}ValidationResult"))
    component = finding.component or _COMPONENTS[finding.check]
    values: dict[str, Term | None] = {
        "focusNode": finding.focus,
        "resultMessage": Literal(finding.message, language="en"),
        "resultSeverity": NamedNode(f"{SH}{finding.severity}"),
        "sourceConstraintComponent": component,
        "sourceShape": finding.shape,
        "value": finding.value,
    }
    for name, value in values.items():
        if value is not None:
            yield Triple(key, NamedNode(f"{SH}{name}"), value)
    for graph in _sources(finding):
        yield Triple(key, NamedNode(f"{PROV}wasDerivedFrom"), graph)
    if finding.path:
        from kg.paths import path_triples  # it brings rdflib's parser, slow to import

        node, triples = path_triples(finding.path, f"path{key.value[-24:]}x")
        yield Triple(key, NamedNode(f"{SH}resultPath"), node)
        yield from triples


def read_violation(result: Iterable[Triple]) -> Finding:
    """Return the violation that `result_triples` wrote as *result*.

    A path is told where it is one property, and no sentence behind it.
    """
    said = {triple.predicate.value.removeprefix(SH): triple.object for triple in result}
    checks = {component: check for check, component in _COMPONENTS.items()}
    component = cast("NamedNode", said["sourceConstraintComponent"])
    path = said.get("resultPath")
    return Finding(
        check=checks.get(component, Check.SHAPE),
        severity=Severity.VIOLATION,
        focus=cast("Term", said["focusNode"]),
        message=cast("Literal", said["resultMessage"]).value,
        shape=cast("Node | None", said.get("sourceShape")),
        component=component,
        path=str(path) if isinstance(path, NamedNode) else "",
        value=cast("Term | None", said.get("value")),
    )


def report_turtle(findings: Iterable[Finding], prefixes: Mapping[str, str]) -> bytes:
    """Return the sh:ValidationReport of *findings* in Turtle."""
    triples = report_triples(findings)
    text = serialize(triples, format=RdfFormat.TURTLE, prefixes=dict(prefixes))
    return cast("bytes", text)


def _nowhere(finding: Finding) -> None:
    """Find no place for any finding."""


def report_json(
    findings: Sequence[Finding], locate: Locate = _nowhere
) -> dict[str, Any]:
    """Return *findings* as plain data: how many of each severity, and each of them.

    It conforms where nothing is a violation. IRIs stand as they are, other terms and
    the statements behind a finding in the syntax of N-Quads.
    """
    count = Counter(finding.severity for finding in findings)
    return {
        "conforms": not count[Severity.VIOLATION],
        "violations": count[Severity.VIOLATION],
        "warnings": count[Severity.WARNING],
        "infos": count[Severity.INFO],
        "results": [_plain(f, *(locate(f) or (None, None))) for f in findings],
    }


def _plain(finding: Finding, file: str | None, line: int | None) -> dict[str, Any]:
    return {
        "check": str(finding.check),
        "severity": str(finding.severity),
        "focus": _text(finding.focus),
        "path": finding.path or None,
        "value": _text(finding.value),
        "message": finding.message,
        "advice": finding.advice or None,
        "shape": _text(finding.shape),
        "component": _text(finding.component),
        "sources": [graph.value for graph in _sources(finding)],
        "statements": [str(quad) for quad in finding.premises],
        "file": file,
        "line": line,
    }


def report_sarif(
    findings: Sequence[Finding], locate: Locate = _nowhere, *, version: str = "0"
) -> dict[str, Any]:
    """Return *findings* as a SARIF 2.1.0 log, for editors and code hosts.

    *version* is that of this program.
    """
    rules = sorted({_rule(finding) for finding in findings})
    driver = {
        "name": "exequatur",
        "version": version,
        "informationUri": "https://w3id.org/exequatur/",
        "rules": [{"id": rule} for rule in rules],
    }
    results = [
        _sarif_result(finding, rules.index(_rule(finding)), locate(finding))
        for finding in findings
    ]
    run = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "results": results,
    }
    return {
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [run],
    }


def _sarif_result(
    finding: Finding, index: int, place: tuple[str, int] | None
) -> dict[str, Any]:
    text = f"{_short(finding.focus)}: {finding.message}"
    location: dict[str, Any] = {
        "logicalLocations": [{"fullyQualifiedName": _text(finding.focus)}]
    }
    if place:
        file, line = place
        location["physicalLocation"] = {
            "artifactLocation": {"uri": file},
            "region": {"startLine": line},
        }
    return {
        "ruleId": _rule(finding),
        "ruleIndex": index,
        "level": _LEVELS.get(finding.severity, "note"),
        "message": {"text": text},
        "locations": [location],
        "partialFingerprints": {"finding/v1": finding_key(finding).value[-24:]},
    }


def _rule(finding: Finding) -> str:
    source = finding.shape or finding.component
    return _short(source) if source else str(finding.check)


def _sources(finding: Finding) -> list[NamedNode]:
    graphs = {quad.graph_name for quad in finding.premises}
    return sorted((g for g in graphs if isinstance(g, NamedNode)), key=str)


def _short(term: Term) -> str:
    return shorten(term.value) if isinstance(term, NamedNode) else str(term)


def _text(term: Term | None) -> str | None:
    if term is None:
        return None
    return term.value if isinstance(term, NamedNode) else str(term)


def _boolean(value: bool) -> Literal:
    return Literal(str(value).lower(), datatype=NamedNode(f"{XSD}boolean"))
