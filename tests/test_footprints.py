"""Judging a change in parts: it says what judging everything says, for less."""

from __future__ import annotations

import warnings
from itertools import chain
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kg.errors import ShapesError
from kg.shapes import Shapes
from kg.shapes.footprints import footprints_of
from kg.shapes.local import judge_change
from kg.terms import EXQ, NamedNode, Triple
from tests.changes import Changer, Course, Step
from tests.judging import EXAMPLES, WORLD, facts, hierarchy, judged, shapes, triples_of
from tests.lookups import Memory
from tests.shape_maker import Maker, turtle
from tests.test_shapes_engine import SHT, W3cFile

REFUSED = (ShapesError, TypeError)
"""What judging raises; pyshacl says TypeError of values that cannot be compared."""

# Our own shapes


def test_all_our_shapes_are_analysed():
    assert not footprints_of(shapes()).reasons


@pytest.mark.parametrize("kind", ["bad", "good"])
def test_our_examples_are_judged_as_the_whole_is(kind):
    course = Course(shapes(), WORLD | hierarchy())
    examples = sorted(EXAMPLES.glob(f"*.{kind}.ttl"))
    for first in range(0, len(examples), 60):
        some = {t for path in examples[first : first + 60] for t in triples_of(path)}
        course.take(Step(frozenset(some - course.state.all), frozenset()))
    assert len(course.findings) > (len(examples) if kind == "bad" else 0)


def sample(random):
    """Return what the shipped files say of some of their things."""
    data = judged(facts())
    subjects = sorted({triple.subject for triple in data}, key=str)
    some = set(random.sample(subjects, len(subjects) // 12))
    return frozenset(triple for triple in data if triple.subject in some)


def wander(random, base, steps):
    """Take random steps from *base*, always on from what became of it."""
    course = Course(shapes(), base | hierarchy())
    changer = Changer(base - hierarchy(), random)
    for _ in range(steps):
        step = changer.step(course.state)
        try:
            course.take(step)
        except REFUSED:
            continue


@pytest.mark.parametrize("seed", range(3))
def test_random_changes_of_some_facts_are_judged_as_the_whole_is(seed):
    random = Random(seed)
    wander(random, sample(random), 15)


def test_random_changes_of_the_facts_are_judged_as_the_whole_is():
    wander(Random(1), judged(facts()), 5)


@pytest.mark.long
@pytest.mark.parametrize("seed", range(100, 140))
def test_many_random_changes_are_judged_as_the_whole_is(seed):
    random = Random(seed)
    wander(random, sample(random), 100)


@pytest.mark.long
@pytest.mark.parametrize("seed", range(200, 210))
def test_many_random_changes_of_all_facts_are_judged_as_the_whole_is(seed):
    wander(Random(seed), judged(facts()), 60)


# Any shapes


def roam(random, steps=8):
    """Take random steps through random data, judged by random shapes."""
    maker = Maker(random)
    rules = Shapes(random.choice((maker.shapes, maker.questions))())
    course = Course(rules, maker.data())
    for _ in range(steps):
        present = sorted(course.state.all, key=str)
        removed = set(random.sample(present, min(len(present), random.randrange(3))))
        told = "".join(maker.statement() for _ in range(random.randrange(4)))
        added = set(turtle(told)) - course.state.all
        try:
            course.take(Step(frozenset(added), frozenset(removed)))
        except REFUSED:
            continue


def roam_quietly(random):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # pyshacl warns of shapes that go in circles
        try:
            roam(random)
        except REFUSED:
            return


@settings(max_examples=20, deadline=None)
@given(st.integers(min_value=0, max_value=2**32))
def test_changes_are_judged_as_the_whole_is_by_any_shapes(seed):
    roam_quietly(Random(seed))


@pytest.mark.long
@pytest.mark.parametrize("first", range(0, 3_000, 100))
def test_many_changes_are_judged_as_the_whole_is_by_any_shapes(first):
    for seed in range(first, first + 100):
        roam_quietly(Random(seed))


def aimed(constraint):
    """Return shapes that demand *constraint* of :a, of each :A and of what has :p."""
    return Shapes(
        turtle(
            ":X a sh:NodeShape ; sh:targetNode :a ; sh:targetClass :A ;"
            f" sh:targetSubjectsOf :p ; {constraint} ."
        )
    )


def asked(group):
    query = f"PREFIX : <http://example.org/> SELECT $this WHERE {{ {group} }}"
    return f'sh:sparql [ sh:select """{query}""" ]'


OTHER_QUALIFIED = (
    "[ sh:path :p ; sh:qualifiedMinCount 1 ; sh:qualifiedValueShapesDisjoint true ;"
    " sh:qualifiedValueShape [ sh:class :A ] ] , "
    "[ sh:path :q ; sh:qualifiedMinCount 0 ; "
    " sh:qualifiedValueShape [ sh:property [ sh:path :r ; sh:minCount 1 ] ] ]"
)


@pytest.mark.parametrize(
    ("constraint", "data", "removed"),
    [
        (f"sh:property {OTHER_QUALIFIED}", ":a :p :b . :b a :A ; :r 1 .", ":b :r 1 ."),
        (
            # pyshacl follows the sequence in its order, though backwards.
            "sh:property [ sh:path [ sh:inversePath ( :p :q ) ] ; sh:maxCount 0 ]",
            ":d :q :b . :b :p :a . :b :q :a . :d :p :b .",
            ":b :p :a .",
        ),
        (
            "sh:property [ sh:path ( :p [ sh:zeroOrMorePath :q ] ) ; sh:class :A ]",
            ":a :p :b . :b :q :c . :c :q :b . :b a :A . :c a :B .",
            ":b :q :c .",
        ),
        (
            asked("$this :p ?x OPTIONAL { ?x :q ?y } FILTER (!BOUND(?y))"),
            ":a :p :b . :b :q :c .",
            ":b :q :c .",
        ),
        (
            asked("$this :p ?x FILTER NOT EXISTS { ?y :q ?x . ?y a :A }"),
            ":a :p :b . :c :q :b . :c a :A .",
            ":c a :A .",
        ),
        (
            # Without a match rdflib asks again, knowing only what is inside the braces.
            asked("$this :r ?x { $this :p :b OPTIONAL { $this :q ?x } }"),
            ":a :p :b ; :q :d ; :r :e .",
            ":a :q :d .",
        ),
    ],
)
def test_a_change_far_away_is_judged_as_the_whole_is(constraint, data, removed):
    rules = aimed(constraint)
    assert not footprints_of(rules).reasons
    step = Step(frozenset(), frozenset(turtle(removed)))
    course = Course(rules, turtle(data))
    before = course.findings
    course.take(step, messages=False)
    assert course.findings != before
    course.take(Step(step.removed, frozenset()), messages=False)


@pytest.mark.parametrize(
    ("constraint", "reason"),
    [
        (asked("$this :p ?x . ?y :q ?z"), "not connected"),
        (asked("$this :p ?x . :b :q :c"), "not connected"),
        (asked("{ SELECT $this { $this :p ?x } }"), "ToMultiSet"),
        (asked("?x :p ?y OPTIONAL { $this :q ?x }"), "OPTIONAL"),
        (asked("?x :p* ?y . FILTER (?x = $this)"), "not connected"),
        (asked("$this :p $currentShape"), "not about $this alone"),
        ("sh:property [ sh:path :p ; sh:node :X ]", "refers to itself"),
    ],
)
def test_what_is_not_analysed_says_why_and_is_judged_everywhere(constraint, reason):
    rules = aimed(constraint)
    [told] = footprints_of(rules).reasons.values()
    assert reason in told
    course = Course(rules, turtle(":a :p :b . :c :p :d . :b :q :c ."))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        course.take(Step(frozenset(turtle(":c :q :b .")), frozenset()), messages=False)


def test_a_change_of_the_hierarchy_concerns_all_shapes():
    rules = aimed("sh:class :B")
    course = Course(rules, turtle(":a a :C . :c a :C ."))
    assert len(course.findings) == 1
    course.take(Step(frozenset(turtle(":C rdfs:subClassOf :A , :B .")), frozenset()))
    assert not course.findings


def test_a_node_that_is_no_target_any_more_leaves_no_finding():
    course = Course(aimed("sh:nodeKind sh:Literal"), turtle(":c :p :d ; :p :e ."))
    for leaving, left in ((":c :p :d .", 2), (":c :p :e .", 1)):
        course.take(Step(frozenset(), frozenset(turtle(leaving))))
        assert len(course.findings) == left


# Cost


def cost(rules, data, added):
    """Return how many triples are read to judge that *added* comes to *data*."""
    old, new = Memory(data), Memory([*data, *added])
    judge_change(rules, old, new, set(added), set())
    return old.told + new.told + old.asked + new.asked


HUB = chain.from_iterable(
    turtle(f":n{n} :p :hub ; :q 1 ; a :A .") for n in range(2_000)
)


def test_a_hub_is_not_read_where_the_change_names_the_node():
    hub = list(HUB)
    rules = aimed(
        "sh:property [ sh:path :p ; sh:class :B ; sh:maxCount 1 ] ; "
        + asked("$this :p ?hub ; :q ?one . ?hub :r ?one")
    )
    assert cost(rules, hub, turtle(":m :p :hub ; :q 1 ; a :A .")) < 100
    # That the hub becomes a :C matters to nobody, only that it becomes a :B would.
    assert cost(rules, hub, turtle(":hub a :C .")) < 20
    assert cost(rules, hub, turtle(":hub a :B .")) > 2_000


def passages(article, many):
    return [
        Triple(
            NamedNode(f"http://example.org/{article}#s{n:02}"),
            NamedNode(f"{EXQ}{name}"),
            value,
        )
        for n in range(1, many + 1)
        for name, value in (
            ("ordinal", turtle(f":x :p {n} .")[0].object),
            ("passageOf", NamedNode(f"http://example.org/{article}")),
        )
    ]


def test_a_passage_is_compared_with_those_of_its_article_alone():
    def passage_cost(articles):
        data = [t for n in range(articles) for t in passages(f"x{n}", 5)]
        longer = set(passages("x0", 6)) - set(data)
        return cost(shapes(), {*data, *hierarchy()}, longer)

    assert passage_cost(500) <= 1.2 * passage_cost(20)


# The test suite of the W3C


@pytest.fixture(scope="module")
def suite(shared):
    folder = shared / "w3c" / "shacl"
    return [W3cFile(path) for path in sorted(folder.rglob("*.ttl"))]


def cases(files):
    for file in files:
        for case in file.cases():
            yield (
                Shapes(file.part(case, SHT.shapesGraph)),
                set(file.part(case, SHT.dataGraph)),
            )


def check_case(rules, data, most):
    random = Random(0)
    course = Course(rules, ())
    course.take(Step(frozenset(data), frozenset()), messages=False)
    triples = sorted(data, key=str)
    for triple in random.sample(triples, min(most, len(triples))):
        one = frozenset({triple})
        course.take(Step(frozenset(), one), messages=False)
        course.take(Step(one, frozenset()), messages=False)


def check_suite(files, most):
    judged_cases = 0
    for rules, data in cases(files):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            try:
                check_case(rules, data, most)
            except REFUSED:
                continue
        judged_cases += 1
    assert judged_cases > 110


def test_the_cases_of_the_w3c_are_judged_as_the_whole_is(suite):
    check_suite(suite, 1)


@pytest.mark.long
def test_the_cases_of_the_w3c_without_any_triple_are_judged_as_the_whole_is(suite):
    check_suite(suite, 1_000)
