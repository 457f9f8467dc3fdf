"""Random changes of triples, and a judgement of each by the whole as reference."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from kg.shapes.local import judge_change
from kg.terms import TYPE, Literal, NamedNode, Triple
from tests.lookups import Memory

if TYPE_CHECKING:
    from collections.abc import Iterable
    from random import Random

    from kg.report import Finding
    from kg.shapes import Shapes


@dataclass(frozen=True, slots=True)
class Step:
    """A change of triples: what really is new, and what really goes."""

    added: frozenset[Triple]
    removed: frozenset[Triple]


class Course:
    """A state that changes, step by step, while all it says is checked in parts."""

    def __init__(self, shapes: Shapes, triples: Iterable[Triple]) -> None:
        self.shapes = shapes
        self.state = Memory(triples)
        self.findings = tally(shapes.validate(self.state.all))

    def take(self, step: Step, *, messages: bool = True) -> None:
        """Take *step* and assert that the parts make up the whole.

        Messages of pyshacl itself quote what a blank node says: then they do not count.
        """
        new = Memory(self.state.all)
        for triple in step.removed:
            new.discard(triple)
        for triple in step.added:
            new.add(triple)
        added, removed = set(step.added), set(step.removed)
        verdict = judge_change(self.shapes, self.state, new, added, removed)
        found = tally(self.shapes.validate(new.all))
        parts = (self.findings, tally(verdict.before), tally(verdict.after), found)
        old, before, after, whole = parts if messages else map(silent, parts)
        assert before <= old
        assert old - before + after == whole
        self.state, self.findings = new, found


def tally(findings: Iterable[Finding]) -> Counter[Finding]:
    return Counter(findings)


def silent(findings: Counter[Finding]) -> Counter[Finding]:
    return Counter(replace(finding, message="") for finding in findings.elements())


class Changer:
    """Makes changes of the kinds that people make, by mistake or not."""

    def __init__(self, triples: Iterable[Triple], random: Random) -> None:
        self.random = random
        self.known = sorted(triples, key=str)
        self.kinds = sorted(
            {t.object for t in self.known if t.predicate == TYPE}, key=str
        )

    def step(self, state: Memory) -> Step:
        """Return a change of *state*, of one triple or a few; some undo another."""
        removed: set[Triple] = set()
        added: set[Triple] = set()
        present = sorted(state.all, key=str)
        for _ in range(self.random.choice((1, 1, 2, 5, 12))):
            kind = self.random.choice(
                (self._drop, self._alter, self._alter, self._tell)
            )
            kind(self.random.choice(present), state, removed, added)
        return Step(
            frozenset(added - state.all), frozenset(removed & state.all - added)
        )

    def _drop(self, triple, state, removed, added) -> None:
        """Leave out a triple, or now and then all of a node."""
        removed.add(triple)
        if self.random.random() < 0.2:
            removed.update(state.by_subject[triple.subject])

    def _tell(self, triple, state, removed, added) -> None:
        """State something that was known once, or of another node."""
        again = self.random.choice(self.known)
        subject = self.random.choice((again.subject, triple.subject))
        added.add(Triple(subject, again.predicate, again.object))

    def _alter(self, triple, state, removed, added) -> None:
        """Put another triple in the place of one, or beside it."""
        other = self.random.choice(self.known)
        subject, predicate, object_ = triple
        place = self.random.randrange(5)
        if place == 0:
            subject = self.random.choice((other.subject, misspelt(subject)))
        elif place == 1:
            predicate = self.random.choice((other.predicate, misspelt(predicate)))
        else:
            object_ = self._other_object(triple, other)
        added.add(Triple(subject, predicate, object_))
        if self.random.random() < 0.7:
            removed.add(triple)

    def _other_object(self, triple, other):
        if triple.predicate == TYPE:
            return self.random.choice(self.kinds)
        if isinstance(triple.object, Literal):
            return self._other_literal(triple.object)
        alike = [t.object for t in self.known if t.predicate == triple.predicate]
        choices = (
            self.random.choice([*alike, other.object]),
            other.object,
            misspelt(triple.object),
        )
        return self.random.choice(choices)

    def _other_literal(self, literal: Literal) -> Literal:
        value = literal.value
        if value.isdigit():
            value = str(int(value) + self.random.choice((-1, 1, 7)))
        else:
            value = self.random.choice((value, value[1:], f"{value}x", value[::-1]))
        language = literal.language and self.random.choice((literal.language, "fr"))
        if language:
            return Literal(value, language=language)
        if self.random.random() < 0.2:
            return Literal(value)
        return Literal(value, datatype=literal.datatype)


def misspelt(term):
    """Return an IRI that nothing has but the next who misspells it."""
    return NamedNode(f"{term.value}x") if isinstance(term, NamedNode) else term
