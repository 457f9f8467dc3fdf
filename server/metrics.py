"""What the processes of a server count together, as Prometheus reads it; no Flask."""

from __future__ import annotations

import os
import re
from contextlib import suppress
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from prometheus_client import (
    CONTENT_TYPE_LATEST,
    REGISTRY,
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    generate_latest,
)
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead

if TYPE_CHECKING:
    from collections import Counter as Counts

    from kg.readers import Readers
    from server.cache import Cache

FOLDER = "PROMETHEUS_MULTIPROC_DIR"
"""The environment variable that names where the processes of a server count.

It must be set when a process imports this module, else it counts for itself.
"""

CONTENT_TYPE = CONTENT_TYPE_LATEST

_BUCKETS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.1, 0.25, 1, 2.5, 10, 30)
_REASONS = ("bytes", "gone", "memory", "overload", "rows", "time")
_VERBS = frozenset(
    {"DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT", "TRACE"}
)
"""Of each of these a figure is kept; of all that clients make up, one together."""

_PID = re.compile(r"gauge_live\w+_(\d+)\.db")

REQUESTS = Counter(
    "exequatur_requests", "Requests answered", ["route", "method", "status"]
)
SECONDS = Histogram(
    "exequatur_request_seconds", "Time to answer", ["route"], buckets=_BUCKETS
)
STOPPED = Counter("exequatur_queries_stopped", "Queries stopped, by reason", ["reason"])
CACHE_HITS = Counter("exequatur_cache_hits", "Answers found in the cache")
CACHE_MISSES = Counter("exequatur_cache_misses", "Answers looked for in vain")
REFUSED = Counter("exequatur_refused", "Requests refused before any work", ["status"])


def _live(name: str, text: str, *labels: str) -> Gauge:
    return Gauge(f"exequatur_{name}", text, labels, multiprocess_mode="livesum")


RUNNING = _live("queries_running", "Queries at work", "lane")
QUEUED = _live("queries_queued", "Queries that wait for a reader", "lane")
READERS = _live("readers_alive", "Processes that answer queries")
READER_MEMORY = _live("readers_memory_bytes", "Resident memory of the readers")
MEMORY = _live("server_memory_bytes", "Resident memory of the server processes")
WORKERS = _live("server_processes", "Server processes alive")
CACHE_BYTES = _live("cache_bytes", "Bytes of the answers in the cache")
CACHE_ANSWERS = _live("cache_answers", "Answers in the cache")
VERSION = Gauge(
    "exequatur_data_version",
    "Version of the data that is served",
    multiprocess_mode="livemax",
)


STORE = Gauge(
    "exequatur_store_up",
    "Whether the store answers, 1 or 0",
    multiprocess_mode="livemin",
)


def observed(route: str, method: str, status: int, seconds: float) -> None:
    """Count a request."""
    requests, times = _figures(route, method if method in _VERBS else "other", status)
    requests.inc()
    times.observe(seconds)


@lru_cache(maxsize=1000)
def _figures(route: str, method: str, status: int) -> tuple[Counter, Histogram]:
    """Return the figures of such requests: they are looked up once."""
    return REQUESTS.labels(route, method, str(status)), SECONDS.labels(route)


class Watch:
    """Puts in figures how a process stands; `look` is called now and then."""

    def __init__(self, readers: Readers, cache: Cache) -> None:
        self._readers = readers
        self._cache = cache
        self._told: dict[str, int] = {}
        STORE.set(1)  # until it is asked in vain: it was opened for the readers
        for reason in _REASONS:  # those that did not happen yet count zero
            STOPPED.labels(reason)

    def look(self, version: int | None) -> None:
        """Set what is measured to what it is now; no *version* where none answers."""
        readers = self._readers
        for name, lane in readers.lanes.items():
            RUNNING.labels(name).set(lane.running)
            QUEUED.labels(name).set(lane.queued)
        alive = readers.processes()
        READERS.set(len(alive))
        READER_MEMORY.set(sum(process.memory_bytes for process in alive))
        MEMORY.set(_own_memory())
        WORKERS.set(1)
        CACHE_BYTES.set(self._cache.size)
        CACHE_ANSWERS.set(len(self._cache))
        STORE.set(version is not None)
        if version is not None:
            VERSION.set(version)
        self._tell(readers.counts.reasons)

    def _tell(self, reasons: Counts[str]) -> None:
        for reason, count in list(reasons.items()):
            STOPPED.labels(reason).inc(count - self._told.get(reason, 0))
            self._told[reason] = count


def written() -> bytes:
    """Return all figures, those of the other processes added, as Prometheus reads."""
    return generate_latest(_registry())


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure: its name, what it counts in words, and the value of each label.

    Samples with several labels are added up by the last one; "" is that of none.
    """

    name: str
    text: str
    values: dict[str, float] = field(default_factory=dict)


def figures() -> list[Figure]:
    """Return what is counted, but for the durations; what has no value yet as well."""
    found = []
    for family in _registry().collect():
        name = family.name.removeprefix("exequatur_")
        if name == family.name or family.type == "histogram":
            continue
        figure = Figure(name, family.documentation)
        for sample in family.samples:
            if not sample.name.endswith("_created"):
                label = next(reversed(sample.labels.values()), "")
                figure.values[label] = figure.values.get(label, 0) + sample.value
        found.append(figure)
    return found


def _registry() -> CollectorRegistry:
    folder = os.environ.get(FOLDER)
    if not folder:
        return REGISTRY
    _forget_the_dead(Path(folder))
    together = CollectorRegistry()
    MultiProcessCollector(together, folder)  # type: ignore[no-untyped-call]
    return together


def _forget_the_dead(folder: Path) -> None:
    for path in sorted(folder.glob("gauge_live*.db")):
        match = _PID.fullmatch(path.name)
        if match and not _is_alive(int(match[1])):
            mark_process_dead(int(match[1]), str(folder))  # type: ignore[no-untyped-call]


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _own_memory() -> int:
    with suppress(OSError, ValueError, IndexError):
        told = Path("/proc/self/statm").read_text(encoding="ascii")
        return int(told.split()[1]) * os.sysconf("SC_PAGE_SIZE")
    return 0
