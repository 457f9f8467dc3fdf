"""The front of a server process: what is known goes out at once, the rest to Flask.

Granian speaks HTTP and calls `Front` for each request (RSGI). An answer that was given
before is found here, in the event loop. All else is a call of the WSGI application in
a thread; what it answers is gathered whole before its head goes out, in memory or in a
file, so no answer breaks off in the middle. A client that goes away is noticed, and
`exequatur.gone` in the environment tells those who work for it.
"""

from __future__ import annotations

import asyncio
import contextlib
import io
import secrets
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

from server import logs, metrics
from server.arrivals import Arrivals, TooManyArriveError
from server.cache import Answered
from server.context import GONE, ROUTE
from server.hooks import own_or_new_id
from server.refusals import busy, refuse, slow_body
from server.spooled import SpooledBody

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from pathlib import Path

    from granian._granian import RSGIHTTPProtocol as HTTPProtocol
    from granian.rsgi import Scope

    from server.cache import Cache

IN_MEMORY = 1_000_000
"""A longer body goes through a file."""

_FILE_SECONDS = 20.0
"""A file is opened by then, and may be removed from its folder."""

_LOOK_SECONDS = 0.05
"""So long after a request came, its client's leaving is looked for."""

_LEAVE_SECONDS = 0.1
"""So long granian may take to notice that a body is not wanted any more."""

_EVERY_SECONDS = 1.0
_SAFE = ("GET", "HEAD")
Fields = dict[str, str]


class Front:
    """Answers requests for *app*, so many at once in *threads*, so many more wait."""

    def __init__(
        self,
        app: Callable[..., Iterable[bytes]],
        cache: Cache,
        *,
        threads: int,
        waiting: int,
        arrivals: Arrivals,
        spool: Path,
        look: Callable[[], None] = lambda: None,
    ) -> None:
        self._app = app
        self._cache = cache
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="request")
        self._room = threads + waiting
        self._at_work = 0
        self._arrivals = arrivals
        self._spool = spool
        self._look = look
        self._stopping = False

    def __rsgi_init__(self, loop: asyncio.AbstractEventLoop) -> None:
        """Begin to look now and then how this process stands."""
        self._look()
        loop.call_later(_EVERY_SECONDS, self._look_again, loop)

    def __rsgi_del__(self, loop: asyncio.AbstractEventLoop) -> None:
        """Stop: whoever works on a request is told that nobody waits any more."""
        self._stopping = True
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _look_again(self, loop: asyncio.AbstractEventLoop) -> None:
        if not self._stopping:
            with contextlib.suppress(Exception):
                self._look()
            loop.call_later(_EVERY_SECONDS, self._look_again, loop)

    async def __rsgi__(self, scope: Scope, protocol: HTTPProtocol) -> None:
        """Answer one request."""
        fields = _fields(scope)
        key = _key(scope, fields)
        if key is not None and "no-" not in fields.get("cache-control", ""):
            began = time.perf_counter()
            found = self._cache.find(key, fields)
            if found is not None:
                _send_known(scope, protocol, fields, found, began)
                return
            metrics.CACHE_MISSES.inc()
        await self._work(scope, protocol, fields, key)

    async def _work(
        self, scope: Scope, protocol: HTTPProtocol, fields: Fields, key: object
    ) -> None:
        body = await self._body(scope, protocol, fields)
        if body is None:
            return
        if self._at_work >= self._room:
            refuse(protocol, scope, fields, busy())
            return
        self._at_work += 1
        try:
            await self._answer(scope, protocol, fields, key, body)
        finally:
            self._at_work -= 1

    async def _answer(
        self,
        scope: Scope,
        protocol: HTTPProtocol,
        fields: Fields,
        key: object,
        body: bytes,
    ) -> None:
        gone = threading.Event()
        environ = _environ(scope, fields, body, gone)
        loop = asyncio.get_running_loop()
        version = self._cache.version()
        work = loop.run_in_executor(self._pool, self._call, environ)
        reply = await _watched(work, protocol, gone)
        if isinstance(reply.body, bytes):
            protocol.response_bytes(reply.status, reply.headers, reply.body)
            if key is not None and _may_keep(scope, fields):
                self._cache.keep(key, fields, reply.kept(environ), version)
        else:
            protocol.response_file(reply.status, reply.headers, str(reply.body))
            loop.call_later(_FILE_SECONDS, _remove, reply.body)

    async def _body(
        self, scope: Scope, protocol: HTTPProtocol, fields: Fields
    ) -> bytes | None:
        """Return the request's body, None where that was refused.

        Nothing of one that is announced as too large: the application refuses it.
        """
        announced = fields.get("content-length", "")
        most = self._arrivals.most_body
        if _has_no_body(scope, fields) or _length(announced) > most + 1:
            return b""
        arriving = self._arrivals.body(protocol)
        try:
            # In a task of its own: granian's is none to which a timeout applies.
            return await asyncio.get_running_loop().create_task(arriving)
        except TimeoutError:
            # The connection is closed behind the answer if nobody reads from it then.
            await asyncio.sleep(_LEAVE_SECONDS)
            error = slow_body(self._arrivals.seconds)
            refuse(protocol, scope, fields, error)
        except TooManyArriveError:
            refuse(protocol, scope, fields, busy())
        return None

    def _call(self, environ: dict[str, Any]) -> _Reply:
        """Call the application and gather its answer; in a thread."""
        reply = _Reply()
        parts = self._app(environ, reply.start)
        try:
            reply.gather(parts, self._spool)
        except BaseException:
            _remove(reply.body)
            raise
        finally:
            close = getattr(parts, "close", None)
            if close is not None:
                close()
        return reply


class _Reply:
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


async def _watched(
    work: asyncio.Future[_Reply], protocol: HTTPProtocol, gone: threading.Event
) -> _Reply:
    """Wait for *work*; set *gone* if the client leaves before it is done."""
    watches: list[asyncio.Task[None]] = []

    async def watch() -> None:
        await protocol.client_disconnect()
        gone.set()

    loop = asyncio.get_running_loop()
    begin = loop.call_later(
        _LOOK_SECONDS, lambda: watches.append(loop.create_task(watch()))
    )
    try:
        return await work
    finally:
        begin.cancel()
        for task in watches:
            task.cancel()


def _fields(scope: Scope) -> Fields:
    """Return the header fields, several of a name joined as RFC 9110 allows."""
    found: Fields = {}
    for name, value in scope.headers.items():
        found[name] = f"{found[name]},{value}" if name in found else value
    return found


def _key(scope: Scope, fields: Fields) -> object:
    """Return what an answer is known by, None where it may not come from the cache."""
    if scope.method not in _SAFE or "authorization" in fields or "range" in fields:
        return None
    return (scope.path, scope.query_string, _host(scope, fields))


def _may_keep(scope: Scope, fields: Fields) -> bool:
    return scope.method == "GET" and "no-store" not in fields.get("cache-control", "")


def _has_no_body(scope: Scope, fields: Fields) -> bool:
    announced = "content-length" in fields or "transfer-encoding" in fields
    return scope.http_version.startswith("1") and not announced


def _length(field: str) -> int:
    return int(field) if field.isascii() and field.isdigit() else 0


def _host(scope: Scope, fields: Fields) -> str:
    return fields.get("host") or scope.authority or ""


def _send_known(
    scope: Scope, protocol: HTTPProtocol, fields: Fields, found: Answered, began: float
) -> None:
    identity = own_or_new_id(fields.get("x-request-id", ""))
    headers = [*found.headers, ("x-request-id", identity)]
    if found.body:
        protocol.response_bytes(found.status, headers, found.body)
    else:
        protocol.response_empty(found.status, headers)
    seconds = time.perf_counter() - began
    metrics.hit(found.route, scope.method, found.status, seconds)
    logs.event(
        "request",
        id=identity,
        method=scope.method,
        path=scope.path,
        status=found.status,
        bytes=len(found.body),
        ms=seconds * 1000,
        cached="yes",
    )


def _environ(
    scope: Scope, fields: Fields, body: bytes, gone: threading.Event
) -> dict[str, Any]:
    """Return the environment of a request, as WSGI (PEP 3333) has it."""
    host, _, port = _host(scope, fields).rpartition(":")
    environ = {
        "REQUEST_METHOD": scope.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": scope.path.encode().decode("latin-1"),
        "QUERY_STRING": scope.query_string,
        "SERVER_NAME": host or port,
        "SERVER_PORT": port if host else "80",
        "SERVER_PROTOCOL": f"HTTP/{scope.http_version}",
        "REMOTE_ADDR": scope.client.rpartition(":")[0],
        "CONTENT_LENGTH": str(
            max(len(body), _length(fields.get("content-length", "")))
        ),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scope.scheme,
        "wsgi.input": io.BytesIO(body),
        "wsgi.input_terminated": True,
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
        GONE: gone.is_set,
    }
    for name, value in fields.items():
        if "_" not in name:
            environ[f"HTTP_{name.upper().replace('-', '_')}"] = value
    environ["HTTP_HOST"] = _host(scope, fields)
    environ["CONTENT_TYPE"] = environ.pop("HTTP_CONTENT_TYPE", "")
    environ.pop("HTTP_CONTENT_LENGTH", None)
    return environ


def _remove(body: bytes | Path) -> None:
    if not isinstance(body, bytes):
        body.unlink(missing_ok=True)
