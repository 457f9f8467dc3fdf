"""What was accepted is there, whatever happens; what was not is not."""

from __future__ import annotations

import contextlib
import itertools
import json
import multiprocessing
import os
import random
import shutil
import subprocess
import time
from pathlib import Path

import pytest

from kg import disk, staging
from kg.backup import backup, restore
from kg.erasure import erase
from kg.errors import StoreError
from kg.history import entries, is_stated, state_at
from kg.store import Store
from kg.terms import NamedNode
from kg.verify import verify_store
from tests.small_store import EX, add, open_small
from tests.small_writers import add_a_town, erase_and_restore, write_until_killed

SEED = 20261122
"""Of the moments of the kills and of what is written."""


@pytest.fixture(scope="module")
def processes():
    """Processes that have imported everything, and opened nothing, before they work."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.small_writers"])
    return context


@pytest.fixture
def kills(request):
    return 220 if request.config.getoption("--long") else 30


def stated(path):
    return frozenset(filter(is_stated, Store(path).snapshot().quads()))


def killed(process, file, seconds, *, size=0):
    """Start *process*, and kill it so long after *file* is there and of some size."""
    file.unlink(missing_ok=True)
    process.start()
    deadline = time.monotonic() + 60
    while not file.exists() or file.stat().st_size < size:
        assert time.monotonic() < deadline
        time.sleep(0.005)
    time.sleep(seconds)
    process.kill()
    process.join()
    process.close()


def told(file):
    """The changes that a writer was told are accepted; a line cut off tells nothing."""
    *lines, _ = file.read_text(encoding="utf-8").split("\n")
    return [json.loads(line) for line in lines]


def test_killed_writers_leave_exactly_what_was_accepted(
    small_store, quick_path, processes, kills
):
    chance = random.Random(SEED)
    expected = set(map(str, stated(small_store)))
    file = quick_path / "accepted"
    known = 1
    for kill in range(kills):
        writer = processes.Process(
            target=write_until_killed, args=(small_store, SEED + kill, file)
        )
        # Some are killed with their first change, some in the midst of others.
        killed(writer, file, chance.uniform(0, 0.4), size=kill % 3)
        answered = told(file)
        for change in answered:
            assert change["version"] == known + 1
            expected.difference_update(change["removed"])
            expected.update(change["added"])
            known += 1
        store = Store(small_store)
        # The last one may have been accepted and its answer cut off.
        assert store.version - known in {0, 1}
        for entry in entries(store, known, store.version):
            expected.difference_update(map(str, entry.removed))
            expected.update(map(str, entry.added))
        known = store.version
        assert set(map(str, stated(small_store))) == expected
        assert verify_store(store) == []
        here = store.snapshot()
        assert set(here.engine.named_graphs()) == set(here.graphs())
    assert known > kills // 2, "hardly anything was written"
    replayed = state_at(store, 1)
    for entry in entries(store, 1, known):
        replayed = (replayed - entry.removed) | entry.added
    assert replayed == stated(small_store)


def test_killed_erasures_and_restorings_leave_all_or_nothing(
    small_store, quick_path, processes, kills
):
    chance = random.Random(SEED)
    graph = open_small(small_store)
    add(graph, 'ex:gone a ex:Town ; rdfs:label "Gone"@en ; ex:near ex:port .')
    add(graph, 'ex:stays a ex:Place ; rdfs:label "Stays"@en .')
    backup(graph.store, quick_path / "backup")
    whole = stated(small_store)
    without = frozenset(q for q in whole if f"{EX}gone" not in str(q))
    started = time.monotonic()
    erase(graph.store, [NamedNode(f"{EX}gone")], agent="Ada")
    restore(quick_path / "backup", small_store, force=True, wait=1)
    whole_cycle = time.monotonic() - started
    seen = set()
    for _ in range(kills // 2):
        worker = processes.Process(
            target=erase_and_restore,
            args=(small_store, quick_path / "backup", quick_path / "ready"),
        )
        killed(worker, quick_path / "ready", chance.uniform(0, whole_cycle))
        store = Store(small_store)
        state = stated(small_store)
        assert state in {whole, without}
        assert verify_store(store) == []
        journal = b"".join(f.read_bytes() for f in (small_store / "journal").iterdir())
        assert (b"gone" in journal) == (state == whole)
        seen.add((store.snapshot().pointer, state))
    assert {state for _, state in seen} == {whole, without}
    add(open_small(small_store), 'ex:new a ex:Place ; rdfs:label "New"@en .')
    restore(quick_path / "backup", small_store, force=True, wait=1)
    assert [p.name for p in quick_path.glob("store*")] == ["store"]


def test_two_processes_that_write_at_once_lose_nothing(
    small_store, quick_path, processes
):
    writers = [
        processes.Process(target=add_a_town, args=(small_store, f"{name}{number}"))
        for name in ("a", "b")
        for number in range(5)
    ]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
        assert writer.exitcode == 0
        writer.close()
    store = Store(small_store)
    assert store.version == 11
    towns = {str(q.subject) for q in stated(small_store) if "/town-" in str(q.subject)}
    assert len(towns) == 10
    assert verify_store(store) == []


def test_a_build_does_not_discard_a_change_that_came_meanwhile(small_store):
    graph = open_small(small_store)
    quads = list(graph.snapshot().quads())
    add(graph, 'ex:new a ex:Place ; rdfs:label "New"@en .')
    with pytest.raises(StoreError, match="gone beyond version 1"):
        Store.create(small_store, quads, fingerprint="other", over=1)
    assert graph.store.version == 2
    assert Store.create(small_store, quads, fingerprint="other").version == 1


# --- disks that refuse ----------------------------------------------------------------


def mount(path, *options):
    return subprocess.run(
        ["mount", *options, str(path)],  # noqa: S607 whichever there is
        check=False,
        capture_output=True,
    )


@pytest.fixture
def own_disk(tmp_path, small_store_built):
    """A store on a disk of 4 MB of its own; skips where none can be mounted."""
    disk = tmp_path / "disk"
    disk.mkdir()
    done = mount(disk, "-t", "tmpfs", "-o", "size=4m", "tmpfs")
    if done.returncode:
        pytest.skip("only the system's administrator can mount a disk")
    shutil.copytree(small_store_built, disk / "store")
    yield disk
    subprocess.run(["umount", "-l", str(disk)], check=True)  # noqa: S607


def fill(disk, leave):
    """Fill *disk* but for *leave* bytes."""
    space = os.statvfs(disk)
    size = max(space.f_bavail * space.f_bsize - leave, 0)
    (disk / "ballast").write_bytes(b"x" * size)


def refusal(store, turtle):
    """Add what *turtle* says, and return what the error says if there is one."""
    try:
        add(open_small(store), turtle)
    except StoreError as error:
        return str(error)
    return ""


def test_a_full_disk_is_told_and_loses_nothing(own_disk):
    store = own_disk / "store"
    refused = 0
    for leave in range(0, 600_000, 24_000):
        before, version = stated(store), Store(store).version
        fill(own_disk, leave)
        turtle = f'ex:t{leave} a ex:Place ; rdfs:label "{"x" * 30_000}"@en .'
        message = refusal(store, turtle)
        if message:
            refused += 1
            assert "No space left" in message
            assert "nothing was changed" in message
            assert stated(store) == before
        assert Store(store).version == version + (not message)
        (own_disk / "ballast").unlink()
        assert verify_store(Store(store)) == []
    assert 3 < refused < 25
    assert add(open_small(store), 'ex:last a ex:Place ; rdfs:label "Last"@en .')


def test_a_disk_that_cannot_be_written_is_read_and_backed_up(own_disk, quick_path):
    store = own_disk / "store"
    before = stated(store)
    assert mount(own_disk, "-o", "remount,ro").returncode == 0
    graph = open_small(store)
    assert stated(store) == before
    assert verify_store(graph.store) == []
    with pytest.raises(StoreError, match="Read-only file system"):
        add(graph, 'ex:t a ex:Place ; rdfs:label "T"@en .')
    backup(graph.store, quick_path / "backup")
    assert stated(quick_path / "backup") == before
    with pytest.raises(StoreError, match="Read-only file system"):
        restore(quick_path / "backup", store, force=True, wait=0.1)
    with pytest.raises(StoreError, match="Read-only file system"):
        backup(graph.store, own_disk / "backup")


STEPS = (
    "clone_engine_folder",
    "keep_engine_folder",
    "link_or_copy",
    "replace_synced",
    "sync_folder",
    "syncing",
    "write_synced",
)


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("moment", [1, 2])
@pytest.mark.parametrize("memory", [staging.MEMORY, Path("/nowhere")])
def test_a_step_that_the_disk_refuses_changes_nothing(
    small_store, monkeypatch, step, moment, memory
):
    monkeypatch.setattr("kg.staging.MEMORY", memory)
    graph = open_small(small_store)
    add(graph, 'ex:first a ex:Place ; rdfs:label "First"@en .')
    before = stated(small_store)
    real, calls = getattr(disk, step), itertools.count(1)

    def refuse(*arguments):
        if next(calls) == moment:
            raise OSError(28, "No space left on device")
        return real(*arguments)

    monkeypatch.setattr(f"kg.disk.{step}", refuse)
    with contextlib.suppress(StoreError):
        add(graph, 'ex:second a ex:Place ; rdfs:label "Second"@en .')
    happened = next(calls) > moment
    monkeypatch.undo()
    assert (stated(small_store) == before) == happened
    assert verify_store(Store(small_store)) == []
    assert add(graph, 'ex:third a ex:Place ; rdfs:label "Third"@en .')
