"""Pictures in pages: their style sheet, a neighbourhood, a map, the classes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, Response, url_for
from markupsafe import Markup

from kg.pictures import neighbourhood as neighbourhoods
from kg.pictures.classes import class_tree, drawn
from kg.pictures.map_drawing import drawn_small
from kg.pictures.neighbours import neighbourhood as neighbours
from kg.pictures.spots import spots_at
from kg.pictures.style import stylesheet
from kg.pictures.wanted import KINDS
from kg.terms import EXQ, MERGED_VIEW, TYPE, NamedNode, Quad
from server.context import house
from server.responses import data

if TYPE_CHECKING:
    from kg.entities import Description
    from kg.store import Snapshot

blueprint = Blueprint("pictures", __name__)


@blueprint.get("/pictures.css")
def style() -> Response:
    """Send the style of the pictures in pages."""
    return data(stylesheet(), "text/css; charset=utf-8")


def neighbourhood(
    here: Snapshot, node: NamedNode, found: Description
) -> tuple[Markup, ...]:
    """Return the pictures of what *found* says of *node*, wide and narrow, or none."""
    around, href = neighbours(here, node, found=found), house().links.href
    if not around.branches:
        return ()
    ways = (neighbourhoods.drawn, neighbourhoods.drawn_narrow)
    return tuple(Markup(way(around, href).svg()) for way in ways)  # noqa: S704 escaped


def maps_of(here: Snapshot, node: NamedNode) -> tuple[Markup, ...]:
    """Return the maps of where *node* is, a wide one and a narrow one, or none."""
    found = spots_at(here, node)
    if found is None:
        return ()
    href = house().links.href
    drawn = (drawn_small(found, href, is_narrow=narrow) for narrow in (False, True))
    return tuple(Markup(one.svg()) for one in drawn)  # noqa: S704 texts are escaped


def network_of(here: Snapshot, node: NamedNode) -> str:
    """Return the address of the network around *node*, empty where it can have none."""
    names = (name for kinds in KINDS.values() for name in kinds)
    kinds = (NamedNode(f"{EXQ}{name}") for name in names)
    if any(Quad(node, TYPE, kind, MERGED_VIEW) in here for kind in kinds):
        return url_for("network.shown", entity=node.value)
    return ""


def classes(here: Snapshot) -> Markup:
    """Return the diagram of the ontology's classes, for a page."""
    drawing = drawn(class_tree(here), house().links.href)
    return Markup(drawing.svg())  # noqa: S704 every text in it is escaped
