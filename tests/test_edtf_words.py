"""Dates whose notation is not plain are told in words."""

from __future__ import annotations

import pytest

from kg.edtf_words import in_words


@pytest.mark.parametrize(
    ("edtf", "words"),
    [
        ("2024", "2024"),
        ("2024-05", "2024-05"),
        ("2024-05-31", "2024-05-31"),
        ("2024-05-XX", "May 2024"),
        ("2024-XX-XX", "2024"),
        ("202X", "the 2020s"),
        ("19XX", "1900 to 1999"),
        ("2023~", "about 2023"),
        ("2023-05?", "perhaps 2023-05"),
        ("202X%", "perhaps about the 2020s"),
        ("XXXX-05", "May of a year not stated"),
        ("XXXX-05-03", "3 May of a year not stated"),
        ("XXXX-12-06/XXXX-12-08", "6 to 8 December of a year not stated"),
        (
            "XXXX-12-30/XXXX-01-02",
            "30 December to 2 January of a year not stated",
        ),
        ("XXXX-05/XXXX-06", "May to June of a year not stated"),
        ("1970-10-15/1981-10-06", "1970-10-15 to 1981-10-06"),
        ("2023/..", "from 2023 on"),
        ("/2020~", "until about 2020"),
        ("soon", "soon"),
        ("", ""),
        ("../..", "../.."),
        ("2023/soon", "2023/soon"),
        ("XXXX", "XXXX"),
        ("202X-05", "202X-05"),
        ("2024-XX-05", "2024-XX-05"),
        ("2024-22", "summer 2024"),
        ("2024-24~", "about winter 2024"),
        ("XXXX-21", "spring of a year not stated"),
        ("202X-22", "202X-22"),
        ("2024-22-05", "2024-22-05"),
        ("2024-13", "2024-13"),
    ],
)
def test_a_date_is_told_as_a_reader_says_it(edtf, words):
    assert in_words(edtf) == words
