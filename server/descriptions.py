"""The RDF that describes a thing: its concise bounded description, and more to read it.

That is what holds of the thing and of the nameless nodes and reifications it leads to,
what leads to it, the passages of an article, and a label for every IRI in it.
"""

from __future__ import annotations

import re
from itertools import chain, islice
from typing import TYPE_CHECKING

from kg.around import around, closure, stating
from kg.names import spaced
from kg.paging import Page
from kg.parameters import short_name
from kg.terms import (
    EXQ,
    LABEL,
    MERGED_VIEW,
    RDF,
    Literal,
    NamedNode,
    Quad,
    Triple,
    is_claim,
)
from server.words import named

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from kg.store import Snapshot

PAGE = 500
"""A page of a description has so many triples either way, and what belongs to them."""

_FIRST = Page(PAGE)
_MOST = 10_000
"""How many quads are looked through for contents of claims."""

_CAMEL_CASE = re.compile(r"[A-Za-z]+")
_PASSAGE_OF = NamedNode(f"{EXQ}passageOf")
_REIFIES = NamedNode(f"{RDF}subject")


def triples_about(
    snapshot: Snapshot, node: NamedNode, page: Page = _FIRST
) -> set[Triple]:
    """Return what holds of *node* and its parts, with labels for every IRI in it."""
    found = _described(snapshot, node, page)
    return found | set(_labels(snapshot, found))


def quads_about(snapshot: Snapshot, node: NamedNode, page: Page = _FIRST) -> set[Quad]:
    """Return what the sources state of *node* and its parts, each in its graph."""
    found = triples_about(snapshot, node, page)
    claimed = () if page.offset else _claimed(snapshot, node)
    return {*stating(snapshot, found), *claimed}


def _described(snapshot: Snapshot, node: NamedNode, page: Page) -> set[Triple]:
    whole = around(snapshot, node, page)
    found = {*whole.outgoing, *whole.incoming}
    found |= set(closure(snapshot, whole.outgoing, most=page.limit))
    further = [t.subject for t in whole.incoming if t.predicate == _REIFIES]
    further += [] if page.offset else _parts(snapshot, node)
    for subject in further:
        if isinstance(subject, NamedNode):
            found |= set(around(snapshot, subject, Page(page.limit)).outgoing)
    return found


def _parts(snapshot: Snapshot, node: NamedNode) -> list[NamedNode]:
    """Return what is named within the document of *node*: the passages of a source."""
    incoming = snapshot.quads(None, _PASSAGE_OF, node, MERGED_VIEW)
    subjects = {quad.subject for quad in islice(incoming, _MOST)}
    named = (s for s in subjects if isinstance(s, NamedNode))
    return sorted((s for s in named if s.value.startswith(f"{node.value}#")), key=str)


def _claimed(snapshot: Snapshot, node: NamedNode) -> Iterator[Quad]:
    """Yield what claims have of *node*; of a claim, what it claims."""
    base = snapshot.base
    near = chain(snapshot.quads(subject=node), snapshot.quads(object_=node))
    yield from (quad for quad in islice(near, _MOST) if is_claim(quad.graph_name, base))
    if is_claim(node, base):
        yield from islice(snapshot.quads(graph=node), _MOST)


def _labels(snapshot: Snapshot, triples: Iterable[Triple]) -> Iterator[Triple]:
    terms = {term for t in triples for term in (t.subject, t.predicate, t.object)}
    for term in terms:
        if isinstance(term, NamedNode):
            for quad in snapshot.quads(term, LABEL, None, MERGED_VIEW):
                yield Triple(quad.subject, quad.predicate, quad.object)


def wordings(statements: Iterable[Quad | Triple]) -> Iterator[Triple]:
    """Yield a label for each IRI that is in *statements* without one: its last part.

    The graph has no labels for the terms of other vocabularies, nor for passages.
    """
    shown: set[object] = set()
    labelled: set[object] = set()
    for one in statements:
        shown |= {one.subject, one.predicate, one.object}
        if one.predicate == LABEL:
            labelled.add(one.subject)
    for node in shown - labelled:
        if isinstance(node, NamedNode):
            yield Triple(node, LABEL, Literal(_wording(node), language="en"))


def _wording(node: NamedNode) -> str:
    name = named(node.value, short_name(node))
    return spaced(name) if _CAMEL_CASE.fullmatch(name) else name
