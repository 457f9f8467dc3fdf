"""Attacks on pages: nothing that the graph holds, or a request has, becomes markup."""

from __future__ import annotations

import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import quote, urlencode, urlsplit

import pytest

import server
from kg.config import Settings
from kg.errors import UnknownEntityError
from kg.graph import KnowledgeGraph
from kg.pictures.neighbourhood import neighbourhood_svg
from kg.terms import BASE, NamedNode
from server.app import create_app
from server.context import EXTENSION
from server.links import Links
from tests.hostile import IRIS, TEXTS, build_hostile
from tests.writing import bearer

FOLDER = Path(server.__file__).parent
SOURCE = "".join(p.read_text(encoding="utf-8") for p in FOLDER.glob("templates/*"))
PICTURES = {"circle", "defs", "desc", "g", "line", "path", "polygon", "rect", "stop",
            "svg", "text", "title", "tspan"}  # fmt: skip
TAGS = PICTURES | set(re.findall(r"<([a-z][a-z0-9]*)", SOURCE))
ATTRIBUTES = set(re.findall(r'\s([a-z-]+)=(?=")', SOURCE)) | {
    "checked", "data-go", "data-network", "defer", "hidden", "open", "required",
    "selected"}  # fmt: skip
ATTRIBUTES |= {
    *("aria-describedby", "cx", "cy", "d", "fill-opacity", "font-size", "height", "id"),
    *(
        "offset",
        "points",
        "r",
        "rx",
        "stop-color",
        "stop-opacity",
        "text-anchor",
        "viewbox",
    ),
    *("data-member", "data-name", "data-of", "data-one", "data-other"),
    *("stroke-opacity", "stroke-width"),
    *("width", "x", "x1", "x2", "xmlns", "y", "y1", "y2"),
}
ADDRESSES = ("href", "src", "action", "formaction", "data-endpoint", "data-words",
             "data-names")  # fmt: skip
BROWSER = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
POLICY = re.compile(r"([a-z-]+)((?: [^;]+)?)(?:; |$)")
HASH = re.compile(r"'sha256-[A-Za-z0-9+/=]{44}'")


def batched(texts, size):
    return [texts[at : at + size] for at in range(0, len(texts), size)]


class Reader(HTMLParser):
    """Notes each element, with its attributes, and what a script or style contains."""

    def __init__(self, text):
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.inside: list[str] = []
        self.others: list[str] = []
        self._open = ""
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attrs):
        assert len({name for name, _ in attrs}) == len(attrs), attrs
        self.elements.append((tag, dict(attrs)))
        self._open = tag

    def handle_data(self, data):
        if self._open in ("script", "style") and data.strip():
            self.inside.append(data)

    def handle_endtag(self, _tag):
        self._open = ""

    def handle_comment(self, data):
        self.others.append(data)

    handle_decl = handle_pi = unknown_decl = handle_comment


def is_safe(address):
    """Tell whether following a link runs nothing: a path, a fragment, or the web."""
    parts = urlsplit(address.removeprefix("http://localhost"))
    if parts.scheme or parts.netloc:
        return parts.scheme in ("http", "https") and "//" in address
    return bool(re.match(r"$|[#?]|/(?![/\\])", parts.geturl()))


def check(answer):
    """Assert that the page has no element, attribute or address but the templates'."""
    assert answer.content_type == "text/html; charset=utf-8"
    page = Reader(answer.get_data(as_text=True))
    assert page.others == ["doctype html"]
    assert page.inside == []
    for tag, attributes in page.elements:
        assert tag in TAGS, tag
        assert not attributes.keys() - ATTRIBUTES, (tag, attributes)
        for name in ADDRESSES:
            assert is_safe(attributes.get(name) or "/"), (tag, attributes)
        if tag in ("script", "link", "img", "form"):
            own = attributes.get("src") or attributes.get("href") or "/"
            own = attributes.get("action") or own
            assert re.match("/(?!/)", own), attributes
        if tag == "script":
            assert (attributes["src"] or "").startswith("/static/"), attributes
    check_headers(answer)


def check_headers(answer):
    """Assert that the policy allows nothing inline, and nothing of others."""
    policy = dict(POLICY.findall(answer.headers["Content-Security-Policy"]))
    assert policy["default-src"] == " 'none'"
    assert policy["base-uri"] == " 'none'"
    assert policy["form-action"] in (" 'self'", " 'none'")
    assert policy["frame-ancestors"] in (" 'none'", " *")
    for name, value in policy.items():
        sources = set(value.split()) - {"'self'", "'none'"}
        allowed = {"img-src": {"data:"}, "frame-ancestors": {"*"}}.get(name, set())
        hashes = {one for one in sources if name == "style-src" and HASH.match(one)}
        assert sources <= allowed | hashes, (name, value)
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Referrer-Policy"] == "no-referrer"


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    return build_hostile(tmp_path_factory.mktemp("hostile"))


@pytest.fixture(scope="module")
def app(store):
    settings = replace(Settings(), store=store)
    return create_app(KnowledgeGraph.open(settings), settings)


@pytest.fixture(scope="module")
def client(app):
    return app.test_client()


@pytest.fixture
def seen(client):
    """Return a function that gets a page and checks it."""

    def get(address, **options):
        answer = client.open(address, headers=BROWSER, **options)
        check(answer)
        return answer

    return get


def test_the_check_notices_what_runs(client):
    """So that it cannot pass because it looks at nothing."""
    answer = client.get("/", headers=BROWSER)
    body = answer.text
    for text in ("<script>x()</script>", "<p onclick=x()>", "<a href='javascript:x'>",
                 "<object>", "<a href='//evil.example'>", "<style>*{}</style>",
                 "<!-- x -->", "<img src='https://evil.example/x'>"):  # fmt: skip
        answer.set_data(body.replace("</main>", f"{text}</main>"))
        with pytest.raises((AssertionError, KeyError)):
            check(answer)


TOGETHER = [" ".join(some) for some in batched(TEXTS, 5)]
LOCAL = [iri for iri in IRIS if iri.startswith(BASE) and Links(BASE).document(iri)]


@pytest.mark.parametrize("iri", LOCAL)
def test_a_thing_with_a_hostile_name_has_a_harmless_page(seen, client, iri):
    document, _, _ = (Links(BASE).document(iri) or "").partition("#")
    for address in (f"/{quote(iri.removeprefix(BASE))}", document):
        answer = seen(address) if address == document else client.get(address)
        assert answer.status_code in (200, 303, 308, 404)
        assert is_safe(answer.headers.get("Location", "/"))
    for syntax in ("ttl", "rdf", "jsonld"):
        told = client.get(f"{document}.{syntax}", follow_redirects=True)
        assert told.status_code in (200, 404)
        assert "html" not in told.content_type
        check_headers(told)


@pytest.mark.parametrize("iri", LOCAL)
def test_a_picture_of_hostile_names_has_nothing_but_what_is_drawn(app, iri):
    here = app.extensions[EXTENSION].graph.snapshot()
    try:
        drawn = neighbourhood_svg(here, NamedNode(iri), href=Links(BASE).href)
    except UnknownEntityError:
        return
    for tag, attributes in Reader(drawn).elements:
        assert tag in PICTURES | {"a"}, tag
        assert not attributes.keys() - ATTRIBUTES, (tag, attributes)
        assert is_safe(attributes.get("href") or "/"), attributes


@pytest.mark.parametrize(
    "address",
    ["/", "/queries", "/ontology", "/graphs", "/validate", "/problems", "/sparql",
     "/search", "/timeline", "/network", "/network?entity=kenya&depth=2",
     "/network/tie?one=kenya&other=morocco", "/why", "/kinds/State",
     "/kinds/Person", "/kinds/Claim",
     "/kinds/Passage", "/kinds/NewsArticle", "/doc/kenya", "/doc/kenya.html?page=1",
     "/doc/source/kenya-morocco-cybercrime", "/timemap/doc/kenya",
     "/doc/graph/reference", "/doc/source/kenya-morocco-cybercrime%23s05"],
)  # fmt: skip
def test_pages_of_hostile_data_are_harmless(seen, address):
    assert seen(address).status_code == 200


def test_the_pages_do_show_hostile_data(client):
    text = client.get("/doc/kenya", headers=BROWSER).text
    assert text.count("hostile()") > 50
    assert "&lt;script&gt;hostile()" in text


def test_claims_people_and_states_have_harmless_pages(seen, client):
    for kind in ("State", "Person", "Claim"):
        members = client.get(f"/kinds/{kind}", headers={"Accept": "application/json"})
        for one in members.get_json()["members"][:9]:
            address = Links(BASE).document(one["iri"])
            if address:
                seen(address)


def test_the_saved_queries_have_harmless_pages(seen, app):
    for name in [*app.extensions["exequatur"].graph.queries][::4]:
        assert seen(f"/queries/{name}").status_code == 200, name


@pytest.mark.parametrize("text", TOGETHER)
def test_a_hostile_parameter_is_shown_as_it_is(seen, text):
    """In forms, titles and errors: whatever a page says again of a request."""
    given = [
        ("/search", {"q": text}, 200),
        ("/sparql", {"query": text}, 400),
        ("/sparql", {"query": f'SELECT ("""{text} """ AS ?x) {{}}', "x": text}, 200),
        (
            "/sparql",
            {"query": "ASK {}", "default-graph-uri": f"urn:{quote(text)}"},
            200,
        ),
        ("/sparql", {"query": "ASK {}", "default-graph-uri": f" {text}"}, 400),
        ("/sparql", {"query": "ASK {}", "format": text}, 400),
        ("/queries/posts-of-state", {"state": text}, 400),
        ("/queries/posts-of-state", {text: "x"}, 400),
        ("/queries/names-containing", {"text": text}, 200),
        ("/queries/timeline", {"limit": text}, 400),
        ("/network", {"entity": text}, 400),
        ("/network", {"ties": text}, 400),
        ("/network/tie", {"one": text, "other": text}, 400),
        ("/why", {"s": text, "p": text, "o": text}, 404),
        ("/why", {"s": "Kenya", "p": "a", "o": text}, 404),
        ("/doc/kenya", {"version": text}, 400),
        ("/doc/kenya", {"page": text}, 400),
        ("/graphs", {"graph": text}, 400),
        ("/reconcile/preview", {"id": text}, 404),
    ]
    for address, parameters, status in given:
        answer = seen(f"{address}?{urlencode(parameters)}")
        assert answer.status_code in (status, 400, 404), (address, parameters)
    for place in ("/doc/", "/id/", "/queries/", "/kinds/", "/ontology/", "/graphs/",
                  "/static/", "/timemap/doc/", "/"):  # fmt: skip
        answer = seen(place + quote(text, safe=""))
        assert answer.status_code in (400, 404), place


@pytest.mark.parametrize("text", TOGETHER)
def test_a_hostile_document_is_shown_as_it_is(seen, text):
    """What is judged, and what is wrong with it."""
    label = text.replace("\\", "\\\\").replace('"', '\\"')
    turtle = (
        f'<{BASE}id/x> a <{BASE}ontology#Stat> ; <{BASE}ontology#nosuch> "{label}" ;'
        f' <http://www.w3.org/2000/01/rdf-schema#label> "{label}" ;'
        f" <{BASE}ontology#isoAlpha2> <javascript:hostile()> ."
    )
    for data in (turtle, text, f"@prefix {text} <x>", turtle.replace(" .", "")):
        form = {"data": data, "syntax": "turtle", "graph": ""}
        seen("/validate", method="POST", data=form)
    form = {"data": turtle, "syntax": text, "graph": text, "as": text}
    assert seen("/validate", method="POST", data=form).status_code == 400


def test_a_preview_in_a_frame_is_harmless(seen):
    for iri in (f"{BASE}id/kenya", *LOCAL):
        seen(f"/reconcile/preview?{urlencode({'id': iri})}")


def test_a_table_links_nothing_that_runs(seen):
    for shape in ("?s ?p ?o", "?s <http://schema.org/sameAs> ?o"):
        for query in (f"SELECT * {{ {shape} }}", f"CONSTRUCT WHERE {{ {shape} }}"):
            assert seen(f"/sparql?{urlencode({'query': query})}").status_code == 200


# --- errors -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("verb", "address", "options", "status"),
    [
        ("GET", "/sparql?query=x", {}, 400),
        ("POST", "/update", {}, 403),
        ("GET", "/nowhere", {}, 404),
        ("PATCH", "/sparql", {}, 405),
        ("GET", "/sparql?query=ASK%7B%7D&format=turtle", {}, 406),
        ("POST", "/validate", {"data": b"x" * 20_000_000}, 413),
        ("POST", "/validate", {"data": "x", "content_type": "text/x"}, 415),
        ("GET", "/static/nothing", {}, 404),
        ("GET", "/static/..%2fapp.py", {}, 404),
        ("GET", "/graphs/%00", {}, 400),
    ],
)
def test_a_page_of_an_error_has_the_policy_too(seen, verb, address, options, status):
    assert seen(address, method=verb, **options).status_code == status


def test_a_fault_and_a_refused_token_have_the_policy_too(store, monkeypatch):
    settings = replace(Settings(), store=store)
    app = create_app(KnowledgeGraph.open(settings), settings)
    client = app.test_client()
    answer = client.post("/update", headers={**BROWSER, **bearer("x")})
    assert answer.status_code == 401
    check(answer)
    monkeypatch.setattr("server.pages.overview", lambda _: 1 / 0)
    answer = client.get("/", headers=BROWSER)
    assert answer.status_code == 500
    check(answer)


@pytest.mark.parametrize(
    "accept",
    ["*/*", "application/json", "text/csv", "text/turtle", "application/rdf+xml"],
)
def test_no_answer_for_programs_can_be_taken_for_a_page(client, accept):
    """Whatever it holds, it is labelled, not sniffed, and has the policy."""
    query = urlencode({"query": "SELECT * { ?s ?p ?o }"})
    graph = urlencode({"query": "CONSTRUCT WHERE { ?s ?p ?o }"})
    for address in (f"/sparql?{query}", f"/sparql?{graph}", "/doc/kenya", "/nothing",
                    "/search?q=hostile", "/graphs?default", "/sparql?query=x",
                    "/search/names?prefix=k", "/static/site.css"):  # fmt: skip
        answer = client.get(address, headers={"Accept": accept})
        assert "html" not in answer.content_type, address
        check_headers(answer)
        answer.close()
