"""Attacks by parameters: in every shipped query a value stays one term in its place.

The tests of saved queries show that any text is one term, or none; these show that the
rest of each query stays what it is, also where pages are made of it, and that other
addresses take texts for texts.
"""

from __future__ import annotations

import json
from urllib.parse import urlencode

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rdflib.plugins.sparql import prepareQuery

from kg.errors import ParameterError
from kg.files import data_folder
from kg.paging import Page, counting, paged
from kg.parameters import ParameterKind, parameter_term
from kg.queries import Form, SavedQueries
from kg.sparql import dataset_clause, tokens
from kg.terms import XSD, Literal, NamedNode, Term
from server.app import create_app

QUERIES = SavedQueries.read(data_folder("queries"))
TAKING = [query for query in QUERIES.values() if query.parameters]
HOSTILE = (
    '" } UNION { ?s ?p ?o } #',
    "' } LIMIT 1 #",
    '""" } ORDER BY ?x """',
    "\\u0022 } SELECT * { ?a ?b ?c",
    "} } SELECT (COUNT(*) AS ?total) WHERE { {",
    "\n  VALUES ?limit { 1 }\n} OFFSET 1000000 #",
    "<urn:x> <urn:y>",
    "urn:x> . ?s ?p ?o . <urn:y",
    "?state",
    "UNDEF",
    "1 2 3",
    "SERVICE <http://127.0.0.1/> { ?s ?p ?o }",
    "FROM <urn:x> FROM NAMED <urn:y>",
    "\u202e\u2028\x85\x00\ufeff",
    "$1 \\1 \\g<term> {0} %s",
)
SAFE: dict[str, Term] = {
    "iri": NamedNode("urn:x"),
    "concept": NamedNode("urn:x"),
    "string": Literal("x"),
    "language": Literal("en"),
    "integer": Literal(7),
    "date": Literal("2020-01-01", datatype=NamedNode(f"{XSD}date")),
}
texts = st.text(max_size=60) | st.sampled_from(HOSTILE)
iris = st.text(max_size=40).map("urn:{}".format)


def shape(text):
    """Return the tokens of a query, each value of VALUES but as one mark."""
    found, inside = [], ""
    for token in tokens(text):
        if inside == "{" and token.text == "}":
            inside = ""
        if inside != "{":
            found.append((token.kind, token.text))
        if token.is_word("VALUES"):
            inside = "VALUES"
        elif inside == "VALUES" and token.text == "{":
            inside = "{"
            found.append(("value", ""))
    return found


def terms_of(query, text):
    """Return a term for each parameter that *text* can stand for."""
    found = {}
    for parameter in query.parameters:
        for typed in (text, f"<{text}>", f"<urn:{text}>"):
            try:
                found[parameter.name] = parameter_term(parameter, typed, lambda _: [])
            except ParameterError:
                continue
    return found


def test_the_shape_notices_another_query():
    one = "SELECT * { VALUES ?x { 1 } ?s ?p ?x }"
    assert shape(one) == shape(one.replace("1", "'a b'"))
    assert shape(one) != shape(one.replace("1", "1 } ?a ?b ?c . VALUES ?y { 2"))


@pytest.mark.parametrize("query", TAKING, ids=lambda query: query.name)
def test_no_value_changes_the_rest_of_a_shipped_query(query):
    wanted = shape(query.bind({p.name: SAFE[p.kind] for p in query.parameters}))
    for text in HOSTILE:
        terms = terms_of(query, text)
        bound = query.bind(terms)
        assert shape(bound) == wanted, text
        assert dataset_clause(bound) == dataset_clause(query.text)
        if query.form is Form.SELECT and not dataset_clause(bound):
            plain = query.bind({})
            for make in (counting, lambda q, t: paged(q, t, Page(5, 3))):
                assert shape(make(query, bound)) == shape(make(query, plain)), text


@settings(max_examples=60, deadline=None)
@given(text=texts, number=st.integers(0, len(TAKING) - 1))
def test_no_text_at_all_changes_the_rest(text, number):
    query = TAKING[number]
    assert shape(query.bind(terms_of(query, text))) == shape(query.text)


def algebra(text, parameter):
    """Return the algebra that rdflib sees, and the values of *parameter* in it."""
    found = prepareQuery(text).algebra
    values: list[object] = []

    def visit(node):
        if getattr(node, "name", "") == "values":
            pairs = [(str(n), value) for row in node["res"] for n, value in row.items()]
            values.extend(value for name, value in pairs if name == parameter)
            return [pair for pair in pairs if pair[0] != parameter]
        if isinstance(node, dict):
            name = getattr(node, "name", "")
            return name, [(key, visit(node[key])) for key in sorted(node)]
        if isinstance(node, list | tuple):
            return [visit(one) for one in node]
        return str(node) if not isinstance(node, set) else sorted(map(str, node))

    return visit(found), values


@settings(max_examples=25, deadline=None,
          suppress_health_check=[HealthCheck.filter_too_much])  # fmt: skip
@given(text=texts)
def test_another_engine_sees_the_same_algebra_with_one_value(text):
    query = QUERIES["names-containing"]
    try:
        text.encode()
    except UnicodeEncodeError:
        return
    expected, _ = algebra(query.text, "words")
    seen, values = algebra(query.bind({"words": Literal(text)}), "words")
    assert seen == expected
    assert [str(value) for value in values] == [text]


def test_a_term_of_another_kind_is_refused():
    """Whatever reads the value: a term that does not fit is not bound."""
    for query in TAKING:
        for parameter in query.parameters:
            for kind, term in SAFE.items():
                if parameter.accepts(term):
                    continue
                assert ParameterKind(kind) is not parameter.kind
                with pytest.raises(ParameterError):
                    query.bind({parameter.name: term})


# --- other addresses --------------------------------------------------------------


@pytest.fixture(scope="module")
def client(graph, settings):
    return create_app(graph, settings).test_client()


@pytest.mark.parametrize("text", HOSTILE)
def test_a_text_is_a_text_wherever_it_is_asked_for(client, text):
    """It finds what is called so: nothing, and surely not everything."""
    json_ = {"Accept": "application/json"}
    found = client.get(f"/search?{urlencode({'q': text})}", headers=json_)
    assert found.status_code == 200
    assert len(found.get_json()["results"]) < 20
    names = client.get(f"/search/names?{urlencode({'prefix': text, 'of': text})}")
    assert names.get_json() == {"results": []}
    for kind in ("entity", "type", "property"):
        address = (
            f"/reconcile/suggest/{kind}?{urlencode({'prefix': text, 'type': text})}"
        )
        assert client.get(address).status_code == 200
    why = client.get(
        f"/why?{urlencode({'s': text, 'p': text, 'o': text})}", headers=json_
    )
    assert why.status_code in (400, 404)
    rows = client.get(f"/queries/names-containing?{urlencode({'words': text})}",
                      headers={"Accept": "text/csv"})  # fmt: skip
    assert rows.status_code == 200
    assert len(rows.text.splitlines()) == 1


@pytest.mark.parametrize("text", HOSTILE)
def test_a_text_in_a_batch_is_a_text(client, text):
    query = {
        "query": text,
        "type": [text, {"id": text}],
        "properties": [{"pid": text, "v": [text, {"id": text}, 1, True]}],
    }
    given_ = {"queries": json.dumps({text: query, "plain": {"query": text}})}
    answer = client.post("/reconcile", data=given_)
    assert answer.status_code == 200
    assert set(answer.get_json()) == {text, "plain"}
    assert answer.get_json()[text]["result"] == []
    extend = {"ids": [text], "properties": [{"id": text}]}
    answer = client.post("/reconcile", data={"extend": json.dumps(extend)})
    assert answer.status_code == 400
    extend["properties"] = [{"id": "isoAlpha2", "settings": {"limit": 5}}]
    answer = client.post("/reconcile", data={"extend": json.dumps(extend)})
    assert answer.get_json()["rows"][text]["isoAlpha2"] == []
