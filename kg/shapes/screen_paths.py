"""Property paths of shapes in SPARQL, as pyshacl follows them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from rdflib import RDF, SH, URIRef

from kg.shapes.formulas import UnscreenableError, iri

if TYPE_CHECKING:
    import rdflib

    Term = rdflib.term.Node

_DEEPEST = 8
"""pyshacl goes ten levels deep, counting each member of a list."""

_MARKS: dict[Term, str] = {
    SH.inversePath: "^{}",
    SH.zeroOrMorePath: "{}*",
    SH.oneOrMorePath: "{}+",
    SH.zeroOrOnePath: "{}?",
}


def path_text(graph: rdflib.Graph, path: Term) -> str:
    """Return *path* in SPARQL; raise UnscreenableError where pyshacl may differ."""
    return _text(graph, path, 0, backwards=False)


def _text(graph: rdflib.Graph, path: Term, depth: int, *, backwards: bool) -> str:
    if isinstance(path, URIRef):
        return iri(path)
    if depth > _DEEPEST:
        raise UnscreenableError("a path is too long")
    if (path, RDF.first, None) in graph:
        if backwards:
            raise UnscreenableError(
                "pyshacl follows the inverse of a sequence forwards"
            )
        return _list(graph, path, "/", depth, backwards=backwards)
    [(predicate, value)] = _only(graph, path)
    if predicate == SH.alternativePath:
        return _list(graph, value, "|", depth, backwards=backwards)
    turned = backwards != (predicate == SH.inversePath)
    text = _text(graph, value, depth + 1, backwards=turned)
    return f"({_MARKS[predicate].format(text)})"


def _only(graph: rdflib.Graph, path: Term) -> list[tuple[Term, Term]]:
    told = [
        (predicate, value)
        for predicate, value in graph.predicate_objects(path)
        if predicate in _MARKS or predicate == SH.alternativePath
    ]
    if len(told) != 1:
        raise UnscreenableError("a path is none, or several")
    return told


def _list(
    graph: rdflib.Graph, node: Term, sign: str, depth: int, *, backwards: bool
) -> str:
    members = list(members_of(graph, node))
    if len(members) < 2:
        raise UnscreenableError("a path has fewer than two members")
    texts = (
        _text(graph, member, depth + place + 1, backwards=backwards)
        for place, member in enumerate(members)
    )
    return f"({sign.join(texts)})"


def members_of(graph: rdflib.Graph, node: Term) -> Iterator[Term]:
    """Yield the members of a list; raise UnscreenableError where it is none."""
    seen: set[Term] = set()
    while node != RDF.nil:
        firsts = list(graph.objects(node, RDF.first))
        rests = list(graph.objects(node, RDF.rest))
        if node in seen or len(firsts) != 1 or len(rests) != 1:
            raise UnscreenableError("a list is not well-formed")
        seen.add(node)
        yield firsts[0]
        node = rests[0]
