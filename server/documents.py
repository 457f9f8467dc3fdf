"""What a document says of itself: its topic, its licence, the pages beside it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from kg.terms import DCT, LABEL, PROV, RDFS, TYPE, XSD, Literal, NamedNode, Triple

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

FOAF = "http://xmlns.com/foaf/0.1/"
HYDRA = "http://www.w3.org/ns/hydra/core#"
LICENCE = "https://creativecommons.org/licenses/by/4.0/"
DOCUMENT = f"{FOAF}Document"

_RELATIONS = {"first": "first", "prev": "previous", "next": "next", "last": "last"}
"""What the relations of RFC 8288 are called in Hydra."""


@dataclass(frozen=True, slots=True)
class Document:
    """The document at *address* about *topic*, which is called *title*.

    It is part of the dataset of *base*.

    *pages* are the addresses of other pages by their relation to this one. A document
    of the past has the *version* that stated it, and *since* when.
    """

    base: str
    address: str
    topic: NamedNode
    title: str
    path: str
    pages: Mapping[str, str] = field(default_factory=dict)
    version: int | None = None
    since: datetime | None = None

    def triples(self) -> Iterator[Triple]:
        """Yield what the document says of itself."""
        this = self._node(self.address)
        whole = self._node(self.path)
        yield Triple(whole, TYPE, NamedNode(DOCUMENT))
        yield Triple(whole, NamedNode(f"{FOAF}primaryTopic"), self.topic)
        yield Triple(whole, NamedNode(f"{DCT}license"), NamedNode(LICENCE))
        dataset = NamedNode(f"{self.base}#dataset")
        yield Triple(whole, NamedNode(f"{DCT}isPartOf"), dataset)
        for node, label in {
            whole: f"Document about {self.title}",
            dataset: "Exequatur",
            NamedNode(LICENCE): "Creative Commons Attribution 4.0 International",
        }.items():
            yield Triple(node, LABEL, Literal(label, language="en"))
        yield from self._of_the_past(this, whole)
        yield from self._paged(this, whole)

    def _of_the_past(self, this: NamedNode, whole: NamedNode) -> Iterator[Triple]:
        if self.version is None or self.since is None:
            return
        said = f"What version {self.version} stated, without what was inferred from it."
        time = Literal(
            self.since.isoformat(timespec="seconds"),
            datatype=NamedNode(f"{XSD}dateTime"),
        )
        yield Triple(this, NamedNode(f"{DCT}isVersionOf"), whole)
        yield Triple(this, NamedNode(f"{PROV}generatedAtTime"), time)
        yield Triple(this, NamedNode(f"{RDFS}comment"), Literal(said, language="en"))

    def _paged(self, this: NamedNode, whole: NamedNode) -> Iterator[Triple]:
        if not self.pages:
            return
        yield Triple(whole, NamedNode(f"{HYDRA}view"), this)
        yield Triple(this, TYPE, NamedNode(f"{HYDRA}PartialCollectionView"))
        for relation, address in self.pages.items():
            name = NamedNode(f"{HYDRA}{_RELATIONS[relation]}")
            yield Triple(this, name, self._node(address))

    def _node(self, address: str) -> NamedNode:
        """Return the IRI of what this server has at *address*."""
        return NamedNode(f"{self.base}{address.removeprefix('/')}")
