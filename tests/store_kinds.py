"""The stores of the tests: directories, or, by `--store-kind`, copies behind a URL.

A test that takes the URL for a directory is about the embedded store's files, and is
skipped with that as its reason.
"""

from __future__ import annotations

import shutil
from contextlib import ExitStack
from pathlib import Path
from typing import NoReturn

import pytest
from pyoxigraph import RdfFormat

from kg.config import Settings
from kg.progress import silent
from kg.remote import Place
from kg.remote.copying import copy_to
from kg.remote.record import DEFAULT, NAMED
from kg.store import Store
from tests.remote_stores import Fleet, FusekiFleet, OxigraphFleet
from tests.sparql_store import SparqlStore, serving

EMBEDDED, REMOTE, UNITED = "embedded", "remote", "united"
_FLEETS = {"oxigraph": OxigraphFleet, "fuseki": FusekiFleet}
KINDS = (EMBEDDED, REMOTE, UNITED, *_FLEETS)
"""Directories; URLs; URLs of stores whose default graph mixes all others; the stores
of others, which `tests.heavy_clients` finds.
"""

_served: dict[str, tuple[SparqlStore, Path]] = {}
_fleets: list[Fleet] = []
_running = ExitStack()


class Url(str):
    """The URL of a store in this process."""

    __slots__ = ()

    def __fspath__(self) -> NoReturn:
        pytest.skip("is about the files of the embedded store")

    def __truediv__(self, other) -> NoReturn:
        del other
        self.__fspath__()

    @property
    def parent(self):
        """The folder where a directory would lie, for what lies beside it."""
        return _served[self][1]

    def __getattr__(self, name) -> NoReturn:
        if hasattr(Path, name):
            self.__fspath__()
        raise AttributeError(name)


def as_kind(path, kind):
    """Return the store in the directory *path* as one of *kind*."""
    if kind == EMBEDDED:
        return path
    server = _running.enter_context(serving())
    server.is_united = kind == UNITED
    view = NAMED if server.is_united else DEFAULT
    copy_to(Store(path), Place.of(server.url), view=view, tell=silent)
    if kind not in _FLEETS:
        return _url(server.url, server, path)
    if not _fleets:
        _fleets.append(_running.enter_context(_FLEETS[kind]()))
    return _in_fleet(server, path)


def beside(store):
    """Return the variables by which a server of *store* finds its tokens there."""
    if not isinstance(store, Url):
        return {}
    return {"EXEQUATUR_TOKENS": str(store.parent / Settings().tokens)}


def copied(store, path):
    """Return a copy of *store*: the directory *path*, or another URL."""
    if not isinstance(store, Url):
        shutil.copytree(store, path)
        return path
    original, _ = _served[store]
    if _fleets:
        return _in_fleet(original, path)
    server = _running.enter_context(serving())
    server.is_united = original.is_united
    server.engine.extend(original.engine)
    return _url(server.url, server, path)


def left(store):
    """Have the place of a copy that no test needs any more."""
    if isinstance(store, Url) and _fleets:
        _fleets[0].end_one(store)


def end():
    """End all stores that were made."""
    _served.clear()
    _fleets.clear()
    _running.close()


def _in_fleet(server, path):
    """Return the URL of a new store in the fleet that holds what *server* does."""
    dump = server.engine.dump(format=RdfFormat.N_QUADS)
    return _url(_fleets[0].new(dump), server, path)


def _url(place, server, path):
    url = Url(place)
    _served[url] = server, path.parent
    return url
