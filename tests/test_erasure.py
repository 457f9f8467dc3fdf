"""Erasing: what goes, what stays, what is found, and what is kept of it."""

from __future__ import annotations

import hashlib

import pytest

from kg.change import Change
from kg.erasure import erase, plan_erasure, tombstones
from kg.errors import ChangeError, StoreBusyError, VersionConflictError
from kg.history import changes, is_stated, state_at, undo
from kg.store import Store
from kg.terms import EXQ, ONTOLOGY, NamedNode
from kg.verify import verify_store
from tests.small_store import EX, add, open_small, stating

QUAY = 'ex:quay a ex:Town ; rdfs:label "Old Quay"@en ; ex:within ex:port .'
NODE = NamedNode(f"{EX}quay")


@pytest.fixture
def graph(small_store):
    return open_small(small_store)


def everything(path):
    """All bytes of the store's files, and all it can be asked for."""
    files = sorted(p for p in path.rglob("*") if p.is_file())
    return (
        b"\n".join(p.read_bytes() for p in files)
        + "\n".join(map(str, Store(path).snapshot().quads())).encode()
    )


def erased(graph, *nodes, **options):
    verdict, version = erase(graph.store, nodes or [NODE], agent="Ada", **options)
    assert verdict.accepted, [finding.message for finding in verdict.findings]
    return version


def test_nothing_of_the_entity_is_left_on_the_disk(graph):
    path = graph.store.path
    add(graph, QUAY, message="Old Quay comes in")
    add(graph, "ex:land ex:near ex:quay .")
    graph.add(
        Change(removed=stating("ex:quay ex:within ex:port .").added),
        agent="Ada",
        message="",
    )
    add(graph, f'ex:other a ex:Place ; rdfs:label "Other"@en ; {"ex:near ex:port ."}')
    assert b"quay" in everything(path).lower()
    assert erased(graph) == 6
    assert b"quay" not in everything(path).lower()
    assert verify_store(graph.store) == []
    assert [p.name for p in (path / "versions").iterdir() if p.is_dir()] == ["6"]
    assert [p.name for p in path.parent.iterdir()] == ["store"]


def test_older_versions_are_told_without_it(graph):
    before = {1: frozenset(filter(is_stated, graph.snapshot().quads()))}
    add(graph, QUAY)
    add(graph, 'ex:mill a ex:Place ; rdfs:label "Mill"@en .')
    erased(graph)
    mill = stating('ex:mill a ex:Place ; rdfs:label "Mill"@en .').added
    assert state_at(graph.store, 2) == before[1]
    assert state_at(graph.store, 3) == before[1] | mill


def test_the_log_keeps_a_digest_and_the_counts_and_no_name(graph):
    add(graph, QUAY, message="The Old Quay comes in")
    add(graph, 'ex:mill a ex:Place ; rdfs:label "Mill"@en .', message="A mill")
    erased(graph, message="On request")
    assert [c.message for c in changes(graph.snapshot())] == [
        "Built from files", "", "A mill", "On request",
    ]  # fmt: skip
    assert [c.removed for c in changes(graph.snapshot())] == [0, 0, 0, 3]
    digest = hashlib.sha256(NODE.value.encode()).hexdigest()
    assert tombstones(graph.snapshot()) == {digest}


def test_changes_can_be_undone_but_for_what_was_erased(graph):
    add(graph, QUAY + 'ex:mill a ex:Place ; rdfs:label "Mill"@en .')
    add(graph, "ex:quay ex:near ex:land .")
    version = erased(graph)
    change = undo(graph.store, 2)
    assert len(change.removed) == 2
    assert "3 quads" in change.notes[0]
    for nothing_left in (3, version):
        with pytest.raises(ChangeError, match="nothing that could be undone"):
            undo(graph.store, nothing_left)


def test_what_would_be_left_without_what_it_needs_is_found(graph):
    add(graph, QUAY + 'ex:tower a ex:Town ; rdfs:label "Tower"@en .')
    removed = stating('ex:tower rdfs:label "Tower"@en .').added
    plan = plan_erasure(graph.snapshot(), [NODE])
    assert plan.nodes == (NODE,)
    verdict = graph.validate(Change(removed=plan.removed | removed))
    assert [f.focus for f in verdict.findings] == [NamedNode(f"{EX}tower")]


def test_texts_that_name_it_are_mended_first_or_kept(graph):
    add(graph, QUAY)
    text = 'ex:port rdfs:comment "Beside the old  quay, rebuilt"@en .'
    add(graph, text)
    with pytest.raises(ChangeError, match="1 texts of other things"):
        erased(graph)
    graph.add(Change(removed=stating(text).added), agent="Ada", message="")
    erased(graph)
    assert b"quay" not in everything(graph.store.path).lower()


def test_a_text_that_is_kept_stays_in_the_past_too(graph):
    add(graph, QUAY)
    text = 'ex:port rdfs:comment "Beside the Old Quay"@en .'
    add(graph, text)
    erased(graph, keep_texts=True)
    assert stating(text).added <= set(graph.snapshot().quads())
    assert verify_store(graph.store) == []


def test_a_last_name_alone_is_told_and_no_hindrance(graph):
    add(graph, QUAY)
    add(graph, 'ex:port rdfs:comment "The Quay was busy"@en .')
    plan = plan_erasure(graph.snapshot(), [NODE])
    assert len(plan.hints) == 1
    assert plan.naming == ()
    erased(graph)


def test_a_name_within_a_longer_one_is_another_one(graph):
    add(graph, QUAY)
    add(graph, 'ex:quay-2 a ex:Town ; rdfs:label "Old Quayside"@en .')
    erased(graph)
    assert any(graph.snapshot().quads(subject=NamedNode(f"{EX}quay-2")))


def test_a_message_that_names_it_is_refused(graph):
    add(graph, QUAY)
    with pytest.raises(ChangeError, match="stay in the log"):
        erased(graph, message="Erase the old quay")


def test_terms_of_the_ontology_cannot_be_erased(graph):
    with pytest.raises(ChangeError, match="ontology or the shapes"):
        erased(graph, NamedNode(f"{EX}Town"))


def test_an_erasure_holds_for_the_version_it_was_planned_for(graph):
    add(graph, QUAY)
    with pytest.raises(VersionConflictError):
        erased(graph, if_version=1)
    graph.store.wait_seconds = 0.1
    with open_small(graph.store.path).store.writing(), pytest.raises(StoreBusyError):
        erased(graph)


def test_readers_go_on_with_the_new_store(graph):
    add(graph, QUAY)
    reader = Store(graph.store.path)
    tag = reader.snapshot().tag
    erased(graph)
    assert reader.snapshot().tag != tag
    assert not any(reader.snapshot().quads(subject=NODE))
    assert add(graph, QUAY) == 4


# --- our own ontology: what only describes an entity ----------------------------------

ADA = """
PREFIX exq: <https://w3id.org/exequatur/ontology#>
PREFIX id: <https://w3id.org/exequatur/id/>
id:ada a exq:Person ; rdfs:label "Ada Envoy"@en ; exq:hasTenure id:tenure-ada ;
    exq:hasStance id:stance-ada .
id:tenure-ada exq:inPost id:post ; exq:tenureTime id:time-ada .
id:time-ada a exq:TimeSpan ; rdfs:label "2024"@en .
id:talks exq:hasParticipation id:part-ada , id:part-bea ; exq:hasTime id:time-talks .
id:part-ada exq:participatingAgent id:ada .
id:part-bea exq:participatingAgent id:bea .
id:time-talks a exq:TimeSpan ; rdfs:label "May 2024"@en .
id:shared exq:participatingAgent id:ada , id:bea .
id:ada exq:atTime id:time-talks .
[] exq:about id:ada .
"""


def test_what_only_describes_an_entity_goes_with_it(small_store):
    graph = open_small(small_store)
    with graph.store.writing() as writer:
        quads = stating(ADA).added
        view = {type(q)(q.subject, q.predicate, q.object) for q in quads}
        writer.commit(added=quads | view, removed=[], journal=[])
    base = EXQ.removesuffix("ontology#")
    plan = plan_erasure(graph.snapshot(), [NamedNode(f"{base}id/ada")])
    names = [node.value.removeprefix(f"{base}id/") for node in plan.nodes]
    assert names[0] == "ada"
    assert sorted(names) == ["ada", "part-ada", "stance-ada", "tenure-ada", "time-ada"]
    assert ONTOLOGY not in {quad.graph_name for quad in plan.removed}
