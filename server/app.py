"""The application factory: a graph and settings in, a Flask application out."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING

from flask import Flask
from jinja2 import StrictUndefined

from kg.article_texts import require_folder
from kg.graph_versions import GraphVersions
from kg.names import spaced
from kg.pictures.style import stylesheet
from kg.terms import EXQ, NamedNode
from kg.tokens import TokenFile
from server import (
    article_texts,
    completion,
    description,
    dumps,
    editor,
    evidence,
    graphs,
    hooks,
    linked_data,
    network,
    ontology,
    openapi,
    pages,
    pictures,
    queries,
    reconcile,
    responses,
    shapes,
    sparql,
    status,
    timeline,
    update,
    validate,
    versions,
    why,
    words,
)
from server.article_pages import sentence
from server.beside import Beside
from server.context import EXTENSION, House
from server.links import Links
from server.page_answers import PageAnswers

if TYPE_CHECKING:
    from kg.config import Settings
    from kg.graph import KnowledgeGraph
    from kg.readers import Readers

_YEAR = 31_536_000


def create_app(
    graph: KnowledgeGraph, settings: Settings, *, readers: Readers | None = None
) -> Flask:
    """Return the application that serves *graph* as *settings* say.

    Clients' queries go to *readers*; without them they are evaluated here, unlimited.
    """
    app = Flask(__name__)
    app.config["MAX_CONTENT_LENGTH"] = settings.max_body_bytes + 1
    app.config["SEND_FILE_MAX_AGE_DEFAULT"] = _YEAR  # addresses change with the files
    # Routing redirects nobody: an IRI may have two slashes, and it would name a host.
    app.url_map.strict_slashes = app.url_map.merge_slashes = False
    app.jinja_options = {
        "lstrip_blocks": True,
        "trim_blocks": True,
        "undefined": StrictUndefined,
    }
    links = Links(settings.base)
    require_folder(settings.article_folder)
    tag, beside = _tag(graph, settings), Beside()
    app.extensions[EXTENSION] = House(
        graph,
        settings,
        links,
        tag,
        TokenFile(settings.token_file),
        GraphVersions(graph.store.journal),
        readers,
        beside,
        PageAnswers(readers, settings.base, beside) if readers else None,
    )
    _furnish(app, links, tag)
    hooks.register(app)
    responses.answer_errors(app)
    modules = (
        pages,
        queries,
        sparql,
        update,
        graphs,
        validate,
        ontology,
        shapes,
        evidence,
        why,
        article_texts,
        linked_data,
        versions,
        dumps,
        description,
        status,
        reconcile,
        openapi,
        editor,
        completion,
        pictures,
        timeline,
        network,
    )
    for module in modules:
        app.register_blueprint(module.blueprint)
    return app


def compile_templates(app: Flask) -> None:
    """Compile all templates of *app*: otherwise the first visits would wait for it."""
    for name in app.jinja_env.list_templates():
        app.jinja_env.get_template(name)


def _tag(graph: KnowledgeGraph, settings: Settings) -> str:
    """Digest the software's version, its pages, the saved queries, what pages offer."""
    folder = Path(__file__).parent
    found = [*(folder / "templates").rglob("*"), *(folder / "static").rglob("*")]
    offered = f"{settings.article_folder is not None}"
    digest = hashlib.sha256(f"{hooks.VERSION} {stylesheet()} {offered}".encode())
    for path in sorted(path for path in found if path.is_file()):
        digest.update(path.read_bytes())
    for query in graph.queries.values():
        digest.update(f"{query.name} {query.text}\n".encode())
    return digest.hexdigest()[:16]


def _furnish(app: Flask, links: Links, tag: str) -> None:
    """Give the templates what they word and link things with."""
    app.jinja_env.globals.update(
        base=links.base,
        example=words.EXAMPLE,
        has_editor=editor.is_here,
        software=hooks.VERSION,
        tag=tag,
        why=why.question,
    )
    app.jinja_env.filters.update(
        capital=words.capital,
        compact=words.compact,
        format_name=words.format_name,
        href=lambda iri: links.href(iri) or "",
        local=links.is_here,
        leading=words.leading,
        name=words.name_of,
        named=words.named,
        parted=words.parted,
        path_text=words.path_text,
        register=words.register,
        role=words.role,
        sentence=sentence,
        words=spaced,
    )
    app.jinja_env.tests.update(
        iri=lambda term: isinstance(term, NamedNode),
        kind_page=lambda iri: iri.startswith(EXQ),
    )
