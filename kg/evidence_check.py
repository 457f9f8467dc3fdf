"""What became of the passages of files, compared with the texts in a folder."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kg.change import read_change
from kg.evidence import read_evidence, read_text, verify, without_text
from kg.formats import by_name
from kg.prefixes import shorten
from kg.relocation import Fate, Found, relocate, rewritten
from kg.terms import BASE

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class CheckedEvidence:
    """What differs, one line each; what vanished of it; what could not be compared."""

    problems: tuple[str, ...]
    notes: tuple[str, ...]
    found: tuple[Found, ...]
    texts: dict[str, str]

    @property
    def compared(self) -> int:
        """How many passages were compared."""
        return len(self.found)

    @property
    def vanished(self) -> list[Found]:
        """The passages that were not found again."""
        return [one for one in self.found if one.now is None]

    def mended(self, source: str, content: str) -> str:
        """Return *content*, TriG, with the locators that were found again."""
        return rewritten(content, self.found, self.texts, source=source)


def check_evidence(contents: Mapping[str, str], folder: Path) -> CheckedEvidence:
    """Compare the locators in *contents*, TriG by name, with the texts in *folder*."""
    quads = [
        quad
        for name, content in contents.items()
        for quad in read_change(
            content.encode(), by_name("trig"), source=name, base=BASE
        ).added
    ]
    articles, passages = read_evidence(quads)
    missing = without_text(articles, folder)
    texts = {
        a.iri: read_text(folder / f"{a.slug}.txt")
        for a in articles
        if a.slug not in missing
    }
    found = [
        one
        for iri, text in texts.items()
        for one in relocate([p for p in passages if p.article == iri], text)
    ]
    whole = verify(articles, [], folder)
    return CheckedEvidence(
        problems=(*whole, *(told(one) for one in found if one.fate is not Fate.SAME)),
        notes=tuple(
            f"the text of {slug} is not in {folder}: its locators were not compared"
            for slug in missing
        ),
        found=tuple(found),
        texts=texts,
    )


def told(found: Found) -> str:
    """Say in one line what became of a passage."""
    old, now = found.passage, found.now
    name = shorten(old.iri)
    if now is None:
        return (
            f"{name}: vanished: nothing at {old.start} to {old.end} nor elsewhere"
            " has its digest, and no edited sentence can be told to be it"
        )
    told = f"{name}: {found.fate.value}: {old.start}–{old.end} is now"
    again = "; read it again" if found.fate is Fate.CHANGED else ""
    return f"{told} {now.start}–{now.end}{again}"
