"""Pages: the front page, search, lists; and what must hold of every page."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from urllib.parse import urldefrag, urlsplit

import pytest

from kg.change import parse_rdf
from kg.formats import by_name
from kg.graph import KnowledgeGraph
from kg.overview import KINDS, MOST_STORIES
from kg.store import Store
from kg.terms import BASE, Quad
from server.app import create_app
from server.words import register

HEAD = """PREFIX dct: <http://purl.org/dc/terms/>
PREFIX exq: <https://w3id.org/exequatur/ontology#>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
PREFIX xsd: <http://www.w3.org/2001/XMLSchema#>
"""
BROWSER = {"Accept": "text/html,*/*;q=0.8"}
PROGRAM = {"Accept": "application/json"}
VOID = {"area", "base", "br", "col", "hr", "img", "input", "link", "meta", "wbr"}
PAGES = [
    "/",
    "/queries",
    "/queries/timeline",
    "/queries/posts-of-state?state=Kenya",
    "/queries/posts-of-state?state=nobody",
    "/queries/nothing",
    "/sparql",
    "/sparql?query=SELECT%20*%20%7B%20%3Fs%20a%20%3Fo%20%7D%20LIMIT%203",
    "/sparql?query=SELEC",
    "/search",
    "/search?q=moroc",
    "/search?q=nothing%20is%20called%20so",
    "/kinds/State",
    "/kinds/Accession",
    "/ontology",
    "/shapes",
    "/validate",
    "/problems",
    "/doc/kenya",
    "/doc/source/kenya-morocco-cybercrime",
    "/doc/graph/reference",
    "/doc/change/1",
    "/nowhere",
]
each_page = pytest.mark.parametrize("path", PAGES)


class Page(HTMLParser):
    """A page as a checker sees it: its elements, in balance, with their attributes."""

    def __init__(self, text):
        super().__init__()
        self.open, self.elements, self.title = [], [], ""
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag, f"</{tag}> closes another element"

    def handle_data(self, data):
        if self.open and self.open[-1] == "title":
            self.title += data

    def all(self, attribute, *tags):
        """Return the values of an attribute, of all elements or those with *tags*."""
        return [
            found[attribute]
            for tag, found in self.elements
            if attribute in found and (not tags or tag in tags)
        ]

    @property
    def ids(self):
        return self.all("id")

    @property
    def links(self):
        return self.all("href", "a")

    @property
    def headings(self):
        return [int(tag[1]) for tag, _ in self.elements if re.fullmatch("h[1-6]", tag)]


@pytest.fixture(scope="module")
def client(graph, settings):
    return create_app(graph, settings).test_client()


@pytest.fixture(scope="module")
def get(client):
    pages = {}

    def fetched(path):
        if path not in pages:
            pages[path] = Page(client.get(path, headers=BROWSER).text)
        return pages[path]

    return fetched


# --- every page -------------------------------------------------------------------


@each_page
def test_a_page_is_well_formed_and_its_ids_are_unique(get, path):
    page = get(path)
    assert page.open == []
    assert len(page.ids) == len(set(page.ids))


@each_page
def test_a_page_has_a_title_landmarks_and_headings_in_order(get, path):
    page = get(path)
    assert page.title.strip()
    assert {"header", "nav", "main", "footer"} <= {tag for tag, _ in page.elements}
    assert page.headings.count(1) == 1
    steps = zip(page.headings, page.headings[1:], strict=False)
    assert all(after - before <= 1 for before, after in steps)


@each_page
def test_every_field_of_a_page_has_a_label(get, path):
    page = get(path)
    controls = page.all("id", "input", "select", "textarea")
    assert len(controls) == len(page.all("name", "input", "select", "textarea"))
    assert set(controls) <= set(page.all("for", "label"))


@each_page
def test_a_page_has_no_script_and_no_style_of_its_own(client, path):
    answer = client.get(path, headers=BROWSER)
    text = answer.text
    scripts = re.findall(r"<script\b([^>]*)>(.*?)</script", text, re.S | re.I)
    assert len(scripts) == text.lower().count("<script")
    for attributes, inside in scripts:
        assert re.search(r'src="/static/[^"]+"', attributes)
        assert inside == ""
    policy = answer.headers["Content-Security-Policy"]
    assert ("script-src 'self'" in policy) >= bool(scripts)
    assert "unsafe" not in policy
    assert "<style" not in text
    names = {name for _, found in Page(text).elements for name in found}
    assert not {name for name in names if name == "style" or name.startswith("on")}


@each_page
def test_a_page_loads_nothing_from_another_host(get, path):
    page = get(path)
    for address in page.all("src") + page.all("href", "link"):
        assert not urlsplit(address).netloc
        assert address.startswith("/")


@pytest.fixture(scope="module")
def leads(client):
    """Tell whether an address of this server answers; each is asked once."""
    known = {}

    def answers(address):
        if address not in known:
            answer = client.head(address, headers=BROWSER, follow_redirects=True)
            known[address] = answer.status_code == 200
        return known[address]

    return answers


@each_page
def test_the_links_of_a_page_lead_somewhere(get, leads, path):
    links = dict.fromkeys(get(path).links)
    kinds = [link for link in links if link.startswith("/kinds/")]
    for link in [link for link in links if link not in kinds[5:]]:
        parts = urlsplit(link)
        if parts.netloc:
            assert parts.scheme in {"http", "https"}
            continue
        address, fragment = urldefrag(link)
        if fragment:
            assert fragment in get(address or path).ids, link
        else:
            assert leads(address), link


# --- the front page ---------------------------------------------------------------


def article(name, issued=""):
    said = f'<{BASE}source/{name}> a exq:NewsArticle ; rdfs:label "article {name}"'
    said += f' ; dct:issued "{issued}"^^xsd:date' if issued else ""
    return f"""{said} .
    <{BASE}source/{name}#s01> a exq:Passage ; exq:ordinal 1 ;
        exq:passageOf <{BASE}source/{name}> ."""


@pytest.fixture
def of_many_articles(tmp_path, settings):
    """A client of a graph with thirty articles, two of them with a date."""
    dates = {7: "2020-01-02", 21: "2024-05-06"}
    found = "\n".join(article(f"a{n:02}", dates.get(n, "")) for n in range(30))
    bare = f'<{BASE}id/bare> a exq:NewsArticle ; rdfs:label "aaa" .'
    quads = parse_rdf(
        f"{HEAD} <{BASE}graph/test> {{ {found} {bare} }}".encode(),
        by_name("trig"),
        source="test",
    )
    merged = [Quad(*quad.triple) for quad in quads]
    store = Store.create(tmp_path / "store", [*quads, *merged], fingerprint="test")
    return create_app(KnowledgeGraph(store), settings).test_client()


def test_the_front_page_shows_some_articles_the_newest_first(of_many_articles):
    page = of_many_articles.get("/", headers=BROWSER).text
    shown = re.findall(r"<strong>article (\w+)</strong>", page)
    assert len(shown) == MOST_STORIES
    assert shown[:4] == ["a21", "a07", "a00", "a01"]
    assert '<a href="/kinds/NewsArticle">All 31 articles</a>' in page
    listed = of_many_articles.get("/kinds/NewsArticle?limit=20", headers=BROWSER).text
    assert "1 to 20 of 31, by name." in listed


def test_the_front_page_says_what_is_here(client, graph, snapshot):
    page = client.get("/").text
    for plural in KINDS.values():
        assert plural in page
    for query in graph.queries.values():
        assert f'href="/queries/{query.name}"' in page
    assert 'href="/doc/source/kenya-morocco-cybercrime"' in page
    assert 'action="/sparql"' in page
    assert 'action="/search"' in page


def test_the_figures_are_those_of_the_graph(client, snapshot):
    page = client.get("/").text
    count = "SELECT (COUNT(DISTINCT ?s) AS ?n) { ?s a <%s> }"
    iri = "https://w3id.org/exequatur/ontology#Passage"
    ((number,),) = snapshot.query(count % iri).rows()
    assert re.search(rf"<b>{number.value}</b> passages", page)


# --- search, kinds, status, problems ----------------------------------------------


def search(client, text):
    answer = client.get("/search", query_string={"q": text}, headers=PROGRAM)
    return answer.get_json()["results"]


@pytest.mark.parametrize("text", ["Kenya", "kenya", " KENYA ", "East African country"])
def test_search_puts_what_is_called_so_first(client, text):
    first = search(client, text)[0]
    assert (first["label"], first["kind"], first["exact"]) == ("Kenya", "state", True)


def test_search_finds_parts_of_names_and_near_misses(client):
    assert "Embassy of Kenya in Rabat" in {
        hit["label"] for hit in search(client, "kenya")
    }
    assert "Nasser Bourita" in {hit["label"] for hit in search(client, "Naser Burita")}
    assert search(client, "") == []
    assert search(client, 'zyxwv "} utsr') == []


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("Al Khalidi", "Salman Al-Khalidi"),
        ("al-khalidi", "Salman Al-Khalidi"),
        ("AlKhalidi", "Salman Al-Khalidi"),
        ("al khaledi", "Salman Al-Khalidi"),
        ("Laassel", "Abderrazzak Laassel"),
        ("laasel", "Abderrazzak Laassel"),
        ("Abderrazak Laâssel", "Abderrazzak Laassel"),
        ("MÒROCCO", "Morocco"),
        ("naïrobi", "Nairobi"),
        ("sumudica", ""),
    ],
)
def test_search_minds_no_accents_and_no_way_of_transliteration(client, text, label):
    labels = [hit["label"] for hit in search(client, text)]
    assert label in labels[:5] if label else labels == []


def test_search_finds_terms_of_the_ontology(client):
    hits = {hit["iri"].partition("#")[2] for hit in search(client, "embassy")}
    assert "Embassy" in hits


def test_a_page_leads_to_all_things_of_its_kind(client):
    page = client.get("/doc/kenya", headers=BROWSER).text
    found = re.search(r'<p class="crumb"><a href="([^"]*)">([^<]*)</a></p>', page)
    assert found
    assert found.groups() == ("/kinds/State", "Every state")
    assert "Kenya" in client.get(found[1], headers=BROWSER).text


@pytest.mark.parametrize(
    ("path", "href", "words"),
    [
        ("/timemap/doc/kenya", "/doc/kenya", "Kenya"),
        ("/network/tie?one=kenya&other=morocco", "/network", "Network"),
    ],
)
def test_a_page_below_another_leads_back_to_it_by_name(client, path, href, words):
    page = client.get(path, headers=BROWSER).text
    assert f'<p class="crumb"><a href="{href}">{words}</a></p>' in page


def test_the_same_thing_elsewhere_is_named_by_the_register(client):
    page = client.get("/doc/kenya", headers=BROWSER).text
    assert re.search(
        r'href="http://www.wikidata.org/entity/Q114"[^>]*>Wikidata Q114<', page
    )
    assert register("https://sws.geonames.org/99532/") == "GeoNames 99532"
    assert register("https://example.org/x") == "https://example.org/x"


def test_where_there_is_no_page_its_name_can_be_searched_for(client):
    page = Page(client.get("/doc/salman-khalidi", headers=BROWSER).text)
    field = next(found for _, found in page.elements if found.get("id") == "q")
    assert field["value"] == "salman khalidi"
    hits = client.get("/search", query_string={"q": field["value"]}, headers=BROWSER)
    assert "/doc/salman-al-khalidi" in hits.text


def test_claims_stand_under_who_speaks_for_a_state_and_none_twice(client):
    page = client.get("/doc/iraq", headers=BROWSER).text
    start = page.index("Other claims by those who speak for Iraq")
    about, spoken = page[:start], page[start:].partition('id="named"')[0]
    assert '<h3><a href="/doc/asaad-al-eidani">' in spoken
    assert "Asaad Al-Eidani ·" not in spoken
    claims = [
        re.findall(r'href="(/doc/claim/[^"]*)">the claim', p) for p in (about, spoken)
    ]
    assert claims[0]
    assert claims[1]
    assert not set(claims[0]) & set(claims[1])


def test_a_kind_lists_its_things(client):
    page = client.get("/kinds/State", headers=BROWSER).text
    assert '<a href="/doc/kenya">Kenya</a>' in page
    listed = client.get("/kinds/State", headers=PROGRAM).get_json()
    assert "Kenya" in {member["label"] for member in listed["members"]}
    assert client.get("/kinds/Nothing").status_code == 404
    assert client.get("/kinds/a%20b%3C").status_code == 404


def test_a_kind_with_many_things_is_turned_over_in_pages(client):
    whole = client.get("/kinds/Claim", headers=PROGRAM).get_json()["members"]
    turned, place = [], "/kinds/Claim?limit=40"
    while place:
        answer = client.get(place, headers=PROGRAM)
        assert answer.headers["X-Total-Count"] == str(len(whole))
        turned += answer.get_json()["members"]
        links = re.findall(r'<([^>]+)>; rel="(\w+)"', answer.headers["Link"])
        place = {relation: href for href, relation in links}.get("next", "")
    assert turned == whole
    assert len(whole) > 40
    page = client.get("/kinds/Claim?limit=40&page=2", headers=BROWSER).text
    assert f"41 to 80 of {len(whole)}, by name." in page
    assert page.count("<li><a") == 40
    assert 'rel="prev"' in page
    far = client.get("/kinds/Claim?page=99", headers=BROWSER)
    assert "none that far" in far.text
    assert client.get("/kinds/Claim?limit=0").status_code == 400


def test_a_claim_of_a_state_about_itself_is_shown_once_and_says_so(client):
    text = client.get("/doc/kenya", headers=BROWSER).text
    own = text.partition('<h2 id="by">')[2].partition("</section>")[0]
    (claim,) = re.findall(r'about Kenya&nbsp;·[^\n]*<a href="([^"]*)">the claim', own)
    assert text.count(f'<a href="{claim}">the claim') == 1


def test_the_status_is_told_to_programs(client, snapshot):
    status = client.get("/status").get_json()
    assert status["version"] == snapshot.version
    assert status["quads"] == len(snapshot)
    assert 0 < status["triples"] < status["quads"]


def test_the_status_is_a_page_to_people(client):
    told = client.get("/status", headers=PROGRAM).get_json()
    answer = client.get("/status", headers=BROWSER)
    assert answer.mimetype == "text/html"
    for name in ("triples", "quads", "queries"):
        row = f"<dt>{name.capitalize()}</dt><dd>{told[name]:,}</dd>"
        assert row in answer.text
    assert re.search(r"<dt>Answers found in the cache</dt><dd>\d+</dd>", answer.text)
    assert re.search(
        r"<dt>Bytes of the answers in .*</dt><dd>[\d.]+ MB</dd>", answer.text
    )
    assert client.get("/status?format=html").mimetype == "text/html"
    assert client.get("/status?format=csv", headers=BROWSER).status_code == 406
    assert client.get("/status", headers={"Accept": "*/*"}).get_json()["version"]
    assert "Accept" in answer.headers["Vary"]


def test_every_type_of_problem_is_explained(client):
    page = client.get("/problems").text
    for path in ("/sparql", "/queries/nothing", "/id/nothing"):
        told = json.loads(client.get(path, headers=PROGRAM).data)
        assert f'id="{told["type"].partition("#")[2]}"' in page
    assert "*" not in page


def test_the_list_of_graphs_has_their_names_and_is_paged(client):
    whole = len(client.get("/graphs?limit=40", headers=PROGRAM).json["graphs"])
    page = client.get("/graphs", headers=BROWSER).text
    assert "</code></a> Talks in Nairobi, and Kenya" in page
    part = client.get("/graphs?limit=30&page=2", headers=BROWSER).text
    assert f"31 to 60 of {whole}" in part
    assert part.count("<li>") == 30
    assert 'rel="prev"' in part


def test_a_name_of_another_vocabulary_is_put_in_words(client):
    page = client.get("/doc/source/kenya-morocco-cybercrime%23s05", headers=BROWSER)
    assert "<em>alt label</em>" in page.text
    assert "has selector" in page.text
    assert "characters 102 to 366" in page.text
    reference = client.get("/doc/graph/reference", headers=BROWSER).text
    assert ">CC BY 4.0</a>" in reference
    change = client.get("/doc/change/1", headers=BROWSER).text
    assert "<h1>change 1</h1>" in change
    assert "was associated with</text>" in change


def test_what_may_have_been_meant_is_named_and_linked_once(client):
    page = client.get("/why?s=kenya&p=capital&o=Nairobi", headers=BROWSER).text
    assert "Did you mean this?" in page
    assert "&lt;https" not in page
    assert 'value="why"' not in page


def test_an_article_says_its_headline_and_who_publishes_it(client):
    page = client.get("/doc/source/us-morocco-cybersecurity", headers=BROWSER).text
    head = page.partition('id="passages"')[0]
    assert "US, Morocco Hold Conference" in head
    assert "publisher" in head


def test_who_may_be_tied_to_others_has_a_network(client):
    page = client.get("/doc/kenya", headers=BROWSER).text
    address = re.search(r'<a href="([^"]+)">The network around it', page)
    assert address is not None
    found = client.get(address[1].replace("&amp;", "&"), headers=BROWSER)
    assert found.status_code == 200
    assert "Morocco" in found.text
    assert (
        "The network around it" not in client.get("/doc/nairobi", headers=BROWSER).text
    )
