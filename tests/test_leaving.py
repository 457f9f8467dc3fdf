"""What the server sees of a client that closes its connection."""

from __future__ import annotations

import asyncio
import socket

import pytest

from server.leaving import connection_of, until_closed


def connected(family, host):
    """Both ends of a connection."""
    try:
        listening = socket.create_server((host, 0), family=family)
    except OSError:
        pytest.skip(f"nothing can listen at {host}")
    with listening:
        client = socket.create_connection(listening.getsockname()[:2])
        return client, listening.accept()[0]


def name(end):
    host, port = end.getsockname()[:2]
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


@pytest.mark.parametrize(
    ("family", "host"), [(socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")]
)
def test_the_connection_to_a_client_is_found_and_stays_open(family, host):
    client, served = connected(family, host)
    with client, served:
        found = connection_of(name(client))
        assert found is not None
        with found:
            assert found.fileno() != served.fileno()
            assert found.getpeername() == served.getpeername()
        served.sendall(b"still open")
        assert client.recv(10) == b"still open"


def test_there_is_no_connection_to_one_who_never_came():
    assert connection_of("192.0.2.1:1") is None


def test_closing_is_seen_behind_what_was_not_read():
    async def seen():
        waiting = asyncio.create_task(until_closed(name(client)))
        await asyncio.sleep(0.3)
        assert not waiting.done()
        client.close()
        await asyncio.wait_for(waiting, timeout=20)

    client, served = connected(socket.AF_INET, "127.0.0.1")
    with served:
        client.sendall(b"GET /")
        asyncio.run(seen())
