"""What came out of a series of measurements, as a section of `RESULTS.md`."""

from __future__ import annotations

import os
import platform
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

LIBRARIES = ("pyoxigraph", "rdflib", "pyshacl", "owlrl")
TITLE = "# Results\n\nThe newest on top; how they are made is told in `README.md`.\n"
OTHERS = {"closure": "owlrl", "validation": "pyshacl"}


@dataclass(slots=True)
class Outcome:
    """What a measurement told; *note* says why where it told less than asked."""

    measure: str
    size: int
    samples: dict[str, list[float]] = field(default_factory=dict)
    peak: int = 0
    note: str = ""

    def middle(self, name: str = "seconds") -> float | None:
        """Return the median of the samples called *name*; None if there are none."""
        values = self.samples.get(name)
        return median(values) if values else None


@dataclass(frozen=True, slots=True)
class Machine:
    """Where the measurements were made, and how busy it was before."""

    cores: int
    memory: int
    kernel: str
    python: str
    libraries: dict[str, str]
    load: float

    @classmethod
    def this(cls) -> Machine:
        """Return what can be told of this machine."""
        return cls(
            cores=os.cpu_count() or 0,
            memory=os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"),
            kernel=f"{platform.system()} {platform.release()}",
            python=platform.python_version(),
            libraries={name: version(name) for name in LIBRARIES},
            load=os.getloadavg()[0],
        )

    def heading(self, what: str) -> list[str]:
        """Return the lines with which a section begins that tells of *what*."""
        today = datetime.now(UTC).date().isoformat()
        return [
            f"## {today}, version {version('exequatur')}, {what}\n",
            f"{self.cores} cores, {self.memory / 2**30:.1f} GiB of memory,"
            f" {self.kernel}, Python {self.python}."
            f" The load average was {self.load:.1f} before.\n",
        ]


class Outcomes:
    """The outcomes of a series, found by measurement and size."""

    def __init__(self, outcomes: Sequence[Outcome]) -> None:
        self._found = {(o.measure, o.size): o for o in outcomes}
        self.sizes = sorted({outcome.size for outcome in outcomes})

    def get(self, measure: str, size: int) -> Outcome:
        """Return what *measure* told at *size*; an empty outcome if it was not made."""
        return self._found.get((measure, size), Outcome(measure, size, note="–"))

    def sizes_of(self, *measures: str) -> list[int]:
        """Return the sizes at which one of *measures* was tried."""
        return [s for s in self.sizes if any((m, s) in self._found for m in measures)]


def section(
    machine: Machine,
    outcomes: Sequence[Outcome],
    *,
    seed: int,
    limit: float,
    taken: float,
) -> str:
    """Return the section on *outcomes* in Markdown."""
    found = Outcomes(outcomes)
    parts = [
        *_head(machine, seed, limit, taken),
        "### Inferring all that follows\n",
        *_compared(found, "closure"),
        "### Validating everything\n",
        *_compared(found, "validation"),
        "### Building a store through the gate\n",
        *_built(found),
        "### A change of 50 quads, judged and committed\n",
        *_changed(found),
        "### Opening a store, and asking by `kg run`\n",
        *_asked(found),
        "### Making the world\n",
        *_made(found),
    ]
    return "\n".join(parts)


def add_section(path: Path, text: str) -> None:
    """Put the section *text* before the others in the file *path*."""
    before = path.read_text(encoding="utf-8") if path.exists() else TITLE
    head, mark, rest = before.partition("\n## ")
    path.write_text(f"{head.rstrip()}\n\n{text}{mark}{rest}", encoding="utf-8")


def _head(machine: Machine, seed: int, limit: float, taken: float) -> Iterator[str]:
    libraries = ", ".join(f"{name} {v}" for name, v in machine.libraries.items())
    after = os.getloadavg()[0]
    yield f"## {datetime.now(UTC):%Y-%m-%d}, version {version('exequatur')}\n"
    yield (
        f"{machine.cores} cores, {_bytes(machine.memory)} of memory, {machine.kernel},"
        f" Python {machine.python}, {libraries}. Seed {seed}. At most {limit:.0f} s for"
        f" each measurement; {taken / 60:.1f} min for all. The load average was"
        f" {machine.load:.1f} before and {after:.1f} after: what it has above 1 are"
        " other programs on the same cores, and durations vary with them.\n"
    )


def _compared(found: Outcomes, measure: str) -> Iterator[str]:
    other = OTHERS[measure]
    names = f"{measure}_by_{other}"
    what = "inferred" if measure == "closure" else "findings"
    rows = []
    for size in found.sizes_of(measure, names):
        ours, theirs = found.get(measure, size), found.get(names, size)
        rows.append(
            [
                f"{size:,}",
                _count(ours, "triples"),
                _count(ours, what),
                _duration(ours),
                _rate(ours, ours),
                _bytes(ours.peak),
                _duration(theirs),
                _rate(ours, theirs),
                _bytes(theirs.peak),
                _ratio(theirs.middle(), ours.middle()),
            ]
        )
    yield _table(
        [
            *("quads", "triples", what, "ours", "triples/s", "peak"),
            *(other, "triples/s", "peak", f"{other} : ours"),
        ],
        rows,
    )
    yield from _across_sizes(found, measure, names, other)


def _across_sizes(
    found: Outcomes, measure: str, names: str, other: str
) -> Iterator[str]:
    """Say how the rates compare where each was measured at its largest size."""
    ours = _largest(found, measure, measure)
    theirs = _largest(found, measure, names)
    if ours and theirs and ours[0] > theirs[0]:
        yield (
            f"Triples per second of ours at {ours[0]:,} quads are"
            f" {ours[1] / theirs[1]:.1f} times those of {other} at {theirs[0]:,}.\n"
        )


def _largest(found: Outcomes, counted: str, timed: str) -> tuple[int, float] | None:
    """Return the largest size with a duration, and the triples per second there."""
    for size in reversed(found.sizes):
        triples = found.get(counted, size).middle("triples")
        seconds = found.get(timed, size).middle()
        if triples and seconds:
            return size, triples / seconds
    return None


def _built(found: Outcomes) -> Iterator[str]:
    rows = []
    for size in found.sizes_of("build"):
        built = found.get("build", size)
        seconds = built.middle()
        speed = f"{size / seconds * 60 / 1e6:.3f}" if seconds else "–"
        rows.append(
            [
                f"{size:,}",
                _duration(built),
                speed,
                _count(built, "quads"),
                _bytes(built.peak),
            ]
        )
    yield _table(
        ["quads", "duration", "million quads a minute", "quads in the store", "peak"],
        rows,
    )


def _changed(found: Outcomes) -> Iterator[str]:
    rows = []
    for size in found.sizes_of("change"):
        change = found.get("change", size)
        rows.append(
            [
                f"{size:,}",
                _duration(change, "adding"),
                _duration(change, "reasoning, adding"),
                _duration(change, "writing, adding"),
                _duration(change, "removing"),
                _duration(change, "reasoning, removing"),
                _duration(change, "writing, removing"),
                _duration(change, "first adding"),
                _bytes(change.peak),
            ]
        )
    yield _table(
        [
            *("quads", "adding", "of it reasoning", "of it writing"),
            *("removing", "of it reasoning", "of it writing"),
            *("adding, the first in a process", "peak"),
        ],
        rows,
    )
    yield from _beside_all_anew(found)


def _beside_all_anew(found: Outcomes) -> Iterator[str]:
    """Yield how a change compares with inferring and validating all anew."""
    for size in found.sizes_of("validation_by_pyshacl"):
        measures = ("closure_by_owlrl", "validation_by_pyshacl")
        others = [found.get(measure, size).middle() for measure in measures]
        near = min(found.sizes_of("change"), key=lambda s: abs(s - size), default=0)
        adding = found.get("change", near).middle("adding")
        if adding and all(others):
            anew = sum(filter(None, others))
            yield (
                f"Inferring and validating all anew at {size:,} quads takes owlrl and"
                f" pyshacl {anew:.0f} s, **{anew / adding:,.0f}** times a change at"
                f" {near:,}.\n"
            )


def _asked(found: Outcomes) -> Iterator[str]:
    rows = []
    for size in found.sizes_of("opening", "asking"):
        opening, asking = found.get("opening", size), found.get("asking", size)
        rows.append([f"{size:,}", _duration(opening), _duration(asking)])
    yield _table(["quads", "opening", "`kg run` in a new process"], rows)


def _made(found: Outcomes) -> Iterator[str]:
    rows = [
        [f"{size:,}", _duration(made), _count(made, "bytes"), _bytes(made.peak)]
        for size in found.sizes_of("generate")
        for made in [found.get("generate", size)]
    ]
    yield _table(["quads", "duration", "bytes of TriG", "peak"], rows)


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---:"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines) + "\n"


def _duration(outcome: Outcome, name: str = "seconds") -> str:
    """Return the median; beside it extremes, number of samples and time of the CPU."""
    values = outcome.samples.get(name)
    if not values:
        return outcome.note or "–"
    middle, used = _seconds(median(values)), outcome.middle(f"{name}, CPU")
    told = [] if used is None else [f"CPU {_seconds(used)}"]
    if len(values) > 1:
        ends = f"{_seconds(min(values))} to {_seconds(max(values))}"
        told = [f"{ends} in {len(values)}", *told]
    return f"**{middle}** ({'; '.join(told)})" if told else middle


def _seconds(value: float) -> str:
    if value < 1:
        return f"{value * 1000:.3g} ms"
    return f"{value:.3g} s" if value < 100 else f"{value:.0f} s"


def _rate(counted: Outcome, timed: Outcome) -> str:
    triples, seconds = counted.middle("triples"), timed.middle()
    return f"{triples / seconds:,.0f}" if triples and seconds else "–"


def _ratio(one: float | None, other: float | None) -> str:
    return f"**{one / other:.1f}**" if one and other else "–"


def _count(outcome: Outcome, name: str) -> str:
    value = outcome.middle(name)
    return "–" if value is None else f"{value:,.0f}"


def _bytes(value: int) -> str:
    if not value:
        return "–"
    return f"{value / 2**20:,.0f} MiB" if value < 2**30 else f"{value / 2**30:.1f} GiB"
