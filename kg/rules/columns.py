"""Facts as sorted columns of numbers, and joins over all of them at once.

A relation is the pairs of one property, or the members of one class. Its rows are kept
in one sorted array, subject before value, each pair packed into one number; so a join
is a binary search for whole columns, and a fact costs eight bytes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from kg.rules.joins import Fact, Key, Pattern

Column: TypeAlias = NDArray[np.int64]
"""Numbers of terms, or packed pairs of them."""
Mask: TypeAlias = NDArray[np.bool_]
Numbers: TypeAlias = "NDArray[np.int64] | NDArray[np.int32]"
Place: TypeAlias = "Column | int | None"
"""What an end of a pattern is in each row: a column, one number for all, or open."""

_SHIFT = 32
_LOW = (1 << _SHIFT) - 1
NO_ROWS: Column = np.empty(0, np.int64)


def packed(subjects: Numbers, values: Numbers) -> Column:
    """Return pairs as single numbers, ordered by subject, then by value."""
    return np.asarray((np.asarray(subjects, np.int64) << _SHIFT) | values, np.int64)


def firsts(pairs: Column) -> Column:
    """Return the first number of each packed pair."""
    return pairs >> _SHIFT


def seconds(pairs: Column) -> Column:
    """Return the second number of each packed pair."""
    return pairs & _LOW


def are_in(rows: Column, wanted: Column) -> Mask:
    """Tell for each of *wanted* whether the sorted *rows* have it."""
    if not len(rows):
        return np.zeros(len(wanted), np.bool_)
    places = np.searchsorted(rows, wanted)
    places[places == len(rows)] = 0
    return np.asarray(rows[places] == wanted, np.bool_)


def turned(pairs: Column) -> Column:
    """Return packed pairs with the second number before the first, sorted."""
    return np.sort(packed(seconds(pairs), firsts(pairs)))


def pairs_from(rows: Column, ends: Column) -> tuple[Column, Column]:
    """Follow each of *ends* in the sorted pairs *rows*.

    Return what they lead to, behind the places in *ends* that it is reached from.
    """
    begin = np.searchsorted(rows, ends << _SHIFT)
    counts = np.searchsorted(rows, (ends + 1) << _SHIFT) - begin
    places = np.repeat(np.arange(len(ends)), counts)
    offsets = np.repeat(begin - (np.cumsum(counts) - counts), counts)
    return places, seconds(rows[np.arange(len(places)) + offsets])


class Relation:
    """The pairs of one property, packed, or the members of one class."""

    __slots__ = ("_turned", "is_class", "rows")

    def __init__(self, *, is_class: bool) -> None:
        self.is_class = is_class
        self.rows = NO_ROWS
        self._turned: Column | None = None

    def add(self, rows: Iterable[Column]) -> Column:
        """Take in *rows*, in any order; return those that are new, sorted."""
        given = np.unique(np.concatenate([*rows, NO_ROWS]))
        new = given[~are_in(self.rows, given)]
        if len(new):
            self.rows = np.sort(np.concatenate([self.rows, new]), kind="stable")
            self._turned = None
        return new

    def turned(self) -> Column:
        """Return the pairs with the value before the subject, sorted."""
        if self._turned is None:
            self._turned = turned(self.rows)
        return self._turned

    def split(self, rows: Column) -> tuple[Column, Column | None]:
        """Return the subjects of *rows*, and their values; a class has none."""
        return (rows, None) if self.is_class else (firsts(rows), seconds(rows))


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of variables: a column for each that is bound, all *length* long."""

    length: int
    columns: dict[int, Column]

    def at(self, place: int) -> Place:
        """Return what a pattern's place is: ~k stands for the variable k."""
        return place if place >= 0 else self.columns.get(~place)

    def where(self, mask: Mask) -> Table:
        """Return only the rows that *mask* keeps."""
        columns = {k: column[mask] for k, column in self.columns.items()}
        return Table(int(np.count_nonzero(mask)), columns)

    def spread(self, counts: Column) -> Table:
        """Return each row as often as *counts* says."""
        columns = {k: np.repeat(c, counts) for k, c in self.columns.items()}
        return Table(int(counts.sum()), columns)

    def binding(self, place: int, column: Column) -> Table:
        """Return the rows with the variable at *place* bound; a constant must fit.

        Where it is bound already, only the rows that agree stay.
        """
        known = self.at(place)
        if known is None:
            return Table(self.length, {**self.columns, ~place: column})
        return self.where(np.asarray(column == known, np.bool_))


class Columns:
    """All relations, by property, or by class as the value of rdf:type."""

    def __init__(self, type_: int) -> None:
        self.type = type_
        self.relations: dict[Key, Relation] = {}

    def relation(self, key: Key) -> Relation:
        """Return the relation of *key*, empty if nothing is known of it."""
        if key not in self.relations:
            self.relations[key] = Relation(is_class=key[0] == self.type)
        return self.relations[key]

    def key(self, pattern: Pattern) -> Key:
        """Return the key of the relation that *pattern* looks in."""
        predicate, _, value = pattern
        return predicate, value if predicate == self.type else -1

    def started(self, pattern: Pattern, rows: Column) -> Table:
        """Return the variables of *pattern* where it meets *rows* of its relation."""
        relation = self.relation(self.key(pattern))
        subjects, values = relation.split(rows)
        table = Table(len(rows), {}).binding(pattern[1], subjects)
        if values is None:
            return table
        if table.length != len(rows):  # the subject is a constant
            values = values[np.asarray(subjects == pattern[1], np.bool_)]
        return table.binding(pattern[2], values)

    def joined(self, table: Table, pattern: Pattern) -> Table:
        """Return *table* where *pattern* holds too, with its variables bound."""
        relation = self.relation(self.key(pattern))
        subject = table.at(pattern[1])
        if relation.is_class:
            if subject is None:
                return _crossed(table, pattern[1], relation.rows)
            return table.where(are_in(relation.rows, _column(subject, table)))
        value = table.at(pattern[2])
        if subject is not None and value is not None:
            pairs = packed(_column(subject, table), _column(value, table))
            return table.where(are_in(relation.rows, pairs))
        if subject is not None:
            return _followed(table, subject, relation.rows, pattern[2])
        if value is not None:
            return _followed(table, value, relation.turned(), pattern[1])
        both = _crossed(table, pattern[1], firsts(relation.rows))
        return both.binding(pattern[2], np.tile(seconds(relation.rows), table.length))

    # A view to look for proofs in.

    def holds(self, fact: Fact) -> bool:
        """Tell whether *fact* holds."""
        relation = self.relation(self.key(fact))
        row = fact[1] if relation.is_class else (fact[1] << _SHIFT) | fact[2]
        return bool(are_in(relation.rows, np.array([row], np.int64))[0])

    def values(self, predicate: int, subject: int) -> list[int]:
        """Return what *predicate* relates *subject* to."""
        if predicate == self.type:
            return [
                cls
                for (_, cls), relation in self.relations.items()
                if relation.is_class and self.holds((predicate, subject, cls))
            ]
        rows = self.relation((predicate, -1)).rows
        return _other_ends(rows, subject)

    def subjects(self, predicate: int, value: int) -> list[int]:
        """Return what *predicate* relates to *value*."""
        if predicate == self.type:
            members: list[int] = self.relation((predicate, value)).rows.tolist()
            return members
        return _other_ends(self.relation((predicate, -1)).turned(), value)

    def facts(self, key: Key, rows: Column) -> Iterator[Fact]:
        """Yield *rows* of the relation of *key* as facts."""
        relation = self.relation(key)
        subjects, values = relation.split(rows)
        if values is None:
            yield from ((key[0], s, key[1]) for s in subjects.tolist())
        else:
            ends = zip(subjects.tolist(), values.tolist(), strict=True)
            yield from ((key[0], s, o) for s, o in ends)


def _column(place: Column | int, table: Table) -> Column:
    if isinstance(place, int):
        return np.full(table.length, place, np.int64)
    return place


def _crossed(table: Table, place: int, column: Column) -> Table:
    counts = np.full(table.length, len(column), np.int64)
    return table.spread(counts).binding(place, np.tile(column, table.length))


def _followed(table: Table, known: Column | int, rows: Column, place: int) -> Table:
    """Bind *place* to what the sorted *rows* relate the *known* end to."""
    places, found = pairs_from(rows, _column(known, table))
    columns = {k: column[places] for k, column in table.columns.items()}
    return Table(len(found), columns).binding(place, found)


def _other_ends(rows: Column, end: int) -> list[int]:
    begin, stop = np.searchsorted(rows, [end << _SHIFT, (end + 1) << _SHIFT])
    found: list[int] = seconds(rows[begin:stop]).tolist()
    return found
