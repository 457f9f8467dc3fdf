"""A SPARQL store in this process, which can be made to misbehave."""

from __future__ import annotations

import socket
import threading
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs

from pyoxigraph import (
    DefaultGraph,
    NamedNode,
    QueryBoolean,
    QueryResultsFormat,
    QuerySolutions,
    RdfFormat,
    Store,
)


class SparqlStore:
    """What it holds, and how it misbehaves: *answer* may answer a request itself."""

    def __init__(self):
        self.engine = Store()
        self.requests = []
        self.answer = None
        self.url = ""
        self.turn = threading.Lock()
        self.is_united = False
        self.connections = set()

    def query(self, fields):
        default = [NamedNode(name) for name in fields.get("default-graph-uri", ())]
        named = [NamedNode(name) for name in fields.get("named-graph-uri", ())]
        chosen = bool(default or named)
        found = self.engine.query(
            fields["query"][0],
            default_graph=[*default] if chosen else None,
            named_graphs=[*named] if chosen else None,
            use_default_graph_as_union=self.is_united and not chosen,
        )
        if isinstance(found, QuerySolutions | QueryBoolean):
            return "application/sparql-results+json", found.serialize(
                format=QueryResultsFormat.JSON
            )
        return "application/n-triples", found.serialize(format=RdfFormat.N_TRIPLES)

    def close_connections(self):
        """Close all connections that are kept, as a store that restarts does."""
        for one in list(self.connections):
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)

    def quads(self):
        """Return all that it holds, by graph names that are text."""
        return {
            (
                "" if isinstance(q.graph_name, DefaultGraph) else q.graph_name.value,
                str(q.triple),
            )
            for q in self.engine
        }


@contextmanager
def serving(store=None, kind=None, port=0):
    """Serve a store of no quads at a free port, by a *kind* of handler."""
    store = store or SparqlStore()
    server = _Server(("127.0.0.1", port), _handler(store, kind or Handler))
    server.daemon_threads = True
    store.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, args=[0.02], daemon=True)
    thread.start()
    try:
        yield store
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _Server(ThreadingHTTPServer):
    def handle_error(self, *_):
        """Say nothing of a client that has gone."""


def _handler(store, kind):
    return type("OfStore", (kind,), {"of": store})


class Handler(BaseHTTPRequestHandler):
    """Answers requests to a store."""

    protocol_version = "HTTP/1.1"
    wbufsize = 65536
    disable_nagle_algorithm = True
    of: SparqlStore

    def setup(self):
        """Note the connection."""
        super().setup()
        self.of.connections.add(self.connection)

    def finish(self):
        """Forget the connection."""
        self.of.connections.discard(self.connection)
        with suppress(OSError):
            super().finish()

    def log_message(self, *_):
        """Say nothing."""

    def do_POST(self):
        length = int(self.headers["Content-Length"])
        body = self.rfile.read(length)
        if len(body) < length:  # the client has gone
            return
        self.of.requests.append((self.path, self.headers, body))
        if self.of.answer is not None and self.of.answer(self, body):
            return
        try:
            self.do(body.decode())
        except (SyntaxError, ValueError, RuntimeError) as error:
            self.send(400, "text/plain", str(error).encode())

    def do(self, text):
        if self.path.endswith("/update"):
            with self.of.turn:
                self.of.engine.update(text)
            self.send(204, "text/plain", b"")
        else:
            self.send(200, *self.of.query(parse_qs(text)))

    def send(self, status, kind, body, **headers):
        self.send_response(status)
        self.send_header("content-type", kind)  # as Oxigraph server writes it
        for name, value in headers.items():
            self.send_header(name, value)
        if status != 204:
            self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


@contextmanager
def taking(*, pause):
    """Take in requests, with a *pause* after each megabyte, and say that all is done.

    Yield the URL, and what tells how many bytes were taken in.
    """
    taken, over = [0], threading.Event()

    def take(stream):
        while not over.is_set():
            data = stream.recv(1_000_000)
            taken[0] += len(data)
            if not data or (data.endswith(b"#") and taken[0] > 20_000_000):
                return
            over.wait(pause)

    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve():
            with suppress(OSError):
                there, _ = server.accept()
                with there:
                    take(there)
                    there.sendall(b"HTTP/1.1 204 No Content\r\n\r\n")

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}", lambda: taken[0]
        over.set()
        thread.join()
