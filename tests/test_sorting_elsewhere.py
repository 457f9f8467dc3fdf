"""Orders that a store of others puts in place: none goes in a circle there."""

from __future__ import annotations

import subprocess
import sys
from typing import cast

import pytest
from pyoxigraph import QuerySolutions

from kg.errors import QueryError
from kg.sorting import comparable
from kg.store import scratch
from kg.terms import XSD

ALL = "SELECT ?o { ?s ?p ?o } ORDER BY"
ASKING = """
import sys
from pathlib import Path
from kg.stores import open_store
place = sys.argv[1]
snapshot = open_store(place if "://" in place else Path(place)).snapshot()
for query in sys.argv[2:]:
    print(sum(1 for _ in snapshot.query(query).rows()))
"""
MIXED = f"""
SELECT ?value {{ VALUES ?value {{
  10 "15" 2 "b" <urn:b> "a"@en 1.5 "2" UNDEF true "2020-01-01"^^<{XSD}date>
  "2020-01-01T05:00:00+14:00"^^<{XSD}dateTime> "2019-12-31T20:00:00Z"^^<{XSD}dateTime>
}} }} ORDER BY """


def ordered(query):
    """Return what *query* answers, put in order as in a store of others."""
    found = cast("QuerySolutions", scratch().query(comparable(query)))
    return [value and value.value for (value,) in found]


def test_all_that_is_said_can_be_put_in_order(shipped_store):
    """In a process of its own, as the engine takes that down with it."""
    command = [sys.executable, "-c", ASKING, str(shipped_store)]
    ways = [f"{ALL} {way}" for way in ("?o", "DESC(?o)", "(?o)", "COALESCE(?o, 1)")]
    limited = [f"{way} LIMIT {limit}" for way in ways for limit in (10, 100)]
    done = subprocess.run(
        [*command, *ways, *limited], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert len(done.stdout.split()) == 12


def test_numbers_come_first_and_odd_moments_last():
    rising = [None, "urn:b", "1.5", "2", "10", "2019-12-31T20:00:00Z", "2020-01-01"]
    rising += ["true", "15", "2", "a", "b", "2020-01-01T05:00:00+14:00"]
    assert ordered(f"{MIXED} ?value") == rising
    assert ordered(f"{MIXED} DESC(?value)") == rising[::-1]


@pytest.mark.parametrize(
    ("order", "begins"),
    [
        ("?o", ["(IF("]),
        ("desc(?o) ?s", ["desc(IF(", "(IF("]),
        ("DESC(?o) (?s) LIMIT 1", ["DESC(IF(", "(IF("]),
        ("LCASE(STR(?o)) ?s", ["LCASE(", "(IF("]),
        (f"<{XSD}string>(?o) ?s", [f"<{XSD}string>(", "(IF("]),
        ("MAX(?o) COUNT(*) OFFSET 1", ["(IF(", "COUNT("]),
        ("EXISTS { ?a ?b ?c }", ["EXISTS"]),
        ("(EXISTS { { SELECT ?x { } ORDER BY ?x } } || IF(1, 2, 3)) ?s", ["(EXISTS"]),
    ],
)
def test_what_may_be_of_any_kind_is_kept_apart_by_its_kind(order, begins):
    query = f"SELECT * {{ ?s ?p ?o }} ORDER BY {order}"
    put = comparable(query).partition("ORDER BY ")[2]
    for begin in begins:
        at = put.find(begin)
        assert at >= 0, (begin, put)
        put = put[at + len(begin) :]


def test_an_order_within_is_one_too_and_a_text_is_none():
    within = "SELECT ?o { { SELECT ?o { ?s ?p ?o } ORDER BY ?o LIMIT 3 } }"
    assert "isNumeric(?o)" in comparable(within)
    for text in (
        'ASK { ?order ?by "ORDER BY ?o" }',
        "ASK { <urn:ORDER> ?p ?o } # ORDER BY ?o",
        "SELECT ?s { ?s ?p ?o } ORDER BY",
        "SELECT ?s { ?s ?p ?o } ORDER",
    ):
        assert comparable(text) == text


def test_what_is_wrong_behind_an_order_is_told_where_it_stands(snapshot):
    with pytest.raises(QueryError) as raised:
        snapshot.query("SELECT * { ?s ?p ?o } ORDER BY ?o\nLIMIT x")
    assert raised.value.where == "line 2, column 7"
