"""Answers as tables: labels for IRIs, links for labels, and where they stop."""

from __future__ import annotations

import pytest

from kg.terms import BASE
from server.tables import MOST_ROWS, Cell, table_of

KENYA = f"{BASE}id/kenya"


@pytest.fixture
def shown(snapshot):
    return lambda query: table_of(snapshot.query(query), snapshot, base=BASE)


def cell(shown, term):
    ((found,),) = shown(f"SELECT ({term} AS ?x) {{}}").rows
    return found


@pytest.mark.parametrize(
    ("term", "expected"),
    [
        (f"<{KENYA}>", Cell("Kenya", KENYA)),
        ('"Kenya"@en', Cell("Kenya", KENYA)),
        ('"Kenya"', Cell("Kenya")),
        ('"Kenia"@de', Cell("Kenia", "", "de")),
        ('"Thursday"@en', Cell("Thursday")),
        ('"embassy"@en', Cell("embassy")),
        ("7", Cell("7")),
        ("?unbound", None),
        ("<https://x.invalid/a>", Cell("a", "https://x.invalid/a")),
    ],
)
def test_a_value_is_shown_by_its_label_and_leads_to_what_it_names(
    shown, term, expected
):
    assert cell(shown, term) == expected


def test_a_yes_or_no_has_no_rows(shown):
    assert shown("ASK {}").verdict is True
    assert shown("ASK { <a:a> <a:b> <a:c> }").verdict is False


def test_a_graph_is_a_table_of_three_columns(shown):
    table = shown(f"CONSTRUCT {{ <{KENYA}> ?p ?o }} WHERE {{ <{KENYA}> ?p ?o }}")
    assert table.columns == ("subject", "predicate", "object")
    assert {row[0].text for row in table.rows} == {"Kenya"}


def test_a_long_answer_is_cut(shown):
    assert shown(f"SELECT * {{ ?s ?p ?o }} LIMIT {MOST_ROWS}").is_cut is False
    cut = shown(f"SELECT * {{ ?s ?p ?o }} LIMIT {MOST_ROWS + 1}")
    assert cut.is_cut is True
    assert len(cut.rows) == MOST_ROWS
