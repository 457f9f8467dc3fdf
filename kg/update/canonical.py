"""Literals as the engine keeps them: a number or a date by its value."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kg.store import scratch
from kg.terms import RDF, XSD, Literal, NamedNode, Quad

if TYPE_CHECKING:
    from collections.abc import Iterable

_AS_WRITTEN = frozenset({f"{XSD}string", f"{RDF}langString"})
_ANY = NamedNode("urn:x-exequatur:any")


class Canonical:
    """Gives quads the literals that the engine would store, and notes what differs."""

    def __init__(self) -> None:
        self.notes: dict[str, None] = {}
        self._kept: dict[Literal, Literal] = {}

    def quads(self, quads: Iterable[Quad], *, note: bool) -> set[Quad]:
        """Return *quads* as the engine keeps them; with *note*, note what differs."""
        found = set(quads)
        literals = {
            quad.object
            for quad in found
            if isinstance(quad.object, Literal)
            and quad.object.datatype.value not in _AS_WRITTEN
        }
        self._learn(literals - self._kept.keys())
        differing = {literal for literal in literals if self._kept[literal] != literal}
        if note:
            self.notes |= {
                f"{literal} is stored as {self._kept[literal]}": None
                for literal in sorted(differing, key=str)
            }
        return {self._quad(quad) for quad in found} if differing else found

    def _learn(self, literals: Iterable[Literal]) -> None:
        numbered = dict(enumerate(literals))
        engine = scratch()
        engine.extend(
            Quad(_ANY, _ANY, literal, NamedNode(f"urn:x-exequatur:{number}"))
            for number, literal in numbered.items()
        )
        for quad in engine:
            number = int(str(quad.graph_name.value).rpartition(":")[2])
            if isinstance(quad.object, Literal):
                self._kept[numbered[number]] = quad.object

    def _quad(self, quad: Quad) -> Quad:
        if not isinstance(quad.object, Literal):
            return quad
        kept = self._kept.get(quad.object, quad.object)
        return Quad(quad.subject, quad.predicate, kept, quad.graph_name)
