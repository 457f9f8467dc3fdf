"""The operations of the SPARQL 1.1 Protocol: what a request asks; no Flask."""

from __future__ import annotations

import re
from binascii import a2b_qp
from dataclasses import dataclass
from email.message import Message
from typing import TYPE_CHECKING
from urllib.parse import unquote_to_bytes

from server.problems import (
    BadRequestError,
    ReadOnlyError,
    UnsupportedMediaTypeError,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

FORM = "application/x-www-form-urlencoded"
QUERY = "application/sparql-query"
UPDATE = "application/sparql-update"
MOST_MESSAGE = 500
"""So many characters may say why a change is made."""

_MOST_FIELDS = 1000
_BOM = "\ufeff"
_TRUTH = {"true": True, "1": True, "": True, "false": False, "0": False}

_NO_ESCAPE = re.compile(rb"%(?![0-9A-Fa-f]{2})")

Parameters = dict[str, list[str]]


@dataclass(frozen=True, slots=True)
class UpdateRequest:
    """A SPARQL update, the dataset that its WHEREs read, and why it is sent."""

    update: str
    using_graphs: tuple[str, ...] = ()
    using_named_graphs: tuple[str, ...] = ()
    message: str = ""


@dataclass(frozen=True, slots=True)
class QueryRequest:
    """A SPARQL query, the dataset the client wants, and the format it names."""

    query: str
    default_graphs: tuple[str, ...] = ()
    named_graphs: tuple[str, ...] = ()
    format: str = ""
    timeout: str = ""


def read_get(query_string: bytes) -> QueryRequest:
    """Read a query sent by GET; raise a RequestError that says what is the matter."""
    return from_parameters(read_parameters(query_string, where="the address"))


def read_post(
    query_string: bytes, content_type: str | None, body: bytes
) -> QueryRequest:
    """Read a query sent by POST, as a form or as it is."""
    media_type = read_media_type(content_type, supported=(FORM, QUERY))
    in_address = read_parameters(query_string, where="the address")
    if media_type == FORM:
        in_body = read_parameters(body, where="the form")
        return from_parameters(_joined(in_address, in_body))
    if media_type == UPDATE:
        raise _read_only()
    if media_type != QUERY:
        raise UnsupportedMediaTypeError(
            f"a query cannot be read from {media_type}", supported=(FORM, QUERY)
        )
    _refuse(in_address, "query", "the query is the body of this request")
    return from_parameters({**in_address, "query": [decoded(body, "the query")]})


def read_update(
    query_string: bytes, content_type: str | None, body: bytes
) -> UpdateRequest:
    """Read an update sent by POST, as a form or as it is."""
    media_type = read_media_type(content_type, supported=(UPDATE, FORM))
    given = read_parameters(query_string, where="the address")
    _refuse(given, "update", "an update is sent in the body")
    if media_type == FORM:
        given = _joined(given, read_parameters(body, where="the form"))
    elif media_type == UPDATE:
        given = {**given, "update": [decoded(body, "the update")]}
    else:
        raise UnsupportedMediaTypeError(
            f"an update cannot be read from {media_type}", supported=(UPDATE, FORM)
        )
    return _update_of(given)


def read_message(parameters: Mapping[str, list[str]]) -> str:
    """Return why a change is made, for the log: one line, not too long."""
    message = single(parameters, "message").strip()
    if len(message) > MOST_MESSAGE or not message.isprintable():
        raise BadRequestError(
            "the message is not one line of text",
            where="parameter message",
            advice=f"have {MOST_MESSAGE} characters at most, and no line breaks",
        )
    return message


def read_parameters(encoded: bytes, *, where: str) -> Parameters:
    """Decode `name=value&…`, names in their order; raise BadRequestError."""
    pairs = encoded.split(b"&")
    if len(pairs) > _MOST_FIELDS:
        raise BadRequestError(f"more than {_MOST_FIELDS} parameters", where=where)
    found: Parameters = {}
    try:
        for pair in filter(None, pairs):
            name, _, value = pair.partition(b"=")
            found.setdefault(_unquoted(name), []).append(_unquoted(value))
    except UnicodeDecodeError as error:
        raise BadRequestError("not encoded as UTF-8", where=where) from error
    return found


def _unquoted(part: bytes) -> str:
    part.decode("utf-8")  # what is not quoted is whole by itself
    spaced = part.replace(b"+", b" ")
    if b"%" not in spaced:
        return spaced.decode("utf-8")
    if _NO_ESCAPE.search(spaced):
        return unquote_to_bytes(spaced).decode("utf-8")
    # Quoted-printable is the same with another sign, and C reads it: in a tenth of the
    # time that a query takes to be unquoted in Python.
    signed = spaced.replace(b"=", b"=3D").replace(b"%", b"=")
    return a2b_qp(signed).decode("utf-8")


def read_media_type(content_type: str | None, *, supported: tuple[str, ...]) -> str:
    """Return the media type that a body is labelled with; it must be in UTF-8.

    XML may be in UTF-16 (RFC 7303, 3), of which a mark at its beginning tells.
    """
    if not content_type:
        raise UnsupportedMediaTypeError(
            "the request has no Content-Type", supported=supported
        )
    message = Message()
    message["Content-Type"] = content_type
    charset = message.get_content_charset("utf-8")
    media_type = content_type.partition(";")[0].strip().lower()
    is_wide_xml = media_type.endswith("+xml") and charset.startswith("utf-16")
    if charset not in ("utf-8", "utf8", "us-ascii") and not is_wide_xml:
        raise UnsupportedMediaTypeError(
            f"the charset {charset!r} is not read", advice="send UTF-8"
        )
    return media_type


def single(parameters: Mapping[str, list[str]], name: str) -> str:
    """Return the one value of *name*, or "" where it is absent; refuse two."""
    values = parameters.get(name, [])
    if len(values) > 1:
        raise BadRequestError(
            f"the parameter {name!r} is given {len(values)} times", advice="give one"
        )
    return values[0] if values else ""


def formats(parameters: Mapping[str, list[str]]) -> str:
    """Return what `format=` names, "" where it is absent: clients name it twice."""
    return ",".join(filter(None, parameters.get("format", [])))


def is_true(parameters: Mapping[str, list[str]], name: str) -> bool:
    """Tell whether the switch *name* is on; it is where it stands without a value."""
    if name not in parameters:
        return False
    text = single(parameters, name).strip().lower()
    if text not in _TRUTH:
        raise BadRequestError(
            f"{text[:20]!r} is neither true nor false", where=f"parameter {name}"
        )
    return _TRUTH[text]


def decoded(body: bytes, what: str) -> str:
    """Decode UTF-8, without its mark; raise BadRequestError for the first bad byte."""
    try:
        return body.decode("utf-8").removeprefix(_BOM)
    except UnicodeDecodeError as error:
        raise BadRequestError(
            f"{what} is not UTF-8 (byte {error.start} is {body[error.start]:#04x})",
            advice="encode it as UTF-8",
        ) from error


def from_parameters(parameters: Parameters) -> QueryRequest:
    """Return the query that *parameters* hold; raise a RequestError."""
    if "update" in parameters:
        raise _read_only()
    query = single(parameters, "query")
    if not query.strip():
        raise BadRequestError(
            "the parameter 'query' is missing",
            advice="send ?query=… by GET, or the query by POST as " + QUERY,
        )
    return QueryRequest(
        query,
        default_graphs=tuple(parameters.get("default-graph-uri", ())),
        named_graphs=tuple(parameters.get("named-graph-uri", ())),
        format=formats(parameters),
        timeout=single(parameters, "timeout"),
    )


def _update_of(parameters: Parameters) -> UpdateRequest:
    for name in ("query", "access_token"):
        if name in parameters:
            raise BadRequestError(f"an update has no parameter {name!r}")
    update = single(parameters, "update")
    if not update.strip():
        raise BadRequestError(
            "the update is missing",
            advice=f"send it by POST as {UPDATE}, or as update=… in a form",
        )
    return UpdateRequest(
        update,
        using_graphs=tuple(parameters.get("using-graph-uri", ())),
        using_named_graphs=tuple(parameters.get("using-named-graph-uri", ())),
        message=read_message(parameters),
    )


def _joined(first: Parameters, second: Parameters) -> Parameters:
    names = dict.fromkeys([*first, *second])
    return {name: [*first.get(name, ()), *second.get(name, ())] for name in names}


def _refuse(parameters: Parameters, name: str, why: str) -> None:
    if name in parameters:
        raise BadRequestError(f"{name!r} stands in the address: {why}")


def _read_only() -> ReadOnlyError:
    return ReadOnlyError(
        "this endpoint answers queries and takes no update",
        advice="send it to /update, with a token",
    )
