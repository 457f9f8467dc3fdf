"""How fast pages answer: when each begins, when it is whole, and its size.

    python -m bench.visits --store exequatur-store

Each page is visited several times by one client that takes nothing from the cache, and
once more right after each of some changes, before the server can have looked at it. The
client goes on as a browser does: where a page comes without the answer, it asks again.
Then each saved query that is not among those pages is visited, without changes.
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
from typing import TYPE_CHECKING

from bench.load.servers import Ground, Server, ours
from kg.change import Change
from kg.errors import StoreError
from kg.graph import KnowledgeGraph
from kg.members import members
from kg.store import Store
from kg.terms import BASE, EXQ, LABEL, TYPE, Literal, NamedNode, Quad

if TYPE_CHECKING:
    from kg.snapshot import Snapshot

PAGES = {
    "front page": "/",
    "names that begin with a letter": "/search/names?prefix=a",
    "names that begin with a word": "/search/names?prefix=signing",
    "a name that is misspelt": "/search/names?prefix=signnig",
    "search": "/search?q=conference",
    "search for a letter": "/search?q=a",
    "articles, first page": "/kinds/NewsArticle",
    "persons, page 20": "/kinds/Person?page=20",
    "passages, page 20": "/kinds/Passage?page=20",
    "claims, first page": "/kinds/Claim",
    "timeline": "/timeline",
    "timeline, page 20": "/timeline?page=20",
    "network": "/network",
    "network of a thousand": "/network?nodes=1000",
    "all dates, as a table": "/queries/timeline",
    "all dates, page 20 of the table": "/queries/timeline?page=20",
    "form that asks for a person or body": "/queries/claims-by-maker-and-kind",
    "classes and properties": "/ontology",
    "shapes": "/shapes",
    "state of the server": "/status",
    "list of graphs": "/graphs",
    "list of questions": "/queries",
    "meetings, a question": "/queries/meetings",
    "what makes a row of it true": "/queries/meetings/evidence?row=3",
    "uses of terms, a question": "/queries/vocabulary-usage",
    "facts stated repeatedly, a question": "/queries/facts-stated-repeatedly",
    "things without a label, a question": "/queries/entities-without-label",
    "names of several things, a question": "/queries/ambiguous-names",
    "places of events, a question": "/queries/places-of-events",
}
HEADS = (
    "page",
    "first bytes",
    "slowest",
    "whole",
    "slowest",
    "after a change",
    "its answer",
    "size",
)
LISTED = ("State", "Person", "Event", "Agreement", "Organization")
"""Of each of these classes the page of the first thing is visited, too."""

_HEADERS = {
    "Accept": "text/html, application/json;q=0.9",
    "Cache-Control": "no-cache",
    "Sec-Fetch-Mode": "navigate",
}
_CHANGES = 3
_PENDING = 202


@dataclass(frozen=True, slots=True)
class Visit:
    """A visit: seconds to the first bytes, to a page, to a whole one, and its bytes."""

    bytes: float
    first: float
    whole: float
    size: int


@dataclass(frozen=True, slots=True)
class Visited:
    """The visits of a page: several, and those right *after* a change, if any."""

    name: str
    visits: tuple[Visit, ...]
    after: tuple[Visit, ...]

    def row(self) -> str:
        """Return the visits as a row of a table."""
        figures = (
            statistics.median(one.bytes for one in self.visits),
            max(one.bytes for one in self.visits),
            statistics.median(one.whole for one in self.visits),
            max(one.whole for one in self.visits),
            *(
                statistics.median(getattr(one, name) for one in self.after)
                for name in ("first", "whole")
                if self.after
            ),
        )
        told = [f"{figure * 1000:,.0f} ms" for figure in figures]
        told += ["–"] * (len(HEADS) - 2 - len(told))
        size = f"{self.visits[0].size / 1000:,.0f} kB"
        return f"| {' | '.join((self.name, *told, size))} |"


def visit(port: int, path: str) -> Visit:
    """Go to a page, and on to the answer where it follows; raise ValueError."""
    began = time.perf_counter()
    connection = HTTPConnection("127.0.0.1", port, timeout=120)
    starts, times = [], []
    try:
        status = _PENDING
        while status == _PENDING:
            connection.request("GET", path, headers=_HEADERS)
            answer = connection.getresponse()
            status, size = answer.status, len(answer.read(1))
            starts.append(time.perf_counter() - began)
            size += len(answer.read())
            times.append(time.perf_counter() - began)
    finally:
        connection.close()
    if status != 200:
        raise ValueError(f"{path} answers {status}")
    return Visit(starts[0], times[0], times[-1], size)


def visits(server: Server, graph: KnowledgeGraph, *, times: int) -> list[Visited]:
    """Visit each page *times* times, all but other questions also after changes."""
    found = []
    for name, path in {**PAGES, **_things(graph.snapshot())}.items():
        before = tuple(visit(server.port, path) for _ in range(times))
        after = tuple(_after_change(server, graph, path) for _ in range(_CHANGES))
        found.append(Visited(name, before, after))
    for name in graph.queries:
        path = f"/queries/{name}"
        if path not in PAGES.values():
            before = tuple(visit(server.port, path) for _ in range(times))
            found.append(Visited(name, before, ()))
    return found


def _things(snapshot: Snapshot) -> dict[str, str]:
    """Return the paths of pages of things, by what to call them."""
    found = {}
    for name in LISTED:
        of_class = members(snapshot, NamedNode(f"{EXQ}{name}"))
        if of_class:
            path = of_class[0].value.removeprefix(f"{BASE}id/")
            found[f"page of one {name}"] = f"/doc/{path}"
    return found


def _after_change(server: Server, graph: KnowledgeGraph, path: str) -> Visit:
    node = NamedNode(f"{BASE}id/visitor-{time.time_ns()}")
    where = NamedNode(f"{BASE}graph/unsourced")
    said = {
        Quad(node, TYPE, NamedNode(f"{EXQ}Person"), where),
        Quad(node, LABEL, Literal(f"visitor {time.time_ns()}", language="en"), where),
    }
    graph.add(Change(added=frozenset(said)), agent="bench", message="a visitor")
    return visit(server.port, path)


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
    try:
        Store(given.store)
    except StoreError as error:
        options.error(str(error))
    with tempfile.TemporaryDirectory(dir=given.store.resolve().parent) as name:
        folder = Path(name)
        store = copied(given.store.resolve(), folder)
        server = ours(Ground(store, folder / "none.nt"))
        with server.running(folder / "log"):
            server.settle()
            found = visits(server, KnowledgeGraph(Store(store)), times=given.times)
    print(f"| {' | '.join(HEADS)} |")  # noqa: T201
    print(f"| --- |{' ---: |' * (len(HEADS) - 1)}")  # noqa: T201
    for one in found:
        print(one.row())  # noqa: T201


if __name__ == "__main__":
    main()
