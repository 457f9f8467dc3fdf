"""What the servers are asked: twenty questions on a world of diplomacy."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from random import Random
from typing import TypeAlias

from kg.store import Snapshot

Pools: TypeAlias = Mapping[str, Sequence[str]]
"""The things of each kind, as terms of SPARQL."""

_PREFIXES = """\
PREFIX exq: <https://w3id.org/exequatur/ontology#>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
PREFIX xsd: <http://www.w3.org/2001/XMLSchema#>
"""

_KINDS = {
    "thing": "?x rdfs:label ?name",
    "state": "?x a exq:State",
    "person": "?x a exq:Person",
    "event": "?x a exq:Event",
    "agreement": "?x a exq:Agreement",
    "post": "?x exq:postOfState ?state",
    "claim": "?x exq:madeBy ?maker",
}


@dataclass(frozen=True, slots=True)
class Question:
    """A question about one thing of a *kind*, which is `{x}` in its *text*."""

    name: str
    kind: str
    text: str

    def about(self, thing: str) -> str:
        """Return the query about *thing*."""
        return _PREFIXES + self.text.replace("{x}", thing)


LOOKUP = Question("lookup", "thing", "SELECT ?name WHERE { {x} rdfs:label ?name }")
"""The single look-up: one triple pattern, one row."""

QUESTIONS = (
    LOOKUP,
    Question("facts", "thing", "SELECT ?p ?o WHERE { {x} ?p ?o }"),
    Question("mentions", "person", "SELECT ?s ?p WHERE { ?s ?p {x} } LIMIT 200"),
    Question("exists", "thing", "ASK { {x} a exq:State }"),
    Question("described", "agreement", "CONSTRUCT WHERE { {x} ?p ?o }"),
    Question(
        "posts of a state",
        "state",
        "SELECT DISTINCT ?person ?post WHERE { ?holder exq:holdsPost ?held ; "
        "rdfs:label ?person . ?held exq:postOfState {x} ; rdfs:label ?post } "
        "ORDER BY ?post ?person LIMIT 100",
    ),
    Question(
        "holders of a post",
        "post",
        "SELECT ?name WHERE { ?who exq:holdsPost {x} ; rdfs:label ?name }",
    ),
    Question(
        "events of a person",
        "person",
        "SELECT ?event ?name ?date WHERE { ?part exq:participatingAgent {x} . "
        "?event exq:hasParticipation ?part ; rdfs:label ?name . "
        "OPTIONAL { ?event exq:hasTime/exq:earliest ?date } } ORDER BY ?date ?event",
    ),
    Question(
        "counterparts of a person",
        "person",
        "SELECT ?other (COUNT(DISTINCT ?event) AS ?times) WHERE { "
        "?part exq:participatingAgent {x} . ?event exq:hasParticipation ?part , ?else ."
        " ?else exq:participatingAgent ?other FILTER(?other != {x}) } "
        "GROUP BY ?other ORDER BY DESC(?times) ?other LIMIT 20",
    ),
    Question(
        "participants of an event",
        "event",
        "SELECT ?agent ?role WHERE { {x} exq:hasParticipation ?part . "
        "?part exq:participatingAgent ?who . ?who rdfs:label ?agent . "
        "OPTIONAL { ?part exq:inRole/rdfs:label ?role } }",
    ),
    Question(
        "time and place of an event",
        "event",
        "SELECT ?when ?place WHERE { {x} exq:hasTime/exq:edtf ?when . "
        "OPTIONAL { {x} exq:takesPlaceAt/rdfs:label ?place } }",
    ),
    Question(
        "agreements of a state",
        "state",
        "SELECT ?agreement ?name WHERE { ?agreement a exq:Agreement ; "
        "exq:hasParty {x} ; rdfs:label ?name } ORDER BY ?name LIMIT 50",
    ),
    Question(
        "parties of an agreement",
        "agreement",
        "SELECT ?party ?name WHERE { {x} exq:hasParty ?party . "
        "?party rdfs:label ?name }",
    ),
    Question(
        "what happened in a state",
        "state",
        "SELECT ?event ?date WHERE { ?event exq:takesPlaceInState {x} ; "
        "exq:hasTime ?time . ?time exq:earliest ?date } "
        "ORDER BY DESC(?date) ?event LIMIT 20",
    ),
    Question(
        "events since a year",
        "state",
        "SELECT (COUNT(DISTINCT ?event) AS ?events) WHERE { ?event a exq:Meeting ; "
        "exq:hasTime/exq:earliest ?date ; exq:takesPlaceInState {x} "
        'FILTER(?date >= "2010-01-01"^^xsd:date) }',
    ),
    Question(
        "organs and posts",
        "state",
        "SELECT ?thing ?name WHERE { { ?thing exq:organOf {x} } UNION "
        "{ ?thing exq:postOfState {x} } ?thing rdfs:label ?name } ORDER BY ?name",
    ),
    Question(
        "claims of a maker",
        "claim",
        "SELECT ?claim ?text WHERE { {x} exq:madeBy ?maker . "
        "?claim exq:madeBy ?maker ; exq:claimText ?text } ORDER BY ?claim LIMIT 25",
    ),
    Question(
        "near a thing",
        "event",
        "SELECT DISTINCT ?far WHERE { {x} ?p ?near . ?near ?q ?far "
        "FILTER(isIRI(?far)) } LIMIT 100",
    ),
    Question(
        "kinds of events of a state",
        "state",
        "SELECT ?kind (COUNT(?event) AS ?events) WHERE { "
        "?event exq:takesPlaceInState {x} ; a ?kind } "
        "GROUP BY ?kind ORDER BY DESC(?events) ?kind",
    ),
    Question(
        "without a place",
        "person",
        "SELECT ?event WHERE { ?part exq:participatingAgent {x} . "
        "?event exq:hasParticipation ?part "
        "FILTER NOT EXISTS { ?event exq:takesPlaceAt ?place } } ORDER BY ?event",
    ),
)


ENDLESS = "SELECT (COUNT(*) AS ?n) WHERE { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }"
"""A query that no server answers in its time."""


def pools(snapshot: Snapshot, random: Random) -> Pools:
    """Return the things of each kind in the graph, shuffled."""
    found = {}
    for kind, pattern in _KINDS.items():
        answer = snapshot.query(
            f"{_PREFIXES}SELECT DISTINCT ?x WHERE {{ {pattern} FILTER(isIRI(?x)) }}"
        )
        things = sorted(str(thing) for (thing,) in answer.rows())
        random.shuffle(things)
        found[kind] = things
    return found


def fresh(
    questions: Sequence[Question], things: Pools, random: Random
) -> Iterator[str]:
    """Yield queries without end, none twice: each ends in a comment of its own."""
    number = 0
    while True:
        for question in questions:
            number += 1
            thing = random.choice(things[question.kind])
            yield f"{question.about(thing)} # {number}-{random.getrandbits(32)}"


def repeated(
    questions: Sequence[Question], things: Pools, random: Random, many: int
) -> Iterator[str]:
    """Yield queries without end out of *many*, as often as Zipf's law has them."""
    chosen = [
        question.about(random.choice(things[question.kind]))
        for question, _ in zip(_around(questions), range(many), strict=False)
    ]
    random.shuffle(chosen)
    weights = list(accumulate(1 / rank for rank in range(1, many + 1)))
    while True:
        yield from random.choices(chosen, cum_weights=weights, k=1000)


def _around(questions: Sequence[Question]) -> Iterator[Question]:
    while True:
        yield from questions
