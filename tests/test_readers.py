"""Readers: answers as in process, limits on time, memory, size and waiting."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from kg.errors import (
    ChangeError,
    OverloadError,
    QueryDroppedError,
    QueryError,
    QueryLimitError,
)
from kg.formats import NAMED, Kind, by_name
from kg.readers import Limits, Readers, Spooled
from kg.readers.messages import Ask, Inbox, ReaderFailedError, packed
from kg.readers.process import Process, ReaderEndedError
from kg.readers.scheduling import (
    SLICE,
    YIELD_SECONDS,
    lengthen_slice,
    restore_slice,
    slice_of,
)
from kg.readers.sink import RowCounter
from kg.terms import BASE
from kg.update import StillHeldError, read_update

pytestmark = pytest.mark.embedded("queries that never end within a reader")

ALL = "SELECT ?s ?p ?o { ?s ?p ?o } ORDER BY ?s ?p ?o LIMIT 50"
RUNAWAY = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"
LIMITS = Limits(seconds=60, memory_bytes=3_000_000_000, answer_bytes=10_000_000)


@pytest.fixture(scope="module")
def readers(shipped_store):
    pool = Readers(shipped_store, 2, LIMITS)
    yield pool
    pool.close()


def limited(path, size=1, spool=None, **limits):
    known = {"seconds": 60, "memory_bytes": 3_000_000_000, "answer_bytes": 10_000_000}
    return Readers(path, size, Limits(**{**known, **limits}), spool=spool)


@pytest.mark.parametrize("fmt", [f for f in NAMED if f.kind is Kind.RESULTS])
def test_a_reader_writes_what_the_snapshot_writes(readers, snapshot, fmt):
    answer = readers.query(ALL)
    assert answer.variables == ("s", "p", "o")
    assert answer.serialize(fmt) == snapshot.query(ALL).serialize(fmt)


def test_rows_and_triples_are_those_of_the_snapshot(readers, snapshot):
    assert list(readers.query(ALL).rows()) == list(snapshot.query(ALL).rows())
    text = "CONSTRUCT WHERE { ?s a <https://w3id.org/exequatur/ontology#State> }"
    assert set(readers.query(text).triples()) == set(snapshot.query(text).triples())
    assert not readers.query("ASK { <http://a> <http://b> 1 }")
    assert readers.query("ASK {}").is_ask


def test_a_reply_of_many_pieces_is_waited_for_though_its_pipe_does_not_block(readers):
    """As event loops leave pipes that they have watched."""
    for process in readers.processes():
        os.set_blocking(process._from.fileno(), False)
    graph = {Kind.GRAPH: by_name("ntriples")}
    answer = readers.query("CONSTRUCT WHERE { ?s ?p ?o }", write=graph)
    assert len(answer.serialize(graph[Kind.GRAPH])) > 500_000


def test_a_message_of_many_pieces_takes_a_time_that_grows_with_its_size():
    inbox, message = Inbox(), packed("x" * 40_000_000)
    began = time.process_time()
    for start in range(0, len(message), 4_000):
        assert not inbox.is_whole
        inbox.add(message[start : start + 4_000])
    assert inbox.is_whole
    assert inbox.take() == "x" * 40_000_000
    assert inbox.is_empty
    assert time.process_time() - began < 5  # the square of it: minutes
    inbox.add(packed("next"))
    assert inbox.is_whole
    assert inbox.take() == "next"


def test_a_fault_keeps_no_place_and_its_reply_goes_to_nobody(readers, monkeypatch):
    def receive(process):
        raise BlockingIOError

    with monkeypatch.context() as patched:
        patched.setattr("kg.readers.process.Process.receive", receive)
        with pytest.raises(BlockingIOError):
            readers.query("SELECT (1 AS ?n) {}")
    assert readers.quick.running == 0
    assert readers.query("SELECT (2 AS ?n) {}").variables == ("n",)


def test_what_lies_in_the_present_folder_is_not_imported(
    shipped_store, tmp_path, monkeypatch
):
    for name in ("kg", "json"):
        (tmp_path / f"{name}.py").write_text("raise SystemExit(3)", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    with contextlib.closing(limited(shipped_store)) as pool:
        assert bool(pool.query("ASK { ?s ?p ?o }"))


def test_errors_come_back_as_they_are(readers):
    with pytest.raises(QueryError, match="line 1, column"):
        readers.query("SELECT nonsense")
    assert readers.query("ASK {}")


def test_a_runaway_query_is_killed_at_its_deadline(shipped_store):
    pool = limited(shipped_store, seconds=0.8)
    pool.query("ASK {}").close()
    began = time.monotonic()
    with pytest.raises(QueryLimitError, match=r"longer than 0\.8 seconds"):
        pool.query(RUNAWAY).serialize(by_name("json"))
    assert time.monotonic() - began < 5
    pool.close()


def test_the_next_query_is_answered_after_a_kill(shipped_store):
    pool = limited(shipped_store, seconds=1.5)
    with pytest.raises(QueryLimitError):
        pool.query(RUNAWAY).serialize(by_name("json"))
    assert list(pool.query("SELECT (1 AS ?one) {}").rows())
    pool.close()


def test_memory_is_limited(shipped_store):
    pool = limited(shipped_store, memory_bytes=700_000_000, seconds=60)
    text = (
        "SELECT (COUNT(*) AS ?n) { SELECT DISTINCT ?a ?c ?d ?f"
        " { ?a ?b ?c . ?d ?e ?f } }"
    )
    with pytest.raises(QueryLimitError, match="memory"):
        pool.query(text).serialize(by_name("json"))
    assert pool.query("ASK {}")
    pool.close()


def test_the_size_of_an_answer_is_limited(shipped_store):
    pool = limited(shipped_store, answer_bytes=100)
    with pytest.raises(QueryLimitError, match="that may be sent"):
        pool.query(ALL).serialize(by_name("json"))
    assert pool.query("ASK {}").serialize(by_name("json"))
    pool.close()


def test_too_many_at_once_are_turned_away(shipped_store):
    pool = limited(shipped_store, seconds=1.5, waiting=0)
    busy = threading.Thread(target=lambda: _suppressed(pool))
    pool.query("ASK {}").close()
    busy.start()
    time.sleep(0.1)
    with pytest.raises(OverloadError):
        pool.query("ASK {}")
    busy.join()
    assert pool.query("ASK {}")
    pool.close()


def test_an_answer_that_nobody_reads_gives_its_reader_back(shipped_store):
    pool = limited(shipped_store, waiting=0)
    for _ in range(3):
        pool.query(ALL)
    assert pool.query("ASK {}")
    pool.close()


def test_a_reader_ends_with_its_parent(shipped_store):
    script = (
        "import sys, time; from pathlib import Path\n"
        "from kg.readers import Limits, Readers\n"
        "pool = Readers(Path(sys.argv[1]), 1, Limits(60, 10**10, 10**9))\n"
        "pool.query('ASK {}').close()\n"
        "print(pool.processes()[0].pid, flush=True)\n"
        "import threading; threading.Thread(target=lambda: pool.query("
        f"{RUNAWAY!r}).serialize(None), daemon=True).start(); time.sleep(60)\n"
    )
    parent = subprocess.Popen(
        [sys.executable, "-c", script, str(shipped_store)],
        stdout=subprocess.PIPE,
        text=True,
    )
    assert parent.stdout is not None
    child = int(parent.stdout.readline())
    time.sleep(0.3)
    parent.kill()
    parent.wait()
    parent.stdout.close()
    for _ in range(100):
        if not _exists(child):
            return
        time.sleep(0.1)
    pytest.fail("the reader outlives its parent")


def _exists(pid):
    try:
        status = Path(f"/proc/{pid}/stat").read_text(encoding="ascii")
        return status.rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_readers_see_a_new_version(own_graph, own_store):
    from tests.test_gate import PERSON, change

    pool = limited(own_store)
    count = "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }"
    (before,) = pool.query(count).rows()
    own_graph.add(change(PERSON), agent="t", message="")
    (after,) = pool.query(count).rows()
    assert int(after[0].value) > int(before[0].value)
    pool.close()


# --- lanes ------------------------------------------------------------------------


def in_background(count, call):
    threads = [threading.Thread(target=call) for _ in range(count)]
    for thread in threads:
        thread.start()
    return threads


def eventually(holds):
    until = time.monotonic() + 30
    while not holds():
        assert time.monotonic() < until
        time.sleep(0.02)


def test_long_queries_leave_room_for_quick_ones(shipped_store):
    pool = limited(shipped_store, seconds=60)
    pool.query("ASK {}").close()
    gone = threading.Event()
    busy = in_background(3, lambda: _suppressed(pool, gone.is_set))
    eventually(lambda: (pool.slow.running, pool.slow.queued) == (1, 2))
    began = time.monotonic()
    assert pool.query("ASK {}")
    assert time.monotonic() - began < 5
    gone.set()
    for thread in busy:
        thread.join()
    assert pool.counts.reasons == {"gone": 3}
    assert (pool.slow.running, pool.slow.queued) == (0, 0)
    pool.close()


def test_a_long_query_that_had_to_wait_is_answered(shipped_store, monkeypatch):
    monkeypatch.setattr("kg.readers.job.QUICK_SECONDS", 0.05)
    pool = limited(shipped_store, seconds=120)
    long = "SELECT (COUNT(*) AS ?n) { ?a a ?b . ?c a ?d }"
    pool.query("ASK {}").close()
    found = []
    busy = in_background(2, lambda: found.append(list(pool.query(long).rows())))
    for thread in busy:
        thread.join()
    assert found[0] == found[1]
    assert not pool.counts.reasons
    pool.close()


def _suppressed(pool, gone=None, text=RUNAWAY):
    with pytest.raises((QueryLimitError, QueryDroppedError)):
        pool.query(text, gone=gone).serialize(by_name("json"))


def test_a_request_lowers_the_time_and_does_not_raise_it(shipped_store):
    pool = limited(shipped_store, seconds=1)
    for asked, told in ((0.5, "0.5"), (60, "1")):
        with pytest.raises(QueryLimitError, match=f"longer than {told} seconds"):
            pool.query(RUNAWAY, seconds=asked).serialize(by_name("json"))
    pool.close()


def test_a_process_is_gone_at_once_past_a_limit(shipped_store):
    """Within 200 ms; the best of three tells it where the machine is busy."""
    pool = limited(shipped_store, seconds=0.8)
    late = []
    for number in range(3):
        pool.query("ASK {}").close()
        text = f"{RUNAWAY} # {number}"  # none that is known to take long
        began = time.monotonic()
        (busy,) = in_background(1, lambda text=text: _suppressed(pool, text=text))
        eventually(lambda: [p for p in pool.processes() if p.is_slow])
        (pid,) = [p.pid for p in pool.processes() if p.is_slow]
        busy.join()
        late.append(time.monotonic() - began - 0.8)
        assert not Path(f"/proc/{pid}").exists()
        if late[-1] < 0.2:
            break
    assert min(late) < 0.2
    pool.close()


@pytest.mark.skipif(not hasattr(os, "SCHED_IDLE"), reason="Linux alone has it")
def test_a_long_query_runs_when_nothing_else_wants_to(shipped_store):
    pool = limited(shipped_store, seconds=1.5)
    pool.query("ASK {}").close()

    def is_idle(process):
        return os.sched_getscheduler(process.pid) == os.SCHED_IDLE

    assert not any(map(is_idle, pool.processes()))
    (busy,) = in_background(1, lambda: _suppressed(pool))
    eventually(lambda: [p for p in pool.processes() if is_idle(p)])
    busy.join()
    pool.close()


@pytest.mark.skipif(not hasattr(os, "SCHED_IDLE"), reason="Linux alone has it")
def test_what_is_unhurried_lets_everything_else_go_first(shipped_store):
    pool = limited(shipped_store)
    pool.query("ASK {}", unhurried=True).close()
    policies = [os.sched_getscheduler(process.pid) for process in pool.slow.idle]
    assert policies == [os.SCHED_IDLE]
    assert (pool.slow.running, pool.quick.running) == (0, 0)
    pool.close()


YIELDS = """
import hashlib, os, signal, sys, time
from kg.readers.scheduling import yielding
if sys.argv[1:]:
    os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))
with yielding(after=60):
    first, every = signal.getitimer(signal.ITIMER_REAL)
    until, data = time.monotonic() + 0.3, bytes(1_000_000)
    while time.monotonic() < until:
        hashlib.sha256(data)  # as an engine, it has let the interpreter go
left, _ = signal.getitimer(signal.ITIMER_REAL)
print(first > 1, 0 < first <= every, every, left)
"""


@pytest.mark.skipif(not hasattr(os, "SCHED_IDLE"), reason="Linux alone has it")
@pytest.mark.parametrize(
    ("arguments", "told"), [([], "True False"), (["idle"], "False True")]
)
def test_who_gives_way_offers_the_processor_while_an_engine_works(arguments, told):
    command = [sys.executable, "-c", YIELDS, *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout == f"{told} {YIELD_SECONDS} 0.0\n"


def test_whoever_wakes_up_interrupts_a_query_that_lasts(shipped_store):
    """By a slice longer than that of others, where the kernel has it chosen."""
    pool = limited(shipped_store, seconds=60)
    pool.query("ASK {}").close()
    some = pool.processes()[0].pid
    lengthen_slice(some)
    has_choice = slice_of(some) == SLICE
    restore_slice(some)
    if not has_choice:
        pool.close()
        pytest.skip("only Linux since 6.12 lets a process choose its slice")
    assert interruptible(pool) == 0
    gone = threading.Event()
    (busy,) = in_background(1, lambda: _suppressed(pool, gone.is_set))
    eventually(lambda: interruptible(pool) == 1)
    gone.set()
    busy.join()
    pool.close()


def test_a_reader_that_has_replied_has_the_slice_of_others_again(shipped_store):
    pool = limited(shipped_store)
    pool.query("ASK {}").close()
    for process in pool.processes():
        process.let_interrupt()
    before = interruptible(pool)
    pool.query("ASK {}").close()
    after = interruptible(pool)
    pool.close()
    assert after == max(0, before - 1)


def interruptible(pool):
    """Return how many readers have a longer slice than others."""
    return [slice_of(process.pid) for process in pool.processes()].count(SLICE)


def test_a_query_ends_when_its_client_has_gone(shipped_store):
    pool = limited(shipped_store, seconds=60)
    pool.query("ASK {}").close()
    gone = threading.Event()
    threading.Timer(0.6, gone.set).start()
    began = time.monotonic()
    with pytest.raises(QueryDroppedError):
        pool.query(RUNAWAY, gone=gone.is_set).serialize(by_name("json"))
    assert time.monotonic() - began < 3
    assert pool.slow.running == 0
    assert pool.counts.reasons == {"gone": 1}
    pool.close()


def test_a_reader_that_was_ended_is_replaced(shipped_store):
    pool = limited(shipped_store)
    pool.query("ASK {}").close()
    for process in pool.processes():
        os.kill(process.pid, signal.SIGKILL)
    assert pool.query("ASK {}")
    pool.close()


def test_an_error_that_nobody_foresaw_is_told_as_one(shipped_store, monkeypatch):
    pool = limited(shipped_store)
    pool.query("ASK {}").close()
    unforeseen: Any = None
    monkeypatch.setattr("kg.readers.pool.Ask", lambda *args: Ask(unforeseen))
    with pytest.raises(ReaderFailedError, match=r"a reader failed: (?s:.*)TypeError"):
        pool.query("ASK {}")
    monkeypatch.undo()
    assert pool.query("ASK {}")
    assert pool.quick.running == 0
    assert not pool.counts.reasons
    pool.close()


@pytest.mark.parametrize(
    ("program", "kind", "told"),
    [
        (
            "os.write(2, b'memory allocation of 9 bytes failed'); os.abort()",
            QueryLimitError,
            "memory",
        ),
        (
            "os.write(2, b\"throwing an instance of 'std::bad_alloc'\"); os.abort()",
            QueryLimitError,
            "memory",
        ),
        ("raise MemoryError", QueryLimitError, "memory"),
        ("os.kill(os.getpid(), 11)", QueryLimitError, "memory"),
        (
            "os.write(2, b'panicked at src/x.rs:5'); os.abort()",
            ReaderFailedError,
            r"panicked at src/x\.rs",
        ),
        ("os.abort()", ReaderFailedError, r"it ended \(-6\)"),
        (
            "raise BaseException('poisoned')",
            ReaderFailedError,
            r"Traceback(?s:.*)poisoned",
        ),
        (
            "os.write(2, b'MemoryError'); os.kill(os.getpid(), 9)",
            ReaderEndedError,
            "was ended",
        ),
    ],
)
def test_why_a_reader_ended_is_told_by_its_end_and_its_last_words(program, kind, told):
    class Nursery:
        def bear(self, *shared):
            code = f"import os, sys; sys.stdin.read(1); {program}"
            into, out, errors = shared
            self.child = subprocess.Popen(
                [sys.executable, "-c", code], stdin=into, stdout=out, stderr=errors
            )
            return self.child.pid

        def bury(self, pid):
            return self.child.wait()

    nursery: Any = Nursery()
    process = Process(nursery, None)
    process.send("x")
    with pytest.raises(kind, match=told):
        process.receive()


def test_a_query_whose_reader_is_ended_is_asked_again(shipped_store):
    pool = limited(shipped_store, seconds=60)
    pool.query("ASK {}").close()
    raised = []

    def ask():
        try:
            pool.query(RUNAWAY, seconds=2).serialize(by_name("json"))
        except QueryLimitError as error:
            raised.append(error.limit)

    (busy,) = in_background(1, ask)
    eventually(lambda: [p for p in pool.processes() if p.is_slow])
    for process in pool.processes():
        if process.is_slow:
            os.kill(process.pid, signal.SIGKILL)
    busy.join()
    assert raised == ["time"]
    pool.close()


def test_no_process_is_left_behind(shipped_store):
    pool = limited(shipped_store, seconds=0.6)
    for _ in range(4):
        _suppressed(pool)
        assert pool.query("ASK {}")
    assert len(pool.processes()) <= 3
    pids = [process.pid for process in pool.processes()]
    pool.close()
    assert not any(_exists(pid) for pid in pids)


# --- large answers ----------------------------------------------------------------


def test_a_large_answer_is_a_file_until_removed(shipped_store, snapshot, tmp_path):
    pool = limited(shipped_store, seconds=60, spool=tmp_path)
    query = "SELECT * { GRAPH ?g { ?s ?p ?o } }"
    for fmt in (by_name("json"), by_name("csv")):
        saved = pool.query(query).save(fmt)
        assert isinstance(saved, Spooled)
        assert saved.size == saved.path.stat().st_size
        assert saved.read() == snapshot.query(query).serialize(fmt)
    pool.query(query, write={Kind.RESULTS: by_name("json")}).close()
    assert not list(tmp_path.iterdir())
    pool.close()


def test_an_answer_that_grows_too_large_leaves_no_file(shipped_store, tmp_path):
    pool = limited(shipped_store, answer_bytes=300_000, spool=tmp_path)
    with pytest.raises(QueryLimitError, match="300,000 bytes"):
        pool.query("SELECT * { ?s ?p ?o }").serialize(by_name("json"))
    assert not list(tmp_path.iterdir())
    pool.close()


def test_what_a_killed_reader_wrote_is_removed(shipped_store, tmp_path):
    pool = limited(shipped_store, seconds=1.5, answer_bytes=10**11, spool=tmp_path)
    endless = "SELECT * { ?a ?b ?c . ?d ?e ?f }"
    with pytest.raises(QueryLimitError, match="longer"):
        pool.query(endless).serialize(by_name("json"))
    assert not list(tmp_path.iterdir())
    pool.close()


@pytest.mark.parametrize("name", ["json", "csv", "spreadsheet", "tsv", "xml"])
@pytest.mark.parametrize("size", [1, 7, 8192])
def test_rows_are_counted_in_any_pieces(snapshot, name, size):
    query = r"""SELECT ?x ?y { VALUES (?x ?y) { ("a" UNDEF) (UNDEF UNDEF) ("\\" "},{")
        ("\n\r\"," "<result>") ("[{" "\\\"") ("a\\,{" 1) (<a:b> "\t") } }"""
    body = snapshot.query(query).serialize(by_name(name))
    counter = RowCounter(name)
    for start in range(0, len(body), size):
        counter.add(body[start : start + size])
    assert counter.rows == 7


MANY = 3000


@pytest.fixture(scope="module", params=[True, False], ids=["file", "bytes"])
def counting(request, shipped_store, tmp_path_factory):
    """Two pools, whose answers may have MANY rows and one less, and their folder."""
    folder = tmp_path_factory.mktemp("counting")
    spool = folder if request.param else None
    pools = [
        limited(shipped_store, spool=spool, answer_rows=most)
        for most in (MANY, MANY - 1)
    ]
    yield *pools, folder
    for pool in pools:
        pool.close()


@pytest.mark.parametrize("name", ["json", "csv", "spreadsheet", "tsv", "xml"])
def test_rows_are_counted_to_the_last_whatever_texts_look_like(counting, name):
    enough, too_few, folder = counting
    looks_like_rows = r"},{},{\"<result>\n\n" * 20
    query = f'SELECT ?x ?s {{ ?s ?p ?o BIND("{looks_like_rows}" AS ?x) }} LIMIT {MANY}'
    assert len(enough.query(query).serialize(by_name(name))) > MANY * 300
    with pytest.raises(QueryLimitError, match=f"{MANY - 1:,} rows"):
        too_few.query(query).serialize(by_name(name))
    assert not list(folder.iterdir())


@pytest.mark.parametrize("query", [ALL, "CONSTRUCT WHERE { ?s ?p ?o }"])
def test_rows_are_limited(shipped_store, query):
    pool = limited(shipped_store, answer_rows=49)
    answer = pool.query(query)
    fmt = by_name("json" if answer.kind is Kind.RESULTS else "turtle")
    with pytest.raises(QueryLimitError, match="more than the 49 rows"):
        answer.serialize(fmt)
    assert len(list(pool.query(ALL.replace("50", "49")).rows())) == 49
    pool.close()


# --- walls ------------------------------------------------------------------------


@pytest.mark.skipif(sys.platform != "linux", reason="the kernel's filter is Linux's")
def test_a_reader_has_no_network_and_starts_no_program():
    script = (
        "import os, socket, subprocess\n"
        "from kg.readers.confinement import confine\n"
        "assert confine(10**10) == ('memory', 'network', 'programs')\n"
        "for call in (socket.socket, socket.socketpair,\n"
        "             lambda: os.execv('/bin/true', ['true'])):\n"
        "    try:\n        call()\n"
        "    except PermissionError:\n        print('refused')\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == ["refused"] * 3


# --- updates ----------------------------------------------------------------------

ENDLESS = f"INSERT {{ <a:a> <a:b> ?n }} WHERE {{ {RUNAWAY} }}"


def test_a_reader_reads_an_update(readers, snapshot):
    text = "INSERT DATA { <a:a> <a:b> 1 }"
    tag, update = readers.read_update(text, base=BASE)
    assert tag == snapshot.tag
    assert update == read_update(text, snapshot, base=BASE)


def test_errors_of_updates_come_back_as_they_are(readers):
    with pytest.raises(QueryError, match="line 1"):
        readers.read_update("CLEAR XYZ", base=BASE)
    with pytest.raises(ChangeError, match="LOAD"):
        readers.read_update("LOAD <http://127.0.0.1:9/>", base=BASE)
    text = "DELETE WHERE { ?s <http://www.w3.org/2000/01/rdf-schema#label> ?o }"
    with pytest.raises(StillHeldError) as raised:
        readers.read_update(text, base=BASE)
    assert raised.value.held


def test_a_runaway_update_is_killed_at_its_deadline(shipped_store):
    pool = limited(shipped_store, seconds=1)
    with pytest.raises(QueryLimitError, match="longer than 1 seconds"):
        pool.read_update(ENDLESS, base=BASE)
    assert not pool.read_update("CLEAR SILENT GRAPH <a:b>", base=BASE)[1].added
    pool.close()


def test_so_many_quads_an_update_may_change(shipped_store):
    data = " ".join(f"<a:a> <a:b> {number} ." for number in range(6))
    pool = limited(shipped_store, answer_rows=5)
    with pytest.raises(QueryLimitError, match="would change more than 5 quads"):
        pool.read_update(f"INSERT DATA {{ {data} }}", base=BASE)
    fewer = data.replace(" 1 .", " 0 .")
    _, update = pool.read_update(f"INSERT DATA {{ {fewer} }}", base=BASE)
    assert update.counts == (5, 0)
    pool.close()


def test_the_size_of_an_update_is_limited(shipped_store):
    text = "INSERT { GRAPH <a:b> { ?s ?p ?o } } WHERE { ?s ?p ?o }"
    pool = limited(shipped_store, answer_bytes=1000)
    with pytest.raises(QueryLimitError, match="than the 1,000 bytes"):
        pool.read_update(text, base=BASE)
    pool.close()
