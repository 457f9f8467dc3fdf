"""Cue words and the patterns that they call for."""

from __future__ import annotations

import re

import pytest

from kg.cue_kinds import DOCUMENTS, KINDS, MEASURES, measures, told_by
from kg.cues import CUES, patterns
from kg.terms import BASE, EXQ, MERGED_VIEW, ONTOLOGY, NamedNode


@pytest.mark.parametrize(
    ("sentence", "name"),
    [("They met in Rabat.", "a meeting"), ("He SAID so.", "a claim"),
     ("He was arrested.", "an arrest"),
     ("The senate ratified it.", "a ratification"),
     ("She succeeded him.", "one who follows another in a post"),
     ("The council welcomed it.", "a claim"),
     ("She was quoted as saying so.", "a claim"),
     ("They handed the suspect over.", "a handover"),
     ("The Council imposed sanctions.", "sanctions that are imposed"),
     ("The Council lifted all sanctions.", "sanctions that end"),
     ("Two were declared personae non gratae.", "a diplomat who is no longer accepted"),
     ("He was given 72 hours to leave.", "a diplomat who is no longer accepted"),
     ("Kenya has recalled its ambassador.", "the recall of an envoy"),
     ("The ambassador to Iraq was recalled.", "the recall of an envoy"),
     ("Leaders met at a summit.", "a summit"),
     ("Nine abstained.", "a vote"),
     ("He is an Iraqi national.", "a national"),
     ("The minister in Rabat (Daily Talk)", "a picture"),
     ("The court sentenced him.", "a legal act"),
     ("Council Decision (CFSP) 2024/847 lists them.", "a legal instrument"),
     ("He presented his letters of credence.", "the accreditation of an envoy"),
     ("The chargé d'affaires left.", "a person in a post"),
     ("A joint statement came out.", "a statement that is issued"),
     ("The treaty was initialled.", "a signing and what was signed")],
)  # fmt: skip
def test_a_cue_word_calls_for_its_pattern(sentence, name):
    assert name in [pattern.name for pattern in patterns(sentence)]


def test_a_part_of_a_word_is_no_cue():
    assert patterns("Metal is unsaid.") == []
    assert patterns("She handed her a note.") == []


def test_words_that_only_look_like_a_recall_are_none():
    names = [one.name for one in patterns("He recalled that the envoy had come.")]
    assert "the recall of an envoy" not in names
    assert "the recall of an envoy" not in [
        one.name for one in patterns("The minister recalled the year 1990.")
    ]


def test_patterns_use_terms_of_the_ontology(snapshot):
    terms = {quad.subject for quad in snapshot.quads(graph=ONTOLOGY)}
    for pattern in CUES:
        for name in re.findall(r"exq:(\w+)", pattern.turtle):
            assert NamedNode(EXQ + name) in terms, name


@pytest.mark.parametrize(
    ("sentence", "kind"),
    [
        ("She said the country would open an embassy.", "intention"),
        ("He pledged that he would come.", "commitment"),
        ("They called for help.", "call"),
        ("He called it a success.", "assessment"),
        ("The ministry denied it.", "denial"),
        ("He accused Iraq.", "accusation"),
        ("They warned of war.", "warning"),
        ("He expects talks.", "expectation"),
        ("He rejected this, saying that it was not so.", "denial"),
        ("The council welcomed it.", "praise"),
        ("He reaffirmed that they intend it.", "emphasis"),
    ],
)
def test_the_words_of_a_claim_tell_its_kind(snapshot, sentence, kind):
    assert told_by(KINDS, sentence) == kind
    for name, _ in KINDS:
        node = NamedNode(f"{BASE}id/claim-kind-{name}")
        assert any(snapshot.quads(node, graph=MERGED_VIEW)), name


@pytest.mark.parametrize(
    ("sentence", "name", "document"),
    [
        ("They signed a treaty.", "a signing and what was signed", "Treaty"),
        ("The agreement lifts visas.", "an agreement", "Agreement"),
        ("Two memoranda follow.", "an agreement", "MemorandumOfUnderstanding"),
        ("It enters into force in May.", "an entry into force", "Agreement"),
    ],
)
def test_an_agreement_is_signed_only_where_the_words_say_so(sentence, name, document):
    names = [pattern.name for pattern in patterns(sentence)]
    assert names == [name]
    assert told_by(DOCUMENTS, sentence) == document


def test_measures_are_those_of_the_words(snapshot):
    text = "Their assets abroad are frozen, and they are under a travel ban."
    assert measures(text) == ["asset-freeze", "travel-ban"]
    assert measures("It is hot.") == []
    for name, _ in MEASURES:
        node = NamedNode(f"{BASE}id/measure-{name}")
        assert any(snapshot.quads(node, graph=MERGED_VIEW)), name
