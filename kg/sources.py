"""What stands behind a graph: a passage and its place, a register, or a claim."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kg.names import things
from kg.parameters import put_values, short_name
from kg.terms import NamedNode

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kg.names import Thing
    from kg.store import Snapshot
    from kg.terms import GraphName, Term


@dataclass(frozen=True, slots=True)
class Evidence:
    """A graph that states something: a passage of an article, or another.

    A passage has its *article*, with the *title*, its number and its place: *start* and
    *end* count characters of the article's text, whose part has the SHA-256 *digest*.
    Another graph may name its *sources*, such as registers.
    """

    graph: NamedNode
    label: str
    article: NamedNode | None = None
    title: str = ""
    ordinal: int | None = None
    topic: str = ""
    start: int | None = None
    end: int | None = None
    digest: str = ""
    sources: tuple[Thing, ...] = ()


@dataclass(frozen=True, slots=True)
class Claimed:
    """A claim: its text, or its label; *makers* say so, and the *passages* tell it."""

    claim: NamedNode
    text: str
    makers: tuple[Thing, ...]
    passages: tuple[Evidence, ...]


_PASSAGES = """
PREFIX dct: <http://purl.org/dc/terms/>
PREFIX exq: <https://w3id.org/exequatur/ontology#>
PREFIX oa: <http://www.w3.org/ns/oa#>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
SELECT ?graph ?article ?label ?title ?ordinal ?topic ?start ?end ?digest WHERE {
  VALUES ?graph { rdfs:Resource }
  ?graph exq:passageOf ?article ; exq:ordinal ?ordinal .
  ?article rdfs:label ?label .
  OPTIONAL { ?article dct:title ?title }
  OPTIONAL { ?graph exq:topicLine ?topic }
  OPTIONAL { ?graph oa:hasSelector ?place . ?place oa:start ?start ; oa:end ?end }
  OPTIONAL { ?graph exq:passageDigest ?digest }
}
ORDER BY STR(?graph) STR(?label) STR(?title)
"""
_OTHERS = """
PREFIX dct: <http://purl.org/dc/terms/>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
SELECT ?graph ?source WHERE {
  VALUES ?graph { rdfs:Resource }
  ?graph dct:source ?source
}
"""
_CLAIMS = """
PREFIX exq: <https://w3id.org/exequatur/ontology#>
SELECT ?claim ?text ?maker WHERE {
  VALUES ?claim { exq:Claim }
  { ?claim exq:claimText ?text } UNION { ?claim exq:madeBy ?maker }
}
"""


def evidence_by_graph(
    snapshot: Snapshot, graphs: Iterable[NamedNode]
) -> dict[NamedNode, Evidence]:
    """Return what there is to say of each of *graphs*."""
    wanted = sorted(set(graphs), key=str)
    found: dict[NamedNode, Evidence] = {}
    rows = snapshot.query(put_values(_PASSAGES, "graph", *wanted)).rows()
    for graph, article, *values in rows:
        if isinstance(graph, NamedNode) and isinstance(article, NamedNode):
            found.setdefault(graph, _passage(graph, article, values))
    others = [graph for graph in wanted if graph not in found]
    return found | _others(snapshot, others)


def claims_by_graph(
    snapshot: Snapshot, graphs: Iterable[GraphName]
) -> tuple[Claimed, ...]:
    """Return the claims whose contents are in *graphs*."""
    claims = sorted({g for g in graphs if isinstance(g, NamedNode)}, key=str)
    if not claims:
        return ()
    texts: dict[Term, str] = {}
    makers: dict[Term, set[Term]] = {}
    for claim, text, maker in snapshot.query(
        put_values(_CLAIMS, "claim", *claims)
    ).rows():
        if claim and text:
            texts[claim] = text.value
        elif claim and maker:
            makers.setdefault(claim, set()).add(maker)
    shown = things(snapshot, {*claims, *(m for some in makers.values() for m in some)})
    passages = {claim: _telling(snapshot, claim) for claim in claims}
    known = evidence_by_graph(snapshot, (g for some in passages.values() for g in some))
    return tuple(
        Claimed(
            claim,
            texts.get(claim, shown[claim].label),
            tuple(sorted((shown[m] for m in makers.get(claim, ())), key=_by_label)),
            tuple(known[graph] for graph in passages[claim]),
        )
        for claim in claims
    )


def _telling(snapshot: Snapshot, claim: NamedNode) -> list[NamedNode]:
    """Return the passages that tell who makes *claim*."""
    made_by = NamedNode("https://w3id.org/exequatur/ontology#madeBy")
    graphs = {quad.graph_name for quad in snapshot.quads(claim, made_by)}
    named = [g for g in graphs if isinstance(g, NamedNode) and "#" in g.value]
    return sorted(named, key=str)


def _passage(
    graph: NamedNode, article: NamedNode, values: list[Term | None]
) -> Evidence:
    label, title, ordinal, topic, start, end, digest = (
        value.value if value else "" for value in values
    )
    return Evidence(
        graph,
        label,
        article,
        title,
        int(ordinal),
        topic,
        int(start) if start else None,
        int(end) if end else None,
        digest,
    )


def _others(snapshot: Snapshot, graphs: list[NamedNode]) -> dict[NamedNode, Evidence]:
    if not graphs:
        return {}
    sources: dict[Term, set[Term]] = {graph: set() for graph in graphs}
    rows = snapshot.query(put_values(_OTHERS, "graph", *graphs)).rows()
    for graph, source in rows:
        if graph and source:
            sources[graph].add(source)
    shown = things(snapshot, {*graphs, *(s for some in sources.values() for s in some)})
    return {
        graph: Evidence(
            graph,
            _named(graph, shown[graph]),
            sources=tuple(sorted((shown[s] for s in sources[graph]), key=_by_label)),
        )
        for graph in graphs
    }


def _named(graph: NamedNode, shown: Thing) -> str:
    """Return the label of *graph*, or where it has none what it is."""
    if shown.label != short_name(graph) or "/graph/" not in graph.value:
        return shown.label
    return {"ontology": "the ontology", "unsourced": "unsourced"}.get(
        shown.label, shown.label
    )


def _by_label(thing: Thing) -> tuple[str, str]:
    return thing.label, str(thing.term)
