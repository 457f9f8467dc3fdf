"""Clients that ask one query after the other, each over a connection of its own."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from statistics import median, quantiles
from urllib.parse import quote

ACCEPT = "application/sparql-results+json, application/n-triples;q=0.9"
LONGEST = 60.0
"""Seconds that an answer may take; what takes longer is an error."""


@dataclass(slots=True)
class Load:
    """What came of asking for a while: *seconds* taken, and each answer's."""

    seconds: float = 0.0
    durations: list[float] = field(default_factory=list)
    errors: int = 0

    @property
    def rate(self) -> float:
        """Answers a second."""
        return len(self.durations) / self.seconds if self.seconds else 0.0

    def percentile(self, percent: int) -> float | None:
        """Return the duration in seconds that *percent* of the answers kept to."""
        if len(self.durations) < 2:
            return None
        if percent == 50:
            return median(self.durations)
        return quantiles(self.durations, n=100, method="inclusive")[percent - 1]


def ask(
    port: int,
    path: str,
    queries: Iterator[str],
    clients: int,
    seconds: float,
    *,
    beside: Sequence[Iterator[str]] = (),
) -> Load:
    """Ask the server at *port* with so many *clients* for so many *seconds*.

    A client more asks each of the queries *beside* them, which do not count.
    """
    return asyncio.run(_ask(port, path, queries, clients, seconds, beside))


async def _ask(
    port: int,
    path: str,
    queries: Iterator[str],
    clients: int,
    seconds: float,
    beside: Sequence[Iterator[str]],
) -> Load:
    load = Load()
    started = time.perf_counter()
    until = started + seconds
    others = [
        asyncio.create_task(_client(port, path, other, until, Load()))
        for other in beside
    ]
    await asyncio.gather(
        *(_client(port, path, queries, until, load) for _ in range(clients))
    )
    load.seconds = time.perf_counter() - started
    for other in others:
        other.cancel()
    await asyncio.gather(*others, return_exceptions=True)
    return load


def ask_and_write(
    port: int,
    path: str,
    queries: Iterator[str],
    requests: Iterator[bytes],
    clients: int,
    seconds: float,
) -> tuple[Load, Load]:
    """Ask as `ask` does, while one client more sends *requests* that write."""
    return asyncio.run(_both(port, path, queries, requests, clients, seconds))


async def _both(
    port: int,
    path: str,
    queries: Iterator[str],
    requests: Iterator[bytes],
    clients: int,
    seconds: float,
) -> tuple[Load, Load]:
    written = Load()
    started = time.perf_counter()
    with contextlib.closing(Connection(port)) as connection:
        writing = _sending(connection, requests, started + seconds, written)
        asked, _ = await asyncio.gather(
            _ask(port, path, queries, clients, seconds, ()), writing
        )
    written.seconds = time.perf_counter() - started
    return asked, written


async def _client(
    port: int, path: str, queries: Iterator[str], until: float, load: Load
) -> None:
    connection = Connection(port)
    with contextlib.closing(connection):
        await _asking(connection, port, path, queries, until, load)


async def _asking(
    connection: Connection,
    port: int,
    path: str,
    queries: Iterator[str],
    until: float,
    load: Load,
) -> None:
    requests = (_request(port, path, query) for query in queries)
    await _sending(connection, requests, until, load)


async def _sending(
    connection: Connection, requests: Iterator[bytes], until: float, load: Load
) -> None:
    while time.perf_counter() < until:
        request = next(requests)
        began = time.perf_counter()
        try:
            async with asyncio.timeout(LONGEST):
                status, _ = await connection.exchange(request)
        except (OSError, TimeoutError, asyncio.IncompleteReadError, ValueError):
            connection.close()
            status = 0
        if status in (200, 204):
            load.durations.append(time.perf_counter() - began)
        else:
            load.errors += 1


def _request(port: int, path: str, query: str) -> bytes:
    mark = "&" if "?" in path else "?"
    return (
        f"GET {path}{mark}query={quote(query, safe='')} HTTP/1.1\r\n"
        f"Host: 127.0.0.1:{port}\r\nAccept: {ACCEPT}\r\n\r\n"
    ).encode()


def update(port: int, path: str, text: str, token: str = "") -> bytes:
    """Return the request that sends the update *text*, with a *token* if it is told."""
    body = text.encode()
    shown = f"Authorization: Bearer {token}\r\n" if token else ""
    head = (
        f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n{shown}"
        "Content-Type: application/sparql-update\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


async def answer(port: int, path: str, query: str) -> tuple[int, bytes]:
    """Return the status and the body of the answer to one *query*."""
    connection = Connection(port)
    try:
        async with asyncio.timeout(LONGEST):
            return await connection.exchange(_request(port, path, query))
    finally:
        connection.close()


class Connection:
    """A connection that is kept open from one request to the next."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._reader: asyncio.StreamReader | None = None
        self._writer: asyncio.StreamWriter | None = None

    async def exchange(self, request: bytes) -> tuple[int, bytes]:
        """Send *request*; return the status and the body of the answer."""
        if self._reader is None or self._writer is None:
            self._reader, self._writer = await asyncio.open_connection(
                "127.0.0.1", self._port, limit=2**20
            )
        self._writer.write(request)
        head = await self._reader.readuntil(b"\r\n\r\n")
        status, fields = _head(head)
        body = await _body(self._reader, status, fields)
        if fields.get(b"connection", b"").lower() == b"close":
            self.close()
        return status, body

    def close(self) -> None:
        """End it; the next request opens another."""
        if self._writer is not None:
            self._writer.close()
        self._reader = self._writer = None


def _head(head: bytes) -> tuple[int, dict[bytes, bytes]]:
    first, *lines = head.split(b"\r\n")
    fields = {}
    for line in lines:
        name, _, value = line.partition(b":")
        fields[name.strip().lower()] = value.strip()
    return int(first.split()[1]), fields


async def _body(
    reader: asyncio.StreamReader, status: int, fields: dict[bytes, bytes]
) -> bytes:
    if fields.get(b"transfer-encoding", b"").lower() == b"chunked":
        return await _chunks(reader)
    if status in (204, 304):
        return b""
    if b"content-length" in fields:
        return await reader.readexactly(int(fields[b"content-length"]))
    return await reader.read()


async def _chunks(reader: asyncio.StreamReader) -> bytes:
    body = b""
    while True:
        size = int((await reader.readline()).split(b";")[0], 16)
        body += await reader.readexactly(size)
        await reader.readexactly(2)
        if not size:
            return body
