"""RDF/XML in the encodings that XML allows, and the lines of its errors."""

from __future__ import annotations

import codecs

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.change import parse_rdf
from kg.errors import DataFileError
from kg.formats import by_name
from kg.terms import Literal
from kg.xml_text import as_utf8

RDFXML = by_name("rdfxml")
HEAD = '<?xml version="1.0" encoding="{}"?>\n'
BODY = (
    '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"'
    ' xmlns:e="http://e/"><rdf:Description rdf:about="http://e/a">'
    "<e:p>{}</e:p></rdf:Description></rdf:RDF>"
)


def said(data):
    """Return the text that *data* states, the one literal of its one triple."""
    (quad,) = parse_rdf(data, RDFXML, source="f.rdf")
    assert isinstance(quad.object, Literal)
    return quad.object.value


@pytest.mark.parametrize("head", ["", '<?xml version="1.0"?>', HEAD.format("UTF-16")])
@pytest.mark.parametrize("mark", [codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE])
def test_utf16_is_known_by_its_mark(head, mark):
    coding = "utf-16-le" if mark == codecs.BOM_UTF16_LE else "utf-16-be"
    text = head + BODY.format("Zoë Łuczak 北京 𝄞")
    assert said(mark + text.encode(coding)) == "Zoë Łuczak 北京 𝄞"


@pytest.mark.parametrize("coding", ["utf-16-le", "utf-16-be"])
def test_utf16_without_a_mark_is_known_by_its_declaration(coding):
    text = HEAD.format(coding.upper()) + BODY.format("Zoë")
    assert said(text.encode(coding)) == "Zoë"


@pytest.mark.parametrize(
    ("coding", "text"),
    [
        ("ISO-8859-1", "Zoë"),
        ("iso-8859-2", "Łódź"),
        ("ISO-8859-15", "€ œuvre"),
        ("windows-1252", "“Zoë” – €"),
        ("windows-1251", "Київ"),
        ("US-ASCII", "Zoe"),
    ],
)
@pytest.mark.parametrize("quote", "'\"")
def test_encodings_of_one_byte_are_read_as_declared(coding, text, quote):
    head = HEAD.format(coding).replace('"', quote)
    assert said((head + BODY.format(text)).encode(coding)) == text


@given(st.text(st.characters(codec="utf-8", categories=("L", "N", "S")), max_size=20))
def test_any_text_is_the_same_in_utf16(text):
    text = text.replace("<", "").replace("&", "")
    wide = (HEAD.format("utf-16") + BODY.format(text)).encode("utf-16")
    assert said(wide) == said((HEAD.format("utf-8") + BODY.format(text)).encode())


@pytest.mark.parametrize(
    ("data", "told"),
    [
        ((HEAD.format("utf-16") + "<a").encode("utf-16") + b"x", "f.rdf:2: byte "),
        (HEAD.format("us-ascii").encode() + b"<\xe9/>", "f.rdf:2: byte "),
        (HEAD.format("shift_jis").encode() + b"<a/>", "Only UTF-8"),
        ((HEAD.format("utf-8") + BODY.format("ë")).encode("latin-1"), "0xeb is not"),
        (codecs.BOM_UTF16_LE + "<\ud800/>".encode("utf-16-le", "surrogatepass"), ":1"),
    ],
)
def test_what_is_not_as_it_declares_is_told(data, told):
    with pytest.raises(DataFileError) as refused:
        said(data)
    assert told in str(refused.value)


def test_errors_have_the_lines_of_the_text():
    text = HEAD.format("utf-16") + "\n\n" + BODY.format("<e:a></e:b>")
    wide = text.encode("utf-16")
    with pytest.raises(DataFileError, match=r"^f\.rdf:4:"):
        said(wide)


def test_other_syntaxes_are_left_as_they_are():
    data = "<http://e/a> <http://e/b> 1 .".encode("utf-16")
    assert as_utf8(data, by_name("turtle"), "f.ttl") is data


@pytest.mark.parametrize(
    ("body", "line"),
    [
        ('<rdf:Description rdf:about="http://e/ a"/>', 2),
        ("\n<rdf:li/>", 3),
        ("<e:T>\n\n<x:p/></e:T>", 4),
        (f"<e:T><e:p>{'text ' * 1_000}\n</e:q></e:T>", 3),
        ("<e:T>\r\n<e:p>", 4),
    ],
)
def test_what_is_wrong_has_its_line(body, line):
    text = (
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"'
        f' xmlns:e="http://e/">\n{body}\n</rdf:RDF>'
    )
    with pytest.raises(DataFileError) as refused:
        parse_rdf(text.encode(), RDFXML, source="f.rdf")
    assert refused.value.where.split(":")[:2] == ["f.rdf", str(line)]
