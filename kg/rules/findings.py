"""What is said of data that contradict the ontology."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from kg.rules.datatypes import is_well_formed
from kg.rules.model import Auxiliary, Clash, ClashKind, Complaint
from kg.rules.words import name
from kg.terms import Literal

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kg.terms import Node, Term, Triple

LITERALS = "the text of a literal must fit its datatype"
ILL_TYPED = Complaint(ClashKind.ILL_TYPED, "{0} has the value {1}")


def is_ill_typed(term: object) -> bool:
    """Tell whether *term* is a literal whose text does not fit its datatype."""
    return isinstance(term, Literal) and not is_well_formed(term)


def clash(
    axiom: str,
    complaint: Complaint,
    values: Iterable[Term | Auxiliary],
    premises: tuple[Triple, ...],
    asserted: tuple[Triple, ...],
) -> Clash:
    """Return the clash that *complaint* is of, where its variables are *values*."""
    terms = [_shown(value) for value in values]
    said = complaint.text.format(*map(name, terms))
    return Clash(
        kind=complaint.kind,
        axiom=axiom,
        message=f"{said}, but {axiom}",
        focus=terms[0] if terms else cast("Node", premises[0].subject),
        premises=premises,
        asserted=asserted,
    )


def _shown(term: Term | Auxiliary) -> Term:
    if isinstance(term, Auxiliary):
        raise TypeError("a rule's variable stands for no class expression")
    return term
