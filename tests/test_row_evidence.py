"""Each row of an answer has its evidence, and does not stand without it."""

from __future__ import annotations

import json
import re
import time

import pyoxigraph
import pytest
from click.testing import CliRunner

from kg import row_evidence
from kg.cli import main
from kg.errors import QueryError
from kg.files import data_folder
from kg.gate.view import in_graph
from kg.paging import ordered
from kg.queries import Form, SavedQueries
from kg.row_evidence import answer_evidence
from kg.row_evidence_forms import absence_text, answer_evidence_json
from kg.terms import EXQ, NamedNode, Triple
from tests.small_store import EX, add, open_small

QUERIES = SavedQueries.read(data_folder("queries"))
WITH_ROWS = [query for query in QUERIES.values() if query.form is not Form.CONSTRUCT]
PREFIXES = """
PREFIX ex: <http://example.org/>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
"""


@pytest.fixture(scope="module")
def world(snapshot):
    """A store with all that the shipped one holds, to take triples out of."""
    store = pyoxigraph.Store()
    store.extend(snapshot.quads())
    return store


def ex(name):
    return NamedNode(f"{EX}{name}")


def rows_of(store, text):
    found = store.query(text)
    if isinstance(found, pyoxigraph.QueryBoolean):
        return {()} if found else set()
    names = [variable.value for variable in found.variables]
    return {tuple(row[name] for name in names) for row in found}


def without(store, triples):
    """Take *triples* out of every graph of *store*; return the quads taken out."""
    quads = [quad for triple in triples for quad in store.quads_for_pattern(*triple)]
    for quad in quads:
        store.remove(quad)
    return quads


@pytest.mark.parametrize("query", WITH_ROWS, ids=lambda query: query.name)
def test_each_row_has_evidence_and_falls_with_it(snapshot, world, query):
    found = answer_evidence(snapshot, query.text, rows=2)
    assert found.rows, "the defaults of a saved query have an answer"
    for number, row in enumerate(found.rows):
        assert row.held or row.absences
        if number == 0 and row.held and row.complete:
            taken = without(world, {held.triple for held in row.held})
            left = rows_of(world, query.text)
            world.extend(taken)
            assert row.row not in left


@pytest.mark.parametrize("query", WITH_ROWS[::9], ids=lambda query: query.name)
def test_each_triple_of_the_evidence_is_there_and_explained(snapshot, query):
    found = answer_evidence(snapshot, query.text, rows=2)
    for held in (held for row in found.rows for held in row.held):
        if held.graph is None:
            why = found.whys[held.triple]
            assert why.holds
            assert why.reasons
        else:
            assert in_graph(held.triple, held.graph) in snapshot
            assert found.sources[held.graph].label


def test_what_is_not_projected_is_found_all_the_same(snapshot):
    text = QUERIES["accreditations-of-ambassador"].text
    found = answer_evidence(snapshot, text)
    predicates = {held.triple.predicate.value for held in found.rows[0].held}
    wanted = {f"{EXQ}holdsPost", f"{EXQ}hasPostKind", f"{EXQ}accreditedTo"}
    assert wanted <= predicates


@pytest.fixture
def islands(small_store):
    graph = open_small(small_store)
    add(graph, "ex:cove ex:within ex:bay . ex:bay ex:within ex:land .")
    return graph.snapshot()


def thick(small_store):
    """Return a graph in which there are very many ways between two places."""
    graph = open_small(small_store)
    layers, wide = 6, 14
    said = [
        f"ex:at-{layer}-{one} ex:near ex:at-{layer + 1}-{other} ."
        for layer in range(layers)
        for one in range(wide)
        for other in range(wide)
    ]
    add(graph, " ".join(said))
    return graph


def evidence(snapshot, pattern, columns="*"):
    return answer_evidence(
        snapshot, f"{PREFIXES}SELECT {columns} WHERE {{ {pattern} }}"
    )


def triples(found):
    return {held.triple for row in found.rows for held in row.held}


STEP = Triple(ex("cove"), ex("within"), ex("bay"))
NEXT = Triple(ex("bay"), ex("within"), ex("land"))


@pytest.mark.parametrize(
    ("pattern", "held"),
    [
        ("ex:cove ex:within/ex:within ex:land", {STEP, NEXT}),
        ("ex:land ^ex:within/^ex:within ex:cove", {STEP, NEXT}),
        ("ex:cove ex:within|ex:near ex:bay", {STEP}),
        ("ex:cove ex:near?/ex:within ex:bay", {STEP}),
        ("[] ex:within ex:bay", {STEP}),
        ("ex:cove ex:within [ ex:within ex:land ]", {STEP, NEXT}),
        ("{ ex:cove ex:within ex:bay } UNION { ex:cove ex:near ex:bay }", {STEP}),
        (
            "ex:cove ex:within ex:bay FILTER EXISTS { ex:bay ex:within ex:land }",
            {STEP, NEXT},
        ),
    ],
)
def test_paths_and_branches_give_the_triples_on_the_way(islands, pattern, held):
    found = answer_evidence(islands, f"{PREFIXES}ASK {{ {pattern} }}")
    assert triples(found) == held
    assert found.rows[0].complete


@pytest.mark.parametrize(
    ("pattern", "kind"),
    [
        ("FILTER NOT EXISTS { ?place ex:near ?other }", "not exists"),
        ("MINUS { ?place ex:near ?other }", "minus"),
        ("OPTIONAL { ?place ex:near ?other } FILTER (!BOUND(?other))", "unbound"),
        ("OPTIONAL { ?place ex:near ?other }", "optional"),
    ],
)
def test_a_row_says_what_must_not_be_there(islands, pattern, kind):
    found = evidence(islands, f"?place ex:within ex:bay {pattern}", "?place")
    (row,) = found.rows
    assert kind in {absence.kind for absence in row.absences}
    assert all("?other" in absence_text(found, one) for one in row.absences)


def test_a_count_rests_on_what_it_counts(islands):
    text = f"{PREFIXES}SELECT ?p (COUNT(*) AS ?n) WHERE {{ ex:cove ?p ?o }} GROUP BY ?p"
    found = answer_evidence(islands, text)
    within = next(row for row in found.rows if row.row[0] == ex("within"))
    assert STEP in {held.triple for held in within.held}


def test_what_has_no_rows_is_refused(snapshot):
    with pytest.raises(QueryError, match="triples"):
        answer_evidence(snapshot, QUERIES["events-in-schema-org"].text)
    text = "SELECT * FROM <urn:x> WHERE { ?s ?p ?o }"
    with pytest.raises(QueryError, match="dataset"):
        answer_evidence(snapshot, text)


def test_no_time_leaves_rows_that_say_so(snapshot):
    found = answer_evidence(snapshot, QUERIES["ambassadors"].text, seconds=0.0)
    assert found.rows
    assert not any(row.complete for row in found.rows)


WAYS = f"""{PREFIXES}SELECT ?to WHERE {{
  ex:at-0-0 ((ex:near|^ex:near)/(ex:near|^ex:near))+ ?to
}} ORDER BY ?to"""


def test_a_row_that_takes_long_ends_in_time_and_says_so(small_store):
    here = thick(small_store).snapshot()
    began = time.process_time()  # what others do on this machine does not count
    found = answer_evidence(here, WAYS, rows=1, seconds=0.3)
    assert time.process_time() - began < 3
    assert [row.complete for row in found.rows] == [False]


def test_a_triple_of_a_graph_is_told_once(snapshot):
    found = answer_evidence(snapshot, QUERIES["ambassadors"].text, rows=1)
    (row,) = found.rows
    told = [held.triple for held in found.told(row)]
    assert len(told) == len(set(told))
    assert set(told) == {held.triple for held in row.held}
    assert len(told) < len(row.held)


def test_people_are_told_nothing_twice(shipped_store):
    command = ["--store", str(shipped_store), "run", "meetings", "--evidence"]
    shown = CliRunner().invoke(main, [*command, "--rows", "3"]).output
    parts = re.split(r"^[├└]── ", shown, flags=re.MULTILINE)
    rows = re.split(r"^(?=\S)(?![├└│])", shown, flags=re.MULTILINE)
    assert len(parts) > len(rows) > 3
    for row in rows:
        told = re.split(r"^[├└]── ", row, flags=re.MULTILINE)[1:]
        plain = [re.sub(r"^[│ ]+", "", one, flags=re.MULTILINE) for one in told]
        assert len(plain) == len(set(plain))


def test_a_row_past_any_bound_has_its_evidence(snapshot, monkeypatch):
    monkeypatch.setattr(row_evidence, "_MOST_SOLUTIONS", 3)
    text = QUERIES["timeline"].text
    found = answer_evidence(snapshot, text, first=5, rows=2)
    assert [row.complete for row in found.rows] == [True, True]


def test_the_rows_of_another_order_have_their_own_evidence(snapshot):
    text = QUERIES["ambassadors"].text
    falling = ordered(QUERIES["ambassadors"], text, "accreditedTo", is_falling=True)
    whole = answer_evidence(snapshot, text)
    turned = answer_evidence(snapshot, text, shown=falling)
    assert [row.row for row in turned.rows] != [row.row for row in whole.rows]
    assert set(turned.rows) == set(whole.rows)


def test_rows_are_bounded_and_the_cut_is_told(snapshot):
    text = QUERIES["timeline"].text
    first = answer_evidence(snapshot, text, rows=1)
    second = answer_evidence(snapshot, text, first=1, rows=1)
    assert first.is_cut
    assert len(first.rows) == len(second.rows) == 1
    assert first.rows[0].row != second.rows[0].row


def test_json_leads_to_passages(snapshot):
    found = answer_evidence(snapshot, QUERIES["ambassadors"].text)
    written = json.loads(json.dumps(answer_evidence_json(found)))
    assert written["columns"] == list(found.columns)
    assert written["complete"] is True
    (passage, *_) = [
        source
        for triple in written["rows"][0]["triples"]
        for reason in triple.get("reasons", ())
        for step in reason["steps"]
        for source in step.get("stated", ())
        if "passage" in source
    ]
    assert NamedNode(passage["graph"]) in snapshot.graphs()


def test_the_command_shows_passages_and_absences(shipped_store):
    command = ["--store", str(shipped_store), "run"]
    shown = CliRunner().invoke(main, [*command, "people-without-post", "--evidence"])
    assert shown.exit_code == 0, shown.output
    assert "It rests on nothing saying" in shown.output
    assert "stated in" in shown.output
    as_json = CliRunner().invoke(main, [*command, "ambassadors", "--json"])
    assert json.loads(as_json.output)["rows"]
