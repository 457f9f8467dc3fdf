"""Mistakes that people make, each made on purpose in the facts of one story.

A mistake is of a named kind; it says which node the gate must object to, and which
check or shape must find it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias, TypeVar, cast

from bench.pages import concept, day, english, number, plain, term
from kg.report import Check
from kg.terms import (
    EXSH,
    LABEL,
    OA,
    OWL,
    SCHEMA,
    TYPE,
    Literal,
    NamedNode,
    Quad,
)

if TYPE_CHECKING:
    from random import Random

    from kg.terms import Node, Term

    Found: TypeAlias = "tuple[list[Quad], Node] | None"
    """The quads with the mistake in them, and the node that it is about."""

    Apply: TypeAlias = Callable[[list[Quad], Random], Found]
    Edit: TypeAlias = Callable[[Quad], Quad]

Kept = TypeVar("Kept")

EVENTS = ("Meeting", "OfficialVisit", "Conference", "Arrest", "RecognitionAct")


@dataclass(frozen=True, slots=True)
class Mistake:
    """One kind of mistake: *check* finds it, by *shape* where it is a shape's."""

    check: Check
    shape: NamedNode | None
    apply: Apply


@dataclass(frozen=True, slots=True)
class Injected:
    """One mistake that was made in a story."""

    kind: str
    check: str
    shape: str | None
    focus: str
    story: int


def lacks(classes: tuple[str, ...], predicate: NamedNode) -> Apply:
    """Leave out what *predicate* says of something of *classes*."""

    def apply(quads: list[Quad], chances: Random) -> Found:
        told = {quad.subject for quad in quads if quad.predicate == predicate}
        focus = _pick(
            [node for node in _members(quads, classes) if node in told], chances
        )
        if focus is None:
            return None
        return [
            q for q in quads if not (q.subject == focus and q.predicate == predicate)
        ], focus

    return apply


def says_too(
    classes: tuple[str, ...], predicate: NamedNode, value: Callable[[Node], Term]
) -> Apply:
    """Say one thing too much of something of *classes*."""

    def apply(quads: list[Quad], chances: Random) -> Found:
        focus = _pick(_members(quads, classes), chances)
        if focus is None:
            return None
        home = next(quad.graph_name for quad in quads if quad.subject == focus)
        return [*quads, Quad(focus, predicate, value(focus), home)], focus

    return apply


def instead(fits: Callable[[Quad], bool], edit: Edit) -> Apply:
    """Write something else in the place of one quad."""

    def apply(quads: list[Quad], chances: Random) -> Found:
        quad = _pick([quad for quad in quads if fits(quad)], chances)
        if quad is None:
            return None
        return [edit(q) if q == quad else q for q in quads], _subject(quad)

    return apply


def one_party_less(quads: list[Quad], chances: Random) -> Found:
    """Leave out one of the two parties of an agreement."""
    quad = _pick([q for q in quads if q.predicate == term("hasStateParty")], chances)
    return ([q for q in quads if q != quad], _subject(quad)) if quad else None


def guest_is_host(quads: list[Quad], chances: Random) -> Found:
    """Make the host of a meeting its guest too."""
    quad = _pick([q for q in quads if q.predicate == term("hasGuest")], chances)
    if quad is None:
        return None
    hosts = [
        Quad(q.subject, term("hasGuest"), q.object, q.graph_name)
        for q in quads
        if q.subject == quad.subject and q.predicate == term("hasHost")
    ]
    return [*quads, *hosts], _subject(quad)


def sentence_without_passage(quads: list[Quad], chances: Random) -> Found:
    """State something in the name of a passage that is not described."""
    quad = _pick([q for q in quads if q.predicate == term("passageOf")], chances)
    if quad is None or not isinstance(quad.object, NamedNode):
        return None
    graph = NamedNode(f"{quad.object.value}#s99")
    page = _pick([q for q in quads if q.predicate == term("topicLine")], chances)
    if page is None:
        return None
    return [*quads, Quad(page.subject, TYPE, term("Passage"), graph)], graph


def passages_overlap(quads: list[Quad], chances: Random) -> Found:
    """Let the first passage of an article end after the second one begins."""
    quad = _pick([q for q in quads if _is_position(q, "#s01", "end")], chances)
    if quad is None:
        return None
    end = Quad(quad.subject, quad.predicate, number(300), quad.graph_name)
    focus = NamedNode(_value(quad.subject).removesuffix("-position"))
    return [end if q == quad else q for q in quads], focus


def other_words(quads: list[Quad], chances: Random) -> Found:
    """Give a passage that repeats another one a digest of its own."""
    quad = _pick([q for q in quads if q.predicate == term("repeats")], chances)
    if quad is None:
        return None
    digest = plain("0" * 64)
    return [
        Quad(q.subject, q.predicate, digest, q.graph_name)
        if q.subject == quad.subject and q.predicate == term("passageDigest")
        else q
        for q in quads
    ], _subject(quad)


def _put(value: Term) -> Edit:
    return lambda q: Quad(q.subject, q.predicate, value, q.graph_name)


def _misspell(quad: Quad) -> Quad:
    wrong = NamedNode(f"{_value(quad.object)}e")
    return Quad(quad.subject, quad.predicate, wrong, quad.graph_name)


def _misspell_property(quad: Quad) -> Quad:
    wrong = NamedNode(quad.predicate.value.replace("has", "hass"))
    return Quad(quad.subject, wrong, quad.object, quad.graph_name)


def _misspell_class(quad: Quad) -> Quad:
    wrong = NamedNode(f"{_value(quad.object)}s")
    return Quad(quad.subject, TYPE, wrong, quad.graph_name)


def _misspell_namespace(quad: Quad) -> Quad:
    wrong = NamedNode(_value(quad.object).replace("https:", "http:"))
    return Quad(quad.subject, quad.predicate, wrong, quad.graph_name)


def _uppercase(quad: Quad) -> Quad:
    value = plain(_value(quad.object).upper())
    return Quad(quad.subject, quad.predicate, value, quad.graph_name)


def _on(name: str, namespace: str | None = None) -> Callable[[Quad], bool]:
    predicate = term(name, namespace) if namespace else term(name)
    return lambda quad: quad.predicate == predicate


def _is_position(quad: Quad, passage: str, edge: str) -> bool:
    return quad.predicate == term(edge, OA) and passage in _value(quad.subject)


def _is_ordinal(quad: Quad, value: int) -> bool:
    return quad.predicate == term("ordinal") and quad.object == number(value)


def _is_event_type(quad: Quad) -> bool:
    return quad.predicate == TYPE and quad.object in {term(cls) for cls in EVENTS}


def _members(quads: list[Quad], classes: tuple[str, ...]) -> list[Node]:
    wanted = {term(cls) for cls in classes}
    found = {
        quad.subject: None
        for quad in quads
        if quad.predicate == TYPE and quad.object in wanted
    }
    return [node for node in found if isinstance(node, NamedNode)]


def _subject(quad: Quad) -> Node:
    return cast("Node", quad.subject)


def _pick(several: list[Kept], chances: Random) -> Kept | None:
    return chances.choice(several) if several else None


def _value(node: object) -> str:
    return node.value if isinstance(node, NamedNode | Literal) else ""


def _by_shape(shape: str, apply: Apply) -> Mistake:
    return Mistake(Check.SHAPE, NamedNode(f"{EXSH}{shape}"), apply)


def _inconsistent(apply: Apply) -> Mistake:
    return Mistake(Check.CONSISTENCY, None, apply)


def _unknown(apply: Apply) -> Mistake:
    return Mistake(Check.VOCABULARY, None, apply)


MISTAKES = {
    "agreement with one party": _by_shape("AgreementHasParties", one_party_less),
    "bounds that do not follow": _by_shape(
        "LatestFollowsFromEdtf", instead(_on("latest"), _put(day("2150-01-01")))
    ),
    "circle of places": _by_shape(
        "PlaceIsNotInItself",
        says_too(("Facility",), term("locatedIn"), lambda node: node),
    ),
    "claim without maker": _by_shape(
        "ClaimHasMaker", lacks(("Claim",), term("madeBy"))
    ),
    "claim without source": _by_shape(
        "ClaimHasSource", lacks(("Claim",), term("madeIn"))
    ),
    "claim without text": _by_shape(
        "ClaimHasContent", lacks(("Claim",), term("claimText"))
    ),
    "concept of another scheme": _by_shape(
        "InRoleObjectIsInRoles", instead(_on("inRole"), _put(concept("status-signed")))
    ),
    "digest in capitals": _by_shape(
        "PassageDigestIsDigest", instead(_on("passageDigest"), _uppercase)
    ),
    "end before start": _by_shape(
        "TimeEndsAfterStart", instead(_on("earliest"), _put(day("2150-01-01")))
    ),
    "entity in another namespace": _unknown(
        instead(_on("takesPlaceAt"), _misspell_namespace)
    ),
    "event before itself": _by_shape(
        "EventIsNotBeforeItself", says_too(EVENTS, term("before"), lambda node: node)
    ),
    "event that is a person": _inconsistent(
        says_too(EVENTS, TYPE, lambda _: term("Person"))
    ),
    "event without label": _by_shape("IsNamed", lacks(EVENTS, LABEL)),
    "gap between passages": _by_shape(
        "OrdinalsHaveNoGap", instead(_on("ordinal"), _put(number(77)))
    ),
    "guest that is the host": _inconsistent(guest_is_host),
    "impossible date": _by_shape(
        "EdtfIsWellFormed", instead(_on("edtf"), _put(plain("2023-13")))
    ),
    "label without language": _by_shape(
        "LabelIsUniqueInLanguage", says_too(EVENTS, LABEL, lambda _: plain("event"))
    ),
    "misspelt class": _unknown(instead(_is_event_type, _misspell_class)),
    "misspelt entity": _by_shape(
        "TakesPlaceAtObjectIsPlace", instead(_on("takesPlaceAt"), _misspell)
    ),
    "misspelt property": _unknown(instead(_on("hasTime"), _misspell_property)),
    "one identifier for two": _by_shape(
        "SameAsIsUnique",
        says_too(
            EVENTS,
            term("sameAs", SCHEMA),
            lambda _: NamedNode("https://example.org/gazetteer/0"),
        ),
    ),
    "owl:sameAs": _inconsistent(
        says_too(
            EVENTS, term("sameAs", OWL), lambda _: NamedNode("https://example.org/1")
        ),
    ),
    "participation without role": _by_shape(
        "ParticipationHasRole", lacks(("Participation",), term("inRole"))
    ),
    "passages that overlap": _by_shape("PassagesDoNotOverlap", passages_overlap),
    "repeat of other words": _by_shape("RepeatHasSameDigest", other_words),
    "sentence without passage": _by_shape(
        "SentenceGraphIsPassage", sentence_without_passage
    ),
    "text in two languages": _by_shape(
        "ClaimTextIsEnglish",
        instead(_on("claimText"), _put(Literal("Sans doute.", language="fr"))),
    ),
    "two passages of one rank": _by_shape(
        "OrdinalIsUnique", instead(lambda q: _is_ordinal(q, 2), _put(number(1)))
    ),
    "two labels": _by_shape(
        "LabelIsUniqueInLanguage",
        says_too(EVENTS, LABEL, lambda _: english("another name")),
    ),
    "undertaking of nobody": _by_shape(
        "UndertakingHasAgent", lacks(("Undertaking",), term("undertakenBy"))
    ),
}
"""What each kind of mistake is called in the list of those that were made."""
