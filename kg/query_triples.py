"""Saved queries as triples, so that they can be queried too.

Each is a `sh:SPARQLExecutable` of SHACL Advanced Features, described besides as
collections of example queries are (schema:target, schema:keywords, rdfs:comment), so
that editors which read those offer them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kg.prefixes import prefixes
from kg.queries import Form, Parameter, ParameterKind, SavedQuery
from kg.terms import (
    BASE,
    DCT,
    LABEL,
    RDFS,
    SCHEMA,
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


def query_node(query: SavedQuery, base: str = BASE) -> NamedNode:
    """Return the IRI of a saved query."""
    return NamedNode(f"{base}query/{query.name}")


def query_triples(
    queries: Iterable[SavedQuery], base: str = BASE, *, endpoint: str = ""
) -> Iterator[Triple]:
    """Yield triples that describe *queries*, and the prefixes that they share.

    *endpoint* is the address of the SPARQL service that they are meant for.
    """
    shared = NamedNode(f"{base}prefixes")
    yield from prefix_triples(shared)
    for query in queries:
        node = query_node(query, base)
        yield Triple(node, TYPE, _sh("SPARQLExecutable"))
        yield Triple(node, TYPE, _EXECUTABLES[query.form])
        yield Triple(node, _sh("prefixes"), shared)
        yield Triple(node, _sh(query.form), Literal(query.text))
        if endpoint:
            yield Triple(node, NamedNode(f"{SCHEMA}target"), NamedNode(endpoint))
        yield Triple(node, LABEL, _english(query.summary))
        yield Triple(node, NamedNode(f"{DCT}identifier"), Literal(query.name))
        if query.description:
            text = _english(query.description)
            yield Triple(node, NamedNode(f"{DCT}description"), text)
        comment = f"{query.summary}. {query.description}".strip()
        yield Triple(node, NamedNode(f"{RDFS}comment"), _english(comment))
        for tag in query.tags:
            yield Triple(node, NamedNode(f"{DCAT}keyword"), _english(tag))
            yield Triple(node, NamedNode(f"{SCHEMA}keywords"), Literal(tag))
        for order, parameter in enumerate(query.parameters):
            yield from _parameter_triples(node, parameter, order, base)


def service_triples(
    queries: Iterable[SavedQuery], service: NamedNode, endpoint: str, base: str = BASE
) -> Iterator[Triple]:
    """Yield triples that list *queries* in the description of the SPARQL *service*."""
    for query in queries:
        node = query_node(query, base)
        yield Triple(service, NamedNode(f"{DCT}hasPart"), node)
        yield Triple(node, TYPE, _sh("SPARQLExecutable"))
        yield Triple(node, TYPE, _EXECUTABLES[query.form])
        yield Triple(node, LABEL, _english(query.summary))
        yield Triple(node, NamedNode(f"{DCT}identifier"), Literal(query.name))
        yield Triple(node, NamedNode(f"{SCHEMA}target"), NamedNode(endpoint))


def prefix_triples(shared: NamedNode) -> Iterator[Triple]:
    """Yield the declarations of the project's prefixes, as `sh:prefixes` takes them."""
    for prefix, namespace in prefixes().items():
        node = NamedNode(f"{shared.value}#{prefix}")
        iri = Literal(namespace, datatype=NamedNode(f"{XSD}anyURI"))
        yield Triple(shared, _sh("declare"), node)
        yield Triple(node, _sh("prefix"), Literal(prefix))
        yield Triple(node, _sh("namespace"), iri)


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
