"""A network as GraphML, for programs that draw and measure graphs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kg.pictures.network import as_counts
from kg.pictures.svg import element, text_element

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kg.pictures.network import Network

_NAMESPACE = "http://graphml.graphdrawing.org/xmlns"
_OF_NODES: Mapping[str, str] = {
    "label": "string",
    "kind": "string",
    "family": "string",
}
_OF_TIES: Mapping[str, str] = {
    "weight": "int",
    "agreements": "int",
    "events": "int",
    "claims": "int",
    "claimed": "int",
}


def graphml(found: Network) -> str:
    """Return *found* in GraphML: IRIs name the nodes, *weight* counts what ties two."""
    names = [member.thing.term.value for member in found.members]
    nodes = (
        element(
            "node",
            _data("label", member.thing.label),
            _data("kind", member.kind.label),
            _data("family", member.kind.family),
            id=name,
        )
        for name, member in zip(names, found.members, strict=True)
    )
    ties = (
        element(
            "edge",
            _data("weight", str(tie.total)),
            *(_data(name, str(count)) for name, count in as_counts(tie).items()),
            source=names[tie.one],
            target=names[tie.other],
        )
        for tie in found.ties
    )
    graph = element("graph", *nodes, *ties, id="network", edgedefault="undirected")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{_whole(graph)}\n'


def _whole(graph: str) -> str:
    keys = [
        element(
            "key", **{"id": name, "for": kind, "attr.name": name, "attr.type": type_}
        )
        for kind, names in (("node", _OF_NODES), ("edge", _OF_TIES))
        for name, type_ in names.items()
    ]
    return element("graphml", *keys, graph, xmlns=_NAMESPACE)


def _data(key: str, text: str) -> str:
    return text_element("data", text, key=key)
