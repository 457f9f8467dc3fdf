"""Claims that dispute each other: sides where there are two, a list where not."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import chain, pairwise

import pytest

from kg.config import Settings
from kg.conflicts import MOST_CLAIMS, conflicts
from kg.entities import describe
from kg.graph import KnowledgeGraph
from kg.portrait import portrait
from kg.store import Store
from kg.stores import open_store
from kg.terms import BASE, EXQ, LABEL, TYPE, DefaultGraph, Literal, NamedNode, Quad
from server.app import create_app

BROWSER = {"Accept": "text/html"}
DISPUTES = NamedNode(f"{EXQ}disputes")
HANDOVER = NamedNode(f"{BASE}id/handover-of-salman-al-khalidi")
TRIANGLE = NamedNode(f"{BASE}id/triangle")
SOURCE = NamedNode(f"{BASE}source/kenya-morocco-cybercrime#s05")


def claim(name):
    return NamedNode(f"{BASE}claim/{name}")


def both(subject, predicate, object_):
    for graph in (DefaultGraph(), SOURCE):
        yield Quad(subject, predicate, object_, graph)


def made_up():
    """Three claims of which each disputes the others, and a long chain of claims."""
    yield from both(TRIANGLE, LABEL, Literal("Triangle", language="en"))
    corners = [claim(f"corner-{number}") for number in range(3)]
    chained = [claim(f"chained-{number:03}") for number in range(MOST_CLAIMS + 5)]
    for one in (*corners, *chained):
        yield from both(one, TYPE, NamedNode(f"{EXQ}Claim"))
        yield from both(one, LABEL, Literal(one.value[-9:], language="en"))
        yield from both(
            one, NamedNode(f"{EXQ}claimText"), Literal("So.", language="en")
        )
    for corner in corners:
        yield from both(corner, NamedNode(f"{EXQ}claimAbout"), TRIANGLE)
    for one, other in (*pairwise([*corners, corners[0]]), *pairwise(chained)):
        yield from both(one, DISPUTES, other)


@pytest.fixture(scope="module")
def quarrel(shipped_store, tmp_path_factory):
    path = tmp_path_factory.mktemp("conflicts") / "store"
    shipped = open_store(shipped_store).snapshot()
    Store.create(path, chain(shipped.quads(), made_up()), fingerprint="of conflicts")
    return KnowledgeGraph.open(replace(Settings(), store=path))


@pytest.fixture(scope="module")
def client(quarrel):
    return create_app(quarrel, Settings()).test_client()


def names(conflict):
    """The sides of a conflict by the last segments of their claims."""
    return {
        frozenset(one.claim.term.value.rpartition("/")[2] for one in side)
        for side in conflict.sides
    }


def test_each_side_of_a_conflict_is_together(snapshot):
    (found,) = conflicts(snapshot, [claim("handover-called-handover-by-the-ministry")])
    assert names(found) == {
        frozenset(
            {
                "handover-called-handover-by-the-ministry",
                "handover-called-handover-by-the-article",
            }
        ),
        frozenset({"handover-called-extradition-by-the-article"}),
    }
    assert found.makers == (
        ("Asharq Al-Awsat", "Iraq's Ministry of Interior"),
        ("Asharq Al-Awsat",),
    )


def test_no_claim_disputes_another_of_its_side(snapshot):
    found = portrait(snapshot, describe(snapshot, HANDOVER)).conflicts
    assert len(found) == 3
    for conflict in found:
        side_of = {
            one.claim.term: number
            for number, side in enumerate(conflict.sides)
            for one in side
        }
        for pair in conflict.pairs:
            assert side_of[pair.claim.term] != side_of[pair.disputes.term]


def test_a_conflict_comes_once_however_many_of_its_claims_are_asked_of(snapshot):
    sides = [claim("al-khalidi-dissident"), claim("al-khalidi-wanted-individual")]
    (found,) = conflicts(snapshot, sides)
    (pair,) = found.pairs
    assert {pair.claim.term, pair.disputes.term} == set(sides)
    assert pair.sources


def test_what_nobody_disputes_is_in_no_conflict(snapshot):
    assert conflicts(snapshot, [claim("ingonga-praise-digital-forensics")]) == ()


def test_claims_in_a_conflict_are_not_told_once_more(snapshot):
    found = portrait(snapshot, describe(snapshot, HANDOVER))
    disputed = {c for conflict in found.conflicts for c in conflict.claims}
    assert disputed
    assert not disputed & {one.claim.term for one in found.claims_about}
    assert found.claims_about


def test_the_page_of_a_claim_shows_the_conflict_it_is_in(snapshot):
    node = claim("al-khalidi-dissident")
    (found,) = portrait(snapshot, describe(snapshot, node)).conflicts
    assert node in found.claims


def test_three_that_dispute_each_other_have_no_sides(quarrel):
    (found,) = conflicts(quarrel.snapshot(), [claim("corner-1")])
    assert names(found) == {frozenset({"corner-0", "corner-1", "corner-2"})}
    assert len(found.pairs) == 3


def test_of_a_long_conflict_so_many_claims_are_read(quarrel):
    (found,) = conflicts(quarrel.snapshot(), [claim("chained-000")])
    assert len(found.claims) == MOST_CLAIMS
    assert found.more


def test_a_page_shows_the_sides_beside_each_other(client):
    page = client.get("/doc/handover-of-salman-al-khalidi", headers=BROWSER).text
    assert '<h2 id="disputed">Disputed</h2>' in page
    titles = [re.sub("<[^>]*>", "", one) for one in re.findall("<h3.*?</h3>", page)]
    assert "Iraq's Ministry of Interior against Asharq Al-Awsat" in [
        title.replace("&#39;", "'") for title in titles
    ]
    assert page.count('aria-label="The other side"') == 3


def test_a_page_lists_those_without_sides(client):
    page = client.get("/doc/triangle", headers=BROWSER).text
    assert "among each other" in page
    assert 'class="sides"' not in page
    assert page.count("<blockquote>") == 3
