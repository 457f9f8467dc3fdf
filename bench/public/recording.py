"""An endpoint that knows nothing, and remembers what it was asked."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from urllib.parse import parse_qs, urlsplit

RESULTS = "application/sparql-results+xml"
GRAPH = "application/rdf+xml"
_NOTHING = {
    RESULTS: b'<?xml version="1.0"?><sparql xmlns="http://www.w3.org/2005/sparql-'
    b'results#"><head/><results/></sparql>',
    GRAPH: b'<?xml version="1.0"?><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-'
    b'rdf-syntax-ns#"/>',
}


@contextmanager
def recorded() -> Iterator[tuple[str, list[str]]]:
    """Yield the address of an endpoint, and the list of the queries it was asked.

    Each is answered with no rows, or with a graph without triples, in XML.
    """
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.extend(parse_qs(urlsplit(self.path).query)["query"])
            kind = GRAPH if GRAPH in self.headers.get("Accept", "") else RESULTS
            self.send_response(200)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(_NOTHING[kind])))
            self.end_headers()
            self.wfile.write(_NOTHING[kind])

        def log_message(self, format: str, *args: object) -> None:
            """Tell nobody."""

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/sparql", asked
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
