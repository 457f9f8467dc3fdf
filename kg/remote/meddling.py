"""What something else has written to a store, seen where it does not fit the rest."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kg.display import statement_text
from kg.errors import StoreDamagedError
from kg.gate.view import FROM_ONTOLOGY, in_view
from kg.terms import INFERRED, MERGED_VIEW

if TYPE_CHECKING:
    from collections.abc import Collection

    from kg.terms import Quad


def refuse_meddled(quads: Collection[Quad], base: str, where: str) -> None:
    """Raise StoreDamagedError where *quads*, all of one subject, cannot be ours.

    What a graph of the merged view states, or follows, holds there, and nothing else
    does but names and hierarchy of the ontology.
    """
    held = {quad.triple: quad for quad in quads if quad.graph_name == MERGED_VIEW}
    said = {
        quad.triple: quad
        for quad in quads
        if quad.graph_name == INFERRED or in_view(quad.graph_name, base)
    }
    lacking = [quad for triple, quad in said.items() if triple not in held]
    beyond = [
        quad
        for triple, quad in held.items()
        if triple not in said and triple.predicate not in FROM_ONTOLOGY
    ]
    for found, what in ((lacking, "lacks"), (beyond, "still has")):
        if found:
            raise StoreDamagedError(
                "something else has written to the store: the merged view"
                f" {what} {statement_text(min(found, key=str))}",
                where=where,
                advice="nothing was changed; make the derived parts anew with"
                " `kg rebuild`, and let nothing write there but this program",
            )
