"""Where a SPARQL store is, and what opens it: addresses, credentials, certificates."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit, urlunsplit

from kg.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Mapping

_VARIABLES = {
    "user": "EXEQUATUR_STORE_USER",
    "password": "EXEQUATUR_STORE_PASSWORD",
    "token": "EXEQUATUR_STORE_TOKEN",
    "authorities": "EXEQUATUR_STORE_CA",
}


_ODD = re.compile(r"[\s\x00-\x1f<>\"{}|\\^`]")
"""What no address has unescaped (RFC 3986, section 2)."""


@dataclass(frozen=True, slots=True)
class Place:
    """The addresses of a store for queries and updates, and who asks there.

    *authorities* is a file of certificates to trust besides those of the system.
    """

    url: str
    queries: str
    updates: str
    user: str = ""
    password: str = ""
    token: str = ""
    authorities: str = ""

    @classmethod
    def of(cls, url: str, environ: Mapping[str, str] | None = None) -> Place:
        """Return the place that *url* names.

        It is the address of a dataset (Fuseki, Stardog), a repository (RDF4J,
        GraphDB), a server (Oxigraph), or an endpoint for both (`…/sparql`: Neptune,
        Virtuoso). Credentials are taken from *environ*, the environment if it is None,
        or from before the host. Raise ConfigError.
        """
        try:
            parts = urlsplit(url)
            is_one = bool(parts.hostname) and parts.port != 0 and not _ODD.search(url)
        except ValueError:  # brackets, or a port, that cannot be
            is_one = False
        if not is_one or parts.query or parts.fragment:
            raise ConfigError(
                "this is not the address of a store",
                where=url.rpartition("@")[2],
                advice="write https://host:port/dataset",
            )
        known = os.environ if environ is None else environ
        given = {name: known.get(key, "") for name, key in _VARIABLES.items()}
        if parts.username:
            given["user"] = unquote(parts.username)
            given["password"] = unquote(parts.password or "")
        plain = _bare(url).rstrip("/")
        queries, updates = _endpoints(plain)
        return cls(plain, queries, updates, **given)

    @property
    def is_open_to_all_between(self) -> bool:
        """Tell whether credentials would go over a network in the clear."""
        parts = urlsplit(self.url)
        here = parts.hostname in {"localhost", "127.0.0.1", "::1"}
        return parts.scheme == "http" and not here and bool(self.user or self.token)


def environment(place: Place) -> dict[str, str]:
    """Return the variables by which another process knows who asks at *place*."""
    found = {key: getattr(place, name) for name, key in _VARIABLES.items()}
    return {key: value for key, value in found.items() if value}


def _bare(url: str) -> str:
    """Return *url* without what is a secret."""
    parts = urlsplit(url)
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))


def _endpoints(url: str) -> tuple[str, str]:
    path = urlsplit(url).path
    if path.endswith("/query"):
        return url, f"{url.removesuffix('/query')}/update"
    if path.endswith("/sparql"):
        return url, url
    if "/repositories/" in path:
        return url, f"{url}/statements"
    return f"{url}/query", f"{url}/update"
