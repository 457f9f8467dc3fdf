"""Which entities of the graph a text names, by label and alias."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from kg.folding import letters
from kg.name_index import name_index
from kg.terms import BASE, DCT, EXQ, MERGED_VIEW, SKOS, TYPE, Literal, NamedNode

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kg.store import Snapshot

_TOKEN = re.compile(
    r"(?<![^\W_])(?:[A-Z]\.)+[A-Z](?![^\W_])\.?(?:['’]s?)?"
    r"|[^\W_]+(?:['’`][^\W_]+)*['’]?"
)
"""An abbreviation with dots, "U.S.", is one word."""

_POSSESSIVE = re.compile(r"['’]s?$")
_SHORT = 3
"""Names up to this length count only in capitals: "US", not "us"."""

_PARTICLES = {"al", "el", "bin", "ben", "ibn", "abu", "de", "van", "von"}
"""What belongs to the family name that follows it."""

_PEOPLE = ("i", "n", "an", "ian", "ean", "ese", "ish", "er")
"""How the words for a people are made: "Kenyan" of "Kenya", "Moroccan" of "Morocco"."""

_LEAST_STEM, _MOST_CUT, _ROOT = 4, 2, 3

AGENT, PERSON, PLACE, STATE = (
    NamedNode(EXQ + name) for name in ("Agent", "Person", "Place", "State")
)
_HAS_KIND, _OF_STATE = (
    NamedNode(EXQ + name) for name in ("hasPostKind", "postOfState")
)
_ONCE_IN_A_STATE = (
    "attorney-general", "foreign-minister", "head-of-government", "head-of-state",
    "interior-minister", "monarch",
)  # fmt: skip
_HAS_TENURE, _HOLDS, _IN_POST = (
    NamedNode(EXQ + name) for name in ("hasTenure", "holdsPost", "inPost")
)
_TITLE = NamedNode(f"{DCT}title")
_IN_SCHEME = NamedNode(f"{SKOS}inScheme")

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

    @property
    def forms(self) -> Iterable[str]:
        """As it stands, without a possessive's mark, and in the singular."""
        singular = self.bare
        if len(singular) > _SHORT + 1 and singular.endswith("s"):
            is_policies = singular.endswith("ies")
            singular = f"{singular[:-3]}y" if is_policies else singular[:-1]
        return dict.fromkeys((self.folded, self.bare, singular))


class Mentions:
    """The names of one version of the dataset, to be found in texts.

    A person may be named by the family name alone, as articles do after the first time,
    and a state by the word for its people. Kinds of claims are named by no word.
    *posts* are those of the graph that a state and a kind of post tell from all others.
    """

    def __init__(self, snapshot: Snapshot, base: str = BASE) -> None:
        self._snapshot = snapshot
        self._named: _Names = defaultdict(list)
        self._families: _Names = defaultdict(list)
        self._states: _Names = defaultdict(list)
        persons, states = (
            set(_subjects(snapshot, TYPE, kind)) for kind in (PERSON, STATE)
        )
        scheme = NamedNode(f"{base}id/claim-kinds")
        kinds = set(_subjects(snapshot, _IN_SCHEME, scheme))
        for thing in name_index(snapshot).things:
            if not thing.iri.value.startswith(f"{base}id/") or thing.iri in kinds:
                continue
            for name in thing.names:
                if not name.isdigit():
                    self._named[tuple(name.split())].append((thing.iri, thing.label))
            if thing.iri in persons:
                family = _family_name(thing.names[0])
                self._families[family].append((thing.iri, thing.label))
            elif thing.iri in states:
                words = tuple(thing.names[0].split())
                self._states[words].append((thing.iri, thing.label))
        self._rooted: defaultdict[str, list[tuple[str, ...]]] = defaultdict(list)
        for words in self._states:
            self._rooted[words[0][:_ROOT]].append(words)
        self.posts = _posts(snapshot, base)
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

    def knows(self, iri: NamedNode) -> bool:
        """Tell whether the graph names *iri*."""
        quads = self._snapshot.quads
        return any(True for _ in quads(iri)) or any(True for _ in quads(object_=iri))

    def tenure(self, person: NamedNode, post: NamedNode) -> NamedNode | None:
        """Return the tenure in which *person* is known to hold *post*, if any."""
        held = self._snapshot.quads(person, _HAS_TENURE, None, MERGED_VIEW)
        tenures = [quad.object for quad in held if isinstance(quad.object, NamedNode)]
        in_post = (
            one for one in tenures
            if any(True for _ in self._snapshot.quads(one, _IN_POST, post, MERGED_VIEW))
        )  # fmt: skip
        return next(in_post, None)

    def post(self, person: NamedNode, kind: NamedNode) -> NamedNode | None:
        """Return the only post of this *kind* that *person* is known to hold."""
        held = self._snapshot.quads(person, _HOLDS, None, MERGED_VIEW)
        posts = [quad.object for quad in held if isinstance(quad.object, NamedNode)]
        kinds = {
            one: self._snapshot.quads(one, _HAS_KIND, kind, MERGED_VIEW)
            for one in posts
        }
        found = [one for one, quads in kinds.items() if any(True for _ in quads)]
        return found[0] if len(found) == 1 else None

    def article(self, title: str) -> NamedNode | None:
        """Return the article that is known to have *title*, if any."""
        found = _subjects(self._snapshot, _TITLE, Literal(title, language="en"))
        return next(iter(found), None)

    def _at(self, words: list[_Word], place: int) -> tuple[int, tuple[Entity, ...]]:
        for size in range(min(self._longest, len(words) - place), 0, -1):
            part = words[place : place + size]
            inner = tuple(word.folded for word in part[:-1])
            for last in part[-1].forms:
                named = self._named.get((*inner, last))
                if not named and part[-1].is_title:
                    named = self._families.get((*inner, last))
                short = sum(map(len, inner)) + len(last) <= _SHORT
                if named and (part[0].is_capital or not short):
                    return size, tuple(self._entity(*one) for one in named)
        return self._by_people(words, place)

    def _by_people(
        self, words: list[_Word], place: int
    ) -> tuple[int, tuple[Entity, ...]]:
        """Return the states whose people the words at *place* are said of."""
        found: dict[tuple[str, ...], list[tuple[NamedNode, str]]] = {}
        is_surname = place > 0 and words[place - 1].folded in _PARTICLES
        for name in self._rooted.get(words[place].folded[:_ROOT], ()):
            part = words[place : place + len(name)]
            given = tuple(word.folded for word in part[:-1])
            if (
                given == name[:-1]
                and part[-1].is_title
                and not is_surname
                and _is_people(part[-1].bare, name[-1])
            ):
                found[name] = self._states[name]
        if not found:
            return 0, ()
        size = max(map(len, found))
        named = [one for name in found if len(name) == size for one in found[name]]
        return size, tuple(self._entity(*one) for one in named)

    def _entity(self, iri: NamedNode, label: str) -> Entity:
        kinds = (AGENT, PERSON, PLACE, STATE)
        found = {
            quad.object
            for quad in self._snapshot.quads(
                subject=iri, predicate=TYPE, graph=MERGED_VIEW
            )
        }
        return Entity(iri, label, frozenset(kind for kind in kinds if kind in found))


def _is_people(word: str, state: str) -> bool:
    """Tell whether *word* is what the people of *state* may be called."""
    singular = word.removesuffix("s")
    stems = [singular.removesuffix(end) for end in _PEOPLE if singular.endswith(end)]
    return any(
        len(stem) >= _LEAST_STEM
        and state.startswith(stem)
        and len(state) - len(stem) <= _MOST_CUT
        for stem in stems
    )


def _posts(
    snapshot: Snapshot, base: str
) -> dict[tuple[NamedNode, NamedNode], NamedNode]:
    """Return the posts by state and kind, of kinds that a state has once."""
    found = {}
    for name in _ONCE_IN_A_STATE:
        kind = NamedNode(f"{base}id/post-kind-{name}")
        for post in _subjects(snapshot, _HAS_KIND, kind):
            states = [
                quad.object
                for quad in snapshot.quads(post, _OF_STATE, None, MERGED_VIEW)
            ]
            for state in states:
                if isinstance(state, NamedNode):
                    found[state, kind] = post
    return found


def _subjects(
    snapshot: Snapshot, predicate: NamedNode, object_: NamedNode | Literal
) -> list[NamedNode]:
    return [
        quad.subject
        for quad in snapshot.quads(None, predicate, object_, MERGED_VIEW)
        if isinstance(quad.subject, NamedNode)
    ]


def _family_name(name: str) -> tuple[str, ...]:
    """Return the last word of a folded *name*, with the particles before it."""
    words = name.split()
    start = len(words) - 1
    while start > 0 and words[start - 1] in _PARTICLES:
        start -= 1
    return tuple(words[start:])


def _folded(token: str) -> list[str]:
    return letters(token.replace(".", "")).split()


def _words(text: str) -> list[_Word]:
    words = []
    for match in _TOKEN.finditer(text):
        token = match.group()
        bare = _POSSESSIVE.sub("", token)
        folded, plain = _folded(token), _folded(bare)
        if not plain:
            continue
        ends = [match.start() + len(bare)] * len(folded)
        bares = plain if len(plain) == len(folded) else folded
        words += [
            _Word(word, other, match.start(), end, bare.isupper(), bare[0].isupper())
            for word, other, end in zip(folded, bares, ends, strict=True)
        ]
    return words
