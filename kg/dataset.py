"""A whole dataset by numbers: four columns, small enough to hold millions of quads."""

from __future__ import annotations

import hashlib
from array import array
from collections.abc import Set as AbstractSet
from itertools import groupby, islice
from typing import TYPE_CHECKING, NamedTuple, TypeAlias, cast

import numpy as np
from numpy.typing import NDArray

from kg.canonical import canonical_literals
from kg.rules.packed import text_of
from kg.terms import DefaultGraph, Literal, NamedNode, Quad

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from kg.rules.columns import Mask
    from kg.rules.packed import PackedNumbers
    from kg.terms import GraphName, Node, Term

Rows: TypeAlias = NDArray[np.int32]

_CHUNK = 100_000
"""So many quads are taken in, and written out, at once."""


class Part(NamedTuple):
    """Some quads as *rows* of the numbers of their *texts*, which are theirs alone.

    Literals are as the engine keeps them; *notes* tell which had another form.
    """

    rows: Rows
    texts: list[bytes]
    notes: list[str]


def parts_of(quads: Iterable[Quad], *, are_kept: bool = False) -> Iterator[Part]:
    """Yield *quads*, a good many at once; *are_kept* as they are by the engine."""
    left = iter(quads)
    while True:
        here: dict[object, int] = {}
        given = array("i")
        known, extend = here.setdefault, given.extend
        for quad in islice(left, _CHUNK):
            extend((
                known(quad.graph_name, len(here)),
                known(quad.subject, len(here)),
                known(quad.predicate, len(here)),
                known(quad.object, len(here)),
            ))  # fmt: skip
        if not given:
            return
        rows, terms = np.frombuffer(given, np.int32).reshape(-1, 4), list(here)
        if are_kept:
            yield Part(rows, list(map(text_of, terms)), [])
        else:
            yield _part(rows, terms)


def _part(rows: Rows, terms: list[object]) -> Part:
    kept = canonical_literals(term for term in terms if isinstance(term, Literal))
    if not kept:
        return Part(rows, list(map(text_of, terms)), [])
    texts: dict[bytes, int] = {}
    forms = [kept.get(cast("Literal", term), term) for term in terms]
    moved = [texts.setdefault(text_of(form), len(texts)) for form in forms]
    notes = [f"{term} is stored as {form}" for term, form in kept.items()]
    return Part(np.array(moved, np.int32)[rows], list(texts), notes)


class Dataset:
    """Quads as rows of numbers: graph, subject, predicate, object.

    Literals are held as the engine keeps them; *notes* tell which had another form.
    """

    def __init__(self, numbers: PackedNumbers) -> None:
        self.numbers = numbers
        self.notes: dict[str, None] = {}
        self._given: list[Rows] = []
        self._rows: Rows = np.empty((0, 4), np.int32)

    def add(self, quads: Iterable[Quad]) -> Iterator[int]:
        """Take in *quads*; yield how many there are so far, every now and then."""
        count = 0
        for part in parts_of(quads):
            self.add_part(part)
            count += len(part.rows)
            yield count

    def add_part(self, part: Part) -> None:
        """Take in the quads of *part*."""
        self._given.append(self.numbers.of_texts(part.texts)[part.rows])
        self.notes.update(dict.fromkeys(part.notes))

    def add_all(self, quads: Iterable[Quad]) -> None:
        """Take in *quads*."""
        if isinstance(quads, Held):
            self.add_rows(quads.numbered_by(self.numbers))
            return
        for _ in self.add(quads):
            pass

    def add_kept(self, quads: Iterable[Quad]) -> None:
        """Take in *quads* that the engine keeps, as they are."""
        for part in parts_of(quads, are_kept=True):
            self.add_part(part)

    def add_rows(self, *several: Rows) -> None:
        """Take in rows of a dataset with the same numbers."""
        self._given += several

    @property
    def rows(self) -> Rows:
        """The quads, each once, ordered by graph, subject, predicate and object."""
        if self._given:
            given = np.concatenate((self._rows, *self._given))
            self._given = []  # what is in the rows is held once
            ordered = given[np.lexsort(given.T[::-1])]
            fresh = np.ones(len(ordered), np.bool_)
            fresh[1:] = (ordered[1:] != ordered[:-1]).any(axis=1)
            self._rows = ordered if fresh.all() else ordered[fresh]
        return self._rows

    def __len__(self) -> int:
        return len(self.rows)

    def in_graphs(self, keep: Callable[[GraphName], bool]) -> Rows:
        """Return the rows of the graphs that *keep* says yes to."""
        names = np.unique(self.rows[:, 0])
        terms = self.numbers.terms
        kept = [n for n in names.tolist() if keep(cast("GraphName", terms[n]))]
        return self.rows[np.isin(self.rows[:, 0], np.array(kept, np.int32))]

    def graphs(self) -> list[NamedNode]:
        """Return the names of the graphs."""
        found = (self.numbers.terms[n] for n in np.unique(self.rows[:, 0]).tolist())
        return [name for name in found if isinstance(name, NamedNode)]

    def quads(self, rows: Rows) -> Iterator[Quad]:
        """Yield *rows* as quads."""
        terms = self.numbers.terms
        for begin in range(0, len(rows), _CHUNK):
            for g, s, p, o in rows[begin : begin + _CHUNK].tolist():
                yield Quad(
                    cast("Node", terms[s]),
                    cast("NamedNode", terms[p]),
                    cast("Term", terms[o]),
                    cast("GraphName", terms[g]),
                )

    def blank(self, rows: Rows) -> Rows:
        """Return those of *rows* that have a blank node."""
        return rows[self._have_blank(rows)]

    def _have_blank(self, rows: Rows) -> Mask:
        blank = self.numbers.are_blank
        return np.asarray(blank(rows[:, 0]) | blank(rows[:, 1]) | blank(rows[:, 3]))

    def lines(self, rows: Rows) -> bytes:
        """Return those of *rows* that have no blank node, in N-Quads."""
        rows = rows[~self._have_blank(rows)]
        numbers, places = np.unique(rows, return_inverse=True)
        text = self.numbers.texts(numbers.tolist())
        graphless = self.numbers.find(DefaultGraph())
        if graphless >= 0 and graphless in numbers:
            text[int(np.searchsorted(numbers, graphless))] = b""
        return b"".join(
            b"%b %b %b %b .\n" % (text[s], text[p], text[o], text[g])
            for g, s, p, o in places.reshape(-1, 4).tolist()
        )

    def digest(self) -> str:
        """Return a digest of the rows and of the terms that their numbers stand for."""
        digest = hashlib.sha256(self.rows.tobytes())
        for text in self.numbers.all_text():
            digest.update(text)
        return digest.hexdigest()


class Held(AbstractSet[Quad]):
    """The quads of *dataset* that *rows* stand for, a set that is held as numbers.

    *rows* are in the order of those of a dataset, each once.
    """

    def __init__(self, dataset: Dataset, rows: Rows) -> None:
        self._dataset = dataset
        self._rows = rows

    @classmethod
    def _from_iterable(cls, quads: Iterable[Quad]) -> frozenset[Quad]:  # type: ignore[override]
        return frozenset(quads)

    def __len__(self) -> int:
        return len(self._rows)

    def __iter__(self) -> Iterator[Quad]:
        return self._dataset.quads(self._rows)

    def of_graph(self, graph: GraphName) -> Held:
        """Return those of *graph*."""
        number = self._dataset.numbers.find(graph)
        wanted = np.array((number, number + 1), np.int32)
        first, last = np.searchsorted(self._rows[:, 0], wanted).tolist()
        return Held(self._dataset, self._rows[first:last])

    def graphs(self) -> set[GraphName]:
        """Return the graphs that they are of."""
        terms = self._dataset.numbers.terms
        found = np.unique(self._rows[:, 0]).tolist()
        return {cast("GraphName", terms[number]) for number in found}

    def numbered_by(self, numbers: PackedNumbers) -> Rows:
        """Return the rows with *numbers*, which are given to terms that lack one."""
        used, places = np.unique(self._rows, return_inverse=True)
        texts = self._dataset.numbers.texts(used.tolist())
        return numbers.of_texts(texts)[places.reshape(-1, 4)]

    def texts(self) -> Iterator[str]:
        """Yield them in N-Quads, without the dot, in the order of these texts."""
        numbers = self._dataset.numbers
        used, places = np.unique(self._rows[:, 1], return_inverse=True)
        names = numbers.texts(used.tolist())
        ranks = np.empty(len(used), np.int32)
        ranks[sorted(range(len(names)), key=names.__getitem__)] = np.arange(
            len(used), dtype=np.int32
        )
        rows = self._rows[np.argsort(ranks[places.reshape(-1)], kind="stable")]
        # No name of a subject begins another one that stands in its place.
        for _, part in groupby(self._dataset.quads(rows), lambda quad: quad.subject):
            yield from sorted(map(str, part))

    def __contains__(self, quad: object) -> bool:
        if not isinstance(quad, Quad):
            return False
        known = self._dataset.numbers.find
        parts = (quad.graph_name, quad.subject, quad.predicate, quad.object)
        first, last = 0, len(self._rows)
        for column, number in enumerate(map(known, parts)):
            part = self._rows[first:last, column]
            wanted = np.array((number, number + 1), np.int32)
            begin, end = np.searchsorted(part, wanted).tolist()
            first, last = first + begin, first + end
        return first < last


def rows_without(rows: Rows, others: Rows) -> Rows:
    """Return those of *rows* that are not among *others*, in order; each once there."""
    return rows[~_among(rows, others)]


def rows_among(rows: Rows, others: Rows) -> Rows:
    """Return those of *rows* that are among *others*, in order; each once there."""
    return rows[_among(rows, others)]


def _among(rows: Rows, others: Rows) -> Mask:
    both = np.concatenate((rows, others))
    order = np.lexsort(both.T[::-1])
    twice = (both[order[1:]] == both[order[:-1]]).all(axis=1)
    among = np.zeros(len(both), np.bool_)
    among[order[:-1][twice]] = True  # the order is stable: the first is of *rows*
    return among[: len(rows)]
