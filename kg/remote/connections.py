"""Connections whose answers must begin in time, however slowly they drip.

urllib3 limits how long one read may take; the head of an answer may take many. What is
sent it limits by the time for connecting, all of it together.
"""

from __future__ import annotations

import http.client
import io
import math
import time
from typing import TYPE_CHECKING, Any

import urllib3
from urllib3.connection import HTTPConnection, HTTPSConnection

if TYPE_CHECKING:
    import socket
    import ssl

_SEND_SECONDS = 30.0
_LEAST_SENT_PER_SECOND = 50_000
"""A store that takes in fewer bytes of a request a second is not waited for."""


def connections(context: ssl.SSLContext) -> urllib3.PoolManager:
    """Return the connections of a client; none retries, nor sends on."""
    made = urllib3.PoolManager(maxsize=8, retries=False, ssl_context=context)
    made.pool_classes_by_scheme = {"http": _Pool, "https": _SecuredPool}
    return made


class _Arriving(io.RawIOBase):
    """What comes from *sock*; until `begun` all of it in the time for one read."""

    def __init__(self, sock: socket.socket) -> None:
        self._sock = sock
        self._raw = sock.makefile("rb", buffering=0)
        self._seconds = sock.gettimeout()
        self._until = time.monotonic() + (self._seconds or math.inf)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:  # noqa: ANN401 as the library has it
        if self._until < math.inf:
            left = self._until - time.monotonic()
            if left <= 0:
                raise TimeoutError("timed out")
            self._sock.settimeout(left)
        return self._raw.readinto(buffer)

    def begun(self) -> None:
        self._until = math.inf
        self._sock.settimeout(self._seconds)

    def close(self) -> None:
        self._raw.close()
        super().close()


class _Response(http.client.HTTPResponse):
    """An answer whose head comes in time, or not at all."""

    def __init__(
        self,
        sock: socket.socket,
        debuglevel: int = 0,
        method: str | None = None,
        url: str | None = None,
    ) -> None:
        super().__init__(sock, debuglevel, method, url)
        self.fp.close()
        self._arriving = _Arriving(sock)
        self.fp = io.BufferedReader(self._arriving)

    def begin(self) -> None:
        super().begin()
        self._arriving.begun()


class _Connection(HTTPConnection):
    response_class = _Response

    def send(self, data: Any) -> None:  # noqa: ANN401 as the library has it
        if self.sock is None:
            self.connect()
        self.sock.settimeout(_SEND_SECONDS + len(data) / _LEAST_SENT_PER_SECOND)
        super().send(data)


class _SecuredConnection(_Connection, HTTPSConnection):
    """The same by TLS."""


class _Pool(urllib3.HTTPConnectionPool):
    ConnectionCls = _Connection


class _SecuredPool(urllib3.HTTPSConnectionPool):
    ConnectionCls = _SecuredConnection
