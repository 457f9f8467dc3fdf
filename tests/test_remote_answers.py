"""What a store tells is whole, or is told to be not: lengths, chunks, codings, time."""

from __future__ import annotations

import gzip
import time

import pytest

from kg.errors import StoreError, StoreRefusedError, StoreUnreachableError
from kg.progress import silent
from kg.remote import Place
from kg.remote.capabilities import capabilities, fitting
from kg.remote.client import Client
from kg.remote.copying import copy_to
from kg.remote.engine import RemoteEngine
from kg.store import Store
from kg.stores import open_store
from kg.verify import verify_store
from tests.sparql_store import serving, taking

JSON, NTRIPLES = "application/sparql-results+json", "application/n-triples"
LINES = b"".join(b'<urn:s%d> <urn:p> "\xc3\xa9tat %d" .\n' % (n, n) for n in range(400))
ROWS = (
    '{"head":{"vars":["o"]},"results":{"bindings":['
    + ",".join(f'{{"o":{{"type":"literal","value":"état {n}"}}}}' for n in range(400))
    + "]}}"
).encode()
KINDS = {JSON: ROWS, NTRIPLES: LINES}
whole = pytest.mark.parametrize(("kind", "body"), KINDS.items(), ids=["rows", "lines"])


@pytest.fixture
def store():
    with serving() as found:
        yield found


@pytest.fixture
def client(store):
    return Client(Place.of(store.url), seconds=2)


def ask(client, kind):
    """Return how much is answered, read to its end."""
    if kind == JSON:
        return sum(1 for _ in RemoteEngine(client).solutions("SELECT ?o { ?s ?p ?o }"))
    return sum(1 for _ in client.construct("CONSTRUCT WHERE { ?s ?p ?o }"))


def answering(kind, body, **headers):
    """Return what answers with *body* as it is, and leaves."""

    def answer(handler, _):
        handler.send_response(200)
        handler.send_header("Content-Type", kind)
        for name, value in headers.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.end_headers()
        handler.wfile.write(body)
        handler.close_connection = True
        return True

    return answer


def well(store, client):
    """Tell whether the next request has the answer that is its own."""
    store.answer = None
    return bool(client.select("ASK {}")) and not ask(client, NTRIPLES)


@whole
@pytest.mark.parametrize("length", ["ten", "-5", "", "1 2", "9" * 5000])
def test_a_length_that_is_no_number_does_not_say_where_an_answer_ends(
    store, client, kind, body, length
):
    """Cut off at the end of a line, triples would pass for all that there are."""
    part = b"".join(body.splitlines(keepends=True)[:200])
    cut = part if kind == NTRIPLES else body[: len(body) // 2]
    store.answer = answering(kind, cut, Content_Length=length)
    with pytest.raises(StoreRefusedError):
        ask(client, kind)
    assert well(store, client)


@whole
@pytest.mark.parametrize("told", [1, 100_000])
def test_a_length_that_is_too_great_is_noticed(store, client, kind, body, told):
    store.answer = answering(kind, body, Content_Length=str(len(body) + told))
    with pytest.raises(StoreError, match="broke"):
        ask(client, kind)
    assert well(store, client)


@whole
def test_of_a_length_that_is_too_small_nothing_spoils_the_next_answer(
    store, client, kind, body
):
    store.answer = answering(kind, body, Content_Length=str(len(body) // 2 + 7))
    with pytest.raises(StoreRefusedError, match="cannot be read"):
        ask(client, kind)
    assert well(store, client)


@whole
def test_two_lengths_are_none(store, client, kind, body):
    store.answer = answering(kind, body, Content_Length=f"{len(body)}, 7")
    with pytest.raises(StoreError):
        ask(client, kind)


def in_chunks(body, size=1000):
    parts = [body[at : at + size] for at in range(0, len(body), size)]
    return b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in [*parts, b""])


BREAKS = {
    "in a chunk": lambda text: text[: len(text) // 2],
    "in a chunk, at the end of a line": lambda text: text[: text.rindex(b"\n<") + 1],
    "in the size of a chunk": lambda text: text[: text.index(b"\r\n3e8") + 3],
    "before the last chunk": lambda text: text.removesuffix(b"0\r\n\r\n"),
    "by a size that is none": lambda text: text.replace(b"\r\n3e8", b"\r\nzz", 1),
}


@whole
@pytest.mark.parametrize("way", BREAKS.values(), ids=BREAKS)
def test_an_answer_in_chunks_that_breaks_off_is_noticed(store, client, kind, body, way):
    if kind == JSON:
        body = body.replace(b",{", b",\n<{").replace(b"<", b" ")
        way = way if way is not BREAKS["in a chunk, at the end of a line"] else half
    chunks = in_chunks(body)
    store.answer = answering(kind, chunks, Transfer_Encoding="chunked")
    assert ask(client, kind) == 400
    store.answer = answering(kind, way(chunks), Transfer_Encoding="chunked")
    with pytest.raises(StoreError):
        ask(client, kind)
    assert well(store, client)


def half(text):
    return text[: len(text) // 2]


@whole
def test_an_answer_in_gzip_is_unpacked_and_told_to_be_cut_off(
    store, client, kind, body
):
    """Whatever has cut it: the length is that of what is left."""
    packed = gzip.compress(body)
    gzipped = {"Content_Encoding": "gzip"}
    store.answer = answering(kind, packed, Content_Length=str(len(packed)), **gzipped)
    assert ask(client, kind) == 400
    store.answer = answering(kind, packed, **gzipped)
    assert ask(client, kind) == 400
    for cut in (0, 5, 400, len(packed) - 9, len(packed) - 4, len(packed) - 1):
        for given in ({"Content_Length": str(cut)}, {}):
            store.answer = answering(kind, packed[:cut], **given, **gzipped)
            with pytest.raises(StoreError):
                ask(client, kind)
    spoilt = bytearray(packed)
    spoilt[len(packed) // 2] ^= 8
    for wrong in (bytes(spoilt), body):
        length = str(len(wrong))
        store.answer = answering(kind, wrong, Content_Length=length, **gzipped)
        with pytest.raises(StoreError):
            ask(client, kind)
    assert well(store, client)


@whole
def test_a_coding_that_is_not_known_is_told(store, client, kind, body):
    told = {"Content_Encoding": "br", "Content_Length": str(len(body))}
    store.answer = answering(kind, body, **told)
    with pytest.raises(StoreRefusedError, match="coded as br"):
        ask(client, kind)


@whole
@pytest.mark.parametrize("charset", ["iso-8859-1", "utf-16", "Shift_JIS"])
def test_an_answer_in_another_charset_is_refused(store, client, kind, body, charset):
    """Some of its bytes could pass for other letters in UTF-8."""
    text = body.decode().encode(charset, "replace")
    length = {"Content_Length": str(len(text))}
    told = f'{kind}; charset="{charset}"'
    store.answer = answering(told, text, **length)
    with pytest.raises(StoreRefusedError, match=f"set {charset.lower()}, and not"):
        ask(client, kind)
    if charset != "Shift_JIS":
        store.answer = answering(kind, text, **length)
        with pytest.raises(StoreRefusedError, match="cannot be read"):
            ask(client, kind)
    for right in ("UTF-8", "utf-8; q=1"):
        told = f"{kind};charset={right}"
        store.answer = answering(told, body, Content_Length=str(len(body)))
        assert ask(client, kind) == 400


def dripping(head, *, times):
    """Return what answers with *head*, and then a byte at a time."""

    def answer(handler, _):
        handler.close_connection = True
        for byte in head + b"X-Drip: 1\r\n" * times:
            handler.wfile.write(bytes([byte]))
            handler.wfile.flush()
            time.sleep(0.05)
        return True

    return answer


@pytest.mark.parametrize(
    "head", [b"HTTP/1.1 200 OK\r\n", b"HTTP/1.1 100 Go on\r\n\r\n"]
)
@pytest.mark.parametrize("does", [True, False])
def test_a_head_that_drips_is_not_waited_for(store, client, head, does):
    client = Client(Place.of(store.url), seconds=0.5)
    store.answer = dripping(head, times=9)
    began = time.monotonic()
    with pytest.raises(StoreUnreachableError, match="in time"):
        client.update("DROP ALL") if does else ask(client, JSON)
    assert time.monotonic() - began < 5
    assert len(store.requests) == 1
    assert well(store, client)


def test_what_drips_after_an_update_is_not_waited_for(store):
    client = Client(Place.of(store.url), seconds=0.5)
    head = b"HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n"
    answer = dripping(b"", times=20)

    def done(handler, body):
        handler.wfile.write(head)
        return answer(handler, body)

    store.answer = done
    with pytest.raises(StoreUnreachableError, match="in time"):
        client.update("DROP ALL")
    assert well(store, client)


def test_of_what_is_told_of_an_update_not_all_is_read(store, client):
    sent = []

    def endless(handler, _):
        handler.close_connection = True
        handler.wfile.write(b"HTTP/1.1 200 OK\r\n\r\n")
        for _ in range(2000):
            handler.wfile.write(b"done " * 10_000)
            sent.append(1)
        return True

    store.answer = endless
    client.update("DROP ALL")
    assert well(store, client)
    assert len(sent) < 2000


def test_a_store_that_takes_in_a_request_slowly_has_time_for_it(monkeypatch):
    """More than it has to let itself be connected to."""
    monkeypatch.setattr("kg.remote.client._CONNECT_SECONDS", 0.3)
    with taking(pause=0.1) as (url, taken):
        Client(Place.of(url), seconds=5).update("#" * 20_000_000)
        assert taken() > 20_000_000


def test_a_store_that_stops_taking_in_a_request_is_told_of(monkeypatch):
    monkeypatch.setattr("kg.remote.connections._SEND_SECONDS", 0.3)
    monkeypatch.setattr("kg.remote.connections._LEAST_SENT_PER_SECOND", 10**9)
    with (
        taking(pause=60) as (url, _),
        pytest.raises(StoreUnreachableError, match="timed out"),
    ):
        Client(Place.of(url), seconds=5).update("#" * 20_000_000)


TRUE, FALSE = b'{"head":{},"boolean":true}', b'{"head":{},"boolean":false}'
TRUTH = (
    b'{"head":{"link":[],"vars":["__ASK_RETVAL"]},"results":{"distinct":false,'
    b'"ordered":true,"bindings":[%s]}}'
)
ROW = (
    b'{"__ASK_RETVAL":{"type":"typed-literal","datatype":'
    b'"http://www.w3.org/2001/XMLSchema#integer","value":"1"}}'
)


@pytest.mark.parametrize(
    ("told", "holds"),
    [(TRUE, True), (FALSE, False), (TRUTH % ROW, True), (TRUTH % b"", False)],
)
def test_what_is_asked_is_told_by_a_truth_or_by_a_row_as_virtuoso_does(
    store, client, told, holds
):
    store.answer = answering(JSON, told, Content_Length=str(len(told)))
    assert bool(client.select("PREFIX select: <urn:x> ASK {}")) is holds


@pytest.mark.parametrize(
    ("asked", "told"),
    [("SELECT * {}", TRUE), ("SELECT * { ?ask ?ASK 1 }", TRUE), ("ASK {}", ROWS)],
)
def test_an_answer_of_another_kind_is_none(store, client, asked, told):
    store.answer = answering(JSON, told, Content_Length=str(len(told)))
    with pytest.raises(StoreRefusedError, match="another kind of query"):
        client.select(asked)
    assert well(store, client)


def test_where_long_forms_are_refused_long_queries_are_sent_as_they_are(store, client):
    """Servlet containers have a limit on forms alone."""

    def limited(handler, body):
        kind = handler.headers["Content-Type"]
        if kind.startswith("application/sparql-query"):
            told = TRUE if b"x" * 200_000 in body else FALSE
            return answering(JSON, told, Content_Length=str(len(told)))(handler, body)
        if len(body) > 200_000:
            handler.send(400, "text/plain", b"")
        return len(body) > 200_000

    store.answer = limited
    long = f'ASK {{ FILTER("{"x" * 200_000}" != "") }}'
    for _ in range(2):
        assert client.select(long, {"named-graph-uri": ["urn:g"]})
        assert client.select("ASK {}")
    kinds = [
        headers["Content-Type"].partition(";")[0] for _, headers, _ in store.requests
    ]
    form, plain = "application/x-www-form-urlencoded", "application/sparql-query"
    assert kinds == [form, plain, form, plain, form]
    assert store.requests[1][0] == "/query?named-graph-uri=urn%3Ag"
    with pytest.raises(StoreRefusedError):
        client.select("ASK { ?s ?p }")


def test_triples_may_come_by_their_older_type(store, client):
    body = b'<urn:s> <urn:p> "\\u00E9tat" .\n'
    told = "text/plain; charset=US-ASCII"
    store.answer = answering(told, body, Content_Length=str(len(body)))
    (triple,) = client.construct("CONSTRUCT WHERE { ?s ?p ?o }")
    assert str(triple.object) == '"état"'
    assert store.requests[-1][1]["Accept"] == f"{NTRIPLES}, text/plain;q=0.5"


@pytest.mark.parametrize("takes", [True, False])
def test_blank_nodes_are_put_into_a_template_where_data_may_have_none(
    store, small_store_built, takes
):
    """As Virtuoso wants them."""

    def virtuoso(handler, body):
        text = body.decode()
        data = text.rpartition("INSERT ")[2]
        refused = "_:" in data and (not takes or data.startswith("DATA"))
        if refused:
            handler.send(400, "text/plain", b"Blank node is not allowed")
        return refused

    store.answer = virtuoso
    place = Place.of(store.url)
    found = {one.name: one for one in capabilities(place)}
    assert found["blank nodes of one request are the same node"].holds is takes
    if not takes:
        with pytest.raises(StoreError, match=r"cannot be used: blank nodes"):
            fitting(place)
        return
    copy_to(Store(small_store_built), place, tell=silent)
    assert verify_store(open_store(store.url)) == []


def test_a_store_that_takes_no_request_as_long_as_the_ontology_cannot_be_used(store):
    def limited(handler, body):
        is_long = body.count(b" .") > 2_000
        if is_long:
            handler.send(400, "text/plain", b"memory exhausted")
        return is_long

    store.answer = limited
    found = {one.name: one for one in capabilities(Place.of(store.url))}
    (name,) = [one for one in found if "4,000 triples" in one]
    assert not found[name].holds
    assert found[name].needed
    assert not store.quads()


@pytest.mark.parametrize("refused", [True, False])
def test_whether_a_graph_is_asked_inside_another_is_told(store, refused):
    """Blazegraph refuses it."""

    def blazegraph(handler, body):
        is_nested = refused and b"-other" in body and handler.path == "/query"
        if is_nested:
            handler.send(500, "text/plain", b"Conflicting GRAPH IRIs")
        return is_nested

    store.is_united, store.answer = True, blazegraph
    found = {one.name: one for one in capabilities(Place.of(store.url))}
    assert found["a graph may be asked inside another"].holds is not refused
    assert not found["a graph may be asked inside another"].needed
    assert not store.quads()
