"""How deep a document may nest, in every syntax, and what does not count."""

from __future__ import annotations

import pytest

from kg.errors import DataFileError
from kg.formats import by_name
from kg.nesting import DEPTH, refuse_deep


def turtle(depth, opening="[ <a:b> ", closing=" ]"):
    return f"<a:a> <a:b>\n {opening * depth}1{closing * depth} ."


def json(depth):
    return "{\n" + '"a:b": {' * (depth - 1) + "}" * depth


def xml(depth):
    inside = "<d><p>" * depth + "</p></d>" * depth
    return f"<x>\n{inside[3:-4]}</x>"


DOCUMENTS = [
    ("turtle", turtle),
    ("turtle", lambda depth: turtle(depth, "( ", " )")),
    ("turtle", lambda depth: turtle(depth, "<< <a:a> <a:b> ", " >>")),
    ("trig", lambda depth: turtle(depth, "{ <a:a> <a:b> ", " }")),
    ("n3", lambda depth: turtle(depth, "{ <a:a> <a:b> ", " }")),
    ("ntriples", lambda depth: turtle(depth, "<<( ", " )>>")),
    ("jsonld", json),
    ("rdfxml", xml),
]
each_document = pytest.mark.parametrize(("syntax", "make"), DOCUMENTS)


@each_document
def test_what_nests_too_deep_is_refused_with_its_line(syntax, make):
    with pytest.raises(DataFileError, match=f"more than {DEPTH} deep") as raised:
        refuse_deep(make(DEPTH + 1).encode(), by_name(syntax), "body")
    assert raised.value.where == "body:2"


@each_document
def test_what_nests_no_deeper_is_let_through(syntax, make):
    depth = DEPTH // 2 if syntax == "ntriples" else DEPTH
    refuse_deep(make(depth).encode(), by_name(syntax), "body")


@pytest.mark.parametrize(
    ("syntax", "text"),
    [
        ("turtle", "<a:a> <a:b> '''" + "[" * 999 + "''' ."),
        ("turtle", '<a:a> <a:b> """' + '[" ' * 999 + '""" .'),
        ("turtle", r'<a:a> <a:b> "\"' + "(" * 999 + '" .'),
        ("turtle", "# " + "{" * 999 + "\n<a:a> <a:b> 1 ."),
        ("turtle", "<a:a> <a:b> " + "[ ] , " * 999 + "1 ."),
        ("turtle", "] ) }" * 999),
        ("jsonld", '{"a": "' + "[" * 999 + '"}'),
        ("jsonld", '{"a": "\\"' + "{" * 999 + '"}'),
        ("rdfxml", "<x>" + "<y/>" * 999 + "<!--" + "<z>" * 999 + "--></x>"),
        ("rdfxml", "<x><![CDATA[" + "<y>" * 999 + "]]></x>"),
        ("rdfxml", "this is no XML"),
    ],
)
def test_what_only_looks_like_nesting_is_let_through(syntax, text):
    refuse_deep(text.encode(), by_name(syntax), "body")


def test_a_string_that_does_not_end_is_no_hiding_place():
    text = "<a:a> <a:b> ' " + "[ <a:b> " * 999
    with pytest.raises(DataFileError):
        refuse_deep(text.encode(), by_name("turtle"), "body")
