"""Stories of what befalls people and what is said of it.

Each function takes a scene and yields the articles on it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bench.pages import Page, concept, english
from bench.scene import STANCES, claim, coin, echo, take_part
from bench.times import tell_day, tell_month, tell_year

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bench.pages import Article, Thing
    from bench.scene import Scene

CHANGE_SIZE = 50
"""How many quads `brief` yields: the change that is measured."""


def handover(scene: Scene) -> Iterator[Article]:
    """Tell of a traveller who is arrested and handed over."""
    who = scene.somebody()
    article = scene.article("handover", f"arrest of {who.label}")
    article.furniture("Headline")
    notice = scene.new("WantedNotice", "notice", f"notice on {who.label}")
    page = article.sentence("Who is wanted by whom")
    page.tell(who, nationalOf=scene.guest.state)
    page.tell(
        notice,
        concernsPerson=who,
        issuedBy=scene.guest.bureau,
        receivedBy=scene.host.bureau,
    )
    page = article.sentence("How he came, and where he was taken")
    arrest = scene.new("Arrest", "arrest", f"arrest of {who.label}")
    when = tell_day(page, f"arrest-{scene.index}", scene.when)
    page.tell(
        arrest,
        hasArrestee=who,
        performedBy=scene.host.police,
        hasLegalBasis=notice,
        takesPlaceAt=scene.town(),
        hasTime=when,
    )
    _travel(page, scene, who, arrest)
    _hand_over(article.sentence("Who received him where"), scene, who, notice)
    _dispute(article, scene, who, arrest)
    yield article
    if coin(scene.chances, 0.5):
        yield echo(scene, article, 3)


def recognition(scene: Scene) -> Iterator[Article]:
    """Tell of a state that recognises another's plan for a disputed territory."""
    article = scene.article("plan", f"plan of {scene.host.state.label}")
    plan = scene.new("PolicyPlan", "plan", f"plan of {scene.host.state.label}")
    question = scene.new("Dispute", "question", f"question of {scene.index}")
    page = article.sentence("Who proposed what")
    year = tell_year(page, f"plan-{scene.index}", scene.when.year - 5)
    page.tell(plan, proposedBy=scene.host.state, datedTo=year)
    page.tell(
        question,
        disputeOver=scene.host.crossing,
        hasDisputant=[scene.host.state, scene.guest.state],
    )
    page = article.sentence("Who recognises it now")
    act = scene.new("RecognitionAct", "recognition", f"recognition {scene.index}")
    when = tell_month(page, f"recognition-{scene.index}", scene.when)
    page.tell(act, recognizedBy=scene.guest.state, recognizedThing=plan, hasTime=when)
    page = article.sentence("What it held before")
    before = _stance(page, scene, "before", plan, "oppose")
    page.say(before, hasStatus=concept("status-former"))
    now = _stance(page, scene, "now", plan, scene.chances.choice(STANCES))
    page.say(now, replacesStance=before, expressedIn=act)
    _opinions(article, scene, plan, act)
    yield article


def brief(scene: Scene) -> Iterator[Article]:
    """Tell in one sentence of a meeting; the article has `CHANGE_SIZE` quads."""
    article = scene.article("brief", f"meeting in {scene.host.state.label}")
    minister, who = scene.host.officials["foreign-minister"], scene.somebody()
    page = article.sentence("Who met")
    page.tell(who, nationalOf=scene.guest.state)
    met = scene.new("Meeting", "brief", f"meeting {scene.index}")
    when = tell_day(page, f"brief-{scene.index}", scene.when)
    page.tell(met, hasTime=when, takesPlaceAt=scene.town(), hasHost=minister)
    take_part(page, met, who, "guest", onBehalfOf=scene.mission.embassy)
    post, state = scene.host.posts["foreign-minister"], scene.host.state
    take_part(page, met, minister, "host", inCapacityOf=post, onBehalfOfState=state)
    claim(page, scene, "brief", "account", who, [met], madeIn=met)
    yield article


def _travel(page: Page, scene: Scene, who: Thing, arrest: Thing) -> None:
    passport = scene.new("TravelDocument", "passport", f"passport of {who.label}")
    page.tell(passport, issuedBy=scene.guest.state)
    journey = scene.new("Journey", "journey", f"journey of {who.label}")
    page.tell(
        journey,
        hasTraveller=who,
        hasOrigin=scene.guest.capital,
        hasDestination=scene.host.capital,
        usesDocument=passport,
        before=arrest,
        durationWording=english("weeks"),
    )


def _hand_over(page: Page, scene: Scene, who: Thing, notice: Thing) -> None:
    act = scene.new("Handover", "handover", f"handover of {who.label}")
    page.tell(
        act,
        handedOverPerson=who,
        handedOverBy=scene.host.bureau,
        handedOverTo=scene.guest.bureau,
        takesPlaceAt=scene.host.crossing,
        hasLegalBasis=notice,
    )
    page.say(act, after=scene.new("Arrest", "arrest", ""))
    take_part(page, act, scene.host.bureau, "giver", onBehalfOf=scene.host.state)
    take_part(page, act, scene.guest.bureau, "receiver", onBehalfOf=scene.guest.state)


def _dispute(article: Article, scene: Scene, who: Thing, arrest: Thing) -> None:
    """Write what two sides say of it, and what one says as triples of its own."""
    official = scene.guest.officials["interior-minister"]
    page = article.sentence("How one side sees it", words_of=official)
    page.tell(official)
    first = claim(
        page, scene, "lawful", "legal-opinion", official, [arrest], madeIn=arrest
    )
    content = Page(first.iri)
    content.say(who, hasTopic=arrest)
    page = article.sentence("How the other side sees it", words_of=who)
    claim(
        page,
        scene,
        "unlawful",
        "criticism",
        who,
        [arrest],
        madeIn=arrest,
        disputes=first,
        designates=who,
        designation=english("exile"),
    )
    article.pages.append(content)


def _stance(page: Page, scene: Scene, stem: str, plan: Thing, polarity: str) -> Thing:
    label = f"stance {stem} of {scene.guest.state.label}"
    stance = scene.new("Stance", f"stance-{stem}", label)
    page.say(scene.guest.state, hasStance=stance)
    return page.tell(stance, stanceOn=plan, hasPolarity=concept(f"polarity-{polarity}"))


def _opinions(article: Article, scene: Scene, plan: Thing, act: Thing) -> None:
    last = None
    for part in range(scene.chances.randint(1, 4)):
        who = scene.somebody(part)
        page = article.sentence("What an observer says", words_of=who)
        page.tell(who, nationalOf=scene.host.state)
        said = claim(page, scene, f"view-{part}", "assessment", who, [plan], madeIn=act)
        if last is not None:
            page.say(said, drawnFrom=last)
        last = said
    article.furniture("Page furniture")
