"""Joins of whole columns, compared with going through rows one by one."""

from __future__ import annotations

from itertools import product

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from kg.rules.columns import Columns, Table, firsts, packed, seconds
from kg.rules.relations import Listed, relations_of, united, without

TYPE, PROPERTY = 0, 1
NUMBERS = st.integers(2, 6)
PAIRS = st.sets(st.tuples(NUMBERS, NUMBERS), max_size=12)
PLACES = st.sampled_from([~0, ~1, ~2, 3, 4])
GRAPH = st.lists(
    st.tuples(st.integers(7, 9), NUMBERS, st.sampled_from([TYPE, 1]), NUMBERS),
    max_size=30,
)


def columns(pairs, members):
    made = Columns(TYPE)
    made.relation((PROPERTY, -1)).add([packed(*column(pairs))])
    made.relation((TYPE, 5)).add([np.array(sorted(members), np.int64)])
    return made


def column(pairs):
    found = np.array(sorted(pairs), np.int64).reshape(-1, 2)
    return found[:, 0], found[:, 1]


def rows(table):
    names = sorted(table.columns)
    listed = [table.columns[name].tolist() for name in names]
    return sorted(zip(*listed, strict=True)) if names else [()] * table.length


def binding(place, row, values):
    """The binding *row* with *place* standing for one of *values*; None if it can't."""
    if place >= 0:
        return row if place == values else None
    if row.get(~place, values) != values:
        return None
    return {**row, ~place: values}


def by_rows(table, pattern, facts):
    names = sorted(table.columns)
    found = []
    for row in rows(table):
        for subject, value in facts:
            first = binding(pattern[1], dict(zip(names, row, strict=True)), subject)
            both = None if first is None else binding(pattern[2], first, value)
            if both is not None:
                found.append(tuple(both[name] for name in sorted(both)))
    return sorted(found)


@settings(max_examples=300, deadline=None, derandomize=True)
@given(PAIRS, PAIRS, PLACES, PLACES)
def test_a_join_gives_what_going_through_the_rows_gives(start, pairs, subject, value):
    made = columns(pairs, ())
    table = made.started((PROPERTY, ~0, ~1), np.empty(0, np.int64))
    table = Table(len(start), dict(enumerate(column(start))))
    pattern = (PROPERTY, subject, value)
    assert rows(made.joined(table, pattern)) == by_rows(table, pattern, pairs)


@settings(max_examples=100, deadline=None, derandomize=True)
@given(PAIRS, st.sets(NUMBERS), PLACES)
def test_a_join_with_a_class_keeps_its_members(start, members, place):
    made, pattern = columns((), members), (TYPE, place, 5)
    table = Table(len(start), dict(enumerate(column(start))))
    facts = [(member, 5) for member in members]
    assert rows(made.joined(table, pattern)) == by_rows(table, pattern, facts)


@settings(max_examples=100, deadline=None, derandomize=True)
@given(PAIRS, PLACES, PLACES)
def test_a_rule_starts_where_its_pattern_meets_the_facts(pairs, subject, value):
    made, pattern = columns(pairs, ()), (PROPERTY, subject, value)
    started = made.started(pattern, made.relation((PROPERTY, -1)).rows)
    assert rows(started) == by_rows(Table(1, {}), pattern, pairs)


@settings(max_examples=50, deadline=None, derandomize=True)
@given(PAIRS, st.sets(NUMBERS))
def test_facts_are_looked_up_from_both_ends(pairs, members):
    made = columns(pairs, members)
    for subject, value in product(range(2, 7), repeat=2):
        assert made.holds((PROPERTY, subject, value)) == ((subject, value) in pairs)
    for number in range(2, 7):
        ends = sorted(value for subject, value in pairs if subject == number)
        assert made.values(PROPERTY, number) == ends
        starts = sorted(subject for subject, value in pairs if value == number)
        assert made.subjects(PROPERTY, number) == starts
        assert made.values(TYPE, number) == ([5] if number in members else [])
    assert made.subjects(TYPE, 5) == sorted(members)


@settings(max_examples=50, deadline=None, derandomize=True)
@given(PAIRS, PAIRS)
def test_only_what_is_new_is_added(one, other):
    relation = columns(one, ()).relation((PROPERTY, -1))
    new = relation.add([packed(*column(other))])
    assert sorted(zip(firsts(new).tolist(), seconds(new).tolist(), strict=True)) == (
        sorted(other - one)
    )
    assert len(relation.rows) == len(one | other)


@settings(max_examples=50, deadline=None, derandomize=True)
@given(GRAPH, GRAPH)
def test_relations_are_the_rows_without_their_graphs(one, other):
    def triples(quads):
        return {quad[1:] for quad in quads}

    def relations(quads):
        return relations_of(np.array(quads, np.int32).reshape(-1, 4), TYPE)

    def told(found):
        return {tuple(row[1:]) for row in Listed(found, 7)[:].tolist()}

    assert told(relations(one)) == triples(one)
    both = united(relations(one), relations(other))
    assert told(both) == triples(one) | triples(other)
    rest = without(relations(one), relations(other))
    assert told(rest) == triples(one) - triples(other)
