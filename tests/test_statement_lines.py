"""The line on which a document makes a statement, and which syntax it is in."""

from __future__ import annotations

import time

import pytest

from kg.formats import by_name
from kg.guessing import guess
from kg.lines import MOST_STATEMENTS, Places
from kg.report import Check, Finding, Severity
from kg.statement_lines import statement_lines
from kg.terms import Literal, NamedNode, Triple

HEAD = "@prefix e: <http://e/> .\n"
TURTLE = f"""{HEAD}
e:a
  a e:Town ;
  e:name "A"@en , "B"

  # of which more
  ;
  e:near [ a e:Town ;
           e:size 5
         ] .
e:b e:says '''two
lines''' ; e:name "C" .
e:c e:near e:d
.
"""


def lines(text, syntax="turtle"):
    """Return the lines by the last part of predicate and object."""
    found = statement_lines(text.encode(), by_name(syntax))
    return [
        (str(t.predicate)[1:-1].rpartition("/")[2], getattr(t.object, "value", ""), n)
        for t, n in found
    ]


def test_every_statement_has_the_line_of_its_object():
    found = {
        (name, value.rpartition("/")[2]): number
        for name, value, number in lines(TURTLE)
    }
    assert found["22-rdf-syntax-ns#type", "Town"] == 9  # the last of the two
    assert found["name", "A"] == 5
    assert found["name", "B"] == 5
    assert found["size", "5"] == 10
    assert found["says", "two\nlines"] == 13
    assert found["name", "C"] == 13
    assert found["near", "d"] == 14
    assert lines(TURTLE)[0][2] == 4


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_lines_end_in_each_of_three_ways(end):
    text = "<a:a> <a:b> <a:c> .\n\n<a:a> <a:b> '\u2028\x0b' .\n".replace("\n", end)
    assert [number for _, _, number in lines(text)] == [1, 3]


def test_other_syntaxes_have_lines_too_but_not_json():
    assert lines("\n<a:a> <a:b> <a:c> <a:g> .", "nquads") == [("a:b", "a:c", 2)]
    trig = f"{HEAD}e:g {{\n e:a e:b e:c }}\n"
    assert [number for *_, number in lines(trig, "trig")] == [3]
    xml = (
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">\n'
        '<rdf:Description rdf:about="a:a">\n<b xmlns="a:">c</b>\n'
        "</rdf:Description></rdf:RDF>"
    )
    assert [number for *_, number in lines(xml, "rdfxml")] == [3]
    assert lines('{"@id": "a:a", "a:b": "c"}', "jsonld") == []


def test_what_cannot_be_read_is_told_up_to_there():
    assert [number for *_, number in lines(f"{HEAD}e:a e:b 1 .\n]")] == [2]


def test_after_a_very_long_literal_the_lines_are_right_again():
    text = HEAD + "e:a e:b '''" + "\n" * 5000 + "''' .\n" + "e:a e:b 1 .\n" * 6000
    assert lines(text)[-1] == ("b", "1", 11_002)
    assert all(number > 5001 for *_, number in lines(text)[1:])


@pytest.mark.parametrize(
    "text",
    ["e:a e:b '''" + "\n" * 1_000_000, "\n" * 1_000_000 + ".", "#\n" * 500_000,
     "e:a e:b " + "\n1\n," * 30_000, "e:a e:b " + "1 , " * 30_000],
)  # fmt: skip
def test_no_document_takes_longer_than_its_length_says(text):
    began = time.process_time()
    lines(HEAD + text)
    guess((HEAD + text).encode())
    assert time.process_time() - began < 8


def finding(**more):
    return Finding(**{
        "check": Check.SHAPE, "severity": Severity.VIOLATION,
        "focus": NamedNode("http://e/a"), "message": "", **more,
    })  # fmt: skip


def test_a_finding_is_where_the_statement_is_that_it_objects_to():
    def statements():
        for triple, line in statement_lines(TURTLE.encode(), by_name("turtle")):
            yield triple, "a.ttl", line

    places = Places({"a.ttl": TURTLE}, statements)
    name, near = "<http://e/name>", "<http://e/near>"
    assert places.locate(finding(path=name, value=Literal("B"))) == ("a.ttl", 5)
    assert places.locate(finding(path=near)) == ("a.ttl", 10)
    assert places.locate(finding(path="<http://e/none>")) == ("a.ttl", 3)
    assert places.locate(finding()) == ("a.ttl", 3)
    term = NamedNode("http://e/size")
    assert places.locate(finding(check=Check.VOCABULARY, value=term)) == ("a.ttl", 10)
    assert places.locate(finding(focus=NamedNode("http://e/z"))) is None


def test_so_many_statements_are_looked_at_and_no_more():
    asked = 0

    def statements():
        nonlocal asked
        while True:
            asked += 1
            one = NamedNode(f"a:{asked}")
            yield Triple(one, one, one), "x", asked

    assert Places({}, statements).locate(finding()) is None
    assert asked == MOST_STATEMENTS
