"""Which ties a picture of the network is to show; without numpy, slow to import."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from kg.terms import NamedNode

AGREEMENTS, EVENTS, CLAIMS = "agreements", "events", "claims"
TIES = (AGREEMENTS, EVENTS, CLAIMS)
"""The kinds of ties."""

KINDS: Mapping[str, tuple[str, ...]] = {
    "State": ("State", "StateGroup"),
    "Organization": ("Organization",),
    "Person": ("Person", "PersonGroup"),
}
"""The kinds of those who are tied, with the classes that each takes in."""

MOST_NODES = 150
HARD_MOST = 1000
"""No network has more nodes than this."""

DEPTHS = (1, 2)


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which ties are meant: of which kinds, between what kind of agents, and when.

    "" is any kind of agent. *after* and *before* leave out what cannot have happened
    then, and what has no year.
    """

    ties: frozenset[str] = frozenset(TIES)
    kind: str = ""
    after: date | None = None
    before: date | None = None


@dataclass(frozen=True, slots=True)
class Around:
    """Which network is meant: the ties, and around whom; None for those with most.

    *depth* 1 takes in who is tied to the *entity*, 2 also who is tied to those.
    """

    wanted: Wanted = field(default_factory=Wanted)
    entity: NamedNode | None = None
    depth: int = 1
    most: int = MOST_NODES
