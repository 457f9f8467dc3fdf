"""Maps: where things are, the projection, marks that overlap, and what is drawn."""

from __future__ import annotations

import re
from math import cos, hypot, isclose, radians
from xml.etree import ElementTree

import pytest
from hypothesis import assume, given
from hypothesis import settings as bounds
from hypothesis import strategies as st

from kg.names import Thing
from kg.pictures.land import land
from kg.pictures.map_drawing import MOST_SPOTS, clustered, drawn, drawn_small
from kg.pictures.projection import sheet_for
from kg.pictures.spots import Spot, Spots, spots_of
from kg.positions import point, positions
from kg.terms import BASE, GEO, XSD, Literal, NamedNode
from server.app import create_app

BROWSER = {"Accept": "text/html,*/*;q=0.8"}
SVG = "{http://www.w3.org/2000/svg}"
WIDE, HIGH, LEAST = 960.0, (300.0, 500.0), 20.0
points = st.tuples(st.floats(-180, 180), st.floats(-90, 90))


def node(name):
    return NamedNode(f"{BASE}id/{name}")


def wkt(text):
    return Literal(text, datatype=NamedNode(f"{GEO}wktLiteral"))


def spot(longitude, latitude, count=1, name="Rabat", *, is_state=False):
    thing = Thing(node(name.lower().replace(" ", "-")), name)
    return Spot(thing, longitude, latitude, is_state, count)


def script(name):
    return Thing(NamedNode("javascript:alert(1)"), name)


def read(picture):
    return ElementTree.fromstring(picture)  # noqa: S314 our own


@pytest.fixture(scope="module")
def snapshot(graph):
    return graph.snapshot()


# --- where things are -------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("POINT(36.82 -1.28)", (36.82, -1.28)),
        (" point ( -7.61   33.59 ) ", (-7.61, 33.59)),
        ("<http://www.opengis.net/def/crs/OGC/1.3/CRS84> POINT(1e1 2.)", (10, 2)),
        ("<http://www.opengis.net/def/crs/EPSG/0/4326> POINT(-1.28 36.82)", None),
        ("POINT(-1.28 136.82)", None),
        ("POINT(181 0)", None),
        ("POINT(nan inf)", None),
        ("POINT(1 2 3)", None),
        ("POINT EMPTY", None),
        ("POLYGON((0 0, 0 1, 1 1, 0 0))", None),
    ],
)
def test_a_point_in_wkt_is_read_with_its_longitude_first(text, found):
    assert point(wkt(text)) == found
    assert point(Literal(text)) is None


@pytest.mark.parametrize(
    ("name", "at"),
    [
        ("nairobi", ["nairobi"]),
        ("baghdad-airport", ["baghdad"]),
        ("dar-america-cultural-center", ["casablanca"]),
        ("embassy-of-kenya-in-rabat", ["rabat"]),
        ("laassel-ingonga-talks-in-nairobi", ["nairobi"]),
        ("handover-of-salman-al-khalidi", ["safwan-border-crossing"]),
        ("kenya", ["kenya"]),
        ("territory-of-kenya", ["kenya"]),
        ("us-mission-in-morocco", ["morocco"]),
        ("western-sahara", None),
        ("salman-al-khalidi", None),
        ("nobody", None),
    ],
)
def test_a_thing_is_at_the_narrowest_place_known_or_at_a_capital(snapshot, name, at):
    found = positions(snapshot, [node(name)]).get(node(name))
    assert (found and [one.at for one in found]) == (at and [*map(node, at)])
    states = {"kenya", "morocco"}
    assert all(one.is_state == (one.at.value[len(BASE) + 3 :] in states)
               for one in found or ())  # fmt: skip


def test_a_state_stands_at_its_capital(snapshot):
    found = positions(snapshot, [node("kenya"), node("nairobi")])
    (state,), (capital,) = found[node("kenya")], found[node("nairobi")]
    assert (state.longitude, state.latitude) == (capital.longitude, capital.latitude)


# --- the projection ---------------------------------------------------------------


@given(st.lists(points, min_size=1, max_size=8))
@bounds(max_examples=60, deadline=None)
def test_all_points_stand_on_the_sheet_and_can_be_read_off_it(known):
    sheet = sheet_for(known, WIDE, HIGH, LEAST)
    assert min(HIGH[0], 180 * sheet.scale) <= sheet.high <= HIGH[1]
    assert -90.01 <= sheet.degrees(0, sheet.high)[1] <= sheet.degrees(0, 0)[1] <= 90.01
    for longitude, latitude in known:
        x, y = sheet.place(longitude, latitude)
        assert -0.01 <= x <= WIDE + 0.01
        assert -0.01 <= y <= sheet.high + 0.01
        east, north = sheet.degrees(x, y)
        assert isclose(north, latitude, abs_tol=1e-6)
        turn = (east - longitude) % 360
        assert min(turn, 360 - turn) < 1e-6


@given(points, st.floats(0.1, 3), st.floats(-170, 170))
@bounds(max_examples=40, deadline=None)
def test_shapes_are_right_in_the_middle_and_the_same_wherever_they_lie(at, far, turn):
    longitude, latitude = at
    assume(abs(latitude) < 70)
    sheet = sheet_for([at], WIDE, HIGH, LEAST)
    (x, y), (east, _) = sheet.place(*at), sheet.place(longitude + far, latitude)
    _, north = sheet.place(longitude, latitude + far)
    assert isclose((east - x) / cos(radians(latitude)), y - north, rel_tol=0.01)
    moved = sheet_for([(longitude + turn, latitude)], WIDE, HIGH, LEAST)
    assert (moved.scale, moved.high) == (sheet.scale, sheet.high)


def test_the_sheet_is_turned_to_points_on_both_sides_of_the_180th_meridian():
    fiji, samoa = (178.4, -18.1), (-171.8, -13.8)
    sheet = sheet_for([fiji, samoa], WIDE, HIGH, LEAST)
    assert sheet.place(*fiji)[0] < sheet.place(*samoa)[0]
    assert sheet.scale > 10


@pytest.mark.parametrize(
    ("at", "is_land"),
    [((20, 20), True), ((37, -1), True), ((-100, 40), True), ((179, 66), True),
     ((-179, 67), True), ((0, -80), True), ((178, -87), True), ((-30, 30), False),
     ((75, -30), False), ((50, 42), False), ((0, 89), False)],
)  # fmt: skip
def test_land_is_where_it_is(at, is_land):
    sheet = sheet_for([at], WIDE, HIGH, LEAST)
    inside = 0
    for ring in land():
        for part in sheet.outline(ring):
            inside += surrounds(part, sheet.place(*at))
    assert (inside % 2 == 1) == is_land


def surrounds(ring, at):
    """Tell whether a ray from *at* meets *ring* an odd number of times."""
    x, y = at
    pairs = zip(ring, [*ring[1:], ring[0]], strict=True)
    crossed = [
        a[0] + (y - a[1]) * (b[0] - a[0]) / (b[1] - a[1])
        for a, b in pairs
        if (a[1] > y) != (b[1] > y)
    ]
    return sum(one > x for one in crossed) % 2


@given(st.lists(points, min_size=1, max_size=3))
@bounds(max_examples=15, deadline=None)
def test_nothing_of_the_land_stands_far_outside_of_the_sheet(known):
    sheet = sheet_for(known, WIDE, HIGH, LEAST)
    for ring in land():
        for part in sheet.outline(ring):
            assert all(-7 <= x <= WIDE + 7 for x, _ in part)
            assert all(-7 <= y <= sheet.high + 7 for _, y in part)


# --- marks ------------------------------------------------------------------------


@given(st.lists(st.tuples(points, st.integers(1, 500)), min_size=1, max_size=40))
@bounds(max_examples=40, deadline=None)
def test_no_mark_overlaps_another_and_none_is_lost(placed):
    spots = [spot(at[0], at[1], count) for at, count in placed]
    spots.sort(key=lambda one: -one.count)
    sheet = sheet_for([at for at, _ in placed], WIDE, HIGH, LEAST)
    found = clustered(spots, sheet)
    assert sum(one.count for one in found) == sum(one.count for one in spots)
    assert sum(len(one.spots) for one in found) == len(spots)
    for place, one in enumerate(found):
        first = one.spots[0]
        assert first.count == max(other.count for other in one.spots)
        assert (one.x, one.y) == sheet.place(first.longitude, first.latitude)
        for other in found[:place]:
            apart = hypot(one.x - other.x, one.y - other.y)
            assert apart >= one.radius + other.radius


def circles(picture):
    root = read(picture)
    return [c for c in root.iter(f"{SVG}circle") if "place" in (c.get("class") or "")]


def test_a_mark_is_larger_the_more_is_there():
    found = Spots((spot(0, 0, 9, "A"), spot(40, 0, 3, "B"), spot(80, 0, 1, "C")))
    sizes = [float(one.get("r", 0)) for one in circles(drawn(found).svg())[:3]]
    assert sizes == sorted(sizes, reverse=True)
    assert len(set(sizes)) == 3


def test_places_at_one_point_are_one_mark_and_each_name_is_a_link():
    found = Spots((spot(36.8, -1.3, 2, "Nairobi"),
                   spot(36.8, -1.3, 1, "Kenya", is_state=True)))  # fmt: skip
    picture = drawn(found).svg()
    assert len(circles(picture)) == 1 + 2, "and those of the legend"
    links = {a.get("href") for a in read(picture).iter(f"{SVG}a")}
    assert links == {node("nairobi").value, node("kenya").value}
    assert "several of them" in picture
    assert "a state, at its capital" in picture


def test_a_place_by_itself_is_one_link_with_its_mark_and_name():
    picture = read(drawn(Spots((spot(0, 0, 1, "A"), spot(40, 0, 1, "B")))).svg())
    for one in picture.iter(f"{SVG}a"):
        assert one.find(f"{SVG}circle") is not None
        assert one.find(f"{SVG}text") is not None
        assert one.find(f"{SVG}title") is not None


def test_a_map_says_in_words_what_it_shows():
    talks = Spot(
        Thing(node("rabat"), "Rabat"), -6.8, 34.0, False, 2, ("talks", "visit")
    )
    found = Spots((talks, spot(37, -1, 1, "Kenya", is_state=True)), "events", missing=3)
    root = read(drawn(found).svg())
    assert root.findtext(f"{SVG}desc") == (
        "Rabat: 2 events (talks, visit). Kenya (at its capital)."
    )
    assert "3 rows are nowhere known to be" in drawn(found).svg()


names = st.lists(
    st.tuples(points, st.integers(1, 99), st.text(max_size=60), st.booleans()),
    min_size=1,
    max_size=25,
)


@given(names, st.sampled_from(["wide", "narrow", "small"]))
@bounds(max_examples=25, deadline=None)
def test_whatever_is_drawn_stays_within_the_map_and_is_xml(placed, kind):
    found = Spots(
        tuple(
            Spot(script(name), at[0], at[1], is_state, count, (name,))
            for at, count, name, is_state in placed
        )
    )
    picture = (
        drawn_small(found)
        if kind == "small"
        else drawn(found, is_narrow=kind == "narrow")
    )
    root = read(picture.svg())
    assert not list(root.iter(f"{SVG}a"))
    inner = next(one for one in root if one.tag == f"{SVG}svg")
    wide, high = float(inner.get("width", 0)), float(inner.get("height", 0))
    assert (wide, high + 20) <= (picture.width, picture.height)
    for one in inner.iter(f"{SVG}text"):
        assert 0 <= float(one.get("x", -1)) <= wide
        assert 0 <= float(one.get("y", -1)) <= high


def test_a_map_has_so_many_places_at_most_and_tells_how_many_more():
    many = [spot(n % 360 - 180, n / 10, 1, f"place {n}") for n in range(MOST_SPOTS + 5)]
    assert "5 more places are not drawn" in drawn(Spots(tuple(many))).svg()


# --- of an answer -----------------------------------------------------------------


def thing(name):
    return Thing(node(name), name)


def number(value):
    return Thing(Literal(str(value), datatype=NamedNode(f"{XSD}integer")), str(value))


def found_in(snapshot, *rows):
    return spots_of(snapshot, list("abcdefg"[: len(rows[0])]), rows)


def test_rows_are_counted_by_place(snapshot):
    talks = thing("laassel-ingonga-talks-in-nairobi")
    rows = [[talks, thing("interpol")], [talks, thing("kenya")],
            [thing("handover-of-salman-al-khalidi"), thing("kuwait")],
            [thing("embassy-of-kenya-in-rabat"), thing("morocco")],
            [thing("nobody"), thing("iraq")]]  # fmt: skip
    found = found_in(snapshot, *rows)
    assert [(one.thing.label, one.count) for one in found.spots] == [
        ("Nairobi", 2), ("Rabat", 1), ("Safwan border crossing", 1),
    ]  # fmt: skip
    assert found.spots[0].names == (talks.label,)
    assert (found.unit, found.missing) == ("rows", 1)


def test_a_number_at_the_end_of_each_places_row_is_what_counts(snapshot):
    rows = [[thing("rabat"), number(7)], [thing("nairobi"), number(30)]]
    found = found_in(snapshot, *rows)
    assert [one.count for one in found.spots] == [30, 7]
    assert found.unit == "b"
    for odd in (number("9" * 5000), number(-1), thing("kenya"), None):
        other = found_in(snapshot, [thing("rabat"), odd], rows[1])
        assert [one.count for one in other.spots] == [1, 1]
    again = found_in(snapshot, *rows, [thing("rabat"), number(1)])
    assert [one.count for one in again.spots] == [2, 1]


def test_places_are_drawn_rather_than_states(snapshot):
    rows = [[thing("kenya"), thing("rabat")], [thing("iraq"), thing("basra")]]
    found = found_in(snapshot, *rows)
    assert [one.thing.label for one in found.spots] == ["Basra", "Rabat"]
    states = found_in(snapshot, *[row[:1] for row in rows], [thing("morocco")])
    assert [one.is_state for one in states.spots] == [True, True, True]


@pytest.mark.parametrize(
    "rows",
    [
        [["interpol"], ["salman-al-khalidi"]],
        [["rabat"], ["rabat"]],
        [["rabat"], ["nairobi"], ["interpol"], ["ambassador"], ["nobody"]],
        [["morocco"], ["rabat"]],
        [["morocco"], ["kenya"]],
    ],
    ids=["nowhere", "one place", "mostly nowhere", "one point", "two states"],
)
def test_other_answers_have_no_map(snapshot, rows):
    assert found_in(snapshot, *[[thing(one) for one in row] for row in rows]) is None


# --- pages ------------------------------------------------------------------------


@pytest.fixture(scope="module")
def client(graph, settings):
    return create_app(graph, settings).test_client()


@pytest.mark.parametrize(
    ("query", "kinds"),
    [
        ("places-of-events", ["map", "bars"]),
        ("representations-abroad", ["map"]),
        ("gatherings-by-territory", ["map"]),
        ("ambassadors", []),
    ],
)
def test_an_answer_has_a_map_where_its_columns_call_for_one(client, query, kinds):
    page = client.get(f"/queries/{query}", headers=BROWSER).text
    found = re.findall(r'class="picture picture-([\w-]+)"', page)
    assert found == [each for kind in kinds for each in (kind, f"{kind}-narrow")]
    assert page.count('<details class="chart" open>') == min(len(kinds), 1)
    assert page.count('<details class="chart">') == max(len(kinds) - 1, 0)


def test_the_map_is_of_the_rows_that_are_asked_for(client):
    page = client.get("/queries/places-of-events?state=Iraq", headers=BROWSER).text
    assert "Najaf" in page
    assert "Nairobi" not in page[page.index("<figure") : page.index("<table")]


@pytest.mark.parametrize(
    ("path", "has_map"),
    [("nairobi", True), ("kenya", True), ("embassy-of-kenya-in-rabat", True),
     ("western-sahara", False), ("salman-al-khalidi", False)],
)  # fmt: skip
def test_the_page_of_what_is_somewhere_has_a_small_map(client, path, has_map):
    page = client.get(f"/doc/{path}", headers=BROWSER).text
    kinds = re.findall(r'class="picture picture-(map[\w-]*)"', page)
    assert kinds == (["map-small", "map-small-narrow"] if has_map else [])
    assert "<style" not in page


def test_a_position_is_told_as_its_point(client):
    page = client.get("/doc/nairobi", headers=BROWSER).text
    assert ">POINT(36.82 -1.28)</a>" in page
    assert "has geometry" in page
    assert "position-of-nairobi</" not in page
