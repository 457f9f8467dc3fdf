"""A way between a client and a store that breaks where it is told to."""

from __future__ import annotations

import socket
import threading
from contextlib import contextmanager, suppress

_UPDATE, _GUARD = b"/update HTTP", b"WHERE {"


STAGES = {
    "begin": b"/transactions?",
    "check": b"action=QUERY",
    "change": b"action=UPDATE",
    "commit": b"action=COMMIT",
}
"""The requests of a commit in a transaction, by what their addresses have."""


def stage(name):
    """Return what tells the request *name* of a transaction from others."""
    return lambda sent: STAGES[name] in sent.partition(b"\r\n")[0]


class Way:
    """Passes on what is sent to *port*; of the next commit, only so many bytes.

    *is_commit* tells one from other requests.

    With *asked* bytes of the request passed on it breaks; with *told* of the answer,
    the store has done what it was asked.
    """

    def __init__(self, port, is_commit=lambda sent: _UPDATE in sent and _GUARD in sent):
        self._target = port
        self.is_commit = is_commit
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self.asked = self.told = None
        self.broken = 0

    @contextmanager
    def open(self):
        threading.Thread(target=self._accept, daemon=True).start()
        try:
            yield self
        finally:
            self._listener.close()

    def _accept(self):
        with suppress(OSError):
            while True:
                near, _ = self._listener.accept()
                threading.Thread(target=self._serve, args=[near], daemon=True).start()

    def _serve(self, near):
        far = socket.create_connection(("127.0.0.1", self._target))
        with near, far, suppress(OSError):
            while True:
                request = _message(near)
                if not request:
                    return
                asked, told = self.asked, self.told
                if not self.is_commit(request) or (asked is None and told is None):
                    far.sendall(request)
                    near.sendall(_message(far))
                    continue
                self.asked = self.told = None
                self.broken += 1
                far.sendall(request if asked is None else request[:asked])
                if told is not None:
                    near.sendall(_message(far)[:told])
                return


def _message(stream):
    """Return one HTTP message with a length, or none; empty at the end."""
    data = b""
    while b"\r\n\r\n" not in data:
        more = stream.recv(65536)
        if not more:
            return data
        data += more
    head, _, body = data.partition(b"\r\n\r\n")
    if b"transfer-encoding: chunked" in head.lower():
        while not body.endswith(b"0\r\n\r\n"):
            body += stream.recv(65536)
        return head + b"\r\n\r\n" + body
    length = 0
    for line in head.split(b"\r\n")[1:]:
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            length = int(value)
    while len(body) < length:
        body += stream.recv(65536)
    return head + b"\r\n\r\n" + body
