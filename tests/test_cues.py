"""Cue words and the patterns that they call for."""

from __future__ import annotations

import re

import pytest

from kg.cues import CUES, patterns
from kg.terms import EXQ, ONTOLOGY, NamedNode


@pytest.mark.parametrize(
    ("sentence", "name"),
    [("They met in Rabat.", "a meeting"), ("He SAID so.", "a claim"),
     ("He was arrested.", "an arrest")],
)  # fmt: skip
def test_a_cue_word_calls_for_its_pattern(sentence, name):
    assert name in [pattern.name for pattern in patterns(sentence)]


def test_a_part_of_a_word_is_no_cue():
    assert patterns("Metal is unsaid.") == []


def test_patterns_use_terms_of_the_ontology(snapshot):
    terms = {quad.subject for quad in snapshot.quads(graph=ONTOLOGY)}
    for _, _, turtle in CUES:
        for name in re.findall(r"exq:(\w+)", turtle):
            assert NamedNode(EXQ + name) in terms, name
