"""Names in a text that the graph does not know: what may have to be added to it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kg.folding import letters
from kg.known_states import by_name

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

_WORD = re.compile(r"[^\W\d_]+(?:['’.\-‑][^\W\d_]+)*")
_JOINED = re.compile(
    r"(?:al|an|ar|as|ash|at|az|el|es|d|l|ould|u)[-‑'’](?=[^\W\d_])", re.IGNORECASE
)
"""An article or the like that is joined to the name it begins: "al-Tikriti"."""

_POSSESSIVE = re.compile(r"['’]s?$")
_GAP = re.compile(r"[ \u00a0]")
_PARTICLE = re.compile(
    "abu|al|bin|bint|da|de|del|della|der|di|du|el|for|ibn|la|le|of|ould|the|van|von|y"
)
"""What may stand within a name in small letters."""

_BODY = re.compile(
    "(?:academy|act|agency|agreement|bank|board|bureau|centre|center|charter"
    "|commission|committee|consulate|convention|council|court|declaration|delegation"
    "|department|directorate|embassy|federation|fund|institute|league|memorandum"
    "|ministry|mission|office|organi[sz]ation|parliament|protocol|representative"
    "|secretariat|statute|treaty|union|university|forum|foundation|society|forces"
    "|association|network)",
    re.IGNORECASE,
)
"""What names a body or a text that may have "and", "on" or "in" within its own name."""

_IN_BODY = re.compile("against|and|in|on|to")
_OF_STATE = re.compile(
    "extraordinary|government|kingdom|plenipotentiary|republic|states?|parties|party"
)
"""What adds no name to that of a state: "Republic of Kenya"."""

_NO_NAME = re.compile(
    f"{_OF_STATE.pattern}|affairs|agreement|article|assembly|bureau|case|chapter"
    "|charter|commission|committee|convention|council|court|department|embassy"
    "|excellency|highness|league|majesty|masters?|ministry|mission|office|palace"
    "|parliament|president|protocol|treaty"
)
"""What is no name by itself, though many papers write it with a capital."""

_ACRONYM = re.compile(r"[A-Z]{2,6}")


_COMMON = re.compile(
    "january|february|march|april|may|june|july|august|september|october|november"
    "|december|jan|feb|mar|apr|jun|jul|aug|sept?|oct|nov|dec|monday|tuesday|wednesday"
    "|thursday|friday|saturday|sunday|mrs?|ms|dr|an?|and|as|at|but|by|for|he|her|his|i"
    "|in|its?|on|or|she|that|the|their|they|this|to|we|with"
    "|after|afterwards|also|before|earlier|however|if|last|later|meanwhile|next|then"
    "|there|today|tomorrow|when|while|yesterday|ah|am|pm|tv|ok|ad|bc|arabic|chinese"
    "|english|french|russian|spanish",
    re.IGNORECASE,
)
_TITLE = re.compile(
    "minister|president|ambassador|amb|emir|king|queen|sheikh|sheikha|prince|princess"
    "|secretary|secretary-general|governor|chancellor|consul|senator|attorney"
    "|spokesman|spokeswoman|spokesperson|excellency|monsieur|madame|analyst|lawyer"
    "|professor|expert|researcher|activist|journalist|commander|colonel|brigadier"
    "|lieutenant|captain|attach[eé]|chairman|chairwoman|analysts|pope|sultan"
)
"""What stands before somebody's name, and is no part of it."""

_OF_TITLE = re.compile("prime|foreign|interior|deputy|vice|acting|general|state|of|the")
"""What may stand in a title beside it."""

_PORTFOLIO = re.compile(
    "agriculture|communications?|culture|defen[cs]e|econom(?:y|ics)|education|energy"
    "|environment|finance|health|industry|information|investment|justice|labou?r|oil"
    "|petroleum|planning|tourism|trade|transport"
)
_ENVOY = re.compile("Special (?:Envoy|Representative)(?: (?:for|of|to)(?: the)?)?")
_SURNAMES = frozenset({"king", "prince"})

_END = re.compile(r"[.!?…][\"'’”»)]*\s*$")
_HEADLINE = 0.6
"""Where more of the longer words have a capital, and no full stop, it says nothing."""

_LONG, _SHORTEST = 4, 4
_MOST_SMALL = 2
"""A caption has more of the longer words in small letters."""

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Said:
    """A sentence, where it names what is *known*, and which of that are *places*."""

    text: str
    known: Sequence[Span]
    places: Sequence[Span]


@dataclass(frozen=True, slots=True)
class _Name:
    text: str
    is_first: bool
    in_headline: bool


@dataclass(frozen=True, slots=True)
class _Word:
    text: str
    start: int
    end: int
    is_known: bool
    is_place: bool

    @property
    def lower(self) -> str:
        return _POSSESSIVE.sub("", self.text.lower())

    @property
    def is_capital(self) -> bool:
        """Tell whether it may be a word of a new name, other than a particle."""
        joined = _JOINED.match(self.text)
        first = self.text[joined.end() if joined else 0]
        has_capital = self.text[0].isupper() or first.isupper()
        return has_capital and not self.is_known and not _COMMON.fullmatch(self.text)


def new_names(sentences: Sequence[Said]) -> tuple[str, ...]:
    """Return what looks like a name in *sentences*, beside the spans of known ones.

    Each is told once, in the order of the text, and not when it ends a longer one. A
    word that begins a sentence, or stands in a headline, counts if it does elsewhere.
    A place that is known may be part of a new name, as in "Kenya News Agency".
    """
    found = [one for said in sentences for one in _names(said)]
    inner = {one.text for one in found if not (one.is_first or one.in_headline)}
    names = dict.fromkeys(one.text for one in found if _is_name(one, inner))
    ends = {end for name in names for end in _ends(name)}
    return tuple(name for name in names if name not in ends)


def _ends(name: str) -> Iterator[str]:
    """Yield what *name* ends with, from each of its words on but the first."""
    words = name.split(" ")
    for start in range(1, len(words)):
        yield " ".join(words[start:])


def _is_name(one: _Name, inner: Collection[str]) -> bool:
    is_state = letters(one.text) in by_name() and not one.in_headline
    return is_state or one.text in inner or (" " in one.text and not one.in_headline)


def _names(said: Said) -> Iterator[_Name]:
    """Yield the names in a sentence, as far as capitals tell."""
    words = [
        _Word(
            match[0], match.start(), match.end(),
            _is_within(match, [*said.known, *said.places]),
            _is_within(match, said.places),
        )
        for match in _WORD.finditer(said.text)
    ]  # fmt: skip
    longer = [one for one in words if len(one.text) >= _LONG and not one.is_known]
    capitals = sum(one.text[0].isupper() for one in longer)
    is_headline = (
        capitals > _HEADLINE * len(longer)
        and len(longer) - capitals < _MOST_SMALL
        and not _END.search(said.text)
    )
    for run in _runs(said.text, words):
        for name in _parts(run):
            yield _Name(
                _POSSESSIVE.sub("", " ".join(word.text for word in name)),
                name[0].start == words[0].start,
                is_headline,
            )


def _is_within(match: re.Match[str], spans: Sequence[Span]) -> bool:
    return any(match.start() < end and start < match.end() for start, end in spans)


def _runs(text: str, words: Sequence[_Word]) -> Iterator[list[_Word]]:
    """Yield words that follow each other with capitals, particles within."""
    run: list[_Word] = []
    for word, following in zip(words, [*words[1:], None], strict=True):
        follows = bool(run) and _GAP.fullmatch(text[run[-1].end : word.start])
        if run and (not follows or _POSSESSIVE.search(run[-1].text)):
            yield run
            run = []
        if word.is_capital or word.is_place or (run and _goes_on(run, word, following)):
            run.append(word)
        else:
            yield run
            run = []
    yield run


def _goes_on(run: list[_Word], word: _Word, following: _Word | None) -> bool:
    """Tell whether *word*, in small letters, may stand within the name that began."""
    if _PARTICLE.fullmatch(word.text):
        return True
    is_body = any(_BODY.fullmatch(one.text) for one in run[:2])
    if not (is_body and _IN_BODY.fullmatch(word.text)):
        return False
    within = {one.text for one in run}
    is_first = word.text in {"on", "against"} or (word.text == "and" and len(run) > 1)
    may_begin = is_first or bool(within & {"on", "against"})
    return (
        may_begin
        and following is not None
        and (following.is_capital or following.text == "the")
    )


def _parts(run: list[_Word]) -> Iterator[list[_Word]]:
    """Yield the names in a *run* of words, without titles."""
    kept = _without_title(_without_rank(run))
    if len(kept) < len(run):
        while kept and kept[0].is_known:
            kept = kept[1:]
    while kept and (_PARTICLE.fullmatch(kept[-1].text) or _is_joint(kept[-1])):
        kept.pop()
    head, tail = _without_body(kept)
    for name in (head, tail):
        own = [one for one in name if one.is_capital]
        plain = _OF_STATE if len(name) > 1 else _NO_NAME
        if all(plain.fullmatch(one.lower) for one in own):
            continue
        text = _POSSESSIVE.sub("", " ".join(one.text for one in name))
        if len(text) >= _SHORTEST or _ACRONYM.fullmatch(text):
            yield name


def _is_joint(word: _Word) -> bool:
    return bool(_IN_BODY.fullmatch(word.text))


def _without_body(run: list[_Word]) -> tuple[list[_Word], list[_Word]]:
    """Part "Ada Envoy of the GCC" into who it is, and whose; else all is one."""
    texts = [_POSSESSIVE.sub("", word.text) for word in run]
    for place in range(2, len(run) - 1):
        rest = place + (2 if texts[place : place + 2] == ["of", "the"] else 1)
        if texts[place] != "of" or any(map(_BODY.fullmatch, texts[:place])):
            continue
        is_body = any(map(_BODY.fullmatch, texts[rest:]))
        if run[rest].is_place or is_body or _ACRONYM.fullmatch(" ".join(texts[rest:])):
            return run[:place], run[rest:]
    return run, []


def _without_rank(run: list[_Word]) -> list[_Word]:
    """Return *run* without "General" before somebody, or "Special Envoy for"."""
    text = " ".join(word.text for word in run)
    envoy = _ENVOY.match(text)
    if envoy:
        return run[len(envoy[0].split()) :]
    is_body = any(_BODY.fullmatch(word.text) or word.text == "Assembly" for word in run)
    return run[1:] if text.startswith("General ") and not is_body else run


def _without_title(run: list[_Word]) -> list[_Word]:
    """Return what follows a title in *run*: "Sall" of "Senegalese President Sall"."""
    words = [word.lower for word in run]
    titles = [place for place, word in enumerate(words) if _TITLE.fullmatch(word)]
    if not titles:
        return list(run)
    rest = titles[-1] + 1
    while rest < len(run) and _OF_TITLE.fullmatch(words[rest]):
        rest += 1
    if words[rest - 1 : rest] == ["of"] and len(run) - rest > 2:
        rest += bool(_PORTFOLIO.fullmatch(words[rest]))
    has_first = any(not _NO_NAME.fullmatch(word) for word in words[:-1])
    is_surname = titles == [len(run) - 1] and words[-1] in _SURNAMES and has_first
    return list(run) if is_surname else run[rest:]
