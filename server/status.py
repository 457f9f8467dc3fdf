"""`/status`, `/metrics` for Prometheus, and `OPTIONS *`."""

from __future__ import annotations

import hashlib

from flask import Blueprint, Response, current_app, request

from kg.overview import count_quads, count_triples
from server import metrics, protocol
from server.context import accept, house, snapshot
from server.hooks import VERSION
from server.offers import JSON, PAGE, select
from server.responses import as_json, data, page

blueprint = Blueprint("status", __name__)


@blueprint.get("/status")
def status() -> Response:
    """Tell what runs here, which version of the data it serves, and how it fares."""
    here = snapshot()
    given = protocol.read_parameters(request.query_string, where="the address")
    served = {
        "version": here.version,
        "triples": count_triples(here),
        "quads": count_quads(here),
        "queries": len(house().graph.queries),
    }
    found = metrics.figures()
    if select(accept(), protocol.formats(given), (JSON, PAGE)) is PAGE:
        response = page("status.html", served=served, figures=found)
    else:
        told = {"name": "exequatur", "software": VERSION, **served}
        counted = {
            one.name: one.values.get("", one.values) for one in found if one.values
        }
        response = as_json({**told, "figures": counted})
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
