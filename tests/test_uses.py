"""How often terms are used: kept with each version, and what counting would give."""

from __future__ import annotations

import random
import re
from inspect import unwrap

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyoxigraph import Store as Engine

from kg.backup import backup, restore
from kg.change import Change
from kg.erasure import erase
from kg.folder import Pointer
from kg.overview import count_quads, count_triples, overview
from kg.snapshot import Snapshot
from kg.statistics import uses
from kg.store import Store
from kg.terms import MERGED_VIEW, TYPE, NamedNode, Quad
from kg.uses import counted, file_of
from kg.verify import rebuild, verify_store
from tests.small_store import EX, add, open_small, stating

pytestmark = pytest.mark.embedded("only a directory keeps the uses of terms")

TERMS = [NamedNode(f"{EX}{name}") for name in "abc"]
GRAPHS = [MERGED_VIEW, NamedNode(f"{EX}g")]
QUADS = st.frozensets(
    st.builds(
        Quad,
        st.sampled_from(TERMS),
        st.sampled_from([*TERMS[:2], TYPE]),
        st.sampled_from(TERMS),
        st.sampled_from(GRAPHS),
    )
)
FACTS = [
    "ex:port ex:near ex:land .",
    "ex:land ex:within ex:world .",
    "ex:world ex:within ex:all .",
    "ex:mill a ex:Place .",
    'ex:quay a ex:Town ; rdfs:label "Quay"@en ; ex:within ex:port .',
    "ex:port ex:within ex:world .",
    "ex:mill ex:near ex:mill , ex:quay .",
]


@pytest.fixture
def small(small_store):
    return open_small(small_store)


@given(QUADS, QUADS, QUADS)
def test_a_change_adjusts_the_uses(held, added, removed):
    engine = Engine()
    engine.extend(held)
    before = Snapshot(engine, Pointer(1, "x"))
    adjusted = counted(before.query, len(before)).changed(before, added, removed)
    for quad in removed:
        engine.remove(quad)
    engine.extend(added)
    assert adjusted == counted(before.query, len(engine))


def require_right(store):
    here = store.snapshot()
    assert here.uses == counted(here.query, len(here))
    assert count_quads(here) == len(here)
    assert count_triples(here) == sum(1 for _ in here.quads(graph=MERGED_VIEW))


@pytest.mark.parametrize("seed", range(2))
def test_the_uses_are_right_after_every_commit(small, tmp_path, seed):
    chances, copy = random.Random(seed), tmp_path / "copy"
    require_right(small.store)
    for step in range(9):
        change = stating(
            "\n".join(chances.sample(FACTS, 3)), chances.choice(["atlas", "other"])
        )
        if step % 3 == 2:
            change = Change(removed=change.added)
        small.add(change, agent="Ada", message="")
        require_right(small.store)
    assert small.store.version > 4
    backup(small.store, copy)
    require_right(Store(copy))
    verdict, _ = erase(small.store, [NamedNode(f"{EX}port")], agent="Ada")
    assert verdict.accepted
    require_right(small.store)
    restore(copy, small.store.path, force=True, wait=1)
    require_right(small.store)
    require_right(Store.receive(tmp_path / "received", small.store, force=False))


def test_a_store_made_before_is_counted_until_it_changes(small):
    home = small.store.snapshot().home
    file_of(home).unlink()
    older = Store(small.store.path).snapshot()
    assert older.uses is None
    found = counted(older.query)
    assert uses(older) == found
    assert count_triples(older) == found.triples
    assert count_quads(older) == len(older)
    later = open_small(small.store.path)
    add(later, "ex:mill a ex:Place .")
    require_right(later.store)


def test_a_wrong_number_of_quads_is_found(small):
    file = file_of(small.store.snapshot().home)
    file.write_text(re.sub(r'"quads": \d+', '"quads": 1', file.read_text()))
    (problem,) = verify_store(Store(small.store.path))
    assert str(problem).startswith("versions/1.uses: has 1 quads, of which there are")


@pytest.mark.parametrize("text", ["", "[]", '{"properties": {"x": "y"}}', "{}"])
def test_a_file_that_says_nothing_is_passed_over(small, text):
    file_of(small.store.snapshot().home).write_text(text)
    here = Store(small.store.path).snapshot()
    assert here.uses is None
    assert count_triples(here) == uses(here).triples


def test_wrong_uses_are_found_and_mended(small):
    home = small.store.snapshot().home
    text = file_of(home).read_text()
    file_of(home).write_text(text.replace(f'"{EX}within": 1', f'"{EX}within": 7'))
    store = Store(small.store.path)
    (problem,) = verify_store(store)
    assert str(problem) == (
        f"versions/1.uses: has 7 uses of <{EX}within>, of which there are 1"
    )
    assert rebuild(store, agent="Ada", message="") == 2
    assert verify_store(store) == []
    require_right(store)
    assert rebuild(store, agent="Ada", message="") is None


def test_the_uses_of_versions_that_nobody_reads_are_gone(small):
    store = small.store
    del small
    for number in range(3):
        add(open_small(store.path), f"ex:n{number} a ex:Place .")
    store.snapshot()
    kept = {file.name for file in (store.path / "versions").glob("*.uses")}
    folders = {p.name for p in (store.path / "versions").iterdir() if p.is_dir()}
    assert kept == {f"{name}.uses" for name in folders}


def test_the_front_page_reads_the_same_from_what_is_kept(snapshot):
    kept, snapshot.uses = snapshot.uses, None
    try:
        asked = unwrap(overview)(snapshot)
    finally:
        snapshot.uses = kept
    assert kept is not None
    assert overview(snapshot) == asked
