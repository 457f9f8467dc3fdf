"""Answers with tricky terms, in every format, read back by rdflib and compared."""

from __future__ import annotations

import csv
import io
from dataclasses import replace

import pytest
import rdflib
from hypothesis import given, settings
from hypothesis import strategies as st
from pyoxigraph import RdfFormat, parse
from pyoxigraph import Store as Engine
from rdflib.compare import isomorphic
from rdflib.query import Result
from rdflib.util import from_n3

from kg.answers import evaluate, write_rdf
from kg.config import Settings
from kg.errors import UnwritableError
from kg.formats import Kind, by_name, for_kind
from kg.graph import KnowledgeGraph
from kg.store import Store
from kg.terms import XSD, BlankNode, Literal, NamedNode, Quad, Triple
from server.app import create_app

EX = "http://example.org/"
TEXTS = [
    "", " ", " lead", "trail ", "line\nfeed", "cr\rx", "crlf\r\nx", "tab\tx",
    'quo"te', "apo'strophe", "bo\"th'", "back\\slash", "\\n", "comma,semi;", "=1+1",
    "<b>&amp;</b>", "]]>", "é ü", "日本", "😀", "e\u0301", "\u202eRTL", "\u00a0",
    "\x7fdel", "?v", "<iri>", '"""', "true", "12", "\ufeffbom", "\ufffd", "{}", "'''",
]  # fmt: skip
TAGS = ["en", "en-GB", "de-CH-1996", "zh-Hant-TW", "x-klingon"]
TYPED = [
    ("1", "integer"), ("-5", "integer"), ("1.5", "decimal"), ("1000", "double"),
    ("INF", "double"), ("NaN", "double"), ("true", "boolean"), ("2020", "gYear"),
    ("2020-01-01", "date"), ("2020-01-01T00:00:00+05:30", "dateTime"),
    ("http://x/y", "anyURI"), ("ff", "hexBinary"), ("no number", "integer"),
    ("P1D", "duration"), ("", "integer"),
]  # fmt: skip
IRIS = [
    f"{EX}é", f"{EX}a%20b", f"{EX}a(b)", f"{EX}q?a=1&b=2#f", "urn:isbn:123",
    "mailto:a@b.c", f"{EX}it's", f"{EX}a,b;c", f"{EX}1", f"{EX}a.b.", f"{EX}#",
    f"{EX}日本", f"{EX}~*!$", "tag:x,2020:y", f"{EX}-x", f"{EX}%C3%A9", EX,
]  # fmt: skip
# Numbers and times are written as the engine keeps them.
TERMS: list[Literal | NamedNode | BlankNode] = [
    *map(Literal, TEXTS),
    *(Literal("colour", language=tag) for tag in TAGS),
    *(Literal(text, datatype=NamedNode(f"{XSD}{kind}")) for text, kind in TYPED),
    Literal("x", datatype=NamedNode(f"{EX}dt#own")),
    Literal("x", datatype=NamedNode("urn:dt:1")),
    *map(NamedNode, IRIS),
    BlankNode("one"),
]
GRAPH = {
    "turtle": "turtle", "ntriples": "nt", "rdfxml": "xml", "n3": "n3", "trig": "trig",
    "nquads": "nquads", "jsonld": "json-ld",
}  # fmt: skip
QUERIES = [
    "SELECT ?s ?o { ?s <urn:say> ?o }",
    "SELECT ?o ?none ?s { ?s <urn:say> ?o OPTIONAL { ?s <urn:none> ?none } }",
    "SELECT ?none ?o { ?s <urn:say> ?o OPTIONAL { ?s <urn:none> ?none } }",
    "SELECT ?s ?o ?none { ?s <urn:say> ?o OPTIONAL { ?s <urn:none> ?none } }",
    "SELECT ?a ?b { ?a <urn:none> ?b }",
    "SELECT ?é { BIND('x' AS ?é) }",
    "SELECT ?a { VALUES ?a { UNDEF 1 '' } }",
    "SELECT * {}",
]


@pytest.fixture(autouse=True)
def _as_written(monkeypatch):
    """Have rdflib keep literals as they are written."""
    monkeypatch.setattr(rdflib, "NORMALIZE_LITERALS", False)


@pytest.fixture(scope="module")
def client(tmp_path_factory):
    """A client of a server of the terms, each the object of one triple."""
    path = tmp_path_factory.mktemp("terms") / "store"
    say = NamedNode("urn:say")
    quads = [
        Quad(NamedNode(f"{EX}s{number}"), say, term)
        for number, term in enumerate(TERMS)
    ]
    quads += [Quad(NamedNode(iri), NamedNode("urn:x:is"), say) for iri in IRIS]
    quads += [Quad(BlankNode("one"), say, BlankNode("two"))]
    Store.create(path, quads, fingerprint="terms")
    settings = replace(Settings(), store=path)
    return create_app(KnowledgeGraph.open(settings), settings).test_client()


@pytest.fixture
def held(client):
    """The graph that the server serves, as rdflib reads it from N-Triples."""
    text = "CONSTRUCT WHERE { ?s ?p ?o }"
    answer = ask(client, text, "ntriples")
    graph = rdflib.Graph().parse(data=answer.data, format="nt")
    assert len(graph) == len(TERMS) + len(IRIS) + 1
    return graph


def ask(client, query, name):
    answer = client.get("/sparql", query_string={"query": query, "format": name})
    assert answer.status_code == 200, answer.text
    assert answer.mimetype == by_name(name).media_type
    return answer


def test_the_terms_are_those_that_were_put_in(client, held):
    for number, term in enumerate(TERMS):
        (found,) = held.objects(rdflib.URIRef(f"{EX}s{number}"))
        if isinstance(term, Literal):
            kind = found.datatype or rdflib.XSD.string
            assert (str(found), found.language) == (term.value, term.language)
            assert found.language or str(kind) == term.datatype.value
        else:
            assert isinstance(found, rdflib.BNode) or found.n3() == str(term)


@pytest.mark.filterwarnings("ignore:(Dataset|ConjunctiveGraph):DeprecationWarning")
@pytest.mark.parametrize("entry", for_kind(Kind.GRAPH), ids=lambda entry: entry.name)
def test_a_graph_is_read_back_from_every_syntax(client, held, entry):
    answer = ask(client, "CONSTRUCT WHERE { ?s ?p ?o }", entry.name)
    found = rdflib.Dataset(default_union=True)
    found.parse(data=answer.data, format=GRAPH[entry.name])
    graph = rdflib.Graph()
    for triple in found.triples((None, None, None)):
        graph.add(triple)
    assert isomorphic(graph, held)


def told(term):
    """A term as text; blank nodes are alike, as each format names them anew."""
    if term is None or isinstance(term, rdflib.BNode):
        return "_" if term is not None else None
    return term.n3()


def read_table(data, name):
    """The columns and rows of a table, as an independent reader sees them."""
    if name == "tsv":
        head, *lines = data.decode().removesuffix("\n").split("\n")
        names = [cell.removeprefix("?") for cell in head.split("\t") if cell]
        cells = [line.split("\t") if names else [] for line in lines]
        return names, [tuple(told(from_n3(c)) if c else None for c in r) for r in cells]
    result = Result.parse(io.BytesIO(data), format=name)
    variables = list(result.vars or ())
    rows = [tuple(told(row.get(v)) for v in variables) for row in result.bindings]
    return [str(variable) for variable in variables], rows


def ordered(rows):
    return sorted(rows, key=str)


@pytest.mark.parametrize("query", QUERIES)
@pytest.mark.parametrize("name", ["json", "xml", "tsv"])
def test_a_table_is_read_back_as_rdflib_would_answer(client, held, name, query):
    expected = held.query(query)
    names, rows = read_table(ask(client, query, name).data, name)
    assert names == [str(variable) for variable in expected.vars]
    wanted = [tuple(told(r.get(v)) for v in expected.vars) for r in expected.bindings]
    assert ordered(rows) == ordered(wanted)


@pytest.mark.parametrize("query", QUERIES)
def test_csv_has_each_value_in_a_cell(client, held, query):
    expected = held.query(query)
    text = ask(client, query, "csv").data.decode()
    head, *rows = csv.reader(io.StringIO(text, newline=""))
    assert head == [str(variable) for variable in expected.vars]
    shown = {None: "", "_": "_"}
    wanted = [
        [shown.get(told(row.get(v)), str(row.get(v))) for v in expected.vars]
        for row in expected.bindings
    ]
    blank = [["_" if cell.startswith("_:") else cell for cell in row] for row in rows]
    assert sorted(blank) == sorted(wanted)


@pytest.mark.parametrize("name", ["json", "xml", "csv", "tsv"])
def test_yes_and_no_are_told_in_every_format(client, name):
    for query, truth in (("ASK {}", True), ("ASK { <urn:no> ?p ?o }", False)):
        data = ask(client, query, name).data
        if name in ("csv", "tsv"):
            assert data.decode().strip() == str(truth).lower()
        else:
            assert Result.parse(io.BytesIO(data), format=name).askAnswer is truth


# --- what a format cannot hold ----------------------------------------------------

CONTROL = ["\x01", "\x08", "\x0b", "\x1f", "\ufffe", "\uffff", "\x00"]


@pytest.mark.parametrize("character", CONTROL)
def test_a_character_that_xml_has_not_is_406_and_fine_elsewhere(client, character):
    written = "".join(f"\\u{ord(one):04X}" for one in character)
    table = f'SELECT ("a{written}b" AS ?x) {{}}'
    graph = f'CONSTRUCT {{ <urn:s> <urn:x:p> "a{written}b" }} {{}}'
    for query, name in ((table, "xml"), (graph, "rdfxml")):
        refused = client.get(
            "/sparql",
            query_string={"query": query, "format": name},
            headers={"Accept": "application/json"},
        )
        assert refused.status_code == 406
        assert f"U+{ord(character):04X}" in refused.get_json()["detail"]
    rows = ask(client, table, "json").get_json(force=True)["results"]["bindings"]
    assert rows == [{"x": {"type": "literal", "value": f"a{character}b"}}]
    (triple,) = parse(ask(client, graph, "turtle").data, format=RdfFormat.TURTLE)
    assert triple.object.value == f"a{character}b"


@pytest.mark.parametrize(
    "iri", [f"{EX}1", EX, "urn:p:", f"{EX}a(b)", "http://www.w3.org/1999/02/22-rdf-syntax-ns#Description"]
)  # fmt: skip
def test_a_property_that_rdf_xml_cannot_name_is_406(client, iri):
    query = f"CONSTRUCT {{ <urn:s> <{iri}> 1 }} {{}}"
    asked = {"query": query, "format": "rdfxml"}
    answer = client.get("/sparql", query_string=asked)
    assert answer.status_code == 406
    assert "turtle" in answer.text
    assert f"<{iri}>" in ask(client, query, "ntriples").text


def test_a_triple_about_a_triple_is_406_in_json_ld_and_fine_elsewhere(client):
    query = "CONSTRUCT { <a:a> <a:b> <<( <a:a> <a:b> 'x'@en--ltr )>> } WHERE {}"
    for name in ("turtle", "ntriples", "rdfxml"):
        ask(client, query, name)
    answer = client.get("/sparql", query_string={"query": query, "format": "jsonld"})
    assert answer.status_code == 406
    assert "RDF 1.2" in answer.text


@pytest.mark.parametrize("iri", [f"{EX}1", EX, "urn:c:", f"{EX}Town"])
def test_a_class_of_any_name_is_written_in_rdf_xml(client, iri):
    query = f"CONSTRUCT {{ <urn:s> a <{iri}> ; <urn:x:p> 'a\\n\\t</oxprefix:>' }} {{}}"
    expected = rdflib.Graph().parse(data=ask(client, query, "ntriples").data)
    found = rdflib.Graph().parse(data=ask(client, query, "rdfxml").data, format="xml")
    assert len(found) == 2
    assert isomorphic(found, expected)


@settings(deadline=None)
@given(text=st.text())
def test_any_text_is_read_back_from_xml_or_refused(text):
    engine = Engine()
    engine.add(Quad(NamedNode("urn:s"), NamedNode("urn:x:p"), Literal(text)))
    triple = Triple(NamedNode("urn:s"), NamedNode("urn:x:p"), Literal(text))
    answer = evaluate(engine, "SELECT ?o { ?s ?p ?o }")
    try:
        table = answer.serialize(by_name("xml"))
        graph = write_rdf([triple], by_name("rdfxml"))
    except UnwritableError:
        assert any(ord(one) < 32 or ord(one) in (0xFFFE, 0xFFFF) for one in text)
        return
    (row,) = Result.parse(io.BytesIO(table), format="xml").bindings
    assert str(row[rdflib.Variable("o")]) == text
    ((*_, value),) = rdflib.Graph().parse(data=graph, format="xml")
    assert str(value) == text


def test_a_long_answer_in_xml_is_mended_wherever_it_is_cut():
    texts = {f"{'x' * (number % 97)}\ufffd\r{number}\r\n" for number in range(3000)}
    triples = [
        Triple(NamedNode("urn:s"), NamedNode("urn:x:p"), Literal(text))
        for text in sorted(texts)
    ]
    engine = Engine()
    engine.extend(Quad(*triple) for triple in triples)
    table = evaluate(engine, "SELECT ?o { ?s ?p ?o }").serialize(by_name("xml"))
    rows = Result.parse(io.BytesIO(table), format="xml").bindings
    assert {str(row[rdflib.Variable("o")]) for row in rows} == texts
    written = write_rdf(triples, by_name("rdfxml"))
    graph = rdflib.Graph().parse(data=written, format="xml")
    assert set(map(str, graph.objects())) == texts
