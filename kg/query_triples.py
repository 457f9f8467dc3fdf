"""Saved queries as triples, so that they can be queried too."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kg.queries import Form, Parameter, ParameterKind, SavedQuery
from kg.terms import (
    BASE,
    DCT,
    LABEL,
    SH,
    SKOS,
    TYPE,
    XSD,
    Literal,
    NamedNode,
    Triple,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

DCAT = "http://www.w3.org/ns/dcat#"

_EXECUTABLES = {
    Form.SELECT: NamedNode(f"{SH}SPARQLSelectExecutable"),
    Form.ASK: NamedNode(f"{SH}SPARQLAskExecutable"),
    Form.CONSTRUCT: NamedNode(f"{SH}SPARQLConstructExecutable"),
}
_DATATYPES = {
    ParameterKind.STRING: "string",
    ParameterKind.INTEGER: "integer",
    ParameterKind.DATE: "date",
    ParameterKind.LANGUAGE: "string",
}


def query_triples(queries: Iterable[SavedQuery], base: str = BASE) -> Iterator[Triple]:
    """Yield triples that describe *queries* in the vocabulary of SHACL."""
    for query in queries:
        node = NamedNode(f"{base}query/{query.name}")
        yield Triple(node, TYPE, _EXECUTABLES[query.form])
        yield Triple(node, _sh(query.form), Literal(query.text))
        yield Triple(node, LABEL, _english(query.summary))
        yield Triple(node, NamedNode(f"{DCT}identifier"), Literal(query.name))
        if query.description:
            text = _english(query.description)
            yield Triple(node, NamedNode(f"{DCT}description"), text)
        for tag in query.tags:
            yield Triple(node, NamedNode(f"{DCAT}keyword"), _english(tag))
        for order, parameter in enumerate(query.parameters):
            yield from _parameter_triples(node, parameter, order, base)


def _parameter_triples(
    query: NamedNode, parameter: Parameter, order: int, base: str
) -> Iterator[Triple]:
    """Yield triples that describe a parameter; its path's last part is its name."""
    node = NamedNode(f"{query.value}#{parameter.name}")
    path = NamedNode(f"{base}parameter/{parameter.name}")
    yield Triple(query, _sh("parameter"), node)
    yield Triple(node, TYPE, _sh("Parameter"))
    yield Triple(node, _sh("path"), path)
    yield Triple(node, _sh("name"), Literal(parameter.name))
    yield Triple(node, _sh("description"), _english(parameter.summary))
    yield Triple(node, _sh("order"), Literal(order))
    if parameter.default is not None:
        yield Triple(node, _sh("defaultValue"), parameter.default)
    yield Triple(node, _sh("optional"), Literal(value=True))
    yield from _value_triples(node, parameter)


def _value_triples(node: NamedNode, parameter: Parameter) -> Iterator[Triple]:
    """Yield triples that say which values the parameter at *node* takes."""
    if parameter.kind in _DATATYPES:
        datatype = NamedNode(f"{XSD}{_DATATYPES[parameter.kind]}")
        yield Triple(node, _sh("datatype"), datatype)
        return
    yield Triple(node, _sh("nodeKind"), _sh("IRI"))
    if parameter.of and parameter.kind is ParameterKind.IRI:
        yield Triple(node, _sh("class"), parameter.of)
    elif parameter.of:
        scheme = NamedNode(f"{node.value}-scheme")
        yield Triple(node, _sh("class"), NamedNode(f"{SKOS}Concept"))
        yield Triple(node, _sh("property"), scheme)
        yield Triple(scheme, _sh("path"), NamedNode(f"{SKOS}inScheme"))
        yield Triple(scheme, _sh("hasValue"), parameter.of)


def _sh(name: str) -> NamedNode:
    return NamedNode(f"{SH}{name}")


def _english(text: str) -> Literal:
    return Literal(text, language="en")
