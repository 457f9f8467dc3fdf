"""How fast pages answer: the median and the slowest visit of each, and its size.

    python -m bench.visits --store exequatur-store

Each page is visited several times by one client that takes nothing from the cache, and
once more right after each of some changes, before the server can have looked at it.
"""

from __future__ import annotations

import argparse
import os
import shutil
import statistics
import tempfile
import time
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path

from bench.load.servers import Ground, Server, ours
from kg.change import Change
from kg.graph import KnowledgeGraph
from kg.store import Store
from kg.terms import BASE, EXQ, LABEL, TYPE, Literal, NamedNode, Quad

PAGES = {
    "front page": "/",
    "names that begin with a letter": "/search/names?prefix=a",
    "names that begin with a word": "/search/names?prefix=signing",
    "a name that is misspelt": "/search/names?prefix=signnig",
    "search": "/search?q=conference",
    "articles, first page": "/kinds/NewsArticle",
    "persons, page 20": "/kinds/Person?page=20",
    "passages, page 20": "/kinds/Passage?page=20",
    "timeline": "/timeline",
    "network": "/network",
    "network of a thousand": "/network?nodes=1000",
    "all dates, as a table": "/queries/timeline",
    "all dates, page 20 of the table": "/queries/timeline?page=20",
    "form that asks for a person or body": "/queries/claims-by-maker-and-kind",
}
_HEADERS = {"Accept": "text/html, application/json;q=0.9", "Cache-Control": "no-cache"}
_CHANGES = 3
_SETTLED = 5.0
"""Seconds in which a server has gathered what it gathers when it opens a store."""


@dataclass(frozen=True, slots=True)
class Visited:
    """How long visits of a page took, in seconds, and the bytes of its text."""

    name: str
    seconds: tuple[float, ...]
    after: tuple[float, ...]
    size: int

    def row(self) -> str:
        """Return the visits as a row of a table."""
        median = statistics.median(self.seconds) * 1000
        after = max(self.after, default=0.0) * 1000
        return (
            f"| {self.name} | {median:,.0f} ms | {max(self.seconds) * 1000:,.0f} ms "
            f"| {after:,.0f} ms | {self.size / 1000:,.0f} kB |"
        )


def visit(port: int, path: str) -> tuple[float, int]:
    """Ask for a page; return how long that took, and its size; raise ValueError."""
    began = time.perf_counter()
    connection = HTTPConnection("127.0.0.1", port, timeout=120)
    try:
        connection.request("GET", path, headers=_HEADERS)
        answer = connection.getresponse()
        size = len(answer.read())
    finally:
        connection.close()
    if answer.status != 200:
        raise ValueError(f"{path} answers {answer.status}")
    return time.perf_counter() - began, size


def visits(server: Server, graph: KnowledgeGraph, *, times: int) -> list[Visited]:
    """Visit each page *times* times, then once after each of some changes."""
    found = []
    for name, path in PAGES.items():
        timed = [visit(server.port, path) for _ in range(times)]
        after = [_after_change(server, graph, path) for _ in range(_CHANGES)]
        seconds = tuple(one for one, _ in timed)
        found.append(Visited(name, seconds, tuple(after), timed[0][1]))
    return found


def _after_change(server: Server, graph: KnowledgeGraph, path: str) -> float:
    node = NamedNode(f"{BASE}id/visitor-{time.time_ns()}")
    where = NamedNode(f"{BASE}graph/unsourced")
    said = {
        Quad(node, TYPE, NamedNode(f"{EXQ}Person"), where),
        Quad(node, LABEL, Literal(f"visitor {time.time_ns()}", language="en"), where),
    }
    graph.add(Change(added=frozenset(said)), agent="bench", message="a visitor")
    return visit(server.port, path)[0]


def copied(store: Path, folder: Path) -> Path:
    """Return a copy of *store* that may be changed; its versions are shared with it."""

    def copy(source: str, target: str) -> str:
        is_version = Path(source).parent.parent.name == "versions"
        (os.link if is_version else shutil.copy2)(source, target)
        return target

    return Path(shutil.copytree(store, folder / "store", copy_function=copy))


def main() -> None:
    """Visit the pages of a store, and print a table."""
    options = argparse.ArgumentParser(prog="python -m bench.visits")
    options.add_argument("--store", type=Path, default=Path("exequatur-store"))
    options.add_argument("--times", type=int, default=20)
    given = options.parse_args()
    with tempfile.TemporaryDirectory(dir=given.store.resolve().parent) as name:
        folder = Path(name)
        store = copied(given.store.resolve(), folder)
        server = ours(Ground(store, folder / "none.nt"))
        with server.running(folder / "log"):
            time.sleep(_SETTLED)
            found = visits(server, KnowledgeGraph(Store(store)), times=given.times)
    print("| page | median | slowest | first after a change | size |")  # noqa: T201
    print("| --- | ---: | ---: | ---: | ---: |")  # noqa: T201
    for one in found:
        print(one.row())  # noqa: T201


if __name__ == "__main__":
    main()
