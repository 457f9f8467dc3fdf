"""The ontology's classes drawn: each stands below the one of which it is a kind."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kg.pictures.kinds import Kinds
from kg.pictures.svg import Picture, element, link, number, text_element, text_lines
from kg.pictures.texts import cut
from kg.terms import (
    EXQ,
    LABEL,
    ONTOLOGY,
    OWL,
    SKOS,
    SUB_CLASS_OF,
    TYPE,
    Literal,
    NamedNode,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from kg.pictures.svg import Href
    from kg.store import Snapshot

_SIZE, _ROW, _INDENT, _BAR = 12.5, 23.0, 17.0, 4.0
_COLUMN, _GAP, _MARGIN, _APART = 262.0, 22.0, 8.0, 14.0
_DEEPEST = 12
_CLASS = NamedNode(f"{OWL}Class")
_DEFINITION = NamedNode(f"{SKOS}definition")


@dataclass(frozen=True, slots=True)
class Branch:
    """A class with those right below it; one that is of two kinds stands below both."""

    iri: str
    label: str
    definition: str
    family: str
    below: tuple[Branch, ...]

    @property
    def size(self) -> int:
        """How many rows it takes."""
        return 1 + sum(branch.size for branch in self.below)


def class_tree(snapshot: Snapshot) -> list[Branch]:
    """Return the classes of the ontology of *snapshot*, the most general ones first."""
    kinds = Kinds.of(snapshot)
    below: defaultdict[str, list[str]] = defaultdict(list)
    names = sorted(
        quad.subject.value.removeprefix(EXQ)
        for quad in snapshot.quads(None, TYPE, _CLASS, ONTOLOGY)
        if isinstance(quad.subject, NamedNode) and quad.subject.value.startswith(EXQ)
    )
    special = set()
    for name in names:
        found = snapshot.quads(NamedNode(EXQ + name), SUB_CLASS_OF, None, ONTOLOGY)
        for quad in found:
            if isinstance(quad.object, NamedNode) and quad.object.value.startswith(EXQ):
                below[quad.object.value.removeprefix(EXQ)].append(name)
                special.add(name)

    def branch(name: str, depth: int, above: str) -> Branch:
        node = NamedNode(EXQ + name)
        under = below[name] if depth < _DEEPEST else []
        family = kinds.family([name])
        family = above if family == "other" else family
        return Branch(
            node.value,
            _text(snapshot, node, LABEL) or name,
            _text(snapshot, node, _DEFINITION),
            family,
            tuple(branch(one, depth + 1, family) for one in under),
        )

    return [branch(name, 0, "other") for name in names if name not in special]


def drawn(tree: Sequence[Branch], href: Href = str, *, columns: int = 4) -> Picture:
    """Return the drawing of *tree* in at most so many *columns*."""
    placed = _columns(tree, columns)
    parts: list[str] = []
    lowest = 0.0
    for place, column in enumerate(placed):
        x, y = _MARGIN + place * (_COLUMN + _GAP), _MARGIN
        for root in column:
            parts += _branch(root, x, y, x + _COLUMN, href)
            y += root.size * _ROW + _APART
        lowest = max(lowest, y)
    return Picture(
        "classes",
        "Classes of the ontology",
        " ".join(map(_told, tree)),
        2 * _MARGIN + len(placed) * (_COLUMN + _GAP) - _GAP,
        lowest + _MARGIN - _APART,
        "".join(parts),
    )


def _columns(tree: Sequence[Branch], most: int) -> list[list[Branch]]:
    """Share *tree* among columns: the largest first, each to the shortest."""
    columns: list[list[Branch]] = [[] for _ in range(min(most, len(tree)))]
    for root in sorted(tree, key=lambda one: -one.size):
        min(columns, key=lambda column: sum(one.size for one in column)).append(root)
    return columns


def _branch(
    branch: Branch, x: float, y: float, end: float, href: Href
) -> Iterator[str]:
    """Yield a class from the place *x*, *y* on, and all that is below it."""
    high = _ROW - 4
    label = cut(branch.label, _SIZE, end - x - _BAR - 10)
    yield link(
        href(branch.iri),
        text_element("title", f"{branch.label}: {branch.definition}".rstrip(": ")),
        element("rect", x=x, y=y, width=end - x, height=high, rx=2, class_="box"),
        element("rect", x=x, y=y, width=_BAR, height=high, class_=branch.family),
        text_lines([label], x + _BAR + 6, y + 13.5, _SIZE, class_="name"),
    )
    inner, row = x + _INDENT, y + _ROW
    for below in branch.below:
        middle = number(row + high / 2)
        yield element(
            "path",
            d=f"M{number(x + 7)} {number(y + high)}V{middle}H{number(inner)}",
            class_="axis",
        )
        yield from _branch(below, inner, row, end, href)
        row += below.size * _ROW


def _told(branch: Branch) -> str:
    """Return in words what stands below a class."""
    if not branch.below:
        return f"{branch.label}."
    names = ", ".join(one.label for one in branch.below)
    return " ".join([f"{branch.label}: {names}.", *_deeper(branch)])


def _deeper(branch: Branch) -> Iterator[str]:
    for one in branch.below:
        if one.below:
            yield _told(one)


def _text(snapshot: Snapshot, node: NamedNode, property_: NamedNode) -> str:
    found = (quad.object for quad in snapshot.quads(node, property_, None, ONTOLOGY))
    return min((one.value for one in found if isinstance(one, Literal)), default="")
