"""What the tests share: one store, built of the shipped files once per session."""

from __future__ import annotations

import gc
import os
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

import hypothesis
import pytest

from kg.build import Sources, build_store
from kg.config import Settings
from kg.graph import KnowledgeGraph
from tests import store_kinds
from tests.small_store import GRACE_SECONDS, build_small
from tests.store_kinds import as_kind, copied, left

hypothesis.settings.register_profile("any speed", deadline=None)
hypothesis.settings.load_profile("any speed")

LONGEST = (
    "test_remote_stores.py",
    "test_docs.py",
    "test_clients.py",
    "test_store_kinds.py",
    "test_bench.py",
    "test_footprints.py",
)
"""Modules with single tests of many seconds: begun first, they do not end last."""


def pytest_addoption(parser):
    parser.addoption(
        "--long", action="store_true", help="run the tests that take minutes too"
    )
    parser.addoption(
        "--store-kind",
        choices=store_kinds.KINDS,
        default=store_kinds.EMBEDDED,
        help="what holds the data of the tests: directories, or stores behind a URL",
    )


@pytest.hookimpl(trylast=True)
def pytest_configure():
    """Let the engine's rows be collected by whichever thread comes to do that.

    The engine says so where the rows of an answer that could not be read to its end,
    and that a traceback holds, are found by another thread's garbage collection.
    """
    told = sys.unraisablehook

    def tell(found):
        if "unsendable, but is being dropped" not in str(found.exc_value):
            told(found)

    sys.unraisablehook = tell


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers():
    """Have more processes than processors: tests sleep, and wait for what they start.

    None leaves it to the environment.
    """
    if "PYTEST_XDIST_AUTO_NUM_WORKERS" in os.environ:
        return None
    return _processors() + 1


def _processors():
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def pytest_collection_modifyitems(config, items):
    items.sort(key=lambda item: item.path.name not in LONGEST)
    store_kinds.chosen = config.getoption("--store-kind")
    if store_kinds.chosen != store_kinds.EMBEDDED:
        for item in items:
            for marker in item.iter_markers("embedded"):
                item.add_marker(pytest.mark.skip(reason=marker.args[0]))
    if not config.getoption("--long"):
        skip = pytest.mark.skip(reason="takes minutes; run with --long")
        for item in items:
            if item.get_closest_marker("long"):
                item.add_marker(skip)


def pytest_collection_finish():
    """Look for garbage among what the tests make, not among all that is imported."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session", autouse=True)
def hurry():
    """Wait but a moment for answers from a store that is replaced."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("kg.folder.GRACE_SECONDS", GRACE_SECONDS)
        yield


@pytest.fixture(scope="session")
def store_kind(request):
    """What holds the data: see `tests.store_kinds`."""
    yield request.config.getoption("--store-kind")
    store_kinds.end()


@pytest.fixture(scope="session")
def shipped_store(tmp_path_factory, store_kind):
    """The place of a store of the shipped files; not to be written to."""
    path = tmp_path_factory.mktemp("shipped") / "store"
    built = build_store(path, Sources.shipped())
    assert built.store is not None, [f.message for f in built.findings]
    return as_kind(path, store_kind)


@pytest.fixture(scope="session")
def settings(shipped_store):
    return replace(Settings(), store=shipped_store)


@pytest.fixture(scope="session")
def graph(settings):
    return KnowledgeGraph.open(settings)


@pytest.fixture(scope="session")
def snapshot(graph):
    return graph.snapshot()


@pytest.fixture
def own_store(shipped_store, tmp_path):
    """A copy of the shipped store that a test may change."""
    store = copied(shipped_store, tmp_path / "store")
    yield store
    left(store)


@pytest.fixture
def own_graph(own_store):
    graph = KnowledgeGraph.open(replace(Settings(), store=own_store))
    graph.store.path = own_store  # by which a test of a directory's files is known
    return graph


@pytest.fixture(scope="session")
def small_store_built(tmp_path_factory, store_kind):
    """The place of a small store of another ontology; not to be written to."""
    return as_kind(build_small(tmp_path_factory.mktemp("small")), store_kind)


@pytest.fixture
def quick_path(tmp_path):
    """A folder in memory where there is such a thing: a test that writes a lot there
    need not wait for the disk.
    """
    memory = Path("/dev/shm")  # noqa: S108 only the folder made in it is used
    if not os.access(memory, os.W_OK):
        yield tmp_path
        return
    with tempfile.TemporaryDirectory(dir=memory) as folder:
        yield Path(folder)


@pytest.fixture
def small_store(small_store_built, quick_path):
    """A copy of the small store that a test may change."""
    store = copied(small_store_built, quick_path / "store")
    yield store
    left(store)


@pytest.fixture(scope="session")
def shared():
    """The folder of material that lies beside some checkouts; skips without it."""
    folder = Path(__file__).parent.parent.parent / "shared"
    if not folder.is_dir():
        pytest.skip("the folder shared/ is not beside this checkout")
    return folder
