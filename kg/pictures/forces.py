"""Where the nodes of a network stand: communities apart, neighbours near each other.

Each community is laid out in a disc of its own, the discs then among each other. So a
thousand nodes take little longer than their communities do, and nothing is drawn by
chance: the same network always looks the same.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import pi, sqrt
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
import numpy.typing as npt

from kg.pictures.communities import communities

if TYPE_CHECKING:
    from collections.abc import Iterable

    Weights: TypeAlias = npt.NDArray[np.float64]
    Places: TypeAlias = npt.NDArray[np.float64]

_STEPS, _APART_STEPS = 90, 60
_GOLDEN = pi * (3 - sqrt(5))
_TINY = 1e-9
_EVEN = 0.7
"""To so great a part nodes are spread over their disc, whatever draws them together."""

_SPARE = 1.9
"""A node has so much room: its size times this, and what stands between nodes."""


@dataclass(frozen=True, slots=True)
class Disc:
    """The room of a community."""

    x: float
    y: float
    radius: float
    nodes: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Layout:
    """The places of nodes, rows of x and y, and the discs of their communities."""

    places: Places
    discs: tuple[Disc, ...]
    disc_of: tuple[int, ...]


def layout(
    weights: Weights,
    sizes: Places,
    *,
    gap: float,
    shape: float,
    middle: int | None = None,
) -> Layout:
    """Return where nodes stand that are tied with *weights* and as large as *sizes*.

    *sizes* are radii; nodes keep *gap* between them. The whole is about *shape* times
    as wide as it is high. A node in the *middle* belongs to no community.
    """
    of = np.array(communities(_without(weights, middle)), np.int64)
    pinned = None if middle is None else int(of[middle])
    count = int(of.max()) + 1 if len(of) else 0
    groups = [np.flatnonzero(of == one) for one in range(count)]
    rooms = np.array([_room(sizes[group], gap) for group in groups])
    member = np.zeros((count, len(of)))
    member[of, np.arange(len(of))] = 1.0
    between = np.sqrt(member @ weights @ member.T)
    centres = _settled(between, rooms + 2 * gap, shape, pinned)
    places = np.zeros((len(of), 2))
    for place, group in enumerate(groups):
        pull = _pull(weights[group] @ member.T, centres, place)
        own = weights[np.ix_(group, group)]
        places[group] = _within(own, pull, sizes[group] + gap / 2, rooms[place])
    rooms = np.array(
        [
            _extent(places[group], sizes[group], gap)
            for group in groups
        ]
    )  # fmt: skip
    centres = _apart(centres, rooms + gap, shape=shape, pinned=pinned)
    discs = []
    for place, group in enumerate(groups):
        places[group] += centres[place]
        x, y = centres[place].tolist()
        discs.append(Disc(x, y, float(rooms[place]), tuple(group.tolist())))
    return Layout(places, tuple(discs), tuple(of.tolist()))


def _without(weights: Weights, middle: int | None) -> Weights:
    if middle is None:
        return weights
    others = weights.copy()
    others[middle, :] = others[:, middle] = 0.0
    return others


def _room(sizes: Places, gap: float) -> float:
    """Return the radius of the disc that nodes of such sizes need."""
    return float(_SPARE * np.sqrt(((sizes + gap) ** 2).sum()))


def _extent(places: Places, sizes: Places, gap: float) -> float:
    return float((np.hypot(*places.T) + sizes).max()) + gap


def _spiral(rooms: Iterable[float]) -> Places:
    """Return places on a spiral, one after another, each with its room."""
    rooms = np.array(list(rooms))
    far = np.sqrt(np.cumsum(rooms**2) - rooms**2 / 2) if len(rooms) else rooms
    turn = np.arange(len(rooms)) * _GOLDEN
    return np.column_stack([far * np.cos(turn), far * np.sin(turn)])


def _pull(to: Weights, centres: Places, own: int) -> Places:
    """Return where the ties with other communities draw each node."""
    outside = to.copy()
    outside[:, own] = 0.0
    ways = centres - centres[own]
    ways /= np.maximum(np.hypot(*ways.T), _TINY)[:, None]
    whole = np.maximum(to.sum(axis=1), _TINY)[:, None]
    drawn: Places = (outside @ ways) / whole
    return drawn


def _within(own: Weights, pull: Places, sizes: Places, room: float) -> Places:
    """Return the places of a community's nodes, around nought."""
    many = len(sizes)
    if many == 1:
        return np.zeros((1, 2))
    strong = np.log1p(own)
    # Whoever has more ties stands further in.
    order = np.argsort(-own.sum(axis=1), kind="stable")
    places = np.zeros((many, 2))
    places[order] = _spiral(sizes[order] * _SPARE)
    ideal = room / sqrt(many)
    heat = room / 4
    for step in range(_STEPS):
        moves = _forces(places, strong, ideal) + pull * ideal
        moves -= places * (0.6 * ideal / room)
        places += _limited(moves, heat * (1 - step / _STEPS))
    places = _spread(places, room)
    places = _apart(places, sizes)
    middle: Places = (places.min(axis=0) + places.max(axis=0)) / 2
    return places - middle


def _spread(places: Places, room: float) -> Places:
    """Return *places* drawn out so that they fill their disc evenly."""
    places = places - places.mean(axis=0)
    far = np.maximum(np.hypot(*places.T), _TINY)
    rank = np.argsort(np.argsort(far, kind="stable"), kind="stable")
    even = room * np.sqrt((rank + 0.5) / len(far)) * 0.8
    spread: Places = places * (_EVEN * even / far + (1 - _EVEN))[:, None]
    return spread


def _settled(
    between: Weights, rooms: Places, shape: float, pinned: int | None
) -> Places:
    """Return the centres of discs, those with more ties nearer, none over another.

    The one that is *pinned* stands in the middle.
    """
    places = _spiral(rooms)
    if len(places) < 2:
        return places
    strong = between / max(float(between.max()), _TINY)
    ideal = float(rooms.mean()) * 2
    heat = ideal
    for step in range(_STEPS):
        moves = _forces(places, strong, ideal)
        moves -= places * np.array([0.25 / shape, 0.25 * shape])
        places += _limited(moves, heat * (1 - step / _STEPS))
        places -= _origin(places, pinned)
    return _apart(places, rooms, shape=shape, pinned=pinned)


def _origin(places: Places, pinned: int | None) -> Places:
    found: Places = np.zeros(2) if pinned is None else places[pinned].copy()
    return found


def _forces(places: Places, strong: Weights, ideal: float) -> Places:
    """Return how far each place is drawn and driven (Fruchterman and Reingold 1991)."""
    far = np.maximum(_distances(places), ideal / 20)
    push = ideal**2 / far**2 - strong * far / ideal
    return _pushed(places, push)


def _distances(places: Places) -> Places:
    """Return how far each place is from each other."""
    square = (places**2).sum(axis=1)
    squares: Places = square[:, None] + square[None, :] - 2 * places @ places.T
    far: Places = np.sqrt(np.maximum(squares, 0.0))
    np.fill_diagonal(far, 0.0)
    return far


def _pushed(places: Places, push: Weights) -> Places:
    """Return the sum of each place's ways from the others, times *push*.

    What is multiplied here as a whole takes no array of all ways.
    """
    moves: Places = places * push.sum(axis=1)[:, None] - push @ places
    return moves


def _limited(moves: Places, most: float) -> Places:
    far = np.maximum(np.hypot(*moves.T), _TINY)[:, None]
    limited: Places = moves / far * np.minimum(far, most)
    return limited


def _apart(
    places: Places,
    rooms: Places,
    *,
    shape: float | None = None,
    pinned: int | None = None,
) -> Places:
    """Return *places* moved until no disc of *rooms* lies over another.

    With a *shape*, they are first drawn together as far as that allows.
    """
    places = places.copy()
    need = rooms[:, None] + rooms[None, :]
    np.fill_diagonal(need, 0.0)
    for step in range(_APART_STEPS * (4 if shape else 1)):
        if shape and step < _APART_STEPS * 2:
            places *= np.array([1 - 0.02 / shape, 1 - 0.02 * shape])
        far = _distances(places)
        over = np.where(far < need, need - far, 0.0)
        if not over.any() and not (shape and step < _APART_STEPS * 2):
            break
        places += _pushed(places, over / np.maximum(far, _TINY)) * 0.5
        places -= _origin(places, pinned)
    return places
