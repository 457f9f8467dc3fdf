"""Attacks on the parsers: what hides its depth, or has entities, is refused soon."""

from __future__ import annotations

import time

import pytest

from kg.change import read_change
from kg.errors import DataFileError
from kg.formats import by_name

ROOT = (
    '<r:RDF xmlns:r="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:e="urn:e:">{}'
    "</r:RDF>"
)
DEPTH = 20_000
DEEP = ROOT.format("<e:a><e:b>" * DEPTH + "</e:b></e:a>" * DEPTH)
DOCTYPE = '<!DOCTYPE r [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]>'


def refusal(data, syntax):
    """Return why *data* is refused, which must not take long."""
    began = time.process_time()
    with pytest.raises(DataFileError) as refused:
        read_change(data, by_name(syntax), source="it")
    assert time.process_time() - began < 2
    return refused.value


@pytest.mark.parametrize(
    "head",
    [
        '<?xml version="1.0" encoding="x-none"?>',
        '<?xml version="1.0" encoding="UTF-16"?>',
        '<?xml version="1.0" encoding="utf-7"?>',
        "<e/>",
        "<!-- -- -->",
        "&no;",
        "\x01",
    ],
)
def test_depth_does_not_hide_behind_what_another_parser_stumbles_over(head):
    assert refusal((head + DEEP).encode(), "rdfxml").where.startswith("it:1")


@pytest.mark.parametrize("coding", ["utf-16-le", "utf-16-be", "utf-16", "utf-32-le"])
def test_a_doctype_does_not_hide_in_another_encoding(coding):
    refusal((DOCTYPE + ROOT.format("<e:a>&b;</e:a>")).encode(coding), "rdfxml")


def test_very_many_lines_do_not_hold_up_the_place_of_an_error():
    text = ROOT.format("<e:a>" + "\n" * 7_900_000 + "</e:b>")
    assert refusal(text.encode(), "rdfxml").where == "it:7900001"


@pytest.mark.parametrize(
    ("syntax", "text"),
    [
        ("turtle", "LONG <urn:b> 1 ."),
        ("turtle", "LONG:a <urn:b> 1 ."),
        ("n3", "{LONG"),
        ("rdfxml", ROOT.format("LONG")),
        ("rdfxml", ROOT.format("<LONG:a/>")),
    ],
)
def test_what_is_long_makes_no_long_message(syntax, text):
    found = refusal(text.replace("LONG", "x" * 900_000).encode(), syntax)
    assert len(str(found)) < 1_000
    assert found.where.startswith("it:1")


@pytest.mark.parametrize("syntax", ["turtle", "trig", "n3", "jsonld"])
def test_what_looks_like_an_xml_bomb_is_no_other_syntax(syntax):
    refusal((DOCTYPE + ROOT.format("&b;")).encode(), syntax)


@pytest.mark.parametrize(
    ("syntax", "text"),
    [
        ("turtle", "<urn:a> <urn:b> " + "[ <urn:b> " * DEPTH),
        ("turtle", "<urn:a> <urn:b> " + "(" * DEPTH),
        ("trig", "{ <urn:a> <urn:b> " + "(" * DEPTH),
        ("n3", "{" * DEPTH),
        ("n3", "<urn:a> <=" + "(" * DEPTH + ">"),
        ("jsonld", '{"@context": ' + "[" * DEPTH),
        ("jsonld", '{"urn:a": ' * DEPTH),
        ("jsonld", "'\"'" + "[" * DEPTH),
        ("rdfxml", DEEP),
    ],
)
def test_what_nests_deep_is_refused_in_every_syntax(syntax, text):
    refusal(text.encode(), syntax)
