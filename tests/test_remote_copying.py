"""A copy into a store that breaks off: gone on with, never taken for whole."""

from __future__ import annotations

import itertools
import re
import threading
from urllib.parse import urlsplit

import pytest

from kg.errors import StoreError, StoreMissingError
from kg.graph import KnowledgeGraph
from kg.progress import silent
from kg.queries import SavedQueries
from kg.remote import Place
from kg.remote.copying import copy_to
from kg.remote.restoring import restore_remote
from kg.store import Store
from kg.stores import open_store
from kg.verify import verify_store
from tests.breaking import Way
from tests.small_store import add, build_small
from tests.sparql_store import serving
from tests.test_remote import held
from tests.test_remote_refusals import Restarting, refusing


@pytest.fixture(scope="module")
def source(tmp_path_factory):
    """A dataset with a journal, which goes in several parts."""
    path = build_small(tmp_path_factory.mktemp("source"))
    graph = KnowledgeGraph(open_store(path), SavedQueries())
    for number in range(3):
        add(graph, "".join(f"ex:t{number} ex:b {n} ." for n in range(20)))
    return Store(path)


@pytest.fixture
def store():
    with serving() as found:
        yield found


@pytest.fixture(autouse=True)
def in_small_parts(monkeypatch):
    monkeypatch.setattr("kg.remote.copying._AT_ONCE", 40)
    monkeypatch.setattr("kg.remote.copying._MOST_CHARACTERS", 500)


def copied(source, url):
    return copy_to(source, Place.of(url), tell=silent)


def is_whole(source, url):
    there = open_store(url)
    assert held(there.snapshot()) == held(source.snapshot())
    assert there.version == source.version
    for version in range(2, source.version + 1):
        assert [*there.journal.lines(version)] == [*source.journal.lines(version)]
    return verify_store(there) == []


def requests_of_copy(source):
    """Return how many updates and queries a copy is."""
    with serving() as store:
        copied(source, store.url)
        paths = [path for path, _, _ in store.requests]
    return paths.count("/update"), paths.count("/query")


class Nth:
    """Tells the request of so many that are of *kind*."""

    def __init__(self, number, kind):
        self.left, self.kind = number, f"/{kind} HTTP".encode()

    def __call__(self, sent):
        self.left -= self.kind in sent.partition(b"\r\n")[0]
        return self.left < 0 and self.kind in sent


def test_a_copy_that_another_begins_anew_does_not_end_it(source, store):
    """When it has verified all, and before it says so."""

    def begin_anew(handler, body):
        if b"INSERT { GRAPH" in body and b"#copy" in body:
            store.answer = None
            store.engine.update(_begun(store).decode())
        return False

    store.answer = begin_anew
    with pytest.raises(StoreError, match="something else has written"):
        copied(source, store.url)
    with pytest.raises(StoreMissingError):
        open_store(store.url)
    assert copied(source, store.url).resumed == 0
    assert is_whole(source, store.url)


def _begun(store):
    """Return what another copy of the same version begins with."""
    (begun,) = [body for _, _, body in store.requests if b"DROP ALL" in body]
    by = begun.partition(b'\\"by\\": \\"')[2][:16]
    assert len(by) == 16
    return begun.replace(by, b"0" * 16)


@pytest.mark.parametrize("kind", ["update", "query"])
def test_a_copy_is_gone_on_with_wherever_the_connection_broke(source, kind):
    """At whichever request, and byte of it, or of its answer."""
    total = requests_of_copy(source)[kind == "query"]
    assert total > 5
    ways = [("asked", 0), ("asked", 150), ("asked", 600), ("told", 0), ("told", 40)]
    resumed = 0
    for number, (way, size) in zip(range(total), itertools.cycle(ways)):
        with serving() as store, Way(urlsplit(store.url).port).open() as between:
            between.is_commit = Nth(number, kind)
            setattr(between, way, size)
            url = f"http://127.0.0.1:{between.port}"
            try:
                copied(source, url)
            except StoreError:
                with pytest.raises(StoreMissingError):
                    open_store(store.url)
                resumed += copied(source, url).resumed
            assert between.broken == 1
            assert is_whole(source, store.url)
    assert resumed or kind == "query"


def test_a_copy_whose_last_answer_is_lost_is_known_to_be_done(source):
    total, _ = requests_of_copy(source)
    for way, size in (("told", 0), ("told", 12), ("asked", 0), ("asked", 400)):
        with serving() as store, Way(urlsplit(store.url).port).open() as between:
            between.is_commit = Nth(total - 1, "update")
            setattr(between, way, size)
            copied(source, f"http://127.0.0.1:{between.port}")
            assert between.broken == 1
            assert is_whole(source, store.url)


def test_a_copy_goes_on_when_the_store_answers_again(source, store):
    """Each request is refused once, until there is none left."""
    refused, numbers = [], itertools.count()

    def too_much(handler, body):
        said = re.sub(rb"[0-9a-f]{16}", b"", body)  # of whose copy it is
        is_new = (handler.path, said) not in refused
        if is_new and next(numbers) % 3 == 0:
            refused.append((handler.path, said))
            return refusing(503, of="", Retry_After="1")(handler, body)
        return False

    store.answer = too_much
    told = set()
    for _ in range(100):
        try:
            done = copied(source, store.url)
            break
        except StoreError as error:
            told.add((error.message, error.advice))
    assert done.resumed
    assert told == {("the store answers 503", "try again in 1 s")}
    assert len(refused) > 5
    store.answer = None
    assert is_whole(source, store.url)


def test_a_copy_goes_on_when_the_store_has_been_restarted(source, tmp_path):
    restarting = Restarting(build_small(tmp_path))
    try:
        store, counts, threads = restarting.store, itertools.count(), []

        def restart(handler, body):
            if not handler.path.endswith("/update") or next(counts) != 4:
                return False
            store.engine.update(body.decode())
            handler.close_connection = True
            threads.append(restarting.away_for(0.2))
            return True

        store.engine.clear()
        store.answer = restart
        with pytest.raises(StoreError, match="broke"):
            copied(source, store.url)
        threads[0].join()
        assert copied(source, store.url).resumed
        assert is_whole(source, store.url)
    finally:
        restarting.end()


def test_a_part_that_comes_late_does_not_make_a_dataset_a_copy(source, store):
    """Who sent it gave it up, and the copy was gone on with, and is in use."""
    late = []

    def keep(handler, body):
        if b"#copy" in body and b"INSERT DATA" in body and handler.path == "/update":
            late.append(body.decode())
            if len(late) == 3:
                handler.close_connection = True
                return True
        return False

    store.answer = keep
    with pytest.raises(StoreError, match="broke"):
        copied(source, store.url)
    copied(source, store.url)
    graph = KnowledgeGraph(open_store(store.url), SavedQueries())
    add(graph, "ex:a ex:b 1 .")
    version = graph.store.version
    store.engine.update(late[2])
    before = held(graph.snapshot())
    with pytest.raises(StoreError, match=f"a dataset already, at version {version}"):
        copied(source, store.url)
    assert held(open_store(store.url).snapshot()) == before
    assert verify_store(open_store(store.url)) == []


def test_copies_at_once_are_told_of_each_other_or_leave_a_whole_dataset(source, store):
    failed = []

    def copying():
        try:
            copied(source, store.url)
        except StoreError as error:
            failed.append(error)

    threads = [threading.Thread(target=copying) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    try:
        open_store(store.url)
    except StoreMissingError:
        assert failed
        copy_to(source, Place.of(store.url), force=True, tell=silent)
    assert is_whole(source, store.url)


def test_a_copy_whose_progress_another_has_removed_is_not_told_as_done(source, store):
    def meddle(handler, body):
        if b"INSERT { GRAPH" in body and b"#copy" in body:
            store.engine.update("DROP GRAPH <https://w3id.org/exequatur/graph/store>")
        return False

    store.answer = meddle
    with pytest.raises(StoreError, match="something else has written"):
        copied(source, store.url)
    with pytest.raises(StoreMissingError):
        open_store(store.url)


def test_a_page_for_people_in_the_middle_is_found_by_the_copy(source, store):
    counts = itertools.count()

    def page(handler, body):
        is_one = handler.path.endswith("/update") and next(counts) == 6
        return is_one and refusing(200, b"<h1>Log in</h1>", "text/html")(handler, body)

    store.answer = page
    with pytest.raises(StoreError, match="not what was sent"):
        copied(source, store.url)
    with pytest.raises(StoreMissingError):
        open_store(store.url)
    copy_to(source, Place.of(store.url), force=True, tell=silent)
    assert is_whole(source, store.url)


def test_a_restoring_that_broke_off_is_gone_on_with(source, store):
    """Meanwhile the store holds no dataset, rather than half of one."""
    copied(source, store.url)
    counts = itertools.count()

    def fail(handler, body):
        is_one = handler.path.endswith("/update") and next(counts) == 6
        return is_one and refusing(503)(handler, body)

    store.answer = fail
    with pytest.raises(StoreError, match="503"):
        restore_remote(source.path, store.url, force=False, tell=silent)
    with pytest.raises(StoreMissingError):
        open_store(store.url)
    restore_remote(source.path, store.url, force=False, tell=silent)
    assert is_whole(source, store.url)
