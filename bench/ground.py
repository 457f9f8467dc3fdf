"""The ground of the world: states, their territories, bodies, posts and missions.

Nothing of it is kept but the names of the states; all else follows from their
numbers, so that a world of any size fits into little memory.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from string import ascii_uppercase
from typing import TYPE_CHECKING

from bench.names import country, person, slug, word
from bench.pages import (
    Page,
    Thing,
    concept,
    day,
    draw,
    english,
    plain,
    term,
    thing,
)
from bench.times import any_day, tell_day
from kg.terms import BASE, DCT, REFERENCE, SCHEMA, NamedNode

if TYPE_CHECKING:
    from collections.abc import Iterator
    from random import Random

    from kg.terms import Quad

MOST_STATES = 190
OFFICES = {
    "head-of-state": ("State", "", "head of state"),
    "head-of-government": ("Government", "government", "prime minister"),
    "foreign-minister": ("Ministry", "foreign ministry", "foreign minister"),
    "interior-minister": ("Ministry", "interior ministry", "interior minister"),
    "attorney-general": (
        "ProsecutionService",
        "office of the attorney general",
        "attorney general",
    ),
}
"""Kinds of post: the class and name of the body that it is in, and its own name."""


@dataclass(frozen=True, slots=True)
class Scale:
    """How much ground there is."""

    states: int
    missions: int
    settlements: int
    media: int

    @classmethod
    def of(cls, triples: int) -> Scale:
        """Return what suits a world of so many triples."""
        states = min(MOST_STATES, max(6, triples // 2_000))
        return cls(
            states=states,
            missions=min(states - 1, max(2, triples // 250 // states)),
            settlements=max(2, triples // 250 // states),
            media=min(500, max(3, triples // 10_000)),
        )


@dataclass(frozen=True, slots=True)
class Land:
    """One state and what belongs to it."""

    state: Thing
    territory: Thing
    capital: Thing
    police: Thing
    bureau: Thing
    crossing: Thing
    bodies: dict[str, Thing]
    posts: dict[str, Thing]
    officials: dict[str, Thing]


@dataclass(frozen=True, slots=True)
class Mission:
    """An embassy, and who heads it."""

    embassy: Thing
    post: Thing
    ambassador: Thing


class Ground:
    """What stands before anything happens."""

    def __init__(self, seed: int, triples: int) -> None:
        self.seed = seed
        self.scale = Scale.of(triples)
        self._names = _names(draw(seed, "states"), self.scale.states)
        self.league = thing(
            "IntergovernmentalOrganization", "league-of-states", "League of States"
        )
        self.land = lru_cache(maxsize=MOST_STATES)(self._land)

    def pair(self, chances: Random) -> tuple[int, int]:
        """Return two states of which the first has a mission in the second."""
        sender = chances.randrange(self.scale.states)
        step = chances.randint(1, self.scale.missions)
        return sender, (sender + step) % self.scale.states

    def mission(self, sender: int, receiver: int) -> Mission:
        """Return the mission of one state in another."""
        of, to = self.land(sender).state, self.land(receiver).state
        name = f"{_slug(of)}-in-{_slug(to)}"
        label = f"{of.label} in {to.label}"
        who = person(draw(self.seed, "ambassador", sender, receiver))
        return Mission(
            thing("Embassy", f"embassy-of-{name}", f"embassy of {label}"),
            thing("Post", f"ambassador-of-{name}", f"ambassador of {label}"),
            thing("Person", f"{slug(who)}-{sender}-{receiver}", who),
        )

    def settlement(self, state: int, number: int) -> Thing:
        """Return a town of a state; the first one is its capital."""
        name = word(draw(self.seed, "town", state, number), 2)
        return thing("Settlement", f"{slug(name)}-{state}-{number}", name)

    def any_settlement(self, chances: Random, state: int) -> Thing:
        """Return some town of a state."""
        return self.settlement(state, chances.randrange(self.scale.settlements))

    def outlet(self, number: int) -> Thing:
        """Return a publisher of news."""
        name = f"{word(draw(self.seed, 'outlet', number), 2)} Courier"
        return thing("MediaOrganization", f"{slug(name)}-{number}", name)

    def any_outlet(self, chances: Random) -> Thing:
        """Return some publisher of news."""
        return self.outlet(chances.randrange(self.scale.media))

    def quads(self) -> Iterator[Quad]:
        """Yield all facts of the ground, state by state."""
        page = Page(REFERENCE)
        _describe_graph(page)
        page.tell(self.league)
        yield from page.quads
        for number in range(self.scale.media):
            page = Page(REFERENCE)
            page.tell(self.outlet(number))
            yield from page.quads
        for number in range(self.scale.states):
            yield from self._state_quads(number)

    def _land(self, number: int) -> Land:
        name = self._names[number]
        state = thing("State", slug(name), name)
        bodies = {
            kind: thing(cls, f"{slug(body)}-of-{slug(name)}", f"{body} of {name}")
            for kind, (cls, body, _) in OFFICES.items()
            if body
        }
        posts = {
            kind: thing("Post", f"{slug(post)}-of-{slug(name)}", f"{post} of {name}")
            for kind, (_, _, post) in OFFICES.items()
        }
        return Land(
            state=state,
            territory=_own("Territory", "territory", state),
            capital=self.settlement(number, 0),
            police=_own("PoliceService", "police", state),
            bureau=_own("NationalCentralBureau", "central bureau", state),
            crossing=_own("BorderCrossing", "border crossing", state),
            bodies=bodies,
            posts=posts,
            officials={kind: self._official(number, kind) for kind in posts},
        )

    def _official(self, state: int, kind: str) -> Thing:
        who = person(draw(self.seed, kind, state))
        return thing("Person", f"{slug(who)}-{kind}-{state}", who)

    def _state_quads(self, number: int) -> Iterator[Quad]:
        page, land = Page(REFERENCE), self.land(number)
        page.tell(
            land.state,
            isoAlpha2=plain(_code(number, 2)),
            isoAlpha3=plain(_code(number, 3)),
            memberStateOf=self.league,
        )
        gazetteer = NamedNode(f"https://example.org/gazetteer/{number}")
        page.add(land.state.iri, term("sameAs", SCHEMA), gazetteer)
        page.tell(land.territory, territoryOf=land.state)
        page.tell(land.crossing, locatedIn=land.territory)
        for town in range(self.scale.settlements):
            page.tell(self.settlement(number, town), locatedIn=land.territory)
        yield from page.quads
        yield from self._body_quads(number)
        for step in range(1, self.scale.missions + 1):
            receiver = (number + step) % self.scale.states
            yield from self._mission_quads(number, receiver)

    def _body_quads(self, number: int) -> Iterator[Quad]:
        page, land = Page(REFERENCE), self.land(number)
        for body in land.bodies.values():
            page.tell(body, organOf=land.state, seatedIn=land.capital)
        ministry = land.bodies["interior-minister"]
        page.tell(land.police, organOf=land.state, subBodyOf=ministry)
        page.tell(land.bureau, subBodyOf=land.police, liaisonOf=self.league)
        for kind, post in land.posts.items():
            page.tell(post, hasPostKind=concept(f"post-kind-{kind}"))
            if kind in land.bodies:
                page.say(post, postIn=land.bodies[kind])
            else:
                page.say(post, postOfState=land.state)
            tell_holder(page, land.officials[kind], post, draw(self.seed, post.iri))
        yield from page.quads

    def _mission_quads(self, sender: int, receiver: int) -> Iterator[Quad]:
        page, mission = Page(REFERENCE), self.mission(sender, receiver)
        host = self.land(receiver)
        page.tell(
            mission.embassy,
            sendingState=self.land(sender).state,
            receivingState=host.state,
            seatedIn=host.capital,
        )
        page.tell(
            mission.post,
            hasPostKind=concept("post-kind-ambassador"),
            postIn=mission.embassy,
            accreditedTo=host.state,
        )
        chances = draw(self.seed, mission.post.iri)
        tell_holder(page, mission.ambassador, mission.post, chances)
        yield from page.quads


def tell_holder(page: Page, who: Thing, post: Thing, chances: Random) -> Thing:
    """Write that *who* fills *post* since some day; return the tenure."""
    name = who.iri.value.rpartition("/")[2]
    since = tell_day(page, f"tenure-{name}", any_day(chances))
    tenure = thing("Tenure", f"tenure-{name}", f"tenure of {who.label}")
    page.tell(who, hasTenure=tenure)
    return page.tell(tenure, inPost=post, tenureTime=since)


def _describe_graph(page: Page) -> None:
    graph = Thing(REFERENCE, "ReferenceGraph", "background of an invented world")
    source = thing("ReferenceSource", "invention", "invention")
    page.tell(graph)
    page.add(graph.iri, term("title", DCT), english("Background of an invented world"))
    page.add(graph.iri, term("source", DCT), source)
    licence = NamedNode("https://creativecommons.org/publicdomain/zero/1.0/")
    page.add(graph.iri, term("license", DCT), licence)
    page.add(graph.iri, term("created", DCT), day("2026-11-22"))
    page.tell(source)
    homepage = NamedNode(f"{BASE}bench")
    page.add(source.iri, term("homepage", "http://xmlns.com/foaf/0.1/"), homepage)


def _names(chances: Random, count: int) -> list[str]:
    """Return so many different names of states."""
    names: dict[str, None] = {}
    while len(names) < count:
        names[country(chances)] = None
    return list(names)


def _code(number: int, length: int) -> str:
    letters = ""
    for _ in range(length):
        number, letter = divmod(number, len(ascii_uppercase))
        letters = ascii_uppercase[letter] + letters
    return letters


def _own(cls: str, name: str, state: Thing) -> Thing:
    return thing(cls, f"{slug(name)}-of-{_slug(state)}", f"{name} of {state.label}")


def _slug(what: Thing) -> str:
    return what.iri.value.rpartition("/")[2]
