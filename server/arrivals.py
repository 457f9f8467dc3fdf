"""Bodies of requests as they arrive: for so long, and so many bytes of them at once."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import AsyncIterable

BYTES_A_SECOND = 10_000
"""A body that is faster on the whole may take longer than `seconds`."""

AT_ONCE = 16
"""So many of the largest bodies may be on their way to a process."""


class TooManyArriveError(Exception):
    """More bytes are on their way than this process has room for."""


class CutShortError(Exception):
    """The body broke off before its end, or its framing was broken."""


class Arrivals:
    """Takes in bodies of *most_body* bytes at most, each within *seconds*."""

    def __init__(self, most_body: int, seconds: float) -> None:
        self.most_body = most_body
        self.seconds = seconds
        self._held = 0

    async def body(self, pieces: AsyncIterable[bytes]) -> bytes:
        """Return the body, or a little more than may be read of it.

        Raise TimeoutError where it does not arrive in time, TooManyArriveError, and
        CutShortError where not all of it arrives.
        """
        found = bytearray()
        is_over = False
        try:
            async with asyncio.timeout(self.seconds) as limit:
                until = limit.when() or 0.0
                async for piece in pieces:
                    if is_over:
                        raise CutShortError
                    # Granian tells the end by an empty piece, and a fault by one more.
                    is_over = not piece
                    self._take(len(piece))
                    found += piece
                    if len(found) > self.most_body:
                        break
                    limit.reschedule(until + len(found) / BYTES_A_SECOND)
        finally:
            self._held -= len(found)
        return bytes(found)

    def _take(self, size: int) -> None:
        if self._held + size > AT_ONCE * (self.most_body + 1):
            raise TooManyArriveError
        self._held += size
