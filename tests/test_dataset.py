"""A dataset by numbers holds each quad once, however it came in."""

from __future__ import annotations

from collections.abc import Set as AbstractSet

from hypothesis import given
from hypothesis import strategies as st

from kg.canonical import canonical
from kg.change import Change
from kg.created import graph_names, of_graph
from kg.dataset import Dataset, Held, rows_among, rows_without
from kg.journal import journal_lines
from kg.rules import Numbers
from kg.rules.packed import PackedNumbers
from kg.terms import BlankNode, Literal, NamedNode, Quad

_names = st.sampled_from([NamedNode(f"urn:{letter}") for letter in "abcd"])
_quads = st.lists(st.builds(Quad, _names, _names, _names, _names))
_subjects = st.sampled_from(
    [*map(NamedNode, ("urn:a", "urn:a1", "urn:a/")), BlankNode("a"), BlankNode("a1")]
)
_values = st.sampled_from(
    [Literal("a"), Literal("a", language="en"), Literal("a1"), Literal(1), Literal('"')]
)
_statements = st.lists(st.builds(Quad, _subjects, _names, _names | _values, _names))


@given(_quads, _quads)
def test_what_is_added_after_the_rows_were_read_joins_them(
    first: list[Quad], then: list[Quad]
) -> None:
    dataset = Dataset(PackedNumbers(Numbers()))
    dataset.add_all(first)
    assert set(dataset.quads(dataset.rows)) == set(first)
    dataset.add_all(then)
    found = list(dataset.quads(dataset.rows))
    assert len(found) == len(set(found))
    assert set(found) == {*first, *then}
    assert dataset.rows.tolist() == sorted(dataset.rows.tolist())


@given(_quads, _quads)
def test_what_is_held_as_rows_is_a_set_like_any_other(
    first: list[Quad], then: list[Quad]
) -> None:
    numbers = PackedNumbers(Numbers())
    mine, others = Dataset(numbers), Dataset(numbers)
    mine.add_all(first)
    others.add_all(then)
    held: AbstractSet[Quad] = Held(mine, rows_without(mine.rows, others.rows))
    expected: AbstractSet[Quad] = frozenset(first) - frozenset(then)
    assert held == expected
    assert expected == held
    assert len(held) == len(expected)
    assert [q for q in {*first, *then} if q in held] == [
        q for q in {*first, *then} if q in expected
    ]
    assert Quad(*[NamedNode("urn:z")] * 4) not in held
    assert held | set(then) == {*first, *then}
    for graph in [*{quad.graph_name for quad in (*first, *then)}, NamedNode("urn:z")]:
        of_one = {quad for quad in expected if quad.graph_name == graph}
        assert set(of_graph(held, graph)) == of_one == set(of_graph(expected, graph))


@given(_statements, _statements)
def test_a_journal_of_what_is_held_as_rows_has_the_same_lines_in_the_same_order(
    first: list[Quad], then: list[Quad]
) -> None:
    added, removed = canonical(first)[0], canonical(then)[0]
    mine, others = Dataset(PackedNumbers(Numbers())), Dataset(PackedNumbers(Numbers()))
    mine.add_all(added)
    others.add_all(removed)
    held = Change(Held(mine, mine.rows), Held(others, others.rows))
    lines = journal_lines(Change(added, removed))
    assert list(journal_lines(held)) == list(lines)
    assert list(lines) == [
        *(f"D {text} .\n" for text in sorted(map(str, removed))),
        *(f"A {text} .\n" for text in sorted(map(str, added))),
    ]
    assert len(lines) == len(added) + len(removed)
    assert graph_names(held.added) == {quad.graph_name for quad in added}


@given(_statements, _statements)
def test_rows_are_taken_in_whatever_their_terms_are_numbered_by(
    first: list[Quad], then: list[Quad]
) -> None:
    kept, others = canonical(first)[0], canonical(then)[0]
    mine, theirs = Dataset(PackedNumbers(Numbers())), Dataset(PackedNumbers(Numbers()))
    mine.add_kept(kept)
    theirs.add_kept(others)
    mine.add_all(Held(theirs, theirs.rows))
    assert set(mine.quads(mine.rows)) == kept | others
    again = Dataset(mine.numbers)
    again.add_kept(others)
    common: AbstractSet[Quad] = Held(mine, rows_among(mine.rows, again.rows))
    assert common == others
