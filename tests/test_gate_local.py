"""A change judged at its own cost is judged as by the whole graph."""

from __future__ import annotations

import random

import pytest

from kg.build import build_store
from kg.change import Change
from kg.dataset import Dataset, Held
from kg.gate import in_view, judge
from kg.gate.local import judge_local
from kg.progress import silent
from kg.report import Check, finding_key
from kg.rules import Numbers
from kg.rules.packed import PackedNumbers
from kg.shapes.local import Judge
from kg.terms import BASE, KEPT_BY_PROGRAM, MERGED_VIEW, TYPE, Literal, NamedNode, Quad
from kg.verify import verify_store
from tests.small_store import (
    EX,
    PREFIXES,
    add,
    open_small,
    stating,
    write_sources,
)
from tests.test_gate import PERSON, change


def written(snapshot):
    """The quads that people wrote, in a fixed order."""
    outside = {*KEPT_BY_PROGRAM, MERGED_VIEW}
    return sorted((q for q in snapshot.quads() if q.graph_name not in outside), key=str)


def compare(snapshot, made):
    local = judge_local(snapshot, made, BASE, silent)
    assert local is not None
    whole = judge(snapshot, made, whole=True)
    assert local.change == whole.change
    assert local.accepted == whole.accepted
    assert {finding_key(f) for f in local.findings} == {
        finding_key(f) for f in whole.findings
    }
    assert local.added == whole.added
    assert local.removed == whole.removed
    assert local.repaired == whole.repaired


def held(quads):
    dataset = Dataset(PackedNumbers(Numbers()))
    dataset.add_all(quads)
    return Held(dataset, dataset.rows)


def test_a_change_that_is_held_as_numbers_is_judged_alike(snapshot):
    quads = written(snapshot)
    added = change(PERSON).added | {*quads[:5]}
    given = Change(added, frozenset(quads[3:9]))
    numbered = Change(held(given.added), held(given.removed))
    compare(snapshot, numbered)
    one, other = (judge(snapshot, made, whole=True) for made in (given, numbered))
    assert one.change == other.change
    assert (one.added, one.removed) == (other.added, other.removed)
    assert one.findings == other.findings


def mutated(rng, quads):
    """Return a random change: some quads removed, some added in a broken form."""
    removed = rng.sample(quads, rng.randint(0, 4))
    added = []
    for quad in rng.sample(quads, rng.randint(1, 4)):
        other = rng.choice(quads)
        added.append(
            rng.choice(
                [
                    Quad(quad.subject, quad.predicate, other.object, quad.graph_name),
                    Quad(other.subject, quad.predicate, quad.object, quad.graph_name),
                    Quad(quad.subject, quad.predicate, quad.object, other.graph_name),
                    Quad(quad.subject, other.predicate, other.object, quad.graph_name),
                    Quad(quad.subject, quad.predicate, Literal("x"), quad.graph_name),
                    Quad(
                        quad.subject,
                        NamedNode(f"{quad.predicate.value}x"),
                        quad.object,
                        quad.graph_name,
                    ),
                ]
            )
        )
    return Change(added=frozenset(added), removed=frozenset(removed))


def test_a_good_change_is_judged_alike(snapshot):
    compare(snapshot, change(PERSON))


def test_a_bad_change_is_judged_alike(snapshot):
    compare(snapshot, change("id:kenya a exq:Person ; exq:hasPary id:nairobbi ."))


@pytest.mark.parametrize("seed", range(12))
def test_random_changes_are_judged_alike(snapshot, seed):
    compare(snapshot, mutated(random.Random(seed), written(snapshot)))


@pytest.mark.long
@pytest.mark.parametrize("seed", range(100, 400))
def test_many_random_changes_are_judged_alike(snapshot, seed):
    compare(snapshot, mutated(random.Random(seed), written(snapshot)))


def test_a_whole_graph_that_goes_is_judged_alike(snapshot):
    quads = written(snapshot)
    graph = next(q.graph_name for q in quads if str(q.graph_name).endswith("#s05>"))
    gone = frozenset(q for q in quads if q.graph_name == graph)
    compare(snapshot, Change(removed=gone))


def test_a_change_of_the_class_hierarchy_is_judged_by_the_whole(snapshot):
    made = change("exq:Person rdfs:subClassOf exq:State .")
    assert judge_local(snapshot, made, BASE, silent) is None


def test_a_triple_moved_to_another_graph_changes_no_view(snapshot):
    quad = next(q for q in written(snapshot) if in_view(q.graph_name))
    other = Quad(
        quad.subject,
        quad.predicate,
        quad.object,
        NamedNode(f"{BASE}graph/reference"),
    )
    moved = Change(added=frozenset({other}), removed=frozenset({quad}))
    compare(snapshot, moved)


def test_the_claims_of_another_base_stay_out_of_the_view_too(tmp_path):
    path = tmp_path / "store"
    built = build_store(path, write_sources(tmp_path), base=EX)
    assert built.store is not None
    graph = open_small(path)
    add(graph, 'ex:quay a ex:Town ; rdfs:label "Quay"@en .', "claim/quay")
    assert verify_store(graph.store) == []
    quay = NamedNode(f"{EX}quay")
    graphs = {str(q.graph_name) for q in graph.snapshot().quads(quay)}
    assert graphs == {f"<{EX}claim/quay>"}


SHARED = """
ex:Named a sh:PropertyShape ; sh:path rdfs:label ; sh:minCount 1 ;
    sh:message "Give it a label."@en ; sh:severity sh:Warning .
ex:PortIsNamed a sh:NodeShape ; sh:targetClass ex:Port ; sh:property ex:Named .
ex:MarketIsNamed a sh:NodeShape ; sh:targetClass ex:Market ; sh:property ex:Named .
ex:MembersAreNamed a sh:NodeShape ; sh:targetClass ex:League ;
    sh:property [ sh:path [ sh:inversePath ex:memberOf ] ; sh:property ex:Named ] .
"""
CLASSES = "".join(
    f"ex:{name} a owl:Class ; rdfs:subClassOf ex:Place .\n"
    for name in ("Port", "Market", "League")
)
MEMBER = "ex:memberOf a owl:ObjectProperty .\n"


@pytest.fixture
def quay(tmp_path):
    """A graph where shapes share a nested one, by which a quay is to have a label."""
    sources = write_sources(tmp_path)
    for name, text in (("shapes", SHARED), ("ontology", CLASSES + MEMBER)):
        (tmp_path / name / "more.ttl").write_text(PREFIXES + text, encoding="utf-8")
    built = build_store(tmp_path / "store", sources)
    assert built.store is not None
    return open_small(tmp_path / "store")


def take(graph, turtle):
    verdict, _ = graph.add(
        Change(removed=stating(turtle).added), agent="Ada", message=""
    )
    assert verdict.change.removed
    assert verify_store(graph.store) == []
    return verdict


def test_a_finding_stands_while_another_shape_has_it(quay):
    add(quay, "ex:quay a ex:Port , ex:Market .")
    assert take(quay, "ex:quay a ex:Port .").repaired == 0
    assert take(quay, "ex:quay a ex:Market .").repaired == 1


def test_a_finding_stands_while_another_target_of_the_shape_has_it(quay):
    add(quay, "ex:quay ex:memberOf ex:a , ex:b . ex:a a ex:League . ex:b a ex:League .")
    assert take(quay, "ex:quay ex:memberOf ex:a .").repaired == 0
    assert take(quay, "ex:b a ex:League .").repaired == 1


def test_a_finding_that_another_shape_has_already_is_not_new(quay):
    add(quay, "ex:quay a ex:Port .")
    verdict = quay.validate(stating("ex:quay a ex:Market ."))
    assert verdict.findings == ()
    assert not any("Result" in str(q) for q in verdict.added)
    add(quay, "ex:quay a ex:Market .")
    assert verify_store(quay.store) == []


def test_only_what_has_a_standing_finding_is_judged_before_the_change(
    quay, monkeypatch
):
    asked, real = [], Judge.findings

    def findings(judge, affected, state):
        asked.append({shape.value for shape in affected})
        return real(judge, affected, state)

    monkeypatch.setattr(Judge, "findings", findings)
    add(quay, "ex:quay a ex:Port .")
    assert (asked[0], asked[1]) == (set(), {f"{EX}PortIsNamed"})
    asked.clear()
    verdict = quay.validate(stating('ex:quay rdfs:label "Quay"@en .'))
    assert asked[0] == {f"{EX}PortIsNamed"}
    assert verdict.repaired == 1


def test_each_of_many_clashes_has_the_quads_of_its_own(graph):
    exq = "https://w3id.org/exequatur/ontology#"
    homes = [NamedNode(f"{BASE}graph/invented-{letter}") for letter in "ab"]
    kinds = [NamedNode(f"{exq}{kind}") for kind in ("Treaty", "State")]
    nodes = [NamedNode(f"{BASE}id/invented-{number}") for number in range(20)]
    made = Change.adding(
        Quad(node, TYPE, kind, home) for node in nodes for kind in kinds
        for home in homes
    )  # fmt: skip
    for whole in (False, True):
        verdict = judge(graph.snapshot(), made, whole=whole)
        clashes = [f for f in verdict.findings if f.check is Check.CONSISTENCY]
        told = {finding.focus: set(finding.premises) for finding in clashes}
        assert told == {
            node: {Quad(node, TYPE, k, h) for k in kinds for h in homes}
            for node in nodes
        }
