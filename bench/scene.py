"""One scene: two states, the people who speak for them, and who reports on it."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from bench.ground import tell_holder
from bench.names import person, slug, word
from bench.pages import Article, concept, draw, english, thing
from bench.times import any_day
from kg.terms import Quad

if TYPE_CHECKING:
    from collections.abc import Sequence
    from random import Random

    from bench.ground import Ground, Land, Mission
    from bench.pages import Page, Thing, Value, Values

SUBJECTS = (
    "artificial-intelligence",
    "capacity-building",
    "corruption",
    "cybercrime",
    "cybersecurity",
    "digital-forensics",
    "digital-transformation",
    "diplomatic-training",
    "drug-trafficking",
    "economic-development",
    "experience-sharing",
    "extradition",
    "financial-crime",
    "housing",
    "innovation",
    "investment",
    "judicial-sector-reforms",
    "political-asylum",
    "security",
    "security-cooperation",
    "technology",
    "terrorism",
    "trade-cooperation",
    "youth-affairs",
)
STANCES = ("support", "oppose", "neutral")


class Scene:
    """The cast of story *index*; all chances depend on the seed and the index."""

    def __init__(self, ground: Ground, index: int) -> None:
        self.ground = ground
        self.index = index
        self.chances = draw(ground.seed, "story", index)
        self.away, self.home = ground.pair(draw(ground.seed, "pair", index))
        self.when = any_day(draw(ground.seed, "day", index))

    @cached_property
    def host(self) -> Land:
        """The state where it happens."""
        return self.ground.land(self.home)

    @cached_property
    def guest(self) -> Land:
        """The other state, which has a mission in the first."""
        return self.ground.land(self.away)

    @cached_property
    def mission(self) -> Mission:
        """The guest's mission with its host."""
        return self.ground.mission(self.away, self.home)

    def new(self, cls: str, stem: str, label: str) -> Thing:
        """Return a thing that this story brings into the world."""
        return thing(cls, f"{stem}-{self.index}", label)

    def somebody(self, part: int = 0) -> Thing:
        """Return one of the people whom this story brings into the world."""
        name = person(draw(self.ground.seed, "person", self.index, part))
        return thing("Person", f"{slug(name)}-{self.index}-{part}", name)

    def subjects(self, count: int) -> list[Value]:
        """Return so many subject areas."""
        return [concept(name) for name in self.chances.sample(SUBJECTS, count)]

    def article(self, stem: str, title: str) -> Article:
        """Return an empty article on this story."""
        publisher = self.ground.any_outlet(self.chances)
        name = f"{stem}-{self.index}"
        return Article(name, title, publisher, self.ground.seed)

    def town(self) -> Thing:
        """Return some town of the host."""
        return self.ground.any_settlement(self.chances, self.home)

    @property
    def name(self) -> str:
        """How the two states are named together."""
        return f"{self.guest.state.label} and {self.host.state.label}"


def take_part(
    page: Page, event: Thing, who: Thing, role: str, **facts: Values
) -> Thing:
    """Write that *who* takes part in *event* in this role; return the participation."""
    names = [end.iri.value.rpartition("/")[2] for end in (who, event)]
    part = thing(
        "Participation",
        f"participation-{names[0]}-{names[1]}-{role}",
        f"participation of {who.label} as {role} in {event.label}",
    )
    page.tell(part, participatingAgent=who, inRole=concept(f"role-{role}"), **facts)
    page.say(event, hasParticipation=part)
    return part


def take_office(page: Page, scene: Scene, who: Thing, post: Thing) -> None:
    """Write that *who* fills *post*."""
    tell_holder(page, who, post, scene.chances)


def claim(
    page: Page,
    scene: Scene,
    stem: str,
    kind: str,
    maker: Thing,
    about: Sequence[Thing],
    **facts: Values,
) -> Thing:
    """Write a claim that *maker* puts forward; return it."""
    text = " ".join(word(scene.chances, 2) for _ in range(6))
    said = scene.new("Claim", f"claim-{stem}", f"{kind} by {maker.label}: {stem}")
    return page.tell(
        said,
        claimText=english(f"{text}."),
        hasClaimKind=concept(f"claim-kind-{kind}"),
        madeBy=maker,
        claimAbout=list(about),
        **facts,
    )


def echo(scene: Scene, first: Article, count: int) -> Article:
    """Return an article of somebody else that repeats the first facts of another."""
    second = scene.article(f"{first.slug}-echo", first.title)
    second.furniture("Headline")
    for page in first.pages[:count]:
        graph = second.sentence("What another article reports too")
        graph.quads += [
            Quad(quad.subject, quad.predicate, quad.object, graph.graph)
            for quad in page.quads
        ]
    return second


def coin(chances: Random, odds: float) -> bool:
    """Return true as often as *odds* says."""
    return chances.random() < odds
