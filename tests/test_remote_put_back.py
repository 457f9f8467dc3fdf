"""A store that loses a version, or is put back to an earlier one by its own means."""

from __future__ import annotations

import itertools
import logging

import pytest

from kg.config import Settings
from kg.graph import KnowledgeGraph
from kg.graph_versions import GraphVersions
from kg.progress import silent
from kg.queries import SavedQueries
from kg.remote import Place
from kg.remote.copying import copy_to
from kg.store import Store
from kg.stores import open_store
from kg.terms import NamedNode
from kg.tokens import TokenFile
from kg.verify import verify_store
from server.app import create_app
from tests.small_store import EX, add
from tests.sparql_store import serving
from tests.writing import bearer

ATLAS = NamedNode(f"{EX}atlas")


@pytest.fixture
def store(small_store):
    with serving() as found:
        copy_to(Store(small_store), Place.of(found.url), tell=silent)
        yield found


def opened(store):
    return KnowledgeGraph(open_store(store.url, wait_seconds=1), SavedQueries())


def lose(store, graph, versions):
    """Have *graph* make a version, and the *store* lose it.

    Return what it was, and what told the state of a graph by *versions*.
    """
    held = list(store.engine)
    assert add(graph, "ex:lost ex:b 1 .") == 2
    lost = graph.snapshot()
    tag = versions.tag(lost, ATLAS)
    store.engine.clear()
    store.engine.extend(held)
    return lost, tag


@pytest.mark.parametrize("by", ["the same", "another process"])
def test_what_follows_a_version_that_was_lost_is_another_line_of_history(
    store, by, caplog
):
    graph = opened(store)
    versions = GraphVersions(graph.store.journal)
    lost, tag = lose(store, graph, versions)
    other = graph if by == "the same" else opened(store)
    with caplog.at_level(logging.WARNING):
        assert add(other, "ex:found ex:b 2 .") == 2
    assert "version 2 is gone" in caplog.text
    with graph.store.writing():
        here = graph.snapshot()
    assert here.tag != lost.tag
    assert not lost.stands()
    assert versions.tag(here, ATLAS) != tag
    assert verify_store(graph.store) == []
    caplog.clear()
    assert add(graph, "ex:more ex:b 3 .") == 3
    assert graph.snapshot().pointer.origin == here.pointer.origin
    assert not caplog.records


def test_two_commits_of_the_same_version_are_told_apart_everywhere(
    store, monkeypatch, tmp_path
):
    """By who has not seen the version that was lost: a writer on another machine."""
    numbers = itertools.count()
    monkeypatch.setattr(
        "kg.remote.store.turn", lambda _: tmp_path / f"{next(numbers)}.lock"
    )
    graph = opened(store)
    lost, _ = lose(store, graph, GraphVersions(graph.store.journal))
    assert add(opened(store), "ex:found ex:b 2 .") == 2
    assert not lost.stands()
    with graph.store.writing():
        here = graph.snapshot()
    assert here.version == lost.version
    assert here.tag != lost.tag


def test_no_answer_of_a_lost_version_is_sent_for_the_one_in_its_place(store):
    graph = opened(store)
    client = create_app(graph, Settings(store=store.url)).test_client()
    query = f"/sparql?query=SELECT+%3Fb+%7B+%3Fs+%3C{EX}b%3E+%3Fb+%7D&format=csv"
    page = f"/graphs?graph={EX}atlas"

    def answers(**headers):
        return [client.get(path, headers=headers) for path in (query, page)]

    held = list(store.engine)
    add(graph, "ex:lost ex:b 1 .")
    before = answers(Accept="text/csv, application/n-triples")
    store.engine.clear()
    store.engine.extend(held)
    add(graph, "ex:found ex:b 2 .")
    after = answers(Accept="text/csv, application/n-triples")
    for old, new in zip(before, after, strict=True):
        assert (old.status_code, new.status_code) == (200, 200)
        assert old.data != new.data
        assert old.headers["ETag"] != new.headers["ETag"]
    for path, old in zip((query, page), before, strict=True):
        headers = {"If-None-Match": old.headers["ETag"], "Accept": "*/*"}
        assert client.get(path, headers=headers).status_code == 200


def test_who_comes_too_late_is_told_what_came_since(store, tmp_path):
    tokens = tmp_path / "tokens.json"
    secret = TokenFile(tokens).add("Ada", ["admin"])
    settings = Settings(store=store.url, tokens=tokens)
    graph = opened(store)
    client = create_app(graph, settings).test_client()
    add(graph, "ex:first ex:b 1 .")
    tag = client.get("/status").headers["ETag"]
    add(graph, "ex:second ex:b 2 .", message="quicker")
    headers = {**bearer(secret), "If-Match": tag, "Accept": "application/json"}
    answer = client.post(
        "/update",
        data="INSERT DATA { <urn:a> <urn:b> 1 }",
        content_type="application/sparql-update",
        headers=headers,
    )
    assert answer.status_code == 412
    assert [one["message"] for one in answer.get_json(force=True)["since"]] == [
        "quicker"
    ]
