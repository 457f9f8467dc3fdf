"""Terms by number where there are millions: their texts in one buffer, found by hash.

A term is kept as N-Triples has it. Beside its text it takes some twenty-five bytes,
where an object in a list and a dictionary takes some two hundred.
"""

from __future__ import annotations

import contextlib
import re
from array import array
from collections.abc import Sequence
from typing import TYPE_CHECKING, cast, overload

import numpy as np
from pyoxigraph import RdfFormat, parse

from kg.rules.model import Auxiliary
from kg.rules.numbers import Numbers
from kg.terms import BlankNode, DefaultGraph, Literal, NamedNode, Triple

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from numpy.typing import NDArray

    from kg.rules.columns import Column, Mask
    from kg.rules.columns import Numbers as ManyNumbers
    from kg.terms import GraphName, Quad, Term

_IRI, _BLANK, _LITERAL, _END = b'<_">'
_DEFAULT = b"DEFAULT"
_SIMPLE = re.compile(
    r'"([^"\\]*)"(?:@([A-Za-z0-9]+(?:-[A-Za-z0-9]+)*)|\^\^<([^>\\]*)>)?'
)
_REMEMBERED = 50_000
"""So many terms that were made of their texts are kept to be given again."""


def text_of(term: object) -> bytes:
    """Return *term* as N-Triples has it, or another text for what it does not have."""
    if isinstance(term, Auxiliary):
        return b"\0%d" % term.number
    if isinstance(term, Triple):
        return b"<<( %b )>>" % b" ".join(map(text_of, term))
    return str(term).encode()


class PackedNumbers(Numbers):
    """The numbers of *known*, to which those of very many terms can be added."""

    def __init__(self, known: Numbers) -> None:
        self._known = known
        self._buffer = bytearray()
        self._ends = array("q", [0])
        self._kinds = bytearray()
        self._hashes = array("q")
        self._slots: NDArray[np.int32] = np.full(1 << 12, -1, np.int32)
        self._alike: dict[bytes, int] = {}
        self._made: dict[int, Term] = {}
        self.terms = _Terms(self)
        self.of_terms(known.terms)

    def __len__(self) -> int:
        return len(self._kinds)

    def number(self, term: Term | Auxiliary | GraphName) -> int:
        """Return the number of *term*, a new one if need be."""
        return int(self.of_terms([term])[0])

    def rows_of(
        self, items: Iterable[Iterable[object]], width: int
    ) -> NDArray[np.int32]:
        """Return *items* of so many terms as rows of their numbers."""
        here: dict[object, int] = {}
        given = array("i", (here.setdefault(t, len(here)) for i in items for t in i))
        rows = np.frombuffer(given, np.int32).reshape(-1, width)
        return np.asarray(self.of_terms(here)[rows], np.int32)

    def of_terms(self, terms: Iterable[object]) -> NDArray[np.int32]:
        """Return the numbers of *terms*, new ones in their order; none comes twice."""
        return self.of_texts(list(map(text_of, terms)))

    def of_texts(self, texts: Sequence[bytes]) -> NDArray[np.int32]:
        """Return the numbers of the terms with *texts*, new ones in their order.

        No text may come twice.
        """
        hashes = np.fromiter(map(hash, texts), np.int64, len(texts))
        numbers = self._look_up(hashes)
        for i in np.flatnonzero(numbers >= 0).tolist():
            if self.text(numbers[i]) != texts[i]:  # another text has the same hash
                numbers[i] = self._alike.get(texts[i], -1)
        new = np.flatnonzero(numbers < 0)
        numbers[new] = np.arange(len(self), len(self) + len(new))
        self._append([texts[i] for i in new.tolist()], hashes[new])
        return numbers

    def find(self, term: object) -> int:
        """Return the number of *term*, -1 where it has none."""
        text = text_of(term)
        found = int(self._look_up(np.array([hash(text)], np.int64))[0])
        if found >= 0 and self.text(found) != text:
            return self._alike.get(text, -1)
        return found

    def text(self, number: int) -> bytes:
        """Return the text of the term with this number."""
        return bytes(self._buffer[self._ends[number] : self._ends[number + 1]])

    def texts(self, numbers: Iterable[int]) -> list[bytes]:
        """Return the texts of the terms with these numbers."""
        buffer, ends = self._buffer, self._ends
        return [bytes(buffer[ends[n] : ends[n + 1]]) for n in numbers]

    def all_text(self) -> Iterator[bytes | bytearray]:
        """Yield what tells in which order there are which terms."""
        yield self._ends.tobytes()
        yield self._buffer

    def term(self, number: int) -> Term | Auxiliary:
        """Return the term with this number."""
        if number < len(self._known.terms):
            return self._known.terms[number]
        made = self._made.get(number)
        if made is None:
            if len(self._made) >= _REMEMBERED:
                self._made.clear()
            made = self._made[number] = _term(self.text(number))
        return made

    def are_nodes(self, numbers: ManyNumbers) -> Mask:
        """Tell which of *numbers* are of what can be a subject."""
        kinds = np.frombuffer(self._kinds, np.uint8)[numbers]
        return np.asarray((kinds == _IRI) | (kinds == _BLANK), np.bool_)

    def are_blank(self, numbers: ManyNumbers) -> Mask:
        """Tell which of *numbers* are of blank nodes."""
        return np.asarray(
            np.frombuffer(self._kinds, np.uint8)[numbers] == _BLANK, np.bool_
        )

    def have_iri(self, numbers: ManyNumbers) -> Mask:
        """Tell which of *numbers* are of IRIs, or of literals that name a datatype."""
        ends = np.frombuffer(self._ends, np.int64)[np.add(numbers, 1)]
        last = np.frombuffer(self._buffer, np.uint8)[ends - 1]
        return np.asarray(last == _END, np.bool_)

    def literals(self) -> Iterator[tuple[int, bytes]]:
        """Yield the numbers and the texts of all literals."""
        literals = np.flatnonzero(np.frombuffer(self._kinds, np.uint8) == _LITERAL)
        for begin in range(0, len(literals), _REMEMBERED):
            part = literals[begin : begin + _REMEMBERED].tolist()
            yield from zip(part, self.texts(part), strict=True)

    def typed_literals(self) -> Iterator[tuple[int, Literal]]:
        """Yield the literals with a datatype that is written out, and their numbers."""
        literals = np.flatnonzero(np.frombuffer(self._kinds, np.uint8) == _LITERAL)
        for number in literals[self.have_iri(literals)].tolist():
            yield number, cast("Literal", _term(self.text(number)))

    def _append(self, texts: list[bytes], hashes: Column) -> None:
        """Give the next numbers to *texts*, which have none yet."""
        first = len(self)
        lengths = np.fromiter(map(len, texts), np.int64, len(texts))
        ends = np.cumsum(lengths) + len(self._buffer)
        self._buffer += b"".join(texts)
        self._kinds += bytes(0 if t.startswith(b"<<") else t[0] for t in texts)
        self._ends.frombytes(np.asarray(ends, np.int64).tobytes())
        self._hashes.frombytes(hashes.tobytes())
        if 2 * len(self) > len(self._slots):
            size = 1 << (4 * len(self)).bit_length()
            self._slots = np.full(size, -1, np.int32)
            self._alike.clear()
            self._put(np.frombuffer(self._hashes, np.int64), 0)
        else:
            self._put(hashes, first)

    def _put(self, hashes: Column, first: int) -> None:
        """Note where the terms with *hashes* are found, whose numbers begin at *first*.

        Of several with the same hash only one is found there.
        """
        mask, slots = len(self._slots) - 1, self._slots
        distinct, where = np.unique(hashes, return_index=True)
        if len(where) < len(hashes):
            for i in np.setdiff1d(np.arange(len(hashes)), where).tolist():
                self._alike[self.text(first + i)] = first + i
        taken = self._look_up(distinct) >= 0
        for i in where[taken].tolist():
            self._alike[self.text(first + i)] = first + i
        numbers = (where[~taken] + first).astype(np.int32)
        places = distinct[~taken] & mask
        while len(numbers):
            free = slots[places] < 0
            slots[places[free]] = numbers[free]
            left = slots[places] != numbers
            numbers, places = numbers[left], (places[left] + 1) & mask

    def _look_up(self, hashes: Column) -> NDArray[np.int32]:
        """Return for each hash the number of a term that has it, or -1."""
        mask, slots = len(self._slots) - 1, self._slots
        known = np.frombuffer(self._hashes, np.int64)
        found = np.full(len(hashes), -1, np.int32)
        open_ = np.arange(len(hashes))
        places = hashes & mask
        while len(open_):
            numbers = slots[places]
            there = numbers >= 0
            numbers, open_, places = numbers[there], open_[there], places[there]
            same = known[numbers] == hashes[open_]
            found[open_[same]] = numbers[same]
            open_, places = open_[~same], (places[~same] + 1) & mask
        return found


class _Terms(Sequence["Term | Auxiliary"]):
    """The terms in the order of their numbers, made of their texts when asked for."""

    def __init__(self, numbers: PackedNumbers) -> None:
        self._numbers = numbers

    def __len__(self) -> int:
        return len(self._numbers)

    @overload
    def __getitem__(self, number: int) -> Term | Auxiliary: ...

    @overload
    def __getitem__(self, number: slice) -> Sequence[Term | Auxiliary]: ...

    def __getitem__(
        self, number: int | slice
    ) -> Term | Auxiliary | Sequence[Term | Auxiliary]:
        if isinstance(number, slice):
            return [self[n] for n in range(*number.indices(len(self)))]
        return self._numbers.term(number)


def _term(text: bytes) -> Term:
    """Return the term that has this text in N-Triples."""
    with contextlib.suppress(ValueError):
        if text[0] == _IRI and not text.startswith(b"<<"):
            return NamedNode(text[1:-1].decode())
        if text[0] == _BLANK:
            return BlankNode(text[2:].decode())
        if text == _DEFAULT:
            return cast("Term", DefaultGraph())
        if simple := _SIMPLE.fullmatch(text.decode()):
            value, language, datatype = simple.groups()
            kind = NamedNode(datatype) if datatype else None
            return Literal(value, language=language, datatype=kind)
    line = b"<urn:s> <urn:p> %b ." % text
    (quad,) = cast("Iterable[Quad]", parse(line, RdfFormat.N_TRIPLES, lenient=True))
    return cast("Term", quad.object)
