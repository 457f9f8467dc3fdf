"""What is gathered of a version once, and kept as long as that version is open."""

from __future__ import annotations

import threading
from functools import wraps
from typing import TYPE_CHECKING, TypeVar
from weakref import WeakKeyDictionary

if TYPE_CHECKING:
    from collections.abc import Callable

    from kg.snapshot import Snapshot

T = TypeVar("T")


def per_version(make: Callable[[Snapshot], T]) -> Callable[[Snapshot], T]:
    """Return *make*, called once for a version; who asks meanwhile waits for it.

    A version never changes, so what was made of it holds as long as it is open.
    """
    made: WeakKeyDictionary[Snapshot, T] = WeakKeyDictionary()
    making = threading.Lock()

    @wraps(make)
    def found(snapshot: Snapshot) -> T:
        with making:
            if snapshot not in made:
                made[snapshot] = make(snapshot)
            return made[snapshot]

    return found
