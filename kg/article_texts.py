"""The texts of articles that the operator has at hand, beside what is noted of them."""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING

from kg.errors import ConfigError
from kg.evidence import Fit, fit, read_evidence, sha256
from kg.terms import MERGED_VIEW, OA, NamedNode

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    from kg.evidence import Passage
    from kg.store import Snapshot
    from kg.terms import Quad

MOST_BYTES = 2_000_000
"""A file that is larger is no article."""

_SELECTOR = NamedNode(f"{OA}hasSelector")
_OPEN = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC


@dataclass(frozen=True, slots=True)
class Sentence:
    """The words that stand where a passage stood, "" where nothing does."""

    text: str
    fit: Fit


@dataclass(frozen=True, slots=True)
class ArticleText:
    """How the text at hand fits that which was read, and the sentences in it, by IRI.

    Where it is MISSING, so are all sentences.
    """

    fit: Fit
    sentences: Mapping[str, Sentence]


def require_folder(folder: Path | None) -> None:
    """Raise ConfigError where *folder* is given and is none."""
    if folder is not None and not folder.is_dir():
        raise ConfigError(
            "there is no such folder",
            where=str(folder),
            advice="name one with the texts, each as <slug>.txt; see `articles`",
        )


def article_text(
    snapshot: Snapshot, article: NamedNode, passages: Iterable[str], folder: Path
) -> ArticleText:
    """Return the sentences of *passages*, IRIs, as the text in *folder* has them."""
    nodes = [NamedNode(iri) for iri in passages]
    articles, located = read_evidence(_noted(snapshot, [article, *nodes]))
    text = read_within(folder, article.value.rpartition("/")[2])
    if text is None:
        missing = Sentence("", Fit.MISSING)
        return ArticleText(Fit.MISSING, {node.value: missing for node in nodes})
    found = {one.iri: _sentence(one, text) for one in located}
    is_same = any(sha256(text) == one.digest for one in articles)
    return ArticleText(
        Fit.SAME if is_same else Fit.OTHER,
        {n.value: found.get(n.value, Sentence("", Fit.MISSING)) for n in nodes},
    )


def _sentence(passage: Passage, text: str) -> Sentence:
    found = fit(passage, text)
    is_there = found is not Fit.MISSING
    return Sentence(text[passage.start : passage.end] if is_there else "", found)


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
