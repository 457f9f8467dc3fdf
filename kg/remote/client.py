"""Speak the SPARQL 1.1 Protocol with a store: one request, one answer, or an error."""

from __future__ import annotations

import contextlib
import math
import ssl
import time
from typing import IO, TYPE_CHECKING, cast
from urllib.parse import urlencode

import urllib3
from pyoxigraph import QueryResultsFormat, RdfFormat, parse, parse_query_results

from kg.errors import ConfigError, StoreRefusedError
from kg.remote.failures import (
    GatewayError,
    LostError,
    SlowError,
    refused,
    short,
    slow,
    unreachable,
    untrusted,
)
from kg.remote.transactions import QUERY, UPDATE, Transactions
from kg.terms import Triple

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from pyoxigraph import QueryBoolean, QuerySolutions
    from urllib3 import BaseHTTPResponse

    from kg.remote.place import Place
    from kg.remote.updates import Guarded

_JSON = "application/sparql-results+json"
_FORM = "application/x-www-form-urlencoded"
_NTRIPLES = "application/n-triples"
_MOST_IN_ADDRESS = 4_000
_CONNECT_SECONDS = 5.0
_GRACE_SECONDS = 2.0
_LEAST_PER_SECOND = 1024
"""An answer that comes in fewer bytes a second is not waited for to its end."""

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
        self._http = urllib3.PoolManager(
            maxsize=8,
            retries=False,
            ssl_context=_trusting(place),
        )
        self._headers = {"User-Agent": "exequatur", **_credentials(place)}
        self._transactions = Transactions(self, place.queries)

    def select(
        self, sparql: str, dataset: Mapping[str, list[str]] | None = None
    ) -> QuerySolutions | QueryBoolean:
        """Return what a SELECT or an ASK finds, read while it comes.

        *dataset* has the graphs that the protocol's parameters name.
        """
        stream = self._ask(sparql, _JSON, dataset)
        self._require(stream, "JSON", "json")
        with reading(self.place):
            return parse_query_results(
                cast("IO[bytes]", stream),
                format=QueryResultsFormat.JSON,
            )

    def construct(
        self, sparql: str, dataset: Mapping[str, list[str]] | None = None
    ) -> Iterator[Triple]:
        """Return the triples of a CONSTRUCT, read while they come."""
        stream = self._ask(sparql, _NTRIPLES, dataset)
        self._require(stream, "N-Triples", _NTRIPLES, "text/plain")
        lengths = ("Content-Length", "Transfer-Encoding")
        if not any(name in stream.headers for name in lengths):
            # Cut off between two lines, N-Triples would look whole.
            raise StoreRefusedError(
                "the store's answer does not say where it ends",
                where=self.place.queries,
                advice="ask it by HTTP 1.1, without a proxy that speaks an older one",
            )
        return self._triples(cast("IO[bytes]", stream))

    def _require(self, stream: _Telling, name: str, *kinds: str) -> None:
        """Raise StoreRefusedError where the answer says that it is none of *kinds*."""
        told = stream.headers.get("Content-Type", "").lower()
        if not any(kind in told for kind in kinds):
            stream.close()
            raise StoreRefusedError(
                f"the answer is not in {name}, but {told or 'of no type'}: no SPARQL"
                " endpoint gives that",
                where=self.place.queries,
                advice="give the address of the dataset, as https://host:port/dataset",
            )

    def _triples(self, stream: IO[bytes]) -> Iterator[Triple]:
        with reading(self.place):
            for quad in parse(stream, format=RdfFormat.N_TRIPLES):
                yield Triple(quad.subject, quad.predicate, quad.object)

    def update(self, sparql: str) -> None:
        """Have the store do an update.

        Raise LostError or FailedError where it may or may not have done it, another
        StoreError where it did not.
        """
        self.send("POST", self.place.updates, sparql, UPDATE)

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
        with _lost(self.place):
            return answer.headers, answer.read()

    def _patience(self, seconds: float) -> urllib3.Timeout:
        """Return how long to wait: a while more for who was told to stop in time."""
        more = _GRACE_SECONDS if self._takes_limits else 0.0
        return urllib3.Timeout(connect=_CONNECT_SECONDS, read=seconds + more)

    def _ask(
        self, sparql: str, accept: str, dataset: Mapping[str, list[str]] | None
    ) -> _Telling:
        fields = [(key, one) for key, all_ in (dataset or {}).items() for one in all_]
        limit = max(1, math.ceil(self._seconds))
        if self._takes_limits:
            fields.append(("timeout", str(limit)))
        # RDF4J ends an answer that takes longer as if it were whole.
        until = time.monotonic() + limit if self._is_repository else math.inf
        url, kind, body = self.place.queries, _FORM, sparql.encode()
        beside = urlencode(fields)
        if self._is_repository and len(beside) < _MOST_IN_ADDRESS:
            # Servlet containers take no long form: Tomcat of 2 MB, Jetty of 200 kB.
            url, kind = f"{url}?{beside}", QUERY
        else:
            body = urlencode([("query", sparql), *fields]).encode()
        headers = {"Accept": accept, "Content-Type": f"{kind};charset=utf-8"}
        try:
            answer = self._send("POST", url, body, headers)
        except (GatewayError, SlowError):
            raise
        except LostError:  # a connection that was kept had been closed: ask once more
            answer = self._send("POST", url, body, headers)
        return _Telling(answer, self.place, self._seconds, until)

    def _send(
        self,
        method: str,
        url: str,
        body: bytes,
        headers: dict[str, str],
        seconds: float | None = None,
    ) -> BaseHTTPResponse:
        self.requests += 1
        patience = self._patience(self._seconds if seconds is None else seconds)
        with _lost(self.place):
            answer = self._http.request(
                method,
                url,
                body=body,
                headers=self._headers | headers,
                timeout=patience,
                preload_content=False,
                redirect=False,
            )
        self._takes_limits |= "Fuseki-Request-Id" in answer.headers
        if answer.status not in {200, 201, 202, 204}:
            with _lost(self.place):
                raise refused(answer, url)
        return answer


class _Telling:
    """A body whose breaking off, or dripping for *seconds*, is an error of ours.

    What comes after *until* is taken for broken off.
    """

    def __init__(
        self, answer: BaseHTTPResponse, place: Place, seconds: float, until: float
    ) -> None:
        self.headers: Mapping[str, str] = answer.headers
        self._answer = answer
        self._place = place
        self._seconds = seconds
        self._until = until
        self._waited = 0.0
        self._bytes = 0

    def close(self) -> None:
        """Read no more."""
        self._answer.close()

    def read(self, size: int = -1) -> bytes:
        """Return up to *size* bytes, and none when there are no more."""
        began = time.monotonic()
        with _lost(self._place):
            found = self._answer.read1(None if size < 0 else size) or b""
        self._waited += time.monotonic() - began
        self._bytes += len(found)
        if time.monotonic() > self._until:
            self._answer.close()
            raise slow(self._place)
        if not found:
            self._answer.release_conn()
        elif self._waited > max(self._seconds, self._bytes / _LEAST_PER_SECOND):
            self._answer.close()
            raise slow(self._place)
        return found


@contextlib.contextmanager
def _lost(place: Place) -> Iterator[None]:
    try:
        yield
    except urllib3.exceptions.SSLError as why:
        raise untrusted(place, why) from why
    except urllib3.exceptions.NewConnectionError as why:
        raise unreachable(place, why) from why
    except urllib3.exceptions.ConnectTimeoutError as why:
        raise unreachable(place, why) from why
    except urllib3.exceptions.ReadTimeoutError as why:
        raise slow(place) from why
    except (urllib3.exceptions.HTTPError, OSError) as why:
        raise LostError(
            f"the connection to the store broke ({short(why)})",
            where=place.url,
            advice="see whether it is running, and try again",
        ) from why


@contextlib.contextmanager
def reading(place: Place) -> Iterator[None]:
    """Raise StoreRefusedError where what the store answers is no answer."""
    try:
        yield
    except (SyntaxError, ValueError) as why:
        raise StoreRefusedError(
            f"the store's answer cannot be read ({short(why)})",
            where=place.queries,
            advice="see `kg store check`, and what the store's log says",
        ) from why


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
