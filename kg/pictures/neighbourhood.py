"""The neighbourhood of an entity drawn: it in the middle, others to its sides.

What is said of it stands to the right, by property, and where it is named to the left;
a longer side lends to the shorter one. An arrow's head tells the direction. On a phone
the others stand below it, one under another.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kg.pictures.neighbours import MOST_NODES, neighbourhood
from kg.pictures.svg import Picture, element, link, number, text_element, text_lines
from kg.pictures.texts import cut, width, wrap
from kg.terms import NamedNode

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from kg.entities import Description
    from kg.pictures.neighbours import Branch, Neighbour, Neighbourhood
    from kg.pictures.svg import Href
    from kg.store import Snapshot

_NAME, _SMALL = 13.0, 11.0
_LINE, _SMALL_LINE = 16.0, 14.0
_BOX, _MAIN, _WORDS, _GAP, _MARGIN = 205.0, 190.0, 112.0, 28.0, 8.0
_BETWEEN, _APART, _PAD, _BAR = 8.0, 18.0, 9.0, 4.0
_MORE = 18.0
_NARROW, _SPINE, _STEP = 340.0, 14.0, 18.0


def neighbourhood_svg(
    snapshot: Snapshot,
    node: NamedNode,
    *,
    found: Description | None = None,
    most: int = MOST_NODES,
    href: Href = str,
    is_file: bool = False,
) -> str:
    """Return the picture of what stands around *node*, no more than *most* things.

    It is for a page, or a file of its own. *found* is the description of *node* where
    that is at hand; *href* tells where a link to an IRI leads. It is "" where nothing
    stands around it. Raise UnknownEntityError.
    """
    around = neighbourhood(snapshot, node, found=found, most=most)
    if not around.branches:
        return ""
    picture = drawn(around, href)
    return picture.file() if is_file else picture.svg()


def drawn(around: Neighbourhood, href: Href = str) -> Picture:
    """Return the drawing of *around*."""
    main = _Main(around)
    branches = [_Drawn(branch) for branch in around.branches]
    left, right = _sides(branches)
    reach = _BOX + _WORDS + 2 * _GAP
    start = _MARGIN + (reach if left else 0.0)
    height = max(main.height, _height(left), _height(right))
    middle = _MARGIN + height / 2
    parts = [
        *_side(left, start, middle, -1, href),
        *_side(right, start + _MAIN, middle, 1, href),
        main.svg(start, middle),
    ]
    wide = start + _MAIN + (reach if right else 0.0) + _MARGIN
    return _picture("neighbourhood", around, wide, _MARGIN + height, parts)


def drawn_narrow(around: Neighbourhood, href: Href = str) -> Picture:
    """Return the drawing of *around* for the screen of a phone: all in one column."""
    main = _Main(around, _NARROW - 2)
    parts = [main.svg(1, _MARGIN + main.height / 2)]
    begun = top = _MARGIN + main.height
    spine = top
    for branch in around.branches:
        top, spine = top + _APART, top + _APART + _SMALL_LINE / 2
        drawing, top = _column(branch, top, href)
        parts.append(drawing)
    parts.append(_line(_SPINE, begun, _SPINE, spine, is_inferred=False))
    return _picture("neighbourhood-narrow", around, _NARROW, top, parts)


def _column(branch: Branch, top: float, href: Href) -> tuple[str, float]:
    """Return a *branch* in a column, and where it ends: its words, then its boxes."""
    near, twig = _SPINE + _STEP, _SPINE + 1.5 * _STEP
    edge = twig + _STEP
    centre = top + _SMALL_LINE / 2
    all_follow = all(one.is_inferred for one in branch.neighbours)
    arrow = "← " if branch.is_incoming else ""
    words = cut(f"{arrow}{branch.property.label}", _SMALL, _NARROW - near - 4)
    term = branch.property.term
    parts = [
        _line(_SPINE, centre, near, centre, is_inferred=all_follow),
        link(
            href(term.value) if isinstance(term, NamedNode) else None,
            text_lines([words], near + 4, centre + 4, _SMALL, class_="name"),
        ),
    ]
    begun = last = top + _SMALL_LINE
    top = begun + _BETWEEN / 2
    for one in branch.neighbours:
        box = _Box.of(one, _NARROW - 1 - edge)
        last = top + box.height / 2
        parts.append(_line(twig, last, edge, last, is_inferred=one.is_inferred))
        if not branch.is_incoming:
            parts.append(_head(edge, last, 1))
        parts.append(box.svg(edge, top, branch, href))
        top += box.height + _BETWEEN
    parts.append(_line(twig, begun, twig, last, is_inferred=all_follow))
    if branch.told():
        more = [f"and {branch.told()}"]
        parts.append(text_lines(more, edge, top + 8, _SMALL, class_="soft"))
        top += _MORE
    return element("g", *parts), top - _BETWEEN


def _picture(
    kind: str, around: Neighbourhood, wide: float, bottom: float, parts: list[str]
) -> Picture:
    """Return the picture of *parts*, with what is to be noted at its *bottom*."""
    for note in _notes(around):
        for line in wrap(note, _SMALL, wide - 2 * _MARGIN):
            bottom += _SMALL_LINE + 4
            parts.append(text_lines([line], _MARGIN, bottom, _SMALL, class_="soft"))
    title = f"Neighbourhood of {around.entity.label}"
    told, high = _described(around), bottom + _MARGIN
    return Picture(kind, title, told, wide, high, "".join(parts))


class _Main:
    """The entity itself, in a box so *wide*."""

    def __init__(self, around: Neighbourhood, wide: float = _MAIN) -> None:
        room = wide - 2 * _PAD - _BAR
        self._wide = wide
        self._family = around.kind.family
        self._name = wrap(around.entity.label, _NAME + 1, room, most=4, bold=True)
        self._kind = cut(around.kind.label, _SMALL, room)
        self.height = len(self._name) * (_LINE + 1) + _SMALL_LINE + 2 * _PAD

    def svg(self, x: float, middle: float) -> str:
        y = middle - self.height / 2
        inside = x + _BAR + _PAD
        last = y + self.height - _PAD - 2
        return element(
            "g",
            _rect(x, y, self._wide, self.height, "box main"),
            _rect(x, y, _BAR + 1, self.height, self._family),
            text_lines(
                self._name, inside, y + _PAD + 12, _NAME + 1, _LINE + 1, class_="strong"
            ),
            text_lines([self._kind], inside, last, _SMALL, class_="soft"),
        )


@dataclass(frozen=True, slots=True)
class _Box:
    """A neighbour's box: the lines of its name and its height."""

    one: Neighbour
    name: list[str]
    height: float
    wide: float

    @classmethod
    def of(cls, one: Neighbour, wide: float = _BOX) -> _Box:
        name = wrap(one.thing.label, _NAME, wide - 2 * _PAD - _BAR)
        return cls(one, name, len(name) * _LINE + _SMALL_LINE + 2 * _PAD - 6, wide)

    def svg(self, x: float, y: float, branch: Branch, href: Href) -> str:
        one, inside = self.one, x + _BAR + _PAD
        small = cut(_small(one), _SMALL, self.wide - 2 * _PAD - _BAR)
        iri = one.thing.term.value
        return link(
            href(iri),
            text_element("title", _told(branch, one)),
            _rect(x, y, self.wide, self.height, "box"),
            _rect(x, y, _BAR, self.height, one.kind.family),
            text_lines(self.name, inside, y + _PAD + 9, _NAME, _LINE, class_="name"),
            text_lines(
                [small], inside, y + self.height - _PAD + 1, _SMALL, class_="soft"
            ),
        )


class _Drawn:
    """A branch: the words of its property, its boxes one under another."""

    def __init__(self, branch: Branch) -> None:
        self.branch = branch
        self.boxes = [_Box.of(one) for one in branch.neighbours]
        words = wrap(branch.property.label, _SMALL, _WORDS - 10, most=3)
        self.words = words
        self.reach = max(width(line, _SMALL) for line in words) / 2 + 3
        listed = sum(box.height for box in self.boxes) + _BETWEEN * (
            len(self.boxes) - 1
        )
        listed += _MORE if branch.told() else 0.0
        self.height = max(listed, len(words) * _SMALL_LINE + 4)

    def svg(
        self, edge: float, middle: float, top: float, turn: int, href: Href
    ) -> Iterator[str]:
        """Yield it to the right of *edge* (*turn* 1) or to its left (-1)."""
        centre = top + self.height / 2
        words = edge + turn * (_GAP + _WORDS / 2)
        reach = turn * self.reach
        box_edge = words + turn * (_WORDS / 2 + _GAP)
        yield self._trunk(edge, middle, words - reach, centre, turn)
        x = box_edge if turn > 0 else box_edge - _BOX
        y = top
        for box in self.boxes:
            yield self._twig(
                words + reach, centre, box_edge, y + box.height / 2, box.one, turn
            )
            yield box.svg(x, y, self.branch, href)
            y += box.height + _BETWEEN
        if self.branch.told():
            yield text_lines(
                [f"and {self.branch.told()}"], x + _BAR + _PAD, y + 8, _SMALL,
                class_="soft",
            )  # fmt: skip
        yield self._label(words, centre, href)

    def _label(self, x: float, centre: float, href: Href) -> str:
        first = centre - (len(self.words) - 1) * _SMALL_LINE / 2 + 4
        words = text_lines(
            self.words, x, first, _SMALL, _SMALL_LINE,
            class_="name", text_anchor="middle",
        )  # fmt: skip
        term = self.branch.property.term
        return link(href(term.value) if isinstance(term, NamedNode) else None, words)

    def _trunk(
        self, edge: float, middle: float, near: float, centre: float, turn: int
    ) -> str:
        is_inferred = all(box.one.is_inferred for box in self.boxes)
        head = _head(edge, middle, -turn) if self.branch.is_incoming else ""
        return _curve(edge, middle, near, centre, is_inferred=is_inferred) + head

    def _twig(
        self, far: float, centre: float, x: float, y: float, one: Neighbour, turn: int
    ) -> str:
        head = "" if self.branch.is_incoming else _head(x, y, turn)
        return _curve(far, centre, x, y, is_inferred=one.is_inferred) + head


def _sides(branches: Sequence[_Drawn]) -> tuple[list[_Drawn], list[_Drawn]]:
    """Return the branches to the left and to the right: about as high as each other.

    Those out of the entity stand on the right as far as there is room.
    """
    ordered = sorted(branches, key=lambda one: one.branch.is_incoming)
    whole, right = _height(ordered), list[_Drawn]()
    for one in ordered:
        if right and _height([*right, one]) > whole / 2 + one.height / 2:
            break
        right.append(one)
    return ordered[len(right) :], right


def _height(branches: Sequence[_Drawn]) -> float:
    return sum(one.height for one in branches) + _APART * max(0, len(branches) - 1)


def _side(
    branches: Sequence[_Drawn], edge: float, middle: float, turn: int, href: Href
) -> Iterator[str]:
    top = middle - _height(branches) / 2
    for one in branches:
        yield element("g", *one.svg(edge, middle, top, turn, href))
        top += one.height + _APART


def _curve(x: float, y: float, to_x: float, to_y: float, *, is_inferred: bool) -> str:
    half = (x + to_x) / 2
    path = " ".join(map(number, (half, y, half, to_y, to_x, to_y)))
    return element(
        "path",
        d=f"M{number(x)} {number(y)}C{path}",
        class_="edge inferred" if is_inferred else "edge",
    )


def _line(x: float, y: float, to_x: float, to_y: float, *, is_inferred: bool) -> str:
    return element(
        "path",
        d=f"M{number(x)} {number(y)}L{number(to_x)} {number(to_y)}",
        class_="edge inferred" if is_inferred else "edge",
    )


def _head(x: float, y: float, turn: int) -> str:
    """Return an arrow's head with its point at a place."""
    back = number(x - turn * 7)
    points = f"{number(x)},{number(y)} {back},{number(y - 4)} {back},{number(y + 4)}"
    return element("polygon", points=points, class_="head")


def _rect(x: float, y: float, wide: float, high: float, class_: str) -> str:
    return element("rect", x=x, y=y, width=wide, height=high, rx=2, class_=class_)


def _small(one: Neighbour) -> str:
    """Return what stands under a neighbour's name: its kind, a date's wording."""
    return " · ".join(text for text in (one.kind.label, one.thing.note) if text)


def _told(branch: Branch, one: Neighbour) -> str:
    """Return all there is to tell of an edge, for those who point at its end."""
    arrow = "←" if branch.is_incoming else "→"
    properties = ", ".join([branch.property.label, *one.also])
    inferred = " (inferred)" if one.is_inferred else ""
    kind = f" ({_small(one)})" if _small(one) else ""
    return f"{arrow} {properties}{inferred}: {one.thing.label}{kind}"


def _notes(around: Neighbourhood) -> Iterator[str]:
    if any(one.is_inferred for branch in around.branches for one in branch.neighbours):
        yield "A dashed line: no source states it, it follows."
    if around.more or not around.complete:
        least = "" if around.complete else "at least "
        count = f"{around.more:,} " if around.more else ""
        yield (
            f"There is more: {least}{count}things by other properties."
            if (around.more)
            else "There is more than was read for this picture."
        )


def _described(around: Neighbourhood) -> str:
    """Return in words what the picture shows."""
    said = []
    for branch in around.branches:
        names = [one.thing.label for one in branch.neighbours]
        names += [branch.told()] if branch.told() else []
        arrow = "named by" if branch.is_incoming else "to"
        said.append(f"{branch.property.label} ({arrow}): {', '.join(names)}")
    return f"{'. '.join(said)}."
