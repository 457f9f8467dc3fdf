"""What holds in a store, looked up as it is asked for and remembered.

A store holds what is asserted and what RDF can say of what follows. The rest of what
follows, needed on the way to other things, is worked out in `kg.rules.unsaid`.
"""

from __future__ import annotations

from itertools import chain, islice
from typing import TYPE_CHECKING, Protocol, cast

from kg.rules.joins import Again
from kg.rules.model import Auxiliary
from kg.rules.numbers import NODES, as_triple
from kg.rules.unsaid import Unsaid
from kg.terms import NamedNode, Triple

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from kg.rules.joins import Fact, Program
    from kg.rules.numbers import Numbers
    from kg.terms import Node, Term

_NEAR = 24
"""Up to so many triples about a node are read at once."""


class Facts(Protocol):
    """The merged view: what its graphs assert, and what follows from that."""

    def triples(
        self,
        subject: Node | None = None,
        predicate: NamedNode | None = None,
        object_: Term | None = None,
    ) -> Iterator[Triple]:
        """Yield the triples that match, each once, as they are asked for."""
        ...

    def is_asserted(self, triple: Triple) -> bool:
        """Tell whether some graph of the view states *triple*."""
        ...


class _Stream:
    """Numbers that are read from their source only as far as someone asks."""

    __slots__ = ("_read", "_source")

    def __init__(self, source: Iterator[int]) -> None:
        self._read: list[int] = []
        self._source: Iterator[int] | None = source

    def __iter__(self) -> Iterator[int]:
        i = 0
        while i < len(self._read) or self._go_on():
            yield self._read[i]
            i += 1

    def _go_on(self) -> bool:
        if self._source is None:
            return False
        for number in self._source:
            self._read.append(number)
            return True
        self._source = None
        return False


_NONE: tuple[int, ...] = ()
_Near = dict[int, list[int]] | None


class Said:
    """What the ontology and the store say, by number."""

    def __init__(self, program: Program, numbers: Numbers, facts: Facts) -> None:
        self.program = program
        self.numbers = numbers
        self._facts = facts
        self._after: dict[int, _Near] = {}
        self._before: dict[int, _Near] = {}
        self._streams: dict[Fact, _Stream] = {}
        self._held: dict[Fact, bool] = {}
        self._asserted: dict[Fact, bool] = {}
        self._silent: list[int] | None = None

    def is_silent(self, number: int) -> bool:
        """Tell whether what follows about the subject *number* is told to nobody."""
        return number in self.program.terms or not isinstance(
            self.numbers.terms[number], NODES
        )

    def silent(self) -> list[int]:
        """Return every number that may be silent as a subject.

        This reads through whole properties; only rules that give everything of a kind
        the same value make it needed, and only where literals could be of that kind.
        """
        if self._silent is None:
            values = (
                fact[2]
                for predicate in sorted(self.program.leads_to_literals())
                for fact in self._read(predicate, None, None)
            )
            found = (number for number in values if self.is_silent(number))
            self._silent = list(dict.fromkeys(chain(self.program.terms, found)))
        return self._silent

    def triple(self, fact: Fact) -> Triple | None:
        """Return *fact* as a triple; None if RDF cannot say it."""
        predicate, subject, value = fact
        terms = self.numbers.terms
        return as_triple(
            terms[subject], cast("NamedNode", terms[predicate]), terms[value]
        )

    def is_asserted(self, fact: Fact) -> bool:
        """Tell whether the ontology or a graph of the view states *fact*."""
        known = self._asserted.get(fact)
        if known is None:
            known = self._asserted[fact] = self._is_asserted(fact)
        return known

    def _is_asserted(self, fact: Fact) -> bool:
        if fact in self.program.given:
            return True
        triple = self.triple(fact)
        return triple is not None and self._facts.is_asserted(triple)

    # A view to join with.

    def holds(self, fact: Fact) -> bool:
        """Tell whether *fact* is said."""
        predicate, subject, value = fact
        near = self._near_after(subject)
        if near is not None:
            return value in near.get(predicate, _NONE)
        if fact not in self._held:
            self._held[fact] = any(self._read(predicate, subject, value))
        return self._held[fact]

    def values(self, predicate: int, subject: int) -> Iterable[int]:
        """Return what *predicate* relates *subject* to."""
        near = self._near_after(subject)
        if near is not None:
            return near.get(predicate, _NONE)
        key = predicate, subject, -1
        if key not in self._streams:
            found = self._read(predicate, subject, None)
            self._streams[key] = _Stream(fact[2] for fact in found)
        return self._streams[key]

    def subjects(self, predicate: int, value: int) -> Iterable[int]:
        """Return what *predicate* relates to *value*."""
        near = self._near_before(value)
        if near is not None:
            return near.get(predicate, _NONE)
        key = predicate, -1, value
        if key not in self._streams:
            found = self._read(predicate, None, value)
            self._streams[key] = _Stream(fact[1] for fact in found)
        return self._streams[key]

    def _near_after(self, subject: int) -> _Near:
        """Return all that is said about *subject*; None if that is much."""
        if subject not in self._after:
            found = list(islice(self._read(None, subject, None), _NEAR))
            self._after[subject] = _grouped(((p, o) for p, _, o in found), len(found))
        return self._after[subject]

    def _near_before(self, value: int) -> _Near:
        if value not in self._before:
            found = list(islice(self._read(None, None, value), _NEAR))
            self._before[value] = _grouped(((p, s) for p, s, _ in found), len(found))
        return self._before[value]

    def _read(
        self, predicate: int | None, subject: int | None, value: int | None
    ) -> Iterator[Fact]:
        terms, given = self.numbers.terms, self.program.given
        s, p, o = (
            None if number is None else terms[number]
            for number in (subject, predicate, value)
        )
        asked = predicate, subject, value
        yield from (fact for fact in given if _matches(fact, asked))
        if isinstance(o, Auxiliary) or not (s is None or isinstance(s, NODES)):
            return
        for triple in self._facts.triples(s, cast("NamedNode | None", p), o):
            fact = self.numbers.fact(triple)
            if fact not in given and self._counts(fact):
                yield fact

    def _counts(self, fact: Fact) -> bool:
        """Leave out what the merged view shows of the ontology's own terms."""
        return fact[1] not in self.program.terms or self.is_asserted(fact)


def _grouped(rows: Iterable[tuple[int, int]], count: int) -> _Near:
    if count == _NEAR:
        return None
    near: dict[int, list[int]] = {}
    for predicate, other in rows:
        near.setdefault(predicate, []).append(other)
    return near


def _matches(fact: Fact, asked: tuple[int | None, int | None, int | None]) -> bool:
    return all(
        wanted is None or wanted == number
        for wanted, number in zip(asked, fact, strict=True)
    )


class Known:
    """All that holds before a change, what the store does not say included."""

    def __init__(self, said: Said) -> None:
        self.said = said
        self._unsaid = Unsaid(said)

    def is_asserted(self, fact: Fact) -> bool:
        """Tell whether *fact* needs no reason."""
        return self.said.is_asserted(fact)

    def holds(self, fact: Fact) -> bool:
        """Tell whether *fact* holds."""
        return self.said.holds(fact) or self._unsaid.holds(fact)

    def values(self, predicate: int, subject: int) -> Iterable[int]:
        """Return what *predicate* relates *subject* to."""
        found = self.said.values(predicate, subject)
        more = self._unsaid.values(predicate, subject)
        return (*found, *more) if more else found

    def subjects(self, predicate: int, value: int) -> Iterable[int]:
        """Return what *predicate* relates to *value*."""
        found = self.said.subjects(predicate, value)
        if not self._unsaid.may_have(predicate):
            return found
        return Again(lambda: chain(found, self._more(predicate, value)))

    def _more(self, predicate: int, value: int) -> Iterator[int]:
        yield from self._unsaid.subjects(predicate, value)
