"""Bodies that hold triples: by media type, one document or several in a form."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass, replace
from email.message import Message
from pathlib import Path
from typing import TYPE_CHECKING

from werkzeug.sansio.multipart import Data, Epilogue, Field, File, MultipartDecoder

from kg.change import Change, read_change
from kg.errors import DataFileError, FormatError
from kg.formats import Format, Kind, by_suffix, for_kind
from kg.lines import Places
from kg.statement_lines import statement_lines
from kg.xml_text import as_utf8
from server import protocol
from server.context import house
from server.problems import BadRequestError, UnsupportedMediaTypeError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kg.terms import NamedNode, Triple

SOURCE = "body"
MULTIPART = "multipart/form-data"
SYNTAXES = for_kind(Kind.GRAPH)
MEDIA_TYPES: dict[str, Format] = {
    name: entry for entry in SYNTAXES for name in (entry.media_type, *entry.also)
}
_MOST_PARTS = 100


@dataclass(frozen=True, slots=True)
class Document:
    """A text in a syntax of RDF; *name* is how errors and reports call it.

    Its *data* is in UTF-8, as `of` makes it.
    """

    name: str
    data: bytes
    syntax: Format

    @classmethod
    def of(cls, name: str, data: bytes, syntax: Format) -> Document:
        """Return the document of what was sent; raise DataFileError for its coding."""
        return cls(name, as_utf8(data, syntax, name), syntax)

    def change(
        self,
        graph: NamedNode | None,
        *,
        may_be_empty: bool = False,
        may_lack_dot: bool = False,
    ) -> Change:
        """Return the change that adds what it says, to *graph* unless it names one.

        With *may_lack_dot*, a Turtle text may end without the dot of its last
        statement; the notes tell of it.
        """
        try:
            return self._change(self.data, graph, may_be_empty)
        except DataFileError:
            if not may_lack_dot or self.syntax.name != "turtle":
                raise
            with contextlib.suppress(DataFileError):
                ended = self._change(self.data + b"\n.", graph, may_be_empty)
                note = f"{self.name}: the last statement has no dot at its end"
                return replace(ended, notes=(note, *ended.notes))
            raise

    def _change(
        self, data: bytes, graph: NamedNode | None, may_be_empty: bool
    ) -> Change:
        return read_change(
            data,
            self.syntax,
            source=self.name,
            graph=graph,
            base=house().settings.base,
            address=graph.value if graph else None,
            may_be_empty=may_be_empty,
        )


def syntax_of(media_type: str) -> Format:
    """Return the syntax that *media_type* stands for; refuse others."""
    if media_type not in MEDIA_TYPES:
        raise UnsupportedMediaTypeError(
            f"{media_type} is not read here", supported=(*MEDIA_TYPES,)
        )
    return MEDIA_TYPES[media_type]


def read_documents(sent: bytes, content_type: str | None) -> list[Document]:
    """Return the documents of a body: one, or those of the parts of a form."""
    supported = (*MEDIA_TYPES, MULTIPART)
    media_type = protocol.read_media_type(content_type, supported=supported)
    if media_type == MULTIPART:
        return list(_parts(sent, content_type or ""))
    return [Document.of(SOURCE, sent, syntax_of(media_type))]


def places_of(documents: list[Document], graph: str | None) -> Places:
    """Return what finds the lines of findings in *documents*, meant for *graph*."""
    base = house().settings.base

    def statements() -> Iterator[tuple[Triple, str, int]]:
        for one in documents:
            found = statement_lines(one.data, one.syntax, base=base, address=graph)
            for triple, line in found:
                yield triple, one.name, line

    return Places(texts_of(documents), statements)


def texts_of(documents: list[Document]) -> dict[str, str]:
    """Return the texts by name, to look for lines in."""
    return {one.name: one.data.decode("utf-8", "replace") for one in documents}


def read_parts(sent: bytes, content_type: str) -> list[tuple[Field | File, bytes]]:
    """Return the parts of a form, each with its head."""
    header = Message()
    header["Content-Type"] = content_type
    boundary = header.get_boundary("")
    if not boundary:
        raise BadRequestError("the form has no boundary", where="header Content-Type")
    try:
        found = list(_decoded(MultipartDecoder(boundary.encode()), sent))
    except (ValueError, UnicodeError) as error:
        raise BadRequestError(f"the form cannot be read: {error}") from error
    if not found:
        raise BadRequestError("the form has no part", advice="send a file in it")
    if any(head.name is None for head, _ in found):  # though its type denies that
        raise BadRequestError(
            "a part of the form has no name", advice="give it one (RFC 7578, 4.2)"
        )
    return found


def _parts(sent: bytes, content_type: str) -> Iterator[Document]:
    for head, data in read_parts(sent, content_type):
        name = head.filename if isinstance(head, File) else None
        yield Document.of(name or head.name, data, _syntax(head, name))


def _decoded(
    decoder: MultipartDecoder, sent: bytes
) -> Iterator[tuple[Field | File, bytes]]:
    decoder.receive_data(sent)
    decoder.receive_data(None)
    head: Field | File | None = None
    content: list[bytes] = []
    for _ in range(len(sent) + _MOST_PARTS):
        event = decoder.next_event()
        if isinstance(event, Epilogue):
            return
        if isinstance(event, Field | File):
            head, content = event, []
        elif isinstance(event, Data) and head is not None:
            content.append(event.data)
            if not event.more_data:
                yield head, b"".join(content)


def _syntax(head: Field | File, name: str | None) -> Format:
    """Return the syntax that a part is said to have, else that of its file's name."""
    given = head.headers.get("Content-Type")
    if given:
        media_type = protocol.read_media_type(given, supported=(*MEDIA_TYPES,))
        return syntax_of(media_type)
    try:
        return by_suffix(Path(name or head.name))
    except FormatError as error:
        raise UnsupportedMediaTypeError(
            f"the part {head.name!r} has no Content-Type", supported=(*MEDIA_TYPES,)
        ) from error
