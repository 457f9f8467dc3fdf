"""Attacks through this program on other hosts and on files: nothing is asked or read.

A listener on the loopback address, known by all its names, must hear nobody; commands
run under a hook that notes each name that is looked up and each socket that connects.
"""

from __future__ import annotations

import json
import os
import select
import socket
import subprocess
import sys
from contextlib import contextmanager
from urllib.parse import quote, urlencode

import pytest

from kg.tokens import TokenFile
from tests.small_store import EX, PREFIXES, write_sources
from tests.store_kinds import copied
from tests.test_server_serve import fetch, serving
from tests.writing import bearer

QUERY, UPDATE = "application/sparql-query", "application/sparql-update"
SECRET = "nobody may read this"  # noqa: S105 it is a text in a file
HOSTS = ("127.0.0.1", "localhost", "LOCALHOST.", "[::ffff:127.0.0.1]", "0", "127.1",
         "0177.0.0.1", "127.000.000.001", "%31%32%37.0.0.1", "user@127.0.0.1",
         "127.0.0.1%2f@evil.example", socket.gethostname())  # fmt: skip
"""Ways to write the loopback address, and names that lead there."""

PRIVATE = ("http://169.254.169.254/latest/meta-data/", "http://10.0.0.1/",
           "http://192.168.0.1/", "http://[fe80::1]/", "http://[::1]:1/",
           "ftp://127.0.0.1/", "gopher://127.0.0.1:1/", "unix:///run/x.sock",
           "http://127.0.0.1:22/")  # fmt: skip
"""None of these is asked: whoever tried would fail or take long, and say so."""


@contextmanager
def listening():
    """Give the port of a listener that nobody may call, with answers that lead on."""
    with socket.create_server(("0.0.0.0", 0)) as listener:  # noqa: S104 all its names
        yield listener.getsockname()[1]
        waiting, _, _ = select.select([listener], [], [], 0.3)
        assert not waiting, "somebody called"


@pytest.fixture(scope="module")
def store(small_store_built, tmp_path_factory):
    return copied(small_store_built, tmp_path_factory.mktemp("small") / "store")


@pytest.fixture(scope="module")
def secret(tmp_path_factory):
    """The address of a file that no request may have read."""
    path = tmp_path_factory.mktemp("secret") / "secret.ttl"
    path.write_text(f'<urn:a> <urn:b> "{SECRET}" .', encoding="utf-8")
    return path.as_uri()


@pytest.fixture(scope="module")
def address(store):
    with serving(store) as (_, address):
        yield address


@pytest.fixture(scope="module")
def headers(store):
    tokens = TokenFile(store.parent / "exequatur-tokens.json")
    return bearer(tokens.add("Ada", ["admin"]))


@pytest.fixture(scope="module")
def places(secret):
    """Give, of a port, the addresses that a request may try to have read."""

    def of(port):
        return [*(f"http://{host}:{port}/x.ttl" for host in HOSTS), secret, *PRIVATE]

    return of


def queries(place):
    service = f"SERVICE <{place}>"
    return [
        f"SELECT * {{ {service} {{ ?s ?p ?o }} }}",
        f"SELECT * {{ SERVICE SILENT <{place}> {{ ?s ?p ?o }} }}",
        f"SELECT * {{ BIND(<{place}> AS ?x) SERVICE ?x {{ ?s ?p ?o }} }}",
        f"PREFIX x: <{place}> SELECT * {{ SERVICE x: {{ ?s ?p ?o }} }}",
        f"BASE <{place}> SELECT * {{ SERVICE <> {{ ?s ?p ?o }} }}",
        f"SELECT * {{ {{ SELECT * {{ {service} {{ ?s ?p ?o }} }} }} }}",
        f"ASK {{ FILTER EXISTS {{ {service} {{ ?s ?p ?o }} }} }}",
        f"ASK {{ OPTIONAL {{ {service} {{ ?s ?p ?o }} }} }}",
        f"CONSTRUCT {{ ?s ?p ?o }} WHERE {{ {service} {{ ?s ?p ?o }} }}",
        f"DESCRIBE ?s WHERE {{ {service} {{ ?s ?p ?o }} }}",
        f"SELECT * {{ \\u0053ERVICE <{place}> {{ ?s ?p ?o }} }}",
        f"SELECT * {{ \\U00000053ERVIC\\u0045 SIL\\u0045NT <{place}> {{ ?s ?p ?o }} }}",
        f"SELECT * {{ BIND('a' AS ?x) #\\u000A\n\\u0053ERVICE <{place}> {{}} }}",
        f"SELECT * {{ ?s ?p \\u0027#\\u0027 \\u0053ERVICE <{place}> {{}} }}",
        f"SELECT * {{ sErViCe#x\n<{place}>{{ ?s ?p ?o }} }}",
        f"SELECT * {{ ?a ?b ?c.SERVICE<{place}>{{ ?s ?p ?o }} }}",
    ]


def updates(place):
    where = f"SERVICE <{place}> {{ ?s ?p ?o }}"
    return [
        f"LOAD <{place}>",
        f"LOAD SILENT <{place}> INTO GRAPH <urn:g>",
        f"load#x\n<{place}>",
        f"LO\\u0041D <{place}>",
        f"LOAD \\u003C{place}\\u003E",
        f"INSERT DATA {{}} \\u003B\\u000ALO\\u0041D <{place}>",
        f"PREFIX x: <{place}> LOAD x:",
        f"BASE <{place}> LOAD <>",
        f"INSERT DATA {{ <urn:a> <urn:b> 1 }} ; LOAD <{place}>",
        f"INSERT {{ ?s ?p ?o }} WHERE {{ {where} }}",
        f"DELETE {{ ?s ?p ?o }} WHERE {{ SERVICE SILENT <{place}> {{ ?s ?p ?o }} }}",
        f"INSERT {{ ?s ?p ?o }} WHERE {{ {{ SELECT * {{ {where} }} }} }}",
    ]


def documents(place):
    """Documents that name another: media type, text, whether it is one at all."""
    ld, xml = "application/ld+json", "application/rdf+xml"
    rdf = 'xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:e="urn:e:"'
    contexts = [
        f'"{place}"',
        f'["{place}"]',
        f'[{{"a": "urn:a"}}, "{place}"]',
        f'{{"@import": "{place}"}}',
        f'{{"@base": "{place}", "@import": "x"}}',
        f'{{"b": {{"@id": "urn:b", "@context": "{place}"}}}}',
        f'{{"T": {{"@id": "urn:T", "@context": ["{place}"]}}}}',
    ]
    found = [(ld, f'{{"@context": {one}, "@type": "T", "urn:b": 1, "b": {{"b": 1}}}}')
             for one in contexts]  # fmt: skip
    found += [
        (ld, f'[{{"urn:b": 1}}, {{"@context": "{place}", "urn:b": 1}}]'),
        (ld, f'{{"urn:b": {{"@context": "{place}", "urn:b": 1}}}}'),
        (xml, f'<!DOCTYPE x SYSTEM "{place}"><x/>'),
        (xml, f'<!DOCTYPE x PUBLIC "x" "{place}"><x/>'),
        (xml, f'<!DOCTYPE x [<!ENTITY a SYSTEM "{place}">]><x>&a;</x>'),
        (xml, f'<!DOCTYPE x [<!ENTITY % a SYSTEM "{place}"> %a;]><x/>'),
        (
            xml,
            f'<rdf:RDF {rdf} xmlns:xi="http://www.w3.org/2001/XInclude">'
            f'<xi:include href="{place}" parse="text"/></rdf:RDF>',
        ),
        ("text/n3", f"@prefix log: <urn:l> . <{place}> log:semantics ?x ."),
    ]
    harmless = [
        (xml, f'<rdf:RDF {rdf} xml:base="{place}"><rdf:Description rdf:about="">'
              "<e:b>1</e:b></rdf:Description></rdf:RDF>"),
        (xml, f'<?xml-stylesheet href="{place}"?><rdf:RDF {rdf}><rdf:Description '
              'rdf:about="urn:x"><e:b>1</e:b></rdf:Description></rdf:RDF>'),
        ("text/turtle", f"<urn:a> <http://www.w3.org/2002/07/owl#imports> <{place}> ."),
        ("text/turtle", f"@base <{place}> . <> <http://schema.org/url> <x> ."),
        ("application/trig", f"<{place}> {{ <urn:a> <urn:b> <{place}> }}"),
        (ld, f'{{"@id": "{place}", "@graph": [{{"@id": "urn:a", "urn:b": 1}}]}}'),
    ]  # fmt: skip
    return found, harmless


def send(address, path, media_type, text, headers):
    return fetch(f"{address}{path}", data=text.encode(), Content_Type=media_type,
                 **headers)  # fmt: skip


def test_no_query_asks_anybody(address, places):
    with listening() as port:
        for place in places(port):
            for query in queries(place):
                status, _, body = send(address, "sparql", QUERY, query, {})
                assert status == 400, query
                assert SECRET.encode() not in body


def test_no_dataset_is_fetched(address, places):
    with listening() as port:
        for place in places(port):
            for clause in (f"FROM <{place}>", f"FROM NAMED <{place}>"):
                pattern = "{ ?s ?p ?o } UNION { GRAPH ?g { ?s ?p ?o } }"
                found = send(address, "sparql", QUERY,
                             f"SELECT * {clause} {{ {pattern} }}", {})  # fmt: skip
                assert SECRET.encode() not in found[2]
                assert found[0] in (200, 400)
            given = {"query": "SELECT * { ?s ?p ?o }", "default-graph-uri": place}
            found = fetch(f"{address}sparql?{urlencode(given)}", Accept="text/csv")
            assert found[0] in (200, 400)
            assert len(found[2].splitlines()) <= 1 or found[0] == 400


def test_no_update_loads_anything(address, headers, places, store):
    with listening() as port:
        for place in places(port):
            for update in updates(place):
                for path in ("validate", "update"):
                    status, _, body = send(address, path, UPDATE, update, headers)
                    silent = "SILENT" in update and "LOAD" in update  # is no error
                    assert status == (200 if silent else 400), update
                    assert not silent or json.loads(body)["added"] == 0
                    assert SECRET.encode() not in body


def test_no_document_has_another_fetched(address, headers, places):
    """Whether it is judged, or put into a graph, or is a part of a form."""
    with listening() as port:
        for place in places(port)[:2] + places(port)[-10:-8]:
            refused, harmless = documents(place)
            for media_type, text in (*refused, *harmless):
                status, _, body = send(address, "validate", media_type, text, {})
                assert (status == 400) == ((media_type, text) in refused), text
                assert SECRET.encode() not in body
                graph = f"graphs?graph={quote(EX)}try"
                status, _, body = send(address, graph, media_type, text, headers)
                assert (status == 400) or (media_type, text) in harmless, text
                assert SECRET.encode() not in body
                status, _, body = multipart(address, media_type, text, place)
                assert (status == 400) == ((media_type, text) in refused), text
                assert SECRET.encode() not in body


def multipart(address, media_type, text, place):
    part = (
        '--x\r\nContent-Disposition: form-data; name="a"; '
        f'filename="{place}"\r\nContent-Type: {media_type}\r\n'
        f"Content-Location: {place}\r\n\r\n{text}\r\n--x--\r\n"
    )
    return send(address, "validate", "multipart/form-data; boundary=x", part, {})


def test_no_header_names_a_context(address, places):
    with listening() as port:
        for place in places(port)[:2]:
            relation = "http://www.w3.org/ns/json-ld#context"
            for media_type in ("application/json", "application/ld+json"):
                answer = fetch(
                    f"{address}validate", data=b'{"a": 1}', Content_Type=media_type,
                    Link=f'<{place}>; rel="{relation}"', Content_Location=place,
                )  # fmt: skip
                assert answer[0] in (400, 415)


def test_no_other_parameter_is_fetched(address, places):
    with listening() as port:
        for place in places(port):
            there = quote(place, safe="")
            named = json.dumps({"q": {
                "query": place, "type": place,
                "properties": [{"pid": place, "v": {"id": place}}]}})  # fmt: skip
            named = quote(named)
            extend = json.dumps({"ids": [place], "properties": [{"id": place}]})
            for path in (
                f"search?q={there}", f"search/names?prefix={there}&of={there}",
                f"why?s={there}&p={there}&o={there}", f"doc/{there}", f"id/{there}",
                f"graphs?graph={there}", f"dump?graph={there}", f"kinds/{there}",
                f"timemap/doc/{there}", f"reconcile/preview?id={there}",
                f"reconcile/view?id={there}",
                f"reconcile/suggest/entity?prefix={there}",
                f"reconcile?queries={named}", f"reconcile?extend={quote(extend)}",
                f"static/{there}", there,
            ):  # fmt: skip
                status, _, body = fetch(address + path)
                assert status < 500, path
                assert SECRET.encode() not in body


# --- the commands -----------------------------------------------------------------

WATCHED = """
import sys
events = []
def note(event, arguments):
    if event in ("socket.connect", "socket.getaddrinfo", "socket.gethostbyname",
                 "socket.sendto", "urllib.Request", "http.client.connect"):
        events.append((event, str(arguments)))
sys.addaudithook(note)
from kg.cli import main
try:
    main()
finally:
    if events:
        print("ASKED", events, file=sys.stderr)
"""


def kg(*arguments, given=""):
    """Run a command under the hook; return its status and what it says."""
    done = subprocess.run(
        [sys.executable, "-c", WATCHED, *map(str, arguments)],
        input=given,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        env={**os.environ, "NO_PROXY": "*"},
    )
    said = done.stdout + done.stderr
    assert "ASKED" not in said, said
    assert "Traceback" not in said, said
    assert SECRET not in said, said
    return done.returncode, said


def test_the_hook_notices_who_asks():
    told = subprocess.run(
        [sys.executable, "-c", WATCHED.replace(
            "main()", "__import__('socket').getaddrinfo('localhost', 1)")],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert "ASKED" in told.stderr


@pytest.mark.embedded("the command asks the store that it is told of")
def test_no_command_asks_anybody(store, places, tmp_path):
    """Files to validate, queries to run."""
    with listening() as port:
        for place in (places(port)[0], places(port)[len(HOSTS)]):
            refused, harmless = documents(place)
            for name, text, status in (
                ("a.jsonld", refused[0][1], 2),
                ("b.rdf", refused[-4][1], 2),
                ("c.ttl", harmless[2][1], 1),
            ):
                path = tmp_path / name
                path.write_text(text, encoding="utf-8")
                assert kg("--store", store, "validate", path)[0] == status
            assert kg("--store", store, "query", "-", given=queries(place)[1])[0] == 2


@pytest.mark.parametrize("what", ["imports", "context", "DOCTYPE"])
def test_no_build_asks_anybody(places, tmp_path, what):
    with listening() as port:
        place = places(port)[0]
        sources = write_sources(tmp_path)
        refused, _ = documents(place)
        imports = f"ex:o a owl:Ontology ; owl:imports <{place}> ."
        written = {
            "imports": ("ontology/more.ttl", PREFIXES + imports),
            "context": ("facts/x.jsonld", refused[0][1]),
            "DOCTYPE": ("facts/x.rdf", refused[-4][1]),
        }
        name, text = written[what]
        (tmp_path / name).write_text(text, encoding="utf-8")
        folders = {"ontology": sources.ontology, "shapes": sources.shapes,
                   "facts": sources.facts}  # fmt: skip
        options = [f"--{key}={value}" for key, value in folders.items()]
        status, said = kg("--store", tmp_path / "store", "build", *options)
        assert status == 2
        assert what in said
