"""How many voices a text counts: for, against, and neither."""

from __future__ import annotations

import re

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
