"""Passages found again after edits of their text, and their locators mended."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.change import read_change
from kg.errors import DataFileError
from kg.evidence import read_evidence, sha256
from kg.formats import by_name
from kg.relocation import Fate, relocate, rewritten
from kg.sentences import sentences
from tests.test_cli import runner
from tests.test_evidence import description

TEXT = "One is here. Two was there. Three is away. Four has come.\n"
BOUNDS = [(one.start, one.end) for one in sentences(TEXT)]


def evidence_of(trig):
    return read_evidence(read_change(trig.encode(), by_name("trig"), source="d").added)


def fates(new):
    _, passages = evidence_of(description(TEXT, BOUNDS))
    return [
        (one.fate.name, one.now and new[one.now.start : one.now.end])
        for one in relocate(passages, new)
    ]


def test_what_stands_where_it_stood_is_the_same():
    assert {fate for fate, _ in fates(TEXT)} == {"SAME"}


def test_what_moved_is_found_by_its_digest():
    assert fates("Headline\n" + TEXT)[3] == ("MOVED", "Four has come.")


def test_a_sentence_that_was_edited_is_found_between_its_neighbours():
    new = TEXT.replace("Two was there", "Two had been there")
    assert [fate for fate, _ in fates(new)] == ["SAME", "CHANGED", "MOVED", "MOVED"]
    assert fates(new)[1][1] == "Two had been there."


def test_a_sentence_that_was_taken_out_has_vanished():
    assert fates(TEXT.replace(" Two was there.", ""))[1] == ("VANISHED", None)


def test_it_is_not_guessed_which_of_two_sentences_an_edited_one_became():
    new = TEXT.replace("Two was there.", "Twin was there. So was he.")
    assert fates(new)[1] == ("VANISHED", None)


@given(st.sets(st.integers(0, 3)), st.text(alphabet="xy \n", max_size=20))
def test_what_is_left_is_always_found_where_it_stands(left_out, before):
    kept = [TEXT[a:b] for n, (a, b) in enumerate(BOUNDS) if n not in left_out]
    new = before + "\n" + " ".join(kept)
    for number, (fate, text) in enumerate(fates(new)):
        if number not in left_out:
            assert (fate in {"SAME", "MOVED"}, text) == (
                True,
                TEXT[slice(*BOUNDS[number])],
            )


@pytest.fixture
def files(shipped_store, tmp_path):
    """A draft of a text in a folder, as `kg draft` writes it."""
    kg = runner(shipped_store)
    (tmp_path / "made-up.txt").write_text(TEXT, encoding="utf-8")
    facts = tmp_path / "made-up.trig"
    done = kg("draft", str(tmp_path / "made-up.txt"), "--slug", "made-up",
              "-o", str(facts))  # fmt: skip
    assert done.exit_code == 0
    return kg, tmp_path, facts


def check(files, *more):
    kg, folder, facts = files
    return kg("evidence", "check", str(facts), "--articles", str(folder), *more)


def test_the_command_tells_what_differs_and_mends_only_that(files):
    _, folder, facts = files
    assert check(files).exit_code == 0
    new = "Headline\n" + TEXT.replace("Two was", "Two were")
    (folder / "made-up.txt").write_text(new, encoding="utf-8")
    before = facts.read_text(encoding="utf-8")
    told = check(files)
    assert told.exit_code == 1
    assert "moved: 0–12 is now 9–21" in told.stdout
    assert "src:made-up#s02: probably changed in wording" in told.stdout
    assert facts.read_text(encoding="utf-8") == before
    assert check(files, "--write").exit_code == 0
    after = facts.read_text(encoding="utf-8")
    differing = [
        new_line
        for old, new_line in zip(before.splitlines(), after.splitlines(), strict=True)
        if old != new_line
    ]
    assert all("igest" in x or "textLength" in x or "oa:start" in x for x in differing)
    assert sha256(new) in after
    assert check(files).exit_code == 0
    assert sorted(path.name for path in folder.iterdir()) == [
        "made-up.trig", "made-up.txt",
    ]  # fmt: skip


def test_what_vanished_stays_and_keeps_the_status_from_being_good(files):
    _, folder, _ = files
    new = TEXT.replace(" Two was there.", "")
    (folder / "made-up.txt").write_text(new, encoding="utf-8")
    assert check(files, "--write").exit_code == 1
    again = check(files)
    assert "vanished" in again.stdout
    assert "moved" not in again.stdout


def test_a_file_in_another_form_is_left_alone():
    trig = description(TEXT, BOUNDS)
    articles, passages = evidence_of(trig)
    new = "Headline\n" + TEXT
    found = relocate(passages, new)
    assert {one.fate for one in found} == {Fate.MOVED}
    with pytest.raises(DataFileError, match="by hand"):
        rewritten(trig, found, {articles[0].iri: new}, source="d")
