"""What a client wants judged or written: in any way of writing, from any form."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from flask import request

from kg.change import Change
from kg.lines import Places
from kg.terms import NamedNode
from kg.xml_text import readable
from server import operations, pasted, protocol, writes
from server.bodies import (
    MEDIA_TYPES,
    MULTIPART,
    SOURCE,
    Document,
    places_of,
    read_documents,
    syntax_of,
)
from server.problems import BadRequestError, UnsupportedMediaTypeError
from server.targets import target_of

if TYPE_CHECKING:
    from kg.guessing import Guess
    from server.pasted import Pasted
    from server.writes import Make

AS = ("POST", "PUT", "PATCH", "DELETE")
"""The operations of the Graph Store Protocol that `as=` names."""

_READ = (*MEDIA_TYPES, MULTIPART, protocol.UPDATE, protocol.FORM)


@dataclass(frozen=True, slots=True)
class Asked:
    """A request as it was sent; *given* are the parameters, of address and form."""

    given: protocol.Parameters
    header: str | None
    data: bytes
    pasted: Pasted | None = None
    guessed: Guess | None = None

    @property
    def text(self) -> str:
        """What was sent, as who wrote it would see it."""
        return readable(self.data)

    @property
    def verb(self) -> str:
        """The operation that it names, in capitals; "" for none."""
        return protocol.single(self.given, "as").upper()


@dataclass(frozen=True, slots=True)
class Submission:
    """What is to be judged or written: *make* makes the change.

    *places* finds what is objected to in what was sent.
    """

    make: Make
    places: Places


def read_asked(sent: bytes) -> Asked:
    """Read what the present request asks, with a form or without."""
    given = protocol.read_parameters(request.query_string, where="the address")
    header = request.headers.get("Content-Type")
    if protocol.single(given, "as").upper() == "DELETE":
        return Asked(given, header, b"")
    media_type = protocol.read_media_type(header, supported=_READ)
    form = None
    if media_type == protocol.FORM:
        form = pasted.of_form(sent)
    elif media_type == MULTIPART:
        form = pasted.of_parts(sent, header or "")
    if form is None:
        return Asked(given, header, sent)
    guessed = form.guessed()
    return Asked(given | form.fields, None, form.data, form, guessed)


def read_submission(asked: Asked) -> Submission:
    """Read what *asked* has; raise where it cannot be judged."""
    header = _header(asked)
    if asked.verb == "DELETE":
        return _operation(asked, header)
    media_type = protocol.read_media_type(header, supported=_READ)
    if media_type not in _READ:
        raise UnsupportedMediaTypeError(
            f"{media_type} is not read here", supported=_READ
        )
    if asked.verb:
        return _operation(asked, header)
    if not asked.data.strip():
        raise _nothing()
    if media_type == protocol.UPDATE:
        return _update(asked)
    return _documents(asked, header)


def _header(asked: Asked) -> str | None:
    """Return the media type of what was sent: of a form, that of the text in it."""
    if asked.pasted is None:
        return asked.header
    syntax = protocol.single(asked.given, "syntax")
    is_left_open = syntax in ("", pasted.GUESS)
    if is_left_open and asked.guessed is None and asked.verb != "DELETE":
        raise _nothing()
    return None if asked.verb == "DELETE" else pasted.media_type(syntax, asked.guessed)


def _nothing() -> BadRequestError:
    return BadRequestError("there is nothing to judge", advice="send some triples")


def _operation(asked: Asked, header: str | None) -> Submission:
    """Read what the Graph Store Protocol would do with the verb."""
    verb = asked.verb
    if verb not in AS:
        raise BadRequestError(
            f"there is no way of writing {verb[:40]!r}",
            where="parameter as",
            supported=AS,
        )
    about = operations.require_writable(target_of(asked.given))
    if verb == "DELETE":
        return Submission(operations.removal(about), Places({}))
    if verb == "PATCH":
        text = operations.read_patch(header, asked.data)
        return _of_text(operations.patch(about, text), text, asked)
    documents = _read(asked, header)
    make = operations.addition if verb == "POST" else operations.replacement
    places = places_of(documents, about.name.value)
    return Submission(make(about, documents), places)


def _update(asked: Asked) -> Submission:
    text = protocol.decoded(asked.data, "the update")
    make = writes.updating(
        text,
        using_graphs=asked.given.get("using-graph-uri", ()),
        using_named_graphs=asked.given.get("using-named-graph-uri", ()),
    )
    return _of_text(make, text, asked)


def _of_text(make: Make, text: str, asked: Asked) -> Submission:
    name = asked.pasted.name if asked.pasted else SOURCE
    return Submission(make, Places({name: text}))


def _documents(asked: Asked, header: str | None) -> Submission:
    """Read files; what is in no graph of its own is meant for that of `graph=`."""
    graph = _graph(protocol.single(asked.given, "graph"))
    documents = _read(asked, header)
    change = Change.all_of(one.change(graph) for one in documents)
    places = places_of(documents, graph.value if graph else None)
    return Submission(lambda _: change, places)


def _read(asked: Asked, header: str | None) -> list[Document]:
    if asked.pasted is None or header is None:
        return read_documents(asked.data, header)
    return [Document.of(asked.pasted.name, asked.data, syntax_of(header))]


def _graph(name: str) -> NamedNode | None:
    try:
        return NamedNode(name) if name else None
    except ValueError as error:
        raise BadRequestError(
            f"{name!r} is not an absolute IRI", where="parameter graph"
        ) from error
