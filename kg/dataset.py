"""A whole dataset by numbers: four columns, small enough to hold millions of quads."""

from __future__ import annotations

import hashlib
from array import array
from collections.abc import Set as AbstractSet
from itertools import groupby
from typing import TYPE_CHECKING, cast

import numpy as np

from kg.canonical import canonical_literal
from kg.rules import Auxiliary
from kg.terms import BlankNode, DefaultGraph, Literal, NamedNode, Quad

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from kg.rules import Numbers
    from kg.rules.columns import Mask
    from kg.rules.relations import Rows
    from kg.terms import GraphName, Node, Term

_CHUNK = 100_000
"""So many quads are written out at once."""


class Dataset:
    """Quads as rows of numbers: graph, subject, predicate, object.

    Literals are held as the engine keeps them; *notes* tell which had another form.
    """

    def __init__(self, numbers: Numbers) -> None:
        self.numbers = numbers
        self.notes: dict[str, None] = {}
        self._given = array("i")
        self._rows: Rows = np.empty((0, 4), np.int32)
        self._written: list[bytes] = []

    def add(self, quads: Iterable[Quad]) -> Iterator[int]:
        """Take in *quads*; yield how many there are so far, every now and then."""
        known, number = self.numbers.numbers, self._number
        extend, count = self._given.extend, 0
        for quad in quads:
            graph, subject = quad.graph_name, quad.subject
            predicate, object_ = quad.predicate, quad.object
            g, s = known.get(graph), known.get(subject)
            p, o = known.get(predicate), known.get(object_)
            extend((
                number(graph) if g is None else g,
                number(subject) if s is None else s,
                number(predicate) if p is None else p,
                number(object_) if o is None else o,
            ))  # fmt: skip
            count += 1
            if not count % _CHUNK:
                yield count
        yield count

    def add_all(self, quads: Iterable[Quad]) -> None:
        """Take in *quads*."""
        if isinstance(quads, Held):
            self.add_rows(quads.numbered_by(self.numbers))
            return
        for _ in self.add(quads):
            pass

    def add_kept(self, quads: Iterable[Quad]) -> None:
        """Take in *quads* that the engine keeps, as they are."""
        number, extend = self.numbers.number, self._given.extend
        for quad in quads:
            extend((
                number(quad.graph_name),
                number(cast("Node", quad.subject)),
                number(quad.predicate),
                number(cast("Term", quad.object)),
            ))  # fmt: skip

    def add_rows(self, *several: Rows) -> None:
        """Take in rows of a dataset with the same numbers."""
        for rows in several:
            self._given.frombytes(np.ascontiguousarray(rows, np.int32).tobytes())

    def _number(self, term: object) -> int:
        """Return the number of *term*, by the form that the engine keeps."""
        kept = cast("Term", term)
        if isinstance(kept, Literal):
            kept = canonical_literal(kept)
        number = self.numbers.number(kept)
        if kept != term:
            self.notes[f"{term} is stored as {kept}"] = None
            self.numbers.numbers[cast("Term", term)] = number
        return number

    @property
    def rows(self) -> Rows:
        """The quads, each once, ordered by graph, subject, predicate and object."""
        if self._given:
            given = np.frombuffer(self._given, np.int32).reshape(-1, 4)
            self._given = array("i")  # what is in the rows is held once
            if len(self._rows):
                given = np.concatenate((self._rows, given))
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

    def has_blank(self, rows: Rows) -> Mask:
        """Tell which of *rows* have a blank node."""
        terms = self.numbers.terms
        blank = np.fromiter((isinstance(t, BlankNode) for t in terms), np.bool_)
        return np.asarray(blank[rows[:, 1]] | blank[rows[:, 3]] | blank[rows[:, 0]])

    def lines(self, rows: Rows) -> Iterator[tuple[bytes, int]]:
        """Yield *rows* in N-Quads, a good many at once, and how many they are."""
        self._write_terms()
        text, graphless = self._written, self.numbers.numbers.get(DefaultGraph())
        for begin in range(0, len(rows), _CHUNK):
            chunk = rows[begin : begin + _CHUNK].tolist()
            lines = (
                b"%b %b %b .\n" % (text[s], text[p], text[o])
                if g == graphless
                else b"%b %b %b %b .\n" % (text[s], text[p], text[o], text[g])
                for g, s, p, o in chunk
            )
            yield b"".join(lines), len(chunk)

    def digest(self) -> str:
        """Return a digest of the rows and of the terms that their numbers stand for."""
        self._write_terms()
        digest = hashlib.sha256(self.rows.tobytes())
        for begin in range(0, len(self._written), _CHUNK):
            digest.update(b"\n".join(self._written[begin : begin + _CHUNK]))
        return digest.hexdigest()

    def _write_terms(self) -> None:
        for term in self.numbers.terms[len(self._written) :]:
            said = b"" if isinstance(term, Auxiliary) else str(term).encode()
            self._written.append(said)


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
        number = self._dataset.numbers.numbers.get(graph, -1)
        wanted = np.array((number, number + 1), np.int32)
        first, last = np.searchsorted(self._rows[:, 0], wanted).tolist()
        return Held(self._dataset, self._rows[first:last])

    def graphs(self) -> set[GraphName]:
        """Return the graphs that they are of."""
        terms = self._dataset.numbers.terms
        found = np.unique(self._rows[:, 0]).tolist()
        return {cast("GraphName", terms[number]) for number in found}

    def numbered_by(self, numbers: Numbers) -> Rows:
        """Return the rows with *numbers*, which are given to terms that lack one."""
        used = np.unique(self._rows)
        terms = self._dataset.numbers.terms
        table = np.zeros(len(terms), np.int32)
        for number in used.tolist():
            table[number] = numbers.number(terms[number])
        return table[self._rows]

    def texts(self) -> Iterator[str]:
        """Yield them in N-Quads, without the dot, in the order of these texts."""
        terms = self._dataset.numbers.terms
        subjects = np.unique(self._rows[:, 1]).tolist()
        ranks = np.zeros(len(terms), np.int32)
        ranks[sorted(subjects, key=lambda number: str(terms[number]))] = np.arange(
            len(subjects), dtype=np.int32
        )
        rows = self._rows[np.argsort(ranks[self._rows[:, 1]], kind="stable")]
        # No name of a subject begins another one that stands in its place.
        for _, part in groupby(self._dataset.quads(rows), lambda quad: quad.subject):
            yield from sorted(map(str, part))

    def __contains__(self, quad: object) -> bool:
        if not isinstance(quad, Quad):
            return False
        known = self._dataset.numbers.numbers.get
        parts = (quad.graph_name, quad.subject, quad.predicate, quad.object)
        first, last = 0, len(self._rows)
        for column, number in enumerate(map(known, parts)):
            if number is None:
                return False
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
