"""Reasoning over a change to what is stored: exactly what recomputing would give."""

from __future__ import annotations

import random
from collections import Counter
from functools import cache
from itertools import chain, combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench.world import World
from kg.gate import in_view
from kg.gate.view import Holding
from kg.rules import compile_rules, explain, judge_change
from kg.terms import INFERRED, NamedNode, Triple
from tests.rules_worlds import (
    CLASSES,
    GRAPHS,
    KEPT_APART,
    ONTOLOGIES,
    PROPERTIES,
    RULED,
    THINGS,
    turtle,
)
from tests.test_rules import (
    closed_by_owlrl,
    is_useful,
    shipped_axioms,
    shipped_facts,
    triple,
)


class Table:
    """Facts in memory, by index; it counts what is asked of it."""

    def __init__(self, asserted, inferred=()):
        self.asserted = set()
        self.ends = {}
        self.asked = self.rows = 0
        self.change(asserted, ())
        self.infer(inferred, ())

    def change(self, added, removed):
        self.asserted |= set(added)
        self.asserted -= set(removed)
        self._keep(added, removed)

    def infer(self, added, removed):
        self._keep(added, set(removed) - self.asserted)

    def _keep(self, added, removed):
        for found in added:
            for end in found.subject, found.object:
                self.ends.setdefault(end, {})[found] = None
        for found in removed:
            for end in found.subject, found.object:
                self.ends[end].pop(found, None)

    def triples(self, subject=None, predicate=None, object_=None):
        self.asked += 1
        asked = subject, predicate, object_
        ends = [end for end in (subject, object_) if end is not None]
        tables = [self.ends.get(end, {}) for end in ends] or [
            dict.fromkeys(chain.from_iterable(self.ends.values()))
        ]
        for found in min(tables, key=len):
            if all(want in (None, has) for want, has in zip(asked, found, strict=True)):
                self.rows += 1
                yield found

    def is_asserted(self, found):
        self.asked += 1
        return found in self.asserted


def told(clashes):
    """The axioms that clash, each with its premises if RDF can say these themselves.

    In the place of others may stand whatever was first found to give them.
    """
    return Counter(
        (clash.axiom, frozenset(clash.premises if is_sayable(clash) else ()))
        for clash in clashes
    )


def is_sayable(clash):
    nameless = " or " in clash.axiom or "{" in clash.axiom
    return not nameless and all(
        isinstance(premise.object, NamedNode) for premise in clash.premises
    )


def assert_change_agrees(rules, before, added, removed):
    """Compare with recomputing; return what is asserted after the change."""
    old = rules.materialise(before)
    after = (before | added) - removed
    new = rules.materialise(after)
    delta = judge_change(rules, Table(before, old.inferred), added, removed)
    assert set(delta.inferred) == set(new.inferred) - set(old.inferred)
    assert set(delta.withdrawn) == set(old.inferred) - set(new.inferred)
    assert told(new.clashes) + told(delta.resolved) == told(old.clashes + delta.clashes)
    for clash in delta.clashes:
        again = rules.materialise(set(clash.asserted) & after).clashes
        assert told([clash]) <= told(again)
    return after


def some_change(data, asserted, chance):
    some = set(chance.sample(data, chance.randint(1, len(data))))
    added = {found for found in some if chance.random() < 0.6} - asserted
    return added, (some - added) & asserted


def assert_changes_agree(ontology, data, chance):
    rules = compile_rules(ontology)
    asserted: set[Triple] = set()
    for _ in range(5):
        added, removed = some_change(data, asserted, chance)
        asserted = assert_change_agrees(rules, asserted, added, removed)


# Worlds in which literals and the ontology's own terms take part like other things

ANYTHING = st.sampled_from([":t", ":u", ":v", ":w", "'one'", "2", ":A", ":p"])
NODES = st.sampled_from([":t", ":u", ":v", ":w", ":A", ":p"])
WILD_STATEMENTS = st.one_of(
    st.builds("{} a {} .".format, NODES, CLASSES),
    st.builds("{} {} {} .".format, NODES, PROPERTIES, ANYTHING),
    st.builds("{} {} {} .".format, NODES, PROPERTIES, ANYTHING),
)
WILD_GRAPHS = st.lists(WILD_STATEMENTS, min_size=1, max_size=14).map(" ".join)
INDIVIDUALS = st.one_of(
    st.builds("{} a {} .".format, THINGS, CLASSES),
    st.builds("{} {} {} .".format, THINGS, PROPERTIES, THINGS),
)
WILD_ONTOLOGIES = st.builds(
    lambda *parts: turtle(" ".join(chain.from_iterable(parts))),
    st.lists(RULED, min_size=1, max_size=7),
    st.lists(KEPT_APART, max_size=2),
    st.lists(INDIVIDUALS, max_size=3),
)
CHANCES = st.randoms(use_true_random=False)


@settings(max_examples=200, deadline=None, derandomize=True)
@given(ONTOLOGIES, GRAPHS, CHANCES)
def test_changes_give_what_recomputing_gives(ontology, data, chance):
    assert_changes_agree(ontology, data, chance)


@settings(max_examples=150, deadline=None, derandomize=True)
@given(WILD_ONTOLOGIES, WILD_GRAPHS.map(turtle), CHANCES)
def test_so_they_do_where_literals_and_terms_are_reasoned_about(ontology, data, chance):
    assert_changes_agree(ontology, data, chance)


@pytest.mark.long
@settings(max_examples=4000, deadline=None)
@given(ONTOLOGIES, GRAPHS, CHANCES)
def test_many_changes_give_what_recomputing_gives(ontology, data, chance):
    assert_changes_agree(ontology, data, chance)


@pytest.mark.long
@settings(max_examples=4000, deadline=None)
@given(WILD_ONTOLOGIES, WILD_GRAPHS.map(turtle), CHANCES)
def test_many_do_where_literals_and_terms_are_reasoned_about(ontology, data, chance):
    assert_changes_agree(ontology, data, chance)


@settings(max_examples=25, deadline=None, derandomize=True)
@given(ONTOLOGIES, GRAPHS, CHANCES)
def test_after_some_changes_all_is_as_with_owlrl(ontology, data, chance):
    rules, table = compile_rules(ontology), Table(())
    inferred = set(rules.materialise(()).inferred)
    for _ in range(3):
        added, removed = some_change(data, table.asserted, chance)
        delta = judge_change(rules, table, added, removed)
        table.change(added, removed)
        inferred = (inferred - set(delta.withdrawn)) | set(delta.inferred)
        table.infer(delta.inferred, delta.withdrawn)
    theirs, _ = closed_by_owlrl(ontology, table.asserted)
    assert inferred == {found for found in theirs if is_useful(found, rules)}


@pytest.mark.parametrize("seed", range(3))
def test_changes_to_the_shipped_facts_give_what_recomputing_gives(seed):
    chance = random.Random(seed)
    rules, asserted = compile_rules(shipped_axioms()), set(shipped_facts())
    removed = set(chance.sample(sorted(asserted, key=str), 40))
    asserted = assert_change_agrees(rules, asserted, set(), removed)
    others = set(chance.sample(sorted(asserted, key=str), 20))
    assert_change_agrees(rules, asserted, removed, others)


# Single cases


def delta_of(ontology, before, added="", removed=""):
    rules, stated = compile_rules(turtle(ontology)), turtle(before)
    table = Table(stated, rules.materialise(stated).inferred)
    return judge_change(rules, table, set(turtle(added)), set(turtle(removed)))


def test_what_supports_only_itself_goes():
    delta = delta_of(
        ":p a owl:SymmetricProperty , owl:TransitiveProperty .",
        ":x :p :y . :y :p :z .",
        removed=":y :p :z .",
    )
    gone = ":z :p :y , :x , :z . :y :p :z . :x :p :z ."
    assert set(delta.withdrawn) == set(turtle(gone)) - set(turtle(":y :p :z ."))
    assert delta.inferred == ()


def test_what_is_asserted_no_longer_may_still_follow():
    delta = delta_of(":p rdfs:domain :A .", ":x :p :y ; a :A .", removed=":x a :A .")
    assert delta.inferred == tuple(turtle(":x a :A ."))
    assert delta.withdrawn == ()


def test_what_follows_is_withdrawn_when_it_is_asserted():
    delta = delta_of(":p rdfs:domain :A .", ":x :p :y .", added=":x a :A .")
    assert delta.withdrawn == tuple(turtle(":x a :A ."))


def test_what_goes_and_comes_by_another_way_is_no_change():
    delta = delta_of(
        ":A rdfs:subClassOf :C . :B rdfs:subClassOf :C .",
        ":x a :A .", added=":x a :B .", removed=":x a :A .",
    )  # fmt: skip
    assert (delta.inferred, delta.withdrawn) == ((), ())


def test_a_fact_with_another_reason_stays():
    ontology = ":p rdfs:domain :A . :A rdfs:subClassOf :B ."
    delta = delta_of(ontology, ":x :p :y , :z .", removed=":x :p :y .")
    assert (delta.inferred, delta.withdrawn) == ((), ())
    delta = delta_of(ontology, ":x :p :z .", removed=":x :p :z .")
    assert set(delta.withdrawn) == set(turtle(":x a :A , :B ."))


def test_facts_that_support_only_each_other_go():
    ontology = ":p a owl:SymmetricProperty . :A owl:equivalentClass :B ."
    delta = delta_of(ontology, ":x :p :y ; a :A .", removed=":x :p :y ; a :A .")
    assert set(delta.withdrawn) == set(turtle(":y :p :x . :x a :B ."))


@pytest.mark.parametrize(("one", "other"), [(":C", ":D"), (":D", ":C")])
def test_a_fact_stays_by_another_that_stays(one, other):
    ontology = f":A rdfs:subClassOf {one} , {other} . :B rdfs:subClassOf {one} ."
    ontology += f" {one} rdfs:subClassOf {other} ."
    delta = delta_of(ontology, ":x a :A , :B .", removed=":x a :A .")
    assert (delta.inferred, delta.withdrawn) == ((), ())


def test_an_ill_typed_literal_is_told_only_where_it_is_asserted():
    delta = delta_of(
        ":p rdfs:subPropertyOf :q .",
        ":x :p 'one'^^xsd:integer ; :q 'one'^^xsd:integer .",
        removed=":x :q 'one'^^xsd:integer .",
    )
    assert len(delta.resolved) == 1


def test_what_the_ontology_states_cannot_be_removed():
    removed = ":x a :A . :unknown a :A ."
    delta = delta_of(":A rdfs:subClassOf :B . :x a :A .", "", removed=removed)
    assert delta.withdrawn == ()


def test_clashes_come_and_go():
    ontology = ":A owl:disjointWith :B . :p rdfs:domain :A ."
    (clash,) = delta_of(ontology, ":x :p :y .", added=":x a :B .").clashes
    assert set(clash.premises) == set(turtle(":x a :A , :B ."))
    assert set(clash.asserted) == set(turtle(":x :p :y ; a :B ."))
    (gone,) = delta_of(ontology, ":x :p :y ; a :B .", removed=":x :p :y .").resolved
    assert gone.message == clash.message


def test_an_ill_typed_literal_is_told_with_its_triple():
    (clash,) = delta_of(":p a rdf:Property .", "", ":x :p 'a'^^xsd:integer .").clashes
    assert clash.premises == tuple(turtle(":x :p 'a'^^xsd:integer ."))


def test_what_the_ontology_states_is_no_change():
    delta = delta_of(":A rdfs:subClassOf :B . :x a :A .", "", removed=":x a :A .")
    assert delta == type(delta)()


# What it costs


@cache
def world():
    return World(seed=1, triples=100_000)


@cache
def world_table():
    view = {quad.triple for quad in world().quads() if in_view(quad.graph_name)}
    return Table(view, compile_rules(shipped_axioms()).materialise(view).inferred)


def cost(added, removed):
    table = world_table()
    table.asked = table.rows = 0
    judge_change(compile_rules(shipped_axioms()), table, added, removed)
    return table.asked + table.rows


def test_a_story_is_added_to_a_large_graph_by_few_look_ups():
    for number in range(5):
        story = {q.triple for q in world().change(number) if in_view(q.graph_name)}
        assert cost(story - world_table().asserted, set()) < 1000


def test_fifty_triples_are_removed_from_a_large_graph_by_few_look_ups():
    chance = random.Random(1)
    asserted = sorted(world_table().asserted, key=str)
    for _ in range(5):
        assert cost(set(), set(chance.sample(asserted, 50))) < 4000


def test_what_stands_behind_a_hub_is_not_read_through():
    rules = compile_rules(
        turtle(
            ":memberOf rdfs:range :Group . :Group rdfs:subClassOf :Agent ."
            ":hasMember owl:inverseOf :memberOf . :Agent owl:disjointWith :Place ."
        )
    )
    stated = turtle(" ".join(f":m{n} :memberOf :hub ." for n in range(2000)))
    table = Table([*stated, triple(":hub a :Group .")])
    table.infer(rules.materialise(table.asserted).inferred, ())
    for added, removed in [
        (":n :memberOf :hub .", ""), ("", ":m1 :memberOf :hub ."),
        ("", ":hub a :Group ."),
    ]:  # fmt: skip
        table.rows = 0
        judge_change(rules, table, set(turtle(added)), set(turtle(removed)))
        assert table.rows < 200


def test_the_merged_view_of_a_store_is_read_by_index(snapshot):
    rules, view = compile_rules(shipped_axioms()), Holding(snapshot)
    for quad in list(snapshot.quads(graph=INFERRED))[:50]:
        assert not view.is_asserted(quad.triple)
        (reason, *_) = explain(rules, view, quad.triple)
        assert all(map(view.is_asserted, reason.asserted()))
    removed = set(shipped_facts()[:30])
    assert all(map(view.is_asserted, removed))
    after = set(shipped_facts()) - removed
    delta = judge_change(rules, view, set(), removed)
    assert set(delta.withdrawn) == set(
        rules.materialise(shipped_facts()).inferred
    ) - set(rules.materialise(after).inferred)


# Why


def reasons(ontology, data, wanted, limit=10):
    rules, stated = compile_rules(turtle(ontology)), turtle(data)
    table = Table(stated, rules.materialise(stated).inferred)
    return explain(rules, table, triple(wanted), limit)


def test_reasons_come_shortest_first_and_lead_to_what_is_asserted():
    found = reasons(
        ":p rdfs:subPropertyOf :q . :q owl:propertyChainAxiom ( :r :s ) ."
        ":q rdfs:domain :A .",
        ":x :r :y . :y :s :z . :x :p :z .",
        ":x a :A .",
    )
    assert [set(reason.asserted()) for reason in found] == [
        set(turtle(":x :p :z .")),
        set(turtle(":x :r :y . :y :s :z .")),
    ]
    (step,) = found[1].premises
    assert step.triple == triple(":x :q :z .")
    assert found[1].derivation.rule.name == "prp-dom"


def test_what_is_asserted_may_have_other_reasons_too():
    found = reasons(":p rdfs:domain :A .", ":x a :A ; :p :y .", ":x a :A .")
    assert [reason.is_asserted for reason in found] == [True, False]


def test_what_does_not_hold_has_no_reason():
    assert reasons(":p rdfs:domain :A .", ":x :p :y .", ":y a :A .") == []


def test_no_more_reasons_are_given_than_asked_for():
    data = " ".join(f":x :p :y{number} ." for number in range(500))
    assert len(reasons(":p rdfs:domain :A .", data, ":x a :A .", limit=7)) == 7


def test_a_step_that_rdf_cannot_say_gives_way_to_its_premises():
    (found,) = reasons(
        "[ owl:unionOf ( :A :B ) ] rdfs:subClassOf :C ."
        "[ owl:onProperty :p ; owl:someValuesFrom [ owl:unionOf ( :A :B ) ] ]"
        " rdfs:subClassOf :D .",
        ":x :p :y . :y a :B .",
        ":x a :D .",
    )
    assert set(found.derivation.premises) == set(turtle(":x :p :y . :y a :B ."))


@settings(max_examples=100, deadline=None, derandomize=True)
@given(WILD_ONTOLOGIES, WILD_GRAPHS.map(turtle))
def test_every_minimal_reason_is_found(ontology, data):
    rules, stated = compile_rules(ontology), set(data[:7]) - set(ontology)
    table = Table(stated, rules.materialise(stated).inferred)
    subsets = [
        set(some)
        for size in range(len(stated) + 1)
        for some in combinations(sorted(stated, key=str), size)
    ]
    closures = [
        (some, some | set(rules.materialise(some).inferred)) for some in subsets
    ]
    for wanted in sorted(rules.materialise(stated).inferred, key=str)[:5]:
        minimal: list[set[object]] = []
        for some, closed in closures:
            if wanted in closed and not any(less <= some for less in minimal):
                minimal.append(some)
        found = explain(rules, table, wanted, 100)
        rest = [set(reason.asserted()) & stated for reason in found]
        assert sorted(map(len, rest)) == list(map(len, rest))
        assert len(rest) == len(minimal)
        assert all(some in minimal for some in rest)
