"""All that follows from all that is asserted, worked out in columns.

Semi-naive evaluation: in each round every rule is started by what the round before
brought. Where `kg.rules.changes` is made for a small change of a large store, this is
made for everything at once.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import numpy as np

from kg.deadline import check
from kg.rules.columns import NO_ROWS, Columns, Table, are_in, packed
from kg.rules.datatypes import lies_in
from kg.rules.findings import LITERALS, is_ill_typed
from kg.rules.joins import Way, filled
from kg.rules.model import Auxiliary, ClashKind, Complaint
from kg.rules.numbers import as_triple
from kg.rules.telling import Teller
from kg.terms import Literal

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from kg.rules.columns import Column, Mask
    from kg.rules.joins import Clause, Fact, Key, Program
    from kg.rules.model import Clash, InDatatypes
    from kg.rules.packed import PackedNumbers
    from kg.terms import NamedNode, Triple

_CHUNK = 500_000
"""So many rows start a rule at once; what a join makes of them is held in memory."""


class BulkClosure:
    """What follows by the rules of *program* from *asserted* rows, by relation.

    *numbers* are those of the program, with the terms of the data added. The rows of a
    property are packed pairs (`kg.rules.columns.packed`), those of a class its members.
    """

    def __init__(
        self, program: Program, numbers: PackedNumbers, asserted: Mapping[Key, Column]
    ) -> None:
        self._program = program
        self._numbers = numbers
        self._columns = Columns(program.type)
        self._stated = Columns(program.type)
        self._own = np.array(sorted(program.terms), np.int64)
        self._lying: dict[tuple[InDatatypes, int], bool] = {}
        for key, rows in asserted.items():
            self._stated.relation(key).add([rows])
        given = _by_key(self._columns, program.given)
        for key, row in given.items():
            self._stated.relation(key).add([row])
        self._run()

    def _run(self) -> None:
        new = {
            key: self._columns.relation(key).add([relation.rows])
            for key, relation in list(self._stated.relations.items())
        }
        found = _by_key(self._columns, self._from_nothing())
        for key, rows in found.items():
            more = self._columns.relation(key).add([rows])
            new[key] = np.union1d(new.get(key, NO_ROWS), more)
        while new:
            new = self._round(new)

    def _from_nothing(self) -> Iterator[Fact]:
        for makers in self._program.makers.values():
            for clause in makers:
                if clause.head is not None and not clause.body:
                    yield filled(clause.head, (None,) * clause.width)

    def _round(self, new: Mapping[Key, Column]) -> dict[Key, Column]:
        """Start every rule by what is *new*; return what comes of it."""
        pending: dict[Key, list[Column]] = {}
        for key, rows in new.items():
            for clause, i in self._program.starts.get(key, ()):
                for table in self._tables(clause, i, rows):
                    head, made = self._concluded(clause, table)
                    pending.setdefault(head, []).append(made)
        found = {
            key: self._columns.relation(key).add(made) for key, made in pending.items()
        }
        return {key: rows for key, rows in found.items() if len(rows)}

    def _tables(self, clause: Clause, i: int, rows: Column) -> Iterator[Table]:
        """Yield the bindings of *clause* where its pattern *i* meets *rows*."""
        for begin in range(0, len(rows), _CHUNK):
            check()
            chunk = rows[begin : begin + _CHUNK]
            table = self._columns.started(clause.body[i], chunk)
            waiting = [p for k, p in enumerate(clause.body) if k != i]
            while waiting and table.length:
                pattern = min(waiting, key=lambda p: _rank(p, table, self._columns))
                waiting.remove(pattern)
                table = self._columns.joined(table, pattern)
            for place, test in clause.tests:
                table = table.where(self._lies(table, place, test))
            if table.length:
                yield table

    def _lies(self, table: Table, place: int, test: InDatatypes) -> Mask:
        known = table.at(place)
        if known is None:
            raise ValueError("a datatype is asked of a variable that is not bound")
        column = np.full(table.length, known) if isinstance(known, int) else known
        distinct, where = np.unique(column, return_inverse=True)
        passed = [self._passes(number, test) for number in distinct.tolist()]
        return np.array(passed, np.bool_)[where]

    def _passes(self, number: int, test: InDatatypes) -> bool:
        key = test, number
        if key not in self._lying:
            term = self._numbers.terms[number]
            self._lying[key] = (
                isinstance(term, Literal)
                and lies_in(term, test.datatypes) is test.holds
            )
        return self._lying[key]

    def _concluded(self, clause: Clause, table: Table) -> tuple[Key, Column]:
        if clause.head is None:
            raise ValueError("a rule that only complains concludes nothing")
        _, subject, value = clause.head
        key = self._columns.key(clause.head)
        subjects = _whole(table, subject)
        if key[0] == self._columns.type:
            return key, subjects
        return key, packed(subjects, _whole(table, value))

    # What came of it.

    def inferred(self) -> Iterator[tuple[Key, Column]]:
        """Yield what follows and is not asserted, relation by relation, sorted.

        Nothing is told that RDF cannot say, nor about the ontology's own terms.
        """
        for key, relation in self._columns.relations.items():
            stated = self._stated.relation(key).rows
            rows = relation.rows[~are_in(stated, relation.rows)]
            if len(rows) and self._can_be_said(key):
                subjects, _ = relation.split(rows)
                rows = rows[self._are_told(subjects)]
                if len(rows):
                    yield key, rows

    def facts(self) -> Iterator[Fact]:
        """Yield what `inferred` does, fact by fact."""
        for key, rows in self.inferred():
            yield from self._columns.facts(key, rows)

    def _can_be_said(self, key: Key) -> bool:
        return key[1] < 0 or not isinstance(self._numbers.terms[key[1]], Auxiliary)

    def _are_told(self, subjects: Column) -> Mask:
        are_own = np.isin(subjects, self._own)
        return np.asarray(self._numbers.are_nodes(subjects) & ~are_own, np.bool_)

    # Facts to look for proofs in.

    def holds(self, fact: Fact) -> bool:
        """Tell whether *fact* is asserted or follows."""
        return self._columns.holds(fact)

    def is_asserted(self, fact: Fact) -> bool:
        """Tell whether *fact* needs no reason."""
        return self._stated.holds(fact)

    def values(self, predicate: int, subject: int) -> list[int]:
        """Return what *predicate* relates *subject* to."""
        return self._columns.values(predicate, subject)

    def subjects(self, predicate: int, value: int) -> list[int]:
        """Return what *predicate* relates to *value*."""
        return self._columns.subjects(predicate, value)

    def triple(self, fact: Fact) -> Triple | None:
        """Return *fact* as a triple; None if RDF cannot say it."""
        terms = self._numbers.terms
        predicate, subject, value = fact
        return as_triple(
            terms[subject], cast("NamedNode", terms[predicate]), terms[value]
        )

    # Contradictions.

    def clashes(self) -> tuple[Clash, ...]:
        """Return what contradicts the ontology, in a fixed order."""
        teller = Teller(self._program, self._numbers, self, self)
        found: dict[tuple[str, frozenset[Fact]], Clash] = {}
        for fact in self._ill_typed():
            found[LITERALS, frozenset({fact})] = teller.ill_typed(fact)
        for way in self._alarms():
            key = way.clause.rule.axiom, frozenset(way.premises)
            if key not in found and not self._is_axiom(way):
                found[key] = teller.clash(way)
        return tuple(sorted(found.values(), key=lambda c: (c.kind, c.axiom, c.message)))

    def _ill_typed(self) -> Iterator[Fact]:
        typed = self._numbers.typed_literals()
        bad = [number for number, literal in typed if is_ill_typed(literal)]
        if not bad:
            return
        wanted = np.array(bad, np.int64)
        for key, relation in self._stated.relations.items():
            _, values = relation.split(relation.rows)
            if values is not None:
                rows = relation.rows[are_in(wanted, values)]
                yield from self._columns.facts(key, rows)

    def _alarms(self) -> Iterator[Way]:
        """Yield every way in which a rule complains."""
        clauses = {
            id(clause): clause
            for entries in self._program.alarms.values()
            for clause, _ in entries
        }
        for clause in clauses.values():
            i = min(range(len(clause.body)), key=lambda k: self._count(clause.body[k]))
            rows = self._columns.relation(self._columns.key(clause.body[i])).rows
            for table in self._tables(clause, i, rows):
                yield from _ways(clause, table)

    def _count(self, pattern: tuple[int, int, int]) -> int:
        return len(self._columns.relation(self._columns.key(pattern)).rows)

    def _is_axiom(self, way: Way) -> bool:
        """Tell whether the data only repeat what the ontology states."""
        complaint = cast("Complaint", way.clause.rule.head)
        return complaint.kind is ClashKind.MISPLACED and (
            self._program.axioms.issuperset(map(self.triple, way.premises))
        )


def _ways(clause: Clause, table: Table) -> Iterator[Way]:
    bound = {k: column.tolist() for k, column in table.columns.items()}
    for row in range(table.length):
        binding = tuple(
            bound[k][row] if k in bound else None for k in range(clause.width)
        )
        premises = tuple(filled(pattern, binding) for pattern in clause.body)
        yield Way(clause, binding, premises)


def _rank(
    pattern: tuple[int, int, int], table: Table, columns: Columns
) -> tuple[int, int]:
    """Order patterns by what joining them costs: those that only filter come first."""
    is_class = pattern[0] == columns.type
    ends = pattern[1:2] if is_class else pattern[1:]
    unbound = sum(table.at(end) is None for end in ends)
    opens_all = unbound == len(ends)
    return (2 if opens_all else unbound), 0 if is_class else 1


def _whole(table: Table, place: int) -> Column:
    known = table.at(place)
    if known is None:
        raise ValueError("a variable of the conclusion is not bound")
    return np.full(table.length, known) if isinstance(known, int) else known


def _by_key(columns: Columns, facts: Iterable[Fact]) -> dict[Key, Column]:
    """Return *facts* as rows of their relations."""
    found: dict[Key, list[Fact]] = {}
    for fact in facts:
        found.setdefault(columns.key(fact), []).append(fact)
    return {key: _rows(columns, key, group) for key, group in found.items()}


def _rows(columns: Columns, key: Key, facts: list[Fact]) -> Column:
    subjects = np.array([fact[1] for fact in facts], np.int64)
    if key[0] == columns.type:
        return np.unique(subjects)
    values = np.array([fact[2] for fact in facts], np.int64)
    return np.unique(packed(subjects, values))
