"""Several nodes of one store, which follow a log of updates that they share.

So do Fuseki servers that keep their datasets by RDF Delta: a node takes in what is new
in the log before it answers, and its own update is done when the log has taken it. The
log refuses what was made of a state that is not its last, and the node answers 500.
"""

from __future__ import annotations

import threading
from contextlib import ExitStack
from functools import partial

import pytest

from kg.errors import StoreError
from kg.graph import KnowledgeGraph
from kg.history import changes
from kg.progress import silent
from kg.queries import SavedQueries
from kg.remote import Place
from kg.remote.copying import copy_to
from kg.store import Store
from kg.stores import open_store
from kg.verify import verify_store
from tests.small_store import add, stating, write_at_once
from tests.sparql_store import serving
from tests.test_remote import held


class Log:
    """The updates that all nodes follow, in order; *refused* are yet to be refused."""

    def __init__(self):
        self.updates: list[str] = []
        self.taken: dict[str, int] = {}
        self.turn = threading.Lock()
        self.refused = 0

    def follow(self, node):
        """Have *node* do the updates that it has not done yet."""
        begun = self.taken.get(node.url, 0)
        for update in self.updates[begun:]:
            node.engine.update(update)
        self.taken[node.url] = len(self.updates)

    def answer(self, node, handler, body):
        """Answer an update to *node*; before a query, bring it up to date."""
        with self.turn:
            if not handler.path.endswith("/update"):
                if not node.lags:
                    self.follow(node)
                return False
            self.follow(node)
            if self.refused:
                self.refused -= 1
                handler.send(500, "text/plain", b"the log has gone on")
                return True
            node.engine.update(body.decode())
            self.updates.append(body.decode())
            self.taken[node.url] += 1
        handler.send(204, "text/plain", b"")
        return True


class Cluster:
    """Nodes that are up, by name; each begins with nothing and follows the log."""

    def __init__(self):
        self.log = Log()
        self.nodes = {}
        self._up = {}

    def start(self, name):
        self._up[name] = up = ExitStack()
        node = up.enter_context(serving())
        node.lags = False
        node.answer = lambda handler, body: self.log.answer(node, handler, body)
        self.nodes[name] = node

    def kill(self, name):
        self.nodes.pop(name).close_connections()
        self._up.pop(name).close()

    def close(self):
        for name in list(self.nodes):
            self.kill(name)

    def graph(self, name):
        return KnowledgeGraph(
            open_store(self.nodes[name].url, wait_seconds=5), SavedQueries()
        )


@pytest.fixture
def cluster(small_store):
    found = Cluster()
    found.start("a")
    found.start("b")
    place = Place.of(found.nodes["a"].url)
    copy_to(Store(small_store), place, force=True, tell=silent)
    yield found
    found.close()


def test_what_one_node_was_told_another_tells(cluster):
    assert add(cluster.graph("a"), "ex:a ex:b 1 .") == 2
    there = cluster.graph("b")
    assert there.store.version == 2
    assert held(there.snapshot()) == held(cluster.graph("a").snapshot())
    assert add(there, "ex:a ex:b 2 .") == 3
    assert verify_store(cluster.graph("a").store) == []


def test_a_node_that_lags_behind_decides_nothing(cluster):
    """It is asked for what there was; its update is of what there is."""
    late = cluster.graph("b")
    late.snapshot()
    add(cluster.graph("a"), 'ex:quay a ex:Town ; rdfs:label "Quay"@en .')
    cluster.nodes["b"].lags = True
    assert late.store.version == 1
    assert add(late, "ex:a ex:b 1 .") == 3
    assert verify_store(cluster.graph("a").store) == []


def test_a_commit_is_told_as_done_though_another_node_is_asked_for_it(cluster):
    """As before a balancer: "b" is asked, and "a" is told what "b" has late."""
    graph, (one, other) = cluster.graph("b"), (cluster.nodes["a"], cluster.nodes["b"])
    graph.snapshot()
    asked_late = []

    def answer(handler, body):
        if handler.path.endswith("/update"):
            asked_late.append(3)
            return cluster.log.answer(one, handler, body)
        other.lags = bool(asked_late and asked_late[0])
        if other.lags:
            asked_late[0] -= 1
        return cluster.log.answer(other, handler, body)

    other.answer = answer
    assert add(graph, "ex:a ex:b 1 .") == 2
    assert asked_late == [0]
    assert verify_store(cluster.graph("a").store) == []


@pytest.mark.parametrize("times", [1, 2])
def test_a_commit_that_the_log_refuses_is_told_as_not_done(cluster, times):
    graph = cluster.graph("a")
    before = held(graph.snapshot())
    cluster.log.refused = times
    with pytest.raises(StoreError):
        add(graph, "ex:a ex:b 1 .")
    cluster.log.refused = 0
    assert held(cluster.graph("b").snapshot()) == before
    assert add(graph, "ex:a ex:b 1 .") == 2
    assert verify_store(cluster.graph("b").store) == []


def test_when_a_node_is_killed_the_others_go_on_and_it_catches_up(cluster):
    graph = cluster.graph("a")
    add(graph, "ex:a ex:b 1 .")
    cluster.kill("a")
    with pytest.raises(StoreError, match="cannot be reached"):
        graph.validate(stating("ex:a ex:b 2 ."))
    assert add(cluster.graph("b"), "ex:a ex:b 2 .") == 3
    cluster.start("a")
    again = cluster.graph("a")
    assert again.store.version == 3
    assert held(again.snapshot()) == held(cluster.graph("b").snapshot())
    assert verify_store(again.store) == []


def test_writers_at_two_nodes_do_not_lose_each_other(cluster):
    openings = {name: partial(cluster.graph, name) for name in "ab"}
    assert not write_at_once(openings, 4)
    there = cluster.graph("b")
    assert [one.version for one in changes(there.snapshot())] == list(range(1, 10))
    assert verify_store(there.store) == []
