"""Attacks on tokens: told by addresses and by the clock, used past their scope."""

from __future__ import annotations

import hashlib
import hmac
import itertools
import json
import logging
from urllib.parse import quote

import pytest
from flask import Flask

from kg.errors import TokenError
from kg.terms import BASE
from kg.tokens import TokenFile
from tests.small_store import EX
from tests.writing import ATLAS, TOWN, UPDATE, Site, bearer

UNKNOWN = "exqt_" + "A" * 43
READS = ("GET", "HEAD", "OPTIONS")
VERBS = (*READS, "POST", "PUT", "PATCH", "DELETE", "TRACE", "CONNECT",
         "PROPFIND", "MKCOL", "COPY", "MOVE", "LINK", "QUERY", "FOO")  # fmt: skip


@pytest.fixture
def site(small_store):
    return Site(small_store)


# --- in addresses -----------------------------------------------------------------


def percent(text):
    return "".join(f"%{ord(character):02x}" for character in text)


def spellings(secret):
    """Ways to write a token in an address, each of which some log shows as it is."""
    return [
        secret,
        percent(secret),
        quote(percent(secret)),
        quote(quote(percent(secret))),
    ]


@pytest.mark.parametrize(
    "place",
    [
        "/status?x={}",
        "/status?{}",
        "/status?{}=1",
        "/status?a=1&b=2&x=before{}",
        "/status?token={}",
        "/status?Authorization=Bearer+{}",
        "/sparql?query=ASK+%7B%7D&access_token={}",
        "/update?access_token={}",
        "/id/{}",
        "/doc/{}.ttl",
        "/graphs/{}",
        "/queries/{}",
        "/static/{}",
        "/nothing/{}",
    ],
)
def test_a_token_in_an_address_is_refused_however_it_is_spelled(site, place, caplog):
    secret = site.token("write:*")["Authorization"].removeprefix("Bearer ")
    for spelled in spellings(secret):
        with caplog.at_level(logging.INFO, logger="exequatur"):
            answer = site.client.get(place.format(spelled))
        assert answer.status_code == 400, spelled
        assert secret not in answer.text
        assert secret not in str(answer.headers)
    written = [str(record.__dict__) for record in caplog.records]
    assert len(written) == 4
    assert not any(secret in line or percent(secret) in line for line in written)


@pytest.mark.parametrize(
    "name",
    [
        "access_token",
        "ACCESS_TOKEN",
        "Access_Token",
        "%61ccess_token",
        "access%5Ftoken",
        "access%255ftoken",
    ],
)
def test_the_parameter_for_tokens_is_refused_in_any_spelling(site, name):
    headers = site.token("write:*")
    for verb in ("GET", "POST", "PUT"):
        answer = site.send(verb, f"/graphs?default&{name}=x", TOWN, headers)
        assert answer.status_code == 400
    assert site.version == 1


def test_the_id_of_a_request_is_no_place_for_a_token(site):
    secret = site.token("write:*")["Authorization"].removeprefix("Bearer ")
    answer = site.client.get("/status", headers={"X-Request-Id": secret})
    assert secret not in str(answer.headers)


def test_no_answer_repeats_the_header_with_the_token(site):
    headers = site.token("validate")
    secret = headers["Authorization"].removeprefix("Bearer ")
    for verb, address in itertools.product(VERBS, ["/", "/update", ATLAS, "/nothing"]):
        for value in (headers["Authorization"], secret, f"Basic {secret}"):
            sent = {"Authorization": value, "Accept": "text/html"}
            answer = site.send(verb, address, TOWN, sent)
            assert secret not in answer.text + str(answer.headers), (verb, address)


# --- by the clock -----------------------------------------------------------------


@pytest.fixture
def watched(monkeypatch):
    """Count what is hashed, and what is compared with what."""
    seen: dict[str, list[tuple[int, int]]] = {"hashed": [], "compared": []}
    compare, digest = hmac.compare_digest, hashlib.sha256

    def comparing(one, other):
        seen["compared"].append((len(one), len(other)))
        return compare(one, other)

    def hashing(*given):
        seen["hashed"].append((1, 1))
        return digest(*given)

    monkeypatch.setattr(hmac, "compare_digest", comparing)
    monkeypatch.setattr(hashlib, "sha256", hashing)
    return seen


@pytest.mark.parametrize("which", ["first", "last", "unknown", "empty", "huge"])
def test_every_token_costs_the_same(tmp_path, watched, which):
    tokens = TokenFile(tmp_path / "tokens.json")
    made = [tokens.add(f"t{number}", ["validate"]) for number in range(5)]
    secret = {"first": made[0], "last": made[-1], "unknown": UNKNOWN, "empty": "",
              "huge": "x" * 100_000}[which]  # fmt: skip
    watched["hashed"].clear()
    watched["compared"].clear()
    assert (tokens.find(secret) is not None) == (which in ("first", "last"))
    assert watched == {"hashed": [(1, 1)], "compared": [(64, 64)] * 5}


def test_tokens_are_compared_by_nothing_else(tmp_path, monkeypatch):
    tokens = TokenFile(tmp_path / "tokens.json")
    secret = tokens.add("Ada", ["admin"])
    monkeypatch.setattr(hmac, "compare_digest", lambda one, other: False)
    assert tokens.find(secret) is None


@pytest.mark.parametrize("digest", ["é" * 64, "", "x" * 64, 7, None, ["a"]])
def test_a_digest_that_is_none_makes_the_file_unusable(tmp_path, digest):
    tokens = TokenFile(tmp_path / "tokens.json")
    secret = tokens.add("Ada", ["admin"])
    content = json.loads(tokens.path.read_text(encoding="utf-8"))
    content["tokens"][0]["digest"] = digest
    tokens.path.write_text(json.dumps(content), encoding="utf-8")
    with pytest.raises(TokenError, match="cannot be used"):
        tokens.find(secret)


# --- after revocation -------------------------------------------------------------


def test_a_token_that_is_replayed_after_it_was_revoked_is_refused(site):
    """Under the same name, with another token there, and where none is left."""
    old = site.token("write:*")
    assert site.send("PUT", ATLAS, TOWN, old).status_code in (200, 204)
    now = site.version
    site.tokens.revoke("Ada")
    assert site.send("PUT", ATLAS, "", old).status_code in (401, 403)
    new = site.token("write:*")
    for verb in ("PUT", "POST", "DELETE"):
        assert site.send(verb, ATLAS, TOWN, old).status_code == 401
    assert site.version == now
    assert site.send("DELETE", ATLAS, "", new).status_code in (200, 204)


def test_a_request_replayed_whole_changes_nothing_where_it_names_its_version(site):
    headers = site.token("write:*")
    sent = {**headers, "If-Match": site.tag(ATLAS)}
    assert site.send("POST", ATLAS, TOWN, sent).status_code in (200, 204)
    assert site.send("DELETE", ATLAS, "", headers).status_code in (200, 204)
    assert site.send("POST", ATLAS, TOWN, sent).status_code == 412


# --- scopes -----------------------------------------------------------------------

GRAPHS = {
    "ours": f"{BASE}source/story",
    "ours, longer": f"{BASE}source/story#s01",
    "another": f"{BASE}source/other",
    "elsewhere": f"{EX}atlas",
    "the unsourced": f"{BASE}graph/unsourced",
}
SCOPES = {
    "validate": set(),
    f"write:{BASE}source/story": {"ours"},
    f"write:{BASE}source/story*": {"ours", "ours, longer"},
    f"write:{BASE}source/*": {"ours", "ours, longer", "another"},
    f"write:{BASE}graph/unsourced": {"the unsourced"},
    "write:*": {*GRAPHS},
    "admin": {*GRAPHS},
}
TRIPLE = "<urn:x> <urn:y> 1 ."


def requests(graph):
    """Each way to write to *graph*: verb, address, media type, body.

    Each states a triple of its own, and the last removes what there is.
    """
    named = f"/graphs?graph={quote(graph, safe='')}"
    triples = [f"<urn:x> <urn:y> {number} ." for number in range(7)]
    into = [f"GRAPH <{graph}> {{ {one} }}" for one in triples]
    by_update = [
        f"INSERT DATA {{ {into[0]} }}",
        f"INSERT {{ {into[1]} }} WHERE {{}}",
        f"WITH <{graph}> INSERT {{ {triples[2]} }} WHERE {{}}",
        f"INSERT DATA {{ {into[3]} }} ; DELETE DATA {{ GRAPH <{graph}> "
        "{ <urn:q> <urn:q> 1 } }",
    ]
    return [
        ("PUT", named, "text/turtle", triples[4]),
        ("POST", named, "text/turtle", triples[5]),
        ("PATCH", named, UPDATE, f"INSERT DATA {{ {triples[6]} }}"),
        *(("POST", "/update", UPDATE, text) for text in by_update),
        ("DELETE", named, "text/turtle", ""),
    ]


@pytest.mark.parametrize("scope", SCOPES)
def test_a_scope_holds_for_each_verb_and_each_graph(site, scope):
    """What is covered is written, by every verb; what is not, by none."""
    headers = site.token(scope)
    for name, graph in GRAPHS.items():
        for verb, address, media_type, text in requests(graph):
            before = site.version
            sent = {"data": text, "content_type": media_type, "headers": headers}
            answer = site.client.open(address, method=verb, **sent)
            if name in SCOPES[scope]:
                assert answer.status_code < 300, (graph, verb, answer.text)
                assert site.version == before + 1, (graph, verb, text)
            else:
                assert answer.status_code == 403, (graph, verb, answer.text)
                assert site.version == before


@pytest.mark.parametrize(
    "text",
    [
        "MOVE <{0}> TO <{1}>",
        "COPY <{0}> TO <{1}>",
        "ADD <{0}> TO <{1}>",
        "MOVE <{1}> TO <{0}>",
        "DROP ALL",
        "CLEAR NAMED",
        "DELETE {{ GRAPH ?g {{ ?s ?p ?o }} }} WHERE {{ GRAPH ?g {{ ?s ?p ?o }} }}",
        "INSERT {{ GRAPH ?g {{ <urn:x> ?p 2 }} }} WHERE {{ GRAPH ?g {{ ?s ?p ?o }} }}",
    ],
)
def test_no_operation_reaches_a_graph_beside_those_of_the_scope(site, text):
    ours, other = GRAPHS["ours"], GRAPHS["elsewhere"]
    headers = site.token(f"write:{ours}")
    done = site.client.put(f"/graphs?graph={quote(ours)}", data=TRIPLE,
                           content_type="text/turtle", headers=headers)  # fmt: skip
    assert done.status_code == 201
    before = site.version
    answer = site.client.post("/update", data=text.format(ours, other),
                              content_type=UPDATE, headers=headers)  # fmt: skip
    assert answer.status_code in (400, 403), answer.text
    assert site.version == before


@pytest.mark.parametrize("scope", ["write:*", "admin"])
@pytest.mark.parametrize("name", ["log", "ontology", "report", "queries", "shapes"])
def test_no_scope_covers_what_the_program_keeps(site, scope, name):
    headers = site.token(scope)
    graph = f"{BASE}graph/{name}"
    for verb, address, media_type, text in requests(graph):
        answer = site.client.open(address, method=verb, data=text,
                                  content_type=media_type, headers=headers)  # fmt: skip
        assert answer.status_code in (400, 403), (verb, text)
    assert site.version == 1


# --- without one ------------------------------------------------------------------


def addresses(app: Flask):
    """An address for each rule, its places filled in with what is there."""
    fill = {"local": "atlas", "name": "towns", "space": "source", "kind": "entity",
            "what": "id/x", "filename": "site.css"}  # fmt: skip
    for rule in app.url_map.iter_rules():
        values = {name: fill.get(name, "1") for name in rule.arguments}
        built = rule.build(values)
        yield built[1] if built else str(rule)


@pytest.mark.parametrize("others_have_tokens", [False, True])
@pytest.mark.parametrize("shown", ["nothing", "an unknown token", "one to validate"])
def test_no_verb_at_any_address_writes(site, others_have_tokens, shown):
    if others_have_tokens:
        site.token("admin", name="other")
    headers = {
        "nothing": dict,
        "an unknown token": lambda: bearer(UNKNOWN),
        "one to validate": lambda: site.token("validate", name="v"),
    }[shown]()
    found = {*addresses(site.client.application), ATLAS, "/graphs?default"}
    assert len(found) > 35
    bodies = [("text/turtle", TRIPLE), (UPDATE, f"INSERT DATA {{ {TRIPLE} }}")]
    for address, verb in itertools.product(sorted(found), VERBS):
        for media_type, text in bodies:
            sent = {"data": text, "content_type": media_type, "headers": headers}
            answer = site.client.open(address, method=verb, **sent)
            answer.close()
            if verb not in (*READS, "POST") or (
                verb == "POST" and address.startswith(("/graphs", "/update"))
            ):
                assert answer.status_code in (401, 403, 405), (verb, address)
            assert answer.status_code < 500, (verb, address)
            assert site.version == 1, (verb, address)


@pytest.mark.parametrize(
    "header",
    ["X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override", "_method"],
)
def test_no_header_changes_the_verb(site, header):
    for address in ("/sparql?query=ASK%7B%7D", ATLAS, "/graphs?default&_method=DELETE"):
        site.client.get(address, headers={header: "DELETE"})
        site.client.post(address, headers={header: "DELETE"})
    assert site.version == 1
