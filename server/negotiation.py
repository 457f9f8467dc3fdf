"""Proactive content negotiation as RFC 9110, section 12.5.1, has it; no web framework.

A representation's quality is that of the *most specific* range that matches it. Among
those of equal quality one that was asked for by name goes before one that only a
wildcard lets in, and then the server's own order decides.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_TOKEN = r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+"  # noqa: S105 - the grammar's name for a word
_QUOTED = r'"(?:[^"\\]|\\.)*"'
_ELEMENT = re.compile(rf"(?:{_QUOTED}|[^,\"])+")
_RANGE = re.compile(rf"\s*({_TOKEN})/({_TOKEN})\s*")
_PARAMETER = re.compile(rf";\s*(?:({_TOKEN})=({_TOKEN}|{_QUOTED}))?\s*")
_QUALITY = re.compile(r"(?:0(?:\.\d{0,3})?|1(?:\.0{0,3})?)")

_LONGEST = 4096  # characters of a header that are read

# All text leaves as UTF-8, tables with a head (RFC 4180), RDF as 1.1, which readers of
# 1.2 read, and a JSON-LD profile is only a wish: none of these excludes.
_HARMLESS = {
    ("charset", "utf-8"), ("charset", "utf8"), ("header", "present"),
    ("version", "1.1"), ("version", "1.2"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class MediaRange:
    """One element of an Accept header."""

    type: str
    subtype: str
    quality: float
    parameters: frozenset[tuple[str, str]] = frozenset()

    @property
    def specificity(self) -> int:
        """Rank `*/*` 0, `type/*` 1, `type/subtype` 2, and 3 with parameters."""
        if self.type == "*":
            return 0
        if self.subtype == "*":
            return 1
        return 3 if self.parameters else 2

    def matches(self, media_type: str) -> bool:
        """Tell whether *media_type*, which has no parameters, lies in this range."""
        type_, _, subtype = media_type.partition("/")
        if not self.parameters <= _HARMLESS:
            return False
        return self.type in ("*", type_) and self.subtype in ("*", subtype)


def parse_accept(header: str | None) -> tuple[MediaRange, ...]:
    """Read an Accept header; leave out elements that are not well formed."""
    return _parse((header or "")[:_LONGEST])


@lru_cache(maxsize=256)  # of short texts: clients have few, and repeat them
def _parse(text: str) -> tuple[MediaRange, ...]:
    found = (_parse_range(element) for element in _ELEMENT.findall(text))
    return tuple(entry for entry in found if entry is not None)


def quality(ranges: Iterable[MediaRange], media_type: str) -> tuple[float, int]:
    """Return the quality of *media_type* and how specific the range was that gave it.

    Where two equally specific ranges match, the kinder one counts.
    """
    matching = [entry for entry in ranges if entry.matches(media_type.lower())]
    if not matching:
        return 0.0, -1
    best = max(matching, key=lambda entry: (entry.specificity, entry.quality))
    return best.quality, best.specificity


def choose(header: str | None, offered: Sequence[str]) -> str | None:
    """Return which of the *offered* media types to send, or None where none will do.

    No header, and one without any well-formed element, ask for nothing in particular:
    the first offer is sent.
    """
    ranges = parse_accept(header)
    if not ranges:
        return offered[0] if offered else None
    ranked = [(quality(ranges, offer), -place) for place, offer in enumerate(offered)]
    if not ranked:
        return None
    (best, _), place = max(ranked)
    return offered[-place] if best > 0 else None


def prefers(header: str | None, media_type: str) -> bool:
    """Tell whether *header* names *media_type*, and nothing that it likes better."""
    ranges = parse_accept(header)
    rank, specificity = quality(ranges, media_type)
    best = max((entry.quality for entry in ranges), default=0.0)
    return specificity >= 2 and rank > 0 and rank == best


def is_open(header: str | None) -> bool:
    """Tell whether *header* names nothing at all: absent, empty, or only `*/*`."""
    return all(entry.type == "*" for entry in parse_accept(header))


def _parse_range(text: str) -> MediaRange | None:
    match = _RANGE.match(text)
    if match is None or (match[1] == "*" and match[2] != "*"):
        return None
    parameters = _parameters(text[match.end() :])
    if parameters is None:
        return None
    weight = parameters.pop("q", "1")
    if not _QUALITY.fullmatch(weight):
        return None
    parameters.pop("profile", None)
    return MediaRange(
        match[1].lower(),
        match[2].lower(),
        float(weight),
        frozenset(parameters.items()),
    )


def _parameters(text: str) -> dict[str, str] | None:
    """Read parameters up to the weight; None where they are not well formed."""
    found: dict[str, str] = {}
    position = 0
    # What follows the weight belongs to it, not to the range.
    while position < len(text) and "q" not in found:
        match = _PARAMETER.match(text, position)
        if match is None:
            return None
        position = match.end()
        if match[1]:
            found[match[1].lower()] = _unquoted(match[2]).lower()
    return found


def _unquoted(value: str) -> str:
    if value.startswith('"'):
        return re.sub(r"\\(.)", r"\1", value[1:-1])
    return value
