"""Judging all by a screen and then exactly: it says what judging everything says."""

from __future__ import annotations

import re
import warnings
from collections import Counter
from dataclasses import replace
from random import Random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench.world import Mistakes, World
from kg.errors import ShapesError
from kg.rdflib_terms import to_rdflib
from kg.report import Check
from kg.rules import Numbers
from kg.rules.packed import PackedNumbers
from kg.rules.relations import relations_of
from kg.shapes import Shapes
from kg.shapes.clearing import Clearing
from kg.shapes.formulas import FALSE
from kg.shapes.local import judge_of
from kg.shapes.screening import Screen
from kg.shapes.whole import AT_ONCE, validate_whole
from kg.store import Triples
from kg.terms import TYPE
from tests.judging import EXAMPLES, WORLD, facts, hierarchy, judged, shapes, triples_of
from tests.mutations import Mutator
from tests.screen_maker import DATATYPES, OddMaker
from tests.shape_maker import Maker, turtle
from tests.test_shapes_engine import SHT, W3cFile

REFUSED = (ShapesError, TypeError)
"""What judging raises; pyshacl says TypeError of values that cannot be compared."""

BAD = sorted(EXAMPLES.glob("*.bad.ttl"))


def outcome(judge):
    """Return the findings of *judge*, or None where it raises.

    Messages of pyshacl itself quote what a blank node says: they do not count. rdflib
    raises whatever comes when a query counts with what is no number.
    """
    try:
        return Counter(replace(finding, message="") for finding in judge())
    except Exception:  # noqa: BLE001
        return None


def check(rules, data):
    """Assert that the two ways to judge *data* agree; return what they find."""
    view = Triples(data)
    kept = list(view.triples(None, None, None))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # pyshacl warns of shapes that go in circles
        found = outcome(lambda: rules.validate(kept))
        assert outcome(lambda: validate_whole(rules, view)) == found
        clearing = clearing_of(kept)
        by_columns = outcome(lambda: validate_whole(rules, view, clearing=clearing))
        assert by_columns == found
    return found


def clearing_of(triples):
    """Return *triples* in columns."""
    numbers = PackedNumbers(Numbers())
    type_ = numbers.number(TYPE)
    rows = numbers.rows_of(triples, 3)
    return Clearing(numbers, relations_of(np.pad(rows, ((0, 0), (1, 0))), type_))


# Our own shapes


def test_of_facts_that_conform_columns_clear_nearly_all_shapes():
    data = hierarchy() | {quad.triple for quad in facts()}
    rules, view, clearing = shapes(), Triples(data), clearing_of(data)
    alone, targets = Screen(rules, view), judge_of(rules).footprints.targets
    asked = {s: t for s, t in targets.items() if alone.screened(s).condition != FALSE}
    graph = rules.graph
    left = [s for s, t in asked.items() if not clearing.clears(graph, to_rdflib(s), t)]
    assert len(left) < len(asked) / 20


@pytest.mark.parametrize("first", range(0, len(BAD), 60))
def test_our_bad_examples_are_judged_as_a_whole_is(first):
    broken = {t for path in BAD[first : first + 60] for t in triples_of(path)}
    assert check(shapes(), WORLD | hierarchy() | broken)


def test_the_order_of_findings_is_the_same_in_both_ways():
    data = WORLD | hierarchy() | {t for path in BAD for t in triples_of(path)}
    view = Triples(data)
    found = validate_whole(shapes(), view)
    assert found == shapes().validate(view.triples(None, None, None))
    assert len(found) > len(BAD)


def broken_facts(random, many):
    """Return what shapes see of the facts with *many* mistakes in them."""
    mutator = Mutator()
    mutants = mutator.mutants(random)
    quads = mutator.quads
    for _ in range(many):
        mutant = next(mutants)
        quads = (quads - (mutator.quads - mutant.quads)) | (
            mutant.quads - mutator.quads
        )
    return judged(quads)


@pytest.mark.parametrize("seed", range(2))
def test_facts_with_mistakes_are_judged_as_a_whole_is(seed):
    assert check(shapes(), broken_facts(Random(seed), 60))


@pytest.mark.long
@pytest.mark.parametrize("seed", range(100, 150))
def test_facts_with_many_mistakes_are_judged_as_a_whole_is(seed):
    assert check(shapes(), broken_facts(Random(seed), 200))


@pytest.mark.parametrize("seed", range(2))
def test_a_world_with_mistakes_is_judged_as_a_whole_is(seed):
    world = World(seed, 3_000)
    mistakes = Mistakes(world, 40)
    found = check(shapes(), judged(world.quads(mistakes)))
    wanted = {one.shape for one in mistakes.made if one.check == Check.SHAPE}
    assert wanted <= {finding.shape.value for finding in found}


def test_progress_is_told_shape_by_shape():
    told = []
    view = Triples(judged(facts()))
    assert not validate_whole(shapes(), view, lambda *done: told.append(done))
    numbers, totals = zip(*told, strict=True)
    assert list(numbers) == list(range(1, totals[0] + 1))
    assert len(set(totals)) == 1


# Any shapes


def check_columns(rules, data):
    """Assert that columns suspect all that fails, where they know; count what they do.

    Nodes that a shape names, and what its queries find, are not theirs to tell.
    """
    view = Triples(data)
    kept = list(view.triples(None, None, None))
    found = outcome(lambda: rules.validate(kept))
    if found is None:
        return 0
    clearing, known = clearing_of(kept), 0
    screen, targets = Screen(rules, view), judge_of(rules).footprints.targets
    for shape, wanted in targets.items():
        how = screen.screened(shape)
        if how.reason or how.patterns:
            continue
        suspects = clearing.suspects(rules.graph, to_rdflib(shape), wanted)
        if suspects is not None:
            terms = {clearing.term(number) for number in suspects.tolist()}
            failing = {f.focus for f in found if f.shape == shape} - wanted.nodes
            assert failing <= terms
            known += 1
    return known


DEMANDS = [
    *(f"sh:datatype xsd:{name}" for name in DATATYPES),
    *(f"sh:nodeKind sh:{kind}" for kind in ("IRI", "Literal", "BlankNodeOrIRI")),
    *(f"sh:{bound} {n}" for bound in ("minInclusive", "maxExclusive") for n in (0, 1)),
    "sh:datatype rdf:langString", 'sh:languageIn ( "en" )', 'sh:languageIn ( "en-us" )',
    "sh:uniqueLang true", "sh:minCount 1", "sh:maxCount 1", "sh:minCount 2",
    "sh:hasValue :a", 'sh:hasValue "a"', 'sh:in ( :a "a" "a"@en 1 )', "sh:class :A",
    "sh:minLength 1", "sh:maxLength 2", 'sh:pattern "^a"', 'sh:pattern "[^… ]"',
    'sh:pattern "^[0-9]{4}$"', "sh:qualifiedValueShape [ sh:class :B ] ;"
    " sh:qualifiedMinCount 1", "sh:qualifiedValueShape [ sh:datatype xsd:date ] ;"
    " sh:qualifiedMaxCount 1",
]  # fmt: skip
OF_VALUES = [
    demand for demand in DEMANDS if "Count" not in demand and "Lang " not in demand
]
PATHS = [":p", ":q", "rdf:type", "[ sh:inversePath :p ]", "( :p :q )",
         "[ sh:alternativePath ( :p :r ) ]"]  # fmt: skip


def plain_shape(random):
    """Return a shape whose demands columns know."""
    one, other, third = random.sample(OF_VALUES, 3)
    demand = random.choice((
        random.choice(DEMANDS),
        f"{random.choice(DEMANDS)} ; {other}",
        f"sh:not [ {one} ]",
        f"sh:or ( [ {one} ] [ {other} ] [ sh:not [ {third} ] ] )",
        f"sh:and ( [ {one} ] [ {other} ] )",
        f"sh:property [ sh:path :q ; {random.choice(DEMANDS)} ]",
        f"sh:node [ {one} ]",
    ))  # fmt: skip
    target = random.choice(("sh:targetSubjectsOf :p", "sh:targetObjectsOf :q",
                            "sh:targetClass :A"))  # fmt: skip
    path = random.choice(PATHS)
    return turtle(
        f":S a sh:NodeShape ; {target} ; sh:property [ sh:path {path} ; {demand} ] ."
    )


def test_columns_suspect_all_that_fails():
    random, known = Random(7), 0
    for _ in range(80):
        rules = Shapes(plain_shape(random))
        known += check_columns(rules, OddMaker(random).data())
    assert known > 60


def roam(random):
    """Judge random data by random shapes, of plain values or of odd ones."""
    maker = random.choice((Maker, OddMaker, OddMaker))(random)
    asking = maker.asking if isinstance(maker, OddMaker) else maker.questions
    try:
        rules = Shapes(random.choice((maker.shapes, asking))())
    except REFUSED:
        return
    for _ in range(2):
        check(rules, maker.data())


@settings(max_examples=60, deadline=None)
@given(st.integers(min_value=0, max_value=2**32))
def test_any_shapes_judge_as_they_judge_the_whole(seed):
    roam(Random(seed))


@pytest.mark.long
@pytest.mark.parametrize("first", range(0, 10_000, 100))
def test_many_shapes_judge_as_they_judge_the_whole(first):
    for seed in range(first, first + 100):
        roam(Random(seed))


# The test suite of the W3C


def test_the_cases_of_the_w3c_are_judged_as_a_whole_is(shared):
    judged_cases = 0
    for path in sorted((shared / "w3c" / "shacl").rglob("*.ttl")):
        file = W3cFile(path)
        for case in file.cases():
            try:
                rules = Shapes(file.part(case, SHT.shapesGraph))
            except REFUSED:
                continue
            check(rules, file.part(case, SHT.dataGraph))
            judged_cases += 1
    assert judged_cases > 110


# How much is found


def screen(rules, data):
    """Return of each shape how the targets that may fail it are found, and which."""
    found = Screen(rules, Triples(data))
    targets = judge_of(rules).footprints.targets
    return {
        shape: (found.screened(shape), set(found.candidates(shape, targets[shape])))
        for shape in targets
    }


def test_all_our_shapes_are_screened():
    told = screen(shapes(), judged(facts()))
    assert not [shape for shape, (how, _) in told.items() if how.reason]
    assert sum(len(nodes) for _, nodes in told.values()) < 20


def asked(group):
    return f"sh:sparql [ sh:select '{group}' ]"


@pytest.mark.parametrize(
    ("constraint", "reason"),
    [
        ("sh:property [ sh:path :p ; sh:node :S ]", "refers to itself"),
        ('sh:pattern "(?!a)b"', "engines may differ"),
        ('sh:pattern "a" ; sh:flags "i"', "flags"),
        ("sh:hasValue 1.5", "engines may differ"),
        (asked("SELECT $this { $this ?p ?x FILTER (LCASE(?x) = ?x) }"), "LCASE"),
        (asked("SELECT $this { { SELECT $this { $this ?p ?x } } }"), "ToMultiSet"),
        (
            "sh:property [ sh:path :p ; sh:node "
            f"[ {asked('SELECT $this { $this ?p ?x }')} ] ]",
            "other nodes than the targets",
        ),
    ],
)
def test_what_engines_may_see_differently_is_judged_at_every_target(constraint, reason):
    text = f":S a sh:NodeShape ; sh:targetSubjectsOf :p ; {constraint} ."
    data = turtle(":a :p :b . :c :p 1 .")
    [(how, nodes)] = screen(Shapes(turtle(text)), data).values()
    assert reason in how.reason
    assert nodes == {triple.subject for triple in data}


def test_what_follows_a_computed_value_is_matched_row_by_row():
    """Matched by itself, it would be held in memory, which then grows with the data."""
    query = (
        "PREFIX : <http://example.org/> SELECT $this { $this :in ?all ; :at ?n . "
        "FILTER (isNumeric(?n)) BIND (?n + 1 AS ?next) "
        "?other :at ?next ; :in ?all ; :of ?more . }"
    )
    text = f":S a sh:NodeShape ; sh:targetSubjectsOf :in ; {asked(query)} ."
    data = turtle(":a :in :c ; :at 1 ; :of 1 . :b :in :c ; :at 2 ; :of 1 .")
    [(how, nodes)] = screen(Shapes(turtle(text)), data).values()
    assert {node.value for node in nodes} == {"http://example.org/a"}
    follows = how.patterns[0].partition("BIND")[2]
    steps = re.findall(r"LATERAL \{ \?other <\S+/(\w+)> \?\w+ \. \}", follows)
    # Numbers are shared by very many: to look for them comes after what few share.
    assert steps == ["in", "at", "of"]


@pytest.mark.parametrize("constraint", ["sh:deactivated true", "sh:minLength 0"])
def test_a_shape_that_nothing_can_fail_is_asked_of_nothing(constraint):
    text = f":S a sh:NodeShape ; sh:targetSubjectsOf :p ; {constraint} ."
    [(how, nodes)] = screen(Shapes(turtle(text)), turtle(":a :p :b .")).values()
    assert (how.condition, nodes) == ("false", set())


def test_many_findings_are_judged_in_parts():
    rules = Shapes(turtle(":S a sh:NodeShape ; sh:targetClass :A ; sh:class :B ."))
    data = turtle("".join(f":n{n} a :A ." for n in range(2 * AT_ONCE + 7)))
    found = validate_whole(rules, Triples(data))
    assert found == rules.validate(data)
    assert len(found) == len(data)
