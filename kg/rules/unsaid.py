"""What holds although no store says it: worked out on demand, from what is asked.

RDF cannot say that a literal relates to something or is of a class, nor that something
is in a class without a name; and what follows about the ontology's own terms is told to
nobody. Yet other things can follow from it. Each question is answered by the rules that
could give an answer, together with the questions that these raise, until no answer
brings another.
"""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING

from kg.rules.joins import Again, Joiner
from kg.rules.model import Auxiliary

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kg.rules.joins import Fact
    from kg.rules.stored import Said

    _Answers = dict[Fact, None]

_OPEN = -1


class Unsaid:
    """What follows from what is *said*, and is not said itself."""

    def __init__(self, said: Said) -> None:
        self._said = said
        self._answered: dict[Fact, _Answers] = {}

    def holds(self, fact: Fact) -> bool:
        """Tell whether *fact* holds unsaid."""
        return self._may_hold(fact) and fact in self._answers(fact)

    def values(self, predicate: int, subject: int) -> Iterable[int]:
        """Return what *predicate* relates *subject* to, unsaid."""
        if not (self.may_have(predicate) and self._said.is_silent(subject)):
            return ()
        return [fact[2] for fact in self._answers((predicate, subject, _OPEN))]

    def subjects(self, predicate: int, value: int) -> Iterable[int]:
        """Return what *predicate* relates to *value*, unsaid."""
        if not self.may_have(predicate):
            return ()
        return [fact[1] for fact in self._answers((predicate, _OPEN, value))]

    def may_have(self, predicate: int) -> bool:
        """Tell whether *predicate* may relate something unsaid."""
        return (predicate, -1) in self._said.program.makers

    def _may_hold(self, fact: Fact) -> bool:
        said, subject = self._said, fact[1]
        key = said.program.key(fact)
        if isinstance(said.numbers.terms[fact[2]], Auxiliary):
            return key in said.program.makers
        if subject in said.program.terms:
            return key in said.program.makers
        return key in said.program.of_literals and said.is_silent(subject)

    def _answers(self, question: Fact) -> _Answers:
        if question not in self._answered:
            self._answered |= _Inquiry(self._said, self._answered).settle(question)
        return self._answered[question]


class _Inquiry(Unsaid):
    """A question and all that it raises, with the answers found so far."""

    def __init__(self, said: Said, answered: dict[Fact, _Answers]) -> None:
        super().__init__(said)
        self._settled = answered
        self._joiner = Joiner(said.program, said.numbers, _SaidOrNot(said, self))

    def settle(self, question: Fact) -> dict[Fact, _Answers]:
        """Return the questions raised with all their answers."""
        self._answers(question)
        size = -1
        while size != self._size():
            size = self._size()
            for raised in tuple(self._answered):
                self._answer(raised)
        return self._answered

    def _size(self) -> int:
        return len(self._answered) + sum(map(len, self._answered.values()))

    def _answers(self, question: Fact) -> _Answers:
        if question in self._settled:
            return self._settled[question]
        return self._answered.setdefault(question, {})

    def _answer(self, question: Fact) -> None:
        answers = self._answered[question]
        if question in answers:
            return
        for fact in self._joiner.answering(
            question, self._said.is_silent, self._said.silent
        ):
            if self._may_hold(fact) and not self._said.holds(fact):
                answers[fact] = None
                if fact == question:
                    return


class _SaidOrNot:
    """A view of what is said, and of the answers found so far."""

    def __init__(self, said: Said, unsaid: Unsaid) -> None:
        self._said = said
        self._unsaid = unsaid

    def holds(self, fact: Fact) -> bool:
        return self._said.holds(fact) or self._unsaid.holds(fact)

    def values(self, predicate: int, subject: int) -> Iterable[int]:
        found = self._said.values(predicate, subject)
        return (*found, *self._unsaid.values(predicate, subject))

    def subjects(self, predicate: int, value: int) -> Iterable[int]:
        found = self._said.subjects(predicate, value)
        return Again(lambda: chain(found, self._unsaid.subjects(predicate, value)))
