"""`kg map`: tables through mappings and the gate, rows that are not taken by line."""

from __future__ import annotations

import io
import json
import zipfile
from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner
from openpyxl import Workbook, load_workbook

from kg import gate, mapping_engine, staging, tables
from kg.cli import main
from kg.errors import DataFileError
from kg.mapping_dates import CellError, read_date
from kg.mapping_engine import run_engine
from kg.mapping_spec import read_spec, shipped_mappings
from kg.tables import read_table
from kg.terms import LABEL, NamedNode, graph_name
from tests.engine_of_mappings import need_engine

ORIGIN = (
    *("--source", "Invented Series"),
    *("--homepage", "https://example.org/series"),
    *("--license", "https://example.org/terms"),
)
TREATIES = """\
Number,Title,Parties,Signed,Place,In force,Depositary
101,Agreement on trade,Kenya; Morocco,12 March 2024,Rabat,2024-05,
102,Agreement on visas,IQ;KWT,1999,,,Kuwait
"""
EVENTS = """\
Event ID\tEvent Date\tEvent Type\tEvent Mode\tActor Country\tRecipient Country
E-1\t2024-03-12\tCONSULT\tvisit\tKEN\tMAR
E-2\t2024-03-13\tACCUSE\t\tIRQ\tKWT
"""
POSTS = """\
Person,Post,Kind,State,Body,Accredited to,From,To
Musalia Mudavadi,Foreign Minister of Kenya,foreign minister,Kenya,,,2023-10,present
Jane Roe,Envoy of Iraq to Kenya and Kuwait,ambassador,IRQ,,KEN; KWT,1 May 2010,2014
Jane Roe,Head of the Invented Desk,,,US Department of State,,,
John Doe,Foreign Minister of Kenya,foreign minister,KE,,,,2023-10-05
"""
ONE_PARTY = """
table:
  key: Number
  columns:
    Parties: {is: exq:State, split: ";"}
prefixes:
  exq: https://w3id.org/exequatur/ontology#
  id: https://w3id.org/exequatur/id/
  rdfs: http://www.w3.org/2000/01/rdf-schema#
mappings:
  treaty:
    sources: [[data.csv~csv]]
    s: id:invented-$(Number.short)
    po:
      - [a, exq:Treaty]
      - [rdfs:label, $(Title), en~lang]
      - [exq:hasStateParty, $(Parties.iri)~iri]
"""
GRAPH = graph_name("invented-series")


@pytest.fixture
def kg(own_store, tmp_path, monkeypatch):
    """Return a function that runs `kg map` on a store that may be changed."""
    monkeypatch.chdir(tmp_path)

    def run(spec, data, *options):
        arguments = ["map", str(spec), str(data), *ORIGIN, *options]
        environment = {"EXEQUATUR_STORE": str(own_store)}
        return CliRunner().invoke(main, arguments, env=environment)

    return run


@pytest.fixture
def engine():
    need_engine()


@pytest.fixture
def write(tmp_path):
    """Return a function that writes a file, and returns its path."""

    def written(name, text):
        path = tmp_path / name
        path.write_text(text, encoding="utf-8", newline="")
        return path

    return written


def objects(graph, name, predicate):
    """The objects that the graph of the table has, as they end or read."""
    prefix = "https://w3id.org/exequatur/"
    subject = NamedNode(f"{prefix}id/{name}")
    property_ = NamedNode(f"{prefix}ontology#{predicate}")
    quads = graph.snapshot().quads(subject, property_, None, GRAPH)
    return sorted(quad.object.value.removeprefix(f"{prefix}id/") for quad in quads)


# --- the shipped mappings ---------------------------------------------------------


def test_a_table_of_treaties_becomes_treaties_once_of_states_that_are_there(
    engine, kg, write, own_graph
):
    table = write("t.csv", TREATIES)
    assert kg("treaty-series", table, "--dry-run").exit_code == 0
    assert own_graph.store.version == 1
    result = kg("treaty-series", table, "-m", "Two treaties")
    assert result.exit_code == 0, result.output
    assert "accepted as version 2" in result.stderr
    assert objects(own_graph, "invented-series-101", "hasStateParty") == [
        "kenya",
        "morocco",
    ]
    assert objects(own_graph, "invented-series-102", "hasStateParty") == [
        "iraq",
        "kuwait",
    ]
    assert objects(own_graph, "invented-series-102", "hasDepositary") == ["kuwait"]
    signing = "signing-of-invented-series-101"
    assert objects(own_graph, "invented-series-101", "signedAt") == [signing]
    assert objects(own_graph, signing, "takesPlaceAt") == ["rabat"]
    assert objects(own_graph, f"time-of-{signing}", "edtf") == ["2024-03-12"]
    entry = "time-of-entry-into-force-of-invented-series-101"
    assert objects(own_graph, entry, "edtf") == ["2024-05"]
    assert objects(own_graph, entry, "latest") == ["2024-05-31"]
    again = kg("treaty-series", table)
    assert again.exit_code == 0, again.output
    assert "nothing new; the graph stays at version 2" in again.stderr


def test_a_table_of_posts_takes_what_is_there_and_makes_what_is_not(
    engine, kg, write, own_graph
):
    result = kg("posts", write("posts.csv", POSTS))
    assert result.exit_code == 0, result.output
    here = objects(own_graph, "musalia-mudavadi", "hasTenure")
    known = "tenure-invented-series-musalia-mudavadi-foreign-minister-of-kenya-2023-10"
    assert here == [known]
    assert objects(own_graph, known, "inPost") == ["foreign-minister-of-kenya"]
    assert objects(own_graph, f"time-of-{known}", "edtf") == ["2023-10/.."]
    assert objects(own_graph, f"time-of-{known}", "endEdtf") == []
    assert objects(own_graph, f"time-of-{known}", "earliest") == ["2023-10-01"]
    new = "envoy-of-iraq-to-kenya-and-kuwait"
    assert objects(own_graph, new, "accreditedTo") == ["kenya", "kuwait"]
    assert objects(own_graph, new, "hasPostKind") == ["post-kind-ambassador"]
    desk = "head-of-the-invented-desk"
    assert objects(own_graph, desk, "postIn") == ["us-department-of-state"]
    assert objects(own_graph, desk, "postOfState") == []
    assert len(objects(own_graph, "jane-roe", "hasTenure")) == 2
    past = "tenure-invented-series-john-doe-foreign-minister-of-kenya"
    assert objects(own_graph, f"time-of-{past}", "edtf") == ["/2023-10-05"]
    labels = own_graph.snapshot().quads(None, LABEL, None, GRAPH)
    named = {q.subject.value.rpartition("/")[2] for q in labels}
    assert {"jane-roe", "john-doe", new, desk} <= named
    assert not {"musalia-mudavadi", "foreign-minister-of-kenya"} & named
    again = kg("posts", write("posts.csv", POSTS))
    assert "nothing new; the graph stays at version 2" in again.stderr


def test_rows_of_posts_that_cannot_be_are_rejected(kg, write, engine):
    table = POSTS + (
        "JANE ROE,Foreign Minister of Kenya,,KE,,,2001,2002\n"
        "Kenya,Foreign Minister of Kenya,,KE,,,2001,2002\n"
        "Max Roe,Foreign Minister of Kenya,,KE,,,2003,2002\n"
        "Max Roe,Foreign Minister of Kenya,,KE,,,2001/2002,2003\n"
        "Max Roe,Foreign Minister of Kenya,,KE,,,12 to 14 March 2024,2025\n"
        "*,Foreign Minister of Kenya,,KE,,,2001,2002\n"
        "Jane Roe,Head of the Invented Desk,,,US Department of State,,,\n"
    )
    result = kg("posts", write("p.csv", table))
    assert result.exit_code == 1
    for told in (
        "line 6, column Person: 'JANE ROE' is 'Jane Roe' elsewhere",
        "line 7, column Person: 'Kenya' would be id:kenya, which is something else",
        "line 8, column To: '2002' is before '2003'",
        "line 9, column From: '2001/2002' is no",
        "line 10, column From: '12 to 14 March 2024' is no",
        "line 11, column Person: '*' makes no IRI",
        "line 12, column Person, Post, From: 'Jane Roe, Head of the Invented Desk' "
        "stands in line 4 too",
    ):
        assert told in result.stdout


@pytest.mark.parametrize("text", [TREATIES, EVENTS, POSTS])
def test_csv_json_and_xlsx_of_the_same_table_are_the_same(write, tmp_path, text):
    table = read_table(write("t.csv", text))
    given = [row.cells for row in table.rows]
    bare = write("t.json", json.dumps(given))
    nested = write("n.json", json.dumps({"rows": given}, indent=1))
    lines = write("t.jsonl", "".join(f"{json.dumps(row)}\n" for row in given))
    book = Workbook()
    for row in (table.columns, *(list(row.values()) for row in given)):
        book.active.append(row)
    book.save(tmp_path / "t.xlsx")
    for path in (bare, nested, lines, tmp_path / "t.xlsx"):
        read = read_table(path)
        assert read.columns == table.columns
        assert [row.cells for row in read.rows] == given


def test_a_table_is_judged_once_and_a_large_one_taken_in_at_once(
    engine, kg, write, own_graph, monkeypatch
):
    judged = []

    def judging(*given, **named):
        judged.append(given)
        return gate.judge(*given, **named)

    monkeypatch.setattr("kg.graph.judge", judging)
    monkeypatch.setattr(staging, "MOST_QUADS", 0)
    result = kg("treaty-series", write("t.csv", TREATIES))
    assert "accepted as version 2" in result.stderr
    assert len(judged) == 1
    assert objects(own_graph, "invented-series-102", "hasDepositary") == ["kuwait"]
    assert own_graph.store.snapshot().version == 2


def rows_of(text):
    lines = [line.split("\t") for line in text.splitlines()]
    return [dict(zip(lines[0], line, strict=True)) for line in lines[1:]]


def test_a_table_of_coded_events_becomes_events_from_csv_json_and_xlsx(
    engine, kg, write, own_graph, tmp_path
):
    result = kg("plover-events", write("events.tsv", EVENTS))
    assert result.exit_code == 0, result.output
    kind = "SELECT ?kind WHERE { GRAPH ?g { ?e a ?kind ; exq:performedBy ?who } }"
    kinds = {row[0].value.rpartition("#")[2] for row in own_graph.query(kind).rows()}
    assert {"Meeting", "CommunicativeAct"} <= kinds
    assert objects(own_graph, "invented-series-e-1", "hasStateParticipant") == [
        "kenya",
        "morocco",
    ]
    rows = rows_of(EVENTS)
    nested = write("events.json", json.dumps({"events": rows}, indent=1))
    book = Workbook()
    for row in (list(rows[0]), *(list(row.values()) for row in rows)):
        book.active.append(row)
    book.save(tmp_path / "events.xlsx")
    for table in (nested, tmp_path / "events.xlsx"):
        result = kg("plover-events", table)
        assert result.exit_code == 0, result.output
        assert "nothing new" in result.stderr


# --- rows that are not taken ------------------------------------------------------

FAULTY = TREATIES + (
    "103,No such party,Kenya; Atlantis,,,,\n"
    "104,No such day,Kenya; Morocco,30 February 2024,,,\n"
    "101,The same number,Kenya; Morocco,,,,\n"
    "105,One party,Kenya,,,,\n"
    "106,Too short\n"
    ",No number,Kenya; Morocco,,,,\n"
    "107,a\x01b,Kenya; Iraq,,,,\n"
)


def test_rejected_rows_are_listed_by_line_and_nothing_is_written(
    engine, kg, write, own_graph
):
    result = kg("treaty-series", write("t.csv", FAULTY))
    assert result.exit_code == 1
    assert "t.csv: line 4, column Parties: no exq:State or" in result.stdout
    assert "line 5, column Signed: '30 February 2024' is no date" in result.stdout
    assert "line 6, column Number: '101' stands in line 2 too" in result.stdout
    assert "line 7, column Parties: names 1 of at least 2" in result.stdout
    assert "line 8: has 2 cells, the header has 7" in result.stdout
    assert "line 9, column Number: is empty" in result.stdout
    assert "line 10: holds a control character" in result.stdout
    assert "7 of 9 rows rejected" in result.stderr
    assert own_graph.store.version == 1


def test_the_other_rows_are_added_where_that_is_asked_for(engine, kg, write, own_graph):
    options = ("--skip-rejected", "--json", "--rejected", "left.csv")
    result = kg("treaty-series", write("t.csv", FAULTY), *options)
    assert result.exit_code == 0, result.output
    left = read_table(Path("left.csv")).rows
    assert [row.cells["Rejected line"] for row in left] == list(map(str, range(4, 11)))
    assert left[0].cells["Parties"] == "Kenya; Atlantis"
    assert left[1].cells["Rejected because"].startswith("Signed: '30 February 2024'")
    mended = write("left.csv", Path("left.csv").read_text().replace("Atlantis", "Iraq"))
    again = kg("treaty-series", mended, "--dry-run", "--rejected", "left.csv")
    assert again.exit_code == 2
    assert "left.csv: is the table itself" in again.stderr
    again = kg("treaty-series", mended, "--dry-run", "--rejected", "still.csv")
    assert "line 2" not in again.stdout
    assert len(read_table(Path("still.csv")).rows) == len(left) - 1
    told = json.loads(result.stdout)
    assert told["accepted"]
    assert told["version"] == 2
    assert [one["line"] for one in told["rejected"]] == [4, 5, 6, 7, 8, 9, 10]
    assert objects(own_graph, "invented-series-102", "hasStateParty")
    assert not objects(own_graph, "invented-series-105", "hasStateParty")


def test_a_violation_tells_the_line_of_its_row(engine, kg, write, own_graph):
    spec = write("own.yml", ONE_PARTY)
    table = write("t.csv", "Number,Title,Parties\n1,A,Kenya;Iraq\n2,B,Kenya\n")
    result = kg(spec, table)
    assert result.exit_code == 1
    assert "line 3: Name at least two parties" in result.stdout
    assert "t.csv:3" in result.stdout
    assert own_graph.store.version == 1
    assert kg(spec, table, "--skip-rejected").exit_code == 0
    assert objects(own_graph, "invented-1", "hasStateParty") == ["iraq", "kenya"]
    assert not objects(own_graph, "invented-2", "hasStateParty")


HOSTILE = (
    'He said "no" \\" . <urn:x> <urn:y> <urn:z> <urn:exequatur:row:1> .',
    "<script>alert(1)</script> & {Number} $(Number) %3E",
    "back\\slash \\n \\u0041 'quote' ^^xsd:date @en",
    "=1+1 \u202e\u2067 é 条約 معاهدة 🕊",
    "nan",
)


def test_what_stands_in_a_cell_is_text_and_nothing_else(engine, kg, write, own_graph):
    rows = [
        {"Number": f"7 >/<{title}", "Title": title, "Parties": ["Kenya", "Iraq"]}
        for title in HOSTILE
    ]
    result = kg("treaty-series", write("t.json", json.dumps(rows)))
    assert result.exit_code == 0, result.output
    quads = list(own_graph.snapshot().quads(None, None, None, GRAPH))
    titles = {q.object.value for q in quads if q.predicate.value.endswith("/title")}
    assert set(HOSTILE) <= titles
    names = {q.subject.value for q in quads}
    assert not any(set(name) & set(" <>\"{}|\\^`'") for name in names)


def test_a_far_cell_makes_no_sheet_wide_and_dates_are_dates(tmp_path):
    book = Workbook()
    sheet = book.active
    for row in (("A", "B"), (1, date(2024, 3, 12)), (2.0, True), (), (3, "=1+1")):
        sheet.append(row)
    sheet.cell(9_000, 16_384, "far")
    book.save(tmp_path / "t.xlsx")
    rows = read_table(tmp_path / "t.xlsx").rows
    assert [(row.line, row.cells["A"], row.cells["B"]) for row in rows[:2]] == [
        (2, "1", "2024-03-12"),
        (3, "2", "True"),
    ]
    assert [row.line for row in rows[2:]] == [5, 9_000]
    assert "formula without its value" in rows[2].wrong
    assert rows[-1].wrong == "has 16384 cells, the header has 2"


def test_a_byte_order_mark_semicolons_and_blank_lines_are_no_matter(write):
    table = read_table(write("t.csv", '\ufeffA;B\r\n\r\n1;"x;y"\r\n ; \r\n2;z\r\n'))
    assert table.columns == ("A", "B")
    assert [(row.line, row.cells["B"]) for row in table.rows] == [(3, "x;y"), (5, "z")]


def test_a_cell_with_a_line_break_counts_its_lines(write):
    table = read_table(write("t.csv", 'A,B\n1,"x\ny"\n2,z\n'))
    assert [(row.line, row.cells["B"]) for row in table.rows] == [(2, "x y"), (4, "z")]


def test_what_a_spreadsheet_could_not_work_out_is_no_text(write, tmp_path):
    rows = read_table(write("t.csv", "A,B\n1,#REF!\n2,#1\n")).rows
    assert [row.wrong for row in rows] == ["holds #REF!, an error of a spreadsheet", ""]
    book = Workbook()
    for row in (("A", "B"), (1, "#N/A"), (2, "x")):
        book.active.append(row)
    book.save(tmp_path / "t.xlsx")
    rows = read_table(tmp_path / "t.xlsx").rows
    assert [row.wrong for row in rows] == ["holds #N/A, an error of a spreadsheet", ""]


@pytest.mark.parametrize("far", [0, 60_000])
def test_only_a_sheet_with_formulas_is_read_once_more(tmp_path, monkeypatch, far):
    read = []

    def counting(*given, **named):
        read.append(named)
        return load_workbook(*given, **named)

    monkeypatch.setattr("openpyxl.load_workbook", counting)
    book = Workbook()
    for row in (("A", "B"), (1, "<f>"), *((2, "a text") for _ in range(far))):
        book.active.append(row)
    book.save(tmp_path / "t.xlsx")
    assert read_table(tmp_path / "t.xlsx").rows[0].wrong == ""
    assert len(read) == 1
    book.active.append((3, "=A2"))
    book.save(tmp_path / "t.xlsx")
    last = read_table(tmp_path / "t.xlsx").rows[-1]
    assert last.wrong.startswith("holds a formula without its value")
    assert len(read) == 3


@pytest.mark.parametrize(
    ("told", "may"),
    [
        ("<c><v>1</v></c><fonts/>", False),
        ("<x:c><x:f>1</x:f></x:c>", True),
        (" " * ((1 << 20) - 1) + "<f t='shared'/>", True),
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le"])
def test_a_formula_is_seen_however_the_sheet_is_written(told, may, encoding):
    data = io.BytesIO(f"<?xml version='1.0'?>{told}".encode(encoding))
    assert tables._may_have(data) == (may or "16" in encoding)


def test_the_line_that_tells_excel_what_parts_cells_is_no_row(write):
    table = read_table(write("t.csv", "sep=|\r\nA|B\r\n1|x;y,z\r\n"))
    assert table.columns == ("A", "B")
    assert [(row.line, row.cells["B"]) for row in table.rows] == [(3, "x;y,z")]


def test_all_that_is_wrong_in_a_row_is_told_at_once(engine, kg, write):
    row = "9,Toll,Kenya,30 February 2024,Nowhere,2024,Nobody\n"
    result = kg(
        "treaty-series", write("t.csv", TREATIES.partition("\n")[0] + "\n" + row)
    )
    assert [line.split(": ")[1] for line in result.stdout.splitlines()] == [
        f"line 2, column {name}"
        for name in ("Depositary", "Parties", "Place", "Signed")
    ]
    assert "names 1 of at least 2; part them by ';'" in result.stdout
    assert "1 of 1 rows rejected" in result.stderr


@pytest.mark.parametrize(
    "told",
    [
        "2024-03-12 00:00:00", "2024-03-12T00:00:00", "2024-03-12T00:00:00.000Z",
        "2024-03-12 00:00",
    ],
)  # fmt: skip
def test_a_date_with_no_more_than_midnight_is_that_date(told):
    assert read_date("Signed", told) == read_date("Signed", "2024-03-12")
    for other in ("2024-03-12 00:01:00", "2024-03-12T10:00:00Z", " 00:00:00"):
        with pytest.raises(CellError, match="is no date"):
            read_date("Signed", other)


@pytest.mark.parametrize(
    ("told", "edtf"),
    [("14/03/2024", "2024-03-14"), ("3/14/2024", "2024-03-14"),
     ("4/4/2024", "2024-04-04"), ("3.4.2024", "2024-04-03"), ("1999", "1999")],
)  # fmt: skip
def test_a_date_in_figures_is_taken_where_it_is_one_day(told, edtf):
    assert read_date("Signed", told)["edtf"] == edtf


@pytest.mark.parametrize("told", ["03/04/2024", "3/4/2024", "12/11/2024"])
def test_a_date_that_may_be_two_days_is_rejected(told):
    with pytest.raises(CellError, match="may be one of two days"):
        read_date("Signed", told)


def test_a_code_is_known_in_any_letter_case(engine, kg, write, own_graph):
    events = EVENTS.replace("CONSULT", "Consult")
    assert events != EVENTS
    result = kg("plover-events", write("events.tsv", events), "--dry-run")
    assert result.exit_code == 0, result.output


def test_a_table_that_is_carried_out_in_parts_says_the_same(
    engine, kg, write, own_graph, monkeypatch
):
    monkeypatch.setattr("kg.mapping._AT_ONCE", 1)
    result = kg("treaty-series", write("t.csv", TREATIES))
    assert result.exit_code == 0, result.output
    monkeypatch.undo()
    again = kg("treaty-series", write("t.csv", TREATIES))
    assert "nothing new" in again.stderr
    parties = objects(own_graph, "invented-series-101", "hasStateParty")
    assert sorted(parties) == ["kenya", "morocco"]


# --- tables and mappings that cannot be used --------------------------------------


def test_a_missing_column_is_named_with_what_is_near(kg, write):
    table = write("t.csv", TREATIES.replace("Parties", "Partis"))
    result = kg("treaty-series", table)
    assert result.exit_code == 2
    told = "t.csv:1: has no column 'Parties', which treaty-series needs; did you mean"
    assert f"{told} 'Partis'?" in result.stderr


@pytest.mark.parametrize(
    ("name", "data", "told"),
    [
        ("t.csv", b"Number,Title\n1,caf\xe9\n", ":2: byte 0xe9 is not UTF-8"),
        ("t.csv", b"A,A\n1,2\n", ":1: the column 'A' is there twice"),
        ("t.csv", b"A,B\n", "holds no rows"),
        ("t.csv", b"", ":1: has no header"),
        ("t.csv", b"A,,C\n1,2,3\n", ":1: a column has no name"),
        ("t.csv", ",".join(map(str, range(9999))).encode(), ":1: has 9,999 columns"),
        ("t.csv", b"A,B\n1," + b"x" * 200_000, ":2: is no CSV (field larger"),
        ("t.json", b'[{"A": 1},\n {"A": 1, "A": 2}]', ":2: is no JSON (the key 'A' is"),
        ("t.json", b'{"A": 1', "is no JSON"),
        ("t.json", b"[]", "holds no rows"),
        ("t.json", b'[{"A": NaN}]', ":1: is no JSON (NaN is no number of JSON)"),
        ("t.csv", "A,B\n1,2\n".encode("utf-16"), ":1: is in UTF-16"),
        ("t.csv", b'A,B\n"1,2\n', "is no CSV"),
        ("t.json", b'[{"A": 1},\n {"A": }]', ":2: is no JSON"),
        ("t.json", b"[" * 100_000, "is no JSON"),
        ("t.json", b"[[1]]", "a row is not an object"),
        ("t.xlsx", b"PK no zip", "is no XLSX"),
        ("t.ods", b"", "is no table that can be read"),
    ],
)
def test_a_file_that_is_no_table_says_where_and_why(name, data, told, tmp_path):
    path = tmp_path / name
    path.write_bytes(data)
    with pytest.raises(DataFileError) as caught:
        read_table(path)
    assert told in str(caught.value)


def test_an_xlsx_that_unpacks_without_end_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(tables, "MOST_UNPACKED", 1_000_000)
    path = tmp_path / "bomb.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b"0" * 2_000_000)
    assert path.stat().st_size < 10_000
    with pytest.raises(DataFileError, match="unpacks to"):
        read_table(path)


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("[[data.csv~csv]]", "[[/etc/passwd~csv]]", "names the source '/etc/passwd"),
        ("[[data.csv~csv]]", "[['../other.csv~csv']]", "names the source"),
        ("[[data.csv~csv]]", "[['https://example.org/x.csv~csv']]", "names the source"),
        (
            "[[data.csv~csv]]",
            '[{access: "mysql://localhost/x", query: "SELECT 1"}]',
            "names the source",
        ),
        ("[[data.csv~csv]]", "[['data.json~jsonpath', '$..x']]", "names the source"),
        ("$(Title), en~lang", "{function: 'ex:read', parameters: []}", "'function'"),
        ("table:", "base: x\ntable:", "unknown section 'base'"),
        ("mappings:", "targets: {}\nmappings:", "unknown section 'targets'"),
        ("    s:", "    condition: {}\n    s:", "unknown key 'condition'"),
        ("    s:", "    graphs: graph:reference\n    s:", "unknown key 'graphs'"),
        ("split:", "splitt:", "did you mean split?"),
        ('split: ";"', "least: many", "is no number"),
        ('split: ";"', "values: [A]", "values must be"),
        ("  key: Number", "  keys: Number", "did you mean key?"),
        ("prefixes:", "prefixes: &a\n  b: *a\nmore:", "aliases"),
        ("mappings:", "mappings: [", "is no YAML"),
        ("exq:Treaty", "exx:Treaty", "treaty: unknown prefix 'exx'; did you mean exq?"),
        ("exq:hasState", "eq:hasState", "treaty: unknown prefix 'eq'"),
        ("id:invented", "ids:invented", "treaty: unknown prefix 'ids'"),
        ("    s: id:invented-$(Number.short)\n", "", "treaty: has no subject"),
        ("    po:\n", "    po: {}\n    poo:\n", "'poo'; did you mean po?"),
        ("po:", "p:", "unknown key 'p'"),
        ("  key: Number", "  key: Number\n  key: Title", "own.yml:4: the key 'key' is"),
        ('split: ";"', "split: 5", "Parties: split: 5 is not a text"),
        ('split: ";"', 'required: "no"', "required: 'no' is not true or false"),
        ('split: ";"', "new: 1", "new: 1 is not true or false"),
    ],
)
def test_a_mapping_reads_nothing_but_its_table(old, new, told, write):
    spec = write("own.yml", ONE_PARTY.replace(old, new, 1))
    with pytest.raises(DataFileError) as caught:
        read_spec(spec)
    assert told in str(caught.value)


def test_a_class_that_is_none_is_named_with_what_is_near(kg, write):
    spec = write("own.yml", ONE_PARTY.replace("exq:State", "exq:Sate"))
    result = kg(spec, write("t.csv", "Number,Title,Parties\n1,A,Kenya\n"))
    assert result.exit_code == 2
    assert "exq:State" in result.stderr


def test_a_hidden_sheet_is_not_the_table(tmp_path):
    book = Workbook()
    book.active.append(("A", "B"))
    book.active.append((1, 2))
    hidden = book.create_sheet("lists", 0)
    hidden.sheet_state = "hidden"
    hidden.append(("secret",))
    book.save(tmp_path / "t.xlsx")
    assert read_table(tmp_path / "t.xlsx").columns == ("A", "B")


def test_prefixes_that_the_engine_knows_need_not_be_declared(write):
    text = ONE_PARTY.replace("[a, exq:Treaty]", "[dcterms:title, $(Title)]")
    assert read_spec(write("own.yml", text)).key == ("Number",)


def test_a_kind_of_cell_that_is_none_is_told_with_its_place(kg, write):
    spec = write("own.yml", ONE_PARTY.replace("exq:State", "dat", 1))
    result = kg(spec, write("t.csv", "Number,Title,Parties\n1,A,Kenya\n"))
    assert result.exit_code == 2
    assert result.stderr == (
        "kg: own.yml: Parties: is: 'dat' is no class of the ontology;"
        " did you mean date?\n"
    ).replace("own.yml", str(spec))


def test_a_very_long_cell_makes_no_long_message(engine, kg, write):
    table = write("t.csv", f"Number,Title,Parties\n1,A,{'K' * 100_000}\n")
    result = kg(write("own.yml", ONE_PARTY), table)
    assert result.exit_code == 1
    assert "line 2, column Parties: no exq:State here is called 'KKK" in result.stdout
    assert len(result.output) < 1_000


def test_an_address_that_is_none_is_told(kg, write):
    table = write("t.csv", TREATIES)
    result = kg("treaty-series", table, "--license", "no address")
    assert result.exit_code == 2
    assert "--license: 'no address' is no address" in result.stderr


def test_what_the_engine_alone_finds_wrong_is_told_of_the_mapping(engine):
    with pytest.raises(DataFileError) as caught:
        run_engine("mappings: [", ".yml", ["A"], [{"A": "1"}], "t.csv", "own.yml")
    assert str(caught.value).startswith("own.yml: the rules cannot be carried out: ")


def test_without_the_engine_the_command_says_how_to_get_it(
    kg, write, tmp_path, monkeypatch
):
    monkeypatch.setattr(mapping_engine, "engine_folder", lambda: tmp_path / "none")
    result = kg("treaty-series", write("t.csv", TREATIES))
    assert result.exit_code == 2
    assert "kg map --set-up" in result.stderr


def test_every_shipped_mapping_can_be_read():
    for name in shipped_mappings():
        assert read_spec(shipped_mappings()[name]).rules.references()
