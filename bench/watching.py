"""How long programs take: by the clock, of the processors, and how much memory."""

from __future__ import annotations

import math
import os
import resource
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import IO, NamedTuple, TypeVar

Result = TypeVar("Result")


class Ended(NamedTuple):
    """How a program ended, and what it took: bytes, and seconds of the processors."""

    status: int
    peak: int
    cpu: float


def watched(
    arguments: list[str], told: IO[str], seconds: float, memory: float = math.inf
) -> Ended:
    """Run a command for so long and in so many bytes at most; return how it ended.

    One that takes more is killed; of one that took more memory the peak tells so.
    """
    # A group of its own, so that what it starts is stopped with it.
    process = subprocess.Popen(arguments, stdout=told, start_new_session=True)
    until = time.monotonic() + seconds
    killed = False
    while True:
        found, status, usage = os.wait4(process.pid, os.WNOHANG)
        if found:
            process.returncode = os.waitstatus_to_exitcode(status)
            cpu = usage.ru_utime + usage.ru_stime
            return Ended(process.returncode, usage.ru_maxrss * 1024, cpu)
        if not killed and (time.monotonic() > until or _held(process.pid) > memory):
            os.killpg(process.pid, signal.SIGKILL)
            killed = True
        time.sleep(0.05)


def _held(pid: int) -> int:
    """Return the bytes of memory that a process has now, or none if it has ended."""
    try:
        pages = Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1]
    except (OSError, IndexError):
        return 0
    return int(pages) * resource.getpagesize()


def timed(
    action: Callable[[], Result], name: str = "seconds"
) -> tuple[list[tuple[str, float]], Result]:
    """Return the samples of how long *action* took, and what it returned."""
    started, before = time.perf_counter(), used()
    result = action()
    taken = [
        (name, time.perf_counter() - started),
        (f"{name}, CPU", used() - before),
    ]
    return taken, result


def used() -> float:
    """Return the seconds that processors have worked for this process so far."""
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + children.ru_utime + children.ru_stime
