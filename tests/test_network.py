"""The network: who is tied to whom, chosen, laid out, drawn, listed, and why."""

from __future__ import annotations

import itertools
import re
import threading
import time
from datetime import date
from xml.etree import ElementTree

import numpy as np
import pytest

from kg.names import find_entity
from kg.pictures.communities import communities
from kg.pictures.forces import layout
from kg.pictures.graphml import graphml
from kg.pictures.labels import labels
from kg.pictures.network import Network, Tie, network
from kg.pictures.network_drawing import MOST_DRAWN, drawn, shown_ties, told
from kg.pictures.texts import width
from kg.pictures.tied import tied
from kg.pictures.ties import Memberships
from kg.pictures.wanted import HARD_MOST, TIES, Around, Wanted
from kg.terms import BASE, NamedNode
from server.app import create_app
from server.network import _turn

SVG = "{http://www.w3.org/2000/svg}"
GRAPHML = "{http://graphml.graphdrawing.org/xmlns}"
HTML = {"Accept": "text/html"}


def parsed(text):
    return ElementTree.fromstring(text)  # noqa: S314 this project wrote it


@pytest.fixture(scope="module")
def client(graph, settings):
    return create_app(graph, settings).test_client()


@pytest.fixture(scope="module")
def whole(snapshot):
    return network(snapshot)


def named(found, tie):
    members = found.members
    return {members[tie.one].thing.label, members[tie.other].thing.label}


def between(found, *labels):
    return next(tie for tie in found.ties if named(found, tie) == set(labels))


def made_of(members=(), claims=(), binding=()):
    return Memberships(members, claims, set(binding))


def random_weights(many, seed=3):
    """Symmetric weights with three groups, from a fixed seed."""
    chance = np.random.default_rng(seed)
    group = np.arange(many) % 3
    odds = np.where(group[:, None] == group[None, :], 0.3, 0.01)
    upper = np.triu(chance.random((many, many)) < odds, 1)
    return (upper + upper.T) * 1.0


# --- who is tied ------------------------------------------------------------------


def test_counts_agree_with_counting_pairs_one_by_one():
    chance = np.random.default_rng(1)
    members = [
        (f"urn:t{n:02}", [f"urn:a{a}" for a in chance.choice(9, size=1 + n % 6)])
        for n in range(40)
    ]
    binding = {f"urn:t{n:02}" for n in range(0, 40, 3)}
    known = made_of(members, binding=binding)
    selection = known.selected(None, Wanted())
    agents = np.arange(len(known.agents))
    counted = selection.counted(agents)
    for one, other in itertools.permutations(agents, 2):
        pair = {known.agents[one], known.agents[other]}
        shared = {thing for thing, some in members if pair <= set(some)}
        assert counted.agreements[one, other] == len(shared & binding)
        assert counted.events[one, other] == len(shared - binding)


def test_a_thing_with_very_many_members_is_counted_like_any_other():
    crowd = [f"urn:a{n:04}" for n in range(2000)]
    known = made_of([("urn:congress", crowd), ("urn:talks", crowd[:2])])
    began = time.process_time()
    counted = known.selected(None, Wanted()).counted(np.arange(1300))
    assert time.process_time() - began < 3
    assert counted.events[0, 1] == 2
    assert counted.events[5, 1299] == 1
    assert not counted.events.diagonal().any()


def test_the_sides_of_a_claim_are_kept_apart():
    known = made_of(
        claims=[("urn:c1", "urn:a", "urn:b"), ("urn:c2", "urn:a", "urn:b"),
                ("urn:c3", "urn:b", "urn:a")]
    )  # fmt: skip
    counted = known.selected(None, Wanted()).counted(np.arange(2))
    assert counted.claims.tolist() == [[0, 2], [1, 0]]
    assert known.between("urn:b", "urn:a") == [
        ("claims", "urn:c1"),
        ("claims", "urn:c2"),
        ("claims", "urn:c3"),
    ]


def test_what_ties_two_comes_from_the_facts(snapshot, whole):
    tie = between(whole, "Kenya", "Morocco")
    assert tie.agreements >= 1
    assert tie.events >= 1
    for one in whole.ties:
        ends = (whole.members[place].thing.term for place in (one.one, one.other))
        found = tied(snapshot, *ends)
        assert len(found.shared) == found.total == one.total
        assert [part.sort for part in found.shared] == sorted(
            (part.sort for part in found.shared), key=TIES.index
        )


def test_each_part_in_a_tie_is_stated_by_passages_or_inferred(snapshot, whole):
    ends = (find_entity(snapshot, name) for name in ("Kenya", "Morocco"))
    found = tied(snapshot, *ends)
    parts = [part for one in found.shared for part in one.parts]
    assert {part.agent.label for part in parts} == {"Kenya", "Morocco"}
    assert any(part.passages for part in parts)
    assert any(not part.is_stated and not part.passages for part in parts)
    for part in parts:
        assert part.is_stated or not part.passages
        assert all("#s" in passage.graph.value for passage in part.passages)


def test_every_member_has_a_tie_and_every_tie_is_there_once(whole):
    ends = [place for tie in whole.ties for place in (tie.one, tie.other)]
    assert set(ends) == set(range(len(whole.members)))
    pairs = [(tie.one, tie.other) for tie in whole.ties]
    assert len(set(pairs)) == len(pairs)
    assert all(one < other for one, other in pairs)
    strengths = [tie.total for tie in whole.ties]
    assert strengths == sorted(strengths, reverse=True)
    for place, member in enumerate(whole.members):
        assert member.ties == ends.count(place)


@pytest.mark.parametrize("sort", TIES)
def test_ties_of_one_kind_are_those_of_the_whole(snapshot, whole, sort):
    found = network(snapshot, Around(Wanted(frozenset({sort}))))
    assert found.ties
    for tie in found.ties:
        assert told(tie, found.members)
        assert tie.mainly == sort
        ends = named(found, tie)
        same = between(whole, *ends)
        assert tie.agreements in (0, same.agreements)
        assert tie.events in (0, same.events)


def test_members_of_one_kind_are_of_no_other(snapshot):
    found = network(snapshot, Around(Wanted(kind="State")))
    assert {member.kind.family for member in found.members} == {"state"}
    assert "Kenya" in {member.thing.label for member in found.members}


def test_around_one_are_those_tied_to_it_and_then_those_tied_to_them(snapshot):
    kenya = find_entity(snapshot, "Kenya")
    near = network(snapshot, Around(entity=kenya))
    far = network(snapshot, Around(entity=kenya, depth=2))
    assert near.entity is not None
    assert near.members[near.entity].thing.term == kenya
    for place in range(len(near.members)):
        if place != near.entity:
            assert any(
                {tie.one, tie.other} == {place, near.entity} for tie in near.ties
            )
    here = {member.thing.term for member in near.members}
    assert here < {member.thing.term for member in far.members}
    assert near.total == len(near.members)


def test_one_of_another_kind_stays_in_the_middle_of_its_network(snapshot):
    bourita = find_entity(snapshot, "Nasser Bourita")
    found = network(snapshot, Around(Wanted(kind="State"), entity=bourita))
    families = [member.kind.family for member in found.members]
    assert families.count("person") == 1
    assert "state" in families


def test_the_number_of_members_is_bounded(snapshot, whole):
    few = network(snapshot, Around(most=5))
    assert 2 <= len(few.members) <= 5
    assert few.total == whole.total
    assert network(snapshot, Around(most=10**9)) is network(
        snapshot, Around(most=HARD_MOST)
    )


def test_the_networks_asked_for_last_are_kept(snapshot):
    usual = network(snapshot)
    for most in range(20, 60):
        assert network(snapshot) is usual
        network(snapshot, Around(most=most))
    assert network(snapshot, Around(most=59)) is network(snapshot, Around(most=59))
    for most in range(60, 100):
        network(snapshot, Around(most=most))
    assert network(snapshot) is not usual


def test_days_leave_out_what_did_not_happen_then_and_what_has_no_year(snapshot):
    found = network(snapshot, Around(Wanted(after=date(2023, 1, 1))))
    assert found.members
    assert not network(snapshot, Around(Wanted(before=date(1900, 1, 1)))).members
    for tie in found.ties:
        assert tie.total <= between(network(snapshot), *named(found, tie)).total


def test_nobody_is_tied_to_what_is_no_agent(snapshot):
    found = network(snapshot, Around(entity=NamedNode(f"{BASE}id/rabat")))
    assert (found.members, found.ties, found.total) == ((), (), 0)
    assert "Nobody" in drawn(found).description


# --- places -----------------------------------------------------------------------


def test_communities_are_the_groups_that_hang_together():
    found = communities(random_weights(60))
    assert max(found) == 2
    for group in range(3):
        assert len({found[node] for node in range(group, 60, 3)}) == 1


def test_communities_of_the_unconnected_are_themselves():
    assert sorted(communities(np.zeros((4, 4)))) == [0, 1, 2, 3]
    assert communities(np.zeros((0, 0))) == []


@pytest.mark.parametrize("many", [1, 2, 30, 200])
def test_a_layout_is_always_the_same_and_nothing_lies_over_another(many):
    weights = random_weights(many)
    sizes = 3 + np.sqrt(weights.sum(axis=1))
    found = layout(weights, sizes, gap=4, shape=1.4)
    again = layout(weights.copy(), sizes.copy(), gap=4, shape=1.4)
    assert found.places.tolist() == again.places.tolist()
    assert np.isfinite(found.places).all()
    apart = np.hypot(*(found.places[:, None] - found.places[None]).transpose(2, 0, 1))
    np.fill_diagonal(apart, np.inf)
    assert (apart > (sizes[:, None] + sizes[None]) * 0.95).all()
    for one, other in itertools.combinations(found.discs, 2):
        far = np.hypot(one.x - other.x, one.y - other.y)
        assert far > (one.radius + other.radius) * 0.98
    for disc in found.discs:
        inside = found.places[list(disc.nodes)] - (disc.x, disc.y)
        assert (np.hypot(*inside.T) <= disc.radius).all()


def test_neighbours_stand_nearer_than_strangers():
    weights = random_weights(90)
    places = layout(weights, np.full(90, 4.0), gap=4, shape=1.4).places
    apart = np.hypot(*(places[:, None] - places[None]).transpose(2, 0, 1))
    others = ~np.eye(90, dtype=bool)
    near = apart[(weights > 0) & others].mean()
    assert near < 0.7 * apart[(weights == 0) & others].mean()


def test_one_in_the_middle_has_the_communities_around_it():
    weights = random_weights(60)
    weights[0, 1:] = weights[1:, 0] = 5.0
    found = layout(weights, np.full(60, 4.0), gap=4, shape=1.4, middle=0)
    assert [disc.nodes for disc in found.discs if 0 in disc.nodes] == [(0,)]
    assert np.abs(found.places[0]).max() < 1e-9
    sides = np.sign(found.places[1:])
    assert set(sides[:, 0]) == set(sides[:, 1]) == {-1.0, 1.0}


def test_labels_lie_over_no_other_and_within_the_picture():
    chance = np.random.default_rng(5)
    places = chance.random((120, 2)) * (600, 300)
    names = [(n, f"Republic of Number {n}", n < 5) for n in range(120)]
    found = labels(
        names, places, np.full(120, 5.0), most=90, room=120, within=(600, 300)
    )
    assert 10 < len(found) <= 90
    assert found[0].node == 0
    for one in found:
        left, right, top, bottom = one.box
        assert 0 <= left < right <= 600
        assert 0 <= top < bottom <= 300
        assert width(one.text, 12, bold=one.is_bold) <= 120
    for one, other in itertools.combinations(found, 2):
        left, right, top, bottom = one.box
        its_left, its_right, its_top, its_bottom = other.box
        is_beside = right <= its_left or its_right <= left
        assert is_beside or bottom <= its_top or its_bottom <= top


# --- drawing ----------------------------------------------------------------------


def many_members(whole, many):
    """A made-up network of so many members, each tied to thirty others or so."""
    ties = tuple(
        Tie(one, other, 0, 1 + (one * other) % 5, 0, 0)
        for one in range(many)
        for other in range(one + 1, many)
        if (one * 7 + other * 13) % 17 == 0
    )
    members = tuple(whole.members[n % len(whole.members)] for n in range(many))
    ordered = sorted(ties, key=lambda tie: (-tie.total, tie.one, tie.other))
    return Network(members, tuple(ordered), many)


def test_a_drawing_is_the_same_byte_for_byte(snapshot, whole):
    fresh = Network(whole.members, whole.ties, whole.total)
    assert drawn(fresh).file() == drawn(whole).file()


def test_every_member_and_every_tie_is_a_link_that_says_what_it_is(whole):
    picture = drawn(whole, between=lambda one, other: f"/network/tie?{one}&{other}")
    svg = parsed(picture.svg())
    links = list(svg.iter(f"{SVG}a"))
    members = [one for one in links if one.get("class") == "member"]
    ties = [one for one in links if one.get("class") == "between"]
    assert {one.get("href") for one in members} == {
        member.thing.term.value for member in whole.members
    }
    assert len(ties) == len(whole.ties)
    titles = [one.findtext(f"{SVG}title", "") for one in ties]
    assert any(re.search(r"claims? by .+ about .+", title) for title in titles)
    for member in whole.members:
        start = f"{member.thing.label} ({member.kind.label}): "
        assert any(one.findtext(f"{SVG}title", "").startswith(start) for one in members)


LEGEND = {
    "state": "rect",
    "organisation": "polygon",
    "person": "circle",
    "mostly agreements": "path",
    "mostly events": "path",
    "mostly claims": "path",
}


def test_in_a_page_the_legend_is_text_and_no_part_of_the_drawing(client):
    page = client.get("/network", headers=HTML).get_data(as_text=True)
    figure = page.partition("data-network>")[2].partition("</figure>")[0]
    picture, _, legend = figure.partition("<figcaption>")
    assert "mostly claims" not in picture
    found = re.findall(r"<li><svg[^>]*><(\w+)[^>]*/></svg> ([^<]*)</li>", legend)
    assert {word: mark for mark, word in found} == LEGEND


def test_kinds_differ_in_shape_and_ties_in_more_than_colour(whole):
    svg = parsed(drawn(whole).svg())
    shapes = {
        family: {
            one.tag.removeprefix(SVG)
            for one in svg.iter()
            if one.get("class", "").split()[:2] == ["node", family]
        }
        for family in ("state", "organisation", "person")
    }
    assert shapes == {
        "state": {"rect"}, "organisation": {"polygon"}, "person": {"circle"}
    }  # fmt: skip
    words = {" ".join(one.itertext()) for one in svg.iter(f"{SVG}text")}
    assert set(LEGEND) <= words


def test_of_too_many_ties_each_member_keeps_its_two_strongest(whole):
    found = many_members(whole, 400)
    assert len(found.ties) > 3 * MOST_DRAWN
    kept = shown_ties(found)
    assert MOST_DRAWN <= len(kept) <= MOST_DRAWN + 2 * len(found.members)
    chosen = set(kept)
    for place in range(len(found.members)):
        own = [tie for tie in found.ties if place in (tie.one, tie.other)]
        assert set(own[:2]) <= chosen
    assert set(found.ties[:MOST_DRAWN]) <= chosen


def test_a_large_network_has_names_where_there_is_room(whole):
    found = many_members(whole, 300)
    picture = drawn(found)
    svg = parsed(picture.svg())
    names = [one for one in svg.iter(f"{SVG}text") if one.get("data-of")]
    assert 20 <= len(names) <= 70
    assert len([one for one in svg.iter() if one.get("data-member")]) == 300
    assert "weaker ties are not drawn" in "".join(svg.itertext())
    tabbed = [one for one in svg.iter(f"{SVG}a") if one.get("tabindex") != "-1"]
    assert len(tabbed) == len(names)


def test_graphml_has_all_members_and_ties(whole):
    root = parsed(graphml(whole))
    nodes = [one.get("id") for one in root.iter(f"{GRAPHML}node")]
    assert nodes == [member.thing.term.value for member in whole.members]
    edges = list(root.iter(f"{GRAPHML}edge"))
    assert len(edges) == len(whole.ties)
    keys = {one.get("id") for one in root.iter(f"{GRAPHML}key")}
    assert {one.get("key") for one in root.iter(f"{GRAPHML}data")} == keys
    weights = [
        int(one.text or 0)
        for one in root.iter(f"{GRAPHML}data")
        if one.get("key") == "weight"
    ]
    assert weights == [tie.total for tie in whole.ties]


# --- the pages --------------------------------------------------------------------


def test_every_tie_is_in_the_table_on_one_of_its_pages(client, whole):
    rows = []
    for page in (1, 2, 3):
        address = f"/network?limit=40&page={page}"
        text = client.get(address, headers=HTML).get_data(as_text=True)
        table = text[text.index("<tbody>") : text.index("</tbody>")]
        rows += re.findall(r'href="(/network/tie\?[^"]+)"', table)
    assert len(rows) == len(set(rows)) == len(whole.ties)


def test_a_line_of_the_table_leads_to_what_it_counts(client, whole):
    tie = between(whole, "Kenya", "Morocco")
    page = client.get("/network", headers=HTML).get_data(as_text=True)
    address = next(
        found.replace("&amp;", "&")
        for found in re.findall(r'href="(/network/tie\?[^"]+)"', page)
        if "kenya" in found and "morocco" in found and "office" not in found
    )
    found = client.get(f"{address}&format=json").get_json()
    assert len(found["shared"]) == tie.total
    text = client.get(address, headers=HTML).get_data(as_text=True)
    for one in found["shared"]:
        assert one["label"] in text.replace("&#39;", "'").replace("&amp;", "&")
    assert "/doc/source/kenya-morocco-cybercrime#s" in text
    assert "why?" in text


def test_the_page_has_a_picture_a_form_and_no_script_of_its_own(client):
    answer = client.get("/network", headers=HTML)
    text = answer.get_data(as_text=True)
    assert answer.status_code == 200
    assert text.count('class="picture picture-network"') == 1
    assert 'action="/network"' in text
    assert 'aria-current="page">Network' in text
    assert " style=" not in text
    assert "script-src 'self'" in answer.headers["Content-Security-Policy"]


def test_the_page_keeps_what_was_chosen(client):
    address = "/network?entity=kenya&depth=2&kind=State&ties=events&nodes=20"
    text = client.get(address, headers=HTML).get_data(as_text=True)
    assert re.search(r'name="entity" value="kenya"', text)
    assert re.search(r'value="2" selected', text)
    assert re.search(r'value="State" selected', text)
    assert re.search(r'value="events" checked', text)
    assert not re.search(r'value="claims" checked', text)
    assert re.search(r'name="nodes"[^>]*value="20"', text)


@pytest.mark.parametrize("entity", ["Kenya", "kenya", f"{BASE}id/kenya"])
def test_one_is_given_by_name_or_iri(client, entity):
    query = {"entity": entity, "format": "json"}
    found = client.get("/network", query_string=query).get_json()
    assert found["members"][0]["label"] == "Kenya"
    assert found["total"] == len(found["members"])


def test_formats_are_chosen_as_everywhere(client):
    assert client.get("/network").content_type == "application/json"
    text = client.get("/network?format=graphml")
    assert text.content_type == "application/graphml+xml"
    assert client.get("/network?format=csv").status_code == 406


@pytest.mark.parametrize(
    "address",
    ["/network?entity=Nowhere", "/network?depth=3",
     "/network?depth=x", "/network?kind=Place", "/network?ties=friendship",
     "/network?ties=events&ties=friendship", "/network?nodes=1", "/network?nodes=1001",
     "/network?nodes=²", "/network?after=soon", "/network?page=0",
     "/network?colour=red", "/network/tie?one=kenya&other=iraq&limit=x",
     "/network?entity=kenya&entity=iraq", "/network/tie", "/network/tie?one=kenya",
     "/network/tie?one=kenya&other=nobody",
     "/network?entity=https://w3id.org/exequatur/id/nothing",
     "/network?entity=%3Chttps://w3id.org/exequatur/id/nairobi%3E"],
)  # fmt: skip
def test_what_does_not_fit_is_400_and_says_where(client, address):
    answer = client.get(address, headers={"Accept": "application/json"})
    assert answer.status_code == 400, answer.get_data(as_text=True)
    assert answer.content_type == "application/problem+json"


def test_what_ties_two_has_pages(client, whole):
    tie = between(whole, "Kenya", "Morocco")
    address = "/network/tie?one=kenya&other=morocco&format=json"
    every = client.get(address).get_json()
    parts = [
        client.get(f"{address}&limit=3&page={page}").get_json()
        for page in range(1, tie.total // 3 + 2)
    ]
    assert [one for part in parts for one in part["shared"]] == every["shared"]
    assert {part["total"] for part in parts} == {tie.total}
    text = client.get(
        "/network/tie?one=kenya&other=morocco&limit=3", headers=HTML
    ).get_data(as_text=True)
    assert 'rel="next"' in text
    assert f"1 to 3 of {tie.total}" in text


def test_what_ties_two_has_its_time_and_names_a_property_once(client):
    address = "/network/tie?one=kenya&other=morocco"
    text = client.get(address, headers=HTML).get_data(as_text=True)
    _, _, talks = text.partition("Laassel–Ingonga talks in Nairobi")
    talks = talks.partition("<h3>")[0]
    assert "Thursday</a></span></h3>" in talks
    assert talks.count(">involves state<") == 1


def test_too_many_networks_at_once_are_503(client, monkeypatch):
    monkeypatch.setattr("server.network._WAITING_SECONDS", 0)
    monkeypatch.setattr("server.network._AT_ONCE", threading.BoundedSemaphore(1))
    with _turn():
        answer = client.get("/network?nodes=7", headers={"Accept": "application/json"})
    assert answer.status_code == 503
    assert client.get("/network?nodes=7").status_code == 200


def test_two_that_nothing_ties_are_told_so(client):
    address = "/network/tie?one=kenya&other=kuwait"
    assert client.get(f"{address}&format=json").get_json()["shared"] == []
    text = client.get(address, headers=HTML).get_data(as_text=True)
    assert "Nothing ties them" in text


def test_nobody_in_a_network_is_an_answer_too(client):
    answer = client.get("/network?before=1900-01-01", headers=HTML)
    assert answer.status_code == 200
    assert "Nobody is tied to anybody" in answer.get_data(as_text=True)
