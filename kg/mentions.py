"""Which entities of the graph a text names, by label and alias."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from kg.folding import letters
from kg.name_index import name_index
from kg.terms import BASE, EXQ, MERGED_VIEW, TYPE, NamedNode

if TYPE_CHECKING:
    from kg.store import Snapshot

_TOKEN = re.compile(r"[^\W_]+(?:['’`][^\W_]+)*['’]?")
_POSSESSIVE = re.compile(r"['’]s?$")
_SHORT = 3
"""Names up to this length count only in capitals: "US", not "us"."""

_PARTICLES = {"al", "el", "bin", "ben", "ibn", "abu", "de", "van", "von"}
"""What belongs to the family name that follows it."""

AGENT, PERSON, PLACE, STATE = (
    NamedNode(EXQ + name) for name in ("Agent", "Person", "Place", "State")
)

_Names: TypeAlias = defaultdict[tuple[str, ...], list[tuple[NamedNode, str]]]


@dataclass(frozen=True, slots=True)
class Entity:
    """A thing that a text may mean, and which of the general kinds it is."""

    iri: NamedNode
    label: str
    kinds: frozenset[NamedNode]


@dataclass(frozen=True, slots=True)
class Mention:
    """A name in a text from *start* to *end*; ambiguous with several *entities*."""

    start: int
    end: int
    entities: tuple[Entity, ...]


@dataclass(frozen=True, slots=True)
class _Word:
    folded: str
    bare: str
    start: int
    end: int
    is_capital: bool
    is_title: bool


class Mentions:
    """The names of one version of the dataset, to be found in texts.

    A person may be named by the family name alone, as articles do after the first time.
    """

    def __init__(self, snapshot: Snapshot, base: str = BASE) -> None:
        self._snapshot = snapshot
        self._named: _Names = defaultdict(list)
        self._families: _Names = defaultdict(list)
        persons = {
            quad.subject for quad in snapshot.quads(None, TYPE, PERSON, MERGED_VIEW)
        }
        for thing in name_index(snapshot).things:
            if not thing.iri.value.startswith(f"{base}id/"):
                continue
            for name in thing.names:
                if not name.isdigit():
                    self._named[tuple(name.split())].append((thing.iri, thing.label))
            if thing.iri in persons:
                family = _family_name(thing.names[0])
                self._families[family].append((thing.iri, thing.label))
        self._longest = max(map(len, self._named), default=0)

    def of(self, text: str) -> list[Mention]:
        """Return the names in *text*, in order: at each place the longest."""
        words = _words(text)
        found: list[Mention] = []
        place = 0
        while place < len(words):
            size, entities = self._at(words, place)
            if entities:
                start, end = words[place].start, words[place + size - 1].end
                found.append(Mention(start, end, entities))
            place += max(size, 1)
        return found

    def _at(self, words: list[_Word], place: int) -> tuple[int, tuple[Entity, ...]]:
        for size in range(min(self._longest, len(words) - place), 0, -1):
            part = words[place : place + size]
            inner = tuple(word.folded for word in part[:-1])
            for last in dict.fromkeys((part[-1].folded, part[-1].bare)):
                named = self._named.get((*inner, last))
                if not named and part[-1].is_title:
                    named = self._families.get((*inner, last))
                short = sum(map(len, inner)) + len(last) <= _SHORT
                if named and (part[0].is_capital or not short):
                    return size, tuple(self._entity(*one) for one in named)
        return 0, ()

    def _entity(self, iri: NamedNode, label: str) -> Entity:
        kinds = (AGENT, PLACE, STATE)
        found = {
            quad.object
            for quad in self._snapshot.quads(
                subject=iri, predicate=TYPE, graph=MERGED_VIEW
            )
        }
        return Entity(iri, label, frozenset(kind for kind in kinds if kind in found))


def _family_name(name: str) -> tuple[str, ...]:
    """Return the last word of a folded *name*, with the particles before it."""
    words = name.split()
    start = len(words) - 1
    while start > 0 and words[start - 1] in _PARTICLES:
        start -= 1
    return tuple(words[start:])


def _words(text: str) -> list[_Word]:
    words = []
    for match in _TOKEN.finditer(text):
        token = match.group()
        bare = _POSSESSIVE.sub("", token)
        folded, plain = letters(token).split(), letters(bare).split()
        if not plain:
            continue
        ends = [match.start() + len(bare)] * len(folded)
        bares = plain if len(plain) == len(folded) else folded
        words += [
            _Word(word, other, match.start(), end, bare.isupper(), bare[0].isupper())
            for word, other, end in zip(folded, bares, ends, strict=True)
        ]
    return words
