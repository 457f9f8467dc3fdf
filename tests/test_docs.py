"""What README and the guides show: every command is run, every query answered."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from kg.cli import main
from kg.config import Settings
from kg.display import markdown_table
from kg.files import data_folder
from kg.queries import SavedQueries
from tests.engine_of_mappings import need_engine
from tests.pages import DOCS, PAGES, ROOT, blocks, each_page, text_of
from tests.sparql_store import serving

CHECKOUT = ("kg", "server", "mappings", "ontology", "queries")
FOLDERS = ("tests/data/answers", "tests/data/shapes")
ADDRESS = f"{Settings().host}:{Settings().port}"
STORE = "http://localhost:3030/exequatur"

NOT_RUN = {
    "make ": "CI runs these targets, and `make test` runs this test",
    ". .venv/bin/activate": "the test has the command on its path already",
    "python3 -m venv ": "it would install everything anew; CI does",
    ".venv/bin/": "likewise",
    "/opt/exequatur/": "likewise",
    "EXEQUATUR_STORE=/var/lib/": "likewise",
    "java -jar delta-": "test_remote_cluster.py runs them, where RDF Delta is at hand",
}
"""Lines of shell that are shown and not run, by how they begin, with the reason."""

STATUS = {
    "kg validate envoy.ttl": 1,
    "kg validate tests/data/shapes/ConferenceIsOnSomething.bad.ttl": 1,
}
"""The exit status of a block that ends with one of these lines; else 0."""


def script(block):
    """The lines of a block, but for those that are not run."""
    lines = block.text.splitlines(keepends=True)
    return "".join(line for line in lines if not line.startswith(tuple(NOT_RUN)))


each_page_with_commands = pytest.mark.parametrize(
    "page",
    [page for page in PAGES if any(map(script, blocks(page, "sh")))],
    ids=lambda page: page.name,
)


# --- commands ---------------------------------------------------------------------


@pytest.fixture
def checkout(tmp_path, shipped_store):
    """A copy of what a command needs of a checkout, with a store that is built."""
    for name in CHECKOUT:
        shutil.copytree(ROOT / name, tmp_path / name)
    for name in FOLDERS:
        (tmp_path / name).mkdir(parents=True)
    shutil.copytree(shipped_store, tmp_path / Settings().store)
    return tmp_path


@pytest.fixture
def environment(checkout):
    """The environment of a shell in the checkout, with its `kg` on the path."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith("EXEQUATUR_")}
    return kept | {
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{kept['PATH']}",
        "PYTHONPATH": str(checkout),
        "PYTHONUNBUFFERED": "1",
    }


@pytest.fixture
def address(checkout, environment):
    """Return where a server of the checkout's store listens; it is started for this."""
    command = ["kg", "serve", "--port", "0", "--workers", "1"]
    with (
        (checkout / "server.log").open("w", encoding="utf-8") as log,
        subprocess.Popen(
            command,
            cwd=checkout,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
            start_new_session=True,
        ) as server,
    ):
        try:
            first = server.stdout.readline() if server.stdout else ""
            found = re.search(r"http://([\d.]+:\d+)/", first)
            assert found, (checkout / "server.log").read_text(encoding="utf-8")
            yield found.group(1)
        finally:
            os.killpg(server.pid, signal.SIGTERM)


@pytest.fixture
def store():
    """Return where another program keeps a store that holds nothing yet."""
    with serving() as found:
        yield found.url


@each_page_with_commands
def test_the_commands_of_a_page_do_what_it_shows(page, checkout, environment, request):
    found = blocks(page, "sh")
    asks_server = any(ADDRESS in script(block) for block in found)
    served = request.getfixturevalue("address") if asks_server else ADDRESS
    asks_store = any(STORE in script(block) for block in found)
    kept = request.getfixturevalue("store") if asks_store else STORE
    if any("kg map " in script(block) for block in found):
        need_engine()
    for block in found:
        done = subprocess.run(
            ["bash", "-e", "-o", "pipefail"],  # noqa: S607 whichever bash there is
            input=script(block).replace(ADDRESS, served).replace(STORE, kept),
            cwd=checkout,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
            timeout=120,
        )
        output = done.stdout.replace(served, ADDRESS).replace(kept, STORE)
        place = f"{block.page}:{block.line}"
        assert done.returncode == status(block), f"{place}\n{output}"
        assert missing(block.shown, output) is None, f"{place}\n{output}"


def status(block):
    """The status that a block ends with: as listed, or 1 where it shows a refusal."""
    refused = block.shown.endswith("not accepted; nothing was changed\n")
    return STATUS.get(block.text.splitlines()[-1], int(refused))


def missing(shown, output):
    """Return the first line of *shown* that *output* lacks, their order kept.

    Lines of a table and runs of blanks do not count; `…` stands for anything.
    """
    lines = iter([plain(line) for line in output.splitlines()])
    for line in map(plain, shown.splitlines()):
        pattern = re.compile(".*".join(re.escape(part) for part in line.split("…")))
        if not any(pattern.fullmatch(other) for other in lines):
            return line
    return None


def plain(line):
    return " ".join(re.sub("[─-╿]", " ", line).split())


def test_leaving_out_is_seen_where_something_else_is_shown():
    output = "┃ person ┃\n│ Ada    │\n│ Bea    │\n"
    assert missing("person\nAda\nBea\n", output) is None
    assert missing("person\n…\nBe…\n", output) is None
    assert missing("Bea\nAda\n", output) == "Ada"
    assert missing("person\nCleo\n", output) == "Cleo"


@each_page
def test_every_target_of_make_that_is_shown_exists(page):
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([\w.]+):", makefile, re.M))
    shown = re.findall(r"(?:^|`)make (\w+)", text_of(page), re.M)
    assert set(shown) <= targets


def test_a_command_that_is_not_run_is_shown_somewhere():
    shown = [
        line
        for page in PAGES
        for b in blocks(page, "sh")
        for line in b.text.splitlines()
    ]
    for beginning in NOT_RUN:
        assert any(line.startswith(beginning) for line in shown), beginning


def test_every_command_is_explained():
    text = text_of(DOCS / "command-line.md")
    explained = set(re.findall(r"^\| `kg ([\w-]+)", text, re.M))
    assert explained == set(main.commands)


@each_page
def test_commands_and_saved_queries_that_are_named_exist(page):
    text = text_of(page)
    commands = re.findall(
        r"(?:^|[`(|] ?)kg (?:--store \S+ )?([a-z]+(?:-[a-z]+)*)", text, re.M
    )
    assert set(commands) <= set(main.commands)
    named = re.findall(r"(?:kg run |queries/)([a-z]+(?:-[a-z]+)+)", text)
    made = re.findall(r"cat > queries/([\w-]+)\.rq", text)
    assert set(named) <= {*SavedQueries.read(data_folder("queries")), *made}


# --- queries ----------------------------------------------------------------------


@pytest.mark.parametrize(
    "block",
    [block for page in PAGES for block in blocks(page, "sparql")],
    ids=lambda block: f"{block.page}:{block.line}",
)
def test_a_query_that_is_shown_answers_as_shown(block, graph):
    answer = markdown_table(graph.query(block.text))
    assert answer.count("\n") > 2, "it answers nothing"
    if block.table:
        assert answer == block.table
