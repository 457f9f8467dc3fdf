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
    return canonical_literals({literal}).get(literal, literal)


def canonical(quads: Iterable[Quad]) -> tuple[frozenset[Quad], tuple[str, ...]]:
    """Return *quads* as the engine keeps them, and a note for each that differs.

    The engine keeps the value of a number or a date, not its lexical form.
    """
    given = frozenset(quads)
    kept = canonical_literals(q.object for q in given if isinstance(q.object, Literal))
    if not kept:
        return given, ()
    moved = {
        quad: kept[quad.object]
        for quad in given
        if isinstance(quad.object, Literal) and quad.object in kept
    }
    notes = (
        f"{quad.object} is stored as {moved[quad]}" for quad in sorted(moved, key=str)
    )
    stored = {
        Quad(quad.subject, quad.predicate, object_, quad.graph_name)
        for quad, object_ in moved.items()
    }
    return (given - moved.keys()) | stored, tuple(notes)


def canonical_literals(literals: Iterable[Literal]) -> dict[Literal, Literal]:
    """Return in what form the engine keeps those of *literals* that it changes."""
    valued = {
        literal: NamedNode(f"urn:{number}")
        for number, literal in enumerate(literals)
        if literal.language is None and literal.datatype != _STRING
    }
    if not valued:
        return {}
    engine = scratch()
    engine.extend(Quad(name, _ANY, literal) for literal, name in valued.items())
    kept = {quad.subject: quad.object for quad in engine}
    return {
        literal: stored
        for literal, name in valued.items()
        if isinstance(stored := kept[name], Literal) and stored != literal
    }
