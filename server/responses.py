"""Ways to answer: data in a media type, a page, an error in the client's form."""

from __future__ import annotations

import json
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from flask import Flask, Response, render_template, url_for
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge

from kg.errors import (
    ExequaturError,
    OverloadError,
    StoreBusyError,
    StoreRefusedError,
    StoreUnreachableError,
)
from kg.formats import SPREADSHEET, Format, Kind, for_kind
from server import logs
from server.context import accept, request_id, too_large
from server.negotiation import is_open, prefers
from server.offers import HTML, PAGE
from server.policies import SCRIPTED
from server.problems import Problem, problem_of, unexpected

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

PROBLEM = "application/problem+json"
TEXT = "text/plain"

_PASSING = (OverloadError, StoreBusyError, StoreRefusedError, StoreUnreachableError)
_PLACES = "the front page / lists what is here; programs use /sparql, /queries, /status"


def data(body: bytes | str, content_type: str) -> Response:
    """Answer with *body* labelled as *content_type*."""
    return Response(body, content_type=content_type)


def as_json(
    content: object, *, status: int = 200, content_type: str = "application/json"
) -> Response:
    """Answer with *content* written as JSON."""
    text = json.dumps(content, ensure_ascii=False, indent=2) + "\n"
    return Response(text, status=status, content_type=content_type)


def page(template: str, *, status: int = 200, **values: object) -> Response:
    """Answer with a page; a script completes names in its search field."""
    text = render_template(template, **values)
    response = Response(text, status=status, content_type=PAGE.content_type)
    response.headers["Content-Security-Policy"] = SCRIPTED
    return response


def see_other(path: str) -> Response:
    """Answer 303: the thing is not on this server, but what is said of it is."""
    text = f"See {path}\n"
    headers = {"Location": path}
    return Response(text, HTTPStatus.SEE_OTHER, headers, content_type=_plain())


def address(path: str, parameters: Mapping[str, list[str]]) -> str:
    """Return *path* with *parameters* as its query string."""
    encoded = urlencode(parameters, doseq=True)
    return f"{path}?{encoded}" if encoded else path


@dataclass(frozen=True, slots=True)
class Download:
    """A link to an answer in another format, with a name for the file."""

    format: Format
    href: str
    file: str


def downloads(kind: Kind, name: str, href: Callable[[str], str]) -> list[Download]:
    """Return a link for each format that holds *kind*; *href* gives its address."""
    more = (SPREADSHEET,) if kind is Kind.RESULTS else ()
    return [
        Download(entry, href(entry.name), f"{name}.{entry.suffix}")
        for entry in (*for_kind(kind), *more)
    ]


def wants_page() -> bool:
    """Tell whether the client is a browser: it likes HTML best."""
    return prefers(accept(), HTML)


def answer_errors(app: Flask) -> None:
    """Have *app* answer every error in the form that the client reads."""
    app.register_error_handler(Exception, _answered)


def problem_for(error: ExequaturError) -> Problem:
    """Return *error* as this request's problem; one of ours is logged in full.

    A store that cannot be reached, or too much to do, has no traceback worth reading,
    and may last for many requests.
    """
    problem = problem_of(error, request=request_id())
    if isinstance(error, _PASSING):
        logs.warning("unavailable", id=request_id(), told=str(error))
    elif problem.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        logs.failure("unavailable", error, id=request_id(), told=str(error))
    return problem


def failed(error: ExequaturError) -> Response:
    """Answer *error* in the form that the client reads."""
    response = _respond(problem_for(error))
    response.headers.update(getattr(error, "headers", {}))
    return response


def _answered(error: Exception) -> Response:
    if isinstance(error, RequestEntityTooLarge):
        error = too_large()
    if isinstance(error, HTTPException):
        return _of_http(error)
    if isinstance(error, ExequaturError):
        return failed(error)
    logs.failure("unexpected", error, id=request_id())
    return _respond(unexpected(request=request_id()))


def _of_http(error: HTTPException) -> Response:
    """Answer an error of the framework: no route, wrong verb, too large a body."""
    original = error.get_response()
    if original.status_code < HTTPStatus.BAD_REQUEST:
        return Response(original.response, original.status_code, original.headers)
    status, allowed = original.status_code, ", ".join(sorted(original.allow))
    details: Mapping[int, tuple[str, str]] = {
        404: ("there is nothing at this address", _PLACES),
        405: ("this address does not know that verb", f"use {allowed}"),
    }
    detail, advice = details.get(status, (error.description or "", ""))
    kind = error.name.lower().replace(" ", "-")
    problem = Problem(status, kind, detail, advice=advice, request=request_id())
    response = _respond(problem)
    if allowed:
        response.headers["Allow"] = allowed
    if "Content-Range" in original.headers:  # how long the whole is: RFC 9110, 15.5.17
        response.headers["Content-Range"] = original.headers["Content-Range"]
    return response


def _respond(problem: Problem) -> Response:
    form = _form()
    if form == HTML:
        return page("problem.html", status=problem.status, problem=problem)
    if form == TEXT:
        return Response(problem.text, problem.status, content_type=_plain())
    members = problem.members(types=url_for("pages.problems"))
    return as_json(members, status=problem.status, content_type=PROBLEM)


def _form() -> str:
    """Return how this client is told of an error.

    A browser likes HTML best; a person at a terminal asks for nothing; the rest are
    programs, whatever they asked for.
    """
    if wants_page():
        return HTML
    if is_open(accept()) or prefers(accept(), TEXT):
        return TEXT
    return PROBLEM


def _plain() -> str:
    return f"{TEXT}; charset=utf-8"
