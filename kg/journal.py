"""What is kept of every accepted change: a journal file, and a PROV activity."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from kg.terms import (
    EXQ,
    LABEL,
    LOG,
    PROV,
    RDFS,
    TYPE,
    XSD,
    Literal,
    NamedNode,
    Quad,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kg.change import Change
    from kg.terms import Term


def journal_lines(change: Change) -> list[str]:
    """Return the change's asserted quads as N-Quads: `D` removes, `A` adds a line."""
    lines = [f"D {quad} .\n" for quad in sorted(change.removed, key=str)]
    return lines + [f"A {quad} .\n" for quad in sorted(change.added, key=str)]


def activity(
    change: Change,
    version: int,
    *,
    agent: str,
    message: str,
    base: str,
    when: datetime | None = None,
) -> Iterator[Quad]:
    """Yield the PROV activity that made *version*, in the graph of the log."""
    act = NamedNode(f"{base}change/{version}")
    who = NamedNode(f"{base}agent/{_slug(agent)}")
    ended = (when or datetime.now(UTC)).isoformat(timespec="seconds")
    said: list[tuple[NamedNode, NamedNode, Term]] = [
        (act, TYPE, NamedNode(f"{PROV}Activity")),
        (act, NamedNode(f"{PROV}endedAtTime"), _typed(ended, "dateTime")),
        (act, NamedNode(f"{PROV}wasAssociatedWith"), who),
        (act, NamedNode(f"{EXQ}datasetVersion"), _typed(str(version), "integer")),
        (act, NamedNode(f"{EXQ}addedCount"), _count(change.added)),
        (act, NamedNode(f"{EXQ}removedCount"), _count(change.removed)),
        (who, TYPE, NamedNode(f"{PROV}Agent")),
        (who, LABEL, Literal(agent)),
    ]
    if message:
        said.append((act, NamedNode(f"{RDFS}comment"), Literal(message)))
    yield from (
        Quad(subject, predicate, value, LOG) for subject, predicate, value in said
    )


def _count(quads: frozenset[Quad]) -> Literal:
    return _typed(str(len(quads)), "integer")


def _typed(value: str, datatype: str) -> Literal:
    return Literal(value, datatype=NamedNode(f"{XSD}{datatype}"))


def _slug(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-") or "unknown"
