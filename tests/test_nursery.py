"""The nursery: readers are forked from it, and end with it or with their parent."""

from __future__ import annotations

import contextlib
import errno
import gc
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from kg.errors import QueryLimitError
from kg.formats import by_name
from kg.readers import Limits, Readers
from kg.readers import nursery as module
from tests.test_readers import LIMITS, RUNAWAY, in_background

pytestmark = pytest.mark.skipif(
    not Path("/proc/self/stat").exists(), reason="processes are looked up in /proc"
)


def parent(pid):
    """Return the parent of the process *pid*, None where it has ended."""
    try:
        told = Path(f"/proc/{pid}/stat").read_text("ascii")
    except FileNotFoundError:
        return None
    state, number = told.rpartition(")")[2].split()[:2]
    return None if state == "Z" else int(number)


def nursery_of(pool):
    """Return the id of the process that all readers of *pool* were forked from."""
    (found,) = {parent(process.pid) for process in pool.processes()}
    return found


def ends(pid, seconds=10.0):
    """Tell whether the process *pid* ends within *seconds*."""
    until = time.monotonic() + seconds
    while parent(pid) is not None and time.monotonic() < until:
        time.sleep(0.02)
    return parent(pid) is None


@pytest.fixture
def pool(shipped_store):
    readers = Readers(shipped_store, 2, LIMITS)
    assert readers.query("ASK { ?s ?p ?o }")
    yield readers
    readers.close()


def test_readers_are_forked_from_one_process_that_is_ours(pool):
    assert parent(nursery_of(pool)) == os.getpid()


@pytest.mark.parametrize("given", ["", "glibc.malloc.tcache_count=9"])
def test_memory_is_had_from_few_arenas_whatever_the_environment_says(
    shipped_store, monkeypatch, given
):
    monkeypatch.setenv("MALLOC_ARENA_MAX", "64")
    monkeypatch.delenv("GLIBC_TUNABLES", raising=False)
    if given:
        monkeypatch.setenv("GLIBC_TUNABLES", given)
    with contextlib.closing(Readers(shipped_store, 1, LIMITS)) as pool:
        told = Path(f"/proc/{nursery_of(pool)}/environ").read_bytes().split(b"\0")
    assert b"MALLOC_ARENA_MAX=2" in told
    tunables = given or "glibc.malloc.tcache_count=500"
    assert f"GLIBC_TUNABLES={tunables}".encode() in told


def test_where_the_nursery_is_ended_another_bears_readers(pool):
    first = nursery_of(pool)
    os.kill(first, signal.SIGKILL)
    assert all(ends(process.pid) for process in pool.processes())
    assert pool.query("ASK { ?s ?p ?o }")
    assert nursery_of(pool) != first


def test_a_query_at_work_is_asked_again_where_the_nursery_is_ended(shipped_store):
    pool = Readers(shipped_store, 1, Limits(60, 2**32, 2**20))
    assert pool.query("ASK { ?s ?p ?o }")
    raised = []

    def ask():
        try:
            pool.query(RUNAWAY, seconds=4).serialize(by_name("json"))
        except QueryLimitError as error:
            raised.append(error.limit)

    (busy,) = in_background(1, ask)
    time.sleep(0.6)
    os.kill(nursery_of(pool), signal.SIGKILL)
    busy.join()
    assert raised == ["time"]
    pool.close()


def test_nothing_is_left_of_a_pool_that_is_closed(pool):
    left = [nursery_of(pool), *(process.pid for process in pool.processes())]
    pool.close()
    assert [parent(pid) for pid in left] == [None] * len(left)


def test_a_pool_that_is_closed_at_work_ends_with_its_last_query(shipped_store):
    pool = Readers(shipped_store, 1, LIMITS)
    answer = pool.query("SELECT * { ?s ?p ?o }")
    nursery = nursery_of(pool)
    pool.close()
    assert parent(nursery) == os.getpid()
    assert len(list(answer.rows())) > 1000
    assert parent(nursery) is None


def test_nothing_is_left_of_a_parent_that_was_killed(shipped_store):
    program = (
        "import sys, time\n"
        "from kg.config import store_place\n"
        "from kg.readers import Limits, Readers\n"
        "place = store_place(sys.argv[1])\n"
        "pool = Readers(place, 1, Limits(60, 10**10, 10**9))\n"
        "assert pool.query('ASK {}')\n"
        "print(*[p.pid for p in pool.processes()], flush=True)\n"
        "time.sleep(60)\n"
    )
    killed = subprocess.Popen(
        [sys.executable, "-c", program, str(shipped_store)], stdout=subprocess.PIPE
    )
    assert killed.stdout is not None
    readers = [int(pid) for pid in killed.stdout.readline().split()]
    left = [parent(readers[0]), *readers]
    assert None not in left
    killed.kill()
    killed.wait()
    killed.stdout.close()
    assert all(ends(pid) for pid in left)


def test_how_a_reader_ended_is_told_once_it_is_buried(pool):
    nursery = pool._nursery
    to_read, to = os.pipe()
    from_, to_write = os.pipe()
    pid = nursery.bear(to_read, to_write)
    os.kill(pid, signal.SIGABRT)
    assert nursery.bury(pid) == -signal.SIGABRT
    assert nursery.bury(pid) == 0
    for descriptor in (to_read, to, from_, to_write):
        os.close(descriptor)


def test_where_there_is_no_process_left_that_is_told(monkeypatch):
    def refuse():
        raise OSError(errno.EAGAIN, "no more")

    monkeypatch.setattr(os, "fork", refuse)
    line, other = socket.socketpair()
    with line, other:
        assert module._bear(line, [], lambda: None) == -errno.EAGAIN

    told = module.Nursery([])
    monkeypatch.setattr(told, "_call", lambda *_: -errno.EAGAIN)
    with pytest.raises(OSError, match="unavailable"):
        told.bear(0, 1)


def test_a_parent_that_goes_before_it_is_told_ends_the_nursery_quietly():
    parent, line = socket.socketpair()
    parent.sendall(module._ASKED.pack(module._BURY, os.getpid()))
    parent.close()
    try:
        module.serve(line, pytest.fail)
    finally:
        gc.unfreeze()
        line.close()
