"""Passages found again in a text that was edited, and their locators rewritten.

Only digests of the old sentences are kept. A passage whose digest fits elsewhere moved,
for certain. One that fits nowhere is taken for changed only where as many unknown
sentences stand between its neighbours as passages are missing there, of like length.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import defaultdict
from dataclasses import dataclass, replace
from enum import Enum
from itertools import groupby
from typing import TYPE_CHECKING

from kg.change import read_change
from kg.errors import DataFileError
from kg.evidence import Article, Passage, read_evidence, sha256
from kg.formats import by_name
from kg.sentences import Stretch, sentences
from kg.terms import BASE, EXQ, OA

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from kg.terms import Quad

_LOCATORS = {
    *(f"{EXQ}{name}" for name in ("passageDigest", "textDigest", "textLength")),
    f"{OA}start",
    f"{OA}end",
}
_WORD = re.compile(r"\S+")
_MOST_WINDOWS = 2_000_000
_LEAST_ALIKE = 0.5


class Fate(Enum):
    """What became of a passage."""

    SAME = "same"
    MOVED = "moved"
    CHANGED = "probably changed in wording"
    VANISHED = "vanished"


@dataclass(frozen=True, slots=True)
class Found:
    """A passage as it was, its fate, and what it is *now*; None where it vanished."""

    passage: Passage
    fate: Fate
    now: Passage | None


def relocate(passages: Sequence[Passage], text: str) -> list[Found]:
    """Return what became of the *passages* of one article in *text*, in their order."""
    ordered = sorted(passages, key=lambda one: (one.start, one.ordinal))
    places = _exact(ordered, text)
    found = [_known(one, places.get(one.iri)) for one in ordered]
    taken = sorted(places.values(), key=lambda one: one.start)
    free = [one for one in sentences(text) if not _overlaps(one, taken)]
    for is_known, run in groupby(range(len(found)), lambda n: found[n].now is not None):
        if not is_known:
            missing = list(run)
            gap = _gap(found, missing, free)
            for number, stretch in zip(missing, gap, strict=False):
                if len(gap) == len(missing) and _alike(ordered[number], stretch):
                    now = _at(ordered[number], stretch, text)
                    found[number] = Found(ordered[number], Fate.CHANGED, now)
    return found


def rewritten(
    content: str, found: Iterable[Found], texts: dict[str, str], *, source: str
) -> str:
    """Return the TriG *content* with its locators as *found* says, all else as it was.

    *texts* are those of the articles by IRI; only articles of which no passage vanished
    get another digest and length. Raise DataFileError where that cannot be done safely.
    """
    before = _quads(content, source)
    articles, passages = read_evidence(before)
    here = {one.iri: one for one in passages}
    every = [one for one in found if one.passage.iri in here]
    lost = {one.passage.article for one in every if one.now is None}
    new_articles = [
        Article(a.iri, sha256(texts[a.iri]), len(texts[a.iri]))
        if a.iri in texts and a.iri not in lost
        else a
        for a in articles
    ]
    for one in every:
        if one.now is not None and one.fate is not Fate.SAME:
            content = _moved(content, one.passage, one.now)
    for old, new in zip(articles, new_articles, strict=True):
        content = _described(content, old, new)
    here |= {one.passage.iri: one.now for one in every if one.now is not None}
    after = _quads(content, source)
    if _others(before) != _others(after) or read_evidence(after) != (
        new_articles,
        sorted(here.values(), key=lambda one: (one.article, one.start)),
    ):
        raise DataFileError(
            "is written in another way than `kg draft` does; nothing was changed",
            where=source, advice="mend its locators by hand",
        )  # fmt: skip
    return content


def _exact(passages: Sequence[Passage], text: str) -> dict[str, Stretch]:
    """Return where the digests of *passages* fit, by IRI; certain of every one."""
    wanted: defaultdict[tuple[int, str], list[Passage]] = defaultdict(list)
    for one in passages:
        wanted[one.end - one.start, one.digest].append(one)
    lengths = sorted({length for length, _ in wanted})
    starts = [match.start() for match in _WORD.finditer(text)]
    if len(starts) * len(lengths) > _MOST_WINDOWS:
        starts = [one.start for one in sentences(text)]
    starts = sorted({*starts, *(one.start for one in passages)})
    places: defaultdict[tuple[int, str], list[Stretch]] = defaultdict(list)
    for length in lengths:
        for start in starts:
            if length and start + length <= len(text):
                key = (length, sha256(text[start : start + length]))
                if key in wanted:
                    places[key].append(Stretch(start, start + length))
    return {
        one.iri: place
        for key, ones in wanted.items()
        for one, place in _paired(ones, places[key])
    }


def _paired(
    ones: list[Passage], places: list[Stretch]
) -> Iterator[tuple[Passage, Stretch]]:
    """Yield passages of one wording with their places: unmoved ones, then in order."""
    if len(ones) == len(places):
        yield from zip(ones, places, strict=True)
        return
    at = {(place.start, place.end): place for place in places}
    left = [one for one in ones if (one.start, one.end) not in at]
    for one in ones:
        if (one.start, one.end) in at:
            yield one, at.pop((one.start, one.end))
    yield from zip(left, at.values(), strict=False)


def _known(passage: Passage, place: Stretch | None) -> Found:
    if place is None:
        return Found(passage, Fate.VANISHED, None)
    now = replace(passage, start=place.start, end=place.end)
    return Found(passage, Fate.SAME if now == passage else Fate.MOVED, now)


def _overlaps(one: Stretch, taken: list[Stretch]) -> bool:
    place = bisect_right(taken, one.end - 1, key=lambda other: other.start)
    return any(other.end > one.start for other in taken[max(0, place - 2) : place])


def _gap(found: list[Found], missing: list[int], free: list[Stretch]) -> list[Stretch]:
    """Return the unknown sentences between the neighbours of the *missing*."""
    before = found[missing[0] - 1].now if missing[0] else None
    after = found[missing[-1] + 1].now if missing[-1] + 1 < len(found) else None
    low = before.end if before else 0
    return [
        one
        for one in free
        if one.start >= low and (after is None or one.end <= after.start)
    ]


def _alike(passage: Passage, stretch: Stretch) -> bool:
    sizes = sorted((passage.end - passage.start, stretch.end - stretch.start))
    return sizes[0] >= _LEAST_ALIKE * sizes[1]


def _at(passage: Passage, stretch: Stretch, text: str) -> Passage:
    digest = sha256(stretch.of(text))
    return replace(passage, start=stretch.start, end=stretch.end, digest=digest)


def _moved(content: str, old: Passage, new: Passage) -> str:
    name = re.escape("src:" + old.iri.rsplit("/", 1)[-1].replace("#", "\\#"))
    content = re.sub(
        rf'(^\s*{name}\s(?:(?!-position a).)*?exq:passageDigest\s+"){old.digest}"',
        rf'\g<1>{new.digest}"', content, count=1, flags=re.M | re.S,
    )  # fmt: skip
    return re.sub(
        rf"(^\s*{name}-position a oa:TextPositionSelector\s*;\s*oa:start\s+)"
        rf"{old.start}(\s*;\s*oa:end\s+){old.end}\b",
        rf"\g<1>{new.start}\g<2>{new.end}", content, count=1, flags=re.M,
    )  # fmt: skip


def _described(content: str, old: Article, new: Article) -> str:
    content = content.replace(
        f'exq:textDigest "{old.digest}"', f'exq:textDigest "{new.digest}"'
    )
    if old == new:
        return content
    return content.replace(
        f"exq:textLength {old.length} ", f"exq:textLength {new.length} ", 1
    )


def _quads(content: str, source: str) -> list[Quad]:
    data = content.encode()
    return list(read_change(data, by_name("trig"), source=source, base=BASE).added)


def _others(quads: Iterable[Quad]) -> set[Quad]:
    return {quad for quad in quads if quad.predicate.value not in _LOCATORS}
