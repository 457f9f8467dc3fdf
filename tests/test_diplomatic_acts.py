"""Envoys that come and go, sanctions and votes: what follows, and who asks finds."""

from __future__ import annotations

import pytest

from kg.change import read_change
from kg.formats import by_name
from kg.prefixes import expand
from kg.terms import NamedNode

ACTS = """
@prefix exq: <https://w3id.org/exequatur/ontology#> .
@prefix id: <https://w3id.org/exequatur/id/> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .

id:ada-quill a exq:Person ; rdfs:label "Ada Quill"@en .

id:envoy-to-iraq a exq:Post ; rdfs:label "Ambassador of Kenya to Iraq"@en ;
    exq:hasPostKind id:post-kind-ambassador ;
    exq:postOfState id:kenya ; exq:accreditedTo id:iraq .

id:recall-of-ada-quill a exq:Recall ; rdfs:label "recall of Ada Quill"@en ;
    exq:performedBy id:kenya ; exq:concernsEnvoy id:ada-quill ;
    exq:concernsPost id:envoy-to-iraq .

id:trade-forum a exq:Organization ; rdfs:label "Trade Forum"@en .

id:sanctions-on-trade-forum a exq:SanctionsImposition ;
    rdfs:label "sanctions on the Trade Forum"@en ;
    exq:performedBy id:kenya ; exq:hasTarget id:trade-forum , id:ada-quill ;
    exq:hasMeasure id:measure-asset-freeze .
"""


@pytest.fixture
def added(own_graph):
    change = read_change(ACTS.encode(), by_name("turtle"), source="acts")
    verdict, _ = own_graph.add(change, agent="test", message="acts")
    assert verdict.accepted, [one.message for one in verdict.findings]
    return own_graph


def rows(graph, name, **values):
    return [
        tuple(term.value if term else "" for term in row)
        for row in graph.ask(name, values).rows()
    ]


def test_what_follows_of_acts_and_where_they_are_found(added):
    recall, sanctions = "recall of Ada Quill", "sanctions on the Trade Forum"
    assert rows(added, "legal-acts-of-state", state="Kenya") == [
        (recall, "recall", "Kenya", "Ada Quill", "", ""),
        (sanctions, "imposition of sanctions", "Kenya", "Ada Quill", "asset freeze",
         ""),
        (sanctions, "imposition of sanctions", "Kenya", "Trade Forum", "asset freeze",
         ""),
    ]  # fmt: skip
    assert rows(added, "legal-acts-on-person", person="Ada Quill") == [
        (recall, "recall", "Kenya", "", ""),
        (sanctions, "imposition of sanctions", "Kenya", "", ""),
    ]
    involved = added.query(
        "SELECT ?state WHERE { <https://w3id.org/exequatur/id/recall-of-ada-quill>"
        " <https://w3id.org/exequatur/ontology#involvesState> ?state } ORDER BY ?state"
    )
    states = [NamedNode(expand(name) or name) for name in ("id:iraq", "id:kenya")]
    assert [row[0] for row in involved.rows()] == states
