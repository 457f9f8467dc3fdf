"""The next version is made in memory where that can be, and on the disk where not."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from kg import disk, staging
from kg.store import Store
from kg.terms import Literal, NamedNode, Quad


def quad(text):
    node = NamedNode("http://example.org/a")
    return Quad(node, node, Literal(text), node)


@pytest.fixture
def memory(tmp_path, monkeypatch):
    """The folder that stands for the memory."""
    folder = tmp_path / "memory"
    folder.mkdir()
    monkeypatch.setattr("kg.staging.MEMORY", folder)
    return folder


@pytest.fixture
def ways(monkeypatch):
    """How the versions were made, in order."""
    made = []

    def noting(name):
        real = getattr(disk, name)

        def note(*arguments):
            done = real(*arguments)
            made.append(name)
            return done

        monkeypatch.setattr(f"kg.disk.{name}", note)

    noting("keep_engine_folder")
    noting("clone_engine_folder")
    return made


@pytest.fixture
def store(tmp_path):
    return Store.create(tmp_path / "store", [quad("a")], fingerprint="test")


def commit(store, *texts, removed=()):
    with store.writing() as writer:
        version = writer.commit(
            added=[*map(quad, texts)], removed=[*map(quad, removed)], journal=["A\n"]
        )
    held = (q.object for q in Store(store.path).snapshot().quads())
    return version, {term.value for term in held if isinstance(term, Literal)}


def test_a_change_is_made_in_memory_and_leaves_nothing_there(store, memory, ways):
    assert commit(store, "b", removed=["a"]) == (2, {"b"})
    assert commit(store, "c") == (3, {"b", "c"})
    assert ways == ["keep_engine_folder"] * 2
    assert list(memory.iterdir()) == []
    files = (store.path / "versions" / "3").iterdir()
    assert not any(file.is_symlink() for file in files)


def test_many_changes_keep_the_number_of_files_bounded(store, memory, ways):
    for number in range(60):
        commit(store, f"number {number}", removed=[f"number {number - 1}"])
    assert ways == ["keep_engine_folder"] * 60
    assert len(list((store.path / "versions" / "61").iterdir())) < 200


def test_a_large_change_is_made_on_the_disk(store, memory, ways, monkeypatch):
    monkeypatch.setattr("kg.staging.MOST_QUADS", 2)
    assert commit(store, "b", "c", removed=["a"]) == (2, {"b", "c"})
    assert ways == ["clone_engine_folder"]


def test_without_memory_a_change_is_made_on_the_disk(store, memory, ways):
    memory.rmdir()
    assert commit(store, "b") == (2, {"a", "b"})
    assert ways == ["clone_engine_folder"]


def test_with_little_memory_a_change_is_made_on_the_disk(
    store, memory, ways, monkeypatch
):
    monkeypatch.setattr("kg.staging.LEAST_FREE", 1 << 60)
    assert commit(store, "b") == (2, {"a", "b"})
    assert ways == ["clone_engine_folder"]


def test_when_memory_is_full_the_change_is_made_on_the_disk(
    store, memory, ways, monkeypatch
):
    def refuse(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("kg.disk.borrow_engine_folder", refuse)
    assert commit(store, "b") == (2, {"a", "b"})
    assert ways == ["clone_engine_folder"]
    assert list(memory.iterdir()) == []


def test_after_a_writer_was_killed_in_memory_the_next_one_takes_the_disk(
    store, memory, ways, monkeypatch
):
    with monkeypatch.context() as killed:
        killed.setattr(shutil, "rmtree", lambda *_, **__: None)
        commit(store, "b")
    (left,) = memory.iterdir()
    assert left.stat().st_mode & 0o077 == 0, "others can look into it"
    assert commit(store, "c") == (3, {"a", "b", "c"})
    assert commit(store, "d") == (4, {"a", "b", "c", "d"})
    assert ways == ["keep_engine_folder", "clone_engine_folder", "keep_engine_folder"]
    assert list(memory.iterdir()) == []


def test_two_stores_do_not_meet_in_memory(tmp_path, memory):
    other = Store.create(tmp_path / "other", [quad("o")], fingerprint="test")
    store = Store.create(tmp_path / "store", [quad("a")], fingerprint="test")
    folders = {staging._own_folder(s.path / "versions" / "1") for s in (store, other)}
    assert len(folders) == 2


def test_nothing_points_to_a_version_before_all_of_it_is_synced(
    store, memory, monkeypatch
):
    synced: set[int] = set()
    missing: list[Path] = []
    sync, replace = os.fsync, disk.replace_synced

    def note(descriptor):
        sync(descriptor)
        synced.add(os.fstat(descriptor).st_ino)

    def check(part, path):
        version = store.path / "versions" / "3"
        new = [file for file in version.iterdir() if file.stat().st_nlink == 1]
        folders = [version, version.parent, store.path / "journal"]
        wanted = [part, store.path / "journal" / "3.nq", *new, *folders]
        missing.extend(
            file
            for file in wanted
            if file.stat().st_ino not in synced and file.name != "LOG"
        )
        assert Store(store.path).version == 2
        replace(part, path)

    commit(store, "b")
    monkeypatch.setattr("os.fsync", note)
    monkeypatch.setattr("kg.disk.replace_synced", check)
    assert commit(store, "c") == (3, {"a", "b", "c"})
    assert missing == []
    assert store.path.stat().st_ino in synced


def test_what_a_killed_writer_left_is_removed_by_the_next(store, memory):
    for folder in ("3", "2.part", "2"):
        (store.path / "versions" / folder).mkdir()
    for version in (2, 3):
        (store.path / "journal" / f"{version}.nq").write_text("A", encoding="utf-8")
    assert commit(store, "b") == (2, {"a", "b"})
    assert sorted(f.name for f in (store.path / "journal").iterdir()) == ["2.nq"]
    versions = {f.name for f in (store.path / "versions").iterdir() if f.is_dir()}
    assert versions == {"2"}
