"""Backups: whole, usable by themselves, and put back in one step."""

from __future__ import annotations

import shutil
import threading

import pytest

from kg.backup import backup, restore
from kg.erasure import erase
from kg.errors import StoreBusyError, StoreDamagedError, StoreError, StoreMissingError
from kg.history import is_stated, state_at
from kg.journal import read_entry
from kg.store import Store
from kg.terms import NamedNode
from kg.verify import verify_store
from tests.small_store import EX, add, open_small

QUAY = 'ex:quay a ex:Town ; rdfs:label "Quay"@en ; ex:within ex:port .'
MILL = 'ex:mill a ex:Place ; rdfs:label "Mill"@en ; ex:near ex:port .'


@pytest.fixture
def graph(small_store):
    return open_small(small_store)


@pytest.fixture
def copy(quick_path):
    return quick_path / "backup"


def stated(store):
    return frozenset(filter(is_stated, store.snapshot().quads()))


def put_back(copy, graph, *, force=False):
    return restore(copy, graph.store.path, force=force, wait=0.2)


def test_a_backup_is_a_store_with_all_its_past(graph, copy):
    first = stated(graph.store)
    add(graph, QUAY)
    assert backup(graph.store, copy) == 2
    add(graph, MILL)
    there = Store(copy)
    assert there.version == 2
    assert verify_store(there) == []
    assert state_at(there, 1) == first
    add(open_small(copy), 'ex:other a ex:Place ; rdfs:label "Other"@en .')
    assert verify_store(graph.store) == []
    assert graph.store.version == 3


def test_a_backup_on_another_disk_is_a_copy(graph, tmp_path):
    target = tmp_path / "backup"
    backup(graph.store, target)
    shutil.rmtree(graph.store.path)
    assert verify_store(Store(target)) == []


def test_a_backup_while_others_write_is_of_one_version(graph, quick_path):
    stop = threading.Event()

    def write():
        writer = open_small(graph.store.path)
        for number in range(100):
            if stop.is_set():
                return
            add(writer, f'ex:p{number} a ex:Place ; rdfs:label "P{number}"@en .')

    thread = threading.Thread(target=write)
    thread.start()
    try:
        versions = []
        for number in range(6):
            target = quick_path / f"backup-{number}"
            versions.append(backup(Store(graph.store.path), target))
            assert Store(target).version == versions[-1]
            assert verify_store(Store(target)) == []
    finally:
        stop.set()
        thread.join()
    assert versions == sorted(versions)
    assert verify_store(graph.store) == []


@pytest.mark.parametrize("name", ["store/inside", "store", "file"])
def test_a_backup_goes_to_a_place_of_its_own(graph, quick_path, name):
    (quick_path / "file").write_text("Dear", encoding="utf-8")
    with pytest.raises(StoreError, match="name a folder"):
        backup(graph.store, quick_path / name)
    assert (quick_path / "file").read_text(encoding="utf-8") == "Dear"


def test_readers_see_the_restored_store(graph, copy):
    add(graph, QUAY)
    backup(graph.store, copy)
    before = stated(graph.store)
    reader = Store(graph.store.path)
    add(graph, MILL)
    later = reader.snapshot()
    assert later.version == 3
    assert put_back(copy, graph, force=True).version == 2
    assert stated(reader) == before
    assert add(graph, MILL) == 3
    assert reader.snapshot().tag != later.tag
    assert verify_store(graph.store) == []


def test_changes_that_the_backup_lacks_are_not_lost_by_mistake(graph, copy):
    add(graph, QUAY)
    backup(graph.store, copy)
    add(graph, MILL)
    with pytest.raises(StoreError, match=r"changes .* version 3;.*--force"):
        put_back(copy, graph)
    assert graph.store.version == 3
    put_back(copy, graph, force=True)
    assert put_back(copy, graph).version == 2
    add(graph, 'ex:quarry a ex:Place ; rdfs:label "Quarry"@en .')
    with pytest.raises(StoreError, match="version 3"):
        put_back(copy, graph)


def test_a_backup_with_all_changes_is_restored_over_an_older_store(graph, copy):
    shutil.copytree(graph.store.path, graph.store.path.with_name("older"))
    add(graph, QUAY)
    backup(graph.store, copy)
    older = graph.store.path.with_name("older")
    assert restore(copy, older, force=False, wait=0.2).version == 2
    assert read_entry(Store(older).journal, 2).counts == (3, 0)


def test_a_backup_is_restored_where_nothing_is(graph, copy, quick_path):
    backup(graph.store, copy)
    target = quick_path / "new" / "store"
    restore(copy, target, force=False, wait=0.2)
    assert verify_store(Store(target)) == []
    add(open_small(target), QUAY)


def test_ruins_are_replaced_only_by_force(graph, copy):
    backup(graph.store, copy)
    (graph.store.path / "store.json").write_text("}", encoding="utf-8")
    with pytest.raises(StoreDamagedError, match="--force"):
        put_back(copy, graph)
    put_back(copy, graph, force=True)
    assert verify_store(Store(graph.store.path)) == []


def test_what_is_no_store_is_never_replaced(graph, copy, tmp_path):
    backup(graph.store, copy)
    (tmp_path / "letter.txt").write_text("Dear", encoding="utf-8")
    with pytest.raises(StoreDamagedError, match=r"no store\.json"):
        restore(copy, tmp_path, force=True, wait=0.2)
    with pytest.raises(StoreMissingError, match="kg backup"):
        restore(tmp_path / "nothing", graph.store.path, force=True, wait=0.2)


def test_a_backup_that_is_not_whole_is_refused(graph, copy):
    add(graph, QUAY)
    backup(graph.store, copy)
    (copy / "journal" / "2.nq").unlink()
    with pytest.raises(StoreDamagedError, match="not whole"):
        put_back(copy, graph, force=True)
    assert graph.store.version == 2


def test_a_restoring_waits_for_a_writer(graph, copy):
    backup(graph.store, copy)
    with graph.store.writing(), pytest.raises(StoreBusyError):
        put_back(copy, graph)
    assert [p.name for p in copy.parent.glob("store*")] == ["store"]


def test_a_writer_that_waited_writes_to_the_restored_store(graph, copy):
    backup(graph.store, copy)
    waiting = open_small(graph.store.path)
    with graph.store.writing():
        threads = [
            threading.Thread(target=add, args=(waiting, QUAY)),
            threading.Thread(
                target=restore,
                args=(copy, graph.store.path),
                kwargs={"force": True, "wait": 5},
            ),
        ]
        for thread in threads:
            thread.start()
    for thread in threads:
        thread.join()
    store = Store(graph.store.path)
    assert store.version in {1, 2}
    assert verify_store(store) == []
    assert add(waiting, MILL) == store.version


def test_what_was_erased_and_comes_back_is_told(graph, copy):
    add(graph, QUAY)
    backup(graph.store, copy)
    quay = NamedNode(f"{EX}quay")
    verdict, _ = erase(graph.store, [quay], agent="Ada")
    assert verdict.accepted
    with pytest.raises(StoreError, match="version 2 and 1 more"):
        put_back(copy, graph)
    assert put_back(copy, graph, force=True).erased == (quay,)
