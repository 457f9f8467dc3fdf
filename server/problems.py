"""What can go wrong with a request, and how it is told: RFC 9457, text; no Flask."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import TYPE_CHECKING, ClassVar

from kg import errors
from kg.errors import ExequaturError
from kg.update import StillHeldError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_OURS = "the graph cannot be read or written at the moment"
_NO_STORE = "the store of the graph does not answer as it should"
_BUSY = "others are writing; nothing was changed"
_FAULT = "something went wrong here; it is not your doing"
_TELL = "try again later, or tell the operator the number of the request"
_POSITION = re.compile(r"\bline (\d+)(?:, column (\d+))?|:(\d+)(?::(\d+))?$")


class RequestError(ExequaturError):
    """A request that cannot be answered; *supported* lists what would do instead."""

    status: ClassVar[int] = 400

    def __init__(
        self,
        message: str,
        *,
        where: str = "",
        advice: str = "",
        supported: Sequence[str] = (),
    ) -> None:
        listed = f"have {', '.join(supported)}" if supported else ""
        super().__init__(message, where=where, advice=advice or listed)
        self.supported = tuple(supported)


class BadRequestError(RequestError):
    """A parameter is missing, given twice, or not decodable."""


class UnauthorizedError(RequestError):
    """The request needs an access token, or another one than it shows."""

    status = 401

    def __init__(self, message: str, *, advice: str = "", error: str = "") -> None:
        super().__init__(message, advice=advice)
        self.headers = _challenge(error)


class ReadOnlyError(RequestError):
    """An update was sent to what answers queries only."""

    status = 403


class ForbiddenError(RequestError):
    """The graph is kept by the program, or the token does not cover it."""

    status = 403

    def __init__(self, message: str, *, advice: str = "", error: str = "") -> None:
        super().__init__(message, advice=advice)
        self.headers = _challenge(error) if error else {}


class NotFoundError(RequestError):
    """There is no such page or thing; candidates are what may have been meant."""

    status = 404

    def __init__(
        self,
        message: str,
        *,
        advice: str = "",
        candidates: Sequence[tuple[str, str]] = (),
    ) -> None:
        super().__init__(message, advice=advice)
        self.candidates = tuple(candidates)


class SlowBodyError(RequestError):
    """The body did not arrive in time."""

    status = 408


class GoneError(RequestError):
    """It was there, and was erased from all versions."""

    status = 410


class NotAcceptableError(RequestError):
    """None of the media types that the client takes can be written."""

    status = 406


class PreconditionFailedError(RequestError):
    """What is to be changed is not as the client last saw it.

    *members* go into the problem: the present version, and what came since.
    """

    status = 412

    def __init__(
        self, message: str, *, advice: str, members: Mapping[str, object]
    ) -> None:
        super().__init__(message, advice=advice)
        self.members = dict(members)


class TooLargeError(RequestError):
    """The body is longer than the operator allows."""

    status = 413


class UnsupportedMediaTypeError(RequestError):
    """The body has a media type, charset or coding that is not read."""

    status = 415

    def __init__(
        self, message: str, *, advice: str = "", supported: Sequence[str] = ()
    ) -> None:
        super().__init__(message, advice=advice, supported=supported)
        self.headers = {"Accept": ", ".join(supported)} if supported else {}


def _challenge(error: str) -> dict[str, str]:
    """Return the header that says how to show a token (RFC 6750, section 3)."""
    told = f', error="{error}"' if error else ""
    return {"WWW-Authenticate": f'Bearer realm="exequatur"{told}'}


class UnimplementedError(RequestError):
    """The request takes what this server does not do, whatever the address."""

    status = 501


STATUSES: dict[type[ExequaturError], int] = {
    errors.ConfigError: 500,
    errors.DataFileError: 400,
    errors.FormatError: 400,
    errors.JudgingLimitError: 422,
    errors.OverloadError: 503,
    errors.QueryError: 400,
    errors.QueryLimitError: 422,
    errors.UnknownQueryError: 404,
    errors.UnwritableError: 406,
    errors.ParameterError: 400,
    errors.UnknownEntityError: 404,
    errors.AxiomError: 500,
    errors.ShapesError: 500,
    errors.ChangeError: 400,
    errors.StoreError: 503,
    errors.TokenError: 503,
    StillHeldError: 422,
}
"""Which status an error of the graph has over HTTP; the nearest ancestor counts."""


@dataclass(frozen=True, slots=True)
class Problem:
    """An error as it is told to a client."""

    status: int
    kind: str
    detail: str
    where: str = ""
    advice: str = ""
    supported: tuple[str, ...] = ()
    candidates: tuple[tuple[str, str], ...] = ()
    request: str = ""
    more: Mapping[str, object] = field(default_factory=dict)

    @property
    def title(self) -> str:
        """The name of the status."""
        return HTTPStatus(self.status).phrase

    @property
    def text(self) -> str:
        """The problem in a few lines for a terminal."""
        place = f"{self.where}: " if self.where else ""
        lines = [f"{self.status} {self.title}", f"{place}{self.detail}"]
        if self.advice:
            lines.append(f"Advice: {self.advice}")
        lines += [f"  {label}  {iri}" for iri, label in self.candidates]
        lines.append(f"Request: {self.request}")
        return "\n".join(lines) + "\n"

    def members(self, *, types: str) -> dict[str, object]:
        """Return the members of a problem details object; *types* names the page."""
        found: dict[str, object] = {
            "type": f"{types}#{self.kind}",
            "title": self.title,
            "status": self.status,
            "detail": self.detail,
            "instance": f"urn:exequatur:request:{self.request}",
            "where": self.where,
            **_position(self.where),
            "advice": self.advice,
            "supported": list(self.supported),
            "candidates": [{"iri": i, "label": name} for i, name in self.candidates],
            **self.more,
        }
        return {name: value for name, value in found.items() if value not in ("", [])}


def problem_of(error: ExequaturError, *, request: str) -> Problem:
    """Return how *error* is told to a client.

    What only the operator can mend is told in general terms: the paths of a server are
    nobody else's business.
    """
    status, kind = status_of(type(error)), kind_of(type(error))
    if isinstance(error, errors.StoreBusyError):
        return Problem(status, kind, _BUSY, advice="try again", request=request)
    if isinstance(error, errors.StoreUnreachableError | errors.StoreRefusedError):
        return Problem(status, kind, _NO_STORE, advice=_TELL, request=request)
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR and not _is_public(error):
        return Problem(status, kind, _OURS, advice=_TELL, request=request)
    return Problem(
        status=status,
        kind=kind,
        detail=error.message,
        where=error.where,
        advice=error.advice,
        supported=getattr(error, "supported", ()),
        candidates=getattr(error, "candidates", ()),
        request=request,
        more=getattr(error, "members", {}),
    )


def unexpected(*, request: str) -> Problem:
    """Return how a fault of this program is told."""
    return Problem(500, "unexpected", _FAULT, advice=_TELL, request=request)


def _is_public(error: ExequaturError) -> bool:
    return isinstance(error, errors.OverloadError | RequestError)


def status_of(kind: type[ExequaturError]) -> int:
    """Return the status of an error of class *kind*."""
    if issubclass(kind, RequestError):
        return kind.status
    known = (STATUSES[parent] for parent in kind.__mro__ if parent in STATUSES)
    return next(known, 500)


def kind_of(kind: type[Exception]) -> str:
    """Return the kebab-case name of an error's class, as the problem's type has it."""
    public = next(one for one in kind.__mro__ if not one.__name__.startswith("_"))
    name = public.__name__.removesuffix("Error")
    return re.sub(r"(?<!^)(?=[A-Z])", "-", name).lower()


def _position(where: str) -> dict[str, int]:
    """Return the line and column of `line 3, column 5` or `body:3:5`."""
    match = _POSITION.search(where)
    if match is None:
        return {}
    found = {"line": match[1] or match[3], "column": match[2] or match[4]}
    return {name: int(value) for name, value in found.items() if value}
