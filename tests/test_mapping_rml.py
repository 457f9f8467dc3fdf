"""Mappings in RML: the same as in YARRRML, and as little that they can reach."""

from __future__ import annotations

from pathlib import Path

import pytest

from kg.errors import DataFileError
from kg.mapping import Origin, map_table
from kg.mapping_spec import read_spec
from kg.tables import read_table
from tests.engine_of_mappings import need_engine

RML = Path(__file__).parent / "data" / "plover-events.rml.ttl"
EVENTS = """\
Event ID,Event Date,Event Type,Event Mode,Actor Country,Recipient Country
E-1,2024-03-12,CONSULT,visit,KEN; KWT,MAR
E-2 <x>,2024-03,ACCUSE,,IRQ,
E-3,,ACCUSE,,IRQ,
"""
ORIGIN = Origin("Invented {Events}", "https://example.org/", "https://example.org/l")
SHORT = """
@prefix exq: <https://w3id.org/exequatur/ontology#> .
@prefix map: <https://w3id.org/exequatur/mapping#> .
@prefix rml: <http://w3id.org/rml/> .
[] a map:Table ; map:key ( "State" "Since" ) ;
  map:column [ map:name "State" ; map:is exq:State, exq:Territory ] ,
    [ map:name "Since" ; map:is "date" ; map:until "To" ] ,
    [ map:name "To" ; map:is "date" ] .
<#rule> rml:logicalSource [ rml:source "data.csv" ; rml:iterator "$[*]" ] ;
  rml:subjectMap [ rml:template "https://example.org/{State.short}" ] ;
  rml:predicateObjectMap [ rml:predicate exq:edtf ;
    rml:objectMap [ rml:reference "Since.edtf" ; rml:termType rml:Literal ] ] .
"""


@pytest.mark.parametrize("base", ["https://w3id.org/exequatur/", "https://a.example/"])
def test_rml_makes_what_yarrrml_makes(graph, tmp_path, base):
    need_engine()
    (tmp_path / "events.csv").write_text(EVENTS, encoding="utf-8")
    table = read_table(tmp_path / "events.csv")
    yarrrml, rml = (
        map_table(graph.snapshot(), read_spec(Path(spec)), table, ORIGIN, base=base)
        for spec in ("plover-events", RML)
    )
    made = rml.change.added
    assert len(made) > 20
    assert any(str(quad.subject).startswith(f"<{base}id/") for quad in made)
    assert made == yarrrml.change.added
    assert [*map(rml.stated.lines_of, made)] == [*map(yarrrml.stated.lines_of, made)]
    assert rml.rejected == yarrrml.rejected
    assert [one.line for one in rml.rejected] == [4]


def test_the_columns_are_told_as_in_yarrrml(tmp_path):
    path = tmp_path / "own.ttl"
    path.write_text(SHORT, encoding="utf-8")
    spec = read_spec(path)
    assert spec.key == ("State", "Since")
    columns = {column.name: column for column in spec.columns}
    assert columns["State"].is_ == ("exq:State", "exq:Territory")
    assert columns["Since"].until == "To"
    assert spec.rules.references() == {"State.short", "Since.edtf"}


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ('"data.csv"', '"/etc/passwd"', 'names the source "/etc/passwd"'),
        ('"data.csv"', '"../data.csv"', 'names the source "../data.csv"'),
        ('"data.csv"', '"https://example.org/data.csv"', "names the source"),
        ('"data.csv"', "<https://example.org/data.csv>", "names the source"),
        ('"data.csv"', '[ rml:path "/tmp/data.csv" ]', "names the source"),
        ('rml:source "data.csv"', 'rml:query "SELECT 1"', "rml/query> is not taken"),
        (
            'rml:source "data.csv"',
            'rml:source [ <http://www.w3.org/2011/http#absoluteURI> "http://x" ]',
            "is not taken: a mapping reads only cells",
        ),
        ('rml:reference "Since.edtf"', "rml:parentTriplesMap <#rule>", "is not taken"),
        ('rml:reference "Since.edtf"', "rml:functionExecution <#f>", "is not taken"),
        ("rml:subjectMap [", "rml:subjectMap [ rml:graph <#g> ;", "is not taken"),
        ("rml:termType rml:Literal", "rml:termType rml:BlankNode", "is not taken"),
        ('rml:reference "Since.edtf"', "rml:constant [ ]", "a blank node stands"),
        ("rml:subjectMap", "rml:subjectMaps", "is not taken"),
        ("a map:Table ; map:key", "map:keys", "unknown key of table 'keys'"),
        ("map:until", "map:untill", "did you mean until?"),
        ('"Since" ; map:is "date"', '"Since"', "must be columns of dates"),
        ("map:key (", "map:kez (", "unknown key of table 'kez'"),
        ("@prefix rml:", "@prefix rm:", "The prefix rml: has not been declared"),
    ],
)  # fmt: skip
def test_a_mapping_in_rml_reads_nothing_but_its_table(tmp_path, old, new, told):
    assert old in SHORT
    path = tmp_path / "own.ttl"
    path.write_text(SHORT.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(DataFileError) as caught:
        read_spec(path)
    assert told in str(caught.value)
    assert str(path) in str(caught.value)


@pytest.mark.parametrize(
    ("name", "data", "told"),
    [
        ("m.ttl", b"<urn:a> <urn:b> <urn:c> .", "<urn:b> is not taken"),
        ("m.ttl", b"<urn:a> a <urn:c> .", "holds no mapping in RML"),
        ("m.ttl", b"mappings: {}\n", "m.ttl:1:1"),
        ("m.yml", b"@prefix a: <urn:a> .\n", "m.yml:1: is no YAML"),
        ("m.yml", b"- one\n", "is no mapping in YARRRML"),
        ("m.yml", b"a: \xff\n", "m.yml:1: byte 0xff is not UTF-8"),
        ("m.json", b"{}", "is no mapping: its name must end as that of YARRRML"),
    ],
)
def test_what_is_neither_says_so(tmp_path, name, data, told):
    path = tmp_path / name
    path.write_bytes(data)
    with pytest.raises(DataFileError) as caught:
        read_spec(path)
    assert told in str(caught.value)
