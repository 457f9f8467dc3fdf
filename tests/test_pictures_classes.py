"""The ontology's classes drawn: all of them, each below what it is a kind of."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest

from kg.pictures.classes import class_tree, drawn
from kg.terms import EXQ, ONTOLOGY, OWL, SUB_CLASS_OF, TYPE, NamedNode

SVG = "{http://www.w3.org/2000/svg}"
CLASS = NamedNode(f"{OWL}Class")


@pytest.fixture(scope="module")
def tree(snapshot):
    return class_tree(snapshot)


def pairs(branches, above=None):
    """Yield each class of a tree with the one that it stands below."""
    for branch in branches:
        yield branch.iri, above
        yield from pairs(branch.below, branch.iri)


def test_each_class_stands_below_what_it_is_a_kind_of_and_nowhere_else(tree, snapshot):
    stated = {
        (quad.subject.value, quad.object.value)
        for quad in snapshot.quads(None, SUB_CLASS_OF, None, ONTOLOGY)
        if quad.subject.value.startswith(EXQ)
        and isinstance(quad.object, NamedNode)
        and quad.object.value.startswith(EXQ)
    }
    found = set(pairs(tree))
    assert {pair for pair in found if pair[1]} == stated
    special = {one for one, _ in stated}
    roots = {one for one, above in found if above is None}
    classes = {
        quad.subject.value
        for quad in snapshot.quads(None, TYPE, CLASS, ONTOLOGY)
        if isinstance(quad.subject, NamedNode) and quad.subject.value.startswith(EXQ)
    }
    assert roots == classes - special


@pytest.mark.parametrize("columns", [1, 2, 4, 12])
def test_every_row_has_its_box_and_none_covers_another(tree, columns):
    svg = ElementTree.fromstring(drawn(tree, columns=columns).file())  # noqa: S314 ours
    boxes = [
        tuple(float(one.attrib[name]) for name in ("x", "y", "width", "height"))
        for one in svg.iter(f"{SVG}rect")
        if one.get("class") == "box"
    ]
    assert len(boxes) == sum(root.size for root in tree)
    width, height = (float(svg.attrib[name]) for name in ("width", "height"))
    for at, (x, y, wide, high) in enumerate(boxes):
        assert x >= 0
        assert x + wide <= width
        assert y + high <= height
        for other_x, other_y, other_wide, other_high in boxes[:at]:
            apart = x >= other_x + other_wide or other_x >= x + wide
            assert apart or y >= other_y + other_high or other_y >= y + high


def test_it_is_the_same_byte_for_byte_and_told_in_words(tree, snapshot):
    picture = drawn(tree)
    assert drawn(class_tree(snapshot)) == picture
    assert "handover: extradition." in picture.description
    assert "<title>extradition: " in picture.svg()
