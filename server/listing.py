"""A document beside its findings: its lines with numbers, most others left out."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kg.lines import split_lines

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from kg.report import Finding
    from server.problems import Problem

SHORT = 60
"""So many lines are shown whole."""

AROUND = 3
"""So many lines are shown before and after one of which something is said."""

MOST_LINES = 400
MOST_CHARACTERS = 300
"""So much is shown of a document, and of a line."""

_PLACE = re.compile(r":(\d+)(?::(\d+))?$")


@dataclass(frozen=True, slots=True)
class Mark:
    """What is said at a line: a finding, by its number in the report."""

    number: int
    severity: str


@dataclass(frozen=True, slots=True)
class Row:
    """A line in three parts, the middle one at fault; or *left_out* lines."""

    number: int
    before: str = ""
    fault: str = ""
    after: str = ""
    cut: int = 0
    marks: tuple[Mark, ...] = ()
    left_out: int = 0


@dataclass(frozen=True, slots=True)
class Listing:
    """The lines of the document *name* that are shown; *key* begins their anchors."""

    key: str
    name: str
    rows: tuple[Row, ...]


Place = tuple[str, int]


def of_findings(
    texts: Mapping[str, str],
    findings: Sequence[Finding],
    places: Sequence[Place | None],
) -> list[Listing]:
    """Return each of *texts* with its findings at the *places* of these."""
    marks: dict[Place, list[Mark]] = {}
    for number, (finding, place) in enumerate(
        zip(findings, places, strict=True), start=1
    ):
        if place is not None:
            marks.setdefault(place, []).append(Mark(number, str(finding.severity)))
    return [
        Listing(
            f"d{index}",
            name,
            _rows(text, {at: told for (of, at), told in marks.items() if of == name}),
        )
        for index, (name, text) in enumerate(texts.items(), start=1)
    ]


def of_problem(name: str, text: str, problem: Problem) -> list[Listing]:
    """Return *text* with the place where it cannot be read; none where none is told."""
    found = _PLACE.search(problem.where)
    if found is None or not problem.where.startswith(f"{name}:"):
        return []
    line, column = int(found[1]), int(found[2] or 0)
    return [Listing("d1", name, _rows(text, {line: []}, column=column))]


def _rows(
    text: str, marks: Mapping[int, list[Mark]], *, column: int = 0
) -> tuple[Row, ...]:
    lines = split_lines(text)
    if lines[-1] == "" and len(lines) > 1 and len(lines) not in marks:
        lines.pop()
    return tuple(_with_gaps(lines, _shown(len(lines), marks), marks, column))


def _shown(count: int, marks: Mapping[int, list[Mark]]) -> list[int]:
    if count <= SHORT:
        return list(range(1, count + 1))
    found: set[int] = set()
    for line in sorted(marks) or [1]:
        found.update(range(max(1, line - AROUND), min(count, line + AROUND) + 1))
        if len(found) >= MOST_LINES:
            break
    return sorted(found)


def _with_gaps(
    lines: list[str],
    shown: list[int],
    marks: Mapping[int, list[Mark]],
    column: int,
) -> Iterator[Row]:
    last = 0
    for number in (*shown, len(lines) + 1):
        if number - last > 1:
            yield Row(last + 1, left_out=number - last - 1)
        if number <= len(lines):
            told = tuple(marks.get(number, ()))
            at_fault = column if column and number in marks else 0
            yield _row(number, lines[number - 1], told, at_fault)
        last = number


def _row(number: int, line: str, marks: tuple[Mark, ...], column: int) -> Row:
    """Return a line, of a long one the part before and after *column*."""
    place = min(column - 1, len(line)) if column else len(line)
    start = max(0, place - MOST_CHARACTERS // 2) if column else 0
    end = start + MOST_CHARACTERS
    return Row(
        number,
        line[start:place][:MOST_CHARACTERS],
        line[place : place + 1],
        line[place + 1 : end],
        cut=max(0, len(line) - MOST_CHARACTERS),
        marks=marks,
    )
