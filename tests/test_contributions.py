"""What an article contributes that no other source here states."""

from __future__ import annotations

import pytest

from kg import contributions
from kg.articles import articles, passages
from kg.change import read_change
from kg.config import Settings
from kg.contributions import contribution
from kg.formats import by_name
from kg.graph import KnowledgeGraph
from kg.terms import NamedNode
from server.app import create_app
from tests.made_up import SLUG, build, trig

SLUGS = ["iraq-kuwait-handover", "kenya-morocco-cybercrime", "us-morocco-cybersecurity"]


def found(snapshot, slug):
    article = NamedNode(f"https://w3id.org/exequatur/source/{slug}")
    return contribution(snapshot, article, passages(snapshot, article))


@pytest.fixture
def whole(monkeypatch):
    monkeypatch.setattr(contributions, "MOST_SHOWN", 10_000)


@pytest.mark.parametrize("slug", SLUGS)
def test_it_is_what_the_saved_query_answers(graph, snapshot, slug, whole):
    rows = graph.ask("contribution-of-article", {"article": slug}).rows()
    said = {(s.value, p.value, v.value, g.value) for s, p, v, g in rows}
    mine = {
        (subject.label, fact.property.label, fact.value.label, passage.iri)
        for subject, facts in found(snapshot, slug).facts
        for fact in facts
        for passage in fact.passages
    }
    assert len(mine) > 30
    assert mine == said


def test_what_another_article_states_too_is_no_contribution(
    shipped_store, tmp_path, whole
):
    store = build(shipped_store, tmp_path / "store")
    graph = KnowledgeGraph.open(Settings(store=store))
    before = {
        (s.label, f.property.label, f.value.label): [p.ordinal for p in f.passages]
        for s, facts in found(graph.snapshot(), SLUG).facts
        for f in facts
    }
    meeting = "Zephyr's meeting"
    assert before == {
        (meeting, "has participant", "Ada Zephyr"): [2],
        (meeting, "involves state", "Kenya"): [1, 2],
        (meeting, "takes place at", "Nairobi"): [2],
    }
    again = """
src:{slug}\\#s01 {{ id:zephyr-meeting exq:takesPlaceAt id:nairobi . }}
src:{slug}\\#s02 {{ id:zephyr-meeting exq:involvesState id:kenya . }}
"""
    other = trig(slug="other-talks", facts=again)
    change = read_change(other.encode(), by_name("trig"), source="other")
    verdict, _ = graph.add(change, agent="test", message="other")
    assert verdict.accepted
    here = graph.snapshot()
    assert [
        (fact.property.label, fact.value.label)
        for _, facts in found(here, SLUG).facts
        for fact in facts
    ] == [("has participant", "Ada Zephyr")]
    assert found(here, "other-talks").number == 0
    assert "Nothing: whatever it states" in page(graph, "/doc/source/other-talks")


def page(graph, path):
    client = create_app(graph, Settings(store=graph.store.path)).test_client()
    return client.get(path, headers={"Accept": "text/html"}).text


def test_what_is_cut_is_told(snapshot, monkeypatch):
    monkeypatch.setattr(contributions, "MOST_SHOWN", 5)
    cut = found(snapshot, SLUGS[0])
    assert (cut.shown, cut.complete) == (5, True)
    assert cut.number > 100
    assert sum(len(facts) for _, facts in cut.facts) == 5
    monkeypatch.setattr(contributions, "MOST_LOOKED_AT", 20)
    assert not found(snapshot, SLUGS[0]).complete
    assert found(snapshot, SLUGS[0]).number <= 20


def test_the_page_of_each_article_shows_it_with_the_passages(graph, snapshot):
    for article in articles(snapshot):
        text = page(graph, f"/doc/source/{article.iri.rpartition('/')[2]}")
        assert "What no other source here states" in text
        shown = text.partition('<dl class="alone">')[2].partition("</dl>")[0]
        assert '<a href="#s0' in shown
        assert "/queries/contribution-of-article?article=" in text


def test_passages_beyond_the_first_lead_to_what_they_state(graph, monkeypatch):
    monkeypatch.setattr("server.article_pages.DETAILED", 9)
    text = page(graph, f"/doc/source/{SLUGS[0]}")
    listed = text.partition('<ol class="passages">')[2].partition("</ol>")[0]
    assert listed.count("<details") < 9
    address = f"/doc/source/{SLUGS[0]}%23s10"
    assert f'<a href="{address}">' in listed
    own = page(graph, address)
    assert "What it states" in own
    assert "not facts of this graph" not in own


def test_a_thing_that_is_no_article_has_none(graph):
    assert "What no other source" not in page(graph, "/doc/kenya")
