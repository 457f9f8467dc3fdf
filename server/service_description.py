"""What the SPARQL endpoints are, in the terms of SPARQL 1.1 Service Description.

Of the features that the standard names none is claimed, as none holds: no address is
looked up, no other host asked, a graph that was not created empty goes with its last
triple, and the default graph is not just the union of the named ones.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING
from urllib.parse import quote

from kg.formats import FORMATS, Format, Kind, for_kind
from kg.query_triples import service_triples
from kg.statistics import uses
from kg.terms import (
    DCT,
    LABEL,
    MERGED,
    RDFS,
    TYPE,
    XSD,
    Literal,
    NamedNode,
    Triple,
)
from server.dataset import SD, VOID
from server.documents import LICENCE

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from kg.queries import SavedQuery
    from kg.store import Snapshot

MOST_GRAPHS = 2_000
"""So many named graphs are listed; `/graphs` has them all."""

MOST_COUNTED = 100_000
"""So many triples are counted to say how long the listed graphs are."""

_FORMATS = "http://www.w3.org/ns/formats/"
_FORMAT_NAMES = {
    "csv": "SPARQL_Results_CSV", "json": "SPARQL_Results_JSON",
    "tsv": "SPARQL_Results_TSV", "xml": "SPARQL_Results_XML",
    "jsonld": "JSON-LD", "n3": "N3", "nquads": "N-Quads", "ntriples": "N-Triples",
    "rdfxml": "RDF_XML", "trig": "TriG", "turtle": "Turtle",
}  # fmt: skip
_ENTAILMENT = "http://www.w3.org/ns/entailment/"
_RL = NamedNode("http://www.w3.org/ns/owl-profile/RL")
_MERGED_VIEW = "The default graph is the merged view: all that is stated or follows"
_MERGED_VIEW_MORE = (
    "It leaves out the contents of claims, the log, the report, the shapes and the"
    " saved queries, which can be read by their names. As FROM or default-graph-uri"
    f" it is called {MERGED.value}."
)


def format_iri(fmt: Format) -> NamedNode:
    """Return the IRI by which the W3C knows *fmt*."""
    return NamedNode(_FORMATS + _FORMAT_NAMES[fmt.name])


def describe_service(
    here: Snapshot, base: str, queries: Collection[SavedQuery]
) -> list[Triple]:
    """Return the description of the endpoints below *base* that serve *here*."""
    return list(_Description(here, base).triples(queries))


@dataclass(frozen=True, slots=True)
class _Description:
    here: Snapshot
    base: str

    def triples(self, queries: Collection[SavedQuery]) -> Iterator[Triple]:
        query = self._part("sparql")
        endpoint = self._at("sparql")
        yield from self._service("sparql", "sparql", "SPARQL 1.1 queries")
        yield _triple(query, "supportedLanguage", _sd("SPARQL11Query"))
        for entry in FORMATS:
            yield _triple(query, "resultFormat", format_iri(entry))
        yield from self._service("update", "update", "SPARQL 1.1 updates")
        yield _triple(self._part("update"), "supportedLanguage", _sd("SPARQL11Update"))
        yield from self._graph_store()
        yield from self._feature()
        yield from self._dataset()
        yield from service_triples(queries, query, endpoint.value, self.base)
        for saved in queries:
            told = self._at(f"queries/{saved.name}/definition")
            yield Triple(self._at(f"query/{saved.name}"), _rdfs("isDefinedBy"), told)

    def _part(self, name: str) -> NamedNode:
        return NamedNode(f"{self.base}#{name}")

    def _at(self, path: str) -> NamedNode:
        return NamedNode(f"{self.base}{path}")

    def _service(self, name: str, path: str, title: str) -> Iterator[Triple]:
        this = self._part(name)
        yield Triple(this, TYPE, _sd("Service"))
        yield Triple(this, LABEL, Literal(title, language="en"))
        yield Triple(this, NamedNode(f"{DCT}license"), NamedNode(LICENCE))
        yield _triple(this, "endpoint", self._at(path))
        yield _triple(this, "feature", self._part("merged-view"))
        yield _triple(this, "defaultDataset", self._part("dataset"))
        regime = NamedNode(f"{_ENTAILMENT}OWL-RDF-Based")
        yield _triple(this, "defaultEntailmentRegime", regime)
        yield _triple(this, "defaultSupportedEntailmentProfile", _RL)

    def _graph_store(self) -> Iterator[Triple]:
        """Yield which syntaxes can be sent; updates cannot LOAD, so they go here."""
        this = self._part("graph-store")
        yield Triple(this, _rdfs("seeAlso"), self._at("graphs"))
        for entry in for_kind(Kind.GRAPH):
            yield _triple(this, "inputFormat", format_iri(entry))
            yield _triple(this, "resultFormat", format_iri(entry))

    def _feature(self) -> Iterator[Triple]:
        this = self._part("merged-view")
        yield Triple(this, TYPE, _sd("Feature"))
        yield Triple(this, LABEL, Literal(_MERGED_VIEW, language="en"))
        more = Literal(_MERGED_VIEW_MORE, language="en")
        yield Triple(this, _rdfs("comment"), more)

    def _dataset(self) -> Iterator[Triple]:
        this = self._part("dataset")
        yield Triple(this, TYPE, _sd("Dataset"))
        yield Triple(this, _rdfs("seeAlso"), self._at(".well-known/void"))
        yield _triple(this, "defaultGraph", MERGED)
        yield Triple(MERGED, TYPE, _sd("Graph"))
        yield _count(MERGED, uses(self.here).triples)
        left = MOST_COUNTED
        for name in self.here.graphs()[:MOST_GRAPHS]:
            yield from self._named(name)
            number = sum(1 for _ in islice(self.here.quads(graph=name), left + 1))
            if number <= left:
                yield _count(name, number)
            left -= min(number, left)

    def _named(self, name: NamedNode) -> Iterator[Triple]:
        """Yield that the graph *name*, in which nothing is inferred, has that name."""
        this = self._part(f"named-graph/{quote(name.value, safe='')}")
        yield _triple(self._part("dataset"), "namedGraph", this)
        yield Triple(this, TYPE, _sd("NamedGraph"))
        yield _triple(this, "name", name)
        yield _triple(this, "graph", name)
        yield _triple(this, "entailmentRegime", NamedNode(f"{_ENTAILMENT}Simple"))
        yield Triple(name, TYPE, _sd("Graph"))


def _sd(name: str) -> NamedNode:
    return NamedNode(f"{SD}{name}")


def _rdfs(name: str) -> NamedNode:
    return NamedNode(f"{RDFS}{name}")


def _triple(subject: NamedNode, name: str, value: NamedNode) -> Triple:
    return Triple(subject, _sd(name), value)


def _count(graph: NamedNode, number: int) -> Triple:
    value = Literal(str(number), datatype=NamedNode(f"{XSD}integer"))
    return Triple(graph, NamedNode(f"{VOID}triples"), value)
