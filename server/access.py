"""Who may do what: bearer tokens (RFC 6750), from the header and nowhere else."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import unquote_plus

from flask import request

from kg.tokens import SHAPE, WRITE
from server.context import house
from server.problems import (
    BadRequestError,
    ForbiddenError,
    ReadOnlyError,
    UnauthorizedError,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kg.terms import GraphName
    from kg.tokens import Token

_HEADER = "send it in the header `Authorization: Bearer …`"
_NAMED = re.compile(r"(?:^|&)access_token(?:=|&|$)", re.IGNORECASE)
_MOST_LAYERS = 4
_MAKE = "the operator makes one with `kg token add`"


def refuse_token_in_address() -> None:
    """Raise BadRequestError where the address holds a token: addresses are logged."""
    if is_token_in(request.query_string.decode("latin-1"), request.path):
        raise BadRequestError(
            "a token stands in the address, where others can read it",
            advice=f"{_HEADER}, and have this one revoked",
        )


def is_token_in(query: str, path: str) -> bool:
    """Tell whether an address of this *query* and *path* holds a token."""
    decoded = _decoded(query)
    named = _NAMED.search(decoded) or SHAPE.search(decoded)
    return bool(named) or has_token(path)


def has_token(text: str) -> bool:
    """Tell whether a token stands in *text*, percent-encoded or not."""
    return bool(SHAPE.search(_decoded(text)))


def _decoded(text: str) -> str:
    """Return *text* without percent-encoding, of which there may be several layers."""
    for _ in range(_MOST_LAYERS):
        if "%" not in text:
            break
        text = unquote_plus(text)
    return text


def writer() -> Token:
    """Return the token of a client that may write to some graph at least."""
    token = bearer()
    if token is None:
        raise _nobody()
    if not token.writes:
        raise _insufficient(f"the token {token.name!r} lets nobody write", f"{WRITE}…")
    return token


def require_validator() -> None:
    """Raise where the client may not have a change judged."""
    token = bearer()
    if token is None and house().settings.validation == "token":
        raise UnauthorizedError("to validate here takes a token", advice=_MAKE)


def require_writes(token: Token, graphs: Iterable[GraphName]) -> None:
    """Raise ForbiddenError where *token* does not cover all of *graphs*."""
    for graph in sorted(graphs, key=str):
        name = getattr(graph, "value", "")
        if not token.may_write(name):
            raise _insufficient(
                f"the token {token.name!r} does not cover the graph {graph}",
                f"{WRITE}{name}",
            )


def bearer() -> Token | None:
    """Return the token that the client shows, None where it shows none at all."""
    header = request.headers.get("Authorization")
    if header is None:
        return None
    scheme, _, secret = header.partition(" ")
    if scheme.lower() != "bearer":
        raise UnauthorizedError(
            "only bearer tokens are taken", advice=f"{_MAKE}; {_HEADER}"
        )
    found = house().tokens.find(secret.strip())
    if found is None:
        raise UnauthorizedError(
            "the token is not known, or was revoked",
            advice=_MAKE,
            error="invalid_token",
        )
    return found


def _nobody() -> ReadOnlyError | UnauthorizedError:
    if not house().tokens.tokens():
        return ReadOnlyError(
            "this server is read-only: it has no access tokens", advice=_MAKE
        )
    return UnauthorizedError(
        "to write here takes a token", advice=f"{_MAKE}; {_HEADER}"
    )


def _insufficient(message: str, scope: str) -> ForbiddenError:
    return ForbiddenError(
        message, advice=f"it takes the scope {scope}", error="insufficient_scope"
    )
