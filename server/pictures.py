"""Pictures in pages: their style sheet, and an entity's neighbourhood."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, Response
from markupsafe import Markup

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
