"""Votes in a text: who decides, how many are for it, and who."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from kg.mentions import AGENT, PERSON, STATE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kg.drafted import Part
    from kg.mentions import Entity

_WORDS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine",
          "ten", "eleven", "twelve", "thirteen", "fourteen", "fifteen")  # fmt: skip
_NUMBER = rf"(\d+|{'|'.join(_WORDS)})"
_WHO = r"(?:\s+(?:countries|members?|nations|states|votes?|voted|voting))*"
_VOICES = {
    "for": (rf"{_NUMBER}{_WHO}\s+(?:in favou?r|for\b)", rf"\bby {_NUMBER} votes",
            rf"\bby {_NUMBER}[-–]\d"),
    "against": (rf"{_NUMBER}{_WHO}\s+(?:against|opposed)", rf"votes to {_NUMBER}",
                rf"\bby \d+[-–]{_NUMBER}"),
    "abstained": (rf"{_NUMBER}{_WHO}\s+abst(?:ained|aining|entions?)",),
}  # fmt: skip

_VOTING = re.compile(r"\b(?:adopt|pass|vot|approv|reject)\w*", re.IGNORECASE)
_ROLES = (
    ("supporter", re.compile(r"\bvot\w+ (?:in favou?r|for)\b", re.IGNORECASE)),
    ("opponent", re.compile(r"\bvot\w+ against\b", re.IGNORECASE)),
    ("abstainer", re.compile(r"\babstain", re.IGNORECASE)),
)


def voices(text: str) -> dict[str, int]:
    """Return how many were `for` and `against`, and how many `abstained`, if told."""
    found = {}
    for side, patterns in _VOICES.items():
        for pattern in patterns:
            match = re.search(rf"(?<!\w){pattern}", text, re.IGNORECASE)
            if match:
                word = match[1].lower()
                found[side] = _WORDS.index(word) if word in _WORDS else int(word)
                break
    return found


def voters(part: Part) -> list[Entity]:
    """Return the bodies that *part* names before the words for voting."""
    cue = _VOTING.search(part.text)
    named = (one for one in part.certain if cue and one.end <= cue.start())
    found = dict.fromkeys(one.entities[0] for one in named)
    return [one for one in found
            if AGENT in one.kinds and not {PERSON, STATE} & one.kinds]  # fmt: skip


def ballots(part: Part) -> Iterator[tuple[Entity, str]]:
    """Yield each state in *part* with its role in a vote, that which follows it."""
    roles = sorted(
        (match.start(), role)
        for role, words in _ROLES
        for match in words.finditer(part.text)
    )
    for mention in part.certain:
        role = next((role for place, role in roles if place >= mention.end), "")
        if STATE in mention.entities[0].kinds and role:
            yield mention.entities[0], role
