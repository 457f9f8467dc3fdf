"""Explanations for programs: as JSON, and as RDF in the terms of PROV-O."""

from __future__ import annotations

import hashlib
from itertools import islice
from typing import TYPE_CHECKING, cast
from urllib.parse import quote

from kg.answers import write_rdf
from kg.formats import Kind
from kg.prefixes import prefixes
from kg.terms import (
    DCT,
    EXQ,
    INFERRED,
    LABEL,
    MERGED_VIEW,
    OA,
    ONTOLOGY,
    PROV,
    RDF,
    RDFS,
    TYPE,
    BlankNode,
    Literal,
    NamedNode,
    Quad,
    Triple,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from kg.formats import Format
    from kg.names import Thing
    from kg.sources import Claimed, Evidence
    from kg.store import Snapshot
    from kg.terms import Node, Term
    from kg.why import AppliedRule, Reason, Step, Why

RULES_OF_OWL = NamedNode(
    "https://www.w3.org/TR/owl2-profiles/"
    "#Reasoning_in_OWL_2_RL_and_RDF_Graphs_using_Rules"
)
_PARTS = tuple(NamedNode(f"{RDF}{part}") for part in ("subject", "predicate", "object"))
_OF_PASSAGE = (
    LABEL,
    *(NamedNode(f"{EXQ}{name}") for name in ("passageOf", "ordinal", "topicLine")),
    NamedNode(f"{EXQ}passageDigest"),
    NamedNode(f"{OA}hasSelector"),
    NamedNode(f"{DCT}title"),
    NamedNode(f"{DCT}source"),
)
_OF_PLACE = (TYPE, NamedNode(f"{OA}start"), NamedNode(f"{OA}end"))
_MOST_VALUES = 20


def triple_words(found: Why, triple: Triple) -> str:
    """Return *triple* in the labels of its terms."""
    return " ".join(found.things[cast("Term", term)].label for term in triple)


def why_address(triple: Iterable[object]) -> str:
    """Return the query string that asks why *triple* holds."""
    return "&".join(
        f"{name}={quote(_typed(term), safe='')}"
        for name, term in zip("spo", triple, strict=True)
    )


def _typed(term: object) -> str:
    return term.value if isinstance(term, NamedNode) else str(term)


# --- JSON -------------------------------------------------------------------------


def why_json(found: Why) -> dict[str, object]:
    """Return *found* as JSON; docs/command-line.md describes its members."""
    return {
        **_triple_json(found, found.triple),
        "holds": found.holds,
        "stated": found.is_stated,
        "complete": found.complete,
        "reasons": [_reason_json(found, reason) for reason in found.reasons],
        "claims": [_claim_json(claim) for claim in found.claims],
        "elsewhere": [graph.value for graph in found.elsewhere],
        "near": near_json(found),
    }


def near_json(found: Why) -> list[dict[str, object]]:
    """Return the triples that are near one that does not hold."""
    return [_triple_json(found, triple) for triple in found.near]


def claims_json(found: Why) -> list[dict[str, object]]:
    """Return the claims whose content the triple is."""
    return [_claim_json(claim) for claim in found.claims]


def _triple_json(found: Why, triple: Triple) -> dict[str, object]:
    names = ("subject", "predicate", "object")
    return {
        name: term_json(found.things[cast("Term", term)])
        for name, term in zip(names, triple, strict=True)
    }


def term_json(thing: Thing) -> dict[str, str]:
    """Return a term as the JSON of SPARQL results has it, with its label."""
    term = thing.term
    if isinstance(term, NamedNode):
        return {"type": "uri", "value": term.value, "label": thing.label}
    if isinstance(term, BlankNode):
        return {"type": "bnode", "value": term.value}
    found = {"type": "literal", "value": term.value}
    if term.language:
        return {**found, "xml:lang": term.language}
    return {**found, "datatype": term.datatype.value}


def _reason_json(found: Why, reason: Reason) -> dict[str, object]:
    steps = [_step_json(found, step) for step in reason.steps]
    return {"size": reason.size, "steps": steps}


def _step_json(found: Why, step: Step) -> dict[str, object]:
    written = _triple_json(found, step.triple)
    if step.rule is not None:
        written["rule"] = {
            "name": step.rule.name,
            "axiom": step.rule.axiom,
            "terms": [term.value for term in step.rule.terms],
        }
        return {**written, "premises": list(step.premises)}
    return {
        **written,
        "stated": [evidence_json(source) for source in step.stated],
        "complete": step.complete,
    }


def evidence_json(source: Evidence) -> dict[str, object]:
    """Return a graph that states something, with its place in the text."""
    written: dict[str, object] = {"graph": source.graph.value, "label": source.label}
    if source.article is None:
        return {**written, "sources": [_named_json(one) for one in source.sources]}
    return {
        **written,
        "article": source.article.value,
        "title": source.title,
        "passage": source.ordinal,
        "topic": source.topic,
        "start": source.start,
        "end": source.end,
        "digest": source.digest,
    }


def _claim_json(claim: Claimed) -> dict[str, object]:
    return {
        "claim": claim.claim.value,
        "text": claim.text,
        "makers": [_named_json(maker) for maker in claim.makers],
        "passages": [evidence_json(passage) for passage in claim.passages],
    }


def _named_json(thing: Thing) -> dict[str, str]:
    return {"iri": thing.term.value, "label": thing.label}


# --- RDF --------------------------------------------------------------------------


def why_rdf(snapshot: Snapshot, found: Why, fmt: Format, *, base: str) -> bytes:
    """Write the derivations of *found* in the terms of PROV-O.

    A triple is an entity below *base*: derived from its premises and generated by an
    activity that used them and an axiom; or with the passages that state it as primary
    sources. A format for datasets gets each stated triple in its graphs too.
    """
    writer = _Provenance(snapshot, found, base)
    triples = writer.triples()
    if fmt.kind is not Kind.DATASET:
        return write_rdf(triples, fmt, prefixes=prefixes())
    told = {Quad(t.subject, t.predicate, t.object, MERGED_VIEW) for t in triples}
    return write_rdf(told.union(writer.quads()), fmt, prefixes=prefixes())


class _Provenance:
    def __init__(self, snapshot: Snapshot, found: Why, base: str) -> None:
        self._snapshot = snapshot
        self._found = found
        self._space = f"{base}why"
        self._reasoner = NamedNode(f"{self._space}#reasoner")

    def triples(self) -> set[Triple]:
        """Return what there is to say of the steps of all reasons."""
        return {
            triple
            for reason in self._found.reasons
            for step in reason.steps
            for triple in self._of_step(step, reason)
        }

    def quads(self) -> Iterator[Quad]:
        """Yield the triples themselves, in the graphs that have them."""
        for step in (step for r in self._found.reasons for step in r.steps):
            graphs = [source.graph for source in step.stated] or [INFERRED]
            for graph in graphs:
                triple = step.triple
                yield Quad(triple.subject, triple.predicate, triple.object, graph)

    def _of_step(self, step: Step, reason: Reason) -> Iterator[Triple]:
        node = self._statement(step.triple)
        yield from self._described(node, step.triple)
        yield Triple(node, LABEL, Literal(triple_words(self._found, step.triple)))
        if step.rule is not None:
            premises = [self._statement(reason.steps[i].triple) for i in step.premises]
            yield from self._derived(node, step.rule, premises)
        for source in step.stated:
            yield Triple(node, _prov("hadPrimarySource"), source.graph)
            yield from self._source(source)

    def _described(self, node: NamedNode, triple: Triple) -> Iterator[Triple]:
        yield Triple(node, TYPE, NamedNode(f"{RDF}Statement"))
        yield Triple(node, TYPE, _prov("Entity"))
        for part, term in zip(_PARTS, triple, strict=True):
            yield Triple(node, part, term)

    def _derived(
        self, node: NamedNode, rule: AppliedRule, premises: list[NamedNode]
    ) -> Iterator[Triple]:
        """Say by which activity *node* came about, and from what."""
        what = "\n".join((rule.name, rule.axiom, *(one.value for one in premises)))
        digest = hashlib.sha256(what.encode()).hexdigest()[:16]
        activity = NamedNode(f"{node.value.partition('#')[0]}#{digest}")
        for premise in premises:
            yield Triple(node, _prov("wasDerivedFrom"), premise)
        yield Triple(node, _prov("wasGeneratedBy"), activity)
        yield Triple(activity, TYPE, _prov("Activity"))
        yield Triple(activity, LABEL, Literal(f"{rule.name}: {rule.axiom}"))
        axiom = [self._axiom(rule)] if rule.stated is not None else []
        for used in (*premises, *axiom):
            yield Triple(activity, _prov("used"), used)
        if rule.stated is not None:
            yield from self._of_axiom(rule, rule.stated)
        yield from self._association(activity, rule.name)

    def _association(self, activity: NamedNode, name: str) -> Iterator[Triple]:
        """Say that the reasoner did *activity*, and by which rule of OWL 2 RL."""
        association = NamedNode(f"{activity.value}-by")
        plan = NamedNode(f"{self._space}#{name}")
        yield Triple(activity, _prov("wasAssociatedWith"), self._reasoner)
        yield Triple(activity, _prov("qualifiedAssociation"), association)
        yield Triple(association, TYPE, _prov("Association"))
        yield Triple(association, _prov("agent"), self._reasoner)
        yield Triple(association, _prov("hadPlan"), plan)
        yield Triple(plan, TYPE, _prov("Plan"))
        yield Triple(plan, TYPE, _prov("Entity"))
        yield Triple(plan, LABEL, Literal(name))
        yield Triple(plan, NamedNode(f"{RDFS}isDefinedBy"), RULES_OF_OWL)
        yield Triple(self._reasoner, TYPE, _prov("SoftwareAgent"))
        yield Triple(self._reasoner, LABEL, Literal("reasoner", language="en"))

    def _of_axiom(self, rule: AppliedRule, stated: Triple) -> Iterator[Triple]:
        node = self._axiom(rule)
        yield from self._described(node, stated)
        yield Triple(node, LABEL, Literal(rule.axiom))
        yield Triple(node, _prov("hadPrimarySource"), ONTOLOGY)
        yield Triple(ONTOLOGY, TYPE, _prov("Entity"))
        yield from self._inside((stated.subject, stated.object))

    def _inside(self, terms: Iterable[object]) -> Iterator[Triple]:
        """Yield what the ontology says of the blank nodes among *terms*, and so on."""
        waiting = [term for term in terms if isinstance(term, BlankNode)]
        met = set(waiting)
        while waiting:
            for quad in self._snapshot.quads(waiting.pop(), graph=ONTOLOGY):
                yield quad.triple
                if isinstance(quad.object, BlankNode) and quad.object not in met:
                    met.add(quad.object)
                    waiting.append(quad.object)

    def _source(self, source: Evidence) -> Iterator[Triple]:
        yield Triple(source.graph, TYPE, _prov("Entity"))
        yield from self._copied(source.graph, _OF_PASSAGE)
        if source.article is not None:
            yield from self._copied(source.article, (TYPE, LABEL, *_OF_PASSAGE))
        for place in self._snapshot.quads(
            source.graph, NamedNode(f"{OA}hasSelector"), None, MERGED_VIEW
        ):
            yield from self._copied(cast("Node", place.object), _OF_PLACE)

    def _copied(
        self, subject: Node, predicates: Iterable[NamedNode]
    ) -> Iterator[Triple]:
        for predicate in predicates:
            quads = self._snapshot.quads(subject, predicate, None, MERGED_VIEW)
            for quad in islice(quads, _MOST_VALUES):
                yield quad.triple

    def _statement(self, triple: Triple) -> NamedNode:
        return NamedNode(f"{self._space}?{why_address(triple)}#triple")

    def _axiom(self, rule: AppliedRule) -> NamedNode:
        stated = cast("Triple", rule.stated)
        if not any(isinstance(term, BlankNode) for term in stated):
            return self._statement(stated)
        # Blank nodes have no names that last; the axiom in words does.
        digest = hashlib.sha256(rule.axiom.encode()).hexdigest()[:16]
        return NamedNode(f"{self._space}#axiom-{digest}")


def _prov(name: str) -> NamedNode:
    return NamedNode(f"{PROV}{name}")
