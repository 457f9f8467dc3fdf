"""`/search/names`: names that begin as typed, for the search and fields of forms."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, Response, request

from kg.folding import letters
from kg.name_index import has_word_beginning, name_index
from kg.names import called
from kg.schema_terms import find_term, schema_terms, types_of
from kg.terms import ALT_LABEL, MERGED_VIEW, Literal, is_claim
from server import protocol
from server.context import house, snapshot
from server.responses import as_json

if TYPE_CHECKING:
    from kg.name_index import Named
    from kg.schema_terms import SchemaTerms
    from kg.store import Snapshot
    from kg.terms import NamedNode

blueprint = Blueprint("completion", __name__)

_MOST = 12


@blueprint.get("/search/names")
def names() -> Response:
    """Complete `prefix` to names of entities, only those of the class `of`."""
    given = protocol.read_parameters(request.query_string, where="the address")
    prefix, wanted = protocol.single(given, "prefix"), protocol.single(given, "of")
    here = snapshot()
    terms, index = schema_terms(here), name_index(here)
    kind = find_term(terms.classes, wanted) if wanted else None

    def keep(one: Named) -> bool:
        return not wanted or (kind is not None and _is_a(here, one.iri, kind.node))

    def is_thing(one: Named) -> bool:
        return not is_claim(one.iri, here.base) and keep(one)

    # Claims are called after those who make them, and are many: they come last.
    found = index.beginning(prefix, is_thing, limit=_MOST)
    if len(found) < _MOST:
        claims = index.beginning(
            prefix, lambda one: is_claim(one.iri, here.base) and keep(one), limit=_MOST
        )
        found += claims[: _MOST - len(found)]
    if not found:
        near = index.resembling(prefix, keep, limit=_MOST)
        found = [one.named for one in near]
    return as_json({"results": [_told(here, terms, one, prefix) for one in found]})


def _told(
    here: Snapshot, terms: SchemaTerms, one: Named, typed: str
) -> dict[str, str | None]:
    kinds = terms.narrowest(types_of(here, one.iri))
    return {
        "value": _value(here, one),
        "label": one.label,
        "alias": _alias(here, one, typed),
        "kind": ", ".join(term.name for term in kinds),
        "iri": one.iri.value,
        "href": house().links.href(one.iri.value),
    }


def _alias(here: Snapshot, one: Named, typed: str) -> str:
    """Return the name that has what was *typed* where the label has not, else ""."""
    start = letters(typed)
    if has_word_beginning(one.names[0], start):
        return ""
    others = sorted(
        (
            quad.object.value
            for quad in here.quads(one.iri, ALT_LABEL, None, MERGED_VIEW)
            if isinstance(quad.object, Literal)
        ),
        key=lambda name: (len(name), name),
    )
    found = (name for name in others if has_word_beginning(letters(name), start))
    return next(found, "")


def _is_a(here: Snapshot, node: NamedNode, kind: NamedNode) -> bool:
    return kind in types_of(here, node)


def _value(here: Snapshot, one: Named) -> str:
    """Return what a field has to hold: the label, where nothing else is called so."""
    return one.label if called(here, one.label) == {one.iri} else f"<{one.iri.value}>"
