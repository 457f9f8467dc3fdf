"""The past of a store: log, journal, differences, going back, and who came first."""

from __future__ import annotations

import threading

import pytest
from pyoxigraph import Store as Engine

from kg.change import Change
from kg.errors import (
    ChangeError,
    StoreDamagedError,
    UnknownVersionError,
    VersionConflictError,
)
from kg.folder import journal_file
from kg.history import changes, diff, is_stated, state_at, undo
from kg.journal import read_entry
from kg.stores import open_store
from kg.terms import INFERRED, LABEL, MERGED, REPORT, DefaultGraph, NamedNode, Quad
from kg.verify import rebuild, verify_store
from tests.small_store import EX, add, open_small, stating

QUAY = 'ex:quay a ex:Town ; rdfs:label "Quay"@en ; ex:within ex:port .'
MILL = 'ex:mill a ex:Place ; rdfs:label "Mill"@en ; ex:near ex:port .'


@pytest.fixture
def graph(small_store):
    return open_small(small_store)


def stated(graph):
    return set(filter(is_stated, graph.snapshot().quads()))


def remove(graph, turtle):
    change = Change(removed=stating(turtle).added)
    verdict, version = graph.add(change, agent="Bea", message="")
    assert verdict.accepted
    return version


def write(graph, change):
    verdict, version = graph.add(change, agent="Bea", message="")
    assert verdict.accepted
    return version


# --- the log and the journal --------------------------------------------------------


def test_the_log_tells_who_changed_how_much_and_why(graph):
    add(graph, QUAY, message="A new town")
    add(graph, MILL)
    first, second, third = changes(graph.snapshot())
    assert (first.version, first.agent) == (1, "kg build")
    assert (second.agent, second.message, second.added) == ("Ada", "A new town", 3)
    assert (third.version, third.message, third.removed) == (3, "", 0)
    assert first.time <= second.time <= third.time


def test_agents_whose_names_are_alike_are_kept_apart(graph):
    for name in ("Ada B.", "ada b", "ada-b", "伊"):
        verdict, _ = graph.add(
            stating(f'ex:x rdfs:comment "{name}"@en .'), agent=name, message=""
        )
        assert verdict.accepted
    agents = [change.agent for change in changes(graph.snapshot())]
    assert agents == ["kg build", "Ada B.", "ada b", "ada-b", "伊"]


def test_the_journal_is_read_as_it_was_written(graph):
    odd = stating('ex:port rdfs:comment "a\\nb\\r\\u2028\\u0085\\"\\\\é"@en .')
    write(graph, odd)
    entry = read_entry(graph.store.journal, 2)
    assert (entry.added, entry.removed, entry.counts) == (
        odd.added,
        frozenset(),
        (1, 0),
    )


@pytest.mark.parametrize(
    ("text", "line"),
    [("A <http://e/a> <b .\n", 1), ("A \nX y\n", 2), ("E one\n", 1), ("A <a", 1)],
)
def test_a_line_that_is_none_of_a_journal_is_told(graph, text, line):
    add(graph, QUAY)
    journal_file(graph.store.path, 2).write_text(text, encoding="utf-8")
    with pytest.raises(StoreDamagedError, match=rf"2\.nq:{line}: .*kg restore"):
        read_entry(graph.store.journal, 2)


# --- differences and older versions ---------------------------------------------------


def test_a_difference_is_what_remains_of_all_changes_between(graph):
    add(graph, QUAY)
    add(graph, MILL)
    remove(graph, "ex:quay ex:within ex:port .")
    assert diff(graph.store, 1, 3).added == stating(QUAY + MILL).added
    net = diff(graph.store, 1, 4)
    assert (
        net.added
        == stating(QUAY + MILL).added - stating("ex:quay ex:within ex:port .").added
    )
    assert net.removed == frozenset()
    back = diff(graph.store, 4, 2)
    assert back.removed == stating(MILL).added
    assert back.added == stating("ex:quay ex:within ex:port .").added
    assert diff(graph.store, 3, 3) == Change()


def test_every_older_version_can_be_told(graph):
    states = {1: stated(graph)}
    for do, turtle in ((add, QUAY), (add, MILL), (remove, QUAY), (add, QUAY)):
        version = do(graph, turtle)
        states[version] = stated(graph)
    for version, state in states.items():
        assert state_at(graph.store, version) == state


@pytest.mark.parametrize("version", [0, -1, 3])
def test_a_version_that_is_not_there_is_told(graph, version):
    add(graph, QUAY)
    for ask in (
        lambda: diff(graph.store, 1, version),
        lambda: state_at(graph.store, version),
        lambda: undo(graph.store, version),
    ):
        with pytest.raises(UnknownVersionError, match="versions 1 to 2"):
            ask()


# --- undoing ------------------------------------------------------------------------


def test_undoing_a_change_brings_back_what_was(graph):
    before = stated(graph)
    add(graph, QUAY)
    add(graph, MILL)
    write(graph, undo(graph.store, 2))
    assert stated(graph) == before | stating(MILL).added
    write(graph, undo(graph.store, 4))
    assert stated(graph) == before | stating(QUAY + MILL).added
    assert verify_store(graph.store) == []


def test_what_a_later_change_touched_cannot_be_undone(graph):
    add(graph, QUAY)
    remove(graph, 'ex:quay rdfs:label "Quay"@en ; a ex:Town .')
    with pytest.raises(ChangeError, match=r"2 of its quads .* undo first .*version 3"):
        undo(graph.store, 2)


def test_an_undoing_passes_the_gate(graph):
    add(graph, 'ex:quay rdfs:label "Quay"@en .')
    add(graph, "ex:quay a ex:Town .")
    verdict, version = graph.add(undo(graph.store, 2), agent="Ada", message="")
    assert not verdict.accepted
    assert version == 3


def test_the_build_cannot_be_undone(graph):
    with pytest.raises(ChangeError, match="built from the files"):
        undo(graph.store, 1)


# --- one's own version ----------------------------------------------------------------


def test_a_lost_race_says_what_came_since(graph):
    add(graph, QUAY, message="A new town", if_version=1)
    with pytest.raises(VersionConflictError, match="version 2, not 1") as caught:
        add(graph, MILL, if_version=1)
    (change,) = caught.value.since
    assert (change.version, change.agent, change.message) == (2, "Ada", "A new town")
    assert any("Quay" in line for line in change.what)
    assert "A new town" in str(caught.value)
    assert add(graph, MILL, if_version=2) == 3


def test_of_two_writers_for_one_version_one_is_told(graph):
    outcomes = []

    def run(turtle):
        try:
            outcomes.append(add(open_small(graph.store.path), turtle, if_version=1))
        except VersionConflictError as error:
            outcomes.append(error)

    threads = [threading.Thread(target=run, args=(t,)) for t in (QUAY, MILL)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert 2 in outcomes
    assert any(isinstance(outcome, VersionConflictError) for outcome in outcomes)
    assert graph.store.version == 2


def test_a_version_to_come_is_not_taken_for_one(graph):
    with pytest.raises(UnknownVersionError):
        add(graph, QUAY, if_version=5)


# --- verifying ------------------------------------------------------------------------


def test_a_sound_store_has_no_problems(graph):
    assert verify_store(graph.store) == []
    add(graph, QUAY)
    add(graph, 'ex:isle a ex:Town ; rdfs:label "Isle"@en .')
    remove(graph, QUAY)
    assert verify_store(graph.store) == []
    assert rebuild(graph.store, agent="Ada", message="") is None
    assert graph.store.version == 4


WRONG = Quad(NamedNode(f"{EX}a"), LABEL, NamedNode(f"{EX}b"), DefaultGraph())


@pytest.mark.parametrize(
    ("where", "quad"),
    [
        ("the merged view", WRONG),
        ("graph:inferred", Quad(WRONG.subject, LABEL, WRONG.object, INFERRED)),
        ("graph:report", Quad(WRONG.subject, LABEL, WRONG.object, REPORT)),
        ("graph:merged", Quad(WRONG.subject, LABEL, WRONG.object, MERGED)),
    ],
)
def test_what_should_not_be_there_is_found_and_mended(graph, where, quad):
    add(graph, QUAY)
    graph = tamper(graph, added=[quad])
    (problem,) = verify_store(graph.store)
    assert problem.where == where
    assert "should not hold 1 quads" in problem.what
    assert rebuild(graph.store, agent="Ada", message="Mended") == 3
    assert verify_store(graph.store) == []
    assert changes(graph.snapshot())[-1].message == "Mended"


@pytest.mark.parametrize(
    ("where", "name"),
    [("the merged view", DefaultGraph()), ("graph:inferred", INFERRED),
     ("graph:report", REPORT)],
)  # fmt: skip
def test_what_is_missing_is_found_and_mended(graph, where, name):
    add(graph, 'ex:isle a ex:Town ; rdfs:label "Isle"@en .')
    graph = tamper(graph, removed=list(graph.snapshot().quads(graph=name)))
    (problem,) = verify_store(graph.store)
    assert problem.where == where
    assert "lacks" in problem.what
    assert rebuild(graph.store, agent="Ada", message="") == 3
    assert verify_store(graph.store) == []


def tamper(graph, *, added=(), removed=()):
    """Change the current version itself, as no program should; open it again."""
    path, version = graph.store.path, graph.store.version
    engine = Engine(str(path / "versions" / str(version)))
    for quad in removed:
        engine.remove(quad)
    engine.extend(added)
    engine.flush()
    del engine
    return open_small(path)


def test_a_fact_that_the_journal_does_not_know_is_found(graph):
    add(graph, QUAY)
    graph = tamper(graph, removed=stating('ex:quay rdfs:label "Quay"@en .').added)
    places = {problem.where for problem in verify_store(graph.store)}
    assert "journal/2.nq" in places


def test_a_lost_journal_is_found(graph):
    add(graph, QUAY)
    add(graph, MILL)
    journal_file(graph.store.path, 2).unlink()
    (problem,) = verify_store(graph.store)
    assert problem.where == "journal/2.nq"


def test_a_shortened_journal_is_found(graph):
    add(graph, QUAY)
    file = journal_file(graph.store.path, 2)
    lines = file.read_text(encoding="utf-8").splitlines(keepends=True)
    file.write_text("".join(lines[1:]), encoding="utf-8")
    (problem,) = verify_store(graph.store)
    assert problem.what == ("has 2 added and 0 removed, the log 3 added and 0 removed")


def test_a_pointer_that_does_not_fit_the_log_is_found(graph):
    add(graph, QUAY)
    path = graph.store.path
    (path / "versions" / "2").rename(path / "versions" / "3")
    origin = (path / "current").read_text("ascii").split()[1]
    (path / "current").write_text(f"3 {origin}", encoding="ascii")
    problems = {str(problem) for problem in verify_store(open_store(path))}
    assert "graph:log: has no entries for version 3, not one" in problems
