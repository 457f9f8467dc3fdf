"""Every term of the ontology explained: place, checks, questions, use."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest
import rdflib

from kg.formats import by_name
from kg.glossary import glossary, hierarchy
from kg.terms import EXQ, ONTOLOGY, TYPE, DefaultGraph, NamedNode
from server.app import create_app
from tests.reading import read_graph

BROWSER = {"Accept": "text/html,*/*;q=0.8"}


@pytest.fixture(scope="module")
def client(graph, settings):
    return create_app(graph, settings).test_client()


@pytest.fixture(scope="module")
def sections(graph, snapshot):
    return glossary(snapshot, graph.queries.values())


@pytest.fixture(scope="module")
def entries(sections):
    return {entry.name: entry for found in sections.values() for entry in found}


class Anchors(HTMLParser):
    """The ids of a page, and the fragments that its own links lead to."""

    def __init__(self, text):
        super().__init__()
        self.ids: list[str] = []
        self.targets: set[str] = set()
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        found = dict(attrs)
        if "id" in found:
            self.ids.append(found["id"])
        here, mark, fragment = (found.get("href") or "").partition("#")
        if tag == "a" and mark and here in {"", "/ontology"}:
            self.targets.add(fragment)


def test_every_term_that_is_defined_has_an_entry_and_a_definition(entries, snapshot):
    defined = {
        quad.subject.value.removeprefix(EXQ)
        for quad in snapshot.quads(None, TYPE, None, ONTOLOGY)
        if isinstance(quad.subject, NamedNode) and quad.subject.value.startswith(EXQ)
    }
    assert set(entries) == defined
    assert all(entry.texts["definition"] for entry in entries.values())
    assert all(entry.texts["example"] for entry in entries.values())


def test_an_entry_tells_where_a_term_stands(entries):
    embassy = entries["Embassy"]
    assert f"{EXQ}RepresentationAbroad" in embassy.relations["kind of"]
    above = entries["RepresentationAbroad"]
    assert embassy.iri in above.relations["kinds"]
    accredited = entries["accreditedTo"]
    assert accredited.relations["from"] == (f"{EXQ}Post",)
    assert accredited.relations["to"] == (f"{EXQ}State",)
    assert accredited.iri in entries["Post"].relations["has"]
    assert accredited.iri in entries["State"].relations["reached by"]
    assert "transitive" in entries["locatedIn"].characters
    assert f"{EXQ}Place" in entries["Agent"].disjoint
    assert any(entry.chains for entry in entries.values())


def test_the_count_is_of_things_or_statements(entries, snapshot):
    for name, predicate, value in (
        ("State", TYPE, NamedNode(f"{EXQ}State")),
        ("accreditedTo", NamedNode(f"{EXQ}accreditedTo"), None),
    ):
        quads = snapshot.quads(None, predicate, value, DefaultGraph())
        assert entries[name].count == sum(1 for _ in quads) > 0


def test_the_shapes_are_those_that_name_the_term(entries, snapshot, client):
    graph = NamedNode("https://w3id.org/exequatur/graph/shapes")
    shapes = read_graph(
        client.get("/graphs/graph/shapes", headers={"Accept": "text/turtle"}).data,
        by_name("turtle"),
    )
    assert any(snapshot.quads(graph=graph))
    path = rdflib.SH.path
    for name in ("accreditedTo", "hasParty", "locatedIn"):
        direct = {
            str(shape)
            for shape in shapes.subjects(path, rdflib.URIRef(f"{EXQ}{name}"))
            if isinstance(shape, rdflib.URIRef)
        }
        assert direct <= {shape.iri for shape in entries[name].shapes}
        assert direct
    messages = [shape.message for shape in entries["accreditedTo"].shapes]
    assert any("exq:accreditedTo" in message for message in messages)


def test_the_queries_are_those_whose_text_has_the_term(entries, graph):
    for name in ("accreditedTo", "postOfState", "Person"):
        expected = [
            query.name
            for query in graph.queries.values()
            if re.search(rf"\bexq:{name}\b(?!-)", query.text)
        ]
        assert [query.name for query in entries[name].queries] == expected
        assert expected


def test_the_tree_has_every_class(sections):
    def names(branches):
        for branch in branches:
            yield branch.name
            yield from names(branch.below)

    tree = hierarchy(sections["classes"])
    assert set(names(tree)) == {entry.name for entry in sections["classes"]}
    assert "Embassy" not in {branch.name for branch in tree}


def test_each_term_has_an_anchor_and_every_link_to_one_arrives(client, entries):
    page = Anchors(client.get("/ontology", headers=BROWSER).text)
    assert set(entries) <= set(page.ids)
    assert len(page.ids) == len(set(page.ids))
    assert page.targets <= set(page.ids)


def test_the_version_has_the_page_and_the_same_triples(client):
    here = client.get("/ontology", headers=BROWSER)
    version = re.search(r'href="(/ontology/[\d.]+)"', here.text)
    assert version
    there = client.get(version[1], headers=BROWSER)
    assert there.text.partition("<main")[2] == here.text.partition("<main")[2]
    turtle = {"Accept": "text/turtle"}
    there = client.get(version[1], headers=turtle)
    assert there.data == client.get("/ontology.ttl").data
    assert len(read_graph(there.data, by_name("turtle"))) > 1000


@pytest.mark.parametrize("path", ["/ontology/..", "/ontology/%00", "/ontology/%3Cx"])
def test_a_strange_version_is_404(client, path):
    assert client.get(path).status_code == 404
