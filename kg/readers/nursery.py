"""The nursery of readers: a process that has imported all they need, and forks them.

A reader that starts from nothing imports for a fifth of a second, at the expense of
who asks meanwhile. One that is forked shares what is imported, and is there at once.
"""

from __future__ import annotations

import contextlib
import errno
import gc
import os
import socket
import struct
import subprocess
import sys
import threading
import traceback
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_ASKED = struct.Struct("!cq")
_TOLD = struct.Struct("!q")
_BEAR, _BURY = b"b", b"d"
_STANDARD = 3
"""So many descriptors every process has at least."""

# Ctrl-C is the parent's to handle, from before the long import on.
_PROGRAM = """
import signal, sys
signal.signal(signal.SIGINT, signal.SIG_IGN)
from kg.readers.child import nurse
nurse(*sys.argv[1:])
"""
# glibc reserves 64 MB of address space for each thread, which the limit would count.
_FEW_ARENAS = {"MALLOC_ARENA_MAX": "2"}
# It keeps 7 pieces of a size at hand, where an engine frees and wants hundreds: with
# more of them a query takes a tenth less time. Whoever sets this knows better.
_MANY_PIECES = {"GLIBC_TUNABLES": "glibc.malloc.tcache_count=500"}


class Nursery:
    """The nursery, seen from its parent; *arguments* are those of every reader.

    Its process is started when it is needed, and again where it was ended. It ends
    with this one, and its readers end with it.
    """

    def __init__(self, arguments: Sequence[str]) -> None:
        self._arguments = arguments
        self._guard = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._line: socket.socket | None = None

    def bear(self, *shared: int) -> int:
        """Fork a reader; return its id.

        Its standard input, output and errors are those *shared* descriptors. Raise
        OSError where the system has no process left.
        """
        with self._guard:
            try:
                told = self._call(_BEAR, 0, shared)
            except (OSError, EOFError):  # it was ended: with another, then
                self._end()
                told = self._call(_BEAR, 0, shared)
        if told < 0:
            raise OSError(-told, os.strerror(-told))
        return told

    def bury(self, pid: int) -> int | None:
        """Wait for the end of the reader *pid*; return its exit code, None if unknown.

        As with `subprocess`, a negative number is that of the signal that ended it.
        """
        with self._guard, contextlib.suppress(OSError, EOFError):
            if self._line is not None:
                return self._call(_BURY, pid)
        return None

    def close(self) -> None:
        """End the process, and with it whatever readers are left."""
        with self._guard:
            self._end()

    def _call(self, what: bytes, number: int, shared: Sequence[int] = ()) -> int:
        line = self._line or self._start()
        socket.send_fds(line, [_ASKED.pack(what, number)], shared)
        told = line.recv(_TOLD.size, socket.MSG_WAITALL)
        if len(told) < _TOLD.size:
            raise EOFError
        return int(_TOLD.unpack(told)[0])

    def _start(self) -> socket.socket:
        self._line, theirs = socket.socketpair()
        with theirs:
            self._process = subprocess.Popen(  # noqa: S603 this very package
                # -P: what lies in the present folder is not to be imported.
                [sys.executable, "-P", "-c", _PROGRAM, str(theirs.fileno()),
                 *self._arguments],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                pass_fds=[theirs.fileno()],
                env=_MANY_PIECES | os.environ | _FEW_ARENAS,
            )  # fmt: skip
        return self._line

    def _end(self) -> None:
        if self._line is not None:
            self._line.close()
        if self._process is not None:
            self._process.kill()
            self._process.wait()
        self._line = self._process = None


def serve(line: socket.socket, live: Callable[[], object]) -> None:
    """Do what the parent asks on *line* until it has gone; a reader does *live*.

    The process must have no thread but this: the others would be missing in a fork.
    """
    gc.freeze()  # what is shared stays shared
    with contextlib.suppress(ConnectionError):  # it has gone before it was told
        while True:
            asked, shared, _, _ = socket.recv_fds(line, _ASKED.size, _STANDARD)
            if len(asked) < _ASKED.size:
                return
            what, number = _ASKED.unpack(asked)
            told = _bear(line, shared, live) if what == _BEAR else _bury(number)
            line.sendall(_TOLD.pack(told))


def _bear(
    line: socket.socket, shared: Sequence[int], live: Callable[[], object]
) -> int:
    try:
        pid = os.fork()
    except OSError as error:
        pid = -(error.errno or errno.EAGAIN)
    if pid == 0:
        line.close()
        _live(shared, live)
    for descriptor in shared:
        os.close(descriptor)
    return pid


def _live(shared: Sequence[int], live: Callable[[], object]) -> None:
    """Be a reader, whose standard input, output and errors are *shared*, and end."""
    code = 1
    try:
        for standard, descriptor in enumerate(shared):
            os.dup2(descriptor, standard)
            os.close(descriptor)
        live()
        code = 0
    except BaseException:  # noqa: BLE001 nothing may return into the nursery
        traceback.print_exc()
    finally:
        os._exit(code)


def _bury(pid: int) -> int:
    try:
        return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    except ChildProcessError:
        return 0
