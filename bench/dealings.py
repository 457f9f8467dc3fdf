"""Stories in which states deal with each other: talks, visits, treaties, conferences.

Each function takes a scene and yields the articles on it.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from bench.pages import concept, english, term
from bench.scene import STANCES, claim, coin, echo, take_office, take_part
from bench.times import tell_day, tell_days, tell_month, tell_without_year
from kg.terms import DCT

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bench.pages import Article, Page, Thing
    from bench.scene import Scene

INSTRUMENTS = ("MemorandumOfUnderstanding", "Treaty", "Agreement")


def instrument(scene: Scene) -> Thing:
    """Return the agreement that the talks of a scene lead to."""
    cls = INSTRUMENTS[scene.index % len(INSTRUMENTS)]
    return scene.new(cls, "agreement", f"agreement of {scene.name}")


def signing(scene: Scene) -> Thing:
    """Return the ceremony at which that agreement is signed."""
    return scene.new("SigningCeremony", "signing", f"signing in {scene.when.year}")


def talks(scene: Scene) -> Iterator[Article]:
    """Tell of talks at which an agreement is signed."""
    article = scene.article("talks", f"talks of {scene.name}")
    article.furniture("Headline")
    meeting = scene.new("Meeting", "talks", f"talks of {scene.name}")
    envoy, minister = scene.mission.ambassador, scene.host.officials["foreign-minister"]
    page = article.sentence("Who met where")
    page.tell(envoy)
    page.tell(minister)
    when = tell_day(page, f"talks-{scene.index}", scene.when)
    page.tell(
        meeting,
        hasTime=when,
        takesPlaceAt=scene.town(),
        hasHost=minister,
        hasGuest=envoy,
    )
    page = article.sentence("For whom they came")
    take_part(
        page,
        meeting,
        envoy,
        "guest",
        inCapacityOf=scene.mission.post,
        onBehalfOf=scene.mission.embassy,
    )
    take_part(page, meeting, minister, "host", onBehalfOfState=scene.host.state)
    _sign(article, scene, meeting)
    _cooperate(article.sentence("What they set up"), scene, meeting)
    _reply(article, scene, meeting)
    article.repeat(1)
    yield article
    if coin(scene.chances, 0.4):
        yield echo(scene, article, 2)


def visit(scene: Scene) -> Iterator[Article]:
    """Tell of an official visit that ends with a joint statement."""
    article = scene.article("visit", f"visit of {scene.guest.state.label}")
    article.furniture("Headline")
    leader = scene.guest.officials["head-of-government"]
    paid = scene.new("OfficialVisit", "visit", f"visit of {leader.label}")
    page = article.sentence("Who visited whom")
    page.tell(leader)
    when = tell_days(page, f"visit-{scene.index}", scene.when, 3)
    page.tell(
        paid,
        hasTime=when,
        visitsState=scene.host.state,
        takesPlaceAt=scene.host.capital,
        hasParticipant=leader,
    )
    take_part(page, paid, leader, "visitor", onBehalfOf=scene.guest.state)
    page = article.sentence("What they said together")
    both = [scene.guest.state, scene.host.state]
    text = scene.new("JointStatement", "statement", f"statement of {scene.name}")
    page.tell(text, issuedBy=both, issuedAt=paid)
    _undertake(article.sentence("What they mean to do"), scene, paid)
    page = article.sentence("How they see a plan", words_of=leader)
    stance = scene.new("Stance", "stance", f"stance of {scene.guest.state.label}")
    page.say(scene.guest.state, hasStance=stance)
    page.tell(
        stance,
        stanceOn=text,
        hasPolarity=concept(f"polarity-{scene.chances.choice(STANCES)}"),
        expressedIn=text,
    )
    claim(page, scene, "visit", "praise", leader, both, madeIn=paid)
    yield article
    if coin(scene.chances, 0.3):
        yield echo(scene, article, 1)


def step(scene: Scene, earlier: Scene) -> Iterator[Article]:
    """Tell of steps in the life of an agreement that was signed *earlier*."""
    agreement, signed = instrument(earlier), signing(earlier)
    article = scene.article("step", f"next step for the {agreement.label}")
    page = article.sentence("Who ratifies what")
    page.tell(agreement, hasStatus=concept("status-ratified"))
    ratified = scene.new("Ratification", "ratification", f"step of {scene.index}")
    later = tell_day(
        page, f"step-{scene.index}", earlier.when + timedelta(days=90 + scene.index % 9)
    )
    page.tell(
        ratified,
        concernsAgreement=agreement,
        performedBy=earlier.host.state,
        hasTime=later,
        after=signed,
    )
    page = article.sentence("When it binds them")
    force = scene.new("EntryIntoForce", "force", f"entry into force of {scene.index}")
    when = tell_month(page, f"force-{scene.index}", earlier.when + timedelta(days=200))
    page.tell(force, concernsAgreement=agreement, hasTime=when, after=ratified)
    page = article.sentence("What the states say to it", words_of=earlier.host.state)
    minister = earlier.host.officials["attorney-general"]
    page.tell(minister)
    claim(page, scene, "step", "announcement", minister, [agreement], madeIn=ratified)
    article.furniture("Page furniture")
    yield article


def conference(scene: Scene) -> Iterator[Article]:
    """Tell of a conference with several speakers."""
    article = scene.article("conference", f"conference in {scene.host.state.label}")
    held = scene.new("Conference", "conference", f"conference {scene.index}")
    hall = scene.new("Facility", "hall", f"hall {scene.index}")
    page = article.sentence("Who invited whom where")
    page.tell(hall, locatedIn=scene.town())
    when = tell_without_year(page, f"conference-{scene.index}", scene.when)
    page.tell(
        held,
        hasTime=when,
        takesPlaceAt=hall,
        hasHost=scene.mission.embassy,
        hasSubjectArea=scene.subjects(2),
    )
    school = scene.new(
        "EducationalInstitution", "faculty", f"faculty of {scene.host.capital.label}"
    )
    article.sentence("Which school took part").tell(school, seatedIn=scene.host.capital)
    for part in range(scene.chances.randint(2, 5)):
        who = scene.somebody(part)
        page = article.sentence("What one of them said", words_of=who)
        page.tell(who, affiliatedWith=school, nationalOf=scene.host.state)
        take_part(page, held, who, "speaker")
        claim(page, scene, f"speech-{part}", "emphasis", who, [school], madeIn=held)
    article.furniture("Page furniture")
    yield article


def _sign(article: Article, scene: Scene, meeting: Thing) -> None:
    page = article.sentence("What they signed, and when")
    agreement, ceremony = instrument(scene), signing(scene)
    parties = [scene.guest.state, scene.host.state]
    page.tell(
        agreement,
        hasStateParty=parties,
        signedAt=ceremony,
        hasStatus=concept("status-signed"),
        hasSubjectArea=scene.subjects(3),
    )
    when = tell_day(page, f"signing-{scene.index}", scene.when)
    page.tell(ceremony, hasTime=when, partOfEvent=meeting)
    signer = scene.somebody()
    take_office(page, scene, signer, scene.guest.posts["interior-minister"])
    take_part(page, ceremony, signer, "signatory", onBehalfOf=scene.guest.state)
    page.say(agreement, hasSignatory=signer)


def _cooperate(page: Page, scene: Scene, meeting: Thing) -> None:
    work = scene.new("Cooperation", "cooperation", f"cooperation of {scene.name}")
    page.tell(
        work,
        hasPartner=[
            scene.guest.bodies["interior-minister"],
            scene.host.bodies["interior-minister"],
        ],
        hasSubjectArea=scene.subjects(2),
        pursuedThrough=meeting,
    )
    page.say(instrument(scene), establishes=work)


def _undertake(page: Page, scene: Scene, paid: Thing) -> None:
    promise = scene.new("Undertaking", "promise", f"promise of {scene.name}")
    page.tell(
        promise,
        undertakenBy=[scene.guest.state, scene.host.state],
        hasSubjectArea=scene.subjects(2),
    )
    page.add(promise.iri, term("description", DCT), english("To go on as before."))
    page.say(paid, hasOutcome=promise)


def _reply(article: Article, scene: Scene, meeting: Thing) -> None:
    envoy, minister = scene.mission.ambassador, scene.host.officials["foreign-minister"]
    page = article.sentence("What the envoy said", words_of=envoy)
    first = claim(
        page, scene, "talks", "commitment", envoy, [scene.guest.state], madeIn=meeting
    )
    page = article.sentence("What the minister replied", words_of=minister)
    claim(
        page,
        scene,
        "reply",
        "assessment",
        minister,
        [scene.host.state, meeting],
        madeIn=meeting,
        respondsTo=first,
        quotedText=english("of great value"),
    )
