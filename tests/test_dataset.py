"""A dataset by numbers holds each quad once, however it came in."""

from __future__ import annotations

from collections.abc import Set as AbstractSet

from hypothesis import given
from hypothesis import strategies as st

from kg.created import of_graph
from kg.dataset import Dataset, Held, rows_without
from kg.rules import Numbers
from kg.terms import NamedNode, Quad

_names = st.sampled_from([NamedNode(f"urn:{letter}") for letter in "abcd"])
_quads = st.lists(st.builds(Quad, _names, _names, _names, _names))


@given(_quads, _quads)
def test_what_is_added_after_the_rows_were_read_joins_them(
    first: list[Quad], then: list[Quad]
) -> None:
    dataset = Dataset(Numbers())
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
    numbers = Numbers()
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
