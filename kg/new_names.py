"""Names in a text that the graph does not know: what may have to be added to it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

_WORD = re.compile(r"[^\W\d_]+(?:['’.\-][^\W\d_]+)*")
_POSSESSIVE = re.compile(r"['’]s?$")
_GAP = re.compile(r"[ \u00a0]")
_PARTICLE = re.compile("al|bin|da|de|del|della|der|di|du|el|for|ibn|la|of|the|van|von")
"""What may stand within a name in small letters."""

_COMMON = re.compile(
    "january|february|march|april|may|june|july|august|september|october|november"
    "|december|jan|feb|mar|apr|jun|jul|aug|sept?|oct|nov|dec|monday|tuesday|wednesday"
    "|thursday|friday|saturday|sunday|mrs?|ms|dr|an?|and|as|at|but|by|for|he|her|his|i"
    "|in|its?|on|or|she|that|the|their|they|this|to|we|with"
    "|after|afterwards|also|before|earlier|however|if|last|later|meanwhile|next|then"
    "|there|today|tomorrow|when|while|yesterday",
    re.IGNORECASE,
)
_TITLE = re.compile(
    "minister|president|ambassador|emir|king|queen|sheikh|sheikha|prince|princess"
    "|secretary|secretary-general|governor|chancellor|consul|senator"
)
"""What stands before somebody's name, and is no part of it."""

_OF_TITLE = re.compile("prime|foreign|interior|deputy|vice|acting|general|state|of|the")
"""What may stand in a title beside it."""

_SURNAMES = frozenset({"king", "prince"})

_END = re.compile(r"[.!?…][\"'’”»)]*\s*$")
_HEADLINE = 0.6
"""Where more of the longer words have a capital, and no full stop, it says nothing."""

_LONG, _SHORTEST = 4, 4

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class _Name:
    text: str
    is_first: bool
    in_headline: bool


def new_names(sentences: Sequence[tuple[str, Sequence[Span]]]) -> tuple[str, ...]:
    """Return what looks like a name in *sentences*, beside the spans of known ones.

    Each is told once, in the order of the text, and not when it ends a longer one. A
    word that begins a sentence, or stands in a headline, counts if it does elsewhere.
    """
    found = [one for text, known in sentences for one in _names(text, known)]
    inner = {one.text for one in found if not (one.is_first or one.in_headline)}
    names = dict.fromkeys(one.text for one in found if _is_name(one, inner))
    return tuple(
        name for name in names if not any(other.endswith(f" {name}") for other in names)
    )


def _is_name(one: _Name, inner: Collection[str]) -> bool:
    return one.text in inner or (" " in one.text and not one.in_headline)


def _names(text: str, known: Sequence[Span]) -> Iterator[_Name]:
    """Yield the names in a sentence, as far as capitals tell."""
    words = list(_WORD.finditer(text))
    longer = [
        word for word in words if len(word[0]) >= _LONG and not _is_known(word, known)
    ]
    capitals = sum(word[0][0].isupper() for word in longer)
    is_headline = capitals > _HEADLINE * len(longer) and not _END.search(text)
    for start, name in _runs(text, words, known):
        yield _Name(name, start == words[0].start(), is_headline)


def _runs(
    text: str, words: Sequence[re.Match[str]], known: Sequence[Span]
) -> Iterator[tuple[int, str]]:
    """Yield where capitalised words follow each other, with them, particles within."""
    run: list[re.Match[str]] = []
    for word in words:
        follows = bool(run) and _GAP.fullmatch(text[run[-1].end() : word.start()])
        if run and (not follows or _POSSESSIVE.search(run[-1][0])):
            yield from _name(run)
            run = []
        if _is_capital(word, known) or (run and _PARTICLE.fullmatch(word[0])):
            run.append(word)
        else:
            yield from _name(run)
            run = []
    yield from _name(run)


def _is_capital(word: re.Match[str], known: Sequence[Span]) -> bool:
    is_common = _COMMON.fullmatch(word[0])
    return word[0][0].isupper() and not is_common and not _is_known(word, known)


def _is_known(word: re.Match[str], known: Sequence[Span]) -> bool:
    return any(word.start() < end and start < word.end() for start, end in known)


def _name(run: list[re.Match[str]]) -> Iterator[tuple[int, str]]:
    kept = _without_title(run)
    while kept and _PARTICLE.fullmatch(kept[-1][0]):
        kept.pop()
    name = " ".join(word[0] for word in kept)
    if len(name) >= _SHORTEST:
        yield kept[0].start(), _POSSESSIVE.sub("", name)


def _without_title(run: list[re.Match[str]]) -> list[re.Match[str]]:
    """Return what follows a title in *run*: "Sall" of "Senegalese President Sall"."""
    words = [word[0].lower() for word in run]
    titles = [place for place, word in enumerate(words) if _TITLE.fullmatch(word)]
    if not titles:
        return list(run)
    rest = titles[-1] + 1
    while rest < len(run) and _OF_TITLE.fullmatch(words[rest]):
        rest += 1
    is_surname = titles == [len(run) - 1] and words[-1] in _SURNAMES and len(run) > 1
    return list(run) if is_surname else run[rest:]
