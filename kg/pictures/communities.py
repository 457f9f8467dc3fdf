"""Communities of a network: who has more to do with each other than with the rest.

Modularity is raised by moving nodes between neighbours' communities and then joining
these (Blondel et al. 2008), in a fixed order: the same network has the same ones.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from collections.abc import Sequence

    Weights: TypeAlias = npt.NDArray[np.float64]
    Near: TypeAlias = Sequence[Sequence[tuple[int, float]]]

_MOST_ROUNDS, _MOST_PASSES = 8, 12
_LEAST_GAIN = 1e-9


def communities(weights: Weights) -> list[int]:
    """Return a community's number for each row of *weights*, the largest first.

    *weights* is symmetric; its diagonal counts for nothing.
    """
    current = weights.copy()
    np.fill_diagonal(current, 0.0)
    found = np.arange(len(current))
    for _ in range(_MOST_ROUNDS):
        moved = _moved(current)
        names, moved = np.unique(moved, return_inverse=True)
        found = moved[found]
        if len(names) == len(current):
            break
        member = np.zeros((len(names), len(current)))
        member[moved, np.arange(len(current))] = 1.0
        current = member @ current @ member.T
    sizes = np.bincount(found) if len(found) else found
    order = sorted(range(len(sizes)), key=lambda one: (-sizes[one], one))
    rank = {one: place for place, one in enumerate(order)}
    return [rank[one] for one in found.tolist()]


def _moved(weights: Weights) -> npt.NDArray[np.int64]:
    """Return the community of each node after moving them one by one."""
    degrees = weights.sum(axis=1).tolist()
    whole = sum(degrees)
    of = list(range(len(degrees)))
    if not whole:
        return np.array(of, np.int64)
    total = list(degrees)
    near = _near(weights)
    for _ in range(_MOST_PASSES):
        changes = 0
        for node, own in enumerate(degrees):
            before = of[node]
            total[before] -= own
            of[node] = after = _best(near[node], of, total, own / whole, before)
            total[after] += own
            changes += after != before
        if not changes:
            break
    return np.array(of, np.int64)


def _best(
    near: Sequence[tuple[int, float]],
    of: Sequence[int],
    total: Sequence[float],
    share: float,
    before: int,
) -> int:
    """Return the community that gains most by a node; its own where none is better."""
    to: defaultdict[int, float] = defaultdict(float)
    for other, weight in near:
        to[of[other]] += weight
    best, most = before, to.get(before, 0.0) - total[before] * share + _LEAST_GAIN
    for one, weight in to.items():
        gain = weight - total[one] * share
        if gain > most:
            best, most = one, gain
    return best


def _near(weights: Weights) -> Near:
    rows, columns = np.nonzero(weights)
    near: list[list[tuple[int, float]]] = [[] for _ in weights]
    triples = zip(
        rows.tolist(), columns.tolist(), weights[rows, columns].tolist(), strict=True
    )
    for row, column, weight in triples:
        if row != column:
            near[row].append((column, weight))
    return near
