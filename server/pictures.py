"""Pictures in pages: their style sheet, a neighbourhood, a map, the classes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, Response, url_for
from markupsafe import Markup

from kg.pictures.classes import class_tree, drawn
from kg.pictures.map_drawing import drawn_small
from kg.pictures.neighbourhood import neighbourhood_svg
from kg.pictures.spots import spots_at
from kg.pictures.style import stylesheet
from kg.pictures.ties import KINDS
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


def neighbourhood(here: Snapshot, node: NamedNode, found: Description) -> Markup:
    """Return the picture of what *found* says of *node*, or nothing, for a page."""
    drawn = neighbourhood_svg(here, node, found=found, href=house().links.href)
    return Markup(drawn)  # noqa: S704 every text in it is escaped


def map_of(here: Snapshot, node: NamedNode) -> Markup:
    """Return the map of where *node* is, or nothing, for a page."""
    found = spots_at(here, node)
    drawn = drawn_small(found, house().links.href).svg() if found else ""
    return Markup(drawn)  # noqa: S704 every text in it is escaped


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
