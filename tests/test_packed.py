"""Terms that are packed are the terms that they were, each under one number."""

from __future__ import annotations

import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyoxigraph import RdfFormat, parse

from kg.rules import packed
from kg.rules.model import Auxiliary
from kg.rules.numbers import Numbers
from kg.rules.packed import PackedNumbers
from kg.terms import XSD, BlankNode, DefaultGraph, Literal, NamedNode

_texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
_terms = st.one_of(
    st.sampled_from("abcdef").map(lambda letter: NamedNode(f"urn:x:{letter}")),
    st.sampled_from("abc").map(BlankNode),
    _texts.map(Literal),
    st.builds(Literal, _texts, language=st.sampled_from(["en", "de-at", "ru"])),
    st.builds(
        Literal,
        _texts,
        datatype=st.sampled_from(["integer", "date", "string"]).map(
            lambda name: NamedNode(f"{XSD}{name}")
        ),
    ),
    st.just(DefaultGraph()),
)


@pytest.fixture(params=["apart", "alike"], autouse=True)
def hashes(request, monkeypatch):
    """Have texts differ by their hashes, and have most of them share one."""
    if request.param == "alike":
        monkeypatch.setattr(packed, "hash", lambda text: len(text) % 2, raising=False)
    return request.param


@given(st.lists(_terms), st.lists(_terms))
def test_each_term_has_one_number_and_comes_back_by_it(first, then):
    known = Numbers()
    known.number(Auxiliary(3))
    known.number(NamedNode("urn:x:a"))
    numbers = PackedNumbers(known)
    once = dict.fromkeys(first)
    found = dict(zip(once, numbers.of_terms(once), strict=True))
    rows = numbers.rows_of([(term, term) for term in then], 2)
    found |= {term: row[0] for term, row in zip(then, rows, strict=True)}
    assert (rows[:, 0] == rows[:, 1]).all()
    assert len(set(found.values())) == len(found)
    for term, number in found.items():
        assert numbers.terms[number] == term
        assert numbers.find(term) == number == numbers.number(term)
    assert sorted({0, 1, *found.values()}) == list(range(len(numbers)))
    assert numbers.terms[0] == Auxiliary(3)
    assert numbers.find(NamedNode("urn:x:nobody")) == -1


def test_very_many_terms_are_found_again():
    numbers = PackedNumbers(Numbers())
    names = [NamedNode(f"urn:x:{n}") for n in range(3000)]
    assert numbers.of_terms(names).tolist() == list(range(3000))
    assert numbers.of_terms(reversed(names)).tolist() == list(range(3000))[::-1]
    assert len(numbers) == 3000


def test_a_term_takes_little_more_memory_than_its_text(hashes):
    if hashes == "alike":
        pytest.skip("texts that share a hash are held apart")
    texts = [b"<urn:x:%032d>" % n for n in range(60_000)]
    numbers = PackedNumbers(Numbers())
    tracemalloc.start()
    for begin in range(0, len(texts), 5_000):
        numbers.of_texts(texts[begin : begin + 5_000])
    held, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert held / len(texts) < len(texts[0]) + 50


def test_kinds_of_terms_are_told_apart():
    numbers = PackedNumbers(Numbers())
    day = Literal("2026-11-22", datatype=NamedNode(f"{XSD}date"))
    terms = [NamedNode("urn:x:a"), BlankNode("b"), Literal("c>"), day]
    found = numbers.of_terms([*terms, Literal("d", language="en")])
    assert numbers.are_nodes(found).tolist() == [True, True, False, False, False]
    assert numbers.are_blank(found).tolist() == [False, True, False, False, False]
    assert numbers.have_iri(found).tolist() == [True, False, False, True, False]
    assert list(numbers.typed_literals()) == [(3, day)]


@pytest.mark.parametrize(
    "text",
    [
        '"a \\"b\\" \\\\ \\n c"',
        '"x"@ar--rtl',
        '"1"^^<http://www.w3.org/2001/XMLSchema#integer>',
        "<urn:a b>",
    ],
)
def test_a_text_of_any_form_is_read_back(text):
    line = f"<urn:s> <urn:p> {text} ."
    (quad,) = parse(line.encode(), RdfFormat.N_TRIPLES, lenient=True)
    numbers = PackedNumbers(Numbers())
    (number,) = numbers.of_terms([quad.object])
    assert numbers.terms[number] == quad.object
