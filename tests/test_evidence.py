"""Locators and digests of passages, compared with texts."""

from __future__ import annotations

import re

import pytest

from kg.change import read_change
from kg.errors import DataFileError
from kg.evidence import read_evidence, sha256, verify, without_article, without_text
from kg.files import data_folder
from kg.formats import by_name

NAMES = ("/title", "#label", "#altLabel")
TEXT = "First sentence. Second – “quoted” – sentence.\n"
BOUNDS = [(0, 15), (16, 45)]


def description(text=TEXT, bounds=BOUNDS):
    """Return an article's description graph as its author would write it."""
    passages = "".join(
        f"""
  src:made-up\\#s{n:02} a exq:Passage ; exq:passageOf src:made-up ; exq:ordinal {n} ;
    oa:hasSelector src:made-up\\#s{n:02}-position ;
    exq:passageDigest "{sha256(text[start:end])}" .
  src:made-up\\#s{n:02}-position oa:start {start} ; oa:end {end} ."""
        for n, (start, end) in enumerate(bounds, start=1)
    )
    return f"""
PREFIX exq: <https://w3id.org/exequatur/ontology#>
PREFIX oa: <http://www.w3.org/ns/oa#>
PREFIX src: <https://w3id.org/exequatur/source/>
src:made-up {{
  src:made-up a exq:NewsArticle ; exq:textDigest "{sha256(text)}" ;
    exq:textLength {len(text)} .{passages}
}}"""


@pytest.fixture
def evidence():
    data = description().encode()
    articles, passages = read_evidence(
        read_change(data, by_name("trig"), source="d").added
    )
    return articles, passages


def problems_of(evidence, folder):
    articles, passages = evidence
    return verify(articles, passages, folder)


def test_articles_and_passages_are_read_in_order(evidence):
    articles, passages = evidence
    assert [a.slug for a in articles] == ["made-up"]
    assert [(p.ordinal, p.start, p.end) for p in passages] == [(1, 0, 15), (2, 16, 45)]


def test_locators_that_fit_give_no_problem(evidence, tmp_path):
    (tmp_path / "made-up.txt").write_bytes(TEXT.encode())
    assert problems_of(evidence, tmp_path) == []


def test_an_edited_text_is_noticed_where_it_was_edited(evidence, tmp_path):
    (tmp_path / "made-up.txt").write_bytes(TEXT.replace("Second", "Zecond").encode())
    problems = problems_of(evidence, tmp_path)
    assert len(problems) == 2
    assert "another digest" in problems[0]
    assert problems[1].startswith("src:made-up#s02: the text")


def test_a_longer_text_is_noticed(evidence, tmp_path):
    (tmp_path / "made-up.txt").write_bytes((TEXT + "More.").encode())
    assert any(
        "has 51 characters, not 46" in p for p in problems_of(evidence, tmp_path)
    )


def test_an_article_without_its_text_is_passed_over_and_named(evidence, tmp_path):
    assert problems_of(evidence, tmp_path) == []
    assert without_text(evidence[0], tmp_path) == ["made-up"]
    (tmp_path / "other.txt").write_text("Of another one.")
    assert without_article(evidence[0], tmp_path) == ["other"]


def test_a_text_that_is_not_utf8_is_told(evidence, tmp_path):
    (tmp_path / "made-up.txt").write_bytes(b"\xff")
    with pytest.raises(DataFileError, match=r"made-up\.txt.*UTF-8"):
        problems_of(evidence, tmp_path)


def shipped():
    trig = by_name("trig")
    for path in sorted(data_folder("facts").glob("*.trig")):
        yield path, read_change(path.read_bytes(), trig, source=path.name).added


def test_every_locator_of_the_shipped_facts_fits_its_article(shared):
    quads = [quad for _, added in shipped() for quad in added]
    articles, passages = read_evidence(quads)
    assert len(articles) == 3
    assert len(passages) > 50
    assert without_text(articles, shared / "articles") == []
    assert verify(articles, passages, shared / "articles") == []


def test_the_shipped_facts_repeat_no_stretch_of_the_articles(shared):
    """Nothing but names and titles: no eight words in a row as the article has them."""
    for article in sorted((shared / "articles").glob("*-*.txt")):
        text = words(article.read_text(encoding="utf-8"))
        runs = {tuple(text[i : i + 8]) for i in range(len(text) - 7)}
        for path, quads in shipped():
            for quad in quads:
                said = getattr(quad.object, "language", None) and quad.object.value
                if said and not quad.predicate.value.endswith(NAMES):
                    mine = words(said)
                    copied = [
                        mine[i : i + 8]
                        for i in range(len(mine) - 7)
                        if tuple(mine[i : i + 8]) in runs
                    ]
                    assert not copied, (path.name, said)


def words(text):
    return re.findall(r"\w+", text.lower())
