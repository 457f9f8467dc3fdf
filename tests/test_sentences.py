"""Sentences of news texts: where they begin and end."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.change import read_change
from kg.evidence import read_evidence
from kg.files import data_folder
from kg.formats import by_name
from kg.sentences import sentences

CASES = {
    "an abbreviated title": ["Mr. Laassel met Gen. Smith.", "They spoke."],
    "an acronym before a name": ["He met U.S. President Jones.", "It was late."],
    "an acronym at the end": ["She left the U.S.", "The visit was short."],
    "initials": ["John F. Kennedy and J. R. Tolkien never met.", "He was busy."],
    "a month": ["It opened on Nov. 3 in Rabat.", "Nobody came."],
    "a quotation": ["“We agree.”", "Kenya signed."],
    "a question that is attributed": ['"Will you come?" Bachus asked.', "No answer."],
    "an ellipsis": ["They waited...", "Nothing came.", "It was late…"],
    "numbers": ["It cost 3.5 million.", "In 2023 it was 2.1 million."],
    "a company": ["He joined Acme Inc. Chairman Smith.", "She did not."],
    "time of day": ["It began at 5 p.m. Friday.", "It ended at 6 p.m.", "The end."],
    "exclamation": ["Stop!", "Who goes there?", "A friend."],
}


@pytest.mark.parametrize("name", CASES)
def test_a_line_is_split_where_sentences_end(name):
    expected = CASES[name]
    text = " ".join(expected)
    assert [one.of(text) for one in sentences(text)] == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("A Headline\nBy Ada Envoy\n", ["A Headline", "By Ada Envoy"]),
        ("A Title | #tag | #other", ["A Title", "#tag", "#other"]),
        ("Rabat – Kenya spoke.", ["Rabat –", "Kenya spoke."]),
        ("A line that was\nwrapped. Next.", ["A line that was\nwrapped.", "Next."]),
        ("One\n\ntwo", ["One", "two"]),
        ("————\n......\n", []),
        ("1. First point\n2. Second point", ["1. First point", "2. Second point"]),
        ("One.\r\nTwo.\r\n", ["One.", "Two."]),
    ],
)  # fmt: skip
def test_lines_tags_and_datelines_stand_alone(text, expected):
    assert [one.of(text) for one in sentences(text)] == expected


@given(st.text(alphabet=st.sampled_from('Aa .!?\n\r\t|–”“"…1é#'), max_size=120))
def test_sentences_are_in_order_and_lose_no_letter(text):
    found = sentences(text)
    ends = [0, *(one.end for one in found)]
    assert all(
        end <= one.start < one.end for end, one in zip(ends, found, strict=False)
    )
    kept = "".join(one.of(text) for one in found)
    assert [c for c in kept if c.isalnum()] == [c for c in text if c.isalnum()]


def test_the_passages_of_the_shipped_facts_are_found_as_people_parted_them(shared):
    agreeing = 0
    wanted = 0
    for path in sorted(data_folder("facts").glob("*.trig")):
        quads = read_change(path.read_bytes(), by_name("trig"), source="f").added
        articles, passages = read_evidence(quads)
        for article in articles:
            text = (shared / "articles" / f"{article.slug}.txt").read_bytes().decode()
            mine = {(one.start, one.end) for one in sentences(text)}
            theirs = {(one.start, one.end) for one in passages}
            agreeing += len(mine & theirs)
            wanted += len(mine | theirs)
    assert (agreeing, wanted) == (66, 66)
