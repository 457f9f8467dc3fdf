"""The gate: judge a change against the present state, and say what it would do.

A pure function of the quads that stand and a change. It adds what follows by the
ontology, withdraws what no longer follows, checks the result, and answers with a
verdict; `Writer.commit` makes an accepted one the next version.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from difflib import get_close_matches
from functools import lru_cache
from typing import TYPE_CHECKING, Protocol

from kg.report import (
    Check,
    Finding,
    Severity,
    finding_key,
    report_triples,
    standing_keys,
)
from kg.terms import (
    BASE,
    INFERRED,
    LABEL,
    ONTOLOGY,
    OUTSIDE_VIEW,
    REPORT,
    SENTENCE_GRAPH,
    SHAPES,
    SUB_CLASS_OF,
    SUB_PROPERTY_OF,
    TYPE,
    DefaultGraph,
    NamedNode,
    Quad,
    Triple,
    is_claim,
    is_sentence,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from kg.change import Change
    from kg.rules import Closure, RuleSet
    from kg.shapes import Shapes
    from kg.terms import GraphName
    from kg.vocabulary import Vocabulary

    Tell = Callable[[str], None]

DERIVED = frozenset({INFERRED, REPORT})
FROM_ONTOLOGY = frozenset({LABEL, SUB_CLASS_OF, SUB_PROPERTY_OF})
"""The predicates by which the ontology itself shows in the merged view."""


class State(Protocol):
    """What the gate must know of the present: the quads that stand."""

    @property
    def version(self) -> int:
        """The number of the last accepted change; 0 before the first."""
        ...

    def quads(self) -> Iterator[Quad]:
        """Yield all quads, those of the merged view included."""
        ...


class Nothing:
    """The state before the first change."""

    version = 0

    def quads(self) -> Iterator[Quad]:
        """Yield nothing."""
        yield from ()


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the gate says of a change.

    *change* holds the asserted quads that are really new or really gone; *added* and
    *removed* are all quads to write, those of the merged view, the inferred graph and
    the standing report included. *findings* are new with this change; *repaired*
    counts the standing ones that it ends.
    """

    change: Change
    findings: tuple[Finding, ...]
    repaired: int
    added: frozenset[Quad]
    removed: frozenset[Quad]

    @property
    def accepted(self) -> bool:
        """Whether no finding is a violation."""
        return all(f.severity is not Severity.VIOLATION for f in self.findings)

    @property
    def inferred(self) -> int:
        """How many triples newly follow by the ontology."""
        return sum(quad.graph_name == INFERRED for quad in self.added)


def judge(
    state: State, change: Change, *, base: str = BASE, tell: Tell | None = None
) -> Verdict:
    """Return what *change* would do to *state*, and whether it may.

    *tell* is called with the name of each phase as it begins. Raise AxiomError or
    ShapesError where the change brings an ontology or shapes that cannot be used.
    """
    say = tell or (lambda phase: None)
    say("reading the present state")
    standing = frozenset(state.quads())
    before = frozenset(quad for quad in standing if _is_asserted(quad))
    after = (before - change.removed) | change.added
    view = frozenset(_triple(quad) for quad in after if in_view(quad.graph_name))
    ontology = _graph(after, ONTOLOGY)
    say("reasoning")
    closure = _rules(ontology).materialise(view)
    say("checking shapes")
    findings = _shapes(_graph(after, SHAPES)).validate(
        _judged(view, after, ontology, base)
    )
    say("checking terms and consistency")
    findings += _vocabulary(ontology).check(_outside_kept(after))
    findings += _clashes(closure, after)
    report = frozenset(
        Quad(t.subject, t.predicate, t.object, REPORT) for t in report_triples(findings)
    )
    derived = report | _derived(view, closure.inferred, ontology)
    old = frozenset(quad for quad in standing if not _is_asserted(quad))
    new, repaired = _compared(findings, _graph(old, REPORT))
    return Verdict(
        change=_effective(change, before),
        findings=tuple(_advised(new, view, base)),
        repaired=repaired,
        added=(after - before) | (derived - old),
        removed=(before - after) | (old - derived),
    )


def in_view(graph: GraphName) -> bool:
    """Tell whether what *graph* asserts is part of the merged view."""
    return not (
        isinstance(graph, DefaultGraph)
        or graph in OUTSIDE_VIEW
        or graph in {INFERRED, ONTOLOGY}
        or is_claim(graph)
    )


def _is_asserted(quad: Quad) -> bool:
    graph = quad.graph_name
    return not (isinstance(graph, DefaultGraph) or graph in DERIVED)


def _effective(change: Change, before: frozenset[Quad]) -> Change:
    return type(change)(
        added=change.added - before,
        removed=(change.removed & before) - change.added,
        notes=change.notes,
    )


def _triple(quad: Quad) -> Triple:
    return Triple(quad.subject, quad.predicate, quad.object)


def _graph(quads: Iterable[Quad], name: NamedNode) -> frozenset[Triple]:
    return frozenset(_triple(quad) for quad in quads if quad.graph_name == name)


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
        if t.predicate in FROM_ONTOLOGY
        and isinstance(t.subject, NamedNode)
        and not isinstance(t.object, type(None))
    }
    merged = view | follows | shown
    quads = {Quad(t.subject, t.predicate, t.object, INFERRED) for t in follows}
    quads |= {Quad(t.subject, t.predicate, t.object, DefaultGraph()) for t in merged}
    return frozenset(quads)


def _clashes(closure: Closure, asserted: frozenset[Quad]) -> list[Finding]:
    """Return a finding for each clash, with the asserted quads that it rests on."""
    where: dict[Triple, list[Quad]] = {}
    if closure.clashes:
        for quad in sorted(asserted, key=str):
            if in_view(quad.graph_name):
                where.setdefault(_triple(quad), []).append(quad)
    return [
        Finding(
            check=Check.CONSISTENCY,
            severity=Severity.VIOLATION,
            focus=clash.focus,
            message=clash.message,
            premises=tuple(
                quad
                for triple in closure.grounds(clash.premises)
                for quad in where.get(triple, ())
            ),
        )
        for clash in closure.clashes
    ]


def _advised(
    findings: Iterable[Finding], view: Iterable[Triple], base: str
) -> Iterator[Finding]:
    """Yield *findings*; where an IRI of ours is not described, name the nearest."""
    described = {
        t.subject.value
        for t in view
        if t.predicate == TYPE and isinstance(t.subject, NamedNode)
    }
    for finding in findings:
        terms = (finding.value, finding.focus)
        advice = [
            f"did you mean <{near}>?"
            for term in dict.fromkeys(terms)
            if isinstance(term, NamedNode)
            and term.value.startswith(base)
            and term.value not in described
            for near in get_close_matches(term.value, described, n=1, cutoff=0.93)
        ]
        yield replace(finding, advice=" ".join(advice))


def _compared(
    findings: Iterable[Finding], report: frozenset[Triple]
) -> tuple[list[Finding], int]:
    """Part new findings from those that the standing *report* has; count the ended."""
    keys = standing_keys(report)
    found = {finding_key(finding): finding for finding in findings}
    new = [finding for key, finding in found.items() if key not in keys]
    return new, len(keys - found.keys())


# What judges is imported when it is first needed: rdflib and pyshacl take longer to
# import than most commands, which judge nothing, take to run.


@lru_cache(maxsize=4)
def _vocabulary(ontology: frozenset[Triple]) -> Vocabulary:
    from kg.vocabulary import Vocabulary

    return Vocabulary.of(ontology)


@lru_cache(maxsize=4)
def _rules(ontology: frozenset[Triple]) -> RuleSet:
    from kg.rules import compile_rules

    return compile_rules(ontology)


@lru_cache(maxsize=4)
def _shapes(shapes: frozenset[Triple]) -> Shapes:
    from kg.shapes import compile_shapes

    return compile_shapes(shapes)
