"""`/shapes` and `/prefixes`: in every syntax, and as a page with every shape."""

from __future__ import annotations

import html
import re
from urllib.parse import quote

import pytest
import rdflib

from kg.change import parse_rdf
from kg.formats import Kind, by_name, for_kind
from kg.prefixes import prefixes
from kg.rulebook import rulebook
from kg.terms import BASE, SH, SHAPES, NamedNode
from server.app import create_app

TOPIC = NamedNode("http://xmlns.com/foaf/0.1/primaryTopic")
BROWSER = {"Accept": "text/html,*/*;q=0.8"}


@pytest.fixture(scope="module")
def client(graph, settings):
    return create_app(graph, settings).test_client()


@pytest.fixture(scope="module")
def page(client):
    return client.get("/shapes", headers=BROWSER).text


@pytest.fixture(scope="module")
def rules(snapshot):
    return {rule.name: rule for rule in rulebook(snapshot)}


@pytest.mark.parametrize("entry", for_kind(Kind.GRAPH), ids=lambda entry: entry.name)
def test_the_shapes_come_in_every_syntax(client, snapshot, entry):
    expected = len(list(snapshot.quads(graph=SHAPES)))
    by_header = client.get("/shapes", headers={"Accept": entry.media_type})
    by_suffix = client.get(f"/shapes.{entry.suffix}")
    assert by_header.status_code == 200
    assert by_header.data == by_suffix.data
    assert by_header.mimetype == entry.media_type
    assert len(list(parse_rdf(by_header.data, entry, source=""))) == expected
    assert '/shapes?format=html>; rel="alternate"' in by_header.headers["Link"]


def test_a_syntax_that_there_is_not_is_404_or_406(client):
    assert client.get("/shapes.xyz").status_code == 404
    assert client.get("/shapes?format=csv").status_code == 406


def test_the_page_has_every_shape_with_its_message(page, snapshot):
    message = NamedNode(f"{SH}message")
    told = list(snapshot.quads(None, message, None, SHAPES))
    assert len(told) > 400
    shown = html.unescape(page)
    for quad in told:
        assert quad.object.value in shown
        if isinstance(quad.subject, NamedNode):
            name = quad.subject.value.rpartition("#")[2]
            assert f'id="{name}"' in page


def test_an_entry_says_what_is_judged_and_how(rules):
    rule = rules["AccreditedToSubjectIsPost"]
    (target,) = rule.targets["subjects of"]
    assert (target.text, target.iri) == (
        "exq:accreditedTo",
        f"{BASE}ontology#accreditedTo",
    )
    assert [part.text for part in rule.demands["class"]] == ["exq:Post"]
    assert rule.severity == "Violation"
    (within,) = rules["AccreditedToObjectIsState"].within
    assert within.text == "AccreditedToSubjectIsPost"


def test_paths_lists_and_queries_are_written_out(rules, page):
    told = [
        part.text
        for rule in rules.values()
        for parts in rule.demands.values()
        for part in parts
    ]
    assert any(text.startswith("^") for text in told)
    assert any(text.startswith("(") for text in told)
    assert any("SELECT" in text for text in told)
    assert not any("_:" in text for text in told)
    assert "<pre" in page


def test_the_iri_of_a_shape_leads_to_its_place_on_the_page(client, page):
    answer = client.get("/ontology", headers=BROWSER)
    for name in re.findall(r'href="/shapes#([^"]+)"', answer.text):
        assert f'id="{name}"' in page
    assert 'href="/shapes#' in answer.text


def test_the_prefixes_are_declared_for_shacl_and_for_programs(client):
    answer = client.get("/prefixes", headers={"Accept": "text/turtle"})
    found = rdflib.Graph().parse(data=answer.text, format="turtle")
    sh = rdflib.Namespace(SH)
    declared = {
        str(found.value(node, sh.prefix)): str(found.value(node, sh.namespace))
        for node in found.objects(rdflib.URIRef(f"{BASE}prefixes"), sh.declare)
    }
    assert declared == dict(prefixes())
    assert client.get("/prefixes?format=json").get_json() == declared


def test_every_iri_of_ours_leads_to_what_is_said_of_it(client, snapshot):
    """Follow each IRI of the dataset, wherever it stands, as a client would."""
    found = {
        term.value.partition("#")[0].removeprefix(BASE)
        for quad in snapshot.quads()
        for term in (quad.subject, quad.predicate, quad.object, quad.graph_name)
        if isinstance(term, NamedNode) and term.value.startswith(BASE)
    }
    spaces = {path.partition("/")[0] for path in found}
    assert spaces >= {"id", "claim", "change", "agent", "parameter", "shapes", "query"}
    about_graphs: set[str] = set()
    for path in sorted(found):
        answer = client.get(f"/{quote(path)}", headers={"Accept": "text/turtle"})
        if answer.status_code == 303:
            place = answer.headers["Location"]
            answer = client.get(place, headers={"Accept": "text/turtle"})
            if place.startswith("/graphs/"):  # nothing is said of it, but it is there
                about_graphs.add(path)
                continue
        assert answer.status_code == 200, path
        about = f"{BASE}{path}"
        quads = parse_rdf(answer.data, by_name("turtle"), source=path)
        ends = {
            term.value.partition("#")[0]
            for quad in quads
            for term in (quad.subject, quad.object)
            if isinstance(term, NamedNode) and quad.predicate != TOPIC
        }
        assert about in ends, path
    assert about_graphs <= {
        f"graph/{name}"
        for name in (
            "concepts",
            "inferred",
            "log",
            "ontology",
            "queries",
            "reference",
            "report",
            "shapes",
        )
    }
