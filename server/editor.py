"""The SPARQL page's editor (YASGUI): whether it is here, and the words it offers.

Its files come from the npm registry when the package is built; without them the page
has a plain form.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from flask import Blueprint, Response

from kg.prefixes import prefixes, shorten
from kg.schema_terms import schema_terms
from server.context import house, snapshot
from server.responses import as_json
from server.words import EXAMPLE

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kg.schema_terms import SchemaTerm

blueprint = Blueprint("editor", __name__)

FILES = ("yasgui.min.css", "yasgui.min.js")
_FOLDER = Path(__file__).parent / "static" / "vendor"


def is_here() -> bool:
    """Tell whether the editor's files were built into this installation."""
    return all((_FOLDER / file).is_file() for file in FILES)


@blueprint.get("/sparql/editor.json")
def words() -> Response:
    """Send the prefixes, terms and saved queries that the editor offers."""
    terms = schema_terms(snapshot())
    return as_json(
        {
            "base": house().links.base,
            "example": EXAMPLE,
            "prefixes": dict(prefixes()),
            "classes": _offered(terms.classes.values()),
            "properties": _offered(terms.properties.values()),
            "queries": [
                {"name": query.name, "summary": query.summary, "text": query.text}
                for query in house().graph.queries.values()
            ],
        }
    )


def _offered(terms: Iterable[SchemaTerm]) -> list[dict[str, str]]:
    found = [
        {"iri": term.node.value, "short": shorten(term.node.value), "label": term.name}
        for term in terms
    ]
    return sorted(found, key=lambda one: one["iri"])
