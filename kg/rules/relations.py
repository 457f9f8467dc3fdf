"""Triples by number, sorted into relations: one for each property and each class."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from kg.rules.columns import NO_ROWS, are_in, firsts, packed, seconds

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from kg.rules.columns import Column
    from kg.rules.joins import Fact, Key

    Relations: TypeAlias = dict[Key, Column]
    Rows: TypeAlias = NDArray[np.int32]


def relations_of(rows: Rows, type_: int) -> Relations:
    """Return *rows* (graph, subject, predicate, object) without their graphs.

    *type_* is the number of rdf:type: what it relates is sorted by class.
    """
    found: Relations = {}
    for predicate, part in _groups(rows, 2):
        if predicate != type_:
            found[predicate, -1] = np.unique(packed(part[:, 1], part[:, 3]))
            continue
        for cls, members in _groups(part, 3):
            found[predicate, cls] = np.unique(members[:, 1].astype(np.int64))
    return found


class Listed:
    """Relations as rows of the graph with that number, made as they are asked for."""

    def __init__(self, relations: Relations, graph: int) -> None:
        self._relations = sorted(relations.items())
        self._graph = graph
        self._length = sum(map(len, relations.values()))

    def __len__(self) -> int:
        return self._length

    def __getitem__(self, part: slice) -> Rows:
        begin, end, _ = part.indices(self._length)
        found = np.empty((max(end - begin, 0), 4), np.int32)
        first = -begin
        for key, column in self._relations:
            last = first + len(column)
            here = slice(max(first, 0), min(last, len(found)))
            if here.start < here.stop:
                rows = column[here.start - first : here.stop - first]
                self._fill(found[here], key, rows)
            first = last
        return found

    def _fill(self, part: Rows, key: Key, column: Column) -> None:
        predicate, cls = key
        part[:, 0], part[:, 2] = self._graph, predicate
        part[:, 1] = column if cls >= 0 else firsts(column)
        part[:, 3] = cls if cls >= 0 else seconds(column)


def united(*several: Relations) -> Relations:
    """Return what any of *several* has."""
    found: Relations = {}
    for relations in several:
        for key, column in relations.items():
            found[key] = np.union1d(found[key], column) if key in found else column
    return found


def without(relations: Relations, others: Relations) -> Relations:
    """Return what *relations* have and *others* have not."""
    kept = {
        key: column[~are_in(others.get(key, NO_ROWS), column)]
        for key, column in relations.items()
    }
    return {key: column for key, column in kept.items() if len(column)}


def has(relations: Relations, fact: Fact, type_: int) -> bool:
    """Tell whether *relations* have *fact*."""
    predicate, subject, value = fact
    is_class = predicate == type_
    column = relations.get((predicate, value if is_class else -1), NO_ROWS)
    wanted, values = np.array([subject], np.int64), np.array([value], np.int64)
    return bool(are_in(column, wanted if is_class else packed(wanted, values))[0])


def _groups(rows: Rows, place: int) -> Iterator[tuple[int, Rows]]:
    """Yield the *rows* that have the same number at *place*, with that number."""
    order = np.argsort(rows[:, place], kind="stable")
    numbers, begins = np.unique(rows[order, place], return_index=True)
    for number, part in zip(
        numbers.tolist(), np.split(order, begins[1:]), strict=False
    ):
        yield number, rows[part]
