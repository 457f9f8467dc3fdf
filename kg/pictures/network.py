"""The network of states, organisations and persons, as much as a picture can show."""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

import numpy as np

from kg.names import things
from kg.pictures.kinds import Kinds
from kg.pictures.ties import memberships
from kg.pictures.wanted import AGREEMENTS, CLAIMS, EVENTS, HARD_MOST, Around
from kg.terms import NamedNode

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from kg.names import Thing
    from kg.pictures.kinds import Kind
    from kg.pictures.ties import Counted, Numbers, Selection
    from kg.snapshot import Snapshot

_MOST_KEPT = 12


@dataclass(frozen=True, slots=True)
class Member:
    """A node: *ties* to so many others of the network, by so many *things* in all."""

    thing: Thing
    kind: Kind
    ties: int
    things: int


@dataclass(frozen=True, slots=True)
class Tie:
    """What ties two members, given by their places: so many things of each kind.

    *claims* are those of the first about the second, *claimed* those of the second
    about the first.
    """

    one: int
    other: int
    agreements: int
    events: int
    claims: int
    claimed: int

    @property
    def total(self) -> int:
        """Return how many things there are."""
        return self.agreements + self.events + self.claims + self.claimed

    @property
    def mainly(self) -> str:
        """Return the kind of most of them; what binds goes before what is said."""
        counts = {
            AGREEMENTS: self.agreements,
            EVENTS: self.events,
            CLAIMS: self.claims + self.claimed,
        }
        return max(counts, key=lambda kind: counts[kind])


@dataclass(frozen=True, eq=False)
class Network:
    """Members, those with most first, and their ties, the strongest first.

    *total* counts those who would be members if there were no limit; *entity* is the
    place of the one in the middle.
    """

    members: tuple[Member, ...]
    ties: tuple[Tie, ...]
    total: int
    entity: int | None = None


# A version never changes: the networks last asked for are kept as long as it lives.
_KEPT: WeakKeyDictionary[Snapshot, OrderedDict[Around, Network]] = WeakKeyDictionary()
_KEEPING = threading.Lock()


def network(snapshot: Snapshot, asked: Around | None = None) -> Network:
    """Return the network that is *asked* for, *most* members of it."""
    asked = asked or Around()
    asked = replace(asked, most=min(asked.most, HARD_MOST))
    kept = _KEPT.setdefault(snapshot, OrderedDict())
    found = kept.get(asked) or _read(snapshot, asked)
    with _KEEPING:
        found = kept.setdefault(asked, found)
        kept.move_to_end(asked)
        while len(kept) > _MOST_KEPT:
            kept.popitem(last=False)
    return found


def _read(snapshot: Snapshot, asked: Around) -> Network:
    whole = memberships(snapshot)
    selection = whole.selected(snapshot, asked.wanted)
    middle = whole.number.get(asked.entity.value) if asked.entity else None
    if asked.entity and middle is None:
        return Network((), (), 0)
    if middle is None:
        scores = selection.scores()
        chosen, total = _tied_most(selection, scores, asked.most)
    else:
        chosen, total = _around(selection, middle, asked.depth, asked.most)
    counted = selection.counted(chosen)
    tied = _tied(counted)
    kept = np.flatnonzero((tied > 0).any(axis=1))
    return _shown(snapshot, [whole.agents[i] for i in chosen[kept]], counted, kept,
                  total, middle=None if middle is None else 0)  # fmt: skip


def _first(scores: Numbers, most: int) -> Numbers:
    """Return the agents with the most, no more than *most*; equals by their IRIs."""
    order = np.argsort(-scores, kind="stable")[:most]
    return order[scores[order] > 0]


def _tied_most(selection: Selection, scores: Numbers, most: int) -> tuple[Numbers, int]:
    """Return those with the most that have ties to each other, and how many have any.

    Rather many are read, since some have none but to those who have less.
    """
    chosen = _first(scores, most + most // 3)
    is_tied = (_tied(selection.counted(chosen)) > 0).any(axis=1)
    return chosen[is_tied][:most], int((scores > 0).sum())


def _around(
    selection: Selection, middle: int, depth: int, most: int
) -> tuple[Numbers, int]:
    """Return the agent in the *middle* and those around it, and how many there are."""
    chosen = np.array([middle], np.int64)
    known = chosen
    for _ in range(depth):
        near = selection.near(known, middle)
        near[known] = 0
        known = np.concatenate([known, np.flatnonzero(near)])
        chosen = np.concatenate([chosen, _first(near, max(most - len(chosen), 0))])
    return chosen, len(known)


def _tied(counted: Counted) -> Numbers:
    claims = counted.claims
    return counted.agreements + counted.events + claims + claims.T


def _shown(
    snapshot: Snapshot,
    agents: list[str],
    counted: Counted,
    kept: Numbers,
    total: int,
    *,
    middle: int | None,
) -> Network:
    parts = [
        some[np.ix_(kept, kept)]
        for some in (counted.agreements, counted.events, counted.claims)
    ]
    tied = parts[0] + parts[1] + parts[2] + parts[2].T
    many, much = (tied > 0).sum(axis=1).tolist(), tied.sum(axis=1).tolist()
    nodes = [NamedNode(agent) for agent in agents]
    names, kinds = things(snapshot, nodes), Kinds.of(snapshot)
    members = tuple(
        Member(names[node], kinds.kind(snapshot, node), many[i], much[i])
        for i, node in enumerate(nodes)
    )
    is_there = middle is not None and len(members) > 0
    ties = sorted(_ties(parts), key=lambda tie: (-tie.total, tie.one, tie.other))
    return Network(members, tuple(ties), total, 0 if is_there else None)


def _ties(parts: list[Numbers]) -> Iterator[Tie]:
    agreements, events, claims = parts
    rows, columns = np.nonzero(np.triu(agreements + events + claims + claims.T, 1))
    counts = (
        some[rows, columns].tolist() for some in (agreements, events, claims, claims.T)
    )
    for one in zip(rows.tolist(), columns.tolist(), *counts, strict=True):
        yield Tie(*one)


def as_counts(tie: Tie) -> Mapping[str, int]:
    """Return the numbers of a tie by their names."""
    return {
        AGREEMENTS: tie.agreements,
        EVENTS: tie.events,
        CLAIMS: tie.claims,
        "claimed": tie.claimed,
    }
