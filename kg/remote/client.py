"""Speak the SPARQL 1.1 Protocol with a store: one request, one answer, or an error."""

from __future__ import annotations

import math
import ssl
import time
from typing import IO, TYPE_CHECKING, cast
from urllib.parse import urlencode

import urllib3
from pyoxigraph import (
    QueryBoolean,
    QueryResultsFormat,
    QuerySolutions,
    RdfFormat,
    parse,
    parse_query_results,
)

from kg.errors import ConfigError, StoreRefusedError
from kg.remote.connections import connections
from kg.remote.failures import AbsentError, GatewayError, LostError, SlowError, refused
from kg.remote.telling import Telling, Triples, lost, reading
from kg.remote.transactions import QUERY, UPDATE, Transactions
from kg.sparql import tokens
from kg.terms import Triple

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from urllib3.response import HTTPResponse

    from kg.remote.place import Place
    from kg.remote.updates import Guarded

_JSON = "application/sparql-results+json"
_TRUE, _FALSE = b'{"head":{},"boolean":true}', b'{"head":{},"boolean":false}'
_FORM = "application/x-www-form-urlencoded"
_NTRIPLES, _PLAIN = "application/n-triples", "text/plain"
_MOST_IN_ADDRESS = 4_000
_LONG_FORM = 100_000
"""Servlet containers take no long forms: Tomcat of 2 MB, Jetty of 200 kB."""

_CONNECT_SECONDS = 5.0
_GRACE_SECONDS = 2.0
_LEAST_DONE_PER_SECOND = 500_000
"""A store that does fewer bytes of an update a second is not waited for."""


class Client:
    """Asks the store at *place*; no answer may take longer than *seconds* to begin.

    Those that can be told are told so, to stop a query by themselves. It may be shared
    by threads. *requests* says how many it has made.
    """

    def __init__(self, place: Place, *, seconds: float = 60.0) -> None:
        self.place = place
        self.requests = 0
        self._seconds = seconds
        self._is_repository = "/repositories/" in place.queries  # RDF4J, GraphDB
        self._takes_limits = self._is_repository
        self._no_forms = False
        self._http = connections(_trusting(place))
        self._headers = {"User-Agent": "exequatur", **_credentials(place)}
        self._transactions = Transactions(self, place.queries)

    def select(
        self, sparql: str, dataset: Mapping[str, list[str]] | None = None
    ) -> QuerySolutions | QueryBoolean:
        """Return what a SELECT or an ASK finds, read while it comes.

        *dataset* has the graphs that the protocol's parameters name.
        """
        stream = self._ask(sparql, _JSON, dataset)
        stream.require("JSON", "json")
        with reading(self.place):
            found = _parsed(cast("IO[bytes]", stream))
            if _is_ask(sparql) == isinstance(found, QueryBoolean):
                return found
            if isinstance(found, QuerySolutions) and _is_truth(found):
                return _parsed(_TRUE if any(True for _ in found) else _FALSE)
        stream.close()
        raise StoreRefusedError(
            "the store answers another kind of query than it was asked",
            where=self.place.queries,
            advice="see `kg store check`, and what lies between",
        )

    def construct(
        self, sparql: str, dataset: Mapping[str, list[str]] | None = None
    ) -> Iterator[Triple]:
        """Return the triples of a CONSTRUCT, read while they come."""
        # Older stores know N-Triples by their older type alone.
        stream = self._ask(sparql, f"{_NTRIPLES}, {_PLAIN};q=0.5", dataset)
        stream.require("N-Triples", _NTRIPLES, _PLAIN)
        stream.require_end()  # cut off between two lines, N-Triples would look whole
        return self._triples(cast("IO[bytes]", Triples(stream)))

    def _triples(self, stream: IO[bytes]) -> Iterator[Triple]:
        with reading(self.place):
            for quad in parse(stream, format=RdfFormat.N_TRIPLES):
                yield Triple(quad.subject, quad.predicate, quad.object)

    def update(self, sparql: str) -> None:
        """Have the store do an update.

        Raise LostError or FailedError where it may or may not have done it, another
        StoreError where it did not.
        """
        try:
            self.send("POST", self.place.updates, sparql, UPDATE)
        except AbsentError as why:
            raise StoreRefusedError(
                f"the store takes no updates: {why.message}",
                where=self.place.updates,
                advice="it may be read-only, or speak SPARQL 1.0: have it take SPARQL"
                " 1.1 Update (Fuseki: --update), or give another address",
            ) from why

    def commit(self, change: Guarded) -> None:
        """Have the store do a change, one after another with those of all others.

        In a transaction, where the store has them over HTTP. Raise as `update` does.
        """
        if not (self._is_repository and self._transactions.commit(change)):
            self.update(change.operation)

    def has_transactions(self) -> bool | None:
        """Tell whether commits are transactions; None where the place has no such API.

        Raise StoreUnreachableError where the store does not answer.
        """
        return self._transactions.are_had() if self._is_repository else None

    def send(
        self,
        method: str,
        url: str,
        text: str = "",
        kind: str = "text/plain",
        *,
        accept: str = "*/*",
        seconds: float | None = None,
    ) -> tuple[Mapping[str, str], bytes]:
        """Have the store do something, and return the header and body of its answer.

        *text* is of the media type *kind*; a long one may take longer than *seconds*.
        Raise as `update` does.
        """
        headers = {"Content-Type": f"{kind};charset=utf-8", "Accept": accept}
        seconds = self._seconds if seconds is None else seconds
        seconds += len(text) / _LEAST_DONE_PER_SECOND
        answer = self._send(method, url, text.encode(), headers, seconds)
        return answer.headers, Telling(answer, self.place, seconds).beginning()

    def _patience(self, seconds: float) -> urllib3.Timeout:
        """Return how long to wait: a while more for who was told to stop in time."""
        more = _GRACE_SECONDS if self._takes_limits else 0.0
        return urllib3.Timeout(connect=_CONNECT_SECONDS, read=seconds + more)

    def _ask(
        self, sparql: str, accept: str, dataset: Mapping[str, list[str]] | None
    ) -> Telling:
        fields = [(key, one) for key, all_ in (dataset or {}).items() for one in all_]
        limit = max(1, math.ceil(self._seconds))
        if self._takes_limits:
            fields.append(("timeout", str(limit)))
        # RDF4J ends an answer that takes longer as if it were whole.
        until = time.monotonic() + limit if self._is_repository else math.inf
        beside = urlencode(fields)
        is_short = len(beside) < _MOST_IN_ADDRESS
        is_long = len(sparql) > _LONG_FORM and is_short
        answer = None
        if not (is_short and self._is_repository) and not (is_long and self._no_forms):
            form = urlencode([("query", sparql), *fields]).encode()
            try:
                answer = self._asked(self.place.queries, _FORM, form, accept, sparql)
            except StoreRefusedError:
                if not is_long:
                    raise
                self._no_forms = True
        if answer is None:
            url = f"{self.place.queries}{'?' if beside else ''}{beside}"
            answer = self._asked(url, QUERY, sparql.encode(), accept, sparql)
        return Telling(answer, self.place, self._seconds, until)

    def _asked(
        self, url: str, kind: str, body: bytes, accept: str, sparql: str
    ) -> HTTPResponse:
        """Return the answer; a connection that was kept may have been closed."""
        headers = {"Accept": accept, "Content-Type": f"{kind};charset=utf-8"}
        try:
            return self._send("POST", url, body, headers, asked=sparql)
        except (GatewayError, SlowError):
            raise
        except LostError:
            return self._send("POST", url, body, headers, asked=sparql)

    def _send(
        self,
        method: str,
        url: str,
        body: bytes,
        headers: dict[str, str],
        seconds: float | None = None,
        *,
        asked: str = "",
    ) -> HTTPResponse:
        self.requests += 1
        patience = self._patience(self._seconds if seconds is None else seconds)
        with lost(self.place):
            answer = cast(
                "HTTPResponse",
                self._http.request(
                    method,
                    url,
                    body=body,
                    headers=self._headers | headers,
                    timeout=patience,
                    preload_content=False,
                    decode_content=False,
                    redirect=False,
                ),
            )
        self._takes_limits |= "Fuseki-Request-Id" in answer.headers
        if answer.status not in {200, 201, 202, 204}:
            raise refused(answer, url, asked)
        return answer


def _parsed(answer: bytes | IO[bytes]) -> QuerySolutions | QueryBoolean:
    return parse_query_results(answer, format=QueryResultsFormat.JSON)


def _is_ask(sparql: str) -> bool:
    forms = (token for token in tokens(sparql) if token.is_word("ASK", "SELECT"))
    return next(forms).is_word("ASK")


def _is_truth(found: QuerySolutions) -> bool:
    """Tell whether *found* is how Virtuoso answers an ASK: by a row, or none."""
    return [one.value for one in found.variables] == ["__ASK_RETVAL"]


def _trusting(place: Place) -> ssl.SSLContext:
    context = ssl.create_default_context()
    if place.authorities:
        try:
            context.load_verify_locations(place.authorities)
        except OSError as why:
            raise ConfigError(
                f"the certificates cannot be read ({why.strerror or why})",
                where=place.authorities,
            ) from why
    return context


def _credentials(place: Place) -> dict[str, str]:
    if place.token:
        return {"Authorization": f"Bearer {place.token}"}
    if place.user:
        given = f"{place.user}:{place.password}"
        return dict(urllib3.make_headers(basic_auth=given))
    return {}
