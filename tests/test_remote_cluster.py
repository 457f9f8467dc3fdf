"""Several nodes of one store, which follow a log of updates that they share.

So do Fuseki servers that keep their datasets by RDF Delta: a node takes in what is new
in the log before it answers, and its own update is done when the log has taken it. The
log refuses what was made of a state that is not its last, and the node answers 500; it
answers 503, and tells what it knows, while there is no log. What is told of a cluster
is so of one that is played here, and of RDF Delta itself where that is at hand.
"""

from __future__ import annotations

import random
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import replace
from functools import partial
from itertools import count

import pytest

from kg.config import Settings
from kg.errors import StoreError, VersionConflictError
from kg.graph import KnowledgeGraph
from kg.history import changes
from kg.progress import silent
from kg.queries import SavedQueries
from kg.remote import Place
from kg.remote.copying import copy_to
from kg.store import Store
from kg.stores import open_store
from kg.terms import NamedNode
from kg.tokens import TokenFile
from kg.verify import verify_store
from server.app import create_app
from tests import delta_cluster
from tests.balancing import balancing
from tests.small_store import EX, PREFIXES, add, stating, write_at_once
from tests.sparql_store import serving
from tests.test_remote import held
from tests.writing import TOWN, TURTLE, bearer

NODES = "abc"
SEED = 20261127


class Log:
    """The updates that all nodes follow, in order; *refused* are yet to be refused.

    It breaks the connection to a node in the next update that is to be *broken*, after
    or before it has taken that.
    """

    def __init__(self):
        self.updates: list[str] = []
        self.taken: dict[str, int] = {}
        self.turn = threading.Lock()
        self.refused = 0
        self.broken = ""
        self.is_gone = False

    def follow(self, node):
        """Have *node* do the updates that it has not done yet."""
        if self.is_gone:
            return
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
            handler.send(*self._updated(node, body.decode()))
        return True

    def _updated(self, node, update):
        """Have the log take *update*, and *node* do it; return what *node* answers."""
        if self.is_gone:
            return 503, "text/plain", b"there is no log"
        self.follow(node)
        if self.refused:
            self.refused -= 1
            return 500, "text/plain", b"the log has gone on"
        if self.broken != "before":
            self.updates.append(update)
        if self.broken:
            self.broken = ""
            return 500, "text/plain", b"the log has closed the connection"
        self.follow(node)
        return 204, "text/plain", b""


class Cluster:
    """Nodes that are up, by name; each begins with nothing and follows the log."""

    def __init__(self):
        self.log = Log()
        self.nodes = {}
        self._up = {}

    def lose_log(self):
        self.log.is_gone = True

    def find_log(self):
        self.log.is_gone = False

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


@pytest.fixture(scope="module")
def delta(tmp_path_factory):
    with delta_cluster.running(tmp_path_factory.mktemp("delta")) as found:
        yield found


@pytest.fixture
def played(small_store):
    found = Cluster()
    yield fill(found, small_store)
    found.close()


@pytest.fixture(params=["played", "delta"])
def cluster(request, small_store):
    found = request.getfixturevalue(request.param)
    return found if request.param == "played" else fill(found, small_store)


def fill(cluster, store):
    """Have all nodes of *cluster* hold what *store* does."""
    for name in NODES:
        cluster.start(name)
    place = Place.of(cluster.nodes["a"].url)
    copy_to(Store(store), place, force=True, tell=silent)
    for name in NODES:
        cluster.graph(name)
    return cluster


def soon(is_so):
    """Tell whether something is so, or will be before long."""
    until = time.monotonic() + 20
    while not is_so():
        if time.monotonic() > until:
            return False
        time.sleep(0.1)
    return True


def test_what_one_node_was_told_another_tells(cluster):
    assert add(cluster.graph("a"), "ex:a ex:b 1 .") == 2
    there = cluster.graph("b")
    assert there.store.version == 2
    assert held(there.snapshot()) == held(cluster.graph("a").snapshot())
    assert add(there, "ex:a ex:b 2 .") == 3
    assert verify_store(cluster.graph("a").store) == []


def test_a_node_that_lags_behind_decides_nothing(played):
    """It is asked for what there was; its update is of what there is."""
    late = played.graph("b")
    late.snapshot()
    add(played.graph("a"), 'ex:quay a ex:Town ; rdfs:label "Quay"@en .')
    played.nodes["b"].lags = True
    assert late.store.version == 1
    assert add(late, "ex:a ex:b 1 .") == 3
    assert verify_store(played.graph("a").store) == []


@pytest.mark.parametrize("broken", ["", "after"])
def test_a_commit_is_told_as_done_though_another_node_is_asked_for_it(played, broken):
    """As before a balancer: "b" is asked, and "a" is told what "b" has late."""
    graph, (one, other) = played.graph("b"), (played.nodes["a"], played.nodes["b"])
    graph.snapshot()
    asked_late, played.log.broken = [], broken

    def answer(handler, body):
        if handler.path.endswith("/update"):
            asked_late.append(3)
            return played.log.answer(one, handler, body)
        other.lags = bool(asked_late and asked_late[0])
        if other.lags:
            asked_late[0] -= 1
        return played.log.answer(other, handler, body)

    other.answer = answer
    assert add(graph, "ex:a ex:b 1 .") == 2
    assert asked_late[0] == 0
    assert verify_store(played.graph("a").store) == []


@pytest.mark.parametrize("times", [1, 2])
def test_a_commit_that_the_log_refuses_is_told_as_not_done(played, times):
    graph = played.graph("a")
    before = held(graph.snapshot())
    played.log.refused = times
    with pytest.raises(StoreError):
        add(graph, "ex:a ex:b 1 .")
    played.log.refused = 0
    assert held(played.graph("b").snapshot()) == before
    assert add(graph, "ex:a ex:b 1 .") == 2
    assert verify_store(played.graph("b").store) == []


def test_when_a_node_is_killed_the_others_go_on_and_it_catches_up(cluster):
    graph = cluster.graph("a")
    add(graph, "ex:a ex:b 1 .")
    cluster.kill("a")
    with pytest.raises(StoreError, match="cannot be reached"):
        graph.validate(stating("ex:a ex:b 2 ."))
    assert add(cluster.graph("b"), "ex:a ex:b 2 .") == 3
    cluster.start("a")
    again = cluster.graph("a")
    assert soon(lambda: again.store.version == 3)
    assert held(again.snapshot()) == held(cluster.graph("b").snapshot())
    assert verify_store(again.store) == []


def test_writers_at_all_nodes_do_not_lose_each_other(cluster):
    openings = {name: partial(cluster.graph, name) for name in NODES}
    assert not write_at_once(openings, 3)
    there = cluster.graph("b")
    assert [one.version for one in changes(there.snapshot())] == list(range(1, 11))
    assert verify_store(there.store) == []


def test_of_two_changes_for_one_version_exactly_one_is_done(cluster):
    """Each is sent to another node, at the same time."""
    graphs = [cluster.graph(name) for name in "ab"]
    for version in range(1, 4):
        at_once = threading.Barrier(2)

        def change(number, at_once=at_once, version=version):
            at_once.wait()
            said = f"ex:v{version} ex:by {number} ."
            try:
                return add(graphs[number], said, if_version=version)
            except VersionConflictError:
                return None

        with ThreadPoolExecutor(2) as pool:
            done = list(pool.map(change, range(2)))
        assert sorted(done, key=str) == [version + 1, None]
        at = NamedNode(f"{EX}v{version}")
        for graph in (*graphs, cluster.graph("c")):
            (quad,) = graph.snapshot().quads(subject=at, graph=NamedNode(f"{EX}atlas"))
            assert quad.object.value == str(done.index(version + 1))


class Server:
    """A server before the node *name* of a cluster."""

    def __init__(self, cluster, name, folder):
        settings = Settings()
        settings = replace(
            settings, store=cluster.nodes[name].url, tokens=folder / settings.tokens
        )
        token = TokenFile(settings.token_file).add(name, ["write:*"])
        self._headers = bearer(token)
        self._client = create_app(cluster.graph(name), settings).test_client()

    def submit(self, turtle):
        answer = self._client.post(
            f"/submit?graph={EX}atlas", data=PREFIXES + turtle, content_type=TURTLE,
            headers=self._headers,
        )  # fmt: skip
        return answer.status_code

    def tells(self, name):
        """Tell whether it tells of `ex:`*name*, or will before long."""
        ask = {"query": f"ASK {{ <{EX}{name}> ?p ?o }}"}
        answers = (self._client.get("/sparql", query_string=ask) for _ in count())
        return soon(lambda: next(answers).get_json().get("boolean", False))


def test_servers_before_the_nodes_go_on_when_one_is_killed(cluster, tmp_path):
    one, other, third = (Server(cluster, name, tmp_path) for name in NODES)
    assert one.submit(TOWN) == 200
    assert other.tells("weir")
    assert third.tells("weir")
    cluster.kill("a")
    assert one.submit("ex:x ex:b 1 .") == 503
    assert other.submit("ex:after ex:b 1 .") == 200
    assert third.tells("after")
    cluster.start("a")
    again = tmp_path / "again"
    again.mkdir()
    assert Server(cluster, "a", again).tells("after")
    assert verify_store(cluster.graph("a").store) == []


def test_behind_a_balancer_nothing_is_lost_when_a_node_is_killed(cluster):
    """What is asked, judged and told of one change goes to one node after another."""

    def addresses():
        return [node.url for node in cluster.nodes.values()]

    with balancing(addresses) as url:
        openings = {
            name: lambda: KnowledgeGraph(open_store(url), SavedQueries())
            for name in "defg"
        }
        assert not write_at_once({name: openings[name] for name in "de"}, 3)
        before = openings["d"]()
        cluster.kill("b")
        assert not write_at_once({name: openings[name] for name in "fg"}, 3)
        assert before.store.version == 13
        cluster.start("b")
    there = cluster.graph("b")
    assert [one.version for one in changes(there.snapshot())] == list(range(1, 14))
    assert verify_store(there.store) == []


def test_without_the_log_is_read_and_nothing_is_written(cluster):
    graph = cluster.graph("a")
    before = held(graph.snapshot())
    assert held(cluster.graph("b").snapshot()) == before
    cluster.lose_log()
    assert held(cluster.graph("b").snapshot()) == before
    with pytest.raises(StoreError, match="not known: the store answers 503"):
        add(graph, "ex:a ex:b 1 .")
    cluster.find_log()
    assert held(cluster.graph("c").snapshot()) == before
    assert add(graph, "ex:a ex:b 1 .") == 2
    assert verify_store(cluster.graph("c").store) == []


@pytest.mark.parametrize("broken", ["before", "after"])
def test_a_commit_in_which_the_log_breaks_off_is_done_once(played, broken):
    """The node fails; whether the log has taken what it was sent, it cannot know."""
    graph = played.graph("a")
    graph.snapshot()
    played.log.broken = broken
    if broken == "before":
        with pytest.raises(StoreError, match="500"):
            add(graph, "ex:a ex:b 1 .")
    assert add(graph, "ex:a ex:b 1 .") == 2
    assert verify_store(played.graph("b").store) == []


def test_what_is_told_of_commits_is_so_when_the_log_goes_and_comes(cluster):
    """Where it is told that this is not known, either may be so."""
    chance, over = random.Random(SEED), threading.Event()
    done, refused = [], []
    graph = cluster.graph("a")

    def write():
        for number in count():
            if over.is_set():
                return
            try:
                add(graph, f"ex:n{number} ex:b {number} .")
                done.append(f"{EX}n{number}")
            except StoreError as error:
                if "not known" not in str(error):
                    refused.append(f"{EX}n{number}")

    writer = threading.Thread(target=write)
    writer.start()
    for _ in range(3):
        time.sleep(chance.uniform(0.5, 2))
        cluster.lose_log()
        time.sleep(chance.uniform(0, 1))
        cluster.find_log()
    over.set()
    writer.join()
    there = cluster.graph("b")
    told = {quad.subject.value for quad in there.snapshot().quads()}
    assert done
    assert told.issuperset(done)
    assert told.isdisjoint(refused)
    assert verify_store(there.store) == []
