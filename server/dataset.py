"""What the dataset is, in VoID, DCAT 3 and PROV-O: counts, files, services, sources.

The server is named by the base IRI, under which w3id.org leads to it, not by the host
of a request: a description says the same to everybody.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote

from kg.articles import articles
from kg.formats import FORMATS, Kind, for_kind
from kg.history import changes
from kg.statistics import Linkset, extent, size, uses
from kg.terms import (
    DCT,
    EXQ,
    LABEL,
    MERGED_VIEW,
    ONTOLOGY,
    OUTSIDE_VIEW,
    OWL,
    PROV,
    RDFS,
    TYPE,
    XSD,
    Literal,
    NamedNode,
    Triple,
)
from server.documents import FOAF, LICENCE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kg.history import LoggedChange
    from kg.store import Snapshot
    from kg.terms import Term

DCAT = "http://www.w3.org/ns/dcat#"
VOID = "http://rdfs.org/ns/void#"
SD = "http://www.w3.org/ns/sparql-service-description#"
_MEDIA_TYPES = "https://www.iana.org/assignments/media-types/"
_FILE_FORMATS = "http://www.w3.org/ns/formats/"
_ENGLISH = "http://publications.europa.eu/resource/authority/language/ENG"

TITLE = "Exequatur: diplomacy, sentence by sentence"
_DESCRIPTION = (
    "A knowledge graph of diplomatic actors, agreements and legal instruments, read"
    " sentence by sentence from news articles. Each statement stands in the graph of"
    " the passage that makes it; background knowledge names the register it is from."
)
_KEYWORDS = ("agreements", "diplomacy", "international relations", "legal instruments")
_FEATURES = {
    "jsonld": "JSON-LD", "n3": "N3", "nquads": "N-Quads", "ntriples": "N-Triples",
    "rdfxml": "RDF_XML", "trig": "TriG", "turtle": "Turtle",
}  # fmt: skip
_ELSEWHERE = {
    "http://www.wikidata.org/": ("Wikidata", "http://www.wikidata.org/entity/"),
    "https://sws.geonames.org/": ("GeoNames", "https://sws.geonames.org/"),
}
"""What is known of the datasets that things are linked to, by where their IRIs are."""

_SERVICES = {
    "sparql": ("sparql", "SPARQL 1.1 queries",
               "http://www.w3.org/TR/sparql11-protocol/"),
    "graph-store": ("graphs", "The graphs, by the Graph Store Protocol",
                    "http://www.w3.org/TR/sparql11-http-rdf-update/"),
    "reconciliation": ("reconcile", "Matching names to things, for OpenRefine",
                       "https://www.w3.org/community/reports/reconciliation/"
                       "CG-FINAL-specs-0.2-20230410/"),
    "queries": ("queries", "Saved queries by name, as an HTTP API",
                "https://spec.openapis.org/oas/v3.1.0"),
}  # fmt: skip
_DESCRIBED_BY = {"graph-store": "openapi.json", "queries": "openapi.json"}
"""Where the endpoint itself does not say how it is spoken to."""

_MOST_SOURCES = 500


def describe_dataset(here: Snapshot, base: str) -> list[Triple]:
    """Return the description of the dataset that *here* is a version of."""
    return list(_Description(here, base).triples())


@dataclass(frozen=True, slots=True)
class _Description:
    here: Snapshot
    base: str

    def triples(self) -> Iterator[Triple]:
        yield from self._document()
        yield from self._catalogue()
        yield from self._dataset()
        yield from self._history()
        yield from self._sources()
        yield from self._counts()
        for number, linkset in enumerate(extent(self.here, self.base).linksets, 1):
            yield from self._linkset(number, linkset)
        beside = {*OUTSIDE_VIEW, ONTOLOGY}  # not in what is counted, or not all of it
        for graph in self.here.graphs():
            if graph.value.startswith(f"{self.base}graph/") and graph not in beside:
                yield from self._graph(graph)
        for name in _SERVICES:
            yield from self._service(name)
        for entry in for_kind(Kind.DATASET):
            yield from self._file(entry.name, packed=False)
            yield from self._file(entry.name, packed=True)

    # --- names ------------------------------------------------------------------------

    def _part(self, name: str) -> NamedNode:
        return NamedNode(f"{self.base}#{name}")

    def _at(self, path: str) -> NamedNode:
        return NamedNode(f"{self.base}{path}")

    # --- the parts --------------------------------------------------------------------

    def _document(self) -> Iterator[Triple]:
        this = self._at(".well-known/void")
        yield _typed(this, f"{VOID}DatasetDescription")
        yield _triple(this, f"{FOAF}primaryTopic", self._part("dataset"))
        yield _triple(this, f"{DCT}license", NamedNode(LICENCE))
        yield _text(this, f"{DCT}title", "Description of the dataset Exequatur")

    def _catalogue(self) -> Iterator[Triple]:
        this = self._part("catalog")
        yield _typed(this, f"{DCAT}Catalog")
        yield _text(this, f"{DCT}title", "What Exequatur offers")
        yield _text(
            this, f"{DCT}description", "The dataset, its ontology, its services."
        )
        yield _triple(this, f"{DCT}license", NamedNode(LICENCE))
        yield _triple(this, f"{DCT}publisher", self._part("contributors"))
        yield _triple(this, f"{FOAF}homepage", NamedNode(self.base))
        yield _triple(this, f"{DCAT}dataset", self._part("dataset"))
        yield _triple(this, f"{DCAT}resource", NamedNode(EXQ.removesuffix("#")))
        for name in _SERVICES:
            yield _triple(this, f"{DCAT}service", self._part(name))
        yield _typed(self._part("contributors"), f"{FOAF}Agent")
        yield _triple(
            self._part("contributors"), f"{FOAF}name", Literal("Exequatur contributors")
        )

    def _dataset(self) -> Iterator[Triple]:
        this = self._part("dataset")
        for kind in (f"{VOID}Dataset", f"{DCAT}Dataset", f"{PROV}Entity"):
            yield _typed(this, kind)
        yield _text(this, f"{DCT}title", TITLE)
        yield _text(this, f"{DCT}description", _DESCRIPTION)
        for keyword in _KEYWORDS:
            yield _text(this, f"{DCAT}keyword", keyword)
        targets: dict[str, Term] = {
            f"{DCT}license": NamedNode(LICENCE),
            f"{DCT}publisher": self._part("contributors"),
            f"{DCT}creator": self._part("contributors"),
            f"{PROV}wasAttributedTo": self._part("contributors"),
            f"{DCT}language": NamedNode(_ENGLISH),
            f"{DCAT}landingPage": NamedNode(self.base),
            f"{FOAF}homepage": NamedNode(self.base),
            f"{VOID}sparqlEndpoint": self._at("sparql"),
            f"{VOID}uriSpace": Literal(f"{self.base}id/"),
        }
        for name, target in targets.items():
            yield _triple(this, name, target)
        for example in extent(self.here, self.base).examples:
            yield _triple(this, f"{VOID}exampleResource", example)
        for entry in FORMATS:
            if entry.name in _FEATURES:
                feature = NamedNode(_FILE_FORMATS + _FEATURES[entry.name])
                yield _triple(this, f"{VOID}feature", feature)

    def _history(self) -> Iterator[Triple]:
        """Yield which version this is, and which change made it."""
        this = self._part("dataset")
        logged = changes(self.here)
        yield _triple(this, f"{DCAT}version", Literal(str(self.here.version)))
        if not logged:
            return
        first, last = logged[0], logged[-1]
        yield _triple(this, f"{DCT}issued", _time(first))
        yield _triple(this, f"{DCT}modified", _time(last))
        act = self._at(f"change/{last.version}")
        yield _triple(this, f"{PROV}wasGeneratedBy", act)
        yield _typed(act, f"{PROV}Activity")
        yield _triple(act, f"{PROV}endedAtTime", _time(last))
        if last.message:
            yield _triple(act, f"{RDFS}comment", Literal(last.message))

    def _sources(self) -> Iterator[Triple]:
        this = self._part("dataset")
        found = [NamedNode(article.iri) for article in articles(self.here)]
        registers = self.here.quads(
            None, TYPE, NamedNode(f"{EXQ}ReferenceSource"), MERGED_VIEW
        )
        found += [q.subject for q in registers if isinstance(q.subject, NamedNode)]
        for source in found[:_MOST_SOURCES]:
            yield _triple(this, f"{PROV}wasDerivedFrom", source)
            for quad in self.here.quads(source, LABEL, None, MERGED_VIEW):
                yield Triple(quad.subject, quad.predicate, quad.object)

    def _counts(self) -> Iterator[Triple]:
        this = self._part("dataset")
        used, beside = uses(self.here), extent(self.here, self.base)
        for name, number in {
            "triples": used.triples,
            "entities": beside.entities,
            "classes": len(used.classes),
            "properties": len(used.properties),
            "distinctSubjects": beside.subjects,
            "distinctObjects": beside.objects,
        }.items():
            yield _count(this, name, number)
        for space in sorted({_space(t) for t in (*used.classes, *used.properties)}):
            yield _triple(this, f"{VOID}vocabulary", NamedNode(space))
        for kind, number in used.classes.items():
            yield from self._partition("class", kind, "entities", number)
        for name_, number in used.properties.items():
            yield from self._partition("property", name_, "triples", number)

    def _partition(
        self, kind: str, term: NamedNode, unit: str, number: int
    ) -> Iterator[Triple]:
        node = self._part(f"{kind}/{term.value.translate(_NOT_IN_FRAGMENT)}")
        yield _triple(self._part("dataset"), f"{VOID}{kind}Partition", node)
        yield _triple(node, f"{VOID}{kind}", term)
        yield _count(node, unit, number)

    def _linkset(self, number: int, found: Linkset) -> Iterator[Triple]:
        title, space = _ELSEWHERE.get(found.space, (found.space, found.space))
        this, other = self._part(f"links-{number}"), self._part(f"other-{number}")
        yield _typed(this, f"{VOID}Linkset")
        yield _text(this, f"{DCT}title", f"Links to {title}")
        yield _triple(this, f"{VOID}subjectsTarget", self._part("dataset"))
        yield _triple(this, f"{VOID}objectsTarget", other)
        yield _triple(this, f"{VOID}linkPredicate", found.property)
        yield _count(this, "triples", found.number)
        yield _triple(self._part("dataset"), f"{VOID}subset", this)
        yield _typed(other, f"{VOID}Dataset")
        yield _text(other, f"{DCT}title", title)
        yield _triple(other, f"{VOID}uriSpace", Literal(space))

    def _graph(self, graph: NamedNode) -> Iterator[Triple]:
        """Yield what a graph of the dataset is; each can be had by itself."""
        yield _triple(self._part("dataset"), f"{VOID}subset", graph)
        yield _typed(graph, f"{VOID}Dataset")
        yield _typed(graph, f"{SD}Graph")
        yield _count(graph, "triples", size(self.here, graph))
        yield _triple(
            graph, f"{VOID}dataDump", self._at(f"dump.nt?graph={quote(graph.value)}")
        )
        for quad in self.here.quads(graph, LABEL, None, MERGED_VIEW):
            yield Triple(quad.subject, quad.predicate, quad.object)

    def _service(self, name: str) -> Iterator[Triple]:
        path, title, standard = _SERVICES[name]
        this = self._part(name)
        yield _typed(this, f"{DCAT}DataService")
        if name == "sparql":
            yield _typed(this, f"{SD}Service")
        yield _text(this, f"{DCT}title", title)
        yield _triple(this, f"{DCAT}endpointURL", self._at(path))
        told = _DESCRIBED_BY.get(name, path)
        yield _triple(this, f"{DCAT}endpointDescription", self._at(told))
        yield _triple(this, f"{DCAT}servesDataset", self._part("dataset"))
        yield _triple(this, f"{DCT}conformsTo", NamedNode(standard))
        yield _triple(this, f"{DCT}license", NamedNode(LICENCE))

    def _file(self, name: str, *, packed: bool) -> Iterator[Triple]:
        entry = next(one for one in for_kind(Kind.DATASET) if one.name == name)
        this = self._part(f"dump-{name}{'-gz' if packed else ''}")
        address = self._at(f"dump.{entry.suffix}{'.gz' if packed else ''}")
        media_type = NamedNode(_MEDIA_TYPES + entry.media_type)
        dataset = self._part("dataset")
        yield _triple(dataset, f"{VOID}dataDump", address)
        yield _triple(dataset, f"{DCAT}distribution", this)
        yield _typed(this, f"{DCAT}Distribution")
        title = f"All that is asserted, in {_FEATURES[name]}{', packed' * packed}"
        yield _text(this, f"{DCT}title", title)
        yield _triple(this, f"{DCAT}accessURL", self._at("dump"))
        yield _triple(this, f"{DCAT}downloadURL", address)
        yield _triple(this, f"{DCAT}mediaType", media_type)
        yield _triple(this, f"{DCT}license", NamedNode(LICENCE))
        yield _triple(this, f"{DCT}conformsTo", _ontology_version(self.here))
        if packed:
            gzip = NamedNode(f"{_MEDIA_TYPES}application/gzip")
            yield _triple(this, f"{DCAT}compressFormat", gzip)


def _ontology_version(here: Snapshot) -> NamedNode:
    whole = NamedNode(EXQ.removesuffix("#"))
    for quad in here.quads(whole, NamedNode(f"{OWL}versionIRI"), None, ONTOLOGY):
        if isinstance(quad.object, NamedNode):
            return quad.object
    return whole


# A host may be an address in brackets; all else of an IRI may stand in a fragment.
_NOT_IN_FRAGMENT = str.maketrans({"#": "%23", "[": "%5B", "]": "%5D"})


def _space(term: NamedNode) -> str:
    """Return the namespace of *term*: up to its last hash or slash, else its colon."""
    end = max(term.value.rfind("#"), term.value.rfind("/")) + 1
    return term.value[: end or term.value.rfind(":") + 1]


def _triple(subject: NamedNode, predicate: str, value: Term) -> Triple:
    return Triple(subject, NamedNode(predicate), value)


def _typed(subject: NamedNode, kind: str) -> Triple:
    return Triple(subject, TYPE, NamedNode(kind))


def _text(subject: NamedNode, predicate: str, text: str) -> Triple:
    return _triple(subject, predicate, Literal(text, language="en"))


def _count(subject: NamedNode, name: str, number: int) -> Triple:
    value = Literal(str(number), datatype=NamedNode(f"{XSD}integer"))
    return _triple(subject, f"{VOID}{name}", value)


def _time(change: LoggedChange) -> Literal:
    text = change.time.isoformat(timespec="seconds")
    return Literal(text, datatype=NamedNode(f"{XSD}dateTime"))
