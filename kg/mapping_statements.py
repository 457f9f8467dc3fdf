"""What the rows of a table state, held as numbers: each quad, with its rows' lines."""

from __future__ import annotations

from array import array
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from kg.canonical import canonical_literals
from kg.dataset import Dataset, Held
from kg.rules import Numbers
from kg.rules.packed import PackedNumbers
from kg.terms import NamedNode

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from kg.dataset import Rows
    from kg.terms import Quad, Term

_SUBJECT, _OBJECT, _LINE = 1, 3, 4
"""Columns; those before the line are of a dataset."""


class Gathering:
    """Takes in what rows state, and puts it into one *graph*."""

    def __init__(self, graph: NamedNode) -> None:
        self._numbers = PackedNumbers(Numbers())
        self._graph = self._numbers.number(graph)
        self._given: list[Rows] = []

    def take_in(self, quads: Iterable[Quad], row_graph: str) -> None:
        """Take in *quads*, each of the graph *row_graph* with its row's line behind."""
        begin, known, lines = len(row_graph), dict[object, int](), array("i")

        def terms() -> Iterator[tuple[object, object, object]]:
            for quad in quads:
                row = quad.graph_name
                line = known.get(row)
                if line is None:
                    told = row.value[begin:] if isinstance(row, NamedNode) else "0"
                    line = known[row] = int(told)
                lines.append(line)
                yield quad.subject, quad.predicate, quad.object

        rows = self._numbers.rows_of(terms(), 3)
        graph = np.full(len(rows), self._graph, np.int32)
        self._given.append(np.column_stack((graph, rows, np.array(lines, np.int32))))

    def statements(self) -> Statements:
        """Return all that was taken in, literals in canonical form."""
        given = np.concatenate((np.empty((0, _LINE + 1), np.int32), *self._given))
        self._given = []
        numbers = self._numbers
        typed = {literal: number for number, literal in numbers.typed_literals()}
        moved = canonical_literals(typed)
        if moved:
            table = np.arange(len(numbers), dtype=np.int32)
            for literal, kept in moved.items():
                table[typed[literal]] = numbers.number(kept)
            given[:, _OBJECT] = table[given[:, _OBJECT]]
        order = np.lexsort(given.T[::-1])
        notes = (f"{one} is stored as {kept}" for one, kept in moved.items())
        return Statements(numbers, given[order], tuple(sorted(notes)))


class Statements:
    """Quads, each with the lines of the rows that state it; *notes* as of a change.

    *rows* have the numbers of a quad, as those of a dataset, and a line; in order.
    """

    def __init__(
        self, numbers: PackedNumbers, rows: Rows, notes: tuple[str, ...]
    ) -> None:
        self.notes = notes
        self._numbers = numbers
        self._rows = rows

    def __bool__(self) -> bool:
        """Tell whether there are any."""
        return bool(len(self._rows))

    def held_with(self, others: Iterable[Quad]) -> Held:
        """Return the quads, and *others*, as a set that is held as numbers."""
        dataset = Dataset(self._numbers)
        dataset.add_rows(self._rows[:, :_LINE])
        dataset.add_all(others)
        return Held(dataset, dataset.rows)

    def without(self, lines: Iterable[int]) -> Statements:
        """Return what is stated by no row of *lines* alone."""
        bad = np.isin(self._rows[:, _LINE], np.array(sorted(lines), np.int32))
        return Statements(self._numbers, self._rows[~bad], self.notes)

    def lines_of(self, quad: Quad) -> frozenset[int]:
        """Return the lines of the rows that state *quad*."""
        terms = (quad.graph_name, quad.subject, quad.predicate, quad.object)
        first, last = 0, len(self._rows)
        for column, number in enumerate(map(self._numbers.find, terms)):
            begin, end = _places(self._rows[first:last, column], number)
            first, last = first + begin, first + end
        return frozenset(self._rows[first:last, _LINE].tolist())

    def lines_about(self, term: Term) -> frozenset[int]:
        """Return the lines that say something of *term*, else those that name it."""
        number = self._numbers.find(term)
        # All of them are of one graph, and so in order of their subjects.
        first, last = _places(self._rows[:, _SUBJECT], number)
        if first < last:
            return frozenset(self._rows[first:last, _LINE].tolist())
        first, last = _places(self._by_object[:, 0], number)
        return frozenset(self._by_object[first:last, 1].tolist())

    @cached_property
    def _by_object(self) -> Rows:
        """The object and the line of each of the rows, in order of the objects."""
        named = self._rows[:, (_OBJECT, _LINE)]
        return named[np.argsort(named[:, 0], kind="stable")]


def _places(column: Rows, number: int) -> tuple[int, int]:
    """Return where *number* begins and ends in an ordered *column*."""
    first, last = np.searchsorted(column, np.array((number, number + 1), np.int32))
    return int(first), int(last)
