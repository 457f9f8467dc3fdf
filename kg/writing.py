"""What the engine writes, mended where its text would not be read as it was meant.

Its XML has raw carriage returns, which every parser of XML reads as line feeds, and
characters that no XML can have; its RDF/XML has elements without a name where an IRI
ends in none; its CSV has IRIs with commas outside quotes.
"""

from __future__ import annotations

import csv
import re
from typing import IO, TYPE_CHECKING, Protocol, cast

from pyoxigraph import (
    QueryBoolean,
    QueryResultsFormat,
    QuerySolutions,
    RdfFormat,
    serialize,
)

from kg.errors import UnwritableError
from kg.terms import Literal, NamedNode

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from kg.formats import Format
    from kg.terms import Quad, Term, Triple

RESULT_WRITERS = {
    "csv": QueryResultsFormat.CSV,
    "json": QueryResultsFormat.JSON,
    "tsv": QueryResultsFormat.TSV,
    "xml": QueryResultsFormat.XML,
}
RDF_WRITERS = {
    "jsonld": RdfFormat.JSON_LD,
    "n3": RdfFormat.N3,
    "nquads": RdfFormat.N_QUADS,
    "ntriples": RdfFormat.N_TRIPLES,
    "rdfxml": RdfFormat.RDF_XML,
    "trig": RdfFormat.TRIG,
    "turtle": RdfFormat.TURTLE,
}

_HAS_NO_WAY = re.compile("reserved|does not support RDF 1.2")
"""How the engine says that a format cannot have what it is to write."""

# XML 1.0, production 2; the last two in UTF-8.
_NO_XML = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f]|\xef\xbf[\xbe\xbf]")
_NAMELESS_PROPERTY = re.compile(rb'^\t\t<oxprefix: xmlns:oxprefix="([^"]*)"', re.M)
_NAMELESS_CLASS = re.compile(rb'^\t<oxprefix: xmlns:oxprefix="([^"]*)"([^>]*)>', re.M)
_CLASS_END = re.compile(rb"^\t</oxprefix:>", re.M)
_AS_PROPERTY = rb'\t<rdf:Description\2>\n\t\t<rdf:type rdf:resource="\1"/>'


class SupportsWrite(Protocol):
    """What bytes can be written to."""

    def write(self, piece: bytes, /) -> int:
        """Take *piece*."""


def write_results(
    found: QuerySolutions | QueryBoolean, fmt: Format, output: SupportsWrite
) -> None:
    """Write a table, or yes or no, to *output*, piece by piece.

    Raise UnwritableError where a character of it cannot stand in *fmt*.
    """
    if fmt.name == "csv" and isinstance(found, QuerySolutions):
        _write_csv(found, output)
    elif fmt.name == "xml":
        mending = _Xml(output)
        found.serialize(cast("IO[bytes]", mending), format=RESULT_WRITERS[fmt.name])
        mending.finish()
    else:
        found.serialize(cast("IO[bytes]", output), format=RESULT_WRITERS[fmt.name])


def write_statements(
    statements: Iterable[Quad | Triple],
    fmt: Format,
    output: SupportsWrite,
    prefixes: Mapping[str, str],
) -> None:
    """Write triples or quads to *output*, piece by piece.

    Raise UnwritableError where *fmt* has no way to write one of them.
    """
    found, writer = cast("Iterable[Triple]", statements), RDF_WRITERS[fmt.name]
    known = dict(prefixes)
    mending = _RdfXml(output) if writer == RdfFormat.RDF_XML else None
    try:
        serialize(found, cast("IO[bytes]", mending or output), writer, prefixes=known)
    except OSError as error:
        if not _HAS_NO_WAY.search(str(error)):
            raise
        raise UnwritableError(str(error), advice="use turtle or ntriples") from error
    if mending:
        mending.finish()


class _Xml:
    """Takes the engine's XML and gives it on to *output* as XML has to be."""

    def __init__(self, output: SupportsWrite) -> None:
        self._output = output
        self._rest = b""

    def write(self, piece: bytes) -> int:
        text = self._rest + piece
        end = self._end(text)
        self._rest = text[end:]
        self._output.write(self._mended(text[:end]))
        return len(piece)

    def flush(self) -> None:
        """Do nothing: what is held back would be half a character or line."""

    def finish(self) -> None:
        """Give on what was held back."""
        self._output.write(self._mended(self._rest))
        self._rest = b""

    def _end(self, text: bytes) -> int:
        """Return up to where *text* can be mended without what follows."""
        for begun in (b"\xef\xbf", b"\xef"):
            if text.endswith(begun):
                return len(text) - len(begun)
        return len(text)

    def _mended(self, text: bytes) -> bytes:
        found = _NO_XML.search(text)
        if found:
            raise UnwritableError(
                f"the character U+{ord(found.group().decode()):04X} is in the answer,"
                " and cannot stand in XML",
                advice="use another format",
            )
        return text.replace(b"\r", b"&#13;")


class _RdfXml(_Xml):
    """Mends RDF/XML, a line at a time."""

    def _end(self, text: bytes) -> int:
        return text.rfind(b"\n") + 1

    def _mended(self, text: bytes) -> bytes:
        text = super()._mended(text)
        if b"<oxprefix:" not in text and b"</oxprefix:" not in text:
            return text
        found = _NAMELESS_PROPERTY.search(text)
        if found:
            raise UnwritableError(
                f"the property <{found[1].decode()}> ends in no name, and RDF/XML has"
                " no other way to write it",
                advice="use turtle or ntriples",
            )
        text = _NAMELESS_CLASS.sub(_AS_PROPERTY, text)
        return _CLASS_END.sub(b"\t</rdf:Description>", text)


def _write_csv(found: QuerySolutions, output: SupportsWrite) -> None:
    writer = csv.writer(Encoding(output), lineterminator="\r\n")
    width = range(len(found.variables))
    if not width:  # a line without a cell is an empty one, not one in quotes
        for _ in ((), *found):
            output.write(b"\r\n")
        return
    writer.writerow([variable.value for variable in found.variables])
    for solution in found:
        writer.writerow([plain(solution[index]) for index in width])


def plain(term: Term | None) -> str:
    """Return what CSV has of *term*: its text alone (SPARQL 1.1 Results CSV, 3.2)."""
    if isinstance(term, Literal | NamedNode):
        return term.value
    return "" if term is None else str(term)


class Encoding:
    """Takes text, and gives it on to *output* as UTF-8."""

    def __init__(self, output: SupportsWrite) -> None:
        self._output = output

    def write(self, text: str) -> int:
        """Give on *text*."""
        return self._output.write(text.encode())
