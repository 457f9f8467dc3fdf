"""A server gathers what pages need of a version before somebody asks."""

from __future__ import annotations

import time

import pytest

from kg.name_index import name_index
from server import warming
from server.app import compile_templates, create_app
from server.warming import GATHERERS, Warming
from tests.small_store import add, open_small


@pytest.fixture
def graph(small_store):
    return open_small(small_store)


@pytest.fixture
def gathered(monkeypatch):
    """The versions that were gathered, in order."""
    found = []

    def note(snapshot):
        found.append(snapshot.version)

    monkeypatch.setattr(warming, "GATHERERS", (*GATHERERS, note))
    return found


def looked(warm):
    warm.look()
    warm.wait()


def test_each_version_is_gathered_once(graph, gathered, monkeypatch):
    monkeypatch.setattr(warming, "_REST", 0)
    warm = Warming(graph)
    looked(warm)
    looked(warm)
    assert gathered == [1]
    add(graph, 'ex:a rdfs:label "Somebody" .', "other")
    looked(warm)
    assert gathered == [1, 2]


def test_templates_are_compiled_before_the_first_version_is_gathered(
    graph, settings, gathered, monkeypatch
):
    monkeypatch.setattr(warming, "_REST", 0)
    app = create_app(graph, settings)
    environment = app.jinja_env
    kept = []

    def first():
        compile_templates(app)
        kept.append((len(environment.cache or ()), list(gathered)))

    warm = Warming(graph, first=first)
    looked(warm)
    add(graph, 'ex:a rdfs:label "Somebody" .', "other")
    looked(warm)
    assert gathered == [1, 2]
    assert kept == [(len(environment.list_templates()), [])]


def test_what_was_gathered_is_not_gathered_again_for_a_page(graph, monkeypatch):
    looked(Warming(graph))
    monkeypatch.setattr(name_index, "make", lambda _: pytest.fail("made anew"))
    assert len(name_index(graph.snapshot())) > 0


def test_versions_that_follow_fast_do_not_keep_it_busy(graph, gathered, monkeypatch):
    monkeypatch.setattr(warming, "_REST", 1e6)
    warm = Warming(graph)
    looked(warm)
    add(graph, 'ex:a rdfs:label "Somebody" .', "other")
    looked(warm)
    assert gathered == [1]


def test_what_takes_longer_comes_last_and_rests_by_itself(graph, gathered, monkeypatch):
    monkeypatch.setattr(warming, "_REST", 5)
    prepared = []

    def prepare(snapshot):
        assert gathered[-1] == snapshot.version
        prepared.append(snapshot.version)
        time.sleep(0.2)
        return True

    monkeypatch.setattr(
        warming, "GATHERERS", (lambda one: gathered.append(one.version),)
    )
    warm = Warming(graph, prepare)
    looked(warm)
    add(graph, 'ex:a rdfs:label "Somebody" .', "other")
    looked(warm)
    assert gathered == [1, 2]
    assert prepared == [1]


def test_what_could_not_be_prepared_is_tried_again(graph, monkeypatch):
    monkeypatch.setattr(warming, "_REST", 0)
    tried = []

    def prepare(snapshot):
        tried.append(snapshot.version)
        return len(tried) > 1

    warm = Warming(graph, prepare)
    for _ in range(3):
        looked(warm)
    assert tried == [1, 1]


def test_to_look_waits_for_nothing(graph, monkeypatch):
    monkeypatch.setattr(warming, "GATHERERS", (lambda _: time.sleep(0.5),))
    warm = Warming(graph)
    began = time.perf_counter()
    warm.look()
    warm.look()
    assert time.perf_counter() - began < 0.4
    warm.wait()


def test_a_store_that_is_gone_is_no_reason_to_stop(graph, gathered):
    for path in sorted(graph.store.path.rglob("*"), reverse=True):
        path.rmdir() if path.is_dir() else path.unlink()
    looked(Warming(graph))
    assert gathered == []
