"""The W3C's tests of SPARQL 1.1 Update, by manifest, on a dataset like any other."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple
from urllib.parse import urljoin

import pytest
from pyoxigraph import CanonicalizationAlgorithm, Dataset, RdfFormat, parse
from pyoxigraph import Store as Engine

from kg.errors import QueryError
from kg.folder import Pointer
from kg.store import Snapshot
from kg.terms import BASE, RDF, RDFS, DefaultGraph, NamedNode, Quad
from kg.update import PLAIN, read_update

SUITE = Path(__file__).parent.parent.parent / "shared" / "w3c" / "sparql-update"
WEB = "http://example.org/suite/"
MF = "http://www.w3.org/2001/sw/DataAccess/tests/test-manifest#"
UT = "http://www.w3.org/2009/sparql/tests/test-update#"
EXCLUDED: dict[str, str] = {}
"""Tests that are not run, each with the reason."""


class Case(NamedTuple):
    name: str
    kind: str
    request: Path
    before: tuple[tuple[Path, str], ...]
    after: tuple[tuple[Path, str], ...]


def local(name):
    return SUITE / name.removeprefix(WEB)


def read(path):
    base = urljoin(WEB, str(path.relative_to(SUITE)))
    return list(
        parse(
            path.read_bytes(),
            format=RdfFormat.TURTLE,
            base_iri=base,
            rename_blank_nodes=True,
        )
    )


def read_manifest(path):
    """Return the triples of a manifest as a function from subject and predicate."""
    found = read(path)

    def values(subject, predicate):
        return [
            quad.object
            for quad in found
            if quad.subject == subject and quad.predicate.value == predicate
        ]

    return found, values


def graphs(values, node):
    """Return the files of a dataset, each with the name of its graph or ""."""
    files = [(local(file.value), "") for file in values(node, f"{UT}data")]
    for given in values(node, f"{UT}graphData"):
        (file,) = values(given, f"{UT}graph")
        (name,) = values(given, f"{RDFS}label")
        files.append((local(file.value), name.value))
    return tuple(files)


def cases_of(path):
    found, values = read_manifest(path)
    entries = [quad.object for quad in found if quad.predicate.value == f"{MF}entries"]
    for node in entries:
        while node.value != f"{RDF}nil":
            (entry,) = values(node, f"{RDF}first")
            yield case(path, values, entry)
            (node,) = values(node, f"{RDF}rest")


def case(path, values, entry):
    (kind,) = values(entry, f"{RDF}type")
    (action,) = values(entry, f"{MF}action")
    name = f"{path.parent.name}/{entry.value.rpartition('#')[2]}"
    if kind.value != f"{MF}UpdateEvaluationTest":
        return Case(name, kind.value, local(action.value), (), ())
    (request,) = values(action, f"{UT}request")
    (result,) = values(entry, f"{MF}result")
    before, after = graphs(values, action), graphs(values, result)
    return Case(name, kind.value, local(request.value), before, after)


CASES = [
    case for path in sorted(SUITE.glob("*/manifest.ttl")) for case in cases_of(path)
]
EVALUATED = [c for c in CASES if c.kind == f"{MF}UpdateEvaluationTest"]
REFUSED = [c for c in CASES if c.kind == f"{MF}NegativeSyntaxTest11"]


def quads(files):
    for path, name in files:
        graph = NamedNode(name) if name else DefaultGraph()
        for quad in read(path):
            yield Quad(quad.subject, quad.predicate, quad.object, graph)


def canonical(found):
    dataset = Dataset(found)
    dataset.canonicalize(CanonicalizationAlgorithm.UNSTABLE)
    return sorted(str(quad) for quad in dataset)


def test_every_test_of_the_manifests_is_run(shared):
    assert (shared / "w3c" / "sparql-update").is_dir()
    assert len(EVALUATED) == 94
    assert len(REFUSED) == 8
    assert len(CASES) == 102
    assert EXCLUDED == {}


@pytest.mark.parametrize("case", EVALUATED, ids=lambda case: case.name)
def test_the_change_has_the_effect_that_the_suite_expects(case):
    engine = Engine()
    engine.extend(quads(case.before))
    before = set(engine)
    text = case.request.read_text(encoding="utf-8")
    change = read_update(
        text, Snapshot(engine, Pointer(1, "w3c")), base=BASE, rules=PLAIN
    )
    after = Engine()
    after.extend(quads(case.after))
    assert canonical((before - change.removed) | change.added) == canonical(after)
    assert set(engine) == before


@pytest.mark.parametrize("case", REFUSED, ids=lambda case: case.name)
def test_what_is_not_sparql_update_is_refused_with_the_position(case):
    text = case.request.read_text(encoding="utf-8")
    with pytest.raises(QueryError, match=r"^line \d+, column \d+: "):
        read_update(text, Snapshot(Engine(), Pointer(1, "w3c")), base=BASE)
