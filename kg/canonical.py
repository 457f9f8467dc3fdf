"""Literals as the engine keeps them: by value, not by lexical form."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kg.store import scratch
from kg.terms import XSD, Literal, NamedNode, Quad

if TYPE_CHECKING:
    from collections.abc import Iterable

_ANY = NamedNode("urn:any")
_STRING = NamedNode(f"{XSD}string")


def canonical_literal(literal: Literal) -> Literal:
    """Return *literal* as the engine keeps it."""
    if literal.language is not None or literal.datatype == _STRING:
        return literal
    engine = scratch()
    engine.add(Quad(_ANY, _ANY, literal))
    kept = next(iter(engine)).object
    return kept if isinstance(kept, Literal) else literal


def canonical(quads: Iterable[Quad]) -> tuple[frozenset[Quad], tuple[str, ...]]:
    """Return *quads* as the engine keeps them, and a note for each that differs.

    The engine keeps the value of a number or a date, not its lexical form.
    """
    given = frozenset(quads)
    engine = scratch()
    engine.extend(given)
    kept = frozenset(engine)
    notes = []
    for quad in sorted(given - kept, key=str):
        engine = scratch()
        engine.add(quad)
        stored = next(iter(engine))
        if isinstance(quad.object, Literal):
            notes.append(f"{quad.object} is stored as {stored.object}")
    return kept, tuple(notes)
