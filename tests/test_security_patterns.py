"""Regular expressions that run on what clients send: their time grows with its length.

A pattern that may match a text in many ways takes a time that doubles with each
character, or grows with the square; none of ours may.
"""

from __future__ import annotations

import re
import time

import pytest
import rdflib

from kg.files import data_folder
from kg.terms import SH

PIECES = ("a", "0", "-", "A", "a-", "-a0", " a", "a ", " ", "2020-", "XX", "/id/", "a.",
          "/", "\t", "http://", "2020-01-01/", "..", "é")  # fmt: skip
LENGTH = 20_000


def patterns():
    shapes = rdflib.Graph().parse(data_folder("ontology") / "shapes.ttl")
    found = shapes.objects(None, rdflib.URIRef(f"{SH}pattern"))
    return sorted({str(pattern) for pattern in found})


def seconds(pattern, text):
    began = time.process_time()
    re.search(pattern, text)
    return time.process_time() - began


def test_a_pattern_that_explodes_is_noticed():
    assert seconds("^(a|aa)+$", "a" * 34 + "!") > 0.1


@pytest.mark.parametrize("pattern", patterns())
def test_no_pattern_of_our_shapes_explodes(pattern):
    for start in ("", "https://w3id.org/exequatur/id/", "a", "2020"):
        for piece in PIECES:
            text = start + piece * (LENGTH // len(piece)) + "!\n"
            assert seconds(pattern, text) < 0.5, (start, piece)
