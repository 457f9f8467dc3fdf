"""What the cells of a table mean: dates in EDTF, things of the graph, codes."""

from __future__ import annotations

import re
from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING

from kg.errors import DataFileError, ParameterError, bounded
from kg.mapping_dates import DATE_PARTS, OPEN, CellError, read_date, span
from kg.mapping_table import KEY, LINE, check_columns
from kg.minting import find_class, nearest, short_form
from kg.names import called
from kg.parameters import short_name
from kg.progress import silent
from kg.terms import BASE, EXQ, MERGED_VIEW, TYPE, Literal, NamedNode

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from kg.mapping_table import Column, Spec
    from kg.progress import Tell
    from kg.store import Snapshot
    from kg.tables import Row, Table

_CODES = (NamedNode(f"{EXQ}isoAlpha2"), NamedNode(f"{EXQ}isoAlpha3"))
_INTEGER = re.compile(r"[+-]?\d{1,18}")
_STEP = 1_000
_PLAIN = frozenset({"date", "integer"})


@dataclass(frozen=True, slots=True, order=True)
class Rejected:
    """A row that is not taken: its *line*, the *column* at fault, and why."""

    line: int
    column: str
    message: str

    @classmethod
    def of(cls, line: int, column: str, message: str) -> Rejected:
        """Return the row of *line*, *message* in bounded length: cells may be long."""
        return cls(line, column, bounded(message))

    def __str__(self) -> str:
        where = f", column {self.column}" if self.column else ""
        return f"line {self.line}{where}: {self.message}"


class Cells:
    """Reads the rows of a table as *spec* says, with what *snapshot* knows."""

    def __init__(
        self, snapshot: Snapshot, spec: Spec, source: str, base: str = BASE
    ) -> None:
        self.spec = spec
        self._snapshot = snapshot
        self._base = base
        self._constant = {"source": source, "source.short": short_form(source)}
        self._classes = {
            kind: _class(snapshot, kind, f"{spec.name}: {column.name}")
            for column in spec.columns
            for kind in column.is_
            if kind not in _PLAIN
        }
        self._found: dict[tuple[str, str], dict[str, str]] = {}
        self._made: dict[str, str] = {}
        self._columns = {column.name: column for column in spec.columns}
        self._spans = [column for column in spec.columns if column.until]
        self._ends = {column.until for column in self._spans}

    def read(
        self, table: Table, rejected: list[Rejected], tell: Tell = silent
    ) -> Iterator[dict[str, str]]:
        """Yield records for the engine; add to *rejected* the rows that make none.

        A row becomes several records where a cell holds a list. Raise DataFileError
        where a column is missing.
        """
        self._check(table)
        seen: dict[str, int] = {}
        for count, row in enumerate(table.rows):
            if not count % _STEP:
                tell("reading the cells", count, len(table.rows))
            wrong: list[CellError] = []
            records: list[dict[str, str]] = []
            try:
                self._check_key(row, seen)
                records = list(self._records(row, wrong))
            except CellError as error:
                wrong.append(error)
            if not wrong:
                yield from records
            rejected.extend(Rejected.of(row.line, *error.args) for error in wrong)

    def _check(self, table: Table) -> None:
        names = {*table.columns, *self._columns}
        derived = {*self._constant, LINE, KEY, f"{KEY}.short"}
        for name in names:
            derived |= {f"{name}.short", f"{name}.of"}
        for column in self.spec.columns:
            derived |= {f"{column.name}.{part}" for part in _parts(column)}
        try:
            check_columns(self.spec, table.columns, derived)
        except DataFileError as error:
            raise DataFileError(
                error.message, where=f"{table.name}:1", advice=error.advice
            ) from None

    def _check_key(self, row: Row, seen: dict[str, int]) -> None:
        if row.wrong:
            raise CellError("", row.wrong)
        key = ", ".join(self.spec.key)
        said = self._key(row)
        short = short_form(said)
        if not short:
            raise CellError(key, "is empty, and tells no row apart")
        if short in seen:
            raise CellError(key, f"{said!r} stands in line {seen[short]} too")
        seen[short] = row.line

    def _key(self, row: Row) -> str:
        return ", ".join(filter(None, (row.cells[name] for name in self.spec.key)))

    def _records(self, row: Row, wrong: list[CellError]) -> Iterator[dict[str, str]]:
        """Yield the records of *row*; the last part of a shorter list is repeated.

        There are none where a cell does not hold what it is to hold: each such cell
        is added to *wrong*.
        """
        key = self._key(row)
        of = short_form(key)
        lists = []
        for name, text in self._all(row):
            try:
                lists.append(self._list(name, text, of))
            except CellError as error:
                wrong.append(error)
        if wrong:
            return
        for place in range(max(map(len, lists))):
            record = {**self._constant, LINE: str(row.line), KEY: key,
                      f"{KEY}.short": of}  # fmt: skip
            for parts in lists:
                record |= parts[min(place, len(parts) - 1)]
            for column in self._spans:
                record |= span(column.name, column.until, record, of)
            yield record

    def _list(self, name: str, text: str, of: str) -> list[dict[str, str]]:
        """Return what each part of the cell *text* means, in a row that is *of* a key.

        Raise CellError.
        """
        column = self._columns.get(name)
        return [
            {**self._cell(column, name, part),
             name: part, f"{name}.short": short_form(part),
             f"{name}.of": of if part else ""}
            for part in self._split(column, name, text)
        ]  # fmt: skip

    def _all(self, row: Row) -> Iterator[tuple[str, str]]:
        """Yield the cells of *row*; columns that the table lacks are empty."""
        yield from row.cells.items()
        for name in self._columns:
            if name not in row.cells:
                yield name, ""

    def _split(self, column: Column | None, name: str, text: str) -> list[str]:
        if column is None:
            return [text]
        parts = text.split(column.split) if column.split else [text]
        kept = list(dict.fromkeys(part.strip() for part in parts if part.strip()))
        if column.required and not kept:
            raise CellError(name, "is empty")
        if kept and len(kept) < column.least:
            raise CellError(
                name,
                f"names {len(kept)} of at least {column.least}; part them by"
                f" {column.split!r}",
            )
        return kept or [""]

    def _cell(self, column: Column | None, name: str, text: str) -> dict[str, str]:
        """Return what *column* makes of the cell *text*, by the derived column."""
        if column is None:
            return {}
        nothing = dict.fromkeys((f"{name}.{part}" for part in _parts(column)), "")
        if not text:
            return nothing
        key = (name, text)
        if key not in self._found:
            found = self._meaning(column, name, text)
            self._found[key] = {f"{name}.{part}": one for part, one in found.items()}
        return nothing | self._found[key]

    def _meaning(self, column: Column, name: str, text: str) -> dict[str, str]:
        meant = {}
        if column.values:
            meant["value"] = _value(column.values, name, text)
        if column.is_ == ("date",):
            is_open = name in self._ends and text in OPEN
            meant |= {"edtf": ".."} if is_open else read_date(name, text)
        elif column.is_ == ("integer",):
            if not _INTEGER.fullmatch(text):
                raise CellError(name, f"{text!r} is no whole number")
        elif column.is_:
            meant |= self._thing(column, name, text)
        return meant

    def _thing(self, column: Column, name: str, text: str) -> dict[str, str]:
        """Return the IRI of the one thing of a class of *column* that *text* names."""
        named = called(self._snapshot, text) | self._coded(text)
        found = {
            (iri.value, kind)
            for kind in column.is_
            for iri in named
            if self._is(iri, self._classes[kind])
        }
        iris = sorted({iri for iri, _ in found})
        if len(iris) == 1:
            return {"iri": iris[0], **{kind: iri for iri, kind in found}}
        if iris:
            names = ", ".join(short_name(NamedNode(iri)) for iri in iris)
            raise CellError(name, f"{text!r} may mean {names}; write the short name")
        if column.new:
            return self._new(column, name, text)
        kinds = " or ".join(column.is_)
        near = [
            one.label
            for one in nearest(self._snapshot, text[:200])
            if any(self._is(NamedNode(one.iri), c) for c in self._kinds(column))
        ]
        advice = (
            f"did you mean {', '.join(near)}?"
            if near
            else f"add it first: kg new entity … --type {column.is_[0]}"
        )
        raise CellError(name, f"no {kinds} here is called {text!r}; {advice}")

    def _new(self, column: Column, name: str, text: str) -> dict[str, str]:
        """Return the IRI of a thing that *text* is to name from now on."""
        short = short_form(text)
        iri = f"{self._base}id/{short}"
        if not short:
            raise CellError(name, f"{text!r} makes no IRI: it needs letters or digits")
        if any(self._snapshot.quads(NamedNode(iri))):
            raise CellError(
                name, f"{text!r} would be id:{short}, which is something else; add it"
                f" under another IRI first: kg new entity … --type {column.is_[0]}"
            )  # fmt: skip
        known = self._made.setdefault(short, text)
        if known != text:
            raise CellError(name, f"{text!r} is {known!r} elsewhere; write it alike")
        return {"iri": iri, "new": iri, column.is_[0]: iri}

    def _kinds(self, column: Column) -> list[NamedNode]:
        return [self._classes[kind] for kind in column.is_]

    def _is(self, iri: NamedNode, kind: NamedNode) -> bool:
        return any(self._snapshot.quads(iri, TYPE, kind, MERGED_VIEW))

    def _coded(self, text: str) -> set[NamedNode]:
        return {
            quad.subject
            for code in _CODES
            for quad in self._snapshot.quads(None, code, Literal(text), MERGED_VIEW)
            if isinstance(quad.subject, NamedNode)
        }


def _class(snapshot: Snapshot, kind: str, where: str) -> NamedNode:
    """Return the class called *kind*; raise DataFileError where there is none."""
    try:
        return find_class(snapshot, kind)
    except ParameterError as error:
        near = get_close_matches(kind, sorted(_PLAIN), n=1)
        raise DataFileError(
            f"is: {error.message}", where=where,
            advice=f"did you mean {near[0]}?" if near else error.advice,
        ) from error  # fmt: skip


def _value(values: Mapping[str, str], name: str, text: str) -> str:
    """Return what *values* has for *text*, be it in other letter case."""
    if text in values:
        return values[text]
    alike = {values[one] for one in values if one.casefold() == text.casefold()}
    if len(alike) == 1:
        return alike.pop()
    raise CellError(name, f"{text!r} is no value of it; there are {', '.join(values)}")


def _parts(column: Column) -> tuple[str, ...]:
    """Return the names of what is found in the cells of *column*."""
    values = ("value",) if column.values else ()
    if column.is_ == ("date",):
        return (*values, *DATE_PARTS)
    if not column.is_ or column.is_ == ("integer",):
        return values
    return (*values, "iri", "new", *column.is_)
