"""Drafts of articles: valid TriG, locators that fit, and no text."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kg.change import read_change
from kg.drafting import MOST_BYTES, draft_article, read_article
from kg.errors import DataFileError, ParameterError
from kg.evidence import read_evidence, verify
from kg.formats import by_name
from kg.mentions import Mentions
from kg.sentences import sentences
from tests.test_cli import runner

TEXT = """Kenya and Kuwait Talk About Trade
Foreign minister Ada Envoy of Kenya met officials of Kuwait in Nairobi on Thursday.
Envoy called the talks very fruitful, the Interpol said on March 12, 2024.
"""


@pytest.fixture(scope="module")
def named(snapshot):
    return Mentions(snapshot)


def evidence_of(trig):
    return read_evidence(read_change(trig.encode(), by_name("trig"), source="d").added)


def suggested(trig):
    """The draft with its suggestions taken for facts."""
    head, mark, rest = trig.partition("# --- ")
    lines = [line.removeprefix("# ") for line in (mark + rest).splitlines()]
    notes = ("names ", "--- ", "is looked up ")
    kept = [line for line in lines if not line.startswith(notes)]
    return head + "\n".join(kept)


def test_a_draft_has_locators_entities_dates_and_patterns(named, tmp_path):
    trig = draft_article(TEXT, "talks", named).trig
    (tmp_path / "talks.txt").write_bytes(TEXT.encode())
    articles, passages = evidence_of(trig)
    assert [one.ordinal for one in passages] == [1, 2, 3]
    assert verify(articles, passages, tmp_path) == []
    for part in ("names id:kuwait (Kuwait)", "one of these: id:kenya", "a exq:Meeting",
                 'exq:edtf "2024-03-12"', "exq:dayOfWeek time:Thursday",
                 "exq:madeBy id:ada-envoy "):  # fmt: skip
        assert part in trig, part
    for words in ("fruitful", "Talk", "met officials", "called the talks"):
        assert words not in trig


def test_names_that_the_graph_has_not_are_told_and_proposed(named):
    text = """Uzbekistan and Kenya Open Talks
Malika Saidova and Peru's ambassador, José Ñáñez Córdova, met in Kenya on Monday.
Yesterday Saidova left for the Republic of Moldova. Afterwards Uzbekistan said so.
"""
    made = draft_article(text, "talks", named)
    assert made.unknown == (
        "Uzbekistan",
        "Malika Saidova",
        "Peru",
        "José Ñáñez Córdova",
        "Republic of Moldova",
    )
    for line in (
        "id:uzbekistan a exq:State ;",
        "id:malika-saidova a exq:Person ;",
        "id:peru a exq:State ;",
        'rdfs:label "José Ñáñez Córdova"@en ;',
        "exq:inPost id:ambassador-of-peru .",
    ):
        assert made.trig.count(line) == 1, line
    assert "id:territory-of-peru a exq:Territory ;" in made.trig


def test_a_title_is_no_part_of_a_new_name(named):
    text = """The Emir of Qatar, Sheikh Tamim Al-Thani, met Kenyan President Macky Sall.
There Prime Minister Ousmane Sonko and Secretary of State Marco Rubio saw Martin King.
He was received by the Senegalese President.
Yesterday President Sall left for the General Assembly, as the Prime Minister said.
"""
    assert draft_article(text, "visit", named).unknown == (
        "Qatar",
        "Tamim Al-Thani",
        "Macky Sall",
        "Ousmane Sonko",
        "Marco Rubio",
        "Martin King",
        "General Assembly",
    )


def test_names_of_many_kinds_are_told_whole(named):
    text = """In Rabat, Omar al-Tikriti of the Kenya News Agency (KNA) met Xi Jinping.
There the High Representative for Foreign Affairs and Security Policy spoke of the EU.
In it the Treaty on Legal Assistance in Criminal Matters names Jasem Badr of the GCC.
Then the Republic of Kenya and His Excellency met Layla bint Sa'id in Côte d'Ivoire.
There the President's aide saw Ada Quill of Kenya and the Embassy of Kuwait.
"""
    assert draft_article(text, "visit", named).unknown == (
        "Omar al-Tikriti",
        "Kenya News Agency",
        "KNA",
        "Xi Jinping",
        "High Representative for Foreign Affairs and Security Policy",
        "EU",
        "Treaty on Legal Assistance in Criminal Matters",
        "Jasem Badr",
        "GCC",
        "Layla bint Sa'id",
        "Côte d'Ivoire",
        "Ada Quill",
        "Embassy of Kuwait",
    )


@pytest.mark.parametrize(
    ("text", "speaker"),
    [
        ("Interpol confirmed it.", "interpol"),
        ("“So be it,” said Kenya’s minister, Musalia Mudavadi.", "SPEAKER"),
        ("“So be it,” said foreign minister Musalia Mudavadi.", "musalia-mudavadi"),
        ("It works, according to Interpol.", "interpol"),
        ("Wang spoke after he had told Musalia Mudavadi of it.", "SPEAKER"),
        ("He was received by Mohammed VI, the cabinet said.", "SPEAKER"),
    ],
)
def test_a_claim_is_that_of_whoever_stands_beside_the_verb(named, text, speaker):
    found = re.findall(r"exq:madeBy id:(\S+) ;", draft_article(text, "a", named).trig)
    assert found == [speaker]


@pytest.mark.parametrize(
    ("text", "post"),
    [
        ("Morocco's foreign minister came.", ["foreign-minister-of-morocco"]),
        ("The Kenyan foreign minister came.", ["foreign-minister-of-kenya"]),
        ("The Moroccan ambassador came.", []),
        ("The foreign ministers of Kenya and Morocco came.", []),
    ],
)
def test_the_post_is_told_where_a_state_has_one_of_its_kind(named, text, post):
    found = re.findall(r"exq:inPost id:(\S+) \.", draft_article(text, "a", named).trig)
    assert found == post


def test_suggestions_that_are_taken_are_trig(named):
    quads = read_change(
        suggested(draft_article(TEXT, "talks", named).trig).encode(),
        by_name("trig"), source="d",
    ).added  # fmt: skip
    assert len({quad.graph_name for quad in quads}) > 2


def test_a_sentence_that_comes_again_says_what_it_repeats(named):
    trig = draft_article("Caption of Kenya\nCaption of Kenya\n", "a", named).trig
    assert "exq:repeats src:a\\#s01" in trig


WORDS = st.sampled_from(
    ["zebra", "Quux.", "said", "met", "Kenya’s", "Nairobi", "May 5, 2024",
     "\n", "“", "\\", "quokka!", "…", "#", "{", '"', "é", "\r\n", "Thursday", "signed",
     "😀", "|"]
)  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(st.lists(WORDS, max_size=40))
def test_every_draft_is_trig_that_fits_and_holds_no_text(named, words):
    text = " ".join(words)
    trig = draft_article(text, "made-up", named).trig
    articles, passages = evidence_of(trig)
    assert len(articles) == 1
    assert [(one.start, one.end) for one in passages] == [
        (one.start, one.end) for one in sentences(text)
    ]
    assert not re.search("zebra|quokka|😀|é", trig)
    read_change(suggested(trig).encode(), by_name("trig"), source="d")


@pytest.mark.parametrize("slug", ["", "Talks", "a--b", "a b", "../a", "é", "a" * 81])
def test_a_slug_is_checked(named, slug):
    with pytest.raises(ParameterError, match="lower-case"):
        draft_article(TEXT, slug, named)


@pytest.mark.parametrize(
    ("data", "message"),
    [(b"\xff", "UTF-8"), (b"", "no sentence"), (b" \n--\n", "no sentence"),
     (b"a\0b", "NUL"), (b"a" * (MOST_BYTES + 1), "bytes")],
)  # fmt: skip
def test_what_is_no_text_is_refused(tmp_path, data, message):
    path = tmp_path / "a.txt"
    path.write_bytes(data)
    with pytest.raises(DataFileError, match=message):
        read_article(path)


def test_a_text_that_is_missing_is_told(tmp_path):
    with pytest.raises(DataFileError, match="cannot be read"):
        read_article(tmp_path / "none.txt")


def test_the_command_writes_a_file_and_only_by_force_again(shipped_store, tmp_path):
    kg = runner(shipped_store)
    (tmp_path / "talks.txt").write_text(TEXT, encoding="utf-8")
    output = tmp_path / "talks.trig"
    command = [
        "draft",
        str(tmp_path / "talks.txt"),
        "--slug",
        "talks",
        "-o",
        str(output),
    ]
    made = kg(*command)
    assert made.exit_code == 0
    assert "not in the graph, as it seems: Ada Envoy; each is proposed" in made.stderr
    output.write_text("mine", encoding="utf-8")
    refused = kg(*command)
    assert (refused.exit_code, output.read_text(encoding="utf-8")) == (2, "mine")
    assert "--force" in refused.stderr
    assert kg(*command, "--force").exit_code == 0
    assert "exq:NewsArticle" in output.read_text(encoding="utf-8")
