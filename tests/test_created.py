"""Graphs that are there though they hold nothing, and all that knows of them."""

from __future__ import annotations

import pytest

from kg.backup import backup
from kg.created import created, is_there, marks
from kg.deriving import reason_update
from kg.erasure import erase
from kg.errors import ChangeError
from kg.graph_versions import GraphVersions
from kg.history import diff, undo
from kg.past import was_there
from kg.stores import open_store
from kg.terms import BASE, CREATED, UNSOURCED, NamedNode
from kg.verify import history_problems, verify_store
from tests.small_store import EX, add, open_small

SHELF, ATLAS = NamedNode(f"{EX}shelf"), NamedNode(f"{EX}atlas")
CREATE = f"CREATE GRAPH {SHELF}"
LISTED = "SELECT ?g { GRAPH ?g {} }"


@pytest.fixture
def graph(small_store):
    return open_small(small_store)


def update(graph, *operations):
    """Do the operations as one request; return the number of the version it made."""
    text = " ;\n".join(operations)
    verdict, version = graph.write(
        lambda here: reason_update(text, here, base=BASE), agent="Ada", message=""
    )
    assert verdict.accepted
    return version


def listed(graph):
    """The graphs that a query finds, which must be those that are told."""
    here = graph.snapshot()
    found = {row[0] for row in here.query(LISTED).rows()}
    assert found == set(here.graphs())
    return found


def test_a_graph_that_is_created_is_there_until_it_is_dropped(graph):
    assert SHELF not in listed(graph)
    update(graph, CREATE)
    assert SHELF in listed(graph)
    assert is_there(graph.snapshot(), SHELF)
    assert not any(graph.snapshot().quads(graph=SHELF))
    update(graph, f"DROP GRAPH {SHELF}")
    assert SHELF not in listed(graph)
    assert created(graph.snapshot()) == set()
    assert not any(graph.snapshot().quads(graph=CREATED))


def test_what_loses_its_last_triple_is_no_more_unless_it_was_created(graph):
    data = f"DATA {{ GRAPH {SHELF} {{ <urn:a> <urn:b> 1 }} }}"
    update(graph, f"INSERT {data}")
    update(graph, f"DELETE {data}")
    assert SHELF not in listed(graph)
    update(graph, CREATE)
    update(graph, f"INSERT {data}")
    update(graph, f"DELETE {data}")
    assert SHELF in listed(graph)


@pytest.mark.parametrize(
    ("operations", "there"),
    [
        ([f"CLEAR GRAPH {ATLAS}"], {ATLAS}),
        ([f"DROP GRAPH {ATLAS}"], set()),
        ([CREATE, f"COPY {SHELF} TO {ATLAS}"], {ATLAS, SHELF}),
        ([CREATE, f"MOVE {SHELF} TO {ATLAS}"], {ATLAS}),
        ([CREATE, f"ADD {SHELF} TO <urn:new>"], {ATLAS, SHELF, NamedNode("urn:new")}),
        ([CREATE, f"DROP GRAPH {SHELF}"], {ATLAS}),
        ([CREATE, "DROP NAMED"], set()),
        ([CREATE, "CLEAR NAMED"], {ATLAS, SHELF}),
        (["CLEAR DEFAULT"], {ATLAS}),
    ],
)
def test_operations_on_graphs_leave_what_the_standard_says(graph, operations, there):
    kept = listed(graph) - {ATLAS}
    update(graph, *operations)
    assert listed(graph) - kept - {CREATED} == there
    assert (CREATED in listed(graph)) == bool(created(graph.snapshot()))


def test_operations_see_what_earlier_requests_created(graph):
    update(graph, CREATE)
    with pytest.raises(ChangeError, match="is there already"):
        update(graph, CREATE)
    update(graph, f"COPY {SHELF} TO {ATLAS}")
    assert not any(graph.snapshot().quads(graph=ATLAS))
    update(
        graph,
        f"INSERT {{ GRAPH <urn:found> {{ ?g <urn:is> 1 }} }} WHERE {{"
        f" GRAPH ?g {{}} FILTER (?g = {SHELF}) }}",
    )
    assert any(graph.snapshot().quads(SHELF, graph=NamedNode("urn:found")))


def test_nothing_follows_from_a_graph_s_being_there(graph):
    before = set(graph.snapshot().quads())
    update(graph, CREATE)
    here = graph.snapshot()
    log = NamedNode(f"{BASE}graph/log")
    assert {q for q in here.quads() if q.graph_name != log} - before == marks(SHELF)


def test_diff_undo_and_the_past_know_of_it(graph):
    made = update(graph, CREATE)
    dropped = update(graph, f"DROP GRAPH {SHELF}")
    store = graph.store
    assert diff(store, 1, made).added == marks(SHELF)
    assert diff(store, made, dropped).removed == marks(SHELF)
    here = graph.snapshot()
    seen = [was_there(store, here, number, SHELF) for number in (1, made, dropped)]
    assert seen == [False, True, False]
    assert GraphVersions(store.journal).last(here, SHELF) == dropped
    assert GraphVersions(store.journal).last(here, ATLAS) == 1
    verdict, _ = graph.write(lambda _: undo(store, dropped), agent="Ada", message="")
    assert verdict.accepted
    assert SHELF in listed(graph)


def test_a_graph_that_came_with_its_triples_goes_with_them(graph):
    version = add(graph, "ex:a ex:b 1 .", where="shelf")
    assert SHELF in listed(graph)
    graph.write(lambda _: undo(graph.store, version), agent="Ada", message="")
    assert SHELF not in listed(graph)


def test_it_is_in_backups_and_in_what_is_written_anew(graph, small_store):
    update(graph, CREATE)
    copy = small_store.with_name("copy")
    backup(graph.store, copy)
    assert SHELF in listed(open_small(copy))
    verdict, _ = erase(graph.store, [NamedNode(f"{EX}port")], agent="Ada")
    assert verdict.accepted
    assert SHELF in listed(open_small(small_store))
    assert history_problems(graph.store) == []
    assert list(verify_store(graph.store)) == []


def test_no_change_of_people_s_writes_the_list_itself(graph):
    with pytest.raises(ChangeError, match="cannot be written"):
        update(graph, f"INSERT DATA {{ GRAPH {CREATED} {{ <urn:a> <urn:b> 1 }} }}")
    with pytest.raises(ChangeError, match="cannot be written"):
        update(graph, f"DROP GRAPH {CREATED}")
    update(graph, "CLEAR DEFAULT")
    assert UNSOURCED not in created(open_store(graph.store.path).snapshot())
