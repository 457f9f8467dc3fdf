"""Saved queries: every file of the folder, what a file may say, and its parameters."""

import csv
import io
import re
from functools import partial
from pathlib import Path

import pytest
import rdflib
from hypothesis import given
from hypothesis import strategies as st
from pyoxigraph import RdfFormat, Store, parse
from rdflib.plugins.sparql import prepareQuery

from kg.answers import evaluate
from kg.errors import DataFileError, ParameterError, UnknownQueryError
from kg.files import data_folder
from kg.formats import by_name
from kg.names import Candidate, choices, find_entities
from kg.parameters import parameter_term
from kg.prefixes import prefixes
from kg.queries import RESERVED, Form, SavedQueries, read_query
from kg.query_triples import query_triples
from kg.sparql import tokens
from kg.terms import BASE, QUERIES, XSD, BlankNode, Literal, NamedNode

FOLDER = data_folder("queries")
FILES = sorted(FOLDER.glob("*.rq"))
ANSWERS = Path(__file__).parent / "data" / "answers"
CAMEL_CASE = re.compile(r"[a-z]+([A-Z][a-z]+)*")

each_query = pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)


def names_of(text):
    """The prefixed names in a query, header included."""
    declared = " ".join(re.findall(r"^#\+ param .* of (\S+):", text, re.M))
    found = [token.text for token in tokens(f"{text}\n{declared}")]
    return [name for name in found if re.fullmatch(r"\w+:[^\s:]*", name)]


def rows_of(answer):
    return [tuple(row) for row in answer.rows()]


# --- every file of the folder -----------------------------------------------------


@each_query
def test_the_header_says_what_the_query_is_for(path):
    query = read_query(path)
    assert 10 < len(query.summary) <= 88
    assert not query.summary.endswith(".")
    assert query.description.endswith(".")
    assert query.tags
    assert all(parameter.summary.endswith(".") for parameter in query.parameters)


@each_query
def test_columns_are_words_in_camel_case(path):
    query = read_query(path)
    assert all(CAMEL_CASE.fullmatch(column) for column in query.columns)
    assert bool(query.columns) == (query.form is Form.SELECT)


@each_query
def test_the_order_of_rows_is_settled_by_every_column(path):
    query = read_query(path)
    if query.form is Form.SELECT:
        order = query.text.rpartition("ORDER BY")[2]
        assert set(re.findall(r"\?(\w+)", order)) == set(query.columns)


@each_query
def test_prefixes_are_declared_used_and_those_of_the_project(path):
    query = read_query(path)
    body = re.sub(r"^PREFIX.*$", "", query.text, flags=re.M)
    used = {name.partition(":")[0] for name in names_of(body)}
    assert set(query.prefixes) == used
    assert query.prefixes.items() <= prefixes().items()


@pytest.fixture(scope="module")
def ontology_terms():
    """The terms of the ontology with their prefix, and the bare prefix."""
    path = data_folder("ontology") / "exequatur.ttl"
    subjects = {str(quad.subject) for quad in parse(path=path, format=RdfFormat.TURTLE)}
    namespace = prefixes()["exq"]
    return {"exq:", *(s.strip("<>").replace(namespace, "exq:") for s in subjects)}


@each_query
def test_terms_of_the_ontology_are_defined_there(path, ontology_terms):
    names = names_of(read_query(path).text)
    assert {name for name in names if name.startswith("exq:")} <= ontology_terms


@each_query
def test_default_values_are_in_the_graph(path, snapshot):
    for parameter in read_query(path).parameters:
        for term in (parameter.default, parameter.of):
            if isinstance(term, NamedNode):
                assert any(snapshot.quads(subject=term)), term


@each_query
def test_another_engine_reads_the_query_too(path):
    assert prepareQuery(read_query(path).text)


@each_query
def test_the_query_answers_something_with_its_defaults(path, snapshot):
    query = read_query(path)
    answer = snapshot.query(query.text)
    assert answer.variables == query.columns
    if query.form is Form.CONSTRUCT:
        assert any(answer.triples())
    elif query.form is Form.SELECT:
        assert any(answer.rows())


@each_query
def test_binding_the_defaults_changes_nothing(path, snapshot):
    query = read_query(path)
    defaults = {p.name: p.default for p in query.parameters if p.default}
    typed = {
        name: parameter_term(
            query.parameter(name),
            query.parameter(name).default_text,
            partial(find_entities, snapshot),
        )
        for name in defaults
    }
    assert typed == defaults
    if query.form is Form.SELECT:
        bound = snapshot.query(query.bind(typed))
        assert rows_of(bound) == rows_of(snapshot.query(query.text))


@pytest.mark.parametrize(
    "path", sorted(ANSWERS.glob("*.csv")), ids=lambda path: path.stem
)
def test_the_answer_is_the_one_on_file(path, snapshot):
    query = read_query(FOLDER / f"{path.stem}.rq")
    written = snapshot.query(query.text).serialize(by_name("csv")).decode()
    expected = path.read_text(encoding="utf-8")
    assert list(csv.reader(io.StringIO(written))) == list(
        csv.reader(io.StringIO(expected))
    )


def test_the_graph_describes_the_saved_queries(snapshot):
    queries = SavedQueries.read(FOLDER)
    described = {q.subject.value for q in snapshot.quads(graph=QUERIES)}
    assert {f"{BASE}query/{name}" for name in queries} <= described


# --- reading a file ---------------------------------------------------------------

GOOD = """\
#+ summary: States with a code
#+ description: Whatever has
#+   the code.
#+ tags: [states, codes]
#+ param code string: The code.
PREFIX exq: <https://w3id.org/exequatur/ontology#>

SELECT ?state WHERE {
  VALUES ?code { "KE" }
  ?state exq:isoAlpha2 ?code .
}
ORDER BY ?state
"""


@pytest.fixture
def write(tmp_path):
    def to_file(text, name="states-with-code.rq"):
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return path

    return to_file


def test_a_new_file_is_a_new_query(write, snapshot):
    path = write(GOOD)
    queries = SavedQueries.read(path.parent)
    assert list(queries) == ["states-with-code"]
    query = queries["states-with-code"]
    assert query.description == "Whatever has the code."
    assert query.tags == ("states", "codes")
    assert query.columns == ("state",)
    assert query.parameter("code").default == Literal("KE")
    answer = snapshot.query(query.bind({"code": Literal("MA")}))
    assert rows_of(answer) == [(NamedNode(f"{BASE}id/morocco"),)]


def test_queries_come_in_alphabetical_order(write):
    write(GOOD, "b.rq")
    assert list(SavedQueries.read(write(GOOD, "a.rq").parent)) == ["a", "b"]


def test_a_byte_order_mark_does_no_harm(write):
    assert read_query(write("\ufeff" + GOOD)).summary == "States with a code"


def test_undef_stands_for_any_value(write):
    query = read_query(write(GOOD.replace('"KE"', "UNDEF")))
    assert query.parameter("code").default is None
    assert query.parameter("code").default_text == ""


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("summary", "sumary", ":1: unknown key 'sumary'; did you mean summary?"),
        ("#+ tags", "#+ labels", ":4: unknown key 'labels'; have summary, descr"),
        ("tags: [states, codes]", "tags: states", ":4: not a list; write [one"),
        ("States with a code", "[a, b]", ":1: not plain text"),
        ("States with a code", "a: b", ":1: mapping values are not allowed here"),
        ("summary: States with a code", "tags: [a]", ":4: 'tags' is there twice"),
        ("#+ summary: States with a code\n", "", ":1: the header has no summary"),
        ("code string", "code text", ":5: unknown kind 'text'; have iri, string"),
        ("code string", "code", ":5: cannot read 'param code'; write"),
        ("code string", "code string of exq:State", ":5: 'of' does not go with"),
        ("code string", "code concept", ":5: a concept of which scheme?"),
        ("code string", "code iri", ':9: "KE" is not an entity'),
        ("code string", "code iri of foo:Bar", ":5: cannot read 'foo:Bar'"),
        ("code string", "code integer", ':9: "KE" is not a whole number'),
        ("code string", "kode string", "0 VALUES lines for the parameter 'kode'"),
        ("?code { ", "?code {\n", "0 VALUES lines for the parameter 'code'"),
        ('"KE"', '"KE" "MA"', ':9: cannot read \'"KE" "MA"\'; write one term'),
        ("ORDER", "#+ tags: []\nORDER", ":12: header line below the query"),
        ("exq:isoAlpha2", "exk:isoAlpha2", "line 10, column"),
        ("?state WHERE", "?state WERE", "line 8, column"),
    ],
)
def test_a_faulty_file_is_refused_with_its_line(write, old, new, message):
    path = write(GOOD.replace(old, new, 1))
    with pytest.raises(DataFileError) as error:
        read_query(path)
    assert message in str(error.value)
    assert str(error.value).startswith(str(path))


@pytest.mark.parametrize(
    "name", ["access_token", "format", "limit", "offset", "page", "timeout"]
)
def test_a_parameter_cannot_take_a_name_that_the_server_uses(write, name):
    path = write(GOOD.replace("code", name))
    with pytest.raises(DataFileError) as error:
        read_query(path)
    declared = f"#+ param {name} string: The {name}."
    line = path.read_text().splitlines().index(declared) + 1
    assert str(error.value).startswith(
        f"{path}:{line}: no parameter can be called {name!r}; rename it"
    )


def test_the_names_that_no_parameter_can_have_are_in_the_guide():
    guide = Path(__file__).parent.parent / "docs" / "add-a-query.md"
    (told,) = [
        line
        for line in guide.read_text(encoding="utf-8").split("\n\n")
        if line.startswith("No parameter can be called")
    ]
    assert re.findall(r"`(\w+)`", told) == list(RESERVED)


@pytest.mark.parametrize("text", ["", "SELECT * WHERE { ?s ?p ?o }"])
def test_a_file_without_a_header_is_refused(write, text):
    with pytest.raises(DataFileError):
        read_query(write(text))


def test_a_file_that_is_not_utf_8_is_refused(tmp_path):
    path = tmp_path / "latin.rq"
    path.write_bytes(GOOD.encode().replace(b"States", b"\xc9tats"))
    with pytest.raises(DataFileError, match="not UTF-8 at byte 12"):
        read_query(path)


def test_a_file_name_must_be_words_with_hyphens(write):
    with pytest.raises(DataFileError, match="is no name for a query"):
        read_query(write(GOOD, "States_with_code.rq"))


def test_a_missing_file_is_refused(tmp_path):
    with pytest.raises(DataFileError):
        read_query(tmp_path / "missing.rq")


def test_an_unknown_query_names_the_nearest():
    queries = SavedQueries.read(FOLDER)
    assert "posts-of-sate" not in queries
    assert queries.get("posts-of-sate") is None
    with pytest.raises(UnknownQueryError, match="did you mean posts-of-state"):
        queries["posts-of-sate"]


def test_a_saved_query_is_described_as_a_shacl_executable(write):
    text = GOOD.replace("code string", "state iri of exq:State").replace(
        "code", "state"
    )
    query = read_query(
        write(text.replace('"KE"', "exq:a").replace("?state ex", "?s ex"))
    )
    said = {str(triple) for triple in query_triples([query])}
    node = f"<{BASE}query/states-with-code>"
    parameter = f"<{BASE}query/states-with-code#state>"
    sh, exq = prefixes()["sh"], prefixes()["exq"]
    assert f"{node} <{sh}parameter> {parameter}" in said
    assert f"{parameter} <{sh}class> <{exq}State>" in said
    assert f"{parameter} <{sh}defaultValue> <{exq}a>" in said
    assert f"{parameter} <{sh}path> <{BASE}parameter/state>" in said
    assert not any(isinstance(t.object, BlankNode) for t in query_triples([query]))


# --- parameters -------------------------------------------------------------------

ECHO = """\
#+ summary: What is given
#+ param value {kind}: The value.
SELECT ?value WHERE {{
  VALUES ?value {{ UNDEF }}
}}
"""
CONCEPT = "concept of <urn:scheme>"
KINDS = ["iri", "string", "integer", "date", "language", CONCEPT]


@pytest.fixture(scope="module")
def echoes(tmp_path_factory):
    """Queries that answer what they are given, by the kind of their parameter."""
    path = tmp_path_factory.mktemp("echo") / "echo.rq"
    found = {}
    for kind in KINDS:
        path.write_text(ECHO.format(kind=kind), encoding="utf-8")
        found[kind] = read_query(path)
    return found


def nothing(text):
    return []


def value_of(text):
    ((value,),) = rows_of(evaluate(Store(), text))
    return value


HOSTILE = [
    '"',
    "'''",
    '"""',
    "\\",
    "\n",
    "\r\n",
    "} DROP ALL #",
    '" } INSERT DATA { <a:a> <a:b> <a:c> } #',
    "\\u0022 } SERVICE <http://localhost/> { ?s ?p ?o",
    "\\\\u0022 } #",
    "\\\x00",
    "\x85\u2028\u2029",
    "VALUES ?value { 1 }",
    "\n  VALUES ?value { 1 }\n",
    "$1 \\1 \\g<term>",
    "\U0001f54a e\u0301 \u202e",
]


def check_string(query, text):
    term = parameter_term(query.parameter("value"), text, nothing)
    assert term == Literal(text)
    assert value_of(query.bind({"value": term})) == term


@given(text=st.text())
def test_no_text_escapes_from_its_string(echoes, text):
    check_string(echoes["string"], text)


@pytest.mark.parametrize("text", HOSTILE)
def test_no_hostile_text_escapes_from_its_string(echoes, text):
    check_string(echoes["string"], text)
    bound = echoes["string"].bind({"value": Literal(text)})
    (elsewhere,) = rdflib.Graph().query(bound).bindings
    assert [str(value) for value in elsewhere.values()] == [text]


@given(text=st.text() | st.sampled_from(HOSTILE), kind=st.sampled_from(KINDS))
def test_any_text_is_one_term_or_refused(echoes, text, kind):
    query = echoes[kind]
    for typed in (text, f"<{text}>", f"urn:{text}"):
        try:
            term = parameter_term(query.parameter("value"), typed, nothing)
        except ParameterError:
            continue
        assert value_of(query.bind({"value": term})) == term


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        ("integer", " 12 ", Literal(12)),
        ("integer", "-3", Literal(-3)),
        ("date", "2024-02-29", Literal("2024-02-29", datatype=NamedNode(XSD + "date"))),
        ("language", "fr-MA", Literal("fr-MA")),
        ("string", " as it is ", Literal(" as it is ")),
        ("iri", "<http://example.org/a>", NamedNode("http://example.org/a")),
        ("iri", "http://example.org/a", NamedNode("http://example.org/a")),
    ],
)
def test_a_value_is_read_by_its_kind(echoes, kind, text, value):
    assert parameter_term(echoes[kind].parameter("value"), text, nothing) == value


@pytest.mark.parametrize(
    ("kind", "text", "message"),
    [
        ("integer", "twelve", "'twelve' does not fit; give a whole number"),
        ("integer", "٣", "does not fit"),
        ("integer", "9" * 19, "does not fit"),
        ("date", "2023-02-29", "there is no such day; give a date like 2024-05-31"),
        ("date", "2023-W01-1", "does not fit"),
        ("language", "english!", "give a language tag like en or fr-MA"),
        ("iri", "", "give an entity: its IRI, short name or label"),
        ("iri", "<no iri>", "not an absolute IRI"),
        ("iri", "<relative>", "not an absolute IRI"),
        ("iri", "Atlantis", "nothing here is called 'Atlantis'"),
        (
            CONCEPT,
            "Atlantis",
            "give a concept of urn:scheme: its IRI, short name or label",
        ),
        ("string", "\ud800", "it is not valid Unicode"),
    ],
)
def test_a_value_that_does_not_fit_is_refused(echoes, kind, text, message):
    with pytest.raises(ParameterError) as error:
        parameter_term(echoes[kind].parameter("value"), text, nothing)
    assert message in str(error.value)
    assert str(error.value).startswith("parameter value: ")


def test_a_term_of_another_kind_is_not_bound(echoes):
    with pytest.raises(ParameterError, match="is not a whole number"):
        echoes["integer"].bind({"value": Literal("12")})
    with pytest.raises(ParameterError, match="is not an entity"):
        echoes["iri"].bind({"value": BlankNode("b")})
    with pytest.raises(ParameterError, match="is not a text"):
        echoes["string"].bind({"value": Literal("a", language="en")})


def test_an_unknown_parameter_names_those_there_are(echoes):
    with pytest.raises(ParameterError, match="echo has no parameter 'valeu'; did you"):
        echoes["string"].bind({"valeu": Literal("a")})


# --- entities as values -----------------------------------------------------------


@pytest.fixture(scope="module")
def entity_term(snapshot):
    """What a text means for a parameter of the shipped queries."""
    queries = SavedQueries.read(FOLDER)

    def term(query, name, text):
        parameter = queries[query].parameter(name)
        return parameter_term(parameter, text, partial(find_entities, snapshot))

    return term


@pytest.mark.parametrize(
    "text",
    ["kenya", "Kenya", " KENYA ", "id:kenya", f"<{BASE}id/kenya>", f"{BASE}id/kenya"],
)
def test_an_entity_may_be_given_in_many_ways(entity_term, text):
    assert entity_term("claims-about", "thing", text) == NamedNode(f"{BASE}id/kenya")


def test_a_class_settles_which_of_two_namesakes_is_meant(entity_term):
    kenya = NamedNode(f"{BASE}id/kenya")
    assert entity_term("events-in-state", "state", "Nairobi") == kenya


def test_an_ambiguous_name_lists_the_candidates(entity_term):
    with pytest.raises(ParameterError) as error:
        entity_term("claims-about", "thing", "nairobi")
    assert "'nairobi' may mean 2 things" in str(error.value)
    assert "Kenya (state) id:kenya" in str(error.value)
    assert "Nairobi (settlement) id:nairobi" in str(error.value)


def test_an_unknown_name_lists_the_nearest(entity_term):
    with pytest.raises(ParameterError, match=r"'Morroco'; did you mean Morocco\?"):
        entity_term("events-in-state", "state", "Morroco")


def test_an_entity_of_another_class_is_refused_with_its_class(entity_term):
    with pytest.raises(ParameterError, match="it is known, but as state; give an en"):
        entity_term("journeys-of-person", "person", "Kenya")


@pytest.mark.parametrize("text", ["host", "role-host", "id:role-host"])
def test_a_concept_may_be_given_by_label_or_name(entity_term, text):
    host = NamedNode(f"{BASE}id/role-host")
    assert entity_term("agents-in-role", "role", text) == host


def test_a_concept_of_another_scheme_is_refused(entity_term):
    with pytest.raises(ParameterError, match="give a concept of roles: its"):
        entity_term("agents-in-role", "role", "cybercrime")


def test_an_unknown_concept_lists_those_of_the_scheme(snapshot):
    role = SavedQueries.read(FOLDER)["agents-in-role"].parameter("role")
    find, members = partial(find_entities, snapshot), partial(choices, snapshot)
    with pytest.raises(ParameterError, match=r"did you mean .*guest, host,"):
        parameter_term(role, "zzz", find, members)
    with pytest.raises(ParameterError, match=r"did you mean traveller\?"):
        parameter_term(role, "traveler", find, members)


def test_a_candidate_that_only_resembles_is_no_value(echoes):
    near = Candidate(NamedNode("urn:a"), "Aland", "state", frozenset(), exact=False)
    with pytest.raises(ParameterError, match="did you mean Aland"):
        parameter_term(echoes["iri"].parameter("value"), "Alant", lambda text: [near])
