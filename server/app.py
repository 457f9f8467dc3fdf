"""The application factory: a graph and settings in, a Flask application out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Flask

from kg.prefixes import shorten
from kg.terms import BlankNode, Literal, NamedNode
from server import (
    hooks,
    linked_data,
    ontology,
    pages,
    queries,
    responses,
    sparql,
    validate,
)
from server.context import EXTENSION, House
from server.links import Links

if TYPE_CHECKING:
    from kg.config import Settings
    from kg.graph import KnowledgeGraph


def create_app(graph: KnowledgeGraph, settings: Settings) -> Flask:
    """Return the application that serves *graph* as *settings* say."""
    app = Flask(__name__)
    app.config["MAX_CONTENT_LENGTH"] = settings.max_body_bytes
    app.url_map.strict_slashes = False
    links = Links(settings.base)
    app.extensions[EXTENSION] = House(graph, settings, links)
    app.jinja_env.globals.update(software=hooks.VERSION, base=settings.base)
    app.jinja_env.filters.update(
        href=lambda iri: links.href(iri) or "",
        local=links.is_here,
        short=shorten,
    )
    app.jinja_env.tests.update(
        iri=lambda term: isinstance(term, NamedNode),
        literal=lambda term: isinstance(term, Literal),
        blank=lambda term: isinstance(term, BlankNode),
    )
    hooks.register(app)
    responses.answer_errors(app)
    for module in (pages, queries, sparql, validate, ontology, linked_data):
        app.register_blueprint(module.blueprint)
    return app
