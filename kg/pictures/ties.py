"""Who is tied to whom: by agreements, by events that both take part in, by claims.

A version's memberships are read once and kept as numbers as long as it is; what is
asked of them then is arithmetic on arrays.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
import numpy.typing as npt

from kg.per_version import per_version
from kg.pictures.events import happening
from kg.pictures.wanted import AGREEMENTS, CLAIMS, EVENTS, KINDS, Wanted
from kg.terms import EXQ, MERGED_VIEW, TYPE, NamedNode

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from kg.snapshot import Snapshot

Numbers: TypeAlias = npt.NDArray[np.int64]
Flags: TypeAlias = npt.NDArray[np.bool_]

_MEMBERS = """
PREFIX exq: <https://w3id.org/exequatur/ontology#>
SELECT ?thing (GROUP_CONCAT(STR(?agent)) AS ?agents) WHERE {
  { ?thing exq:hasParticipant ?agent } UNION { ?thing exq:hasParty ?agent }
  UNION { ?thing exq:hasSignatory ?agent } UNION { ?thing exq:setParty ?agent }
  UNION { ?thing exq:undertakenBy ?agent } UNION { ?thing exq:involvesState ?agent }
  FILTER(ISIRI(?agent))
}
GROUP BY ?thing
HAVING(COUNT(*) > 1)
"""
_BINDING = """
PREFIX exq: <https://w3id.org/exequatur/ontology#>
SELECT ?thing WHERE {
  { ?thing a exq:Agreement } UNION { ?thing a exq:AgreementSet }
  UNION { ?thing a exq:Undertaking }
}
"""
_CLAIMS = """
PREFIX exq: <https://w3id.org/exequatur/ontology#>
SELECT ?claim ?maker ?topic WHERE {
  { SELECT * WHERE { ?claim exq:claimAbout ?topic } }
  { SELECT * WHERE { ?topic a exq:Agent } }
  { SELECT * WHERE { ?claim exq:madeBy ?maker } }
}
"""
_MADE_IN, _CONCERNS = (
    NamedNode(f"{EXQ}{name}") for name in ("madeIn", "concernsAgreement")
)


@dataclass(frozen=True, slots=True)
class Counted:
    """How many things of each kind tie the agents, in rows and columns, to each other.

    That of *claims* has its makers in rows; the others are the same both ways.
    """

    agreements: Numbers
    events: Numbers
    claims: Numbers


class Memberships:
    """Who has a part in what, and who claims about whom."""

    def __init__(
        self,
        members: Iterable[tuple[str, Sequence[str]]],
        claims: Sequence[tuple[str, str, str]],
        binding: set[str],
    ) -> None:
        parts = [(thing, sorted(set(agents))) for thing, agents in sorted(members)]
        names = {agent for _, agents in parts for agent in agents}
        names.update(agent for _, maker, topic in claims for agent in (maker, topic))
        self.agents = sorted(names)
        self.number = {agent: place for place, agent in enumerate(self.agents)}
        self.things = [thing for thing, _ in parts]
        self._thing = _numbers(i for i, (_, agents) in enumerate(parts) for _ in agents)
        self._agent = _numbers(self.number[a] for _, agents in parts for a in agents)
        self._is_binding = np.array([thing in binding for thing in self.things], bool)
        self.claims = [claim for claim, _, _ in claims]
        self._maker = _numbers(self.number[maker] for _, maker, _ in claims)
        self._topic = _numbers(self.number[topic] for _, _, topic in claims)

    def selected(self, snapshot: Snapshot, wanted: Wanted) -> Selection:
        """Return the part of them that *wanted* means."""
        things, claims = self._within(snapshot, wanted)
        kept = things[self._thing] if self.things else np.zeros(0, bool)
        if AGREEMENTS not in wanted.ties:
            kept = kept & ~self._is_binding[self._thing]
        if EVENTS not in wanted.ties:
            kept = kept & self._is_binding[self._thing]
        if CLAIMS not in wanted.ties:
            claims = np.zeros(len(self.claims), bool)
        fits = self._of_kind(snapshot, wanted.kind)
        return Selection(self, kept, claims, fits)

    def between(self, one: str, other: str) -> list[tuple[str, str]]:
        """Return what ties two agents, each with its sort, in the order of `TIES`."""
        ends = (self.number.get(one, -1), self.number.get(other, -1))
        if min(ends) < 0 or one == other:
            return []
        with_each = [self._thing[self._agent == end] for end in ends]
        both = np.intersect1d(*with_each).tolist()
        said = ((self._maker == ends[0]) & (self._topic == ends[1])) | (
            (self._maker == ends[1]) & (self._topic == ends[0])
        )
        claims = sorted({self.claims[place] for place in np.flatnonzero(said)})
        found = [
            (AGREEMENTS if self._is_binding[place] else EVENTS, self.things[place])
            for place in both
        ]
        return [*sorted(found), *((CLAIMS, claim) for claim in claims)]

    def _within(self, snapshot: Snapshot, wanted: Wanted) -> tuple[Flags, Flags]:
        """Tell which things and claims can be of the days that are wanted."""
        if wanted.after is None and wanted.before is None:
            return np.ones(len(self.things), bool), np.ones(len(self.claims), bool)
        found = happening(snapshot, wanted.after, wanted.before)
        known = {node.value for node in found}
        for name, is_back in ((_CONCERNS, False), (_MADE_IN, True)):
            for quad in snapshot.quads(None, name, None, MERGED_VIEW):
                ends = (quad.object, quad.subject)
                end, start = ends if is_back else ends[::-1]
                if end in found and isinstance(start, NamedNode):
                    known.add(start.value)
        return (
            np.array([thing in known for thing in self.things], bool),
            np.array([claim in known for claim in self.claims], bool),
        )

    def _of_kind(self, snapshot: Snapshot, kind: str) -> Flags:
        if not kind:
            return np.ones(len(self.agents), bool)
        fits = np.zeros(len(self.agents), bool)
        for name in KINDS[kind]:
            class_ = NamedNode(f"{EXQ}{name}")
            for quad in snapshot.quads(None, TYPE, class_, MERGED_VIEW):
                place = self.number.get(getattr(quad.subject, "value", ""))
                if place is not None:
                    fits[place] = True
        return fits

    def parts(self, kept: Flags) -> tuple[Numbers, Numbers, Flags]:
        """Return the things and the agents of memberships, and which of them bind."""
        thing = self._thing[kept]
        return thing, self._agent[kept], self._is_binding[thing]

    def claimed(self, kept: Flags) -> tuple[Numbers, Numbers]:
        """Return the makers and the topics of claims."""
        return self._maker[kept], self._topic[kept]


class Selection:
    """The memberships and claims that are wanted; agents are numbers."""

    def __init__(
        self, whole: Memberships, members: Flags, claims: Flags, fits: Flags
    ) -> None:
        self.whole, self._fits = whole, fits
        self._members, self._claims = members, claims

    def scores(self, also: int | None = None) -> Numbers:
        """Return of each agent in how many things it has a part with another.

        Those of another kind than wanted have none, but the one that is *also* meant.
        """
        _, agent, _ = self._shared(also)
        maker, topic = self._said(also)
        size = len(self.whole.agents)
        return sum(
            (np.bincount(some, minlength=size) for some in (agent, maker, topic)),
            np.zeros(size, np.int64),
        )

    def near(self, agents: Numbers, also: int) -> Numbers:
        """Return of each agent how many ties it has to one of *agents*."""
        thing, agent, _ = self._shared(also)
        maker, topic = self._said(also)
        size = len(self.whole.agents)
        is_one = np.zeros(size, bool)
        is_one[agents] = True
        with_one = np.zeros(len(self.whole.things), bool)
        with_one[thing[is_one[agent]]] = True
        return sum(
            (
                np.bincount(some, minlength=size)
                for some in (
                    agent[with_one[thing]],
                    topic[is_one[maker]],
                    maker[is_one[topic]],
                )
            ),
            np.zeros(size, np.int64),
        )

    def counted(self, agents: Numbers) -> Counted:
        """Return how many things tie *agents*, numbered in their order."""
        place = np.full(len(self.whole.agents), -1, np.int64)
        place[agents] = np.arange(len(agents))
        thing, agent, binds = self.whole.parts(self._members)
        kept = place[agent] >= 0
        thing, agent, binds = thing[kept], place[agent[kept]], binds[kept]
        maker, topic = (place[some] for some in self.whole.claimed(self._claims))
        is_known = (maker >= 0) & (topic >= 0)
        size = len(agents)
        flat = maker[is_known] * size + topic[is_known]
        return Counted(
            _pairs(thing[binds], agent[binds], size),
            _pairs(thing[~binds], agent[~binds], size),
            np.bincount(flat, minlength=size * size).reshape(size, size),
        )

    def _shared(self, also: int | None) -> tuple[Numbers, Numbers, Flags]:
        """Return the memberships of things that two or more of those meant share."""
        thing, agent, binds = self.whole.parts(self._members)
        fits = self._meant(also)[agent]
        thing, agent, binds = thing[fits], agent[fits], binds[fits]
        together = np.bincount(thing, minlength=len(self.whole.things))[thing] > 1
        return thing[together], agent[together], binds[together]

    def _said(self, also: int | None) -> tuple[Numbers, Numbers]:
        maker, topic = self.whole.claimed(self._claims)
        meant = self._meant(also)
        fits = meant[maker] & meant[topic]
        return maker[fits], topic[fits]

    def _meant(self, also: int | None) -> Flags:
        if also is None:
            return self._fits
        meant = self._fits.copy()
        meant[also] = True
        return meant


@per_version
def memberships(snapshot: Snapshot) -> Memberships:
    """Return the memberships and claims of *snapshot*."""
    return Memberships(
        [
            (_text(thing), _text(agents).split(" "))
            for thing, agents in snapshot.query(_MEMBERS).rows()
        ],
        sorted(_claims(snapshot)),
        {_text(thing) for (thing,) in snapshot.query(_BINDING).rows()},
    )


def _claims(snapshot: Snapshot) -> Iterator[tuple[str, str, str]]:
    """Yield claims of one about another, with the two."""
    for claim, maker, topic in snapshot.query(_CLAIMS).rows():
        # To ask the engine for this takes longer.
        is_other = isinstance(maker, NamedNode) and isinstance(topic, NamedNode)
        if is_other and maker != topic:
            yield _text(claim), _text(maker), _text(topic)


def _pairs(thing: Numbers, agent: Numbers, size: int) -> Numbers:
    """Return how many things each two agents share; *thing* is in order.

    One step for each place that two members of a thing can be apart: memory stays that
    of the answer, however many members a thing has, and the work that of its pairs.
    """
    found = np.zeros(size * size, np.int64)
    for apart in range(1, len(thing)):
        same = thing[apart:] == thing[:-apart]
        if not same.any():
            break
        np.add.at(found, agent[:-apart][same] * size + agent[apart:][same], 1)
    square = found.reshape(size, size)
    return square + square.T


def _numbers(values: Iterable[int]) -> Numbers:
    return np.fromiter(values, np.int64)


def _text(term: object) -> str:
    return str(getattr(term, "value", ""))
