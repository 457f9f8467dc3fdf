"""Offers: every format can be had by media type and by name, and nothing else."""

from __future__ import annotations

import pytest

from kg.formats import FORMATS, Kind, for_kind
from server.offers import PAGE, offers_of, select
from server.problems import BadRequestError, NotAcceptableError

RESULTS = offers_of(Kind.RESULTS, page=True)
GRAPHS = offers_of(Kind.GRAPH, page=True)
KINDS = [Kind.RESULTS, Kind.GRAPH]


@pytest.mark.parametrize("entry", FORMATS, ids=lambda entry: entry.name)
def test_a_format_is_had_by_its_media_types_and_its_name(entry):
    offered = RESULTS if entry.kind is Kind.RESULTS else GRAPHS
    assert select(None, entry.suffix, offered) == select(None, entry.name, offered)
    for media_type in (entry.media_type, *entry.also):
        chosen = select(media_type, "", offered)
        assert chosen.format is entry
        assert chosen.media_type == media_type
        assert select(None, media_type, offered).format is entry
    assert select("text/html", entry.name, offered).format is entry


@pytest.mark.parametrize("kind", KINDS)
def test_the_first_format_is_the_default_and_a_page_is_for_those_who_ask(kind):
    offered = offers_of(kind, page=True)
    assert select(None, "", offered).format is for_kind(kind)[0]
    assert select("*/*", "", offered).format is for_kind(kind)[0]
    assert select("text/html, */*;q=0.8", "", offered) is PAGE
    assert select(None, "html", offered) is PAGE


def test_json_is_what_an_answer_has_of_it():
    assert select(None, "json", RESULTS).media_type == "application/sparql-results+json"
    graph = select(None, "json", GRAPHS)
    assert graph.media_type == "application/json"
    assert graph.format is not None
    assert graph.format.name == "jsonld"


def test_text_is_labelled_as_utf_8():
    assert select("text/csv", "", RESULTS).content_type == "text/csv; charset=utf-8"
    assert select(None, "json", RESULTS).content_type.endswith("results+json")


def test_a_plus_sign_that_was_not_encoded_is_understood():
    name = "application/sparql-results json"
    assert select(None, name, RESULTS).name == "json"


@pytest.mark.parametrize(
    ("named", "expected"),
    [("xml", "rdfxml"), ("rdf+xml", "rdfxml"), ("rdf xml", "rdfxml"),
     ("json-ld", "jsonld")],
)  # fmt: skip
def test_a_syntax_has_the_names_that_others_give_it(named, expected):
    assert select(None, named, GRAPHS).name == expected
    if named != "xml":
        with pytest.raises(NotAcceptableError):
            select(None, named, RESULTS)


def test_of_several_names_the_first_that_can_be_sent_counts():
    assert select(None, "nonesuch,csv,xml", RESULTS).name == "csv"
    assert select(None, "csv, application/rdf+xml", GRAPHS).name == "rdfxml"
    with pytest.raises(NotAcceptableError, match="cannot be sent as csv"):
        select(None, "nonesuch,csv,tsv", GRAPHS)
    with pytest.raises(BadRequestError, match="unknown format 'nonesuch'"):
        select(None, "nonesuch,neither", GRAPHS)


def test_what_does_not_fit_is_told_with_what_does():
    with pytest.raises(NotAcceptableError) as caught:
        select("text/turtle", "", RESULTS)
    assert "text/csv" in caught.value.supported
    with pytest.raises(NotAcceptableError, match="cannot be sent as csv") as caught:
        select(None, "csv", GRAPHS)
    assert "turtle" in caught.value.supported
    with pytest.raises(BadRequestError, match="unknown format") as unknown:
        select(None, "docx", GRAPHS)
    assert "turtle" in unknown.value.supported
