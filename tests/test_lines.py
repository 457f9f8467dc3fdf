"""Lines of terms in texts: the subject's first, and soon, whatever the text is."""

from __future__ import annotations

import time

import pytest

from kg.lines import Lines, Places
from kg.terms import Literal, NamedNode

BASE = "http://e/"


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("x:b x:p x:a .\nx:a x:p 1 .", 2),
        ("x:b x:p x:a .", 1),
        ("x:b x:p x:c ;\n   x:p x:a.", 2),
        ("# x:a is here\nx:c x:p x:b .\n  x:a", 3),
        ("x:b x:p x:a .\n<http://e/a> x:p 1 .", 2),
        ("y:a\\#x x:p 1 .\ny:d\\#a x:p 1 .", 2),
        (":b x:p 1 .\n:a x:p 1 .", 2),
        ("x:ab x:p 1 .\nx:a-b x:p 1 .\nx:A x:p 1 .", None),
        ('x:b x:p "a" .', None),
        ("", None),
    ],
)
def test_the_line_of_a_subject_goes_before_others(text, line):
    assert Lines(text).of(NamedNode(f"{BASE}a")) == line


def test_a_value_has_no_line_and_a_name_that_ends_so_has_none():
    assert Lines("a").of(Literal("a")) is None
    assert Lines("x:a : .").of(NamedNode(BASE)) is None


def test_the_first_of_several_texts_is_told():
    places = Places({"one": "x:b x:p 1 .", "two": "x:c x:p 1 .\nx:b x:p x:a ."})
    assert places.find(NamedNode(f"{BASE}b")) == ("one", 1)
    assert places.find(NamedNode(f"{BASE}a")) == ("two", 2)
    assert places.find(NamedNode(f"{BASE}z")) is None


@pytest.mark.parametrize(
    "piece",
    ["9", "a:", ":", "<", "a ", "<a>", "\\", "a\\", ".", "#", " #", "\t", "é", "%4"],
)
def test_no_text_takes_longer_than_its_length_says(piece):
    began = time.process_time()
    for end in ("", "\n", ">", " x:a"):
        Lines(f"x:b x:p {piece * (300_000 // len(piece))}{end}").of(
            NamedNode(f"{BASE}nothing")
        )
    assert time.process_time() - began < 6


def test_many_terms_of_a_long_text_are_soon_found():
    text = "".join(f"x:n{number} x:p 1 .\n" for number in range(20_000))
    lines = Lines(text)
    began = time.process_time()
    for number in range(20_000):
        assert lines.of(NamedNode(f"{BASE}n{number}")) == number + 1
    assert time.process_time() - began < 4
