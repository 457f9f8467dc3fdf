"""Content codings: packed bodies within bounds, packed answers as the client likes."""

from __future__ import annotations

import gzip
import json
import time
import zlib

import brotli
import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.app import create_app
from server.codings import IDENTITY, choose_coding, packed, unpacked
from server.problems import BadRequestError, TooLargeError, UnsupportedMediaTypeError
from tests.small_store import PREFIXES
from tests.writing import TOWN, UPDATE, Site

MOST = 100_000
TURTLE = "text/turtle"


def raw_deflate(data):
    machine = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return machine.compress(data) + machine.flush()


PACK = {
    "gzip": gzip.compress,
    "x-gzip": gzip.compress,
    "deflate": zlib.compress,
    "Deflate": raw_deflate,
    "br": lambda data: brotli.compress(data, quality=1),
    "gzip, br": lambda data: brotli.compress(gzip.compress(data)),
    "identity, gzip": gzip.compress,
    " ": bytes,
}
each_coding = pytest.mark.parametrize("coding", PACK)


@each_coding
@pytest.mark.parametrize("data", [b"", b"a", b"abc " * 1000, bytes(range(256)) * 300])
def test_what_was_packed_is_unpacked(coding, data):
    assert unpacked(PACK[coding](data), coding, MOST) == data


def test_a_gzip_of_several_members_is_read_whole():
    data = gzip.compress(b"one ") + gzip.compress(b"") + gzip.compress(b"two")
    assert unpacked(data, "gzip", MOST) == b"one two"
    with pytest.raises(BadRequestError):
        unpacked(gzip.compress(b"") * 10_000, "gzip", MOST)


@each_coding
def test_a_bomb_is_refused_without_being_unpacked(coding):
    if coding == " ":
        return
    bomb = PACK[coding](bytes(100_000_000))
    started = time.monotonic()
    with pytest.raises(TooLargeError, match="too large"):
        unpacked(bomb, coding, MOST)
    assert time.monotonic() - started < 0.5


def test_the_largest_body_that_is_read_is_read():
    for coding in ("gzip", "deflate", "br"):
        assert unpacked(PACK[coding](bytes(MOST)), coding, MOST) == bytes(MOST)
        with pytest.raises(TooLargeError):
            unpacked(PACK[coding](bytes(MOST + 1)), coding, MOST)


@pytest.mark.parametrize("coding", ["gzip", "deflate", "br"])
@pytest.mark.parametrize("spoil", [
    lambda data: b"", lambda data: data[:-3], lambda data: b"not packed",
    lambda data: data[:12] + b"\xff\xff" + data[14:],
])  # fmt: skip
def test_what_cannot_be_unpacked_is_a_bad_request(coding, spoil):
    data = PACK[coding](b"something to pack, " * 20)
    with pytest.raises((BadRequestError, TooLargeError)) as caught:
        unpacked(spoil(data), coding, MOST)
    assert caught.value.status in (400, 413)


@pytest.mark.parametrize("coding", ["zstd", "compress", "gzip, zstd", "br,br,br"])
def test_other_codings_are_415_and_name_those_that_are_read(coding):
    with pytest.raises(UnsupportedMediaTypeError) as caught:
        unpacked(b"", coding, MOST)
    headers = getattr(caught.value, "headers", {})
    assert headers == {"Accept-Encoding": "br, deflate, gzip"}


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("", IDENTITY),
        ("gzip", "gzip"),
        ("GZIP", "gzip"),
        ("x-gzip", "gzip"),
        ("gzip, deflate, br", "br"),
        ("gzip, deflate", "gzip"),
        ("gzip;q=1.0, br;q=0.5", "gzip"),
        ("br;q=0, *", "gzip"),
        ("*", "br"),
        ("*;q=0", IDENTITY),
        ("gzip;q=0", IDENTITY),
        ("identity, gzip;q=0.5", IDENTITY),
        ("identity;q=0.5, gzip;q=0.5", "gzip"),
        ("zstd", IDENTITY),
        ("gzip;q=2", IDENTITY),
        ("gzip;level=1", IDENTITY),
        (", ,gzip;q=0.001,", "gzip"),
    ],
)
def test_the_coding_that_the_client_likes_best_is_chosen(header, expected):
    assert choose_coding(header) == expected


@given(st.text(max_size=100))
def test_any_header_is_read_without_a_fault(header):
    assert choose_coding(header) in {IDENTITY, "br", "gzip"}


@given(st.binary(max_size=3000), st.sampled_from(["gzip", "br"]))
def test_what_is_packed_can_be_unpacked(data, coding):
    assert unpacked(packed(data, coding), coding, MOST) == data


# --- requests ---------------------------------------------------------------------


@pytest.fixture
def site(small_store):
    return Site(small_store, max_body_bytes=MOST)


WAYS = [
    ("POST", "/update", UPDATE, "INSERT DATA { <urn:a> <urn:b> 1 }", 200),
    ("PUT", "/graphs/x", TURTLE, "<urn:a> <urn:b> 1 .", 201),
    ("POST", "/graphs/x", TURTLE, "<urn:a> <urn:b> 1 .", 201),
    ("PATCH", "/graphs/x", UPDATE, "INSERT DATA { <urn:a> <urn:b> 1 }", 201),
    ("POST", "/validate", TURTLE, f"{PREFIXES}{TOWN}", 200),
    ("POST", "/sparql", "application/sparql-query", "ASK {}", 200),
    ("POST", "/sparql", "application/x-www-form-urlencoded", "query=ASK+%7B%7D", 200),
]


@pytest.mark.parametrize(("verb", "path", "media_type", "text", "status"), WAYS)
@pytest.mark.parametrize("coding", ["gzip", "deflate", "br"])
def test_every_body_may_be_packed(site, verb, path, media_type, text, status, coding):
    def send(data, coding):
        headers = {**ada, "Content-Encoding": coding}
        return site.client.open(
            path, method=verb, data=data, content_type=media_type, headers=headers
        )

    ada = site.token("write:*")
    bomb = send(PACK[coding](bytes(20_000_000)), coding)
    assert (bomb.status_code, site.version) == (413, 1)
    assert f"{MOST:,} bytes" in bomb.text
    torn = send(PACK[coding](text.encode())[:-3], coding)
    assert (torn.status_code, site.version) == (400, 1)
    other = send(text.encode(), "zstd")
    assert (other.status_code, site.version) == (415, 1)
    assert other.headers["Accept-Encoding"] == "br, deflate, gzip"
    answer = send(PACK[coding](text.encode()), coding)
    assert answer.status_code == status, answer.text


# --- answers ----------------------------------------------------------------------

PATHS = ["/", "/queries", "/queries/articles", "/doc/kenya", "/doc/kenya.ttl",
         "/ontology", "/ontology.nt", "/graphs/graph/reference", "/validate",
         "/sparql?query=SELECT*{?s?p?o}LIMIT+100", "/static/site.css"]  # fmt: skip
UNPACK = {"gzip": gzip.decompress, "br": brotli.decompress}


@pytest.fixture(scope="module")
def client(graph, settings):
    return create_app(graph, settings).test_client()


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("coding", ["gzip", "br"])
def test_answers_are_packed_as_the_client_likes(client, path, coding):
    with client.get(path) as answer:
        plain, plain_tag = answer.data, answer.headers["ETag"]
        assert "Content-Encoding" not in answer.headers
        assert "Accept-Encoding" in answer.headers["Vary"]
    asking = {"Accept-Encoding": coding}
    with client.get(path, headers=asking) as answer:
        assert answer.headers["Content-Encoding"] == coding
        assert UNPACK[coding](answer.data) == plain
        assert len(answer.data) < len(plain)
        assert "Accept-Encoding" in answer.headers["Vary"]
        tag = answer.headers["ETag"]
        assert tag != plain_tag
        assert not tag.startswith("W/")
    with client.head(path, headers=asking) as head:
        assert head.data == b""
        assert head.headers["ETag"] == tag
        assert head.headers["Content-Encoding"] == coding
        assert head.headers["Content-Length"] == answer.headers["Content-Length"]
    with client.get(path, headers={**asking, "If-None-Match": tag}) as again:
        assert again.status_code == 304
        assert again.data == b""
        assert again.headers["ETag"] == tag
        assert "Accept-Encoding" in again.headers["Vary"]
        assert "Content-Encoding" not in again.headers
    with client.get(path, headers={**asking, "If-None-Match": plain_tag}) as other:
        assert other.status_code in (200, 304)


def test_what_is_small_or_empty_is_sent_as_it_is(client):
    for path in ("/sparql?query=ASK{}", "/id/kenya"):
        answer = client.get(path, headers={"Accept-Encoding": "gzip"})
        assert "Content-Encoding" not in answer.headers


def test_errors_and_answers_to_posts_are_packed_too(client):
    asking = {"Accept-Encoding": "gzip", "Accept": "text/html"}
    page = client.get("/nothing", headers=asking)
    assert page.status_code == 404
    assert b"<html" in gzip.decompress(page.data)
    query = {"query": "SELECT * { ?s ?p ?o } LIMIT 50"}
    answer = client.post("/sparql", data=query, headers={"Accept-Encoding": "gzip"})
    rows = json.loads(gzip.decompress(answer.data))["results"]["bindings"]
    assert len(rows) == 50


def test_a_tag_of_a_packed_graph_will_do_for_if_match(small_store):
    site = Site(small_store)
    ada = site.token("write:*")
    address = "/graphs/graph/x"
    triples = "\n".join(f"ex:a{n} ex:number {n} ." for n in range(100))
    assert site.send("PUT", address, triples, ada).status_code == 201
    answer = site.client.get(address, headers={"Accept-Encoding": "gzip"})
    assert answer.headers["Content-Encoding"] == "gzip"
    matching = {**ada, "If-Match": answer.headers["ETag"]}
    assert site.send("PUT", address, "ex:a ex:b 1 .", matching).status_code == 204
    assert site.send("PUT", address, "ex:a ex:b 2 .", matching).status_code == 412
