"""`/queries`: the list, every saved query over HTTP, parameters, the page."""

from __future__ import annotations

import csv
import io
import json
import re
from html import unescape
from html.parser import HTMLParser
from urllib.parse import parse_qs, urlsplit
from weakref import WeakKeyDictionary

import pytest
from rdflib import RDF, SH, Graph, URIRef

from kg.change import parse_rdf
from kg.formats import Kind, by_name, for_kind
from kg.paging import Page, counting, paged
from kg.queries import Form, read_query
from kg.query_triples import service_triples
from kg.store import parsed
from kg.terms import BASE, EXQ, NamedNode
from server.answering import answering
from server.app import create_app
from server.queries import by_tag, by_theme

BROWSER = {"Accept": "text/html,*/*;q=0.8"}
CSV = {"Accept": "text/csv"}
PROGRAM = {"Accept": "application/json"}


@pytest.fixture(scope="module")
def client(graph, settings):
    return create_app(graph, settings).test_client()


def rows(answer):
    assert answer.status_code == 200, answer.text
    return list(csv.DictReader(io.StringIO(answer.text)))


# --- the list ---------------------------------------------------------------------


def test_the_list_names_every_query_with_its_parameters(client, graph):
    listed = client.get("/queries", headers=PROGRAM).get_json()
    assert [entry["name"] for entry in listed] == list(graph.queries)
    for entry in listed:
        saved = graph.queries[entry["name"]]
        assert entry["summary"] == saved.summary
        assert [p["name"] for p in entry["parameters"]] == [
            p.name for p in saved.parameters
        ]
        assert client.head(entry["href"]).status_code == 200


@pytest.mark.parametrize("entry", for_kind(Kind.GRAPH), ids=lambda entry: entry.name)
def test_the_list_comes_as_rdf(client, graph, entry):
    answer = client.get("/queries", headers={"Accept": entry.media_type})
    assert answer.mimetype == entry.media_type
    subjects = {str(q.subject) for q in parse_rdf(answer.data, entry, source="")}
    assert any(next(iter(graph.queries)) in subject for subject in subjects)


def test_the_list_is_a_page_with_each_query_under_each_tag(client, graph):
    page = client.get("/queries", headers=BROWSER).text
    for name in graph.queries:
        assert f'href="/queries/{name}"' in page


def test_themes_have_each_query_once(graph):
    saved = list(graph.queries.values())
    assert sum(map(len, by_theme(saved).values())) == len(saved)
    tagged = by_tag(saved)
    assert all(query in tagged[tag] for query in saved for tag in query.tags)


# --- answers ----------------------------------------------------------------------


def test_every_query_answers_as_a_page_and_as_data(client, graph):
    for name, saved in graph.queries.items():
        page = client.get(f"/queries/{name}", headers=BROWSER)
        assert page.status_code == 200, page.text
        answer = client.get(f"/queries/{name}")
        assert answer.status_code == 200
        if saved.columns:
            assert json.loads(answer.data)["head"]["vars"] == list(saved.columns)


def test_a_parameter_is_a_label_a_short_name_an_alias_or_an_iri(client):
    path = "/queries/posts-of-state"
    expected = rows(client.get(path, query_string={"state": "Morocco"}, headers=CSV))
    assert {row["person"] for row in expected} >= {"Abderrazzak Laassel"}
    for value in (
        "morocco",
        "MOROCCO",
        "Kingdom",
        "id:morocco",
        "https://w3id.org/exequatur/id/morocco",
        "<https://w3id.org/exequatur/id/morocco>",
    ):
        asked = client.get(path, query_string={"state": value}, headers=CSV)
        assert rows(asked) == expected


def test_an_empty_parameter_counts_as_not_given(client):
    path = "/queries/posts-of-state"
    expected = client.get(path, headers=CSV).data
    assert client.get(f"{path}?state=", headers=CSV).data == expected


@pytest.mark.parametrize("entry", for_kind(Kind.RESULTS), ids=lambda entry: entry.name)
def test_an_answer_comes_in_every_format(client, entry):
    by_header = client.get("/queries/meetings", headers={"Accept": entry.media_type})
    by_name_ = client.get(f"/queries/meetings?format={entry.name}", headers=BROWSER)
    assert by_header.mimetype == by_name_.mimetype == entry.media_type
    assert by_header.data == by_name_.data


# --- errors -----------------------------------------------------------------------


def told(answer, status):
    assert answer.status_code == status
    assert answer.mimetype == "application/problem+json"
    return json.loads(answer.data)


def test_an_unknown_query_is_404_with_what_there_is(client):
    answer = told(client.get("/queries/post-of-state", headers=PROGRAM), 404)
    assert "posts-of-state" in answer["advice"]


def test_an_unknown_parameter_is_400_with_what_there_is(client):
    path = "/queries/posts-of-state?stat=Kenya"
    answer = told(client.get(path, headers=PROGRAM), 400)
    assert "state" in answer["advice"]


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("posts-of-state?state=Kenia", "Kenya"),
        ("posts-of-state?state=Nairobi%20talks%20of%20nobody", "label"),
        ("timeline?after=yesterday", "date"),
    ],
)
def test_a_value_that_does_not_fit_is_400_with_what_would(client, path, expected):
    answer = told(client.get(f"/queries/{path}", headers=PROGRAM), 400)
    assert expected in answer["advice"]


def test_a_parameter_given_twice_is_400(client):
    path = "/queries/posts-of-state?state=Kenya&state=Morocco"
    told(client.get(path, headers=PROGRAM), 400)


def test_a_value_cannot_break_out_of_its_place(client):
    value = '" } } SELECT * WHERE { ?s ?p ?o } #'
    path = "/queries/posts-of-state"
    answer = client.get(path, query_string={"state": value}, headers=PROGRAM)
    assert answer.status_code == 400
    iri = "<https://x.invalid/> } ?s ?p ?o #>"
    answer = client.get(path, query_string={"state": iri}, headers=PROGRAM)
    assert answer.status_code == 400


def test_a_format_that_does_not_fit_is_406(client):
    told(client.get("/queries/meetings", headers={"Accept": "text/turtle"}), 406)


# --- the page ---------------------------------------------------------------------


class Controls(HTMLParser):
    """The form controls of a page, and the labels it has for them."""

    def __init__(self):
        super().__init__()
        self.labels, self.ids, self.values = set(), {}, {}

    def handle_starttag(self, tag, attrs):
        found = dict(attrs)
        if tag == "label":
            self.labels.add(found.get("for"))
        if tag in {"input", "select", "textarea"}:
            self.ids[found.get("name")] = found.get("id")
            self.values[found.get("name")] = found.get("value")


def controls(page):
    parser = Controls()
    parser.feed(page)
    return parser


def test_the_form_has_a_labelled_field_for_every_parameter(client, graph):
    for name, saved in graph.queries.items():
        found = controls(client.get(f"/queries/{name}", headers=BROWSER).text)
        assert {p.name for p in saved.parameters} <= set(found.ids)
        assert set(found.ids.values()) <= found.labels


def test_the_defaults_that_a_form_shows_are_understood_when_it_is_sent(client, graph):
    for name, saved in graph.queries.items():
        found = controls(client.get(f"/queries/{name}", headers=BROWSER).text)
        shown = {p.name: found.values[p.name] or "" for p in saved.parameters}
        sent = client.get(f"/queries/{name}", query_string=shown)
        assert sent.status_code == 200, sent.text
        assert sent.data == client.get(f"/queries/{name}").data, name


def test_the_page_shows_an_error_beside_the_form(client):
    page = client.get("/queries/posts-of-state?state=Kenia", headers=BROWSER)
    assert page.status_code == 400
    assert 'value="Kenia"' in page.text
    assert "Kenya" in page.text


def test_labels_in_an_answer_lead_to_what_they_name(client):
    page = client.get("/queries/posts-of-state?state=Kenya", headers=BROWSER).text
    assert '<a href="/doc/renson-ingonga">Renson Ingonga</a>' in page


def test_the_query_behind_an_answer_is_shown_and_can_be_changed(client):
    page = client.get("/queries/posts-of-state?state=Morocco", headers=BROWSER).text
    assert "VALUES ?state { &lt;https://w3id.org/exequatur/id/morocco&gt; }" in page
    assert 'href="/sparql?query=' in page


def test_downloads_keep_the_parameters(client):
    page = client.get("/queries/posts-of-state?state=Morocco", headers=BROWSER).text
    assert "/queries/posts-of-state?state=Morocco&amp;format=csv" in page


def test_turtle_of_the_list_is_the_graph_of_queries(client, snapshot):
    answer = client.get("/queries?format=turtle")
    found = parse_rdf(answer.data, by_name("turtle"), source="")
    assert len(found) > 100


# --- pages of a table -------------------------------------------------------------


def links(answer):
    found = re.findall(r'<([^>]*)>; rel="(\w+)"', answer.headers["Link"])
    return {relation: href for href, relation in found}


@pytest.mark.parametrize("first", ["limit=2", "limit=2&page=1", "limit=2&offset=0"])
def test_following_next_gives_every_row_once_and_in_order(client, first):
    whole = client.get("/queries/posts-of-state?state=Morocco", headers=CSV)
    href, found = f"/queries/posts-of-state?state=Morocco&{first}", []
    while href:
        answer = client.get(href, headers=CSV)
        found += rows(answer)
        assert answer.headers["X-Total-Count"] == str(len(rows(whole)))
        href = links(answer).get("next")
    assert found == rows(whole)


def test_every_table_is_paged_and_counted(client, graph):
    for name, saved in graph.queries.items():
        whole = client.get(f"/queries/{name}", headers=CSV)
        page = client.get(f"/queries/{name}?limit=3&offset=1", headers=CSV)
        if saved.form is Form.SELECT:
            assert rows(page) == rows(whole)[1:4], name
            assert page.headers["X-Total-Count"] == str(len(rows(whole))), name
        else:
            told(client.get(f"/queries/{name}?limit=3", headers=PROGRAM), 400)


def test_previous_and_last_lead_back_and_to_the_end(client):
    path = "/queries/posts-of-state?state=Morocco&limit=1"
    last = client.get(links(client.get(path, headers=CSV))["last"], headers=CSV)
    assert "next" not in links(last)
    before = client.get(links(last)["prev"], headers=CSV)
    assert "next" in links(before)
    assert "prev" not in links(client.get(links(before)["first"], headers=CSV))


def test_a_page_beyond_the_end_is_empty_and_leads_back(client):
    path = "/queries/posts-of-state?state=Morocco&limit=2&page=9"
    answer = client.get(path, headers=CSV)
    assert rows(answer) == []
    assert rows(client.get(links(answer)["prev"], headers=CSV))


@pytest.mark.parametrize(
    "asked", ["limit=0", "limit=-1", "limit=x", "limit=99999999", "offset=-1", "page=0",
              "page=2&offset=3", "limit=1&limit=2", "limit=1%3BDROP"],
)  # fmt: skip
def test_a_page_that_cannot_be_is_400(client, asked):
    told(client.get(f"/queries/meetings?{asked}", headers=PROGRAM), 400)


def test_the_page_for_people_leads_to_the_next_rows(client):
    page = client.get("/queries/posts-of-state?state=Morocco&limit=1", headers=BROWSER)
    assert 'rel="next"' in page.text
    assert "offset=1" in page.text


def test_a_query_with_a_limit_of_its_own_is_paged_within_it(tmp_path):
    path = tmp_path / "few.rq"
    path.write_text(
        "#+ summary: Few\nSELECT ?s WHERE { ?s ?p ?o } ORDER BY ?s LIMIT 5 # all\n",
        encoding="utf-8",
    )
    query = read_query(path)
    text = paged(query, query.text, Page(limit=2, offset=4))
    assert text.endswith("ORDER BY ?s\nLIMIT 2 OFFSET 4\n")
    assert "LIMIT 5" in text
    assert parsed(text).variables == ("s",)
    assert parsed(counting(query, query.text)).variables == ("total",)


# --- the query itself -------------------------------------------------------------


def test_every_query_is_published_as_a_shacl_executable(client, graph):
    for name, saved in graph.queries.items():
        answer = client.get(f"/queries/{name}/definition")
        assert answer.mimetype == "text/turtle"
        said = Graph().parse(data=answer.text, format="turtle")
        node = URIRef(f"{BASE}query/{name}")
        assert (node, RDF.type, SH.SPARQLExecutable) in said
        text = said.value(node, SH[str(saved.form)])
        assert str(text) == saved.text
        declared = said.objects(said.value(node, SH.prefixes), SH.declare)
        known = {str(said.value(one, SH.prefix)) for one in declared}
        assert set(saved.prefixes) <= known


def test_a_definition_names_the_service_by_the_base_and_not_by_the_host(client):
    headers = {"Host": "made-up.example", "X-Forwarded-Host": "made-up.example"}
    answer = client.get("/queries/meetings/definition", headers=headers)
    said = Graph().parse(data=answer.text, format="turtle")
    node = URIRef(f"{BASE}query/meetings")
    targets = set(said.objects(node, URIRef("https://schema.org/target")))
    assert targets == {URIRef(f"{BASE}sparql")}
    assert "made-up" not in answer.text


def test_a_definition_comes_as_text_that_can_be_asked(client):
    answer = client.get("/queries/meetings/definition?format=sparql")
    assert answer.mimetype == "application/sparql-query"
    asked = client.post("/sparql", data=answer.text, headers=CSV,
                        content_type="application/sparql-query")  # fmt: skip
    assert rows(asked) == rows(client.get("/queries/meetings", headers=CSV))


def test_the_iri_of_a_query_leads_to_its_definition(client):
    answer = client.get("/query/meetings")
    assert answer.status_code == 303
    assert answer.headers["Location"] == "/queries/meetings/definition"
    listed = client.get("/queries", headers=PROGRAM).get_json()
    assert {client.head(one["definition"]).status_code for one in listed} == {200}


def test_the_service_lists_the_queries(graph):
    service = NamedNode("http://127.0.0.1/sparql")
    said = list(service_triples(graph.queries.values(), service, service.value))
    parts = {t.object for t in said if t.subject == service}
    assert parts == {NamedNode(f"{BASE}query/{name}") for name in graph.queries}


# --- completing names -------------------------------------------------------------


def completed(client, **asked):
    answer = client.get("/search/names", query_string=asked)
    assert answer.status_code == 200, answer.text
    return answer.get_json()["results"]


def test_names_are_completed_to_what_a_field_understands(client):
    found = completed(client, prefix="mor", of=f"{EXQ}State")
    assert [one["value"] for one in found] == ["Morocco"]
    assert found[0]["kind"] == "state"
    for one in completed(client, prefix="la"):
        path = "/queries/evidence-for-entity"
        answer = client.get(path, query_string={"entity": one["value"]})
        assert answer.status_code == 200, one


def test_claims_come_after_those_who_make_them(client):
    kinds = [one["kind"] for one in completed(client, prefix="laass")]
    assert "person" in kinds[:3]
    assert "claim" in kinds
    assert set(kinds[kinds.index("claim") :]) == {"claim"}


def test_what_is_misspelt_is_completed_to_what_it_resembles(client):
    assert (
        completed(client, prefix="Marocco", of=f"{EXQ}State")[0]["label"] == "Morocco"
    )


@pytest.mark.parametrize(
    "typed", ["Al Khalidi", "al-khalidi", "AL KHÁLIDI", "alkhalidi", "khalidi"]
)
def test_a_name_is_found_however_it_is_written(client, typed):
    found = completed(client, prefix=typed)[0]
    assert "Khalidi" in found["label"]
    assert found["href"] == "/doc/salman-al-khalidi"
    assert found["kind"] == "person"


def test_a_name_that_is_not_the_label_is_told_with_it(client):
    found = completed(client, prefix="east-african c")[0]
    assert (found["label"], found["alias"]) == ("Kenya", "East African country")
    assert completed(client, prefix="moro")[0]["alias"] == ""


@pytest.mark.parametrize("asked", [{}, {"prefix": ""}, {"prefix": "x", "of": "> <"}])
def test_nothing_is_completed_to_nothing(client, asked):
    assert completed(client, **asked) == []


def test_a_field_says_where_its_names_are_and_works_without_a_script(client):
    page = client.get("/queries/posts-of-state", headers=BROWSER).text
    assert 'data-names="/search/names?of=' in page
    assert '<datalist id="o-state">' in page


def test_a_field_offers_no_list_where_there_is_too_much(client, monkeypatch):
    monkeypatch.setattr("server.queries._MOST_CHOICES", 2)
    monkeypatch.setattr("server.queries._FIELDS", WeakKeyDictionary())
    page = client.get("/queries/posts-of-state", headers=BROWSER).text
    assert 'data-names="/search/names?of=' in page
    assert "<datalist" not in page


def test_the_rows_of_an_answer_are_counted_once_for_all_its_pages(client, monkeypatch):
    asked = []

    def heard(text, **named):
        asked.append(text)
        return answering(text, **named)

    monkeypatch.setattr("server.queries._TOTALS", WeakKeyDictionary())
    monkeypatch.setattr("server.queries.answering", heard)
    found = [
        client.get(f"/queries/{name}?limit=2&page={page}").headers["X-Total-Count"]
        for name in ("posts-of-state", "timeline")
        for page in (1, 2)
    ]
    assert found[0] == found[1] != found[2] == found[3]
    assert sum("AS ?total" in text for text in asked) == 2
    assert len(asked) == 6


def test_the_number_of_a_row_leads_to_its_evidence(client):
    asked = {"row": "2", "state": "kenya"}
    refused = client.get("/queries/posts-of-state", query_string=asked)
    assert refused.status_code == 400
    href = next(word for word in refused.text.split() if "/evidence?" in word)
    assert client.get(href, headers=BROWSER).status_code == 200
    page = client.get("/queries/posts-of-state", query_string=asked, headers=BROWSER)
    assert page.status_code == 400
    assert "/queries/posts-of-state/evidence?row=2" in page.text


# --- the order of rows ------------------------------------------------------------


def linked(pattern, page):
    found = re.search(pattern, page)
    assert found, page
    return unescape(found[1])


def column(client, name, wanted, **given):
    query = "&".join(f"{key}={value}" for key, value in given.items())
    return [
        r[wanted] for r in rows(client.get(f"/queries/{name}?{query}", headers=CSV))
    ]


def test_numbers_are_sorted_as_numbers(client):
    for order, is_falling in (("asc", False), ("desc", True)):
        found = column(
            client, "vocabulary-usage", "asserted", sort="asserted", order=order
        )
        assert list(map(int, found)) == sorted(map(int, found), reverse=is_falling)
        assert found != sorted(found, reverse=is_falling), "as texts"


def test_dates_are_sorted_as_dates_and_what_has_none_is_last(client):
    for order in ("asc", "desc"):
        found = column(client, "timeline", "earliest", sort="earliest", order=order)
        dated = [day for day in found if day]
        assert dated == sorted(dated, reverse=order == "desc")
        assert found == dated + [""] * (len(found) - len(dated))
        assert 0 < len(dated) < len(found)


def test_iris_are_sorted_by_their_last_part_without_regard_to_case(client):
    terms = column(client, "vocabulary-usage", "term", sort="term")
    found = [re.split("[/#]", term)[-1] for term in terms]
    assert [name.lower() for name in found] == sorted(name.lower() for name in found)
    assert found != sorted(found)
    assert terms != sorted(terms)


def test_sorting_changes_neither_rows_nor_columns(client, graph):
    for name in list(graph.queries)[::8]:
        saved = graph.queries[name]
        if saved.form is not Form.SELECT:
            continue
        whole = client.get(f"/queries/{name}", headers=CSV).text
        last = saved.columns[-1]
        turned = client.get(f"/queries/{name}?sort={last}", headers=CSV).text
        assert sorted(turned.splitlines()) == sorted(whole.splitlines())
        assert turned.splitlines()[0] == whole.splitlines()[0]


def test_pages_of_a_sorted_table_fit_together(client):
    whole = column(client, "timeline", "thing", sort="wording", order="desc")
    parts = [
        name
        for offset in range(0, len(whole), 5)
        for name in column(
            client, "timeline", "thing", sort="wording", order="desc",
            limit=5, offset=offset,
        )
    ]  # fmt: skip
    assert parts == whole


def test_a_page_for_people_has_a_hundred_rows_and_leads_to_the_others(client):
    whole = rows(client.get("/queries/vocabulary-usage", headers=CSV))
    assert len(whole) > 200
    address = "/queries/vocabulary-usage"
    seen: list[str] = []
    while address:
        page = client.get(address, headers=BROWSER).text
        shown = page.count("<tr role") - 1
        assert f"Rows {len(seen) + 1} to {len(seen) + shown} of {len(whole)}." in page
        assert 'href="/queries/vocabulary-usage?format=csv"' in page
        seen += re.findall(r"<tr role[^>]*>\s*<td[^>]*>(?:<a [^>]*>)?([^<]*)<", page)
        found = re.search(r'<a href="([^"]*)" rel="next"', page)
        address = unescape(found[1]) if found else ""
        assert shown == 100 or not address
    assert len(seen) == len(whole)
    assert len(set(seen)) == len({row["term"] for row in whole})


def test_what_fits_a_page_is_not_counted(client, monkeypatch):
    monkeypatch.setattr("server.queries._total", None)
    page = client.get("/queries/ambassadors", headers=BROWSER)
    assert page.status_code == 200
    assert page.headers["X-Total-Count"] == str(page.text.count("<tr role") - 1)
    assert 'rel="next"' not in page.headers["Link"]


def test_the_head_of_each_column_sorts_by_it_one_way_and_then_the_other(client):
    page = client.get("/queries/ambassadors", headers=BROWSER).text
    assert page.count('aria-sort="none"') == 4
    for state in ("none", "ascending"):
        link = linked(rf'aria-sort="{state}"><a href="([^"]*)"[^>]*>sent by<', page)
        page = client.get(link, headers=BROWSER).text
    assert 'aria-sort="descending"' in page
    assert "sort=sentBy&amp;order=desc&amp;format=csv" in page


@pytest.mark.parametrize(
    "asked",
    [
        "ambassadors?sort=rank",
        "ambassadors?sort=sentBy&order=up",
        "ambassadors?order=asc",
        "recognition-by-state?sort=state",
        "ambassadors?sort=a&sort=b",
    ],
)
def test_an_order_that_does_not_fit_is_400(client, asked):
    for headers in (PROGRAM, BROWSER):
        answer = client.get(f"/queries/{asked}", headers=headers)
        assert answer.status_code == 400


def test_the_permalink_names_things_by_their_iris(client):
    page = client.get("/queries/posts-of-state?state=Kenya", headers=BROWSER).text
    link = linked(r'<a href="([^"]*)" rel="bookmark"', page)
    assert link == (
        "/queries/posts-of-state?state=https%3A%2F%2Fw3id.org%2Fexequatur%2Fid%2Fkenya"
    )
    assert rows(client.get(link, headers=CSV)) == rows(
        client.get("/queries/posts-of-state?state=Kenya", headers=CSV)
    )


def test_the_editor_gets_the_text_with_its_values(client, graph):
    page = client.get("/queries/posts-of-state?state=Kenya", headers=BROWSER).text
    link = linked(r'<a href="([^"]*)">open in the editor', page)
    text = parse_qs(urlsplit(link).query)["query"][0]
    assert "id/kenya>" in text
    assert client.get(link, headers=BROWSER).status_code == 200
