"""Addresses of documents: every IRI of ours leads to one, and back."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.links import Links

BASE = "https://w3id.org/exequatur/"
LINKS = Links(BASE)


@pytest.mark.parametrize(
    ("iri", "address"),
    [
        ("id/kenya", "/doc/kenya"),
        ("claim/x-y", "/doc/claim/x-y"),
        ("source/story", "/doc/source/story"),
        ("source/story#s07", "/doc/source/story#s07"),
        ("source/story#s07-position", "/doc/source/story#s07"),
        ("graph/reference", "/doc/graph/reference"),
        ("ontology", "/ontology"),
        ("ontology#Embassy", "/ontology#Embassy"),
        ("id/a b<c>", "/doc/a%20b%3Cc%3E"),
        ("id/", None),
        ("claim", None),
        ("ontology/0.1.0", "/ontology/0.1.0"),
        ("shapes#X", "/shapes#X"),
        ("shapes/x", None),
        ("change/1", "/doc/change/1"),
    ],
)
def test_an_iri_of_ours_has_a_document(iri, address):
    assert LINKS.document(BASE + iri) == address


@pytest.mark.parametrize(
    ("iri", "address"),
    [
        ("http://www.wikidata.org/entity/Q114", "http://www.wikidata.org/entity/Q114"),
        ("https://example.org/", "https://example.org/"),
        ("javascript:alert(1)", None),
        ("data:text/html,x", None),
        ("urn:x", None),
        ("JAVASCRIPT://x", None),
    ],
)
def test_only_the_web_is_linked(iri, address):
    assert LINKS.href(iri) == address


def test_a_link_that_stays_here_is_known():
    assert LINKS.is_here(f"{BASE}id/kenya")
    assert not LINKS.is_here("https://example.org/")


@given(
    st.sampled_from(["id/", "claim/", "source/", "graph/"]),
    st.from_regex(r"[a-z0-9-]+", fullmatch=True),
)
def test_a_document_leads_back_to_its_subject(space, name):
    iri = f"{BASE}{space}{name}"
    document = LINKS.document(iri) or ""
    assert LINKS.subject(document.removeprefix("/doc/")) == iri
