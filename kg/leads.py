"""Who or what an entity is, in one line: its kinds, and what tells it from others."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kg.terms import DCT, EXQ, NamedNode

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kg.entities import Description, FactGroup
    from kg.names import Thing

_MOST = 2
_LEADING = (
    ("holdsPost", "servesIn", "officialOf", "nationalOf", "affiliatedWith"),
    ("organOf", "subBodyOf", "memberOfGroup"),
    ("receivingState",),
    ("hasPostKind",),
    ("postIn", "postOfState"),
    ("tenureOf", "participatingAgent"),
    ("inPost", "inRole"),
    (f"{DCT}publisher", "republishedBy"),
    ("madeBy", "issuedBy", "proposedBy", "undertakenBy"),
    ("hasParty", "setParty", "hasPartner", "hasDisputant", "relationsOf"),
    ("disputeOver", "stanceOn", "concernsPerson", "recognizedThing"),
    ("territoryOf", "inTerritoryOf", "locatedIn"),
    ("takesPlaceAt", "takesPlaceInState"),
    ("hasTime", "datedTo", "hasSigningTime", "holdsDuring"),
    ("dateWording", "edtf"),
    ("hasStatus",),
    ("hasCapital",),
)
"""The properties that tell most, in order; of those in a row the first that it has."""


@dataclass(frozen=True, slots=True)
class Lead:
    """A part of the line: *values* of a property, *more* of them left out."""

    property: Thing
    values: tuple[Thing, ...]
    more: int = 0


def leads(found: Description) -> tuple[Lead, ...]:
    """Return what the line says after the kinds."""
    by_name = {
        group.property.term.value.removeprefix(EXQ): group
        for group in found.facts
        if isinstance(group.property.term, NamedNode)
    }
    return tuple(_leads(by_name))


def _leads(by_name: dict[str, FactGroup]) -> Iterator[Lead]:
    for names in _LEADING:
        name = next((one for one in names if one in by_name), None)
        if name:
            group = by_name[name]
            stated = [fact for fact in group.facts if not fact.is_inferred]
            values = [fact.value for fact in stated or group.facts]
            left = len(values) - _MOST
            yield Lead(group.property, tuple(values[:_MOST]), max(0, left))
