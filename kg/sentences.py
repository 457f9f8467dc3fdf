"""Where the sentences of a news text begin and end."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

NEVER_LAST = frozenset(
    [
        "adm",
        "amb",
        "atty",
        "brig",
        "capt",
        "cmdr",
        "col",
        "cpl",
        "dep",
        "det",
        "dr",
        "fig",
        "gen",
        "gov",
        "hon",
        "lt",
        "maj",
        "messrs",
        "mr",
        "mrs",
        "ms",
        "mt",
        "nr",
        "prof",
        "pres",
        "rep",
        "reps",
        "rev",
        "secy",
        "sen",
        "sens",
        "sgt",
        "st",
        "supt",
        "vs",
    ]
)
"""Abbreviations that stand before a name, so that no sentence ends with them."""

SELDOM_LAST = frozenset(
    [
        "jan",
        "feb",
        "mar",
        "apr",
        "jun",
        "jul",
        "aug",
        "sep",
        "sept",
        "oct",
        "nov",
        "dec",
        "mon",
        "tue",
        "tues",
        "wed",
        "thu",
        "thur",
        "thurs",
        "fri",
        "sat",
        "sun",
        "ave",
        "bros",
        "co",
        "corp",
        "dept",
        "est",
        "etc",
        "inc",
        "jr",
        "ltd",
        "min",
        "no",
        "nos",
        "sr",
        "univ",
    ]
)
"""Abbreviations that end a sentence only where a usual beginning follows."""

BEGINNINGS = frozenset(
    [
        "A",
        "After",
        "All",
        "Although",
        "An",
        "And",
        "As",
        "At",
        "Both",
        "But",
        "By",
        "During",
        "For",
        "From",
        "He",
        "Her",
        "His",
        "However",
        "If",
        "In",
        "It",
        "Its",
        "Many",
        "Meanwhile",
        "On",
        "Our",
        "She",
        "Since",
        "Some",
        "That",
        "The",
        "Their",
        "There",
        "These",
        "They",
        "This",
        "Those",
        "Under",
        "We",
        "What",
        "When",
        "While",
        "With",
        "You",
    ]
)
"""Words that begin sentences, and seldom stand capitalised within one."""

_SAID = "said|says|asked|asks|added|replied|told|recalled|wrote|shouted|exclaimed"
_END = re.compile(r"(?:[.!?]+|…)[\"”’'»)\]]*(?=\s)")
_ATTRIBUTION = re.compile(rf"\s*(?:[A-Z][\w.’'-]*\s+){{1,4}}(?:{_SAID})\b")
_BAR = re.compile(r"\s\|\s")
_DATELINE = re.compile(r"(?:[A-Z][\w.’'/()-]*,?\s+){1,5}[–—-]{1,2}(?=\s+[\"“]?[A-Z])")
_OPENING = "\"“‘'«(["
_LETTERS = re.compile(r"[^\W_]")
_LINE = re.compile(r"[^\r\n]+")
_LAST_WORD = re.compile(r"(?:[^\W_]|[.'’-])+$")


@dataclass(frozen=True, slots=True)
class Stretch:
    """A part of a text: *start* and *end* count characters, end exclusive."""

    start: int
    end: int

    def of(self, text: str) -> str:
        """Return the part of *text*."""
        return text[self.start : self.end]


def sentences(text: str) -> list[Stretch]:
    """Return the sentences, headlines, captions and tags of *text*, in order.

    They do not overlap, and hold every letter and digit of the text. A line is one at
    least, but for one that goes on in lower case; rules and blank lines are none.
    """
    found = []
    for start, end in _blocks(text):
        for part_start, part_end in _parts(text, start, end):
            stretch = _stripped(text, part_start, part_end)
            if _LETTERS.search(text, stretch.start, stretch.end):
                found.append(stretch)
    return found


def _blocks(text: str) -> Iterator[tuple[int, int]]:
    """Yield the lines, those that were only wrapped as one."""
    start = end = -1
    for line in _LINE.finditer(text):
        goes_on = (
            start >= 0
            and len(text[end : line.start()].strip(" \t\r")) <= 1
            and line.group().lstrip()[:1].islower()
            and not text[start:end].rstrip().endswith((".", "!", "?", "”", '"'))
        )
        if start >= 0 and not goes_on:
            yield start, end
        start, end = (start if goes_on else line.start()), line.end()
    if start >= 0:
        yield start, end


def _parts(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    dateline = _DATELINE.match(text, start, end)
    if dateline:
        yield start, dateline.end()
        start = dateline.end()
    for bar in _BAR.finditer(text, start, end):
        yield from _split(text, start, bar.start())
        start = bar.end()
    yield from _split(text, start, end)


def _split(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    for mark in _END.finditer(text, start, end):
        if _is_end(text, start, mark, end):
            yield start, mark.end()
            start = mark.end()
    yield start, end


def _is_end(text: str, start: int, mark: re.Match[str], end: int) -> bool:
    after = text[mark.end() : min(end, mark.end() + 200)]
    bare = after.strip().lstrip(_OPENING)
    if not bare or not (bare[0].isupper() or bare[0].isdigit()):
        return False
    closed = mark.group()[-1] in "\"”’'»"
    if closed and mark.group()[0] in "!?" and _ATTRIBUTION.match(after):
        return False
    if mark.group() != ".":
        return True
    return _ends_after(text[max(start, mark.start() - 40) : mark.start()], bare)


def _ends_after(before: str, following: str) -> bool:
    """Tell whether a single dot after *before* ends a sentence."""
    found = _LAST_WORD.search(before)
    word = found.group() if found else ""
    if not before.strip(" \t0123456789"):
        return False  # the number of an item
    if word.lower() in NEVER_LAST:
        return False
    is_short = len(word) == 1 and word.isalpha()
    if is_short or "." in word or word.lower() in SELDOM_LAST:
        begins = re.match(r"\w+", following)
        return begins is not None and begins.group() in BEGINNINGS
    return True


def _stripped(text: str, start: int, end: int) -> Stretch:
    part = text[start:end]
    left = len(part) - len(part.lstrip())
    return Stretch(start + left, start + max(left, len(part.rstrip())))
