"""What has no date stands where sources say that it came."""

from __future__ import annotations

from dataclasses import dataclass

from hypothesis import given
from hypothesis import strategies as st

from kg.entities import describe
from kg.portrait import portrait
from kg.sequence import in_sequence
from kg.terms import BASE, EXQ, MERGED_VIEW, NamedNode, Quad

BEFORE = NamedNode(f"{EXQ}before")


def node(name):
    return NamedNode(f"{BASE}id/{name}")


@dataclass
class Said:
    """What comes before what, as a version tells it."""

    steps: set[tuple[str, str]]

    def quads(self, subject=None, predicate=None, object_=None, graph=None):
        assert (predicate, object_, graph) == (BEFORE, None, MERGED_VIEW)
        for one, other in sorted(self.steps):
            if node(one) == subject:
                yield Quad(subject, predicate, node(other), graph)


def sequence(order, steps, dated=""):
    found = in_sequence(
        Said({(one, other) for one, other in steps}),
        [*map(node, order)],
        {*map(node, dated)},
    )
    return "".join(one.value[-1] for one in found)


def test_the_undated_stand_as_sources_order_them():
    assert sequence("abcd", ["db", "ba"]) == "dbac"


def test_the_undated_stand_right_before_what_has_a_date():
    assert sequence("abcxyz", ["zb", "xz", "cy"], dated="abc") == "axzbcy"


def test_dates_go_before_what_contradicts_them():
    assert sequence("abx", ["ba", "bx", "xa"], dated="ab") == "xab"


NAMES = "abcdefgh"
a_name = st.sampled_from(NAMES)
some_steps = st.sets(st.tuples(a_name, a_name), max_size=14)


@given(some_steps, st.sets(a_name))
def test_whatever_is_said_nothing_is_lost_and_dates_keep_their_order(steps, dated):
    order = sorted(dated) + sorted(set(NAMES) - dated)
    found = sequence(order, steps, dated)
    assert sorted(found) == sorted(NAMES)
    assert [one for one in found if one in dated] == sorted(dated)


@given(some_steps)
def test_what_goes_round_in_no_circle_holds_throughout(steps):
    # Only what comes later in this order comes later at all, so there is no circle.
    rank = {name: place for place, name in enumerate("hbgdfcea")}
    forward = {(a, b) for a, b in steps if rank[a] < rank[b]}
    found = sequence(NAMES, forward)
    assert all(found.index(a) < found.index(b) for a, b in forward)


def test_the_events_of_a_page_stand_in_that_order(snapshot):
    described = describe(snapshot, node("salman-al-khalidi"))
    (events,) = (
        one for one in portrait(snapshot, described).sections if one.name == "events"
    )
    order = [entry.thing.label for entry in events.entries]
    steps = [
        "entry into Iraq",
        "travel across Iraq",
        "arrest of Salman Al-Khalidi",
        "transfer to Basra",
        "handover of Salman Al-Khalidi",
    ]
    assert [one for one in order if one in steps] == steps
