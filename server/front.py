"""The front of a server process: what is known goes out at once, the rest to Flask.

Granian speaks HTTP and calls `Front` for each request (RSGI). An answer that was given
before is found here, in the event loop, where queries are answered too that need no
more than a reader (`Quick`). All else is a call of the WSGI application in a thread;
what it answers is gathered whole before its head goes out, in memory or in a file, so
no answer breaks off in the middle. A client that goes away is noticed, and
`exequatur.gone` in the environment tells those who work for it.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, TypeVar

from kg.errors import StoreError
from server import metrics
from server.arrivals import Arrivals, CutShortError, TooManyArriveError
from server.context import ASKED, BEGAN
from server.hooks import SAFE, log_request, own_or_new_id
from server.leaving import until_closed
from server.refusals import busy, cut_short, fail, misfit, refuse, slow_body
from server.wsgi import call, environment, host_of, length_of, remove

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Hashable
    from pathlib import Path

    from granian._granian import RSGIHTTPProtocol as HTTPProtocol
    from granian.rsgi import Scope

    from server.cache import Answered, Cache
    from server.quick import Asked, Quick
    from server.wsgi import Application

Result = TypeVar("Result")

_FILE_SECONDS = 20.0
"""A file is opened by then, and may be removed from its folder."""

_LOOK_SECONDS = 0.05
"""So long after a request came, its client's leaving is looked for."""

_LEAVE_SECONDS = 0.1
"""So long granian may take to notice that a body is not wanted any more."""

_EVERY_SECONDS = 1.0
_UNREADABLE = "\xff"
"""Stands for the value of a header field that is not ASCII; nothing means it."""

_BY_OTHERS = frozenset({"authorization", "if-match", "range"})
"""Header fields that only the application looks at."""

Fields = dict[str, str]


class _Gone:
    """Whether the client has gone; an Event for each request would take longer."""

    __slots__ = ("_is_set",)

    def __init__(self) -> None:
        self._is_set = False

    def set(self) -> None:
        self._is_set = True

    def is_set(self) -> bool:
        return self._is_set


@dataclass(slots=True)
class _Request:
    """A request, with the version of the data that there was when it came.

    It *began* when all of it had arrived.
    """

    scope: Scope
    protocol: HTTPProtocol
    fields: Fields
    version: Hashable
    body: bytes = b""
    began: float = field(default_factory=time.perf_counter)
    gone: _Gone = field(default_factory=_Gone)

    @property
    def key(self) -> Hashable:
        """What an answer is known by, None where it may not come from the cache."""
        scope, fields = self.scope, self.fields
        if scope.method not in SAFE or not _BY_OTHERS.isdisjoint(fields):
            return None
        return (scope.path, scope.query_string, host_of(scope, fields))


class Front:
    """Answers requests for *app*, so many at once in *threads*, so many more wait."""

    def __init__(
        self,
        app: Application,
        cache: Cache,
        quick: Quick,
        *,
        threads: int,
        waiting: int,
        arrivals: Arrivals,
        spool: Path,
        look: Callable[[], None] = lambda: None,
        may_wait: Callable[[], bool] = lambda: False,
    ) -> None:
        self._app = app
        self._cache = cache
        self._quick = quick
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="request")
        self._room = threads + waiting
        self._at_work = 0
        self._arrivals = arrivals
        self._spool = spool
        self._look = look
        self._may_wait = may_wait
        self._waiting = ThreadPoolExecutor(2, thread_name_prefix="looking")
        self._stopping = False

    def __rsgi_init__(self, loop: asyncio.AbstractEventLoop) -> None:
        """Begin to look now and then how this process stands."""
        self._look_again(loop)

    def __rsgi_del__(self, loop: asyncio.AbstractEventLoop) -> None:
        """Stop: whoever works on a request is told that nobody waits any more."""
        self._stopping = True
        self._pool.shutdown(wait=False, cancel_futures=True)
        self._waiting.shutdown(wait=False, cancel_futures=True)

    def _look_again(self, loop: asyncio.AbstractEventLoop) -> None:
        """Look in a thread: a remote store may keep that waiting."""
        if not self._stopping:
            self._waiting.submit(self._look)
            loop.call_later(_EVERY_SECONDS, self._look_again, loop)

    async def __rsgi__(self, scope: Scope, protocol: HTTPProtocol) -> None:
        """Answer one request, whatever befalls this program meanwhile."""
        fields = _fields(scope)
        try:
            await self._take(scope, protocol, fields)
        except Exception as error:  # noqa: BLE001 told, and logged with its traceback
            fail(protocol, scope, fields, error)

    async def _take(self, scope: Scope, protocol: HTTPProtocol, fields: Fields) -> None:
        version = await self._version()
        fault = misfit(scope, fields)
        if fault is not None:
            refuse(protocol, scope, fields, fault)
            return
        request = _Request(scope, protocol, fields, version)
        key = request.key
        if key is not None and version and "no-" not in fields.get("cache-control", ""):
            found = self._cache.find(key, fields, version)
            if found is not None:
                metrics.CACHE_HITS.inc()
                _send(request, found, cached="yes")
                return
            metrics.CACHE_MISSES.inc()
        await self._work(request)

    async def _version(self) -> Hashable:
        """Return what tells the version of now from others, None if nobody knows."""
        if not self._may_wait():
            return self._cache.version()
        loop = asyncio.get_running_loop()
        with contextlib.suppress(StoreError):
            return await loop.run_in_executor(self._waiting, self._cache.version)
        return None

    async def _work(self, request: _Request) -> None:
        body = await self._body(request)
        if body is None:
            return
        request.body, request.began = body, time.perf_counter()
        if self._at_work >= self._room:
            refuse(request.protocol, request.scope, request.fields, busy())
            return
        self._at_work += 1
        try:
            await self._answer(request)
        finally:
            self._at_work -= 1

    async def _answer(self, request: _Request) -> None:
        asked = self._quick.read(
            request.scope, request.fields, request.body, request.gone.is_set
        )
        if asked is None:
            await self._call(request)
            return
        try:
            is_answered = await self._answer_soon(request, asked)
        except BaseException:
            asked.drop()
            raise
        if not is_answered:
            await self._call(request, asked)

    async def _answer_soon(self, request: _Request, asked: Asked) -> bool:
        """Answer a query here; tell whether that could be done."""
        answer = await asked.answer_soon(request.version)
        if answer is None:
            return False
        found = self._quick.written(request.scope, asked, answer)
        _send(request, found, type=found.header("content-type").partition(";")[0])
        self._keep(request, found)
        return True

    async def _call(self, request: _Request, asked: Asked | None = None) -> None:
        """Have the application answer, in a thread."""
        environ = environment(
            request.scope, request.fields, request.body, request.gone.is_set
        )
        environ[BEGAN] = request.began
        if asked is not None:
            environ[ASKED] = asked
        loop, protocol = asyncio.get_running_loop(), request.protocol
        work = loop.run_in_executor(self._pool, call, self._app, environ, self._spool)
        reply = await _watched(work, request)
        if isinstance(reply.body, bytes):
            protocol.response_bytes(reply.status, reply.headers, reply.body)
            self._keep(request, reply.kept(environ))
        else:
            protocol.response_file(reply.status, reply.headers, str(reply.body))
            loop.call_later(_FILE_SECONDS, remove, reply.body)

    def _keep(self, request: _Request, answer: Answered) -> None:
        key, fields = request.key, request.fields
        may_be_stored = "no-store" not in fields.get("cache-control", "")
        if key is not None and request.scope.method == "GET" and may_be_stored:
            self._cache.keep(key, fields, answer, request.version)

    async def _body(self, request: _Request) -> bytes | None:
        """Return the request's body, None where that was refused.

        Nothing of one that is announced as too large: the application refuses it.
        """
        protocol, scope, fields = request.protocol, request.scope, request.fields
        announced = fields.get("content-length", "")
        most = self._arrivals.most_body
        if _has_no_body(scope, fields) or length_of(announced) > most + 1:
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
        except CutShortError:
            refuse(protocol, scope, fields, cut_short())
        return None


async def _watched(work: Awaitable[Result], request: _Request) -> Result:
    """Wait for *work*; tell it if the client leaves before it is done."""
    watches: list[asyncio.Task[None]] = []

    async def watch(leaving: Callable[[], Awaitable[None]]) -> None:
        await leaving()
        request.gone.set()

    def begin() -> None:
        closed = partial(until_closed, request.scope.client)
        both = (request.protocol.client_disconnect, closed)
        watches.extend(loop.create_task(watch(leaving)) for leaving in both)

    loop = asyncio.get_running_loop()
    waits = loop.call_later(_LOOK_SECONDS, begin)
    try:
        return await work
    finally:
        waits.cancel()
        for task in watches:
            task.cancel()


def _fields(scope: Scope) -> Fields:
    """Return the header fields, several of a name joined as RFC 9110 allows.

    Granian leaves out values that are not ASCII. That there is such a field counts,
    above all for conditions and for what proxies say of others.
    """
    found: Fields = {}
    for name, value in scope.headers.items():
        found[name] = f"{found[name]},{value}" if name in found else value
    for name in scope.headers.keys():  # noqa: SIM118 it has names without a value
        found.setdefault(name, _UNREADABLE)
    return found


def _has_no_body(scope: Scope, fields: Fields) -> bool:
    announced = "content-length" in fields or "transfer-encoding" in fields
    return scope.http_version.startswith("1") and not announced


def _send(request: _Request, found: Answered, **told: object) -> None:
    """Send what was *found*; the line of the log has what is *told* of it, too."""
    scope, protocol = request.scope, request.protocol
    identity = own_or_new_id(request.fields.get("x-request-id", ""))
    headers = [*found.headers, ("x-request-id", identity)]
    if found.body:
        protocol.response_bytes(found.status, headers, found.body)
    else:
        protocol.response_empty(found.status, headers)
    log_request(
        identity,
        scope.method,
        scope.path,
        found.status,
        route=found.route,
        began=request.began,
        **told,
        bytes=len(found.body),
    )
