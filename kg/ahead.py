"""Work in threads ahead of who needs it, where the engine leaves Python to others.

What the engine does for a query or a load needs no Python, so that two of them, or one
and Python beside it, take the processors together.
"""

from __future__ import annotations

import contextvars
import os
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from queue import Empty, Full, Queue
from threading import Event
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from concurrent.futures import Future

T = TypeVar("T")
R = TypeVar("R")

_HELD = 2_000
"""So many results of one iteration wait at most until they are asked for."""

_TURN = 0.1
"""Seconds after which a thread that waits looks whether it is still needed."""

_END = object()


def processors() -> int:
    """How many processors this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def done_ahead(
    work: Callable[[T], R], items: Iterable[T], threads: int = 1
) -> Iterator[R]:
    """Yield what *work* makes of *items*, in order; each of *threads* works on one.

    While all work, the next item is made, and no further one. What is raised there is
    raised here. Whoever stops early waits for the work that was begun.
    """
    with ThreadPoolExecutor(threads, thread_name_prefix="ahead") as pool:
        begun: deque[Future[R]] = deque()
        for item in items:
            if len(begun) < threads:
                begun.append(pool.submit(work, item))
                continue
            made = begun.popleft().result()
            begun.append(pool.submit(work, item))
            yield made
        while begun:
            yield begun.popleft().result()


@contextmanager
def told_ahead(
    tasks: Iterable[Callable[[], Iterable[R]]], threads: int
) -> Iterator[Iterator[Iterator[R]]]:
    """Give for each of *tasks*, in order, what it tells; *threads* run ahead.

    A task is run by one thread from its beginning to its end, and waits when much of
    what it tells has not been asked for. What one raises is raised where its results
    are asked for. Each must be asked for all of them before the next one. Tasks that
    run at the end stop at the next thing that they tell.
    """
    over = Event()
    with ThreadPoolExecutor(threads, thread_name_prefix="ahead") as pool:
        told = []
        for task in tasks:
            queue: Queue[object] = Queue(_HELD)
            told.append(queue)
            context = contextvars.copy_context()
            pool.submit(context.run, _tell, task, queue, over)
        try:
            yield map(_asked, told)
        finally:
            over.set()


class _Failed:
    def __init__(self, error: BaseException) -> None:
        self.error = error


def _tell(task: Callable[[], Iterable[R]], queue: Queue[object], over: Event) -> None:
    """Put what *task* tells in *queue*, and how it ended; stop where all is *over*."""
    if over.is_set():
        return
    end: object = _END
    try:
        for one in task():
            if not _put(queue, one, over):
                return
    except BaseException as error:  # noqa: BLE001 - raised where it is asked for
        end = _Failed(error)
    _put(queue, end, over)


def _put(queue: Queue[object], one: object, over: Event) -> bool:
    while not over.is_set():
        try:
            queue.put(one, timeout=_TURN)
        except Full:
            continue
        return True
    return False


def _asked(queue: Queue[object]) -> Iterator[R]:
    while True:
        try:
            one = queue.get(timeout=_TURN)  # so that an interruption is noticed
        except Empty:
            continue
        if one is _END:
            return
        if isinstance(one, _Failed):
            raise one.error
        yield one  # type: ignore[misc]
