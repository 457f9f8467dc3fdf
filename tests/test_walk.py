"""Every address there is, asked on the wire in every way: nothing is a fault."""

from __future__ import annotations

import gzip
import http.client
import json
import re
import subprocess
from contextlib import contextmanager
from urllib.parse import quote, urlsplit

import brotli
import pytest

from kg.change import parse_rdf
from kg.formats import by_name
from kg.store import Store
from kg.stores import open_store
from kg.terms import BASE, DefaultGraph, NamedNode, Quad
from server.app import create_app
from tests.test_server_serve import ADDRESS, command

BROWSER = "text/html,application/xhtml+xml,*/*;q=0.8"
ACCEPTS = [None, BROWSER, "application/json", "text/turtle", "image/png"]
FORMS = {None: "text/plain", BROWSER: "text/html"}
"""How an error is told; all other clients are programs."""

VERBS = ("DELETE", "GET", "PATCH", "POST", "PUT", "TRACE", "BREW")
PLACES = {
    "kind": ["entity"], "local": ["kenya", "nothing"], "space": ["source"],
    "suffix": ["ttl", "nq", "nq.gz", "xyz"], "version": ["0.1.0", "9"],
    "what": ["doc/kenya", "nothing"], "filename": ["site.css", "nothing.css"],
    "name": ["posts-of-state", "State", "nothing"],
}  # fmt: skip
"""What may stand in the places of an address: what is there, and what is not."""

MORE = [
    "/nothing", "/sparql/", "/queries/", "/update", "/?format=turtle",
    "/doc/kenya.ttl?version=1", "/doc/kenya?version=99", "/doc/kenya?page=9",
    "/dump?graph=urn:no", f"/dump.rdf?graph={BASE}source/odd",
    f"/dump.ttl?graph={BASE}graph/reference", "/graphs?default", "/graphs?graph=urn:no",
    "/graphs?graph=x", "/queries/meetings?limit=2", "/queries/meetings?no=1",
    "/queries/meetings?format=csv", "/reconcile?queries=%7B", "/search?q=kenya",
    "/search/names?prefix=k", "/reconcile/preview?id=kenya",
    "/reconcile/properties?type=State", "/reconcile/view?id=kenya",
    "/sparql?query=ASK%7B%7D", "/sparql?query=ASK", "/sparql?query=ASK%7B%7D&format=no",
    "/why?s=kenya&p=exq:isoAlpha3&o=KEN", "/%FF", "/id/%FF", "/doc/%00", "/?%FF=%FF",
]  # fmt: skip
NAMES = [
    "odd", "straße", "日本", "a,b;c=d'(x)", "a.ttl", "😀", "a?b=c&d", "plus+x",
    "per%cent", "a%2Fb", "straße#frag-ü", "%F0%9F%98%80",
]  # fmt: skip
ODD = f"""
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
<{BASE}id/odd> a <urn:Class>, <http://example.org/> ;
  rdfs:label "a\\u0001b", "\\r\\n", "<script>alert(1)</script>", "x"@en-GB, "" ;
  <urn:p> <urn:x>, <mailto:a@b.c>, "v"^^<urn:dt>, [ <urn:p> [ rdfs:label "in" ] ] ;
  <http://example.org/1> <javascript:alert(1)>, <data:text/html,x> ;
  rdfs:seeAlso {", ".join(f"<{BASE}id/{name}>" for name in NAMES)} .
""" + "".join(f'<{BASE}id/{name}> rdfs:label "{name}" .\n' for name in NAMES)


@pytest.fixture(scope="module")
def store(shipped_store, tmp_path_factory):
    """A store with what no gate would let in, beside the shipped facts."""
    path = tmp_path_factory.mktemp("odd") / "store"
    quads = set(open_store(shipped_store).snapshot().quads())
    for quad in parse_rdf(ODD.encode(), by_name("turtle"), source="odd"):
        for graph in (DefaultGraph(), NamedNode(f"{BASE}source/odd"),
                      NamedNode(f"{BASE}source/straße")):  # fmt: skip
            quads.add(Quad(quad.subject, quad.predicate, quad.object, graph))
    Store.create(path, quads, fingerprint="odd")
    return path


@contextmanager
def walked(store):
    """Run a server whose log, which gets long, nobody reads."""
    process = subprocess.Popen(
        command(store, "--workers", "1"),
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    try:
        found = ADDRESS.search(process.stdout.readline() if process.stdout else "")
        assert found, "it printed no address"
        yield found.group()
    finally:
        process.terminate()
        process.communicate(timeout=60)


@pytest.fixture(scope="module")
def ask(store):
    """Send a request to a server of that store; return status, headers and body."""
    with walked(store) as address:
        connection = http.client.HTTPConnection(urlsplit(address).netloc, timeout=20)

        def asking(verb, path, **headers):
            given = {k.replace("_", "-"): v for k, v in headers.items() if v}
            try:
                connection.request(verb, path, headers=given)
                answer = connection.getresponse()
                return answer.status, answer.headers, answer.read()
            except OSError as error:
                connection.close()
                raise AssertionError(f"no answer to {verb} {path}") from error

        yield asking
        connection.close()


@pytest.fixture(scope="module")
def addresses(graph, settings):
    """Addresses for every rule of the application, and more."""
    rules = [rule.rule for rule in create_app(graph, settings).url_map.iter_rules()]
    found = set(MORE)
    for rule in rules:
        made = {rule}
        for place in re.findall(r"<[^<>]+>", rule):
            words = PLACES.get(re.split(r"[:>]", place)[-2], ["nothing"])
            made = {one.replace(place, word, 1) for one in made for word in words}
        found |= made
    for name in [f"id/{name}" for name in NAMES] + ["source/odd", "source/straße"]:
        short = name.removeprefix("id/")
        for way in (name, f"doc/{short}", f"timemap/doc/{short}", f"graphs/{name}"):
            found.add(f"/{quote(way)}")
    assert len(rules) > 40
    return sorted(found)


def told(headers, *, but=()):
    """What headers say; a body that is written while it is sent has no length."""
    varying = {"date", "x-request-id", "transfer-encoding", *but}
    return {k.lower(): v for k, v in headers.items() if k.lower() not in varying}


def anonymous(body):
    """A body without the number of the request."""
    return re.sub(rb"\b[0-9a-f]{16}\b", b"", body)


def volatile(address):
    """Tell whether an answer differs from one moment to the next."""
    return address in ("/metrics", "/status")


def test_every_address_answers_get_and_head_alike_and_without_a_fault(ask, addresses):
    for address in addresses:
        but = ("content-length", "etag") if volatile(address) else ()
        for accept in ACCEPTS:
            status, headers, body = ask("GET", address, Accept=accept)
            assert status < 500, (address, accept, body)
            head, alike, nothing = ask("HEAD", address, Accept=accept)
            assert (head, nothing) == (status, b""), (address, accept)
            assert told(headers, but=but) == told(alike, but=but), (address, accept)
            assert all(value.isascii() for value in headers.values()), address
            vary = set(re.split(", *", headers["Vary"]))
            assert "Accept-Encoding" in vary
            assert "Accept" in vary or address.startswith("/static/")
            if status >= 400:
                form = FORMS.get(accept, "application/problem+json")
                assert headers.get_content_type() == form, (address, accept)
                assert headers["X-Request-Id"] in body.decode(), (address, accept)
            if status in (302, 303):
                assert headers["Location"].startswith("/"), address
                assert ask("GET", headers["Location"].partition("#")[0])[0] < 500


UNPACK = {"gzip": gzip.decompress, "br": brotli.decompress}


def test_what_comes_packed_is_what_comes_unpacked(ask, addresses):
    packed = 0
    for address in addresses:
        _, plain, body = ask("GET", address)
        for coding, unpack in UNPACK.items():
            _, headers, data = ask("GET", address, Accept_Encoding=coding)
            if "Content-Encoding" in headers:
                packed += 1
                assert headers["Content-Encoding"] == coding
                assert headers["ETag"] != plain["ETag"] or plain["ETag"] is None
                data = unpack(data)
            else:
                kind = headers.get_content_type()
                assert len(data) < 1000 or kind == "application/gzip", (address, kind)
            if not volatile(address):
                assert anonymous(data) == anonymous(body), (address, coding)
    assert packed > 50


def test_every_address_says_what_it_takes_and_refuses_the_rest(ask, addresses):
    for address in addresses:
        status, headers, body = ask(
            "OPTIONS",
            address,
            Origin="https://example.org",
            Access_Control_Request_Method="GET",
            Access_Control_Request_Headers="authorization, content-type, prefer",
        )
        if status == 404:
            assert ask("GET", address)[0] == 404
            continue
        assert (status, body) == (200, b"") or "%FF" in address, (address, status)
        allowed = headers["Allow"]
        if address.endswith("/text"):  # the text of an article is nobody else's
            assert not [name for name in headers if name.startswith("Access-")]
        else:
            assert headers["Access-Control-Allow-Origin"] == "*"
            assert headers["Access-Control-Allow-Methods"] == allowed
            wanted = {"authorization", "content-type", "prefer"}
            taken = headers["Access-Control-Allow-Headers"].lower()
            assert wanted <= set(re.split(", *", taken))
        for verb in set(VERBS) - set(allowed.split(", ")):
            refused, answer, _ = ask(verb, address)
            assert (refused, answer["Allow"]) == (405, allowed), (verb, address)


@pytest.mark.parametrize(
    ("query", "line", "column", "hint"),
    [
        ("SELECT * WHERE {\n  ?s ?p ?o \n  ?a }", 3, 3, "dot"),
        ("SELECT ?s WHERE { ?s foaf:name ?o }", 1, 22, "PREFIX"),
        ("SELEKT * { ?s ?p ?o }", 1, 1, "SELECT"),
    ],
)
def test_a_slip_in_a_query_is_told_with_its_place_in_every_form(
    ask, query, line, column, hint
):
    address = f"/sparql?query={quote(query)}"
    status, headers, body = ask("GET", address, Accept="application/json")
    assert (status, headers["Content-Type"]) == (400, "application/problem+json")
    problem = json.loads(body)
    assert (problem["line"], problem["column"]) == (line, column), problem
    assert problem["status"] == 400
    assert hint in problem.get("advice", "")
    for accept in (None, BROWSER):
        _, _, text = ask("GET", address, Accept=accept)
        assert f"line {line}, column {column}" in text.decode()
