"""An entity arranged for a reader: one line, then sections of what it is to do with."""

from __future__ import annotations

import pytest

from kg.claims import claims_for
from kg.entities import describe
from kg.hierarchy import Hierarchy
from kg.portrait import portrait
from kg.related import sort_key
from kg.terms import (
    BASE,
    EXQ,
    LABEL,
    MERGED_VIEW,
    TYPE,
    Literal,
    NamedNode,
)


def entity(name):
    return NamedNode(f"{BASE}id/{name}")


def painted(snapshot, name):
    return portrait(snapshot, describe(snapshot, entity(name)))


def section(found, name):
    """The entries of a section by label."""
    (one,) = (s for s in found.sections if s.name == name)
    return {entry.thing.label: entry for entry in one.entries}


def roles(entry):
    return {
        (role.statement[1].label, role.value.label if role.value else "")
        for role in entry.roles
    }


def line(found):
    return [
        (part.property.label, *(value.label for value in part.values))
        for part in found.line
    ]


def test_a_person_is_told_by_the_post(snapshot):
    found = painted(snapshot, "abderrazzak-laassel")
    post = "Ambassador of Morocco to Kenya and South Sudan"
    assert line(found) == [("holds post", post)]


def test_who_holds_no_post_is_told_by_a_state(snapshot):
    found = painted(snapshot, "salman-al-khalidi")
    assert line(found) == [("national of", "Kuwait")]


def test_a_line_takes_few_values_and_counts_the_others(snapshot):
    events = snapshot.quads(None, TYPE, NamedNode(f"{EXQ}Event"), MERGED_VIEW)
    described = [describe(snapshot, quad.subject) for quad in events]
    many = [part for one in described for part in portrait(snapshot, one).line]
    assert many
    assert max(len(part.values) for part in many) == 2
    assert all(part.more >= 0 for part in many)


def test_a_tenure_is_told_as_the_post(snapshot):
    found = painted(snapshot, "abderrazzak-laassel")
    (post,) = section(found, "posts").values()
    assert post.thing.label == "Ambassador of Morocco to Kenya and South Sudan"
    assert [one.label for one in post.through] == ["Abderrazzak Laassel as ambassador"]
    stated = [role for role in post.roles if not role.is_inferred]
    assert [source.ordinal for source in stated[0].sources] == [5, 9]


def test_on_the_page_of_a_post_a_tenure_is_told_as_who_holds_it(snapshot):
    found = painted(snapshot, "attorney-general-of-kenya")
    assert list(section(found, "holders")) == ["Renson Ingonga"]


def test_a_participation_is_told_as_the_event_with_role_and_date(snapshot):
    found = painted(snapshot, "renson-ingonga")
    talks = section(found, "events")["Laassel–Ingonga talks in Nairobi"]
    assert talks.date.note == "Thursday"
    assert {("in role", "interlocutor"), ("in role", "speaker")} <= roles(talks)
    assert ("in capacity of", "Attorney General of Kenya") in roles(talks)
    names = {group.property.label for group in (*found.facts, *found.incoming)}
    assert "participating agent" not in names


def test_on_the_page_of_an_event_it_is_told_as_who_took_part(snapshot):
    found = painted(snapshot, "handover-of-salman-al-khalidi")
    part = section(found, "participants")
    assert ("in role", "giver") in roles(part["Iraqi Interpol"])
    assert ("handed over by", "") in roles(part["Iraqi Interpol"])
    assert ("on behalf of", "Kuwaiti authorities") in roles(part["Asaad Al-Eidani"])
    assert "Safwan border crossing" not in part


def test_a_role_has_the_passages_that_state_it(snapshot):
    found = painted(snapshot, "handover-of-salman-al-khalidi")
    giver = section(found, "participants")["Iraqi Interpol"]
    (part,) = giver.parts
    assert [source.ordinal for source in part[0].sources] == [9, 13]


def test_what_merely_generalises_a_role_is_left_out(snapshot):
    found = painted(snapshot, "salman-al-khalidi")
    arrest = section(found, "events")["arrest of Salman Al-Khalidi"]
    assert roles(arrest) == {("has arrestee", "")}


def test_events_stand_in_the_order_of_their_dates(snapshot):
    found = painted(snapshot, "kenya")
    entries = section(found, "events").values()
    times = [entry.date.term if entry.date else None for entry in entries]
    keys = [
        sort_key(snapshot, time, entry.thing.label)
        for time, entry in zip(times, entries, strict=True)
    ]
    assert keys == sorted(keys)
    assert {key[0] for key in keys} == {1, 2}


def test_agreements_of_a_state_have_their_dates(snapshot):
    found = painted(snapshot, "kenya")
    name = "2023 memorandum of understanding between the public prosecutors' offices"
    assert section(found, "agreements")[name].date.note == "2023"


@pytest.mark.parametrize("cls", ["Agent", "Event", "InformationObject", "Post"])
def test_no_fact_is_lost_and_none_is_told_twice(snapshot, cls):
    for quad in snapshot.quads(None, TYPE, NamedNode(f"{EXQ}{cls}"), MERGED_VIEW):
        described = describe(snapshot, quad.subject)
        found = portrait(snapshot, described)
        before = facts(described.facts) | facts(described.incoming)
        rest = facts(found.facts) | facts(found.incoming)
        assert rest <= before
        entries = [e for s in found.sections for e in s.entries]
        told = {one.term for e in entries for one in (e.thing, *e.through)}
        assert {fact for _, fact in before - rest} <= told


def facts(groups):
    return {(g.property.term, f.value.term) for g in groups for f in g.facts}


def test_what_is_no_thing_of_ours_has_facts_but_no_sections(snapshot):
    found = portrait(snapshot, describe(snapshot, NamedNode(f"{EXQ}Embassy")))
    assert not found.sections
    assert found.facts


def test_what_is_far_below_a_property_is_below_it(snapshot):
    hierarchy = Hierarchy.of(snapshot)
    assert hierarchy.is_below(NamedNode(f"{EXQ}handedOverBy"), "hasParticipant")
    assert not hierarchy.is_below(NamedNode(f"{EXQ}hasParticipant"), "handedOverBy")
    assert not hierarchy.is_below(LABEL, "hasParticipant")


def test_the_undated_come_after_the_dated(snapshot):
    dated = next(snapshot.quads(None, NamedNode(f"{EXQ}edtf"), Literal("2023"))).subject
    assert sort_key(snapshot, dated, "z") < sort_key(snapshot, None, "a")


def makers(groups):
    return {", ".join(m.label for m in g.makers): len(g.claims) for g in groups}


def test_claims_about_it_stand_by_who_makes_them(snapshot):
    found = painted(snapshot, "kenya")
    assert makers(found.about_by_maker) == {
        "National Cyber Security": 4,
        "Renson Ingonga": 2,
    }
    for group in found.about_by_maker:
        assert {claim.makers for claim in group.claims} == {group.makers}


def test_where_nobody_makes_several_claims_they_stand_as_they_are(snapshot):
    found = painted(snapshot, "salman-al-khalidi")
    assert len(found.claims_about) == 3
    assert found.about_by_maker == ()


def test_a_state_has_the_claims_of_who_speaks_for_it(snapshot):
    found = painted(snapshot, "iraq")
    assert list(makers(found.claims_for)) == [
        "Asaad Al-Eidani",
        "Iraq's Ministry of Interior",
    ]
    told = [claim for group in found.claims_for for claim in group.claims]
    assert all(claim.sources for claim in told)
    assert not found.more_for


def test_no_more_of_those_claims_are_told_than_a_page_has_room_for(snapshot):
    some, is_more = claims_for(snapshot, entity("iraq"), most=3)
    assert (len(some), is_more) == (3, True)


def test_a_claim_about_its_own_maker_stands_once(snapshot):
    found = describe(snapshot, entity("kenya"))
    about = {one.claim.term for one in found.claims_about}
    by = {one.claim.term for one in found.claims_by}
    assert about & by
    arranged = portrait(snapshot, found)
    assert {one.claim.term for one in arranged.claims_about} == about - by
    assert arranged.about_itself == about & by
