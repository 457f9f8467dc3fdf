"""Which thing an address stands for, and which address a thing has."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

from flask import request

from kg.erasure import is_erased
from kg.names import find_entities
from kg.terms import NamedNode
from server.context import house, snapshot
from server.links import PLAIN
from server.problems import GoneError, NotFoundError

if TYPE_CHECKING:
    from collections.abc import Iterator


def looked_up(iri: str) -> NamedNode:
    """Return the thing that the request looks up: *iri*, or the IRI as it was sent.

    What came percent-encoded is decoded before it gets here, and an IRI may have been
    written either way. Raise as `known` does.
    """
    for spelling in (iri, *_as_sent()):
        node = _node(spelling)
        if node and is_known(node):
            return node
    return known(node_of(iri))


def node_of(iri: str) -> NamedNode:
    """Return *iri* as a term; raise NotFoundError where it is no IRI."""
    node = _node(iri)
    if node is None:
        raise NotFoundError(f"{iri!r} is not an IRI")
    return node


def known(node: NamedNode) -> NamedNode:
    """Return *node* if anything is said of it.

    Raise NotFoundError with what is near, GoneError for what was erased.
    """
    here = snapshot()
    if is_known(node):
        return node
    if is_erased(here, node):
        raise GoneError(f"{node.value} was erased, from all versions")
    words = node.value.rpartition("/")[2].replace("-", " ")
    near = [(one.iri.value, one.label) for one in find_entities(here, words)]
    raise NotFoundError(
        f"nothing is known of {node.value}",
        advice="did you mean one of these?" if near else "search at /search?q=…",
        candidates=near,
    )


def path_of(node: NamedNode) -> str:
    """Return the path of the document about *node*, itself and not the one it is in."""
    return (house().links.document(node.value) or "").replace("#", "%23")


def _node(iri: str) -> NamedNode | None:
    try:
        return NamedNode(iri)
    except ValueError:
        return None


def is_known(node: NamedNode) -> bool:
    """Tell whether any graph says anything of *node*."""
    here = snapshot()
    return any(here.quads(subject=node)) or any(here.quads(object_=node))


def _as_sent() -> Iterator[str]:
    """Yield the IRIs that the path may stand for where its IRI is percent-encoded.

    Not every server of WSGI tells the path as it was sent; encoded anew it is the same
    but for an encoded slash.
    """
    sent = str(request.environ.get("RAW_URI", "")).partition("?")[0]
    if sent.startswith("/"):
        yield f"{house().links.base}{sent.removeprefix('/')}"
    again = quote(request.path, safe=PLAIN)
    yield f"{house().links.base}{again.removeprefix('/')}"
