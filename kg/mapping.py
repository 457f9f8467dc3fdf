"""Tables into changes: a mapping is carried out, and each quad knows its rows."""

from __future__ import annotations

import csv
import io
from collections import defaultdict
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import islice
from typing import TYPE_CHECKING

from kg.change import Change, refuse_kept, stream_rdf
from kg.errors import DataFileError
from kg.formats import by_name
from kg.mapping_cells import Cells, Rejected
from kg.mapping_engine import run_engine
from kg.mapping_statements import Gathering
from kg.mapping_table import LINE, ROW_GRAPH
from kg.minting import short_form
from kg.progress import silent
from kg.report import Severity
from kg.terms import (
    BASE,
    DCT,
    EXQ,
    LABEL,
    TYPE,
    Literal,
    NamedNode,
    Quad,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from kg.gate import Verdict
    from kg.mapping_statements import Statements
    from kg.mapping_table import Spec
    from kg.progress import Tell
    from kg.report import Finding
    from kg.store import Snapshot
    from kg.tables import Table

_FILE = "table.csv"
_HOMEPAGE = NamedNode("http://xmlns.com/foaf/0.1/homepage")
_MOST_ROUNDS = 20
_AT_ONCE = 50_000
"""So many records are carried out at once: the engine holds all of them."""
_WHY = ("Rejected line", "Rejected because")


@dataclass(frozen=True, slots=True)
class Origin:
    """The register that a table is taken from, and under which terms."""

    name: str
    homepage: str
    license: str

    def graph(self, base: str) -> NamedNode:
        """Return the name of the graph for what it says."""
        return NamedNode(f"{base}graph/{self._short()}")

    def quads(self, base: str) -> Iterator[Quad]:
        """Yield what the graph says of itself and of the register."""
        graph, register = self.graph(base), NamedNode(f"{base}id/{self._short()}")
        title = Literal(f"Statements of {self.name}", language="en")
        own = Literal(f"statements of {self.name}", language="en")
        name = Literal(self.name, language="en")
        source = NamedNode(f"{DCT}source")
        for subject, predicate, object_ in (
            (graph, TYPE, NamedNode(f"{EXQ}ReferenceGraph")),
            (graph, LABEL, own),
            (graph, NamedNode(f"{DCT}title"), title),
            (graph, NamedNode(f"{DCT}license"), _iri(self.license, "--license")),
            (graph, source, register),
            (register, TYPE, NamedNode(f"{EXQ}ReferenceSource")),
            (register, LABEL, name),
            (register, _HOMEPAGE, _iri(self.homepage, "--homepage")),
        ):
            yield Quad(subject, predicate, object_, graph)

    def _short(self) -> str:
        short = short_form(self.name)
        if not short:
            raise DataFileError(
                "makes no IRI: it needs letters or digits", where="--source"
            )
        return short


@dataclass(frozen=True)
class Mapped:
    """What a table says, and the rows that say nothing; *head* is of no row."""

    table: str
    rows: int
    head: frozenset[Quad]
    stated: Statements
    rejected: tuple[Rejected, ...]

    @cached_property
    def change(self) -> Change:
        """The change that adds it, literals in canonical form."""
        if not self.stated:
            return Change()
        return Change(self.stated.held_with(self.head), notes=self.stated.notes)

    def without(self, rejected: list[Rejected]) -> Mapped:
        """Return what is said by no row of *rejected* alone."""
        return replace(
            self,
            stated=self.stated.without({one.line for one in rejected}),
            rejected=tuple(sorted({*self.rejected, *rejected})),
        )

    def lines_of(self, finding: Finding) -> frozenset[int]:
        """Return the lines of the table that *finding* is about."""
        stated = map(self.stated.lines_of, finding.premises)
        return frozenset().union(*stated) or self.stated.lines_about(finding.focus)

    def locate(self, finding: Finding) -> tuple[str, int] | None:
        """Return the table and the first line that *finding* is about."""
        lines = self.lines_of(finding)
        return (self.table, min(lines)) if lines else None


def map_table(
    snapshot: Snapshot,
    spec: Spec,
    table: Table,
    origin: Origin,
    *,
    base: str = BASE,
    tell: Tell = silent,
) -> Mapped:
    """Return what *table* says by *spec*; things of the graph are looked up there.

    Raise DataFileError where the mapping and the table do not fit together.
    """
    graph = origin.graph(base)
    refuse_kept((graph,), "--source")
    head = frozenset(origin.quads(base))
    rejected: list[Rejected] = []
    records = Cells(snapshot, spec, origin.name, base).read(table, rejected, tell)
    columns = sorted({LINE, *spec.rules.references()})
    rules = spec.rules.for_engine(_FILE, base)
    stated, broken = Gathering(graph), []
    # Rules are of one row each, so that the engine may have them in parts.
    for part in _parts(records, tell):
        data = run_engine(rules, spec.rules.suffix, columns, part, _FILE, spec.name)
        tell("reading the statements")
        broken += _take_in(stated, data)
    mapped = Mapped(
        table.name, len(table.rows), head, stated.statements(), tuple(rejected)
    )
    return mapped.without(broken) if broken else mapped


def _parts(
    records: Iterator[dict[str, str]], tell: Tell
) -> Iterator[Iterator[dict[str, str]]]:
    """Part *records*, each of which is made as it is asked for."""

    def begun_by(first: dict[str, str]) -> Iterator[dict[str, str]]:
        yield first
        yield from islice(records, _AT_ONCE - 1)
        tell("carrying out the rules")

    for first in records:
        yield begun_by(first)


def _take_in(stated: Gathering, data: bytes) -> list[Rejected]:
    """Have *stated* take in the statements *data*; return the rows that make none."""
    with suppress(DataFileError):
        stated.take_in(_statements(data), ROW_GRAPH)
        return []
    made, broken = [], []
    for text in data.split(b"\n"):
        try:
            made += _statements(text)
        except DataFileError as error:
            tail = text.rpartition(ROW_GRAPH.encode())[2]
            line = int(tail.partition(b">")[0])
            message = f"makes no statement: {error.message}"
            broken.append(Rejected(line, "", message))
    stated.take_in(made, ROW_GRAPH)
    return broken


def _statements(data: bytes) -> list[Quad]:
    return list(stream_rdf(data, by_name("nquads"), source="the engine"))


def judge_table(
    mapped: Mapped, judge: Callable[[Change], tuple[Verdict, int | None]], *, skip: bool
) -> tuple[Mapped, Verdict, int | None]:
    """Return *mapped* with the rows rejected that the gate objects to, and its verdict.

    *judge* tells the gate's verdict on a change, and the version it made of one that it
    accepted, if any. With *skip* the verdict is on the rest, which is judged again:
    what a row says may be needed by another. A violation that is about no row is left
    in the verdict.
    """
    verdict, version = judge(mapped.change)
    for _ in range(_MOST_ROUNDS):
        blamed = [
            Rejected(line, "", finding.message)
            for finding in verdict.findings
            if finding.severity is Severity.VIOLATION
            for line in sorted(mapped.lines_of(finding))
        ]
        if not skip or not blamed:
            rejected = tuple(sorted({*mapped.rejected, *blamed}))
            return replace(mapped, rejected=rejected), verdict, version
        mapped = mapped.without(blamed)
        verdict, version = judge(mapped.change)
    return mapped, verdict, version


def rejected_rows(table: Table, rejected: Iterable[Rejected]) -> bytes:
    """Return the rows of *table* that are *rejected* as CSV, to be mended and read.

    Two more columns say, for each, on which line it stood and why it is not taken; such
    as the table has already are replaced.
    """
    why: defaultdict[int, list[str]] = defaultdict(list)
    for one in rejected:
        why[one.line].append(f"{one.column}: {one.message}".removeprefix(": "))
    output = io.StringIO(newline="")
    writer = csv.writer(output)
    columns = [column for column in table.columns if column not in _WHY]
    writer.writerow([*columns, *_WHY])
    for row in table.rows:
        if row.line in why:
            cells = [row.cells.get(column, "") for column in columns]
            writer.writerow([*cells, row.line, "; ".join(why[row.line])])
    return output.getvalue().encode()


def _iri(text: str, option: str) -> NamedNode:
    try:
        if "://" in text and not set(text) & set(' <>"{}|\\^`'):
            return NamedNode(text)
    except ValueError:
        pass
    raise DataFileError(
        f"{text!r} is no address", where=option, advice="write it as https://…"
    )
