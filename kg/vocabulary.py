"""The ontology's terms, and what in the data looks like one but is none."""

from __future__ import annotations

from collections import defaultdict
from difflib import get_close_matches
from enum import StrEnum
from functools import lru_cache
from re import compile as pattern
from typing import TYPE_CHECKING, cast

from rdflib import DCTERMS, FOAF, ORG, OWL, PROV, RDF, RDFS, SKOS, TIME

from kg.prefixes import shorten
from kg.report import Check, Finding, Severity
from kg.terms import BASE, EXQ, TYPE, Literal, NamedNode

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from rdflib.namespace import DefinedNamespace

    from kg.terms import Node, Quad, Triple

DEPRECATED = NamedNode(OWL.deprecated)
REPLACED_BY = NamedNode(DCTERMS.isReplacedBy)

MOST_SUGGESTIONS = 500
"""So many unknown terms get a suggestion; a file with more has another problem."""

_OWN = pattern(r"https?://(?:www\.)?w3id\.org/exequatur/(?P<rest>.*)")
_CLOSED = (DCTERMS, FOAF, ORG, OWL, PROV, RDF, RDFS, SKOS, TIME)
"""Vocabularies of other people whose terms are all known."""


class Place(StrEnum):
    """What a term must be, by where it stands in a statement."""

    PROPERTY = "a property"
    CLASS = "a class"
    ANYWHERE = "a term"


_PLACES = {
    str(OWL.AnnotationProperty): Place.PROPERTY,
    str(OWL.Class): Place.CLASS,
    str(OWL.DatatypeProperty): Place.PROPERTY,
    str(OWL.ObjectProperty): Place.PROPERTY,
}


class Vocabulary:
    """The terms that an ontology defines in our namespace."""

    def __init__(
        self, places: Mapping[str, Place], replaced: Mapping[str, str]
    ) -> None:
        self._places = places
        self._replaced = replaced
        self._suggested: dict[tuple[str, Place], str] = {}

    @classmethod
    def of(cls, ontology: Iterable[Triple]) -> Vocabulary:
        """Return the terms of ours to which *ontology* gives a type."""
        places: dict[str, Place] = {}
        replaced: dict[str, str] = {}
        for triple in ontology:
            name = _own_name(triple.subject)
            if name is None:
                continue
            if triple.predicate == TYPE:
                place = _PLACES.get(getattr(triple.object, "value", ""))
                places[name] = place or places.get(name, Place.ANYWHERE)
            elif triple.predicate == DEPRECATED:
                replaced.setdefault(name, "")
            elif triple.predicate == REPLACED_BY:
                replaced[name] = shorten(getattr(triple.object, "value", ""))
        return cls(places, replaced)

    def check(self, quads: Iterable[Quad]) -> list[Finding]:
        """Return a finding for each node that is told of with a term that is none.

        Terms of ours that have been replaced, and terms that well-known vocabularies
        do not have, are warnings.
        """
        if 2 * len(self._suggested) > MOST_SUGGESTIONS:
            self._suggested.clear()  # what others misspelt is not held against this
        found: dict[tuple[Node, NamedNode, Severity, str], set[Quad]] = defaultdict(set)
        for quad in quads:
            for term, place in _terms(quad):
                objection = self._objection(term.value, place)
                if objection:
                    found[cast("Node", quad.subject), term, *objection].add(quad)
        findings = [_finding(*key, premises) for key, premises in found.items()]
        return sorted(findings, key=lambda f: (str(f.focus), str(f.value), f.message))

    def objects_to(self, term: object, place: Place) -> bool:
        """Tell whether there is something to say of *term* where it stands."""
        value = term.datatype if isinstance(term, Literal) else term
        return isinstance(value, NamedNode) and bool(
            self._objection(value.value, place)
        )

    def _objection(self, iri: str, place: Place) -> tuple[Severity, str] | None:
        if iri.startswith(EXQ):
            return self._objection_to_own(iri.removeprefix(EXQ), place)
        if message := self._stray(iri, place):
            return Severity.VIOLATION, message
        if place is not Place.ANYWHERE and (message := _foreign(iri)):
            return Severity.WARNING, message
        return None

    def _objection_to_own(self, name: str, place: Place) -> tuple[Severity, str] | None:
        known = self._places.get(name)
        if known is None:
            advice = self._advice(name, place)
            return Severity.VIOLATION, f"exq:{name} is not defined; {advice}"
        if place not in {known, Place.ANYWHERE}:
            return Severity.VIOLATION, f"exq:{name} is {known}, not {place}"
        if name in self._replaced:
            successor = self._replaced[name]
            advice = f"; use {successor}" if successor else ""
            return Severity.WARNING, f"exq:{name} is deprecated{advice}"
        return None

    def _stray(self, iri: str, place: Place) -> str:
        """Say what is wrong with an IRI that is ours but not as we write it."""
        match = _OWN.fullmatch(iri)
        if not match:
            return ""
        if place is not Place.ANYWHERE:
            name = iri.rpartition("/")[2].rpartition("#")[2]
            advice = self._advice(name, place)
            return f"<{iri}> is not in the ontology's namespace <{EXQ}>; {advice}"
        if not iri.startswith(BASE):
            return (
                f"<{iri}> is not one of our IRIs; did you mean <{BASE}{match['rest']}>?"
            )
        return ""

    def _advice(self, name: str, place: Place) -> str:
        key = name, place
        if key not in self._suggested:
            if len(self._suggested) >= MOST_SUGGESTIONS:
                return "look it up in the ontology"
            self._suggested[key] = self._nearest(name, place)
        return self._suggested[key]

    def _nearest(self, name: str, place: Place) -> str:
        fitting = {place, Place.ANYWHERE} if place is not Place.ANYWHERE else set(Place)
        known = {
            n.casefold(): n for n, p in sorted(self._places.items()) if p in fitting
        }
        matches = get_close_matches(name.casefold(), known, n=1)
        if matches:
            return f"did you mean exq:{known[matches[0]]}?"
        if place is Place.ANYWHERE:
            return f"things of your own are named under <{BASE}id/>"
        return f"the ontology has no {place.removeprefix('a ')} with a name like it"


def _terms(quad: Quad) -> Iterator[tuple[NamedNode, Place]]:
    """Yield the IRIs of *quad*, each with what it must be where it stands."""
    yield quad.predicate, Place.PROPERTY
    if isinstance(quad.subject, NamedNode):
        yield quad.subject, Place.ANYWHERE
    if isinstance(quad.graph_name, NamedNode):
        yield quad.graph_name, Place.ANYWHERE
    value = quad.object.datatype if isinstance(quad.object, Literal) else quad.object
    if isinstance(value, NamedNode):
        yield value, Place.CLASS if quad.predicate == TYPE else Place.ANYWHERE


def _finding(
    focus: Node, term: NamedNode, severity: Severity, message: str, premises: set[Quad]
) -> Finding:
    return Finding(
        check=Check.VOCABULARY,
        severity=severity,
        focus=focus,
        message=message,
        value=term,
        premises=tuple(sorted(premises, key=str)),
    )


@lru_cache(maxsize=10_000)
def _foreign(iri: str) -> str:
    """Say that a well-known vocabulary has no such term."""
    for vocabulary in _CLOSED:
        base = str(vocabulary)
        name = iri.removeprefix(base)
        if not iri.startswith(base) or name in vocabulary or name.startswith("_"):
            continue
        matches = get_close_matches(name, _names(vocabulary), n=1)
        advice = f"; did you mean {shorten(base + matches[0])}?" if matches else ""
        return f"<{iri}> is not a term of its vocabulary{advice}"
    return ""


def _names(vocabulary: type[DefinedNamespace]) -> list[str]:
    extras = getattr(vocabulary, "_extras", [])
    names = {*vocabulary.__annotations__, *extras}
    return sorted(name for name in names if not name.startswith("_"))


def _own_name(term: object) -> str | None:
    iri = term.value if isinstance(term, NamedNode) else ""
    return iri.removeprefix(EXQ) if iri.startswith(EXQ) else None
