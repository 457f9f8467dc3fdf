"""Whether the client of a request is still there, whatever it has sent meanwhile.

Granian notices that a client has left when it reads from the connection, which it does
not while a further request waits there to be read.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import select
import socket
from pathlib import Path

_FOLDER = Path("/proc/self/fd")
_EVERY_SECONDS = 0.1
_CLOSED = getattr(select, "POLLRDHUP", 0)
"""What a closed connection is known by; Linux tells so, whatever is left to be read."""


async def until_closed(client: str) -> None:
    """Return when *client*, an address and port, has closed its connection to us.

    Never return where there is no way to know.
    """
    connection = connection_of(client) if _CLOSED else None
    if connection is None:
        await asyncio.Event().wait()
        return
    with connection:
        look = select.poll()
        look.register(connection, _CLOSED)
        while not look.poll(0):
            await asyncio.sleep(_EVERY_SECONDS)


def connection_of(client: str) -> socket.socket | None:
    """Return this process's connection to *client*, for the caller to close."""
    host, _, port = client.rpartition(":")
    wanted = (host.strip("[]"), port)
    try:
        numbers = [int(path.name) for path in _FOLDER.iterdir()]
    except OSError:
        return None
    for number in numbers:
        if _peer(number) == wanted:
            with contextlib.suppress(OSError):
                found = socket.socket(fileno=os.dup(number))
                if _peer(found.fileno()) == wanted:  # the number is not another's yet
                    return found
                found.close()
    return None


def _peer(number: int) -> tuple[str, str] | None:
    """Return who is at the other end of a connection, None of what is none."""
    try:
        seen = socket.socket(fileno=number)
    except OSError:
        return None
    try:
        peer = seen.getpeername()
    except OSError:
        return None
    finally:
        seen.detach()  # it is not ours to close
    is_internet = seen.family in (socket.AF_INET, socket.AF_INET6)
    return (str(peer[0]), str(peer[1])) if is_internet else None
