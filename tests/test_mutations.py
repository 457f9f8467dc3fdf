"""Mistakes in good facts: shapes, terms and consistency together catch them."""

from __future__ import annotations

import sys
from collections import Counter
from functools import cache
from random import Random

import pytest

from kg.report import Severity
from kg.rules import compile_rules
from kg.shapes.whole import validate_whole
from kg.store import Triples
from kg.vocabulary import Vocabulary
from tests.judging import facts, judged, ontology, shapes, view
from tests.mutations import MISTAKES, Mutator
from tests.oracle import faults

CAUGHT = 0.95


@cache
def vocabulary():
    return Vocabulary.of(ontology())


@cache
def rules():
    return compile_rules(ontology())


def is_caught(quads):
    """Tell whether *quads* are kept out; the quick checks first."""
    return (
        any_violation(vocabulary().check(quads))
        or bool(rules().materialise(view(quads)).clashes)
        or any_violation(validate_whole(shapes(), Triples(judged(quads))))
    )


def any_violation(findings):
    return any(finding.severity is Severity.VIOLATION for finding in findings)


def test_the_oracle_finds_nothing_wrong_with_the_facts():
    assert faults(facts()) == set()


def test_the_facts_are_let_in():
    assert not is_caught(facts())


@pytest.mark.parametrize(
    ("number", "seed"), [(44, 7), pytest.param(330, 11, marks=pytest.mark.long)]
)
def test_mistakes_are_caught(number, seed, capsys):
    wrong = (m for m in Mutator().mutants(Random(seed)) if faults(m.quads))
    mutants = [next(wrong) for _ in range(number)]
    missed = [str(mutant) for mutant in mutants if not is_caught(mutant.quads)]
    kinds = Counter(mutant.kind for mutant in mutants)
    assert len(kinds) == len(MISTAKES)
    with capsys.disabled():
        sys.stdout.write(told(number, kinds, missed))
    assert len(missed) <= number * (1 - CAUGHT), missed


def told(number, kinds, missed):
    counts = ", ".join(f"{kind} {count}" for kind, count in sorted(kinds.items()))
    lines = [f"\n{number - len(missed)} of {number} mistakes caught ({counts})"]
    lines += [f"  slipped through: {mutant}" for mutant in missed]
    return "\n".join(lines)
