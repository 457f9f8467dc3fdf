"""A network drawn: communities apart, each kind of member and tie a look of its own.

The ties between two communities run together. Where there are too many, the weakest are
left out, but none of a member's two strongest; names stand where there is room.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from math import hypot
from typing import TYPE_CHECKING, TypeAlias
from weakref import WeakKeyDictionary

import numpy as np

from kg.pictures.forces import Layout, layout
from kg.pictures.labels import SIZE, labels
from kg.pictures.network import network
from kg.pictures.svg import Picture, element, link, number, text_element, text_lines
from kg.pictures.wanted import AGREEMENTS, CLAIMS, EVENTS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    import numpy.typing as npt

    from kg.pictures.labels import Label
    from kg.pictures.network import Member, Network, Tie
    from kg.pictures.svg import Href
    from kg.snapshot import Snapshot

    Between: TypeAlias = Callable[[str, str], str | None]

MOST_DRAWN = 1200
"""So many ties are drawn at most, and besides the strongest two of each member."""

_WIDE, _HIGH, _SIDE, _TOP, _LEGEND = 1000.0, 640.0, 70.0, 18.0, 46.0
_SHAPE, _MOST_STRETCH = 1.45, 3.0
_LEAST_SIZE, _GROWTH = 3.2, 1.15
_FEW_NODES, _MOST_LABELS, _MOST_BOLD = 60, 70, 12
_LONG, _SHORT = 240.0, 150.0
_FEW_TIES = 260
_LEAST_DISC = 3
_SMALL = 11.0
_TOLD = 12


@dataclass(frozen=True, slots=True)
class _Placed:
    """Where the members stand on the sheet, how large they are, and the sheet."""

    found: Layout
    places: npt.NDArray[np.float64]
    sizes: npt.NDArray[np.float64]
    discs: tuple[tuple[float, float, float], ...]
    high: float


# A network's places take the longest: they are found once for each.
_PLACED: WeakKeyDictionary[Network, _Placed] = WeakKeyDictionary()


def drawn(
    found: Network,
    href: Href = str,
    between: Between | None = None,
    *,
    has_legend: bool = True,
) -> Picture:
    """Return the drawing of *found*.

    *href* tells where a member's link leads; *between* where that of a tie leads. The
    legend, and how many ties are not drawn, may stand beside it instead.
    """
    placed = _placed(found)
    ties = shown_ties(found)
    names = _labels(found, placed)
    parts = [
        *_discs(placed),
        *_ties(found, ties, placed, between),
        *_members(found, placed, href, {one.node for one in names}),
        element("g", *map(_name, names), class_="names"),
    ]
    high = placed.high
    if has_legend:
        parts += [*_legend(high + 14), *_note(found, ties, high + 40)]
        high += _LEGEND + (8 if len(ties) < len(found.ties) else -12)
    return Picture(
        "network",
        "Network",
        _described(found),
        _WIDE,
        high,
        "".join(parts),
    )


def place(found: Network) -> None:
    """Find where members stand, which takes the longest; it is kept with *found*."""
    _placed(found)


def usual(snapshot: Snapshot) -> Picture:
    """Return the drawing of the network that is asked for most; its places are kept."""
    return drawn(network(snapshot))


def shown_ties(found: Network) -> list[Tie]:
    """Return the ties that are drawn: all, or the strongest of all and of each."""
    if len(found.ties) <= MOST_DRAWN:
        return list(found.ties)
    seen: Counter[int] = Counter()
    kept = []
    for place, tie in enumerate(found.ties):
        if place < MOST_DRAWN or min(seen[tie.one], seen[tie.other]) < 2:
            kept.append(tie)
        seen.update((tie.one, tie.other))
    return kept


def told(tie: Tie, members: Sequence[Member]) -> str:
    """Return in words what ties two members."""
    one, other = (members[place].thing.label for place in (tie.one, tie.other))
    said = [
        _many(tie.agreements, "agreement"),
        _many(tie.events, "event"),
        _many(tie.claims, "claim", f" by {one} about {other}"),
        _many(tie.claimed, "claim", f" by {other} about {one}"),
    ]
    return ", ".join(text for text in said if text)


def _many(count: int, word: str, more: str = "") -> str:
    return f"{count:,} {word}{'' if count == 1 else 's'}{more}" if count else ""


# --- places -----------------------------------------------------------------------


def _placed(found: Network) -> _Placed:
    known = _PLACED.get(found)
    if known is None:
        known = _PLACED[found] = _place(found)
    return known


def _place(found: Network) -> _Placed:
    many = len(found.members)
    weights = np.zeros((many, many))
    for tie in found.ties:
        weights[tie.one, tie.other] = weights[tie.other, tie.one] = tie.total
    ties = np.array([member.ties for member in found.members], float)
    scale = min(1.0, (_FEW_NODES * 4 / max(many, 1)) ** 0.35)
    sizes = scale * (_LEAST_SIZE + _GROWTH * np.sqrt(ties))
    if not many:
        empty = Layout(np.zeros((0, 2)), (), ())
        return _Placed(empty, empty.places, sizes, (), 2 * _TOP)
    gap = max(4.0, 150.0 / np.sqrt(many) - float(sizes.mean()))
    laid = layout(weights, sizes, gap=gap, shape=_SHAPE, middle=found.entity)
    low = np.array(
        [
            min(d.x - d.radius for d in laid.discs),
            min(d.y - d.radius for d in laid.discs),
        ]
    )
    high = np.array(
        [
            max(d.x + d.radius for d in laid.discs),
            max(d.y + d.radius for d in laid.discs),
        ]
    )
    room = _WIDE - 2 * _SIDE
    wide, tall = (high - low).tolist()
    stretch = min(room / wide, _HIGH / tall, _MOST_STRETCH)
    left = (_WIDE - stretch * wide) / 2
    start = np.array([left, _TOP])
    places = (laid.places - low) * stretch + start
    discs = tuple(
        (*((np.array([d.x, d.y]) - low) * stretch + start).tolist(), d.radius * stretch)
        for d in laid.discs
    )
    scaled = sizes * min(1.0, stretch)
    return _Placed(laid, places, scaled, discs, stretch * tall + 2 * _TOP)


def _labels(found: Network, placed: _Placed) -> list[Label]:
    order = sorted(
        range(len(found.members)),
        key=lambda place: (place != found.entity, -found.members[place].ties, place),
    )
    is_few = len(order) <= _FEW_NODES
    bold = set(
        order[: 1 if found.entity is not None else min(len(order) // 12, _MOST_BOLD)]
    )
    names = ((one, found.members[one].thing.label, one in bold) for one in order)
    return labels(
        names,
        placed.places,
        placed.sizes,
        most=len(order) if is_few else _MOST_LABELS,
        room=_LONG if is_few else _SHORT,
        within=(_WIDE, placed.high),
    )


# --- marks ------------------------------------------------------------------------


def _discs(placed: _Placed) -> Iterator[str]:
    for (x, y, radius), disc in zip(placed.discs, placed.found.discs, strict=True):
        if len(disc.nodes) >= _LEAST_DISC:
            yield element("circle", cx=x, cy=y, r=radius, class_="back")


def _ties(
    found: Network, ties: Sequence[Tie], placed: _Placed, between: Between | None
) -> Iterator[str]:
    """Yield the ties, the weakest first, so that the strongest lie above them."""
    is_many = len(ties) > _FEW_TIES
    members = found.members
    for tie in reversed(ties):
        one, other = (members[place].thing for place in (tie.one, tie.other))
        path = _path(tie, placed)
        href = between(one.term.value, other.term.value) if between else None
        hit = () if is_many else (element("path", d=path, class_="edge reach"),)
        yield link(
            href,
            text_element("title", f"{one.label} – {other.label}: {told(tie, members)}"),
            *hit,
            element(
                "path",
                d=path,
                class_=f"tie {tie.mainly}",
                stroke_width=_thick(tie, 0.45 if is_many else 1.0),
                stroke_opacity=None if not is_many else _faint(tie),
            ),
            class_="between",
            tabindex="-1" if href else None,
            data_one=str(tie.one),
            data_other=str(tie.other),
        )


def _thick(tie: Tie, scale: float) -> float:
    more: float = (tie.total - 1) ** 0.7
    return min(0.8 + 0.45 * scale * more, 5.0)


def _faint(tie: Tie) -> str:
    return f"{min(0.14 + 0.03 * tie.total, 0.5):.2f}"


def _path(tie: Tie, placed: _Placed) -> str:
    """Return the line of a tie; between communities it runs with the others there."""
    of = placed.found.disc_of
    (x, y), (to_x, to_y) = (placed.places[p].tolist() for p in (tie.one, tie.other))
    here, there = placed.discs[of[tie.one]], placed.discs[of[tie.other]]
    start, end = f"M{number(x)} {number(y)}", f"{number(to_x)} {number(to_y)}"
    if of[tie.one] == of[tie.other]:
        return f"{start}L{end}"
    first, second = _gate(here, there), _gate(there, here)
    points = " ".join(
        f"{number((a + b) / 2)} {number((c + d) / 2)}"
        for (a, c), (b, d) in ((first, (x, y)), (second, (to_x, to_y)))
    )
    return f"{start}C{points} {end}"


def _gate(
    here: tuple[float, float, float], there: tuple[float, float, float]
) -> tuple[float, float]:
    """Return the place where what leads from one disc to another leaves it."""
    far = max(hypot(there[0] - here[0], there[1] - here[1]), 1.0)
    share = min(here[2] / far, 1.0)
    return (
        here[0] + (there[0] - here[0]) * share,
        here[1] + (there[1] - here[1]) * share,
    )


def _members(
    found: Network, placed: _Placed, href: Href, named: set[int]
) -> Iterator[str]:
    for place in reversed(range(len(found.members))):
        one = found.members[place]
        x, y = placed.places[place].tolist()
        size = float(placed.sizes[place])
        main = " main" if place == found.entity else ""
        title = f"{one.thing.label} ({one.kind.label or 'agent'}): "
        target = href(one.thing.term.value)
        yield link(
            target,
            text_element("title", f"{title}{_many(one.ties, 'tie')}"),
            _mark(one.kind.family, x, y, size, f"node {one.kind.family}{main}"),
            class_="member",
            tabindex="-1" if target and place not in named else None,
            data_member=str(place),
            data_name=one.thing.label,
        )


def _mark(family: str, x: float, y: float, size: float, class_: str) -> str:
    """Return the shape of a kind of member, all of them about as large."""
    if family == "person":
        return element("circle", cx=x, cy=y, r=size, class_=class_)
    if family == "state":
        side = 1.78 * size
        return element(
            "rect", x=x - side / 2, y=y - side / 2, width=side, height=side, rx=1,
            class_=class_,
        )  # fmt: skip
    far = size * 1.25
    corners = [(x, y - far), (x + far, y), (x, y + far), (x - far, y)]
    if family != "organisation":
        corners = [(x, y - far), (x + far, y + far * 0.75), (x - far, y + far * 0.75)]
    points = " ".join(f"{number(a)},{number(b)}" for a, b in corners)
    return element("polygon", points=points, class_=class_)


def _name(one: Label) -> str:
    return text_lines(
        [one.text], one.x, one.y, SIZE,
        class_="name halo strong" if one.is_bold else "name halo",
        data_of=str(one.node),
    )  # fmt: skip


def legend() -> Iterator[tuple[str, str]]:
    """Yield what the marks of a drawing mean, each word with its mark for a page."""
    for text, mark, wide in _marks(_SMALL - 4.5):
        box = f"0 0 {number(wide)} 14"
        yield (
            text,
            element(
                "svg", mark, viewBox=box, width=wide, height=14.0,
                class_="picture", aria_hidden="true",
            ),
        )  # fmt: skip


def _legend(y: float) -> Iterator[str]:
    x = _TOP
    for text, mark, wide in _marks(0.0):
        where = f"translate({number(x)} {number(y)})"
        yield element("g", mark, transform=where)
        yield text_lines([text], x + wide + 5, y + 4, _SMALL, class_="soft")
        x += 26 + wide + len(text) * 6.6


def _marks(y: float) -> Iterator[tuple[str, str, float]]:
    """Yield words with their marks on the line *y*, and how wide these are."""
    for family in ("state", "organisation", "person"):
        yield family, _mark(family, 7, y, 5.5, f"node {family}"), 14.0
    for kind in (AGREEMENTS, EVENTS, CLAIMS):
        line = element(
            "path", d=f"M0 {number(y)}h30", class_=f"tie {kind}", stroke_width=2
        )
        yield f"mostly {kind}", line, 30.0


def _note(found: Network, ties: Sequence[Tie], y: float) -> Iterator[str]:
    left = len(found.ties) - len(ties)
    if left:
        note = f"{left:,} weaker ties are not drawn; the list has them."
        yield text_lines([note], _TOP, y, _SMALL, class_="soft")


def _described(found: Network) -> str:
    """Return in words what the picture shows."""
    kinds: defaultdict[str, int] = defaultdict(int)
    for member in found.members:
        kinds[member.kind.family] += 1
    count = ", ".join(_many(kinds[kind], kind) for kind in sorted(kinds))
    if not count:
        return "Nobody is tied to anybody."
    names = [
        f"{found.members[tie.one].thing.label} and "
        f"{found.members[tie.other].thing.label}: {told(tie, found.members)}"
        for tie in found.ties[:_TOLD]
    ]
    return f"{count}; {_many(len(found.ties), 'tie')}. Strongest: {'; '.join(names)}."
