"""Long descriptions come in pages, and odd names are looked up as they were written."""

from __future__ import annotations

import re
import time
from dataclasses import replace
from html import unescape
from itertools import chain, islice
from urllib.parse import quote

import pytest
import rdflib

from kg import newest
from kg.config import Settings
from kg.formats import by_name
from kg.graph import KnowledgeGraph
from kg.hubs import SHOWN
from kg.newest import Links
from kg.store import Store
from kg.stores import open_store
from kg.terms import (
    BASE,
    EXQ,
    LABEL,
    TYPE,
    DefaultGraph,
    Literal,
    NamedNode,
    Quad,
)
from server.app import create_app
from tests.reading import read_graph, read_quads

BROWSER = {"Accept": "text/html,*/*;q=0.8"}
HUB = NamedNode(f"{BASE}id/kenya")
NAMES = (
    "u.s.",
    "report.ttl",
    "São-Tomé",
    "S%C3%A3o-Tom%C3%A9-again",
    "a/b/c",
    "a%2Fb",
    "x..y",
    "q?s=1",
    "semi;colon,comma",
    "日本",
    "it's",
)
LINKING = 20_000
DATED_APART = 97
"""So far apart are those that have a date, in the order of their numbers."""
FEW, SOME = 90, 700
SOURCE = NamedNode(f"{BASE}source/kenya-morocco-cybercrime#s05")
HYDRA = rdflib.Namespace("http://www.w3.org/ns/hydra/core#")


def named(local):
    """The thing called *local*, whose question mark is part of its name."""
    return NamedNode(f"{BASE}id/{local.replace('?', '%3F')}")


GUEST, UNDATED = named("x..y"), named("hub-of-what-has-no-date")


def both(subject, predicate, object_):
    for graph in (DefaultGraph(), SOURCE):
        yield Quad(subject, predicate, object_, graph)


def timed(event, name, edtf):
    time = NamedNode(f"{BASE}id/{name}")
    yield from both(event, NamedNode(f"{EXQ}hasTime"), time)
    yield from both(time, LABEL, Literal(name))
    yield from both(time, NamedNode(f"{EXQ}edtf"), Literal(edtf))


def world():
    for number in range(LINKING):
        event = NamedNode(f"{BASE}id/event-{number}")
        yield from both(event, LABEL, Literal(f"Event {number}", language="en"))
        yield from both(event, NamedNode(f"{EXQ}takesPlaceInState"), HUB)
        yield Quad(event, TYPE, NamedNode(f"{EXQ}Event"), DefaultGraph())
        if number < SOME:
            involves = NamedNode(f"{EXQ}involvesState")
            yield Quad(event, involves, named("it's"), DefaultGraph())
        elif number % DATED_APART:
            hosted = NamedNode(f"{EXQ}hasHost")
            yield Quad(event, hosted, UNDATED, DefaultGraph())
        if number % DATED_APART == 0:
            yield from timed(event, f"time-{number}", f"{1000 + number * 7919 % 900}")
    for number in range(FEW):
        part = NamedNode(f"{BASE}id/part-{number}")
        meeting = NamedNode(f"{BASE}id/meeting-{number}")
        yield from both(part, TYPE, NamedNode(f"{EXQ}Participation"))
        yield from both(part, NamedNode(f"{EXQ}participatingAgent"), named("日本"))
        yield from both(meeting, NamedNode(f"{EXQ}hasParticipation"), part)
        yield from both(meeting, LABEL, Literal(f"Meeting {number}", language="en"))
        yield from both(meeting, TYPE, NamedNode(f"{EXQ}Event"))
        yield from both(meeting, NamedNode(f"{EXQ}hasParticipant"), GUEST)
        inverse = NamedNode(f"{EXQ}participatesIn")
        yield Quad(GUEST, inverse, meeting, DefaultGraph())
        if number % 2:
            yield from timed(meeting, f"day-{number}", f"19{number * 37 % 100:02}")
    for local in NAMES:
        yield from both(named(local), LABEL, Literal(f"Name {local}"))
        yield from both(named(local), TYPE, NamedNode(f"{EXQ}Place"))


@pytest.fixture(scope="module")
def hubs(shipped_store, tmp_path_factory):
    path = tmp_path_factory.mktemp("hubs") / "store"
    shipped = open_store(shipped_store).snapshot()
    Store.create(path, chain(shipped.quads(), world()), fingerprint="of hubs")
    return KnowledgeGraph.open(replace(Settings(), store=path))


@pytest.fixture(scope="module")
def client(hubs):
    settings = replace(Settings(), store=hubs.store.path)
    return create_app(hubs, settings).test_client()


def next_of(answer):
    """The address of the next page by the Link header."""
    found = re.search(r'<([^>]*)>; rel="next"', answer.headers["Link"])
    return found and found[1]


def test_following_next_gives_every_link_once(client):
    address, seen, pages = "/doc/kenya.nt", [], 0
    while address:
        answer = client.get(address)
        assert answer.status_code == 200
        seen += re.findall(r"^<\S+/id/(event-\d+)> <\S+takesPlaceInState>",
                           answer.text, re.MULTILINE)  # fmt: skip
        address, pages = next_of(answer), pages + 1
    assert len(seen) == len(set(seen)) == LINKING
    assert pages > 20


def test_each_page_is_short_and_quick(client):
    client.get("/doc/kenya", headers=BROWSER)
    for address in ("/doc/kenya", "/doc/kenya?page=2", "/doc/kenya?page=30"):
        for accept in ("text/html", "text/turtle", "application/trig"):
            began = time.perf_counter()
            answer = client.get(address, headers={"Accept": accept})
            assert time.perf_counter() - began < 5, (address, accept)
            assert answer.status_code == 200
            assert len(answer.data) < 1_000_000


def test_a_page_says_in_rdf_too_where_the_next_is(client):
    answer = client.get("/doc/kenya.ttl?page=2")
    found = read_graph(answer.data, by_name("turtle"))
    this = rdflib.URIRef(f"{BASE}doc/kenya?page=2")
    assert (this, rdflib.RDF.type, HYDRA.PartialCollectionView) in found
    after = found.value(this, HYDRA.next)
    assert after == rdflib.URIRef(BASE + next_of(answer).removeprefix("/"))


def test_the_pages_for_people_are_numbered(client):
    page = client.get("/doc/kenya?page=2", headers=BROWSER).text
    assert "Page 2" in page
    assert 'rel="next"' in page
    assert 'rel="prev"' in page
    assert "<h1>Kenya</h1>" in page


@pytest.mark.parametrize(("number", "status"), [("0", 400), ("x", 400), ("9999", 404)])
def test_there_are_no_other_pages(client, number, status):
    assert client.get(f"/doc/kenya?page={number}").status_code == status


def test_what_fits_one_page_has_no_others(client):
    answer = client.get("/doc/morocco", headers={"Accept": "text/turtle"})
    assert next_of(answer) is None
    assert "PartialCollectionView" not in answer.text


# --- a page of a hub ----------------------------------------------------------------

IN_STATE = quote(f"{EXQ}takesPlaceInState", safe="")
LISTED = f"/doc/kenya?property={IN_STATE}&direction=incoming"


def listed(page):
    return re.findall(r'<a href="/doc/(event-\d+)">', page)


def more_links(page, label):
    """The addresses of all that is related by what is called so, with the numbers."""
    found = re.findall(rf'<a href="([^"]*)">[^\n]*{label}: all ([\d,]+)</a>', page)
    return [(unescape(href), int(number.replace(",", ""))) for href, number in found]


def test_the_page_shows_some_of_each_property_and_says_what_the_next_one_has(client):
    page = client.get("/doc/kenya", headers=BROWSER).text
    ((href, number),) = more_links(page, "takes place in state")
    assert number >= LINKING
    first = client.get(href, headers=BROWSER)
    assert first.status_code == 200
    assert "<h1>Kenya: " in first.text
    assert f"{number:,} in all" in first.text


def test_the_events_of_a_hub_are_the_newest_of_all(client):
    page = client.get("/doc/kenya", headers=BROWSER).text
    years = {n: 1000 + n * 7919 % 900 for n in range(0, LINKING, DATED_APART)}
    assert "The newest, the last of them first" in page
    shown = [int(one.removeprefix("event-")) for one in events_of(page)]
    assert [years[n] for n in shown] == sorted(years.values())[: -SHOWN - 1 : -1]


def test_what_is_dated_stands_before_what_is_not_where_little_is(client):
    page = client.get("/doc/it's", headers=BROWSER).text
    shown = [int(one.removeprefix("event-")) for one in events_of(page)]
    dated = range(0, SOME, DATED_APART)
    assert len(dated) < SHOWN == len(shown)
    assert shown[: len(dated)] == sorted(
        dated, key=lambda number: number * 7919 % 900, reverse=True
    )


def test_the_newest_are_the_same_whether_few_or_many_are_dated(hubs, monkeypatch):
    links = Links(hubs.snapshot(), HUB, NamedNode(f"{EXQ}takesPlaceInState"), True)
    found = newest.newest(links, LINKING, 30)
    monkeypatch.setattr(newest, "_FEW", 100)
    assert newest.newest(links, LINKING, 29) == found[:29]
    monkeypatch.setattr(newest, "_TRIED", 0)
    assert newest.newest(links, 20, 28) == found[:28]


def test_where_nothing_has_a_date_no_dates_are_gathered(hubs, monkeypatch):
    monkeypatch.setattr(newest, "GATHERED", None)
    links = Links(hubs.snapshot(), UNDATED, NamedNode(f"{EXQ}hasHost"), True)
    total = sum(1 for _ in links)
    assert total > LINKING / 2
    assert newest.newest(links, total, 30) == list(islice(links, 30))
    assert newest.newest(links, None, 29) == list(islice(links, 29))


def test_a_participation_is_as_new_as_its_event(client):
    page = client.get(f"/doc/{quote('日本')}", headers=BROWSER).text
    dated = [int(one) for one in re.findall(r'href="/doc/meeting-(\d+)"', page)]
    newest = sorted(range(1, FEW, 2), key=lambda n: n * 37 % 100)[: -SHOWN - 1 : -1]
    assert list(dict.fromkeys(dated)) == newest
    ((_, number),) = more_links(page, "participating agent")
    assert number == FEW


def events_of(page):
    """The events of this test in the section of a page, in their order."""
    section = page.partition('id="events"')[2].partition("</section>")[0]
    return list(dict.fromkeys(listed(section)))


def test_what_only_says_the_same_the_other_way_is_no_more(client):
    page = client.get("/doc/x..y", headers=BROWSER).text
    ((_, number),) = more_links(page, "has participant")
    assert number == FEW
    assert not more_links(page, "participates in")


def test_the_picture_says_how_many_there_are_of_all_and_not_of_those_read(client):
    page = client.get("/doc/x..y", headers=BROWSER).text
    picture = page.partition('id="around"')[2].partition("</svg>")[0]
    drawn = len(set(re.findall(r'href="/doc/(meeting-\d+)"', picture)))
    assert 0 < drawn <= SHOWN
    assert f">and {FEW - drawn} more<" in picture


def test_the_rest_comes_page_by_page_and_each_once(client):
    address, seen = f"{LISTED}&page=198", []
    while address:
        answer = client.get(address, headers=BROWSER)
        assert answer.status_code == 200
        seen += listed(answer.text)
        found = re.search(r'<a href="([^"]*)" rel="next"', answer.text)
        address = found[1].replace("&amp;", "&") if found else ""
    assert len(seen) == len(set(seen))
    assert 200 <= len(seen) <= 310


def test_what_has_few_values_of_a_property_shows_them_all(client):
    page = client.get("/doc/morocco", headers=BROWSER).text
    assert ": all " not in page


@pytest.mark.parametrize(
    ("address", "status"),
    [
        (f"{LISTED}&page=9999", 404),
        (f"{LISTED}&page=x", 400),
        (f"{LISTED}s", 400),
        ("/doc/kenya?property=no%20iri", 400),
        ("/doc/kenya?property=urn:nothing", 404),
        (f"/doc/nobody?property={IN_STATE}", 404),
    ],
)
def test_there_are_no_other_listings(client, address, status):
    assert client.get(address, headers=BROWSER).status_code == status


# --- odd names ----------------------------------------------------------------------


@pytest.mark.parametrize("local", NAMES)
def test_an_odd_name_is_looked_up_as_it_was_written(client, local):
    iri = named(local).value
    sent = quote(iri.removeprefix(BASE), safe="/%;,'")
    answer = client.get(f"/{sent}")
    assert answer.status_code == 303, iri
    # rdflib cannot read Turtle's `id:u.s\\.`, but N-Triples it can.
    accept = {"Accept": "application/n-triples"}
    found = client.get(answer.headers["Location"], headers=accept)
    assert found.status_code == 200
    labels = read_graph(found.data, by_name("ntriples")).objects(
        rdflib.URIRef(iri), rdflib.RDFS.label
    )
    assert [str(label) for label in labels] == [f"Name {local}"]
    for suffix in ("ttl", "html"):
        place = found.headers["Content-Location"].removesuffix("nt") + suffix
        assert client.get(place).status_code == 200


@pytest.mark.parametrize(
    "path",
    [
        "/id/../../etc/passwd",
        "/id/%2e%2e/%2e%2e/etc/passwd",
        "/doc/../kg/store.py",
        "/doc/..%5c..%5cx",
        "/doc/source/../../x",
        "/id/%00",
        "/id/%0d%0aSet-Cookie:%20x=1",
        "/id/%ff%fe",
        "/doc/" + "a/" * 500,
        "/doc/.ttl",
        "/doc/.",
    ],
)
def test_a_trick_finds_nothing(client, path):
    answer = client.get(path)
    assert answer.status_code in {400, 404}, path
    assert "Set-Cookie" not in answer.headers
    assert b"root:" not in answer.data


def test_graphs_are_kept_on_every_page(client):
    quads = read_quads(client.get("/doc/kenya.trig?page=3").data, by_name("trig"))
    stated = {g for _, p, _, g in quads if p.endswith("takesPlaceInState")}
    assert stated == {rdflib.URIRef(SOURCE.value)}
