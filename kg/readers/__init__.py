"""Readers: processes that answer queries and can be stopped at any moment.

A running query cannot be interrupted from within its process, so each runs in a
process of its own, with limits on time, memory and what it answers. Past a limit the
process is killed and another takes its place.
"""

from kg.readers.messages import Limits, Spooled
from kg.readers.pool import Asking, ReaderAnswer, Readers

__all__ = ["Asking", "Limits", "ReaderAnswer", "Readers", "Spooled"]
