"""Names without what does not count: case, accents and marks, and the script."""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from functools import lru_cache
from itertools import chain
from typing import TYPE_CHECKING

from anyascii import anyascii

if TYPE_CHECKING:
    from collections.abc import Mapping

_BLOCKS = (range(0x80, 0x250), range(0x300, 0x370), range(0x1E00, 0x1F00))
_PUNCTUATION = range(0x2000, 0x2020)
_MARKS = frozenset({"", " ", "'", "-"})

LONGEST = 200
"""So many characters of a text are compared with names."""

_PLAIN = str.maketrans({**dict.fromkeys("‘’ʼ", "'"), **dict.fromkeys("‐‑–—", "-")})
_LETTERS = {
    code: None if chr(code) in "'`" else chr(code) if chr(code).isalnum() else " "
    for code in range(128)
}


def fold(text: str) -> str:
    """Return *text* without case and accents, with plain quotes, dashes and spaces."""
    if text.isascii():
        return " ".join(text.lower().split())
    marked = unicodedata.normalize("NFKD", text.casefold()).translate(_PLAIN)
    plain = "".join(c for c in marked if not unicodedata.combining(c))
    return " ".join(plain.split())


@lru_cache(maxsize=1)
def replacements() -> Mapping[str, str]:
    """Return characters of lower-case texts by what `fold` makes of each of them.

    Those are the letters of the Latin script, marks by themselves, quotes, dashes and
    spaces: what is written in other scripts stays as it is.
    """
    found: defaultdict[str, str] = defaultdict(str)
    for character in map(chr, chain(*_BLOCKS, _PUNCTUATION)):
        folded = fold(f"a{character}a")[1:-1]
        is_plain = folded in _MARKS or folded.isalnum()
        if is_plain and character.lower() == character != folded:
            found[folded] += character
    return dict(found)


def letters(text: str) -> str:
    """Return *text* in plain lower-case Latin letters and digits, words parted."""
    start = text[:LONGEST]
    plain = start if start.isascii() else anyascii(start)
    return " ".join(plain.lower().translate(_LETTERS).split())
