"""How readers share the processors with those who wait less: other programs, fronts.

The scheduler of Linux (EEVDF, since 6.6) lets a process go on to the end of its slice,
and looks at that when the clock ticks, every 4 ms at worst; but one that wakes up goes
first where its own slice is the shorter one. So a long slice is for a process that
works on and on: one that wakes up with it has to wait. The slice can be set since 6.12,
for processes of one's own without any privilege (sched_setattr(2)). It changes when a
process has its turn, not how much of the processor it gets.

A process of the lowest policy has next to none, but may keep whoever wakes up waiting
until the clock ticks: so it offers the processor itself, more often than that.
"""

from __future__ import annotations

import contextlib
import ctypes
import functools
import os
import platform
import signal
import struct
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

SLICE = 20_000_000
"""Nanoseconds for which a query that lasts may go on where nobody interrupts it."""

QUICK_SECONDS = 0.25
"""A query that takes longer gives way to those that do not."""

YIELD_SECONDS = 0.0005
"""How often a process that gives way offers the processor; a tick is 0.004 or less."""

_POLITE = 19
_CALLS = {"x86_64": 314, "aarch64": 274}
# size, policy, flags, nice, priority, runtime, deadline, period, utilisation min, max
_ATTRIBUTES = struct.Struct("=IIQiIQQQII")


def lengthen_slice(pid: int) -> None:
    """Let all that wakes up interrupt the process *pid*, where the system can.

    The process has the usual policy, as with `restore_slice`. An older kernel takes the
    call, and leaves the slice as it was.
    """
    _set_slice(pid, SLICE)


def restore_slice(pid: int) -> None:
    """Give the process *pid* a slice as others have it."""
    _set_slice(pid, 0)  # by which the kernel means its own choice


def _set_slice(pid: int, slice_: int) -> None:
    call = _CALLS.get(platform.machine())
    if sys.platform != "linux" or call is None:
        return
    with contextlib.suppress(OSError):  # the process has ended
        nice = os.getpriority(os.PRIO_PROCESS, pid)
        wanted = _ATTRIBUTES.pack(
            _ATTRIBUTES.size, os.SCHED_OTHER, 0, nice, 0, slice_, 0, 0, 0, 0
        )
        _library().syscall(call, pid, wanted, 0)


def slice_of(pid: int) -> int | None:
    """Return the slice of the process *pid* in nanoseconds, None if it is not told."""
    call = _CALLS.get(platform.machine())
    if sys.platform != "linux" or call is None:
        return None
    told = ctypes.create_string_buffer(_ATTRIBUTES.size)
    if _library().syscall(call + 1, pid, told, _ATTRIBUTES.size, 0):
        return None
    return int(_ATTRIBUTES.unpack(told.raw)[5])


def give_way(pid: int) -> None:
    """Let everything else on this machine go before the process *pid*, from now on."""
    with contextlib.suppress(OSError):
        os.setpriority(os.PRIO_PROCESS, pid, _POLITE)
        if sys.platform == "linux":  # there even the lowest gets its turn
            os.sched_setscheduler(pid, os.SCHED_IDLE, os.sched_param(0))


@contextlib.contextmanager
def yielding(*, after: float = QUICK_SECONDS) -> Iterator[None]:
    """Offer the processor to others again and again meanwhile (sched_yield(2)).

    That begins *after* so many seconds; at once where this process gives way already.
    It is for the main thread, and takes SIGALRM. An engine that holds up the
    interpreter holds this not up.
    """
    is_idle = sys.platform == "linux" and os.sched_getscheduler(0) == os.SCHED_IDLE
    _yield_at_alarms()
    first = YIELD_SECONDS if is_idle else after
    signal.setitimer(signal.ITIMER_REAL, first, YIELD_SECONDS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


@functools.cache
def _yield_at_alarms() -> None:
    """Have the C library's own function handle SIGALRM: it waits for no interpreter."""
    library = _library()
    library.signal.argtypes = [ctypes.c_int, ctypes.c_void_p]
    library.signal.restype = ctypes.c_void_p
    library.signal(signal.SIGALRM, ctypes.cast(library.sched_yield, ctypes.c_void_p))


@functools.cache
def _library() -> ctypes.CDLL:
    return ctypes.CDLL(None)  # opened once: that takes longer than a call
