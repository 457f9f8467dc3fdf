"""Pictures of answers: bars for numbers of things, a timeline for dates."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import settings as bounds
from hypothesis import strategies as st

from kg.pictures.bars import Bar, drawn, said
from kg.terms import XSD, Literal, NamedNode
from server.app import create_app
from server.charts import MOST_BARS, chart_of
from server.tables import AnswerTable, Cell

BROWSER = {"Accept": "text/html,*/*;q=0.8"}
SVG = "{http://www.w3.org/2000/svg}"


def table(*rows):
    """Return a table of *rows* of terms, its columns called a, b and so on."""
    columns = tuple("abcdefg"[: len(rows[0])])
    cells = tuple(tuple(map(cell, row)) for row in rows)
    return AnswerTable(columns, cells, terms=tuple(rows))


def cell(term):
    if term is None:
        return None
    return Cell(term.value, term.value if isinstance(term, NamedNode) else "")


def chart(*rows):
    return chart_of(table(*rows), str)


def name(text):
    return Literal(text, language="en")


def day(text):
    return Literal(text, datatype=NamedNode(f"{XSD}date"))


def read(picture):
    return ElementTree.fromstring(picture)  # noqa: S314 our own


def rectangles(picture, family):
    root = read(picture)
    return [float(r.get("width", 0)) for r in root.iter(f"{SVG}rect")
            if r.get("class") == family]  # fmt: skip


# --- bars -------------------------------------------------------------------------


def test_numbers_of_things_are_bars_as_long_as_they_are_large():
    found = chart((name("one"), Literal(10)), (name("two"), Literal(40)))
    assert found
    short, long = rectangles(found.wide, "state")
    assert long == pytest.approx(4 * short, abs=0.2)
    assert ">10<" in found.wide
    assert ">40<" in found.wide


def test_each_column_of_numbers_has_its_own_scale():
    found = chart(
        (name("one"), Literal(1), Literal(1000)), (name("two"), Literal(2), Literal(10))
    )
    assert found
    assert max(rectangles(found.wide, "state")) == max(rectangles(found.wide, "event"))


def test_the_picture_has_a_name_and_says_all_it_shows():
    found = chart((name("one"), Literal(10)), (name("two"), None))
    assert found
    root = read(found.wide)
    assert root.find(f"{SVG}title") is not None
    assert root.findtext(f"{SVG}desc") == "one: b 10. two: no number."


@pytest.mark.parametrize(
    "rows",
    [
        [(name("one"), Literal(1))],
        [(name("one"), Literal(1)), (name("one"), Literal(2))],
        [(name("one"), Literal(-1)), (name("two"), Literal(2))],
        [(name("one"), Literal("1")), (name("two"), Literal("2"))],
        [(Literal(1), Literal(1)), (Literal(2), Literal(2))],
        [(name("one"), *[Literal(1)] * 4), (name("two"), *[Literal(2)] * 4)],
        [(name("one"), name("other")), (name("two"), name("other"))],
        [(name("one"), Literal(float("inf"))), (name("two"), Literal(float("nan")))],
        [(name("one"), None), (name("two"), None)],
    ],
    ids=[
        "a row",
        "no key",
        "below 0",
        "texts",
        "no name",
        "many",
        "none",
        "inf",
        "empty",
    ],
)
def test_other_tables_have_no_bars(rows):
    assert chart(*rows) is None


def test_a_long_table_has_bars_for_its_first_rows():
    found = chart(*[(name(str(n)), Literal(n)) for n in range(100)])
    assert found
    assert found.rows == MOST_BARS
    assert len(rectangles(found.wide, "state")) == MOST_BARS


@given(
    st.lists(
        st.builds(
            Bar,
            st.text(max_size=80),
            st.tuples(st.none() | st.floats(0, 1e15)),
            st.sampled_from(["", "https://example.org/", "javascript:alert(1)"]),
        ),
        min_size=1,
        max_size=5,
    ),
    st.booleans(),
)
@bounds(max_examples=40, deadline=None)
def test_whatever_is_drawn_stays_within_the_picture_and_is_xml(bars, is_narrow):
    picture = drawn(["number"], bars, is_narrow=is_narrow)
    root = read(picture.svg())
    for one in root.iter(f"{SVG}rect"):
        assert float(one.get("x", 0)) + float(one.get("width", 0)) <= picture.width + 1
        assert float(one.get("y", 0)) + float(one.get("height", 0)) <= picture.height
    assert not any("javascript" in (a.get("href") or "") for a in root.iter(f"{SVG}a"))


def test_a_number_is_written_as_people_do():
    assert [said(n) for n in (0, 12.0, 1234567, 0.5)] == [
        "0",
        "12",
        "1,234,567",
        "0.50",
    ]


# --- timelines --------------------------------------------------------------------


def test_dates_of_things_are_a_timeline():
    found = chart(
        (name("one"), day("2024-05-31")),
        (name("two"), day("2023-01-01")),
        (name("none"), None),
    )
    assert found
    assert found.name == "As a timeline"
    assert found.wide.count("<circle") == 2 + 1, "and that of the legend"
    assert found.wide.index("two") < found.wide.index("one")


def test_dates_in_edtf_are_drawn_as_what_they_are():
    found = chart((name("one"), Literal("2024-05")), (name("two"), Literal("XXXX-06")))
    assert found
    assert 'class="band event"' in found.wide
    assert "In a year that no source states" in found.wide


@pytest.mark.parametrize(
    "rows",
    [
        [(name("one"), day("2024-05-31"))],
        [(name("one"), day("2024-05-31")), (name("two"), day("2024-05-31"))],
        [(name("one"), Literal("Thursday")), (name("two"), Literal("2024"))],
        [(day("2024-05-31"),), (day("2023-05-31"),)],
        [(name("one"), name("2024")), (name("two"), name("2023"))],
    ],
    ids=["a row", "one date", "a wording", "no names", "names of years"],
)
def test_other_tables_have_no_timeline(rows):
    assert chart(*rows) is None


# --- pages ------------------------------------------------------------------------


@pytest.fixture(scope="module")
def client(graph, settings):
    return create_app(graph, settings).test_client()


@pytest.mark.parametrize(
    ("query", "kind"),
    [
        ("graph-inventory", "bars"),
        ("articles", "bars"),
        ("timeline", "timeline"),
        ("ambassadors", None),
        ("recognition-by-state", None),
        ("events-in-schema-org", None),
    ],
)
def test_pages_have_the_picture_that_their_columns_call_for(client, query, kind):
    page = client.get(f"/queries/{query}", headers=BROWSER).text
    assert re.findall(r'class="picture picture-([\w-]+)"', page) == (
        [kind, f"{kind}-narrow"] if kind else []
    )
    assert ("<table" in page) == (query != "recognition-by-state")


def test_the_picture_is_in_the_order_of_the_table(client):
    address = "/queries/graph-inventory?sort=triples&order=desc"
    page = client.get(address, headers=BROWSER).text
    widths = rectangles(re.findall("<svg.*?</svg>", page, re.DOTALL)[0], "event")
    assert widths == sorted(widths, reverse=True)
    assert widths[0] > widths[-1]
