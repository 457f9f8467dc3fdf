"""A change: the quads to add and to remove, as the engine keeps them."""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING, BinaryIO

from pyoxigraph import parse

from kg.answers import RDF_WRITERS
from kg.canonical import canonical
from kg.errors import ChangeError, DataFileError, bounded
from kg.jsonld_contexts import LONG, SPREADING, refuse_contexts
from kg.nesting import refuse_deep
from kg.prefixes import prefixes
from kg.spreading import of_bounded_number, refuse_spreading
from kg.terms import (
    BASE,
    KEPT_BY_PROGRAM,
    UNSOURCED,
    BlankNode,
    DefaultGraph,
    Literal,
    NamedNode,
    Quad,
    Triple,
    lacks_language,
)
from kg.texts import Text, digest, pieces, whole
from kg.xml_text import as_utf8, line_of_error

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from collections.abc import Set as AbstractSet

    from kg.formats import Format
    from kg.terms import GraphName

_WRITTEN_OUT = frozenset({"ntriples", "nquads"})
"""Syntaxes in which every name is as long as it is written."""

_LENIENT = frozenset({"jsonld", "n3", "rdfxml"})
"""Syntaxes in which a text may say that it is in a language without telling which."""

_SHORTENING = frozenset({"n3", "trig", "turtle"})
"""Syntaxes with short names, in which the parser takes letters that no IRI may have."""

_HINTS = (b"\xf3\xa0", b"\xbf\xbe", b"\xbf\xbf")
"""Each of those letters, U+E0000 to U+E0FFF and the last two of planes, has one."""

_LOOKED_BACK = 200
"""So long is a short name that is looked for."""

_BLANK = frozenset({BlankNode, DefaultGraph})

_FETCHING = "LoadDocumentCallback"
"""Stands in the parser's error for a JSON-LD context that is somewhere else."""

_UNDECLARED = re.compile(r"The prefix (\S*): has not been declared")


@dataclass(frozen=True, slots=True)
class Change:
    """Two sets of quads, removed first; *notes* tell what was kept in another form."""

    added: AbstractSet[Quad] = frozenset()
    removed: AbstractSet[Quad] = frozenset()
    notes: tuple[str, ...] = ()

    @property
    def counts(self) -> tuple[int, int]:
        """How many quads it adds and removes."""
        return len(self.added), len(self.removed)

    @classmethod
    def adding(cls, quads: Iterable[Quad]) -> Change:
        """Return the change that adds *quads*, literals in canonical form."""
        kept, notes = canonical(quads)
        return cls(added=kept, notes=notes)

    @classmethod
    def all_of(cls, changes: Iterable[Change]) -> Change:
        """Return one change that does what all *changes* do."""
        made = list(changes)
        return cls(
            added=frozenset().union(*(change.added for change in made)),
            removed=frozenset().union(*(change.removed for change in made)),
            notes=tuple(note for change in made for note in change.notes),
        )


def read_change(
    data: bytes,
    fmt: Format,
    *,
    source: str,
    graph: NamedNode | None = None,
    base: str = BASE,
    address: str | None = None,
    may_be_empty: bool = False,
) -> Change:
    """Return the change that adds what *data* says.

    Triples outside a named graph go to *graph*, else to `graph/unsourced`. Blank nodes
    become IRIs (RDF 1.1 Concepts, section 3.5) that depend on the data alone, so the
    same file read twice says the same. *address* is what relative IRIs are relative
    to. Raise DataFileError with line and column where the data cannot be parsed,
    ChangeError for a graph that nobody may write.
    """
    quads = parse_rdf(
        data, fmt, source=source, address=address, may_be_empty=may_be_empty
    )
    return Change.adding(settled(quads, data, source=source, graph=graph, base=base))


def settled(
    quads: Iterable[Quad],
    data: Text,
    *,
    source: str,
    graph: NamedNode | None = None,
    base: str = BASE,
) -> Iterator[Quad]:
    """Yield the *quads* of *data* as `read_change` takes them in.

    Raise ChangeError at the first of a graph that nobody may write.
    """
    refuse_kept((graph,), source)
    prefix = f"{base}.well-known/genid/{digest(data)[:16]}-"
    allowed: set[GraphName] = set()
    for quad in _settled(quads, prefix, graph or UNSOURCED):
        if quad.graph_name not in allowed:
            refuse_kept((quad.graph_name,), source)
            allowed.add(quad.graph_name)
        yield quad


def refuse_kept(graphs: Iterable[GraphName | None], where: str = "") -> None:
    """Raise ChangeError where one of *graphs* is one that nobody may write."""
    kept = KEPT_BY_PROGRAM.intersection(graphs)
    if kept:
        names = ", ".join(sorted(str(name) for name in kept))
        raise ChangeError(
            f"the graph {names} is kept by this program and cannot be written",
            where=where,
            advice="name the passage or the source that states the facts",
        )


def parse_rdf(
    data: bytes,
    fmt: Format,
    *,
    source: str,
    address: str | None = None,
    may_be_empty: bool = False,
) -> list[Quad]:
    """Parse *data* in the syntax *fmt*; raise DataFileError with line and column.

    Relative IRIs are relative to *address*; an error where there is none.
    """
    quads = list(stream_rdf(data, fmt, source=source, address=address))
    if not quads and not may_be_empty:
        raise DataFileError(
            "holds no triples", where=source, advice=f"is it {fmt.name}?"
        )
    return quads


def stream_rdf(
    data: Text,
    fmt: Format,
    *,
    source: str,
    address: str | None = None,
    stream: BinaryIO | None = None,
) -> Iterator[Quad]:
    """Yield what `parse_rdf` returns, quad by quad, and the error where it is met.

    *stream*, if given, is where *data* is read from, in UTF-8 (`as_utf8`) and without
    the mark of it at the beginning (BOM), which is no part of the text.
    """
    if stream is None:
        data = as_utf8(whole(data), fmt, source)
    _refuse_undecodable(data, source)
    if fmt.name == "rdfxml" and b"<!DOCTYPE" in whole(data):
        raise DataFileError(
            "RDF/XML with a DOCTYPE is refused: its entities can expand without end",
            where=source,
            advice="write the file without DOCTYPE, or as Turtle",
        )
    refuse_deep(data, fmt, source)
    refuse_spreading(data, fmt, source, address or "")
    if fmt.name == "jsonld":
        refuse_contexts(whole(data), source)
    try:
        found = parse(
            stream or whole(data).removeprefix(codecs.BOM_UTF8),
            format=RDF_WRITERS[fmt.name],
            base_iri=address,
            rename_blank_nodes=True,
        )
        known = _without_triple_terms(found, source)
        known = _with_names(known, fmt, data, source)
        if fmt.name in _LENIENT:
            known = _with_languages(known, source)
        if fmt.name not in _WRITTEN_OUT:
            known = _of_bounded_length(known, SPREADING * len(data), source)
            known = of_bounded_number(known, len(data), source)
        yield from known
    except SyntaxError as error:
        if fmt.name == "rdfxml":
            error.lineno = line_of_error(whole(data), address)
        raise _unparsable(error, source) from error


def _settled(quads: Iterable[Quad], prefix: str, graph: NamedNode) -> Iterable[Quad]:
    """Give blank nodes their IRIs in order of appearance, and every quad its graph."""
    names: dict[str, NamedNode] = {}

    def named(node: BlankNode) -> NamedNode:
        return names.setdefault(node.value, NamedNode(f"{prefix}{len(names) + 1}"))

    for quad in quads:
        subject, object_, where = quad.subject, quad.object, quad.graph_name
        if _BLANK.isdisjoint((type(subject), type(object_), type(where))):
            yield quad  # as nearly all are in large files
            continue
        yield Quad(
            named(subject) if isinstance(subject, BlankNode) else subject,
            quad.predicate,
            named(object_) if isinstance(object_, BlankNode) else object_,
            graph if isinstance(where, DefaultGraph)
            else named(where) if isinstance(where, BlankNode) else where,
        )  # fmt: skip


def _without_triple_terms(quads: Iterable[Quad], source: str) -> Iterator[Quad]:
    for quad in quads:
        if isinstance(quad.object, Triple) or isinstance(quad.subject, Triple):
            raise DataFileError(
                "a triple stands as a term (RDF 1.2), which is not supported",
                where=source,
                advice="give the statement a node of its own, such as a claim",
            )
        yield quad


def _with_languages(quads: Iterable[Quad], source: str) -> Iterator[Quad]:
    """Yield *quads*; raise DataFileError for a text in a language that is not told."""
    for quad in quads:
        if lacks_language(quad.object):
            raise DataFileError(
                f"{quad.object} is to be in a language, but in none",
                where=source,
                advice="tell the language, or leave the datatype out",
            )
        yield quad


def _with_names(
    quads: Iterator[Quad], fmt: Format, data: Text, source: str
) -> Iterator[Quad]:
    """Return *quads* that raise DataFileError at a name that is no IRI.

    The engine keeps it, and then cannot read what it writes of it.
    """
    if fmt.name in _SHORTENING and _may_name_wrongly(data):
        return (_named(quad, data, source) for quad in quads)
    return quads


def _may_name_wrongly(data: Text) -> bool:
    return any(hint in piece for piece in pieces(data) for hint in _HINTS)


def _named(quad: Quad, data: Text, source: str) -> Quad:
    for term in quad:
        name = term.datatype if isinstance(term, Literal) else term
        if isinstance(name, NamedNode) and not name.value.isascii():
            _require_iri(name.value, data, source)
    return quad


def _require_iri(name: str, data: Text, source: str) -> None:
    try:
        NamedNode(name)
    except ValueError as error:
        line = _line_of_short_name(name, whole(data))
        raise DataFileError(
            f"<{bounded(ascii(name)[1:-1])}> is no IRI: it has a letter that none may",
            where=f"{source}:{line}" if line else source,
            advice="use another letter, or write it percent-encoded",
        ) from error


def _line_of_short_name(name: str, data: bytes) -> int:
    """Return the line where *name* stands behind a prefix, 0 where it is not found."""
    for begin in range(len(name) - 1, max(len(name) - _LOOKED_BACK, 0), -1):
        at = data.find(b":" + name[begin:].encode())
        if at >= 0:
            return data.count(b"\n", 0, at) + 1
    return 0


def _of_bounded_length(quads: Iterable[Quad], most: int, source: str) -> Iterator[Quad]:
    """Yield *quads*; raise DataFileError once their long names come to *most*.

    One long prefix, or base, makes every short name long that is written with it.
    """
    length = 0
    for quad in quads:
        for term in quad:
            if isinstance(term, NamedNode):
                size = len(term.value)
            elif isinstance(term, Literal):
                size = len(term.datatype.value) + len(term.language or "")
            else:
                continue
            if size > LONG:
                length += size
        if length > most:
            raise DataFileError(
                "its names are far longer than the document",
                where=source,
                advice="declare shorter prefixes, and a shorter base",
            )
        yield quad


def _refuse_undecodable(data: Text, source: str) -> None:
    lines = 0
    for number, piece in enumerate(pieces(data)):
        if not number and piece.startswith((b"\xff\xfe", b"\xfe\xff")):
            raise DataFileError(
                "is in UTF-16", where=f"{source}:1", advice="save it as UTF-8"
            )
        try:
            piece.decode("utf-8")
        except UnicodeDecodeError as error:
            line = lines + piece.count(b"\n", 0, error.start) + 1
            column = error.start - piece.rfind(b"\n", 0, error.start)
            raise DataFileError(
                f"byte {piece[error.start]:#04x} is not UTF-8",
                where=f"{source}:{line}:{column}",
                advice="save the file as UTF-8",
            ) from error
        lines += piece.count(b"\n")


def _unparsable(error: SyntaxError, source: str) -> DataFileError:
    message = re.sub(r"^Parser error at [^:]*: | \(line \d+\)$", "", str(error))
    if _FETCHING in message:
        message = "its context is to be fetched, and no request fetches anything"
    known = (number for number in (error.lineno, error.offset) if number)
    place = ":".join((source, *map(str, known)))
    return DataFileError(bounded(message), where=place, advice=_advice(message))


def _advice(message: str) -> str:
    if "fetched" in message:
        return "put what it says in its place; /context.jsonld has this project's"
    found = _UNDECLARED.search(message)
    if not found:
        return ""
    known = prefixes()
    nearest = get_close_matches(found.group(1), known, n=1, cutoff=0.5)
    name = found.group(1) if found.group(1) in known else next(iter(nearest), None)
    if name is None:
        return "declare it with @prefix"
    return f"add `@prefix {name}: <{known[name]}> .` at the top"
