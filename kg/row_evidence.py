"""Evidence of an answer: for each row, why the triples hold that make it true."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from kg.deadline import limited
from kg.errors import JudgingLimitError, QueryError
from kg.names import things
from kg.parameters import encode
from kg.rdflib_queries import read_by_rdflib
from kg.row_evidence_forms import MOST_ROWS
from kg.sources import evidence_by_graph
from kg.sparql import tokens
from kg.terms import Literal, NamedNode, Triple
from kg.why import why
from kg.witnesses import Matcher, Witness, subqueries

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from kg.names import Thing
    from kg.sources import Evidence
    from kg.sparql import Token
    from kg.store import Snapshot
    from kg.terms import Term
    from kg.why import Why
    from kg.witnesses import Absence, Held

_MOST_SOLUTIONS = 20_000
_MOST_OF_A_ROW = 50
_REASONS = 3

Row = tuple["Term | None", ...]


@dataclass(frozen=True, slots=True)
class RowEvidence:
    """A row with what makes it true: triples that hold, and others that must not.

    Not *complete* where it rests on more than is listed.
    """

    row: Row
    held: tuple[Held, ...]
    absences: tuple[Absence, ...]
    complete: bool


@dataclass(frozen=True, slots=True)
class AnswerEvidence:
    """The evidence of *rows*, the first of an answer; *is_cut* where it has others.

    *whys* explain the triples of the merged view as far as time allowed, *sources* are
    what the graphs are in which the other triples were asked for.
    """

    columns: tuple[str, ...]
    rows: tuple[RowEvidence, ...]
    is_cut: bool
    whys: Mapping[Triple, Why]
    sources: Mapping[NamedNode, Evidence]
    things: Mapping[Term, Thing]

    def told(self, row: RowEvidence) -> list[Held]:
        """Return the triples of *row*, those that are told with others left out.

        A triple asked for in a graph needs no telling where it is asked for in the
        merged view too, and explained by that very graph.
        """
        return [held for held in row.held if not self._is_told(held)]

    def _is_told(self, held: Held) -> bool:
        why = self.whys.get(held.triple)
        return why is not None and any(
            source.graph == held.graph
            for reason in why.reasons
            for source in reason.steps[0].stated
        )


def answer_evidence(
    snapshot: Snapshot,
    sparql: str,
    *,
    first: int = 0,
    rows: int = 100,
    seconds: float = 20.0,
    shown: str = "",
) -> AnswerEvidence:
    """Return the evidence of up to *rows* rows that *sparql* answers, from *first*.

    Where there is a query *shown*, the rows are those of it: it has the answer of
    *sparql*, or a part, in another order. The search goes on for about *seconds*.
    Raise QueryError where the query has no rows (a CONSTRUCT or DESCRIBE) or names a
    dataset of its own.
    """
    until = time.monotonic() + seconds
    text = _Text.of(sparql)
    columns, found = _rows(snapshot, shown or sparql, first, rows + 1)
    wanted = tuple(dict(zip(columns, row, strict=True)) for row in found[:rows])
    level = _Level(snapshot, text, until, wanted)
    with limited(seconds):
        made = tuple(_evidence(level, columns, row) for row in found[:rows])
    held = dict.fromkeys(one for row in made for one in row.held)
    named = {one.graph for one in held if one.graph is not None}
    whys = _whys(snapshot, (one.triple for one in held if one.graph is None), until)
    return AnswerEvidence(
        columns=columns,
        rows=made,
        is_cut=len(found) > rows,
        whys=whys,
        sources=evidence_by_graph(snapshot, named),
        things=things(snapshot, _terms(made)),
    )


def _rows(
    snapshot: Snapshot, sparql: str, first: int, count: int
) -> tuple[tuple[str, ...], list[Row]]:
    answer = snapshot.query(sparql)
    if answer.is_ask:
        return (), [()] if bool(answer) else []
    found: list[Row] = []
    for number, row in enumerate(answer.rows()):
        if number >= first:
            found.append(row)
        if len(found) >= count:
            break
    return answer.variables, found


def _evidence(level: _Level, columns: Sequence[str], row: Row) -> RowEvidence:
    found = level.witness(dict(zip(columns, row, strict=True)))
    return RowEvidence(row, tuple(found.held), tuple(found.absences), found.complete)


def _whys(
    snapshot: Snapshot, triples: Iterable[Triple], until: float
) -> dict[Triple, Why]:
    found: dict[Triple, Why] = {}
    for triple in triples:
        left = until - time.monotonic()
        if left <= 0:
            break
        if triple not in found:
            found[triple] = why(snapshot, triple, limit=_REASONS, seconds=min(left, 2))
    return found


def _terms(rows: Iterable[RowEvidence]) -> set[Term]:
    found: set[Term] = set()
    for row in rows:
        found.update(term for term in row.row if term is not None)
        found.update(term for one in row.held for term in one.triple)
        patterns = (p for absence in row.absences for p in absence.patterns)
        found.update(t for p in patterns for t in p if not isinstance(t, str))
    return found


# --- the text of a query ----------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Text:
    """A SELECT or ASK as text: what is declared, its group, and its sub-queries."""

    prologue: str
    group: str
    inner: tuple[_Text, ...]

    @classmethod
    def of(cls, sparql: str) -> _Text:
        found = list(tokens(sparql))
        form = next((i for i, t in enumerate(found) if t.is_word(*_FORMS)), 0)
        if not found or not found[form].is_word("SELECT", "ASK"):
            raise QueryError(
                "the query answers with triples, not with rows",
                advice="ask why each of the triples holds",
            )
        return cls._within(sparql, found[form:], sparql[: found[form].start])

    @classmethod
    def _within(cls, sparql: str, found: Sequence[Token], prologue: str) -> _Text:
        opening = next(i for i, t in enumerate(found) if t.text == "{")
        if any(token.is_word("FROM") for token in found[:opening]):
            raise QueryError(
                "the query names a dataset of its own", advice="leave FROM out"
            )
        closing = _closing(found, opening)
        inside = found[opening + 1 : closing]
        group = sparql[found[opening].start : found[closing].end]
        return cls(prologue, group, tuple(cls._inner(sparql, inside, prologue)))

    @classmethod
    def _inner(
        cls, sparql: str, inside: Sequence[Token], prologue: str
    ) -> Iterator[_Text]:
        index = 0
        while index < len(inside):
            if inside[index].is_word("SELECT"):
                yield cls._within(sparql, inside[index:], prologue)
                opening = next(
                    i for i in range(index, len(inside)) if inside[i].text == "{"
                )
                index = _closing(inside, opening)
            index += 1

    @property
    def solutions(self) -> str:
        """The query for all variables of the group."""
        return f"{self.prologue}SELECT * WHERE {self.group}"

    def solutions_of(
        self, wanted: Sequence[Mapping[str, Term | None]], names: Sequence[str]
    ) -> str:
        """The same for solutions alone that have for *names* the values *wanted*."""
        if not (wanted and names):
            return self.solutions
        values = " ".join(
            f"({' '.join(_value(row[n]) for n in names)})" for row in wanted
        )
        heads = " ".join(f"?{name}" for name in names)
        asked = f"VALUES ({heads}) {{ {values} }}"
        return f"{self.prologue}SELECT * WHERE {{ {asked} {self.group} }}"


def _value(term: Term | None) -> str:
    """Return *term* for VALUES, where nothing stands for whatever cannot be said."""
    return encode(term) if isinstance(term, NamedNode | Literal) else "UNDEF"


_FORMS = ("SELECT", "ASK", "CONSTRUCT", "DESCRIBE")


def _closing(found: Sequence[Token], opening: int) -> int:
    depth = 0
    for index in range(opening, len(found)):
        depth += {"{": 1, "}": -1}.get(found[index].text, 0)
        if depth == 0:
            return index
    raise QueryError("a bracket is not closed")


# --- solutions --------------------------------------------------------------------


@dataclass
class _Level:
    """A query, or a query in it: its pattern, and its solutions by what is asked.

    Where it is known beforehand what is *wanted*, no others are looked for.
    """

    snapshot: Snapshot
    text: _Text
    until: float
    wanted: tuple[Mapping[str, Term | None], ...] = ()
    is_cut: bool = False
    variables: frozenset[str] = frozenset()
    _indexes: dict[tuple[str, ...], dict[Row, list[dict[str, Term]]]] = field(
        default_factory=dict
    )

    @cached_property
    def algebra(self) -> Any:  # noqa: ANN401
        """The query for all variables in rdflib's algebra."""
        return read_by_rdflib(self.text.solutions).algebra

    @property
    def pattern(self) -> Any:  # noqa: ANN401
        """The group of it."""
        return self.algebra.p.p

    @cached_property
    def inner(self) -> dict[int, _Level]:
        """The sub-queries by their nodes in the algebra."""
        nodes = list(subqueries(self.pattern))
        if len(nodes) != len(self.text.inner):
            return {}
        return {
            id(node): _Level(self.snapshot, text, self.until, self._asked_of(node))
            for node, text in zip(nodes, self.text.inner, strict=True)
        }

    def _asked_of(self, node: Any) -> tuple[Mapping[str, Term | None], ...]:  # noqa: ANN401
        """Return which solutions of a sub-query matter here; () where many do."""
        names = sorted(_projected(node) & self.variables)
        asked = dict.fromkeys(
            tuple(one.get(name) for name in names) for one in self.solutions
        )
        if len(asked) > MOST_ROWS:
            return ()
        return tuple(dict(zip(names, values, strict=True)) for values in asked)

    @cached_property
    def solutions(self) -> list[dict[str, Term]]:
        """All solutions, as far as the bounds allow."""
        known = set(map(str, self.algebra.p.PV)) if self.wanted else set()
        names = [name for name in self.wanted[0] if name in known] if known else []
        answer = self.snapshot.query(self.text.solutions_of(self.wanted, names))
        found: list[dict[str, Term]] = []
        for row in answer.rows():
            if len(found) >= _MOST_SOLUTIONS or time.monotonic() > self.until:
                self.is_cut = True
                break
            pairs = zip(answer.variables, row, strict=True)
            found.append({name: term for name, term in pairs if term is not None})
        self.variables = frozenset(answer.variables)
        return found

    def witness(self, asked: Mapping[str, Term | None]) -> Witness:
        """Return what makes true the solutions that have the values *asked*."""
        found = Witness()
        try:
            self._gather(found, self._fitting(asked))
        except JudgingLimitError:  # in the midst of a row
            found.complete = False
        found.complete = found.complete and not self.is_cut
        return found

    def _gather(self, found: Witness, solutions: list[dict[str, Term]]) -> None:
        """Add to *found* what makes *solutions* true; raise JudgingLimitError."""
        found.complete = bool(solutions)
        for solution in solutions:
            if len(found.held) >= _MOST_OF_A_ROW:
                found.complete = False
                break
            one = Matcher(self.snapshot, solution, self._of_inner).match(self.pattern)
            if one is None:
                found.complete = False
            else:
                found.add(one)

    def _fitting(self, asked: Mapping[str, Term | None]) -> list[dict[str, Term]]:
        solutions = self.solutions
        names = tuple(name for name in asked if name in self.variables)
        if names not in self._indexes:
            index: dict[Row, list[dict[str, Term]]] = {}
            for one in solutions:
                index.setdefault(tuple(map(one.get, names)), []).append(one)
            self._indexes[names] = index
        return self._indexes[names].get(tuple(asked[name] for name in names), [])

    def _of_inner(self, node: Any, known: Mapping[str, Term]) -> Witness | None:  # noqa: ANN401
        level = self.inner.get(id(node))
        if level is None:
            return Witness(complete=False)
        projected = _projected(node)
        asked = {n: t for n, t in known.items() if n in projected}
        if not (level._fitting(asked) or level.is_cut):
            return None
        return level.witness(asked)


def _projected(node: Any) -> set[str]:  # noqa: ANN401
    """Return the variables that a sub-query gives to what is around it."""
    while "PV" not in node:  # DISTINCT, LIMIT and the like stand around it
        node = node.p
    return {str(name) for name in node.PV}
