"""`/why`: explanations over HTTP, in every form, within bounds."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from html.parser import HTMLParser
from urllib.parse import urlencode

import pytest

from kg.change import parse_rdf
from kg.config import Settings
from kg.formats import Kind, for_kind
from kg.terms import BASE, EXQ, PROV, NamedNode
from server import why as module
from server.app import create_app
from tests.small_store import EX, add, open_small

BROWSER = {"Accept": "text/html,*/*;q=0.8"}
JSON = {"Accept": "application/json"}
ENVOY = {"s": "abderrazzak-laassel", "p": "envoy to", "o": "Kenya"}
VOID = {"br", "hr", "img", "input", "link", "meta"}


@pytest.fixture(scope="module")
def client(graph, settings):
    return create_app(graph, settings).test_client()


def ask(client, headers=None, **given):
    return client.get(f"/why?{urlencode(given)}", headers=headers or {})


class Nesting(HTMLParser):
    """Finds elements that are closed in another order than they were opened."""

    def __init__(self):
        super().__init__()
        self.open = []
        self.deepest = 0

    def handle_starttag(self, tag, attrs):
        if tag not in VOID:
            self.open.append(tag)
            self.deepest = max(self.deepest, self.open.count("ul"))

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


def nesting(text):
    parser = Nesting()
    parser.feed(text)
    assert not parser.open
    return parser


def test_a_program_gets_json(client):
    answer = ask(client, **ENVOY)
    assert answer.status_code == 200
    assert answer.mimetype == "application/json"
    assert answer.json["holds"] is True
    assert answer.json["reasons"][0]["steps"][0]["rule"]["name"] == "prp-spo2"


@pytest.mark.parametrize("entry", for_kind(Kind.GRAPH), ids=lambda entry: entry.name)
def test_rdf_comes_in_every_syntax_by_header_and_by_name(client, entry):
    answer = ask(client, {"Accept": entry.media_type}, **ENVOY)
    assert answer.mimetype == entry.media_type
    named = ask(client, format=entry.name, **ENVOY)
    assert named.data == answer.data
    used = {quad.predicate for quad in parse_rdf(answer.data, entry, source="a test")}
    assert NamedNode(f"{PROV}wasDerivedFrom") in used


def test_a_browser_gets_a_page_that_needs_no_script(client):
    answer = ask(client, BROWSER, **ENVOY)
    assert answer.status_code == 200
    assert answer.mimetype == "text/html"
    assert all("src=" in tag for tag in re.findall("<script[^>]*>", answer.text))
    assert 'class="derivation"' in answer.text
    assert "prp-spo2" in answer.text
    rule = answer.text.partition('<p class="rule">')[2].partition("</p>")[0]
    assert re.search(r'<a href="/ontology#(\w+)">[a-z ]+</a>, then <a ', rule)
    assert "exq:" not in rule
    assert 'href="/doc/source/kenya-morocco-cybercrime#s05"' in answer.text
    assert "characters 102 to 366" in answer.text
    assert nesting(answer.text).deepest >= 3


def test_the_page_of_a_deep_derivation_is_well_formed(small_store):
    graph = open_small(small_store)
    chain = " ".join(f"ex:w{n} ex:within ex:w{n + 1} ." for n in range(120))
    add(graph, chain)
    client = create_app(graph, replace(Settings(), store=small_store)).test_client()
    given = {"s": f"{EX}w0", "p": f"{EX}within", "o": f"{EX}w120", "limit": "1"}
    answer = ask(client, BROWSER, **given)
    assert answer.status_code == 200
    nesting(answer.text)
    assert "There are, or may be, more" in answer.text or "Reason" not in answer.text


def test_without_a_triple_a_browser_gets_a_form(client):
    answer = client.get("/why", headers=BROWSER)
    assert answer.status_code == 200
    assert {'name="s"', 'name="p"', 'name="o"'} <= {
        *re.findall(r'name="\w"', answer.text)
    }
    assert client.get("/why", headers=JSON).status_code == 400


@pytest.mark.parametrize("missing", "spo")
def test_a_missing_term_is_400_and_named(client, missing):
    answer = ask(client, JSON, **{k: v for k, v in ENVOY.items() if k != missing})
    assert answer.status_code == 400
    assert answer.json["where"] == f"parameter {missing}"


def test_a_misspelt_name_is_404_with_its_neighbours(client):
    answer = ask(client, JSON, **{**ENVOY, "s": "abderazak-lassel"})
    assert answer.status_code == 404
    assert answer.mimetype == "application/problem+json"
    named = [one["iri"] for one in answer.json["candidates"]]
    assert f"{BASE}id/abderrazzak-laassel" in named


def test_what_does_not_hold_is_404_with_what_is_near(client):
    answer = ask(client, JSON, **{**ENVOY, "o": "Morocco"})
    assert answer.status_code == 404
    assert answer.json["type"].endswith("#not-held")
    assert answer.json["near"][0]["object"]["label"] == "Kenya"
    page = ask(client, BROWSER, **{**ENVOY, "o": "Morocco"})
    assert page.status_code == 404
    assert "This does not hold" in page.text
    assert "why?" in page.text
    nesting(page.text)
    turtle = ask(client, {"Accept": "text/turtle"}, **{**ENVOY, "o": "Morocco"})
    assert turtle.status_code == 404


def test_a_claim_is_told_with_its_maker(client):
    claimed = {"s": "handover-of-salman-al-khalidi", "p": "a", "o": "exq:Extradition"}
    answer = ask(client, JSON, **claimed)
    assert answer.status_code == 404
    assert "only claimed by" in answer.json["detail"]
    assert answer.json["claims"][0]["makers"]
    page = ask(client, BROWSER, **claimed)
    assert "It is claimed" in page.text
    nesting(page.text)


@pytest.mark.parametrize("limit", ["0", "-1", "x", "101", "1e3", "²", "9" * 5000])
def test_a_limit_that_is_none_is_400(client, limit):
    answer = ask(client, JSON, limit=limit, **ENVOY)
    assert answer.status_code == 400
    assert answer.json["where"] == "parameter limit"


def test_a_limit_gives_so_many_reasons_and_says_that_there_are_more(client):
    given = {"s": "Abderrazzak Laassel", "p": "a", "o": "exq:Agent"}
    few = ask(client, JSON, limit="2", **given).json
    assert (len(few["reasons"]), few["complete"]) == (2, False)
    more = ask(client, JSON, limit="100", **given).json
    assert len(more["reasons"]) > 2
    assert more["complete"] is True
    assert more["reasons"][:2] == few["reasons"]


def test_an_answer_has_an_etag_and_is_not_sent_twice(client):
    first = ask(client, JSON, **ENVOY)
    again = ask(client, {**JSON, "If-None-Match": first.headers["ETag"]}, **ENVOY)
    assert again.status_code == 304


def test_what_cannot_be_accepted_is_406_before_any_search(client):
    assert ask(client, {"Accept": "image/png"}, **ENVOY).status_code == 406
    assert ask(client, JSON, format="csv", **ENVOY).status_code == 406


def test_markup_in_a_name_is_escaped(client):
    given = {"s": "kenya", "p": "rdfs:label", "o": '"<script>alert(1)</script>"'}
    answer = ask(client, BROWSER, **given)
    assert answer.status_code == 404
    assert "<script>" not in answer.text
    assert "&lt;script&gt;alert(1)" in answer.text


def test_too_many_searches_at_once_are_503(client, monkeypatch):
    monkeypatch.setattr(module, "_WAITING_SECONDS", 0.01)
    taken = [module._AT_ONCE.acquire(timeout=1) for _ in range(2)]
    try:
        answer = ask(client, JSON, **ENVOY)
    finally:
        for _ in taken:
            module._AT_ONCE.release()
    assert answer.status_code == 503
    assert "Retry-After" in answer.headers
    assert ask(client, JSON, **ENVOY).status_code == 200


def test_an_inferred_fact_on_a_page_leads_to_its_explanation(client):
    page = client.get("/doc/abderrazzak-laassel", headers=BROWSER)
    found = re.findall(r'<a class="why" href="(/why\?[^"]*)">why\?</a>', page.text)
    assert found
    for href in found:
        answer = client.get(href.replace("&amp;", "&"), headers=JSON)
        assert answer.status_code == 200, href
        assert answer.json["stated"] is False


def test_the_address_of_a_triple_in_rdf_leads_to_its_explanation(client):
    entry = next(one for one in for_kind(Kind.GRAPH) if one.name == "ntriples")
    data = ask(client, {"Accept": entry.media_type}, **ENVOY).data
    iris = {
        str(quad.subject)[1:-1]
        for quad in parse_rdf(data, entry, source="a test")
        if str(quad.subject).endswith("#triple>")
    }
    assert len(iris) == 5
    for iri in iris:
        path = iri.removeprefix(BASE).partition("#")[0]
        assert client.get(f"/{path}", headers=JSON).json["holds"] is True


def test_json_is_the_one_of_the_command(client):
    answer = ask(client, JSON, s="kenya", p=f"{EXQ}isoAlpha3", o="KEN")
    assert json.loads(answer.data)["stated"] is True
