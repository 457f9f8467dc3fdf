"""Work done beside a page: whoever comes first need not wait for it, and comes again.

What takes long is done once for all who want it. A visitor who comes first gets a page
that says so, and what it shows with the next request.
"""

from __future__ import annotations

import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Generic, TypeVar, cast

from flask import g, request

from kg.errors import QueryDroppedError

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterator

    Gone = Callable[[], bool]

T = TypeVar("T")

PATIENCE = 0.1
"""So many seconds a visitor waits before there is a page without what takes longer."""

_FORGOTTEN = 10.0
"""What nobody has waited for so many seconds is dropped: the visitor went elsewhere."""

_LOOK = 0.05
_WAITED = "waited"


class StillAtWorkError(Exception):
    """It is being worked out; whoever asks again gets it, and waits for it."""


@contextmanager
def waiting() -> Iterator[None]:
    """Note of this request whether it waits long."""
    began = time.monotonic()
    yield
    if time.monotonic() - began > PATIENCE:
        setattr(g, _WAITED, True)


def is_visit() -> bool:
    """Tell whether a browser goes to the page, and will come again.

    Browsers say so themselves (Fetch Metadata, Upgrade Insecure Requests). One that has
    waited for a part of the page waits for the rest, too.
    """
    if _WAITED in g:
        return False
    given = request.headers
    is_said = given.get("Sec-Fetch-Mode") == "navigate"
    is_said = is_said or given.get("Upgrade-Insecure-Requests") == "1"
    return is_said and request.method == "GET"


class Beside:
    """What is being worked out, by what it is called."""

    def __init__(self) -> None:
        self._going: dict[Hashable, _Work[object]] = {}
        self._guard = threading.Lock()

    def done(
        self,
        name: Hashable,
        make: Callable[[Gone | None], T],
        *,
        gone: Gone | None = None,
        is_visit: bool = False,
    ) -> T:
        """Return what *make* makes, or what it makes for others of the same *name*.

        It is called with what tells that nobody wants it any more. On the first request
        of a visit raise StillAtWorkError where it takes long; it goes on meanwhile.
        Raise what *make* raises.
        """
        with self._guard:
            self._drop_forgotten()
            work = self._going.get(name)
            is_first = is_visit and work is None
            if is_first:
                work = self._going[name] = _Work()
                threading.Thread(target=work.do, args=(make,), daemon=True).start()
        if work is None:
            return make(gone)
        if not is_first:
            work.wait(gone)
        elif not work.ended.wait(PATIENCE):
            raise StillAtWorkError
        with self._guard:
            if self._going.get(name) is work:
                del self._going[name]
        if work.is_dropped:  # a moment before somebody wanted it after all
            return make(gone)
        return cast("T", work.outcome())

    def _drop_forgotten(self) -> None:
        for name, work in list(self._going.items()):
            if work.ended.is_set() and work.is_forgotten():
                del self._going[name]


class _Work(Generic[T]):
    """Something that is worked out in a thread of its own."""

    def __init__(self) -> None:
        self.ended = threading.Event()
        self._found: T | None = None
        self._error: Exception | None = None
        self._wanted = time.monotonic()

    def do(self, make: Callable[[Gone | None], T]) -> None:
        """Work it out."""
        try:
            self._found = make(self.is_forgotten)
        except Exception as error:  # noqa: BLE001 whoever asks again is told of it
            self._error = error
        finally:
            self._wanted = time.monotonic()
            self.ended.set()

    def is_forgotten(self) -> bool:
        """Tell whether nobody has wanted it for a while."""
        return time.monotonic() - self._wanted > _FORGOTTEN

    def wait(self, gone: Gone | None) -> None:
        """Wait until it has ended; raise QueryDroppedError if the client has gone."""
        while not self.ended.wait(_LOOK):
            self._wanted = time.monotonic()
            if gone is not None and gone():
                raise QueryDroppedError("the client has gone")

    @property
    def is_dropped(self) -> bool:
        """Whether it was given up, because nobody waited for it."""
        return isinstance(self._error, QueryDroppedError)

    def outcome(self) -> T:
        """Return what came of it, once it has ended; raise what it ended with."""
        if self._error is not None:
            raise self._error
        return cast("T", self._found)
