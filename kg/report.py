"""Findings about a graph: what a shape, the ontology or the vocabulary objects to."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kg.terms import NamedNode, Node, Quad, Term


class Severity(StrEnum):
    """How grave a finding is; only a violation keeps a change out."""

    VIOLATION = "Violation"
    WARNING = "Warning"
    INFO = "Info"


class Check(StrEnum):
    """Which of the three checks found it."""

    SHAPE = "shape"
    CONSISTENCY = "consistency"
    VOCABULARY = "vocabulary"


@dataclass(frozen=True, slots=True)
class Finding:
    """One objection: *focus* is the node it is about, *message* what would mend it.

    *path* is a property path in SPARQL syntax with full IRIs; *premises* are the
    asserted quads behind it (empty where the focus node says enough).
    """

    check: Check
    severity: Severity
    focus: Term
    message: str
    shape: Node | None = None
    component: NamedNode | None = None
    path: str = ""
    value: Term | None = None
    premises: tuple[Quad, ...] = field(default=())
