"""Building stores: any ontology, any syntax, all of it or nothing."""

from __future__ import annotations

import random
from types import SimpleNamespace

import pytest
from click.testing import CliRunner

from kg.build import Sources, build_store
from kg.change import Change, read_change
from kg.cli import main
from kg.draft import Draft
from kg.errors import ChangeError, DataFileError
from kg.formats import by_name
from kg.gate import Nothing, judge
from kg.store import Store
from kg.terms import INFERRED, LOG, MERGED_VIEW, NamedNode, Quad
from tests.small_store import EX, PREFIXES, build_small, write_sources

ANYTHING = ("land", "port", "isle", "bay", "cape")


def node(name):
    return NamedNode(f"{EX}{name}")


def graph_of(store, name):
    return {quad.triple for quad in store.snapshot().quads(graph=name)}


def test_an_ontology_of_any_kind_is_built_by_the_same_command(tmp_path):
    sources = write_sources(tmp_path)
    store = tmp_path / "store"
    result = CliRunner().invoke(main, [
        "--store", str(store), "build",
        "--ontology", str(sources.ontology),
        "--shapes", str(sources.shapes),
        "--facts", str(sources.facts),
    ])  # fmt: skip
    assert result.exit_code == 0, result.output
    assert "was built: version 1" in result.stderr
    view = graph_of(Store(store), MERGED_VIEW)
    place = (node("port"), NamedNode(f"{EX}within"), node("land"))
    assert any(tuple(triple) == place for triple in view)


@pytest.mark.parametrize(
    ("suffix", "text"),
    [
        ("ttl", f"{PREFIXES} ex:bay ex:near ex:port ."),
        ("trig", f"\ufeff{PREFIXES} ex:bay ex:near ex:port ."),
        ("nt", f"<{EX}bay> <{EX}near> <{EX}port> ."),
        ("nq", f"<{EX}bay> <{EX}near> <{EX}port> <{EX}atlas> ."),
        ("jsonld", f'{{"@id": "{EX}bay", "{EX}near": {{"@id": "{EX}port"}}}}'),
        ("rdf", f'<r:RDF xmlns:r="http://www.w3.org/1999/02/22-rdf-syntax-ns#"'
                f' xmlns:e="{EX}"><r:Description r:about="{EX}bay">'
                f'<e:near r:resource="{EX}port"/></r:Description></r:RDF>'),
    ],
)  # fmt: skip
def test_facts_are_read_in_any_syntax(tmp_path, suffix, text):
    sources = write_sources(tmp_path)
    (sources.facts / f"more.{suffix}").write_text(text, encoding="utf-8")
    built = build_store(tmp_path / "store", sources)
    assert built.store is not None
    there = (node("port"), NamedNode(f"{EX}near"), node("bay"))
    assert there in {tuple(t) for t in graph_of(built.store, INFERRED)}


def test_the_build_is_what_the_gate_makes_of_all_at_once(tmp_path):
    sources, chance = write_sources(tmp_path), random.Random(1)
    quads = {
        Quad(
            node(chance.choice(ANYTHING)),
            node(chance.choice(["near", "within"])),
            node(chance.choice(ANYTHING)),
            node(chance.choice(["atlas", "chart"])),
        )
        for _ in range(25)
    }
    text = "".join(f"{quad} .\n" for quad in sorted(quads, key=str))
    (sources.facts / "more.nq").write_text(text, encoding="utf-8")
    built = build_store(tmp_path / "store", sources)
    assert built.store is not None
    snapshot = built.store.snapshot()
    stated = [
        q for q in snapshot.quads() if q.graph_name not in {MERGED_VIEW, INFERRED}
    ]
    verdict = judge(Nothing(), Change.adding(stated))
    for graph in (MERGED_VIEW, INFERRED):
        made = {q.triple for q in verdict.added if q.graph_name == graph}
        assert graph_of(built.store, graph) == made


@pytest.mark.parametrize(("free", "often"), [(10**15, False), (10**6, True)])
def test_a_disk_that_is_nearly_full_has_what_was_loaded_merged(
    tmp_path, monkeypatch, free, often
):
    """What is built is the same."""
    sources, times, tidy = write_sources(tmp_path), [], Draft.tidy

    def counted(draft):
        times.append(1)
        tidy(draft)

    monkeypatch.setattr(Draft, "tidy", counted)
    monkeypatch.setattr("kg.draft._BETWEEN", 1)
    usage = SimpleNamespace(free=free)
    monkeypatch.setattr("kg.draft.shutil.disk_usage", lambda _: usage)
    found = build_store(tmp_path / "store", sources).store
    assert (len(times) > 1) is often
    monkeypatch.undo()
    usual = build_store(tmp_path / "other", sources).store
    assert found is not None
    assert usual is not None
    # The log has the moment of each build.
    kept = [
        {quad for quad in store.snapshot().quads() if quad.graph_name != LOG}
        for store in (found, usual)
    ]
    assert kept[0] == kept[1]


def test_files_that_are_rejected_leave_the_old_store(tmp_path):
    path = build_small(tmp_path)
    before = set(Store(path).snapshot().quads())
    facts = tmp_path / "facts"
    (facts / "bad.ttl").write_text(f"{PREFIXES} ex:isle a ex:Town .", encoding="utf-8")
    built = build_store(path, _sources(tmp_path))
    assert built.store is None
    assert "Give the town a label." in {finding.message for finding in built.findings}
    assert set(Store(path).snapshot().quads()) == before
    assert list(tmp_path.glob("store.new-*")) == []


def test_a_build_that_is_interrupted_leaves_the_old_store(tmp_path):
    path = build_small(tmp_path)
    before = Store(path).snapshot().tag

    def interrupt(phase, done=0, total=None):
        if phase == "writing the store":
            raise KeyboardInterrupt

    (tmp_path / "facts" / "more.ttl").write_text(
        f"{PREFIXES} ex:bay ex:near ex:port .", encoding="utf-8"
    )
    with pytest.raises(KeyboardInterrupt):
        build_store(path, _sources(tmp_path), tell=interrupt)
    assert Store(path).snapshot().tag == before
    build_store(path, _sources(tmp_path))
    assert Store(path).snapshot().tag != before
    assert list(tmp_path.glob("store.new-*")) == []


def test_progress_is_told_by_phase_and_comes_to_its_end(tmp_path):
    told: dict[str, list[tuple[int, int | None]]] = {}

    def tell(phase, done=0, total=None):
        told.setdefault(phase, []).append((done, total))

    build_store(tmp_path / "store", write_sources(tmp_path), tell=tell)
    assert list(told) == [
        "reading the files", "reading places.trig", "reasoning", "laying out",
        "checking shapes", "checking terms and consistency", "writing the store",
        "putting the store in order",
    ]  # fmt: skip
    for phase in ("laying out", "checking shapes", "writing the store"):
        done, total = told[phase][-1]
        assert done == total


def test_a_literal_kept_in_another_form_is_noted(tmp_path):
    sources = write_sources(tmp_path)
    (sources.facts / "more.ttl").write_text(
        f"{PREFIXES} ex:bay ex:depth 007 .", encoding="utf-8"
    )
    built = build_store(tmp_path / "store", sources)
    (note,) = built.notes
    assert '"007"' in note
    assert 'is stored as "7"' in note


@pytest.mark.parametrize(
    ("text", "error", "words"),
    [
        ("", DataFileError, "holds no triples"),
        ("ex:a ex:b", DataFileError, "more.trig:1"),
        (f"<{INFERRED.value}> {{ <urn:a> <urn:b> <urn:c> }}", ChangeError, "is kept"),
    ],
)
def test_a_file_that_cannot_be_read_is_named(tmp_path, text, error, words):
    sources = write_sources(tmp_path)
    (sources.facts / "more.trig").write_text(text, encoding="utf-8")
    with pytest.raises(error, match=r"more\.trig") as caught:
        build_store(tmp_path / "store", sources)
    assert words in str(caught.value)
    assert not (tmp_path / "store").exists()


def test_blank_nodes_of_a_file_get_the_names_that_adding_it_gives(tmp_path):
    sources = write_sources(tmp_path)
    text = f"{PREFIXES} ex:atlas {{ ex:bay ex:near [ ex:near [] ] . }}"
    (sources.facts / "more.trig").write_text(text, encoding="utf-8")
    built = build_store(tmp_path / "store", sources)
    assert built.store is not None
    added = read_change(text.encode(), by_name("trig"), source="more.trig").added
    assert added
    assert added <= set(built.store.snapshot().quads())


def _sources(folder):
    return Sources(
        *(folder / name for name in ("ontology", "shapes", "facts", "queries"))
    )
