"""An index of names: which things a misspelt, transliterated or partial name may mean.

Names are compared as folded: in Latin letters, without case, accents and marks, so that
`al-khalidi` and `Al Khalidi` are the same and `Alkhalidi` comes close. Words of a text
are first looked up among the words of all names; only things that share some are
compared as a whole.
"""

from __future__ import annotations

import heapq
from bisect import bisect_left
from collections import defaultdict
from copy import copy
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from math import log
from typing import TYPE_CHECKING, Self

from rapidfuzz import fuzz, process

from kg.folding import fold, letters
from kg.following import Following
from kg.terms import ALT_LABEL, LABEL, MERGED_VIEW, ONTOLOGY, Literal, NamedNode

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator

    from kg.snapshot import Snapshot

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
    """A thing with its label and all its names in letters, the label's first.

    *marked* are names that are more than letters tell, folded.
    """

    iri: NamedNode
    label: str
    names: tuple[str, ...]
    marked: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Scored:
    """A thing whose name resembles a text; a *score* of 100 is the same name."""

    named: Named
    score: float


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
    """The names of one version of the dataset.

    Things have places, which stay theirs in the index that `changed` makes of another.
    """

    def __init__(self, things: Iterable[Named] = ()) -> None:
        self._at: list[Named | None] = []
        self._places: dict[NamedNode, int] = {}
        self._words: dict[str, list[int]] = {}
        self._marked: dict[str, list[int]] = {}
        self._vocabulary: list[str] = []
        self._take(things)

    @property
    def things(self) -> list[Named]:
        """All that have a name in letters, by IRI."""
        found = (one for one in self._at if one is not None and one.names)
        return sorted(found, key=lambda one: one.iri.value)

    def __len__(self) -> int:
        """Return the number of things."""
        return len(self._places)

    def changed(self, nodes: Collection[NamedNode], things: Iterable[Named]) -> Self:
        """Return an index in which *things* are all that have names of *nodes*.

        This one stays as it is; what has not changed is shared.
        """
        given = {one.iri: one for one in things}
        nodes = [node for node in nodes if self._found(node) != given.get(node)]
        if not nodes:
            return self
        more = [given[node] for node in nodes if node in given]
        if len(self._at) > 2 * (len(self) + _COMMON):
            gone = set(nodes)
            kept = (one for one in self._at if one is not None and one.iri not in gone)
            return type(self)([*kept, *more])
        new = copy(self)
        new._at, new._places = self._at.copy(), self._places.copy()
        new._words, new._marked = self._words.copy(), self._marked.copy()
        new._vocabulary = self._vocabulary.copy()
        new._leave_out(nodes)
        new._take(more)
        return new

    def _found(self, node: NamedNode) -> Named | None:
        place = self._places.get(node)
        return None if place is None else self._at[place]

    def _leave_out(self, nodes: Iterable[NamedNode]) -> None:
        gone = {self._places.pop(node) for node in nodes if node in self._places}
        for table, keys in ((self._words, _words), (self._marked, _marks)):
            for key in {key for place in gone for key in keys(self._at[place])}:
                left = [place for place in table.pop(key) if place not in gone]
                if left:
                    table[key] = left
                elif table is self._words:
                    del self._vocabulary[bisect_left(self._vocabulary, key)]
        for place in gone:
            self._at[place] = None

    def _take(self, things: Iterable[Named]) -> None:
        start = len(self._at)
        self._at.extend(things)
        taken = [
            (place, one) for place, one in enumerate(self._at[start:], start) if one
        ]
        self._places.update((one.iri, place) for place, one in taken)
        words = ((word, place) for place, one in taken for word in _words(one))
        marks = ((mark, place) for place, one in taken for mark in one.marked)
        _enter(self._marked, marks)
        new = _enter(self._words, words)
        if new:
            self._vocabulary = sorted([*self._vocabulary, *new])
        # What was near a word is near it again: batches repeat words.
        self._near = lru_cache(maxsize=4096)(self._look_up)

    def named(self, iri: NamedNode) -> Named | None:
        """Return the thing called *iri*, if it has a name in letters."""
        found = self._found(iri)
        return found if found and found.names else None

    def called(self, text: str) -> Iterator[Named]:
        """Yield what may have a name that is *text* when both are folded; all that do.

        There may be others among them, whose names differ in marks.
        """
        folded = fold(text)
        places = dict.fromkeys(self._marked.get(folded, ()))
        plain = letters(folded)
        if plain:
            places |= dict.fromkeys(self._with_all(plain.split()))
        for place in places:
            one = self._at[place]
            if one is not None and (plain in one.names or folded in one.marked):
                yield one

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
        found = (
            (
                not one.names[0].startswith(start),
                len(one.label),
                one.label,
                one.iri.value,
            )
            for one in map(self._at.__getitem__, places)
            if one is not None
            and any(has_word_beginning(name, start) for name in one.names)
            and keep(one)
        )
        best = heapq.nsmallest(skip + limit, found)
        nodes = (NamedNode(iri) for *_, iri in best[skip:])
        return [one for node in nodes if (one := self.named(node))]

    def _places_beginning(self, words: list[str]) -> set[int]:
        """Return the places of things with all of *words*, the last perhaps unfinished.

        There may be others among them: the rarest of the words alone decides.
        """
        *whole, last = words
        if whole:
            return set(self._with_all(whole))
        start = bisect_left(self._vocabulary, last)
        end = bisect_left(self._vocabulary, f"{last}\U0010ffff")
        begun = self._vocabulary[start:end]
        return {place for word in begun for place in self._words[word]}

    def _with_all(self, words: list[str]) -> list[int]:
        """Return the places of the things with the rarest of *words*."""
        return min((self._words.get(word, []) for word in words), key=len)

    def _sharing(self, folded: str, keep: Callable[[Named], bool]) -> list[Named]:
        """Return things that share words with *folded*, rare words counting most."""
        weights: defaultdict[int, float] = defaultdict(float)
        words = dict.fromkeys(folded.split()[:_MOST_WORDS])
        near = [pair for word in words for pair in self._near(word)]
        for word, score in sorted(near, key=lambda pair: len(self._words[pair[0]])):
            places = self._words[word]
            if weights and len(places) > _COMMON:
                break  # it is in so many names that it tells none from another
            weight = score * log(1 + len(self) / len(places))
            for place in places:
                weights[place] += weight
        ranked = sorted(
            (-weight, one.iri.value, place)
            for place, weight in weights.items()
            if (one := self._at[place])
        )
        found = (self._at[place] for *_, place in ranked)
        kept = (one for one in found if one is not None and keep(one))
        return list(islice(kept, _MOST_COMPARED))

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


def _enter(table: dict[str, list[int]], pairs: Iterable[tuple[str, int]]) -> list[str]:
    """Put the places in *table* by their keys; return the keys that it had not.

    Another index may share a list that is there: it gets no longer.
    """
    added: defaultdict[str, list[int]] = defaultdict(list)
    for key, place in pairs:
        added[key].append(place)
    new = [key for key in added if key not in table]
    for key, places in added.items():
        table[key] = [*table.get(key, ()), *places]
    return new


def _words(one: Named | None) -> set[str]:
    return {word for name in one.names for word in name.split()} if one else set()


def _marks(one: Named | None) -> tuple[str, ...]:
    return one.marked if one else ()


def _make(snapshot: Snapshot) -> NameIndex:
    terms = _terms(snapshot)
    labels: dict[NamedNode, str] = {}
    names: defaultdict[NamedNode, list[str]] = defaultdict(list)
    for predicate in (LABEL, ALT_LABEL):
        for quad in snapshot.quads(predicate=predicate, graph=MERGED_VIEW):
            node, name = quad.subject, quad.object
            if isinstance(node, NamedNode) and isinstance(name, Literal):
                labels.setdefault(node, name.value)
                names[node].append(name.value)
    return NameIndex(
        _named(node, found) for node, found in names.items() if node not in terms
    )


def _follow(
    index: NameIndex, snapshot: Snapshot, nodes: Collection[NamedNode]
) -> NameIndex:
    """Return the index of *snapshot*, given one before *nodes* changed."""
    things = []
    for node in nodes:
        if any(snapshot.quads(node, None, None, ONTOLOGY)):
            continue
        quads = (
            quad
            for predicate in (LABEL, ALT_LABEL)
            for quad in snapshot.quads(node, predicate, None, MERGED_VIEW)
        )
        names = [q.object.value for q in quads if isinstance(q.object, Literal)]
        if names:
            things.append(_named(node, names))
    return index.changed(nodes, things)


def _named(node: NamedNode, names: list[str]) -> Named:
    folded = dict.fromkeys(letters(name) for name in names)
    marked = dict.fromkeys(fold(n) for n in names if not n.isascii() or not letters(n))
    return Named(node, names[0], tuple(filter(None, folded)), tuple(marked))


def _terms(snapshot: Snapshot) -> set[NamedNode]:
    quads = snapshot.quads(graph=ONTOLOGY)
    return {quad.subject for quad in quads if isinstance(quad.subject, NamedNode)}


name_index = Following(_make, _follow, of=(LABEL, ALT_LABEL))
"""Return the index of the names in a snapshot, but for terms of the ontology."""
