"""Changes read from files: every syntax, and every way to get one wrong."""

from __future__ import annotations

import codecs
import gzip

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.change import Change, parse_rdf, read_change
from kg.errors import ChangeError, DataFileError
from kg.formats import by_name
from kg.lines import Lines
from kg.terms import EXQ, INFERRED, UNSOURCED, Literal, NamedNode, Quad

TURTLE = by_name("turtle")
S = NamedNode("http://example.org/s")
P = NamedNode("http://example.org/p")

SYNTAXES = {
    "turtle": b"<http://example.org/s> <http://example.org/p> 1 .",
    "ntriples": b'<http://example.org/s> <http://example.org/p> '
    b'"1"^^<http://www.w3.org/2001/XMLSchema#integer> .',
    "trig": b"{ <http://example.org/s> <http://example.org/p> 1 }",
    "nquads": b'<http://example.org/s> <http://example.org/p> '
    b'"1"^^<http://www.w3.org/2001/XMLSchema#integer> .',
    "n3": b"<http://example.org/s> <http://example.org/p> 1 .",
    "rdfxml": b'<r:RDF xmlns:r="http://www.w3.org/1999/02/22-rdf-syntax-ns#" '
    b'xmlns:e="http://example.org/"><r:Description r:about="http://example.org/s">'
    b'<e:p r:datatype="http://www.w3.org/2001/XMLSchema#integer">1</e:p>'
    b"</r:Description></r:RDF>",
    "jsonld": b'{"@id": "http://example.org/s", "http://example.org/p": 1}',
}  # fmt: skip


def read(data, name="turtle", **kwargs):
    return read_change(data, by_name(name), source="f.ttl", **kwargs)


@pytest.mark.parametrize("name", SYNTAXES)
def test_every_syntax_says_the_same(name):
    said = {Quad(S, P, Literal(1), UNSOURCED)}
    assert read(SYNTAXES[name], name).added == said
    assert read(codecs.BOM_UTF8 + SYNTAXES[name], name).added == said


def test_triples_without_a_graph_go_where_they_are_told():
    graph = NamedNode("http://example.org/g")
    assert {q.graph_name for q in read(SYNTAXES["turtle"], graph=graph).added} == {
        graph
    }


def test_a_syntax_error_has_line_and_column():
    with pytest.raises(DataFileError, match=r"^f\.ttl:2:6: .*foo"):
        read(b"@prefix ex: <http://e/> .\nex:a foo:b 1 .")


def test_an_undeclared_prefix_of_the_project_is_advised():
    with pytest.raises(DataFileError, match=r"add `@prefix exq: <.*ontology#> \.`"):
        read(b"<http://e/a> exq:hasParty <http://e/b> .")


def test_a_misspelt_prefix_is_advised():
    with pytest.raises(DataFileError, match=r"add `@prefix skos: "):
        read(b"<http://e/a> skoss:prefLabel 'a' .")


def test_bytes_that_are_not_utf8_have_line_and_column():
    with pytest.raises(DataFileError, match=r"^f\.ttl:2:3: byte 0xe9 is not UTF-8"):
        read(b"# a\n# \xe9t\xe9\n")


def test_utf16_is_told():
    with pytest.raises(DataFileError, match="UTF-16"):
        read("<http://e/a> <http://e/b> 1 .".encode("utf-16"))


@pytest.mark.parametrize(
    "letter", ["\U000e0001", "\U000e01ef", "\U0002fffe", "\U000effff"]
)
@pytest.mark.parametrize("name", ["turtle", "trig", "n3"])
@pytest.mark.parametrize("said", ["e:a{} e:b 1", "e:a e:b{} 1", "e:a e:b 1, ''^^e:a{}"])
def test_a_short_name_with_letters_that_no_iri_may_have_is_told(name, letter, said):
    text = f"# {letter}a\n@prefix e: <http://e/> .\n{said.format(letter)} ."
    with pytest.raises(DataFileError, match=r"^f\.ttl:3\b.*IRI"):
        read(text.encode(), name)


def test_such_letters_may_stand_in_texts():
    text = "<urn:a> <urn:\U0001f3f4> '\U0001f3f4\U000e0067\U000e007f' . # \U0002fffe"
    [quad] = read(text.encode()).added
    assert quad.object == Literal("\U0001f3f4\U000e0067\U000e007f")


@pytest.mark.parametrize(
    "context",
    [
        '"http://e/c"',
        '["http://e/c"]',
        '{"a": {"@id": "e:a", "@context": "http://e/c"}}',
    ],
)
def test_a_context_that_is_elsewhere_is_told_with_what_would_do(context):
    text = f'{{"@context": {context}, "@id": "http://e/s", "a": {{"e:p": 1}}}}'
    with pytest.raises(DataFileError, match=r"to be fetched.*/context\.jsonld"):
        read(text.encode(), "jsonld")


def test_no_place_is_made_up_where_the_parser_tells_none():
    with pytest.raises(DataFileError) as refused:
        read(b'{"@context": {"a": "http://e/"},\n"@id": 5}', "jsonld")
    assert refused.value.where == "f.ttl"


@pytest.mark.parametrize("data", [b"", b"\n", b"# only a comment\n"])
def test_an_empty_file_is_told(data):
    with pytest.raises(DataFileError, match="holds no triples"):
        read(data)


def test_a_doctype_is_refused():
    bomb = b'<!DOCTYPE r [<!ENTITY a "aaaa">]>' + SYNTAXES["rdfxml"]
    with pytest.raises(DataFileError, match="DOCTYPE"):
        read(bomb, "rdfxml")


@pytest.mark.parametrize(
    ("name", "head", "foot"),
    [
        ("turtle", "@prefix p: <http://e/LONG> . p:s p:p ", "p:o ."),
        ("turtle", "@base <http://e/LONG/> . <s> <p> ", "<o> ."),
        ("turtle", "@prefix p: <http://e/LONG> . p:s p:p ", '"o"^^p:d .'),
        ("jsonld", '{"@context": {"@language": "enLONG"}, "a:p": [', '"o"]}'),
    ],
)
def test_a_document_whose_names_grow_far_beyond_it_is_refused(name, head, foot):
    text = head.replace("LONG", "-abcdefgh" * 100)
    parts = (foot.rstrip(" .]}").replace("o", f"o{n}") + ", " for n in range(500))
    read((text + foot).encode(), name)
    with pytest.raises(DataFileError, match="far longer than the document"):
        read((text + "".join(parts) + foot).encode(), name)


def test_a_remote_context_is_not_fetched():
    data = b'{"@context": "http://127.0.0.1:9/context", "@id": "http://e/a", "p": 1}'
    with pytest.raises(DataFileError):
        read(data, "jsonld")


def test_a_compressed_file_is_told():
    with pytest.raises(DataFileError, match="not UTF-8"):
        read(gzip.compress(SYNTAXES["turtle"]))


def test_triple_terms_are_refused():
    with pytest.raises(DataFileError, match=r"RDF 1\.2"):
        read(b"<http://e/a> <http://e/b> <<( <http://e/a> <http://e/b> 1 )>> .")


def test_a_graph_of_the_program_cannot_be_written():
    with pytest.raises(ChangeError, match="kept by this program"):
        read(b"GRAPH <%s> { <http://e/a> <http://e/b> 1 }" % INFERRED.value.encode(),
             "trig")  # fmt: skip


def test_blank_nodes_become_the_same_iris_each_time():
    data = b"_:x <http://e/p> [ <http://e/q> _:x ] ."
    first, second = read(data), read(data)
    assert first == second
    subjects = {q.subject.value for q in first.added}
    assert len(subjects) == 2
    assert all("/.well-known/genid/" in value for value in subjects)


def test_blank_nodes_of_other_files_stay_apart():
    one = read(b"_:x <http://e/p> 1 .")
    two = read(b"_:x <http://e/p> 2 .")
    assert len({q.subject for q in Change.all_of([one, two]).added}) == 2


def test_a_literal_kept_in_another_form_is_noted():
    change = read(b'<http://e/a> <http://e/b> "01"^^'
                  b"<http://www.w3.org/2001/XMLSchema#integer> .")  # fmt: skip
    assert {q.object for q in change.added} == {Literal(1)}
    assert any("01" in note for note in change.notes)


def test_the_line_of_a_term_is_found_by_iri_or_name():
    text = "PREFIX exq: <x>\n\nexq:hasPartyOf <y> .\nexq:hasParty <z> ."
    assert Lines(text).of(NamedNode(f"{EXQ}hasParty")) == 4
    assert Lines("<http://e/a> 1").of(NamedNode("http://e/a")) == 1
    assert Lines("nothing").of(NamedNode("http://e/a")) is None
    assert Lines("nothing").of(Literal("nothing")) is None


@given(st.binary(max_size=200), st.sampled_from(sorted(SYNTAXES)))
def test_any_bytes_are_read_or_refused_with_the_source(data, name):
    try:
        quads = parse_rdf(data, by_name(name), source="f.ttl")
    except DataFileError as error:
        place = error.where
    else:
        place = "f.ttl"
        assert quads
    assert place.startswith("f.ttl")
