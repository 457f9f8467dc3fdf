"""Names beside the nodes of a network: as many as fit, none over another."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from kg.pictures.texts import cut, width

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    import numpy.typing as npt

SIZE = 12.0
_UP, _DOWN, _GAP = 0.8, 0.25, 3.0
_WIDE_WORTH = 0.1


@dataclass(frozen=True, slots=True)
class Label:
    """A name, written from *x* on the line *y*, that belongs to a *node*."""

    node: int
    text: str
    x: float
    y: float
    wide: float
    is_bold: bool

    @property
    def box(self) -> tuple[float, float, float, float]:
        """Return where it begins and ends, from left to right and top to bottom."""
        up, down = SIZE * _UP, SIZE * _DOWN
        return self.x, self.x + self.wide, self.y - up, self.y + down


def labels(
    names: Iterable[tuple[int, str, bool]],
    places: npt.NDArray[np.float64],
    sizes: npt.NDArray[np.float64],
    *,
    most: int,
    room: float,
    within: tuple[float, float],
) -> list[Label]:
    """Return labels for nodes in the order of *names*, up to *most* that fit.

    A name is given with its node, and whether it is bold, and cut where it is wider
    than *room*. Each stands where it covers the least of the nodes, inside of a picture
    as large as *within*.
    """
    found: list[Label] = []
    for node, name, is_bold in names:
        if len(found) == most:
            break
        text = cut(name, SIZE, room, bold=is_bold)
        x, y = places[node].tolist()
        ways = _ways(node, text, (x, y, float(sizes[node])), is_bold=is_bold)
        fitting = [one for one in ways if _fits(one, found, within)]
        if fitting:
            covers = [_covered(one, places, sizes) for one in fitting]
            found.append(fitting[covers.index(min(covers))])
    return found


def _ways(
    node: int, text: str, at: tuple[float, float, float], *, is_bold: bool
) -> Iterator[Label]:
    """Yield the ways to write a name beside its node, the best first."""
    x, y, size = at
    wide = width(text, SIZE, bold=is_bold)
    middle, far = y + SIZE * 0.3, size + _GAP
    slant = far * 0.75
    above, below = y - far - SIZE * _DOWN, y + far + SIZE * _UP
    for left, line in (
        (x + far, middle),
        (x - far - wide, middle),
        (x - wide / 2, below),
        (x - wide / 2, above),
        (x + slant, y - slant),
        (x + slant, y + slant + SIZE * 0.5),
        (x - slant - wide, y - slant),
        (x - slant - wide, y + slant + SIZE * 0.5),
    ):
        yield Label(node, text, left, line, wide, is_bold)


def _fits(one: Label, others: Sequence[Label], within: tuple[float, float]) -> bool:
    left, right, top, bottom = one.box
    if left < 0 or top < 0 or right > within[0] or bottom > within[1]:
        return False
    return not any(
        left < its_right and its_left < right and top < its_bottom and its_top < bottom
        for its_left, its_right, its_top, its_bottom in (other.box for other in others)
    )


def _covered(
    one: Label, places: npt.NDArray[np.float64], sizes: npt.NDArray[np.float64]
) -> float:
    """Return how much a label covers of the nodes other than its own."""
    left, right, top, bottom = one.box
    wide = np.minimum(right, places[:, 0] + sizes) - np.maximum(
        left, places[:, 0] - sizes
    )
    high = np.minimum(bottom, places[:, 1] + sizes) - np.maximum(
        top, places[:, 1] - sizes
    )
    covered = np.where((wide > 0) & (high > 0), wide * high, 0.0)
    covered[one.node] *= _WIDE_WORTH
    return float(covered.sum())
