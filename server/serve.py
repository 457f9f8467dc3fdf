"""Serve with granian: several processes, each with its own view of the store."""

from __future__ import annotations

import contextlib
import gc
import multiprocessing
import os
import socket
import sys
import tempfile
import threading
import time
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from granian.constants import HTTPModes, Interfaces
from granian.http import HTTP1Settings
from granian.log import LogLevels
from granian.server import Server

from kg.errors import ConfigError, StoreError
from kg.graph import KnowledgeGraph
from kg.readers import Here, Limits, Readers
from server import logs, metrics
from server.app import compile_templates, create_app
from server.arrivals import Arrivals
from server.cache import Cache
from server.context import EXTENSION
from server.front import Front
from server.preparing import Preparing
from server.quick import Quick
from server.warming import Warming

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from kg.config import Settings

THREADS = 8
"""How many requests a process works on at once, beside those that wait for readers."""

WAITING = 64
"""How many more requests may wait for a thread; beyond that they are refused."""

CONNECTIONS = 10_000
"""So many connections a process holds at once, most of them idle; others wait."""

GRACE_SECONDS = 10
"""How long a process may take to finish what it is at when it is told to stop."""

HEADER_SECONDS = 15
"""How long a client may take to send the head of a request."""

LOG_SECONDS = 0.05
"""Lines of the log are written so often, those of errors at once."""

_LOGGING: dict[str, Any] = {
    "formatters": {"line": {"()": "server.logs.LineFormatter"}},
    "handlers": {
        "err": {
            "class": "logging.StreamHandler",
            "formatter": "line",
            "stream": "ext://sys.stderr",
        }
    },
    "loggers": {"_granian": {"handlers": ["err"], "propagate": False}},
}


def serve(settings: Settings, *, on_ready: Callable[[str], None]) -> None:
    """Serve until SIGINT or SIGTERM; call *on_ready* with the address once it answers.

    Raise ConfigError where the address cannot be had. The processes are spawned, not
    forked: an engine that this process has open does not survive a fork.
    """
    multiprocessing.set_start_method("spawn", force=True)
    # What lies in the present folder is not for them to import.
    os.environ.setdefault("PYTHONSAFEPATH", "1")
    with (
        _reserved(settings.host, settings.port) as (address, port),
        _folder() as folder,
    ):
        server = Server(
            "exequatur",
            address=address,
            port=port,
            interface=Interfaces.RSGI,
            # To tell the versions apart, granian would wait for a first byte for ever.
            http=HTTPModes.http1,
            backpressure=CONNECTIONS,
            workers=settings.workers,
            workers_kill_timeout=GRACE_SECONDS,
            respawn_failed_workers=True,
            http1_settings=HTTP1Settings(header_read_timeout=HEADER_SECONDS * 1000),
            log_level=LogLevels.error,
            log_dictconfig=_LOGGING,
            websockets=False,
        )
        watch = partial(_watch, address, port, lambda: on_ready(_url(settings, port)))
        server.on_startup(lambda: threading.Thread(target=watch, daemon=True).start())
        load = partial(load_app, settings, folder)
        # Its annotation knows of functions alone, not of objects with `__rsgi__`.
        server.serve(target_loader=load, wrap_loader=False)  # type: ignore[arg-type]


def load_app(settings: Settings, folder: Path) -> Front:
    """Return the application of one process, with readers and a cache of its own.

    Large answers are files in *folder* while they are sent.
    """
    logs.configure(every=LOG_SECONDS)
    graph = KnowledgeGraph.open(settings)
    graph.snapshot()
    limits = Limits(
        seconds=settings.query_seconds,
        memory_bytes=settings.query_memory_bytes,
        answer_bytes=settings.max_answer_bytes,
        waiting=settings.waiting_queries,
        answer_rows=settings.max_answer_rows,
    )
    readers = Readers(
        settings.store,
        settings.readers,
        limits,
        slow=settings.slow_readers,
        spool=folder,
        # A look-up in a remote store would keep the event loop waiting.
        here=Here(graph.snapshot) if isinstance(settings.store, Path) else None,
    )
    cache = Cache(settings.cache_bytes, graph.store.mark)
    watch = metrics.Watch(readers, cache)
    app = create_app(graph, settings, readers=readers)
    templates = partial(compile_templates, app)
    warming = Warming(graph, first=templates)
    answers = app.extensions[EXTENSION].answers
    if isinstance(settings.store, Path):  # who else asks a remote store is not known
        prepare = Preparing(graph, readers, answers).prepare
        warming = Warming(graph, prepare, first=templates)

    def look() -> None:
        try:
            watch.look(graph.store.version)
        except StoreError:
            watch.look(None)
            return
        warming.look()

    gc.freeze()  # what is here now stays: no use in looking through it again and again
    return Front(
        app,
        cache,
        Quick(app.extensions[EXTENSION], readers),
        # Those who wait for a long query must leave threads to those who do not.
        threads=THREADS + 3 * settings.readers + 2 * settings.waiting_queries,
        waiting=WAITING,
        arrivals=Arrivals(settings.max_body_bytes, settings.body_seconds),
        spool=folder,
        look=look,
        may_wait=lambda: not graph.store.is_seen,
    )


@contextlib.contextmanager
def _folder() -> Iterator[Path]:
    """Yield a folder for what the processes write while they serve."""
    with tempfile.TemporaryDirectory(prefix="exequatur-") as name:
        counting = Path(name) / "figures"
        counting.mkdir()
        before = os.environ.get(metrics.FOLDER)
        os.environ[metrics.FOLDER] = str(counting)  # for the processes to be spawned
        try:
            yield Path(name)
        finally:
            os.environ.pop(metrics.FOLDER)
            if before is not None:
                os.environ[metrics.FOLDER] = before


@contextlib.contextmanager
def _reserved(host: str, port: int) -> Iterator[tuple[str, int]]:
    """Yield the address and port to listen on, held but not listened on.

    Each process of a server binds it with SO_REUSEPORT, and a second server would do
    so without a word: hence the test that nobody has it.
    """
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        family, *_, place = found[0]
        with socket.create_server(place[:2], family=family) as probe:
            address, port = probe.getsockname()[:2]
        with socket.socket(family, socket.SOCK_STREAM) as held:
            if sys.platform == "linux":
                held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
                held.bind((address, port))
            yield address, port
    except OSError as error:
        number = error.errno or 0  # negative where the name could not be resolved
        why = os.strerror(number) if number > 0 else error.strerror or error
        raise ConfigError(
            f"cannot listen on {host}, port {port}: {why}",
            advice="choose another with --host and --port; port 0 takes a free one",
        ) from error


def _watch(address: str, port: int, then: Callable[[], None]) -> None:
    """Call *then* once something answers at the address, however long that takes."""
    while True:
        try:
            socket.create_connection((address, port)).close()
        except OSError:
            time.sleep(0.02)
        else:
            break
    with contextlib.suppress(OSError):  # nobody reads it
        then()


def _url(settings: Settings, port: int) -> str:
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    return f"http://{host}:{port}/"
