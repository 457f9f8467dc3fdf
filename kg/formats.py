"""One table of formats: name, media type, suffix, kind."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from kg.errors import FormatError

if TYPE_CHECKING:
    from pathlib import Path


class Kind(StrEnum):
    """What a format can hold: a table of results, one graph, or a dataset."""

    RESULTS = "results"
    GRAPH = "graph"
    DATASET = "dataset"


@dataclass(frozen=True, slots=True)
class Format:
    """A way to write an answer: its *name* is what `--format` and `format=` take."""

    name: str
    media_type: str
    suffix: str
    kind: Kind
    also: tuple[str, ...] = ()


FORMATS: tuple[Format, ...] = (
    Format("json", "application/sparql-results+json", "srj", Kind.RESULTS,
           ("application/json",)),
    Format("xml", "application/sparql-results+xml", "srx", Kind.RESULTS,
           ("application/xml", "text/xml")),
    Format("csv", "text/csv", "csv", Kind.RESULTS),
    Format("tsv", "text/tab-separated-values", "tsv", Kind.RESULTS),
    Format("turtle", "text/turtle", "ttl", Kind.GRAPH, ("application/x-turtle",)),
    Format("ntriples", "application/n-triples", "nt", Kind.GRAPH, ("text/plain",)),
    Format("rdfxml", "application/rdf+xml", "rdf", Kind.GRAPH),
    Format("n3", "text/n3", "n3", Kind.GRAPH),
    Format("trig", "application/trig", "trig", Kind.DATASET, ("application/x-trig",)),
    Format("nquads", "application/n-quads", "nq", Kind.DATASET, ("text/x-nquads",)),
    Format("jsonld", "application/ld+json", "jsonld", Kind.DATASET),
)  # fmt: skip


SPREADSHEET = Format("spreadsheet", "text/csv", "csv", Kind.RESULTS)
"""CSV in which no cell is a formula; for those who ask for it by name.

`text/csv` alone means the standard's, which keeps every text as it is.
"""

NAMED: tuple[Format, ...] = (*FORMATS, SPREADSHEET)


def by_name(name: str) -> Format:
    """Return the format called *name*; raise FormatError naming those there are."""
    for entry in NAMED:
        if entry.name == name:
            return entry
    known = ", ".join(entry.name for entry in NAMED)
    raise FormatError(f"unknown format {name!r}", advice=f"have {known}")


def by_suffix(path: Path) -> Format:
    """Return the RDF format that the suffix of *path* stands for, or raise."""
    suffix = path.suffix.lstrip(".").lower()
    for entry in FORMATS:
        if entry.suffix == suffix and entry.kind is not Kind.RESULTS:
            return entry
    known = ", ".join(f".{f.suffix}" for f in FORMATS if f.kind is not Kind.RESULTS)
    raise FormatError(
        f"cannot tell the RDF syntax of {path.name!r} by its suffix",
        advice=f"name the format, or use {known}",
    )


def for_kind(kind: Kind) -> tuple[Format, ...]:
    """Return the formats that can hold *kind*; a graph fits a dataset's format too."""
    if kind is Kind.GRAPH:
        return tuple(f for f in FORMATS if f.kind is not Kind.RESULTS)
    return tuple(f for f in FORMATS if f.kind is kind)
