"""What stores do each in its own way, and comes to the same through this program."""

from __future__ import annotations

import io
import json
from types import SimpleNamespace
from typing import cast
from urllib.parse import parse_qs

import pytest

from kg.created import is_there
from kg.errors import QueryError, StoreRefusedError
from kg.formats import by_name
from kg.graph import KnowledgeGraph
from kg.progress import silent
from kg.queries import SavedQueries
from kg.remote import Place
from kg.remote.copying import copy_to
from kg.remote.datasets import OURS
from kg.remote.record import DEFAULT, NAMED
from kg.remote.telling import Telling, Triples
from kg.store import Store
from kg.stores import open_store
from kg.terms import MERGED, XSD, Literal, NamedNode
from tests.small_store import EX, add, open_small
from tests.sparql_store import serving

JSON, NTRIPLES = "application/sparql-results+json", "application/n-triples"
LAWFUL = [f'<{EX}s> <{EX}p> "a" .', "_:b <urn:p> <urn:o> .", "<urn:s> <urn:p> _:b ."]
LAWLESS = [
    f'"a" <{EX}p> <{EX}s> .',
    f'"a"@en <{EX}p> "b" .',
    f'"1"^^<{EX}d> <{EX}p> <{EX}s> .',
    f"<{EX}s> _:b <{EX}o> .",
    '_:b "a \\" <urn:p>" <urn:o> .',
]


@pytest.fixture(params=[DEFAULT, NAMED])
def store(request, small_store):
    with serving() as found:
        found.is_united = request.param == NAMED
        there = Place.of(found.url)
        copy_to(Store(small_store), there, view=request.param, tell=silent)
        found.requests.clear()
        yield found


@pytest.fixture
def remote(store):
    return KnowledgeGraph(open_store(store.url, wait_seconds=1), SavedQueries())


def telling(kind, body):
    def answer(handler, asked):
        if b"CONSTRUCT" not in asked:
            return False
        handler.send(200, kind, body)
        return True

    return answer


@pytest.mark.parametrize(
    ("query", "variables"),
    [
        ("SELECT * { ?s ?p ?o }", "ops"),
        ("SELECT DISTINCT * { ?b ex:a ?a OPTIONAL { ?b ex:b ?c } }", "abc"),
        ("select reduced*{ { SELECT * { ?y ?x ?z } } }", "xyz"),
        ("SELECT ?s ?o { ?s ?p ?o }", "so"),
        ("SELECT * { ex:a ex:b 1 }", ""),
    ],
)
def test_all_columns_are_asked_for_by_name(
    store, remote, small_store, query, variables
):
    """Their order is left to each store; Fuseki has that of the pattern."""
    text = f"PREFIX ex: <{EX}> {query}"
    here = open_small(small_store).snapshot().query(text)
    assert remote.snapshot().query(text).variables == here.variables == (*variables,)
    (asked,) = parse_qs(store.requests[-1][2].decode())["query"]
    assert ("*" in asked.partition("{")[0]) == (variables == "")


def test_lines_that_are_no_triples_are_left_out(store, remote):
    """A template may make them (SPARQL 1.1 Query, section 16.2); Fuseki sends them."""
    lines = [LAWLESS[0], LAWFUL[0], *LAWLESS[1:], *LAWFUL[1:], LAWLESS[0]]
    query = "CONSTRUCT { ?o ?p ?s } { ?s ?p ?o }"
    store.answer = telling(NTRIPLES, "\n".join(lines).encode())
    assert len(list(remote.snapshot().query(query).triples())) == len(LAWFUL)
    store.answer = telling(NTRIPLES, "\n".join([*lines, "nonsense"]).encode())
    with pytest.raises(StoreRefusedError, match="cannot be read"):
        list(remote.snapshot().query(query).triples())


@pytest.mark.parametrize("size", [1, 7, 1000])
@pytest.mark.parametrize("end", ["", "\n"])
def test_lines_may_arrive_in_pieces(size, end):
    lines = [LAWLESS[0], LAWFUL[0], *LAWLESS[1:], *LAWFUL[1:], LAWLESS[0]]
    arriving = io.BytesIO(("\n".join(lines) + end).encode())
    sent = Triples(cast("Telling", SimpleNamespace(read=lambda _: arriving.read(size))))
    found = b"".join(iter(sent.read, b""))
    assert found.decode() == "".join(f"{line}\n" for line in LAWFUL)


def test_the_reason_is_told_and_not_the_query_that_comes_before_it(store, remote):
    query = f"SELECT ?s {{ ?s ?p ?o FILTER(REGEX(?o, '(')) }} # {'x' * 500}"

    def answer(handler, asked):
        if b"REGEX" not in asked:
            return False
        (sent,) = parse_qs(asked.decode())["query"]
        text = f"Error: \n{sent}\nUnclosed group near index 1"
        handler.send(400, "text/plain", text.encode())
        return True

    store.answer = answer
    with pytest.raises(QueryError) as raised:
        remote.snapshot().query(query)
    assert raised.value.message.endswith("400: Error: Unclosed group near index 1")


def test_the_graphs_by_which_a_store_is_kept_are_nowhere(store, remote):
    add(remote, "ex:quay ex:b 1 .")
    here = remote.snapshot()
    for graph in (*OURS, MERGED):
        assert not is_there(here, graph)
        assert not list(here.quads(graph=graph))
        assert here.dump(by_name("ntriples"), graph=graph) == b""
        assert not here.looking_up(lambda known, of=graph: list(known.quads(graph=of)))
        assert graph not in here.graphs()
    assert b"#copy" not in b"".join(sorted(map(str.encode, map(str, here.quads()))))


def test_a_number_is_looked_up_in_whatever_form(store, remote):
    """A store that keeps terms apart by their characters has the form that we keep."""
    add(remote, "ex:quay ex:b 5 .")
    store.requests.clear()
    given = Literal("05", datatype=NamedNode(f"{XSD}integer"))

    def look(quads):
        return list(quads.quads(NamedNode(f"{EX}quay"), NamedNode(f"{EX}b"), given))

    here = remote.snapshot()
    assert len(look(here)) == len(here.looking_up(look)) == 2
    assert not any(b"05" in body for _, _, body in store.requests)


@pytest.mark.parametrize("place", ["subject", "object"])
def test_a_triple_in_a_triple_is_told_to_be_none_of_ours(store, remote, place):
    """RDF-star has such for subjects, RDF 1.2 for objects; the gate takes neither."""
    part = {name: {"type": "uri", "value": f"urn:{name}"} for name in "spo"}
    ends = {"subject": part["s"], "predicate": part["p"], "object": part["o"]}
    row = part | {place[0]: {"type": "triple", "value": ends}}
    body = {"head": {"vars": ["g", *"spo"]}, "results": {"bindings": [row]}}

    def answer(handler, asked):
        if b"urn%3Astar" not in asked:
            return False
        handler.send(200, JSON, json.dumps(body).encode())
        return True

    store.answer = answer
    told = f"has another triple, <urn:s> <urn:p> <urn:o>, for its {place}"
    with pytest.raises(StoreRefusedError, match=told):
        list(remote.snapshot().quads(graph=NamedNode("urn:star")))
