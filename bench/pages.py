"""Things, and the pages of graphs on which facts about them are written."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from functools import lru_cache
from random import Random
from typing import TYPE_CHECKING, TypeAlias

from kg.terms import (
    BASE,
    DCT,
    EXQ,
    LABEL,
    OA,
    TYPE,
    XSD,
    Literal,
    NamedNode,
    Quad,
    Term,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from kg.terms import Node

    Value: TypeAlias = "Thing | Term"
    Values: TypeAlias = "Value | Sequence[Value]"

_SHORTEST, _LONGEST = 24, 280
"""How many characters a passage has."""


def draw(*seed: object) -> Random:
    """Return the chances that belong to *seed*, the same on every machine."""
    return Random("/".join(map(str, seed)))


def english(text: str) -> Literal:
    """Return *text* as English."""
    return Literal(text, language="en")


def plain(text: str) -> Literal:
    """Return *text* as a string without a language."""
    return Literal(text)


def number(value: int) -> Literal:
    """Return *value* as an integer."""
    return Literal(str(value), datatype=NamedNode(f"{XSD}integer"))


def day(iso: str) -> Literal:
    """Return the day written *iso*."""
    return Literal(iso, datatype=NamedNode(f"{XSD}date"))


@lru_cache(maxsize=1000)
def term(name: str, namespace: str = EXQ) -> NamedNode:
    """Return the term *name* of our ontology, or of another vocabulary."""
    return NamedNode(f"{namespace}{name}")


@lru_cache(maxsize=1000)
def concept(name: str) -> NamedNode:
    """Return the concept *name*."""
    return NamedNode(f"{BASE}id/{name}")


@dataclass(frozen=True, slots=True)
class Thing:
    """Something with a name: what every graph that mentions it says of it."""

    iri: NamedNode
    cls: str
    label: str


def thing(cls: str, slug: str, label: str) -> Thing:
    """Return the *cls* that is known as *slug*."""
    folder = "claim" if cls == "Claim" else "id"
    return Thing(NamedNode(f"{BASE}{folder}/{slug}"), cls, label)


class Page:
    """The facts of one graph."""

    def __init__(self, graph: NamedNode) -> None:
        self.graph = graph
        self.quads: list[Quad] = []

    def add(self, subject: Node, predicate: NamedNode, *values: Value) -> None:
        """Write that *predicate* relates *subject* to each of *values*."""
        for value in values:
            found = value.iri if isinstance(value, Thing) else value
            self.quads.append(Quad(subject, predicate, found, self.graph))

    def say(self, subject: Thing, **facts: Values) -> None:
        """Write *facts*, by the names of properties of our ontology."""
        for name, values in facts.items():
            several = values if isinstance(values, list | tuple) else (values,)
            self.add(subject.iri, term(name), *several)

    def tell(self, subject: Thing, **facts: Values) -> Thing:
        """Write what *subject* is and how it is called, then *facts*; return it."""
        self.add(subject.iri, TYPE, term(subject.cls))
        self.add(subject.iri, LABEL, english(subject.label))
        self.say(subject, **facts)
        return subject


@dataclass(slots=True)
class _Passage:
    """One passage: what it is about, and which earlier one it repeats."""

    topic: str
    words_of: Thing | None = None
    repeats: int = 0


@dataclass(slots=True)
class Article:
    """A news article: its passages in order, and what each of them states."""

    slug: str
    title: str
    publisher: Thing
    seed: object
    pages: list[Page] = field(default_factory=list)
    passages: list[_Passage] = field(default_factory=list)

    @property
    def iri(self) -> NamedNode:
        """The IRI of the article, which is that of its own graph too."""
        return NamedNode(f"{BASE}source/{self.slug}")

    def sentence(self, topic: str, *, words_of: Thing | None = None) -> Page:
        """Add a passage; return the page for what it states."""
        self.passages.append(_Passage(topic, words_of))
        page = Page(self._passage_iri(len(self.passages)))
        self.pages.append(page)
        return page

    def furniture(self, topic: str) -> None:
        """Add a passage that states nothing."""
        self.passages.append(_Passage(topic))

    def repeat(self, ordinal: int) -> None:
        """Add a passage with the same words as an earlier one."""
        self.passages.append(_Passage("The same words once more", repeats=ordinal))

    def quads(self) -> Iterator[Quad]:
        """Yield the article's own graph, then what each passage states."""
        own = Page(self.iri)
        article = Thing(self.iri, "NewsArticle", f"article on {self.title}")
        ends = self._ends()
        own.tell(
            article,
            textDigest=plain(_digest(self.slug)),
            textLength=number(ends[-1] + 2),
        )
        own.add(self.iri, term("title", DCT), english(self.title.capitalize()))
        own.add(self.iri, term("language", DCT), plain("en"))
        own.add(self.iri, term("publisher", DCT), self.publisher)
        for ordinal, passage in enumerate(self.passages, start=1):
            self._describe(own, ordinal, passage, ends)
        yield from own.quads
        for page in self.pages:
            yield from page.quads

    def _describe(
        self, own: Page, ordinal: int, passage: _Passage, ends: list[int]
    ) -> None:
        iri = self._passage_iri(ordinal)
        place = NamedNode(f"{iri.value}-position")
        text = passage.repeats or ordinal
        own.add(iri, TYPE, term("Passage"))
        own.add(iri, term("passageOf"), self.iri)
        own.add(iri, term("ordinal"), number(ordinal))
        own.add(iri, term("topicLine"), english(passage.topic))
        own.add(iri, term("passageDigest"), plain(_digest(f"{self.slug}#{text}")))
        own.add(iri, term("hasSelector", OA), place)
        own.add(place, TYPE, term("TextPositionSelector", OA))
        own.add(place, term("start", OA), number(ends[ordinal - 1] + 2))
        own.add(place, term("end", OA), number(ends[ordinal]))
        if passage.words_of:
            own.add(iri, term("reportsWordsOf"), passage.words_of)
        if passage.repeats:
            own.add(iri, term("repeats"), self._passage_iri(passage.repeats))

    def _ends(self) -> list[int]:
        """Return where each passage ends, after a first one that stands for none."""
        chances = draw(self.seed, self.slug, "positions")
        ends = [-2]
        for _ in self.passages:
            ends.append(ends[-1] + 2 + chances.randint(_SHORTEST, _LONGEST))
        return ends

    def _passage_iri(self, ordinal: int) -> NamedNode:
        return NamedNode(f"{self.iri.value}#s{ordinal:02}")


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
