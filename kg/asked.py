"""The triple that a user means: three names, IRIs or values, as they are typed."""

from __future__ import annotations

import re
from itertools import islice
from typing import TYPE_CHECKING, cast

from pyoxigraph import RdfFormat, parse

from kg.errors import ParameterError, UnknownEntityError
from kg.names import SEE_ENTITIES, find_entities
from kg.parameters import short_name
from kg.prefixes import expand, prefixes
from kg.terms import EXQ, TYPE, Literal, NamedNode, Triple
from kg.why import holds

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from kg.names import Candidate
    from kg.store import Snapshot
    from kg.terms import Term

_IRI = re.compile(r"<[^<>]*>|[A-Za-z][A-Za-z0-9+.-]*:(//\S*|\S+:\S*)|urn:\S+")
_LITERAL = re.compile(r"""["'].*|[+-]?[0-9.]+([eE][+-]?[0-9]+)?|true|false""", re.S)
_MOST_VALUES = 1000
_MOST_NAMES = 8


def asked_triple(
    snapshot: Snapshot, subject: str, predicate: str, object_: str
) -> Triple:
    """Return the triple that three texts mean.

    Each is a label, a short or prefixed name, or an IRI; the object may be a literal as
    in Turtle, too. Of several meanings the one that holds is meant. Raise
    UnknownEntityError with what is near where a text means nothing or several things,
    ParameterError where it is a literal that cannot be read.
    """
    subjects = _nodes(snapshot, subject, "the subject")
    predicates = _predicates(snapshot, subjects, predicate)
    meant = [
        Triple(s, p, o)
        for s in subjects
        for p in predicates
        for o in _objects(snapshot, s, p, object_)
    ]
    if not meant:
        meant = [_with_value(snapshot, subjects, predicates, object_)]
    held = [triple for triple in meant if holds(snapshot, triple)]
    found = held or meant
    if len(found) > 1:
        raise _ambiguous(found)
    return found[0]


def _nodes(snapshot: Snapshot, text: str, where: str) -> list[NamedNode]:
    found = _known(snapshot, text)
    if not found:
        raise _unknown(snapshot, text, where)
    return found


def _predicates(
    snapshot: Snapshot, subjects: list[NamedNode], text: str
) -> list[NamedNode]:
    """Return the properties called *text*, if only by the last part of their IRIs."""
    if text.strip() == "a":
        return [TYPE]
    camel = re.sub(r"\s+(\w)", lambda match: match[1].upper(), text.strip())
    named = _node(f"{EXQ}{camel}")
    found = {*_known(snapshot, text), *([named] if named else [])}
    for subject in subjects:
        about = islice(snapshot.quads(subject), _MOST_VALUES)
        found |= {q.predicate for q in about if short_name(q.predicate) == camel}
    used = [node for node in found if any(snapshot.quads(predicate=node))]
    known = [node for node in found if _is_known(snapshot, node)]
    if not known:
        raise _unknown(snapshot, text, "the predicate")
    return sorted(used or known, key=str)


def _objects(
    snapshot: Snapshot, subject: NamedNode, predicate: NamedNode, text: str
) -> list[Term]:
    """Return what *text* may mean as a value: a thing, a literal, or text it has."""
    if text.lstrip()[:1] in ('"', "'"):
        return [_literal(text)]
    known: list[Term] = list(_known(snapshot, text))
    quads = islice(snapshot.quads(subject, predicate), _MOST_VALUES)
    values = (quad.object for quad in quads)
    same = {v for v in values if isinstance(v, Literal) and v.value == text.strip()}
    found = [*known, *sorted(same, key=str)]
    return found or ([_literal(text)] if _LITERAL.fullmatch(text.strip()) else [])


def _with_value(
    snapshot: Snapshot,
    subjects: list[NamedNode],
    predicates: list[NamedNode],
    text: str,
) -> Triple:
    """Return a triple with *text* as it is, where its like have values that are texts.

    Else raise UnknownEntityError with what resembles it, and what is there instead.
    """
    known: list[Term] = []
    for subject in subjects:
        for predicate in predicates:
            quads = islice(snapshot.quads(subject, predicate), _MOST_NAMES)
            known += [cast("Term", quad.object) for quad in quads]
            if any(isinstance(term, Literal) for term in known) and _is_unicode(text):
                return Triple(subject, predicate, Literal(text))
    raise _unknown(snapshot, text, "the object", known)


def _literal(text: str) -> Literal:
    """Return the literal that *text* is in Turtle; raise ParameterError."""
    declared = "".join(f"@prefix {p}: <{iri}> .\n" for p, iri in prefixes().items())
    try:
        document = f"{declared}<urn:x> <urn:x> {text.strip()} .".encode()
        objects = [q.object for q in parse(input=document, format=RdfFormat.TURTLE)]
    except (SyntaxError, UnicodeEncodeError, ValueError) as error:
        raise _no_literal(text) from error
    if len(objects) != 1 or not isinstance(objects[0], Literal):
        raise _no_literal(text)
    return objects[0]


def _no_literal(text: str) -> ParameterError:
    return ParameterError(
        f"{text!r} is not a literal as Turtle has it",
        where="the object",
        advice='write "text"@en, 42, or "2024-05-31"^^xsd:date',
    )


def _known(snapshot: Snapshot, text: str) -> list[NamedNode]:
    """Return what is called *text*, or has it as its IRI, if it occurs at all."""
    text = text.strip()
    if not _is_unicode(text):
        return []
    named = _node(text.strip("<>")) if _IRI.fullmatch(text) else _node(expand(text))
    if named and _is_known(snapshot, named):
        return [named]
    return [one.iri for one in find_entities(snapshot, text) if one.exact]


def _is_unicode(text: str) -> bool:
    try:
        return bool(text.encode())
    except UnicodeEncodeError:
        return False


def _node(iri: str | None) -> NamedNode | None:
    try:
        return NamedNode(iri) if iri else None
    except ValueError:
        return None


def _is_known(snapshot: Snapshot, node: NamedNode) -> bool:
    return (
        node == TYPE
        or any(snapshot.quads(subject=node))
        or any(snapshot.quads(predicate=node))
        or any(snapshot.quads(object_=node))
    )


def _unknown(
    snapshot: Snapshot, text: str, where: str, instead: Sequence[Term] = ()
) -> UnknownEntityError:
    found = {one.iri: one for one in _neighbours(snapshot, text)}
    for term in instead:
        if isinstance(term, NamedNode) and term not in found:
            found |= {one.iri: one for one in find_entities(snapshot, str(term))}
    near = list(found.values())[:_MOST_NAMES]
    names = ", ".join(one.told for one in near)
    return UnknownEntityError(
        f"nothing here is called {text!r}",
        where=where,
        advice=f"did you mean {names}?" if near else SEE_ENTITIES,
        candidates=[(one.iri.value, one.label) for one in near],
    )


def _neighbours(snapshot: Snapshot, text: str) -> Iterator[Candidate]:
    """Yield what resembles *text*, or the last part of an IRI or prefixed name."""
    if not _is_unicode(text.strip()):
        return
    last = re.split(r"[/#:]", text.strip("<> \t\n"))[-1]
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|[-_]", " ", last)
    met: set[NamedNode] = set()
    for form in dict.fromkeys((text, last, words)):
        for one in find_entities(snapshot, form):
            if one.iri not in met:
                met.add(one.iri)
                yield one


def _ambiguous(found: list[Triple]) -> UnknownEntityError:
    names = "; ".join(" ".join(map(str, triple)) for triple in found[:_MOST_NAMES])
    iris = {
        term.value: None
        for triple in found
        for term in triple
        if isinstance(term, NamedNode)
    }
    return UnknownEntityError(
        f"this may mean {len(found)} triples",
        advice=f"give the IRIs of one: {names}",
        candidates=[(iri, iri) for iri in iris][:_MOST_NAMES],
    )
