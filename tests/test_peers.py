"""The same work by others: compared by what they answer, told as tables and data."""

from __future__ import annotations

import json
import signal
import tomllib
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner
from pyoxigraph import RdfFormat, parse

command = pytest.importorskip(
    "bench.peers.__main__", reason="bench/ is not beside these tests"
)
given = pytest.importorskip("bench.peers.given")
shacl_sail = pytest.importorskip("bench.peers.shacl_sail")
substance = pytest.importorskip("bench.peers.substance")
tasks = pytest.importorskip("bench.peers.tasks")
telling = pytest.importorskip("bench.peers.telling")
results = pytest.importorskip("bench.results")
watching = pytest.importorskip("bench.watching")

ROOT = Path(__file__).parent.parent
SHAPES = """
PREFIX sh: <http://www.w3.org/ns/shacl#>
PREFIX : <http://e/>
:Plain a sh:NodeShape ; sh:targetClass :C ; sh:property :Part ; sh:severity sh:Warning .
:Part a sh:PropertyShape ; sh:path [ sh:inversePath :p ] ; sh:minCount 1 .
:Either a sh:NodeShape ; sh:targetClass :C ;
  sh:property [ sh:path [ sh:alternativePath ( :p :q ) ] ; sh:minCount 1 ] .
:Asked a sh:NodeShape ; sh:targetSubjectsOf :p ; sh:sparql [ sh:select "" ] .
"""


def test_shacl_sail_is_given_the_shapes_that_it_knows():
    quads = parse(SHAPES, format=RdfFormat.TURTLE)
    shapes = shacl_sail.Shapes(quad.triple for quad in quads)
    assert [shape.value for shape in shapes.known] == ["http://e/Plain"]
    assert len(shapes.targeted) == 3
    told = {
        t.predicate.value.removeprefix("http://www.w3.org/ns/shacl#")
        for t in shapes.given()
    }
    assert {"inversePath", "minCount"} < told
    assert "severity" not in told


def test_what_is_true_of_anything_is_not_compared(tmp_path):
    files = given.Given("reasoning", tmp_path)
    files.schema.write_text("<urn:C> <urn:p> <urn:D> .\n", encoding="utf-8")
    owl = "http://www.w3.org/2002/07/owl#"
    answers = [
        "<urn:a> <urn:p> <urn:b>",
        "<urn:a> <urn:q> <urn:b>",
        f"<urn:a> <urn:q> <{owl}Thing>",
        f"<urn:a> <{owl}sameAs> <urn:a>",
        f"<urn:a> <{owl}sameAs> <urn:b>",
        "<urn:a> <urn:q> _:x",
        "<urn:C> <urn:q> <urn:a>",
        '"a" <urn:q> "b"',
        f"<{owl}Thing> <urn:q> <urn:a>",
    ]
    given.keep_sorted(answers[:1], files.asserted)
    assert files.triples() == 1
    given.keep_sorted(answers, files.answer("some one"))
    given.keep_sorted([*answers[4:], "<urn:a> <urn:q> 'z'"], files.answer("another"))
    compared = substance.Substance(files)
    assert set(compared.of("some one")) == {answers[1], answers[4]}
    assert compared.beside("some one", "another") == (2, 1, 1)
    assert compared.beside("some one", "nobody") == (2, 0, 2)


@pytest.fixture
def alone(monkeypatch):
    """Have our own engine alone do the tasks."""
    for name, task in tasks.TASKS.items():
        ours = replace(task, engines=(telling.OURS,))
        monkeypatch.setitem(tasks.TASKS, name, ours)


@pytest.mark.usefixtures("alone")
@pytest.mark.parametrize("task", ["validation", "reasoning", "loading"])
def test_our_work_is_told_as_a_table_and_as_data(task, tmp_path):
    output = tmp_path / "RESULTS.md"
    arguments = [task, "--sizes", "500", "--limit", "60", "-o", str(output)]
    done = CliRunner().invoke(command.main, arguments)
    assert done.exit_code == 0, done.output
    data = json.loads((tmp_path / "results" / f"{task}.json").read_text("utf-8"))
    (row,) = data["rows"]
    assert (row["engine"], row["size"], row["note"]) == ("Exequatur", 500, "")
    assert row["answers"] >= (given.MISTAKES * 0.7 if task == "validation" else 1000)
    assert row["cpu"] > 0
    assert row["peak"] > 2**20
    assert f"{task} beside others" in output.read_text(encoding="utf-8")


@pytest.mark.usefixtures("alone")
def test_who_takes_too_long_is_not_asked_to_do_more(tmp_path, monkeypatch):
    ended = watching.Ended(-signal.SIGXCPU, 0, 0.0)
    monkeypatch.setattr(command, "watched", lambda *_: ended)
    series = command.Series("reasoning", 7)
    for size in (10, 20):
        series.measure(size, 1, tmp_path / str(size))
    assert [row.note for row in series.found.rows] == ["not within 7 s", "not begun"]
    told = telling.section(series.found, results.Machine.this(), 0.0)
    assert "| Exequatur | not within 7 s | – |" in told


@pytest.mark.usefixtures("alone")
def test_who_takes_too_much_memory_is_ended(tmp_path):
    series = command.Series("reasoning", 60, memory=2**20)
    series.measure(500, 1, tmp_path / "given")
    (row,) = series.found.rows
    assert row.note == "not within 0 GiB"
    assert row.cpu is None


@pytest.mark.parametrize("told", ["0", "-1", "much"])
def test_what_is_no_amount_of_memory_is_refused(tmp_path, told):
    arguments = ["reasoning", "--memory", told, "-o", str(tmp_path / "RESULTS.md")]
    done = CliRunner().invoke(command.main, arguments)
    assert done.exit_code == 2
    assert "--memory" in done.output


def test_lines_are_sorted_as_python_sorts_them(tmp_path):
    lines = ["b", "é", "a b", "a", "b", "\u2028", "\U00010000", "\uffee"]
    path = tmp_path / "lines.txt"
    given.keep_sorted(lines, path)
    assert list(given.lines_of(path)) == sorted(set(lines))


def test_rows_are_told_beside_ours():
    found = telling.Measured("t", "t", "a", 1, "answers", notes=["a note"])
    found.rows = [
        telling.Row(10, 12, "Exequatur", 1.0, 2.0, 2**20, 5, 0, 0),
        telling.Row(10, 12, "another", 8.0, 9.0, 2**21, 4, 1, 0),
    ]
    told = telling.section(found, results.Machine.this(), 0.0)
    assert "| 10 | 12 | another | **9.0 s** | 4.5 | 8.0 s | 2 MiB | 4 | 1 | 0 |" in told
    assert told.endswith("- a note\n")


def test_engines_of_others_are_for_the_benchmarks_alone():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    extras = project["optional-dependencies"]
    assert {one.partition(">")[0] for one in extras.pop("bench")} == {
        "pyshifty",
        "reasonable",
    }
    others = {*project["dependencies"]}.union(*extras.values())
    assert not [one for one in others if "shifty" in one or "reasonable" in one]
