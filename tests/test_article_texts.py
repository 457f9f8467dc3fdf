"""Texts at hand: what of an article they have, and the page that shows it."""

from __future__ import annotations

import html
import os
import re

import pytest

from kg import article_texts
from kg.article_texts import article_text, read_within, require_folder, words_of
from kg.articles import passages
from kg.errors import ConfigError
from kg.evidence import Fit
from kg.terms import BASE, NamedNode
from tests.made_up import (
    DOCUMENT,
    PATH,
    SENTENCES,
    SLUG,
    TEXT,
    TOPICS,
    Desk,
    build,
    has_text,
)
from tests.test_cli import runner

ARTICLE = NamedNode(f"{BASE}source/{SLUG}")


@pytest.fixture(scope="module")
def store(shipped_store, tmp_path_factory):
    return build(shipped_store, tmp_path_factory.mktemp("made-up") / "store")


@pytest.fixture
def desk(store, tmp_path):
    return Desk(store, tmp_path / "texts")


def fits(desk):
    """How the text in the folder fits, and each of its sentences."""
    here = desk.graph.snapshot()
    iris = [one.iri for one in passages(here, ARTICLE)]
    found = article_text(here, ARTICLE, iris, desk.folder)
    return found.fit, [found.sentences[iri].standing.name for iri in iris]


# --- how a text fits --------------------------------------------------------------


def test_a_text_that_was_read_fits_sentence_by_sentence(desk):
    assert fits(desk) == (Fit.SAME, ["SAME"] * 3)


def test_an_edited_sentence_is_told_from_those_that_fit(desk):
    desk.text.write_bytes(TEXT.replace("Ada", "Eda").encode())
    assert fits(desk) == (Fit.OTHER, ["SAME", "CHANGED", "SAME"])


def test_a_text_that_ends_too_early_lacks_what_came_after(desk):
    desk.text.write_bytes(TEXT[: TEXT.index(SENTENCES[2]) + 5].encode())
    assert fits(desk) == (Fit.OTHER, ["SAME", "SAME", "MISSING"])


def test_more_text_at_the_end_changes_the_whole_and_no_sentence(desk):
    desk.text.write_bytes((TEXT + "More.").encode())
    assert fits(desk) == (Fit.OTHER, ["SAME"] * 3)


def test_what_stands_after_an_edit_has_moved(desk):
    desk.text.write_bytes(TEXT.replace("Talks", "More Talks").encode())
    assert fits(desk) == (Fit.OTHER, ["CHANGED", "MOVED", "MOVED"])
    text = desk.get().text
    assert "1 of 3 sentences here does not fit" in text
    assert "2 stand at another place" in text
    assert text.count("<strong>Another digest:</strong>") == 1
    for sentence in SENTENCES[1:]:
        assert html.escape(sentence, quote=False) in text


def test_in_a_text_that_is_too_long_to_search_the_places_count(desk, monkeypatch):
    monkeypatch.setattr(article_texts, "_MOST_WINDOWS", 10)
    desk.text.write_bytes(TEXT.replace("Talks", "More Talks").encode())
    assert fits(desk) == (Fit.OTHER, ["OTHER"] * 3)
    assert desk.get().text.count("<strong>Another digest:</strong> these words") == 3


@pytest.mark.parametrize("content", [None, b"\xff\xfe", b"x" * 5000])
def test_what_is_no_text_is_missing(desk, content, monkeypatch):
    monkeypatch.setattr(article_texts, "MOST_BYTES", 4000)
    desk.text.unlink()
    if content is not None:
        desk.text.write_bytes(content)
    assert fits(desk) == (Fit.MISSING, ["MISSING"] * 3)


def words(desk, number):
    here = desk.graph.snapshot()
    passage = [NamedNode(one.iri) for one in passages(here, ARTICLE)][number]
    return words_of(here, ARTICLE, passage, desk.folder)


def test_the_words_of_a_passage_are_quoted_or_said_to_be_others(desk):
    assert words(desk, 1) == f"“{SENTENCES[1]}”"
    edited = SENTENCES[1].replace("Ada", "Eda")
    desk.text.write_bytes(TEXT.replace("Ada", "Eda").encode())
    assert words(desk, 1) == f"“{edited}” (the text at hand probably has other words)"
    desk.text.unlink()
    assert words(desk, 1) == ""


def test_an_explanation_has_the_sentence_where_its_text_is_at_hand(desk, store):
    here = desk.graph.snapshot()
    passage = [NamedNode(one.iri) for one in passages(here, ARTICLE)][1]
    stated = next(
        quad for quad in here.quads(graph=passage) if isinstance(quad.object, NamedNode)
    )
    asked = [one.value for one in (stated.subject, stated.predicate, stated.object)]
    kg = runner(store)
    assert SENTENCES[1] not in kg("why", *asked).stdout
    told = kg("why", *asked, "--articles", str(desk.folder)).stdout
    assert f"“{SENTENCES[1]}”" in re.sub(r"[│\s]+", " ", told)
    refused = kg("why", *asked, "--articles", str(desk.folder / "none"))
    assert refused.exit_code == 2
    assert "there is no such folder" in refused.stderr


# --- where it may be --------------------------------------------------------------


@pytest.fixture
def folder(tmp_path):
    made = tmp_path / "texts"
    made.mkdir()
    (tmp_path / "secret.txt").write_text("secret", encoding="utf-8")
    (tmp_path / "texts-of-others").mkdir()
    (tmp_path / "texts-of-others" / "a.txt").write_text("secret", encoding="utf-8")
    return made


@pytest.mark.parametrize(
    "target", ["../secret.txt", "{top}/secret.txt", "../texts-of-others/a.txt",
               "/etc/passwd", "a.txt", "nowhere", "."],
)  # fmt: skip
def test_no_link_leads_out_of_the_folder(folder, target):
    (folder / "a.txt").symlink_to(target.format(top=folder.parent))
    assert read_within(folder, "a") is None


def test_nor_does_a_link_to_a_folder_or_one_link_after_another(folder):
    (folder / "inside").symlink_to("../texts-of-others")
    (folder / "a.txt").symlink_to("inside/a.txt")
    (folder / "b.txt").symlink_to("a.txt")
    assert read_within(folder, "a") is None
    assert read_within(folder, "b") is None
    assert read_within(folder, "inside/a") is None


def test_a_link_within_the_folder_is_followed(folder):
    (folder / "a.txt").write_text("plain", encoding="utf-8")
    (folder / "b.txt").symlink_to("a.txt")
    (folder.parent / "way").symlink_to("texts")
    assert read_within(folder, "b") == "plain"
    assert read_within(folder.parent / "way", "b") == "plain"


@pytest.mark.parametrize(
    "slug", ["../secret", "..", ".", "", "/etc/passwd", "a\0b", ".hidden", "x" * 5000,
             "..%2fsecret", "\ud800"],
)  # fmt: skip
def test_no_name_leads_out_of_the_folder(folder, slug):
    (folder / ".hidden.txt").write_text("hidden", encoding="utf-8")
    assert read_within(folder, slug) is None


def test_what_one_would_wait_for_is_not_opened(folder):
    os.mkfifo(folder / "pipe.txt")
    (folder / "folder.txt").mkdir()
    (folder / "void.txt").symlink_to("/dev/zero")
    for slug in ("pipe", "folder", "void"):
        assert read_within(folder, slug) is None


def test_a_folder_that_is_none_is_told(tmp_path):
    require_folder(None)
    require_folder(tmp_path)
    with pytest.raises(ConfigError, match="no such folder"):
        require_folder(tmp_path / "nowhere")


# --- the page ---------------------------------------------------------------------


def test_the_page_has_each_sentence_beside_what_it_states(desk):
    answer = desk.get()
    assert answer.status_code == 200
    rest = answer.text
    for sentence, topic in zip(SENTENCES, TOPICS, strict=True):
        _, found, rest = rest.partition(html.escape(sentence, quote=False))
        assert found, sentence
        assert topic in rest.partition("<blockquote")[0]
    assert "Every sentence below has the digest" in answer.text
    assert "Another digest" not in answer.text


def test_the_page_warns_at_the_sentence_that_does_not_fit(desk):
    desk.text.write_bytes(TEXT.replace("Ada", "Eda").encode())
    text = desk.get().text
    assert text.count("<strong>Another digest:</strong>") == 1
    assert "1 of 3 sentences here does not fit" in text
    warned = text.partition("<strong>Another digest")[0].rpartition("<blockquote")[2]
    assert "Eda Zephyr" in warned


def test_the_page_says_where_the_text_is_missing(desk):
    desk.text.write_bytes(TEXT[: TEXT.index(SENTENCES[2])].encode())
    text = desk.get().text
    assert text.count("<strong>Missing:</strong>") == 1
    desk.text.unlink()
    text = desk.get().text
    assert "The text of this article is missing" in text
    assert text.count("No text.") == 3
    assert "Ada Zephyr" in text  # what it states is there all the same


def test_the_articles_page_leads_there_where_texts_are_at_hand(desk, store, tmp_path):
    page = desk.get(DOCUMENT)
    assert f'href="{PATH}"' in page.text
    assert "The text itself is not kept here" in page.text
    assert not has_text(page)
    without = Desk(store, tmp_path / "texts", articles="")
    assert "Sentence by sentence" not in without.get(DOCUMENT).text
    assert without.get(DOCUMENT).headers["ETag"] != page.headers["ETag"]


def test_what_is_stated_is_two_links_from_its_words(desk, store, tmp_path):
    """From a page to why or to the passage, and from there to the sentence."""
    place = f'href="{PATH}#s02"'
    anchor, sentence = f"{DOCUMENT.removeprefix('/doc')}#s02", SENTENCES[1]
    ada = desk.get("/doc/ada-zephyr").text
    assert f'href="/doc{anchor}"' in ada
    meeting = desk.get("/doc/zephyr-meeting").text
    [inferred] = set(re.findall(r'href="(/why\?[^"]+takesPlaceInState[^"]+)"', meeting))
    inferred = html.unescape(inferred)
    for path in (DOCUMENT, f"{DOCUMENT}%23s02", inferred):
        assert place in desk.get(path).text, path
    assert 'id="s02"' in desk.get().text.partition(sentence)[0]
    without = Desk(store, tmp_path / "texts", articles="")
    assert "its words" not in without.get(inferred).text
    assert "Its words" not in without.get(f"{DOCUMENT}%23s02").text


def test_what_is_no_article_has_no_such_page(desk):
    for name in ("nothing", "kenya", "%2e%2e", "made-up-talks%23s01"):
        assert desk.get(f"/articles/{name}/text").status_code == 404
    assert desk.get(f"{PATH}?page=2").status_code == 404
    assert desk.get(f"{PATH}?page=0").status_code == 400


def test_many_passages_are_turned_page_by_page(shipped_store, tmp_path, monkeypatch):
    monkeypatch.setattr("server.article_texts.ROWS", 2)
    desk = Desk(build(shipped_store, tmp_path / "store"), tmp_path / "texts")
    first, second = desk.get(), desk.get(f"{PATH}?page=2")
    assert SENTENCES[1] in first.text
    assert html.escape(SENTENCES[2], quote=False) not in first.text
    assert f'href="{PATH}?page=2" rel="next"' in first.text
    assert html.escape(SENTENCES[2], quote=False) in second.text
    assert f'href="{PATH}?page=1" rel="prev"' in second.text
    assert 'rel="next"' not in second.text
    assert f'href="{PATH}?page=2#s03"' in desk.get(DOCUMENT).text
