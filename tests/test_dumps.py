"""Dumps: whole, by graph, piece by piece, and never longer in memory than they are."""

from __future__ import annotations

import gzip
import threading
from itertools import count

import pytest
import rdflib

from kg.change import parse_rdf
from kg.dumps import compressed, pieces, quads_of
from kg.errors import DataFileError, UnwritableError
from kg.formats import Kind, by_name, for_kind
from kg.prefixes import prefixes
from kg.terms import (
    BASE,
    INFERRED,
    LABEL,
    REFERENCE,
    DefaultGraph,
    Literal,
    NamedNode,
    Quad,
    Triple,
)
from server.app import create_app
from server.dumps import streamed
from tests.reading import read_quads

NQUADS = by_name("nquads")
DATASETS = for_kind(Kind.DATASET)
GRAPHS = for_kind(Kind.GRAPH)
ARTICLE = f"{BASE}source/kenya-morocco-cybercrime"


@pytest.fixture(scope="module")
def client(graph, settings):
    return create_app(graph, settings).test_client()


def expected(snapshot, *, inferred=False):
    return {
        (quad.subject.value, quad.predicate.value, quad.graph_name.value)
        for quad in snapshot.quads()
        if not isinstance(quad.graph_name, DefaultGraph)
        and isinstance(quad.subject, NamedNode)
        and (inferred or quad.graph_name != INFERRED)
    }


@pytest.mark.parametrize("fmt", DATASETS, ids=lambda fmt: fmt.name)
def test_another_parser_reads_all_that_is_asserted_from_a_dump(client, snapshot, fmt):
    answer = client.get(f"/dump.{fmt.suffix}")
    assert answer.mimetype == fmt.media_type
    found = {
        (str(s), str(p), str(g))
        for s, p, _, g in read_quads(answer.data, fmt)
        if isinstance(s, rdflib.URIRef)
    }
    assert found == expected(snapshot)


def test_the_inferred_comes_on_request(client, snapshot):
    dump = read_quads(client.get("/dump.nq?inferred=true").data, NQUADS)
    graphs = {str(graph) for *_, graph in dump}
    assert INFERRED.value in graphs
    same = client.get("/dump.nq?inferred=false").data
    assert same == client.get("/dump.nq").data
    assert INFERRED.value.encode() not in {
        line.split()[-2].strip(b"<>") for line in same.splitlines()
    }
    assert client.get("/dump.nq?inferred=perhaps").status_code == 400
    assert client.get("/dump.nq?version=1").status_code == 400


@pytest.mark.parametrize("fmt", GRAPHS, ids=lambda fmt: fmt.name)
def test_one_graph_comes_in_every_syntax(client, snapshot, fmt):
    answer = client.get(f"/dump.{fmt.suffix}", query_string={"graph": ARTICLE})
    assert answer.mimetype == fmt.media_type
    found = read_quads(answer.data, fmt)
    assert len(found) == sum(1 for _ in snapshot.quads(graph=NamedNode(ARTICLE)))


def test_what_cannot_be_dumped_is_told(client):
    assert client.get("/dump.ttl").status_code == 406
    assert client.get("/dump.docx").status_code == 404
    assert client.get("/dump.gz").status_code == 404
    nowhere = client.get("/dump.nq", query_string={"graph": f"{BASE}graph/nowhere"})
    assert nowhere.status_code == 404


def test_a_packed_dump_is_the_dump(client):
    packed = client.get("/dump.nq.gz")
    assert packed.mimetype == "application/gzip"
    assert gzip.decompress(packed.data) == client.get("/dump.nq").data
    assert packed.data == client.get("/dump.nq.gz").data


def test_a_dump_is_negotiated_and_has_a_validator(client):
    answer = client.get("/dump", headers={"Accept": "application/n-quads"})
    assert answer.mimetype == "application/n-quads"
    assert answer.is_streamed
    again = client.get("/dump.nq", headers={"If-None-Match": answer.headers["ETag"]})
    assert again.status_code == 200  # another address has another tag
    tag = client.get("/dump.nq").headers["ETag"]
    same = client.get("/dump.nq", headers={"If-None-Match": tag})
    assert (same.status_code, same.data) == (304, b"")
    head = client.head("/dump.nq")
    assert (head.status_code, head.headers["ETag"]) == (200, tag)


def endless(walked):
    for number in count():
        walked.append(number)
        yield Quad(
            NamedNode(f"urn:{number}"), LABEL, Literal("x" * 200), NamedNode("urn:g")
        )


@pytest.mark.parametrize("fmt", DATASETS, ids=lambda fmt: fmt.name)
def test_a_dump_is_written_no_faster_than_it_is_read(fmt):
    walked: list[int] = []
    before = threading.active_count()
    text = pieces(endless(walked), fmt, prefixes=prefixes())
    for _ in range(3):
        assert len(next(text)) <= 65_536
    assert len(walked) < 4000
    text.close()  # as a server does whose client has gone
    assert threading.active_count() == before


def test_a_fault_on_the_way_is_no_end_of_a_dump(snapshot):
    def broken():
        yield from list(quads_of(snapshot))[:10]
        raise OSError("the disk is gone")

    with pytest.raises(OSError, match="the disk is gone"):
        list(compressed(pieces(broken(), NQUADS)))


@pytest.mark.parametrize("fmt", for_kind(Kind.GRAPH), ids=lambda fmt: fmt.name)
def test_what_a_fault_cuts_short_is_not_read_as_the_whole(snapshot, fmt):
    def broken():
        for quad in list(snapshot.quads(graph=REFERENCE))[:10]:
            yield Triple(quad.subject, quad.predicate, quad.object)
        raise OSError("the disk is gone")

    sent: list[bytes] = []

    def send():
        for piece in pieces(broken(), fmt, prefixes=prefixes()):
            sent.append(piece)  # noqa: PERF402 kept though it fails

    with pytest.raises(OSError, match="the disk is gone"):
        send()
    assert len(b"".join(sent)) > 500
    with pytest.raises(DataFileError):
        list(parse_rdf(b"".join(sent), fmt, source="dump"))


def test_what_cannot_be_written_fails_before_the_status_is_sent():
    def unnamed():
        yield Triple(NamedNode("urn:s"), NamedNode("urn:p:"), Literal("x"))

    with pytest.raises(UnwritableError):
        streamed(unnamed(), by_name("rdfxml"))
