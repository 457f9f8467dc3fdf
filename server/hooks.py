"""What every request goes through: its id, validators, headers, one line of log."""

from __future__ import annotations

import hashlib
import re
import time
from http import HTTPStatus
from importlib.metadata import version
from random import Random
from string import printable
from typing import TYPE_CHECKING
from urllib.parse import quote

from flask import Flask, Response, g, request

from server import logs, metrics
from server.access import has_token, refuse_token_in_address
from server.codings import IDENTITY, SMALLEST, choose_coding, packed, packing
from server.context import (
    BEGAN,
    MIXED,
    ROUTE,
    STANDS,
    accept,
    house,
    request_id,
    snapshot,
)
from server.problems import BadRequestError, PreconditionFailedError
from server.protocol import UPDATE
from server.responses import failed
from server.targets import resource_tag

if TYPE_CHECKING:
    from collections.abc import Mapping

VERSION = version("exequatur")

_IDS = Random()  # noqa: S311 a name, and no secret
_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
_HOST = re.compile(r"(?:[\w.~-]+|\[[0-9A-Fa-f:.]+\])(?::[0-9]{0,5})?", re.ASCII)
RETRY_SECONDS = "5"
SAFE = ("GET", "HEAD")
_IRIS = ("Content-Location", "Link", "Location")
_BODILESS = frozenset({204, 206, 304})
_TEXT_LIKE = re.compile(
    r"^text/|[/+](?:json|xml|javascript|ecmascript|yaml|n-triples|n-quads|trig)$"
)
PRIVATE = frozenset({"article_texts.shown"})
"""What is answered here is for this client alone: stored nowhere, and read by no page
of another origin."""

_LIVE = frozenset({"static", "status.status", "status.figures"}) | PRIVATE

HEADERS: Mapping[str, str] = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Expose-Headers": "Accept-Patch, Allow, Content-Location, ETag, "
    "Link, Location, Memento-Datetime, Retry-After, WWW-Authenticate, X-Request-Id, "
    "X-Total-Count",
    "Content-Security-Policy": "default-src 'none'; base-uri 'none'; "
    "form-action 'self'; frame-ancestors 'none'; img-src 'self'; style-src 'self'",
    "Cross-Origin-Resource-Policy": "cross-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
_PRIVATE_HEADERS: Mapping[str, str] = {
    **{k: v for k, v in HEADERS.items() if not k.startswith("Access-Control-")},
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
PREFLIGHT: Mapping[str, str] = {
    "Access-Control-Allow-Headers": "Accept, Accept-Datetime, Authorization, "
    "Content-Encoding, Content-Type, If-Match, If-None-Match, Prefer, X-Request-Id",
    "Access-Control-Max-Age": "86400",
}


def register(app: Flask) -> None:
    """Have every request of *app* go through these."""
    app.before_request(_begin)
    app.before_request(_require_host)
    app.before_request(refuse_token_in_address)
    app.before_request(_not_modified)
    app.after_request(_finish)


def own_or_new_id(given: str) -> str:
    """Return the id *given* by a client, if it is fit for one, or a new id."""
    is_fit = _ID.fullmatch(given) and not has_token(given)
    return given if is_fit else f"{_IDS.getrandbits(64):016x}"


def path_without_token(path: str) -> str:
    """Return *path* as it may stand in the log."""
    return "(a token)" if has_token(path) else path


def is_host(text: str) -> bool:
    """Tell whether *text* can name a host, with or without a port."""
    return bool(_HOST.fullmatch(text))


def is_worth_packing(media_type: str, length: int | None) -> bool:
    """Tell whether a body of such a type and length gets much smaller."""
    is_long = length is None or length >= SMALLEST
    return is_long and bool(_TEXT_LIKE.search(media_type))


def log_request(
    identity: str,
    method: str,
    path: str,
    status: int,
    *,
    route: str,
    began: float,
    **more: object,
) -> None:
    """Count a request that came when the clock said *began*, and put it in the log."""
    seconds = time.perf_counter() - began
    metrics.observed(route, method, status, seconds)
    logs.event(
        "request",
        id=identity,
        method=method,
        path=path_without_token(path),
        status=status,
        **more,
        ms=seconds * 1000,
    )


def _begin() -> None:
    g.request_id = own_or_new_id(request.headers.get("X-Request-Id", ""))
    g.started = request.environ.get(BEGAN) or time.perf_counter()
    if "," in request.headers.get("Range", ""):
        request.environ.pop("HTTP_RANGE")  # one part is sent, or the whole


def _require_host() -> None:
    """Raise BadRequestError for no host, two, or what is none (RFC 9112, 3.2)."""
    is_old = request.environ.get("SERVER_PROTOCOL") in ("HTTP/1", "HTTP/1.0")
    given = request.environ.get("HTTP_HOST", "")
    if not (is_host(given) or (is_old and not given)):
        raise BadRequestError("there is no host of that name", where="header Host")


def _not_modified() -> Response | None:
    """Answer 304 before any work where the client has this very representation."""
    held = request.if_none_match.as_set(include_weak=True)
    if not held or not _is_cacheable() or _etag() not in held:
        return None
    if "If-Match" in request.headers:  # it goes first: see `_conditional`
        return None
    response = _validated(Response(status=304))
    del response.headers["Content-Type"]
    return response


def _finish(response: Response) -> Response:
    response = _without_file(response)
    if response.status_code == 200 and _is_cacheable():
        response = _conditional(_validated(response), _etag())
        request.environ[STANDS] = snapshot().stands
    elif request.endpoint in PRIVATE:
        response.headers["Cache-Control"] = "no-store"
        response.vary.add("Authorization")
    elif request.endpoint != "static":
        response = _live(response)
        response.headers.setdefault("Cache-Control", "no-store")
    if response.status_code == 503:
        response.headers["Retry-After"] = RETRY_SECONDS
    _add_headers(response)
    if response.status_code == 304:
        # What a 304 says replaces what the client holds, and this page's may differ.
        del response.headers["Content-Security-Policy"]
    response.headers["X-Request-Id"] = request_id()
    if request.endpoint != "static":
        response.vary.add("Accept")
    response.vary.add("Accept-Encoding")
    _pack(response)
    if request.method == "OPTIONS" and response.status_code < HTTPStatus.BAD_REQUEST:
        _permit(response)
    _spell(response)
    _log(response)
    return response


def _add_headers(response: Response) -> None:
    given = {name.lower() for name, _ in response.headers}
    is_private = request.endpoint in PRIVATE
    for name, value in (_PRIVATE_HEADERS if is_private else HEADERS).items():
        if name.lower() not in given:
            response.headers.add(name, value)


def _pack(response: Response) -> None:
    """Send the body in the coding that the client likes best, where that saves much."""
    coding = _coding()
    if coding == IDENTITY or not _is_worth_packing(response):
        return
    if request.endpoint == "static" and _is_held_packed(response, coding):
        return
    _keep_closing(response)
    response.direct_passthrough = False
    if response.is_streamed and request.endpoint != "static":
        parts = packing(response.iter_encoded(), coding, quick=True)
        response.response = parts
        response.headers.pop("Content-Length", None)
    else:
        response.set_data(packed(response.get_data(), coding))
    response.headers["Content-Encoding"] = coding
    response.headers.pop("Accept-Ranges", None)


def _is_worth_packing(response: Response) -> bool:
    return (
        response.status_code not in _BODILESS
        and "Content-Encoding" not in response.headers
        and is_worth_packing(response.mimetype or "", response.content_length)
    )


def _is_held_packed(response: Response, coding: str) -> bool:
    """Give a file the tag of its packed form; make it 304 where the client has that."""
    tag = f"{response.get_etag()[0]}.{coding}"
    response.set_etag(tag)
    if tag not in request.if_none_match.as_set(include_weak=True):
        return False
    _empty(response)
    return True


def _live(response: Response) -> Response:
    """Return what is sent in place of *response*, whose tag is its own, if any."""
    if response.status_code != 200 or request.method not in ("GET", "HEAD"):
        return response
    return _conditional(response, response.get_etag()[0])


def _conditional(response: Response, tag: str | None) -> Response:
    """Return what is sent in place of *response*, as RFC 9110 has it in 13.2.2."""
    asked = request.if_match
    is_as_asked = asked.star_tag or tag in asked.as_set()
    if "If-Match" in request.headers and not is_as_asked:
        return _unlike(response)
    held = request.if_none_match
    if held.star_tag or tag in held.as_set(include_weak=True):
        _empty(response)
    return response


def _without_file(response: Response) -> Response:
    """Return *response*, unless it is a 412 that has the file in it."""
    is_refused = response.status_code == 412 and request.endpoint == "static"
    return _unlike(response) if is_refused else response


def _unlike(response: Response) -> Response:
    """Return the 412 that is sent in place of *response*."""
    response.close()
    return failed(
        PreconditionFailedError(
            "what is there is not what the request takes it to be",
            advice="leave out If-Match to get it as it is",
            members={},
        )
    )


def _empty(response: Response) -> None:
    """Make *response* a 304: the client has what it would be."""
    _keep_closing(response)
    response.direct_passthrough = False
    response.status_code = 304
    response.set_data(b"")
    for name in ("Content-Type", "Content-Length"):
        response.headers.pop(name, None)


def _keep_closing(response: Response) -> None:
    """Have what the body comes from closed at the end, though it is replaced."""
    close = getattr(response.response, "close", None)
    if close is not None:
        response.call_on_close(close)


def _coding() -> str:
    return choose_coding(request.environ.get("HTTP_ACCEPT_ENCODING", ""))


def _spell(response: Response) -> None:
    """Write IRIs in headers as URIs, which are all ASCII (RFC 3987, section 3.1)."""
    for name in _IRIS:
        value = response.headers.get(name, "")
        if not value.isascii():
            response.headers[name] = quote(value, safe=printable)


def _permit(response: Response) -> None:
    """Answer a browser's question before a request from another origin."""
    verbs = response.headers["Allow"] = ", ".join(sorted(response.allow))
    response.headers.pop("Content-Type", None)
    if request.endpoint in PRIVATE:
        return
    response.headers["Access-Control-Allow-Methods"] = verbs
    if "PATCH" in response.allow:
        response.headers["Accept-Patch"] = UPDATE
    for name, value in PREFLIGHT.items():
        response.headers[name] = value


def _is_cacheable() -> bool:
    """Tell whether the answer depends on the request and the data's version alone."""
    known = request.routing_exception is None and request.endpoint not in _LIVE
    known = known and MIXED not in g
    return known and request.method in SAFE


def _validated(response: Response) -> Response:
    response.set_etag(_etag())
    response.headers["Cache-Control"] = "no-cache"
    return response


def _etag() -> str:
    """Return a strong tag: the version, and a digest of this program and the request.

    The version stands by itself before the dot, for If-Match.
    """
    return entity_tag(
        house().tag, resource_tag(), request.full_path, accept(), _coding()
    )


def entity_tag(
    program: str, version: str, address: str, accepted: str | None, coding: str
) -> str:
    """Return the tag of what *program* answers from *version* to such a request."""
    parts = (program, version, address, accepted or "", coding)
    digest = hashlib.sha256("\n".join(parts).encode()).hexdigest()
    return f"{version}.{digest[:32]}"


def _log(response: Response) -> None:
    route = request.url_rule.rule if request.url_rule else "none"
    request.environ[ROUTE] = route
    log_request(
        request_id(),
        request.method,
        request.path,
        response.status_code,
        route=route,
        began=g.started,
        type=response.mimetype or None,
        bytes=response.content_length,
    )
