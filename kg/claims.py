"""Claims in short: what each says, who makes it, and of which kinds it is."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from kg.parameters import put_values

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from kg.names import Thing
    from kg.store import Snapshot
    from kg.terms import Term
    from kg.whence import Source

Parts: TypeAlias = "Mapping[Term, Mapping[str, list[str]]]"

_CLAIMS = """
PREFIX exq: <https://w3id.org/exequatur/ontology#>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
SELECT ?claim ?part ?value WHERE {
  VALUES ?claim { rdfs:Resource }
  {
    ?claim exq:claimText ?value . BIND("text" AS ?part)
  } UNION {
    ?claim exq:designation ?value . BIND("designation" AS ?part)
  } UNION {
    ?claim exq:madeBy/rdfs:label ?value . BIND("maker" AS ?part)
  } UNION {
    ?claim exq:hasClaimKind/rdfs:label ?value . BIND("kind" AS ?part)
  }
}
ORDER BY ?claim ?part ?value
"""


@dataclass(frozen=True, slots=True)
class ClaimSummary:
    """A claim: what it says in short, who makes it, and of which kinds it is."""

    claim: Thing
    text: str
    makers: tuple[str, ...]
    kinds: tuple[str, ...]
    designations: tuple[str, ...]
    sources: tuple[Source, ...]


def claim_parts(snapshot: Snapshot, claims: Iterable[Term]) -> Parts:
    """Return the texts of *claims* by what they are: text, maker, kind, designation."""
    parts: dict[Term, dict[str, list[str]]] = {c: defaultdict(list) for c in claims}
    text = put_values(_CLAIMS, "claim", *sorted(claims, key=str))
    for claim, part, value in snapshot.query(text).rows():
        if claim and part and value:
            parts[claim][part.value].append(value.value)
    return parts


def summaries(
    claims: Mapping[Term, tuple[Source, ...]],
    labelled: Mapping[Term, Thing],
    parts: Parts,
) -> tuple[ClaimSummary, ...]:
    """Return *claims* in short with their sources, by label."""
    found = [
        ClaimSummary(
            claim=labelled[claim],
            text=" ".join(parts[claim]["text"]),
            makers=tuple(parts[claim]["maker"]),
            kinds=tuple(parts[claim]["kind"]),
            designations=tuple(parts[claim]["designation"]),
            sources=sources,
        )
        for claim, sources in claims.items()
    ]
    return tuple(sorted(found, key=_order))


def _order(one: ClaimSummary) -> tuple[str, str]:
    return one.claim.label.casefold(), str(one.claim.term)
