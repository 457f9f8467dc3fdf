"""A store behind the SPARQL protocol: judged in rounds, committed whole or not."""

from __future__ import annotations

import itertools
import os
import random
import time
from functools import partial
from urllib.parse import urlsplit

import pytest
from click.testing import CliRunner

from kg.backup import backup_remote
from kg.change import Change
from kg.cli import main
from kg.config import Settings
from kg.erasure import erase
from kg.errors import (
    ChangeError,
    ConfigError,
    QueryError,
    StoreDamagedError,
    StoreError,
    StoreMissingError,
    StoreMovedError,
    StoreRefusedError,
    StoreUnreachableError,
    VersionConflictError,
)
from kg.graph import KnowledgeGraph
from kg.history import changes, diff, state_at, undo
from kg.journal import read_entry
from kg.paging import Page
from kg.past import past_of
from kg.progress import silent
from kg.queries import SavedQueries
from kg.remote import Place
from kg.remote.capabilities import capabilities, fitting
from kg.remote.client import Client
from kg.remote.copying import copy_to
from kg.remote.datasets import OURS
from kg.remote.engine import FRAME
from kg.remote.record import NAMED
from kg.remote.restoring import restore_remote
from kg.remote.snapshot import RemoteSnapshot
from kg.store import Store
from kg.stores import open_store
from kg.terms import (
    KEPT_BY_PROGRAM,
    LOG,
    MERGED_VIEW,
    RECORD,
    Literal,
    NamedNode,
    Quad,
    Triple,
)
from kg.update import read_update
from kg.verify import rebuild, verify_store
from kg.why import why
from tests.breaking import Way
from tests.small_store import EX, add, open_small, stating, write_at_once
from tests.sparql_store import serving

QUAY = 'ex:quay a ex:Town ; rdfs:label "Quay"@en ; ex:within ex:port .'
NAMELESS = "ex:nameless a ex:Town ; ex:within ex:land ."
SEED = 20261126


@pytest.fixture
def server():
    with serving() as store:
        yield store


@pytest.fixture
def filled(server, small_store):
    copy_to(Store(small_store), Place.of(server.url), tell=silent)
    server.requests.clear()
    return server


@pytest.fixture
def remote(filled):
    return open_remote(filled.url)


def open_remote(url):
    return KnowledgeGraph(open_store(url, wait_seconds=1), SavedQueries())


def held(snapshot):
    """The quads of a dataset, but for blank nodes and what has the time."""
    return {q for q in snapshot.quads() if q.graph_name not in {*FRAME, LOG}}


def version_of(server):
    return open_store(server.url).version


def test_a_copy_holds_the_same_and_is_judged_alike(remote, small_store):
    here = open_small(small_store)
    assert held(remote.snapshot()) == held(here.snapshot())
    assert len(remote.snapshot()) == len(here.snapshot())
    assert remote.snapshot().graphs() == here.snapshot().graphs()
    for turtle in (QUAY, NAMELESS):
        there, beside = (
            g.add(stating(turtle), agent="Ada", message="m") for g in (remote, here)
        )
        assert there == beside
    assert held(remote.snapshot()) == held(here.snapshot())
    assert verify_store(remote.store) == []


def test_changes_at_random_leave_what_the_embedded_store_has(remote, small_store):
    here, rng = open_small(small_store), random.Random(SEED)
    add(here, QUAY)
    add(remote, QUAY)
    outside = {*KEPT_BY_PROGRAM, MERGED_VIEW}
    for _ in range(25):
        stated = (q for q in here.snapshot().quads() if q.graph_name not in outside)
        quads = sorted(stated, key=str)
        one, other = rng.choice(quads), rng.choice(quads)
        mixed = rng.choice(
            [
                Quad(one.subject, one.predicate, other.object, one.graph_name),
                Quad(other.subject, one.predicate, one.object, other.graph_name),
                Quad(one.subject, one.predicate, Literal("x"), one.graph_name),
            ]
        )
        removed = frozenset(rng.sample(quads, rng.randint(0, 1)))
        made = Change(added=frozenset({mixed}), removed=removed)
        beside = here.add(made, agent="Ada", message="m")
        assert remote.add(made, agent="Ada", message="m") == beside
        assert held(remote.snapshot()) == held(here.snapshot())
    assert verify_store(remote.store) == []
    assert state_at(remote.store, 2) == state_at(here.store, 2)
    last = here.store.version
    assert diff(remote.store, 1, last) == diff(here.store, 1, last)


def test_a_change_of_fifty_triples_takes_few_round_trips(remote, filled):
    add(remote, "ex:a ex:b 0 .")  # the ontology and the shapes are read
    towns = "".join(
        f'ex:t{n} a ex:Town ; rdfs:label "T{n}"@en ; ex:within ex:port .'
        for n in range(17)
    )
    filled.requests.clear()
    add(remote, towns)
    assert len(filled.requests) <= 10


@pytest.mark.parametrize("most", [300_000, 3])
def test_a_change_beside_which_little_stands_is_judged_in_a_copy(
    remote, filled, small_store, monkeypatch, most
):
    monkeypatch.setattr("kg.gate.LARGE", 3)
    monkeypatch.setattr("kg.remote.snapshot.MOST_COPIED", most)
    here, copies = open_small(small_store), []
    at_hand = RemoteSnapshot.at_hand

    def copied(here):
        copies.append(here)
        return at_hand(here)

    monkeypatch.setattr(RemoteSnapshot, "at_hand", copied)
    town = 'ex:t{} a ex:Town ; rdfs:label "T{}"@en ; ex:within ex:port .'
    towns = "".join(town.format(n, n) for n in range(20))
    for turtle in (towns, towns.replace("ex:within", "ex:near"), NAMELESS * 9):
        there, beside = (
            g.add(stating(turtle), agent="Ada", message="m") for g in (remote, here)
        )
        assert there == beside
    assert held(remote.snapshot()) == held(here.snapshot())
    assert len(copies) == (2 if most > 3 else 0)


def test_what_is_new_with_a_large_change_is_told_from_what_stands(
    remote, small_store, monkeypatch
):
    monkeypatch.setattr("kg.gate.local.MANY", 3)
    here = open_small(small_store)
    for turtle in (
        "ex:yard ex:near ex:dock . ex:t0 a ex:Town ; ex:within ex:dock .",
        'ex:dock a ex:Town ; rdfs:label "Dock"@en . ex:t0 rdfs:label "T"@en .',
        'ex:t1 a ex:Town ; rdfs:label "T1"@en ; ex:within ex:dock , ex:t0 .',
    ):
        there, beside = (
            g.add(stating(turtle), agent="Ada", message="m") for g in (remote, here)
        )
        assert there == beside
    assert held(remote.snapshot()) == held(here.snapshot())
    assert verify_store(here.store) == []


def test_a_change_too_long_for_the_store_is_told_to_be(remote, filled, monkeypatch):
    monkeypatch.setattr("kg.remote.store._LONG", 1_000)

    def limited(handler, body):
        is_long = len(body) > 4_000 and handler.path.endswith("/update")
        if is_long:
            handler.send(400, "text/plain", b"body payloads are limited")
        return is_long

    filled.answer = limited
    with pytest.raises(StoreRefusedError, match="payloads are limited") as told:
        add(remote, "".join(f"ex:a ex:b {n} ." for n in range(400)))
    assert "in parts" in told.value.advice
    assert version_of(filled) == 1


def test_round_trips_grow_far_slower_than_a_change(remote, filled, monkeypatch):
    add(remote, "ex:a ex:b 0 .")  # the ontology and the shapes are read
    monkeypatch.setattr("kg.remote.rounds._AT_ONCE", 40)
    asked = []
    for size in (10, 200):
        towns = "".join(
            f'ex:t{size}-{n} a ex:Town ; rdfs:label "T{size} {n}"@en ;'
            f" ex:within ex:t{size}-{n // 2} ."
            for n in range(1, size)
        )
        filled.requests.clear()
        add(remote, f'{towns} ex:t{size}-0 a ex:Town ; rdfs:label "T{size}"@en ;'
            " ex:within ex:port .")  # fmt: skip
        asked.append(len(filled.requests))
    assert asked[1] <= asked[0] + 2, asked


def test_history_is_kept_in_the_store(remote):
    add(remote, QUAY, message="Build a quay")
    assert changes(remote.snapshot())[-1].message == "Build a quay"
    entry = read_entry(remote.store.journal, 2)
    assert entry.counts == (3, 0)
    remote.add(undo(remote.store, 2), agent="Ada", message="m")
    assert state_at(remote.store, 3) == state_at(remote.store, 1)
    with pytest.raises(VersionConflictError, match="version 3, not 1"):
        add(remote, NAMELESS, if_version=1)


def test_what_was_stated_once_is_told_in_few_round_trips(remote, filled, small_store):
    here, port = open_small(small_store), NamedNode(f"{EX}port")
    for graph in (here, remote):
        add(graph, 'ex:port rdfs:label "Harbour"@en ; ex:near ex:quay .')
    beside = past_of(here.store, here.snapshot(), 1, port, Page(50))
    snapshot = remote.snapshot()
    filled.requests.clear()
    there = past_of(remote.store, snapshot, 1, port, Page(50))
    assert there is not None
    assert beside is not None
    assert held(there.snapshot) == held(beside.snapshot)
    assert len(filled.requests) < 20


MANY_WAYS = " ".join(
    f"ex:cape ex:within ex:w{n} . ex:w{n} ex:within ex:land ." for n in range(8)
)
WITHIN = Triple(*(NamedNode(f"{EX}{name}") for name in ("cape", "within", "land")))


def test_reasons_are_found_in_few_round_trips(remote, filled, small_store):
    here = open_small(small_store)
    for graph in (here, remote):
        add(graph, MANY_WAYS)
    snapshot = remote.snapshot()
    filled.requests.clear()
    there = why(snapshot, WITHIN)
    assert len(filled.requests) < 40
    beside = why(here.snapshot(), WITHIN)
    assert {*there.reasons} == {*beside.reasons}
    assert len(there.reasons) == 8


@pytest.mark.parametrize("rounds", [0, 40])
def test_reasons_are_found_one_by_one_where_not_together(remote, monkeypatch, rounds):
    """As the store goes on to another version, or knows more only after each."""
    add(remote, MANY_WAYS)
    snapshot = remote.snapshot()
    monkeypatch.setattr("kg.why._MOST_ROUNDS", rounds)
    add(remote, QUAY)
    assert len(why(snapshot, WITHIN).reasons) == 8


@pytest.mark.parametrize(
    ("update", "told"),
    [
        ("INSERT DATA { GRAPH ex:atlas { ex:port ex:near ex:pier } }", "lacks"),
        ("DELETE DATA { GRAPH ex:atlas { ex:port ex:within ex:land } }", "still has"),
        ("DELETE DATA { ex:port ex:within ex:land }", "lacks"),
        ("INSERT DATA { ex:port ex:near ex:pier }", "still has"),
    ],
)
def test_what_something_else_has_written_is_noticed(remote, filled, update, told):
    filled.engine.update(f"PREFIX ex: <{EX}> {update}")
    with pytest.raises(StoreDamagedError, match=told):
        add(remote, 'ex:port rdfs:label "Harbour"@en .')
    assert remote.store.version == 1
    rebuild(remote.store, agent="Ada", message="m")
    assert verify_store(remote.store) == []
    assert add(remote, 'ex:port rdfs:label "Harbour"@en .') == 3


def test_a_long_journal_is_kept_in_parts(remote):
    lines = "".join(f'ex:p{n} rdfs:label "{"x" * 2000}"@en .' for n in range(250))
    add(remote, lines)
    assert len(read_entry(remote.store.journal, 2).added) == 250


def test_an_update_reads_the_state_and_writes_through_the_gate(remote):
    text = (
        "PREFIX ex: <http://example.org/> PREFIX rdfs: <http://www.w3.org/2000/01/"
        "rdf-schema#> DELETE { GRAPH ?g { ex:port rdfs:label ?l } } INSERT { GRAPH ?g {"
        ' ex:port rdfs:label "Haven"@en } } WHERE { GRAPH ?g { ex:port rdfs:label ?l }'
        " }; INSERT { GRAPH ex:atlas { ex:haven ex:near ?x } } WHERE { ?x rdfs:label"
        ' "Haven"@en }'
    )
    verdict, version = remote.write(
        lambda here: read_update(text, here, base=EX), agent="Ada", message="m"
    )
    assert verdict.accepted
    assert version == 2
    asked = "ASK { ex:port ex:near ex:haven ; rdfs:label 'Haven'@en }"
    known = {"ex": EX, "rdfs": "http://www.w3.org/2000/01/rdf-schema#"}
    assert remote.snapshot().query(asked, prefixes=known)


def test_an_update_that_needs_a_copy_of_too_much_is_refused(remote, monkeypatch):
    monkeypatch.setattr("kg.remote.snapshot.MOST_COPIED", 10)
    text = (
        "INSERT DATA { GRAPH <urn:g> { <urn:a> <urn:b> 1 } } ;"
        " INSERT { GRAPH <urn:g> { <urn:a> <urn:c> ?x } } WHERE { <urn:a> <urn:b> ?x }"
    )
    here = remote.snapshot()
    with pytest.raises(ChangeError, match="cannot be copied"):
        read_update(text, open_remote(remote.store.path).snapshot(), base=EX)
    assert here.version == 1


def test_queries_choose_their_dataset(remote):
    count = "SELECT (COUNT(*) AS ?n) WHERE { ?s <http://example.org/within> ?o }"
    here = remote.snapshot()

    def number(**dataset):
        return next(here.query(count, **dataset).rows())[0].value

    assert number() == "1"
    assert number(default_graphs=[f"{EX}atlas"]) == "1"
    assert number(default_graphs=[f"{EX}nothing"]) == "0"
    triples = here.query("CONSTRUCT { ?s ?p ?o } WHERE { GRAPH ?g { ?s ?p ?o } }",
                         named_graphs=[f"{EX}atlas"]).triples()  # fmt: skip
    assert len(list(triples)) == 5
    merged = "https://w3id.org/exequatur/graph/merged"
    assert number(default_graphs=[merged]) == "1"
    assert number(default_graphs=[merged, f"{EX}atlas"]) == "1"
    assert number(default_graphs=[OURS_BY_NAME]) == "0"
    assert number(named_graphs=[merged]) == "0"
    of_graph = count.replace("{", "{ GRAPH ?g {").replace("}", "} }")
    found = here.query(of_graph, default_graphs=[merged], named_graphs=[merged])
    assert next(found.rows())[0].value == "1"


def test_a_dataset_of_too_much_is_refused(remote, monkeypatch):
    monkeypatch.setattr("kg.remote.datasets.MOST_COPIED", 3)
    graphs = ["https://w3id.org/exequatur/graph/merged", f"{EX}atlas"]
    with pytest.raises(QueryError, match="name fewer graphs"):
        remote.snapshot().query("ASK { ?s ?p ?o }", default_graphs=graphs)


def test_what_is_wrong_with_a_query_is_told_as_ever(remote, filled):
    here = remote.snapshot()
    filled.requests.clear()
    with pytest.raises(QueryError, match="SERVICE"):
        here.query("SELECT * { SERVICE <http://a/> { ?s ?p ?o } }")
    with pytest.raises(QueryError):
        here.query("SELECT * WHERE { ?s ?p }")
    assert not filled.requests


def test_writers_of_this_machine_wait_where_nobody_else_can_write(
    filled, monkeypatch, tmp_path
):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    with open_remote(filled.url).store.writing():
        (folder,) = tmp_path.iterdir()
        assert folder.stat().st_mode & 0o777 == 0o700
        assert len(list(folder.iterdir())) == 1


@pytest.mark.parametrize("trap", ["a link", "a file", "a folder for all"])
def test_a_trap_in_the_place_of_that_folder_is_refused(
    filled, monkeypatch, tmp_path, trap
):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    place, victim = tmp_path / f"exequatur-{os.getuid()}", tmp_path / "victim"
    victim.mkdir()
    if trap == "a link":
        place.symlink_to(victim)
    elif trap == "a file":
        place.write_text("", encoding="ascii")
    else:
        place.mkdir()
        place.chmod(0o777)
    with (
        pytest.raises(StoreError, match="nobody else can write to"),
        open_remote(filled.url).store.writing(),
    ):
        pass
    assert not list(victim.iterdir())


def test_a_function_that_the_store_does_not_know_is_no_failure(remote, filled):
    """It is known here, which the embedded store would have it by."""
    name = "http://www.w3.org/2001/XMLSchema#dayTimeDuration"

    def fail(handler, _):  # as Oxigraph server does, which finds out while it answers
        told = f"The custom function <{name}> is not supported".encode()
        handler.send(500, "text/plain", told)
        return True

    here = remote.snapshot()
    filled.answer = fail
    with pytest.raises(QueryError, match=f"no function <{name}>"):
        here.query(f"SELECT * {{ ?s ?p ?o FILTER(<{name}>(?s)) }}")


@pytest.mark.parametrize(
    "text",
    [
        "SELECT * { ?s ?p ?o FILTER(<urn:f>(?s)) }",
        "PREFIX u: <urn:> ASK { ?s ?p ?o FILTER EXISTS { ?s ?p ?q FILTER(u:f(1)) } }",
        "BASE <urn:f> SELECT (COALESCE(<>(1), 2) AS ?n) {}",
        "CONSTRUCT { ?s ?p (1 2) } { ?s ?p ?o } ORDER BY DESC(<urn:f>(?s))",
    ],
)
def test_a_function_that_nobody_knows_is_refused_whatever_a_store_does(
    remote, filled, text
):
    """Fuseki takes the call of one for an error in an expression, and goes on."""
    here = remote.snapshot()
    filled.requests.clear()
    with pytest.raises(QueryError, match="no function <urn:f>"):
        here.query(text)
    assert not filled.requests
    update = "INSERT { ?s ?p 1 } WHERE { ?s ?p ?o FILTER(<urn:f>(?s)) }"
    with pytest.raises(QueryError, match="no function <urn:f>"):
        read_update(update, here, base=EX)
    known = text.replace("<urn:f>", "<http://www.w3.org/2001/XMLSchema#string>")
    for name in ("u:f", "<>"):
        known = known.replace(name, "<http://www.w3.org/2001/XMLSchema#string>")
    assert here.query(known) is not None


@pytest.fixture
def machines(monkeypatch, tmp_path):
    """Have every writer be on a machine of its own: none waits for another."""
    numbers = itertools.count()
    monkeypatch.setattr("kg.remote.store.turn", lambda _: tmp_path / str(next(numbers)))


def test_writers_on_several_machines_do_not_lose_each_other(filled, machines):
    opening = partial(open_remote, filled.url)
    assert not write_at_once(dict.fromkeys("abc", opening), 4)
    graph = open_remote(filled.url)
    assert graph.store.version == 13
    logged = [change.version for change in changes(graph.snapshot())]
    assert logged == list(range(1, 14))
    assert verify_store(graph.store) == []


def test_a_store_that_took_a_commit_is_not_taken_for_one_that_fails(
    filled, remote, monkeypatch
):
    """However short a time before it could not be asked."""
    monkeypatch.setattr("kg.remote.store._SEEN_SECONDS", -1)
    monkeypatch.setattr("kg.remote.store._FAILED_SECONDS", 60)

    def away(handler, _):
        handler.send(503, "text/plain", b"not now")
        return True

    filled.answer = away
    with pytest.raises(StoreError, match="503"):
        remote.snapshot()
    filled.answer = None
    assert add(remote, QUAY) == 2
    assert remote.snapshot().version == 2


def test_a_version_committed_elsewhere_is_seen_within_a_second(filled, remote):
    assert remote.snapshot().version == 1
    add(open_remote(filled.url), QUAY)
    until = time.monotonic() + 1
    while remote.snapshot().version == 1 and time.monotonic() < until:
        time.sleep(0.05)
    assert remote.snapshot().version == 2


def test_a_commit_whose_connection_breaks_is_done_whole_or_not_at_all(filled):
    """Wherever it breaks, what is told is what the store holds."""
    before = filled.quads()
    with Way(urlsplit(filled.url).port).open() as way:
        graph = open_remote(f"http://127.0.0.1:{way.port}")
        size = _size_of_commit(filled, graph)
        cuts = [0, 1, 100, *range(400, size, 997), size - 1]
        for cut in cuts:
            way.asked = cut
            version = add(graph, QUAY)  # it is known not to be done, and done again
            assert way.broken == 1
            assert version == version_of(filled)
            remove(graph)
            way.broken = 0
        for cut in (0, 1, 12, 40):
            way.told = cut
            version = add(graph, QUAY)
            assert way.broken == 1
            assert version == version_of(filled)
            remove(graph)
            way.broken = 0
    assert verify_store(open_remote(filled.url).store) == []
    kept = {graph for graph, _ in filled.quads() ^ before}
    assert kept <= {name.value for name in KEPT_BY_PROGRAM}


def _size_of_commit(server, graph):
    add(graph, QUAY)
    size = max(len(body) for path, _, body in server.requests if "update" in path)
    remove(graph)
    return size


def remove(graph):
    verdict, _ = graph.add(
        Change(removed=stating(QUAY).added), agent="Ada", message="m"
    )
    assert verdict.accepted


def test_a_store_that_stays_away_is_told_of_and_may_be_asked_again(filled, remote):
    def gone(handler, body):
        if handler.path.endswith("/update"):
            handler.close_connection = True
            return True
        return False

    filled.answer = gone
    with pytest.raises(StoreError, match="whether the change was committed is not"):
        add(remote, QUAY)
    filled.answer = None
    assert add(remote, QUAY) == 2


@pytest.mark.parametrize(
    ("status", "kind", "told"),
    [
        (401, StoreRefusedError, "EXEQUATUR_STORE_USER"),
        (403, StoreRefusedError, "who asks"),
        (404, StoreRefusedError, "no SPARQL endpoint"),
        (500, StoreRefusedError, "answers 500: it hurts"),
        (503, StoreUnreachableError, "answers 503"),
        (307, StoreRefusedError, "sends on to"),
    ],
)
def test_what_a_store_refuses_is_told_plainly(filled, status, kind, told):
    def refuse(handler, _):
        handler.send(status, "text/plain", b"it hurts", Location="http://elsewhere/")
        return True

    filled.answer = refuse
    with pytest.raises(kind, match=told):
        open_store(filled.url)


def test_a_store_that_sends_on_is_not_followed(filled):
    with serving() as elsewhere:

        def send_on(handler, _):
            there = f"{elsewhere.url}{handler.path}"
            handler.send(307, "text/plain", b"", Location=there)
            return True

        filled.answer = send_on
        environ = {"EXEQUATUR_STORE_TOKEN": "t0ken"}
        with pytest.raises(StoreRefusedError, match="sends on to") as caught:
            Client(Place.of(filled.url, environ)).select("ASK {}")
        assert "t0ken" not in str(caught.value)
        assert not elsewhere.requests


def test_a_store_that_is_not_there_or_silent_is_told_of(filled):
    with pytest.raises(StoreUnreachableError, match="cannot be reached"):
        open_store("http://127.0.0.1:1/ds")

    def sleep(*_):
        time.sleep(1)
        return False

    filled.answer = sleep
    filled.requests.clear()
    client = Client(Place.of(filled.url), seconds=0.1)
    with pytest.raises(StoreUnreachableError, match="not answer in time"):
        client.select("ASK {}")
    assert len(filled.requests) == 1  # it is not made to do it twice


def test_an_answer_that_breaks_off_is_no_answer(filled, remote):
    def half(handler, body):
        kind, whole = filled.query({"query": ["SELECT * { ?s ?p ?o }"]})
        handler.send_response(200)
        handler.send_header("Content-Type", kind)
        handler.send_header("Content-Length", str(len(whole)))
        handler.end_headers()
        handler.wfile.write(whole[: len(whole) // 2])
        handler.close_connection = True
        return True

    filled.answer = half
    with pytest.raises(StoreError):
        list(remote.snapshot().query("SELECT * { ?s ?p ?o }").rows())


@pytest.mark.parametrize("form", ["DESCRIBE ex:port", "CONSTRUCT WHERE { ?s ?p ?o }"])
def test_a_triple_that_the_store_sends_twice_is_told_once(filled, remote, form):
    plain = filled.query

    def twice(fields):
        kind, body = plain(fields)
        return kind, body * 2 if kind == "application/n-triples" else body

    filled.query = twice
    found = remote.snapshot().query(f"PREFIX ex: <{EX}> {form}").triples()
    told = [str(triple) for triple in found]
    assert told
    assert len(told) == len(set(told))


def test_an_answer_that_is_no_result_is_told_of(filled, remote):
    def page(handler, _):
        handler.send(200, "text/html", b"<html>")
        return True

    filled.answer = page
    with pytest.raises(StoreRefusedError, match="text/html"):
        list(remote.snapshot().query("SELECT * { ?s ?p ?o }").rows())


def test_credentials_are_sent_and_never_shown(filled):
    environ = {"EXEQUATUR_STORE_TOKEN": "t0ken"}
    Client(Place.of(filled.url, environ)).select("ASK {}")
    assert filled.requests[-1][1]["Authorization"] == "Bearer t0ken"
    url = filled.url.replace("http://", "http://ada:s3cret@")
    place = Place.of(url, {})
    Client(place).select("ASK {}")
    assert filled.requests[-1][1]["Authorization"] == "Basic YWRhOnMzY3JldA=="
    assert "s3cret" not in place.url + place.queries + place.updates


@pytest.mark.parametrize(
    ("url", "queries", "updates"),
    [
        ("http://h:3030/ds", "http://h:3030/ds/query", "http://h:3030/ds/update"),
        ("http://h:7878/", "http://h:7878/query", "http://h:7878/update"),
        ("https://h/sparql", "https://h/sparql", "https://h/sparql"),
        ("https://h/ds/query", "https://h/ds/query", "https://h/ds/update"),
        (
            "http://h/rdf4j-server/repositories/r",
            "http://h/rdf4j-server/repositories/r",
            "http://h/rdf4j-server/repositories/r/statements",
        ),
    ],
)
def test_the_endpoints_are_known_by_the_address(url, queries, updates):
    place = Place.of(url, {})
    assert (place.queries, place.updates) == (queries, updates)


@pytest.mark.parametrize(
    "url",
    ["", "http://", "http://h/ds?x=1", "https://h/#a", "http://[::1", "http://h:9999999",
     "http://a b/", "http://h/<script>", "http://h/\n"],
)  # fmt: skip
def test_an_address_that_is_none_is_refused(url):
    with pytest.raises(ConfigError, match="not the address of a store"):
        Place.of(url, {})


def test_a_setting_names_a_directory_or_a_url(tmp_path):
    url = "http://localhost:3030/ds"
    environ = {"EXEQUATUR_STORE": url, "EXEQUATUR_STORE_PASSWORD": "s3cret"}
    settings = Settings.load(environ=environ, file=tmp_path / "none.toml")
    assert settings.store == url


def test_an_empty_store_holds_no_dataset(server):
    with pytest.raises(StoreMissingError, match="kg copy"):
        open_store(server.url)


def test_a_record_that_cannot_be_read_is_told_of(filled):
    filled.engine.update(
        "DELETE { GRAPH ?g { ?s ?p ?o } } INSERT { GRAPH ?g { ?s ?p 'x' } } WHERE {"
        " GRAPH ?g { ?s ?p ?o } FILTER(?g ="
        " <https://w3id.org/exequatur/graph/store>) }"
    )
    with pytest.raises(StoreDamagedError, match="record"):
        open_store(filled.url)


def test_a_copy_that_broke_off_is_gone_on_with(server, small_store, monkeypatch):
    monkeypatch.setattr("kg.remote.copying._AT_ONCE", 7)
    source, place = Store(small_store), Place.of(server.url)
    sent: list[str] = []

    def refuse_one(handler, _):
        sent.append(handler.path)
        if handler.path == "/update" and sent.count("/update") == 7:
            handler.send(500, "text/plain", b"the disk is full")
            return True
        return False

    server.answer = refuse_one
    with pytest.raises(StoreRefusedError, match="the disk is full"):
        copy_to(source, place, tell=silent)
    with pytest.raises(StoreMissingError):
        open_store(place.url)
    server.answer = None
    done = copy_to(source, place, tell=silent)
    assert done.resumed > 0
    assert held(open_store(place.url).snapshot()) == held(source.snapshot())


def test_a_copy_replaces_nothing_without_force(filled, small_store):
    source, place = Store(small_store), Place.of(filled.url)
    with pytest.raises(StoreError, match="holds a dataset already"):
        copy_to(source, place, tell=silent)
    copy_to(source, place, force=True, tell=silent)
    filled.engine.update("DROP ALL; INSERT DATA { <urn:a> <urn:b> 1 }")
    with pytest.raises(StoreError, match="not a dataset of Exequatur"):
        copy_to(source, place, tell=silent)


def test_a_store_is_not_copied_to_itself(remote, filled):
    before = filled.quads()
    with pytest.raises(StoreError, match="to itself"):
        copy_to(remote.store, Place.of(f"{filled.url}/"), force=True, tell=silent)
    assert filled.quads() == before


def test_a_store_that_moves_while_it_is_copied_is_not_taken(remote, monkeypatch):
    here = remote.store.snapshot()
    add(open_remote(remote.store.path), QUAY)
    with pytest.raises(StoreMovedError, match="while the store was read"):
        here.at_hand()
    monkeypatch.setattr(remote.store, "snapshot", lambda: here)
    with serving() as other:
        place = Place.of(other.url)
        with pytest.raises(StoreMovedError):
            copy_to(remote.store, place, tell=silent)


def test_what_a_store_changes_on_the_way_is_found_by_the_copy(server, small_store):
    def meddle(handler, body):
        if handler.path.endswith("/update") and b"Port" in body:
            text = body.decode().replace('"Port"', '"Post"')
            server.engine.update(text)
            handler.send(204, "text/plain", b"")
            return True
        return False

    server.answer = meddle
    place = Place.of(server.url)
    with pytest.raises(StoreError, match="not what was sent"):
        copy_to(Store(small_store), place, tell=silent)
    server.answer = None
    with pytest.raises(StoreError, match="--force"):
        copy_to(Store(small_store), place, tell=silent)
    server.answer = meddle
    with pytest.raises(StoreError, match="not what was sent"):
        copy_to(Store(small_store), place, force=True, tell=silent)
    with pytest.raises(StoreMissingError):
        open_store(server.url)


def test_a_dataset_comes_back_to_a_directory(remote, tmp_path):
    add(remote, QUAY)
    made = Store.receive(tmp_path / "store", remote.store, force=False)
    assert held(made.snapshot()) == held(remote.snapshot())
    assert read_entry(made.journal, 2) == read_entry(remote.store.journal, 2)
    assert verify_store(made) == []
    with pytest.raises(StoreError, match="there is a store here"):
        Store.receive(tmp_path / "store", remote.store, force=False)


def test_all_that_is_needed_of_a_store_is_tried(server):
    found = {one.name: one for one in capabilities(Place.of(server.url))}
    assert all(one.holds for one in found.values() if one.needed)
    assert not server.quads()


def test_a_store_that_forgets_cannot_be_used(server, small_store):
    def forget(handler, _):
        if handler.path.endswith("/update"):
            handler.send(204, "text/plain", b"")
            return True
        return False

    server.answer = forget
    done = CliRunner().invoke(main, ["store", "check", server.url])
    assert done.exit_code == 1
    assert "no, and needed" in done.output
    done = CliRunner().invoke(main, ["copy", str(small_store), server.url])
    assert done.exit_code == 2
    assert "cannot be used: what was written" in done.stderr


@pytest.fixture
def united(server):
    """A store whose default graph is the union of all its graphs."""
    server.is_united = True
    return server


def test_where_the_default_graph_mixes_all_the_view_is_a_graph(united, small_store):
    place = Place.of(united.url)
    assert fitting(place) == NAMED
    copy_to(Store(small_store), place, view=NAMED, tell=silent)
    remote, here = open_remote(united.url), open_small(small_store)
    assert held(remote.snapshot()) == held(here.snapshot())
    assert len(remote.snapshot()) == len(here.snapshot())
    for turtle in (QUAY, NAMELESS):
        there, beside = (
            g.add(stating(turtle), agent="Ada", message="m") for g in (remote, here)
        )
        assert there == beside
    assert held(remote.snapshot()) == held(here.snapshot())
    assert verify_store(remote.store) == []
    for text in QUESTIONS:
        answers = (rows(g.snapshot().query(text)) for g in (remote, here))
        assert next(answers) == next(answers), text


def test_questions_are_answered_as_beside_the_data(remote, small_store):
    here = open_small(small_store)
    for graph in (here, remote):
        void = read_update(CREATE, graph.snapshot(), base=EX)
        assert graph.add(void, agent="Ada", message="m")[1] == 2
    for text in QUESTIONS:
        answers = (rows(g.snapshot().query(text)) for g in (remote, here))
        assert next(answers) == next(answers), text


CREATE = f"CREATE GRAPH <{EX}void>"
OURS_BY_NAME = "https://w3id.org/exequatur/graph/journal"


def rows(answer):
    if answer.is_ask:
        return bool(answer)
    found = [*answer.rows(), *answer.triples()]
    return sorted(str([str(term) for term in row]) for row in found)


QUESTIONS = [
    "SELECT ?g { GRAPH ?g {} }",
    "SELECT ?g { OPTIONAL { GRAPH ?g {} FILTER(CONTAINS(STR(?g), 'v')) } }",
    "ASK { GRAPH <http://example.org/void> {} }",
    "ASK { GRAPH <http://example.org/avoid> {} }",
    "SELECT DISTINCT ?g { GRAPH ?g { ?s ?p ?o } }",
    "SELECT * { GRAPH <https://w3id.org/exequatur/graph/store> { ?s ?p ?o } }",
    "SELECT * FROM NAMED <https://w3id.org/exequatur/graph/journal>"
    " { GRAPH ?g { ?s ?p ?o } }",
    "SELECT ?s FROM <http://example.org/atlas>"
    " FROM <https://w3id.org/exequatur/graph/merged> { ?s ?p ?o }",
    "SELECT ?s ?g FROM <https://w3id.org/exequatur/graph/merged>"
    " FROM NAMED <http://example.org/atlas>"
    " { ?s a ?t OPTIONAL { GRAPH ?g { ?s a ?t } } }",
    "SELECT ?g FROM NAMED <http://example.org/atlas> { GRAPH ?g { ?s ?p ?o } }",
    "DESCRIBE <http://example.org/port>",
    "DESCRIBE <http://example.org/port> ?x WHERE { ?x <http://example.org/within> ?y }",
    "DESCRIBE * { ?x <http://example.org/within> ?y } ORDER BY ?x ?y LIMIT 1",
    "PREFIX ex: <http://example.org/> DESCRIBE ex:port ex:land FROM ex:atlas",
    "DESCRIBE ?x { ?x a <http://example.org/Nothing> }",
    "SELECT * { ?s ?p ?o }",
    "SELECT (COUNT(*) AS ?n) WHERE { ?s ?p ?o }",
    "ASK { ?s <http://example.org/within> ?o FILTER NOT EXISTS { ?o ?p ?s } }",
    "CONSTRUCT { ?o ?p ?s } WHERE { ?s ?p ?o }",
    "CONSTRUCT WHERE { ?s a ?o }",
    "SELECT ?g ?s { ?s a <http://example.org/Town> . GRAPH ?g { ?s a ?t } }",
    "SELECT ?g { GRAPH ?g { ?s a <http://example.org/Town> } . ?s ?p ?o } LIMIT 90",
    "SELECT ?s ?g { ?s ?p ?o OPTIONAL { GRAPH ?g { ?s ?p ?o } } }",
    "SELECT ?s { GRAPH <http://example.org/atlas> { ?s ?p ?o } }",
    "SELECT ?s { { SELECT ?s { ?s a ?t } } MINUS { GRAPH ?g { ?s ?p 'x' } } }",
    "SELECT ?s { ?s <http://example.org/within>+ ?o }",
    "SELECT ?s { ?s ?p ?o } VALUES ?s { <http://example.org/port> }",
    "SELECT (EXISTS { <http://example.org/port> ?p ?o } AS ?there) {}",
    "SELECT ?s { SELECT ?s { ?s a ?t . GRAPH ?h { ?s a ?t } } }",
    "SELECT ?s { ?s ?p ?o FILTER EXISTS { GRAPH ?g { ?o a ?t } } } # { GRAPH",
    "SELECT ?s FROM <http://example.org/atlas> { ?s ?p ?o }",
    "SELECT ?s ?l { ?s ?p ?o BIND('{ GRAPH' AS ?l) }",
]


def test_the_command_builds_asks_and_writes(server, tmp_path):
    path = tmp_path / "more.ttl"
    path.write_text(
        "@prefix exq: <https://w3id.org/exequatur/ontology#> . @prefix rdfs:"
        " <http://www.w3.org/2000/01/rdf-schema#> . <https://w3id.org/exequatur/id/"
        'testland> a exq:State ; rdfs:label "Testland"@en .',
        encoding="utf-8",
    )

    def kg(*arguments):
        return CliRunner().invoke(main, ["--store", server.url, *arguments])

    assert "was built: version 1" in kg("build").stderr
    assert "is up to date" in kg("build").stderr
    found = kg("run", "posts-of-state", "-p", "state=Kenya", "--format", "csv")
    assert "Renson Ingonga" in found.stdout
    assert kg("add", str(path), "--graph", "graph:reference").exit_code == 0
    assert kg("log", "--format", "json").stdout.count('"version"') == 2
    assert "holds version 2" in kg("backup", str(tmp_path / "b")).stderr
    erased = kg("erase", "Testland", "--yes").stderr
    assert "the store itself may keep it" in erased
    assert server.quads()
    assert not any("testland" in str(quad).lower() for quad in server.quads())
    restored = kg("restore", str(tmp_path / "b"), "--force").stderr
    assert "is at version 2" in restored
    assert "was erased and is back" in restored
    target = tmp_path / "local"
    done = CliRunner().invoke(main, ["copy", server.url, str(target)])
    assert done.exit_code == 0, done.stderr
    assert Store(target).version == 2


def test_what_is_erased_is_nowhere_in_the_store(remote, filled):
    add(remote, QUAY, message="The quay")
    add(remote, "ex:land ex:near ex:port .")
    tag = remote.snapshot().tag
    assert any("quay" in str(quad).lower() for quad in filled.quads())
    verdict, version = erase(remote.store, [NamedNode(f"{EX}quay")], agent="Ada")
    assert verdict.accepted
    assert version == 4
    assert not any("quay" in str(quad).lower() for quad in filled.quads())
    assert verify_store(remote.store) == []
    assert remote.snapshot().tag.partition("-")[0] != tag.partition("-")[0]
    assert [change.version for change in changes(remote.snapshot())] == [1, 2, 3, 4]


def test_an_erasure_is_done_whole_or_not(remote, filled):
    add(remote, QUAY)
    before = filled.quads()

    def fail(handler, _):
        if not handler.path.endswith("/update"):
            return False
        handler.send(500, "text/plain", b"the disk is full")
        filled.answer = None
        return True

    filled.answer = fail
    with pytest.raises(StoreRefusedError, match="the disk is full"):
        erase(remote.store, [NamedNode(f"{EX}quay")], agent="Ada")
    left = {quad for quad in before if quad[0] != RECORD.value}
    assert left <= filled.quads()
    assert len(filled.quads()) == len(before)


def test_a_backup_is_restored_over_what_it_holds(remote, filled, tmp_path):
    add(remote, QUAY)
    before = held(remote.snapshot())
    assert backup_remote(remote.store, tmp_path / "b") == 2
    add(remote, "ex:land ex:near ex:port .")
    with pytest.raises(StoreError, match="changes that the backup does not"):
        restore_remote(tmp_path / "b", filled.url, force=False, tell=silent)
    assert version_of(filled) == 3
    restore_remote(tmp_path / "b", filled.url, force=True, tell=silent)
    again = open_remote(filled.url)
    assert held(again.snapshot()) == before
    assert verify_store(again.store) == []
    restore_remote(tmp_path / "b", filled.url, force=False, tell=silent)
    with pytest.raises(StoreError, match="something here already"):
        backup_remote(again.store, tmp_path / "b")


def test_nobody_writes_the_graphs_of_the_store_itself(remote):
    for name in OURS:
        quad = Quad(NamedNode("urn:a"), NamedNode("urn:b"), Literal("c"), name)
        verdict = None
        try:
            verdict = remote.validate(Change(added=frozenset({quad})))
        except StoreError:
            continue
        assert verdict is not None


def test_a_store_that_moves_while_a_change_is_judged_makes_it_be_judged_again(
    filled, remote, machines
):
    add(remote, "ex:a ex:b 0 .")
    moved: list[int] = []

    def make(here):
        if not moved:
            moved.append(add(open_remote(filled.url), QUAY))
        return stating("ex:a ex:b 1 .")

    verdict, version = remote.write(make, agent="Ada", message="m")
    assert verdict.accepted
    assert version == 4
    with pytest.raises(StoreMovedError):
        remote._write(
            lambda here: (add(open_remote(filled.url), "ex:z ex:b 9 ."),
                          stating("ex:a ex:b 2 ."))[1],
            "Ada", "m", None, None, 60, strict=False,
        )  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("text/html", b"<!DOCTYPE html><h1>Welcome</h1>"),
        ("application/sparql-results+xml", b"<sparql/>"),
        ("", b'{"boolean": true}'),
    ],
)
def test_an_address_that_gives_no_answers_of_sparql_is_told_so(server, kind, body):
    def answer(handler, asked):
        del asked
        handler.send(200, kind, body)
        return True

    server.answer = answer
    with pytest.raises(StoreRefusedError) as error:
        open_store(server.url)
    assert (kind or "of no type") in error.value.message
    assert "https://host:port/dataset" in error.value.advice
