"""The command, run as a user runs it: in a process of its own, or by click's runner."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner
from rdflib import Graph

from kg.cli import main
from kg.cli.common import whoami
from kg.formats import FORMATS, Kind

GOOD = """
@prefix exq: <https://w3id.org/exequatur/ontology#> .
@prefix id: <https://w3id.org/exequatur/id/> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
id:ada-envoy a exq:Person ; rdfs:label "Ada Envoy"@en ; exq:nationalOf id:kenya .
"""
BAD = GOOD.replace("nationalOf id:kenya", "nationlOf id:nairobi")
ENVIRONMENT = {
    name: value for name, value in os.environ.items() if "EXEQUATUR" not in name
}


@pytest.fixture
def kg(shipped_store, tmp_path, monkeypatch):
    """Return a function that runs `kg` on the shipped store."""
    monkeypatch.chdir(tmp_path)
    return runner(shipped_store)


@pytest.fixture
def own_kg(own_store, tmp_path, monkeypatch):
    """Return a function that runs `kg` on a store that may be changed."""
    monkeypatch.chdir(tmp_path)
    return runner(own_store)


def runner(store):
    def run(*arguments, given=None):
        environment = {"EXEQUATUR_STORE": str(store)}
        return CliRunner().invoke(main, arguments, input=given, env=environment)

    return run


def test_help_lists_the_commands_with_examples(kg):
    result = kg("--help")
    assert result.exit_code == 0
    for name in main.commands:
        assert f"  {name} " in result.output
        assert kg(name, "--help").exit_code == 0


@pytest.mark.parametrize("group", ["", "picture", "token"])
def test_help_cuts_no_sentence_off(kg, group):
    _, _, commands = kg(*group.split(), "--help").stdout.partition("\nCommands:\n")
    assert commands
    assert "..." not in commands


def shell(store, text):
    """What a shell makes of *text*, with *store* for the store."""
    environment = {**ENVIRONMENT, "EXEQUATUR_STORE": str(store)}
    return subprocess.run(
        ["/bin/sh", "-c", text],
        capture_output=True,
        text=True,
        env=environment,
        check=False,
    )


@pytest.mark.parametrize("arguments", ["list", "run entities -f csv", "show Morocco"])
def test_an_output_that_cannot_be_written_is_told_in_a_line(shipped_store, arguments):
    program = f"{sys.executable} -c 'from kg.cli import main; main()'"
    full = shell(shipped_store, f"{program} {arguments} > /dev/full")
    assert full.returncode == 2
    assert full.stderr == (
        "kg: the output: cannot be written (No space left on device)\n"
    )
    closed = shell(shipped_store, f"{program} {arguments} >&-")
    assert (closed.returncode, closed.stderr) == (0, "")


@pytest.mark.parametrize("before", [None, "what was there\n"])
def test_a_file_is_written_whole_or_not_at_all(shipped_store, tmp_path, before):
    output = tmp_path / "all.trig"
    if before is not None:
        output.write_text(before, encoding="utf-8")
        output.chmod(0o640)
    program = f"{sys.executable} -c 'from kg.cli import main; main()'"
    dump = f"{program} dump -o {output}"
    full = shell(shipped_store, f"ulimit -f 8; {dump}")
    assert full.returncode == 2
    assert full.stderr == f"kg: {output}: cannot be written (File too large)\n"
    assert list(tmp_path.iterdir()) == ([] if before is None else [output])
    if before is not None:
        assert output.read_text(encoding="utf-8") == before
    assert shell(shipped_store, dump).returncode == 0
    assert list(tmp_path.iterdir()) == [output]
    assert output.stat().st_size > 100_000
    assert before is None or output.stat().st_mode & 0o777 == 0o640
    assert shell(shipped_store, f"{program} dump -o /dev/null").returncode == 0


def test_a_terminal_that_lacks_letters_gets_their_numbers(shipped_store):
    program = f"{sys.executable} -c 'from kg.cli import main; main()'"
    made = shell(
        shipped_store,
        f'PYTHONIOENCODING=ascii {program} show "Laassel–Ingonga talks in Nairobi"',
    )
    assert (made.returncode, made.stderr) == (0, "")
    assert made.stdout.startswith("Laassel\\u2013Ingonga talks in Nairobi")
    command = f"{program} new entity 'José Ñáñez' --type exq:Person"
    for_programs = shell(shipped_store, f"PYTHONIOENCODING=ascii {command} --json")
    assert json.loads(for_programs.stdout)["label"] == "José Ñáñez"
    turtle = shell(shipped_store, f"PYTHONIOENCODING=ascii {command}").stdout
    assert '"José Ñáñez"@en' in turtle


def test_a_closed_standard_input_is_told(shipped_store):
    program = f"{sys.executable} -c 'from kg.cli import main; main()'"
    made = shell(shipped_store, f"{program} query - <&-")
    assert (made.returncode, made.stderr) == (2, "kg: standard input: is closed\n")


ENDLESS = """
import signal, time
from kg.cli import main
from kg.graph import KnowledgeGraph

def answer(*_):
    print("asked", flush=True)
    time.sleep(600)

KnowledgeGraph.query = KnowledgeGraph.ask = answer
signal.signal(signal.SIGINT, signal.default_int_handler)
main()
"""


@pytest.mark.parametrize("arguments", [["query", "-"], ["run", "articles"]])
def test_an_interrupt_ends_a_question_at_once(shipped_store, arguments):
    """Without an exception: within the engine nobody would hear of one."""
    with subprocess.Popen(
        [sys.executable, "-c", ENDLESS, *arguments],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        env={**ENVIRONMENT, "EXEQUATUR_STORE": str(shipped_store)},
    ) as process:  # fmt: skip
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write("ASK {}")
        process.stdin.close()
        assert process.stdout.readline() == "asked\n"
        process.send_signal(signal.SIGINT)
        assert process.wait() == -signal.SIGINT


IMPORTING = """
import signal, sys, time

class Slow:
    def find_spec(self, name, *_):
        if name == "kg.cli":
            print("imported", flush=True)
            time.sleep(600)

sys.meta_path.insert(0, Slow())
signal.signal(signal.SIGINT, signal.default_int_handler)
from kg.__main__ import main
main()
"""


def test_an_interrupt_ends_the_command_while_it_is_imported():
    with subprocess.Popen(
        [sys.executable, "-c", IMPORTING],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    ) as process:  # fmt: skip
        assert process.stdout is not None
        assert process.stderr is not None
        assert process.stdout.readline() == "imported\n"
        process.send_signal(signal.SIGINT)
        assert process.wait() == -signal.SIGINT
        assert process.stderr.read() == ""


def test_the_package_is_a_program_too():
    done = subprocess.run(
        [sys.executable, "-m", "kg", "--version"],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert ", version " in done.stdout


def test_who_has_no_name_is_unknown(monkeypatch):
    def nobody():
        raise KeyError("getpwuid(): uid not found: 12345")

    monkeypatch.setattr("getpass.getuser", nobody)
    assert whoami() == "unknown"


def test_what_resembles_a_name_is_told_by_its_short_name(kg):
    assert "did you mean Morocco (state) id:morocco" in kg("show", "Moroco").stderr


def test_list_shows_every_query(kg):
    files = sorted((Path(__file__).parent.parent / "queries").glob("*.rq"))
    output = kg("list").stdout
    assert all(path.stem in output for path in files)


def test_an_unknown_tag_says_which_there_are(kg):
    result = kg("list", "--tag", "nonsense")
    assert result.exit_code == 2
    assert "have " in result.stderr


def test_run_takes_an_entity_by_label(kg):
    result = kg("run", "posts-of-state", "-p", "state=Kenya", "-f", "csv")
    assert result.exit_code == 0, result.stderr
    assert "Musalia Mudavadi" in result.stdout


@pytest.mark.parametrize(
    "name", [f.name for f in FORMATS if f.kind is Kind.RESULTS] + ["table", "markdown"]
)
def test_run_writes_every_table_format(kg, name):
    result = kg("run", "posts-of-state", "-f", name)
    assert result.exit_code == 0, result.stderr
    assert result.stdout.strip()


def test_an_unknown_query_names_its_neighbours(kg):
    result = kg("run", "post-of-state")
    assert result.exit_code == 2
    assert "posts-of-state" in result.stderr


def test_an_unknown_parameter_names_those_there_are(kg):
    result = kg("run", "posts-of-state", "-p", "stat=Kenya")
    assert result.exit_code == 2
    assert "state" in result.stderr


def test_a_parameter_without_value_is_told(kg):
    result = kg("run", "posts-of-state", "-p", "state")
    assert result.exit_code == 2
    assert "KEY=VALUE" in result.stderr


def test_explain_tells_the_parameters(kg):
    result = kg("run", "posts-of-state", "--explain")
    assert result.exit_code == 0
    assert "--param state=" in result.stdout


def test_query_reads_standard_input(kg):
    result = kg("query", "-", "-f", "tsv", given="SELECT (1 AS ?one) {}")
    assert result.stdout == "?one\n1\n"


def test_query_knows_the_prefixes_of_the_project(kg):
    result = kg("query", "-", "-f", "csv", given="SELECT ?s { ?s a exq:State }")
    assert result.exit_code == 0, result.stderr
    assert "id/kenya" in result.stdout


def test_a_graph_answer_is_turtle_by_default(kg):
    text = "CONSTRUCT { ?s ?p ?o } WHERE { ?s a exq:State ; ?p ?o }"
    graph = Graph().parse(data=kg("query", "-", given=text).stdout, format="turtle")
    assert len(graph) > 10


def test_malformed_sparql_says_where(kg):
    result = kg("query", "-", given="SELECT * WHERE {\n ?s ?p }")
    assert result.exit_code == 2
    assert "line 2" in result.stderr
    assert "Traceback" not in result.output


@pytest.mark.parametrize("text", ["SELECT * { ?s ?p ?o }", "ASK { } #" + "x" * 5000])
def test_a_query_in_the_place_of_its_file_is_told_where_it_belongs(kg, text):
    result = kg("query", text)
    assert result.exit_code == 2
    assert "a file is wanted here, not a query" in result.stderr
    assert "| kg query -" in result.stderr


def test_a_format_that_does_not_fit_is_told(kg):
    result = kg("query", "-", "-f", "turtle", given="SELECT (1 AS ?a) {}")
    assert result.exit_code == 2
    assert "cannot hold" in result.stderr


def test_show_gives_the_passages(kg):
    result = kg("show", "Abderrazzak Laassel")
    assert result.exit_code == 0, result.stderr
    assert "passage" in result.stdout
    assert "inferred" in result.stdout


def test_show_of_nothing_known_names_candidates(kg):
    result = kg("show", "Abderrazak Lassel")
    assert result.exit_code == 2
    assert "Abderrazzak Laassel" in result.stderr


def test_validate_accepts_good_facts(kg, tmp_path):
    (tmp_path / "good.ttl").write_text(GOOD, encoding="utf-8")
    result = kg("validate", "good.ttl")
    assert result.exit_code == 0, result.output
    assert "conforms" in result.stderr


def test_validate_tells_every_mistake_with_its_line(kg, tmp_path):
    (tmp_path / "bad.ttl").write_text(BAD, encoding="utf-8")
    result = kg("validate", "bad.ttl")
    assert result.exit_code == 1
    assert "nationlOf" in result.stdout
    assert "nationalOf" in result.stdout
    assert "bad.ttl:5" in result.stdout


def test_validate_writes_reports_for_programs(kg):
    def report(name):
        return kg("validate", "-", "--syntax", "turtle", "-f", name, given=BAD).stdout

    assert json.loads(report("json"))
    assert json.loads(report("sarif"))["version"] == "2.1.0"
    graph = Graph().parse(data=report("turtle"), format="turtle")
    assert "ValidationReport" in graph.serialize(format="nt")


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("empty.ttl", b""),
        ("broken.ttl", b"<a <b> ."),
        ("latin.ttl", b"# \xe9\n"),
        ("facts.docx", b"PK"),
    ],
)
def test_unreadable_files_end_with_status_2(kg, tmp_path, name, content):
    (tmp_path / name).write_bytes(content)
    result = kg("validate", name)
    assert result.exit_code == 2
    assert name in result.stderr
    assert "Traceback" not in result.output


def test_a_missing_file_ends_with_status_2(kg):
    result = kg("validate", "nowhere.ttl")
    assert result.exit_code == 2
    assert "nowhere.ttl" in result.stderr


def test_add_makes_a_version_and_shows_it(own_kg, tmp_path):
    (tmp_path / "good.ttl").write_text(GOOD, encoding="utf-8")
    result = own_kg("add", "good.ttl", "-m", "a person", "--agent", "Tess")
    assert result.exit_code == 0, result.output
    assert "accepted as version 2" in result.stderr
    assert "Kenya" in own_kg("show", "ada-envoy").stdout
    assert "nothing new" in own_kg("add", "good.ttl").stderr


def test_add_of_bad_facts_changes_nothing(own_kg, tmp_path):
    (tmp_path / "bad.ttl").write_text(BAD, encoding="utf-8")
    result = own_kg("add", "bad.ttl")
    assert result.exit_code == 1
    assert "nothing was changed" in result.stderr
    assert own_kg("show", "ada-envoy").exit_code == 2


def test_dump_can_be_read_back(kg):
    result = kg("dump", "--graph", "graph:reference")
    assert len(Graph().parse(data=result.stdout, format="turtle")) > 50
    assert kg("dump", "-f", "turtle").exit_code == 2
    assert "there is no graph" in kg("dump", "--graph", "graph:nowhere").stderr


def test_build_is_quick_when_nothing_changed(own_kg):
    result = own_kg("build")
    assert result.exit_code == 0
    assert "is up to date" in result.stderr


def test_build_does_not_discard_later_changes(own_kg, tmp_path, own_store):
    (tmp_path / "good.ttl").write_text(GOOD, encoding="utf-8")
    own_kg("add", "good.ttl")
    manifest = own_store / "store.json"
    text = manifest.read_text(encoding="utf-8").replace(
        '"fingerprint": "', '"fingerprint": "0'
    )
    manifest.write_text(text, encoding="utf-8")
    result = own_kg("build")
    assert result.exit_code == 2
    assert "--force" in result.stderr
    assert own_kg("show", "ada-envoy").exit_code == 0


def test_a_missing_store_is_told(tmp_path):
    result = runner(tmp_path / "nowhere")("run", "posts-of-state")
    assert result.exit_code == 2
    assert "kg build" in result.stderr


def test_settings_and_completion_are_shown(kg):
    assert "EXEQUATUR_STORE" in kg("settings").stdout
    for shell in ("bash", "zsh", "fish"):
        assert "_KG_COMPLETE" in kg("completion", shell).stdout


def test_check_finds_nothing_wrong_with_the_shipped_files(kg):
    result = kg("check")
    assert result.exit_code == 0, result.stdout


def test_check_compares_locators_with_texts(kg, shared):
    result = kg("check", "--articles", str(shared / "articles"))
    assert result.exit_code == 0, result.stdout


def test_the_command_works_in_a_pipe(shipped_store, tmp_path):
    command = Path(sys.executable).with_name("kg")
    done = subprocess.run(
        [command, "run", "posts-of-state", "-f", "csv"],
        cwd=tmp_path,
        env=ENVIRONMENT | {"EXEQUATUR_STORE": str(shipped_store)},
        capture_output=True,
        check=True,
        text=True,
    )
    assert done.stderr == ""
    assert done.stdout.count("\n") > 1


# --- why --------------------------------------------------------------------------


def test_why_shows_the_rules_and_passages_behind_a_fact(kg):
    result = kg("why", "Abderrazzak Laassel", "envoy to", "Kenya")
    assert result.exit_code == 0
    assert "follows by prp-spo2: exq:holdsPost, then exq:accreditedTo" in result.output
    assert "passage 5, characters 102 to 366" in result.output


def test_why_of_what_does_not_hold_says_what_does_and_ends_with_1(kg):
    result = kg("why", "Abderrazzak Laassel", "envoy to", "Morocco")
    assert result.exit_code == 1
    assert "This does not hold" in result.output
    assert "Abderrazzak Laassel · envoy to · Kenya" in result.output
    turtle = kg("why", "kenya", "exq:isoAlpha3", "KEX", "-f", "turtle")
    assert (turtle.exit_code, turtle.stdout) == (1, "")
    assert "does not hold" in turtle.stderr


def test_why_says_who_claims_what_is_no_fact(kg):
    name = "handover-of-salman-al-khalidi"
    result = kg("why", name, "a", "exq:Extradition")
    assert result.exit_code == 1
    assert "claims are not facts" in result.output
    assert "claim:handover-called-extradition-by-the-article" in result.output


def test_why_of_a_misspelt_name_ends_with_2_and_its_neighbours(kg):
    result = kg("why", "kenia", "envoy to", "Kenya")
    assert result.exit_code == 2
    assert "did you mean Kenya" in result.stderr
    assert kg("why", "kenya", "exq:envoyT", "Kenya").exit_code == 2
    assert kg("why", "kenya", "a", "State", "--limit", "0").exit_code == 2


def test_why_is_written_for_programs_too(kg, tmp_path):
    written = json.loads(kg("why", "kenya", "a", "exq:State", "-f", "json").output)
    assert written["stated"] is True
    result = kg("why", "kenya", "a", "exq:Agent", "-f", "turtle", "-o", "why.ttl")
    assert result.exit_code == 0
    assert len(Graph().parse(tmp_path / "why.ttl")) > 10


def test_why_says_that_there_are_more_reasons_than_asked_for(kg):
    given = ("why", "Abderrazzak Laassel", "a", "exq:Agent")
    assert "more reasons" in kg(*given, "--limit", "1").output
    assert "more reasons" not in kg(*given, "--limit", "100").output
