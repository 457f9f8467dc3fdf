"""The servers that are measured: ours, and three that people use today.

Each is got by what its own project publishes, from PyPI or Maven Central, into a folder
of the cache.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path

from bench.load import maven, rdf4j
from bench.load.client import answer
from bench.load.pypi import OXIGRAPH, RDFLIB_ENDPOINT, Package
from kg.store import Store
from kg.terms import MERGED_VIEW

OURS = "Exequatur"
_START = 900
"""Seconds that a server may take to load and to answer for the first time."""

_SETTLING = 90
"""Seconds in which a server has done what it does when it has started."""

_REST = 2.0
_IDLE = 0.02
"""The share of a processor that a server at rest takes, at most."""


class UnavailableError(Exception):
    """A server cannot be had here; the message says why."""


def cache(name: str) -> Path:
    """Return the folder *name* of the cache, made if it is not there."""
    above = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    folder = Path(above) / "exequatur-bench" / name
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@dataclass(frozen=True, slots=True)
class Ground:
    """What the servers serve: our *store*, and its merged view as N-Triples."""

    store: Path
    triples: Path

    def folder(self, name: str) -> Path:
        """Return a folder for the data of the server *name*, and nothing in it."""
        folder = self.triples.parent / name
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        return folder


@dataclass(slots=True)
class Server:
    """A server that answers SPARQL queries at *path*.

    *command* has `{port}` where the port goes; *make* is called with the port before it
    is asked, until it returns True.
    """

    name: str
    version: str
    path: str
    command: list[str]
    environment: dict[str, str] = field(default_factory=dict)
    make: Callable[[int], bool] | None = None
    port: int = 0
    process: subprocess.Popen[bytes] = field(init=False)

    @contextmanager
    def running(self, log: Path) -> Iterator[Server]:
        """Start the server, wait until it answers, and stop it in the end."""
        self.port = _free_port()
        command = [part.replace("{port}", str(self.port)) for part in self.command]
        with log.open("wb") as out:
            self.process = subprocess.Popen(
                command,
                stdout=out,
                stderr=out,
                stdin=subprocess.DEVNULL,
                env={**os.environ, **self.environment},
                start_new_session=True,
            )
        try:
            self._wait(log)
            yield self
        finally:
            _end(self.process)

    def _wait(self, log: Path) -> None:
        until = time.monotonic() + _START
        while time.monotonic() < until:
            if self.process.poll() is not None:
                break
            if self._answers():
                return
            time.sleep(0.25)
        told = log.read_text(encoding="utf-8", errors="replace")[-800:]
        raise UnavailableError(f"{self.name} does not answer: {told}")

    def _answers(self) -> bool:
        if self.make is not None and not self.make(self.port):
            return False
        try:
            asked = answer(self.port, self.path, "ASK { ?s ?p ?o }")
            status, _ = asyncio.run(asked)
        except (OSError, TimeoutError, asyncio.IncompleteReadError):
            return False
        return status == 200

    def settle(self) -> None:
        """Wait until it does no more, after its start or a change."""
        until = time.monotonic() + _SETTLING
        worked, before = self.cpu(), -1.0
        while abs(worked - before) > _IDLE * _REST and time.monotonic() < until:
            time.sleep(_REST)
            worked, before = self.cpu(), worked

    def memory(self) -> int:
        """Return the bytes of memory of all its processes, shared ones shared out."""
        return sum(_proportional(pid) for pid in _family(self.process.pid))

    def peak(self) -> int:
        """Return the most memory that its processes had, in bytes, one by one."""
        return sum(_most(pid) for pid in _family(self.process.pid))

    def cpu(self) -> float:
        """Return the seconds that processors have worked for its processes."""
        return sum(_worked(pid) for pid in _family(self.process.pid))

    def processes(self) -> tuple[int, int]:
        """Return how many processes it has, and how many that let all others go first.

        The latter of ours are readers for what takes long: they come and go.
        """
        others, yielding = self._parted()
        return len(others), len(yielding)

    def descriptors(self) -> int:
        """Return how many files and sockets its processes have open.

        Those of processes that let all others go first do not count, nor the pipes to
        them. Tables of a store do not: each is opened when it is first read, so a
        process that did nothing yet has fewer than others.
        """
        others, yielding = self._parted()
        pipes = {
            _target(Path(f"/proc/{pid}/fd/{number}"))
            for pid in yielding
            for number in (0, 1)
        }
        return sum(target not in pipes for pid in others for target in _opened(pid))

    def _parted(self) -> tuple[list[int], list[int]]:
        """Return its processes, and those of them that let all others go first."""
        family = _family(self.process.pid)
        yielding = [pid for pid in family if _lets_others_go(pid)]
        return [pid for pid in family if pid not in yielding], yielding


def ours(ground: Ground) -> Server:
    """Return this project's server, as it comes."""
    command = [*_kg(ground.store), "serve", "--port", "{port}"]
    return Server(OURS, version("exequatur"), "/sparql", command)


def token(store: Path) -> str:
    """Return a new token that our server of *store* lets write everything."""
    command = [*_kg(store), "token", "add", "bench", "--scope", "write:*"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return done.stdout.split()[-1]


def _kg(store: Path) -> list[str]:
    return [str(Path(sys.executable).with_name("kg")), "--store", str(store)]


def rdflib_endpoint(ground: Ground, *options: str) -> Server:
    """Return rdflib-endpoint, with the triples in memory."""
    program = _from_pypi(RDFLIB_ENDPOINT)
    return Server(
        "rdflib-endpoint",
        RDFLIB_ENDPOINT.version,
        "/",
        [program, "serve", "--host", "127.0.0.1", "--port", "{port}",
         *options, str(ground.triples)],
    )  # fmt: skip


def oxigraph(ground: Ground) -> Server:
    """Return Oxigraph server, read-only, over a store on disk."""
    program = _from_pypi(OXIGRAPH)
    data = str(ground.folder("oxigraph"))
    _run([program, "load", "--location", data, "--file", str(ground.triples)])
    serve = ["serve-read-only", "--location", data, "--bind", "127.0.0.1:{port}"]
    return Server("Oxigraph server", OXIGRAPH.version, "/query", [program, *serve])


def fuseki(ground: Ground) -> Server:
    """Return Apache Jena Fuseki, read-only, over TDB2."""
    path = _fuseki_classpath()
    data = str(ground.folder("fuseki"))
    _run(["java", "-cp", path, "tdb2.tdbloader", "--loc", data, str(ground.triples)])
    return _fuseki(path, data)


def writable(folder: Path) -> Iterator[Server]:
    """Yield the stores that can be had, each with nothing in it and open to writers."""
    for made in (oxigraph_server, fuseki_server, rdf4j_native):
        with suppress(UnavailableError):
            yield made(folder)


def oxigraph_server(folder: Path) -> Server:
    """Return Oxigraph server over a new store on disk, open to writers."""
    program = _from_pypi(OXIGRAPH)
    data = str(folder / "oxigraph")
    serve = ["serve", "--location", data, "--bind", "127.0.0.1:{port}"]
    return Server("Oxigraph server", OXIGRAPH.version, "/query", [program, *serve])


def fuseki_server(folder: Path) -> Server:
    """Return Apache Jena Fuseki over a new store of TDB2, open to writers."""
    path = _fuseki_classpath()
    (folder / "fuseki").mkdir()
    return _fuseki(path, str(folder / "fuseki"), "--update")


def rdf4j_native(folder: Path) -> Server:
    """Return RDF4J server over a new native store, open to writers."""
    return rdf4j_server(folder / "rdf4j", rdf4j.NATIVE)


def rdf4j_server(data: Path, kind: str) -> Server:
    """Return RDF4J server over *data*, with a repository of a *kind*, `ds`."""
    home = cache(f"rdf4j-{rdf4j.VERSION}")
    if not rdf4j.is_there(home):
        _get("RDF4J server", rdf4j.fetching(home), home)
        rdf4j.unpack(home)
    return Server(
        "RDF4J server",
        rdf4j.VERSION,
        f"{rdf4j.SERVER}/repositories/ds",
        rdf4j.command(home, data, memory="4G"),
        make=lambda port: rdf4j.create(port, "ds", kind),
    )


def _fuseki(path: str, data: str, *options: str) -> Server:
    main = "org.apache.jena.fuseki.main.cmds.FusekiMainCmd"
    serve = ["java", "-Xmx4G", "-cp", path, main, "--localhost", "--port", "{port}",
             *options, "--tdb2", "--loc", data, "/ds"]  # fmt: skip
    return Server("Fuseki, TDB2", maven.JENA, "/ds/query", serve)


def classpath(what: str, home: Path, artifacts: Sequence[maven.Artifact]) -> str:
    """Return the classpath of *artifacts*, got into *home*; raise UnavailableError.

    The error tells *what* it is that cannot be had.
    """
    if maven.listed(home) is None:
        _get(what, maven.fetching(home, artifacts), home)
    return maven.listed(home) or ""


def _fuseki_classpath() -> str:
    return classpath("Fuseki", cache(f"fuseki-{maven.JENA}"), maven.FUSEKI)


def _from_pypi(package: Package) -> str:
    """Return the program of *package*, got into an environment of its own."""
    home = cache(package.folder)
    program = package.program(home)
    if not program.exists():
        for command in package.fetching(home):
            _get(package.name, command, home)
    return str(program)


def _get(what: str, command: list[str], folder: Path) -> None:
    if shutil.which(command[0]) is None:
        raise UnavailableError(f"{what}: {command[0]} is not installed")
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True,
                          check=False)  # fmt: skip
    if done.returncode:
        told = (done.stdout + done.stderr)[-500:]
        raise UnavailableError(f"{what}: {command[0]} fails: {told}")


def fill(store: Path, triples: Path) -> int:
    """Write the merged view of *store* to *triples*; return how many there are."""
    here = Store(store).snapshot()
    number = 0
    with triples.open("wb") as out:
        for quad in here.quads(graph=MERGED_VIEW):
            out.write(f"{quad.triple} .\n".encode())
            number += 1
    return number


def _run(command: list[str]) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise UnavailableError(f"{command[0]} fails: {done.stderr[-500:]}")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _end(process: subprocess.Popen[bytes]) -> None:
    try:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(10)
    except ProcessLookupError:
        return
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _family(root: int) -> list[int]:
    """Return the process *root* and all below it."""
    parents: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                stat = (entry / "stat").read_text(encoding="ascii", errors="replace")
            except OSError:
                continue
            parent = int(stat.rpartition(")")[2].split()[1])
            parents.setdefault(parent, []).append(int(entry.name))
    found, waiting = [], [root]
    while waiting:
        found.append(waiting.pop())
        waiting += parents.get(found[-1], [])
    return found


def _lets_others_go(pid: int) -> bool:
    try:
        return os.sched_getscheduler(pid) == os.SCHED_IDLE
    except OSError:  # it has ended
        return False


def _opened(pid: int) -> Iterator[Path]:
    """Yield what a process has open, but for tables of a store."""
    with suppress(OSError):
        for entry in Path(f"/proc/{pid}/fd").iterdir():
            target = _target(entry)
            if target is not None and target.suffix != ".sst":
                yield target


def _target(descriptor: Path) -> Path | None:
    try:
        return descriptor.readlink()
    except OSError:  # closed meanwhile
        return None


def _worked(pid: int) -> float:
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace")
    except OSError:
        return 0.0
    fields = stat.rpartition(")")[2].split()
    return sum(map(int, fields[11:15])) / os.sysconf("SC_CLK_TCK")


def _most(pid: int) -> int:
    return _kilobytes(Path(f"/proc/{pid}/status"), "VmHWM:")


def _proportional(pid: int) -> int:
    return _kilobytes(Path(f"/proc/{pid}/smaps_rollup"), "Pss:")


def _kilobytes(path: Path, name: str) -> int:
    """Return what a line of a file below /proc tells, in bytes."""
    try:
        text = path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return 0
    for line in text.splitlines():
        if line.startswith(name):
            return int(line.split()[1]) * 1024
    return 0
