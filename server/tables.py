"""Answers as tables for pages: each term with its label and a link; no Flask."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any

from kg.formats import Kind
from kg.names import bearers, things
from kg.readers import KeptAnswer
from kg.terms import BlankNode, Literal, NamedNode

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from kg.answers import Answer
    from kg.readers import ReaderAnswer
    from kg.store import Snapshot
    from kg.terms import Term

MOST_ROWS = 500
"""How many rows a page shows; the whole answer is a download away."""


@dataclass(frozen=True, slots=True)
class Cell:
    """A value as a page shows it; *iri* is what it is, or what alone is called so."""

    text: str
    iri: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class AnswerTable:
    """What a page shows of an answer; *verdict* is that of an ASK.

    *terms* are what the cells of the *rows* were made from.
    """

    columns: tuple[str, ...]
    rows: tuple[tuple[Cell | None, ...], ...]
    terms: tuple[tuple[Any, ...], ...] = ()
    is_cut: bool = False
    verdict: bool | None = None


def table_of(
    answer: Answer | ReaderAnswer,
    snapshot: Snapshot,
    *,
    base: str,
    most: int = MOST_ROWS,
    first: int = 0,
) -> AnswerTable:
    """Return rows of *answer*, *most* of them after the *first*, with all labels.

    A text that is the label of one thing alone, of those under *base*, leads there.
    """
    if answer.is_ask:
        return AnswerTable((), (), verdict=bool(answer))
    columns, found = _rows(answer, first, most + 1)
    rows = list(found)
    shown = rows[:most]
    cells = _cells(snapshot, {term for row in shown for term in row}, base)
    return AnswerTable(
        columns=columns,
        rows=tuple(tuple(map(cells.get, row)) for row in shown),
        terms=tuple(map(tuple, shown)),
        is_cut=len(rows) > most,
    )


def _rows(
    answer: Answer | ReaderAnswer, first: int, number: int
) -> tuple[tuple[str, ...], Iterable[Sequence[Any]]]:
    end = first + number
    if answer.kind is Kind.GRAPH:
        triples = ((t.subject, t.predicate, t.object) for t in answer.triples())
        return ("subject", "predicate", "object"), islice(triples, first, end)
    if isinstance(answer, KeptAnswer):
        return answer.variables, answer.rows(first, number)
    return answer.variables, islice(answer.rows(), first, end)


def _cells(snapshot: Snapshot, terms: set[Any], base: str) -> dict[Any, Cell]:
    """Return a cell for each of *terms*; a triple that stands as a term is written."""
    plain: set[Term] = {
        t for t in terms if isinstance(t, NamedNode | BlankNode | Literal)
    }
    cells = {t: Cell(str(t)) for t in terms - plain if t is not None}
    named = bearers(snapshot, plain, base)
    for term, thing in things(snapshot, plain).items():
        node = term if isinstance(term, NamedNode) else named.get(term)
        iri = node.value if node else ""
        cells[term] = Cell(thing.label, iri, thing.note or _note(term))
    return cells


def _note(term: Term) -> str:
    """Return the language of a text that is not in English."""
    language = term.language if isinstance(term, Literal) else None
    return language if language and not language.startswith("en") else ""
