"""The timeline: dates as what they are, chosen, drawn and listed."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from xml.etree import ElementTree

import pytest

from kg.names import find_entity
from kg.pictures.dates import YEARLESS, Reach, reach
from kg.pictures.events import Choice, Timeline, timeline
from kg.pictures.timeline import drawn, when
from kg.terms import BASE, NamedNode
from server.app import create_app

SVG = "{http://www.w3.org/2000/svg}"
HTML = {"Accept": "text/html"}


def days(first, last, **more):
    return Reach(
        date.fromisoformat(first) if first else None,
        date.fromisoformat(last) if last else None,
        **more,
    )


@pytest.fixture(scope="module")
def client(graph, settings):
    return create_app(graph, settings).test_client()


def labels(dated):
    return [one.thing.label for one in dated]


# --- dates ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("edtf", "meant"),
    [
        ("2024-05-31", days("2024-05-31", "2024-05-31")),
        ("2024-02", days("2024-02-01", "2024-02-29")),
        ("2023", days("2023-01-01", "2023-12-31")),
        ("202X", days("2020-01-01", "2029-12-31")),
        ("19XX", days("1900-01-01", "1999-12-31")),
        ("2024-XX", days("2024-01-01", "2024-12-31")),
        ("2024-05-XX", days("2024-05-01", "2024-05-31")),
        ("2024-05~", days("2024-05-01", "2024-05-31", is_doubtful=True)),
        ("2023/2024-03", days("2023-01-01", "2024-03-31", lasts=True)),
        ("2023-05-04/..", days("2023-05-04", None, lasts=True)),
        ("2023-05-04/", days("2023-05-04", None, lasts=True)),
        ("../2023", days(None, "2023-12-31", lasts=True)),
        ("2024-22", days("2024-01-01", "2024-12-31")),
        ("2023-24", days("2023-01-01", "2024-02-29")),
        ("XXXX-05", days("2000-05-01", "2000-05-31", is_yearless=True)),
        ("XXXX-02-29", days("2000-02-29", "2000-02-29", is_yearless=True)),
        (
            "XXXX-12-06/XXXX-12-08",
            days("2000-12-06", "2000-12-08", is_yearless=True, lasts=True),
        ),
    ],
)
def test_a_date_leaves_open_what_it_does_not_say(edtf, meant):
    assert reach(edtf) == meant


@pytest.mark.parametrize(
    "edtf",
    ["", "XXXX", "soon", "2024-13", "2024-02-30", "202X-05", "2024/2020", "/", "../..",
     "{2023,2024}", "-0100", "XXXX-05/2024", "2024-XX-05", "0000",
     "XXXX-22", "202X-22", "2024-22-05", "9999-24"],
)  # fmt: skip
def test_what_says_nothing_or_cannot_be_read_is_not_placed(edtf):
    assert reach(edtf) is None


def test_the_year_of_dates_without_one_has_all_days():
    assert date(YEARLESS, 2, 29)


# --- what is dated ----------------------------------------------------------------


def test_dates_with_a_year_without_one_and_weekdays_are_kept_apart(snapshot):
    found = timeline(snapshot)
    assert labels(found.placed) == [
        "1951 Refugee Convention",
        "2007 Autonomy Plan",
        "signing of the 2023 memorandum of understanding",
    ]
    assert labels(found.yearless) == [
        "recognition of the Autonomy Plan by Kenya",
        "Jennifer Bachus's official visit to Morocco",
    ]
    assert "arrest of Salman Al-Khalidi" in labels(found.undated)
    assert found.years == ((1951, 1), (2007, 1), (2023, 1))
    assert found.total == 3


def test_every_date_comes_from_a_passage_and_has_its_wording(snapshot):
    found = timeline(snapshot)
    for one in (*found.placed, *found.yearless, *found.undated):
        assert one.passages, one.thing.label
        assert one.wording
        assert one.wording in when(one)
        assert all("#s" in passage.graph.value for passage in one.passages)


@pytest.mark.parametrize(
    ("choice", "has", "has_not"),
    [
        (Choice(kind="Signing"), "signing of the 2023 memorandum of understanding",
         "2007 Autonomy Plan"),
        (Choice(state=NamedNode(f"{BASE}id/kuwait")), "arrest of Salman Al-Khalidi",
         "2007 Autonomy Plan"),
        (Choice(after=date(2000, 1, 1)), "2007 Autonomy Plan",
         "1951 Refugee Convention"),
        (Choice(before=date(2007, 6, 1)), "2007 Autonomy Plan",
         "signing of the 2023 memorandum of understanding"),
        (Choice(after=date(2000, 1, 1)), "2007 Autonomy Plan",
         "arrest of Salman Al-Khalidi"),
        (Choice(kind="Event"), "arrest of Salman Al-Khalidi", "2007 Autonomy Plan"),
    ],
)  # fmt: skip
def test_a_choice_leaves_out_what_does_not_fit(snapshot, choice, has, has_not):
    found = timeline(snapshot, choice)
    shown = labels([*found.placed, *found.yearless, *found.undated])
    if choice.state is None:
        assert has in shown
    assert has_not not in shown


def test_a_state_has_what_it_takes_part_in_and_what_happens_on_its_land(snapshot):
    kenya = find_entity(snapshot, "Kenya")
    found = timeline(snapshot, Choice(state=kenya))
    shown = labels([*found.placed, *found.yearless, *found.undated])
    assert "recognition of the Autonomy Plan by Kenya" in shown
    assert "Laassel–Ingonga talks in Nairobi" in shown
    assert "arrest of Salman Al-Khalidi" not in shown


def test_pages_of_a_timeline_follow_each_other_and_overlap_nowhere(snapshot):
    whole = labels(timeline(snapshot).placed)
    parts = [labels(timeline(snapshot, most=1, skip=n).placed) for n in range(4)]
    assert [label for part in parts for label in part] == whole
    assert not timeline(snapshot, most=1, skip=1).undated


# --- drawing ----------------------------------------------------------------------


@pytest.mark.parametrize("is_narrow", [False, True])
def test_a_timeline_links_to_everything_on_it_and_is_always_the_same(
    snapshot, is_narrow
):
    found = timeline(snapshot)
    file = drawn(found, is_narrow=is_narrow).file()
    assert file == drawn(timeline(snapshot), is_narrow=is_narrow).file()
    svg = ElementTree.fromstring(file)  # noqa: S314 this project wrote it
    links = {one.get("href") for one in svg.iter(f"{SVG}a")}
    assert links == {
        one.thing.term.value for one in (*found.placed, *found.yearless, *found.undated)
    }


def test_a_month_is_a_band_as_wide_as_the_month(snapshot):
    svg = ElementTree.fromstring(drawn(timeline(snapshot)).svg())  # noqa: S314
    rows = {row.findtext(f"{SVG}title", ""): row for row in svg.iter(f"{SVG}a")}

    def wide(start):
        row = next(row for title, row in rows.items() if title.startswith(start))
        mark = next(r for r in row.iter(f"{SVG}rect") if r.get("class") != "hit")
        return float(mark.get("width", 0)), mark.get("class")

    month, month_class = wide("recognition of the Autonomy Plan")
    visit, visit_class = wide("Jennifer Bachus")
    assert month_class == "band event"
    assert visit_class == "event"
    assert 8 < month / visit < 12  # 31 days, and 3


@pytest.mark.parametrize(
    ("edtf", "element", "count"),
    [("2024-05-31", "circle", 1), ("2024-05-04/..", "rect", 5), ("../2024", "rect", 5),
     ("2024-05", "rect", 1), ("2024-05-04/2024-05-06", "rect", 1)],
)  # fmt: skip
def test_a_day_is_a_dot_and_an_open_end_fades(snapshot, edtf, element, count):
    one = replace(timeline(snapshot).placed[0], reach=reach(edtf), edtf=edtf)
    svg = ElementTree.fromstring(  # noqa: S314 this project wrote it
        drawn(Timeline((one,), (), (), ((2024, 1),), 1)).svg()
    )
    row = next(svg.iter(f"{SVG}a"))
    marks = [m for m in row.iter(f"{SVG}{element}") if m.get("class") != "hit"]
    assert len(marks) == count
    faint = [float(m.get("fill-opacity", 0)) for m in marks if m.get("fill-opacity")]
    if ".." in edtf:
        assert len(set(faint)) == count
        by_place = [
            float(m.get("fill-opacity", 0))
            for m in sorted(marks, key=lambda m: float(m.get("x", 0)))
        ]
        assert by_place == sorted(by_place, reverse=edtf.endswith(".."))
    else:
        assert not faint


def test_what_has_no_date_is_listed_and_not_placed(snapshot):
    svg = ElementTree.fromstring(drawn(timeline(snapshot)).svg())  # noqa: S314
    row = next(
        row
        for row in svg.iter(f"{SVG}a")
        if row.findtext(f"{SVG}title", "").startswith("arrest")
    )
    assert [r.get("class") for r in row.iter(f"{SVG}rect")] == ["hit"]
    assert not list(row.iter(f"{SVG}circle"))
    assert "“Wednesday”" in "".join(row.itertext())


# --- the page ---------------------------------------------------------------------


def test_the_page_has_pictures_a_form_and_a_list_with_passages(client):
    answer = client.get("/timeline", headers=HTML)
    text = answer.get_data(as_text=True)
    assert answer.status_code == 200
    assert text.count("<svg ") == 2
    assert "Late last May, May of a year not stated" in text
    assert 'href="/doc/source/kenya-morocco-cybercrime#s16"' in text
    assert 'action="/timeline"' in text
    assert " style=" not in text
    assert 'aria-current="page">Timeline' in text


def test_the_page_keeps_what_was_chosen(client):
    text = client.get("/timeline?state=kenya&kind=Meeting", headers=HTML).get_data(
        as_text=True
    )
    assert re.search(r'value="kenya" selected', text)
    assert re.search(r'value="Meeting" selected', text)
    assert "Laassel–Ingonga talks in Nairobi" in text
    assert "1951 Refugee Convention" not in text


@pytest.mark.parametrize("state", ["Kenya", "kenya", f"{BASE}id/kenya", "<{}id/kenya>"])
def test_a_state_is_given_by_name_or_iri(client, state):
    answer = client.get(
        "/timeline", query_string={"state": state.format(BASE), "format": "json"}
    )
    found = answer.get_json()
    assert found["total"] == 1
    assert found["placed"][0]["label"].startswith("signing of the 2023")


@pytest.mark.parametrize(
    "query",
    ["kind=Nothing", "state=Nowhere", "after=soon", "colour=red", "limit=5000",
     "page=0", "kind=Meeting&kind=Visit"],
)  # fmt: skip
def test_what_does_not_fit_is_400_and_says_where(client, query):
    answer = client.get(f"/timeline?{query}", headers={"Accept": "application/json"})
    assert answer.status_code == 400
    assert answer.content_type == "application/problem+json"


def test_in_json_what_has_no_year_has_no_days(client):
    found = client.get("/timeline?format=json").get_json()
    assert [one["earliest"] for one in found["placed"]] == [
        "1951-01-01",
        "2007-01-01",
        "2023-01-01",
    ]
    assert all(one["earliest"] is None for one in found["yearless"])
    assert {one["weekday"] for one in found["undated"]} >= {"Thursday", "Wednesday"}
