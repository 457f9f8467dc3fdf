"""Names without what does not count: case, accents and marks, and the script."""

from __future__ import annotations

import unicodedata

from anyascii import anyascii

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


def letters(text: str) -> str:
    """Return *text* in plain lower-case Latin letters and digits, words parted."""
    start = text[:LONGEST]
    plain = start if start.isascii() else anyascii(start)
    return " ".join(plain.lower().translate(_LETTERS).split())
