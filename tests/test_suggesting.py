"""What drafts suggest of new names, offices, envoys, sanctions and votes."""

from __future__ import annotations

import re

import pytest

from kg.coining import coin, likely_class
from kg.drafting import draft_article
from kg.mentions import Mentions
from kg.offices import offices
from kg.terms import BASE
from kg.voices import voices


@pytest.fixture(scope="module")
def named(snapshot):
    return Mentions(snapshot)


def drafted(named, text, **options):
    return draft_article(text, "new", named, **options)


def block(named, text):
    """What is suggested for the only sentence of *text*, without its marks."""
    lines = drafted(named, text).trig.partition("# --- ")[2].splitlines()
    return [line.removeprefix("#").strip() for line in lines]


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("Tunisia", "State"),
        ("Tunis", "Settlement"),
        ("Iraqi Embassy", "Embassy"),
        ("Council for Gulf Cooperation", "IntergovernmentalOrganization"),
        ("Iraqi Foreign Ministry", "Ministry"),
        ("Gulf Courier", "MediaOrganization"),
        ("Tunis Declaration", "JointStatement"),
        ("Red Sea", "Territory"),
        ("Sahil Marine", "Organization"),
        ("University of Oslo", "EducationalInstitution"),
        ("Haidar Al-Obaidi", "Person"),
        ("Leila Ben Romdhane", "Person"),
        ("IGAD", "IntergovernmentalOrganization"),
        ("XYZ", "Organization"),
        ("Bizerte", "Settlement"),
        ("Norway Refugee Fund", "Organization"),
        ("Gulf Cooperation Council", "IntergovernmentalOrganization"),
        ("Amman Centre for Policy Research", "Organization"),
        ("Iraqi News Agency", "MediaOrganization"),
        ("Amiri Diwan", "Organization"),
    ],
)
def test_the_words_of_a_name_tell_its_class(name, kind):
    assert likely_class(name, "They met in Bizerte, at the Amiri Diwan.") == kind


def test_a_known_state_is_met_by_its_people_and_not_coined(named):
    coinage = coin(["Americans", "Tunisian"], ["Tunisian and Americans"],
                   base=BASE, named=named)  # fmt: skip
    assert [one.entity.label for one in coinage.coined] == ["Tunisia"]
    found = coinage.of("A Tunisian met Americans.", [])
    assert [one.entities[0].label for one in found] == ["Tunisia", "United States"]


def test_an_iri_that_is_in_use_is_not_taken(named):
    (one,) = coin(["Rabat Forum", "kenya"][:1], [""], base=BASE, named=named).coined
    assert one.entity.iri.value == f"{BASE}id/rabat-forum"
    (other,) = coin(["Role Host"], [""], base=BASE, named=named).coined
    assert other.entity.iri.value == f"{BASE}id/role-host-2"


def told(named, text):
    coinage = coin(
        ["Ada Quill", "Norway", "Iceland", "Trade Forum", "Ben Rhys"], [text],
        base=BASE, named=named,
    )  # fmt: skip
    return [
        (one.person.label, one.label, one.kind, one.is_former)
        for one in offices(text, coinage.of(text, named.of(text)))
    ]


@pytest.mark.parametrize(
    ("text", "who", "label", "kind"),
    [
        ("Kenyan President Ada Quill came.", "Ada Quill", "President of Kenya",
         "head-of-state"),
        ("Kenya’s ambassador to Norway, Ada Quill, left.", "Ada Quill",
         "Ambassador of Kenya to Norway", "ambassador"),
        ("The new ambassador of Kuwait to Norway and Iceland, Ada Quill, left.",
         "Ada Quill", "Ambassador of Kuwait to Norway and Iceland", "ambassador"),
        ("Iraq recalled its ambassador to Kuwait, Ada Quill.", "Ada Quill",
         "Ambassador of Iraq to Kuwait", "ambassador"),
        ("Ada Quill, the foreign minister of Norway, spoke.", "Ada Quill",
         "Foreign Minister of Norway", "foreign-minister"),
        ("Trade Forum spokeswoman Ada Quill spoke.", "Ada Quill",
         "Spokesperson of Trade Forum", "spokesperson"),
        ("Commercial attaché Ada Quill left.", "Ada Quill", "Commercial attaché",
         "attache"),
        ("Kuwait named Ada Quill as its first ambassador to Norway.", "Ada Quill",
         "Ambassador of Kuwait to Norway", "ambassador"),
        ("The Kenyan ambassador, Sheikha Ada Quill, left.", "Ada Quill",
         "Ambassador of Kenya", "ambassador"),
        ("Kenya’s Minister of Energy Ada Quill signed.", "Ada Quill",
         "Minister of Energy of Kenya", "minister"),
        ("Foreign minister Ada Quill of Kenya spoke.", "Ada Quill",
         "Foreign Minister of Kenya", "foreign-minister"),
        ("The president of Trade Forum, Ada Quill, left.", "Ada Quill",
         "President of Trade Forum", ""),
    ],
)  # fmt: skip
def test_the_words_beside_a_name_tell_an_office(named, text, who, label, kind):
    assert told(named, text) == [(who, label, kind, False)]


def test_a_post_that_was_held_before_is_a_former_one(named):
    text = "Ada Quill, who previously served as Kuwait’s consul general in Casablanca."
    assert told(named, text) == [
        ("Ada Quill", "Consul General of Kuwait in Casablanca", "consul-general", True)
    ]


@pytest.mark.parametrize(
    "text", ["Ada Quill met the president.", "The king of Norway is old.", "Ada Quill."]
)
def test_no_office_is_told_where_no_name_stands_beside_it(named, text):
    assert told(named, text) == []


@pytest.mark.parametrize(
    ("text", "counts"),
    [
        ("Nine members voted in favor, one against and one abstained.", (9, 1, 1)),
        ("It was adopted by 118 votes to 6, with 41 abstentions.", (118, 6, 41)),
        ("It passed by 14-1.", (14, 1, None)),
        ("Kenya voted in favor.", (None, None, None)),
    ],
)
def test_voices_are_counted(text, counts):
    found = voices(text)
    assert tuple(found.get(side) for side in ("for", "against", "abstained")) == counts


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("Iraq recalled its ambassador to Kuwait, Ada Quill.",
         ["id:recall-of-ada-quill a exq:Recall ;", "exq:performedBy id:iraq ;",
          "exq:concernsPost id:ambassador-of-iraq-to-kuwait ;",
          "exq:concernsEnvoy id:ada-quill ."]),
        ("Kuwait expelled Iraqi attaché Ada Quill.",
         ["id:expulsion-of-ada-quill a exq:PersonaNonGrataDeclaration ;",
          "exq:performedBy id:kuwait ;", "exq:concernsEnvoy id:ada-quill ."]),
        ("Kenya imposed a travel ban on Ada Quill.",
         ["exq:hasMeasure id:measure-travel-ban ;", "exq:hasTarget id:ada-quill .",
          "id:sanctions-on-ada-quill a exq:SanctionsImposition ;"]),
        ("Kenya’s ambassador to Norway, Ada Quill, presented her credentials.",
         ["id:accreditation-of-ada-quill a exq:Accreditation ;"]),
        ("They adopted it by 118 votes to 6, with 41 abstentions.",
         ["exq:votesInFavour 118 ;", "exq:votesAgainst 6 ;", "exq:abstentions 41 ."]),
        ("Kenya lifted sanctions on the Norway Fund, Ada Quill said.",
         ["id:lifting-of-sanctions-on-norway-fund a exq:SanctionsLifting ;",
          "exq:hasTarget id:norway-fund ."]),
        ("He came from Iran to the Iranian Embassy.",
         ["exq:sendingState id:iran ;", "exq:receivingState id:STATE ;"]),
        ("They keep to the Vienna Convention on Diplomatic Relations.",
         ["id:vienna-convention-on-diplomatic-relations a exq:Treaty ;",
          'exq:partiesNotStated "The article does not name them."@en ;']),
        ("Leaders of Kenya and Norway held a summit in Oslo.",
         ["id:summit-in-oslo a exq:Summit ;", "exq:takesPlaceAt id:oslo ."]),
    ],
)  # fmt: skip
def test_a_pattern_is_filled_with_what_the_sentence_names(named, text, lines):
    found = block(named, text)
    assert [line for line in lines if line not in found] == []


def test_how_members_voted_is_their_part_in_the_vote(named):
    text = """The General Assembly adopted a resolution by 118 votes to 6.
Morocco voted in favor. Kenya voted against it and the United States abstained.
"""
    trig = drafted(named, text).trig
    assert "exq:hasOutcome id:resolution-of-general-assembly ;" in trig
    for state, role in (
        ("morocco", "supporter"),
        ("kenya", "opponent"),
        ("united-states", "abstainer"),
    ):
        part = f"id:participation-{state}-vote-of-general-assembly"
        assert f"{part} a exq:Participation ;" in trig
        assert re.search(rf"{part} a(?:.*\n){{2}}.*id:role-{role} ;", trig)


def test_a_body_that_spoke_last_is_the_ministry(named):
    text = """Interpol confirmed it. The agency stressed that it was late.
Nasser Bourita denied it. The minister also called for talks.
The statement said so.
"""
    trig = drafted(named, text).trig
    assert trig.count("exq:madeBy id:interpol ;") == 3
    assert trig.count("exq:madeBy id:nasser-bourita ;") == 2


def test_what_another_sentence_tells_is_not_asked_for_again(named):
    text = """Kuwait Arrests a Man
They said that Salman Al-Khalidi was arrested in Baghdad.
"""
    trig = drafted(named, text).trig
    assert trig.count("a exq:Arrest ;") == 2
    assert trig.count("exq:hasArrestee id:salman-al-khalidi .") == 1
    assert "id:PERSON" not in trig


def test_the_post_that_somebody_is_known_to_hold_is_named(named):
    lines = block(named, "They met foreign minister Nasser Bourita.")
    assert any(line.endswith("id:foreign-minister-of-morocco .") for line in lines)


def test_who_spoke_last_is_he_or_she(named):
    text = """Ada Quill of the Trade Forum said that it was late.
She called for talks. It accused Kenya.
"""
    trig = drafted(named, text).trig
    assert trig.count("exq:madeBy id:ada-quill ;") == 2
    assert trig.count("exq:madeBy id:SPEAKER ;") == 1
    assert "exq:affiliatedWith id:trade-forum ;" in trig


def test_another_agreement_of_the_same_article_has_another_name(named):
    text = """Kenya and Norway signed a memorandum of understanding in Oslo.
The memorandum was signed by Ada Quill. Kenya and Peru signed a host agreement.
"""
    trig = drafted(named, text).trig
    memorandum = "id:memorandum-of-understanding-of-kenya-and-norway"
    assert trig.count(f"{memorandum} a exq:MemorandumOfUnderstanding ;") == 2
    assert "id:agreement-of-kenya-and-peru a exq:Agreement ;" in trig
    assert trig.count("exq:hasParty id:kenya , id:norway .") == 1


def test_more_states_may_be_named_after_the_envoy(named):
    text = "Kenya’s ambassador to Norway, Ada Quill, who is also accredited to Iceland."
    assert told(named, text)[0][1] == "Ambassador of Kenya to Norway and Iceland"


def test_an_envoy_to_a_body_is_told(named):
    text = "The Kenyan ambassador to the Trade Forum, Ada Quill, spoke."
    assert told(named, text)[0][1] == "Ambassador of Kenya to the Trade Forum"


def test_ranks_and_missions_are_no_part_of_a_name(named):
    text = """They met General Ben Rhys and the Special Envoy for the Horn of Africa.
There the General Assembly met.
"""
    unknown = drafted(named, text).unknown
    assert unknown == ("Ben Rhys", "Horn of Africa", "General Assembly")


def test_what_several_sentences_tell_of_keeps_its_name(named):
    text = """Kuwait Expels an Attaché of Iraq
Kuwait said that commercial attaché Ada Quill had been given 72 hours to leave.
"""
    assert drafted(named, text).trig.count("id:expulsion-of-ada-quill a") == 2


def test_a_known_tenure_is_named_and_not_made_again(named):
    lines = block(named, "Morocco’s King Mohammed VI came.")
    assert "id:mohammed-vi exq:hasTenure id:tenure-mohammed-vi-king ." in lines
    assert "id:tenure-mohammed-vi-king a exq:Tenure ;" not in lines


def test_a_publisher_is_named_or_new(named):
    text = "Kenya and Kuwait met.\n"
    new = drafted(named, text, publisher="Gulf Courier").trig
    assert "dct:publisher id:gulf-courier ;" in new
    assert "id:gulf-courier a exq:MediaOrganization ;" in new
    known = drafted(named, text, publisher="Asharq Al-Awsat").trig
    assert "dct:publisher id:asharq-al-awsat ;" in known
    assert "id:asharq-al-awsat a" not in known
    assert "dct:publisher id:… ;  # TO FILL IN" in drafted(named, text).trig


def test_datelines_and_pointers_say_what_they_are(named):
    text = """Talks Go On
Marrakech – Kenya and Kuwait met.
Read also: Iraq Clarifies Handover of Kuwaiti Dissident to Kuwait
Tags: Kenya, Kuwait
"""
    trig = drafted(named, text).trig
    assert "#     src:new exq:hasDatelinePlace id:marrakech ." in trig
    assert "#     src:new exq:refersReadersTo src:iraq-kuwait-handover ." in trig
    for line in ("Dateline: Marrakech", "Pointer to another article",
                 "Tags: Kenya, Kuwait"):  # fmt: skip
        assert f'exq:topicLine "{line}"@en ;' in trig


def test_topic_lines_have_ten_words_at_most(named):
    text = (
        "The Council for Mediterranean and Gulf Cooperation met the Organization for"
        " Trade in Kenya and Kuwait, and Nasser Bourita spoke to Musalia Mudavadi."
    )
    (line,) = [one for one in drafted(named, f"Talks\n{text}\n").trig.splitlines()
               if "Council" in one and "topicLine" in one]  # fmt: skip
    assert len(line.split('"')[1].split()) <= 10


def test_a_weekday_that_the_calendar_denies_is_told(named):
    made = drafted(named, "They met on Tuesday, 3 May 2024.\n")
    assert made.notes == (
        "passage 1: the calendar says that 'Tuesday, 3 May 2024' was a Friday; say"
        " what the source says",
    )
    assert "the calendar says that this day was a Friday" in made.trig
    assert drafted(named, "They met on Friday, 3 May 2024.\n").notes == ()


def test_the_background_of_new_places_stands_by_itself(named):
    trig = drafted(named, "Norway and Kenya met in Manama and Oslo.\n").trig
    block = trig.partition("# graph:reference {")[2]
    for line in (
        "id:bahrain a exq:State ;",
        "exq:territoryOf id:bahrain .",
        "id:manama exq:locatedIn id:territory-of-bahrain .",
        "id:bahrain exq:hasCapital id:manama .",
        "exq:territoryOf id:norway .",
        "id:oslo exq:locatedIn id:territory-of-norway .",
    ):
        assert line in block, line
    assert "id:norway a exq:State" not in block
    assert "id:norway a exq:State" in trig


def test_who_attends_takes_part_in_what_was_told_last(named):
    text = """Kenya and Norway signed an agreement in Oslo.
Nasser Bourita attended the ceremony.
"""
    signing = "id:agreement-of-kenya-and-norway-signing"
    line = f"{signing} exq:hasParticipant id:nasser-bourita ."
    assert line in drafted(named, text).trig


def test_a_portfolio_is_no_part_of_a_name(named):
    text = "They met Minister of Energy Saad bin Khalid Al-Marri in Rabat."
    assert drafted(named, text).unknown == ("Saad bin Khalid Al-Marri",)
