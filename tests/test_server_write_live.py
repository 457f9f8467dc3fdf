"""Writing to the real server on a real socket: the standards' own tests, races."""

from __future__ import annotations

import http.client
import json
import re
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import quote, unquote, urljoin, urlsplit

import pytest
import rdflib
from pyoxigraph import CanonicalizationAlgorithm, Dataset
from rdflib.collection import Collection

from kg.change import parse_rdf
from kg.formats import by_name
from kg.store import Store
from kg.stores import open_store
from kg.terms import BlankNode, DefaultGraph, NamedNode, Quad
from kg.tokens import TokenFile
from tests.small_store import EX, PREFIXES
from tests.test_server_serve import serving
from tests.test_server_sparql import CNT, HT, HTS, MF, UT, requests
from tests.writing import SPARQL, TOWN, TURTLE, UPDATE, bearer


def tokens(store):
    return TokenFile(store.parent / "exequatur-tokens.json")


ANSWERS = {
    "boolean": {"application/sparql-results+json", "application/sparql-results+xml"},
    "tabular": {"application/sparql-results+json", "application/sparql-results+xml"},
    "RDF": {"text/turtle", "application/rdf+xml", "application/n-triples"},
}
"""What the manifest's names of formats stand for."""


def exchange(address, verb, path, data=None, headers=None):
    """Send a request over a connection of its own; return status, headers, body."""
    host = urlsplit(address).netloc
    connection = http.client.HTTPConnection(host, timeout=60)
    try:
        connection.request(verb, path, body=data, headers=headers or {})
        answer = connection.getresponse()
        return answer.status, answer.headers, answer.read()
    finally:
        connection.close()


# --- SPARQL 1.1 Protocol ----------------------------------------------------------


@pytest.fixture(scope="module")
def manifest(shared):
    return rdflib.Graph().parse(shared / "w3c" / "protocol" / "manifest.ttl")


@pytest.fixture(scope="module")
def w3c(manifest, tmp_path_factory):
    """The address of a server of the manifest's graphs, and a token's header."""
    quads = set()
    for data in set(manifest.objects(None, UT.graphData)):
        name = NamedNode(str(manifest.value(data, rdflib.RDFS.label)))
        file = unquote(urlsplit(str(manifest.value(data, UT.graph))).path)
        for quad in parse_rdf(
            Path(file).read_bytes(), by_name("ntriples"), source=file
        ):
            spo = (quad.subject, quad.predicate, quad.object)
            quads |= {Quad(*spo, name), Quad(*spo, DefaultGraph())}
    path = tmp_path_factory.mktemp("w3c") / "store"
    Store.create(path, quads, fingerprint="w3c")
    secret = tokens(path).add("suite", ["write:*"])
    with serving(path) as (_, address):
        yield address, bearer(secret)


def given_headers(manifest, request):
    return {
        str(manifest.value(entry, HT.fieldName)): str(
            manifest.value(entry, HT.fieldValue)
        )
        for node in manifest.objects(request, HT.headers)
        for entry in Collection(manifest, node)
    }


def send(w3c, manifest, request, path):
    address, token = w3c
    body = manifest.value(request, HT.body)
    data = None
    if body is not None:
        encoding = str(manifest.value(body, CNT.characterEncoding))
        data = str(manifest.value(body, CNT.chars)).encode(encoding)
    query = urlsplit(str(manifest.value(request, HT.absolutePath))).query
    verb = str(manifest.value(request, HT.methodName))
    headers = {**given_headers(manifest, request), **token}
    return exchange(address, verb, f"{path}?{query}", data, headers)


def entries(manifest):
    (listed,) = manifest.objects(None, MF.entries)
    for test in Collection(manifest, listed):
        name = str(test).rpartition("#")[2]
        yield name, requests(manifest, test)


def test_the_standard_s_own_tests_of_the_protocol_pass(manifest, w3c):
    found = dict(entries(manifest))
    assert len(found) == 34
    for name, steps in found.items():
        for number, request in enumerate(steps):
            # What comes after an update asks what it did.
            path = "/update" if "update" in name and number == 0 else "/sparql"
            status, headers, body = send(w3c, manifest, request, path)
            expected = manifest.value(request, HT.resp)
            classes = {
                str(one).removeprefix(HTS)[0]
                for one in manifest.objects(expected, MF.expectedStatus)
            }
            assert str(status)[0] in classes, (name, number, status, body)
            kind = manifest.value(expected, MF.expectedFormat)
            if kind is not None:
                assert headers.get_content_type() in ANSWERS[str(kind)], name
            truth = manifest.value(expected, MF.expectedBoolean)
            if truth is not None:
                assert json.loads(body)["boolean"] is truth.toPython(), name


# --- the Graph Store Protocol -----------------------------------------------------


@pytest.fixture(scope="module")
def people(tmp_path_factory):
    """A server of nothing, to which the tests of the protocol may write."""
    path = tmp_path_factory.mktemp("people") / "store"
    Store.create(path, [], fingerprint="nothing")
    secret = tokens(path).add("suite", ["write:*"])
    with serving(path) as (_, address):
        yield address, {**bearer(secret), "Content-Type": f"{TURTLE}; charset=utf-8"}


FOAF = """
@prefix foaf: <http://xmlns.com/foaf/0.1/> .
@prefix v: <http://www.w3.org/2006/vcard/ns#> .
"""


def person(name, more=""):
    card = f'foaf:businessCard [ a v:VCard ; v:fn "{name}" ]'
    return f"{FOAF} <urn:person:1> a foaf:Person ; {more} {card} ."


ALICE = f'{FOAF} [] a foaf:Person ; foaf:businessCard [ v:given-name "Alice" ] .'


def canonical(turtle, address):
    """The graph of *turtle*, the IRIs of new nodes as blank nodes again."""
    data = turtle if isinstance(turtle, bytes) else turtle.encode()
    quads = parse_rdf(data, by_name("turtle"), source="", address=address)

    def blank(term):
        genid = isinstance(term, NamedNode) and "/.well-known/genid/" in term.value
        return BlankNode(term.value.rpartition("/")[2]) if genid else term

    dataset = Dataset(
        Quad(blank(q.subject), q.predicate, blank(q.object)) for q in quads
    )
    dataset.canonicalize(CanonicalizationAlgorithm.UNSTABLE)
    return sorted(str(quad) for quad in dataset)


def test_the_graph_store_protocol_is_kept_step_by_step(people):
    """The steps of the suite for the protocol, in its order."""
    address, headers = people
    one, two = "/graphs/person/1.ttl", "/graphs/person/2.ttl"

    def step(verb, path, data=None, **more):
        given = {**headers, **{k.replace("_", "-"): v for k, v in more.items()}}
        return exchange(address, verb, path, data and data.encode(), given)

    def holds(path, turtle):
        status, found, body = step("GET", path, Accept=TURTLE)
        assert (status, found["Content-Type"]) == (200, f"{TURTLE}; charset=utf-8")
        assert canonical(body, address) == canonical(turtle, address)

    own = quote(urljoin(address, one), safe="")
    john, jane = person("John Doe"), person("Jane Doe")
    assert step("PUT", one, john)[0] == 201
    holds(f"/graphs?graph={own}", john)
    assert step("PUT", one, jane)[0] == 204
    holds(one, jane)
    assert step("PUT", "/graphs?default", ALICE)[0] == 201
    holds("/graphs?default", ALICE)
    assert step("PUT", one, jane, Content_Type="application/rdf+xml")[0] == 400
    holds(one, jane)
    other = quote(urljoin(address, two), safe="")
    assert step("PUT", f"/graphs?graph={other}", "")[0] == 201
    status, found, body = step("GET", two, Accept=TURTLE)
    assert (status, body) == (200, b"")
    assert found["Content-Type"] == f"{TURTLE}; charset=utf-8"
    assert step("PUT", f"/graphs?graph={other}", ALICE)[0] == 204
    holds(two, ALICE)
    assert step("DELETE", two)[0] == 200
    assert step("GET", two)[0] == 404
    assert step("DELETE", two)[0] == 404
    named = 'foaf:name "Jane Doe" ;'
    addition = f"{FOAF} <urn:person:1> {named.rstrip(';')} ."
    assert step("POST", one, addition)[0] == 200
    holds(one, person("Jane Doe", named))
    parts = [
        f'--b\r\nContent-Disposition: form-data; name="{name}"; filename="{name}.ttl"'
        f"\r\nContent-Type: text/turtle; charset=utf-8\r\n\r\n"
        f'{FOAF} <urn:person:1> foaf:{name} "{value}" .\r\n'
        for name, value in (("familyName", "Doe"), ("givenName", "Jane"))
    ]
    form = "".join(parts) + "--b--\r\n"
    kind = "multipart/form-data; boundary=b"
    assert step("POST", one, form, Content_Type=kind)[0] == 200
    all_names = f'{named} foaf:familyName "Doe" ; foaf:givenName "Jane" ;'
    holds(one, person("Jane Doe", all_names))
    status, found, _ = step("POST", "/graphs", ALICE)
    assert status == 201
    place = urlsplit(urljoin(address, found["Location"])).path
    holds(place, ALICE)
    assert step("POST", place, "# nothing")[0] in (200, 204)
    holds(place, ALICE)
    status, found, body = step("HEAD", one)
    assert (status, body) == (200, b"")
    assert found["Content-Type"] == f"{TURTLE}; charset=utf-8"
    assert step("HEAD", "/graphs/person/4.ttl")[0] == 404


# --- limits, revocation, races ----------------------------------------------------


@pytest.fixture
def limited(small_store):
    """A server that gives an update one second, and a token's header."""
    headers = {**bearer(tokens(small_store).add("Ada", ["write:*"]))}
    with serving(small_store, EXEQUATUR_QUERY_SECONDS="2") as (_, address):
        yield address, headers, small_store


def update(address, headers, text, path="/update"):
    headers = {**headers, "Content-Type": UPDATE}
    return exchange(address, "POST", path, (SPARQL + text).encode(), headers)


RUNAWAY = """
INSERT { GRAPH ex:new { ?a ex:n ?n } } WHERE {
  VALUES ?a { ex:a } { SELECT (COUNT(*) AS ?n) {
    ?b ?c ?d . ?e ?f ?g . ?h ?i ?j . ?k ?l ?m . ?o ?p ?q . ?r ?s ?t . ?u ?v ?w } } }
"""


@pytest.mark.embedded("updates that never end")
def test_a_runaway_update_is_stopped_and_keeps_nobody_waiting(limited):
    address, headers, store = limited
    with ThreadPoolExecutor(1) as pool:
        runaway = pool.submit(update, address, headers, RUNAWAY)
        time.sleep(0.3)
        small = update(address, headers, "INSERT DATA { ex:a ex:b 1 }")
        assert small[0] == 200
        assert not runaway.done()
        status, _, body = runaway.result()
    assert status == 422
    assert b"longer than 2 seconds" in body
    assert update(address, {}, RUNAWAY, "/validate")[0] == 422
    assert open_store(store).version == 2


def test_what_asks_other_hosts_is_refused_and_asks_none(limited):
    address, headers, store = limited
    port = urlsplit(address).port
    own = f"http://127.0.0.1:{port}/status"
    for text in (
        f"LOAD <{own}>",
        f"LOAD <{own}> INTO GRAPH ex:new",
        f"INSERT {{ ?s ?p ?o }} WHERE {{ SERVICE <{own}> {{ ?s ?p ?o }} }}",
        f"INSERT {{ ?s ?p ?o }} WHERE {{ SERVICE SILENT <{own}> {{ ?s ?p ?o }} }}",
    ):
        status, _, body = update(address, headers, text)
        assert status == 400
        assert b"refused" in body
    assert update(address, headers, f"LOAD SILENT <{own}>")[0] == 200
    for kind, data in (
        ("application/ld+json", f'{{"@context": "{own}", "a": 1}}'),
        ("application/rdf+xml", f'<!DOCTYPE x [<!ENTITY a SYSTEM "{own}">]><x>&a;</x>'),
    ):
        given = {**headers, "Content-Type": kind}
        assert exchange(address, "PUT", "/graphs/x", data, given)[0] == 400
    assert open_store(store).version == 1


def test_a_revoked_token_is_refused_at_once(limited):
    address, headers, store = limited
    assert update(address, headers, "INSERT DATA { ex:a ex:b 1 }")[0] == 200
    tokens(store).revoke("Ada")
    assert update(address, headers, "INSERT DATA { ex:a ex:b 2 }")[0] == 401
    assert update(address, {}, "INSERT DATA { ex:a ex:b 2 }")[0] == 403
    other = bearer(tokens(store).add("Bob", [f"write:{EX}new"]))
    assert update(address, headers, "INSERT DATA { ex:a ex:b 2 }")[0] == 401
    assert update(address, other, "INSERT DATA { ex:a ex:b 2 }")[0] == 403
    assert open_store(store).version == 2


def test_no_update_is_lost_between_processes(small_store):
    """Many clients count up in one graph by reading, adding one, and If-Match."""
    headers = {
        **bearer(tokens(small_store).add("Ada", ["write:*"])),
        "Content-Type": TURTLE,
    }
    path = "/graphs/counter"
    with serving(small_store, "--workers", "2") as (_, address):
        start = f"{PREFIXES} ex:a ex:number 0 ."
        assert exchange(address, "PUT", path, start, headers)[0] == 201
        with ThreadPoolExecutor(4) as pool:
            list(pool.map(lambda _: count_up(address, path, headers), range(12)))
        _, _, body = exchange(address, "GET", path)
    assert re.findall(rb"number> (\d+)", body) == [b"12"]
    assert open_store(small_store).version == 2 + 12


def count_up(address, path, headers):
    """Add one, however often another client is quicker."""
    for _ in range(200):
        _, found, body = exchange(address, "GET", path)
        if "ETag" not in found:  # a remote store has moved on while it was read
            continue
        (number,) = re.findall(rb"number> (\d+)", body)
        data = f"{PREFIXES} ex:a ex:number {int(number) + 1} ."
        given = {**headers, "If-Match": found["ETag"]}
        status = exchange(address, "PUT", path, data, given)[0]
        if status == 204:
            return
        assert status in (412, 503)
    raise AssertionError("it never came to its turn")


def test_a_rejection_over_the_wire_has_the_line(limited):
    address, headers, _ = limited
    given = {**headers, "Content-Type": TURTLE}
    data = f"{PREFIXES}{TOWN}\nex:mill a ex:Town ."
    status, found, body = exchange(address, "PUT", "/graphs/x", data, given)
    assert status == 422
    assert found["Content-Type"] == "application/problem+json"
    assert json.loads(body)["results"][0]["line"] == data.count("\n") + 1
