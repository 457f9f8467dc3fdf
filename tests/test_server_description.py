"""The description of the dataset: VoID with counts, DCAT with files and services."""

from __future__ import annotations

from dataclasses import replace

import pytest
import rdflib
from rdflib import DCAT, DCTERMS, PROV, RDF, VOID

from kg.formats import Kind, by_name, for_kind
from kg.terms import BASE, EXQ, SCHEMA, TYPE, DefaultGraph, NamedNode
from server.app import create_app
from tests.reading import read_graph

BROWSER = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
DATASET = rdflib.URIRef(f"{BASE}#dataset")
SAME = NamedNode(f"{SCHEMA}sameAs")
TURTLE = by_name("turtle")


@pytest.fixture(scope="module")
def client(graph, settings):
    return create_app(graph, settings).test_client()


@pytest.fixture(scope="module")
def described(client):
    return read_graph(client.get("/.well-known/void").data, TURTLE)


def number(described, subject, name):
    return int(described.value(subject, VOID[name]))


@pytest.mark.parametrize("fmt", for_kind(Kind.GRAPH), ids=lambda fmt: fmt.name)
def test_the_description_comes_in_every_syntax_at_both_addresses(client, fmt):
    accept = {"Accept": fmt.media_type}
    answer = client.get("/.well-known/void", headers=accept)
    assert answer.mimetype == fmt.media_type
    assert answer.data == client.get("/", headers=accept).data
    assert answer.data == client.get(f"/?format={fmt.name}", headers=BROWSER).data
    assert (DATASET, RDF.type, VOID.Dataset) in read_graph(answer.data, fmt)


@pytest.mark.parametrize("accept", [BROWSER, {}, {"Accept": "*/*"}])
def test_a_browser_still_gets_the_front_page(client, accept):
    answer = client.get("/", headers=accept)
    assert answer.mimetype == "text/html"
    assert "</html>" in answer.text


def test_the_counts_are_those_of_the_merged_view(described, snapshot):
    quads = list(snapshot.quads(graph=DefaultGraph()))
    subjects = {quad.subject for quad in quads}
    typed = {quad.subject for quad in quads if quad.predicate == TYPE}
    assert number(described, DATASET, "triples") == len(quads)
    assert number(described, DATASET, "distinctSubjects") == len(subjects)
    assert number(described, DATASET, "distinctObjects") == len(
        {quad.object for quad in quads}
    )
    assert number(described, DATASET, "properties") == len(
        {quad.predicate for quad in quads}
    )
    assert number(described, DATASET, "entities") == sum(
        1 for node in typed if node.value.startswith(f"{BASE}id/")
    )
    assert number(described, DATASET, "classes") == len(
        {quad.object for quad in quads if quad.predicate == TYPE}
    )


def test_the_partitions_count_each_class_and_property(described, snapshot):
    quads = list(snapshot.quads(graph=DefaultGraph()))
    for kind, unit, parts in (
        ("class", "entities", VOID.classPartition),
        ("property", "triples", VOID.propertyPartition),
    ):
        found = {
            str(described.value(part, VOID[kind])): number(described, part, unit)
            for part in described.objects(DATASET, parts)
        }
        expected: dict[str, int] = {}
        for quad in quads:
            of_class = kind == "class"
            if not of_class or quad.predicate == TYPE:
                term = (quad.object if of_class else quad.predicate).value
                expected[term] = expected.get(term, 0) + 1
        assert found == expected


def test_the_links_to_other_datasets_are_counted(described, snapshot):
    links = [q.object.value for q in snapshot.quads(None, SAME, None, DefaultGraph())]
    found = {
        str(described.value(described.value(one, VOID.objectsTarget), VOID.uriSpace)):
        number(described, one, "triples")
        for one in described.subjects(RDF.type, VOID.Linkset)
    }  # fmt: skip
    for space in ("http://www.wikidata.org/entity/", "https://sws.geonames.org/"):
        assert found[space] == sum(1 for link in links if link.startswith(space)) > 0


def test_what_is_part_of_the_dataset_is_counted_with_it(described, snapshot):
    held = {q.triple for q in snapshot.quads(graph=DefaultGraph())}
    parts = set(described.objects(DATASET, VOID.subset))
    graphs = parts - set(described.subjects(RDF.type, VOID.Linkset))
    assert rdflib.URIRef(f"{BASE}graph/reference") in graphs
    for part in graphs:
        inside = {q.triple for q in snapshot.quads(graph=NamedNode(str(part)))}
        assert number(described, part, "triples") == len(inside)
        assert inside <= held, part


def test_no_look_up_of_iris_is_announced_but_their_own_addresses(described):
    # What answers there is RDF of the resource (VoID, section 3.3).
    assert not list(described.objects(None, VOID.uriLookupEndpoint))


def test_what_is_offered_is_there(client, described):
    base = rdflib.URIRef(BASE)
    files = set(described.objects(DATASET, VOID.dataDump))
    files |= set(described.objects(None, DCAT.downloadURL))
    files |= set(described.objects(None, VOID.dataDump))
    files |= set(described.objects(None, DCAT.accessURL))
    examples = set(described.objects(DATASET, VOID.exampleResource))
    assert len(files) >= 10
    assert len(examples) >= 4
    services = {
        described.value(service, DCAT.endpointURL)
        for service in described.subjects(RDF.type, DCAT.DataService)
    }
    assert rdflib.URIRef(f"{BASE}sparql") in services
    for address in sorted({*files, *examples}):
        path = "/" + address.removeprefix(base)
        assert client.head(path, follow_redirects=True).status_code == 200, path
    for address in sorted(services):
        path = "/" + address.removeprefix(base)
        # An endpoint may ask for a query.
        assert client.get(path, headers=BROWSER).status_code in {200, 400}, path
    told = set(described.objects(None, DCAT.endpointDescription))
    names = {path.removeprefix(base) for path in told}
    assert names == {"openapi.json", "reconcile", "sparql"}


def test_files_say_how_they_are_written(described):
    packed = rdflib.URIRef(f"{BASE}#dump-nquads-gz")
    kind = "https://www.iana.org/assignments/media-types/application/"
    assert described.value(packed, DCAT.mediaType) == rdflib.URIRef(f"{kind}n-quads")
    assert described.value(packed, DCAT.compressFormat) == rdflib.URIRef(f"{kind}gzip")


def test_everything_that_is_given_away_has_a_licence(described):
    kinds = (DCAT.Catalog, DCAT.Dataset, DCAT.Distribution, DCAT.DataService)
    things = {node for kind in kinds for node in described.subjects(RDF.type, kind)}
    assert len(things) > 10
    for node in things:
        licence = described.value(node, DCTERMS.license)
        assert str(licence).startswith("https://creativecommons.org/licenses/"), node
        assert described.value(node, DCTERMS.title)


def test_the_catalogue_leads_to_all_of_it(described):
    catalogue = rdflib.URIRef(f"{BASE}#catalog")
    assert (catalogue, DCAT.dataset, DATASET) in described
    assert set(described.objects(catalogue, DCAT.service)) == set(
        described.subjects(RDF.type, DCAT.DataService)
    )


def test_the_dataset_says_where_it_comes_from(described):
    sources = set(described.objects(DATASET, PROV.wasDerivedFrom))
    assert rdflib.URIRef(f"{BASE}source/kenya-morocco-cybercrime") in sources
    assert rdflib.URIRef(f"{BASE}id/wikidata") in sources
    act = described.value(DATASET, PROV.wasGeneratedBy)
    assert act == rdflib.URIRef(f"{BASE}change/1")
    assert (act, RDF.type, PROV.Activity) in described


def test_the_vocabularies_are_named(described):
    found = {str(o) for o in described.objects(DATASET, VOID.vocabulary)}
    assert {EXQ, "https://schema.org/"} <= found


def test_a_host_that_a_client_makes_up_is_not_repeated(client):
    answer = client.get("/.well-known/void", headers={"Host": "evil.example"})
    assert "evil.example" not in answer.text


def test_another_base_is_heeded(graph, settings):
    there = replace(settings, base="https://data.example/kg/")
    other = create_app(graph, there).test_client()
    found = read_graph(other.get("/.well-known/void").data, TURTLE)
    dataset = rdflib.URIRef("https://data.example/kg/#dataset")
    assert (dataset, RDF.type, VOID.Dataset) in found
