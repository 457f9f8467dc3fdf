"""The parts of an article's page beside what any thing's page has."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from flask import url_for

from kg import articles
from kg.articles import Passage
from kg.contributions import Contribution, contribution
from kg.paging import Page
from kg.sources import evidence_by_graph
from kg.terms import NamedNode, is_sentence
from server import article_texts
from server.context import house

if TYPE_CHECKING:
    from kg.sources import Evidence
    from kg.store import Snapshot


DETAILED = 100
"""Of so many passages a page tells what they state; the others have pages of theirs."""

_QUERY = "contribution-of-article"


@dataclass(frozen=True, slots=True)
class ArticleParts:
    """Passages in order, what no other source states, and where the sentences are.

    *text* is "" where this server was given no texts; *query* is where all that the
    article contributes is asked for.
    """

    passages: tuple[Passage, ...]
    contribution: Contribution | None
    text: str
    query: str


def article_parts(
    snapshot: Snapshot, node: NamedNode, page: Page
) -> ArticleParts | None:
    """Return the parts for a *page* of the article *node*; None for what is none.

    What it contributes stands on the first page.
    """
    most = Page(page.limit + 1, page.offset)
    found = articles.passages(snapshot, node, most, detailed=DETAILED)
    if not found and not articles.is_article(snapshot, node):
        return None
    shown = found[: page.limit]
    more = len(found) > page.limit
    return ArticleParts(
        passages=tuple(shown),
        contribution=None
        if page.offset
        else contribution(snapshot, node, shown, more=more),
        text=_text(node),
        query=_query(node),
    )


def passage_place(snapshot: Snapshot, node: NamedNode) -> Evidence | None:
    """Return where the passage *node* stands in its article, None for what is none."""
    if not is_sentence(node, snapshot.base):
        return None
    found = evidence_by_graph(snapshot, [node])[node]
    return found if found.article else None


def sentence(iri: str, ordinal: int) -> str:
    """Return where the words of the passage *iri* are shown, "" where nowhere."""
    article, _, anchor = iri.partition("#")
    text = _text(NamedNode(article))
    number = (ordinal - 1) // article_texts.ROWS + 1
    turned = f"?page={number}" if number > 1 else ""
    return f"{text}{turned}#{anchor}" if text and anchor else ""


def _query(node: NamedNode) -> str:
    """Return where all that the article contributes can be asked, "" if nowhere."""
    if _QUERY not in house().graph.queries:
        return ""
    return url_for("queries.answered", name=_QUERY, article=node.value)


def _text(node: NamedNode) -> str:
    """Return the address of the article with its sentences, "" where there is none."""
    space, _, slug = node.value.rpartition("/")
    is_ours = space == f"{house().links.base}source"
    if house().settings.article_folder is None or not is_ours:
        return ""
    return url_for("article_texts.shown", slug=slug)
