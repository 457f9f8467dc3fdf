"""A graph with a base of its own has its claims and sentences below that base."""

from __future__ import annotations

import pytest

from kg.articles import stated
from kg.build import build_store
from kg.change import Change
from kg.edits import removing
from kg.entities import describe
from kg.paging import Page
from kg.past import past_of
from kg.terms import LABEL, MERGED_VIEW, UNSOURCED, Literal, NamedNode, Quad, Triple
from kg.update import read_update
from kg.why import why
from tests.small_store import EX, add, open_small, stating, write_sources
from tests.store_kinds import as_kind

PORT = NamedNode(f"{EX}port")
HAVEN = Literal("Haven", language="en")
CLAIM = NamedNode(f"{EX}claim/haven")
SPARQL_PREFIXES = (
    f"PREFIX ex: <{EX}> PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>"
)
SAYS = 'ex:port rdfs:label "Haven"@en .'


@pytest.fixture
def graph(tmp_path, store_kind):
    """Return a graph of the base `ex:` in which a claim renames the port."""
    path = tmp_path / "store"
    assert build_store(path, write_sources(tmp_path), base=EX).store is not None
    opened = open_small(as_kind(path, store_kind))
    add(opened, SAYS, "claim/haven")
    return opened


def claimed_and_unsourced(graph):
    """State in no source what a claim holds too; return the quads of no source."""
    fact = 'ex:pier rdfs:label "Pier"@en .'
    add(graph, fact, "claim/haven")
    made = stating(fact).added
    quads = frozenset(Quad(q.subject, q.predicate, q.object, UNSOURCED) for q in made)
    graph.add(Change(added=quads), agent="Ada", message="")
    return quads


def test_what_is_only_claimed_does_not_hold(graph):
    here = graph.snapshot()
    assert here.base == EX
    found = why(here, Triple(PORT, LABEL, HAVEN))
    assert not found.holds
    assert not any(reason.is_stated for reason in found.reasons)


def test_the_sources_of_a_fact_leave_the_claims_of_it_out(graph):
    add(graph, SAYS, "source/pilot#s01")
    here = graph.snapshot()
    (reason,) = why(here, Triple(PORT, LABEL, HAVEN)).reasons
    told = {e.graph.value for step in reason.steps for e in step.stated}
    assert told == {f"{EX}source/pilot#s01"}


def test_the_sources_of_a_description_leave_claims_out(graph):
    add(graph, "ex:port ex:near ex:pier .", "claim/haven")
    add(graph, "ex:port ex:near ex:pier .", "source/pilot#s01")
    found = describe(graph.snapshot(), PORT)
    near = [f for group in found.facts for f in group.facts if "pier" in str(f)]
    assert near
    assert {s.graph.value for f in near for s in f.sources} == {f"{EX}source/pilot#s01"}


def test_a_claim_does_not_keep_standing_what_is_removed(graph):
    quads = claimed_and_unsourced(graph)
    gone = removing(graph.snapshot(), Change(added=quads))
    assert gone.removed == quads
    assert gone.notes == ()


def test_an_update_deletes_what_is_still_claimed(graph):
    quads = claimed_and_unsourced(graph)
    text = f"{SPARQL_PREFIXES} DELETE WHERE {{ ex:pier rdfs:label ?name }}"
    assert read_update(text, graph.snapshot(), base=EX).removed == quads


def test_a_claim_shows_what_it_states(graph):
    add(graph, "ex:port ex:near ex:pier .", "claim/haven")
    assert [thing.label for thing, _ in stated(graph.snapshot(), CLAIM)] == ["Port"]


def test_a_claim_was_no_fact_in_an_earlier_version(graph):
    version = graph.snapshot().version
    add(graph, 'ex:port rdfs:label "Harbour"@en .')
    here = graph.snapshot()
    then = past_of(graph.store, here, version, PORT, Page(100))
    assert then is not None
    held = {q.object for q in then.snapshot.quads(PORT, LABEL, None, MERGED_VIEW)}
    assert held == {Literal("Port", language="en")}
    assert then.snapshot.base == EX
