"""Terms that look like ours, or like somebody's, and are none."""

from __future__ import annotations

import pytest
from pyoxigraph import RdfFormat, parse

from kg.prefixes import prefixes
from kg.report import Check, Severity
from kg.terms import EXQ, NamedNode
from kg.vocabulary import MOST_SUGGESTIONS, Vocabulary
from tests.judging import facts, ontology

PREFIXES = "".join(f"@prefix {p}: <{iri}> .\n" for p, iri in prefixes().items())


def trig(text):
    return list(parse((PREFIXES + text).encode(), format=RdfFormat.TRIG))


def check(text):
    return Vocabulary.of(ontology()).check(trig(text))


def messages(text):
    return [finding.message for finding in check(text)]


def test_shipped_facts_use_only_terms_that_exist():
    assert Vocabulary.of(ontology()).check(facts()) == []


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "id:pact exq:hasPary id:kenya .",
            "exq:hasPary is not defined; did you mean exq:hasParty?",
        ),
        (
            "id:kenya a exq:Sate .",
            "exq:Sate is not defined; did you mean exq:State?",
        ),
        (
            "id:kenya a exq:state .",
            "exq:state is not defined; did you mean exq:State?",
        ),
        (
            "id:nairobi exq:locatedIn exq:kenya .",
            "exq:kenya is not defined; things of your own are named under"
            " <https://w3id.org/exequatur/id/>",
        ),
        (
            "exq:kenya a exq:State .",
            "exq:kenya is not defined; things of your own are named under"
            " <https://w3id.org/exequatur/id/>",
        ),
        (
            'id:time exq:edtf "2023"^^exq:Edtf .',
            "exq:Edtf is not defined; did you mean exq:edtf?",
        ),
        (
            "id:kenya rdfs:seeAlso exq:Stat .",
            "exq:Stat is not defined; did you mean exq:State?",
        ),
        (
            "GRAPH exq:facts { id:kenya a exq:State . }",
            "exq:facts is not defined; did you mean exq:actsFor?",
        ),
        (
            "id:kenya exq:zzzzzz 1 .",
            "exq:zzzzzz is not defined;"
            " the ontology has no property with a name like it",
        ),
        ("id:kenya exq:State id:x .", "exq:State is a class, not a property"),
        ("id:kenya a exq:hasParty .", "exq:hasParty is a property, not a class"),
        (
            "id:kenya a <http://w3id.org/exequatur/ontology#State> .",
            "<http://w3id.org/exequatur/ontology#State> is not in the ontology's"
            " namespace <https://w3id.org/exequatur/ontology#>;"
            " did you mean exq:State?",
        ),
        (
            "id:pact <https://w3id.org/exequatur/ontology/hasParty> id:kenya .",
            "<https://w3id.org/exequatur/ontology/hasParty> is not in the ontology's"
            " namespace <https://w3id.org/exequatur/ontology#>;"
            " did you mean exq:hasParty?",
        ),
        (
            "id:pact exq:hasParty <http://w3id.org/exequatur/id/kenya> .",
            "<http://w3id.org/exequatur/id/kenya> is not one of our IRIs;"
            " did you mean <https://w3id.org/exequatur/id/kenya>?",
        ),
    ],
)
def test_a_term_of_ours_that_does_not_exist_is_a_violation(text, message):
    found = check(text)
    assert message in [finding.message for finding in found]
    assert {finding.severity for finding in found} == {Severity.VIOLATION}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            'id:kenya rdfs:lable "Kenya"@en .',
            "<http://www.w3.org/2000/01/rdf-schema#lable> is not a term of its"
            " vocabulary; did you mean rdfs:label?",
        ),
        (
            'id:cybercrime skos:prefLable "cybercrime"@en .',
            "<http://www.w3.org/2004/02/skos/core#prefLable> is not a term of its"
            " vocabulary; did you mean skos:prefLabel?",
        ),
        (
            "id:kenya a owl:Thingy .",
            "<http://www.w3.org/2002/07/owl#Thingy> is not a term of its vocabulary;"
            " did you mean owl:Thing?",
        ),
    ],
)
def test_a_term_that_a_well_known_vocabulary_lacks_is_a_warning(text, message):
    [finding] = check(text)
    assert (finding.severity, finding.message) == (Severity.WARNING, message)


def test_terms_of_other_vocabularies_are_free():
    assert check("id:kenya <http://example.org/vocabulary#hasPary> id:x .") == []
    assert check('id:kenya schema:slogan "Harambee"@sw ; rdf:_1 id:x .') == []


def test_a_finding_names_the_term_and_the_statements_that_use_it():
    [finding] = check(
        "GRAPH id:a { id:pact exq:hasPary id:kenya , id:morocco }"
        "GRAPH id:b { id:pact exq:hasPary id:kenya }"
    )
    assert finding.check is Check.VOCABULARY
    assert finding.focus == NamedNode("https://w3id.org/exequatur/id/pact")
    assert finding.value == NamedNode(f"{EXQ}hasPary")
    assert len(finding.premises) == 3


def test_a_deprecated_term_is_a_warning_with_its_replacement():
    terms = [
        quad.triple
        for quad in trig(
            "exq:old a owl:ObjectProperty ; owl:deprecated true ;"
            " dct:isReplacedBy exq:new ."
            "exq:new a owl:ObjectProperty ."
            "exq:gone a owl:Class ; owl:deprecated true ."
        )
    ]
    found = Vocabulary.of(terms).check(trig("id:x exq:old id:y ; a exq:gone ."))
    assert [(f.severity, f.message) for f in found] == [
        (Severity.WARNING, "exq:gone is deprecated"),
        (Severity.WARNING, "exq:old is deprecated; use exq:new"),
    ]


def test_findings_come_in_the_same_order_however_the_quads_are_ordered():
    quads = trig("id:b exq:hasPary id:c . id:a exq:hasPary id:c , exq:c ; a exq:Sate .")
    vocabulary = Vocabulary.of(ontology())
    found = vocabulary.check(quads)
    assert len(found) == 4
    assert vocabulary.check(reversed(quads)) == found


def test_a_file_full_of_unknown_terms_is_answered_without_a_search_for_each():
    number = MOST_SUGGESTIONS + 10
    lines = [f"id:x exq:unknown{i}term id:y ." for i in range(number)]
    found = messages("\n".join(lines))
    assert len(found) == number
    assert "exq:unknown509term is not defined; look it up in the ontology" in found


def test_what_was_unknown_before_takes_no_suggestion_from_what_comes_later():
    vocabulary = Vocabulary.of(ontology())
    lines = [f"id:x exq:unknown{i}term id:y ." for i in range(MOST_SUGGESTIONS)]
    vocabulary.check(trig("\n".join(lines)))
    (found,) = vocabulary.check(trig("id:b exq:hasPary id:c ."))
    assert "did you mean exq:hasParty?" in found.message
