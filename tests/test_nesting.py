"""How deep a document may nest, in every syntax, and what does not count."""

from __future__ import annotations

import pytest

from kg.errors import DataFileError
from kg.formats import by_name
from kg.jsonld_contexts import LONGEST_CHAIN, refuse_contexts
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


def context(length, definition, *, more=""):
    terms = (
        f'"t{n}": {definition}'.replace("NEXT", f"t{n + 1}") for n in range(length)
    )
    return f'{{{more} "@context": {{{", ".join(terms)}}}, "t0": 1}}'.encode()


@pytest.mark.parametrize(
    "definition",
    [
        '"NEXT:x"',
        '{"@id": "NEXT"}',
        '{"@id": "a:b", "@type": "NEXT"}',
        '{"@id": "a:b", "@context": [{"x": "NEXT"}]}',
    ],
)
def test_terms_that_lead_to_one_another_too_far_are_refused(definition):
    # The engine's parser ends the process with some thousands.
    refuse_contexts(context(LONGEST_CHAIN - 1, definition), "body")
    for hidden in ("", '"@context": {},'):
        with pytest.raises(DataFileError, match="lead too far"):
            refuse_contexts(context(1000, definition, more=hidden), "body")


def test_many_terms_that_do_not_lead_to_one_another_are_let_through():
    refuse_contexts(context(1000, '{"@id": "a:b", "@type": "t0"}'), "body")
    refuse_contexts(b'{"a:context": [1e999, 2]}', "body")


def scoped(definition):
    """Return the definition of a term that is used 3000 times, with such a context."""
    return f'"p": {{"@id": "a:p", "@context": {{{definition}}}}}'


TERMS = ", ".join(f'"t{n}": "a:b"' for n in range(2000))


@pytest.mark.parametrize(
    "text",
    [
        '{"@graph": ['
        + '{"@context": {}}, ' * 3000
        + f'{{"@context": {{{TERMS}}}}}]}}',
        f'{{"@context": {{{scoped(TERMS)}}}, "p": [' + "{}, " * 3000 + "{}]}",
        f'{{"@context": {{{TERMS}, {scoped("")}}}, "p": [' + "{}, " * 3000 + "{}]}",
    ],
)
def test_contexts_of_which_very_much_is_copied_are_refused(text):
    with pytest.raises(DataFileError, match="too many contexts"):
        refuse_contexts(text.encode(), "body")


@pytest.mark.parametrize("keyword", ["@vocab", "@base", "@language", "p"])
def test_long_texts_of_a_context_used_often_are_refused(keyword):
    # The engine's parser makes all of the statements before it gives the first.
    def document(length):
        text = f'{{"@context": {{"{keyword}": "{"x" * length}"}}, "p:a": ['
        return (text + '"b", ' * 20_000 + "1]}").encode()

    refuse_contexts(document(250), "body")
    with pytest.raises(DataFileError, match="far longer than the document"):
        refuse_contexts(document(1000), "body")


def test_broken_json_is_told_before_its_context_is_read():
    with pytest.raises(DataFileError, match="not JSON") as raised:
        refuse_contexts(b'{"@context": {},\n "a": }', "body")
    assert raised.value.where == "body:2:7"


@pytest.mark.parametrize("name", ["xmlns:n", "n:a"])
def test_an_element_of_very_many_attributes_is_refused(name):
    attributes = " ".join(f'{name}{n}="a:b"' for n in range(1500))
    refuse_deep(f"<x {attributes}><y/></x>".encode(), by_name("rdfxml"), "body")
    text = f"<x {attributes}>\n<y {attributes}/></x>".encode()
    with pytest.raises(DataFileError, match="attributes") as raised:
        refuse_deep(text, by_name("rdfxml"), "body")
    assert raised.value.where == "body:2"


def test_a_long_base_of_xml_is_refused_with_its_line():
    text = "<x>\n<y xml:base='http://e/{}'><z/></y></x>"
    refuse_deep(text.format("a" * 1_000).encode(), by_name("rdfxml"), "body")
    with pytest.raises(DataFileError, match="xml:base") as raised:
        refuse_deep(text.format("a" * 2_000).encode(), by_name("rdfxml"), "body")
    assert raised.value.where == "body:2"
