"""The store on disk: versions, the lock, and what a crash or damage leaves."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from kg.canonical import canonical
from kg.errors import (
    StoreBusyError,
    StoreDamagedError,
    StoreError,
    StoreLayoutError,
    StoreMissingError,
)
from kg.formats import by_name
from kg.store import Store
from kg.terms import DefaultGraph, Literal, NamedNode, Quad

G = NamedNode("http://example.org/g")
P = NamedNode("http://example.org/p")


def quad(name, value=1, graph=G):
    return Quad(NamedNode(f"http://example.org/{name}"), P, Literal(value), graph)


@pytest.fixture
def store(tmp_path):
    return Store.create(tmp_path / "store", [quad("a")], fingerprint="f")


def commit(store, added=(), removed=(), journal=()):
    with store.writing() as writer:
        return writer.commit(added=added, removed=removed, journal=journal)


def test_a_commit_makes_the_next_version_for_every_reader(store):
    other = Store(store.path)
    assert other.snapshot().version == 1
    assert commit(store, added=[quad("b")], removed=[quad("a")]) == 2
    assert set(other.snapshot().quads()) == {quad("b")}
    assert other.snapshot().version == 2


def test_what_the_engine_still_does_after_it_was_filled_changes_no_version(tmp_path):
    kept = []

    def fill(draft):
        draft.extend([quad("a")])
        kept.append(draft.engine)
        return True

    path = tmp_path / "store"
    Store.make(path, fill, fingerprint="f")
    with contextlib.suppress(OSError):  # its own folder is gone
        kept[0].extend(quad(f"b{number}") for number in range(100))
        kept[0].flush()
        kept[0].optimize()
    assert set(Store(path).snapshot().quads()) == {quad("a")}
    assert {entry.name for entry in path.iterdir()} == {
        *("current", "journal", "lock", "store.json", "versions"),
    }


def test_a_snapshot_keeps_its_version_while_others_write(store):
    before = store.snapshot()
    answer = before.query("SELECT ?s WHERE { GRAPH ?g { ?s ?p ?o } }")
    for number in range(5):
        commit(store, added=[quad(f"b{number}")])
    assert set(before.quads()) == {quad("a")}
    assert len(list(answer.rows())) == 1
    assert len(store.snapshot()) == 6


def test_versions_that_nobody_reads_are_removed(store):
    store.snapshot()
    for number in range(4):
        commit(store, added=[quad(f"b{number}")])
    folders = [p.name for p in (store.path / "versions").iterdir() if p.is_dir()]
    assert folders == ["5"]
    assert len(list((store.path / "journal").iterdir())) == 4


def test_a_second_writer_waits_and_then_says_who_writes(store):
    second = Store(store.path, wait_seconds=0.1)
    with store.writing(), pytest.raises(StoreBusyError, match=str(os.getpid())):
        commit(second, added=[quad("b")])
    assert commit(second, added=[quad("b")]) == 2


def test_writers_in_threads_lose_nothing(store):
    def write(number):
        commit(Store(store.path), added=[quad(f"t{number}")])

    threads = [threading.Thread(target=write, args=(n,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert store.version == 9
    assert len(store.snapshot()) == 9


def test_there_is_no_store_where_nothing_is(tmp_path):
    with pytest.raises(StoreMissingError, match="kg build"):
        Store(tmp_path / "nowhere")


def test_a_folder_of_other_things_is_not_taken_for_a_store(tmp_path):
    (tmp_path / "letter.txt").write_text("Dear", encoding="utf-8")
    with pytest.raises(StoreDamagedError, match=r"no store\.json"):
        Store(tmp_path)


def test_a_file_is_not_taken_for_a_store(tmp_path):
    file = tmp_path / "letter.txt"
    file.write_text("Dear", encoding="utf-8")
    with pytest.raises(StoreDamagedError, match="a file"):
        Store(file)


def test_an_older_layout_is_told(store):
    manifest = store.path / "store.json"
    content = json.loads(manifest.read_text(encoding="utf-8")) | {"layout": 0}
    manifest.write_text(json.dumps(content), encoding="utf-8")
    with pytest.raises(StoreLayoutError, match="layout 0"):
        Store(store.path)


@pytest.mark.parametrize("name", ["store.json", "current"])
def test_a_damaged_file_is_told(store, name):
    (store.path / name).write_text("}", encoding="utf-8")
    with pytest.raises(StoreDamagedError, match="kg build --force"):
        Store(store.path).snapshot()


def test_a_damaged_version_is_told(store):
    for file in (store.path / "versions" / "1").glob("MANIFEST*"):
        file.write_bytes(b"nonsense")
    with pytest.raises(StoreDamagedError, match="cannot be opened"):
        Store(store.path).snapshot()


def test_what_an_unfinished_writer_left_is_discarded(store):
    (store.path / "versions" / "2.part").mkdir()
    (store.path / "versions" / "2").mkdir()
    (store.path / "journal" / "2.nq").write_text("A\n", encoding="utf-8")
    assert commit(store, added=[quad("b")], journal=["A b\n"]) == 2
    assert len(store.snapshot()) == 2
    assert (store.path / "journal" / "2.nq").read_text(encoding="utf-8") == "A b\n"


def test_a_disk_that_refuses_leaves_the_version_as_it_was(store, monkeypatch):
    def refuse(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("kg.disk.link_or_copy", refuse)
    with pytest.raises(StoreError, match="No space left"):
        commit(store, added=[quad("b")])
    monkeypatch.undo()
    assert store.version == 1
    assert list((store.path / "journal").iterdir()) == []
    assert commit(store, added=[quad("b")]) == 2


WRITER = """
import sys
from pathlib import Path
from kg.store import Store
from kg.terms import Literal, NamedNode, Quad
store = Store(Path(sys.argv[1]))
node = NamedNode("http://example.org/p")
while True:
    with store.writing() as writer:
        number = writer.snapshot.version + 1
        quads = [Quad(NamedNode(f"http://example.org/{number}-{i}"), node,
                      Literal(number), node) for i in range(20)]
        writer.commit(added=quads, removed=[], journal=[f"{number}\\n"])
    print(number, flush=True)
"""


def test_killed_writers_lose_and_tear_nothing(tmp_path):
    path = tmp_path / "store"
    Store.create(path, [], fingerprint="f")
    for kill in range(12):
        writer = subprocess.Popen(  # the writer script above
            [sys.executable, "-c", WRITER, str(path)],
            stdout=subprocess.PIPE,
            text=True,
        )
        assert writer.stdout is not None
        accepted = int(writer.stdout.readline())
        time.sleep(0.013 * kill)
        writer.send_signal(signal.SIGKILL)
        rest = writer.stdout.read().split()
        writer.stdout.close()
        writer.wait()
        accepted = max([accepted, *map(int, rest)])
        snapshot = Store(path).snapshot()
        assert snapshot.version >= accepted
        expected = {
            Quad(NamedNode(f"http://example.org/{number}-{i}"), P, Literal(number), P)
            for number in range(2, snapshot.version + 1)
            for i in range(20)
        }
        assert set(snapshot.quads()) == expected


def test_building_again_replaces_the_store_for_open_readers(store):
    reader = Store(store.path)
    tag = reader.snapshot().tag
    Store.create(store.path, [quad("z")], fingerprint="g")
    assert set(reader.snapshot().quads()) == {quad("z")}
    assert reader.snapshot().tag != tag


def test_literals_are_kept_in_canonical_form_and_that_is_told():
    integer = NamedNode("http://www.w3.org/2001/XMLSchema#integer")
    given = Quad(P, P, Literal("01", datatype=integer), G)
    kept, notes = canonical([given])
    assert kept == {Quad(P, P, Literal("1", datatype=integer), G)}
    assert len(notes) == 1
    assert "01" in notes[0]


def test_a_dump_holds_what_is_asserted(store):
    commit(store, added=[quad("b", graph=DefaultGraph())])
    text = store.snapshot().dump(by_name("nquads")).decode()
    assert "example.org/a" in text
    assert "example.org/b" not in text


def test_the_store_is_read_from_a_disk_that_cannot_be_written(store, monkeypatch):
    real = Path.open

    def refuse(self, mode="r", *args, **kwargs):
        if "a" in mode or "w" in mode:
            raise OSError(30, "Read-only file system")
        return real(self, mode, *args, **kwargs)

    monkeypatch.setattr(Path, "open", refuse)
    reader = Store(store.path)
    assert len(reader.snapshot()) == 1
    with pytest.raises(StoreError, match="Read-only"), reader.writing():
        pass
