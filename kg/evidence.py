"""Passages: where in an article a sentence stands, checked against its text."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

from kg.errors import DataFileError
from kg.files import read_file
from kg.prefixes import shorten
from kg.terms import EXQ, OA, Literal, NamedNode

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from kg.terms import Node, Quad


@dataclass(frozen=True, slots=True)
class Passage:
    """A stretch of an article: *start* and *end* count characters, end exclusive."""

    iri: str
    article: str
    ordinal: int
    start: int
    end: int
    digest: str


@dataclass(frozen=True, slots=True)
class Article:
    """An article as it was read: the digest and the length of its text."""

    iri: str
    digest: str
    length: int

    @property
    def slug(self) -> str:
        """The last part of the IRI, which is the name of the text's file too."""
        return self.iri.rsplit("/", 1)[-1]


class Fit(Enum):
    """How a text compares with what was noted of it when it was read."""

    SAME = "has its digest"
    OTHER = "has another digest"
    MISSING = "is not there"


def sha256(text: str) -> str:
    """Return the SHA-256 of *text* in UTF-8, in hexadecimal."""
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


def read_evidence(quads: Iterable[Quad]) -> tuple[list[Article], list[Passage]]:
    """Return the articles that have a digest, and their passages in order."""
    values: dict[tuple[Node, str], str] = {}
    for quad in quads:
        subject = quad.subject
        if isinstance(subject, NamedNode) and isinstance(
            quad.object, Literal | NamedNode
        ):
            values[subject, quad.predicate.value] = quad.object.value
    articles = [
        Article(node.value, digest, _number(values.get((node, f"{EXQ}textLength"))))
        for (node, predicate), digest in values.items()
        if predicate == f"{EXQ}textDigest"
    ]
    passages = [
        _passage(node, digest, values)
        for (node, predicate), digest in values.items()
        if predicate == f"{EXQ}passageDigest"
    ]
    return (
        sorted(articles, key=lambda article: article.iri),
        sorted(passages, key=lambda passage: (passage.article, passage.start)),
    )


def verify(
    articles: Iterable[Article], passages: Iterable[Passage], folder: Path
) -> list[str]:
    """Return what does not fit between the locators and the texts in *folder*.

    The text of an article stands in `<slug>.txt`; its characters are counted as they
    are in the file. Articles whose text is not there are passed over.
    """
    problems: list[str] = []
    texts: dict[str, str] = {}
    for article in articles:
        path = folder / f"{article.slug}.txt"
        if not path.is_file():
            continue
        text = read_text(path)
        texts[article.iri] = text
        if sha256(text) != article.digest:
            problems.append(f"{article.slug}: the text has another digest")
        if len(text) != article.length:
            problems.append(
                f"{article.slug}: the text has {len(text)} characters,"
                f" not {article.length}"
            )
    return problems + [
        f"{shorten(passage.iri)}: the text from {passage.start} to {passage.end}"
        " has another digest"
        for passage in passages
        if passage.article in texts
        and fit(passage, texts[passage.article]) is not Fit.SAME
    ]


def fit(passage: Passage, text: str) -> Fit:
    """Compare what stands in *text* where the *passage* stood with its digest."""
    if not 0 <= passage.start < passage.end <= len(text):
        return Fit.MISSING
    same = sha256(text[passage.start : passage.end]) == passage.digest
    return Fit.SAME if same else Fit.OTHER


def without_text(articles: Iterable[Article], folder: Path) -> list[str]:
    """Return the slugs of the articles whose text is not in *folder*."""
    return [a.slug for a in articles if not (folder / f"{a.slug}.txt").is_file()]


def without_article(articles: Iterable[Article], folder: Path) -> list[str]:
    """Return the slugs of the texts in *folder* that belong to none of *articles*."""
    known = {article.slug for article in articles}
    return sorted(p.stem for p in folder.glob("*.txt") if p.stem not in known)


def read_text(path: Path) -> str:
    """Return the text of an article as it stands; raise DataFileError."""
    try:
        return read_file(path).decode("utf-8")
    except UnicodeDecodeError as error:
        raise DataFileError(
            f"cannot be read ({error})", where=str(path), advice="save it as UTF-8"
        ) from error


def _passage(node: Node, digest: str, values: dict[tuple[Node, str], str]) -> Passage:
    selector = NamedNode(values.get((node, f"{OA}hasSelector"), f"{OA}none"))
    return Passage(
        iri=node.value,
        article=values.get((node, f"{EXQ}passageOf"), ""),
        ordinal=_number(values.get((node, f"{EXQ}ordinal"))),
        start=_number(values.get((selector, f"{OA}start"))),
        end=_number(values.get((selector, f"{OA}end"))),
        digest=digest,
    )


def _number(text: str | None) -> int:
    """Return the number *text*; 0 where there is none, as no text has such a place."""
    try:
        return int(text or 0)
    except ValueError:
        return 0
