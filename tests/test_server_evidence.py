"""`/queries/<name>/evidence`: what makes rows true, over HTTP, within limits."""

from __future__ import annotations

import json
import re
import time
from contextlib import suppress
from dataclasses import replace
from html import unescape
from urllib.parse import urlencode

import pyoxigraph
import pytest
from click.testing import CliRunner

from kg.cli import main
from kg.errors import QueryLimitError
from kg.graph import KnowledgeGraph
from kg.queries import Form, SavedQueries
from kg.readers import Limits, Readers
from server.app import create_app
from tests.test_row_evidence import WAYS, thick
from tests.test_server_why import nesting

BROWSER = {"Accept": "text/html,*/*;q=0.8"}
JSON = {"Accept": "application/json"}
LIMITS = Limits(seconds=20, memory_bytes=3_000_000_000, answer_bytes=10_000_000)


@pytest.fixture(scope="module")
def client(graph, settings):
    return create_app(graph, settings).test_client()


def evidence(client, name, headers=JSON, **given):
    return client.get(f"/queries/{name}/evidence?{urlencode(given)}", headers=headers)


def text_of(page):
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", page)).split())


# --- what it answers --------------------------------------------------------------


def test_json_is_that_of_the_command(client, shipped_store):
    command = ["--store", str(shipped_store), "run", "claims-about", "--json"]
    given = ["-p", "thing=salman-al-khalidi", "--rows", "3"]
    told = CliRunner().invoke(main, [*command, *given])
    asked = evidence(client, "claims-about", thing="salman-al-khalidi", limit=3)
    assert asked.get_json() == json.loads(told.output)
    assert len(asked.get_json()["rows"]) == 3


def test_a_row_is_that_of_the_answer_in_every_order(client):
    for given in ({}, {"sort": "sentBy"}, {"sort": "accreditedTo", "order": "desc"}):
        query = urlencode(given)
        shown = client.get(f"/queries/ambassadors?{query}", headers=JSON).get_json()
        for number, row in enumerate(shown["results"]["bindings"], 1):
            found = evidence(client, "ambassadors", row=number, **given).get_json()
            (one,) = found["rows"]
            told = {name: value["value"] for name, value in one["row"].items()}
            assert told == {name: value["value"] for name, value in row.items()}
            assert one["triples"]


def test_a_row_of_a_page_is_counted_from_its_first(client):
    second = evidence(client, "timeline", row=2).get_json()["rows"]
    assert evidence(client, "timeline", row=1, limit=1, offset=1).get_json()[
        "rows"
    ] == (second)


def test_pages_lead_to_the_rows_before_and_after(client):
    first = evidence(client, "timeline", limit=2)
    assert first.get_json()["complete"] is False
    (after,) = re.findall(r'<([^>]*)>; rel="next"', first.headers["Link"])
    second = client.get(after, headers=JSON)
    assert second.get_json()["rows"] != first.get_json()["rows"]
    (before,) = re.findall(r'<([^>]*)>; rel="prev"', second.headers["Link"])
    assert client.get(before, headers=JSON).get_json() == first.get_json()


def test_every_query_that_has_rows_has_a_page_of_their_evidence(client, graph):
    asked = [q for q in graph.queries.values() if q.form is not Form.CONSTRUCT]
    for saved in asked[::2]:
        name = saved.name
        answer = evidence(client, name, BROWSER, limit=2 if saved.columns else "")
        assert answer.status_code == 200, name
        nesting(answer.text)
        assert 'class="evidence-of-row"' in answer.text


def test_the_page_leads_to_passages_and_says_what_is_absent(client):
    page = evidence(client, "people-without-post", BROWSER, row=1).text
    assert re.search(r'href="/doc/source/[^"]*#s\d+"', page)
    assert "It rests on nothing saying: " in text_of(page)
    assert 'href="/queries/people-without-post"' in page


def test_a_question_for_yes_or_no_has_its_evidence(client):
    found = evidence(client, "recognition-by-state").get_json()
    assert found["columns"] == []
    assert found["rows"][0]["triples"]


def test_the_table_of_an_answer_leads_to_the_evidence_of_each_row(client):
    page = client.get("/queries/ambassadors?sort=sentBy", headers=BROWSER).text
    links = re.findall(r'<td class="evidence" role="cell"><a href="([^"]*)"', page)
    assert len(links) == page.count("<tr ") - 1
    for link in links:
        assert client.get(unescape(link), headers=BROWSER).status_code == 200


# --- what it refuses --------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "given", "status", "said"),
    [
        ("ambassadors", {"row": "99"}, 404, "the answer has no row 99"),
        ("ambassadors", {"row": "0"}, 400, "not the number of a row"),
        ("ambassadors", {"row": "9" * 30}, 400, "not the number of a row"),
        ("ambassadors", {"row": "one"}, 400, "not the number of a row"),
        ("ambassadors", {"limit": "5000"}, 400, "too much at once"),
        ("ambassadors", {"sort": "rank"}, 400, "has no column 'rank'"),
        ("ambassadors", {"state": "Kenya"}, 400, "has no parameter 'state'"),
        ("events-in-schema-org", {"row": "1"}, 400, "with triples, not with rows"),
        ("nothing-such", {}, 404, "no saved query"),
    ],
)
def test_what_does_not_fit_is_told(client, name, given, status, said):
    for headers in (JSON, BROWSER):
        answer = evidence(client, name, headers, **given)
        assert answer.status_code == status
        assert said in unescape(answer.text).replace(said.capitalize(), said)
        assert "Traceback" not in answer.text


def test_a_dataset_of_its_own_is_refused(graph, settings, tmp_path):
    text = "#+ summary: Of a graph\nSELECT ?s FROM <urn:x> { ?s ?p ?o } ORDER BY ?s\n"
    (tmp_path / "of-a-graph.rq").write_text(text, encoding="utf-8")
    own = KnowledgeGraph(graph.store, SavedQueries.read(tmp_path))
    answer = evidence(create_app(own, settings).test_client(), "of-a-graph")
    assert answer.status_code == 400
    assert "dataset of its own" in answer.get_json()["detail"]


# --- readers ----------------------------------------------------------------------


@pytest.fixture(scope="module")
def readers(shipped_store):
    pool = Readers(shipped_store, 1, LIMITS)
    yield pool
    pool.close()


def test_readers_find_what_is_found_here(client, graph, settings, readers):
    theirs = create_app(graph, settings, readers=readers).test_client()
    for given in ({"row": 1}, {"limit": 2}):
        found = evidence(theirs, "meetings", **given)
        assert found.get_json() == evidence(client, "meetings", **given).get_json()
    assert evidence(theirs, "events-in-schema-org").status_code == 400


def test_a_request_lowers_its_time_and_raises_nothing(graph, settings, readers):
    theirs = create_app(graph, settings, readers=readers).test_client()
    assert evidence(theirs, "ambassadors", timeout="soon").status_code == 400
    assert evidence(theirs, "ambassadors", timeout="900").status_code == 200
    short = evidence(theirs, "articles", timeout="0.01")
    if short.status_code == 200:  # in time, with what was found by then
        assert not all(row["complete"] for row in short.get_json()["rows"])
    else:
        assert "longer than 0.01 seconds" in short.get_json()["detail"]


def test_a_row_that_takes_long_ends_in_time_and_says_so(small_store):
    graph = thick(small_store)
    pool = Readers(graph.store.path, 1, replace(LIMITS, seconds=1.0))
    pool.query("ASK {}").close()
    began = time.monotonic()
    found = None
    with suppress(QueryLimitError):
        _, found = pool.evidence(WAYS, rows=2)
    assert time.monotonic() - began < 15
    assert found is None or not all(row.complete for row in found.rows)
    assert pool.query("ASK {}")
    pool.close()


def test_a_search_that_never_ends_is_stopped_and_others_are_answered(shipped_store):
    endless = "SELECT (COUNT(*) AS ?n) WHERE { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"
    pool = Readers(shipped_store, 1, replace(LIMITS, seconds=1.0))
    pool.query("ASK {}").close()
    with pytest.raises(QueryLimitError, match="longer than 1 seconds"):
        pool.evidence(endless)
    assert pool.query("ASK {}")
    pool.close()


def test_evidence_of_too_much_is_not_sent(shipped_store, graph):
    pool = Readers(shipped_store, 1, replace(LIMITS, answer_bytes=2000))
    with pytest.raises(QueryLimitError, match="2,000 bytes"):
        pool.evidence(graph.queries["meetings"].text, rows=20)
    pool.close()


def test_terms_survive_the_way_from_a_reader(readers, graph):
    _, found = readers.evidence(graph.queries["meetings"].text, rows=1)
    assert isinstance(found.rows[0].held[0].triple, pyoxigraph.Triple)
