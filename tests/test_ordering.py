"""Rows put in order outside the engine: in the order that it puts them in."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyoxigraph import (
    QueryResultsFormat,
    QuerySolutions,
    Store,
    parse_query_results,
)

from kg import ordering
from kg.answers import evaluate
from kg.formats import by_name
from kg.ordering import Ordering, Sought, UnsureError
from kg.paging import Page, counting, paged, sought
from kg.queries import Form, SavedQuery
from kg.terms import XSD, BlankNode, Literal, NamedNode

TEXTS = ["", "a", "A", "ab", "b", "é", "a b", 'a"b', "a\\b", "a\tb", "a\nb", "a\rb"]
STRINGS = [
    *map(Literal, TEXTS),
    *(Literal(text, language=tag) for text in TEXTS for tag in ("en", "en-gb", "fr")),
    *(Literal(text, datatype=NamedNode("urn:of-its-own")) for text in TEXTS),
]
NUMBERS = [Literal(number) for number in (-20, -3, 0, 3, 20, 100)]
DAYS = [
    Literal(day, datatype=NamedNode(f"{XSD}date"))
    for day in ("0999-12-31", "2024-01-31", "2024-02-01")
]
NODES = [*(NamedNode(f"urn:{name}") for name in ("a", "ab", "b", "A", "a/b")), None]
UNSURE = [
    Literal(1.5),
    Literal(True),
    Literal("2024", datatype=NamedNode(f"{XSD}gYear")),
    Literal("2024-01-01Z", datatype=NamedNode(f"{XSD}date")),
]
COLUMNS = [st.sampled_from([*NODES, *some]) for some in (STRINGS, NUMBERS, DAYS)]
TABLES = st.sampled_from(COLUMNS).flatmap(
    lambda one: st.sampled_from(COLUMNS).flatmap(
        lambda other: st.lists(st.tuples(one, other), max_size=30)
    )
)
ENGINE = Store()


def saved(rows, order=""):
    """A question about two columns with *rows*, in the *order* that it asks for."""
    values = " ".join(
        f"({' '.join('UNDEF' if term is None else str(term) for term in row)})"
        for row in rows
    )
    text = f"SELECT ?one ?other WHERE {{ VALUES (?one ?other) {{ {values} }} }}\n"
    return SavedQuery(
        "rows", "", "", (), (), text + order, Form.SELECT, ("one", "other")
    )


def in_order(query, page, piece=50):
    """Return rows of a page, put in order here, and how many there are in all."""
    wanted = sought(query, query.text, page)
    assert wanted is not None
    table = evaluate(ENGINE, wanted.text).serialize(by_name("tsv"))
    found = Ordering(wanted)
    for start in range(0, len(table), piece):
        found.write(table[start : start + piece])
    rows = parse_query_results(found.body(), format=QueryResultsFormat.TSV)
    assert isinstance(rows, QuerySolutions)
    return [tuple(row) for row in rows], found.total


def number(text):
    return next(evaluate(ENGINE, text).rows())[0]


def by_the_engine(query, page):
    return [*evaluate(ENGINE, paged(query, query.text, page)).rows()]


@pytest.mark.parametrize(
    "order",
    [
        "",
        "ORDER BY ?one ?other",
        "ORDER BY DESC(?one) ?other",
        "order by ?other desc ( $one )",
        "ORDER BY ASC(?one) DESC(?other)",
    ],
)
@given(rows=TABLES, first=st.integers(0, 9), number=st.integers(1, 40))
@settings(max_examples=60)
def test_the_rows_of_a_page_are_those_of_the_engine(order, rows, first, number):
    query, page = saved(rows, order), Page(number, first)
    assert in_order(query, page) == (by_the_engine(query, page), len(rows))


@given(rows=st.lists(st.tuples(*COLUMNS[:2]), min_size=9, max_size=60))
@settings(max_examples=60)
def test_rows_that_are_too_many_to_hold_are_dropped_on_the_way(rows):
    query, page = saved(rows, "ORDER BY ?one ?other"), Page(3, 2)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ordering, "_MANY", 4)
        assert in_order(query, page) == (by_the_engine(query, page), len(rows))


@pytest.mark.parametrize("term", UNSURE)
def test_what_only_the_engine_can_compare_is_left_to_it(term):
    with pytest.raises(UnsureError):
        in_order(saved([(None, term), (None, None)]), Page(5))


@pytest.mark.parametrize("others", [(NUMBERS[0], DAYS[0]), (NUMBERS[0], STRINGS[0])])
def test_so_are_literals_of_several_kinds(others):
    for rows in ([(one, None) for one in others], [(None, one) for one in others]):
        with pytest.raises(UnsureError):
            in_order(saved(rows), Page(5))


def test_nodes_without_a_name_come_after_nothing_and_before_names():
    wanted = Sought("", (("one", False),), 0, 9)
    found = Ordering(wanted)
    found.write(b"?one\n<urn:a>\n_:b\n\n_:a\n")
    assert found.body() == b"?one\n\n_:a\n_:b\n<urn:a>\n"
    assert str(BlankNode("a")) == "_:a"


@pytest.mark.parametrize(
    "order",
    [
        "ORDER BY STR(?one) ?other",
        "ORDER BY ?one (?other)",
        "ORDER BY ?one",
        "ORDER BY ?one ?other ?else",
    ],
)
def test_rows_that_are_not_sorted_by_all_columns_alone_are_not_sought_here(order):
    for text in (order, order.lower()):
        query = saved([], text)
        assert sought(query, query.text, Page(5)) is None


def test_rows_that_are_cut_already_are_put_in_the_order_of_all_columns():
    query = saved([(NUMBERS[2], NUMBERS[1])], "ORDER BY ?other LIMIT 1")
    found = sought(query, query.text, Page(5))
    assert found is not None
    assert found.text == query.text
    assert found.keys == (("one", False), ("other", False))


def test_rows_are_counted_without_being_sorted():
    query = saved([(NUMBERS[2], NUMBERS[1])], "ORDER BY ?other")
    text = counting(query, query.text)
    assert "ORDER" not in text
    assert number(text) == Literal(1)
    cut = saved([(one, one) for one in NUMBERS], "ORDER BY ?other LIMIT 2")
    assert number(counting(cut, cut.text)) == Literal(2)
