"""How readers share the processors with those who wait less: other programs, fronts.

The scheduler of Linux (EEVDF, since 6.6) lets a process go on to the end of its slice,
and looks at that when the clock ticks, every 4 ms at worst; but one that wakes up goes
first where its own slice is the shorter one. The slice can be set since 6.12, for
oneself without any privilege (sched_setattr(2)). It changes when a process has its
turn, not how much of the processor it gets.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import platform
import struct
import sys

SLICE = 20_000_000
"""Nanoseconds in which a reader may be interrupted, and goes on where nobody does."""

_POLITE = 19
_CALLS = {"x86_64": 314, "aarch64": 274}
# size, policy, flags, nice, priority, runtime, deadline, period, utilisation min, max
_ATTRIBUTES = struct.Struct("=IIQiIQQQII")


def take_long_slices() -> bool:
    """Let all that wakes up interrupt this process; tell whether the system does."""
    call = _CALLS.get(platform.machine())
    if sys.platform != "linux" or call is None:
        return False
    nice = os.getpriority(os.PRIO_PROCESS, 0)
    wanted = _ATTRIBUTES.pack(
        _ATTRIBUTES.size, os.SCHED_OTHER, 0, nice, 0, SLICE, 0, 0, 0, 0
    )
    syscall = ctypes.CDLL(None, use_errno=True).syscall
    # An older kernel takes the call and leaves the slice as it was.
    return bool(syscall(call, 0, wanted, 0) == 0) and slice_of(0) == SLICE


def slice_of(pid: int) -> int | None:
    """Return the slice of the process *pid* in nanoseconds, None if it is not told."""
    call = _CALLS.get(platform.machine())
    if sys.platform != "linux" or call is None:
        return None
    told = ctypes.create_string_buffer(_ATTRIBUTES.size)
    syscall = ctypes.CDLL(None, use_errno=True).syscall
    if syscall(call + 1, pid, told, _ATTRIBUTES.size, 0):
        return None
    return int(_ATTRIBUTES.unpack(told.raw)[5])


def give_way(pid: int) -> None:
    """Let everything else on this machine go before the process *pid*, from now on."""
    with contextlib.suppress(OSError):
        os.setpriority(os.PRIO_PROCESS, pid, _POLITE)
        if sys.platform == "linux":  # there even the lowest gets its turn
            os.sched_setscheduler(pid, os.SCHED_IDLE, os.sched_param(0))
