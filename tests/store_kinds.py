"""The stores of the tests: directories, or, by `--store-kind`, copies behind a URL.

A test that takes the URL for a directory is about the embedded store's files, and is
skipped with that as its reason.
"""

from __future__ import annotations

import shutil
from collections import deque
from contextlib import ExitStack
from pathlib import Path
from typing import NoReturn

import pytest
from pyoxigraph import RdfFormat

from kg.config import Settings
from kg.progress import silent
from kg.remote import Place
from kg.remote.copying import copy_to
from kg.remote.record import DEFAULT, NAMED, VALUE, Record
from kg.store import Snapshot, Store
from kg.stores import open_store
from kg.terms import BASE, MERGED, MERGED_VIEW, RECORD, Quad
from tests.remote_stores import Fleet, FusekiFleet, OxigraphFleet
from tests.sparql_store import SparqlStore, serving

EMBEDDED, REMOTE, UNITED = "embedded", "remote", "united"
_FLEETS = {"oxigraph": OxigraphFleet, "fuseki": FusekiFleet}
KINDS = (EMBEDDED, REMOTE, UNITED, *_FLEETS)
"""Directories; URLs; URLs of stores whose default graph mixes all others; the stores
of others, which `tests.heavy_clients` finds.
"""

chosen = EMBEDDED
"""The kind that `--store-kind` says."""

_served: dict[str, tuple[SparqlStore, Path]] = {}
_fleets: list[Fleet] = []
_small: deque[SparqlStore] = deque()
_AT_ONCE = 8
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
    return _in_fleet(server, path)


def version_of(engine, pointer):
    """Return the version that *engine* holds, in a store of the kind that is chosen.

    Some later ones take the places of earlier ones.
    """
    if chosen == EMBEDDED:
        return Snapshot(engine, pointer)
    view = NAMED if chosen == UNITED else DEFAULT
    record = Record(pointer.version, pointer.origin, BASE, "", view=view)
    server = SparqlStore() if len(_small) < _AT_ONCE else _small.popleft()
    server.engine.clear()
    for quad in engine:
        in_view = view == NAMED and quad.graph_name == MERGED_VIEW
        graph = MERGED if in_view else quad.graph_name
        server.engine.add(Quad(quad.subject, quad.predicate, quad.object, graph))
    server.engine.add(Quad(RECORD, VALUE, record.literal, RECORD))
    _small.append(server)
    if chosen not in _FLEETS:
        if not server.url:
            server.is_united = chosen == UNITED
            _running.enter_context(serving(server))
        return open_store(server.url).snapshot()
    if server.url:
        _fleets[0].end_one(server.url)
    server.url = _in_fleet(server, Path())
    return open_store(str(server.url)).snapshot()


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
    _small.clear()
    _fleets.clear()
    _running.close()


def _in_fleet(server, path):
    """Return the URL of a new store in the fleet that holds what *server* does."""
    if not _fleets:
        _fleets.append(_running.enter_context(_FLEETS[chosen]()))
    dump = server.engine.dump(format=RdfFormat.N_QUADS)
    return _url(_fleets[0].new(dump), server, path)


def _url(place, server, path):
    url = Url(place)
    _served[url] = server, path.parent
    return url
