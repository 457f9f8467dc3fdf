"""Draw what was measured: `python -m bench.plots`.

Each figure is made from the plain data in `bench/results/`, and written as SVG to
`docs/plots/`. The same data make the same figures.
"""

from __future__ import annotations

import json
import math
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

import click

from bench.peers.telling import OURS
from kg.pictures.svg import Picture, element, number, text_element

RESULTS = Path(__file__).with_name("results")
PLOTS = Path(__file__).parent.parent / "docs" / "plots"

Lines: TypeAlias = dict[str, list[tuple[float, float]]]
"""The points of each engine, by size."""

COLOURS = ("state", "event", "organisation", "person", "text", "place")
"""Ours is the first; the others come as they do in the data."""

_WIDE, _HIGH, _LEFT, _RIGHT, _TOP, _BOTTOM = 720.0, 380.0, 64.0, 150.0, 44.0, 52.0
_FONT, _SMALL, _STEP, _DOT = 13.0, 11.5, 16.0, 4.0


@dataclass(frozen=True, slots=True)
class Figure:
    """What of the data in *source* is drawn, over the number of *things*."""

    source: str
    title: str
    things: str
    size: str
    value: Callable[[dict[str, Any]], float | None]

    def lines(self, data: dict[str, Any]) -> Lines:
        """Return the points to draw; what was not measured has none."""
        found: Lines = defaultdict(list)
        for row in data["rows"]:
            value = self.value(row)
            if value:
                found[row["engine"]].append((row[self.size], value))
        return {name: sorted(found[name]) for name in sorted(found, key=_ours_first)}


def _ours_first(name: str) -> bool:
    return name != OURS


FIGURES = {
    "validation": Figure(
        "validation", "Validation: seconds of CPU from the files to the report",
        "quads in the world", "size", lambda row: row["cpu"],
    ),
    "reasoning": Figure(
        "reasoning", "Reasoning: seconds of CPU from the file to all that follows",
        "quads in the world", "size", lambda row: row["cpu"],
    ),
    "loading": Figure(
        "loading", "Loading: seconds of CPU from the file to the store",
        "quads in the file", "size", lambda row: row["cpu"],
    ),
    "asking": Figure(
        "reading-and-writing", "Asking: milliseconds of CPU that an answer takes",
        "triples", "triples", lambda row: row["cpu"] and row["cpu"] * 1000,
    ),
    "asking-beside-a-writer": Figure(
        "reading-and-writing", "Asking while something is written: answers a second",
        "triples", "triples", lambda row: row["beside"]["a_second"],
    ),
    "writing": Figure(
        "reading-and-writing", "Writing beside readers: changes a second",
        "triples", "triples", lambda row: row["changes"]["a_second"],
    ),
}  # fmt: skip
"""The figures by name, which is also that of the file."""


class Scale:
    """A logarithmic scale over whole powers of ten, from one end to the other."""

    def __init__(self, values: list[float], start: float, end: float) -> None:
        self.low = math.floor(math.log10(min(values)) + 1e-9)
        self.high = max(math.ceil(math.log10(max(values)) - 1e-9), self.low + 1)
        self._start, self._end = start, end

    def place(self, value: float) -> float:
        """Return where *value* stands."""
        part = (math.log10(value) - self.low) / (self.high - self.low)
        return self._start + part * (self._end - self._start)

    def marks(self) -> Iterator[tuple[float, str]]:
        """Yield where the powers of ten stand, and how they are written."""
        for power in range(self.low, self.high + 1):
            yield self.place(10.0**power), said(10.0**power)


def said(value: float) -> str:
    """Return a number as it is written at an axis."""
    return f"{value:,.0f}" if value >= 1 else f"{value:.6f}".rstrip("0")


def draw(figure: Figure, data: dict[str, Any]) -> Picture:
    """Return *figure* as a picture, with its numbers in the description."""
    lines = figure.lines(data)
    points = [point for line in lines.values() for point in line]
    across = Scale([x for x, _ in points], _LEFT, _WIDE - _RIGHT)
    up = Scale([y for _, y in points], _HIGH - _BOTTOM, _TOP)
    drawn = [*_frame(figure, across, up)]
    ends = _apart({name: up.place(line[-1][1]) for name, line in lines.items()})
    for (name, line), colour in zip(lines.items(), COLOURS, strict=False):
        drawn += _line(name, line, colour, across, up, ends[name])
    told = "; ".join(
        f"{name}: {', '.join(f'{said(x)} {y:.3g}' for x, y in line)}"
        for name, line in lines.items()
    )
    return Picture("plot", figure.title, told, _WIDE, _HIGH, "".join(drawn))


def _frame(figure: Figure, across: Scale, up: Scale) -> Iterator[str]:
    yield _text(figure.title, 12, 24, _FONT + 1, class_="strong")
    for x, told in across.marks():
        yield _rule(x, _TOP, x, _HIGH - _BOTTOM)
        yield _text(told, x, _HIGH - _BOTTOM + 18, _SMALL, text_anchor="middle")
    for y, told in up.marks():
        yield _rule(_LEFT, y, _WIDE - _RIGHT, y)
        yield _text(told, _LEFT - 8, y + 4, _SMALL, text_anchor="end")
    middle = (_LEFT + _WIDE - _RIGHT) / 2
    yield _text(
        figure.things, middle, _HIGH - 12, _SMALL, text_anchor="middle", class_="soft"
    )


def _line(
    name: str,
    line: list[tuple[float, float]],
    colour: str,
    across: Scale,
    up: Scale,
    end: float,
) -> Iterator[str]:
    """Yield the points of one engine, the line between them, and its name."""
    places = [(across.place(x), up.place(y)) for x, y in line]
    path = "L".join(f"{number(x)} {number(y)}" for x, y in places)
    if len(places) > 1:
        width = 2.6 if name == OURS else 1.5
        yield element(
            "path", d=f"M{path}", class_=f"edge {colour}", style=f"stroke-width:{width}"
        )
    for x, y in places:
        yield element("circle", cx=x, cy=y, r=_DOT, class_=colour)
    x, y = places[-1]
    strong = "strong" if name == OURS else None
    right = _WIDE - _RIGHT + 14
    if right - x < _RIGHT:  # one that ends before the others is told by its colour
        leads = f"M{number(x + 6)} {number(y)}L{number(right - 4)} {number(end)}"
        yield element("path", d=leads, class_="axis")
    yield element("circle", cx=right + 2, cy=end, r=_DOT, class_=colour)
    yield _text(name, right + 11, end + 4, _SMALL, class_=strong)


def _apart(ends: dict[str, float]) -> dict[str, float]:
    """Return where names stand, so that none stands upon another."""
    placed: dict[str, float] = {}
    lowest = -math.inf
    for name in sorted(ends, key=ends.__getitem__):
        placed[name] = lowest = max(ends[name], lowest + _STEP)
    over = lowest - (_HIGH - _BOTTOM)
    return {name: y - max(over, 0) for name, y in placed.items()}


def _text(
    text: str, x: float, y: float, size: float, **attributes: str | float | None
) -> str:
    return text_element("text", text, x=x, y=y, font_size=size, **attributes)


def _rule(x: float, y: float, to_x: float, to_y: float) -> str:
    path = f"M{number(x)} {number(y)}L{number(to_x)} {number(to_y)}"
    return element("path", d=path, class_="axis")


def figures(results: Path = RESULTS) -> Iterator[tuple[str, Picture]]:
    """Yield the name of each figure and its picture, of data that are there."""
    for name, figure in FIGURES.items():
        source = results / f"{figure.source}.json"
        if source.exists():
            data = json.loads(source.read_text(encoding="utf-8"))
            yield name, draw(figure, data)


@click.command()
@click.option("--results", type=click.Path(path_type=Path, exists=True),
              default=RESULTS, help="The folder of the data.")  # fmt: skip
@click.option("-o", "--output", type=click.Path(path_type=Path), default=PLOTS,
              help="The folder of the figures.")  # fmt: skip
def main(results: Path, output: Path) -> None:
    """Draw all figures anew."""
    output.mkdir(exist_ok=True)
    for name, picture in figures(results):
        (output / f"{name}.svg").write_text(picture.file(), encoding="utf-8")
        click.echo(f"{output / name}.svg")


if __name__ == "__main__":
    main()
