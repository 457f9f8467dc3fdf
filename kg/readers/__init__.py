"""Readers: processes that answer queries and can be stopped at any moment.

A running query cannot be interrupted from within its process, so each runs in a
process of its own, with limits on time, memory and what it answers. Past a limit the
process is killed and another takes its place. Only a look-up, which meets so few quads
that it cannot run long, may be answered where it arrived.
"""

from kg.readers.here import Here
from kg.readers.kept import KEPT_AS, KeptAnswer
from kg.readers.messages import Limits, ReaderFailedError, Spooled
from kg.readers.pool import Asking, ReaderAnswer, Readers

__all__ = [
    "KEPT_AS",
    "Asking",
    "Here",
    "KeptAnswer",
    "Limits",
    "ReaderAnswer",
    "ReaderFailedError",
    "Readers",
    "Spooled",
]
