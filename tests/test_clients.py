"""The tools of the field against a server on a socket, each as its users use it."""

from __future__ import annotations

import csv
import io
import json
import subprocess
from pathlib import Path
from typing import Any

import pyoxigraph
import pytest
from rdflib import RDFS, Graph, Literal, Namespace, URIRef, Variable
from rdflib.plugins.stores.sparqlstore import SPARQLStore, SPARQLUpdateStore
from SPARQLWrapper import (
    CSV,
    JSON,
    JSONLD,
    N3,
    POST,
    RDFXML,
    TSV,
    TURTLE,
    XML,
    SPARQLWrapper,
)

from kg.tokens import TokenFile
from tests.heavy_clients import comunica, jena
from tests.reconciling import Reconciler
from tests.store_kinds import copied
from tests.test_server_serve import serving

EX = Namespace("http://example.org/")
EXQ = Namespace("https://w3id.org/exequatur/ontology#")
PREFIXES = f"PREFIX ex: <{EX}> PREFIX exq: <{EXQ}> PREFIX rdfs: <{RDFS}> "
CODES = PREFIXES + "SELECT ?code WHERE { ?s exq:isoAlpha3 ?code } ORDER BY ?code"
JAVA = Path(__file__).parent / "data" / "clients" / "Jena.java"


@pytest.fixture(scope="module")
def address(shipped_store):
    with serving(shipped_store) as (_, address):
        yield address


@pytest.fixture(scope="module")
def writable(small_store_built, tmp_path_factory):
    """The address of a server of a small store, and a token to write there."""
    folder = tmp_path_factory.mktemp("clients")
    store = copied(small_store_built, folder / "store")
    secret = TokenFile(folder / "exequatur-tokens.json").add("client", ["write:*"])
    with serving(store) as (_, address):
        yield address, secret


# --- SPARQLWrapper ----------------------------------------------------------------


@pytest.fixture
def wrapper(address):
    return SPARQLWrapper(f"{address}sparql")


def converted(wrapper) -> Any:
    """Return what a query answers, as Python has it."""
    return wrapper.queryAndConvert()


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_sparqlwrapper_reads_a_table(wrapper, method):
    wrapper.setQuery(CODES)
    wrapper.setMethod(method)
    wrapper.setReturnFormat(JSON)
    rows = converted(wrapper)["results"]["bindings"]
    assert "KEN" in [row["code"]["value"] for row in rows]
    wrapper.setReturnFormat(CSV)
    assert b"KEN" in wrapper.queryAndConvert()


def test_sparqlwrapper_asks_and_builds(wrapper):
    wrapper.setReturnFormat(JSON)
    wrapper.setQuery(PREFIXES + "ASK { ?s exq:isoAlpha3 'KEN' }")
    assert converted(wrapper)["boolean"] is True
    wrapper.setReturnFormat(TURTLE)
    wrapper.setQuery(PREFIXES + "CONSTRUCT WHERE { ?s exq:isoAlpha3 ?c }")
    assert len(Graph().parse(wrapper.queryAndConvert(), format="turtle")) > 3


@pytest.mark.parametrize("form", [None, XML, RDFXML, JSONLD, TURTLE, N3])
@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.filterwarnings("ignore:ConjunctiveGraph is deprecated")  # its converter
def test_sparqlwrapper_reads_a_graph_however_it_asks(wrapper, form, method):
    wrapper.setMethod(method)
    wrapper.setQuery(PREFIXES + "CONSTRUCT WHERE { ?s exq:isoAlpha3 ?c }")
    if form is not None:
        wrapper.setReturnFormat(form)
    read = converted(wrapper)
    if isinstance(read, bytes):
        read = Graph().parse(read, format="turtle")
    assert len(read) > 3


@pytest.mark.parametrize("form", [CSV, TSV])
def test_sparqlwrapper_reads_lines(wrapper, form):
    wrapper.setQuery(CODES)
    wrapper.setReturnFormat(form)
    assert b"KEN" in wrapper.queryAndConvert()


def test_sparqlwrapper_updates_with_a_token(writable):
    address, secret = writable
    wrapper = SPARQLWrapper(f"{address}sparql", updateEndpoint=f"{address}update")
    wrapper.setMethod(POST)
    wrapper.addCustomHttpHeader("Authorization", f"Bearer {secret}")
    town = "ex:quay a ex:Town ; rdfs:label 'Quay'@en ; ex:within ex:land"
    wrapper.setQuery(f"{PREFIXES} INSERT DATA {{ GRAPH ex:atlas {{ {town} }} }}")
    wrapper.query()
    wrapper.setQuery(PREFIXES + "ASK { ex:quay rdfs:label 'Quay'@en }")
    wrapper.setReturnFormat(JSON)
    assert converted(wrapper)["boolean"] is True


# --- rdflib -----------------------------------------------------------------------


def test_rdflibs_store_reads_triples_and_answers_queries(address):
    graph = Graph(SPARQLStore(f"{address}sparql"))
    kenya = URIRef("https://w3id.org/exequatur/id/kenya")
    assert (kenya, EXQ.isoAlpha3, Literal("KEN")) in graph
    assert Literal("Kenya", lang="en") in set(graph.objects(kenya, RDFS.label))
    codes = {str(row[Variable("code")]) for row in graph.query(CODES).bindings}
    assert "KEN" in codes
    assert len(graph.query(PREFIXES + "CONSTRUCT WHERE { ?s exq:isoAlpha3 ?c }")) > 3


def test_rdflibs_update_store_adds_and_removes(writable):
    address, secret = writable
    store = SPARQLUpdateStore(
        f"{address}sparql",
        f"{address}update",
        headers={"Authorization": f"Bearer {secret}"},
        autocommit=False,
        context_aware=True,
    )
    graph = Graph(store, identifier=EX.by_rdflib)
    graph.add((EX.ferry, URIRef("http://www.w3.org/1999/02/22-rdf-syntax-ns#type"),
               EX.Town))  # fmt: skip
    graph.add((EX.ferry, RDFS.label, Literal("Ferry", lang="en")))
    graph.add((EX.ferry, EX.within, EX.land))
    store.commit()
    assert set(graph.objects(EX.ferry, RDFS.label)) == {Literal("Ferry", lang="en")}
    graph.remove((EX.ferry, None, None))
    store.commit()
    assert not list(graph.triples((EX.ferry, None, None)))


# --- another endpoint that asks this one ------------------------------------------


def test_pyoxigraph_joins_its_own_triples_with_ours(address):
    store = pyoxigraph.Store()
    mine = "INSERT DATA { <http://mine/trip> <http://mine/to> 'KEN' }"
    store.update(mine)
    rows = store.query(
        PREFIXES + "SELECT ?trip ?name WHERE { ?trip <http://mine/to> ?code "
        f"SERVICE <{address}sparql> "
        "{ ?state exq:isoAlpha3 ?code ; rdfs:label ?name } }"
    )
    assert isinstance(rows, pyoxigraph.QuerySolutions)
    assert [row["name"].value for row in rows] == ["Kenya"]


# --- reconciliation ---------------------------------------------------------------


def test_a_column_of_names_is_reconciled_as_openrefine_does(address):
    client = Reconciler(f"{address}reconcile")
    column = ["Laâssel, Abderrazzak", "nasser bourita", "Rensen Ingonga", "Nobody"]
    assert client.guess_types(column)[0] == "Person"
    found = client.reconcile(column, "Person")
    ids = [one and one["id"] for one in found]
    assert ids[:3] == ["abderrazzak-laassel", "nasser-bourita", "renson-ingonga"]
    assert found[1]["match"]
    assert ids[3] is None or not found[3]["match"]
    held = client.reconcile(column[:1], "Person", officialOf="Morocco")
    assert held[0]["id"] == ids[0]
    assert "Bourita" in client.preview(ids[1])
    assert client.view(ids[1]) == f"{address}doc/nasser-bourita"
    assert "Person" in [one["id"] for one in client.suggest("type", "pers")]
    assert ids[1] in [one["id"] for one in client.suggest("entity", "bour")]
    proposed = [one["id"] for one in client.propose("Person")]
    assert "officialOf" in proposed
    rows = client.extend(ids[:3], ["officialOf"])
    states = [rows[id_]["officialOf"][0]["name"] for id_ in ids[:3]]
    assert states == ["Morocco", "Morocco", "Kenya"]


# --- Comunica and Jena ------------------------------------------------------------


def run(*command):
    done = subprocess.run(
        command, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout


def test_comunica_reads_a_table(address):
    kind = "application/sparql-results+json"
    answer = run(comunica(), f"sparql@{address}sparql", CODES, "-t", kind)
    rows = json.loads(answer)["results"]["bindings"]
    assert "KEN" in [row["code"]["value"] for row in rows]


def test_jenas_command_reads_a_table(address):
    service = ["--service", f"{address}sparql", "--results", "CSV"]
    answer = run(*jena(), "arq.rsparql", *service, CODES)
    assert "KEN" in [row["code"] for row in csv.DictReader(io.StringIO(answer))]


def test_jenas_connection_asks_updates_and_writes_graphs(writable):
    address, secret = writable
    lines = run(*jena(), str(JAVA), address, secret).splitlines()
    assert "row Port" in lines
    assert lines[-5:] == [
        "ask true",
        "construct true",
        "fetched 3",
        "loaded 4",
        "deleted true",
    ]
