"""The sentences of an article that is drafted: what each names, in Turtle."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from kg.cue_kinds import DOCUMENTS, INSTRUMENTS, told_by
from kg.cues import compiled, patterns, speaking
from kg.folding import letters
from kg.known_states import by_capital
from kg.mentions import PERSON, PLACE
from kg.minting import short_form
from kg.prefixes import shorten
from kg.terms import NamedNode

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from kg.coining import Coinage
    from kg.cues import Pattern
    from kg.mentions import Entity, Mention, Mentions
    from kg.text_dates import Dated

_MOST, _MOST_WORDS = 4, 10
_IN = re.compile(r"\b(?:in|at|near)\s+(?:the\s+)?$", re.IGNORECASE)
_NOUNS = {
    "Agreement": "agreement",
    "MemorandumOfUnderstanding": "memorandum of understanding",
    "Treaty": "treaty",
}


@dataclass(frozen=True, slots=True)
class Part:
    """A sentence of an article: what it names, and which days."""

    name: str
    number: int
    text: str
    mentions: Sequence[Mention]
    dates: Sequence[Dated]

    @property
    def certain(self) -> list[Mention]:
        """The names in it that mean one thing: after "in", a place and no state."""
        found = (self._placed(one) for one in self.mentions)
        return [one for one in found if len(one.entities) == 1]

    @property
    def last(self) -> Entity | None:
        """What is named last, such as whom a picture is credited to."""
        return self.certain[-1].entities[0] if self.certain else None

    @property
    def bare(self) -> str:
        """The text with nothing where somebody is named: no name is a cue."""
        text = self.text
        for one in self.certain:
            if PERSON in one.entities[0].kinds:
                gap = "·" * (one.end - one.start)
                text = text[: one.start] + gap + text[one.end :]
        return text

    def _placed(self, mention: Mention) -> Mention:
        places = tuple(one for one in mention.entities if PLACE in one.kinds)
        is_place = _IN.search(self.text[: mention.start]) and len(places) == 1
        return replace(mention, entities=places) if is_place else mention

    def of_kind(self, kind: NamedNode) -> list[Entity]:
        """Return what is certainly named in the sentence, and of this kind."""
        found = (one.entities[0] for one in self.certain)
        return list(dict.fromkeys(one for one in found if kind in one.kinds))


def noun(pattern: Pattern, text: str) -> str:
    """Return the noun for what *text* states by *pattern*."""
    return pattern.noun.format(
        document=_NOUNS[told_by(DOCUMENTS, text)],
        instrument=told_by(INSTRUMENTS, text),
    )


def topic(part: Part) -> str:
    """Return a topic line of what is named in *part*; nothing where nothing is."""
    nouns = (noun(one, part.text) for one in patterns(part.bare))
    what = next(filter(None, nouns), "claim" if speaking(part.text) else "")
    return headed(what.removesuffix(" on"), part)


def headed(what: str, part: Part) -> str:
    """Return *what*, with what is named in *part* after it: ten words at most."""
    found = dict.fromkeys(one.entities[0].label for one in part.certain)
    room = _MOST_WORDS - len(what.split())
    told: list[str] = []
    for name in found:
        room -= len(name.split())
        if name[:1].islower() or room < 0 or len(told) == _MOST:
            continue
        told.append(name)
    head = what[:1].upper() + what[1:]
    return ": ".join(filter(None, (head, ", ".join(told))))


def times(part: Part, slug: str) -> Iterator[str]:
    """Yield the times that *part* names, each with what its wording tells."""
    for count, dated in enumerate(part.dates):
        yield f"{time_name(part, slug, count)} a exq:TimeSpan ;"
        if dated.real_weekday:
            yield f"    # the calendar says that this day was a {dated.real_weekday}"
        again = f", {count + 1}" if count else ""
        yield f'    rdfs:label "time in {slug}, passage {part.number}{again}"@en ;'
        yield from (f"    {line} ;" for line in _said(dated)[:-1])
        yield f"    {_said(dated)[-1]} ."


def nearest_dates(part: Part, found: Sequence[Pattern]) -> dict[str, int]:
    """Return which date of *part* belongs to which pattern: the one nearest to it."""
    places = [
        (match.start(), pattern.name)
        for pattern in found
        if "{time}" in pattern.turtle
        for match in compiled(pattern.words).finditer(part.bare)
    ]
    nearest: dict[str, int] = {}
    for count, dated in enumerate(part.dates):
        if places:
            name = min((abs(place - dated.start), name) for place, name in places)[1]
            nearest.setdefault(name, count)
    return nearest


def time_name(part: Part, slug: str, count: int = 0) -> str:
    """Return the name of the time that *part* names as its *count*th, from 0 on."""
    return f"id:time-{slug}-s{part.number:02}{f'-{count + 1}' if count else ''}"


def _said(dated: Dated) -> list[str]:
    texts = (("edtf", dated.edtf), ("startEdtf", dated.start_edtf),
             ("endEdtf", dated.end_edtf))  # fmt: skip
    days = (("earliest", dated.earliest), ("latest", dated.latest))
    return [
        f'exq:dateWording "{quoted(dated.wording)}"@en',
        *(f'exq:{name} "{value}"' for name, value in texts if value),
        *(f'exq:{name} "{value}"^^xsd:date' for name, value in days if value),
        *([f"exq:dayOfWeek time:{dated.weekday}"] if dated.weekday else []),
    ]


def background(coinage: Coinage, named: Mentions, base: str) -> Iterator[str]:
    """Yield what no sentence states of new states and places, as far as is known.

    A state that no sentence names either is described, unless it is *named* already.
    """
    capitals = [
        (short(one.entity.iri), known)
        for one in coinage.coined
        if one.class_name == "Settlement"
        and (known := by_capital().get(letters(one.entity.label)))
    ]
    coined = {
        one.entity.label: short(one.entity.iri)
        for one in coinage.coined
        if one.class_name == "State"
    }
    others = {
        known.name: f"id:{short_form(known.name)}"
        for _, known in capitals
        if known.name not in coined
        and not named.knows(NamedNode(f"{base}id/{short_form(known.name)}"))
    }
    for label, state in others.items():
        yield f"{state} a exq:State ;"
        yield f'    rdfs:label "{quoted(label)}"@en .'
    states = coined | others
    for label, state in states.items():
        yield f"id:territory-of-{short_form(label)} a exq:Territory ;"
        yield f'    rdfs:label "territory of {quoted(label)}"@en ;'
        yield f"    exq:territoryOf {state} ."
    for place, known in capitals:
        yield f"{place} exq:locatedIn id:territory-of-{short_form(known.name)} ."
        if known.name in states:
            yield f"{states[known.name]} exq:hasCapital {place} ."


def listed(entities: Sequence[Entity]) -> str:
    """Return *entities* as the objects of a triple, the first ones of many."""
    return " , ".join(short(one.iri) for one in entities[:_MOST])


def quoted(text: str) -> str:
    """Return *text* in one line, as it stands between the quotes of Turtle."""
    return " ".join(text.split()).replace("\\", "\\\\").replace('"', '\\"')


def short(iri: NamedNode) -> str:
    """Return *iri* as Turtle has it, with a prefix where there is one."""
    name = shorten(iri.value)
    return f"<{name}>" if name == iri.value else name
