"""The commands that change, keep and explain a store."""

from __future__ import annotations

import json
import os
from functools import partial

import pytest
from click.testing import CliRunner

from kg.cli import main
from kg.stores import open_store
from kg.terms import MERGED_VIEW
from kg.verify import verify_store
from tests.small_store import EX, PREFIXES, add, open_small

QUAY = 'ex:quay a ex:Town ; rdfs:label "Quay"@en ; ex:within ex:port .'
MILL = 'ex:mill a ex:Place ; rdfs:label "Mill"@en ; ex:near ex:port .'
ATLAS = ("--graph", f"{EX}atlas")


@pytest.fixture
def kg(small_store, quick_path, monkeypatch):
    """Return a function that runs `kg` on the small store."""
    for name in [name for name in os.environ if name.startswith("EXEQUATUR_")]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(quick_path)
    run = partial(CliRunner().invoke, main)
    return lambda *arguments, given=None: run(
        ["--store", str(small_store), *arguments], input=given
    )


@pytest.fixture
def graph(small_store):
    return open_small(small_store)


@pytest.fixture
def file(quick_path):
    """Return a function that writes a Turtle file, and returns its name."""

    def write(turtle):
        (quick_path / "facts.ttl").write_text(PREFIXES + turtle, encoding="utf-8")
        return "facts.ttl"

    return write


def ok(result):
    assert result.exit_code == 0, result.output
    return result


def test_log_shows_the_last_change_first(kg, graph):
    add(graph, QUAY, message="A new [town]")
    add(graph, MILL)
    lines = ok(kg("log")).stdout.splitlines()
    assert [line.split()[0] for line in lines] == ["version", "3", "2", "1"]
    assert "A new [town]" in lines[2]
    assert len(ok(kg("log", "-n", "1")).stdout.splitlines()) == 2
    rows = json.loads(ok(kg("log", "--format", "json")).stdout)
    assert rows[1] | {"time": ""} == {
        "version": 2, "time": "", "agent": "Ada", "message": "A new [town]",
        "added": 3, "removed": 0,
    }  # fmt: skip


def test_diff_shows_what_came_and_went(kg, graph):
    add(graph, QUAY)
    shown = ok(kg("diff", "1")).stdout.splitlines()
    assert len(shown) == 3
    assert all(line.startswith("+ ") for line in shown)
    back = ok(kg("diff", "2", "1", "--format", "nquads")).stdout.splitlines()
    assert [line[:2] for line in back] == ["D ", "D ", "D "]
    assert kg("diff", "7").exit_code == 2


def test_remove_takes_away_what_a_file_states(kg, graph, file):
    add(graph, QUAY)
    add(graph, MILL)
    done = ok(kg("remove", file(QUAY), *ATLAS, "-m", "Washed away"))
    assert "accepted as version 4: 0 new quads, 3 removed" in done.stderr
    assert "Washed away" in kg("log").stdout


def test_remove_says_what_is_not_there(kg, graph, file):
    add(graph, QUAY)
    done = kg("remove", file(MILL), *ATLAS)
    assert done.exit_code == 2
    assert "nothing that is to be removed is there" in done.stderr
    partly = ok(kg("remove", file(QUAY + MILL), *ATLAS))
    assert "note: 3 quads are not there" in partly.stderr


def test_remove_says_where_a_triple_is_stated(kg, graph, file):
    add(graph, QUAY)
    done = kg("remove", file(QUAY))
    assert done.exit_code == 2
    assert f"<{EX}atlas>: name that graph with --graph" in done.stderr
    follows = kg("remove", file("ex:port a ex:Place ."))
    assert "follows by the ontology" in follows.stderr


def test_remove_says_what_still_holds(kg, graph, file):
    add(graph, QUAY)
    add(graph, QUAY, "gazetteer")
    add(graph, "ex:quay ex:near ex:port . ex:port ex:near ex:quay .")
    stated = ok(kg("remove", file(QUAY), *ATLAS))
    assert f"also in <{EX}gazetteer>; and 2 more" in stated.stderr
    inferred = ok(kg("remove", file("ex:quay ex:near ex:port ."), *ATLAS))
    assert "by the ontology it still holds" in inferred.stderr
    assert verify_store(graph.store) == []


def test_a_triple_without_a_graph_that_would_still_hold_is_not_removed(kg, graph, file):
    name = file(QUAY)
    ok(kg("add", name))
    add(graph, QUAY)
    done = kg("remove", name)
    assert done.exit_code == 2
    assert "would still hold" in done.stderr
    assert graph.store.version == 3


def test_a_removal_that_leaves_something_wrong_is_refused(kg, file):
    done = kg("remove", file('ex:port rdfs:label "Port"@en .'), *ATLAS)
    assert done.exit_code == 1
    assert "Give the town a label." in done.stdout
    assert "not accepted" in done.stderr


def test_replace_graph_lets_it_hold_the_file_and_nothing_else(kg, graph, file):
    add(graph, QUAY, "gazetteer")
    done = ok(kg("replace-graph", f"{EX}gazetteer", file(MILL), "-m", "New"))
    assert "3 new quads, 3 removed" in done.stderr
    again = ok(kg("replace-graph", f"{EX}gazetteer", file(MILL)))
    assert "nothing new" in again.stderr


def test_replace_graph_takes_quads_of_that_graph_alone(kg, quick_path):
    path = quick_path / "facts.trig"
    path.write_text(f"{PREFIXES} ex:other {{ {MILL} }}", encoding="utf-8")
    done = kg("replace-graph", f"{EX}gazetteer", "facts.trig")
    assert done.exit_code == 2
    assert "3 quads in another graph" in done.stderr


@pytest.mark.parametrize("name", ["log", "inferred", "merged", "ontology"])
def test_graphs_that_the_program_keeps_are_not_written(kg, file, name):
    for command in (
        ("replace-graph", f"graph:{name}", file(MILL)),
        ("add", file(MILL), "--graph", f"graph:{name}"),
        ("remove", file(MILL), "--graph", f"graph:{name}"),
    ):
        done = kg(*command)
        assert done.exit_code == 2
        assert "kept by this program" in done.stderr


@pytest.mark.parametrize(
    "command",
    [("add",), ("remove",), ("replace-graph", f"{EX}atlas"), ("undo", "2")],
    ids=lambda command: command[0],
)
def test_a_change_for_an_older_version_is_told_what_came_since(
    kg, graph, file, command
):
    add(graph, QUAY, message="A new town")
    name = [] if command[0] == "undo" else [file(MILL)]
    done = kg(*command, *name, "--if-version", "1")
    assert done.exit_code == 1
    assert "the store is at version 2, not 1" in done.stderr
    assert "version 2 by Ada" in done.stderr
    assert "A new town" in done.stderr
    assert f'+ <{EX}quay> rdfs:label "Quay"@en in <{EX}atlas>' in done.stderr
    assert graph.store.version == 2


def test_undo_takes_a_change_back(kg, graph):
    add(graph, QUAY)
    ok(kg("undo", "2"))
    assert "Undo version 2" in kg("log").stdout
    assert kg("diff", "1").stdout == ""
    refused = kg("undo", "1")
    assert refused.exit_code == 2
    assert "built from the files" in refused.stderr


def test_check_and_rebuild_look_at_the_store(kg, graph):
    assert "all is well" in ok(kg("check", "--store")).stderr
    assert "all is well" in ok(kg("rebuild")).stderr
    with graph.store.writing() as writer:
        view = list(writer.snapshot.quads(graph=MERGED_VIEW))
        writer.commit(added=[], removed=view, journal=[])
    found = kg("check", "--store")
    assert found.exit_code == 1
    assert "graph:log: has no entries for version 2" in found.stdout
    assert "the merged view: lacks" in found.stdout
    assert "2 problems" in found.stderr
    assert "mended as version 3" in ok(kg("rebuild", "-m", "Mended")).stderr
    assert kg("check", "--store", "--articles", ".").exit_code == 2


def test_backup_and_restore(kg, graph, small_store):
    add(graph, QUAY)
    assert "holds version 2" in ok(kg("backup", "copy")).stderr
    add(graph, MILL)
    refused = kg("restore", "copy")
    assert refused.exit_code == 2
    assert "--force" in refused.stderr
    assert "is at version 2" in ok(kg("restore", "copy", "--force")).stderr
    assert open_store(small_store).version == 2


def test_erase_asks_and_shows_first(kg, graph):
    add(graph, QUAY)
    add(graph, 'ex:port rdfs:comment "Near the big quay"@en .')
    refused = kg("erase", "Quay", given="n\n")
    assert refused.exit_code == 1
    assert f"to be erased: <{EX}quay>; 3 quads" in refused.stderr
    assert "named in" in refused.stderr
    assert graph.store.version == 3
    asked = kg("erase", "Quay", "--keep-texts", given="n\n")
    assert "for good?" in asked.stderr
    assert graph.store.version == 3
    done = ok(kg("erase", "Quay", "--keep-texts", "--yes"))
    assert "backups made before" in done.stderr
    assert kg("erase", "Quay", "--yes").exit_code == 2
    ok(kg("check", "--store"))


def test_erase_says_how_to_go_on(kg, graph):
    add(graph, QUAY)
    add(graph, 'ex:port rdfs:seeAlso ex:quay ; rdfs:comment "By Quay"@en .')
    done = kg("erase", "Quay", "--yes")
    assert done.exit_code == 1
    assert f"kg erase Quay \\\n    --with '<{EX}port>'" in done.stderr
    ok(kg("erase", "Quay", "--with", f"<{EX}port>", "--yes"))
    assert "Port" not in kg("dump").stdout
