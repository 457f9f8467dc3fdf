"""What of an answer stands where: the places of one of its columns, with their rows."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

from kg.names import Thing, bearers, things
from kg.positions import positions
from kg.terms import XSD, BlankNode, Literal, NamedNode

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from typing import TypeAlias

    from kg.answers import Answer
    from kg.positions import Position
    from kg.snapshot import Snapshot

    Row: TypeAlias = Sequence[Thing | None]
    Where: TypeAlias = Mapping[NamedNode, tuple[Position, ...]]

_TERMS = (NamedNode, BlankNode, Literal)
_WHOLE = f"{XSD}integer"
ROWS = "rows"
MOST_ROWS = 500
"""So many rows of an answer are drawn at most."""

_MOST_DIGITS = 15
_LEAST_PLACES, _LEAST_OTHERS = 2, 3
_SAMPLE = 24
"""By so many rows it is told which columns are worth looking up."""


@dataclass(frozen=True, slots=True)
class Spot:
    """A place, or a state at its capital, with how much is there, and what."""

    thing: Thing
    longitude: float
    latitude: float
    is_state: bool
    count: int
    names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Spots:
    """Spots, the fullest first; *unit* is what is counted, in the plural.

    *missing* rows are nowhere known to be.
    """

    spots: tuple[Spot, ...]
    unit: str = ROWS
    missing: int = 0


def spots_of(
    snapshot: Snapshot, columns: Sequence[str], rows: Sequence[Row]
) -> Spots | None:
    """Return what of an answer can be drawn on a map, None where that says little.

    One column is drawn: one where half of the things at least are somewhere, at two
    points or, where they are not places themselves, at three; rather one of places,
    events or missions than of states. Where each thing of it stands in one row, which
    ends with a whole number, that is what is counted; else the rows are.
    """
    some = rows[:_SAMPLE]
    places = range(len(columns))
    where = positions(snapshot, set(_nodes(some, places)))
    likely = [place for place in places if _is_placed(some, place, where)]
    where = positions(snapshot, set(_nodes(rows, likely)))
    known = [
        (worth, -place) for place in likely if (worth := _worth(rows, place, where))
    ]
    if not known:
        return None
    column = -max(known)[1]
    counts = _counts(rows, column)
    spots = _spots(snapshot, rows, column, where, counts)
    placed = sum(_node(row[column]) in where for row in rows)
    unit = columns[-1] if counts else ROWS
    return Spots(spots, unit, len(rows) - placed)


def answer_spots(snapshot: Snapshot, answer: Answer) -> Spots | None:
    """Return what of the first rows of *answer* can be drawn; see `spots_of`.

    A text that is the label of one thing alone stands for it.
    """
    found = list(islice(answer.rows(), MOST_ROWS))
    terms = {term for row in found for term in row if isinstance(term, _TERMS)}
    known = things(snapshot, terms)
    named = bearers(snapshot, terms, snapshot.base)
    for term, node in named.items():
        known[term] = Thing(node, known[term].label)
    rows = [
        [known.get(t) if isinstance(t, _TERMS) else None for t in row] for row in found
    ]
    return spots_of(snapshot, answer.variables, rows)


def spots_at(snapshot: Snapshot, node: NamedNode) -> Spots | None:
    """Return where *node* itself is, None where that is not known."""
    row = (things(snapshot, [node])[node],)
    where = positions(snapshot, [node])
    return Spots(_spots(snapshot, [row], 0, where, {})) if where else None


def _worth(
    rows: Sequence[Row], column: int, where: Where
) -> tuple[bool, int, int] | None:
    """Return how well a column can be drawn, None where it says nothing."""
    nodes = list(_nodes(rows, (column,)))
    found = [(node, one) for node in nodes for one in where.get(node, ())]
    direct = sum(node == one.at and not one.is_state for node, one in found)
    least = _LEAST_PLACES if 2 * direct > len(found) else _LEAST_OTHERS
    if len({(one.longitude, one.latitude) for _, one in found}) < least:
        return None
    if not _is_placed(rows, column, where):
        return None
    placed = sum(node in where for node in nodes)
    states = sum(one.is_state for _, one in found)
    return 2 * states <= len(found), placed, direct


def _is_placed(rows: Sequence[Row], column: int, where: Where) -> bool:
    """Tell whether of what a column holds half at least is somewhere."""
    given = sum(row[column] is not None for row in rows)
    placed = sum(node in where for node in _nodes(rows, (column,)))
    return 0 < given <= 2 * placed


def _counts(rows: Sequence[Row], column: int) -> Mapping[NamedNode, int]:
    """Return the number at the end of each thing's row, if that is what it is."""
    found: dict[NamedNode, int] = {}
    for row in rows:
        node, last = _node(row[column]), row[-1]
        number = _number(last)
        if node in found or number is None:
            return {}
        if node:
            found[node] = number
    return found


def _number(thing: Thing | None) -> int | None:
    term = thing.term if thing else None
    if not isinstance(term, Literal) or term.datatype.value != _WHOLE:
        return None
    is_number = term.value.isdecimal() and len(term.value) <= _MOST_DIGITS
    return int(term.value) if is_number else None


def _spots(
    snapshot: Snapshot,
    rows: Sequence[Row],
    column: int,
    where: Where,
    counts: Mapping[NamedNode, int],
) -> tuple[Spot, ...]:
    count: defaultdict[Position, int] = defaultdict(int)
    names: defaultdict[Position, dict[str, None]] = defaultdict(dict)
    for row in rows:
        node = _node(row[column])
        for one in where.get(node, ()) if node else ():
            count[one] += counts.get(node, 1) if node else 1
            there = row[0] if node == one.at else row[column]
            if there and there.term != one.at:
                names[one][there.label] = None
    known = things(snapshot, {one.at for one in count})
    spots = [
        Spot(
            known[one.at], one.longitude, one.latitude, one.is_state, number,
            tuple(names[one]),
        )
        for one, number in count.items()
    ]  # fmt: skip
    return tuple(sorted(spots, key=lambda s: (-s.count, s.thing.label, str(s.thing))))


def _nodes(rows: Sequence[Row], columns: Sequence[int]) -> Iterator[NamedNode]:
    for row in rows:
        yield from (node for place in columns if (node := _node(row[place])))


def _node(thing: Thing | None) -> NamedNode | None:
    term = thing.term if thing else None
    return term if isinstance(term, NamedNode) else None
