"""Commits in transactions of RDF4J's REST API: guarded, settled, not left open."""

from __future__ import annotations

import itertools
from functools import partial
from urllib.parse import urlsplit

import pytest

from kg.errors import StoreError, StoreRefusedError
from kg.history import changes
from kg.progress import silent
from kg.remote import Place
from kg.remote.capabilities import IN_TRANSACTIONS, capabilities, fitting
from kg.remote.client import Client
from kg.remote.copying import copy_to
from kg.remote.record import NAMED
from kg.remote.updates import Guarded
from kg.store import Store
from kg.verify import verify_store
from tests.breaking import STAGES, Way, stage
from tests.rdf4j_store import serving_repository
from tests.small_store import add, write_at_once
from tests.test_remote import QUAY, machines, open_remote, remove

__all__ = ["machines"]  # a fixture


@pytest.fixture
def repository(small_store):
    with serving_repository() as store:
        view = fitting(Place.of(store.url))
        assert view == NAMED
        copy_to(Store(small_store), Place.of(store.url), view=view, tell=silent)
        store.requests.clear()
        yield store


@pytest.fixture
def remote(repository):
    return open_remote(repository.url)


def paths(store):
    return [path.partition("/ds")[2] for path, *_ in store.requests]


def test_a_commit_is_checked_and_done_in_one_transaction(repository, remote):
    add(remote, "ex:a ex:b 0 .")
    repository.requests.clear()
    assert add(remote, QUAY) == 3
    inside = [path for path in paths(repository) if path.startswith("/transactions")]
    assert len(inside) == 4
    assert "IsolationLevel=SERIALIZABLE" in inside[0]
    actions = [path.partition("action=")[2] for path in inside[1:]]
    assert actions == ["QUERY", "UPDATE", "COMMIT"]
    assert "/statements" not in paths(repository)
    assert not repository.open
    assert verify_store(remote.store) == []


def test_writers_on_several_machines_do_not_lose_each_other(repository, machines):
    opening = partial(open_remote, repository.url)
    assert not write_at_once(dict.fromkeys("abc", opening), 3)
    graph = open_remote(repository.url)
    logged = [change.version for change in changes(graph.snapshot())]
    assert logged == list(range(1, 11))
    assert verify_store(graph.store) == []
    assert not repository.open


def test_of_two_that_found_the_record_the_second_is_refused(repository):
    """Both have checked, and the first has done its change, when the second does."""
    client = Client(Place.of(repository.url))
    client.update("INSERT DATA { GRAPH <urn:g> { <urn:s> <urn:p> 0 } }")

    def change(number):
        old, new = (f"GRAPH <urn:g> {{ <urn:s> <urn:p> {n} }}" for n in (0, number))
        return Guarded(guard=old, removed=old, added=new)

    def first(handler, _):
        if "action=UPDATE" in handler.path:
            repository.answer = None
            Client(Place.of(repository.url)).commit(change(1))
        return False

    repository.answer = first
    with pytest.raises(StoreRefusedError, match="Observed State has Changed"):
        client.commit(change(2))
    assert client.select("ASK { GRAPH <urn:g> { <urn:s> <urn:p> 1 } }")
    assert not client.select("ASK { GRAPH <urn:g> { <urn:s> <urn:p> 2 } }")
    assert not repository.open


@pytest.mark.parametrize("name", STAGES)
def test_a_commit_whose_connection_breaks_is_done_whole_or_not_at_all(repository, name):
    """Wherever it breaks, what is told is what the store holds; none is left open."""
    target = urlsplit(repository.url)
    with Way(target.port, stage(name)).open() as between:
        graph = open_remote(repository.url.replace(str(target.port), str(between.port)))
        add(graph, "ex:a ex:b 0 .")
        for way, size in itertools.product(("asked", "told"), (0, 40, -1)):
            setattr(between, way, size)
            version = add(graph, QUAY)
            assert between.broken == 1
            assert version == open_remote(repository.url).store.version
            remove(graph)
            between.broken = 0
            # Of one whose beginning was not answered nobody knows the name.
            assert len(repository.open) <= (name == "begin")
            repository.open.clear()
    there = open_remote(repository.url)
    assert verify_store(there.store) == []
    logged = [one.version for one in changes(there.snapshot())]
    assert logged == list(range(1, version + 2))


def test_what_a_store_refuses_for_another_reason_is_told(repository, remote):
    def full(handler, _):
        if "action=COMMIT" in handler.path:
            handler.send(500, "text/plain", b"the disk is full")
            return True
        return False

    repository.answer = full
    with pytest.raises(StoreError, match="the disk is full"):
        add(remote, QUAY)
    assert not repository.open
    repository.answer = None
    assert add(remote, QUAY) == 2


def test_without_transactions_a_commit_is_one_update(repository, remote, caplog):
    """And that is said: once in the log, and by what tries out the store."""
    repository.has_transactions = False
    assert add(remote, QUAY) == 2
    assert "/statements" in paths(repository)
    assert verify_store(remote.store) == []
    add(remote, "ex:a ex:b 1 .")
    (said,) = caplog.messages
    assert "begins no transaction" in said
    assert "unknown" in said
    assert "single update" in said


@pytest.mark.parametrize("has", [True, False])
def test_trying_out_a_repository_tells_whether_it_has_transactions(repository, has):
    repository.has_transactions = has
    found = {one.name: one for one in capabilities(Place.of(repository.url))}
    assert found[IN_TRANSACTIONS].holds is has
    assert not found[IN_TRANSACTIONS].needed
    assert not repository.open


def test_transactions_that_were_there_are_not_done_without(repository, remote):
    assert add(remote, QUAY) == 2
    repository.has_transactions = False
    repository.requests.clear()
    with pytest.raises(StoreRefusedError):
        add(remote, "ex:a ex:b 1 .")
    assert "/statements" not in paths(repository)


def test_queries_are_no_forms_and_texts_are_told_to_be_utf_8(repository):
    client = Client(Place.of(repository.url), seconds=7)
    text = "\U0001f91d" * 100_000
    client.update(f'INSERT DATA {{ GRAPH <urn:g> {{ <urn:s> <urn:p> "{text}" }} }}')
    assert client.select(f'ASK {{ GRAPH ?g {{ ?s ?p "{text}" }} }}')
    path, headers, _ = repository.requests[-1]
    assert headers["Content-Type"] == "application/sparql-query;charset=utf-8"
    assert path.endswith("?timeout=7")
    many = {"named-graph-uri": [f"urn:g:{n}" for n in range(2000)]}
    assert not client.select(f'ASK {{ GRAPH ?g {{ ?s ?p "{text}" }} }}', many)
    path, headers, _ = repository.requests[-1]
    assert headers["Content-Type"].startswith("application/x-www-form-urlencoded")
    assert "?" not in path


def test_long_texts_that_change_on_the_way_are_told_of_briefly(repository):
    def shorten(handler, body):
        if handler.path.endswith("/statements") and len(body) > 100_000:
            handler.send(204, "text/plain", b"")
            return True
        return False

    repository.answer = shorten
    found = {one.name: one for one in capabilities(Place.of(repository.url))}
    long = found["long texts come back as they were"]
    assert not long.holds
    assert len(long.means) < 200
