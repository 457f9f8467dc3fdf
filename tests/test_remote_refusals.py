"""Stores that refuse, send on, put off or vanish: told at once, nothing half done."""

from __future__ import annotations

import threading
import time
from contextlib import ExitStack
from urllib.parse import urlsplit

import pytest
from click.testing import CliRunner

from kg.cli import main
from kg.errors import StoreError, StoreMovedError, StoreRefusedError
from kg.errors import StoreUnreachableError as Unreachable
from kg.history import changes
from kg.progress import silent
from kg.remote import Place
from kg.remote.capabilities import capabilities, fitting
from kg.remote.copying import copy_to
from kg.store import Store
from kg.verify import verify_store
from tests.small_store import add, build_small
from tests.sparql_store import SparqlStore, serving
from tests.test_remote import QUAY, open_remote


@pytest.fixture(scope="module")
def source(tmp_path_factory):
    return build_small(tmp_path_factory.mktemp("source"))


@pytest.fixture
def filled(source):
    with serving() as store:
        copy_to(Store(source), Place.of(store.url), tell=silent)
        store.requests.clear()
        yield store


@pytest.fixture
def remote(filled):
    graph = open_remote(filled.url)
    graph.snapshot()
    return graph


def updates(store):
    return sum(path.endswith("/update") for path, _, _ in store.requests)


def refusing(status, text=b"", kind="text/plain", *, of="/update", **headers):
    """Return what answers all requests to an address that ends with *of*."""

    def answer(handler, _):
        is_one = handler.path.endswith(of)
        if is_one:
            named = {name.replace("_", "-"): value for name, value in headers.items()}
            handler.send(status, kind, text, **named)
        return is_one

    return answer


PLAINLY = {
    "moved": (301, {"Location": "http://elsewhere/"}, "sends on to http://elsewhere/"),
    "sent on": (307, {"Location": "/other/update"}, "sends on to /other/update"),
    "sent on for good": (308, {}, "sends on to elsewhere"),
    "not known": (401, {}, "who asks"),
    "not allowed": (403, {}, "does not allow it"),
    "not there": (404, {}, "takes no updates"),
    "no such method": (405, {"Allow": "GET"}, "takes no updates"),
    "not done here": (501, {}, "takes no updates"),
    "too long": (413, {}, "answers 413"),
    "too many": (429, {"Retry_After": "30"}, "answers 429"),
}


@pytest.mark.parametrize(("status", "headers", "told"), PLAINLY.values(), ids=PLAINLY)
def test_a_commit_that_is_refused_is_not_tried_again(
    filled, remote, status, headers, told
):
    """What the store has said of it is certain: there is nothing to settle."""
    before = filled.quads()
    filled.answer = refusing(status, **headers)
    filled.requests.clear()
    with pytest.raises((StoreRefusedError, Unreachable), match=told) as error:
        add(remote, QUAY)
    assert updates(filled) == 1
    assert filled.quads() == before
    if status == 429:
        assert error.value.advice == "try again in 30 s"
    assert remote.snapshot().query("ASK { ?s ?p ?o }")  # who reads reads on
    filled.answer = None
    assert add(remote, QUAY) == 2


@pytest.mark.parametrize("status", [302, 303])
def test_a_commit_after_which_one_is_sent_to_a_page_may_be_done(filled, remote, status):
    """As by a form, whose answer is to be fetched elsewhere."""
    is_done = True

    def sent_on(handler, body):
        if not handler.path.endswith("/update"):
            return False
        filled.answer = None
        if is_done:
            filled.engine.update(body.decode())
        handler.send(status, "text/plain", b"", Location="/done")
        return True

    filled.answer = sent_on
    assert add(remote, QUAY) == 2
    is_done, filled.answer = False, sent_on
    with pytest.raises(StoreRefusedError, match="sends on to /done"):
        add(remote, "ex:a ex:b 1 .")
    assert open_remote(filled.url).store.version == 2
    filled.answer = refusing(status, Location="/done")
    with pytest.raises(StoreError, match=r"is not known: the store sends on to /done"):
        add(remote, "ex:a ex:b 1 .")
    filled.answer = None
    assert add(remote, "ex:a ex:b 1 .") == 3


def test_a_page_in_the_place_of_what_a_commit_did_is_not_believed(filled, remote):
    """As of who wants a name and a password, and says so with 200."""
    before = filled.quads()
    filled.answer = refusing(200, b"<!DOCTYPE html><h1>Log in</h1>", "text/html")
    with pytest.raises(StoreMovedError, match="does not show it"):
        add(remote, QUAY)
    assert filled.quads() == before
    filled.answer = None
    assert add(remote, QUAY) == 2


def test_who_is_not_let_in_any_more_is_told_of_the_credentials(filled, remote):
    assert add(remote, QUAY) == 2
    filled.answer = refusing(401, b"token expired", of="")
    for ask in (
        lambda: add(remote, "ex:a ex:b 1 ."),
        lambda: remote.snapshot().query("ASK { ?s ?p ?o }"),
    ):
        with pytest.raises(StoreRefusedError, match="401: token expired") as error:
            ask()
        assert "EXEQUATUR_STORE_TOKEN" in error.value.advice
    filled.answer = None
    assert add(remote, "ex:a ex:b 1 .") == 3


@pytest.mark.parametrize("when", ["30", "Fri, 31 Dec 1999 23:59:59 GMT", ""])
@pytest.mark.parametrize("status", [429, 503])
def test_when_to_ask_again_is_told_and_not_waited_for(filled, status, when):
    told = {"Retry_After": when} if when else {}
    filled.answer = refusing(status, of="", **told)
    filled.requests.clear()
    with pytest.raises(Unreachable, match=f"answers {status}") as error:
        open_remote(filled.url)
    assert len(filled.requests) == 1
    assert when in error.value.advice
    assert bool(error.value.advice) == bool(when)


def test_a_way_that_breaks_under_every_commit_is_told(filled, remote):
    """As one that lets no long request pass, while the store is fine."""
    before = filled.quads()
    filled.requests.clear()

    def cut(handler, body):
        handler.close_connection = len(body) > 2_000
        return handler.close_connection

    filled.answer = cut
    with pytest.raises(StoreMovedError, match="not committed: the connection") as error:
        add(remote, "".join(f"ex:a ex:b {n} ." for n in range(200)))
    assert "nothing was changed" in error.value.advice
    record = "https://w3id.org/exequatur/graph/store"
    assert {q for q in filled.quads() ^ before if q[0] != record} == set()
    filled.answer = None
    assert add(remote, QUAY) == 2


class Restarting:
    """A store that can be away for a while, and then is there at the same port."""

    def __init__(self, source):
        self.store = SparqlStore()
        self._up = ExitStack()
        self._up.enter_context(serving(self.store))
        self.port = urlsplit(self.store.url).port
        copy_to(Store(source), Place.of(self.store.url), tell=silent)

    def end(self):
        self._up.close()
        self.store.close_connections()

    def begin(self):
        self._up.enter_context(serving(self.store, port=self.port))

    def away_for(self, seconds):
        """Be away for so long; another thread does it, since this one is served."""

        def restart():
            self.end()
            time.sleep(seconds)
            self.begin()

        thread = threading.Thread(target=restart)
        thread.start()
        return thread


@pytest.fixture
def restarting(source):
    found = Restarting(source)
    yield found
    found.end()


@pytest.mark.parametrize("is_done", [True, False])
@pytest.mark.parametrize("seconds", [0, 0.4])
def test_a_store_that_restarts_in_a_commit_is_asked_what_came_of_it(
    restarting, is_done, seconds
):
    graph, store, threads = open_remote(restarting.store.url), restarting.store, []

    def restart(handler, body):
        if not handler.path.endswith("/update"):
            return False
        store.answer = None
        if is_done:
            store.engine.update(body.decode())
        handler.close_connection = True
        threads.append(restarting.away_for(seconds))
        return True

    store.answer = restart
    store.requests.clear()
    assert add(graph, QUAY) == 2
    threads[0].join()
    added = sum(b"quay" in body for path, _, body in store.requests if "update" in path)
    assert added == (1 if is_done else 2)
    there = open_remote(store.url)
    assert [one.version for one in changes(there.snapshot())] == [1, 2]
    assert verify_store(there.store) == []
    assert add(graph, "ex:a ex:b 1 .") == 3


def test_a_store_that_restarts_with_nothing_is_told_to_hold_nothing(restarting):
    graph = open_remote(restarting.store.url)
    assert add(graph, QUAY) == 2
    restarting.store.engine.clear()
    with pytest.raises(StoreError, match="holds no dataset"):
        add(graph, "ex:a ex:b 1 .")
    assert not restarting.store.quads()


@pytest.mark.parametrize("status", [403, 404, 405, 501])
def test_a_store_that_cannot_be_written_is_told_before_a_copy(source, status):
    with serving() as store:
        store.answer = refusing(status)
        for command in (["store", "check"], ["copy", str(source)]):
            done = CliRunner().invoke(main, [*command, store.url])
            assert done.exit_code == 2
            told = "does not allow it" if status == 403 else "takes no updates"
            assert told in done.stderr
            assert str(status) in done.stderr
            assert "Traceback" not in done.stderr
        assert not store.quads()


@pytest.mark.parametrize("status", [400, 500])
def test_a_store_of_sparql_1_0_is_told_by_the_check(status):
    def older(handler, body):
        is_newer = any(word in body for word in (b"VALUES", b"BIND", b"COUNT"))
        if is_newer:
            handler.send(status, "text/plain", b"Parse error at VALUES")
        return is_newer

    with serving() as store:
        store.answer = older
        (one,) = capabilities(Place.of(store.url))
        assert one.needed
        assert not one.holds
        assert "SPARQL 1.1" in one.name
        with pytest.raises(StoreError, match=r"cannot be used: .* SPARQL 1\.1"):
            fitting(Place.of(store.url))
        done = CliRunner().invoke(main, ["store", "check", store.url])
        assert done.exit_code == 1
        assert "no, and needed" in done.output
        assert not updates(store)


def test_what_was_the_matter_first_is_told_of_a_check_that_ends(filled):
    """And not that the trial could not be removed either."""

    def failing(handler, body):
        if b"urn:x:turn0" in body:
            filled.answer = refusing(503, b"too much to do")
            handler.send(500, "text/plain", b"the disk is full")
            return True
        return False

    filled.answer = failing
    with pytest.raises(StoreError, match="the disk is full"):
        list(capabilities(Place.of(filled.url)))
