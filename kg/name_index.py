"""An index of names: which things a misspelt, transliterated or partial name may mean.

Names are compared as folded: in Latin letters, without case, accents and marks, so that
`al-khalidi` and `Al Khalidi` are the same and `Alkhalidi` comes close. Words of a text
are first looked up among the words of all names; only things that share some are
compared as a whole.
"""

from __future__ import annotations

import heapq
import threading
from bisect import bisect_left
from collections import defaultdict
from dataclasses import dataclass
from functools import lru_cache
from itertools import count
from math import log
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from anyascii import anyascii
from rapidfuzz import fuzz, process

from kg.terms import ALT_LABEL, LABEL, MERGED_VIEW, ONTOLOGY, Literal, NamedNode

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from kg.store import Snapshot

LONGEST = 200
"""So many characters of a text are compared with names."""

_MOST_WORDS = 12
_MOST_NEAR = 20
_MOST_COMPARED = 400
_COMMON = 3_000
_NEAR = 74.0
_SHORT = 3
"""Words up to this length are looked up as they are: too many resemble them."""

_LEAST = 45.0


@dataclass(frozen=True, slots=True)
class Named:
    """A thing with its label and all its names, folded, the label's first."""

    iri: NamedNode
    label: str
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Scored:
    """A thing whose name resembles a text; a *score* of 100 is the same name."""

    named: Named
    score: float


def letters(text: str) -> str:
    """Return *text* in plain lower-case Latin letters and digits, words parted."""
    plain = anyascii(text[:LONGEST]).casefold().replace("'", "").replace("`", "")
    return " ".join("".join(c if c.isalnum() else " " for c in plain).split())


def has_word_beginning(name: str, start: str) -> bool:
    """Tell whether *name*, or what follows some word of it, begins with *start*.

    Both are folded.
    """
    return f" {start}" in f" {name}"


def resemblance(text: str, name: str) -> float:
    """Return how much *name* resembles *text*, both folded: 0 to 100.

    Words may be in another order. A part of a name scores less than the whole.
    """
    if text == name:
        return 100.0
    whole = max(fuzz.ratio(text, name), 0.99 * fuzz.token_sort_ratio(text, name))
    joined = 0.99 * fuzz.ratio(text.replace(" ", ""), name.replace(" ", ""))
    return min(99.0, max(whole, joined, _by_words(text.split(), name.split())))


def _by_words(text: list[str], name: list[str]) -> float:
    """Return how well each word of *text* is found in *name*, and how much is left."""
    if not text or not name:
        return 0.0
    best = [max((fuzz.ratio(word, other), other) for other in name) for word in text]
    size = sum(map(len, text))
    found = sum(score * len(w) for (score, _), w in zip(best, text, strict=True)) / size
    met = {other for score, other in best if score >= _NEAR}
    covered = sum(map(len, met)) / sum(map(len, set(name)))
    return float(found * (0.72 + 0.22 * covered))


class NameIndex:
    """The names of one version of the dataset."""

    def __init__(self, things: Iterable[Named]) -> None:
        self.things = sorted(things, key=lambda one: one.iri.value)
        self._places = {one.iri: place for place, one in enumerate(self.things)}
        self._words: defaultdict[str, list[int]] = defaultdict(list)
        for place, one in enumerate(self.things):
            for word in {word for name in one.names for word in name.split()}:
                self._words[word].append(place)
        self._vocabulary = sorted(self._words)
        # What was near a word is near it again: batches repeat words.
        self._near = lru_cache(maxsize=4096)(self._look_up)

    def named(self, iri: NamedNode) -> Named | None:
        """Return the thing called *iri*, if it has a name."""
        place = self._places.get(iri)
        return None if place is None else self.things[place]

    def resembling(
        self, text: str, keep: Callable[[Named], bool], *, limit: int
    ) -> list[Scored]:
        """Return the things whose names resemble *text* most, the best first.

        Only those that *keep* lets pass.
        """
        folded = letters(text)
        found = (
            Scored(one, max(resemblance(folded, name) for name in one.names))
            for one in self._sharing(folded, keep)
        )
        kept = (one for one in found if one.score >= _LEAST)
        return heapq.nsmallest(limit, kept, key=_rank)

    def beginning(
        self, text: str, keep: Callable[[Named], bool], *, limit: int, skip: int = 0
    ) -> list[Named]:
        """Return the things with a name, or a word in it, that begins with *text*.

        Those whose label does come first, then the shorter names.
        """
        start = letters(text)
        if not start:
            return []
        places = self._places_beginning(start.split())
        near = ((place, self.things[place]) for place in places)
        found = (
            (not one.names[0].startswith(start), len(one.label), one.label, place)
            for place, one in near
            if any(has_word_beginning(name, start) for name in one.names) and keep(one)
        )
        best = heapq.nsmallest(skip + limit, found)
        return [self.things[place] for *_, place in best[skip:]]

    def _places_beginning(self, words: list[str]) -> set[int]:
        """Return the places of things with all of *words*, the last perhaps unfinished.

        There may be others among them: the rarest of the words alone decides.
        """
        *whole, last = words
        if whole:
            found = [self._words.get(word, []) for word in whole]
            rarest = min(found, key=len)
            return set(rarest)
        start = bisect_left(self._vocabulary, last)
        end = bisect_left(self._vocabulary, f"{last}\U0010ffff")
        begun = self._vocabulary[start:end]
        return {place for word in begun for place in self._words[word]}

    def _sharing(self, folded: str, keep: Callable[[Named], bool]) -> list[Named]:
        """Return things that share words with *folded*, rare words counting most."""
        weights: defaultdict[int, float] = defaultdict(float)
        words = dict.fromkeys(folded.split()[:_MOST_WORDS])
        near = [pair for word in words for pair in self._near(word)]
        for word, score in sorted(near, key=lambda pair: len(self._words[pair[0]])):
            places = self._words[word]
            if weights and len(places) > _COMMON:
                break  # it is in so many names that it tells none from another
            weight = score * log(1 + len(self.things) / len(places))
            for place in places:
                weights[place] += weight
        order = count()
        ranked = sorted((-weight, next(order), p) for p, weight in weights.items())
        kept = (self.things[p] for *_, p in ranked if keep(self.things[p]))
        return [one for one, _ in zip(kept, range(_MOST_COMPARED), strict=False)]

    def _look_up(self, word: str) -> tuple[tuple[str, float], ...]:
        """Return the words of names that are *word* or near it, with their scores."""
        known = ((word, 100.0),) if word in self._words else ()
        if len(word) <= _SHORT:
            return known
        near = process.extract(
            word, self._vocabulary, scorer=fuzz.ratio, score_cutoff=_NEAR,
            limit=_MOST_NEAR,
        )  # fmt: skip
        return (*known, *((other, score) for other, score, _ in near if other != word))


def _rank(one: Scored) -> tuple[float, int, str]:
    return (-one.score, len(one.named.label), one.named.iri.value)


# A snapshot never changes, so its index is made once and lives as long as it does.
_INDEXES: WeakKeyDictionary[Snapshot, NameIndex] = WeakKeyDictionary()
_MAKING = threading.Lock()


def name_index(snapshot: Snapshot) -> NameIndex:
    """Return the index of the names in *snapshot*, but for terms of the ontology."""
    with _MAKING:
        if snapshot not in _INDEXES:
            _INDEXES[snapshot] = NameIndex(_things(snapshot))
        return _INDEXES[snapshot]


def _things(snapshot: Snapshot) -> list[Named]:
    terms = {quad.subject for quad in snapshot.quads(graph=ONTOLOGY)}
    labels: dict[NamedNode, str] = {}
    names: defaultdict[NamedNode, list[str]] = defaultdict(list)
    for predicate in (LABEL, ALT_LABEL):
        for quad in snapshot.quads(predicate=predicate, graph=MERGED_VIEW):
            node, name = quad.subject, quad.object
            if not isinstance(node, NamedNode) or not isinstance(name, Literal):
                continue
            folded = letters(name.value)
            if node not in terms and folded:
                labels.setdefault(node, name.value)
                names[node].append(folded)
    return [
        Named(node, labels[node], tuple(dict.fromkeys(found)))
        for node, found in names.items()
    ]
