"""Bodies as they arrive: how long, how large, how many at once."""

from __future__ import annotations

import asyncio

import pytest

from server.arrivals import AT_ONCE, Arrivals, CutShortError, TooManyArriveError


async def pieces(*sizes, wait=0.0):
    for size in sizes:
        await asyncio.sleep(wait)
        yield b"x" * size


def test_a_body_is_put_together():
    arrivals = Arrivals(10, 1)
    assert asyncio.run(arrivals.body(pieces(3, 4))) == b"x" * 7
    assert asyncio.run(arrivals.body(pieces())) == b""


def test_a_body_that_breaks_off_is_none():
    arrivals = Arrivals(10, 1)
    assert asyncio.run(arrivals.body(pieces(3, 0))) == b"x" * 3
    for broken in (pieces(3, 0, 0), pieces(0, 0)):
        with pytest.raises(CutShortError):
            asyncio.run(arrivals.body(broken))


def test_no_more_is_read_than_shows_that_it_is_too_large():
    arrivals = Arrivals(10, 1)
    assert asyncio.run(arrivals.body(pieces(*[1] * 1000))) == b"x" * 11


def test_a_body_that_stops_is_given_up():
    arrivals = Arrivals(1000, 0.05)
    with pytest.raises(TimeoutError):
        asyncio.run(arrivals.body(pieces(1, 1, wait=30)))


def test_a_body_that_drips_is_given_up():
    arrivals = Arrivals(1000, 0.2)
    with pytest.raises(TimeoutError):
        asyncio.run(arrivals.body(pieces(*[1] * 100, wait=0.05)))


def test_a_body_that_is_fast_may_be_long():
    arrivals = Arrivals(1_000_000, 0.2)
    found = asyncio.run(arrivals.body(pieces(*[20_000] * 8, wait=0.05)))
    assert len(found) == 160_000


def test_no_more_bytes_are_on_their_way_than_there_is_room_for():
    arrivals = Arrivals(9, 30)

    async def many(count):
        slow = [arrivals.body(pieces(9, 1, wait=0.1)) for _ in range(count)]
        return await asyncio.gather(*slow, return_exceptions=True)

    assert set(asyncio.run(many(AT_ONCE))) == {b"x" * 10}
    refused = [
        found
        for found in asyncio.run(many(AT_ONCE + 9))
        if isinstance(found, TooManyArriveError)
    ]
    assert 0 < len(refused) < AT_ONCE + 9
    assert set(asyncio.run(many(AT_ONCE))) == {b"x" * 10}
