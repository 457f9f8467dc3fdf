"""What was measured beside others: as a section of `RESULTS.md`, and as plain data."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from importlib.metadata import version
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from bench.results import Machine

OURS = "Exequatur"


@dataclass(slots=True)
class Row:
    """One engine at one size; *missing* and *more* are told beside our answers."""

    size: int
    triples: int
    engine: str
    seconds: float | None = None
    cpu: float | None = None
    peak: int | None = None
    answers: int | None = None
    missing: int | None = None
    more: int | None = None
    note: str = ""


@dataclass(slots=True)
class Measured:
    """A whole series: what *task* was done by which *versions*, and how it went."""

    task: str
    title: str
    about: str
    limit: float
    counted: str = "answers"
    versions: dict[str, str] = field(default_factory=dict)
    rows: list[Row] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def ours(self, size: int) -> Row | None:
        """Return our row of a size, if there is one."""
        found = (r for r in self.rows if (r.size, r.engine) == (size, OURS))
        return next(found, None)


def section(found: Measured, machine: Machine, after: float) -> str:
    """Return *found* in Markdown; *after* is the load average after it."""
    engines = ", ".join(f"{name} {version}" for name, version in found.versions.items())
    head = (
        f"## {_today()}, version {version('exequatur')}, {found.title}\n\n"
        f"{engines}. {machine.cores} cores, {machine.memory / 2**30:.1f} GiB of memory,"
        f" {machine.kernel}, Python {machine.python}. The load average was"
        f" {machine.load:.1f} before and {after:.1f} after: other programs ran on the"
        f" same cores, so that the CPU tells more than the clock. {found.about}\n"
    )
    columns = ["quads", "in the files", "engine", "CPU", ": ours", "clock", "peak"]
    is_compared = any(row.missing is not None for row in found.rows)
    columns += [found.counted]
    columns += ["of ours missing", "others"] if is_compared else []
    lines = [
        f"| {' | '.join(columns)} |",
        f"| ---: | ---: | --- |{' ---: |' * (len(columns) - 3)}",
        *(_line(found, row, is_compared=is_compared) for row in found.rows),
    ]
    notes = [f"- {note}" for note in found.notes]
    return "\n".join([head, *lines, "", *notes, *([""] if notes else [])])


def write_data(found: Measured, machine: Machine, after: float, path: Path) -> None:
    """Write *found* as plain data, which plots are made from, to *path*."""
    data = {
        "task": found.task,
        "title": found.title,
        "date": _today(),
        "version": version("exequatur"),
        "python": machine.python,
        "cores": machine.cores,
        "load": [round(machine.load, 1), round(after, 1)],
        "limit": found.limit,
        "versions": found.versions,
        "rows": [asdict(row) for row in found.rows],
    }
    path.parent.mkdir(exist_ok=True)
    text = json.dumps(data, indent=1, ensure_ascii=False)
    path.write_text(f"{text}\n", encoding="utf-8")


def _today() -> str:
    return f"{datetime.now(UTC):%Y-%m-%d}"


def _line(found: Measured, row: Row, *, is_compared: bool) -> str:
    return f"| {' | '.join(_cells(found, row, is_compared=is_compared))} |"


def _cells(found: Measured, row: Row, *, is_compared: bool) -> Iterator[str]:
    yield from (f"{row.size:,}", f"{row.triples:,}", row.engine)
    if row.cpu is None:
        yield row.note or "–"
        yield from ["–"] * (6 if is_compared else 4)
        return
    ours = found.ours(row.size)
    yield f"**{_seconds(row.cpu)}**"
    yield _ratio(row.cpu / ours.cpu) if ours and ours.cpu else "–"
    yield "–" if row.seconds is None else _seconds(row.seconds)
    yield "–" if row.peak is None else f"{row.peak / 2**20:,.0f} MiB"
    yield _count(row.answers)
    if is_compared:
        yield from map(_count, (row.missing, row.more))


def _ratio(value: float) -> str:
    return f"{value:,.0f}" if value >= 10 else f"{value:.2g}"


def _count(number: int | None) -> str:
    return "–" if number is None else f"{number:,}"


def _seconds(value: float) -> str:
    return f"{value * 1000:,.0f} ms" if value < 1 else f"{value:,.1f} s"
