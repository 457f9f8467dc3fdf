"""Judge a change by all that would stand after it: the reference, and the slow way."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kg.gate.judges import rules_of, shapes_of, vocabulary_of
from kg.gate.verdict import Verdict, advised, clash_findings
from kg.gate.view import FROM_ONTOLOGY, in_graph, in_view, triple_of
from kg.report import finding_key, report_triples, standing_keys
from kg.store import Triples
from kg.terms import (
    INFERRED,
    MERGED_VIEW,
    ONTOLOGY,
    OUTSIDE_VIEW,
    REPORT,
    SENTENCE_GRAPH,
    SHAPES,
    SUB_CLASS_OF,
    TYPE,
    NamedNode,
    Quad,
    Triple,
    is_sentence,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from kg.change import Change
    from kg.gate.verdict import State, Tell
    from kg.report import Finding

_DERIVED = frozenset({MERGED_VIEW, INFERRED, REPORT})


def judge_whole(state: State, change: Change, base: str, say: Tell) -> Verdict:
    """Judge *change* by all that would stand after it; see `kg.gate.judge`."""
    say("reading the present state")
    standing = frozenset(state.quads())
    before = frozenset(quad for quad in standing if _is_asserted(quad))
    after = (before - change.removed) | change.added
    view = frozenset(triple_of(quad) for quad in after if in_view(quad.graph_name))
    ontology = _graph(after, ONTOLOGY)
    say("reasoning")
    closure = rules_of(ontology).materialise(view)
    say("checking shapes")
    findings = _checked(_graph(after, SHAPES), _judged(view, after, ontology, base))
    say("checking terms and consistency")
    findings += vocabulary_of(ontology).check(_outside_kept(after))
    findings += clash_findings(closure.clashes, _stated_in(after))
    report = frozenset(in_graph(triple, REPORT) for triple in report_triples(findings))
    derived = report | _derived(view, closure.inferred, ontology)
    old = frozenset(quad for quad in standing if not _is_asserted(quad))
    new, repaired = _compared(findings, _graph(old, REPORT))
    return Verdict(
        change=_effective(change, before),
        findings=tuple(advised(new, _described(view), base)),
        repaired=repaired,
        added=(after - before) | (derived - old),
        removed=(before - after) | (old - derived),
    )


def _checked(shapes: frozenset[Triple], judged: Iterable[Triple]) -> list[Finding]:
    from kg.shapes.whole import validate_whole

    return validate_whole(shapes_of(shapes), Triples(judged))


def _is_asserted(quad: Quad) -> bool:
    return quad.graph_name not in _DERIVED


def _effective(change: Change, before: frozenset[Quad]) -> Change:
    return type(change)(
        added=change.added - before,
        removed=(change.removed & before) - change.added,
        notes=change.notes,
    )


def _graph(quads: Iterable[Quad], name: NamedNode) -> frozenset[Triple]:
    return frozenset(triple_of(quad) for quad in quads if quad.graph_name == name)


def _outside_kept(quads: Iterable[Quad]) -> Iterator[Quad]:
    """Yield what people wrote, the contents of claims included."""
    kept = OUTSIDE_VIEW | {ONTOLOGY, INFERRED}
    return (quad for quad in quads if quad.graph_name not in kept)


def _judged(
    view: frozenset[Triple],
    asserted: Iterable[Quad],
    ontology: Iterable[Triple],
    base: str,
) -> frozenset[Triple]:
    """Return what shapes see: the asserted view, the classes, the sentence graphs."""
    hierarchy = {t for t in ontology if t.predicate == SUB_CLASS_OF}
    names = {quad.graph_name for quad in asserted}
    sentences = {
        Triple(name, TYPE, SENTENCE_GRAPH)
        for name in names
        if isinstance(name, NamedNode) and is_sentence(name, base)
    }
    return view | hierarchy | sentences


def _derived(
    view: frozenset[Triple], inferred: Iterable[Triple], ontology: Iterable[Triple]
) -> frozenset[Quad]:
    """Return the quads of the inferred graph and of the merged view."""
    follows = frozenset(inferred) - view
    shown = {
        t
        for t in ontology
        if t.predicate in FROM_ONTOLOGY and isinstance(t.subject, NamedNode)
    }
    quads = {in_graph(triple, INFERRED) for triple in follows}
    quads |= {in_graph(triple, MERGED_VIEW) for triple in view | follows | shown}
    return frozenset(quads)


def _stated_in(asserted: Iterable[Quad]) -> Callable[[Triple], list[Quad]]:
    """Return what gives the quads of the view that assert a triple."""
    found: dict[Triple, list[Quad]] = {}

    def stated(triple: Triple) -> list[Quad]:
        if not found:
            for quad in asserted:
                if in_view(quad.graph_name):
                    found.setdefault(triple_of(quad), []).append(quad)
        return found.get(triple, [])

    return stated


def _described(view: Iterable[Triple]) -> Iterator[NamedNode]:
    for triple in view:
        if triple.predicate == TYPE and isinstance(triple.subject, NamedNode):
            yield triple.subject


def _compared(
    findings: Iterable[Finding], report: frozenset[Triple]
) -> tuple[list[Finding], int]:
    """Part new findings from those that the standing *report* has; count the ended."""
    keys = standing_keys(report)
    found = {finding_key(finding): finding for finding in findings}
    new = [finding for key, finding in found.items() if key not in keys]
    return new, len(keys - found.keys())
