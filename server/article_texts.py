"""`/articles/<slug>/text`: an article's sentences beside what they state, for some.

The texts are not ours to publish. They are shown to who asks from this machine, or
shows a token, and nowhere but here: what this address answers is stored by nobody
(`hooks.PRIVATE`), and can be read by no page of another origin.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from flask import Blueprint, Response, request, url_for

from kg import articles
from kg.article_texts import Standing, article_text
from kg.evidence import Fit
from kg.names import things
from kg.paging import Page
from server import protocol
from server.access import bearer
from server.context import house, request_id, snapshot
from server.locality import is_from_own_page, is_local, names_in
from server.paging import page_links, read_page
from server.problems import (
    ForbiddenError,
    NotFoundError,
    UnauthorizedError,
    problem_of,
)
from server.responses import address, page, wants_page
from server.subjects import known, node_of, path_of

if TYPE_CHECKING:
    from pathlib import Path

    from kg.terms import NamedNode

blueprint = Blueprint("article_texts", __name__)

ROWS = 100
"""A page has so many passages."""

_NONE = "the texts of articles are not kept here"
_NOT_FOR_ALL = f"{_NONE} for everybody"
_WHO = (
    "they are shown to readers on the server's own machine, and to holders of a token"
)


@blueprint.get("/articles/<slug>/text")
def shown(slug: str) -> Response:
    """Show the sentences of an article beside what they state, to those who may."""
    folder = _folder()
    try:
        _require_reader()
    except UnauthorizedError as error:
        if wants_page():
            return _refused(slug, error)
        raise
    given = protocol.read_parameters(request.query_string, where="the address")
    numbers = {"page": given.get("page", ["1"]), "limit": [str(ROWS)]}
    asked = read_page(numbers) or Page(ROWS)
    node = known(node_of(f"{house().links.base}source/{slug}"))
    return _sentences(node, folder, asked)


def _folder() -> Path:
    folder = house().settings.article_folder
    if folder is None:
        raise NotFoundError(_NONE, advice="ask for the article's document instead")
    return folder


def _require_reader() -> None:
    """Raise where the client may not see the text of an article."""
    fields = {name.lower(): value for name, value in request.headers.items()}
    if not is_from_own_page(fields):
        raise ForbiddenError(
            "another site's page asked for this", advice="open the address by itself"
        )
    settings = house().settings
    here = settings.article_readers == "local" and is_local(
        request.remote_addr or "",
        request.environ.get("SERVER_PROTOCOL", ""),
        fields,
        names_in(settings.article_hosts),
    )
    if bearer() is None and not here:
        raise UnauthorizedError(_NOT_FOR_ALL, advice=_WHO)


def _refused(slug: str, error: UnauthorizedError) -> Response:
    """Refuse, whether there is such a text or not; a script of ours takes a token."""
    path = url_for("linked_data.document", local=f"source/{slug}")
    problem = problem_of(error, request=request_id())
    answer = page(
        "article_refused.html", status=problem.status, problem=problem, path=path
    )
    answer.headers.update(error.headers)
    return answer


def _sentences(node: NamedNode, folder: Path, asked: Page) -> Response:
    here = snapshot()
    found = articles.passages(here, node, Page(asked.limit + 1, asked.offset))
    if not found:
        raise NotFoundError(
            f"{node.value} has no such passages", advice=f"see {path_of(node)}"
        )
    passages = found[: asked.limit]
    text = article_text(here, node, [one.iri for one in passages], folder)
    number = asked.offset // asked.limit + 1
    return page(
        "article_text.html",
        article=things(here, [node])[node],
        path=path_of(node),
        passages=passages,
        text=text,
        Fit=Fit,
        Standing=Standing,
        counted=Counter(text.sentences[one.iri].standing for one in passages),
        pages=_pages(asked, len(found)),
        number=number,
    )


def _pages(asked: Page, found: int) -> dict[str, str]:
    """Return the addresses of the pages before and after this one."""
    total = asked.offset + found
    given = {"page": [str(asked.offset // asked.limit + 1)]}
    links = page_links(
        given,
        asked,
        total,
        lambda turned: address(request.path, {"page": turned["page"]}),
    )
    return {name: links[name] for name in ("prev", "next") if name in links}
