"""`/status` for programs, `/metrics` for Prometheus, and `OPTIONS *`."""

from __future__ import annotations

import hashlib

from flask import Blueprint, Response, current_app, request

from kg.overview import count_quads, count_triples
from server import metrics
from server.context import house, snapshot
from server.hooks import VERSION
from server.responses import as_json, data

blueprint = Blueprint("status", __name__)


@blueprint.get("/status")
def status() -> Response:
    """Tell what runs here, which version of the data it serves, and how it fares."""
    here = snapshot()
    response = as_json(
        {
            "name": "exequatur",
            "software": VERSION,
            "version": here.version,
            "triples": count_triples(here),
            "quads": count_quads(here),
            "queries": len(house().graph.queries),
            "figures": metrics.figures(),
        }
    )
    # The version stands by itself before the dot, for If-Match.
    digest = hashlib.sha256(response.get_data()).hexdigest()
    response.set_etag(f"{here.tag}.{digest[:32]}")
    return response


@blueprint.get("/metrics")
def figures() -> Response:
    """Tell the figures of all processes in the text format of Prometheus."""
    return data(metrics.written(), metrics.CONTENT_TYPE)


@blueprint.before_app_request
def in_general() -> Response | None:
    """Answer `OPTIONS *`, which is about the server (RFC 9110, section 9.3.7)."""
    if request.method != "OPTIONS" or request.environ["PATH_INFO"] != "*":
        return None
    response = Response()
    for rule in current_app.url_map.iter_rules():
        response.allow.update(rule.methods or ())
    return response
