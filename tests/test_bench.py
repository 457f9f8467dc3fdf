"""The generated world: the same for the same seed, sound, and spoilt on request."""

from __future__ import annotations

import json
from dataclasses import replace
from itertools import islice
from random import Random

import pytest
from click.testing import CliRunner
from pyoxigraph import DefaultGraph, Literal, NamedNode, Quad, Store

from kg.build import Sources, build_store, read_sources
from kg.change import Change, read_change
from kg.formats import by_suffix
from kg.gate import Nothing, judge
from kg.graph import KnowledgeGraph
from kg.queries import SavedQueries

world = pytest.importorskip("bench.world", reason="bench/ is not beside these tests")
incidents = pytest.importorskip("bench.incidents")
mistakes = pytest.importorskip("bench.mistakes")
results = pytest.importorskip("bench.results")
run = pytest.importorskip("bench.run")

SIZE = 3000


def made(path, *options):
    arguments = ["--triples", str(SIZE), "-o", str(path), *options]
    done = CliRunner().invoke(world.main, arguments)
    assert done.exit_code == 0, done.output
    return path.read_bytes()


@pytest.fixture(scope="module")
def sources(tmp_path_factory):
    """What is shipped, with the facts of a generated world in place of ours."""
    folder = tmp_path_factory.mktemp("facts")
    made(folder / "world.trig")
    return replace(Sources.shipped(), facts=folder)


def test_the_same_seed_makes_the_same_world(tmp_path):
    one, same = made(tmp_path / "one.nq"), made(tmp_path / "same.nq")
    other = made(tmp_path / "other.nq", "--seed", "2")
    assert one == same
    assert one != other
    assert SIZE <= one.count(b"\n") <= SIZE + 400


def test_both_syntaxes_say_the_same(tmp_path):
    told = [
        read_change(made(path), by_suffix(path), source=path.name).added
        for path in (tmp_path / "world.nq", tmp_path / "world.trig")
    ]
    assert told[0] == told[1]


def test_a_world_can_have_any_size():
    for size in (1, 20_000):
        quads = sum(1 for _ in world.World(1, size).quads())
        assert size <= quads <= max(size + 400, 1200)


def test_the_world_conforms_and_takes_a_change(sources, tmp_path):
    built = build_store(tmp_path / "store", sources)
    assert [f.message for f in built.findings] == []
    assert built.store is not None
    graph = KnowledgeGraph(built.store, SavedQueries.read(sources.queries))
    change = Change.adding(world.World(1, SIZE).change(0))
    assert len(change.added) == incidents.CHANGE_SIZE
    verdict = graph.validate(change)
    assert [f.message for f in verdict.findings] == []
    assert verdict.inferred


def test_every_kind_of_mistake_is_found(sources, tmp_path):
    many = len(mistakes.MISTAKES)
    path = tmp_path / "world.nq"
    data = made(path, "--errors", str(many))
    listed = json.loads((tmp_path / "world.errors.json").read_text(encoding="utf-8"))
    assert {entry["kind"] for entry in listed} == set(mistakes.MISTAKES)
    ours = read_sources(replace(sources, facts=tmp_path))
    spoilt = read_change(data, by_suffix(path), source=path.name)
    verdict = judge(Nothing(), Change.all_of([ours, spoilt]))
    found = {
        (str(f.check), f.shape.value if f.shape else None, f.focus.value)
        for f in verdict.findings
    }
    for entry in listed:
        key = entry["check"], entry["shape"], entry["focus"]
        assert key in found, entry["kind"]


def test_a_world_without_mistakes_has_no_list_of_them(tmp_path):
    made(tmp_path / "world.nq")
    assert [path.name for path in tmp_path.iterdir()] == ["world.nq"]


def test_another_suffix_is_refused(tmp_path):
    arguments = ["--triples", "1", "-o", str(tmp_path / "world.ttl")]
    done = CliRunner().invoke(world.main, arguments)
    assert done.exit_code == 2
    assert ".trig" in done.output


def test_measurements_are_told_newest_first(tmp_path):
    path = tmp_path / "RESULTS.md"
    arguments = ["--sizes", "1000", "--reference", "1000", "--budget", "0"]
    for _ in range(2):
        done = CliRunner().invoke(run.main, [*arguments, "-o", str(path)])
        assert done.exit_code == 0, done.output
    text = path.read_text(encoding="utf-8")
    assert text.startswith(results.TITLE)
    assert text.count("\n## ") == 2
    assert "not begun: the time for all was up" in text


def test_a_change_is_told_beside_doing_all_anew():
    told = results.section(
        results.Machine.this(),
        [
            results.Outcome("closure_by_owlrl", 2000, {"seconds": [4.0]}),
            results.Outcome("validation_by_pyshacl", 2000, {"seconds": [16.0]}),
            results.Outcome("change", 1000, {"adding": [0.2]}),
            results.Outcome("change", 9000, {"adding": [0.5]}),
        ],
        seed=1,
        limit=1,
        taken=1,
    )
    assert "owlrl and pyshacl 20 s, **100** times a change at 1,000." in told


def test_a_measurement_tells_samples_and_peak(tmp_path):
    bench = run.Bench(tmp_path, seed=1, limit=60, budget=60)
    told = bench.measure("generate", 1000)
    assert told.note == ""
    assert told.middle() > 0
    assert told.peak > 2**20


def test_a_measurement_that_takes_too_long_is_stopped(tmp_path, monkeypatch):
    bench = run.Bench(tmp_path, seed=1, limit=60, budget=60)
    slow = ["sleep", "60"]
    monkeypatch.setattr(run, "command", lambda name, case: slow)
    monkeypatch.setattr(run, "LEAST", 0.2)
    bench.limit = 0.2
    assert bench.measure("generate", 1000).note.startswith("stopped")
    assert bench.measure("generate", 2000).note.startswith("not begun")


def test_loading_is_measured_in_one_go_and_interrupted(tmp_path):
    bulk = pytest.importorskip("bench.bulk")
    output = tmp_path / "RESULTS.md"
    done = CliRunner().invoke(bulk.main, ["--sizes", "1000,2000", "-o", str(output)])
    assert done.exit_code == 0, done.output
    told = output.read_text(encoding="utf-8")
    assert "| 1,000 | **" in told
    assert "| 2,000 | **" in told
    assert "By that, a billion would take" in told


def test_what_each_quad_takes_is_told_by_the_two_largest_worlds():
    bulk = pytest.importorskip("bench.bulk")
    first = bulk.Run(0.1, 0.1, 1)
    small = bulk.Loaded(100, 400, 5000, bulk.Run(2.0, 1.0, 1000), first, None)
    large = bulk.Loaded(200, 800, 7000, bulk.Run(3.0, 1.5, 3000), first, None)
    assert bulk.per_quad([small]) is None
    each = bulk.per_quad([small, small, large])
    assert each == {"seconds": 0.01, "cpu": 0.005, "memory": 20.0, "disk": 20.0}


def test_adding_is_measured_in_one_go_and_interrupted(tmp_path):
    additions = pytest.importorskip("bench.additions")
    output = tmp_path / "RESULTS.md"
    arguments = ["--sizes", "3000", "--quads", "1500", "-o", str(output)]
    done = CliRunner().invoke(additions.main, arguments)
    assert done.exit_code == 0, done.output
    assert "| 3,000 | 1,500 | **" in output.read_text(encoding="utf-8")


def test_reading_beside_writing_is_measured(shipped_store, tmp_path):
    mixed = pytest.importorskip("bench.load.mixed")
    output = tmp_path / "RESULTS.md"
    arguments = ["--store", str(shipped_store), "--seconds", "1", "--clients", "2"]
    done = CliRunner().invoke(
        mixed.main, [*arguments, "--no-others", "-o", str(output)]
    )
    assert done.exit_code == 0, done.output
    row = next(line for line in done.output.splitlines() if "| Exequatur |" in line)
    *_, changes, _, _, errors, _ = (cell.strip() for cell in row.split("|"))
    assert changes.strip("*") > "0"
    assert errors == "0"
    assert "read and written" in output.read_text(encoding="utf-8")


def test_each_server_is_written_as_it_takes_it():
    mixed = pytest.importorskip("bench.load.mixed")
    label = NamedNode("urn:label")
    named = [
        Quad(NamedNode(f"urn:{place}"), label, Literal("a"), NamedNode("urn:g"))
        for place in range(20)
    ]
    told = {}
    for name in ("Exequatur", "Oxigraph server", "rdflib-endpoint"):
        store = Store()
        for update in islice(mixed.changes(named, Random(1), name), 3):
            store.update(update)
        told[name] = {(q.subject, q.object) for q in store}
        graphs = {quad.graph_name for quad in store}
        wanted = NamedNode("urn:g") if name == "Exequatur" else DefaultGraph()
        assert graphs == {wanted}
        assert len(told[name]) == 3 * mixed.SIZE
    assert told["Exequatur"] == told["Oxigraph server"] == told["rdflib-endpoint"]
