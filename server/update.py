"""`/update`: the update operation of the SPARQL 1.1 Protocol."""

from __future__ import annotations

from flask import Blueprint, Response, request

from kg.lines import Places
from server import access, protocol, reports, writes
from server.bodies import SOURCE
from server.context import body
from server.responses import as_json

blueprint = Blueprint("update", __name__)


@blueprint.post("/update")
def updated() -> Response:
    """Do the update in the body, if the token allows it and the gate accepts it."""
    token = access.writer()
    header = request.headers.get("Content-Type")
    asked = protocol.read_update(request.query_string, header, body())
    make = writes.updating(
        asked.update,
        using_graphs=asked.using_graphs,
        using_named_graphs=asked.using_named_graphs,
    )
    verdict, version = writes.write(make, token, message=asked.message)
    places = Places({SOURCE: asked.update})
    if not verdict.accepted:
        return reports.rejected(verdict, places)
    return as_json(reports.accepted_json(verdict, version, places))
