"""Property paths: SHACL's triples and SPARQL's syntax, one made from the other."""

from __future__ import annotations

from functools import lru_cache
from itertools import count
from typing import TYPE_CHECKING, TypeAlias

import rdflib
from rdflib import RDF, SH, paths

from kg.errors import ShapesError
from kg.rdflib_queries import read_by_rdflib
from kg.terms import BlankNode, NamedNode, Triple

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from kg.terms import Node

Path: TypeAlias = rdflib.URIRef | paths.Path

DEEPEST = 20
"""A path nested deeper than this is taken for a loop."""

_REPEATED: dict[rdflib.term.Node, str] = {
    SH.zeroOrMorePath: paths.ZeroOrMore,
    SH.oneOrMorePath: paths.OneOrMore,
    SH.zeroOrOnePath: paths.ZeroOrOne,
}


def sparql_path(graph: rdflib.Graph, node: rdflib.term.Node) -> str:
    """Return in SPARQL syntax, with full IRIs, the path that *node* has in *graph*.

    Raise ShapesError where the triples are no path.
    """
    return _read(graph, node, 0).n3()


def _read(graph: rdflib.Graph, node: rdflib.term.Node, depth: int) -> Path:
    if isinstance(node, rdflib.URIRef):
        return node
    if depth > DEEPEST:
        raise ShapesError("a property path goes round in a circle")
    if (node, RDF.first, None) in graph:
        return paths.SequencePath(*_members(graph, node, depth))
    for predicate, value in graph.predicate_objects(node):
        if predicate == SH.inversePath:
            return paths.InvPath(_read(graph, value, depth + 1))
        if predicate == SH.alternativePath:
            return paths.AlternativePath(*_members(graph, value, depth))
        if predicate in _REPEATED:
            return _repeated(_read(graph, value, depth + 1), _REPEATED[predicate])
    raise ShapesError(f"{node.n3()} is not a property path")


def _repeated(path: Path, mod: str) -> Path:
    # SPARQL has no syntax for a repeated repetition without brackets, nor need of it.
    if isinstance(path, paths.MulPath):
        mod = mod if mod == path.mod else paths.ZeroOrMore
        path = path.path
    return paths.MulPath(path, mod)  # type: ignore[arg-type]


def _members(graph: rdflib.Graph, node: rdflib.term.Node, depth: int) -> list[Path]:
    return [_read(graph, item, depth + 1) for item in graph.items(node)]


def path_triples(text: str, label: str) -> tuple[Node, list[Triple]]:
    """Return SHACL's node and triples for the path that SPARQL writes as *text*.

    Blank nodes are numbered after *label*: the same path gives the same triples.
    """
    triples: list[Triple] = []
    fresh = (BlankNode(f"{label}{number}") for number in count())
    return _write(_parse(text), fresh, triples), triples


# Many findings have the same few paths, and parsing one takes milliseconds.
@lru_cache(maxsize=1000)
def _parse(text: str) -> Path:
    part = read_by_rdflib(f"ASK {{ ?s {text} ?o }}").algebra
    while "triples" not in part:
        part = part.p
    path: Path = part.triples[0][1]
    return path


def _write(path: Path, fresh: Iterator[BlankNode], triples: list[Triple]) -> Node:
    if isinstance(path, rdflib.URIRef):
        return NamedNode(path)
    if isinstance(path, paths.SequencePath):
        return _write_list(path.args, fresh, triples)
    node = next(fresh)
    predicate, value = _step(path, fresh, triples)
    triples.append(Triple(node, NamedNode(str(predicate)), value))
    return node


def _step(
    path: paths.Path, fresh: Iterator[BlankNode], triples: list[Triple]
) -> tuple[rdflib.term.Node, Node]:
    match path:
        case paths.AlternativePath():
            return SH.alternativePath, _write_list(path.args, fresh, triples)
        case paths.InvPath():
            return SH.inversePath, _write(path.arg, fresh, triples)
        case paths.MulPath():
            predicate = next(p for p, mod in _REPEATED.items() if mod == path.mod)
            return predicate, _write(path.path, fresh, triples)
    raise ShapesError(f"SHACL has no path like {path}")


def _write_list(
    items: Sequence[Path], fresh: Iterator[BlankNode], triples: list[Triple]
) -> Node:
    rest: Node = NamedNode(RDF.nil)
    for item in reversed(items):
        node, member = next(fresh), _write(item, fresh, triples)
        triples.append(Triple(node, NamedNode(RDF.first), member))
        triples.append(Triple(node, NamedNode(RDF.rest), rest))
        rest = node
    return rest
