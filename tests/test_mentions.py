"""Entities named in texts: longest names, accents, possessives, ambiguity."""

from __future__ import annotations

import pytest

from kg.mentions import Mentions, _family_name


@pytest.fixture(scope="module")
def named(snapshot):
    return Mentions(snapshot)


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("Kenya’s envoy", ["kenya"]),
        ("Abderrazzák LAASSEL spoke", ["abderrazzak-laassel"]),
        ("Salman Al Khalidi", ["salman-al-khalidi"]),
        ("the Kenya Attorney General’s office", ["kenya-attorney-generals-office"]),
        ("he told us", []),
        ("the US said", ["united-states"]),
        ("Ingonga’s visit", ["renson-ingonga"]),
        ("Al-Khalidi was arrested", ["salman-al-khalidi"]),
        ("INGONGA AND LAASSEL", ["renson-ingonga", "abderrazzak-laassel"]),
        ("an ingonga", []),
        ("the U.S.-led coalition", ["united-states"]),
        ("an Iraqi official and two Kenyans", ["iraq", "kenya"]),
        ("Moroccan and Kuwaiti sides", ["morocco", "kuwait"]),
        ("Omar al-Iraqi", []),
        ("digital policies", ["digital-policy"]),
        ("Kuwaiti Interpols", ["kuwaiti-interpol"]),
        ("held to account, he announced his intentions", []),
    ],
)
def test_the_longest_name_is_found(named, text, names):
    found = [
        one.iri.value.rsplit("/", 1)[-1] for m in named.of(text) for one in m.entities
    ]
    assert [name for name in found if not name.startswith("post-kind")] == names


def test_a_name_of_several_things_lists_them_all(named):
    (mention,) = named.of("in Nairobi")
    assert {one.label for one in mention.entities} == {"Kenya", "Nairobi"}
    assert (mention.start, mention.end) == (3, 10)


@pytest.mark.parametrize(
    ("name", "family"),
    [
        ("salman al khalidi", ("al", "khalidi")),
        ("renson ingonga", ("ingonga",)),
        ("abd al aziz bin abu bakr", ("bin", "abu", "bakr")),
        ("pele", ("pele",)),
        ("al", ("al",)),
    ],
)
def test_particles_belong_to_the_family_name(name, family):
    assert _family_name(name) == family
