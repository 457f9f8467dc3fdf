"""SPARQL stores of others, run over nothing: fetched with CI=true, or skipped."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import tempfile
import time
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
import urllib3

from bench.load import rdf4j
from kg.remote import Place
from tests import blazegraph
from tests.heavy_clients import (
    blazegraph_home,
    fuseki_command,
    oxigraph_program,
    rdf4j_home,
)

_START_SECONDS = 60
_QUERY = {"Content-Type": "application/sparql-query"}


class Running:
    """A store at *url*, which can be ended and begun again with what it holds."""

    def __init__(self, command, path, log, *, takes_turns):
        self.port = _free_port()
        self._command = [part.replace("{port}", str(self.port)) for part in command]
        self._log = log
        self.url = f"http://127.0.0.1:{self.port}{path}"
        self.takes_turns, self.view = takes_turns, ""
        self.breaks_off, self.kinds = False, [self.url]
        self._process: subprocess.Popen[bytes] | None = None

    def start(self):
        with self._log.open("ab") as out:
            self._process = subprocess.Popen(
                self._command, stdout=out, stderr=out, stdin=subprocess.DEVNULL,
                start_new_session=True,
            )  # fmt: skip
        until = time.monotonic() + _START_SECONDS
        while time.monotonic() < until and self._process.poll() is None:
            if self._answers():
                return
            time.sleep(0.1)
        told = self._log.read_text(encoding="utf-8", errors="replace")[-500:]
        pytest.fail(f"{self._command[0]} does not answer: {told}")

    def _answers(self):
        try:
            queries = Place.of(self.url, {}).queries
            answer = urllib3.request(
                "POST", queries, body=b"ASK {}", headers=_QUERY,
                retries=False, timeout=5,
            )  # fmt: skip
        except urllib3.exceptions.HTTPError:
            return False
        return answer.status == 200

    def kill(self):
        if self._process is not None:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
            self._process = None


class RunningRdf4j(Running):
    """RDF4J server, with a repository on disk and another one in memory."""

    def __init__(self, data, log):
        path = f"{rdf4j.SERVER}/repositories/ds"
        command = rdf4j.command(rdf4j_home(), data, memory="2G")
        super().__init__(command, path, log, takes_turns=True)
        self.breaks_off = True
        self.kinds = [self.url, self.url.removesuffix("ds") + "memory"]

    def _answers(self):
        is_there = rdf4j.create(self.port, "ds", rdf4j.NATIVE)
        return is_there and rdf4j.create(self.port, "memory", rdf4j.MEMORY)


class RunningBlazegraph(Running):
    """Blazegraph, with one store of quads on disk."""

    def __init__(self, data, log):
        command = blazegraph.command(blazegraph_home(), rdf4j_home(), data)
        super().__init__(command, blazegraph.PATH, log, takes_turns=True)


@contextmanager
def running(name, folder):
    """Run Oxigraph server, Fuseki (TDB2), RDF4J or Blazegraph over the empty *folder*.

    The default graph of one that is *united* is the union of all its graphs, as it is
    in Blazegraph, RDF4J, GraphDB, Neptune and Virtuoso.
    """
    data, log = folder / "data", folder / "log"
    data.mkdir()
    if name == "oxigraph":
        serve = ["serve", "--location", str(data), "--bind", "127.0.0.1:{port}"]
        store = Running([oxigraph_program(), *serve], "", log, takes_turns=False)
    elif name == "rdf4j":
        store = RunningRdf4j(data, log)
    elif name == "blazegraph":
        store = RunningBlazegraph(data, log)
    else:
        serve = ["--localhost", "--port", "{port}", "--update", "--tdb2"]
        if name == "fuseki, united":
            serve += ["--set", "tdb:unionDefaultGraph=true"]
        command = [*fuseki_command(), *serve, "--loc", str(data), "/ds"]
        store = Running(command, "/ds", log, takes_turns=True)
    try:
        store.start()
        yield store
    finally:
        store.kill()


class Fleet(ExitStack):
    """As many stores in memory as tests ask for, each at a URL of its own."""

    def new(self, dump):
        """Return the URL of a new store that holds what *dump*, N-Quads, says."""
        raise NotImplementedError

    def end_one(self, url):
        """Give up the store at *url*."""
        raise NotImplementedError

    def begin(self, server):
        """Start *server*; where it does not come up, nothing of the fleet is left."""
        try:
            server.start()
        except BaseException:
            self.close()
            raise

    def folder(self):
        return Path(self.enter_context(tempfile.TemporaryDirectory()))


class OxigraphFleet(Fleet):
    """A process of Oxigraph server for each store."""

    def __init__(self):
        super().__init__()
        self._log = self.folder() / "log"
        self._processes = {}

    def new(self, dump):
        command = [oxigraph_program(), "serve", "--bind", "127.0.0.1:{port}"]
        store = Running(command, "", self._log, takes_turns=False)
        self.callback(store.kill)
        store.start()
        self._processes[store.url] = store
        _send(f"{store.url}/store", "application/n-quads", dump)
        return store.url

    def end_one(self, url):
        self._processes.pop(url).kill()


class FusekiFleet(Fleet):
    """One Fuseki server, with many datasets."""

    _MOST = 100

    def __init__(self):
        super().__init__()
        folder = self.folder()
        names = [f"ds{number}" for number in range(self._MOST)]
        configuration = folder / "fuseki.ttl"
        parts = [_FUSEKI, *(_DATASET.replace("{name}", name) for name in names)]
        configuration.write_text("\n".join(parts), encoding="utf-8")
        command = [*fuseki_command(), "--localhost", "--port", "{port}"]
        command += ["--conf", str(configuration)]
        server = Running(command, "/ds0", folder / "log", takes_turns=True)
        self.callback(server.kill)
        self.begin(server)
        self._free = [server.url.removesuffix("ds0") + name for name in names]

    def new(self, dump):
        url = self._free.pop()
        _send(f"{url}/data", "application/n-quads", dump)
        return url

    def end_one(self, url):
        _send(f"{url}/update", "application/sparql-update", b"DROP ALL")
        self._free.insert(0, url)


_FUSEKI = """
@prefix fuseki: <http://jena.apache.org/fuseki#> .
@prefix ja: <http://jena.hpl.hp.com/2005/11/Assembler#> .
"""
_DATASET = """
[] a fuseki:Service ; fuseki:name "{name}" ; fuseki:dataset [ a ja:MemoryDataset ] ;
    fuseki:endpoint [ fuseki:operation fuseki:query ; fuseki:name "query" ] ,
        [ fuseki:operation fuseki:update ; fuseki:name "update" ] ,
        [ fuseki:operation fuseki:gsp-rw ; fuseki:name "data" ] .
"""


def _send(url, kind, body):
    answer = urllib3.request(
        "POST", url, body=body, headers={"Content-Type": kind}, retries=False,
        timeout=_START_SECONDS,  # urllib3's own are 3, too few for a whole dataset
    )  # fmt: skip
    assert answer.status < 300, answer.data[:500]


def _free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
