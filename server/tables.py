"""Answers as tables of things with labels, for pages; no Flask."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any

from kg.formats import Kind
from kg.names import Thing, things
from kg.terms import BlankNode, Literal, NamedNode

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from kg.answers import Answer
    from kg.store import Snapshot

MOST_ROWS = 500
"""How many rows a page shows; the whole answer is a download away."""


@dataclass(frozen=True, slots=True)
class AnswerTable:
    """What a page shows of an answer; *verdict* is that of an ASK."""

    columns: tuple[str, ...]
    rows: tuple[tuple[Thing | None, ...], ...]
    is_cut: bool = False
    verdict: bool | None = None
    kind: Kind = Kind.RESULTS


def table_of(
    answer: Answer, snapshot: Snapshot, *, most: int = MOST_ROWS
) -> AnswerTable:
    """Return the first rows of *answer*, every term with its label."""
    if answer.is_ask:
        return AnswerTable((), (), verdict=bool(answer))
    found: Iterable[Sequence[Any]]
    if answer.kind is Kind.GRAPH:
        columns: tuple[str, ...] = ("subject", "predicate", "object")
        found = ((t.subject, t.predicate, t.object) for t in answer.triples())
    else:
        columns, found = answer.variables, answer.rows()
    rows = list(islice(found, most + 1))
    shown = rows[:most]
    labelled = _labelled({term for row in shown for term in row}, snapshot)
    return AnswerTable(
        columns=columns,
        rows=tuple(tuple(map(labelled.get, row)) for row in shown),
        is_cut=len(rows) > most,
        kind=answer.kind,
    )


def _labelled(terms: set[Any], snapshot: Snapshot) -> dict[Any, Thing]:
    """Return *terms* with what to show; a triple that stands as a term is written."""
    plain = {t for t in terms if isinstance(t, NamedNode | BlankNode | Literal)}
    written = {t: Thing(t, str(t)) for t in terms - plain if t is not None}
    return {**written, **things(snapshot, plain)}
