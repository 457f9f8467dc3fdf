"""Loading the facts of a world: through our gate, and into the stores of others."""

from __future__ import annotations

import signal
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, TypeAlias
from urllib.parse import urlencode

import urllib3

from bench.load import servers
from bench.load.servers import UnavailableError
from bench.peers.telling import OURS
from bench.watching import watched
from kg.store import Store

if TYPE_CHECKING:
    from bench.load.servers import Server
    from bench.peers.given import Given

Samples: TypeAlias = "dict[str, float]"
Loader: TypeAlias = "Callable[[Given, float], Samples]"

_COUNT = "SELECT (COUNT(*) AS ?n) WHERE { GRAPH ?g { ?s ?p ?o } }"


def by_us(given: Given, seconds: float) -> Samples:
    """Load by `kg build`, which infers, judges and writes; the process as a whole."""
    path, kg = given.folder / "store", Path(sys.executable).with_name("kg")
    facts = str(given.facts.parent)
    began = perf_counter()
    with tempfile.TemporaryFile("w+", encoding="utf-8") as told:
        command = [str(kg), "--store", str(path), "build", "--facts", facts]
        status, peak, cpu = watched(command, told, seconds)
    taken = perf_counter() - began
    if status == -signal.SIGKILL:
        raise UnavailableError(f"not within {seconds:.0f} s")
    if status:
        raise UnavailableError(f"fails with status {status}")
    quads = len(Store(path).snapshot())
    return {"seconds": taken, "seconds, CPU": cpu, "peak": peak, "answers": quads}


def by_oxigraph(given: Given, seconds: float) -> Samples:
    """Load into Oxigraph server over HTTP, into a store on disk."""
    return _posted(servers.oxigraph_server(given.folder), "/store", given, seconds)


def by_fuseki(given: Given, seconds: float) -> Samples:
    """Load into Fuseki over HTTP, into TDB2."""
    return _posted(servers.fuseki_server(given.folder), "/ds/data", given, seconds)


def by_rdf4j(given: Given, seconds: float) -> Samples:
    """Load into RDF4J server over HTTP, into a native store."""
    server = servers.rdf4j_native(given.folder)
    return _posted(server, f"{server.path}/statements", given, seconds)


LOADERS: dict[str, Loader] = {
    OURS: by_us,
    "Oxigraph server": by_oxigraph,
    "Fuseki, TDB2": by_fuseki,
    "RDF4J server": by_rdf4j,
}
"""Those that do not load in a process of `bench.peers.engines`."""


def _posted(server: Server, where: str, given: Given, seconds: float) -> Samples:
    """Send the facts to a server that has none; what it took to start is left out."""
    with server.running(given.folder / "server.log"), given.facts.open("rb") as facts:
        used, began = server.cpu(), perf_counter()
        try:
            answer = urllib3.request(
                "POST",
                f"http://127.0.0.1:{server.port}{where}",
                body=facts,
                headers={"Content-Type": "application/trig"},
                timeout=seconds,
                retries=False,
            )
        except urllib3.exceptions.TimeoutError as error:
            raise UnavailableError(f"not within {seconds:.0f} s") from error
        except urllib3.exceptions.HTTPError as error:
            raise UnavailableError(f"ends unanswered: {error}") from error
        samples = {
            "seconds": perf_counter() - began,
            "seconds, CPU": server.cpu() - used,
            "peak": server.peak(),
        }
        if answer.status >= 300:
            raise UnavailableError(f"answers with status {answer.status}")
        return samples | {"answers": _quads(server)}


def _quads(server: Server) -> int:
    answer = urllib3.request(
        "POST",
        f"http://127.0.0.1:{server.port}{server.path}",
        body=urlencode({"query": _COUNT}),
        headers={
            "Accept": "text/csv",
            "Content-Type": "application/x-www-form-urlencoded",
        },
        timeout=600,
    )
    return int(answer.data.split()[-1])
