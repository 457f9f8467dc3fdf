"""Names that mean nobody: put together of syllables."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from random import Random

_STARTS = [*"BDFGHKLMNPRSTV", "Br", "Dr", "Kr", "Pr", "Tr", "St", "Sh", "Th"]
_MIDDLES = ["a", "e", "i", "o", "u", "ai", "ea", "io"]
_ENDS = ["", "", "n", "r", "l", "s", "m", "nd", "rt", "v"]
_LANDS = ["ia", "land", "stan", "a", "or", "ania", "esh"]


def word(chances: Random, syllables: int) -> str:
    """Return an invented name of so many syllables."""
    parts = [
        chances.choice(_STARTS) + chances.choice(_MIDDLES) for _ in range(syllables)
    ]
    return ("".join(parts) + chances.choice(_ENDS)).capitalize()


def country(chances: Random) -> str:
    """Return the name of an invented state."""
    return word(chances, 2) + chances.choice(_LANDS)


def person(chances: Random) -> str:
    """Return the name of an invented person."""
    return f"{word(chances, 2)} {word(chances, 2)}"


def slug(name: str) -> str:
    """Return *name* as it stands in an IRI."""
    return name.lower().replace(" ", "-")
