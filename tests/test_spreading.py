"""How far the prefixes and bases of a document reach."""

from __future__ import annotations

import pytest

from kg.change import parse_rdf
from kg.errors import DataFileError
from kg.formats import by_name
from kg.spreading import FEW, LONGEST, MOST, refuse_spreading
from kg.terms import NamedNode

LONG = "x" * (LONGEST + 1)
MANY = 3_000
HARMLESS = {
    "a long string": f'<a:s> a:p """@base <{LONG}> .""" .',
    "a long comment": f"# @prefix b: <{LONG}>\n<a:s> a:p <a:o> .",
    "a long name that is no prefix": f"<a:s> a:base <http://e/{LONG}> .",
    "names like the words": f"base:a a:base <o> ; a:prefix <{LONG}> . " * 10,
    "the same base again and again": "@base <http://e/a/> . <s> a:p <o> .\n" * MANY,
    "many prefixes in full": "".join(
        f"PREFIX p{n}: <http://e/{n}/>\n" for n in range(MANY)
    ),
}
SPREADING = {
    "bases that follow from bases": "@base <x/> .\n" * MANY,
    "the same in words": "BASE#<a:b>\n<x/>\n" * MANY,
    "behind other signs": "<a:s> a:p 'o'.@base<x/>." * MANY,
    "a long base": f"@base <http://e/{LONG}> .",
    "a long prefix": f'@prefix q: # "\n <http://e/{LONG}> .',
    "prefixes against a base": f"BASE <http://e/{'x' * 1_900}/> "
    + "".join(f"prefix p{n}: <x> " for n in range(MOST // 1_900)),
}


@pytest.mark.parametrize("name", ["turtle", "trig", "n3"])
@pytest.mark.parametrize("text", HARMLESS.values(), ids=HARMLESS)
def test_what_reaches_no_further_than_it_is_long_is_let_through(text, name):
    head = "@prefix a: <http://e/> . @prefix base: <http://e/> .\n"
    fmt = by_name(name)
    parse_rdf((head + text + " a:s a:p a:o .").encode(), fmt, source="x", address="a:b")


@pytest.mark.parametrize("name", ["turtle", "trig", "n3"])
@pytest.mark.parametrize("text", SPREADING.values(), ids=SPREADING)
def test_what_reaches_far_is_refused_with_its_line(text, name):
    with pytest.raises(DataFileError, match=r"^x:\d+: its prefixes and bases are too"):
        parse_rdf(text.encode(), by_name(name), source="x", address="http://e/")


def test_the_address_of_a_document_counts_as_its_base():
    text = "".join(f"@prefix p{n}: <x> .\n" for n in range(MANY)).encode()
    refuse_spreading(text, by_name("turtle"), "x", "http://e/")
    with pytest.raises(DataFileError, match="too long"):
        refuse_spreading(text, by_name("turtle"), "x", "http://e/" + "x" * 5_000)


def test_a_relative_prefix_is_read_as_ever():
    text = b"@base <http://e/a/> . @prefix p: <b#> . @base <c/> . p:s p:p <o> ."
    (quad,) = parse_rdf(text, by_name("turtle"), source="x")
    assert quad.subject == NamedNode("http://e/a/b#s")
    assert quad.object == NamedNode("http://e/a/c/o")


LISTS = {
    "turtle": lambda many: f"<a:s> <a:p> ({'0 ' * many}) .",
    "jsonld": lambda many: f'{{"a:p": {{"@list": [{"0," * many}0]}}}}',
}


@pytest.mark.parametrize("name", LISTS)
def test_a_list_that_makes_far_more_than_it_is_long_is_refused(name):
    few, many = (LISTS[name](n).encode() for n in (FEW // 3, FEW))
    assert len(parse_rdf(few, by_name(name), source="x")) > FEW // 2
    with pytest.raises(DataFileError, match=r"^x: its 100,\d+ bytes make more than"):
        parse_rdf(many, by_name(name), source="x")


def test_what_is_written_out_may_have_as_many_statements_as_it_is_long():
    lines = "".join(f"<a:s> <a:p> <a:{n}> .\n" for n in range(2 * FEW)).encode()
    assert len(parse_rdf(lines, by_name("turtle"), source="x")) == 2 * FEW
