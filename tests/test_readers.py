"""Readers: answers as in process, limits on time, memory, size and waiting."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from kg.errors import ChangeError, OverloadError, QueryError, QueryLimitError
from kg.formats import FORMATS, Kind, by_name
from kg.readers import Limits, Readers
from kg.terms import BASE
from kg.update import StillHeldError, read_update

ALL = "SELECT ?s ?p ?o { ?s ?p ?o } ORDER BY ?s ?p ?o LIMIT 50"
RUNAWAY = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"
LIMITS = Limits(seconds=10, memory_bytes=3_000_000_000, answer_bytes=10_000_000)


@pytest.fixture(scope="module")
def readers(shipped_store):
    pool = Readers(shipped_store, 2, LIMITS)
    yield pool
    pool.close()


def limited(path, size=1, **limits):
    known = {"seconds": 10, "memory_bytes": 3_000_000_000, "answer_bytes": 10_000_000}
    return Readers(path, size, Limits(**{**known, **limits}))


@pytest.mark.parametrize("fmt", [f for f in FORMATS if f.kind is Kind.RESULTS])
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
    pool = limited(shipped_store, seconds=3)
    with pytest.raises(QueryLimitError):
        pool.query(RUNAWAY).serialize(by_name("json"))
    assert list(pool.query("SELECT (1 AS ?one) {}").rows())
    pool.close()


def test_memory_is_limited(shipped_store):
    pool = limited(shipped_store, memory_bytes=1_200_000_000, seconds=60)
    text = "SELECT DISTINCT ?a ?c ?d ?f { ?a ?b ?c . ?d ?e ?f }"
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
    pool = limited(shipped_store, seconds=4, waiting=0)
    busy = threading.Thread(target=lambda: _suppressed(pool))
    pool.query("ASK {}").close()
    busy.start()
    time.sleep(0.3)
    with pytest.raises(OverloadError):
        pool.query("ASK {}")
    busy.join()
    assert pool.query("ASK {}")
    pool.close()


def _suppressed(pool):
    with pytest.raises(QueryLimitError):
        pool.query(RUNAWAY).serialize(by_name("json"))


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
        "print(pool._idle.queue[0]._process.pid, flush=True)\n"
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
    pool = limited(shipped_store, seconds=3)
    with pytest.raises(QueryLimitError, match="longer than 3 seconds"):
        pool.read_update(ENDLESS, base=BASE)
    assert not pool.read_update("CREATE GRAPH <a:b>", base=BASE)[1].added
    pool.close()


def test_the_size_of_an_update_is_limited(shipped_store):
    text = "INSERT { GRAPH <a:b> { ?s ?p ?o } } WHERE { ?s ?p ?o }"
    pool = limited(shipped_store, answer_bytes=1000)
    with pytest.raises(QueryLimitError, match="of 1,000"):
        pool.read_update(text, base=BASE)
    pool.close()
