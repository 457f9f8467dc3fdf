"""Reading what the server sends with another parser than the one that wrote it."""

from __future__ import annotations

import warnings

import rdflib

NAMES = {
    "jsonld": "json-ld",
    "n3": "n3",
    "nquads": "nquads",
    "ntriples": "nt11",
    "rdfxml": "xml",
    "trig": "trig",
    "turtle": "turtle",
}
"""What rdflib calls our formats."""


def read_graph(data, fmt):
    """Return the triples of *data*, of all its graphs, read as *fmt*."""
    found = rdflib.Graph()
    for s, p, o, _ in read_quads(data, fmt):
        found.add((s, p, o))
    return found


def read_quads(data, fmt):
    """Return the quads of *data*, None as the name of its default graph."""
    with warnings.catch_warnings():
        # rdflib's own parsers use what it has deprecated.
        warnings.simplefilter("ignore", DeprecationWarning)
        found = rdflib.Dataset()
        found.parse(data=data, format=NAMES[fmt.name])
        return [
            (s, p, o, None if g == rdflib.graph.DATASET_DEFAULT_GRAPH_ID else g)
            for s, p, o, g in found.quads()
        ]
