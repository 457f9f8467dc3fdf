"""A load balancer before several stores, which asks one after another."""

from __future__ import annotations

from contextlib import contextmanager
from itertools import count

import urllib3

from tests.sparql_store import serving

_SECONDS = 60


@contextmanager
def balancing(addresses):
    """Pass each request on to the next of *addresses*`()` that is up; yield the URL."""
    turn, http = count(), urllib3.PoolManager(retries=False, timeout=_SECONDS)

    def passed_on(handler, body):
        urls, at = addresses(), next(turn)
        headers = {name: handler.headers[name] for name in ("Accept", "Content-Type")}
        headers["Connection"] = "close"
        for step in range(len(urls)):
            url = urls[(at + step) % len(urls)] + handler.path
            try:
                answer = http.request("POST", url, body=body, headers=headers)
            except urllib3.exceptions.NewConnectionError:
                continue
            kind = answer.headers.get("Content-Type", "text/plain")
            handler.send(answer.status, kind, answer.data)
            return True
        handler.send(503, "text/plain", b"no store is up")
        return True

    with serving() as before:
        before.answer = passed_on
        yield before.url
