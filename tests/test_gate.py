"""The gate: what a change adds, withdraws, and why it is kept out."""

from __future__ import annotations

import pytest

from kg.change import Change, read_change
from kg.formats import by_name
from kg.gate import is_large, judge
from kg.report import Check, Severity
from kg.terms import INFERRED, UNSOURCED, DefaultGraph, NamedNode, Quad
from tests.small_store import add, open_small, stating

PREFIXES = """
PREFIX exq: <https://w3id.org/exequatur/ontology#>
PREFIX id: <https://w3id.org/exequatur/id/>
PREFIX graph: <https://w3id.org/exequatur/graph/>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
"""
PERSON = """
id:ada-envoy a exq:Person ; rdfs:label "Ada Envoy"@en ; exq:hasTenure id:tenure-ada .
id:tenure-ada a exq:Tenure ; rdfs:label "tenure of Ada Envoy"@en ;
  exq:inPost id:attorney-general-of-kenya .
"""


def change(turtle):
    text = (PREFIXES + turtle).encode()
    return read_change(text, by_name("turtle"), source="change.ttl")


def iri(name):
    return NamedNode(f"https://w3id.org/exequatur/id/{name}")


def prop(name):
    return NamedNode(f"https://w3id.org/exequatur/ontology#{name}")


def violations(verdict):
    return [f for f in verdict.findings if f.severity is Severity.VIOLATION]


def test_what_follows_is_inferred_and_merged(snapshot):
    verdict = judge(snapshot, change(PERSON))
    assert verdict.accepted, [f.message for f in verdict.findings]
    follows = Quad(iri("ada-envoy"), prop("officialOf"), iri("kenya"), INFERRED)
    assert follows in verdict.added
    merged = Quad(follows.subject, follows.predicate, follows.object, DefaultGraph())
    assert merged in verdict.added


def test_what_no_longer_follows_is_withdrawn(own_graph):
    added = change(PERSON)
    verdict, version = own_graph.add(added, agent="tester", message="")
    assert (verdict.accepted, version) == (True, 2)
    back = judge(own_graph.snapshot(), Change(removed=added.added))
    gone = Quad(iri("ada-envoy"), prop("officialOf"), iri("kenya"), INFERRED)
    assert gone in back.removed


def test_a_triple_with_another_source_stays_in_the_merged_view(own_graph):
    twice = change('id:kenya rdfs:label "Kenya"@en .')
    verdict, _ = own_graph.add(twice, agent="tester", message="")
    assert verdict.accepted
    back = judge(own_graph.snapshot(), Change(removed=twice.added))
    assert all(not isinstance(q.graph_name, DefaultGraph) for q in back.removed)


def test_a_change_that_changes_nothing_makes_no_version(own_graph):
    quads = [q for q in own_graph.snapshot().quads() if q.graph_name == UNSOURCED]
    assert quads == []
    known = change('id:kenya rdfs:label "Kenya"@en .')
    own_graph.add(known, agent="tester", message="")
    _, version = own_graph.add(known, agent="tester", message="")
    assert version == 2


def test_a_contradiction_names_the_triples_behind_it(snapshot):
    verdict = judge(snapshot, change("id:kenya a exq:Person ."))
    clashes = [f for f in violations(verdict) if f.check is Check.CONSISTENCY]
    assert clashes
    graphs = {q.graph_name for f in clashes for q in f.premises}
    assert UNSOURCED in graphs
    assert len(graphs) > 1


def test_an_undefined_term_is_named_with_its_neighbour(snapshot):
    verdict = judge(snapshot, change("id:kenya exq:hasPary id:morocco ."))
    (finding,) = [f for f in violations(verdict) if f.check is Check.VOCABULARY]
    assert "hasPary" in finding.message
    assert "hasParty" in finding.message


@pytest.mark.parametrize(
    "turtle",
    [
        "id:kenia exq:recognizes id:2007-autonomy-plan .",
        "id:kenya exq:memberStateOf id:intrepol .",
        "id:kenya exq:memberStateOf id:nairobi .",
        'id:kenya rdfs:label "The Kenya"@en .',
        'id:kenya exq:isoAlpha2 "KEN" .',
        'id:ada-envoy a exq:Person ; rdfs:label "Ada"@en ; exq:hasTenure id:nairobi .',
        'id:t a exq:TimeSpan ; rdfs:label "t"@en ; exq:edtf "2023-13" .',
        'id:a a exq:Agreement ; rdfs:label "a"@en ; exq:hasParty id:kenya .',
        'id:c a exq:Claim ; rdfs:label "c"@en ; exq:claimText "x"@en .',
    ],
)
def test_a_typical_mistake_is_kept_out(snapshot, turtle):
    verdict = judge(snapshot, change(turtle))
    assert not verdict.accepted
    for finding in violations(verdict):
        assert finding.message


def test_a_sentence_graph_needs_its_passage(snapshot):
    graph = NamedNode("https://w3id.org/exequatur/source/nowhere#s01")
    text = (PREFIXES + PERSON).encode()
    made = read_change(text, by_name("turtle"), source="c.ttl", graph=graph)
    verdict = judge(snapshot, made)
    assert graph in {f.focus for f in violations(verdict)}


def test_a_rejected_change_leaves_everything_as_it_was(own_graph):
    before = set(own_graph.snapshot().quads())
    verdict, version = own_graph.add(
        change("id:kenya a exq:Person ."), agent="tester", message=""
    )
    assert not verdict.accepted
    assert version == 1
    assert set(own_graph.snapshot().quads()) == before


def test_an_accepted_change_is_logged_and_journalled(own_graph):
    own_graph.add(change(PERSON), agent="Tess Ter", message="a person")
    answer = own_graph.query("""
        PREFIX prov: <http://www.w3.org/ns/prov#>
        PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
        PREFIX exq: <https://w3id.org/exequatur/ontology#>
        SELECT ?message ?who ?version WHERE {
          GRAPH <https://w3id.org/exequatur/graph/log> {
            ?act a prov:Activity ; rdfs:comment ?message ; exq:datasetVersion ?version ;
              prov:wasAssociatedWith/rdfs:label ?who .
          }
          FILTER(?version > 1)
        }""")
    (row,) = answer.rows()
    assert [term.value for term in row] == ["a person", "Tess Ter", "2"]
    journal = own_graph.store.path / "journal" / "2.nq"
    lines = journal.read_text(encoding="utf-8").splitlines()
    assert len(lines) == len(change(PERSON).added)
    assert all(line.startswith("A <") for line in lines)


def test_the_merged_view_is_the_union_of_its_graphs_and_the_inferred(snapshot):
    from kg.gate import in_view

    merged = {
        (q.subject, q.predicate, q.object) for q in snapshot.quads(graph=DefaultGraph())
    }
    parts = {
        (q.subject, q.predicate, q.object)
        for q in snapshot.quads()
        if in_view(q.graph_name) or q.graph_name == INFERRED
    }
    assert parts <= merged
    extra = {predicate.value.rpartition("#")[2] for _, predicate, _ in merged - parts}
    assert extra <= {"label", "subClassOf", "subPropertyOf"}


def test_contents_of_claims_stay_out_of_the_merged_view(snapshot):
    rows = snapshot.query("""
        SELECT ?s ?p ?o WHERE {
          GRAPH ?claim { ?s ?p ?o }
          FILTER(STRSTARTS(STR(?claim), "https://w3id.org/exequatur/claim/"))
        }""").rows()
    contents = set(rows)
    assert contents
    merged = {
        (q.subject, q.predicate, q.object) for q in snapshot.quads(graph=DefaultGraph())
    }
    assert contents - merged


def test_a_misspelt_entity_is_answered_with_the_nearest_one(snapshot):
    verdict = judge(snapshot, change("id:kenya exq:memberStateOf id:intrepol ."))
    advice = {f.advice for f in violations(verdict) if f.advice}
    assert advice == {"did you mean <https://w3id.org/exequatur/id/interpol>?"}


@pytest.mark.embedded("nothing is judged with all that a remote store holds")
def test_a_change_that_is_large_is_judged_with_all_that_stands(
    small_store, monkeypatch
):
    graph = open_small(small_store)
    made = stating("ex:quay a ex:Town ; ex:within ex:port . ex:a ex:b 1 .")
    expected = graph.validate(made)
    assert not is_large(graph.snapshot(), made)
    monkeypatch.setattr("kg.gate.LARGE", 3)
    assert is_large(graph.snapshot(), made)
    asked: list[bool] = []

    def noting(*given, whole, **more):
        asked.append(whole)
        return judge(*given, whole=whole, **more)

    monkeypatch.setattr("kg.graph.judge", noting)
    verdict = graph.validate(made)
    assert asked == [True]
    assert (verdict.added, verdict.removed) == (expected.added, expected.removed)
    assert set(verdict.findings) == set(expected.findings)
    add(graph, "".join(f"ex:n{n} ex:b {n} ." for n in range(200)), "other")
    assert not is_large(graph.snapshot(), made)  # beside what stands now
