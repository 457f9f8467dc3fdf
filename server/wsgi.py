"""Calls of the application, as WSGI (PEP 3333) has them, for requests that are RSGI."""

from __future__ import annotations

import io
import secrets
import sys
from typing import TYPE_CHECKING, Any

from server.cache import Answered
from server.context import ASKED, GONE, ROUTE, STANDS
from server.spooled import SpooledBody

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from pathlib import Path

    from granian.rsgi import Scope

    Application = Callable[..., Iterable[bytes]]

IN_MEMORY = 1_000_000
"""A longer body goes through a file."""


def call(app: Application, environ: dict[str, Any], spool: Path) -> Reply:
    """Call *app* and gather its answer; a long one is a file in the folder *spool*."""
    reply = Reply()
    parts = app(environ, reply.start)
    try:
        reply.gather(parts, spool)
    except BaseException:
        remove(reply.body)
        raise
    finally:
        close = getattr(parts, "close", None)
        if close is not None:
            close()
        left = environ.pop(ASKED, None)
        if left is not None:  # the application did not come to ask for it
            left.drop()
    stands = environ.pop(STANDS, None)
    if stands is not None and not stands():
        reply.untag()
    return reply


class Reply:
    """What the application answers; *body* is a file where it is long."""

    def __init__(self) -> None:
        self.status = 500
        self.headers: list[tuple[str, str]] = []
        self.body: bytes | Path = b""

    def start(
        self, status: str, headers: list[tuple[str, str]], exc_info: object = None
    ) -> Callable[[bytes], object]:
        """Take status and headers, as WSGI has it."""
        self.status = int(status[:3])
        self.headers = [(name.lower(), value) for name, value in headers]
        return lambda piece: None

    def untag(self) -> None:
        """Say that this is to be kept nowhere: it may be of another version."""
        unsaid = ("etag", "cache-control")
        self.headers = [entry for entry in self.headers if entry[0] not in unsaid]
        self.headers.append(("cache-control", "no-store"))

    def kept(self, environ: Mapping[str, Any]) -> Answered:
        """Return what the cache may give to others."""
        assert isinstance(self.body, bytes)  # noqa: S101 asked before
        headers = [entry for entry in self.headers if entry[0] != "x-request-id"]
        return Answered(self.status, headers, self.body, environ.get(ROUTE, ""))

    def gather(self, parts: Iterable[bytes], spool: Path) -> None:
        """Take the body."""
        path = parts.taken() if isinstance(parts, SpooledBody) else None
        if path is not None:
            self.body = path
            return
        pieces: list[bytes] = []
        size, file = 0, None
        try:
            for piece in parts:
                size += len(piece)
                if file is None and size > IN_MEMORY:
                    self.body = spool / f"body-{secrets.token_hex(8)}"
                    file = self.body.open("xb")
                    file.writelines(pieces)
                file.write(piece) if file else pieces.append(piece)
        finally:
            if file is not None:
                file.close()
        if file is None:
            self.body = b"".join(pieces)


def environment(
    scope: Scope, fields: Mapping[str, str], body: bytes, gone: Callable[[], bool]
) -> dict[str, Any]:
    """Return the environment of a request, as WSGI (PEP 3333) has it."""
    host, _, port = host_of(scope, fields).rpartition(":")
    environ = {
        "REQUEST_METHOD": scope.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": scope.path.encode().decode("latin-1"),
        "QUERY_STRING": scope.query_string.encode().decode("latin-1"),
        "SERVER_NAME": host or port,
        "SERVER_PORT": port if host else "80",
        "SERVER_PROTOCOL": f"HTTP/{scope.http_version}",
        "REMOTE_ADDR": scope.client.rpartition(":")[0],
        "CONTENT_LENGTH": str(
            max(len(body), length_of(fields.get("content-length", "")))
        ),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scope.scheme,
        "wsgi.input": io.BytesIO(body),
        "wsgi.input_terminated": True,
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
        GONE: gone,
    }
    for name, value in fields.items():
        if "_" not in name:
            environ[f"HTTP_{name.upper().replace('-', '_')}"] = value
    environ["HTTP_HOST"] = host_of(scope, fields)
    # No other protocol is spoken here, and whoever offers one may be answered in this
    # (RFC 9110, 7.8); Werkzeug looks for an address that speaks it.
    environ.pop("HTTP_UPGRADE", None)
    environ["CONTENT_TYPE"] = environ.pop("HTTP_CONTENT_TYPE", "")
    environ.pop("HTTP_CONTENT_LENGTH", None)
    return environ


def host_of(scope: Scope, fields: Mapping[str, str]) -> str:
    """Return the host that a request names, first in its address (RFC 9112, 3.2.2)."""
    return scope.authority or fields.get("host", "")


def length_of(field: str) -> int:
    """Return the number that Content-Length gives, 0 where it gives none."""
    return int(field) if field.isascii() and field.isdigit() else 0


def remove(body: bytes | Path) -> None:
    """Remove the file, if *body* is one."""
    if not isinstance(body, bytes):
        body.unlink(missing_ok=True)
