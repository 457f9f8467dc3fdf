"""What the tests of updates share: names, and small datasets to read requests on."""

from __future__ import annotations

from pyoxigraph import Store as Engine

from kg.folder import Pointer
from kg.gate import in_view
from kg.terms import BASE, INFERRED, DefaultGraph, Literal, NamedNode, Quad
from kg.update import PLAIN, read_update
from tests.store_kinds import version_of

E = "http://example.org/"
PREFIXES = {"": E, "graph": f"{BASE}graph/", "s": f"{BASE}source/story#"}
ONE = NamedNode(f"{BASE}source/story#s01")
TWO = NamedNode(f"{BASE}source/story#s02")
CLAIM = NamedNode(f"{BASE}claim/one")


def n(name):
    return NamedNode(f"{E}{name}")


def q(subject, predicate, object_, graph=None):
    value = object_ if isinstance(object_, NamedNode | Literal) else n(object_)
    return Quad(n(subject), n(predicate), value, graph or DefaultGraph())


def snapshot(*quads):
    """A version that holds *quads*, with the merged view that belongs to them."""
    engine = Engine()
    for quad in quads:
        engine.add(quad)
        if in_view(quad.graph_name) or quad.graph_name == INFERRED:
            engine.add(Quad(quad.subject, quad.predicate, quad.object))
    return version_of(engine, Pointer(7, "origin"))


def plain(*quads):
    engine = Engine()
    engine.extend(quads)
    return version_of(engine, Pointer(7, "origin"))


def read(text, *quads, **kwargs):
    given = kwargs.pop("snapshot", None)
    given = snapshot(*quads) if given is None else given  # an empty one is false
    return read_update(text, given, base=BASE, prefixes=PREFIXES, **kwargs)


def read_plain(text, *quads, **kwargs):
    return read(text, snapshot=plain(*quads), rules=PLAIN, **kwargs)


def after(change, *quads):
    return (set(quads) - change.removed) | change.added
