"""Terms as rdflib has them, for the graphs that pyshacl judges."""

from __future__ import annotations

from typing import TYPE_CHECKING

import rdflib

from kg.terms import XSD, BlankNode, Literal, NamedNode

if TYPE_CHECKING:
    from kg.terms import Term


def to_rdflib(term: Term) -> rdflib.term.Identifier:
    """Return *term* as rdflib has it, the lexical form unchanged."""
    if isinstance(term, NamedNode):
        return rdflib.URIRef(term.value)
    if isinstance(term, BlankNode):
        return rdflib.BNode(term.value)
    if term.language:
        return rdflib.Literal(term.value, lang=term.language)
    if term.datatype.value == f"{XSD}string":
        return rdflib.Literal(term.value)
    datatype = rdflib.URIRef(term.datatype.value)
    return rdflib.Literal(term.value, datatype=datatype, normalize=False)


def from_rdflib(term: rdflib.term.Identifier) -> Term:
    """Return *term* as the engine has it; raise TypeError for a variable or graph."""
    if isinstance(term, rdflib.URIRef):
        return NamedNode(str(term))
    if isinstance(term, rdflib.BNode):
        return BlankNode(str(term))
    if not isinstance(term, rdflib.Literal):
        raise TypeError(f"not an RDF term: {term!r}")
    if term.language:
        return Literal(str(term), language=term.language)
    if term.datatype is None:
        return Literal(str(term))
    return Literal(str(term), datatype=NamedNode(str(term.datatype)))
