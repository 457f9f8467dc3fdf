"""`/reconcile`: the manifest, matching, suggesting, previews, values; hostile input."""

from __future__ import annotations

import json
import time

import pytest
from jsonschema import Draft202012Validator as Validator

from kg.folding import letters
from kg.name_index import Named, NameIndex
from kg.terms import EXQ, NamedNode
from server.app import create_app
from tests import reconciliation_schemas as schemas

IDS = "https://w3id.org/exequatur/id/"


@pytest.fixture(scope="module")
def client(graph, settings):
    return create_app(graph, settings).test_client()


@pytest.fixture(scope="module")
def manifest(client):
    return client.get("/reconcile").get_json()


def valid(schema, answer):
    """Return the JSON of *answer*, which must be as *schema* has it."""
    assert answer.status_code == 200, answer.text
    found = answer.get_json()
    errors = [e.message for e in Validator(schema).iter_errors(found)]
    assert not errors
    return found


def match(client, query=None, **more):
    """Return the candidates for one query."""
    asked = {"q0": ({"query": query} if query is not None else {}) | more}
    answer = client.post("/reconcile", data={"queries": json.dumps(asked)})
    return valid(schemas.RESULTS, answer)["q0"]["result"]


def told(answer, status):
    assert answer.status_code == status, answer.text
    return json.loads(answer.text)


def test_the_schemas_are_schemas_and_can_fail():
    for schema in (schemas.MANIFEST, schemas.RESULTS, schemas.EXTENSION):
        Validator.check_schema(schema)
    assert not Validator(schemas.MANIFEST).is_valid({"name": "x"})
    assert not Validator(schemas.RESULTS).is_valid({"q0": []})
    wrong = {"meta": [], "rows": {"a": {"b": [{"date": "2024-05-31"}]}}}
    assert not Validator(schemas.EXTENSION).is_valid(wrong)


# --- the manifest -----------------------------------------------------------------


def test_the_manifest_is_valid_and_its_addresses_answer(client):
    found = valid(schemas.MANIFEST, client.get("/reconcile"))
    assert found["identifierSpace"] == IDS
    for address in (found["documentation"], found["logo"]):
        with client.get(address) as answer:
            assert answer.status_code == 200
    for template in (found["view"]["url"], found["preview"]["url"]):
        answer = client.get(template.replace("{{id}}", "kenya"), follow_redirects=True)
        assert answer.status_code == 200
    for service in found["suggest"].values():
        address = service["service_url"] + service["service_path"]
        assert client.get(address, query_string={"prefix": "st"}).get_json()["result"]


def test_the_default_types_are_classes_that_have_members(manifest, snapshot):
    for kind in manifest["defaultTypes"]:
        assert any(snapshot.quads(object_=NamedNode(EXQ + kind["id"]))), kind


@pytest.mark.parametrize("method", ["GET", "POST", "OPTIONS"])
def test_scripts_of_other_sites_may_ask(client, method):
    answer = client.open(
        "/reconcile",
        method=method,
        data={"queries": "{}"} if method == "POST" else None,
        headers={"Origin": "https://example.org"},
    )
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    if method == "OPTIONS":
        assert "POST" in answer.headers["Access-Control-Allow-Methods"]


def test_jsonp_is_refused(client):
    answer = client.get(
        "/reconcile?callback=alert", headers={"Accept": "application/json"}
    )
    assert "CORS" in told(answer, 400)["advice"]
    form = {"queries": "{}", "callback": "alert"}
    answer = client.post(
        "/reconcile", data=form, headers={"Accept": "application/json"}
    )
    assert "CORS" in told(answer, 400)["advice"]


# --- matching ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Abderrazzak Laassel", "abderrazzak-laassel"),
        ("Laassel", "abderrazzak-laassel"),
        ("LAÂSSEL Abderrazzak", "abderrazzak-laassel"),
        ("Abderazak Lassel", "abderrazzak-laassel"),
        ("Al Khalidi", "salman-al-khalidi"),
        ("al-khalidi", "salman-al-khalidi"),
        ("Alkhalidi", "salman-al-khalidi"),
        ("Salmān al‑Khālidī", "salman-al-khalidi"),
        ("Bourita, Nasser", "nasser-bourita"),
        ("Rensen Ingonga", "renson-ingonga"),
        ("https://w3id.org/exequatur/id/renson-ingonga", "renson-ingonga"),
        ("id:renson-ingonga", "renson-ingonga"),
        ("renson-ingonga", "renson-ingonga"),
    ],
)
def test_a_person_is_found_however_the_name_is_written(client, text, expected):
    found = match(client, text, type="Person")
    assert found[0]["id"] == expected
    assert [one["id"] for one in found[0]["type"]] == ["Person"]


def test_a_score_falls_with_the_resemblance(client):
    texts = ("Renson Ingonga", "Rensen Ingonga", "R. Ingonga")
    best = [match(client, text, type="Person")[0] for text in texts]
    scores = [one["score"] for one in best]
    assert scores == sorted(scores, reverse=True)
    assert scores[0] == 100
    assert [one["match"] for one in best] == [True, False, False]


def test_candidates_are_in_the_order_of_their_scores_and_limited(client):
    found = match(client, "Morocco", limit=3)
    assert len(found) == 3
    assert [c["score"] for c in found] == sorted(
        (c["score"] for c in found), reverse=True
    )
    assert found[0]["id"] == "morocco"


def test_every_labelled_state_and_person_is_found_by_its_label(client, graph):
    text = (
        "PREFIX exq: <https://w3id.org/exequatur/ontology#> "
        "PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#> SELECT ?s ?l ?t WHERE "
        "{ VALUES ?t { exq:Person exq:State } ?s a ?t ; rdfs:label ?l }"
    )
    rows = list(graph.query(text).rows())
    assert len(rows) > 10
    for node, label, kind in rows:
        type_ = kind.value.removeprefix(EXQ)
        best = match(client, label.value, type=[type_])[0]
        assert IDS + best["id"] == node.value
        assert best["match"]


def test_a_type_narrows_and_should_only_prefers(client):
    assert match(client, "Morocco", type="Person") == []
    assert match(client, "Morocco", type=["Person", "State"])[0]["id"] == "morocco"
    assert match(client, "Morocco", type=["Person", "State"], type_strict="all") == []
    liked = match(client, "Morocco", type="Person", type_strict="should")
    assert liked[0]["id"] == "morocco"
    assert liked[0]["score"] < 100
    assert match(client, "Morocco", type="Nonsense") == []


def test_a_class_above_counts_as_a_type(client):
    assert match(client, "Morocco", type="Agent")[0]["id"] == "morocco"
    assert match(client, "Morocco", type="exq:State")[0]["id"] == "morocco"
    assert match(client, "Morocco", type=f"{EXQ}State")[0]["id"] == "morocco"


@pytest.mark.parametrize("value", ["Morocco", {"id": "morocco"}, ["Kenya", "Morocco"]])
def test_a_property_tells_candidates_apart(client, value):
    wanted = [{"pid": "officialOf", "v": value}]
    best = match(client, "Laassel", type="Person", properties=wanted)[0]
    features = {f["id"]: f["value"] for f in best["features"]}
    assert best["id"] == "abderrazzak-laassel"
    assert features["officialOf"] == 100
    plain = match(client, "Laassel", type="Person")[0]
    wrong = [{"pid": "officialOf", "v": {"id": "iraq"}}]
    worse = match(client, "Laassel", type="Person", properties=wrong)[0]
    assert worse["score"] < plain["score"] < best["score"]


def test_a_query_of_properties_alone_finds_who_has_them(client):
    wanted = [{"pid": "isoAlpha3", "v": "KEN"}]
    found = match(client, properties=wanted)
    assert [one["id"] for one in found] == ["kenya"]
    assert found[0]["match"]


def test_a_batch_keeps_its_keys_and_comes_by_get_too(client):
    batch = {"a": {"query": "Kenya"}, "é": {"query": "Iraq"}, "": {"query": ""}}
    by_get = client.get("/reconcile", query_string={"queries": json.dumps(batch)})
    by_post = client.post("/reconcile", data={"queries": json.dumps(batch)})
    assert valid(schemas.RESULTS, by_get) == valid(schemas.RESULTS, by_post)
    assert set(by_get.get_json()) == set(batch)
    assert by_get.get_json()[""]["result"] == []


@pytest.mark.parametrize(
    ("queries", "where"),
    [
        ("nonsense", "queries, line 1"),
        ("[]", "queries"),
        ('{"q": 1}', "queries.q"),
        ('{"q": {"query": 1}}', "queries.q.query"),
        ('{"q": {"query": "x", "limit": 0}}', "queries.q.limit"),
        ('{"q": {"query": "x", "limit": "9"}}', "queries.q.limit"),
        ('{"q": {"query": "x", "limit": 1.5}}', "queries.q.limit"),
        ('{"q": {"query": "x", "limit": 1e999}}', "queries.q.limit"),
        ('{"q": {"query": "x", "limit": NaN}}', "queries"),
        ('{"q": {"query": "x", "type_strict": "never"}}', "queries.q.type_strict"),
        ('{"q": {"query": "x", "properties": [1]}}', "queries.q.properties[0]"),
        ('{"q": {"query": "x", "properties": [{"v": 1}]}}', "queries.q.properties"),
        ('{"\\ud800": {"query": "x"}}', "queries"),
        ("[" * 5000, "queries:1"),
    ],
)
def test_a_batch_that_cannot_be_read_is_400_with_the_place(client, queries, where):
    answer = client.post(
        "/reconcile", data={"queries": queries}, headers={"Accept": "application/json"}
    )
    assert told(answer, 400)["where"].startswith(where)


@pytest.mark.parametrize(
    "query",
    [
        {"query": "x" * 100_000},
        {"query": "\x00\u202e☃ <script>"},
        {"query": "'; DROP GRAPH <x> #"},
        {"query": "Kenya", "limit": 1e308},
        {"query": "Kenya", "properties": [{"pid": "isoAlpha3", "v": int("9" * 400)}]},
        {"query": "Kenya", "properties": [{"pid": "no such", "v": None}]},
        {"query": "Kenya", "type": ["> <", "", "https://["]},
        {"query": "https://w3id.org/exequatur/id/ > <"},
    ],
)
def test_hostile_queries_are_answered_or_refused(client, query):
    answer = client.post("/reconcile", data={"queries": json.dumps({"q": query})})
    assert answer.status_code in (200, 400)


def test_too_large_a_batch_is_413(client, manifest):
    batch = {f"q{n}": {"query": "x"} for n in range(manifest["batchSize"] + 1)}
    told(client.post("/reconcile", data={"queries": json.dumps(batch)},
                     headers={"Accept": "application/json"}), 413)  # fmt: skip
    batch.popitem()
    found = client.post("/reconcile", data={"queries": json.dumps(batch)})
    assert len(valid(schemas.RESULTS, found)) == manifest["batchSize"]


@pytest.mark.parametrize("data", [{}, {"query": "x"}])
def test_a_form_without_a_batch_is_400(client, data):
    headers = {"Accept": "application/json"}
    form = "application/x-www-form-urlencoded"
    answer = client.post("/reconcile", data=data, headers=headers, content_type=form)
    told(answer, 400)


# --- suggesting -------------------------------------------------------------------


def suggest(client, kind, prefix, **more):
    answer = client.get(
        f"/reconcile/suggest/{kind}", query_string={"prefix": prefix, **more}
    )
    return valid(schemas.SUGGESTIONS[kind], answer)["result"]


@pytest.mark.parametrize("prefix", ["Nass", "boUr", "nasser b", "nasser-bourita"])
def test_an_entity_is_suggested_by_the_beginning_of_a_name(client, prefix):
    assert "nasser-bourita" in [one["id"] for one in suggest(client, "entity", prefix)]


def test_suggestions_can_be_of_a_type_and_turned_over(client):
    states = suggest(client, "entity", "m", type="State")
    assert {kind["id"] for one in states for kind in one["notable"]} == {"State"}
    first = suggest(client, "entity", "s", limit=2)
    second = suggest(client, "entity", "s", limit=2, cursor=2)
    assert len({one["id"] for one in first + second}) == 4


def test_types_and_properties_are_suggested_by_name_or_identifier(client):
    assert suggest(client, "type", "state")[0]["id"] == "State"
    assert suggest(client, "type", "exq:State")[0]["id"] == "State"
    person = next(t for t in suggest(client, "type", "pers") if t["id"] == "Person")
    assert [one["id"] for one in person["broader"]] == ["Agent"]
    assert "holdsPost" in [one["id"] for one in suggest(client, "property", "holds")]
    assert suggest(client, "property", "isoAlpha3")[0]["id"] == "isoAlpha3"


@pytest.mark.parametrize("kind", ["entity", "type", "property"])
@pytest.mark.parametrize("prefix", ["", "zzzzz", "\x00", "%", "x" * 5000])
def test_a_prefix_of_nothing_is_answered(client, kind, prefix):
    suggest(client, kind, prefix)


# --- previews and values ----------------------------------------------------------


def test_a_preview_shows_the_entity_in_a_frame_of_another_page(client):
    answer = client.get("/reconcile/preview?id=renson-ingonga")
    assert "Renson Ingonga" in answer.text
    assert "<script" not in answer.text
    assert "frame-ancestors *" in answer.headers["Content-Security-Policy"]
    assert (
        "frame-ancestors 'none'" in client.get("/").headers["Content-Security-Policy"]
    )


@pytest.mark.parametrize("path", ["preview", "view"])
def test_an_unknown_identifier_is_404_with_what_is_near(client, path):
    answer = client.get(
        f"/reconcile/{path}?id=rensen-ingonga", headers={"Accept": "application/json"}
    )
    near = told(answer, 404)["candidates"]
    assert f"{IDS}renson-ingonga" in [one["iri"] for one in near]


def test_the_view_leads_to_the_document(client):
    answer = client.get("/reconcile/view?id=kenya")
    assert answer.status_code == 303
    assert answer.headers["Location"] == "/doc/kenya"


def extend(client, **wish):
    return client.post("/reconcile", data={"extend": json.dumps(wish)})


def test_properties_are_proposed_for_a_type_and_can_be_extended(client):
    answer = client.get("/reconcile/properties?type=State")
    found = valid(schemas.PROPOSALS, answer)
    assert "isoAlpha3" in [one["id"] for one in found["properties"]]
    properties = [{"id": one["id"]} for one in found["properties"][:40]]
    valid(schemas.EXTENSION, extend(client, ids=["kenya"], properties=properties))
    few = client.get("/reconcile/properties?type=Nonsense&limit=3")
    assert len(valid(schemas.PROPOSALS, few)["properties"]) == 3


def test_values_come_as_entities_texts_and_numbers(client):
    wanted = [{"id": "isoAlpha3"}, {"id": "officialOf"}, {"id": "ordinal"}]
    ids = ["kenya", "abderrazzak-laassel", "nobody"]
    found = valid(schemas.EXTENSION, extend(client, ids=ids, properties=wanted))
    assert found["rows"]["kenya"]["isoAlpha3"] == [{"str": "KEN"}]
    assert found["rows"]["abderrazzak-laassel"]["officialOf"] == [
        {"id": "morocco", "name": "Morocco"}
    ]
    assert found["rows"]["nobody"] == {"isoAlpha3": [], "officialOf": [], "ordinal": []}
    assert [one["id"] for one in found["meta"]] == [one["id"] for one in wanted]
    assert found["meta"][1]["type"]["id"] == "State"


def test_the_number_of_values_can_be_limited(client):
    wanted = [{"id": "envoyTo", "settings": {"limit": "1"}}]
    ids = ["abderrazzak-laassel"]
    found = valid(schemas.EXTENSION, extend(client, ids=ids, properties=wanted))
    assert len(found["rows"][ids[0]]["envoyTo"]) == 1
    every = [{"id": "envoyTo", "settings": {"limit": 0}}]
    found = valid(schemas.EXTENSION, extend(client, ids=ids, properties=every))
    assert len(found["rows"][ids[0]]["envoyTo"]) == 2


@pytest.mark.parametrize(
    ("wish", "status"),
    [
        ({"ids": ["kenya"], "properties": [{"id": "nonsense"}]}, 400),
        ({"ids": "kenya", "properties": []}, 400),
        ({"ids": [1], "properties": []}, 400),
        ({"ids": ["x"] * 1000, "properties": []}, 413),
    ],
)
def test_a_wish_that_cannot_be_met_is_told(client, wish, status):
    answer = client.post(
        "/reconcile",
        data={"extend": json.dumps(wish)},
        headers={"Accept": "application/json"},
    )
    told(answer, status)


# --- size -------------------------------------------------------------------------


def test_a_hundred_thousand_names_are_searched_in_no_time():
    parts = [f"{a}{b}{c}" for a in "bdfgklmnpr" for b in "aeiou" for c in "bdfgklmnpr"]
    names = [
        f"{parts[n % 500]}{parts[n // 500 % 500]} {parts[n * 7 % 499]}"
        for n in range(100_000)
    ]
    started = time.perf_counter()
    index = NameIndex(
        Named(NamedNode(f"{IDS}{n}"), name, (letters(name),))
        for n, name in enumerate(names)
    )
    built = time.perf_counter() - started
    started = time.perf_counter()
    for n in range(0, 100_000, 5_000):
        wrong = names[n][:2] + "x" + names[n][3:]
        near = index.resembling(wrong, lambda _: True, limit=5)
        assert names[n] in [one.named.label for one in near]
    each = (time.perf_counter() - started) / 20
    assert built < 20
    assert each < 0.5
