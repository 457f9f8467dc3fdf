"""Attacks by size and depth on the running server: refused with their status, soon."""

from __future__ import annotations

import contextlib
import gzip
import io
import json
import socket
import time
import zlib
from urllib.parse import quote, urlencode, urlsplit

import brotli
import pytest

from kg.tokens import TokenFile
from tests.small_store import EX
from tests.store_kinds import copied
from tests.test_server_serve import fetch, serving
from tests.writing import UPDATE, bearer

FORM, QUERY = "application/x-www-form-urlencoded", "application/sparql-query"
DEEP = 3_000
MOST = 1_000_000


@pytest.fixture(scope="module")
def store(small_store_built, tmp_path_factory):
    return copied(small_store_built, tmp_path_factory.mktemp("small") / "store")


@pytest.fixture(scope="module")
def address(store):
    settings = {"EXEQUATUR_MAX_BODY_BYTES": str(MOST), "EXEQUATUR_QUERY_SECONDS": "5"}
    with serving(store, **settings) as (_, address):
        yield address


@pytest.fixture(scope="module")
def headers(store):
    return bearer(TokenFile(store.parent / "exequatur-tokens.json").add("A", ["admin"]))


@pytest.fixture(autouse=True)
def goes_on(address):
    yield
    assert fetch(f"{address}sparql?query=ASK%7B%7D")[0] == 200


def post(address, path, media_type, data, **headers):
    data = data if isinstance(data, bytes) else data.encode()
    return fetch(f"{address}{path}", data=data, Content_Type=media_type, **headers)


# --- depth ------------------------------------------------------------------------


def nested(opening, middle, closing, depth=DEEP):
    return opening * depth + middle + closing * depth


PATTERNS = {
    "groups": nested("{", "", "}"),
    "optional": nested("OPTIONAL {", "?s ?p ?o", "}"),
    "unions": nested("{ {} UNION ", "{}", "}"),
    "minus": nested("MINUS {", "?s ?p ?o", "}"),
    "graph": nested("GRAPH ?g {", "?s ?p ?o", "}"),
    "selects": nested("{ SELECT * {", "", "} }"),
    "exists": nested("FILTER EXISTS {", "", "}"),
    "brackets": f"FILTER({nested('(', '1', ')')})",
    "not": f"FILTER({'!' * DEEP} true)",
    "minus signs": f"FILTER({'- ' * DEEP}1 = 1)",
    "calls": f"FILTER({nested('ABS(', '1', ')')})",
    "sums": f"FILTER(1{' + 1' * DEEP} = 1)",
    "ors": f"FILTER(true{' || true' * DEEP})",
    "collections": f"?s ?p {nested('(', '1', ')')}",
    "blank nodes": f"?s ?p {nested('[ ?q ', '1', ']')}",
    "terms": f"?s ?p {nested('<<(', ' <a:a> <a:a> 1 ', ')>>')}",
    "paths": f"?s {nested('(', '<a:a>', ')')} ?o",
    "paths repeated": f"?s {nested('(', '<a:a>', ')*')} ?o",
    "paths inverted": f"?s {'^' * DEEP}<a:a> ?o",
    "paths negated": f"?s {nested('!(', '<a:a>', ')')} ?o",
    "paths in sequence": f"?s <a:a>{'/<a:a>' * DEEP} ?o",
    "paths to choose": f"?s <a:a>{'|<a:a>' * DEEP} ?o",
}


@pytest.mark.parametrize("name", PATTERNS)
def test_depth_in_a_query_or_an_update_ends_no_process(address, headers, name):
    pattern = PATTERNS[name]
    for path, media_type, text in (
        ("sparql", QUERY, f"ASK {{ {pattern} }}"),
        ("sparql", QUERY, f"CONSTRUCT {{ ?s ?p ?o }} WHERE {{ {pattern} }}"),
        ("validate", UPDATE, f"INSERT {{ ?s ?p ?o }} WHERE {{ {pattern} }}"),
        ("update", UPDATE, f"DELETE {{ ?s ?p ?s }} WHERE {{ {pattern} }}"),
    ):
        began = time.monotonic()
        status, _, body = post(address, path, media_type, text, **headers)
        assert status in (200, 400, 422), (name, path, body[:200])
        assert b"memory" not in body
        assert time.monotonic() - began < 30


DOCUMENTS = {
    "text/turtle": [f"<a:a> <a:b> {nested('(', '1', ')')} .",
                    f"<a:a> <a:b> {nested('[ <a:b> ', '1', ']')} .",
                    f"<a:a> <a:b> {nested('<<( <a:a> <a:b> ', '1', ')>>')} ."],
    "application/trig": [f"{{ <a:a> <a:b> {nested('(', '1', ')')} }}",
                         nested("{", "", "}")],
    "text/n3": [nested("{", "", "}"), f"<a:a> <a:b> {nested('(', '1', ')')} ."],
    "application/ld+json": [nested("[", "", "]"), nested('{"a:b":', "1", "}"),
                            f'{{"@context": {nested("[", "", "]")}}}',
                            nested('{"@graph":[', "", "]}"),
                            nested('{"@list":[', "", "]}")],
    "application/rdf+xml": [
        '<r:RDF xmlns:r="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:e="a:">'
        + nested("<e:a><e:b>", "", "</e:b></e:a>") + "</r:RDF>"],
    "application/n-triples": [
        f"<a:a> <a:b> {nested('<<( <a:a> <a:b> ', '<a:a>', ' )>>')} ."],
}  # fmt: skip


@pytest.mark.parametrize("media_type", DOCUMENTS)
def test_depth_in_a_document_is_refused_wherever_it_comes(address, headers, media_type):
    """Judged, put into a graph, as a part of a form, and packed."""
    for text in DOCUMENTS[media_type]:
        part = (
            '--x\r\nContent-Disposition: form-data; name="a"\r\n'
            f"Content-Type: {media_type}\r\n\r\n{text}\r\n--x--\r\n"
        )
        graph = f"graphs?graph={quote(EX)}try"
        tried = [
            post(address, "validate", media_type, text),
            post(address, graph, media_type, text, **headers),
            post(address, "validate", "multipart/form-data; boundary=x", part),
            post(address, "validate", media_type, gzip.compress(text.encode()),
                 Content_Encoding="gzip"),
        ]  # fmt: skip
        assert [answer[0] for answer in tried] == [400] * 4, text[:40]


def many(text, count):
    return ",".join(text.format(n=n, next=n + 1) for n in range(count))


TERM = '"t{n}":"t{next}:a"'
BACK = '{{"t{next}":"t{n}:a"}}'
OWN = '{{"t{n}":"urn:a"}}'
SCOPED = '"t{{n}}":{{{{"@id":"urn:a","@context":{{{{{}}}}}}}}}'.format(
    ",".join(f'"k{n}":"urn:a"' for n in range(200))
)
USED = '"t{n}":{{"t{next}":{{"t{n}":1}}}}'
NAMED = '{{"@id":"p:{n}","p:a":1}}'
VALUE = '"k{n}":1'
CONTEXTS = {
    "a chain of terms": f'{{"@context":{{{many(TERM, 4_000)}}},"t0":1}}',
    "a chain of contexts": f'{{"@context":[{many(BACK, 4_000)}],"t5":1}}',
    "a copy for each": f'{{"@context":[{many(OWN, 20_000)}],"t5":1}}',
    "scoped contexts": f'{{"@context":{{{many(SCOPED, 200)}}},{many(USED, 200)}}}',
    "a long prefix": f'{{"@context":{{"p":"urn:{"x" * 300_000}:"}},'
    f'"@graph":[{many(NAMED, 5_000)}]}}',
    "a long vocabulary": f'{{"@context":{{"@vocab":"urn:{"x" * 200_000}:"}},'
    f"{many(VALUE, 20_000)}}}",
}


@pytest.mark.parametrize("name", CONTEXTS)
def test_contexts_that_grow_are_refused_soon(address, headers, name):
    """Judged, put into a graph, and as a part of a form."""
    data = CONTEXTS[name].encode()
    kind = "application/ld+json"
    part = (
        b'--x\r\nContent-Disposition: form-data; name="a"\r\n'
        b"Content-Type: application/ld+json\r\n\r\n" + data + b"\r\n--x--\r\n"
    )
    began = time.monotonic()
    for path, media_type, sent in (
        ("validate", kind, data),
        (f"graphs?graph={EX}new", kind, data),
        ("validate", "multipart/form-data; boundary=x", part),
    ):
        status, _, body = post(address, path, media_type, sent, **headers)
        assert status == 400, body[:200]
        assert b"context" in body or b"longer than the document" in body, body[:300]
    assert time.monotonic() - began < 30


def test_depth_in_other_texts_is_refused(address):
    deep = nested("[", "", "]")
    for name in ("queries", "extend"):
        status, _, _ = post(address, "reconcile", FORM, urlencode({name: deep}))
        assert status == 400
        status, _, _ = fetch(f"{address}reconcile?{urlencode({name: deep})}")
        assert status == 400
    for accept in (deep, nested("(", "", ")"), 'a/b;c="' * DEEP, "*/*," * DEEP):
        assert fetch(f"{address}status", Accept=accept)[0] < 500


def test_parts_within_parts_are_no_document(address):
    inner = "--y\r\n\r\n<a:a> <a:b> 1 .\r\n--y--"
    outer = (
        '--x\r\nContent-Disposition: form-data; name="a"\r\n'
        f"Content-Type: multipart/form-data; boundary=y\r\n\r\n{inner}\r\n--x--\r\n"
    )
    kind = "multipart/form-data; boundary=x"
    assert post(address, "validate", kind, outer)[0] == 415
    many = '--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n\r\n' * 5_000
    assert post(address, "validate", kind, f"{many}--x--\r\n")[0] in (400, 413, 415)
    for broken in ("", "--x", "--x\r\n", "--x\r\n\r\n", "--x--", "--x" * 10_000):
        assert post(address, "validate", kind, broken)[0] in (400, 415)
    heads = f"--x\r\n{'X-A: a' * 50_000}\r\n\r\n\r\n--x--\r\n"
    assert post(address, "validate", kind, heads)[0] in (400, 413, 415)


# --- bombs ------------------------------------------------------------------------

PLAIN = bytes(50_000_000)


def zipped_twice(data):
    return gzip.compress(gzip.compress(data))


@pytest.mark.parametrize(
    ("coding", "pack"),
    [
        ("gzip", gzip.compress),
        ("deflate", zlib.compress),
        ("br", lambda data: brotli.compress(data, quality=1)),
        ("gzip, gzip", zipped_twice),
        ("gzip,br", lambda data: brotli.compress(gzip.compress(data), quality=1)),
    ],
)
def test_a_bomb_is_413_at_each_address_that_reads(address, headers, coding, pack):
    bomb = pack(PLAIN)
    assert len(bomb) < MOST
    for path, media_type in (("sparql", QUERY), ("sparql", FORM), ("update", UPDATE),
                             ("validate", "text/turtle"), ("reconcile", FORM),
                             ("graphs?default", "text/turtle")):  # fmt: skip
        status, _, _ = post(address, path, media_type, bomb, Content_Encoding=coding,
                            **headers)  # fmt: skip
        assert status == 413, path


def test_more_codings_than_two_and_broken_ones_are_refused(address):
    packed = gzip.compress(b"<a:a> <a:b> 1 .")
    for coding, data, wanted in (
        ("gzip, gzip, gzip", gzip.compress(zipped_twice(b"")), 415),
        ("gzip" + ", identity" * 500, packed, 200),
        ("zstd", packed, 415),
        ("gzip", packed[:-4], 400),
        ("gzip", packed + b"more", 400),
        ("gzip", b"", 400),
        ("br", packed, 400),
        ("deflate", packed, 400),
    ):
        answer = post(address, "validate", "text/turtle", data, Content_Encoding=coding)
        assert answer[0] == wanted, coding[:20]


# --- length -----------------------------------------------------------------------


def status_of(address, sent):
    """Return the status of the answer to bytes, "" where it is told by closing."""
    parts = urlsplit(address)
    with socket.create_connection((parts.hostname, parts.port), timeout=20) as there:
        with contextlib.suppress(ConnectionError):
            there.sendall(sent)
        try:
            return there.recv(65536)[9:12].decode()
        except ConnectionError:
            return ""


@pytest.mark.parametrize(
    ("head", "status"),
    [
        (f"GET /status?{'a' * 70_000} HTTP/1.1\r\nHost: x\r\n\r\n", "414"),
        (f"GET /{'a/' * 40_000} HTTP/1.1\r\nHost: x\r\n\r\n", "414"),
        (f"GET / HTTP/1.1\r\nHost: x\r\nX-A: {'a' * 1_000_000}\r\n\r\n", "431"),
        ("GET / HTTP/1.1\r\nHost: x\r\n" + "X-A: a\r\n" * 5_000 + "\r\n", "431"),
        (f"POST /validate HTTP/1.1\r\nHost: x\r\nContent-Type: text/turtle\r\n"
         f"Content-Length: {MOST + 2}\r\n\r\n", "413"),
        (f"PUT /graphs?default HTTP/1.1\r\nHost: x\r\nContent-Type: {'a' * 9000}\r\n"
         "Content-Length: 0\r\n\r\n", "401"),
    ],
)  # fmt: skip
def test_what_is_too_long_has_its_status(address, headers, head, status):
    assert status_of(address, head.encode()) == status


def test_long_parameters_and_many_are_refused_or_answered(address):
    for path, wanted in (
        (f"sparql?{'a=1&' * 2_000}query=ASK%7B%7D", 400),
        (f"sparql?query=ASK%7B%7D%23{'a' * 60_000}", 200),
        (f"search?q={'a' * 60_000}", 200),
        (f"doc/{'a' * 60_000}", 404),
        (f"graphs?graph=urn:{'a' * 60_000}", 404),
        (f"queries/{'a' * 60_000}", 404),
    ):
        began = time.monotonic()
        assert fetch(address + path)[0] == wanted, path[:30]
        assert time.monotonic() - began < 10


def test_the_longest_body_is_read_and_no_longer_one(address):
    for length, status in ((MOST, 200), (MOST + 1, 413)):
        data = b"<a:a> <a:b> 1 .".ljust(length)
        assert post(address, "validate", "text/turtle", data)[0] == status
    batch = json.dumps({str(n): {"query": "a"} for n in range(200)})
    assert post(address, "reconcile", FORM, urlencode({"queries": batch}))[0] == 413


@pytest.mark.parametrize("piece", ["9", "a:", "<a> ", "- ", "é", "1e9", "2020-"])
def test_a_long_word_keeps_no_report_waiting(address, piece):
    """Neither patterns of shapes, nor datatypes, nor the search for its line."""
    word = piece * (50_000 // len(piece))
    stream = io.StringIO()
    for kind in ("integer", "decimal", "double", "dateTime", "duration", "string"):
        literal = f'"{word}"^^<http://www.w3.org/2001/XMLSchema#{kind}>'
        stream.write(f"<{EX}x> a <{EX}Town> ; <{EX}p> {literal} .\n")
    began = time.monotonic()
    assert post(address, "validate", "text/turtle", stream.getvalue())[0] == 200
    assert time.monotonic() - began < 20
