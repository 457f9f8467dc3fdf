"""Everything the project promises of its own files, checked without a store."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from kg.build import build_store, read_sources
from kg.display import term_text
from kg.errors import ExequaturError, ShapesError
from kg.evidence import read_evidence, verify, without_article, without_text
from kg.prefixes import prefixes
from kg.progress import silent
from kg.queries import SavedQueries
from kg.terms import SHAPES

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from kg.build import Sources
    from kg.progress import Tell
    from kg.queries import SavedQuery
    from kg.report import Finding
    from kg.store import Snapshot


@dataclass(frozen=True, slots=True)
class Problem:
    """A promise that is not kept: *where*, and *what* is the matter."""

    where: str
    what: str

    def __str__(self) -> str:
        return f"{self.where}: {self.what}"


@dataclass(frozen=True, slots=True)
class Checked:
    """What a check found, in a fixed order, and what it could not look at."""

    problems: tuple[Problem, ...]
    notes: tuple[str, ...] = ()


def check_files(
    sources: Sources, *, articles: Path | None = None, tell: Tell | None = None
) -> Checked:
    """Check the files of *sources*.

    *articles* is a folder with the texts; without it locators are not compared with
    them. A file that cannot be read is a problem too, and ends the check.
    """
    say = tell or silent
    say("reading the files")
    with tempfile.TemporaryDirectory() as folder:
        try:
            queries = SavedQueries.read(sources.queries)
            built = build_store(Path(folder) / "store", sources, tell=tell)
        except ExequaturError as error:
            return Checked((Problem("files", str(error)),))
        problems = [*_of_shapes(sources)]
        problems += [_problem(finding) for finding in built.findings]
        if built.store is not None:
            say("running the saved queries")
            snapshot = built.store.snapshot()
            problems += [p for q in queries.values() for p in _of_query(q, snapshot)]
    if articles is None:
        return Checked(tuple(problems))
    say("comparing locators with the texts")
    evidence = _compared(sources, articles)
    return Checked((*problems, *evidence.problems), evidence.notes)


def _compared(sources: Sources, folder: Path) -> Checked:
    """Compare every locator with the texts in *folder*, as far as they are there."""
    articles, passages = read_evidence(read_sources(sources).added)
    try:
        problems = verify(articles, passages, folder)
    except ExequaturError as error:
        problems = [str(error)]
    notes = [
        f"the text of {slug} is not in {folder}: its locators were not compared"
        for slug in without_text(articles, folder)
    ]
    notes += [
        f"{folder / slug}.txt belongs to no article of these files: not compared"
        for slug in without_article(articles, folder)
    ]
    return Checked(tuple(Problem("evidence", text) for text in problems), tuple(notes))


def _of_shapes(sources: Sources) -> Iterator[Problem]:
    """Yield how the shapes fall short of this project's own rules."""
    from kg.shapes import compile_shapes

    quads = read_sources(sources).added
    shapes = [quad.triple for quad in quads if quad.graph_name == SHAPES]
    try:
        compile_shapes(shapes, house_rules=True)
    except ShapesError as error:
        yield from (Problem("shapes.ttl", line) for line in str(error).splitlines())


def _problem(finding: Finding) -> Problem:
    where = f"{finding.severity}: {term_text(finding.focus)}"
    return Problem(where, finding.message)


def _of_query(query: SavedQuery, snapshot: Snapshot) -> Iterator[Problem]:
    where = f"queries/{query.name}.rq"
    for prefix, namespace in query.prefixes.items():
        if prefixes().get(prefix) != namespace:
            yield Problem(where, f"prefix {prefix}: differs from ontology/prefixes.ttl")
    try:
        answer = snapshot.query(query.text)
        if not (answer.is_ask or any(_parts(answer.rows(), answer.triples()))):
            yield Problem(where, "answers nothing with its defaults")
    except ExequaturError as error:
        yield Problem(where, str(error))


def _parts(*several: Iterable[object]) -> Iterator[bool]:
    for one in several:
        yield from (True for _ in one)
