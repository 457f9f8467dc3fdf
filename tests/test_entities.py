"""Entities: what a name may stand for, and what is said of an entity, by whom."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.entities import choices, describe, find_entities, find_entity
from kg.errors import UnknownEntityError
from kg.folding import fold
from kg.store import Snapshot
from kg.terms import BASE, EXQ, Literal, NamedNode

KENYA = NamedNode(f"{BASE}id/kenya")
NAIROBI = NamedNode(f"{BASE}id/nairobi")
STATE = NamedNode(f"{EXQ}State")


def entity(name):
    return NamedNode(f"{BASE}id/{name}")


def found(snapshot, text):
    return [(one.iri, one.exact) for one in find_entities(snapshot, text)]


def facts(groups):
    """Facts as (property, value) with whether they are inferred."""
    return {
        (group.property.label, fact.value.label): fact.is_inferred
        for group in groups
        for fact in group.facts
    }


# --- finding ----------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        f"{BASE}id/kenya",
        f"<{BASE}id/kenya>",
        "id:kenya",
        "kenya",
        "Kenya",
        "  KENYA ",
        "East African country",
        "east african  country",
    ],
)
def test_an_entity_is_found_by_iri_name_label_and_alias(snapshot, text):
    assert found(snapshot, text) == [(KENYA, True)]


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Laassel-Ingonga talks in Nairobi", "laassel-ingonga-talks-in-nairobi"),
        ("Ben M’sik Faculty of Sciences", "ben-msik-faculty-of-sciences"),
        ("abderrazzák laassel", "abderrazzak-laassel"),
    ],
)
def test_accents_dashes_and_quotes_do_not_count(snapshot, text, name):
    assert found(snapshot, text) == [(entity(name), True)]


def test_a_name_that_two_entities_share_finds_both(snapshot):
    assert found(snapshot, "nairobi") == [(KENYA, True), (NAIROBI, True)]


def test_sources_and_terms_of_the_ontology_are_found_too(snapshot):
    article = NamedNode(f"{BASE}source/iraq-kuwait-handover")
    assert found(snapshot, "iraq-kuwait-handover") == [(article, True)]
    assert found(snapshot, "exq:Embassy") == [(NamedNode(f"{EXQ}Embassy"), True)]
    assert found(snapshot, "Embassy") == [(NamedNode(f"{EXQ}Embassy"), True)]


def test_an_entity_comes_before_a_term_with_the_same_label(snapshot):
    names = [one.iri.value for one in find_entities(snapshot, "arrest warrant")]
    assert names == [f"{BASE}id/arrest-warrant-from-kuwait"]


@pytest.mark.parametrize("text", ["Morroco", "moroc", "orocco"])
def test_what_resembles_a_name_is_suggested(snapshot, text):
    assert (entity("morocco"), False) in found(snapshot, text)


@pytest.mark.parametrize("text", ["", " ", "zzzzzz", "<>", "id:", "a:b:c", "}\n#"])
def test_what_resembles_nothing_finds_nothing(snapshot, text):
    assert found(snapshot, text) == []


@given(text=st.text())
def test_any_text_can_be_looked_for(snapshot, text):
    assert all(one.label for one in find_entities(snapshot, text))


def test_a_candidate_knows_its_kind_and_its_groups(snapshot):
    (kenya,) = find_entities(snapshot, "kenya")
    assert kenya.kind == "state"
    assert {STATE, NamedNode(f"{EXQ}Agent")} <= kenya.groups
    (host,) = find_entities(snapshot, "role-host")
    assert host.kind == "concept"
    assert entity("roles") in host.groups


def test_one_entity_is_asked_for_by_name(snapshot):
    assert find_entity(snapshot, "Kenya") == KENYA


@pytest.mark.parametrize(
    "text", ["Al Khalidi", "salman al khalidi", "Salman Al - Khalidi"]
)
def test_a_space_may_stand_for_a_hyphen_where_nothing_else_is_called_so(snapshot, text):
    assert find_entity(snapshot, text) == entity("salman-al-khalidi")


def test_an_ambiguous_name_is_refused_with_the_candidates(snapshot):
    with pytest.raises(UnknownEntityError) as error:
        find_entity(snapshot, "Nairobi")
    assert "'Nairobi' may mean 2 things" in str(error.value)
    assert "Nairobi (settlement) id:nairobi" in str(error.value)


def test_an_unknown_name_is_refused_with_the_nearest(snapshot):
    with pytest.raises(UnknownEntityError, match="did you mean Morocco"):
        find_entity(snapshot, "Morroco")
    with pytest.raises(UnknownEntityError, match="`kg run entities` lists"):
        find_entity(snapshot, "zzzzzz")


def test_the_members_of_a_class_or_scheme_can_be_listed(snapshot):
    states = [one.label for one in choices(snapshot, STATE)]
    assert "South Sudan" in states
    assert states == sorted(states)
    polarities = [one.label for one in choices(snapshot, entity("polarities"))]
    assert polarities == ["neutral", "oppose", "support"]


def test_none_is_listed_where_there_are_too_many_to_choose_from(snapshot):
    group = entity("polarities")
    assert choices(snapshot, group, most=3) == choices(snapshot, group)
    assert choices(snapshot, group, most=2) == []


def test_folding_leaves_letters_without_case_and_accents():
    assert fold("  Chargé d’Affaires – Straße ") == "charge d'affaires - strasse"


# --- describing -------------------------------------------------------------------


def test_a_description_names_the_entity(snapshot):
    kenya = describe(snapshot, KENYA)
    assert kenya.entity.label == "Kenya"
    assert [kind.label for kind in kenya.kinds] == ["state"]
    assert "East African country" in kenya.aliases
    assert NamedNode("http://www.wikidata.org/entity/Q114") in kenya.same_as
    assert kenya.complete


def test_a_stated_fact_names_its_passage(snapshot):
    talks = describe(snapshot, entity("laassel-ingonga-talks-in-nairobi"))
    (group,) = (g for g in talks.facts if g.property.label == "has outcome")
    (fact,) = group.facts
    (source,) = fact.sources
    assert not fact.is_inferred
    assert source.graph == NamedNode(f"{BASE}source/kenya-morocco-cybercrime#s11")
    assert "National Cyber Security" in source.label
    assert source.ordinal == 11
    assert source.topic


def test_background_knowledge_is_a_source_without_a_passage(snapshot):
    nairobi = describe(snapshot, NAIROBI)
    (group,) = (g for g in nairobi.facts if g.property.label == "located in")
    stated = [fact for fact in group.facts if not fact.is_inferred]
    assert [source.ordinal for source in stated[0].sources] == [None]


def test_what_follows_is_marked_as_inferred(snapshot):
    conference = describe(snapshot, entity("cybersecurity-conference-at-dar-america"))
    said = facts(conference.facts)
    assert said["has host", "US Consulate General in Casablanca"] is False
    assert said["takes place in state", "Morocco"] is True


def test_what_only_generalises_another_fact_is_left_out(snapshot):
    conference = describe(snapshot, entity("cybersecurity-conference-at-dar-america"))
    said = facts(conference.facts)
    assert ("has active participant", "US Consulate General in Casablanca") not in said
    assert ("has participant", "US Consulate General in Casablanca") not in said


def test_a_relation_and_its_inverse_are_shown_once(snapshot):
    post = describe(snapshot, entity("attorney-general-of-kenya"))
    assert facts(post.facts)["held by", "Renson Ingonga"] is True
    assert ("holds post", "Renson Ingonga") not in facts(post.incoming)
    kenya = describe(snapshot, KENYA)
    assert ("cooperates with", "Morocco") in facts(kenya.facts)
    assert ("cooperates with", "Morocco") not in facts(kenya.incoming)
    assert ("cooperates with", "Kenya") not in facts(kenya.facts)


def test_a_date_shows_its_wording(snapshot):
    visit = describe(snapshot, entity("official-visit-of-jennifer-bachus-to-morocco"))
    (group,) = (g for g in visit.facts if g.property.label == "has time")
    assert (
        group.facts[0].value.note
        == "from December 6 to 8, 6 to 8 December of a year not stated"
    )


def test_claims_are_told_apart_from_facts(snapshot):
    person = describe(snapshot, entity("salman-al-khalidi"))
    (claim,) = (c for c in person.claims_about if "dissident" in c.designations)
    assert [maker.label for maker in claim.makers] == ["Asharq Al-Awsat"]
    assert "designation" in claim.kinds
    assert claim.text
    assert [source.ordinal for source in claim.sources] == [1, 8, 16]
    assert not any(group.property.label == "claim about" for group in person.incoming)


def test_claims_are_listed_with_their_maker(snapshot):
    ministry = describe(snapshot, entity("iraqs-ministry-of-interior"))
    assert len(ministry.claims_by) > 5
    makers = [{maker.term for maker in claim.makers} for claim in ministry.claims_by]
    assert all(ministry.entity.term in some for some in makers)


def test_the_content_of_a_claim_is_no_fact(snapshot):
    handover = describe(snapshot, entity("handover-of-salman-al-khalidi"))
    assert [kind.label for kind in handover.kinds] == ["handover"]
    assert "has legal basis" not in {group.property.label for group in handover.facts}


def test_facts_stand_in_a_fixed_order(snapshot):
    kenya = describe(snapshot, KENYA)
    assert kenya == describe(snapshot, KENYA)
    labels = [group.property.label.casefold() for group in kenya.incoming]
    assert labels == sorted(labels)


def test_a_term_of_the_ontology_can_be_described(snapshot):
    embassy = describe(snapshot, NamedNode(f"{EXQ}Embassy"))
    assert embassy.entity.label == "embassy"
    assert ("sub class of", "representation abroad") in facts(embassy.facts)


def test_a_long_description_is_cut_and_says_so(snapshot):
    assert not describe(snapshot, KENYA, most=10).complete


def test_nothing_is_known_of_an_unknown_iri(snapshot):
    with pytest.raises(UnknownEntityError, match="nothing is known of <urn:nobody>"):
        describe(snapshot, NamedNode("urn:nobody"))


def test_a_description_takes_few_questions(snapshot, monkeypatch):
    asked = []
    query = Snapshot.query

    def counted(self, sparql, **dataset):
        asked.append(sparql)
        return query(self, sparql, **dataset)

    monkeypatch.setattr(Snapshot, "query", counted)
    for name in ("kenya", "interpol", "morocco"):
        asked.clear()
        describe(snapshot, entity(name))
        assert len(asked) <= 4


def test_literal_values_are_shown_as_they_are(snapshot):
    kenya = describe(snapshot, KENYA)
    (group,) = (g for g in kenya.facts if g.property.label == "ISO alpha-2 code")
    assert group.facts[0].value.term == Literal("KE")
    assert group.facts[0].value.label == "KE"
