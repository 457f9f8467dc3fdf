"""What a reader takes from itself: the network, other programs, more than its memory.

No query can name a host, as the texts are searched for that; this holds where such a
search or the engine fails. On Linux the kernel refuses the calls (seccomp); elsewhere
only the limits hold.
"""

from __future__ import annotations

import contextlib
import ctypes
import errno
import platform
import resource
import struct
import sys

_NO_NEW_PRIVILEGES = 38
_SECCOMP = 22
_FILTER = 2
_ALLOW = 0x7FFF0000
_REFUSE = 0x00050000 | errno.EACCES
_LOAD, _EQUAL, _AT_LEAST, _RETURN = 0x20, 0x15, 0x35, 0x06
_FOREIGN = 0x40000000
"""Calls from here on are those of another ABI of the same processor."""

# socket, socketpair, execve, execveat, ptrace, io_uring_setup
_CALLS = {
    "x86_64": (0xC000003E, (41, 53, 59, 322, 101, 425)),
    "aarch64": (0xC00000B7, (198, 199, 221, 281, 117, 425)),
}
_SOCKETS = 2
"""So many of them, the first ones, are about the network."""

_DESCRIPTORS = 1024


def confine(memory_bytes: int, *, network: bool = False) -> tuple[str, ...]:
    """Set the limits of this process; return the names of those that hold.

    With *network* it may use that: one that asks a remote store has to.
    """
    resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    with contextlib.suppress(ValueError, OSError):
        most = min(_DESCRIPTORS, resource.getrlimit(resource.RLIMIT_NOFILE)[1])
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    walls = ("programs",) if network else ("network", "programs")
    return ("memory", *(walls if _refuse_calls(network=network) else ()))


def _refuse_calls(*, network: bool) -> bool:
    """Have the kernel refuse sockets and programs; tell whether it does."""
    known = _CALLS.get(platform.machine())
    if sys.platform != "linux" or known is None:
        return False
    architecture, calls = known
    program = _program(architecture, calls[_SOCKETS:] if network else calls)
    code = ctypes.create_string_buffer(program, len(program))
    head = struct.pack("HL", len(program) // 8, ctypes.addressof(code))
    prctl = ctypes.CDLL(None, use_errno=True).prctl
    prctl.argtypes = [ctypes.c_int, *[ctypes.c_ulong] * 4]
    if prctl(_NO_NEW_PRIVILEGES, 1, 0, 0, 0):
        return False
    told = ctypes.create_string_buffer(head, len(head))
    return bool(prctl(_SECCOMP, _FILTER, ctypes.addressof(told), 0, 0) == 0)


def _program(architecture: int, calls: tuple[int, ...]) -> bytes:
    """Return the filter (BPF) that refuses *calls* and allows all others."""
    count = len(calls)
    steps = [
        (_LOAD, 0, 0, 4),
        (_EQUAL, 0, count + 3, architecture),
        (_LOAD, 0, 0, 0),
        (_AT_LEAST, count + 1, 0, _FOREIGN),
        *((_EQUAL, count - index, 0, call) for index, call in enumerate(calls)),
        (_RETURN, 0, 0, _ALLOW),
        (_RETURN, 0, 0, _REFUSE),
    ]
    return b"".join(struct.pack("HBBI", *step) for step in steps)
