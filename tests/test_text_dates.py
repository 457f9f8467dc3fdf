"""Dates in texts, as EDTF."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.text_dates import dates


@pytest.mark.parametrize(
    ("text", "wording", "edtf", "days"),
    [
        ("on March 12, 2024.", "March 12, 2024", "2024-03-12", ["2024-03-12"] * 2),
        ("on 3 April 2023", "3 April 2023", "2023-04-03", ["2023-04-03"] * 2),
        ("2024-02-29 it", "2024-02-29", "2024-02-29", ["2024-02-29"] * 2),
        ("in May 2020", "May 2020", "2020-05", ["2020-05-01", "2020-05-31"]),
        ("signed in 2023 by", "2023", "2023", ["2023-01-01", "2023-12-31"]),
        ("the 1990s", "the 1990s", "199X", ["1990-01-01", "1999-12-31"]),
        ("on Nov. 3 in", "Nov. 3", "XXXX-11-03", ["", ""]),
        ("Late last May, K", "Late last May", "XXXX-05", ["", ""]),
        ("from December 6 to 8", "from December 6 to 8",
         "XXXX-12-06/XXXX-12-08", ["", ""]),
        ("from 2 to 5 June 2021", "from 2 to 5 June 2021",
         "2021-06-02/2021-06-05", ["2021-06-02", "2021-06-05"]),
        ("from 2019 to 2021", "from 2019 to 2021", "2019/2021",
         ["2019-01-01", "2021-12-31"]),
        ("on 19 Sept. 2025.", "19 Sept. 2025", "2025-09-19", ["2025-09-19"] * 2),
        ("until Dec. '24", "Dec. '24", "XXXX-12", ["", ""]),
        ("on 14/03/2024,", "14/03/2024", "2024-03-14", ["2024-03-14"] * 2),
        ("12/25/2024", "12/25/2024", "2024-12-25", ["2024-12-25"] * 2),
        ("on 03/04/2024", "03/04/2024", "2024", ["2024-01-01", "2024-12-31"]),
        ("(OJ L, 3.4.2024)", "3.4.2024", "2024-04-03", ["2024-04-03"] * 2),
        ("in the first half of 2026", "the first half of 2026", "2026-01/2026-06",
         ["2026-01-01", "2026-06-30"]),
        ("in Q3 2011.", "Q3 2011", "2011-07/2011-09", ["2011-07-01", "2011-09-30"]),
        ("the fourth quarter of 2024", "the fourth quarter of 2024",
         "2024-10/2024-12", ["2024-10-01", "2024-12-31"]),
        ("the fall of 2024", "the fall of 2024", "2024-23", ["", ""]),
        ("for 2026–2028;", "2026–2028", "2026/2028", ["2026-01-01", "2028-12-31"]),
        ("in 2025/26.", "2025/26", "2025/2026", ["2025-01-01", "2026-12-31"]),
        ("between July 20 and Aug. 2", "between July 20 and Aug. 2",
         "XXXX-07-20/XXXX-08-02", ["", ""]),
        ("from December 30 to January 2, 2025", "from December 30 to January 2, 2025",
         "2024-12-30/2025-01-02", ["2024-12-30", "2025-01-02"]),
        ("July 20, 2024 to Aug 2", "July 20, 2024 to Aug 2",
         "2024-07-20/2024-08-02", ["2024-07-20", "2024-08-02"]),
        ("May to July 2024", "May to July 2024", "2024-05/2024-07",
         ["2024-05-01", "2024-07-31"]),
        ("May 5 - 3 men", "May 5", "XXXX-05-05", ["", ""]),
        ("the late 2000s", "the late 2000s", "200X", ["2000-01-01", "2009-12-31"]),
        ("by mid-2024", "mid-2024", "2024", ["2024-01-01", "2024-12-31"]),
        ("the end of May 2024", "the end of May 2024", "2024-05",
         ["2024-05-01", "2024-05-31"]),
        ("by March", "March", "XXXX-03", ["", ""]),
        ("decided today to", "today", "", ["", ""]),
        ("on 4 Shaaban 1446 AH", "4 Shaaban 1446 AH", "", ["", ""]),
        ("last week it", "last week", "", ["", ""]),
        ("Two days earlier, they", "Two days earlier", "", ["", ""]),
        ("ratified it a week later.", "a week later", "", ["", ""]),
        ("on the following day", "the following day", "", ["", ""]),
    ],
)  # fmt: skip
def test_a_date_is_told_as_far_as_its_wording_goes(text, wording, edtf, days):
    (found,) = dates(text)
    assert (found.wording, found.edtf) == (wording, edtf)
    assert [found.earliest, found.latest] == days


def test_a_weekday_is_no_date():
    (found,) = dates("They met on Thursday in Rabat.")
    assert (found.wording, found.weekday, found.edtf) == ("Thursday", "Thursday", "")


@pytest.mark.parametrize(
    "wording", ["Monday, 3 February 2025", "Monday, February 3, 2025"]
)
def test_a_weekday_belongs_to_the_date_that_follows_it(wording):
    (found,) = dates(f"He came on {wording} for talks.")
    assert (found.wording, found.weekday) == (wording, "Monday")
    assert found.edtf == found.earliest == "2025-02-03"


@pytest.mark.parametrize(
    ("text", "real"),
    [
        ("It was Tuesday, 3 May 2024.", "Friday"),
        ("It was Friday, May 3, 2024.", ""),
        ("It was Tuesday, 3 May.", ""),
        ("It was Tuesday.", ""),
        ("It was May 3, 2024.", ""),
    ],
)
def test_a_weekday_that_a_day_was_not_is_seen(text, real):
    (found,) = dates(text)
    assert found.real_weekday == real


@pytest.mark.parametrize(
    ("text", "edtf"),
    [
        ("on November 15 and 16, 2025", ["2025-11-15/2025-11-16"]),
        ("on 2 and 3 July", ["XXXX-07-02/XXXX-07-03"]),
        ("on May 3 and 10, 2024", ["XXXX-05-03", "2024"]),
    ],
)
def test_two_days_that_follow_each_other_are_one_time(text, edtf):
    assert [found.edtf for found in dates(text)] == edtf


@pytest.mark.parametrize(
    "text",
    ["It may go on.", "May we go?", "$1999", "5,2023 men",
     "2024-13-01", "Feb. 30, 2024", "13.13.2024", "after May resigned"],
)  # fmt: skip
def test_what_is_no_date_is_not_taken_for_one(text):
    assert dates(text) == []


@given(st.text(alphabet=st.sampled_from("0123 -,/toMayJune"), max_size=60))
def test_earliest_is_never_after_latest(text):
    assert all(one.earliest <= one.latest for one in dates(text))
