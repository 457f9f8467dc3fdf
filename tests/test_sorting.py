"""Answers are in order whatever they are sorted by; the engine alone would not live."""

from __future__ import annotations

import json
import random
import subprocess
import sys
from itertools import pairwise

import pytest

from kg.errors import QueryError
from kg.sort_keys import sort_key
from kg.sorting import sorting
from kg.store import parsed
from kg.terms import XSD, Literal, NamedNode

ALL = "SELECT ?s ?p ?o { ?s ?p ?o } ORDER BY"
KEY = "<urn:x-exequatur:sort-key>"
ZONES = ("", "Z", "+14:00", "-14:00", "+05:30")


def literal(value, datatype):
    return f'"{value}"^^<{XSD}{datatype}>'


def some_term(chance):
    """Return a term of SPARQL as it may stand beside others in a column."""
    number = chance.randint(-30, 30)
    day = f"{chance.randint(1, 12):02}-{chance.randint(1, 28):02}"
    year = chance.choice(["2006", "2024", "0001", "-0044", "12006"])
    zone = chance.choice(ZONES)
    hour = f"{chance.randint(0, 23):02}:00:0{chance.randint(0, 9)}"
    return chance.choice(
        [
            "UNDEF", "true", "false", f"<urn:x:{abs(number)}>", str(number),
            str(chance.randint(-(10**25), 10**25)), f"{number}.25",
            literal(chance.choice(["NaN", "INF", "-INF", "-0.0", "1e300"]), "double"),
            literal(chance.uniform(-9, 9), "float"), literal(number, "byte"),
            f'"{number}"', f'"{number}"@en', f'"{number}"@fr',
            f'"{number}"^^<urn:x:some>', literal("none", "integer"),
            literal(f"{year}-{day}T{hour}{zone}", "dateTime"),
            literal(f"{year}-{day}{zone}", "date"), literal(f"{year}{zone}", "gYear"),
            literal(f"{year}-{day[:2]}{zone}", "gYearMonth"),
            literal(f"--{day}{zone}", "gMonthDay"), literal(f"---{day[3:]}", "gDay"),
            literal(f"--{day[:2]}", "gMonth"), literal(f"{hour}{zone}", "time"),
            literal(f"P{abs(number)}D", "duration"), literal("P1M", "duration"),
            literal(f"-P{abs(number)}M", "yearMonthDuration"),
            literal(f"PT{abs(number)}H3.5S", "dayTimeDuration"),
            f"<<( <urn:x:s> <urn:x:p> {number} )>>",
            f'<<( <urn:x:s> <urn:x:p> "{number}" )>>',
        ]
    )  # fmt: skip


def in_order(terms, key="?o"):
    values = f"VALUES ?o {{ {' '.join(terms)} }}"
    return [row[0] for row in parsed(f"SELECT ?o {{ {values} }} ORDER BY {key}").rows()]


def test_the_engine_alone_does_not_live_through_it():
    """Else nothing of this would be needed."""
    program = (
        "from pyoxigraph import Store\n"
        "import sys\n"
        "list(Store().query(sys.stdin.read()))\n"
    )
    chance = random.Random(1)
    terms = " ".join(some_term(chance) for _ in range(2_000))
    done = subprocess.run(
        [sys.executable, "-c", program],
        input=f"SELECT ?o {{ VALUES ?o {{ {terms} }} }} ORDER BY ?o",
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode
    assert "total order" in done.stderr


@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize("key", ["?o", "DESC(?o)", "COALESCE(?o, 1)", "(?o) DESC(?o)"])
def test_anything_can_be_sorted(seed, key):
    chance = random.Random(seed)
    terms = [some_term(chance) for _ in range(chance.choice([25, 300, 2_000]))]
    assert len(in_order(terms, key)) == len(terms)


@pytest.mark.parametrize("seed", range(5))
def test_what_is_less_comes_first(seed):
    chance = random.Random(seed)
    found = in_order([some_term(chance) for _ in range(200)])
    pairs = [
        f"({one} {other})"
        for one, other in pairwise(chance.sample(range(200), 200))
        for one, other in [(found[min(one, other)], found[max(one, other)])]
        if isinstance(one, Literal) and isinstance(other, Literal)
    ]
    assert len(pairs) > 50
    wrong = f"SELECT * {{ VALUES (?a ?b) {{ {' '.join(pairs)} }} FILTER(?b < ?a) }}"
    assert not list(parsed(wrong).rows())


def test_kinds_of_terms_come_as_the_standard_has_them():
    found = in_order(['"b"', "2", "<urn:x:b>", "UNDEF", '"a"@en', "1.5", "<urn:x:a>"])
    assert [str(one) for one in found[:3]] == ["None", "<urn:x:a>", "<urn:x:b>"]
    assert [str(one)[1:-1].partition('"')[0] for one in found[3:]] == [
        "1.5", "2", "a", "b",
    ]  # fmt: skip


def test_equal_numbers_leave_the_order_to_the_next_key():
    rows = "VALUES (?n ?t) { (1.0 'b') (1 'a') (1e0 'c') (0 'd') }"
    found = parsed(f"SELECT ?t {{ {rows} }} ORDER BY ?n DESC(?t)").rows()
    assert [str(text) for (text,) in found] == ['"d"', '"c"', '"b"', '"a"']


def test_texts_keep_the_order_of_characters_datatype_and_language():
    found = in_order(['"b"', '"a b"@en', '"a"@fr', '"a"', '"a"@en', '"a"^^<urn:x:d>'])
    assert [str(one) for one in found] == [
        '"a"@en', '"a"@fr', '"a"', '"a"^^<urn:x:d>', '"a b"@en', '"b"',
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("query", "sorts"),
    [
        ("ORDER BY ?o LIMIT 5", f"ORDER BY {KEY}(?o) LIMIT 5"),
        ("order # c\n by DESC (?o)", f"order # c\n by DESC ({KEY}(?o))"),
        ("ORDER BY (?o + 1) ?s", f"ORDER BY ({KEY}(?o + 1)) {KEY}(?s)"),
        ("ORDER BY <urn:x:f>(?o)", f"ORDER BY {KEY}(<urn:x:f>(?o))"),
        ("ORDER BY xsd:float(?o) ?p", f"ORDER BY {KEY}(xsd:float(?o)) {KEY}(?p)"),
        ("ORDER BY IF(?a, ?b, ?c)", f"ORDER BY {KEY}(IF(?a, ?b, ?c))"),
        ("ORDER BY LCASE(STR(?o)) OFFSET 2", None),
        ("ORDER BY DESC(COUNT(?o))", None),
        ("ORDER BY NOT EXISTS { ?o ?p 1 } STR(?o)", None),
        ("ORDER BY", None),
        ("ORDER BY (", None),
    ],
)
def test_only_what_may_be_of_several_kinds_is_sorted_by_a_key(query, sorts):
    before = "SELECT * { ?order <urn:x:by> 'ORDER BY ?x' } "
    assert sorting(before + query) == before + (sorts or query)


def test_a_part_of_a_query_is_sorted_so_too():
    inner = "{ SELECT ?s { ?s ?p ?o } ORDER BY ?o LIMIT 1 }"
    assert f"ORDER BY {KEY}(?o) LIMIT 1 }}" in sorting(f"SELECT * {{ {inner} }}")


def test_an_error_is_told_with_its_place_in_what_was_sent():
    with pytest.raises(QueryError) as caught:
        parsed("SELECT ?o { ?s ?p ?o }\nORDER BY ?o ?s LIMITS 5")
    assert caught.value.where == "line 2, column 16"


def test_a_number_that_the_engine_holds_is_compared_by_the_engine():
    for value, datatype in [("7", "integer"), ("-2.5", "decimal"), ("1E9", "double")]:
        term = Literal(value, datatype=NamedNode(f"{XSD}{datatype}"))
        assert sort_key(term) == term


@pytest.mark.parametrize("key", ["?o", "DESC(?o)", "?p DESC(?o)"])
def test_all_that_the_shipped_store_holds_can_be_sorted(snapshot, key):
    count = sum(1 for _ in snapshot.query("SELECT * { ?s ?p ?o }").rows())
    found = list(snapshot.query(f"{ALL} {key}").rows())
    assert len(found) == count > 5_000


def test_a_reader_answers_what_is_sorted_by_anything(graph, settings):
    from server.app import create_app

    client = create_app(graph, settings).test_client()
    given = {"query": f"{ALL} DESC(?o) LIMIT 3", "format": "json"}
    answer = client.get("/sparql", query_string=given)
    assert answer.status_code == 200
    assert len(json.loads(answer.data)["results"]["bindings"]) == 3
