"""Which graph a request of the Graph Store Protocol is about, and its version."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote, unquote, urlencode, urlsplit

from flask import request

from kg.created import is_there
from kg.terms import MERGED, MERGED_VIEW, UNSOURCED, NamedNode
from server import protocol
from server.context import house, snapshot
from server.problems import BadRequestError

if TYPE_CHECKING:
    from kg.store import Snapshot
    from kg.terms import GraphName

SPACE = "/graphs/"
BLUEPRINT = "graphs"
_PLAIN = "/-._~:@!$&'()*+,;="


@dataclass(frozen=True, slots=True)
class Target:
    """The graph *name*; *is_default* where it was asked for by `?default`."""

    name: NamedNode
    is_default: bool = False

    @property
    def stored(self) -> GraphName:
        """What the engine knows it as."""
        return MERGED_VIEW if self.name == MERGED else self.name

    @property
    def address(self) -> str:
        """The path of the graph on this server."""
        base = house().links.base
        if self.name.value.startswith(base):
            local = self.name.value.removeprefix(base)
            return SPACE + quote(local, safe=_PLAIN)
        return f"{SPACE.rstrip('/')}?{urlencode({'graph': self.name.value})}"

    def is_there(self, here: Snapshot) -> bool:
        """Tell whether there is such a graph; the default graph is always there."""
        return self.is_default or is_there(here, self.stored)


def target() -> Target | None:
    """Return the graph that the request names, None where it names none.

    Raise BadRequestError where it names two, or what cannot be a graph's name.
    """
    address = request.query_string
    given = protocol.read_parameters(address, where="the address")
    if "graph" in given:
        # It is an IRI that was percent-encoded, not the field of a form: no plus sign
        # stands for a space (Graph Store Protocol, section 4.2).
        as_sent = address.replace(b"+", b"%2B")
        given["graph"] = protocol.read_parameters(as_sent, where="")["graph"]
    return target_of(given, (request.view_args or {}).get("local"))


def target_of(given: protocol.Parameters, local: str | None = None) -> Target | None:
    """Return the graph that the parameters *given* or the path *local* name."""
    named = protocol.single(given, "graph")
    ways = [local is not None, "graph" in given, "default" in given]
    if sum(ways) > 1:
        raise BadRequestError(
            "the address names a graph in more than one way",
            advice="have either `graph` or `default` or a path",
        )
    if local is not None:
        return Target(_local(local))
    if "default" in given:
        return Target(UNSOURCED, is_default=True)
    return Target(_graph(named)) if "graph" in given else None


def resource_tag() -> str:
    """Return what differs between two states of what the request is about.

    That is the version that last changed the graph, for a request that names one; and
    the version of the dataset for all others.
    """
    here = snapshot()
    if request.blueprint == BLUEPRINT:
        about = target()
        if about is not None:
            return house().versions.tag(here, about.name)
    return here.tag


def _graph(iri: str) -> NamedNode:
    """Return the graph with that IRI; its address on this server will do as well."""
    name = _node(iri)
    with suppress(ValueError):  # a host that Python reads otherwise: it is not this
        parts = urlsplit(iri)
        if parts.netloc == request.host and parts.path.startswith(SPACE):
            return _local(unquote(parts.path.removeprefix(SPACE)))
    return name


def _local(local: str) -> NamedNode:
    if not local or {".", "..", ""} & set(local.partition("#")[0].split("/")):
        raise BadRequestError(f"{local!r} cannot be the name of a graph")
    return _node(f"{house().links.base}{local}")


def _node(iri: str) -> NamedNode:
    try:
        return NamedNode(iri)
    except ValueError as error:
        raise BadRequestError(
            f"{iri!r} is not an absolute IRI", where="the name of the graph"
        ) from error
