"""What README and the guides show: every command is run, every query answered."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
from rdflib import OWL, RDF, RDFS, SKOS, Graph, URIRef

from kg.cli import main
from kg.config import Settings, explain
from kg.display import markdown_table
from kg.files import data_folder
from kg.formats import FORMATS
from kg.prefixes import expand, prefixes
from kg.queries import SavedQueries
from kg.terms import EXQ, NamedNode
from server.app import create_app

ROOT = Path(__file__).parent.parent
PAGES = [
    *(ROOT / name for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md")),
    *sorted((ROOT / "docs").glob("*.md")),
]
CHECKOUT = ("kg", "server", "ontology", "queries", "tests/data")
ADDRESS = f"{Settings().host}:{Settings().port}"

NOT_RUN = {
    "make ": "CI runs these targets, and `make test` runs this test",
    ". .venv/bin/activate": "the test has the command on its path already",
    "python3 -m venv ": "it would install everything anew; CI does",
    ".venv/bin/": "likewise",
    "/opt/exequatur/": "likewise",
    "EXEQUATUR_STORE=/var/lib/": "likewise",
}
"""Lines of shell that are shown and not run, by how they begin, with the reason."""

STATUS = {
    "kg check --articles articles": 1,
    "kg validate envoy.ttl": 1,
    "kg validate tests/data/shapes/ConferenceIsOnSomething.bad.ttl": 1,
}
"""The exit status of a block that ends with one of these lines; else 0."""

each_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)


@dataclass(frozen=True, slots=True)
class Block:
    """A fenced block of a page: its language, its text, and what follows it."""

    page: str
    line: int
    language: str
    text: str
    after: str

    @property
    def shown(self) -> str:
        """What a page shows as output: the text block right after this one."""
        found = re.match(r"\s*```text\n(.*?)^```$", self.after, re.S | re.M)
        return found.group(1) if found else ""

    @property
    def table(self) -> str:
        """The table that stands right after this block."""
        found = re.match(r"\n*((?:\|.*\n)+)", self.after)
        return found.group(1) if found else ""


def blocks(page, language):
    text = page.read_text(encoding="utf-8")
    found = re.finditer(r"^```(\w*)\n(.*?)^```\n?", text, re.S | re.M)
    return [
        Block(
            page=page.name,
            line=text.count("\n", 0, match.start()) + 2,
            language=match.group(1),
            text=match.group(2),
            after=text[match.end() :],
        )
        for match in found
        if match.group(1) == language
    ]


def all_blocks(language):
    return [
        pytest.param(block, id=f"{block.page}:{block.line}")
        for page in PAGES
        for block in blocks(page, language)
    ]


# --- commands ---------------------------------------------------------------------


@pytest.fixture
def checkout(tmp_path, shipped_store):
    """A copy of what a command needs of a checkout, with a store that is built."""
    for name in CHECKOUT:
        shutil.copytree(ROOT / name, tmp_path / name)
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


@each_page
def test_the_commands_of_a_page_do_what_it_shows(page, checkout, environment, request):
    found = blocks(page, "sh")
    if not any(map(script, found)):
        pytest.skip("this page has no command that can be run here")
    asks_server = any(ADDRESS in script(block) for block in found)
    served = request.getfixturevalue("address") if asks_server else ADDRESS
    for block in found:
        done = subprocess.run(
            ["bash", "-e", "-o", "pipefail"],  # noqa: S607 whichever bash there is
            input=script(block).replace(ADDRESS, served),
            cwd=checkout,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        output = done.stdout.replace(served, ADDRESS)
        place = f"{block.page}:{block.line}"
        assert done.returncode == status(block), f"{place}\n{output}"
        assert missing(block.shown, output) is None, f"{place}\n{output}"


def script(block):
    """The lines of a block, but for those that are not run."""
    lines = block.text.splitlines(keepends=True)
    return "".join(line for line in lines if not line.startswith(tuple(NOT_RUN)))


def status(block):
    return STATUS.get(block.text.splitlines()[-1], 0)


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
    shown = re.findall(r"(?:^|`)make (\w+)", page.read_text(encoding="utf-8"), re.M)
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
    text = (ROOT / "docs" / "command-line.md").read_text(encoding="utf-8")
    explained = set(re.findall(r"^\| `kg (\w+)", text, re.M))
    assert explained == set(main.commands)


@each_page
def test_commands_and_saved_queries_that_are_named_exist(page):
    text = page.read_text(encoding="utf-8")
    commands = re.findall(r"(?:^|[`(|] ?)kg (?:--store \S+ )?([a-z]+)\b", text, re.M)
    assert set(commands) <= set(main.commands)
    named = re.findall(r"(?:kg run |queries/)([a-z]+(?:-[a-z]+)+)", text)
    made = re.findall(r"cat > queries/([\w-]+)\.rq", text)
    assert set(named) <= {*SavedQueries.read(data_folder("queries")), *made}


# --- queries ----------------------------------------------------------------------


@pytest.mark.parametrize("block", all_blocks("sparql"))
def test_a_query_that_is_shown_answers_as_shown(block, graph):
    answer = markdown_table(graph.query(block.text))
    assert answer.count("\n") > 2, "it answers nothing"
    if block.table:
        assert answer == block.table


# --- what is said of terms, settings, addresses -------------------------------------


@pytest.fixture(scope="module")
def ontology():
    return Graph().parse(data_folder("ontology") / "exequatur.ttl")


def own_terms(ontology, *kinds):
    subjects = {term for kind in kinds for term in ontology.subjects(RDF.type, kind)}
    return {term.removeprefix(EXQ) for term in subjects if term.startswith(EXQ)}


@each_page
def test_terms_that_are_named_are_defined(page, ontology):
    text = re.sub(r"acreditedTo|nationlOf", "", page.read_text(encoding="utf-8"))
    known = own_terms(ontology, OWL.Class, OWL.ObjectProperty, OWL.DatatypeProperty)
    assert set(re.findall(r"\bexq:(\w+)", text)) <= known


def test_the_modelling_guide_names_every_term(ontology):
    text = (ROOT / "docs" / "modelling.md").read_text(encoding="utf-8")
    known = own_terms(ontology, OWL.Class, OWL.ObjectProperty, OWL.DatatypeProperty)
    assert known - set(re.findall(r"\bexq:(\w+)", text)) == set()


def test_entities_that_the_modelling_guide_names_are_in_the_graph(snapshot):
    text = (ROOT / "docs" / "modelling.md").read_text(encoding="utf-8")
    names = set(re.findall(r"(?<!\w)(?:id|graph):[a-z][\w-]*\w", text))
    unknown = {
        name
        for name in names - {"graph:merged", "graph:unsourced"}
        if not any(snapshot.quads(subject=NamedNode(expand(name) or "")))
        and not any(snapshot.quads(graph=NamedNode(expand(name) or "")))
    }
    assert unknown == set()


ROW = re.compile(r"^\| `exq:(\w+)` \| (\w+) → (\w+) \| (\w+) \|", re.M)


def test_the_tables_of_properties_say_what_the_ontology_says(ontology):
    text = (ROOT / "docs" / "modelling.md").read_text(encoding="utf-8")
    rows = ROW.findall(text)
    assert len(rows) > 100
    for name, start, end, how in rows:
        term = URIRef(f"{EXQ}{name}")
        assert start == short(ontology.value(term, RDFS.domain)), name
        assert end in {short(ontology.value(term, RDFS.range)), date_of(name)}, name
        assert how == origin(ontology, term), name


def short(term):
    """The name that the guide has for a class."""
    names = {SKOS.Concept: "concept", RDFS.Literal: "text", None: "anything"}
    return names.get(term) or re.split("[/#]", term)[-1]


def date_of(name):
    """Ranges that OWL 2 RL cannot have and the shapes ask for."""
    return "date" if name in {"earliest", "latest"} else None


def origin(ontology, term):
    """Tell whether a property is stated, inferred or both, by axioms and notes."""
    special = [s for s in ontology.subjects(RDFS.subPropertyOf, term) if EXQ in s]
    kinds = set(ontology.objects(term, RDF.type))
    follows = (
        special
        or {OWL.TransitiveProperty, OWL.SymmetricProperty} & kinds
        or (term, OWL.propertyChainAxiom, None) in ontology
        or (term, OWL.inverseOf, None) in ontology
        or (None, OWL.inverseOf, term) in ontology
    )
    if not follows:
        return "stated"
    note = str(ontology.value(term, SKOS.scopeNote) or "")
    never = "not asserted" in note or (
        note.startswith("Inferred") and "asserted" not in note
    )
    return "inferred" if never else "both"


def test_the_prefixes_shown_are_those_of_the_project():
    text = (ROOT / "docs" / "modelling.md").read_text(encoding="utf-8")
    shown = re.findall(r"^PREFIX (\w+): +<(.*)>$", text, re.M)
    assert len(shown) > 5
    assert dict(shown).items() <= prefixes().items()


def test_every_setting_is_explained():
    text = (ROOT / "docs" / "run-in-production.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `(\w+)` \| `(\w+)` \| `(.*?)` \| (.*) \|$", text, re.M)
    assert rows == explain()


def test_every_address_is_explained(graph, settings):
    text = (ROOT / "docs" / "http.md").read_text(encoding="utf-8")
    shown = {
        path.split("?")[0] for path in re.findall(r"`(?:[A-Z, `]+ )?(/[^`\s]*)", text)
    }
    folders = {re.split("[<….]", path)[0].rstrip("/") or "/" for path in shown}
    rules = {
        re.split("[<.]", rule.rule)[0].rstrip("/") or "/"
        for rule in create_app(graph, settings).url_map.iter_rules()
        if rule.endpoint != "static" and "any(" not in rule.rule
    }
    assert rules <= folders


def test_every_format_is_named():
    text = (ROOT / "docs" / "http.md").read_text(encoding="utf-8")
    for entry in FORMATS:
        assert f"`{entry.name}`" in text
        assert f"`{entry.media_type}`" in text


@each_page
def test_links_lead_somewhere(page):
    text = re.sub(
        r"^```.*?^```$", "", page.read_text(encoding="utf-8"), flags=re.S | re.M
    )
    for link in re.findall(r"\]\(([^)\s]+)\)", text):
        if "://" in link:
            continue
        path, _, anchor = link.partition("#")
        target = (page.parent / path) if path else page
        assert target.exists(), link
        assert not anchor or anchor in anchors(target), link


def anchors(page):
    """The anchors of the headings, as the forges make them."""
    text = page.read_text(encoding="utf-8")
    headings = re.findall(r"^#+ (.*)$", text, re.M)
    return {
        re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")
        for heading in headings
    }


def test_the_changelog_has_the_present_version():
    version = re.search(
        r'^version = "(.*)"$', (ROOT / "pyproject.toml").read_text("utf-8"), re.M
    )
    text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert version
    assert f"## [{version.group(1)}]" in text


@each_page
def test_nothing_is_left_to_be_filled_in(page):
    text = page.read_text(encoding="utf-8")
    assert not re.search("@@|TODO|FIXME", text)
    assert [line for line in prose(text) if len(line) > 88] == []


def prose(text):
    """The lines outside blocks, tables and links that do not break."""
    outside = re.sub(r"^```.*?^```$", "", text, flags=re.S | re.M)
    return [line for line in outside.splitlines() if line[:1] not in "|[<"]
