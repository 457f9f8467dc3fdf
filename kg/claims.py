"""Claims in short: what each says, who makes it, and of which kinds it is.

Beside the claims of a state or a body stand those of who speaks for it.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from itertools import chain, islice
from typing import TYPE_CHECKING, TypeAlias

from kg.folding import fold
from kg.names import Thing, things
from kg.parameters import put_values
from kg.terms import EXQ, MERGED_VIEW, NamedNode, Triple
from kg.whence import described_sources, in_order, sources_of

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

    from kg.created import Quads
    from kg.store import Snapshot
    from kg.terms import Term
    from kg.whence import Source

Parts: TypeAlias = "Mapping[Term, Mapping[str, list[Thing]]]"

MOST_SPEAKERS = 500
"""So many of those who speak for somebody are asked for their claims."""

_SPEAKING = tuple(NamedNode(f"{EXQ}{name}") for name in ("actsFor", "memberOfGroup"))
_MADE_BY, _MADE_FOR = (NamedNode(f"{EXQ}{name}") for name in ("madeBy", "madeFor"))

_CLAIMS = """
PREFIX exq: <https://w3id.org/exequatur/ontology#>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
SELECT ?claim ?part ?value ?thing WHERE {
  VALUES ?claim { rdfs:Resource }
  {
    ?claim exq:claimText ?value . BIND("text" AS ?part)
  } UNION {
    ?claim exq:designation ?value . BIND("designation" AS ?part)
  } UNION {
    ?claim exq:madeBy ?thing . ?thing rdfs:label ?value . BIND("maker" AS ?part)
  } UNION {
    ?claim exq:hasClaimKind/rdfs:label ?value . BIND("kind" AS ?part)
  }
}
ORDER BY STR(?claim) STR(?part) STR(?value) STR(?thing)
"""


@dataclass(frozen=True, slots=True)
class ClaimSummary:
    """A claim: what it says in short, who makes it, and of which kinds it is."""

    claim: Thing
    text: str
    makers: tuple[Thing, ...]
    kinds: tuple[str, ...]
    designations: tuple[str, ...]
    sources: tuple[Source, ...]


@dataclass(frozen=True, slots=True)
class ClaimGroup:
    """The claims that the same *makers* make together."""

    makers: tuple[Thing, ...]
    claims: tuple[ClaimSummary, ...]


def claim_parts(snapshot: Snapshot, claims: Iterable[Term]) -> Parts:
    """Return the texts of *claims* by what they are: text, maker, kind, designation."""
    parts: dict[Term, dict[str, list[Thing]]] = {c: defaultdict(list) for c in claims}
    text = put_values(_CLAIMS, "claim", *sorted(claims, key=str))
    for claim, part, value, thing in snapshot.query(text).rows():
        if claim and part and value:
            found = parts[claim][part.value]
            if thing is None or thing not in {one.term for one in found}:
                found.append(Thing(thing or value, value.value))
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
            text=" ".join(one.label for one in parts[claim]["text"]),
            makers=tuple(parts[claim]["maker"]),
            kinds=tuple(one.label for one in parts[claim]["kind"]),
            designations=tuple(one.label for one in parts[claim]["designation"]),
            sources=sources,
        )
        for claim, sources in claims.items()
    ]
    return tuple(sorted(found, key=_order))


def by_maker(claims: Iterable[ClaimSummary]) -> tuple[ClaimGroup, ...]:
    """Return *claims* by who makes them, in the order of names; the nameless last."""
    found: defaultdict[tuple[Thing, ...], list[ClaimSummary]] = defaultdict(list)
    for claim in claims:
        found[claim.makers].append(claim)
    groups = (ClaimGroup(makers, tuple(some)) for makers, some in found.items())
    return tuple(sorted(groups, key=_turn))


def claims_for(
    snapshot: Snapshot, agent: NamedNode, *, most: int, but: Collection[Term] = ()
) -> tuple[tuple[ClaimSummary, ...], bool]:
    """Return claims in the name of *agent*, or by who acts for it or is a member of it.

    Those that it makes itself are not among them, *but* neither; *most* of the others
    are. Also tell whether there may be more.
    """
    # Looked up together: a store behind a URL is asked for many at a time.
    found, is_more = snapshot.looking_up(
        lambda here: _claims_for(here, agent, most, but)
    )
    kept = dict(islice(found.items(), most))
    graphs = {claim: sources_of(snapshot, triple) for claim, triple in kept.items()}
    known = described_sources(snapshot, set().union(*graphs.values()))
    sources: dict[Term, tuple[Source, ...]] = {
        claim: in_order(known[g] for g in some) for claim, some in graphs.items()
    }
    told = summaries(sources, things(snapshot, kept), claim_parts(snapshot, kept))
    return told, is_more


def _claims_for(
    here: Quads, agent: NamedNode, most: int, but: Collection[Term]
) -> tuple[dict[NamedNode, Triple], bool]:
    """Return claims, each with what makes it one of those, and whether that is all."""
    found: dict[NamedNode, Triple] = {}
    speakers = list(_speakers(here, agent))
    for predicate, whom in ((_MADE_FOR, agent), *((_MADE_BY, one) for one in speakers)):
        made = here.quads(None, predicate, whom, MERGED_VIEW)
        for quad in islice(made, most + 1):
            claim = quad.subject
            if isinstance(claim, NamedNode) and claim not in but:
                own = here.quads(claim, _MADE_BY, agent, MERGED_VIEW)
                if not any(True for _ in own):
                    found.setdefault(claim, Triple(claim, predicate, whom))
        if len(found) > most:
            break
    return found, len(found) > most or len(speakers) == MOST_SPEAKERS


def _speakers(here: Quads, agent: NamedNode) -> Iterator[NamedNode]:
    found = chain.from_iterable(
        here.quads(None, name, agent, MERGED_VIEW) for name in _SPEAKING
    )
    nodes = (quad.subject for quad in islice(found, MOST_SPEAKERS))
    return (one for one in dict.fromkeys(nodes) if isinstance(one, NamedNode))


def _turn(one: ClaimGroup) -> tuple[bool, list[tuple[str, str]]]:
    return not one.makers, [
        (fold(maker.label), str(maker.term)) for maker in one.makers
    ]


def _order(one: ClaimSummary) -> tuple[str, str]:
    return fold(one.claim.label), str(one.claim.term)
