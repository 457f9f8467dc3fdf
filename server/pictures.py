"""Pictures in pages: their style sheet, a neighbourhood, the ontology's classes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, Response
from markupsafe import Markup

from kg.pictures.classes import class_tree, drawn
from kg.pictures.neighbourhood import neighbourhood_svg
from kg.pictures.style import stylesheet
from server.context import house
from server.responses import data

if TYPE_CHECKING:
    from kg.entities import Description
    from kg.store import Snapshot
    from kg.terms import NamedNode

blueprint = Blueprint("pictures", __name__)


@blueprint.get("/pictures.css")
def style() -> Response:
    """Send the style of the pictures in pages."""
    return data(stylesheet(), "text/css; charset=utf-8")


def neighbourhood(here: Snapshot, node: NamedNode, found: Description) -> Markup:
    """Return the picture of what *found* says of *node*, or nothing, for a page."""
    drawn = neighbourhood_svg(here, node, found=found, href=house().links.href)
    return Markup(drawn)  # noqa: S704 every text in it is escaped


def classes(here: Snapshot) -> Markup:
    """Return the diagram of the ontology's classes, for a page."""
    drawing = drawn(class_tree(here), house().links.href)
    return Markup(drawing.svg())  # noqa: S704 every text in it is escaped
