"""A limit on the time of work that cannot be killed, as it runs in this process.

Long loops call `check`; whoever wants them to end in time sets the limit around them.
"""

from __future__ import annotations

import contextlib
import time
from contextvars import ContextVar
from math import inf
from typing import TYPE_CHECKING

from kg.errors import JudgingLimitError

if TYPE_CHECKING:
    from collections.abc import Iterator

_END: ContextVar[tuple[float, float]] = ContextVar("end", default=(inf, inf))


@contextlib.contextmanager
def limited(seconds: float) -> Iterator[None]:
    """Let `check` raise once *seconds* have passed; an earlier limit stays in force."""
    end = (time.monotonic() + seconds, seconds)
    token = _END.set(min(end, _END.get()))
    try:
        yield
    finally:
        _END.reset(token)


def check() -> None:
    """Raise JudgingLimitError where the time is over."""
    end, seconds = _END.get()
    if time.monotonic() > end:
        raise JudgingLimitError(
            f"to judge the change took longer than {seconds:g} seconds",
            advice="nothing was changed; send it in smaller parts",
        )
