"""A repository of RDF4J's REST API in this process, with its transactions.

(https://rdf4j.org/documentation/reference/rest-api/.) A transaction keeps what it has
asked and what it is to do. At its end, in SERIALIZABLE, it is refused if what it asked
has another answer then, as RDF4J does it; in any other isolation it is done all the
same. An update by itself is done when it comes.
"""

from __future__ import annotations

import secrets
from contextlib import contextmanager
from urllib.parse import parse_qs, urlsplit

from tests.sparql_store import Handler, SparqlStore, serving

_LEVEL = "transaction-setting__org.eclipse.rdf4j.common.transaction.IsolationLevel"


class Transaction:
    """What is asked, with the answers, and what is to be done."""

    def __init__(self, *, is_serializable):
        self.is_serializable = is_serializable
        self.asked = []
        self.updates = []


class Repository(SparqlStore):
    """A repository; *has_transactions* may be denied."""

    def __init__(self):
        super().__init__()
        self.is_united = True
        self.has_transactions = True
        self.open = {}


@contextmanager
def serving_repository():
    """Serve a repository of no quads, whose default graph mixes all others."""
    with serving(Repository(), _Handler) as store:
        store.url += "/rdf4j-server/repositories/ds"
        yield store


class _Handler(Handler):
    of: Repository

    do_PUT = do_DELETE = Handler.do_POST  # noqa: N815 as the library names them

    def do(self, text):
        parts = urlsplit(self.path)
        fields = parse_qs(parts.query)
        _, _, below = parts.path.partition("/repositories/ds")
        if below == "/statements":
            self._update(text)
        elif below == "/transactions":
            self._begin(fields)
        elif below:
            self._go_on(below.rpartition("/")[2], fields, text)
        elif self.headers["Content-Type"].startswith("application/sparql-query"):
            self.send(200, *self.of.query({**fields, "query": [text]}))
        else:
            self.send(200, *self.of.query(parse_qs(text)))

    def _update(self, text):
        with self.of.turn:
            self.of.engine.update(text)
        self.send(204, "text/plain", b"")

    def _begin(self, fields):
        if not self.of.has_transactions:
            self.send(404, "text/plain", b"unknown")
            return
        name = secrets.token_hex(4)
        is_serializable = fields.get(_LEVEL) == ["SERIALIZABLE"]
        self.of.open[name] = Transaction(is_serializable=is_serializable)
        where = f"http://inside.example{self.path}/{name}"
        self.send(201, "text/plain", b"", Location=where)

    def _go_on(self, name, fields, text):
        if name not in self.of.open:
            self.send(400, "text/plain", b"unable to find registered transaction")
            return
        one, (action,) = self.of.open[name], fields.get("action", ["ROLLBACK"])
        if action == "QUERY":
            answer = self._ask(text)
            one.asked.append((text, answer))
            self.send(200, "text/boolean", answer)
        elif action == "UPDATE":
            one.updates.append(text)
            self.send(204, "text/plain", b"")
        elif action == "COMMIT":
            self._commit(name, one)
        else:
            assert self.command == "DELETE"
            del self.of.open[name]
            self.send(204, "text/plain", b"")

    def _commit(self, name, one):
        with self.of.turn:
            moved = any(self._ask(query) != answer for query, answer in one.asked)
            if moved and one.is_serializable:
                self.send(500, "text/plain", b"Observed State has Changed")
                return
            for update in one.updates:
                self.of.engine.update(update)
            del self.of.open[name]
        self.send(200, "text/plain", b"")

    def _ask(self, query):
        return b"true" if self.of.engine.query(query) else b"false"
