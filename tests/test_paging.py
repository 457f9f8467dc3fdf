"""The rows of a table in order: names as a reader sorts them, the same every time."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from kg.folding import fold
from kg.paging import Page, ordered, paged
from kg.queries import read_query
from kg.terms import Literal

LETTERS = [
    chr(code)
    for code in (*range(0x20, 0x250), *range(0x1E00, 0x1F00))
    if chr(code).isalpha() and fold(chr(code)).isalnum()
]


@cache
def saved():
    """A query whose rows a test gives it."""
    folder = Path(__file__).parent / "data"
    return read_query(folder / "names.rq")


def in_order(snapshot, names, **given):
    rows = " ".join(f"({Literal(name)} {number})" for number, name in enumerate(names))
    text = saved().text.replace('("a name" 1)', rows)
    text = ordered(saved(), text, "name", **given)
    found = []
    for start in range(0, len(names), 7):
        page = paged(saved(), text, Page(7, start))
        found += [row[0].value for row in snapshot.query(page).rows()]
    return found


def test_an_accent_does_not_count_but_where_names_are_otherwise_the_same(snapshot):
    names = ["Zoë", "Eva", "Évora", "evita", "Evora", "Œuvre", "Zoe", "Sao", "São"]
    assert in_order(snapshot, names) == [
        "Eva", "evita", "Evora", "Évora", "Sao", "São", "Zoe", "Zoë", "Œuvre",
    ]  # fmt: skip


names_of_letters = st.text(st.sampled_from(LETTERS), min_size=1, max_size=4)


@settings(max_examples=25)
@given(st.lists(names_of_letters, max_size=20))
def test_names_are_sorted_as_the_folding_has_them(snapshot, names):
    wanted = sorted(names, key=lambda name: (fold(name), name))
    assert in_order(snapshot, names) == wanted
    assert in_order(snapshot, names, is_falling=True) == wanted[::-1]
