"""Answers on pages: a visitor need not wait long, and what was worked out is kept."""

from __future__ import annotations

import threading
import time

import pytest

from kg import row_evidence
from kg.config import Settings
from kg.errors import QueryDroppedError, QueryLimitError
from kg.graph import KnowledgeGraph
from kg.queries import SavedQueries
from kg.readers import Limits, Readers
from server import beside, network, page_answers, preparing, question
from server.app import create_app
from server.beside import Beside, StillAtWorkError
from server.context import EXTENSION
from server.page_answers import PageAnswers
from server.preparing import Preparing
from tests.small_store import add, open_small, stating

PAGE = {"Accept": "text/html"}
VISITS = (
    {**PAGE, "Sec-Fetch-Mode": "navigate"},
    {**PAGE, "Upgrade-Insecure-Requests": "1"},
)
NAMES = ("ambassadors", "events-in-schema-org", "meetings", "timeline")


class Gated:
    """Readers that answer when the gate is open, and raise *error* if there is one."""

    def __init__(self, readers):
        self.lanes = readers.lanes
        self.gate = threading.Event()
        self.gate.set()
        self.asked: list[str] = []
        self.hows: list[dict[str, object]] = []
        self.error: Exception | None = None
        self._readers = readers

    def query(self, sparql, *, gone=None, **how):
        self.asked.append(sparql)
        self.hows.append(how)
        until = time.monotonic() + 20
        while not self.gate.wait(0.01):
            assert time.monotonic() < until
            if gone and gone():
                raise QueryDroppedError("the client has gone")
        if self.error:
            raise self.error
        return self._readers.query(sparql, gone=gone, **how)


@pytest.fixture(scope="module")
def pool(shipped_store):
    found = Readers(shipped_store, 1, Limits(20, 3_000_000_000, 10**7))
    yield found
    found.close()


@pytest.fixture(autouse=True)
def keep_everything(monkeypatch):
    monkeypatch.setattr(page_answers, "LEAST_SECONDS", 0.0)
    monkeypatch.setattr(beside, "PATIENCE", 0.02)


@pytest.fixture
def gated(pool):
    return Gated(pool)


@pytest.fixture
def client(graph, settings, gated):
    app = create_app(graph, settings, readers=gated)
    return app.test_client()


@pytest.mark.parametrize("visit", VISITS)
def test_a_visit_gets_the_form_first_and_then_the_answer(client, gated, visit):
    gated.gate.clear()
    first = client.get("/queries/meetings", headers=visit)
    assert first.status_code == 202
    assert first.headers["Cache-Control"] == "no-store"
    assert "ETag" not in first.headers
    assert '<meta http-equiv="refresh" content="0">' in first.text
    assert 'name="state"' in first.text
    assert "<table" not in first.text
    gated.gate.set()
    second = client.get("/queries/meetings", headers=visit)
    assert second.status_code == 200
    assert "refresh" not in second.text
    plain = client.get("/queries/meetings", headers=PAGE)
    assert plain.text == second.text
    assert plain.headers["ETag"] == second.headers["ETag"]


@pytest.mark.parametrize("visit", VISITS)
def test_so_does_a_network_that_takes_long(client, monkeypatch, visit):
    gate = threading.Event()

    def place(found):
        gate.wait(10)

    monkeypatch.setattr(network, "place", place)
    first = client.get("/network?nodes=20", headers=visit)
    assert first.status_code == 202
    assert first.headers["Cache-Control"] == "no-store"
    assert '<meta http-equiv="refresh" content="0">' in first.text
    gate.set()
    second = client.get("/network?nodes=20", headers=visit)
    assert second.status_code == 200
    assert second.text == client.get("/network?nodes=20", headers=PAGE).text


@pytest.mark.parametrize("visit", VISITS)
def test_so_does_what_makes_a_row_true(graph, settings, monkeypatch, visit):
    client = create_app(graph, settings).test_client()
    path, gate = "/queries/meetings/evidence?row=3", threading.Event()
    make = row_evidence.answer_evidence

    def slow(*given, **more):
        gate.wait(10)
        return make(*given, **more)

    monkeypatch.setattr(row_evidence, "answer_evidence", slow)
    first = client.get(path, headers=visit)
    assert first.status_code == 202
    assert first.headers["Cache-Control"] == "no-store"
    assert '<meta http-equiv="refresh" content="0">' in first.text
    gate.set()
    second = client.get(path, headers=visit)
    assert second.status_code == 200
    assert second.text == client.get(path, headers=PAGE).text


@pytest.mark.parametrize(
    ("path", "headers"),
    [
        ("/queries/meetings/evidence?row=3&timeout=9", VISITS[0]),
        ("/queries/meetings/evidence?row=3&format=json", VISITS[0]),
        ("/queries/meetings/evidence?row=3", PAGE),
    ],
)
def test_others_wait_for_what_makes_a_row_true(
    graph, settings, monkeypatch, path, headers
):
    make = row_evidence.answer_evidence

    def slow(*given, **more):
        time.sleep(0.2)
        return make(*given, **more)

    monkeypatch.setattr(row_evidence, "answer_evidence", slow)
    answer = create_app(graph, settings).test_client().get(path, headers=headers)
    assert answer.status_code == 200
    assert "refresh" not in answer.text


def test_a_network_of_the_version_before_has_no_tag(own_graph, settings, monkeypatch):
    gate = threading.Event()
    client = create_app(own_graph, settings).test_client()
    monkeypatch.setattr(network, "place", lambda _: gate.wait(10))
    assert client.get("/network", headers=VISITS[0]).status_code == 202
    own_graph.add(stating("ex:a ex:b ex:c ."), agent="t", message="")
    gate.set()
    second = client.get("/network", headers=VISITS[0])
    assert second.status_code == 200
    assert "ETag" not in second.headers
    assert "ETag" in client.get("/network", headers=PAGE).headers


@pytest.mark.parametrize(
    ("path", "headers"),
    [
        ("/queries/meetings", PAGE),
        ("/queries/meetings?format=csv", VISITS[0]),
        ("/queries/meetings", {**VISITS[0], "Accept": "text/csv"}),
        ("/queries/meetings?timeout=9", VISITS[0]),
    ],
)
def test_others_wait_for_the_whole_answer(client, gated, path, headers):
    gated.gate.clear()
    threading.Timer(0.3, gated.gate.set).start()
    answer = client.get(path, headers=headers)
    assert answer.status_code == 200
    assert "refresh" not in answer.text


def test_an_answer_that_comes_to_nothing_is_an_error_as_ever(client, gated):
    gated.gate.clear()
    gated.error = QueryLimitError("the query took longer than 9 seconds", advice="ask")
    assert client.get("/queries/meetings", headers=VISITS[0]).status_code == 202
    gated.gate.set()
    failed = client.get("/queries/meetings", headers=VISITS[0])
    assert failed.status_code == client.get("/queries/meetings").status_code
    assert "longer than 9 seconds" in failed.text
    gated.error = None
    assert client.get("/queries/meetings", headers=PAGE).status_code == 200


def test_what_was_worked_out_is_not_asked_again(client, gated):
    pages = [client.get(f"/queries/{name}", headers=PAGE).text for name in NAMES]
    gated.asked.clear()
    assert pages == [
        client.get(f"/queries/{name}", headers=PAGE).text for name in NAMES
    ]
    assert gated.asked == []


def test_the_pages_of_a_table_and_the_number_of_its_rows_are_asked_for_at_once(
    client, gated, graph, settings
):
    others = create_app(graph, settings).test_client()
    for page in (2, 1, 3, 4):
        path = f"/queries/entities-without-label?page={page}"
        found, other = (one.get(path, headers=PAGE) for one in (client, others))
        assert found.text == other.text
        assert found.headers["X-Total-Count"] == other.headers["X-Total-Count"]
    assert len(gated.asked) == 1


@pytest.mark.parametrize("rows", [30, 150])
def test_so_are_those_of_a_part_of_a_large_table(client, gated, monkeypatch, rows):
    path = "/queries/entities-without-label?page="
    pages = [client.get(f"{path}{page}", headers=PAGE).text for page in (1, 2, 3)]
    monkeypatch.setattr(question, "WINDOW", rows)
    gated.asked.clear()
    for page, text in enumerate(pages, start=1):
        assert client.get(f"{path}{page}", headers=PAGE).text == text
    assert len(gated.asked) == len(pages)


def test_a_visit_of_another_version_is_answered_from_that(small_store):
    graph = open_small(small_store)
    pool = Readers(small_store, 1, Limits(20, 3_000_000_000, 10**7))
    answers, text = (
        PageAnswers(pool, Settings().base, Beside()),
        "SELECT ?s { ?s a ?c }",
    )
    first = answers.answer(text, graph.snapshot().tag)
    assert answers.answer(text, graph.snapshot().tag) is first
    add(graph, "ex:mill a ex:Place .")
    second = answers.answer(text, graph.snapshot().tag)
    assert len(list(second.rows())) == len(list(first.rows())) + 1
    pool.close()


def test_what_nobody_waits_for_any_more_is_dropped(gated, snapshot, monkeypatch):
    answers = PageAnswers(gated, Settings().base, Beside())
    monkeypatch.setattr(beside, "_FORGOTTEN", 0.1)
    gated.gate.clear()
    with pytest.raises(StillAtWorkError):
        answers.answer("ASK {}", snapshot.tag, is_visit=True)
    for thread in threading.enumerate():
        if thread.name.endswith("(do)"):
            thread.join()
    gated.gate.set()
    assert answers.answer("ASK {}", snapshot.tag)
    assert gated.asked == ["ASK {}", "ASK {}"]


def test_who_leaves_while_waiting_waits_no_longer(gated, snapshot):
    answers = PageAnswers(gated, Settings().base, Beside())
    gated.gate.clear()
    with pytest.raises(StillAtWorkError):
        answers.answer("ASK {}", snapshot.tag, is_visit=True)
    with pytest.raises(QueryDroppedError):
        answers.answer("ASK {}", snapshot.tag, gone=lambda: True)
    gated.gate.set()
    assert answers.answer("ASK {}", snapshot.tag)


def test_what_is_kept_is_bounded(gated, snapshot, monkeypatch):
    answers = PageAnswers(gated, Settings().base, Beside())
    monkeypatch.setattr(page_answers, "MOST_BYTES", 5000)
    for limit in range(1, 9):
        answers.answer(f"SELECT * {{ ?s ?p ?o }} LIMIT {limit}", snapshot.tag)
    assert 0 < answers.size <= 5000


# --- before somebody asks -----------------------------------------------------------


@pytest.fixture
def prepared(settings, graph, gated):
    """An application of some of the questions, and what prepares their answers."""
    few = SavedQueries(graph.queries[name] for name in NAMES)
    own = KnowledgeGraph(graph.store, few)
    app = create_app(own, settings, readers=gated)
    answers = app.extensions[EXTENSION].answers
    return app.test_client(), Preparing(own, gated, answers)


def test_pages_ask_what_was_prepared(prepared, gated, snapshot):
    client, preparing = prepared
    assert preparing.prepare(snapshot)
    assert gated.asked
    assert all(how["unhurried"] for how in gated.hows)
    gated.asked.clear()
    for name in NAMES:
        page = client.get(f"/queries/{name}", headers=VISITS[0])
        assert page.status_code == 200
    assert gated.asked == []


def test_of_later_versions_only_what_took_long_is_prepared(
    prepared, gated, snapshot, monkeypatch
):
    _, found = prepared
    monkeypatch.setattr(preparing, "LEAST_SECONDS", 1e6)
    assert found.prepare(snapshot)
    gated.asked.clear()
    assert found.prepare(snapshot)
    assert gated.asked == []


def test_nothing_is_prepared_while_readers_are_busy(
    prepared, gated, snapshot, monkeypatch
):
    _, found = prepared
    monkeypatch.setattr(preparing, "_MOST_WAIT", 0.2)
    lane = gated.lanes["quick"]
    assert lane.try_enter()
    assert not found.prepare(snapshot)
    assert gated.asked == []
    lane.leave()
    assert found.prepare(snapshot)


def test_a_version_that_is_not_the_last_one_is_left(small_store, gated):
    graph = open_small(small_store)
    before = graph.snapshot()
    add(graph, "ex:mill a ex:Place .")
    found = Preparing(graph, gated, PageAnswers(gated, Settings().base, Beside()))
    assert not found.prepare(before)


def test_what_fails_does_not_keep_the_rest_from_being_prepared(
    prepared, gated, snapshot
):
    _, found = prepared
    gated.error = QueryLimitError("too long", advice="ask for less")
    assert found.prepare(snapshot)
    asked = len(gated.asked)
    assert asked == len(NAMES)
    assert found.prepare(snapshot)
    assert len(gated.asked) == asked
