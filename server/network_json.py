"""A network, and what ties two, as JSON says it; no Flask."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kg.pictures.network import as_counts

if TYPE_CHECKING:
    from kg.names import Thing
    from kg.pictures.network import Network
    from kg.pictures.tied import Shared, Tied


def of_network(found: Network) -> dict[str, object]:
    """Return the members, and the ties by the IRIs of the two."""
    names = [member.thing.term.value for member in found.members]
    return {
        "total": found.total,
        "members": [
            {
                **_named(member.thing),
                "kind": member.kind.label,
                "family": member.kind.family,
                "ties": member.ties,
                "things": member.things,
            }
            for member in found.members
        ],
        "ties": [
            {"one": names[tie.one], "other": names[tie.other], **as_counts(tie)}
            for tie in found.ties
        ],
    }


def of_tie(found: Tied) -> dict[str, object]:
    """Return the two, and what they share with the passages that state it."""
    return {
        "one": _named(found.one),
        "other": _named(found.other),
        "total": found.total,
        "shared": [_shared(one) for one in found.shared],
    }


def _shared(one: Shared) -> dict[str, object]:
    return {
        **_named(one.thing),
        "kind": one.kind.label,
        "tie": one.sort,
        "parts": [
            {
                "agent": part.agent.term.value,
                "property": part.property.term.value,
                "inferred": not part.is_stated,
                "passages": [passage.graph.value for passage in part.passages],
            }
            for part in one.parts
        ],
    }


def _named(thing: Thing) -> dict[str, object]:
    return {"iri": thing.term.value, "label": thing.label}
