"""New entities: IRIs by the house rules, near-duplicates, classes."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.change import read_change
from kg.errors import ParameterError
from kg.formats import by_name
from kg.minting import find_class, mint, short_form
from kg.terms import Literal, NamedNode
from tests.test_cli import runner

HEAD = """PREFIX exq: <https://w3id.org/exequatur/ontology#>
PREFIX id: <https://w3id.org/exequatur/id/>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
"""


@pytest.mark.parametrize(
    ("label", "short"),
    [
        ("Ada Envoy", "ada-envoy"),
        ("Côte d’Ivoire", "cote-divoire"),
        ("Bourita–Mudavadi talks", "bourita-mudavadi-talks"),
        ("  2023 Memorandum (draft)", "2023-memorandum-draft"),
    ],
)
def test_an_iri_is_made_of_the_english_name(label, short):
    assert short_form(label) == short


@given(st.text(max_size=60))
def test_a_short_form_is_ascii_in_lower_case_with_single_hyphens(label):
    short = short_form(label)
    assert short.isascii()
    assert short == short.lower()
    assert all(part.isalnum() for part in short.split("-")) or not short


def test_a_new_entity_is_proposed_with_what_resembles_it(snapshot):
    minted = mint(snapshot, "Abderazak Laasel", "exq:Person")
    assert minted.iri.endswith("id/abderazak-laasel")
    assert minted.taken is None
    near = minted.near[0]
    assert near.iri.endswith("id/abderrazzak-laassel")
    assert near.types == ("exq:Person",)
    assert 70 <= near.score < 100


def test_an_iri_in_use_is_told_and_another_proposed(snapshot):
    minted = mint(snapshot, "Kenya", "State")
    assert minted.taken
    assert minted.taken.endswith("id/kenya")
    assert minted.iri == f"{minted.taken}-2"
    assert minted.near[0].score == 100


@pytest.mark.parametrize("label", ["Ada Envoy", 'A "B" \\ C', "1st Council"])
def test_what_is_to_be_pasted_is_turtle(snapshot, label):
    minted = mint(snapshot, label, "Person")
    quads = read_change(
        (HEAD + minted.turtle).encode(), by_name("turtle"), source="t"
    ).added
    assert {quad.subject for quad in quads} == {NamedNode(minted.iri)}
    assert Literal(label, language="en") in {quad.object for quad in quads}


def test_a_class_that_is_not_there_is_refused_with_suggestions(snapshot):
    with pytest.raises(ParameterError, match="exq:Person"):
        find_class(snapshot, "Persn")


@pytest.mark.parametrize("name", ["Person", "exq:Person", "person", "PERSON"])
def test_a_class_is_found_in_any_case(snapshot, name):
    assert find_class(snapshot, name).value.endswith("#Person")


@pytest.mark.parametrize("label", ["", "…", "x" * 201])
def test_a_label_that_makes_no_iri_is_refused(snapshot, label):
    with pytest.raises(ParameterError, match="letters or digits"):
        mint(snapshot, label, "Person")


def test_the_command_prints_turtle_or_json(shipped_store):
    kg = runner(shipped_store)
    command = ("new", "entity", "Abderazak Laasel", "--type", "Person")
    plain = kg(*command)
    assert plain.stdout.startswith("id:abderazak-laasel a exq:Person ;")
    assert "similar: Abderrazzak Laassel (exq:Person)" in plain.stderr
    told = json.loads(kg(*command, "--json").stdout)
    assert told["near"][0]["label"] == "Abderrazzak Laassel"
    refused = kg("new", "entity", "A", "--type", "Persn")
    assert refused.exit_code == 2
    assert "exq:Person" in refused.stderr


@pytest.mark.parametrize(
    ("label", "class_name"),
    [("Ada Envoy", "Person"), ("Peru", "State"), ("Trade Ministry", "Ministry")],
)
def test_without_a_type_the_class_is_a_guess_that_is_told(
    shipped_store, label, class_name
):
    made = runner(shipped_store)("new", "entity", label)
    assert f" a exq:{class_name} ;" in made.stdout
    assert f"exq:{class_name} is a guess" in made.stderr
