"""The protocols on the wire, to the letter: graphs by name, datasets, what is told."""

from __future__ import annotations

import csv
import io
import json
from urllib.parse import urlencode, urlsplit

import pytest

from tests.small_store import EX
from tests.store_kinds import copied
from tests.test_server_serve import serving
from tests.test_server_write_live import exchange, tokens
from tests.writing import SPARQL, TURTLE, UPDATE, bearer

FORM = "application/x-www-form-urlencoded"
QUERY = "application/sparql-query"
VERBS = "DELETE, GET, HEAD, OPTIONS, PATCH, POST, PUT"
ONE, TWO = "<urn:a> <urn:p> 1 .", "<urn:a> <urn:p> 2 ."


@pytest.fixture(scope="module")
def server(small_store_built, tmp_path_factory):
    """The address of a server of a small store, the headers that let one write, and
    those that let one write to the graph `urn:own` alone.
    """
    path = copied(small_store_built, tmp_path_factory.mktemp("wire") / "store")
    secret = tokens(path).add("suite", ["write:*"])
    scoped = tokens(path).add("owner", ["write:urn:own"])
    with serving(path) as (_, address):
        yield address, bearer(secret), bearer(scoped)


@pytest.fixture(scope="module")
def send(server):
    """Send a request with the token; return status, headers and text."""
    address, token, _ = server

    def sending(verb, path, body=None, **headers):
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        data = body.encode() if isinstance(body, str) else body
        status, found, text = exchange(address, verb, path, data, {**token, **given})
        return status, found, text.decode()

    return sending


def graph(name, **more):
    return "/graphs?" + urlencode({"graph": name, **more})


# --- the Graph Store Protocol -----------------------------------------------------


def test_a_graph_has_one_content_under_both_of_its_names(send, server):
    host = urlsplit(server[0]).netloc
    direct, indirect = "/graphs/wire/both", graph(f"http://{host}/graphs/wire/both")
    assert send("PUT", direct, ONE, Content_Type=TURTLE)[0] == 201
    assert send("POST", indirect, TWO, Content_Type=TURTLE)[0] == 200
    for path in (direct, indirect, graph("https://w3id.org/exequatur/wire/both")):
        status, headers, text = send("GET", path, Accept="application/n-triples")
        assert status == 200
        assert headers["Content-Type"] == "application/n-triples"
        assert text.count("\n") == 2
    assert send("DELETE", indirect)[0] == 200
    assert send("HEAD", direct)[0] == 404


@pytest.mark.parametrize(
    ("sent", "name"),
    [
        ("http://x/a+b", "http://x/a+b"),
        ("http://x/a%2Bb%2520", "http://x/a+b%20"),
        ("http://x/caf%C3%A9", "http://x/café"),
        ("urn:x:%23frag", "urn:x:#frag"),
    ],
)
def test_the_name_of_a_graph_is_percent_decoded_and_nothing_more(send, sent, name):
    status, headers, text = send(
        "PUT", f"/graphs?message=a+b&graph={sent}", ONE, Content_Type=TURTLE
    )
    assert status == 201
    assert json.loads(text)["graph"] == name
    assert headers["Location"].isascii()
    assert send("GET", headers["Location"])[0] == 200
    assert send("DELETE", f"/graphs?graph={sent}")[0] == 200


@pytest.mark.parametrize("path", ["/graphs/wire/void", graph("urn:void")])
def test_an_empty_graph_is_there_from_put_to_delete(send, path):
    def listed():
        rows = json.loads(send("GET", "/graphs", Accept="application/json")[2])
        return [row["graph"].endswith("void") for row in rows["graphs"]].count(True)

    assert send("PUT", path, "", Content_Type=TURTLE)[0] == 201
    before = send("HEAD", path)[1]["ETag"]
    status, _, text = send("GET", path, Accept="application/n-triples")
    assert (status, text, listed()) == (200, "", 1)
    assert send("PUT", path, "", Content_Type=TURTLE)[0] == 204
    given = {"Content_Type": TURTLE, "If_None_Match": "*"}
    assert send("PUT", path, ONE, **given)[0] == 412
    assert send("PUT", path, ONE, Content_Type=TURTLE, If_Match=before)[0] == 204
    assert send("HEAD", path)[1]["ETag"] != before
    assert send("PUT", path, "", Content_Type=TURTLE)[0] == 204
    assert send("GET", path)[0] == 200
    version = json.loads(send("GET", "/status")[2])["version"]
    assert send("DELETE", path)[0] == 200
    assert (send("GET", path)[0], listed()) == (404, 0)
    assert send("DELETE", path)[0] == 404
    then = f"{path}{'&' if '?' in path else '?'}version={version}"
    assert send("GET", then, Accept="application/n-triples")[::2] == (200, "")


def test_what_fills_an_empty_graph_may_be_taken_out_again(send):
    path = graph("urn:filled")
    assert send("POST", path, "", Content_Type=TURTLE)[0] == 201
    assert send("POST", path, ONE, Content_Type=TURTLE)[0] == 200
    empty = "DELETE WHERE { ?s ?p ?o }"
    assert send("PATCH", path, empty, Content_Type=UPDATE)[0] == 200
    assert send("GET", path)[0] == 200
    drop = "DROP GRAPH <urn:filled>"
    assert send("POST", "/update", drop, Content_Type=UPDATE)[0] == 200
    assert send("GET", path)[0] == 404


def test_who_may_write_one_graph_may_create_it_and_no_other(server):
    address, _, scoped = server
    headers = {**scoped, "Content-Type": TURTLE}
    assert exchange(address, "PUT", graph("urn:own"), b"", headers)[0] == 201
    assert exchange(address, "DELETE", graph("urn:own"), None, headers)[0] == 200
    assert exchange(address, "PUT", graph("urn:other"), b"", headers)[0] == 403
    create = b"CREATE GRAPH <urn:other>"
    given = {**headers, "Content-Type": UPDATE}
    assert exchange(address, "POST", "/update", create, given)[0] == 403


def test_turtle_that_is_posted_may_lack_its_last_dot(send):
    path, dotless = graph("urn:dotless"), "<urn:a> <urn:p> 1 "
    assert send("PUT", path, dotless, Content_Type=TURTLE)[0] == 400
    assert send("POST", "/validate", dotless, Content_Type=TURTLE)[0] == 400
    status, _, text = send("POST", path, dotless, Content_Type=TURTLE)
    assert status == 201
    assert json.loads(text)["notes"] == [
        "body: the last statement has no dot at its end"
    ]
    for broken in ("<urn:a> <urn:p> 1 <urn:b> <urn:p> 2", "<urn:a> <urn:p>", "<urn:a"):
        status, _, text = send("POST", path, broken, Content_Type=TURTLE)
        assert status == 400
        assert "body:1:" in text
    lines = {"Content_Type": "application/n-triples"}
    assert send("POST", path, "<urn:a> <urn:p> <urn:b>", **lines)[0] == 400
    assert send("DELETE", path)[0] == 200


def test_what_is_made_by_post_has_an_address(send):
    status, headers, _ = send("POST", "/graphs", ONE, Content_Type=TURTLE)
    assert status == 201
    place = headers["Location"]
    assert send("GET", place, Accept=TURTLE)[0] == 200
    assert send("POST", place, "", Content_Type=TURTLE)[0] == 200
    assert send("DELETE", place)[0] == 200


@pytest.mark.parametrize(
    ("verb", "path", "headers", "body", "status"),
    [
        ("PUT", "/graphs", {"Content_Type": TURTLE}, ONE, 400),
        ("DELETE", "/graphs", {}, None, 400),
        ("PATCH", "/graphs", {"Content_Type": UPDATE}, "", 400),
        ("GET", "/graphs?default&graph=urn:x", {}, None, 400),
        ("GET", "/graphs?graph=urn:x&graph=urn:y", {}, None, 400),
        ("GET", "/graphs/x?default", {}, None, 400),
        ("GET", "/graphs?graph=/graphs/x", {}, None, 400),
        ("PUT", "/graphs?graph=x", {"Content_Type": TURTLE}, ONE, 400),
        ("PUT", "/graphs?graph=a%20b", {"Content_Type": TURTLE}, ONE, 400),
        ("PUT", "/graphs?graph=urn:x%E9", {"Content_Type": TURTLE}, ONE, 400),
        ("PUT", graph("urn:x"), {"Content_Type": TURTLE}, "<urn:a> <urn:p>", 400),
        ("PUT", graph("urn:x"), {"Content_Type": "application/rdf+xml"}, ONE, 400),
        ("PATCH", graph("urn:x"), {"Content_Type": UPDATE}, "INSRT", 400),
        ("GET", graph("urn:none"), {}, None, 404),
        ("HEAD", graph("urn:none"), {}, None, 404),
        ("DELETE", graph("urn:none"), {}, None, 404),
        ("COPY", graph("urn:x"), {}, None, 405),
        ("GET", graph(f"{EX}atlas"), {"Accept": "image/png"}, None, 406),
        ("GET", graph(f"{EX}atlas"), {"Accept": "text/turtle;q=0"}, None, 406),
        ("PUT", graph("urn:x"), {"Content_Type": TURTLE, "If_Match": "*"}, ONE, 412),
        ("PUT", graph("urn:x"), {"Content_Type": TURTLE, "If_Match": '"a"'}, ONE, 412),
        ("PUT", graph(f"{EX}atlas"),
         {"Content_Type": TURTLE, "If_None_Match": "*"}, ONE, 412),
        ("PUT", graph("urn:x"), {}, ONE, 415),
        ("PUT", graph("urn:x"), {"Content_Type": "image/png"}, ONE, 415),
        ("PUT", graph("urn:x"), {"Content_Type": "text/n3; charset=latin1"}, ONE, 415),
        ("PATCH", graph("urn:x"), {"Content_Type": TURTLE}, ONE, 415),
        ("PUT", graph("urn:x"),
         {"Content_Type": TURTLE, "Content_Encoding": "zstd"}, ONE, 415),
    ],
)  # fmt: skip
def test_what_cannot_be_done_has_its_status_and_does_nothing(
    send, verb, path, headers, body, status
):
    before = json.loads(send("GET", "/status")[2])["version"]
    found, told, text = send(verb, path, body, **headers)
    assert found == status, text
    if verb != "HEAD":
        assert text
    if status == 405:
        assert told["Allow"] == VERBS
    if status == 415 and "charset" not in text:
        wanted = "Accept-Encoding" if "Content_Encoding" in headers else "Accept"
        assert told[wanted]
    assert json.loads(send("GET", "/status")[2])["version"] == before


def test_patch_is_announced_made_and_conditional(send):
    path = graph("urn:patched")
    status, headers, text = send("OPTIONS", path)
    assert (status, text) == (200, "")
    assert headers["Allow"] == VERBS
    assert headers["Accept-Patch"] == UPDATE
    assert "Content-Type" not in headers
    insert = "INSERT DATA { <urn:a> <urn:p> 1 }"
    assert send("PATCH", path, insert, Content_Type=UPDATE)[0] == 201
    tag = send("HEAD", path)[1]["ETag"]
    change = "DELETE { ?s ?p ?o } INSERT { ?s ?p 2 } WHERE { ?s ?p ?o }"
    given = {"Content_Type": UPDATE, "If_Match": tag}
    assert send("PATCH", path, change, **given)[0] == 200
    assert send("PATCH", path, change, **given)[0] == 412
    refused = send("PATCH", path, ONE, Content_Type=TURTLE)[1]
    assert refused["Accept-Patch"] == UPDATE
    assert " 2 " in send("GET", path)[2]
    assert send("DELETE", path, If_Match=send("HEAD", path)[1]["ETag"])[0] == 200


def test_options_of_the_server_as_a_whole_tell_its_verbs(send):
    status, headers, text = send("OPTIONS", "*", Origin="http://other.example")
    assert (status, text, headers["Content-Length"]) == (200, "", "0")
    assert headers["Allow"] == VERBS
    assert headers["Access-Control-Allow-Methods"] == VERBS
    for verb, path in (("GET", "*"), ("OPTIONS", "/*"), ("OPTIONS", "/none")):
        status, headers, _ = send(verb, path, Accept="application/json")
        assert status == 404
        assert headers["Content-Type"] == "application/problem+json"
        assert headers.get("Allow", "*") != ""


def test_head_has_the_headers_of_get(send):
    for path in (graph(f"{EX}atlas"), "/graphs?default", "/graphs", graph("urn:none")):
        got, head = (send(verb, path)[1] for verb in ("GET", "HEAD"))
        varying = {"date", "x-request-id"}
        assert {k.lower(): v for k, v in got.items() if k.lower() not in varying} == {
            k.lower(): v for k, v in head.items() if k.lower() not in varying
        }


# --- the dataset of a query -------------------------------------------------------

A, B, C, NONE = "urn:set:a", "urn:set:b", "urn:set:c", "urn:set:none"
HELD = {A: {1, 2}, B: {2, 3}, C: {4}}
EITHER = "{ { ?s <urn:n> ?o } UNION { GRAPH ?g { ?s <urn:n> ?o } } }"


@pytest.fixture(scope="module")
def sets(send):
    """Have three graphs hold numbers; one is in two of them."""
    for name, numbers in HELD.items():
        text = "".join(f"<urn:s> <urn:n> {number} ." for number in numbers)
        assert send("PUT", graph(name), text, Content_Type=TURTLE)[0] == 201


def ways(query, pairs):
    """The three ways of sending a query, with the *pairs* that choose its dataset."""
    text = urlencode([("query", query), *pairs])
    return (
        ("GET", f"/sparql?{text}", None, {}),
        ("POST", "/sparql", text, {"Content_Type": FORM}),
        ("POST", f"/sparql?{urlencode(pairs)}", query, {"Content_Type": QUERY}),
    )


def seen(text):
    """The rows of a table: in which graph, if in one, and which number."""
    return sorted(
        (row["g"], int(row["o"])) for row in csv.DictReader(io.StringIO(text))
    )


@pytest.mark.parametrize(
    ("clauses", "default", "named"),
    [
        ("", [A], []),
        ("", [A, B], []),
        ("", [A, A, B, C], []),
        ("", [], [A]),
        ("", [], [A, B, B]),
        ("", [A, B], [B, C]),
        ("", [NONE], []),
        ("", [NONE, A], [NONE]),
        (f"FROM <{C}>", [A], []),
        (f"FROM <{C}>", [], [A]),
        (f"FROM <{C}> FROM NAMED <{A}>", [B], []),
        (f"FROM <{C}> FROM NAMED <{A}>", [A, B], [C]),
    ],
)
def test_parameters_choose_the_dataset_and_go_before_from(
    send, sets, clauses, default, named
):
    union = set().union(*(HELD.get(name, set()) for name in default))
    apart = {(name, n) for name in named for n in HELD.get(name, ())}
    expected = sorted([*(("", number) for number in union), *apart])
    pairs = [("default-graph-uri", name) for name in default]
    pairs += [("named-graph-uri", name) for name in named]
    query = f"SELECT ?g ?o {clauses} {EITHER}"
    for verb, path, body, headers in ways(query, pairs):
        status, _, text = send(verb, path, body, **headers, Accept="text/csv")
        assert status == 200, text
        assert seen(text) == expected


@pytest.mark.parametrize(
    ("clauses", "default", "named"),
    [
        (f"FROM <{A}> FROM <{B}>", [A, B], []),
        (f"FROM NAMED <{A}> FROM NAMED <{B}>", [], [A, B]),
        (f"FROM <{A}> FROM <{B}> FROM NAMED <{B}>", [A, B], [B]),
        (f"FROM <{NONE}>", [], []),
    ],
)
def test_from_chooses_the_dataset(send, sets, clauses, default, named):
    union = set().union(*(HELD[name] for name in default))
    apart = [(name, n) for name in named for n in HELD[name]]
    expected = sorted([*(("", number) for number in union), *apart])
    query = f"SELECT ?g ?o {clauses} {EITHER}"
    for verb, path, body, headers in ways(query, []):
        text = send(verb, path, body, **headers, Accept="text/csv")[2]
        assert seen(text) == expected


def test_a_union_counts_each_triple_once_in_every_form(send, sets):
    def ask(query, accept):
        asked = urlencode(
            [("query", query), ("default-graph-uri", A), ("default-graph-uri", B)]
        )
        return send("GET", f"/sparql?{asked}", Accept=accept)[2]

    text = "SELECT (COUNT(*) AS ?n) { ?s <urn:n> ?o . ?s <urn:n> ?p }"
    assert ask(text, "text/csv").split() == ["n", "9"]
    for text in ("DESCRIBE <urn:s>", "CONSTRUCT WHERE { ?s ?p ?o }"):
        assert len(ask(text, "application/n-triples").splitlines()) == 3
    assert ask("ASK { <urn:s> <urn:n> 4 }", "text/csv").strip() == "false"


def test_a_graph_in_json_is_json_ld(send, sets):
    query = urlencode({"query": "CONSTRUCT WHERE { ?s <urn:n> ?o }"})
    given = {"Accept": "application/json"}
    for path in (f"/sparql?{query}", graph(C)):
        status, headers, text = send("GET", path, **given)
        assert (status, headers["Content-Type"]) == (200, "application/json")
        assert json.loads(text)[0]["@id"] == "urn:s"
    assert send("PUT", graph("urn:x"), "{}", Content_Type="application/json")[0] == 415


@pytest.mark.parametrize("call", ["<urn:f>(?s)", "f:oo(?s)", "COALESCE(f:oo(1), 1)"])
def test_a_function_that_is_not_there_is_400_and_is_named(send, call):
    query = f"PREFIX f: <urn:f>\nSELECT ?s {{ ?s ?p ?o FILTER ({call}) }}"
    status, _, text = send("GET", "/sparql?" + urlencode({"query": query}))
    assert status == 400
    assert "there is no function <urn:f" in text
    insert = (
        f"PREFIX f: <urn:f>\nINSERT {{ ?s ?p 1 }} WHERE {{ ?s ?p ?o FILTER ({call}) }}"
    )
    status, _, text = send("POST", "/update", insert, Content_Type=UPDATE)
    assert status == 400
    assert "<urn:f" in text


@pytest.mark.parametrize("name", ["default-graph-uri", "named-graph-uri"])
@pytest.mark.parametrize("iri", ["relative", "", "a b", "urn:x{", "//host/path"])
def test_a_graph_that_is_no_absolute_iri_is_400(send, name, iri):
    for verb, path, body, headers in ways("ASK {}", [(name, iri)]):
        status, _, text = send(verb, path, body, **headers)
        assert status == 400
        assert "the dataset of the query" in text


# --- the dataset of an update -----------------------------------------------------


@pytest.fixture
def noted(send, sets):
    """Update with a dataset of its own; return what the graph of notes then holds."""
    notes = graph("urn:set:notes")

    def updating(pattern, using, named, clauses=""):
        pairs = [("using-graph-uri", name) for name in using]
        pairs += [("using-named-graph-uri", name) for name in named]
        insert = "INSERT { GRAPH <urn:set:notes> { <urn:s> <urn:found> ?o } }"
        text = f"{insert} {clauses} WHERE {pattern}"
        answer = send("POST", f"/update?{urlencode(pairs)}", text, Content_Type=UPDATE)
        form = urlencode([("update", text), *pairs])
        assert send("POST", "/update", form, Content_Type=FORM)[0] == answer[0]
        if answer[0] != 200:
            return answer[0]
        found = send("GET", notes, Accept="application/n-triples")[2]
        send("DELETE", notes)
        return sorted(int(line.split('"')[1]) for line in found.splitlines() if line)

    yield updating
    send("DELETE", notes)


def test_parameters_choose_what_an_update_reads(noted):
    assert noted("{ ?s <urn:n> ?o }", [A, B], []) == [1, 2, 3]
    assert noted("{ GRAPH ?g { ?s <urn:n> ?o } }", [A], [B, C]) == [2, 3, 4]
    count = "{ SELECT (COUNT(*) AS ?o) { ?s <urn:n> ?x } }"
    assert noted(count, [A, B], []) == [3]
    assert noted(count, [NONE], []) == [0]


def test_the_text_of_an_update_chooses_what_it_reads(noted):
    count = "{ SELECT (COUNT(*) AS ?o) { ?s <urn:n> ?x } }"
    assert noted(count, [], [], f"USING <{A}> USING <{B}>") == [3]
    named = f"USING NAMED <{B}> USING NAMED <{C}>"
    assert noted("{ GRAPH ?g { ?s <urn:n> ?o } }", [], [], named) == [2, 3, 4]


def test_an_update_has_its_dataset_from_one_place(noted, send):
    for clauses in (f"USING <{A}>", f"USING NAMED <{A}>"):
        assert noted("{ ?s <urn:n> ?o }", [B], [], clauses) == 400
        assert noted("{ ?s <urn:n> ?o }", [], [B], clauses) == 400
    assert noted("{ ?s <urn:n> ?o }", ["relative"], []) == 400
    text = f"{SPARQL} WITH <{A}> DELETE {{ ?s ?p ?o }} WHERE {{ ?s ?p ?o }}"
    status, _, told = send(
        "POST", f"/update?using-graph-uri={A}", text, Content_Type=UPDATE
    )
    assert status == 400
    assert "leave out one of them" in told


# --- escapes (SPARQL 1.1 Query, section 19.2) --------------------------------------


def test_letters_of_queries_and_updates_may_be_escaped(send):
    data = "\\u007B GRAPH <urn:own> { <urn:esc> <urn:p> '\\u0041' } }"
    update = f"INS\\u0045RT DATA {data}"
    assert send("POST", "/update", update, Content_Type=UPDATE)[0] == 200
    query = "SEL\\u0045CT ?\\u006F FR\\u004FM <urn:own> { <urn:e\\u0073c> <urn:p> ?o }"
    asked = "/sparql?" + urlencode({"query": query})
    status, _, text = send("GET", asked, Accept="text/csv")
    assert (status, text.split()) == (200, ["o", "A"])
    update = "CL\\u0045AR GRAPH <urn:own>"
    assert send("POST", "/update", update, Content_Type=UPDATE)[0] == 200
