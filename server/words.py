"""How pages word what programs name: columns, formats, passages; no Flask."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from kg.names import spaced
from kg.prefixes import shorten
from kg.terms import EXQ, NamedNode

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kg.formats import Format
    from kg.names import Thing
    from kg.terms import Term

_FORMATS = {
    "jsonld": "JSON-LD",
    "nquads": "N-Quads",
    "ntriples": "N-Triples",
    "rdfxml": "RDF/XML",
    "spreadsheet": "CSV for spreadsheets",
    "trig": "TriG",
    "turtle": "Turtle",
}
_REGISTERS = {
    "http://www.wikidata.org/entity/": "Wikidata",
    "https://sws.geonames.org/": "GeoNames",
}
_TERM = re.compile(r"\bexq:([A-Za-z]\w*)")
_PASSAGE = re.compile(r"/source/([^/#]+)#(s0*(\d+))$")

EXAMPLE = """\
PREFIX exq: <https://w3id.org/exequatur/ontology#>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>

SELECT ?person ?post ?state ?passage WHERE {
  GRAPH ?passage { ?tenure exq:inPost ?p }
  ?who exq:hasTenure ?tenure ; rdfs:label ?person .
  ?p rdfs:label ?post ; exq:postOfState/rdfs:label ?state .
}
ORDER BY ?state ?person
"""
"""The query that an empty form shows."""


def format_name(entry: Format) -> str:
    """Return what people call a format."""
    return _FORMATS.get(entry.name, entry.name.upper())


def compact(term: Term) -> str:
    """Return *term* as Turtle would have it: a prefixed name, or a value."""
    return shorten(term.value) if isinstance(term, NamedNode) else str(term)


def parted(text: str) -> Iterator[tuple[str, str]]:
    """Yield the parts of *text*: our terms in words, with their IRIs, and the rest."""
    last = 0
    for found in _TERM.finditer(text):
        yield text[last : found.start()], ""
        yield spaced(found[1]), f"{EXQ}{found[1]}"
        last = found.end()
    yield text[last:], ""


def path_text(path: str) -> str:
    """Return a property path with prefixed names, as far as there are prefixes."""
    return re.sub(r"<([^<>]*)>", lambda match: shorten(match[1]), path)


def name_of(thing: Thing) -> str:
    """Return the label of *thing*; a passage is named by its article and place."""
    return named(getattr(thing.term, "value", ""), thing.label)


def named(iri: str, label: str) -> str:
    """Return *label*, or for a passage, which has none, its article and place."""
    match = _PASSAGE.search(iri)
    if match is None or label != match[2]:
        return label
    return f"{match[1].replace('-', ' ')}, passage {match[3]}"


def leading(label: str) -> str:
    """Return what stands before a value of the property with *label*, with a space.

    "organ of" stays, for it says more than the value; "has time" does not.
    """
    if label == "has capital":
        return "capital "
    return "" if label.startswith(("has ", "holds ")) else f"{label} "


def register(iri: str) -> str:
    """Return the name of a register and the number there, or all of another IRI."""
    for start, name in _REGISTERS.items():
        if iri.startswith(start):
            return f"{name} {iri.removeprefix(start).strip('/')}"
    return iri


def role(label: str) -> str:
    """Return as what something has a part by the property with *label*."""
    return label.removeprefix("has ")


def capital(text: str) -> str:
    """Return *text* with a capital in front, the rest as it is."""
    return text[:1].upper() + text[1:]
