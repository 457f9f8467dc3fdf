"""Fuseki servers that follow the patch log server of RDF Delta, as our guide has them.

What is published of it is not fetched: `DELTA_HOME` names the folder of a release that
was unpacked, as its own commands have it, with `delta-server.jar` and
`delta-fuseki.jar`.
"""

from __future__ import annotations

import os
import shutil
import time
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
import urllib3

from kg.errors import StoreUnreachableError
from kg.graph import KnowledgeGraph
from kg.queries import SavedQueries
from kg.stores import open_store
from tests.pages import DOCS, blocks
from tests.remote_stores import Running

_SERVER, _NODE = "delta-server.jar", "delta-fuseki.jar"
_CATCHING_UP_SECONDS = 60
_SHOWN_LOG, _SHOWN_ZONE = "http://localhost:1066", "zone-a"


class PatchServer(Running):
    """The patch log server, with its logs in *folder*."""

    def __init__(self, jar, folder):
        folder.mkdir()
        command = [*_java(jar), "--base", str(folder), "--port", "{port}"]
        super().__init__(command, "", folder.with_suffix(".out"), takes_turns=True)

    def _answers(self):
        try:
            answer = urllib3.request(
                "GET", f"{self.url}/$/ping", retries=False, timeout=5
            )
        except urllib3.exceptions.HTTPError:
            return False
        return answer.status == 200


class DeltaCluster(ExitStack):
    """Nodes, by name, of one dataset; each goes on with what it had when it is killed.

    The first one makes the log, so that no two can be in each other's way with that.
    """

    def __init__(self, home, folder):
        super().__init__()
        self.nodes = {}
        self._jar, self._folder = home / _NODE, folder
        self._up = set()
        self._log = PatchServer(home / _SERVER, folder / "log")
        self.callback(self._log.kill)
        self._log.start()

    def start(self, name):
        """Have the node *name* up."""
        if name not in self.nodes:
            self.nodes[name] = self._node(name)
        if name not in self._up:
            self.nodes[name].start()
            self._up.add(name)

    def _node(self, name):
        zone = self._folder / name
        path = zone.with_suffix(".ttl")
        (shown,) = blocks(DOCS / "remote-stores.md", "turtle")
        text = shown.text.replace(_SHOWN_LOG, self._log.url)
        path.write_text(text.replace(_SHOWN_ZONE, str(zone)), encoding="utf-8")
        zone.mkdir()
        options = ["--localhost", "--port", "{port}", "--conf", str(path)]
        command = [*_java(self._jar), *options]
        node = Running(
            command, "/exequatur", zone.with_suffix(".out"), takes_turns=True
        )
        self.callback(node.kill)
        return node

    def kill(self, name):
        self.nodes[name].kill()
        self._up.remove(name)

    def lose_log(self):
        self._log.kill()

    def find_log(self):
        self._log.start()

    def graph(self, name):
        """Return the graph of *name*, which answers when it has taken in the log."""
        until = time.monotonic() + _CATCHING_UP_SECONDS
        while True:
            try:
                return KnowledgeGraph(open_store(self.nodes[name].url), SavedQueries())
            except StoreUnreachableError:
                if time.monotonic() > until:
                    raise


@contextmanager
def running(folder):
    """Run RDF Delta in *folder*, or skip where it is not to be had."""
    home = Path(os.environ.get("DELTA_HOME", ""))
    missing = [name for name in (_SERVER, _NODE) if not (home / name).is_file()]
    if "DELTA_HOME" not in os.environ or missing:
        pytest.skip(
            "RDF Delta: DELTA_HOME names no folder of a release that has"
            f" {_SERVER} and {_NODE}"
        )
    if shutil.which("java") is None:
        pytest.skip("RDF Delta: java is not installed")
    with DeltaCluster(home, folder) as found:
        yield found


def _java(jar):
    return ["java", "-Xmx512m", "-jar", str(jar.resolve())]
