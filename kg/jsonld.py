"""The JSON-LD context of the ontology: its terms as the names of members.

A property that leads to things takes IRIs; one with a datatype takes plain values of
it; the labels and texts are English. Everything else keeps its value's own form, so
that nothing is lost in either direction. Whatever is no known name is a term of the
ontology (`@vocab`), which validation then finds not to exist, rather than nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kg.prefixes import prefixes, shorten
from kg.terms import EXQ, LABEL, ONTOLOGY, OWL, RDF, RDFS, SKOS, TYPE, XSD, NamedNode

if TYPE_CHECKING:
    from kg.store import Snapshot

_RANGE = NamedNode(f"{RDFS}range")
_TEXT = f"{RDF}langString"
_STRING = f"{XSD}string"
_LITERAL = f"{RDFS}Literal"
_KINDS = {
    NamedNode(f"{OWL}Class"),
    NamedNode(f"{OWL}DatatypeProperty"),
    NamedNode(f"{OWL}ObjectProperty"),
}
_OBJECTS = NamedNode(f"{OWL}ObjectProperty")
_DATA = NamedNode(f"{OWL}DatatypeProperty")
_ENGLISH = {
    "altLabel": f"{SKOS}altLabel",
    "definition": f"{SKOS}definition",
    "label": LABEL.value,
    "prefLabel": f"{SKOS}prefLabel",
}
"""Terms of others that every description has, in English here."""

_LINKS = {"sameAs": "https://schema.org/sameAs", "inScheme": f"{SKOS}inScheme"}


def context(here: Snapshot) -> dict[str, object]:
    """Return the document that holds the context, names in alphabetical order."""
    terms: dict[str, object] = {
        **{name: _english(iri) for name, iri in _ENGLISH.items()},
        **{name: _link(iri) for name, iri in _LINKS.items()},
    }
    for kind in _KINDS:
        for quad in here.quads(None, TYPE, kind, ONTOLOGY):
            iri = getattr(quad.subject, "value", "")
            if iri.startswith(EXQ):
                terms[iri.removeprefix(EXQ)] = _term(here, NamedNode(iri), kind)
    head = {
        "@version": 1.1,
        "@vocab": EXQ,
        **{name: space for name, space in prefixes().items() if name not in terms},
        "type": "@type",
    }
    return {"@context": head | dict(sorted(terms.items()))}


def _term(here: Snapshot, term: NamedNode, kind: NamedNode) -> object:
    """Return the definition of a term of the ontology."""
    if kind == _OBJECTS:
        return _link(term.value)
    if kind != _DATA:
        return _short(term.value)
    ranges = {getattr(q.object, "value", "") for q in here.quads(term, _RANGE)}
    datatype = ranges.pop() if len(ranges) == 1 else ""
    if datatype == _TEXT:
        return _english(term.value)
    if datatype in ("", _STRING, _LITERAL):
        return _short(term.value)
    return {"@id": _short(term.value), "@type": _short(datatype)}


def _english(iri: str) -> dict[str, str]:
    return {"@id": _short(iri), "@language": "en"}


def _link(iri: str) -> dict[str, str]:
    return {"@id": _short(iri), "@type": "@id"}


def _short(iri: str) -> str:
    return shorten(iri).strip("<>")
