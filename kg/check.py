"""Everything the project promises of its own files, checked without a store."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from kg.build import read_sources
from kg.display import term_text
from kg.errors import ExequaturError
from kg.evidence import read_evidence, verify
from kg.gate import Nothing, judge
from kg.prefixes import prefixes
from kg.queries import SavedQueries
from kg.store import Store

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from kg.build import Sources
    from kg.gate import Tell, Verdict
    from kg.queries import SavedQuery
    from kg.store import Snapshot


@dataclass(frozen=True, slots=True)
class Problem:
    """A promise that is not kept: *where*, and *what* is the matter."""

    where: str
    what: str

    def __str__(self) -> str:
        return f"{self.where}: {self.what}"


def check(
    sources: Sources, *, articles: Path | None = None, tell: Tell | None = None
) -> list[Problem]:
    """Return what is wrong with the files of *sources*, in a fixed order.

    *articles* is a folder with the texts; without it locators are not compared with
    them. A file that cannot be read is a problem too, and ends the check.
    """
    say = tell or (lambda phase: None)
    say("reading the files")
    try:
        queries = SavedQueries.read(sources.queries)
        verdict = judge(Nothing(), read_sources(sources), tell=tell)
    except ExequaturError as error:
        return [Problem(error.where or "files", str(error))]
    problems = list(_findings(verdict))
    say("running the saved queries")
    problems += _query_problems(queries, verdict)
    if articles is not None:
        say("comparing locators with the texts")
        found, passages = read_evidence(verdict.change.added)
        problems += [
            Problem("evidence", text) for text in verify(found, passages, articles)
        ]
    return problems


def _findings(verdict: Verdict) -> Iterator[Problem]:
    for finding in verdict.findings:
        where = f"{finding.severity}: {term_text(finding.focus)}"
        yield Problem(where, finding.message)


def _query_problems(queries: SavedQueries, verdict: Verdict) -> list[Problem]:
    with tempfile.TemporaryDirectory() as folder:
        store = Store.create(Path(folder) / "store", verdict.added, fingerprint="check")
        snapshot = store.snapshot()
        return [p for query in queries.values() for p in _of_query(query, snapshot)]


def _of_query(query: SavedQuery, snapshot: Snapshot) -> Iterator[Problem]:
    where = f"queries/{query.name}.rq"
    for prefix, namespace in query.prefixes.items():
        if prefixes().get(prefix) != namespace:
            yield Problem(where, f"prefix {prefix}: differs from ontology/prefixes.ttl")
    try:
        answer = snapshot.query(query.text)
        if not any(True for _ in _parts(answer.rows(), answer.triples())):
            yield Problem(where, "answers nothing with its defaults")
    except ExequaturError as error:
        yield Problem(where, str(error))


def _parts(*several: Iterable[object]) -> Iterator[object]:
    for one in several:
        yield from one
