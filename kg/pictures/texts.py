"""How wide a text is, and how to fit it into a line or a few.

Nobody knows the reader's fonts. The widths here are those of DejaVu Sans, the widest in
common use, so that what fits by them fits in others.
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

_BY_WIDTH: Mapping[float, str] = {
    0.3: "'IJijl",
    0.35: " ,./:;\\|",
    0.4: "()-[]ft",
    0.45: "!r",
    0.5: '"*_`',
    0.55: "?csz",
    0.6: "FLkvxy",
    0.65: "$0123456789EPSTYabdeghnopqu{}",
    0.7: "ABCKRVXZ",
    0.75: "NU",
    0.8: "&DGHOQ",
    0.85: "#+<=>^w~",
    0.9: "M",
    0.95: "%",
    1.0: "@Wm",
}
_WIDTHS = {letter: width for width, text in _BY_WIDTH.items() for letter in text}
_OTHERS, _WIDE = 0.7, 1.05
_BOLD = 1.1
ELLIPSIS = "…"


def width(text: str, size: float, *, bold: bool = False) -> float:
    """Return how wide *text* is at a font *size*, rather too wide than too narrow."""
    return sum(map(_width, text)) * size * (_BOLD if bold else 1.0)


@lru_cache(maxsize=4096)
def _width(letter: str) -> float:
    known = _WIDTHS.get(letter)
    if known is not None:
        return known
    if unicodedata.combining(letter) or unicodedata.category(letter) in {"Mn", "Cf"}:
        return 0.0
    if unicodedata.east_asian_width(letter) in {"W", "F"}:
        return _WIDE
    plain = unicodedata.normalize("NFD", letter)[0]
    return _WIDTHS.get(plain, _OTHERS)


def wrap(
    text: str, size: float, room: float, *, most: int = 2, bold: bool = False
) -> list[str]:
    """Return *text* in lines no wider than *room*, *most* of them; the rest is cut."""
    lines: list[str] = []
    words = _pieces(text.split(), size, room, bold=bold)
    line = ""
    for index, word in enumerate(words):
        longer = f"{line} {word}".strip()
        if width(longer, size, bold=bold) <= room:
            line = longer
            continue
        if len(lines) == most - 1:
            lines.append(cut(" ".join([line, *words[index:]]), size, room, bold=bold))
            return lines
        lines.append(line)
        line = word
    return [*lines, line] if line else lines or [""]


def cut(text: str, size: float, room: float, *, bold: bool = False) -> str:
    """Return *text*, or as much of it as goes into *room* with an ellipsis."""
    if width(text, size, bold=bold) <= room:
        return text
    kept = text
    while kept and width(f"{kept}{ELLIPSIS}", size, bold=bold) > room:
        kept = kept[:-1]
    return f"{kept.rstrip()}{ELLIPSIS}"


def _pieces(words: list[str], size: float, room: float, *, bold: bool) -> list[str]:
    """Return *words*, those that are too long for a line broken into several."""
    found: list[str] = []
    for word in words:
        rest = word
        while width(rest, size, bold=bold) > room and len(rest) > 1:
            end = len(rest) - 1
            while end > 1 and width(rest[:end], size, bold=bold) > room:
                end -= 1
            found.append(rest[:end])
            rest = rest[end:]
        found.append(rest)
    return found
