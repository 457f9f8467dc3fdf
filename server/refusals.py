"""Errors that are told without the application: it is not asked, or not any more."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from kg.errors import OverloadError
from server import logs, metrics
from server.hooks import HEADERS, RETRY_SECONDS, own_or_new_id, path_without_token
from server.negotiation import is_open
from server.problems import (
    BadRequestError,
    SlowBodyError,
    UnimplementedError,
    problem_of,
    unexpected,
)
from server.responses import PROBLEM, TEXT

if TYPE_CHECKING:
    from collections.abc import Mapping

    from granian._granian import RSGIHTTPProtocol as HTTPProtocol
    from granian.rsgi import Scope

    from kg.errors import ExequaturError
    from server.problems import Problem

_TYPES = "/problems"
_TRY_AGAIN = (408, 503)


def refuse(
    protocol: HTTPProtocol,
    scope: Scope,
    fields: Mapping[str, str],
    error: ExequaturError,
) -> None:
    """Answer with *error*, as text or for programs, and end the connection."""
    identity = own_or_new_id(fields.get("x-request-id", ""))
    _tell(protocol, scope, fields, problem_of(error, request=identity))


def fail(
    protocol: HTTPProtocol, scope: Scope, fields: Mapping[str, str], error: Exception
) -> None:
    """Log *error*, a fault of this program, and answer that there is one.

    Granian sends nothing where an answer went out before.
    """
    identity = own_or_new_id(fields.get("x-request-id", ""))
    logs.failure("unexpected", error, id=identity)
    _tell(protocol, scope, fields, unexpected(request=identity))


def _tell(
    protocol: HTTPProtocol, scope: Scope, fields: Mapping[str, str], problem: Problem
) -> None:
    if is_open(fields.get("accept")):
        content_type, text = f"{TEXT}; charset=utf-8", problem.text
    else:
        content_type, text = PROBLEM, json.dumps(problem.members(types=_TYPES))
    headers = {
        **HEADERS,
        "Cache-Control": "no-store",
        "Connection": "close",
        "Content-Type": content_type,
        "X-Request-Id": problem.request,
    }
    if problem.status in _TRY_AGAIN:
        headers["Retry-After"] = RETRY_SECONDS
    sent = [(name.lower(), value) for name, value in headers.items()]
    protocol.response_bytes(problem.status, sent, text.encode())
    metrics.REFUSED.labels(str(problem.status)).inc()
    logs.event(
        "request",
        id=problem.request,
        method=scope.method,
        path=path_without_token(scope.path),
        status=problem.status,
    )


def misfit(scope: Scope, fields: Mapping[str, str]) -> ExequaturError | None:
    """Return what is the matter with a request whatever it asks, None if nothing is.

    Verbs are told apart by case (RFC 9110, 9.1), bodies come in chunks or with a length
    (RFC 9112, 6.1), an address begins with a slash, and there is a host besides (3.2).
    """
    if scope.method == "CONNECT" or scope.method != scope.method.upper():
        return UnimplementedError("this server does not know that verb")
    if fields.get("transfer-encoding", "chunked").strip().lower() != "chunked":
        return UnimplementedError("of transfer codings this server reads chunked alone")
    is_old = scope.http_version in ("1", "1.0")
    is_named_once = scope.authority and "host" not in fields and not is_old
    if not scope.path or is_named_once:
        return BadRequestError("the request names no address, or no host")
    return None


def busy() -> OverloadError:
    """Return the error for a request for which there is no room."""
    return OverloadError("too many requests are waiting", advice="try again in a while")


def cut_short() -> BadRequestError:
    """Return the error for a body of which not all came."""
    return BadRequestError(
        "the body broke off, or is not framed as HTTP has it; nothing was done",
        advice="send all of it, and no trailers",
    )


def slow_body(seconds: float) -> SlowBodyError:
    """Return the error for a body that is given up."""
    return SlowBodyError(
        f"the body did not arrive within {seconds:g} seconds",
        advice="send it faster, or in parts",
    )
