"""The texts of articles that the operator has at hand, beside what is noted of them."""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass
from enum import Enum
from itertools import chain
from typing import TYPE_CHECKING

from kg.articles import passages
from kg.errors import ConfigError
from kg.evidence import Fit, fit, read_evidence, sha256
from kg.relocation import Fate, relocate
from kg.terms import MERGED_VIEW, OA, NamedNode

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from kg.evidence import Passage
    from kg.store import Snapshot
    from kg.terms import Quad

MOST_BYTES = 2_000_000
"""A file that is larger is no article."""

_SELECTOR = NamedNode(f"{OA}hasSelector")
_OPEN = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC


_MOST_WINDOWS = 100_000
"""So many stretches of a text are compared with digests, in search of a passage."""


class Standing(Enum):
    """What became of a passage in the text at hand."""

    SAME = "has its digest"
    MOVED = "has its digest, at another place"
    CHANGED = "probably has other words"
    OTHER = "has another digest"
    MISSING = "is not there"


_FITS = {
    Fit.SAME: Standing.SAME,
    Fit.OTHER: Standing.OTHER,
    Fit.MISSING: Standing.MISSING,
}
_FATES = {
    Fate.SAME: Standing.SAME,
    Fate.MOVED: Standing.MOVED,
    Fate.CHANGED: Standing.CHANGED,
    Fate.VANISHED: Standing.MISSING,
}


@dataclass(frozen=True, slots=True)
class Sentence:
    """The words of a passage as they stand now, "" where it is MISSING."""

    text: str
    standing: Standing


@dataclass(frozen=True, slots=True)
class ArticleText:
    """How the text at hand fits that which was read, and the sentences in it, by IRI.

    Where it is MISSING, so are all sentences.
    """

    fit: Fit
    sentences: Mapping[str, Sentence]


_LOST = Sentence("", Standing.MISSING)


def require_folder(folder: Path | None) -> None:
    """Raise ConfigError where *folder* is given and is none."""
    if folder is not None and not folder.is_dir():
        raise ConfigError(
            "there is no such folder",
            where=str(folder),
            advice="name one with the texts, each as <slug>.txt; see `articles`",
        )


def article_text(
    snapshot: Snapshot, article: NamedNode, wanted: Iterable[str], folder: Path
) -> ArticleText:
    """Return the sentences of passages, the IRIs *wanted*, as *folder* has them."""
    nodes = [NamedNode(iri) for iri in wanted]
    articles, located = read_evidence(_noted(snapshot, [article, *nodes]))
    text = read_within(folder, article.value.rpartition("/")[2])
    if text is None:
        return ArticleText(Fit.MISSING, {node.value: _LOST for node in nodes})
    found = _sentences(located, text)
    is_same = any(sha256(text) == one.digest for one in articles)
    return ArticleText(
        Fit.SAME if is_same else Fit.OTHER,
        {node.value: found.get(node.value, _LOST) for node in nodes},
    )


def words_of(
    snapshot: Snapshot, article: NamedNode, passage: NamedNode, folder: Path
) -> str:
    """Return what *passage* says, quoted, as the text in *folder* has it, or nothing.

    Where it does not have the words that were read, that is told.
    """
    every = [one.iri for one in passages(snapshot, article)]
    found = article_text(snapshot, article, every, folder)
    sentence = found.sentences[passage.value]
    if sentence.standing is Standing.MISSING:
        return ""
    is_read = sentence.standing in {Standing.SAME, Standing.MOVED}
    told = "" if is_read else f" (the text at hand {sentence.standing.value})"
    return f"“{' '.join(sentence.text.split())}”{told}"


def _sentences(passages: Sequence[Passage], text: str) -> dict[str, Sentence]:
    """Return the sentences of an article, those that moved where they stand now."""
    fits = {one.iri: fit(one, text) for one in passages}
    if {*fits.values()} == {Fit.SAME} or not _is_soon_searched(passages, text):
        return {p.iri: _sentence(p, text, _FITS[fits[p.iri]]) for p in passages}
    return {
        one.passage.iri: _sentence(one.now, text, _FATES[one.fate])
        for one in relocate(passages, text)
    }


def _is_soon_searched(passages: Sequence[Passage], text: str) -> bool:
    lengths = {one.end - one.start for one in passages}
    return len(text.split()) * len(lengths) <= _MOST_WINDOWS


def _sentence(passage: Passage | None, text: str, standing: Standing) -> Sentence:
    if passage is None or standing is Standing.MISSING:
        return _LOST
    return Sentence(text[passage.start : passage.end], standing)


def read_within(folder: Path, slug: str) -> str | None:
    """Return the text of the article *slug* in *folder*; None where none can be read.

    Nothing outside the folder is read, whatever links there are in it, and nothing but
    a file: what one would wait for, or what never ends, is no article.
    """
    if not slug or slug.startswith(".") or "\0" in slug or os.sep in slug:
        return None
    try:
        home = folder.resolve(strict=True)
        path = (home / f"{slug}.txt").resolve(strict=True)
        return _read(path) if path.is_relative_to(home) else None
    except (OSError, RuntimeError, ValueError):
        return None  # not there, links in a circle, or no UTF-8


def _read(path: Path) -> str | None:
    with os.fdopen(os.open(path, _OPEN), "rb") as file:
        found = os.fstat(file.fileno())
        if not stat.S_ISREG(found.st_mode) or found.st_size > MOST_BYTES:
            return None
        return file.read(MOST_BYTES).decode("utf-8")


def _noted(snapshot: Snapshot, nodes: Iterable[NamedNode]) -> Iterator[Quad]:
    """Yield what is said of *nodes* and of the places where they stand."""
    for node in nodes:
        selectors = snapshot.quads(node, _SELECTOR, None, MERGED_VIEW)
        places = [q.object for q in selectors if isinstance(q.object, NamedNode)]
        yield from chain.from_iterable(
            snapshot.quads(one, None, None, MERGED_VIEW) for one in (node, *places)
        )
