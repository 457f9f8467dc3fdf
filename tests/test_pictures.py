"""Pictures: what is in them, that one can read them, and that they stay the same."""

from __future__ import annotations

import itertools
import re
from dataclasses import replace
from xml.etree import ElementTree

import pytest

from kg.entities import describe
from kg.errors import UnknownEntityError
from kg.names import find_entity
from kg.pictures.neighbourhood import drawn, drawn_narrow, neighbourhood_svg
from kg.pictures.neighbours import neighbourhood
from kg.pictures.style import FAMILIES, stylesheet
from kg.pictures.svg import Picture, link, text_element
from kg.pictures.texts import cut, width, wrap
from kg.terms import BASE, NamedNode

SVG = "{http://www.w3.org/2000/svg}"
ENTITIES = ("Salman Al-Khalidi", "Morocco", "Kenya", "Interpol", "id:rabat")


def parsed(text):
    return ElementTree.fromstring(text)  # noqa: S314 this project wrote it


def texts(svg):
    return [" ".join("".join(one.itertext()).split()) for one in svg.iter(f"{SVG}text")]


def lines_of(svg):
    """Yield the place and extent of every line of text of a picture."""
    for one in svg.iter(f"{SVG}text"):
        size = float(one.get("font-size"))
        for line in one.findall(f"{SVG}tspan") or [one]:
            said = "".join(line.itertext())
            if not said:
                continue
            wide = width(said, size, bold=one.get("class") == "strong")
            x, y = float(line.get("x")), float(line.get("y"))
            left = x - wide / 2 if one.get("text-anchor") == "middle" else x
            yield said, left, left + wide, y - size * 0.75, y + size * 0.2


@pytest.fixture(params=ENTITIES)
def entity(request, snapshot):
    return find_entity(snapshot, request.param)


def test_a_neighbourhood_is_the_same_byte_for_byte(snapshot, entity):
    again = neighbourhood_svg(snapshot, entity, is_file=True)
    assert neighbourhood_svg(snapshot, entity, is_file=True) == again


@pytest.fixture(params=[drawn, drawn_narrow])
def svg(request, snapshot, entity):
    """The picture of an entity's neighbourhood, for a wide screen and for a phone."""
    return parsed(request.param(neighbourhood(snapshot, entity)).svg())


def test_every_neighbour_is_a_link_with_its_name_and_kind(snapshot, entity, svg):
    around = neighbourhood(snapshot, entity)
    links = {a.get("href"): a for a in svg.iter(f"{SVG}a")}
    for branch in around.branches:
        for one in branch.neighbours:
            told = links[one.thing.term.value].findtext(f"{SVG}title")
            assert one.thing.label in told
            assert one.kind.label in told
            assert branch.property.label in told


def test_no_two_lines_of_text_overlap(svg):
    lines = list(lines_of(svg))
    assert len(lines) > 5
    for (one, l1, r1, t1, b1), (two, l2, r2, t2, b2) in itertools.combinations(
        lines, 2
    ):
        assert r1 <= l2 or r2 <= l1 or b1 <= t2 or b2 <= t1, (one, two)


def test_nothing_stands_outside_the_picture(svg):
    wide, high = float(svg.get("width")), float(svg.get("height"))
    assert svg.get("viewBox") == f"0 0 {svg.get('width')} {svg.get('height')}"
    for said, left, right, top, bottom in lines_of(svg):
        assert left >= 0, said
        assert right <= wide, said
        assert top >= 0, said
        assert bottom <= high, said


def test_what_follows_is_dashed_and_what_is_stated_is_not(snapshot):
    node = find_entity(snapshot, "Musalia Mudavadi")
    around = neighbourhood(snapshot, node)
    follows = [n.is_inferred for b in around.branches for n in b.neighbours]
    assert {True, False} == set(follows)
    svg = neighbourhood_svg(snapshot, node)
    assert svg.count('class="edge inferred"') >= follows.count(True)
    assert svg.count('class="edge"') >= follows.count(False)
    assert "(inferred)" in svg


def test_a_picture_is_bounded_and_says_that_there_is_more(snapshot):
    node = find_entity(snapshot, "Morocco")
    around = neighbourhood(snapshot, node, most=5)
    shown = sum(len(branch.neighbours) for branch in around.branches)
    assert shown == 5
    hidden = sum(branch.more or 0 for branch in around.branches) + around.more
    everything = neighbourhood(snapshot, node, most=10_000)
    assert shown + hidden == everything.more + sum(
        len(branch.neighbours) for branch in everything.branches
    )
    assert "more" in " ".join(texts(parsed(drawn(around).svg())))


def test_a_neighbour_is_there_once_by_a_property_that_is_stated(snapshot):
    node = find_entity(snapshot, "Salman Al-Khalidi")
    around = neighbourhood(snapshot, node, most=10_000)
    terms = [n.thing.term for b in around.branches for n in b.neighbours]
    assert len(terms) == len(set(terms))
    arrest = next(
        (branch.property.label, one)
        for branch in around.branches
        for one in branch.neighbours
        if one.thing.label == "arrest of Salman Al-Khalidi"
    )
    assert arrest[0] == "has arrestee"
    assert arrest[1].also == ("participates in",)
    assert not arrest[1].is_inferred


def test_a_picture_says_in_words_what_it_shows(snapshot, entity):
    svg = parsed(neighbourhood_svg(snapshot, entity))
    title, told = svg.find(f"{SVG}title"), svg.find(f"{SVG}desc")
    assert svg.get("aria-labelledby") == title.get("id")
    assert svg.get("aria-describedby") == told.get("id")
    around = neighbourhood(snapshot, entity)
    assert around.entity.label in title.text
    for branch in around.branches:
        assert all(one.thing.label in told.text for one in branch.neighbours)


def test_in_a_page_a_picture_has_no_style_and_no_script_of_its_own(snapshot, entity):
    svg = neighbourhood_svg(snapshot, entity)
    assert "<style" not in svg
    assert " style=" not in svg
    assert "<script" not in svg
    assert not re.search(r"\son\w+=", svg)


def test_a_file_has_its_colours_for_light_and_dark(snapshot, entity):
    file = neighbourhood_svg(snapshot, entity, is_file=True)
    assert "prefers-color-scheme: dark" in file
    parsed(file)
    used = set(re.findall(r"var\(--pic-(\w+)\)", file))
    assert set(FAMILIES) <= used
    for name in used:
        assert file.count(f"--pic-{name}: #") == 2, name


def test_labels_that_are_no_xml_or_too_long_do_no_harm(snapshot):
    node = find_entity(snapshot, "Interpol")
    around = neighbourhood(snapshot, node)
    awful = "<script>alert(1)</script>\x00\x08" + "W" * 400 + '"&\uffff'
    thing = replace(around.entity, label=awful)
    svg = drawn(replace(around, entity=thing)).svg()
    assert "<script" not in svg
    parsed(svg)


def test_a_link_never_leads_to_a_script():
    assert "href" not in link("javascript:alert(1)", text_element("text", "x"))
    assert "href" not in link("data:text/html,x", text_element("text", "x"))
    assert 'href="/doc/kenya"' in link("/doc/kenya", text_element("text", "x"))


def test_what_nothing_stands_around_has_no_picture_and_what_is_unknown_raises(snapshot):
    node = find_entity(snapshot, "Kenya")
    lonely = describe(snapshot, node)
    lonely = replace(lonely, facts=(), incoming=(), claims_about=(), claims_by=())
    assert not neighbourhood_svg(snapshot, node, found=lonely)
    with pytest.raises(UnknownEntityError):
        neighbourhood_svg(snapshot, NamedNode(f"{BASE}id/nobody-at-all"))


# --- texts ------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a",
        "Rabat",
        "a b " * 40,
        "W" * 100,
        "خالد السالمي " * 9,
        "外交部" * 30,
        "e\u0301" * 50,
    ],
)
def test_a_text_is_wrapped_into_its_room_and_not_beyond(text):
    for most in (1, 2, 3):
        lines = wrap(text, 13, 120, most=most)
        assert 1 <= len(lines) <= most
        assert all(width(line, 13) <= 120 for line in lines)
    assert width(cut(text, 13, 60), 13) <= 60


def test_what_fits_is_not_cut():
    assert wrap("Kenya and Morocco", 13, 400) == ["Kenya and Morocco"]
    assert cut("Kenya", 13, 100) == "Kenya"


def test_letters_with_accents_are_as_wide_as_without():
    assert width("é", 10) == width("e", 10)
    assert width("e\u0301", 10) == width("e", 10)


def test_the_style_of_pages_has_no_address_in_it():
    assert "url(" not in stylesheet()
    assert "//" not in stylesheet()


def test_a_picture_has_a_size_a_name_and_a_description():
    svg = parsed(Picture("x", "Name", "Told", 10, 20.55, "").svg())
    assert svg.get("viewBox") == "0 0 10 20.6"
    assert svg.findtext(f"{SVG}title") == "Name"
    assert svg.findtext(f"{SVG}desc") == "Told"
